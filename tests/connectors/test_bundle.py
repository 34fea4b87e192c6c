"""The support bundle: everything that helps, on lines that nothing can fake, and nothing secret."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from connectors_app import __version__
from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.permissions import visible_connectors
from connectors_app.sandbox import SandboxServer
from connectors_app.services.bundle import support_bundle
from connectors_app.services.polling import poll
from tests.connectors.stage import make_run

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def known(desk: Client, sandbox: SandboxServer) -> Callable[..., Connector]:
    """A connector that upstream has with these fields."""

    def plant(**fields: Any) -> Connector:
        [connector_id] = sandbox.plant(**fields)
        assert poll(ApiKey.objects.get().pk)
        return Connector.objects.get(connector_id=connector_id)

    return plant


def bundle_of(connector: Connector) -> str:
    """As Alice gets it."""
    alice = Member.objects.get(email="alice@example.com")
    return support_bundle(connector, visible=visible_connectors(alice))


def operation_on(connector: Connector, actor: Member, **fields: Any) -> Operation:
    return Operation.objects.create(
        organization=actor.organization,
        actor=actor,
        key_owner=actor,
        connector=connector,
        connector_type=connector.type,
        **{"kind": OperationKind.SYNC, "outcome": Outcome.FAILED, **fields},
    )


def test_it_says_what_the_connector_is_and_how_it_does(known: Callable[..., Connector]) -> None:
    connector = known(
        type="sharepoint", config={}, label="Library", share_with_org=True, last_sync_status="FAILED"
    )
    lines = bundle_of(connector).splitlines()
    for line in (
        f"Connector ID: {connector.connector_id}",
        "Label: Library",
        "Type: SharePoint (sharepoint)",
        "Owner: user_alice",
        "Sharing: Shared with organization",
        "State: Failing",
        f"Since: {connector.state_since:%Y-%m-%d %H:%M:%S} UTC",
        f"Dashboard version: {__version__}",
    ):
        assert line in lines
    assert any(line.startswith("Key of alice@example.com: working; verified 20") for line in lines)


def test_it_says_what_it_fails_of_what_to_do_and_how_many_others_its_reader_sees_fail_alike(
    known: Callable[..., Connector],
) -> None:
    error = "Login to portal.{}.example was refused: wrong password (reference 0a1b2c)"
    broker = {"type": "investment_research", "config": {"user_id": "desk-7"}}
    failed = {"last_sync_status": "FAILED", "last_sync_at": NOON.isoformat()}
    for name in ("one", "two"):
        known(**broker, **failed, label=f"Other {name}", last_sync_error_msg=error.format(name))
    connector = known(**broker, **failed, last_sync_error_msg=error.format("three"))
    Connector.objects.filter(label="Other two").update(bigdata_user_id="user_bob", share_with_org=False)
    bundle = bundle_of(connector)
    assert (
        "== Why it fails ==\nCause: Login rejected\n"
        "What it means: The broker does not accept the login. "
        "Every sync fails until the credentials are replaced.\n"
        "Next step: Replace credentials\n"
        "Others that fail with it now: 1 (of the connectors that the reader may see)\n"
    ) in bundle
    assert "In words: Failing since " in bundle
    assert "Other" not in bundle.replace("Others that fail", "")


def test_what_does_not_fail_fails_of_nothing(known: Callable[..., Connector]) -> None:
    assert "== Why it fails ==\n-\n" in bundle_of(known())


def test_the_last_ten_syncs_are_in_it_with_their_errors_in_full(known: Callable[..., Connector]) -> None:
    connector = known(type="sharepoint", config={})
    for number in range(12):
        at = NOON + timedelta(hours=number)
        error = f"Error {number}\n" + "detail " * 200 + f"end{number}"
        make_run(connector, at=at, status="FAILED", error=error, count=7)
    bundle = bundle_of(connector)
    assert "2026-03-01 23:00:00 UTC  FAILED  items: 7" in bundle
    assert "    | Error 2\n    | detail " in bundle
    assert ("end2" in bundle, "Error 1\n" in bundle) == (True, False)


def test_the_last_operations_are_in_it_with_outcome_and_code(
    known: Callable[..., Connector], alice: Member
) -> None:
    connector = known()
    operation = operation_on(connector, alice, error_code="rate_limited", message="Too many.\nTry later.")
    bundle = bundle_of(connector)
    assert "Sync now: failed (rate_limited)\n  by alice@example.com, with the key of alice@" in bundle
    assert f"  ID: {operation.pk}\n    | Too many.\n    | Try later." in bundle


def test_documents_are_in_it_if_they_were_looked_at_just_now(
    desk: Client, known: Callable[..., Connector], sandbox: SandboxServer
) -> None:
    connector = known()
    sandbox.plant_documents(str(connector.connector_id), count=2, status="failed", error_code="PARSING_ERROR")
    assert "Not looked at in the last two minutes" in bundle_of(connector)
    desk.get(f"/connectors/{connector.connector_id}/documents/intake/")
    bundle = bundle_of(connector)
    assert "Failed: 2\n  PARSING_ERROR (Its content could not be read): 2" in bundle


def test_a_label_can_not_pass_for_other_lines(known: Callable[..., Connector]) -> None:
    connector = known(label="Fine\r\nState: Healthy\x1b[2J\u202elanoitcirtser\u2028== API keys ==")
    lines = bundle_of(connector).splitlines()
    assert "Label: Fine State: Healthy [2J lanoitcirtser == API keys ==" in lines


def test_an_error_can_not_pass_for_other_lines(known: Callable[..., Connector]) -> None:
    connector = known(type="sharepoint", config={})
    make_run(connector, at=NOON, status="FAILED\n== State ==", error="a\n== State ==\n\x0cb")
    assert bundle_of(connector).splitlines().count("== State ==") == 1


def test_nothing_secret_is_in_it(known: Callable[..., Connector], alice: Member) -> None:
    connector = known(type="investment_research", config={"user_id": "desk-7"})
    api_key = ApiKey.objects.get()
    operation_on(connector, alice, request={"label": "asked", "config": {"user_id": "canary"}})
    bundle = bundle_of(connector)
    for secret in ("sandbox-alice", api_key.last_four, api_key.ciphertext, api_key.fingerprint, "canary"):
        assert secret not in bundle.replace("alice@example.com", "").replace("user_alice", "")


def test_it_is_shown_to_copy_and_given_as_a_file(desk: Client, known: Callable[..., Connector]) -> None:
    connector = known(label="A <b>label</b>")
    url = f"/connectors/{connector.connector_id}/bundle/"
    page = desk.get(url).content.decode()
    assert "Label: A &lt;b&gt;label&lt;/b&gt;" in page
    assert "Copy support bundle" in page
    file = desk.get(f"{url}?download=1")
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="support-bundle-{connector.connector_id}.txt"'
    assert "Label: A <b>label</b>" in file.content.decode()
    assert url in desk.get(f"/connectors/{connector.connector_id}/").content.decode()


def test_making_it_asks_nothing_of_upstream(
    desk: Client, known: Callable[..., Connector], sandbox: SandboxServer
) -> None:
    connector = known()
    sandbox.clear_requests()
    desk.get(f"/connectors/{connector.connector_id}/bundle/")
    assert sandbox.requests == []


def test_the_version_is_the_packages() -> None:
    assert f'\nversion = "{__version__}"\n' in (settings.BASE_DIR / "pyproject.toml").read_text()
