"""Connectors as upstream sends them: unknown things survive, wrong things are refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors_app.bigdata import ConnectorData, UnexpectedAnswer

from .conftest import ID

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
REQUIRED = ["connector_id", "user_id", "org_id", "label", "type", "created_at", "updated_at"]


def test_every_field_of_the_contract_is_read(connector_json):
    connector = ConnectorData.from_json(connector_json)
    assert connector.connector_id == ID
    assert connector.updated_at == datetime(2026, 2, 11, 11, 1, 9, 574102, tzinfo=UTC)
    assert connector.updated_at.tzinfo is UTC
    assert connector.description == ""
    assert connector.config["email"] == "a1b2@bigdata.com"
    assert (connector.files_count, connector.last_sync_count) == (10, 3200)
    assert connector.extra == {}


def test_what_was_never_synced_has_no_sync_fields(connector_json):
    for name in [
        "files_count",
        "last_sync_at",
        "last_sync_status",
        "last_sync_error_msg",
        "last_sync_count",
        "config",
    ]:
        del connector_json[name]
    connector = ConnectorData.from_json(connector_json)
    assert connector.last_sync_at is connector.files_count is connector.last_sync_status is None
    assert connector.config == {}


def test_an_unknown_type_status_and_field_survive(connector_json):
    connector_json |= {"type": "fax", "last_sync_status": "HALF_DONE", "colour": {"deep": [1, "red"]}}
    connector = ConnectorData.from_json(connector_json)
    assert (connector.type, connector.last_sync_status) == ("fax", "HALF_DONE")
    assert connector.extra == {"colour": {"deep": [1, "red"]}}


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, 5, True, [], {}])
def test_a_required_field_that_is_missing_or_no_text_is_refused(connector_json, name, value):
    connector_json[name] = value
    with pytest.raises(UnexpectedAnswer, match=name):
        ConnectorData.from_json(connector_json)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connector_id", "not-a-uuid"),
        ("created_at", "yesterday"),
        ("created_at", "2026-02-11T11:01:09"),
        ("updated_at", "0001-01-01T00:00:00+14:00"),
        ("last_sync_at", "2026-02-11"),
        ("archived", "yes"),
        ("config", ["a"]),
        ("files_count", -1),
        ("files_count", True),
        ("last_sync_count", 2**63),
        ("last_sync_count", 1.5),
    ],
)
def test_a_wrong_value_is_refused_without_being_quoted(connector_json, name, value):
    connector_json[name] = value
    with pytest.raises(UnexpectedAnswer, match=name) as caught:
        ConnectorData.from_json(connector_json)
    assert str(value) not in caught.value.message
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "name",
    [
        "user_password",
        "session_id",
        "password",
        "apiKey",
        "api_key",
        "client_secret",
        "accessToken",
        "Cookie",
    ],
)
def test_a_secret_that_upstream_should_not_send_is_dropped(connector_json, name):
    connector_json[name] = "canary"
    connector_json["config"] |= {name: "canary", "deep": [{name: "canary"}]}
    assert "canary" not in repr(ConnectorData.from_json(connector_json))


def test_text_that_no_database_takes_is_mended(connector_json):
    connector_json |= {"label": "a\x00b", "description": "\ud800é", "config": {"k\x00": ["v\x00", None, 1]}}
    connector = ConnectorData.from_json(connector_json)
    assert (connector.label, connector.description) == ("ab", "\ufffdé")
    assert connector.config == {"k": ["v", None, 1]}


def test_nesting_without_end_is_refused(connector_json):
    deep = "x"
    for _ in range(30):
        deep = [deep]
    connector_json["extra_thing"] = deep
    with pytest.raises(UnexpectedAnswer):
        ConnectorData.from_json(connector_json)


@given(JSON)
def test_any_json_is_a_connector_or_an_unexpected_answer(value):
    with pytest.raises(UnexpectedAnswer):
        ConnectorData.from_json(value)


@given(changes=st.dictionaries(st.sampled_from([*ConnectorData.__slots__, "other"]), JSON))
def test_any_change_to_a_connector_is_read_or_refused(changes):
    whole = dict.fromkeys(REQUIRED, "2026-01-01T00:00:00Z") | {"connector_id": str(ID)}
    try:
        assert ConnectorData.from_json(whole | changes).created_at.tzinfo is UTC
    except UnexpectedAnswer as error:
        assert error.may_have_happened  # noqa: PT017 - both outcomes are right
