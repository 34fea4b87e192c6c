"""Messages that differ only in ids, dates, numbers, addresses and hosts are one error."""

import pytest

from connectors_app.choices import Cause
from connectors_app.models.error_group import without_placeholders
from connectors_app.sandbox import stories
from connectors_app.services.error_groups import _DIFFERS, cause_of, fingerprint_of, normalise


@pytest.mark.parametrize(
    ("message", "normalised"),
    [
        ("portal.harbour.example said no (reference 1a2b3c4d)", "<host> said no (reference <id>)"),
        ("portal.harbour.example said no (reference 12345678)", "<host> said no (reference <id>)"),
        ("Timed out after 30 s in report 40123", "Timed out after <n> s in report <n>"),
        ("10.4.7.20:443 is unreachable since 2026-11-20T08:00:00Z", "<host> is unreachable since <date>"),
        ("Ask ada.lovelace@desk.example at https://x.example/a?b=c", "Ask <address> at <address>"),
        ("id 0f8fad5b-d9cb-469f-a165-70867728950e\nat 12:30:01", "id <id> at <time>"),
        ("  spaces\n\tand lines  ", "spaces and lines"),
        ("", "(no message)"),
    ],
)  # fmt: skip
def test_what_differs_is_taken_out(message, normalised):
    assert normalise(message) == normalised


@pytest.mark.parametrize("name", sorted({name for _, name in _DIFFERS}))
def test_people_read_a_gap_where_something_was_taken_out(name):
    assert without_placeholders(f"Asked {name} <twice>") == "Asked … <twice>"


@pytest.mark.parametrize("template", [*stories._BROKER_ERRORS, *stories._SHAREPOINT_ERRORS])
def test_each_message_of_the_sandbox_is_one_group_however_it_is_filled_in(template):
    import random

    rng = random.Random(7)
    filled = {stories.fill(template, 1_790_000_000.0 + number * 5000, rng) for number in range(50)}
    assert len(filled) > 20
    assert len({fingerprint_of(message) for message in filled}) == 1


def test_other_words_are_another_group():
    assert fingerprint_of("Report 1 could not be read") != fingerprint_of("Report 1 could not be found")
    assert fingerprint_of("Report 1 Could Not be read") == fingerprint_of("Report 2 could not be read")


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (stories.LOGIN_REFUSED, Cause.CREDENTIALS),
        ("Authentication failed for user desk-7", Cause.CREDENTIALS),
        ("Invalid credentials", Cause.CREDENTIALS),
        ("HTTP 401 Unauthorized", Cause.CREDENTIALS),
        (stories.SESSION_EXPIRED, Cause.SESSION),
        ("Session has expired", Cause.SESSION),
        ("portal.example answered HTTP 429 Too Many Requests", Cause.RATE_LIMITED),
        ("Access to /sites/research was denied", Cause.ACCESS_DENIED),
        ("The library does not exist", Cause.NOT_FOUND),
        ("x answered HTTP 503 Service Unavailable", Cause.UPSTREAM_DOWN),
        ("Timed out after 30 s while downloading report 401", Cause.UPSTREAM_DOWN),
        ("Host x is unreachable", Cause.UPSTREAM_DOWN),
        ("The PDF file ends too early", Cause.UNKNOWN),
        ("Report 404 of 2026-04-04 could not be read", Cause.UNKNOWN),
        ("", Cause.UNKNOWN),
    ],
)
def test_the_cause_is_told_by_the_words(message, cause):
    assert cause_of(message) == cause


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_says_what_it_means_and_what_to_do(cause):
    assert cause.help.explanation.endswith(".")
    assert cause.help.action
    assert cause.help.target
