"""Nobody learns here who is a member."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from huey.contrib.djhuey import HUEY

from connectors_app.models import Member
from tests.account.signing_in import RESET, guess, sign_in

pytestmark = pytest.mark.django_db
EVERYBODY = ["alice@example.com", "bob@example.com", "nobody@example.com"]


@pytest.fixture(autouse=True)
def members(alice, bob):
    """Alice is a member, Bob was one, and nobody is nobody."""
    Member.objects.filter(pk=bob.pk).update(is_active=False)


def what_shows(answer, email):
    """An answer without what differs anyway: the token of the form and the address that was typed."""
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", answer.text)
    return answer.status_code, text.replace(email, "")


def test_a_wrong_password_is_answered_alike():
    answers = {what_shows(sign_in(Client(), email, "wrong"), email) for email in EVERYBODY}
    assert len(answers) == 1


def test_a_wrong_password_is_hashed_alike(monkeypatch):
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *given: hashed.append(given[0]) or encode(self, *given)
    )
    for email in EVERYBODY:
        sign_in(Client(), email, f"wrong for {email}")
    assert hashed == [f"wrong for {email}" for email in EVERYBODY]


def test_being_stopped_is_answered_alike():
    answers = {what_shows(guess(6, email, f"192.0.2.{EVERYBODY.index(email)}"), email) for email in EVERYBODY}
    assert len(answers) == 1


def test_asking_for_a_link_is_answered_alike():
    answers = [Client().post(RESET, {"email": email}) for email in EVERYBODY]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/account/password/reset/done/")}


@pytest.fixture
def queue(monkeypatch):
    """Tasks wait (in memory) for a worker that does not come."""
    monkeypatch.setattr(HUEY, "_immediate", False)
    yield HUEY
    HUEY.storage.flush_all()


def test_asking_for_a_link_does_the_same_work_for_everybody(queue):
    assert len({queries_of_asking(email) for email in EVERYBODY}) == 1
    assert len(queue.pending()) == 3
    assert mail.outbox == []


def queries_of_asking(email):
    with CaptureQueriesContext(connection) as queries:
        Client().post(RESET, {"email": email})
    return len(queries)


def test_only_active_members_are_written_to():
    for email in EVERYBODY:
        Client().post(RESET, {"email": email})
    assert [message.to for message in mail.outbox] == [["alice@example.com"]]


def test_too_many_links_are_refused_alike():
    for _ in range(6):
        answers = [Client().post(RESET, {"email": email}) for email in EVERYBODY]
    assert {(answer.status_code, answer.text.count("Too many")) for answer in answers} == {(429, 2)}
