"""A key is replaced or removed while it asks: the answer is not the new key's."""

import pytest
from django.utils import timezone

from connectors_app.choices import State
from connectors_app.models import Connector, Member
from connectors_app.services import snapshots
from connectors_app.services.api_keys import remove_key, store_key
from tests.polling.conftest import connector_data


@pytest.mark.parametrize("then", ["replaced", "removed"])
def test_an_answer_to_a_key_that_was_replaced_while_it_asked_is_not_the_new_key_s(with_key, alice, sandbox, then):
    asked_with = with_key(alice).api_key
    if then == "replaced":
        store_key(alice, "sandbox-bob")
    else:
        remove_key(alice)
    told = connector_data(share_with_org=False, user_id="user_alice")
    snapshots.take_list(asked_with, [told], asked_at=timezone.now())
    connector = Connector.objects.get()
    assert not connector.sightings.exists()
    assert connector.state == State.KEY_REJECTED
    assert Member.objects.get(pk=alice.pk).bigdata_user_id == ""
    snapshots.take_not_found(asked_with, connector, asked_at=timezone.now())
    assert Connector.objects.get().gone_at is None
