"""Signing in and out: limits, known browsers, what is recorded, and the mails about it."""

from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string

from connectors_app.accounts import known_devices, limits
from connectors_app.accounts.client_address import address_of
from connectors_app.models import Member
from connectors_app.services import mail, sign_ins

# Behind a unix socket without proxies nobody has an address: all share the limits of this one.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104
_WAYS = {
    "password": "password",
    "socialaccount": "single sign-on",
    "totp": "authenticator app",
    "webauthn": "security key",
    "recovery_codes": "recovery code",
}


class SignInAdapter(DefaultAccountAdapter):
    error_messages = {  # noqa: RUF012  (so it is in the base class)
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is wrong.",
        "incorrect_password": "This is not your password.",
        "too_many_login_attempts": "Too many wrong codes. Wait five minutes, then try again.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request) or _NO_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Instead of allauth's limit per account, by which a stranger would lock the owner out."""
        login = credentials.get("email", "")
        device = known_devices.device_of(request, login)
        try:
            # The base class rolls it back where the password is right.
            self._login_failed_rl_usage = limits.begin_attempt(request, login=login, device=device)
        except limits.TooManyAttempts as refusal:
            reason = f"too many failures for {refusal.bound.subject}"
            sign_ins.blocked(login, key=refusal.key, seconds=refusal.seconds, reason=reason)
            request.retry_after = refusal.seconds  # type: ignore[attr-defined]  # (for SignInMiddleware)
            raise ValidationError(refusal.message, code="too_many_login_attempts") from None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        if isinstance(request.user, Member):
            sign_ins.confirmation_failed(request.user, reason="wrong password")
        else:
            sign_ins.failed(credentials.get("email", ""), reason="wrong address or password")

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        sign_ins.failed(user.email, reason="deactivated")
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response

    def login(self, request: HttpRequest, user: Member) -> None:
        records = get_authentication_records(request, user)
        super().login(request, user)
        known_devices.remember(request, user)
        ways = [record.get("type", record["method"]) for record in records if not record.get("reauthenticated")]
        sign_ins.succeeded(user, by=[_WAYS.get(way, way) for way in ways])

    def logout(self, request: HttpRequest) -> None:
        member = request.user
        super().logout(request)
        if isinstance(member, Member):
            sign_ins.ended(member)

    def set_password(self, user: Member, password: str) -> None:
        super().set_password(user, password)
        known_devices.remember(self.request, user)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Member,
        context: dict[str, Any] | None = None,
        email: str | None = None,  # noqa: ARG002  (a member has one address)
    ) -> None:
        facts = {
            "email": user.email,
            "at": timezone.now(),
            "address": address_of(self.request),
            "user_agent": self.get_http_user_agent(self.request)[:200],
        }
        subject, text = mail.render(template_prefix, {**(context or {}), **facts})
        send = import_string("connectors_app.tasks.send_mail")
        # What it tells of has happened: that stands, even if the queue does not take the mail.
        transaction.on_commit(partial(send, user.email, subject, text), robust=True)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("Mails are sent by send_notification_mail and password_resets.")
