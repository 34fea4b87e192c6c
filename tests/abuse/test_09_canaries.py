"""Marked secrets through members, invitations, account, two-factor, keys and settings: found nowhere after.

Not on a page but the one that shows it once, in no log, mail, audit row, table, session or cache.
Those of connectors are in tests/pages/test_no_secret_anywhere.py, those on disk in tests/browser/.
"""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from connectors_app.models import ApiKey, AuditEntry, Invitation, Member
from tests.abuse.listening import Listener, listener
from tests.account.authenticator_app import ADD, CODES, SECOND_STEP, code_of, recovery_codes
from tests.account.conftest import clock
from tests.conftest import PASSWORD as KNOWN
from tests.stored import everything_stored

__all__ = ["clock", "listener"]
KEY, OTHER_KEY = "canary-9e41f0-key", "canary-5b7720-other-key"
PASSWORD, NEXT_PASSWORD = "canary-31d6aa pass phrase", "canary-0cc7e2 pass phrase"
LOGIN, INVITE = "/account/login/", "/members/invite/"
EVERY_PAGE = [
    *("/", "/connectors/", "/members/", "/members/?q=carol", "/audit/", "/audit/export.csv"),
    *("/sharing/", "/errors/", "/organization/", "/keys/", "/keys/?confirm=1", "/keys/expiry/"),
    *("/keys/remove/", "/keys/organization/", "/bulk/", "/connectors/new/", "/account/", "/account/2fa/"),
    *(
        "/account/2fa/recovery-codes/",
        "/account/sessions/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/readyz",
        "/nothing/",
    ),
    *("/connectors/export.csv",),
]


@pytest.fixture
def browser(listener, adam, signed_in):
    """Adam's: the one who sees most."""
    return signed_in(adam, listener.browser())


@pytest.fixture
def visitor(listener):
    """Of nobody yet."""
    return listener.browser()


def look_around(*browsers):
    for browser in browsers:
        for page in EVERY_PAGE:
            browser.get(page)
        for member in Member.objects.all():
            for path in ("", "role/admin/", "deactivate/", "reactivate/"):
                browser.get(f"/members/{member.pk}/{path}")


def test_09_passwords(listener, visitor, browser, alice):
    listener.secrets += [PASSWORD, NEXT_PASSWORD]
    alice.set_password(PASSWORD)
    alice.save()
    for attempt in (PASSWORD + "x", PASSWORD.upper(), NEXT_PASSWORD, PASSWORD):
        visitor.post(LOGIN, {"login": alice.email, "password": attempt})
    assert visitor.get("/account/").status_code == 200
    change = {"oldpassword": PASSWORD, "password1": NEXT_PASSWORD}
    for fields in (
        change | {"password2": PASSWORD},
        change | {"oldpassword": NEXT_PASSWORD, "password2": NEXT_PASSWORD},
        change | {"password2": NEXT_PASSWORD},
    ):
        visitor.post("/account/password/change/", fields)
    for attempt in (PASSWORD, NEXT_PASSWORD):
        visitor.post("/account/reauthenticate/?next=/keys/", {"password": attempt})
    for _ in range(8):
        listener.browser().post(LOGIN, {"login": alice.email, "password": PASSWORD})
    look_around(visitor, browser)
    alice.refresh_from_db()
    assert alice.check_password(NEXT_PASSWORD)


def test_09_the_secret_and_the_codes_of_two_factor(listener, visitor, browser, adam, clock):
    with listener.shown_on_purpose():
        page = browser.get(ADD).text
    sealed = re.search(r'name="sealed_secret" value="([^"]+)"', page)[1]
    secret = re.search(r"data-copy-value>\s*([A-Z2-7]{32})\s*<", page)[1]
    listener.secrets.append(secret)
    with listener.shown_on_purpose():  # Until a code is right, the page goes on showing it.
        browser.post(ADD, {"sealed_secret": sealed, "code": "000000"})
        browser.post(ADD, {"sealed_secret": sealed, "code": secret})
    assert browser.post(ADD, {"sealed_secret": sealed, "code": code_of(secret)}).url == CODES
    with listener.shown_on_purpose():
        codes = recovery_codes(browser)
    assert len(codes) == 10
    listener.secrets += codes
    clock.next_code()
    for code in (secret, "000000", codes[0], codes[0], code_of(secret)):
        visitor.post(LOGIN, {"login": adam.email, "password": KNOWN})
        visitor.post(SECOND_STEP, {"code": code})
        visitor.post("/account/2fa/reauthenticate/?next=/keys/", {"code": code})
        look_around(visitor)
        visitor.post("/account/logout/")
    browser.post("/account/2fa/recovery-codes/generate/")
    with listener.shown_on_purpose():
        listener.secrets += recovery_codes(browser)
    look_around(browser)
    assert len(listener.secrets) == 21
    assert browser.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()


