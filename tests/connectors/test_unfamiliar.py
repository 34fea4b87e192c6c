"""What upstream sends that nobody told us of: shown as it came. What could be script: inert."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connectors_app.models import ApiKey, Connector
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll

from .stage import text_of

SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="alert(3)\' {{ 7|add:7 }}'


@pytest.fixture
def pages(desk: Client, sandbox: SandboxServer) -> Callable[..., list[Any]]:
    """List and detail page of a connector that upstream has with these fields."""

    def plant_and_look(**fields: Any) -> list[Any]:
        [connector_id] = sandbox.plant(**fields)
        assert poll(ApiKey.objects.get().pk)
        return [desk.get("/connectors/"), desk.get(f"/connectors/{connector_id}/")]

    return plant_and_look


def test_an_unknown_type_is_shown_as_it_came(pages: Callable[..., list[Any]]) -> None:
    for page in pages(type="carrier_pigeon", config={"loft": "North tower", "birds": 12}):
        assert page.status_code == 200
        assert "carrier_pigeon" in text_of(page)
    assert "loft North tower birds 12" in text_of(page)


def test_an_unknown_status_is_shown_as_it_came_and_is_no_failure(pages: Callable[..., list[Any]]) -> None:
    for page in pages(type="sharepoint", last_sync_status="PARTIALLY_DONE", last_sync_at="2026-04-07T09:36:34Z"):
        assert "PARTIALLY_DONE" in text_of(page)
        assert 'data-state="healthy"' in page.content.decode()


def test_an_unknown_status_with_an_error_is_a_failure(pages: Callable[..., list[Any]]) -> None:
    for page in pages(type="sharepoint", last_sync_status="HALTED", last_sync_error_msg="Disk full"):
        assert 'data-state="failing"' in page.content.decode()
        assert "HALTED" in text_of(page)
        assert "Disk full" in text_of(page)


@pytest.mark.parametrize(("status", "outcome"), [("SUCCESS", "Outcome Succeeded"), ("FAILED", "Outcome Failed")])
def test_a_plain_status_is_a_word_on_the_page_and_needs_no_mention_in_the_list(
    pages: Callable[..., list[Any]], status: str, outcome: str
) -> None:
    listed, detail = pages(type="sharepoint", last_sync_status=status, last_sync_at="2026-04-07T09:36:34Z")[:2]
    assert status not in text_of(listed)
    assert outcome in text_of(detail)


def test_unknown_fields_are_shown_on_the_connectors_page(pages: Callable[..., list[Any]]) -> None:
    detail = pages(region="eu-west-1", quota={"used": 3})[1]
    assert "region eu-west-1" in text_of(detail)
    assert "quota {'used': 3}" in text_of(detail)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"files_count": None, "last_sync_at": None, "last_sync_status": None, "description": None},
        {"config": None},
        {"config": {"allowed_emails": "not a list", "email": 5}},
        {"type": "investment_research", "config": {"user_id": ["x"]}},
        {"type": ""},
        {"label": ""},
        {"label": "\0\0"},
    ],
)
def test_what_is_missing_or_odd_leaves_a_page(pages: Callable[..., list[Any]], fields: dict[str, Any]) -> None:
    assert [page.status_code for page in pages(**fields)] == [200, 200]


@pytest.mark.parametrize(
    "fields",
    [
        {"label": SCRIPT},
        {"description": SCRIPT},
        {"type": SCRIPT},
        {"last_sync_status": SCRIPT, "last_sync_error_msg": SCRIPT},
        {"user_id": SCRIPT, "org_id": SCRIPT, "share_with_org": True},
        {"config": {"allowed_emails": [SCRIPT], "email": SCRIPT, "email_hash": SCRIPT, SCRIPT: SCRIPT}},
        {SCRIPT: SCRIPT},
    ],
)
def test_script_from_upstream_is_only_text(
    pages: Callable[..., list[Any]], desk: Client, sandbox: SandboxServer, fields: dict[str, Any]
) -> None:
    if "user_id" in fields:
        sandbox.add_key("sandbox-script", SCRIPT)
        fields |= {"org_id": "org_id_001"}
    shown = pages(**fields)
    shown += [desk.get(f"/connectors/{Connector.objects.get().connector_id}/created/", follow=True), desk.get("/")]
    for page in shown:
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert '" onmouseover="' not in html
    assert SCRIPT[:40] in text_of(shown[1])
