"""Formulas and line breaks in what upstream sends: no spreadsheet calculates, no header or log line begins."""

import csv
import logging
from io import StringIO
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Channel
from connectors_app.services import audit
from connectors_app.services.alerts.delivery import deliver
from tests.abuse.evil import messages_about_it, plant_evil
from tests.alerts import conftest as of_alerts

make_channel, receiver = of_alerts.make_channel, of_alerts.receiver

# Every kind of line end, before what would be a header, a log line or a row of its own.
ENDS = ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
TEXTS = [
    "=cmd()|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    '","=1+1',
    "'\r\n=1+1,\"=1+1",
]
TEXTS += [f"Feed{end}Bcc: eve@example.com{end}{end}=1+1" for end in ENDS]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")
texts = pytest.mark.parametrize("text", TEXTS, ids=[ascii(text) for text in TEXTS])


@pytest.fixture
def plant(sandbox, alice_with_key):
    """Alice's inbox, which fails; every text of it is this one."""

    def make(text):
        fields = dict.fromkeys(("label", "description", "last_sync_status"), text)
        error = f"{text} Login was refused: wrong password"
        config = {"allowed_emails": [text], "email": text}
        return plant_evil(sandbox, alice_with_key, last_sync_error_msg=error, config=config, **fields)

    return make


def rows(answer):
    """Of the file, as a spreadsheet reads it."""
    return list(csv.reader(StringIO(answer.getvalue().decode("utf-8-sig"), newline=""), strict=True))


def inert(found, count):
    """So many rows under the columns, all as wide as these, and no formula in any cell."""
    assert {len(row) for row in found} == {len(found[0])}
    assert len(found) == 1 + count
    assert not [cell for row in found for cell in row if cell.startswith(STARTS)]


@texts
def test_17_the_list_as_a_file(admin, plant, text):
    connector = plant(text)
    found = rows(admin.get("/connectors/export.csv"))
    inert(found, 1)
    assert found[1][1] in (connector.label, f"'{connector.label}")


@texts
def test_17_the_trail_as_a_file(admin, plant, alice_with_key, text):
    connector = plant(text)
    details = {"changes": {"label": [text, text], text: [text, text]}, text: text}
    for action in (AuditAction.CONNECTOR_CHANGED, AuditAction.SYNC_ASKED):
        audit.record(
            action,
            organization=alice_with_key.organization,
            actor=alice_with_key,
            target=connector,
            target_name=text,
            details=details,
        )
    told = AuditEntry.objects.count()
    inert(rows(admin.get("/audit/export.csv")), told)


@texts
def test_17_the_headers_of_a_mail(plant, make_channel, text):
    plant(text)
    channel = make_channel()
    messages_about_it()
    assert deliver(channel.pk) == 1
    [sent] = mail.outbox
    assert sent.recipients() == ["desk@example.com"]
    written = sent.message()
    assert len(sent.subject.splitlines()) == 1
    names = [name.lower() for name, _ in written.items()]
    assert sorted(names) == sorted({*names})
    assert not {"bcc", "cc"} & {*names}
    assert "login rejected" in sent.subject
    head = written.as_bytes().partition(b"\n\n")[0]
    assert not [line for line in head.splitlines() if line.lower().startswith((b"bcc", b"=1"))]


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("path", ["/alerts/channels/new/email/", "/members/invite/", "/account/password/reset/"])
def test_17_no_address_with_a_line_break_is_written_to(admin, end, path):
    admin.post(path, {"name": "Ours", "email": f"desk@example.com{end}Bcc: eve@example.com", "role": "analyst"})
    admin.post(path, {"name": "Ours", "email": f"desk@example.com{end}", "role": "analyst"})
    assert not [each for each in mail.outbox if any(len(to.split()) > 1 for to in each.recipients())]
    assert not [each for each in Channel.objects.all() if each.email not in ("", "desk@example.com")]


class Broken(EmailBackend):
    def send_messages(self, messages):
        raise OSError(messages[0].subject, messages[0].body)


@pytest.fixture
def lines(caplog):
    """The log so far, as it is written: each record without what a line of its own may be, a traceback."""
    formatter = logging.Formatter(settings.LOGGING["formatters"]["line"]["format"])

    def written():
        records = [record for record in caplog.records if record.levelno >= logging.INFO and not record.exc_info]
        return [formatter.format(record) for record in records]

    with caplog.at_level(logging.INFO):
        yield written


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_17_a_log_line_for_each_record(admin, client, plant, make_channel, receiver, lines, settings, end):
    forged = f"x{end}2026-01-01 00:00:00,000 INFO forged"
    plant(forged)
    receiver.status = 410
    channels = [make_channel(), make_channel("webhook", url=receiver.url)]
    messages_about_it()
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    for channel in channels:
        deliver(channel.pk)
    for browser in (admin, client):
        for path in (f"/{quote(forged)}/", f"/connectors/{quote(forged)}/", f"/invitations/{quote(forged)}/"):
            browser.get(path)
            browser.post(path, {"label": forged})
        browser.post("/account/login/", {"login": forged, "password": forged})
        browser.get("/", headers={"User-Agent": forged, "Host": forged, "X-Forwarded-For": forged})
    written = lines()
    assert [line for line in written if "Not Found" in line]
    assert [line for line in written if "a mail was not taken" in line]
    assert not [line for line in written if len(line.splitlines()) > 1]
