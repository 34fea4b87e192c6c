"""The key ring: the only user of `cryptography`.

A stored secret reads `v1:<key id>:<nonce>:<ciphertext>` (both parts base64url), AES-256-GCM. Its associated
data names the place it belongs to, so a ciphertext that is moved to another row or field does not decrypt.
The ring comes from `FIELD_ENCRYPTION_KEYS`: the first key encrypts, every key decrypts.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class EncryptionError(Exception):
    """Base of everything that can go wrong here. No message ever holds a secret."""


class InvalidKeyRing(EncryptionError):
    """`FIELD_ENCRYPTION_KEYS` is missing or malformed."""


class Undecryptable(EncryptionError):
    """A stored secret was tampered with, moved, or was encrypted by a key that is not in the ring."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret is stored: the associated data of its ciphertext."""

    table: str
    organization_id: object
    row_id: object
    field: str

    def as_bytes(self) -> bytes:
        parts = (self.table, str(self.organization_id), str(self.row_id), self.field)
        return "\x1f".join(parts).encode()


class KeyRing:
    """The keys of `FIELD_ENCRYPTION_KEYS`, the first of which encrypts."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise InvalidKeyRing("FIELD_ENCRYPTION_KEYS holds no key.")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.primary_id = next(iter(keys))
        self._fingerprint_keys = [_fingerprint_key(key) for key in keys.values()]

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(self._ciphers)}>"

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(self._ciphers)

    @classmethod
    def parse(cls, entries: Sequence[str]) -> "KeyRing":
        """The ring written as `id:base64-of-32-bytes` entries. Raises InvalidKeyRing."""
        keys: dict[str, bytes] = {}
        for entry in entries:
            key_id, _, encoded = entry.strip().partition(":")
            if not _KEY_ID.fullmatch(key_id):
                raise InvalidKeyRing("A key's id must be 1 to 32 letters, digits, '-' or '_'.")
            if key_id in keys:
                raise InvalidKeyRing(f"The key id {key_id!r} is there twice.")
            keys[key_id] = _decode_key(key_id, encoded)
        return cls(keys)

    def encrypt(self, plaintext: str, place: Place) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.primary_id].encrypt(nonce, plaintext.encode(), place.as_bytes())
        return ":".join((_VERSION, self.primary_id, _to_text(nonce), _to_text(sealed)))

    def decrypt(self, stored: str, place: Place) -> str:
        """The plaintext. Raises Undecryptable; never falls back to anything."""
        key_id, nonce, sealed = _split(stored)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Undecryptable(f"The key {key_id!r} is not in FIELD_ENCRYPTION_KEYS.")
        try:
            return cipher.decrypt(nonce, sealed, place.as_bytes()).decode()
        except (InvalidTag, ValueError):
            raise Undecryptable("The stored secret was changed, moved, or made with another key.") from None

    def fingerprint(self, plaintext: str) -> str:
        """Tells whether two stored secrets are the same one, without telling the secret (HMAC-SHA-256).

        Made with the first key: between two that were made with different keys, nothing can be told.
        """
        return _fingerprint(self._fingerprint_keys[0], plaintext)

    def has_fingerprint(self, plaintext: str, fingerprint: str) -> bool:
        """Whether the fingerprint is of this secret, made with any key of the ring."""
        candidates = [_fingerprint(key, plaintext) for key in self._fingerprint_keys]
        return any(hmac.compare_digest(candidate, fingerprint) for candidate in candidates)


def key_id_of(stored: str) -> str:
    """The id of the key that a stored secret was encrypted with. Raises Undecryptable."""
    return _split(stored)[0]


def generate_key(key_id: str) -> str:
    """A fresh entry for FIELD_ENCRYPTION_KEYS."""
    return f"{key_id}:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"


def key_ring() -> KeyRing:
    """The ring of the settings. Raises InvalidKeyRing."""
    return _parse_cached(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _parse_cached(entries: tuple[str, ...]) -> KeyRing:
    return KeyRing.parse(entries)


def _fingerprint_key(key: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"fingerprint").derive(key)


def _fingerprint(key: bytes, plaintext: str) -> str:
    return hmac.new(key, plaintext.encode(), hashlib.sha256).hexdigest()


def _decode_key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidKeyRing(f"The key {key_id!r} is not base64.") from None
    if len(key) != _KEY_BYTES:
        raise InvalidKeyRing(f"The key {key_id!r} has {len(key)} bytes; it needs {_KEY_BYTES}.")
    return key


def _split(stored: str) -> tuple[str, bytes, bytes]:
    try:
        version, key_id, nonce, sealed = stored.split(":")
        parts = key_id, base64.urlsafe_b64decode(nonce), base64.urlsafe_b64decode(sealed)
    except (ValueError, binascii.Error):
        raise Undecryptable("The stored secret is not in the expected form.") from None
    if version != _VERSION or len(parts[1]) != _NONCE_BYTES:
        raise Undecryptable("The stored secret is not in the expected form.")
    return parts


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
