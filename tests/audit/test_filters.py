"""The filters and the pages of the trail."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from connectors_app.choices import AuditAction, AuditResult
from connectors_app.models import AuditEntry, Connector, Member

from .test_page import actions, everybody_s, rows

__all__ = ["everybody_s"]
Add = Callable[..., AuditEntry]


def at(moment: datetime, add: Add, *arguments: Any, monkeypatch: pytest.MonkeyPatch) -> AuditEntry:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    entry = add(*arguments)
    monkeypatch.undo()
    return entry


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("group=keys", ["keys.added"]),
        ("action=connectors.sync", ["connectors.sync"]),
        ("result=refused", ["refusals.role"]),
        ("actor={alice}", ["connectors.sync", "keys.added"]),
        ("key_owner={alice}", ["refusals.role"]),
        ("q=ALICE%40example", ["refusals.role", "connectors.sync", "keys.added"]),
        ("q=desk", ["connectors.sync"]),
        ("q=connectors%2Fnew", ["refusals.role"]),
        ("target={connector}", ["connectors.sync"]),
        ("target=member:{alice}", ["keys.added"]),
        ("group=keys&result=failed", []),
        ("group=nothing&actor=x&result=1&from=yesterday", ["refusals.role", "connectors.sync", "keys.added"]),
        ("q=%00", ["refusals.role", "connectors.sync", "keys.added"]),
        ("actor=" + "9" * 30, ["refusals.role", "connectors.sync", "keys.added"]),
        ("from=0001-01-01&to=9999-12-31", ["refusals.role", "connectors.sync", "keys.added"]),
    ],
)
def test_filters_narrow_down_and_what_makes_no_sense_is_ignored(
    admin: Client,
    add: Add,
    adam: Member,
    alice: Member,
    make_connector: Any,
    query: str,
    wanted: list[str],
) -> None:
    connector = make_connector(alice, label="Desk mail")
    add(alice, AuditAction.KEY_ADDED, target=alice)
    add(alice, AuditAction.SYNC_ASKED, target=connector)
    page = {"target_type": "page", "target_name": "/connectors/new/"}
    add(adam, AuditAction.REFUSED_BY_ROLE, result=AuditResult.REFUSED, key_owner=alice, **page)
    text = query.format(alice=alice.pk, connector=str(connector.connector_id).upper())
    assert actions(admin, f"?{text}") == wanted


def test_another_organization_s_member_is_no_way_in(admin: Client, everybody_s: None, mallory: Member) -> None:
    assert rows(admin, f"?actor={mallory.pk}") == []


def test_days_are_the_viewer_s_and_both_included(
    admin: Client, add: Add, adam: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.cookies["timezone"] = "America/New_York"
    begin = datetime(2026, 3, 7, 5, tzinfo=UTC)  # midnight there
    moments = {AuditAction.SIGNED_IN: begin - timedelta(seconds=1), AuditAction.KEY_ADDED: begin}
    # The next day lacks an hour there: it ends 47 hours after `begin`.
    moments |= {AuditAction.KEY_REMOVED: begin + timedelta(hours=47, seconds=-1)}
    moments |= {AuditAction.SIGNED_OUT: begin + timedelta(hours=47)}
    for action, moment in moments.items():
        at(moment, add, adam, action, monkeypatch=monkeypatch)
    assert actions(admin, "?from=2026-03-07&to=2026-03-08") == ["keys.removed", "keys.added"]


def numbers(page: Any) -> list[int]:
    return [line.entry.sequence for line in page.context["lines"]]


def test_pages_show_every_entry_once_newest_first_even_at_one_moment(
    admin: Client, add: Add, adam: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(120):
        at(datetime(2026, 3, 7, tzinfo=UTC), add, adam, monkeypatch=monkeypatch)
    seen, url = [], "/audit/?action=sign_in.succeeded"
    while url:
        page = admin.get(url)
        seen += numbers(page)
        add(adam)  # what is recorded meanwhile moves nothing
        found = re.search(r'rel="next"\s+href="([^"]+)"', page.text)
        url = f"/audit/{found[1].replace('&amp;', '&')}" if found else ""
        assert "action=sign_in.succeeded" in url or not url
    assert seen == list(range(120, 0, -1))


@pytest.mark.parametrize("before", ["x", "2026-03-07T00:00:00Z", "2026-03-07_1", "0001-01-01T00:00:00+14:00_1"])
def test_a_place_that_is_none_is_the_beginning(admin: Client, add: Add, adam: Member, before: str) -> None:
    add(adam)
    assert len(rows(admin, f"?before={before.replace('+', '%2B')}")) == 1


def test_the_same_id_of_another_type_is_another_target(admin: Client, add: Add, adam: Member) -> None:
    known = str(uuid4())
    add(adam, AuditAction.BULK_ASKED, target_type="bulk", target_id=known)
    assert rows(admin, f"?target={known}") == []
    assert len(rows(admin, f"?target=bulk:{known}")) == 1
    assert not Connector.objects.exists()
