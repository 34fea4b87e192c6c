"""Each call of the client: what is sent, what comes back."""

import json
from datetime import date
from uuid import uuid4

import pytest
from responses.matchers import header_matcher, json_params_matcher, query_param_matcher

from connectors_app.bigdata import (
    BigdataClient,
    ConnectorChanges,
    EmailConfig,
    KeyRejected,
    NewConnector,
    Secret,
    SharePointConfig,
    Transport,
    UnexpectedAnswer,
)
from connectors_app.bigdata.call import Call

from .conftest import BASE, CONNECTOR, CONNECTORS, ID, KEY, PASSWORD


def test_list_returns_every_connector_once(upstream, client, connector_json):
    other = connector_json | {"connector_id": str(uuid4())}
    upstream.get(CONNECTORS, json={"results": [connector_json, other, connector_json], "total": 3})
    assert len(client.list_connectors()) == 2


@pytest.mark.parametrize("body", [{}, [], {"results": None}, {"results": {}}, {"results": [{}]}, None, "x", 1])
def test_a_list_of_another_shape_is_refused(upstream, client, body):
    upstream.get(CONNECTORS, json=body)
    with pytest.raises(UnexpectedAnswer):
        client.list_connectors()


def test_numbers_and_lists_in_unknown_fields_survive(upstream, client, connector_json):
    upstream.get(CONNECTORS, json={"results": [connector_json | {"score": 1.5, "seen": [1, "x"]}]})
    assert client.list_connectors()[0].extra == {"score": 1.5, "seen": [1, "x"]}


def test_a_payload_that_is_no_json_is_our_own_mistake():
    with pytest.raises(TypeError, match="set"):
        Call("POST", "/", "/", Secret(KEY), payload={"x": {1}}).body()


def test_one_malformed_connector_refuses_the_whole_list(upstream, client, connector_json):
    upstream.get(CONNECTORS, json={"results": [connector_json, connector_json | {"label": None}]})
    with pytest.raises(UnexpectedAnswer):
        client.list_connectors()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>ok</html>",
        '{"results": [',
        '{"results": [], "x": NaN}',
        '{"x": 1e999}',
        "[" * 100_000,
        b"\xff\xfe\xff",
    ],
)
def test_a_2xx_that_is_no_json_is_refused(upstream, client, body):
    upstream.get(CONNECTORS, body=body)
    with pytest.raises(UnexpectedAnswer) as caught:
        client.list_connectors()
    assert caught.value.__context__ is None


def test_get_asks_for_one_connector_with_the_key_in_its_header(upstream, client, connector_json):
    upstream.get(
        CONNECTOR, json=connector_json, match=[header_matcher({"X-API-KEY": KEY, "Accept-Encoding": "gzip"})]
    )
    assert client.get_connector(ID).label == "Broker Research"


def test_another_connector_than_asked_for_is_refused(upstream, client, connector_json):
    upstream.get(CONNECTOR, json=connector_json | {"connector_id": str(uuid4())})
    with pytest.raises(UnexpectedAnswer):
        client.get_connector(ID)


def test_an_id_that_is_no_uuid_never_reaches_a_url(upstream, client):
    with pytest.raises(ValueError, match="hexadecimal UUID"):
        client.get_connector("../documents")
    assert len(upstream.calls) == 0


@pytest.mark.parametrize("status", [200, 201, 202])
def test_create_sends_an_inbox_and_returns_its_address(upstream, client, connector_json, inbox, status):
    body = {"type": "email", "label": "Inbox", "description": "Daily", "share_with_org": True}
    body["config"] = {"allowed_emails": ["a@example.com"]}
    upstream.post(CONNECTORS, json=connector_json, status=status, match=[json_params_matcher(body)])
    assert client.create_connector(inbox).config["email"] == "a1b2@bigdata.com"


def test_create_sends_broker_credentials(upstream, client, connector_json, broker):
    upstream.post(CONNECTORS, json=connector_json | {"type": "investment_research", "config": {"user_id": "jane"}})
    client.create_connector(broker)
    sent = json.loads(upstream.calls[0].request.body)
    assert sent["type"] == "investment_research"
    assert sent["config"] == {"user_id": "jane", "user_password": PASSWORD}


def test_create_sends_a_sharepoint_session(upstream, client, connector_json):
    upstream.post(CONNECTORS, json=connector_json | {"type": "sharepoint", "config": {}})
    client.create_connector(NewConnector("Docs", "", False, SharePointConfig(Secret("s-1"))))
    assert json.loads(upstream.calls[0].request.body)["config"] == {"session_id": "s-1"}


