"""The key ring: what it seals opens only in its own place, whole, and with its own key."""

import base64
from dataclasses import replace

import pytest

from connectors_app.encryption import InvalidKeyRing, KeyRing, Place, Undecryptable, generate_key, key_id_of

PLACE = Place("connectors_app_apikey", 7, "6ba7b810", "ciphertext")
OLD, NEW = generate_key("old"), generate_key("new")
SECRET = "canary-key-0bd1"


@pytest.fixture
def ring():
    return KeyRing.parse([OLD])


def test_what_was_sealed_opens_again(ring):
    assert ring.decrypt(ring.encrypt("schlüssel", PLACE), PLACE) == "schlüssel"


def test_a_stored_secret_has_the_documented_form(ring):
    version, key_id, nonce, sealed = ring.encrypt(SECRET, PLACE).split(":")
    assert (version, key_id) == ("v1", "old")
    assert len(base64.urlsafe_b64decode(nonce)) == 12
    assert len(base64.urlsafe_b64decode(sealed)) == len(SECRET) + 16


def test_the_same_secret_never_looks_the_same_twice(ring):
    assert ring.encrypt(SECRET, PLACE) != ring.encrypt(SECRET, PLACE)


@pytest.mark.parametrize(
    "elsewhere", [{"table": "other"}, {"organization_id": 8}, {"row_id": "6ba7b811"}, {"field": "other"}]
)
def test_a_secret_that_was_moved_does_not_open(ring, elsewhere):
    with pytest.raises(Undecryptable):
        ring.decrypt(ring.encrypt(SECRET, PLACE), replace(PLACE, **elsewhere))


def test_the_parts_of_a_place_cannot_run_into_each_other():
    assert Place("a", 1, "23", "f").as_bytes() != Place("a", 12, "3", "f").as_bytes()


@pytest.mark.parametrize("part", [2, 3])
def test_no_bit_can_be_flipped(ring, part):
    parts = ring.encrypt(SECRET, PLACE).split(":")
    data = base64.urlsafe_b64decode(parts[part])
    for bit in range(len(data) * 8):
        flipped = (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))
        changed = [*parts[:part], base64.urlsafe_b64encode(flipped).decode(), *parts[part + 1 :]]
        with pytest.raises(Undecryptable):
            ring.decrypt(":".join(changed), PLACE)


@pytest.mark.parametrize(
    "stored",
    ["", "v1", SECRET, "v1:old:AAAA:AAAA", "v1:old:ä:AAAA", "v1:old:A:A", "v1:old:" + "A" * 16 + ":", "::::"],
)
def test_what_is_no_stored_secret_is_refused(ring, stored):
    with pytest.raises(Undecryptable):
        ring.decrypt(stored, PLACE)


def test_another_version_is_refused(ring):
    with pytest.raises(Undecryptable):
        ring.decrypt(ring.encrypt(SECRET, PLACE).replace("v1:", "v2:", 1), PLACE)


def test_the_first_key_seals_and_every_key_opens(ring):
    both = KeyRing.parse([NEW, OLD])
    sealed = both.encrypt(SECRET, PLACE)
    assert key_id_of(sealed) == "new"
    assert both.decrypt(ring.encrypt(SECRET, PLACE), PLACE) == SECRET
    assert KeyRing.parse([NEW]).decrypt(sealed, PLACE) == SECRET


def test_a_key_that_left_the_ring_opens_nothing(ring):
    with pytest.raises(Undecryptable, match="'old' is not in FIELD_ENCRYPTION_KEYS"):
        KeyRing.parse([NEW]).decrypt(ring.encrypt(SECRET, PLACE), PLACE)


def test_another_key_of_the_same_name_opens_nothing(ring):
    with pytest.raises(Undecryptable):
        KeyRing.parse([generate_key("old")]).decrypt(ring.encrypt(SECRET, PLACE), PLACE)


def test_equal_secrets_have_equal_fingerprints_that_need_the_ring(ring):
    assert ring.fingerprint(SECRET) == ring.fingerprint(SECRET) != ring.fingerprint(SECRET + "x")
    assert ring.fingerprint(SECRET) != KeyRing.parse([NEW]).fingerprint(SECRET)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [""],
        ["k1"],
        ["k1:"],
        [":" + OLD.partition(":")[2]],
        ["k 1:" + OLD.partition(":")[2]],
        ["k" * 33 + ":" + OLD.partition(":")[2]],
        ["k1:not base64!"],
        ["k1:" + base64.b64encode(b"x" * 31).decode()],
        ["k1:" + base64.b64encode(b"x" * 33).decode()],
        [OLD, OLD],
    ],
)
def test_a_malformed_ring_is_refused(entries):
    with pytest.raises(InvalidKeyRing):
        KeyRing.parse(entries)


@pytest.mark.parametrize("entry", ["k1:" + base64.b64encode(b"canary" * 5).decode(), "k1:canary-not-base64!"])
def test_the_complaint_about_a_ring_shows_no_key(entry):
    with pytest.raises(InvalidKeyRing) as refusal:
        KeyRing.parse([entry])
    assert entry.partition(":")[2] not in str(refusal.value)


def test_the_ring_shows_only_the_names_of_its_keys(ring):
    assert repr(ring) == "<KeyRing old>"
    assert ring.key_ids == ("old",)
