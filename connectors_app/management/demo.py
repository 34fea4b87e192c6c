"""What the demo shows: connectors in every state, put into the sandbox over HTTP as they would be by now."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils import timezone

from connectors_app.bigdata.client import CONNECTORS as CONNECTORS_PATH
from connectors_app.management.demo_history import DAYS, add_history
from connectors_app.models import Connector, Organization


@dataclass(frozen=True, slots=True)
class Demo:
    """A connector of the demo.

    `synced`: hours since its last sync (None: never, as inboxes are); `error`: its message; `failing`: how many
    syncs in a row failed; `documents`: how many the sandbox lists, and how many days ago the last came.
    """

    owner: str
    type: str
    label: str
    config: dict[str, Any]
    shared: bool = True
    synced: float | None = None
    error: str = ""
    failing: int = 0
    files: int | None = None
    archived: bool = False
    documents: tuple[int, int] = (0, 0)


_REFUSED = "Login to portal.{} was refused: wrong user name or password (reference {})"
_ENDED = "The SharePoint session ended at 2026-11-20T06:12:44Z: sign in again to get a new one"


def _from(*senders: str) -> dict[str, Any]:
    return {"allowed_emails": list(senders)}


CONNECTORS = (
    Demo("alice", "email", "Equity research, Europe", _from("research@northbank.example"), documents=(42, 0)),
    Demo("alice", "email", "Conference invitations", _from("events@summit.example"), shared=False),
    Demo(
        "alice",
        "investment_research",
        "Harbour Securities daily",
        {"user_id": "alice.k"},
        synced=3,
        files=1840,
        documents=(60, 0),
    ),
    Demo(
        "alice",
        "investment_research",
        "Ostrava Capital",
        {"user_id": "ak"},
        synced=5,
        files=610,
        documents=(24, 1),
    ),
    Demo("bob", "email", "Macro newsletters", _from("macro@desk.example", "fx@desk.example"), documents=(17, 21)),
    Demo(
        *("bob", "investment_research", "Meridian credit notes", {"user_id": "bob.m"}),
        synced=7,
        error=_REFUSED.format("meridian.example", "4f1c22ab"),
        failing=6,
        files=322,
        documents=(18, 7),
    ),
    Demo(
        *("bob", "investment_research", "Lindqvist & Partners", {"user_id": "bm-2"}),
        synced=9,
        error=_REFUSED.format("lindqvist.example", "90ab17ce"),
        failing=2,
        files=75,
        documents=(12, 3),
    ),
    Demo(
        *("bob", "investment_research", "Northbank rates", {"user_id": "bob"}),
        shared=False,
        synced=24 * 9,
        files=940,
        documents=(30, 9),
    ),
    Demo("adam", "sharepoint", "Deal documents", {}, synced=2, files=3200, documents=(60, 0)),
    Demo(
        "adam",
        "sharepoint",
        "Compliance archive",
        {},
        shared=False,
        synced=30,
        error=_ENDED,
        failing=3,
        files=12_400,
        documents=(40, 4),
    ),
    Demo("adam", "sharepoint", "Old deal room", {}, synced=24 * 40, files=800, archived=True, documents=(20, 40)),
)


def plant(url: str) -> None:
    """Put the connectors into the sandbox, unless its state, which may outlive the database, holds them."""
    known = requests.get(f"{url}{CONNECTORS_PATH}", headers={"X-API-KEY": "sandbox-adam"}, timeout=10)
    if not known.ok or known.json()["results"]:
        return
    for demo in CONNECTORS:
        answer = requests.post(f"{url}/__sandbox__/connectors", json=_body(demo), timeout=10)
        [connector_id] = answer.json()["connector_ids"]
        count, days = demo.documents
        for number in range(count):
            at = timezone.now() - timedelta(days=days, hours=3 * number + 4)
            document = _mail(demo, at, number) if demo.type == "email" else _report(demo, at, number)
            requests.post(f"{url}/__sandbox__/connectors/{connector_id}/documents", json=document, timeout=10)


def add_histories(organization: Organization) -> None:
    """Give every connector that syncs a past."""
    failing = {demo.label: demo.failing for demo in CONNECTORS}
    for connector in Connector.objects.filter(organization=organization, last_sync_at__isnull=False):
        add_history(connector, now=timezone.now(), failing_syncs=failing.get(connector.label, 0))


def _body(demo: Demo) -> dict[str, Any]:
    now = timezone.now()
    began = (now - timedelta(days=DAYS + 5)).isoformat()
    synced = None if demo.synced is None else (now - timedelta(hours=demo.synced)).isoformat()
    status = "FAILED" if demo.error else "SUCCESS"
    return {
        "user_id": f"user_{demo.owner}",
        "type": demo.type,
        "label": demo.label,
        "share_with_org": demo.shared,
        "archived": demo.archived,
        "created_at": began,
        "updated_at": began,
        "config": demo.config | (_inbox(demo.label) if demo.type == "email" else {}),
        # Each document is counted as it is added.
        "files_count": None if demo.files is None else demo.files - demo.documents[0],
        "last_sync_at": synced,
        "last_sync_status": status if synced else None,
        "last_sync_error_msg": demo.error or None,
        "last_sync_count": None if synced is None else 0 if demo.error else 12,
        # Those in trouble do not get well by themselves.
        "alive": demo.synced is not None and demo.synced < 6,
    }


def _inbox(label: str) -> dict[str, str]:
    email_hash = hashlib.sha256(label.encode()).hexdigest()[:12]
    return {"email_hash": email_hash, "email": f"{email_hash}@bigdata.com"}


def _mail(demo: Demo, at: datetime, number: int) -> dict[str, Any]:
    senders = demo.config["allowed_emails"]
    return {
        "created_at": at.isoformat(),
        "file_name": f"{demo.label} {number + 1}.eml",
        "status": "completed",
        "tags": [f"from:{senders[number % len(senders)]}"],
    }


def _report(demo: Demo, at: datetime, number: int) -> dict[str, Any]:
    published = at - timedelta(hours=2 + number % 9)
    return {
        "created_at": at.isoformat(),
        "published_at": published.isoformat(),
        "file_name": f"{demo.label} {published:%Y-%m-%d} {number + 1}.pdf",
        "request_origin": demo.type,
        "content_type": "application/pdf",
        "raw_size": 180_000 + number * 37_000 % 900_000,
        "status": "completed",
    }
