"""A secret's field that is left blank changes nothing; where a secret can't be edited, none is taken."""

import pytest

from connectors_app.models import ApiKey
from tests.connectors.changing import BROKER, opened, plant, sent, url


@pytest.mark.parametrize("blank", ["", " ", "\r\n"])
def test_10_a_blank_key_keeps_the_stored_one(desk, alice_with_key, sandbox, blank):
    before = ApiKey.objects.values().get()
    page = desk.post("/keys/", {"api_key": blank, "expires_on": "2099-01-01"})
    assert page.status_code == 200
    assert "api_key" in page.context["form"].errors
    assert ApiKey.objects.values().get() == before
    assert sandbox.requests == []


def test_10_the_expiry_date_is_saved_without_the_key(desk, alice_with_key, sandbox):
    before = ApiKey.objects.get()
    desk.post("/keys/expiry/", {"expires_on": "2099-01-01", "api_key": ""})
    after = ApiKey.objects.get()
    assert (after.ciphertext, str(after.expires_on)) == (before.ciphertext, "2099-01-01")
    assert after.holds("sandbox-alice")


@pytest.mark.parametrize("password", ["", "another password"])
def test_10_an_edit_sends_no_broker_login_so_that_the_stored_one_stays(desk, alice_with_key, sandbox, password):
    broker = plant(sandbox, alice_with_key, **BROKER)
    form = opened(desk, url(broker, "edit"), label="New name")
    assert not {"user_id", "user_password"} & set(form)
    desk.post(url(broker, "edit"), form | {"user_id": "", "user_password": password})
    [body] = sent(sandbox, "updateConnector")
    assert body["label"] == "New name"
    assert "config" not in body


def test_10_a_login_is_replaced_by_a_whole_new_one_only(desk, alice_with_key, sandbox):
    broker = plant(sandbox, alice_with_key, **BROKER)
    page = desk.post(url(broker, "replace"), opened(desk, url(broker, "replace"), user_password=""))
    assert "user_password" in page.context["form"].errors
    assert sandbox.requests == []
