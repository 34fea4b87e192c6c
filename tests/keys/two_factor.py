"""A member's two-factor, as it is stored."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

SECRET = "CANARYTOTPSECRET234567"


def add_app(member) -> TOTP:
    """An authenticator app."""
    return TOTP.activate(member, SECRET)


def add_codes(member) -> list[str]:
    """Recovery codes."""
    return RecoveryCodes.activate(member).generate_codes()


def add_security_key(member) -> Authenticator:
    return Authenticator.objects.create(user=member, type="webauthn", data={"name": "Blue", "credential": {}})
