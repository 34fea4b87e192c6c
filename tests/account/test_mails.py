"""Mails about an account: ours in word and link, and safe."""

import re

import pytest
from django.core import mail
from django.test import Client

from connectors_app.models import AuditEntry, Member
from connectors_app.services.mail import render
from tests.account.signing_in import NEW_PASSWORD, RESET, gets_in, is_signed_in, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NOTIFICATIONS = [
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_set",
    "account/email/single_sign_on_linked",
    "mfa/email/recovery_codes_generated",
    "mfa/email/totp_activated",
    "mfa/email/totp_deactivated",
    "mfa/email/webauthn_added",
    "mfa/email/webauthn_removed",
]


@pytest.fixture(autouse=True)
def public_address(settings):
    settings.SITE_URL = "https://connectors.northwind.test"
    settings.ALLOWED_HOSTS = ["*"]


def ask_for_link(client, email="alice@example.com", **extra):
    client.post(RESET, {"email": email}, **extra)
    return re.search(r"https?://\S+", mail.outbox[-1].body)[0]


def follow(client, link, password=NEW_PASSWORD):
    """To the page of the link, and its form filled in."""
    page = client.get(link.removeprefix("https://connectors.northwind.test"))
    return client.post(page.url, {"password1": password, "password2": password})


def html_of(message):
    [(page, kind)] = message.alternatives
    assert kind == "text/html"
    return page


def test_a_link_to_choose_a_password_works_once(client, alice, django_capture_on_commit_callbacks):
    link = ask_for_link(client)
    with django_capture_on_commit_callbacks(execute=True):
        follow(client, link)
    assert gets_in(Client(), password=NEW_PASSWORD)
    assert "no longer works" in client.get(link.removeprefix("https://connectors.northwind.test")).text
    assert mail.outbox[-1].subject == "Your password was reset"


def test_links_lead_to_the_dashboard_whatever_host_was_asked(client, alice):
    link = ask_for_link(client, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert link.startswith("https://connectors.northwind.test/account/password/reset/key/")
    assert "evil" not in mail.outbox[-1].body + html_of(mail.outbox[-1])


def test_the_mail_says_what_it_is_for_and_how_long_it_holds(client, alice):
    ask_for_link(client)
    [message] = mail.outbox
    assert message.subject == "Choose a new password for Connectors"
    assert "within 72 hours" in message.body
    assert f'href="{re.search(r"https://[^ ]+/", message.body)[0]}"' in html_of(message)


def test_a_mail_repeats_nothing_a_browser_sent_as_markup(client, alice, django_capture_on_commit_callbacks):
    sign_in(client)
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/password/change/", fields, headers={"User-Agent": "<img src=x>\r\nBcc: evil"})
    [message] = mail.outbox
    assert message.subject == "Your password was changed"
    assert "<img" in message.body
    assert "<img" not in html_of(message)
    assert list(message.message()["To"].split()) == ["alice@example.com"]
    assert PASSWORD not in str(message.message())


@pytest.mark.parametrize("template", NOTIFICATIONS)
def test_every_notification_is_in_our_words(template):
    subject, text = render(template, {"email": "alice@example.com", "user_agent": "A browser"})
    assert subject
    assert "alice@example.com" in text
    assert "https://connectors.northwind.test/account/password/reset/" in text
    assert not re.search("example.com!|Hello from|Thank you for using|&#", text)


def test_a_mail_that_cannot_be_sent_undoes_nothing(client, alice, settings, django_capture_on_commit_callbacks):
    sign_in(client)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/account/password/change/", fields).status_code == 302
    assert gets_in(Client(), password=NEW_PASSWORD)


def test_a_reset_signs_everybody_out(client, alice):
    elsewhere = Client()
    sign_in(elsewhere)
    follow(client, ask_for_link(client))
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(client)


def test_a_link_is_void_once_the_member_is_deactivated(client, alice):
    link = ask_for_link(client)
    Member.objects.update(is_active=False)
    assert "no longer works" in client.get(link.removeprefix("https://connectors.northwind.test")).text


def test_asking_and_using_a_link_is_recorded(client, alice):
    link = ask_for_link(client, REMOTE_ADDR="198.51.100.7")
    follow(client, link)
    asked, reset = AuditEntry.objects.order_by("pk")
    assert (asked.action, asked.actor) == ("account.password_reset_asked", None)
    assert asked.target_name == "alice@example.com"
    assert asked.address == "198.51.100.7"
    assert (reset.action, reset.actor) == ("account.password_reset", alice)


def test_asking_for_who_was_deactivated_is_recorded_as_refused(client, alice):
    Member.objects.update(is_active=False)
    client.post(RESET, {"email": "alice@example.com"})
    assert AuditEntry.objects.get().result == "refused"
    assert mail.outbox == []