def test_a_created_connector_that_echoes_the_password_is_read_without_it(upstream, client, connector_json, broker):
    echo = {
        "config": {"user_id": "jane", "note": f"pw {PASSWORD}"},
        "raw": [PASSWORD, 1],
        "last_sync_error_msg": f"bad {PASSWORD}",
    }
    upstream.post(CONNECTORS, json=connector_json | echo)
    connector = client.create_connector(broker)
    assert PASSWORD not in repr(connector)
    assert connector.config == {"user_id": "jane", "note": "pw •••"}


def test_update_replaces_every_field_and_the_senders(upstream, client, connector_json):
    body = {
        "label": "L",
        "description": "",
        "share_with_org": False,
        "config": {"allowed_emails": ["b@example.com"]},
    }
    upstream.put(CONNECTOR, json=connector_json, match=[json_params_matcher(body)])
    assert (
        client.update_connector(ID, ConnectorChanges("L", "", False, EmailConfig(("b@example.com",)))).connector_id
        == ID
    )


def test_update_without_senders_sends_no_config(upstream, client, connector_json):
    body = {"label": "L", "description": "d", "share_with_org": True}
    upstream.put(CONNECTOR, json=connector_json, match=[json_params_matcher(body)])
    client.update_connector(ID, ConnectorChanges("L", "d", True))


def test_archive_deletes_without_force(upstream, client, connector_json):
    upstream.delete(CONNECTOR, json=connector_json | {"archived": True}, match=[query_param_matcher({})])
    assert client.archive_connector(ID).archived


@pytest.mark.parametrize("body", ["", "null", '{"status": "accepted"}', "deleting"])
def test_delete_for_good_takes_any_2xx(upstream, client, body):
    upstream.delete(CONNECTOR, body=body, status=202, match=[query_param_matcher({"force_delete": "true"})])
    assert client.delete_connector(ID) is None


def test_delete_for_good_returns_the_connector_if_there_is_one(upstream, client, connector_json):
    upstream.delete(CONNECTOR, json=connector_json)
    assert client.delete_connector(ID).connector_id == ID


def test_a_broker_sync_sends_its_date(upstream, client):
    answer = {"connector_id": str(ID), "status": "accepted", "date_limit": "2026-01-01"}
    upstream.post(f"{CONNECTOR}/sync", json=answer, match=[json_params_matcher({"date_limit": "2026-01-01"})])
    assert client.trigger_sync(ID, date(2026, 1, 1)).date_limit == date(2026, 1, 1)


def test_a_sharepoint_sync_sends_an_empty_object(upstream, client):
    answer = {"connector_id": str(ID), "status": "accepted"}
    upstream.post(f"{CONNECTOR}/sync", json=answer, status=202, match=[json_params_matcher({})])
    assert client.trigger_sync(ID).date_limit is None


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "accepted"},
        {"connector_id": str(uuid4()), "status": "x"},
        {"connector_id": str(ID), "status": "x", "date_limit": "soon"},
    ],
)
def test_a_sync_answer_of_another_shape_is_refused(upstream, client, answer):
    upstream.post(f"{CONNECTOR}/sync", json=answer)
    with pytest.raises(UnexpectedAnswer):
        client.trigger_sync(ID)


@pytest.mark.parametrize(
    ("header", "expected"), [({"X-Sandbox": "true"}, True), ({"X-Sandbox": "no"}, False), ({}, False)]
)
def test_the_client_tells_whether_a_sandbox_answered(upstream, client, header, expected):
    assert client.answered_by_sandbox is None
    upstream.get(CONNECTORS, json={}, status=401, headers=header)
    with pytest.raises(KeyRejected):
        client.list_connectors()
    assert client.answered_by_sandbox is expected


@pytest.mark.parametrize("key", ["", " ", "a b", "a\nX-Other: b", "schlüssel", "a\x00"])
def test_a_key_that_no_header_can_carry_is_not_sent(upstream, key):
    with pytest.raises(KeyRejected) as caught:
        BigdataClient(Secret(key), Transport(BASE)).list_connectors()
    assert not key or key.strip() == "" or key not in str(caught.value)
    assert len(upstream.calls) == 0


@pytest.mark.parametrize("base", [BASE, BASE + "/", BASE + "///", f" {BASE} "])
def test_a_base_url_may_end_in_slashes(upstream, base):
    upstream.get(CONNECTORS, json={"results": []})
    assert BigdataClient(Secret(KEY), Transport(base)).list_connectors() == []


@pytest.mark.parametrize(
    "base", ["", "api.bigdata.com", "ftp://a", "https://", "https://u:p@a", "https://a?x=1", "https://a#x"]
)
def test_a_base_url_that_is_none_is_refused(base):
    with pytest.raises(ValueError, match="base URL"):
        Transport(base)
