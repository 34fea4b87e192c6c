"""What the audit trail tells of keys: who did what to whose; never any part of a key."""

import pytest
from django.core.management import call_command

from connectors_app.choices import AuditAction
from connectors_app.models import ApiKey, AuditEntry
from connectors_app.services.organization_keys import disable_key, enable_key
from tests.stored import everything_stored

KEY, OTHER = "canary-key-q7xz", "canary-key-w9vk"


@pytest.fixture
def page(sandbox, signed_in, alice):
    sandbox.add_key(KEY, "user_alice")
    sandbox.add_key(OTHER, "user_alice")
    sandbox.plant("user_alice")
    page = signed_in(alice)
    page.post("/keys/", {"api_key": KEY})
    return page


def last():
    return AuditEntry.objects.order_by("-pk")[0]


def facts(entry):
    return entry.action, entry.actor, entry.target_type, entry.target_id, entry.target_name, entry.organization


def about_alices(action, actor, api_key=None):
    api_key = api_key or ApiKey.objects.get()
    return action, actor, "apikey", str(api_key.pk), "alice@example.com", api_key.organization


def test_adding(page, alice):
    assert facts(last()) == about_alices(AuditAction.KEY_ADDED, alice)
    assert (last().details, last().address) == ({}, "127.0.0.1")


def test_replacing(page, alice):
    page.post("/keys/", {"api_key": OTHER, "expires_on": "2999-01-31"})
    assert facts(last()) == about_alices(AuditAction.KEY_REPLACED, alice)
    assert last().details == {"changes": {"expires_on": [None, "2999-01-31"]}}


def test_the_date(page, alice):
    page.post("/keys/expiry/", {"expires_on": "2999-01-31"})
    page.post("/keys/expiry/", {"expires_on": ""})
    assert facts(last()) == about_alices(AuditAction.KEY_EXPIRY_SET, alice)
    assert last().details == {"changes": {"expires_on": ["2999-01-31", None]}}


def test_the_same_date_again_is_nothing_to_tell(page):
    before = AuditEntry.objects.count()
    page.post("/keys/expiry/", {"expires_on": ""})
    assert AuditEntry.objects.count() == before


def test_removing(page, alice):
    api_key = ApiKey.objects.get()
    page.post("/keys/remove/")
    assert facts(last()) == about_alices(AuditAction.KEY_REMOVED, alice, api_key)
    assert last().details == {"seen_by_nobody_else": 1}


def test_disabling_and_enabling(page, adam):
    disable_key(ApiKey.objects.get(), actor=adam)
    assert facts(last()) == about_alices(AuditAction.KEY_DISABLED, adam)
    assert last().details == {"changes": {"status": ["working", "disabled"]}, "seen_by_nobody_else": 1}
    enable_key(ApiKey.objects.get(), actor=adam)
    assert facts(last()) == about_alices(AuditAction.KEY_ENABLED, adam)
    assert last().details == {"changes": {"status": ["disabled", "working"]}}


def test_a_command_is_nobody(page, monkeypatch):
    monkeypatch.setenv("BIGDATA_API_KEY", OTHER)
    call_command("set_api_key", "alice@example.com")
    assert facts(last()) == about_alices(AuditAction.KEY_REPLACED, None)
    assert last().address is None


@pytest.mark.parametrize("value", ["sandbox-nobody", "two words", ""])
def test_a_key_that_is_not_stored_is_nothing_to_tell(page, value):
    before = AuditEntry.objects.count()
    page.post("/keys/", {"api_key": value})
    assert AuditEntry.objects.count() == before


def test_no_part_of_a_key_is_told(page):
    page.post("/keys/", {"api_key": OTHER})
    page.post("/keys/remove/")
    entries = [str(vars(entry)) for entry in AuditEntry.objects.all()]
    for part in (KEY, OTHER, KEY[-4:], OTHER[-4:]):
        assert not any(part in entry for entry in entries)
    assert KEY not in everything_stored()
