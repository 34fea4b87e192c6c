"""The way from a stored key to Bigdata.com: the one place where keys are decrypted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connectors_app.bigdata import OPERATIONS, BigdataClient, Busy, KeyRejected, Secret, Transport
from connectors_app.bigdata import BigdataError as UpstreamError
from connectors_app.choices import AuditAction, AuditResult, KeyStatus
from connectors_app.encryption import Undecryptable, key_ring
from connectors_app.models import ApiKey, Member, Organization
from connectors_app.services import audit, limits, snapshots
from connectors_app.services.alerts import incidents
from connectors_app.telemetry.metrics import UPSTREAM

__all__ = [
    "Busy",
    "KeyProblem",
    "UpstreamError",
    "calling",
    "client_for_value",
    "reject",
    "transport",
    "usable_key_of",
]


_LIMIT_REACHED = (
    "The dashboard has asked Bigdata.com as often as it may for the moment, so nothing was sent. Try again in a"
    " few seconds."
)


# How long a click may hold its web thread for a free slot. The worker, for which nobody waits, has more patience.
_PATIENCE = 5.0


class KeyProblem(Exception):
    """The member's own key can't be used; `message` says why and what to do, for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def transport() -> Transport:
    """The process's one transport: connections and the bound on simultaneous calls are shared by all keys."""
    return _transport(
        settings.BIGDATA_API_BASE_URL,
        settings.BIGDATA_CONNECT_TIMEOUT,
        settings.BIGDATA_READ_TIMEOUT,
        settings.BIGDATA_TOTAL_TIMEOUT,
        settings.BIGDATA_MAX_CONCURRENCY,
    )


@lru_cache(maxsize=1)
def _transport(base_url: str, connect: float, read: float, total: float, concurrency: int) -> Transport:
    return Transport(
        base_url,
        connect_timeout=connect,
        read_timeout=read,
        total_timeout=total,
        max_concurrency=concurrency,
        observe=_measure,
    )


def _measure(method: str, route: str, outcome: str, seconds: float) -> None:
    operation = OPERATIONS.get((method, route), "other")
    UPSTREAM.labels(operation, outcome).observe(seconds)


def usable_key_of(member: Member) -> ApiKey:
    """The member's key. Raises KeyProblem when there is none or it must not be used."""
    api_key: ApiKey | None = member.key
    if api_key is None:
        raise KeyProblem("You have no API key yet. Add yours first.")
    if api_key.status == KeyStatus.DISABLED:
        raise KeyProblem("An admin has disabled your API key. Use another one, or ask them to enable it.")
    if not api_key.is_usable:
        raise KeyProblem("Bigdata.com rejected your API key. Replace it first.")
    return api_key


def client_for_value(value: str) -> BigdataClient:
    """A client for a key that is not stored (yet)."""
    return BigdataClient(Secret(value), transport())


class _Admission:
    """Called before each call: raises Busy where the shared limits have no room for it."""

    def __init__(self, fingerprint: str, *, for_people: bool, prepaid: int) -> None:
        self._fingerprint, self._for_people, self._prepaid = fingerprint, for_people, prepaid

    def __call__(self) -> None:
        if self._prepaid > 0:
            self._prepaid -= 1
        elif not limits.admits_call(self._fingerprint, for_people=self._for_people):
            raise Busy(_LIMIT_REACHED)


@contextmanager
def calling(
    api_key: ApiKey,
    *,
    wait: float | None = None,
    attempts: int | None = None,
    for_people: bool = True,
    prepaid: int = 0,
) -> Iterator[BigdataClient]:
    """A client for a stored key, for one use of it.

    `wait` bounds the seconds to wait for a free slot (0: a polite refusal at once; None: a few for people, else
    the time of a whole call), `attempts` the tries of a read. Each call is taken out of the shared limits, but for
    the first `prepaid` ones; what nobody waits for is not `for_people` and leaves them room. A rejection is
    written down before it goes on to the caller, so that the key is not used again until its owner replaces it.
    Raises UpstreamError, and KeyProblem when the stored key can't be read, or was stopped since it was found.
    """
    if not ApiKey.objects.usable().filter(pk=api_key.pk).exists():
        raise KeyProblem("This API key is no longer in use. Try again.")
    try:
        secret = Secret(key_ring().decrypt(api_key.ciphertext, api_key.place))
    except Undecryptable:
        raise KeyProblem("The stored API key can't be read. Its owner must replace it.") from None
    try:
        yield BigdataClient(
            secret,
            transport(),
            wait=_PATIENCE if wait is None and for_people else wait,
            attempts=attempts,
            admit=_Admission(api_key.fingerprint, for_people=for_people, prepaid=prepaid),
        )
    except KeyRejected:
        reject(api_key, now=timezone.now())
        raise


def reject(api_key: ApiKey, *, now: datetime) -> None:
    """Stop using a key that Bigdata.com refused, unless it was replaced in the meantime."""
    same = ApiKey.objects.filter(fingerprint=api_key.fingerprint, status=KeyStatus.WORKING)
    for each in same.select_related("member", "organization"):
        same_value = ApiKey.objects.filter(pk=each.pk, fingerprint=each.fingerprint, status=KeyStatus.WORKING)
        with transaction.atomic():
            Organization.lock(each.organization_id)
            is_news = same_value.update(status=KeyStatus.REJECTED, rejected_at=now)
            if is_news:
                incidents.follow_key(each.member, now=now)
                snapshots.settle_states_of(each, now=now)
                _record_rejection(each)
    api_key.refresh_from_db(fields=["status", "rejected_at"])


def _record_rejection(api_key: ApiKey) -> None:
    """Nobody here did it, wherever the request comes from that found it out."""
    with audit.coming_from(None):
        audit.record(
            AuditAction.KEY_REJECTED,
            organization=api_key.organization,
            actor_name="Bigdata.com",
            target_type="apikey",
            target_id=api_key.pk,
            target_name=api_key.member.email,
            result=AuditResult.REFUSED,
        )
