"""What the tests of this folder do over and over: fill in a form, send it, look at what upstream saw."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from connectors_app.models import Connector, Operation, SyncRun
from connectors_app.sandbox import SandboxServer

FORMS: dict[str, dict[str, Any]] = {
    "email": {"label": "Desk mail", "allowed_emails": "ada@desk.example"},
    "investment_research": {"label": "Broker", "user_id": "desk-7", "user_password": "open sesame"},
    "sharepoint": {"label": "Library", "session_id": "session-4711"},
}
Page = Any  # what Django's test client answers: an HttpResponse and more


def filled(kind: str = "email", **changes: Any) -> dict[str, Any]:
    """The form of a type as a person would fill it in, with an operation id of its own."""
    return {"operation_id": str(uuid4()), "description": "", **FORMS[kind], **changes}


def make_run(connector: Connector, *, at: datetime, **fields: Any) -> SyncRun:
    """A sync that was seen, a good one unless `fields` say otherwise."""
    values = {"organization": connector.organization, "seen_at": at, "status": "SUCCESS", **fields}
    run = SyncRun(connector=connector, at=at, **values)
    run.failed = Connector(last_sync_status=run.status, last_sync_error_msg=run.error).last_sync_failed
    run.save()
    return run


def send(client: Client, form: Mapping[str, Any], kind: str = "email", **options: Any) -> Page:
    """Send the form, by default without following where it leads."""
    return client.post(f"/connectors/new/{kind}/", form, **options)


def text_of(page: HttpResponse) -> str:
    """What a person reads on the page, on one line."""
    html = re.sub(r"(?s)<(script|style|head)\b.*?</\1>|</?strong>", "", page.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def values_in(page: HttpResponse) -> dict[str, str]:
    """The values of the page's inputs and text areas by name, as a browser would show them."""
    html = page.content.decode()
    inputs = re.findall(r"<input\b[^>]*>", html)
    found = {_attribute(each, "name"): _attribute(each, "value") for each in inputs}
    areas = re.findall(r'(?s)<textarea\b[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html)
    return found | {name: unescape(value) for name, value in areas}


def error_at(page: HttpResponse, name: str) -> str:
    """The message beside a field; '' if there is none."""
    found = re.search(rf'(?s)<[^>]+id="error_\d+_id_{name}"[^>]*>(.*?)</', page.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def warning_on(page: HttpResponse) -> str:
    """The first warning above the page's content, without the banner; '' if there is none."""
    found = re.search(r'(?s)<div class="alert alert-warning"[^>]*>(.*?)</div>\s*</div>', page.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""


def sent_creates(sandbox: SandboxServer) -> list[dict[str, Any]]:
    """The bodies of the creates that upstream saw, oldest first; secrets are taken out."""
    return [each["body"] for each in sandbox.requests if each["operation"] == "createConnector"]


def only_operation() -> Operation:
    return Operation.objects.get()


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
