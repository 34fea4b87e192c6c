"""Where a member is signed in: looked at, ended one by one or all but this one."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry
from connectors_app.services.sessions import browser_in_words
from tests.account.authenticator_app import enter_password, is_signed_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SESSIONS = "/account/sessions/"
NEW = "battery staple horse"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(user_agent=FIREFOX, **extra):
    client = Client(headers={"user-agent": user_agent}, **extra)
    assert enter_password(client) == "/"
    return client


def row_of(client):
    return UserSession.objects.get(session_key=client.session.session_key)


def ended():
    entries = AuditEntry.objects.filter(action=AuditAction.SESSIONS_ENDED)
    return [entry.details["sessions"] for entry in entries]


def test_each_is_told_in_words_and_this_one_is_marked(alice):
    here, _ = sign_in(), sign_in("curl/8.0", REMOTE_ADDR="203.0.113.7")
    page = here.get(SESSIONS)
    told = [(each.browser, each.address, each.is_current) for each in page.context["sessions"]]
    assert told == [("Firefox on Linux", "127.0.0.1", True), ("Unknown browser", "203.0.113.7", False)]
    assert page.text.count("This one") == 1


def test_no_session_id_is_told(alice):
    here, there = sign_in(), sign_in()
    page = here.get(SESSIONS).text
    assert [each for each in (here, there) if each.session.session_key in page] == []


def test_one_is_ended_and_the_others_stay(alice):
    here, there, elsewhere = sign_in(), sign_in(), sign_in()
    assert here.post(f"{SESSIONS}{row_of(there).pk}/end/").url == SESSIONS
    assert [is_signed_in(each) for each in (here, there, elsewhere)] == [True, False, True]
    assert ended() == [1]


def test_all_others_are_ended(alice):
    here, there, elsewhere = sign_in(), sign_in(), sign_in()
    here.post(f"{SESSIONS}end-others/")
    assert [is_signed_in(each) for each in (here, there, elsewhere)] == [True, False, False]
    assert (ended(), UserSession.objects.count()) == ([2], 1)


def test_nobody_ends_somebody_elses(alice, bob, signed_in):
    there = sign_in()
    assert signed_in(bob).post(f"{SESSIONS}{row_of(there).pk}/end/").status_code == 404
    signed_in(bob).post(f"{SESSIONS}end-others/")
    assert is_signed_in(there)


def test_this_one_is_ended_by_signing_out_only(alice):
    here = sign_in()
    assert here.post(f"{SESSIONS}{row_of(here).pk}/end/").status_code == 404
    assert is_signed_in(here)


def test_ending_nothing_records_nothing(alice):
    sign_in().post(f"{SESSIONS}end-others/")
    assert ended() == []


def test_another_password_ends_all_others_at_once(alice):
    here, there = sign_in(), sign_in()
    dead = there.session.session_key
    fields = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/account/password/change/", fields).url == "/account/"
    assert [is_signed_in(each) for each in (here, there)] == [True, False]
    assert not Session.objects.filter(session_key=dead).exists()
    entry = AuditEntry.objects.get(action=AuditAction.PASSWORD_CHANGED)
    assert (entry.actor, entry.details) == (alice, {"sessions_ended": 1})


def test_a_wrong_current_password_changes_nothing(alice):
    here, there = sign_in(), sign_in()
    fields = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert here.post("/account/password/change/", fields).status_code == 200
    assert is_signed_in(there)
    assert not AuditEntry.objects.filter(action=AuditAction.PASSWORD_CHANGED).exists()


def test_what_has_run_out_or_knows_an_old_password_is_not_listed(alice):
    here, there, elsewhere = sign_in(), sign_in(), sign_in()
    Session.objects.filter(session_key=there.session.session_key).update(expire_date=timezone.now())
    stored = elsewhere.session
    stored["_auth_user_hash"] = "of another password"
    stored.save()
    assert [each.is_current for each in here.get(SESSIONS).context["sessions"]] == [True]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Mobile Safari/604.1",
            "Chrome on iPhone",
        ),
        ("", "Unknown browser"),
        ("<script>", "Unknown browser"),
    ],
    ids=["edge", "safari", "android", "iphone", "none", "script"],
)
def test_a_browser_in_words(user_agent, words):
    assert browser_in_words(user_agent) == words
