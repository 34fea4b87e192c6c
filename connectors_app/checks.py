"""System checks: a wrong deployment refuses to start, and says what to mend."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import OperationalError, ProgrammingError

from connectors_app.encryption import InvalidKeyRing, Undecryptable, key_id_of, key_ring

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
    """`connectors.E002`: the ring must open what is stored; a wrong ring must not be found out key by key."""
    if not databases or check_key_ring(None):
        return []
    try:
        broken = _unreadable_key_ids()
    except (OperationalError, ProgrammingError):
        return []  # Not migrated yet: nothing is stored.
    return [
        Error(
            f"FIELD_ENCRYPTION_KEYS does not open the stored API keys that were encrypted with {key_id!r}.",
            hint="Put that key back into FIELD_ENCRYPTION_KEYS. Nothing was changed.",
            id="connectors.E002",
        )
        for key_id in broken
    ]


@register(Tags.urls)
def check_base_url(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`connectors.E003`: API keys travel only over https, but for a server on this machine."""
    url = urlsplit(settings.BIGDATA_API_BASE_URL)
    is_local = url.scheme == "http" and url.hostname in _LOOPBACK
    if url.hostname and (url.scheme == "https" or is_local):
        return []
    return [
        Error(
            "BIGDATA_API_BASE_URL must be an https:// address (http:// only for 127.0.0.1).",
            hint="The real one is https://api.bigdata.com",
            id="connectors.E003",
        )
    ]


def _unreadable_key_ids() -> list[str]:
    """Key ids of which the ring cannot open even one stored secret that names them."""
    opened: dict[str, bool] = {}
    stored = apps.get_model("connectors_app", "ApiKey").objects
    for api_key in stored.only("pk", "organization_id", "ciphertext").iterator():
        try:
            key_id = key_id_of(api_key.ciphertext)
        except Undecryptable:
            continue
        if not opened.get(key_id):
            opened[key_id] = _opens(api_key)
    return sorted(key_id for key_id, is_open in opened.items() if not is_open)


def _opens(api_key: Any) -> bool:
    try:
        key_ring().decrypt(api_key.ciphertext, api_key.place)
    except Undecryptable:
        return False
    return True
