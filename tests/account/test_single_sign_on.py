"""Single sign-on by OpenID Connect, against an identity provider over HTTP."""

from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from connectors_app.checks import check_single_sign_on
from connectors_app.models import AuditEntry, Member
from tests.account.identity_provider import ACCESS_TOKEN, BACK, CLIENT, CODE, START, come_back, leave
from tests.account.signing_in import LOGIN, is_signed_in
from tests.stored import everything_stored

pytestmark = pytest.mark.django_db


def test_without_settings_there_is_none(client, alice):
    assert "single-sign-on" not in client.get(LOGIN).text
    assert (client.post(START).status_code, client.get(BACK).status_code) == (404, 404)


def test_the_sign_in_page_offers_it(client, provider):
    assert "Sign in with Northwind login" in client.get(LOGIN).text


def test_a_member_signs_in(client, alice, provider):
    assert come_back(client, provider).url == "/"
    assert is_signed_in(client)


def test_and_comes_to_the_page_that_was_asked_for(client, alice, provider):
    assert come_back(client, provider, next="/keys/").url == "/keys/"
    assert come_back(Client(), provider, next="https://evil.example/").url == "/"


def test_the_second_time_as_well(client, alice, provider):
    come_back(Client(), provider)
    come_back(client, provider)
    assert is_signed_in(client)
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("email", ["Alice@Example.COM", "alice@example.com"])
def test_capitals_in_the_address_make_no_difference(client, alice, provider, email):
    provider.person = {**provider.person, "email": email}
    come_back(client, provider)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "person",
    [
        {"email": "stranger@example.com", "email_verified": True},
        {"email": "alice@example.com", "email_verified": False},
        {"email": "alice@example.com", "email_verified": "false"},
        {"email": "alice@example.com", "email_verified": None},
        {"email": "", "email_verified": True},
    ],
    ids=["stranger", "unverified", "unverified-text", "unsaid", "no-address"],
)
def test_nobody_else_gets_in_and_no_member_is_made(client, alice, provider, person):
    provider.person = {"sub": "identity-1", **person}
    answer = come_back(client, provider)
    assert answer.status_code == 403
    assert "You are not a member here" in answer.text
    assert not is_signed_in(client)
    assert (Member.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_who_was_deactivated_stays_out_and_is_told_no_more(client, alice, provider):
    come_back(Client(), provider)
    Member.objects.update(is_active=False)
    assert "You are not a member here" in come_back(client, provider).text
    assert not is_signed_in(client)


def test_an_address_that_is_told_separately_counts_for_the_same_person_only(client, alice, provider):
    provider.person = {"sub": "identity-1"}
    provider.user_info = {"sub": "identity-2", "email": "alice@example.com", "email_verified": True}
    assert "That did not work" in come_back(client, provider).text
    provider.user_info["sub"] = "identity-1"
    assert come_back(client, provider).url == "/"


def test_two_factor_is_still_asked_for(client, alice, provider):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    assert Authenticator.objects.filter(user=alice).exists()
    assert come_back(client, provider).url.startswith("/account/2fa/authenticate/")
    assert not is_signed_in(client)


def test_it_is_recorded_and_linked_once(client, alice, provider):
    come_back(Client(), provider)
    come_back(client, provider)
    linked, *came = AuditEntry.objects.order_by("pk")
    assert (linked.action, linked.actor) == ("account.single_sign_on_linked", alice)
    assert linked.details == {"changes": {"identity": [None, "identity-1"]}}
    assert [(entry.action, entry.details) for entry in came] == [
        ("sign_in.succeeded", {"by": ["single sign-on"]})
    ] * 2


def test_another_identity_with_the_address_shows_in_the_trail(client, alice, provider):
    come_back(Client(), provider)
    provider.person = {**provider.person, "sub": "identity-2"}
    come_back(client, provider)
    changes = AuditEntry.objects.filter(action="account.single_sign_on_linked").order_by("pk").last().details
    assert changes == {"changes": {"identity": ["identity-1", "identity-2"]}}
    assert SocialAccount.objects.get().uid == "identity-2"


def test_an_identity_follows_its_verified_address_to_another_member(client, alice, bob, provider):
    come_back(Client(), provider)
    provider.person = {**provider.person, "email": "bob@example.com"}
    come_back(client, provider)
    assert client.get("/").context["request"].user == bob


def test_who_is_refused_is_recorded(client, alice, provider):
    provider.person = {**provider.person, "email": "stranger@example.com"}
    come_back(client, provider)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_name) == ("sign_in.failed", "stranger@example.com")


def test_what_is_asked_for_is_proof_bound_and_the_way_back_ours(client, provider, settings):
    settings.SITE_URL = "https://connectors.northwind.test"
    url = leave(client, scope="admin", process="connect", auth_params="x=y")
    provider.visit(url)
    assert urlsplit(url).netloc == urlsplit(provider.url).netloc
    assert set(provider.asked["scope"].split()) == {"openid", "profile", "email"}
    assert (provider.asked["code_challenge_method"], len(provider.asked["nonce"])) == ("S256", 32)
    assert provider.asked["redirect_uri"] == f"https://connectors.northwind.test{BACK}"
    assert "x" not in provider.asked


def test_starting_takes_a_post(client, provider):
    assert client.get(START).status_code == 405


def test_no_token_or_claim_is_kept(client, alice, provider, caplog):
    caplog.set_level("DEBUG")
    provider.person = {**provider.person, "name": "canary-name"}
    come_back(Client(), provider)
    come_back(client, provider)
    told = everything_stored() + caplog.text
    for canary in (ACCESS_TOKEN, CODE, CLIENT["secret"], "canary-name", provider.asked["nonce"]):
        assert canary not in told


@pytest.mark.parametrize(
    "path", ["oidc/sso/login/", "oidc/sso/login/callback/", "3rdparty/", "3rdparty/signup/", "social/signup/"]
)
def test_allauth_s_own_pages_for_it_are_closed(signed_in, alice, provider, path):
    assert signed_in(alice).get(f"/account/{path}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"OIDC_CLIENT_ID": ""},
        {"OIDC_CLIENT_SECRET": ""},
        {"OIDC_ISSUER": ""},
        {"OIDC_ISSUER": "http://idp.example"},
    ],
    ids=["client", "secret", "issuer", "http"],
)
def test_half_of_it_or_one_over_http_does_not_start(provider, settings, wrong):
    assert check_single_sign_on(None) == []
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert [error.id for error in check_single_sign_on(None)] == ["connectors.E010"]
