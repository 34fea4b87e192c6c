"""The running sandbox, held against the OpenAPI file by schemathesis: all its checks but those named here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.checks import CHECKS, load_all_checks

from connectors_app.sandbox import SandboxServer

load_all_checks()
(POSITIVE_DATA_ACCEPTANCE,) = CHECKS.get_by_names(["positive_data_acceptance"])
(USE_AFTER_FREE,) = CHECKS.get_by_names(["use_after_free"])

schema = schemathesis.openapi.from_path(Path(__file__).parents[2] / "docs" / "bigdata-api.openapi.yaml")
# NUL is valid in a JSON string as far as the schema tells, but is refused on purpose.
schema.config.generation.update(allow_x00=False)
# The key is ours to send; the checks of authentication take it away by themselves.
schema.config.generation.with_security_parameters = False
# A sandbox that does not answer is a failure, not a wait.
schema.config.request_timeout = 10
KEY = {"X-API-KEY": "sandbox-alice"}
TYPES = ("email", "investment_research", "sharepoint")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(activity="quiet") as server:
        yield server


@pytest.fixture(scope="module")
def ids(sandbox: SandboxServer) -> dict[str, str]:
    """One of Alice's connectors of each type."""
    return {kind: sandbox.plant("user_alice", type=kind)[0] for kind in TYPES}


def keeps_to_the_contract(operation_id: str) -> Any:
    """The test of one operation. Each has a name of its own: processes side by side tell tests apart by it."""

    @schema.include(operation_id=operation_id).parametrize()
    @settings(max_examples=40, deadline=None)
    def test(case: Any, sandbox: SandboxServer, ids: dict[str, str]) -> None:
        kind = _aim_at_a_connector(case, ids)
        case.call_and_validate(base_url=sandbox.url, headers=KEY, excluded_checks=_left_out(case, kind))

    return test


test_listing_keeps_to_the_contract = keeps_to_the_contract("listConnectors")
test_creating_keeps_to_the_contract = keeps_to_the_contract("createConnector")
test_reading_keeps_to_the_contract = keeps_to_the_contract("getConnector")
test_updating_keeps_to_the_contract = keeps_to_the_contract("updateConnector")
test_deleting_keeps_to_the_contract = keeps_to_the_contract("deleteConnector")
test_syncing_keeps_to_the_contract = keeps_to_the_contract("triggerSync")
test_listing_documents_keeps_to_the_contract = keeps_to_the_contract("listDocuments")


def test_every_operation_has_its_test_above() -> None:
    assert schema.statistic.operations.total == 7


def _aim_at_a_connector(case: Any, ids: dict[str, str]) -> str | None:
    """Put a real id in place of three in four well-formed ones, which nobody has; tell the connector's type."""
    try:
        kind = (None, *TYPES)[UUID((case.path_parameters or {})["connector_id"]).int % 4]
    except (KeyError, ValueError, AttributeError):
        return None
    if kind:
        case.path_parameters["connector_id"] = ids[kind]
    return kind


def _left_out(case: Any, kind: str | None) -> list[Any]:
    """The checks that the contract does not allow for this request.

    The schema cannot say that config suits email connectors only, nor that what a sync takes depends on the
    type: there a body that is right by the schema may be refused.
    """
    operation = case.operation.definition.raw["operationId"]
    if operation == "triggerSync" or (operation == "updateConnector" and kind != "email"):
        return [POSITIVE_DATA_ACCEPTANCE]
    return []


def test_operations_in_sequence_keep_to_the_contract(sandbox: SandboxServer) -> None:
    class Workflow(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": sandbox.url, "headers": KEY}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            # A DELETE archives: that the connector can still be read is what the contract wants.
            case.validate_response(
                response,
                headers=KEY,
                excluded_checks=[USE_AFTER_FREE, *_left_out(case, None)],
                transport_kwargs=kwargs,
            )

    Workflow.run(settings=settings(max_examples=30, stateful_step_count=6, deadline=None))
