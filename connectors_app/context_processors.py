"""What every page shows around its content: navigation, the one banner, the theme."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Member, Upstream
from connectors_app.permissions import Permission, may

THEMES = ("light", "dark")
_MOST = 100


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    label: str
    icon: str
    url: str
    active: bool
    count: str = ""
    count_of: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    tone: str
    icon: str
    text: str
    url: str = ""
    action: str = ""


def theme_cookie() -> str:
    return f"{settings.COOKIE_PREFIX}theme"


def shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get(theme_cookie())
    context: dict[str, Any] = {"theme": theme if theme in THEMES else ""}
    user = getattr(request, "user", None)
    if isinstance(user, Member) and user.is_authenticated:
        context |= {"navigation": _navigation(request, user), "banner": _banner(user), "show_search": True}
        if may(user, Permission.CREATE_CONNECTORS):
            context["new_connector_url"] = reverse("connector_new")
        context |= {
            "failing_count": _counted(user, "failing_now"),
            "incident_count": _counted(user, "open_incidents"),
        }
    return context


def _navigation(request: HttpRequest, member: Member) -> dict[str, list[NavigationEntry]]:
    here = (request.resolver_match and request.resolver_match.url_name) or ""

    def entry(label: str, icon: str, view: str, *more: str) -> NavigationEntry:
        """`more`: how the names of other views begin that stand under this entry."""
        url = reverse(view)
        is_below = url != "/" and request.path.startswith(url)
        return NavigationEntry(label, icon, url, request.path == url or is_below or here.startswith(more))

    errors, alerts = entry("Errors", "alert-triangle", "error_list"), entry("Alerts", "bell", "alerts")
    return {
        "primary": [
            entry("Overview", "layout-dashboard", "overview"),
            entry("Connectors", "plug-connected", "connector_list", "bulk", "operation"),
            replace(errors, count=_counted(member, "failing_now"), count_of="failing"),
            replace(alerts, count=_counted(member, "open_incidents"), count_of="open"),
        ],
        "secondary": [
            entry("API keys", "key", "api_keys"),
            *([entry("Members", "users", "members")] if may(member, Permission.MANAGE_MEMBERS) else []),
            entry("Audit", "clipboard-list", "audit", "sharing"),
            *(
                [entry("Organization", "building", "organization")]
                if may(member, Permission.CHANGE_LIMITS)
                else []
            ),
        ],
    }


def _counted(member: Member, name: str) -> str:
    """A number that MemberBackend asks along with the member; empty for none."""
    number: int = getattr(member, name, 0)
    if number >= _MOST:
        return "99+"
    return str(number) if number else ""


def _banner(member: Member) -> Banner | None:
    """At most one: the most pressing."""
    api_key: ApiKey | None = member.key
    if api_key is not None and (trouble := _key_trouble(api_key)):
        tone, icon, text = trouble
        return Banner(tone, icon, text, reverse("api_keys"), "Replace key")
    if text := _old_data(member):
        return Banner("warning", "clock-pause", text)
    if _is_sandbox(member, api_key):
        return Banner("warning", "flask", "Sandbox in use: everything here is made up, nothing is real.")
    return None


def _key_trouble(api_key: ApiKey) -> tuple[str, str, str] | None:
    """What its owner must know of their key: tone, icon, text."""
    if api_key.status == KeyStatus.REJECTED:
        text = "Bigdata.com no longer accepts your API key, so nothing is watched or changed with it."
        return "danger", "key-off", text
    if api_key.status == KeyStatus.DISABLED:
        text = "An admin has disabled your API key, so nothing is watched or changed with it."
        return "danger", "lock", f"{text} Ask them to enable it, or use another one."
    today = timezone.localdate()
    if api_key.expires_on is None or not api_key.expires_soon(today):
        return None
    day = date_format(api_key.expires_on, "j M" if api_key.expires_on.year == today.year else "j M Y")
    if api_key.has_expired(today):
        return "danger", "alert-triangle", f"Your API key expired on {day}. It may stop working at any time."
    return "warning", "hourglass", f"Your API key expires on {day}."


def _old_data(member: Member) -> str:
    """What to say when nothing was learned for three rounds of polling; empty otherwise."""
    asked_at: datetime | None = getattr(member, "last_asked_at", None)
    now = timezone.now()
    if asked_at is None or now - asked_at <= 3 * timedelta(seconds=settings.POLL_INTERVAL):
        return ""
    if failing_since := Upstream.objects.values_list("failing_since", flat=True).first():
        return (
            f"The data is old: Bigdata.com has not answered since {_moment(failing_since)}."
            " The dashboard keeps trying; there is nothing to do."
        )
    return (
        f"The data is old: Bigdata.com last answered {_moment(asked_at)}, and should be asked every few minutes."
        " Ask whoever runs this dashboard whether its worker is running."
    )


def _moment(value: datetime) -> str:
    return date_format(timezone.localtime(value), "j M, H:i")


def _is_sandbox(member: Member, api_key: ApiKey | None) -> bool:
    if api_key is not None:
        return api_key.answered_by_sandbox
    return bool(getattr(member, "colleagues_use_sandbox", False))  # MemberBackend asks it along with the member.
