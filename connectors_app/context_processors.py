"""What every page shows around its content: navigation, the one banner, the theme."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Member

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    label: str
    icon: str
    url: str
    active: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Banner:
    tone: str
    icon: str
    text: str
    url: str = ""
    action: str = ""


def shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme")
    context: dict[str, Any] = {"theme": theme if theme in THEMES else ""}
    user = getattr(request, "user", None)
    if isinstance(user, Member) and user.is_authenticated:
        context |= {"navigation": _navigation(request), "banner": _banner(user), "show_search": True}
    return context


def _navigation(request: HttpRequest) -> dict[str, list[NavigationEntry]]:
    def entry(label: str, icon: str, view: str) -> NavigationEntry:
        url = reverse(view)
        active = request.path == url or (url != "/" and request.path.startswith(url))
        return NavigationEntry(label, icon, url, active)

    return {
        "primary": [
            entry("Overview", "layout-dashboard", "overview"),
            entry("Connectors", "plug-connected", "connector_list"),
        ],
        "secondary": [entry("API keys", "key", "api_keys")],
    }


def _banner(member: Member) -> Banner | None:
    """At most one: the most pressing."""
    api_key: ApiKey | None = member.key
    if api_key is not None and api_key.status == KeyStatus.REJECTED:
        text = "Bigdata.com no longer accepts your API key, so your connectors are not being watched."
        return Banner("danger", "key-off", text, reverse("api_keys"), "Replace key")
    if _is_sandbox(member, api_key):
        return Banner("warning", "flask", "Sandbox in use: everything here is made up, nothing is real.")
    return None


def _is_sandbox(member: Member, api_key: ApiKey | None) -> bool:
    if api_key is not None:
        return api_key.answered_by_sandbox
    return bool(getattr(member, "colleagues_use_sandbox", False))  # MemberBackend asks it along with the member.
