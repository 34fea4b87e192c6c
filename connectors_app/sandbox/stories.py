"""The texts that the simulation needs: what syncs report, what mail and reports are called. All invented."""

import random
import uuid
from collections.abc import Sequence

from connectors_app.sandbox.answers import Json
from connectors_app.sandbox.clock import stamp

LOGIN_REFUSED = "Login to {host} was refused: wrong user name or password (reference {ref})"
SESSION_EXPIRED = "The SharePoint session ended at {time}: sign in again to get a new one (correlation {uuid})"
_BROKER_ERRORS = (
    LOGIN_REFUSED,
    "{host} answered HTTP 429 Too Many Requests; next attempt possible in {seconds} s (request {uuid})",
    "Timed out after {seconds} s while downloading report {number} from {host}",
    "Host {host} (10.{octet}.7.20:443) is unreachable since {time}",
    "Report {number} of {day} could not be read: the PDF file ends too early",
)
_SHAREPOINT_ERRORS = (
    SESSION_EXPIRED,
    "{tenant} answered HTTP 503 Service Unavailable for drive item {uuid}",
    "Timed out after {seconds} s while listing library /sites/research-{number}",
    "Access to /sites/research-{number}/Shared Documents was denied (correlation {uuid})",
)
_HOSTS = ("research.northbank.example", "portal.harbour-securities.example", "feeds.ostrava-capital.example")
_TENANTS = ("northbank.sharepoint.example", "harbour.sharepoint.example")
_SUBJECTS = (
    "Morning note",
    "Weekly summary report",
    "Earnings preview",
    "Rates strategy",
    "Meeting minutes",
    "Call notes",
)
_HOUSES = ("Northbank", "Harbour Securities", "Ostrava Capital", "Lindqvist & Partners")
_SECTORS = (
    "European Banks",
    "Semiconductors",
    "Oil & Gas",
    "Consumer Staples",
    "Utilities",
    "Emerging Markets FX",
)
_STRANGERS = ("newsletter@offers.example", "no-reply@calendar.example")
MAIL_ERRORS = ("UNSUPPORTED_ATTACHMENT", "PARSING_ERROR", "FILE_TOO_LARGE")


def sync_error(kind: str, at: float, rng: random.Random) -> str:
    """Why a sync of a broker or SharePoint connector failed."""
    return fill(rng.choice(_SHAREPOINT_ERRORS if kind == "sharepoint" else _BROKER_ERRORS), at, rng)


def fill(template: str, at: float, rng: random.Random) -> str:
    """An error text with hosts, ids and times (of the hours before `at`) filled in, which differ each time."""
    moment = stamp(at - rng.randrange(6 * 3600))
    return template.format(
        host=rng.choice(_HOSTS),
        tenant=rng.choice(_TENANTS),
        ref=f"{rng.getrandbits(32):08x}",
        uuid=uuid.UUID(int=rng.getrandbits(128), version=4),
        number=rng.randrange(10_000, 99_999),
        seconds=rng.choice((30, 60, 90, 120)),
        octet=rng.randrange(256),
        time=moment[:19] + "Z",
        day=moment[:10],
    )


def report(kind: str, at: float, rng: random.Random) -> Json:
    """A document that a sync took in, published within the week before."""
    published = stamp(at - rng.uniform(3600, 7 * 86400))
    name = f"{rng.choice(_HOUSES)} - {rng.choice(_SECTORS)} {published[:10]}.pdf"
    return _document(name, kind, "application/pdf", at, rng) | {"published_at": published}


def mail(inbox: str, allowed: Sequence[str], at: float, rng: random.Random) -> Json:
    """A message that arrived in an inbox, mostly from an allowed sender; others are turned away."""
    welcome = bool(allowed) and rng.random() < 0.92
    sender = rng.choice(allowed if welcome else _STRANGERS)
    document = _document(f"{rng.choice(_SUBJECTS)}.eml", "email", "message/rfc822", at, rng)
    document |= {"published_at": stamp(at), "tags": [f"from:{sender}", f"to:{inbox}"], "status": "pending"}
    return document if welcome else document | {"status": "failed", "error_code": "SENDER_NOT_ALLOWED"}


def _document(name: str, origin: str, content_type: str, at: float, rng: random.Random) -> Json:
    return {
        "id": f"{rng.getrandbits(128):032X}",
        "file_name": name,
        "request_origin": origin,
        "content_type": content_type,
        "raw_size": rng.randrange(8_000, 4_000_000),
        "created_at": stamp(at),
    }
