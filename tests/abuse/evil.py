"""A connector whose every text from upstream tries to be more than text."""

from html.parser import HTMLParser
from typing import Any

from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import ApiKey, Channel, Connector, Delivery, Incident, Member, OutsideChange
from connectors_app.permissions import may_see
from connectors_app.services import audit, polling
from connectors_app.services.alerts import upkeep
from connectors_app.services.alerts.packing import SETTLE
from tests.bulk.conftest import begin_syncs, work_off

# Out of an element, a script, a text area, a comment and an attribute; a template; a scheme that runs.
EVIL = (
    "</script></textarea></title>--><evil onevil=a>\" onevil=\"b\" ' onevil='c' {{ 7|add:7 }} {% evil %}"
    " javascript:evil() &lt;evil&gt; <!channel> *x*"
)
ERROR = f"Login was refused: wrong password {EVIL}"


def plant_evil(sandbox: Any, member: Member, **fields: Any) -> Connector:
    """The member's inbox, failing, with a document; every text of it is evil."""
    evil = {
        "type": "email",
        "label": EVIL,
        "description": EVIL,
        "config": {"allowed_emails": [EVIL], "email": EVIL, EVIL: EVIL},
        "last_sync_at": timezone.now().isoformat(),
        "last_sync_status": f"FAILED {EVIL}",
        "last_sync_error_msg": ERROR,
        EVIL: EVIL,
        "address": "javascript:evil()",
    }
    [connector_id] = sandbox.plant(f"user_{member.email.partition('@')[0]}", **(evil | fields))
    tags = [f"from:{EVIL}", f"from:evil@desk.example <evil>{EVIL}", EVIL]
    sandbox.plant_documents(
        connector_id, file_name=EVIL, content_type=EVIL, status="failed", error_code=EVIL, tags=tags
    )
    assert polling.poll(ApiKey.objects.get(member=member).pk)
    return Connector.objects.get(connector_id=connector_id)


def belongings_of(connector: Connector, member: Member, sandbox: Any) -> dict[str, Any]:
    """What becomes of it here, by the name of the parameter in addresses."""
    organization = connector.organization
    for field in ("label", "description", "config"):
        OutsideChange.objects.create(
            connector=connector, field=field, before=EVIL, after=f"{EVIL}2", seen_at=timezone.now()
        )
    changes = {"label": [EVIL, EVIL], EVIL: [EVIL, EVIL]}
    audit.record(
        AuditAction.CONNECTOR_CHANGED,
        organization=organization,
        actor=member,
        target=connector,
        details={"changes": changes, EVIL: EVIL},
    )
    is_well = {"last_sync_status": EVIL, "last_sync_error_msg": None}
    feed = plant_evil(sandbox, member, type="investment_research", config={"user_id": EVIL}, **is_well)
    work = begin_syncs(member, [feed])
    sandbox.fault("triggerSync", "404", times=1)
    work_off(work)
    return {
        "connector_id": connector.connector_id,
        "group_id": connector.error_group_id,
        "operation_id": feed.operations.latest("created_at").pk,
        "bulk_id": work.pk,
        "incident_id": Incident.objects.get(connector=connector).pk,
        "type_key": "email",
    }


def messages_about_it() -> list[Delivery]:
    """What a worker makes of it as soon as nothing more is waited for."""
    return upkeep.make_messages(now=timezone.now() + 2 * SETTLE, may_see=may_see)


def make_channels(make_channel: Any, url: str) -> dict[str, Channel]:
    """One of each kind."""
    return {kind: make_channel(kind, url=url) for kind in ("email", "webhook", "slack")}


class Parsed(HTMLParser):
    """`found`: the elements and attributes that a browser would make of evil text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_evil = tag == "evil" or any("onevil" in name for name, _ in attrs)
        if is_evil or any((value or "").strip().startswith("javascript:") for _, value in attrs):
            self.found.append(self.get_starttag_text() or tag)
