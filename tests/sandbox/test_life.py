"""What happens by itself, and what must not."""

from pathlib import Path

from connectors_app.sandbox import SandboxServer

from .conftest import Api


def later(api: Api, seconds: float, steps: int = 1) -> None:
    for _ in range(steps):
        api.server.advance(seconds)
        api.connectors()


def test_a_new_connector_comes_to_life(lively: SandboxServer) -> None:
    api = Api(lively)
    broker, inbox = (api.create(kind)["connector_id"] for kind in ("investment_research", "email"))
    later(api, 20)
    assert api.get(broker)["last_sync_status"] == "SUCCESS"
    assert api.get(inbox)["files_count"] == len(api.documents(connector=inbox)) == 1
    tags = [tag["name"] for tag in api.documents(connector=inbox)[0]["tags"]]
    assert tags[1] == "to:" + api.get(inbox)["config"]["email"]


def test_mail_is_pending_at_first_and_settled_in_the_end(lively: SandboxServer) -> None:
    api = Api(lively)
    inbox = api.create()["connector_id"]
    later(api, 600, steps=60)
    states = {document["status"] for document in api.documents(connector=inbox, page_size=100)[5:]}
    assert states == {"completed", "failed"}
    for document in api.documents(connector=inbox, page_size=100):
        assert document["updated_at"] >= document["created_at"]
        assert (document["error_code"] is not None) == (document["status"] == "failed")


def test_some_syncs_fail_with_a_reason(lively: SandboxServer) -> None:
    api = Api(lively)
    for _ in range(20):
        api.create("investment_research")
    later(api, 1800, steps=10)
    failed = [c for c in api.connectors() if c["last_sync_status"] == "FAILED"]
    assert 0 < len(failed) < 20
    assert all(c["last_sync_error_msg"] and c["last_sync_count"] == 0 for c in failed)


def test_a_long_pause_makes_no_flood(lively: SandboxServer) -> None:
    api = Api(lively)
    broker, inbox = (api.create(kind)["connector_id"] for kind in ("investment_research", "email"))
    later(api, 30)
    before = len(api.documents(connector=inbox))
    later(api, 30 * 86400)
    assert 0 < len(api.documents(connector=inbox, page_size=100)) - before <= 8
    last_sync = api.get(broker)["last_sync_at"]
    assert last_sync[:10] > api.get(broker)["created_at"][:10]


def test_in_a_quiet_sandbox_nothing_happens_unasked(alice: Api) -> None:
    for kind in ("email", "investment_research", "sharepoint"):
        alice.create(kind)
    before = alice.connectors()
    later(alice, 86400)
    assert alice.connectors() == before
    assert alice.documents() == []


def test_a_sandbox_that_is_made_quiet_stays_quiet(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    with SandboxServer(state, activity="lively") as server:
        Api(server).create()
    with SandboxServer(state, activity="quiet") as server:
        later(Api(server), 86400)
        assert Api(server).documents() == []


def test_the_same_connector_has_the_same_fate(lively: SandboxServer) -> None:
    api = Api(lively)
    seen = []
    for _ in range(2):
        lively.reset()
        lively.plant(type="sharepoint", connector_id="019a9612-bfad-758c-884e-37dd8c6ad2cb", alive=True)
        later(api, 2000, steps=20)
        connector = api.connectors()[0]
        seen.append((connector["last_sync_status"], connector["last_sync_error_msg"], connector["files_count"]))
    assert seen[0] == seen[1]
