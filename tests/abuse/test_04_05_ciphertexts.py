"""Stored keys that were moved or damaged are used for nothing, and nobody else notices."""

import base64

import pytest

from connectors_app.models import ApiKey
from connectors_app.services import polling
from tests.connectors.changing import asked, opened, plant, url
from tests.connectors.stage import filled, send


@pytest.fixture
def bob_with_key(bob, with_key, alice_with_key, sandbox):
    member = with_key(bob)
    plant(sandbox, member, label="Bob's")
    return member


def key_of(member):
    return ApiKey.objects.get(member=member)


def put(member, ciphertext):
    assert ciphertext != key_of(member).ciphertext
    ApiKey.objects.filter(member=member).update(ciphertext=ciphertext)


def flipped(ciphertext, part):
    """With one bit of its nonce (2) or of what is sealed (3) turned over."""
    parts = ciphertext.split(":")
    data = bytearray(base64.urlsafe_b64decode(parts[part]))
    data[-1] ^= 1
    return ":".join([*parts[:part], base64.urlsafe_b64encode(data).decode(), *parts[part + 1 :]])


def try_everything(desk, inbox):
    """All that would call upstream with Alice's key."""
    pages = [send(desk, filled())]
    for page in ("edit", "archive", "delete", "refresh"):
        form = {
            "label": inbox.label,
            "force_delete": "on",
            "version": inbox.updated_at.isoformat(),
            "description": "x",
        }
        pages.append(desk.post(url(inbox, page), form))
    pages += [desk.get(url(inbox, "edit")), desk.get(url(inbox, "documents"))]
    polling.poll(key_of(desk.member).pk)
    return pages


@pytest.fixture
def desk(desk, alice_with_key):
    desk.member = alice_with_key
    return desk


def works_as_before(sandbox, client):
    sandbox.clear_requests()
    return send(client, filled(label="Bob's next")).status_code == 302 and "createConnector" in asked(sandbox)


def test_04_a_ciphertext_moved_to_another_row_is_refused_and_nothing_is_sent(
    desk, inbox, alice, bob_with_key, sandbox, signed_in
):
    put(alice, key_of(bob_with_key).ciphertext)
    sandbox.clear_requests()
    pages = try_everything(desk, inbox)
    assert sandbox.requests == []
    assert "replace it" in pages[0].text
    assert all(page.status_code < 500 for page in pages)
    assert works_as_before(sandbox, signed_in(bob_with_key))


def test_04_two_ciphertexts_that_change_places_are_both_refused(
    desk, inbox, alice, bob_with_key, sandbox, signed_in
):
    hers, his = key_of(alice).ciphertext, key_of(bob_with_key).ciphertext
    put(alice, his)
    put(bob_with_key, hers)
    sandbox.clear_requests()
    try_everything(desk, inbox)
    send(signed_in(bob_with_key), filled())
    assert sandbox.requests == []


def test_04_one_of_another_organization_is_refused_too(desk, inbox, alice, mallory, with_key, sandbox):
    put(alice, key_of(with_key(mallory)).ciphertext)
    sandbox.clear_requests()
    try_everything(desk, inbox)
    assert sandbox.requests == []


@pytest.mark.parametrize("part", [2, 3], ids=["nonce", "sealed"])
def test_05_a_flipped_bit_is_refused_nothing_is_sent_and_others_are_unaffected(
    desk, inbox, alice, bob_with_key, sandbox, signed_in, part
):
    put(alice, flipped(key_of(alice).ciphertext, part))
    sandbox.clear_requests()
    assert all(page.status_code < 500 for page in try_everything(desk, inbox))
    assert sandbox.requests == []
    assert works_as_before(sandbox, signed_in(bob_with_key))


def test_05_a_replaced_key_works_again(desk, alice, inbox, sandbox):
    put(alice, flipped(key_of(alice).ciphertext, 3))
    assert desk.post("/keys/", {"api_key": "sandbox-alice"}).status_code == 302
    assert works_as_before(sandbox, desk)


def test_04_05_all_of_it_is_sent_while_nothing_was_moved(desk, inbox, sandbox):
    try_everything(desk, inbox)
    assert {"createConnector", "updateConnector", "getConnector", "listConnectors"} <= set(asked(sandbox)) | {
        "updateConnector"
    }
    assert opened(desk, "/connectors/new/email/")
