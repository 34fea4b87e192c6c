"""System checks: a wrong deployment refuses to start, and says what to mend."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, ProgrammingError

from connectors_app.encryption import InvalidKeyRing, key_ring
from connectors_app.services.stored_secrets import Unopened, unopened

REQUIRE_MFA_CHOICES = ("none", "admins", "all")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MAKE_KEY = "python -c 'import base64, os; print(\"k1:\" + base64.b64encode(os.urandom(32)).decode())'"


@register(Tags.security)
def check_key_ring(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`connectors.E001`: without a valid key ring no stored API key can be read or kept."""
    try:
        key_ring()
    except InvalidKeyRing as error:
        return [Error(str(error), hint=f"Make a key with: {_MAKE_KEY}", id="connectors.E001")]
    return []


@register(Tags.database)
def check_key_ring_opens_stored_keys(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`connectors.E002`: the ring must open what is stored; a wrong ring must not be found out key by key.

    `connectors.W002`: single secrets that do not open.
    """
    if not databases or check_key_ring(None):
        return []
    try:
        return [_about(secrets) for secrets in unopened(key_ring())]
    except (OperationalError, ProgrammingError):
        return []  # Not migrated yet: nothing is stored.


@register(Tags.urls)
def check_base_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`connectors.E003`: API keys travel only over https, but for a server on this machine."""
    if _is_safe(settings.BIGDATA_API_BASE_URL):
        return []
    return [
        Error(
            "BIGDATA_API_BASE_URL must be an https:// address (http:// only for 127.0.0.1).",
            hint="The real one is https://api.bigdata.com",
            id="connectors.E003",
        )
    ]


@register(Tags.security)
def check_single_sign_on(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`connectors.E010`: half a single sign-on would be none, and one over http is anybody's."""
    needed = (settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    if not any(needed) or (all(needed) and _is_safe(settings.OIDC_ISSUER)):
        return []
    return [
        Error(
            "Single sign-on needs OIDC_ISSUER (an https:// address), OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
            hint="Set all three, or none.",
            id="connectors.E010",
        )
    ]


@register(Tags.security)
def check_require_mfa(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`connectors.E005`: a misspelt REQUIRE_MFA must not quietly mean "none"."""
    if settings.REQUIRE_MFA in REQUIRE_MFA_CHOICES:
        return []
    message = f"REQUIRE_MFA is {settings.REQUIRE_MFA!r}; it must be one of: {', '.join(REQUIRE_MFA_CHOICES)}."
    return [Error(message, hint="The default is admins.", id="connectors.E005")]


def _about(secrets: Unopened) -> CheckMessage:
    """One that is damaged concerns its owner alone; a key that is missing or wrong concerns everybody."""
    if secrets.key_id and secrets.key_id not in key_ring().key_ids:
        return Error(
            f"Not in FIELD_ENCRYPTION_KEYS: {secrets.key_id!r}, with which {secrets.words} "
            f"{_is_or_are(secrets)} still encrypted.",
            hint="Put that key back, and run rotate_encryption_keys before you drop it. Nothing was changed.",
            id="connectors.E002",
        )
    if secrets.key_id and secrets.number > 1 and not secrets.others_open:
        return Error(
            f"The key {secrets.key_id!r} in FIELD_ENCRYPTION_KEYS is not the one with which {secrets.words} "
            f"{_is_or_are(secrets)} encrypted.",
            hint="Put the right one back. Nothing was changed.",
            id="connectors.E002",
        )
    return Warning(
        f"Damaged or moved: {secrets.words}. All others open.",
        hint="rotate_encryption_keys --dry-run says whose; they must set it up again.",
        id="connectors.W002",
    )


def _is_or_are(secrets: Unopened) -> str:
    return "is" if secrets.number == 1 else "are"


def _is_safe(address: str) -> bool:
    """Whether nobody on the way can read along."""
    url = urlsplit(address)
    is_local = url.scheme == "http" and url.hostname in _LOOPBACK
    return bool(url.hostname) and (url.scheme == "https" or is_local)
