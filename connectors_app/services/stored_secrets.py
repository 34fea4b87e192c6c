"""Every place where the database keeps something encrypted with our key ring, in one list.

Who stores a secret somewhere else adds the place to `PLACES`: rotation and the checks at start look there.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from connectors_app.encryption import KeyRing, Place, Undecryptable, key_id_of
from connectors_app.models import ApiKey, Channel
from connectors_app.services.two_factor import MFA_PLACE


class SecretPlace(Protocol):
    """A table whose rows hold a secret each."""

    singular: str
    plural: str

    def rows(self) -> QuerySet[Any]: ...

    def owner_of(self, row: Any) -> str: ...

    def secret_of(self, row: Any) -> tuple[str, Place]:
        """The row's ciphertext, and where it belongs."""
        ...

    def rewrite(self, row: Any, value: str, ring: KeyRing) -> None:
        """Encrypt the row's secret anew and save it."""
        ...


class ApiKeys:
    singular, plural = "API key", "API keys"

    def rows(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.select_related("member").order_by("pk")

    def owner_of(self, row: ApiKey) -> str:
        return row.member.email

    def secret_of(self, row: ApiKey) -> tuple[str, Place]:
        return row.ciphertext, row.place

    def rewrite(self, row: ApiKey, value: str, ring: KeyRing) -> None:
        row.ciphertext, row.fingerprint = ring.encrypt(value, row.place), ring.fingerprint(value)
        row.save(update_fields=["ciphertext", "fingerprint"])


class TwoFactorSecrets:
    """Of authenticator apps and recovery codes. A security key leaves no secret with us."""

    singular, plural = "two-factor secret", "two-factor secrets"

    def rows(self) -> QuerySet[Authenticator]:
        rows: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
        return rows.select_related("user").order_by("pk")

    def owner_of(self, row: Authenticator) -> str:
        return str(row.user.email)

    def secret_of(self, row: Authenticator) -> tuple[str, Place]:
        return row.data.get(self._field(row), ""), MFA_PLACE

    def rewrite(self, row: Authenticator, value: str, ring: KeyRing) -> None:
        row.data[self._field(row)] = ring.encrypt(value, MFA_PLACE)
        row.save(update_fields=["data"])

    def _field(self, row: Authenticator) -> str:
        return "secret" if row.type == Authenticator.Type.TOTP else "seed"


class ChannelAddresses:
    """Of webhooks: who knows one can post to it."""

    singular, plural = "webhook address", "webhook addresses"

    def rows(self) -> QuerySet[Channel]:
        return Channel.objects.exclude(url_ciphertext="").order_by("pk")

    def owner_of(self, row: Channel) -> str:
        return row.name

    def secret_of(self, row: Channel) -> tuple[str, Place]:
        return row.url_ciphertext, row.url_place

    def rewrite(self, row: Channel, value: str, ring: KeyRing) -> None:
        row.url_ciphertext = ring.encrypt(value, row.url_place)
        row.save(update_fields=["url_ciphertext"])


class ChannelSecrets:
    """The keys that sign what webhooks receive."""

    singular, plural = "webhook secret", "webhook secrets"

    def rows(self) -> QuerySet[Channel]:
        return Channel.objects.exclude(secret_ciphertext="").order_by("pk")

    def owner_of(self, row: Channel) -> str:
        return row.name

    def secret_of(self, row: Channel) -> tuple[str, Place]:
        return row.secret_ciphertext, row.secret_place

    def rewrite(self, row: Channel, value: str, ring: KeyRing) -> None:
        row.secret_ciphertext = ring.encrypt(value, row.secret_place)
        row.save(update_fields=["secret_ciphertext"])


PLACES: tuple[SecretPlace, ...] = (ApiKeys(), TwoFactorSecrets(), ChannelAddresses(), ChannelSecrets())


@dataclass(frozen=True, slots=True)
class Unopened:
    """Secrets that name one key (`key_id`; empty: none that can be made out) and do not open.

    `words` counts them, as in "3 API keys and 1 two-factor secret"; `others_open`: that key opens others.
    """

    key_id: str
    number: int
    words: str
    others_open: bool


def unopened(ring: KeyRing) -> list[Unopened]:
    opening: set[str] = set()
    closed: dict[str, Counter[SecretPlace]] = {}
    for place in PLACES:
        for row in place.rows().iterator():
            stored, where = place.secret_of(row)
            key_id = _named_key(stored, where, ring)
            if opens(ring, stored, where):
                opening.add(key_id)
            else:
                closed.setdefault(key_id, Counter())[place] += 1
    return [
        Unopened(key_id, counts.total(), _words(counts), key_id in opening) for key_id, counts in closed.items()
    ]


def opens(ring: KeyRing, stored: str, where: Place) -> bool:
    try:
        ring.decrypt(stored, where)
    except Undecryptable:
        return False
    return True


def _named_key(stored: str, where: Place, ring: KeyRing) -> str:
    """The key that a secret names; empty where the very name is damaged: with another one it would open."""
    try:
        key_id = key_id_of(stored)
    except Undecryptable:
        return ""
    if key_id in ring.key_ids:
        return key_id
    version, _, sealed = stored.split(":", maxsplit=2)
    renamed = (f"{version}:{other}:{sealed}" for other in ring.key_ids)
    return "" if any(opens(ring, each, where) for each in renamed) else key_id


def _words(counts: Counter[SecretPlace]) -> str:
    return " and ".join(
        f"{number:,} {place.singular if number == 1 else place.plural}" for place, number in counts.items()
    )