def test_09_the_links_of_invitations(listener, visitor, browser):
    listener.secrets += [PASSWORD, NEXT_PASSWORD]
    tokens = []
    for email, role in (
        ("carol@example.com", "analyst"),
        ("carol@example.com", "admin"),
        ("dora@example.com", "support"),
    ):
        with listener.shown_on_purpose():
            page = browser.post(INVITE, {"email": email, "role": role}).text
        tokens.append(re.search(r"/invitations/([\w-]+)/", page)[1])
    delivered = [message for message in mail.outbox if any(token in message.body for token in tokens)]
    assert {message.to[0] for message in delivered} <= {"carol@example.com", "dora@example.com"}
    mail.outbox[:] = [message for message in mail.outbox if message not in delivered]
    listener.secrets += tokens
    replaced, carols, doras = (f"/invitations/{token}/" for token in tokens)
    for path in (replaced, carols, doras, carols[:-2] + "/"):
        visitor.get(path)
        browser.get(path)
        visitor.post(path, {"password": PASSWORD[:8]})
    browser.post(f"/members/invitations/{Invitation.objects.get(email='dora@example.com').pk}/revoke/")
    for path in (replaced, doras, carols, carols):
        visitor.post(path, {"password": PASSWORD})
    visitor.post(LOGIN, {"login": "carol@example.com", "password": PASSWORD})
    assert visitor.get("/account/").status_code == 200
    look_around(browser, visitor)


def test_09_api_keys_of_the_organization(listener, browser, alice, sandbox, signed_in):
    listener.secrets += [KEY, OTHER_KEY]
    sandbox.add_key(KEY, "user_alice")
    owner = signed_in(alice, listener.browser())
    for value in (f"{KEY} {OTHER_KEY}", OTHER_KEY, KEY):
        owner.post("/keys/", {"api_key": value, "expires_on": "2099-01-01"})
    api_key = ApiKey.objects.get()
    assert api_key.holds(KEY)
    for path in ("disable", "enable"):
        browser.get(f"/keys/{api_key.pk}/{path}/")
        browser.post(f"/keys/{api_key.pk}/{path}/")
        owner.post("/keys/", {"api_key": KEY})
        look_around(browser, owner)
    sandbox.fault("listConnectors", "401")
    owner.post("/refresh/")
    look_around(browser, owner)
    owner.post("/keys/remove/")
    look_around(browser, owner)


WRONG_FIELDS = [
    (LOGIN, ("login",)),
    ("/account/password/reset/", ("email",)),
    ("/account/", ("time_zone",)),
    ("/keys/", ("expires_on",)),
    ("/keys/expiry/", ("expires_on",)),
    (ADD, ("code", "sealed_secret")),
    (INVITE, ("email", "role", "invitation_id")),
    ("/organization/", ("email", "investment_research", "sharepoint")),
    ("/bulk/new/", ("action", "connector", "bulk_id", "all_matching")),
    ("/theme/", ("theme", "next")),
    ("/senders/check/", ("allowed_emails",)),
    ("/connectors/new/email/", ("label", "allowed_emails", "operation_id")),
]


def test_09_a_secret_in_a_wrong_field(listener, browser, visitor, make_key, adam):
    """A form shows again what was typed into a field that is no secret's; beyond that form it is forgotten."""
    make_key(adam)
    listener.secrets += [KEY, PASSWORD]
    for address, names in WRONG_FIELDS:
        for client in (browser, visitor):
            for secret in (KEY, PASSWORD):
                with listener.shown_on_purpose():
                    client.post(address, dict.fromkeys(names, secret))
                client.get("/", follow=True)  # The next page, which may say what became of it.
    look_around(browser)
    assert "canary" not in str(list(AuditEntry.objects.values()))


EVERY_FORM = [address for address, _ in WRONG_FIELDS] + ["/account/password/change/", "/account/reauthenticate/"]
EVERY_FORM += ["/account/sessions/end-others/", "/account/logout/", "/keys/remove/", "/backoffice/login/"]
SECRET_FIELDS = ("password", "oldpassword", "password1", "password2", "api_key", "user_password", "session_id")
SECRET_FIELDS += ("secret", "token", "csrfmiddlewaretoken")


def test_09_secrets_in_secret_fields_of_every_form(listener, browser, visitor):
    """Whether the form has such a field or not."""
    listener.secrets += [KEY, PASSWORD]
    for address in EVERY_FORM:
        for client in (visitor, browser):
            for secret in (KEY, PASSWORD):
                client.post(address, dict.fromkeys(SECRET_FIELDS, secret) | {"login": "adam@example.com"})
    look_around(browser)


@pytest.mark.django_db
def test_09_a_canary_in_any_of_these_places_would_be_found(alice, client):
    """The positive control."""
    told = Listener()
    told.secrets.append(KEY)
    assert told.found() == []
    told.browser().get(f"/nothing/?{KEY}")
    assert told.found() == []  # The page of what is not there repeats no address.
    told.heard.append(f"in a page {KEY[::-1]}")
    assert told.found() != []
    alice.bigdata_user_id = KEY
    alice.save()
    session = client.session
    session["typed"] = PASSWORD
    session.save()
    assert KEY in everything_stored()
    assert PASSWORD in everything_stored()


def test_09_what_is_kept_is_hashed_or_encrypted(listener, alice, with_key, visitor):
    listener.secrets.append("sandbox-alice")
    with_key(alice)
    assert ApiKey.objects.get().holds("sandbox-alice")
    assert ApiKey.objects.get().ciphertext.startswith("v1:")
    visitor.get(LOGIN)
