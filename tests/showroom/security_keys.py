"""A security key as a browser registers one: nobody has it, but it can be asked for."""

from typing import Any

from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

_ID = b"blue-key"
# Not the key of anybody: it is only read, and no signature is held against it.
_PUBLIC_KEY = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})


def credential() -> dict[str, Any]:
    """What a browser on this machine sends when the key is added."""
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    about = AttestedCredentialData.create(bytes(16), _ID, _PUBLIC_KEY)
    data = AuthenticatorData.create(sha256(b"127.0.0.1"), flags, 0, about)
    client = CollectedClientData.create("webauthn.create", bytes(16), "http://127.0.0.1")
    return {
        "id": websafe_encode(_ID),
        "rawId": websafe_encode(_ID),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {},
    }
