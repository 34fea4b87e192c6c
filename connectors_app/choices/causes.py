"""Why syncs fail, as far as a message tells, and what mends it.

`last_sync_error_msg` is free text (contract, quirk 8): what tells a cause in it stands here. The first cause in
order whose pattern is found is the one; where none is, it is `unknown`.
"""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class Help:
    """What a cause means, and the one most useful thing to do about it.

    `pattern`: what a message of it holds, in small letters. `action`: the button's words; `target`: the name of a
    page of the connector, or an address with a colon.
    """

    icon: str
    pattern: str
    explanation: str
    action: str
    target: str


class Cause(models.TextChoices):
    """What a sync failed of."""

    SESSION = "session", "Session expired"
    CREDENTIALS = "credentials", "Login rejected"
    RATE_LIMITED = "rate_limited", "Rate limited"
    ACCESS_DENIED = "access_denied", "Access denied"
    NOT_FOUND = "not_found", "Not found"
    UPSTREAM_DOWN = "upstream_down", "Source not reachable"
    UNKNOWN = "unknown", "Other error"

    @property
    def help(self) -> Help:
        return _HELP[self]


_HELP = {
    Cause.CREDENTIALS: Help(
        "key-off",
        r"(wrong|invalid|incorrect|bad) (user|login|password|credential)"
        r"|(login|authentication|password|credentials?)\b.{0,60}\b(refused|rejected|failed|expired|not accepted)"
        r"|account.{0,20}\blocked|unauthori[sz]ed|http 401",
        "The broker does not accept the login. Every sync fails until the credentials are replaced.",
        "Replace credentials",
        "connector_replace",
    ),
    Cause.SESSION: Help(
        "clock-pause",
        r"session\b.{0,30}\b(expired|ended|ran out|invalid|no longer)|(expired|invalid) session"
        r"|token.{0,20}expired",
        "The SharePoint session has run out. Only Bigdata.com can set up a new one.",
        "Ask for a new session",
        "mailto:support@bigdata.com",
    ),
    Cause.RATE_LIMITED: Help(
        "hourglass",
        r"http 429|too many requests|rate.?limit|throttl|quota",
        "The source was asked too often and wants a pause. A later sync usually succeeds.",
        "Sync now",
        "connector_sync",
    ),
    Cause.ACCESS_DENIED: Help(
        "lock",
        r"access\b.{0,120}\bdenied|denied access|forbidden|http 403|permission|not authori[sz]ed",
        "The login works, but may not read this. Whoever runs the source has to allow it.",
        "Sync now",
        "connector_sync",
    ),
    Cause.NOT_FOUND: Help(
        "ghost",
        r"not found|http 404|no such|does ?n[o']t exist|does not exist|was (deleted|removed|moved)",
        "What the connector reads from is not there any more, or was moved.",
        "See the connector",
        "connector_detail",
    ),
    Cause.UPSTREAM_DOWN: Help(
        "world",
        r"timed? ?out|unreachable|http 50[0234]|unavailable|bad gateway|connection (was )?(refused|reset|closed)"
        r"|(could not|cannot|can't) (connect|reach)|name resolution",
        "The source did not answer. This often passes by itself; ask for a sync once it is back.",
        "Sync now",
        "connector_sync",
    ),
    Cause.UNKNOWN: Help(
        "alert-triangle",
        r"(?!)",
        "The dashboard does not know this message, so it is shown as Bigdata.com gave it.",
        "Copy support bundle",
        "connector_bundle",
    ),
}
