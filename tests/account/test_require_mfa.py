"""REQUIRE_MFA: who must have two-factor gets no further than setting it up."""

import pytest
from allauth.mfa.models import Authenticator

from connectors_app.checks import check_require_mfa
from tests.account.authenticator_app import ADD, add_app

pytestmark = pytest.mark.django_db
SET_UP = "/account/2fa/"


@pytest.fixture
def required(settings):
    settings.REQUIRE_MFA = "all"


def add_security_key(member, name="Blue"):
    return Authenticator.objects.create(user=member, type="webauthn", data={"name": name, "credential": {}})


@pytest.mark.parametrize(
    ("rule", "stopped"),
    [("none", []), ("admins", ["adam"]), ("all", ["alice", "adam", "sam"])],
    ids=["none", "admins", "all"],
)
def test_it_is_asked_of_whom_it_says(request, settings, signed_in, rule, stopped):
    settings.REQUIRE_MFA = rule
    clients = {name: signed_in(request.getfixturevalue(name)) for name in ("alice", "adam", "sam")}
    assert [name for name, client in clients.items() if client.get("/").status_code == 302] == stopped


@pytest.mark.parametrize("path", ["/", "/connectors/", "/connectors/export.csv", "/keys/", "/account/sessions/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_everything_else_leads_to_the_set_up(required, browser, path, method):
    answer = getattr(browser, method)(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, SET_UP)


def test_the_set_up_says_why(required, browser):
    assert "Your organization requires it of members." in browser.get("/", follow=True).text


def test_a_part_that_htmx_asks_for_takes_the_whole_page_there(required, browser):
    answer = browser.get("/connectors/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, SET_UP)


@pytest.mark.parametrize(
    "path",
    [
        SET_UP,
        ADD,
        "/account/2fa/webauthn/add/",
        "/account/",
        "/account/password/change/",
        "/account/logout/",
        "/healthz",
        "/readyz",
    ],
)
def test_these_stay_open(required, browser, path):
    assert browser.get(path).status_code == 200


def test_the_theme_and_signing_out_stay_open(required, browser):
    assert browser.post("/theme/", {"theme": "dark"}).url == "/"
    assert browser.post("/account/logout/").url == "/account/login/"


def test_with_an_app_all_is_open(required, browser):
    add_app(browser)
    assert browser.get("/").status_code == 200


def test_with_a_security_key_too(required, browser, alice):
    add_security_key(alice)
    assert browser.get("/").status_code == 200


def test_recovery_codes_alone_are_not_enough(required, browser, alice):
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"seed": "", "used_mask": 0})
    assert browser.get("/").url == SET_UP


def test_a_colleagues_two_factor_does_not_count(required, browser, bob):
    add_security_key(bob)
    assert browser.get("/").url == SET_UP


def test_the_last_one_stays(required, browser, secret, alice):
    answer = browser.post("/account/2fa/totp/deactivate/")
    assert "this is all you have" in answer.text
    Authenticator.objects.filter(type="totp").delete()
    key = add_security_key(alice)
    answer = browser.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/", follow=True)
    assert "this is all you have" in answer.text
    assert Authenticator.objects.filter(type="webauthn").exists()


def test_one_of_two_goes(required, browser, secret, alice):
    key = add_security_key(alice)
    browser.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_who_need_not_have_it_may_remove_it(settings, browser, secret):
    settings.REQUIRE_MFA = "admins"
    browser.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()


def test_it_costs_no_query(required, browser, alice, django_assert_num_queries, settings):
    add_security_key(alice)
    with django_assert_num_queries(2):  # The session, the member.
        browser.get("/account/logout/")


@pytest.mark.parametrize("value", ["", "admin", "ALL", "yes"])
def test_a_misspelt_rule_stops_the_start(settings, value):
    settings.REQUIRE_MFA = value
    assert [error.id for error in check_require_mfa(None)] == ["connectors.E005"]


@pytest.mark.parametrize("value", ["none", "admins", "all"])
def test_the_three_rules_are_fine(settings, value):
    settings.REQUIRE_MFA = value
    assert check_require_mfa(None) == []
