"""One id, one line and one measurement for each request."""

import logging
import re
from uuid import uuid4

import pytest
from django.test import Client

from connectors_app.services.invitations import invite

GIVEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def access(caplog):
    """The access lines so far."""
    with caplog.at_level(logging.INFO):
        yield lambda: [each for each in caplog.records if each.name == "connectors_app.access"]


def test_each_answer_has_an_id_of_its_own(client, db):
    ids = [client.get(path)["X-Request-ID"] for path in ("/healthz", "/healthz", "/", "/nowhere/", "/metrics")]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    assert len(set(ids)) == 5


def test_an_id_from_outside_is_not_taken(client):
    assert client.get("/healthz", headers={"X-Request-ID": GIVEN})["X-Request-ID"] != GIVEN


def test_an_id_from_a_proxy_of_ours_is(client, settings):
    settings.TRUSTED_PROXIES = 1
    for given in (GIVEN, str(uuid4())):
        assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 32, "{" + GIVEN + "}", "-" * 999 + GIVEN, GIVEN + "\n", "<script>"])
def test_but_only_if_it_is_one(client, settings, given):
    settings.TRUSTED_PROXIES = 1
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] != given


@pytest.mark.urls("tests.observability.failing_urls")
def test_the_page_of_a_failure_shows_the_id_to_quote(db):
    page = Client(raise_request_exception=False).post("/fail/")
    assert page.status_code == 500
    assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()


@pytest.mark.urls("tests.observability.failing_urls")
def test_so_does_the_page_while_sign_in_cannot_be_counted(db):
    page = Client(raise_request_exception=False).post("/account/uncountable/")
    assert page.status_code == 503
    assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()


def test_a_request_has_one_line(signed_in, alice, access):
    signed_in(alice).get("/connectors/?q=canary")
    [line] = access()
    assert (line.method, line.route, line.status, line.member) == ("GET", "/connectors/", 200, alice.pk)
    assert re.fullmatch(r"GET /connectors/ 200 \d+ ms", line.getMessage())
    assert line.ms >= 0
    assert "canary" not in str(vars(line))


def test_the_line_of_a_one_time_link_has_its_route_only(client, organization, access):
    issued = invite(organization=organization, email="carol@example.com", role="analyst")
    token = issued.link.split("/")[-2]
    assert client.get(f"/invitations/{token}/").status_code == 200
    client.get(f"/invitation/{token}/")
    assert [line.route for line in access()] == ["/invitations/<str:token>/", "/-"]
    assert token not in str([vars(line) for line in access()])


def test_a_visitor_s_line_asks_no_database_who_it_is(client, access):
    """pytest refuses it to a test that did not ask for it."""
    client.cookies["sessionid"] = "x" * 32
    client.get("/healthz")
    assert [line.member for line in access()] == [None]


def test_a_method_that_nobody_knows_is_no_label_of_its_own(client, access):
    client.generic("BREW", "/healthz")
    assert [line.method for line in access()] == ["other"]


def test_static_files_leave_no_line_unless_they_are_missing(client, access, db):
    client.get("/static/css/app.css").close()
    assert access() == []
    client.get("/static/nothing.css")
    assert [(line.route, line.status) for line in access()] == [("/static/", 404)]
