"""The page after a create: what was made, and the next step."""

from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.models import Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll

from .stage import filled, send, text_of


def test_an_inbox_shows_its_address_to_copy_and_how_to_forward(desk: Client) -> None:
    page = send(desk, filled(allowed_emails="ada@desk.example, alice@example.com"), follow=True)
    address = Connector.objects.get().config["email"]
    html = page.content.decode()
    assert f"data-copy-value>{address}</code>" in html
    assert f'href="mailto:{address}?' in html
    assert "mail from ada@desk.example, alice@example.com. Anything else is turned away." in text_of(page)
    for product in ("Outlook", "Gmail", "Exchange"):
        assert f"<summary>{product}</summary>" in html


@pytest.mark.parametrize(
    ("senders", "may_send"), [("bob@desk.example", False), ("Alice@Example.com, bob@desk.example", True)]
)
def test_who_may_not_send_is_told_what_to_do_instead_of_a_test_mail(
    desk: Client, senders: str, may_send: bool
) -> None:
    page = send(desk, filled(allowed_emails=senders), follow=True)
    edit = f'<a href="/connectors/{Connector.objects.get().connector_id}/edit/">add it</a>'
    assert ("Send a test mail" in text_of(page)) is may_send
    assert ("A test mail from alice@example.com would be turned away" in text_of(page)) is not may_send
    assert (edit in page.content.decode()) is not may_send


def test_who_may_not_edit_is_not_sent_there(
    desk: Client, bob: Member, signed_in: Callable[[Member], Client]
) -> None:
    created = send(desk, filled(share_with_org="on")).url
    page = text_of(signed_in(bob).get(created))
    assert "To test the address, have one of the allowed senders write to it." in page


def test_that_forwarded_mail_has_another_sender_is_said_before_and_after(desk: Client) -> None:
    trap = "Mail that you forward yourself arrives from your own address, so allow it as a sender too;"
    assert trap in text_of(desk.get("/connectors/new/email/"))
    assert trap in text_of(send(desk, filled(), follow=True))


def test_an_inbox_without_an_address_yet_says_so(desk: Client, sandbox: SandboxServer) -> None:
    send(desk, filled())
    connector = Connector.objects.get()
    Connector.objects.update(config={"allowed_emails": ["ada@desk.example"]})
    page = desk.get(f"/connectors/{connector.connector_id}/created/")
    assert "has not told the address yet" in text_of(page)
    assert "mailto:" not in page.content.decode()


def test_from_the_connectors_page_it_tells_how_mail_gets_there_and_no_old_news(desk: Client) -> None:
    created = send(desk, filled()).url
    link = f"{created}?later=1"
    assert f'href="{link}"' in desk.get(created.replace("created/", "")).content.decode()
    first, later = (text_of(desk.get(url)) for url in (created, link))
    assert ("Your connector is created" in first, "Your connector is created" in later) == (True, False)
    assert ("Your inbox address" in first, "Your inbox address" in later) == (True, True)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("investment_research", "signs in at the broker as desk-7"), ("sharepoint", "goes through the library")],
)
def test_the_other_types_say_what_happens_now(desk: Client, kind: str, words: str) -> None:
    page = send(desk, filled(kind), kind, follow=True)
    assert words in text_of(page)
    assert f'href="/connectors/{Connector.objects.get().connector_id}/"' in page.content.decode()


def test_a_type_without_such_a_page_leads_to_the_connector(
    desk: Client, sandbox: SandboxServer, alice: Member
) -> None:
    [connector_id] = sandbox.plant(type="carrier_pigeon", config={})
    send(desk, filled())
    poll(alice.api_key.pk)
    assert desk.get(f"/connectors/{connector_id}/created/").url == f"/connectors/{connector_id}/"


def test_the_page_is_only_for_those_who_may_see_the_connector(
    desk: Client, bob: Member, mallory: Member, signed_in: Callable[[Member], Client]
) -> None:
    created = send(desk, filled()).url
    assert [signed_in(member).get(created).status_code for member in (bob, mallory)] == [404, 404]
