"""How django-allauth is fitted in: members only, no open sign-up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal.httpkit import get_client_ip
from django.db.models import Case, Exists, OuterRef, Value, When
from django.http import HttpRequest

from connectors_app.models import ApiKey, Member


def address_of(request: HttpRequest) -> str | None:
    """The IP address that a request came from, as far as `TRUSTED_PROXIES` proxies can be believed."""
    address: str | None = get_client_ip(request)
    return address


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class MemberBackend(AuthenticationBackend):
    """Loads the member together with what every page needs of them, in one query."""

    def get_user(self, user_id: Any) -> Member | None:
        sandbox_keys = ApiKey.objects.filter(organization=OuterRef("organization"), answered_by_sandbox=True)
        members = Member.objects.select_related("organization", "api_key").annotate(
            colleagues_use_sandbox=Case(When(api_key=None, then=Exists(sandbox_keys)), default=Value(False))
        )
        member = members.filter(pk=user_id).first()
        return member if member is not None and self.user_can_authenticate(member) else None
