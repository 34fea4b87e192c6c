"""The list is empty for one round: nothing is declared gone, nobody is alarmed, the pages show what is known.

That only a 404 for its id, from every key that saw it, makes a connector gone: tests/polling/test_gone.py.
"""

import json

import pytest

from connectors_app.models import ApiKey, Connector, Incident, OutsideChange, Sighting
from connectors_app.services import polling
from tests.abuse.evil import messages_about_it
from tests.connectors.stage import text_of
from tests.polling.conftest import PATH, as_json, connector_json, upstream_answers

COUNT = 30  # More than one round asks for by id.


@pytest.fixture
def listed(desk, upstream_at):
    """What upstream says of the connectors that Alice's key has seen."""
    listed = [connector_json(label=f"Feed {number}") for number in range(COUNT)]
    upstream_at(upstream_answers({PATH: (200, as_json(listed))}))
    assert polling.poll(ApiKey.objects.get().pk)
    return listed


@pytest.mark.parametrize("status", [200, 400, 403, 429, 500])
def test_34_a_list_that_shrinks_to_nothing_declares_nothing_gone(desk, listed, upstream_at, status):
    """Each is still there when asked for by its id, or that can't be known for now."""
    before = list(Connector.objects.order_by("pk").values("label", "state", "gone_at"))
    by_id = {f"{PATH}/{one['connector_id']}": (status, json.dumps(one if status == 200 else {})) for one in listed}
    upstream_at(upstream_answers({PATH: (200, as_json([]))} | by_id))
    polling.poll(ApiKey.objects.get().pk)
    ApiKey.objects.update(status="working")  # A 403 may be about the key itself.
    after = list(Connector.objects.order_by("pk").values("label", "state", "gone_at"))
    assert [each["gone_at"] for each in after] == [None] * COUNT
    assert status == 403 or after == before
    assert f"{COUNT} connectors" in text_of(desk.get("/connectors/"))
    assert "gone" not in Incident.objects.values_list("kind", flat=True)
    assert not OutsideChange.objects.exists()
    upstream_at(upstream_answers({PATH: (200, as_json(listed))}))
    assert polling.poll(ApiKey.objects.get().pk)
    assert list(Connector.objects.order_by("pk").values("label", "state", "gone_at")) == before
    assert Sighting.objects.filter(listed=True).count() == COUNT
    assert status == 403 or messages_about_it() == []
