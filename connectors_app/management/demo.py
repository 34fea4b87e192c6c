"""What the demo shows: connectors in every state, put into the sandbox over HTTP as they would be by now."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils import timezone

from connectors_app.bigdata.client import CONNECTORS as CONNECTORS_PATH
from connectors_app.management.demo_history import BETWEEN, DAYS, PastSync, add_history, past_syncs, portal
from connectors_app.models import Connector, Organization

_BETWEEN_MAILS = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Demo:
    """A connector of the demo.

    `files`: how many documents it has; `age`: days since it was created. Of those that sync, `synced`: hours since
    the last sync; `error`: its message; `failing`: how many syncs in a row failed. Of inboxes, `last_mail`: days
    since the last mail.
    """

    owner: str
    type: str
    label: str
    config: dict[str, Any]
    shared: bool = True
    files: int = 0
    age: int = DAYS
    synced: float | None = None
    error: str = ""
    failing: int = 0
    last_mail: int = 0
    archived: bool = False


_REFUSED = "Login to portal.{} was refused: wrong user name or password (reference {})"
_ENDED = (
    "The SharePoint session ended at {ended:%Y-%m-%dT%H:%M:%SZ}: sign in again to get a new one "
    "(correlation 6d0f4c1e-52b7-4c5e-9a83-1b7e20c94f35)"
)


def _from(*senders: str) -> dict[str, Any]:
    return {"allowed_emails": list(senders)}


CONNECTORS = (
    Demo("alice", "email", "Equity research, Europe", _from("research@northbank.example"), files=42),
    Demo("alice", "email", "Conference invitations", _from("events@summit.example"), shared=False, age=4),
    Demo(
        *("alice", "investment_research", "Harbour Securities daily", {"user_id": "alice.k"}),
        synced=3,
        files=284,
    ),
    Demo("alice", "investment_research", "Ostrava Capital", {"user_id": "ak"}, synced=5, files=168),
    Demo(
        *("bob", "email", "Macro newsletters", _from("macro@desk.example", "fx@desk.example")),
        files=17,
        last_mail=21,
    ),
    Demo(
        *("bob", "investment_research", "Meridian credit notes", {"user_id": "bob.m"}),
        synced=7,
        error=_REFUSED.format("meridian.example", "4f1c22ab"),
        failing=6,
        files=122,
    ),
    Demo(
        *("bob", "investment_research", "Lindqvist & Partners", {"user_id": "bm-2"}),
        synced=9,
        error=_REFUSED.format("lindqvist.example", "90ab17ce"),
        failing=2,
        files=75,
    ),
    Demo(
        *("bob", "investment_research", "Northbank rates", {"user_id": "bob"}),
        shared=False,
        synced=24 * 9,
        files=194,
    ),
    Demo("adam", "sharepoint", "Deal documents", {}, synced=2, files=440),
    Demo(
        *("adam", "sharepoint", "Compliance archive", {}),
        shared=False,
        synced=30,
        error=_ENDED,
        failing=3,
        files=236,
    ),
    Demo("adam", "sharepoint", "Old deal room", {}, synced=24 * 40, files=80, archived=True),
)


def plant(url: str) -> None:
    """Put the connectors into the sandbox, unless its state, which may outlive the database, holds them."""
    known = requests.get(f"{url}{CONNECTORS_PATH}", headers={"X-API-KEY": "sandbox-adam"}, timeout=10)
    if not known.ok or known.json()["results"]:
        return
    now = timezone.now()
    for demo in CONNECTORS:
        syncs = _syncs(demo, now)
        answer = requests.post(f"{url}/__sandbox__/connectors", json=_body(demo, syncs, now), timeout=10)
        [connector_id] = answer.json()["connector_ids"]
        if documents := _mails(demo, now) if demo.type == "email" else _reports(demo, syncs):
            address = f"{url}/__sandbox__/connectors/{connector_id}/documents"
            requests.post(address, json={"documents": documents}, timeout=10)


def add_histories(organization: Organization) -> None:
    """Give every connector a past."""
    failing = {demo.label: demo.failing for demo in CONNECTORS}
    for connector in Connector.objects.filter(organization=organization):
        add_history(connector, failing=failing.get(connector.label, 0))


def _syncs(demo: Demo, now: datetime) -> list[PastSync]:
    if demo.synced is None:
        return []
    last_at = now - timedelta(hours=demo.synced)
    failing_since = last_at - BETWEEN * (demo.failing - 1)
    return past_syncs(
        demo.label,
        host=portal(demo.label, demo.type),
        began=now - timedelta(days=demo.age),
        last_at=last_at,
        last_count=0 if demo.error else 4,
        files=demo.files,
        failing=demo.failing,
        error=demo.error.format(ended=failing_since - timedelta(minutes=40)),
    )


def _body(demo: Demo, syncs: list[PastSync], now: datetime) -> dict[str, Any]:
    began = now - timedelta(days=demo.age)
    last = syncs[0] if syncs else None
    body = {
        "user_id": f"user_{demo.owner}",
        "type": demo.type,
        "label": demo.label,
        "share_with_org": demo.shared,
        "archived": demo.archived,
        "created_at": began.isoformat(),
        # What is archived was so soon after its last sync.
        "updated_at": (last.at + timedelta(days=1) if last and demo.archived else began).isoformat(),
        "config": demo.config | (_inbox(demo.label) if demo.type == "email" else {}),
        # Each document is counted as it is added.
        "files_count": 0,
        # Those in trouble do not get well by themselves, nor when they are asked to sync.
        "alive": demo.synced is not None and demo.synced < 6,
        "trouble": last.error if last else "",
    }
    return body | (_told(last) if last else {})


def _told(last: PastSync) -> dict[str, Any]:
    return {
        "last_sync_at": last.at.isoformat(),
        "last_sync_status": "FAILED" if last.error else "SUCCESS",
        "last_sync_error_msg": last.error or None,
        "last_sync_count": last.count,
    }


def _inbox(label: str) -> dict[str, str]:
    email_hash = hashlib.sha256(label.encode()).hexdigest()[:12]
    return {"email_hash": email_hash, "email": f"{email_hash}@bigdata.com"}


def _mails(demo: Demo, now: datetime) -> list[dict[str, Any]]:
    last_at = now - timedelta(days=demo.last_mail, hours=4)
    senders = demo.config["allowed_emails"]
    return [
        {
            "created_at": (last_at - _BETWEEN_MAILS * number).isoformat(),
            "file_name": f"{demo.label} {demo.files - number}.eml",
            "content_type": "message/rfc822",
            "tags": [f"from:{senders[number % len(senders)]}", f"to:{_inbox(demo.label)['email']}"],
        }
        for number in range(demo.files)
    ]


def _reports(demo: Demo, syncs: list[PastSync]) -> list[dict[str, Any]]:
    arrived = [sync.at for sync in reversed(syncs) for _ in range(sync.count)]
    return [_report(demo.label, at, number) for number, at in enumerate(arrived, 1)]


def _report(label: str, at: datetime, number: int) -> dict[str, Any]:
    published = at - timedelta(hours=2 + number % 9)
    return {
        "created_at": at.isoformat(),
        "published_at": published.isoformat(),
        "file_name": f"{label} {published:%Y-%m-%d} {number}.pdf",
        "raw_size": 180_000 + number * 37_000 % 900_000,
    }
