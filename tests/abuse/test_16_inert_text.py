"""Script and markup in what upstream sends: only text on every page, in every mail and message."""

import json
import re
from urllib.parse import urlencode

import pytest
from django.core import mail

from connectors_app.choices import DeliveryStatus
from connectors_app.models import Delivery
from connectors_app.services.alerts.delivery import deliver
from tests.abuse.evil import ERROR, EVIL, Parsed, belongings_of, make_channels, messages_about_it, plant_evil
from tests.alerts import conftest as of_alerts
from tests.pages.test_policy import ALL_PAGES, Blocked, check

make_channel, receiver = of_alerts.make_channel, of_alerts.receiver
HTMX = {"HX-Request": "true"}


@pytest.fixture
def evil(sandbox, alice_with_key):
    return plant_evil(sandbox, alice_with_key)


@pytest.fixture
def known(evil, alice_with_key, sandbox, make_channel):
    """What pages are about, by the name of the parameter."""
    known = belongings_of(evil, alice_with_key, sandbox)
    channel = make_channel()
    delivery = next(each for each in messages_about_it() if each.channel == channel)
    Delivery.objects.update(status=DeliveryStatus.GIVEN_UP)
    return known | {"channel_id": channel.pk, "delivery_id": delivery.pk}


SHOWN_ON = {
    "overview": "",
    "connector_list": "",
    "connector_detail": "",
    "connector_history": "",
    "connector_documents": "?now=1",
    "connector_intake": "",
    "connector_bundle": "",
    "connector_created": "",
    "connector_edit": "",
    "connector_sync": "",
    "connector_archive": "",
    "connector_delete": "",
    "operation": "",
    "error_list": "",
    "error_detail": "",
    "alerts": "",
    "incident_snooze": "",
    "channel_detail": "",
    "bulk_detail": "",
    "audit": "",
}


def inert(answer):
    html = answer.content.decode()
    assert "<evil" not in html
    assert Parsed(html).found == []
    check(answer)
    return html


@pytest.mark.parametrize("name", SHOWN_ON)
def test_16_where_it_is_shown_it_is_only_text(admin, desk, known, name):
    [page] = [each for each in ALL_PAGES if each.name == name]
    browser = desk if name == "operation" else admin  # An operation is its actor's alone.
    answer = browser.get(page.url(**known) + SHOWN_ON[name], follow=True)
    assert answer.status_code == 200
    assert "&lt;evil onevil=a&gt;&quot; onevil=&quot;b&quot; &#x27; onevil=&#x27;c&#x27;" in inert(answer)


def test_16_no_page_and_no_part_of_a_page_makes_more_of_it(admin, known):
    query = urlencode(dict.fromkeys(("q", "kind", "actor", "sort", "page", "file_name", "period"), EVIL))
    for page in ALL_PAGES:
        for more, headers in (("?now=1", {}), ("?now=1", HTMX), (f"?{query}", {})):
            answer = admin.get(page.url(**known) + more, headers=headers)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                inert(answer)


def test_16_no_refusal_repeats_it_as_more_than_text(admin, known):
    """What is typed comes back in the form, what is asked for in a page of what is not there."""
    typed = ("label", "description", "allowed_emails", "name", "email", "url", "reason", "login", "next", "q")
    for page in ALL_PAGES:
        answer = admin.post(page.url(**known), dict.fromkeys(typed, EVIL))
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            inert(answer)
    inert(admin.get("/connectors/<evil onevil=a>/"))


def test_16_data_for_scripts_is_data(admin, known):
    html = inert(admin.get("/"))
    blocks = re.findall(r'<script id="[^"]+" type="application/json">(.*?)</script>', html, re.S)
    assert blocks
    assert all(json.loads(block) for block in blocks)


@pytest.mark.parametrize(
    "markup", ["<script>evil()</script>", '<img src="x" onerror="evil()">', '<a href="javascript:evil()">x</a>']
)
def test_16_were_it_ever_more_the_policy_would_stop_it(admin, known, markup):
    answer = admin.get("/connectors/")
    policy = dict(each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";"))
    assert re.fullmatch(r"'self' 'nonce-[^']{16,}'", policy["script-src"])
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    nonce = policy["script-src"].rpartition("nonce-")[2].rstrip("'")
    assert Blocked(markup, nonce).found


def test_16_a_download_is_no_page(admin, known, evil):
    for path in ("export.csv", f"{evil.connector_id}/bundle/?download=1"):
        answer = admin.get(f"/connectors/{path}")
        assert answer.headers["Content-Type"].split(";")[0] in ("text/csv", "text/plain")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def told(evil, make_channel, receiver):
    """Sends the messages about it to one channel of each kind; returns those of that kind."""

    def tell(kind):
        channel = make_channels(make_channel, receiver.url)[kind]
        messages_about_it()
        assert deliver(channel.pk) == 1
        return mail.outbox if kind == "email" else receiver.bodies

    return tell


def test_16_in_a_mail_it_is_text_and_inert_in_its_page(told):
    [sent] = told("email")
    assert EVIL in sent.body
    assert sent.message().get_payload()[0].get_content_type() == "text/plain"
    page, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "&lt;evil onevil=a&gt;" in page
    assert "<evil" not in page
    assert Parsed(page).found == []


def test_16_in_slack_it_is_text(told):
    [body] = told("slack")
    links = re.findall(r"<([^>|]+)", body["text"])
    assert links
    assert all(link.startswith("http://testserver/") for link in links)
    assert "&lt;evil" in body["text"]
    assert "&amp;lt;evil&amp;gt;" in body["text"]
    assert "*x*" not in body["text"]


def test_16_a_webhook_gets_it_as_it_came_as_json(told, receiver):
    [body] = told("webhook")
    [incident] = body["incidents"]
    assert (incident["label"], incident["error"]) == (EVIL, ERROR)
    head = receiver.server.requests[0].partition(b"\r\n\r\n")[0].decode()
    assert "Content-Type: application/json" in head.split("\r\n")


def test_16_evil_text_that_is_not_escaped_would_be_found():
    """The positive control, for each place that text can be in."""
    for html in (f"<p>{EVIL}</p>", f'<p title="{EVIL}">', f"<p title='{EVIL}'>", f"<script>{EVIL}</script>"):
        assert Parsed(html).found
    assert Parsed('<a href="javascript:evil()">').found
