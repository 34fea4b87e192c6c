"""Signing in and out. Members only: nobody can sign up."""

import pytest
from django.core import mail

from connectors_app.models import Member
from tests.conftest import PASSWORD
from tests.stored import everything_stored

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


def sign_in(client, email="alice@example.com", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def is_signed_in(client):
    return client.get("/").status_code == 200


@pytest.mark.parametrize("email", ["alice@example.com", "Alice@Example.COM", " alice@example.com "])
def test_a_member_signs_in_with_address_and_password(client, alice, email):
    assert sign_in(client, email).url == "/"
    assert is_signed_in(client)


def test_signing_in_leads_to_the_page_that_was_asked_for(client, alice):
    url = client.get("/keys/").url
    assert url == "/account/login/?next=/keys/"
    assert client.post(url, {"login": "alice@example.com", "password": PASSWORD, "next": "/keys/"}).url == "/keys/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example"])
def test_signing_in_never_leads_to_another_site(client, alice, elsewhere):
    url = f"{LOGIN}?next={elsewhere}"
    fields = {"login": "alice@example.com", "password": PASSWORD, "next": elsewhere}
    assert "evil" not in client.post(url, fields).url


def test_a_wrong_password_and_an_unknown_address_sound_the_same(client, alice):
    wrong = sign_in(client, password="wrong")
    unknown = sign_in(client, "nobody@example.com")
    errors = [list(answer.context["form"].non_field_errors()) for answer in (wrong, unknown)]
    assert errors[0] == errors[1]
    assert len(errors[0]) == 1
    assert not is_signed_in(client)


def test_a_password_is_never_shown_again_or_logged(client, alice, caplog):
    caplog.set_level("DEBUG")
    answer = sign_in(client, password="canary-password")
    assert "canary-password" not in answer.text + caplog.text + everything_stored()


def test_guessing_is_stopped_even_with_the_right_password_in_the_end(client, alice):
    for number in range(20):
        sign_in(client, password=f"guess {number}")
    sign_in(client)
    assert not is_signed_in(client)


def test_who_was_deactivated_stays_out(client, alice):
    Member.objects.update(is_active=False)
    sign_in(client)
    assert not is_signed_in(client)


def test_who_is_deactivated_is_out_at_once(client, alice):
    sign_in(client)
    Member.objects.update(is_active=False)
    assert not is_signed_in(client)


def test_a_member_without_a_password_cannot_sign_in(client, organization):
    Member.objects.create_member(email="new@example.com", organization=organization, role="analyst")
    for password in ("", "!", "None"):
        sign_in(client, "new@example.com", password)
        assert not is_signed_in(client)


def test_a_session_ends_with_signing_out(client, alice):
    sign_in(client)
    kept = client.cookies["sessionid"].value
    assert client.post("/account/logout/").url == LOGIN
    client.cookies["sessionid"] = kept
    assert not is_signed_in(client)


def test_a_get_does_not_sign_out(client, alice):
    sign_in(client)
    client.get("/account/logout/")
    assert is_signed_in(client)


def test_other_sessions_end_with_the_password(client, alice, client_elsewhere):
    sign_in(client)
    sign_in(client_elsewhere)
    fields = {"oldpassword": PASSWORD, "password1": "battery staple horse", "password2": "battery staple horse"}
    assert client.post("/account/password/change/", fields).status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(client_elsewhere)


@pytest.fixture
def client_elsewhere(client):
    return type(client)()


def test_the_session_id_is_a_new_one_after_signing_in(client, alice):
    client.get(LOGIN)
    client.cookies["sessionid"] = "chosen-by-somebody-else-0123456789"
    sign_in(client)
    assert client.cookies["sessionid"].value != "chosen-by-somebody-else-0123456789"


def test_nobody_can_sign_up(client, organization):
    fields = {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get("/account/signup/").context.get("form") is None
    client.post("/account/signup/", fields)
    assert not Member.objects.exists()
    assert not is_signed_in(client)


def test_nothing_offers_to_sign_up(client):
    assert "signup" not in client.get(LOGIN).text


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_forgotten_password_does_not_tell_who_is_a_member(client, alice, email):
    answer = client.post("/account/password/reset/", {"email": email}, follow=True)
    assert answer.redirect_chain == [("/account/password/reset/done/", 302)]
    assert {address for message in mail.outbox for address in message.to} <= {email}


def test_pages_of_members_are_kept_by_no_cache(client, alice):
    sign_in(client)
    for page in ("/", "/keys/", "/connectors/new/email/"):
        assert client.get(page).headers["Cache-Control"] == "no-store, private"
