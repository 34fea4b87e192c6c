"""What is shown when a request can't be served: what happened, and the way on; never the cause in detail."""

from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.models import Member


@pytest.mark.parametrize("url", ["/nowhere/", "/connectors/not-a-uuid/", "/keys/remove"])
def test_an_address_that_is_not_there_leads_back(desk: Client, url: str) -> None:
    page = desk.get(url, follow=True)
    if url == "/keys/remove":
        assert page.status_code == 200
        return
    assert page.status_code == 404
    assert "Nothing at this address" in page.content.decode()
    assert 'href="/connectors/">See connectors</a>' in page.content.decode()
    assert "alice@example.com" in page.content.decode()


def test_a_visitor_is_led_to_the_sign_in(client: Client, db: None) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert 'href="/account/login/">Sign in</a>' in page.content.decode()


def test_what_a_role_may_not_do_is_said_with_who_can_help(
    sam: Member, signed_in: Callable[[Member], Client]
) -> None:
    page = signed_in(sam).get("/connectors/new/")
    assert page.status_code == 403
    assert "Your role does not allow this" in page.content.decode()
    assert "sam@example.com with the role Support" in page.content.decode()


@pytest.mark.parametrize("url", ["/connectors/new/email/", "/keys/", "/theme/", "/account/login/"])
def test_a_form_without_its_token_is_refused_with_a_way_on(alice: Member, url: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    page = client.post(url, {"theme": "dark"})
    assert page.status_code == 403
    assert "This form is out of date" in page.content.decode()


def test_a_form_from_another_site_is_refused(desk: Client, alice: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    token = client.get("/keys/").context["csrf_token"]
    sent = {"theme": "dark", "csrfmiddlewaretoken": str(token)}
    assert client.post("/theme/", sent, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/theme/", sent, headers={"Origin": "http://testserver"}).status_code == 302


def test_a_request_for_another_host_gets_a_plain_page(client: Client, db: None) -> None:
    page = client.get("/", headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert "This request could not be read" in page.content.decode()
    assert "evil.example" not in page.content.decode()


@pytest.mark.urls("tests.pages.failing_urls")
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_failure_of_ours_gives_nothing_away(alice: Member, is_signed_in: bool) -> None:
    client = Client(raise_request_exception=False)
    if is_signed_in:
        client.force_login(alice)
    page = client.get("/fail/")
    assert page.status_code == 500
    assert "The dashboard could not answer" in page.content.decode()
    assert "nobody's business" not in page.content.decode()
    assert "Content-Security-Policy" in page.headers


@pytest.mark.urls("tests.pages.failing_urls")
def test_a_failure_of_ours_stands_in_the_log(client: Client, caplog: pytest.LogCaptureFixture, db: None) -> None:
    client.raise_request_exception = False
    client.get("/fail/")
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert record.exc_info is not None
