"""What the tests of edits, syncs, archiving and deleting share: a connector that is there, and its forms."""

import re
from uuid import UUID

import requests

from connectors_app.models import ApiKey, Connector
from connectors_app.services import polling
from tests.connectors.stage import values_in

BROKER = {"type": "investment_research", "label": "Broker feed", "config": {"user_id": "desk-7"}}
INBOX = {"type": "email", "label": "Desk mail", "description": "Notes"}
LIBRARY = {"type": "sharepoint", "label": "Deals", "config": {}}


def plant(sandbox, member, **fields):
    """A connector of the member's that upstream and the dashboard know; forgets the requests it took."""
    [connector_id] = sandbox.plant(f"user_{member.email.partition('@')[0]}", **{**INBOX, **fields})
    look(member)
    sandbox.clear_requests()
    return Connector.objects.get(connector_id=connector_id)


def look(member):
    assert polling.poll(ApiKey.objects.get(member=member).pk)


def url(connector, page):
    return f"/connectors/{connector.connector_id}/{page}/"


def detail(connector):
    return f"/connectors/{connector.connector_id}/"


def form_on(page, **changes):
    """The page's form as a browser without JavaScript would send it, with what a person changes in it."""
    html = page.content.decode()
    ticked = dict.fromkeys(re.findall(r'<input type="checkbox" name="(\w+)"[^>]*\schecked', html), "on")
    boxes = set(re.findall(r'<input type="checkbox" name="(\w+)"', html))
    values = {name: value for name, value in values_in(page).items() if name and name not in boxes}
    wanted = {**values, **ticked, **changes}
    return {name: value for name, value in wanted.items() if name not in {"q", "theme"} and value is not None}


def opened(client, address, **changes):
    """The form at an address, filled in."""
    return form_on(client.get(address), **changes)


def sent(sandbox, operation):
    """The bodies of the requests of one kind that upstream saw."""
    return [call["body"] for call in sandbox.requests if call["operation"] == operation]


def asked(sandbox):
    """What upstream was asked for, in order."""
    return [call["operation"] for call in sandbox.requests]


def fresh(connector):
    return Connector.objects.get(pk=connector.pk)


def change_elsewhere(sandbox, connector, **fields):
    """Somebody changes the connector by other means, with its owner's key."""
    body = {"label": connector.label, "description": connector.description, "share_with_org": False}
    if connector.type == "email":
        body["config"] = {"allowed_emails": connector.allowed_emails}
    owner = connector.bigdata_user_id.removeprefix("user_")
    address = f"{sandbox.url}/contents/v1/connectors/{UUID(str(connector.connector_id))}"
    answer = requests.put(address, json={**body, **fields}, headers={"X-API-KEY": f"sandbox-{owner}"}, timeout=5)
    assert answer.ok
    sandbox.clear_requests()
