"""Every status and every error body becomes one sensible error."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors_app.bigdata import (
    BigdataError,
    KeyRejected,
    NoSuchRoute,
    NotFound,
    RateLimited,
    Refused,
    Secret,
    UnexpectedAnswer,
    UpstreamFailed,
)
from connectors_app.bigdata.problems import error_from
from connectors_app.bigdata.redaction import Redactor
from connectors_app.http.retry_after import retry_after

from .conftest import CONNECTOR, CONNECTORS, ID, KEY, PASSWORD

TABLE = [
    (300, UnexpectedAnswer),
    (302, UnexpectedAnswer),
    (400, Refused),
    (401, KeyRejected),
    (402, Refused),
    (403, KeyRejected),
    (404, NotFound),
    (409, Refused),
    (413, Refused),
    (422, Refused),
    (429, RateLimited),
    (500, UpstreamFailed),
    (501, UpstreamFailed),
    (503, UpstreamFailed),
    (599, UpstreamFailed),
    (199, UnexpectedAnswer),
    (600, UnexpectedAnswer),
]


def error(status=400, body=b"", headers=None, secrets=()):
    return error_from(status, headers or {}, body, Redactor(secrets))


@pytest.mark.parametrize(("status", "kind"), TABLE)
def test_each_status_has_its_error(status, kind):
    made = error(status)
    assert type(made) is kind
    assert made.status == status


@pytest.mark.parametrize(
    ("kind", "may_have_happened", "retry_can_help"),
    [
        (Refused, False, False),
        (KeyRejected, False, False),
        (NotFound, False, False),
        (NoSuchRoute, False, False),
        (RateLimited, False, True),
        (UpstreamFailed, True, True),
        (UnexpectedAnswer, True, True),
    ],
)
def test_each_error_says_whether_it_happened_and_whether_a_retry_helps(kind, may_have_happened, retry_can_help):
    made = kind()
    assert (made.may_have_happened, made.retry_can_help) == (may_have_happened, retry_can_help)
    assert made.message == str(made) != ""


def test_each_error_has_its_own_code():
    kinds = BigdataError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds) == 11


def test_a_redirect_will_not_get_better_by_itself():
    assert not error(308).retry_can_help
    assert error(308).may_have_happened


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_wrong_path_is_not_taken_for_a_wrong_key(status):
    assert type(error(status, b'{"message": "Missing Authentication Token"}')) is NoSuchRoute


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "Label too long"}', "Label too long"),
        (b'{"detail": "Label too long"}', "Label too long"),
        (b'{"errorCode": "INVALID_TAGS_ERROR"}', "INVALID_TAGS_ERROR"),
        (b'{"message": "Bad tag", "errorCode": "TAGS"}', "Bad tag (TAGS)"),
        (
            b'{"detail": [{"loc": ["body", "x"], "msg": "required"}, {"msg": "too short"}]}',
            "required; too short",
        ),
        (b'{"error": {"message": "inner"}}', "inner"),
        (b'{"errors": {"label": ["too long", "odd"]}}', "label: too long; odd"),
        (b'"just text"', "just text"),
        (b"plain\r\nwords\x00\x1b[31m", "plain words [31m"),
        (b"<html><body>502</body></html>", ""),
        (b'{"message": "<h1>no</h1>"}', ""),
        (b'{"message": ', ""),
        (b"[" * 60_000, ""),
        (b'{"message": 5, "detail": null}', ""),
        (b'{"detail":' * 9 + b'"deep"' + b"}" * 9, ""),
        (b"", ""),
        (b"null", ""),
        (b"17", ""),
    ],
)
def test_useful_words_are_kept_from_any_body(body, text):
    assert error(400, body).upstream_message == text


def test_upstreams_words_are_cut_at_500_characters():
    assert len(error(400, b"x" * 9_000).upstream_message) == 500


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            b'{"detail": [{"loc": ["body", "config", "allowed_emails", 0], "msg": "no address"}]}',
            {"allowed_emails": "no address"},
        ),
        (b'{"detail": [{"loc": ["body"], "msg": "odd", "input": {"label": "L"}}]}', {}),
        (
            b'{"errors": {"label": ["too long"], "user_password": "wrong", "other": "x"}}',
            {"label": "too long", "user_password": "wrong"},
        ),
        (b'{"errors": [{"field": "config.session_id", "message": "expired"}]}', {"session_id": "expired"}),
        (b'{"detail": {"config": {"user_id": "unknown"}}}', {"user_id": "unknown"}),
        (b'{"field": "date_limit", "message": "in the future"}', {"date_limit": "in the future"}),
        (b'{"message": "User ID is not known"}', {"user_id": "User ID is not known"}),
        (
            b'{"message": "allowedEmails must not be empty"}',
            {"allowed_emails": "allowedEmails must not be empty"},
        ),
        (b'{"message": "the labelling failed"}', {}),
        (b'{"description": "our own words", "message": "odd"}', {}),
        (b'{"errors": {"label": null}}', {}),
        (b'{"detail":' * 9 + b'{"label": "deep"}' + b"}" * 9, {}),
        (b"", {}),
    ],
)
def test_a_refusal_names_the_field_where_it_can_be_told(body, fields):
    assert error(422, body).fields == fields


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("86400", 3600.0),
        ("999999999999999999999", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("\u0661", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 3600.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_bounded_and_nonsense_is_none(value, seconds):
    headers = {} if value is None else {"Retry-After": value}
    assert error(429, headers=headers).retry_after == seconds


def test_retry_after_as_a_date_counts_from_now():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after("Thu, 01 Jan 2026 00:00:30 GMT", now) == 30
    assert retry_after("Thu, 01 Jan 2026 00:00:30 -0000", now) == 30


@pytest.mark.parametrize(
    "spelling",
    [
        PASSWORD,
        PASSWORD.upper(),
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        quote(PASSWORD, safe="").replace("%20", "+"),
        r"pass\"canary/\u00fc 9",
        "pass&quot;canary/ü 9",
    ],
)
def test_an_echoed_secret_is_taken_out_in_every_spelling(spelling):
    made = error(400, f"user_password {spelling} is wrong".encode(), secrets=[Secret(PASSWORD), Secret("")])
    assert made.upstream_message == "user_password ••• is wrong"
    assert made.fields == {"user_password": "user_password ••• is wrong"}


def test_a_secret_at_the_cut_leaves_no_half_of_itself():
    made = error(400, b"x" * 495 + b"canary-canary", secrets=[Secret("canary-canary")])
    assert "can" not in made.upstream_message


def test_a_secret_that_cleaning_would_reveal_is_taken_out():
    assert "can ary" not in error(400, b"bad can\x00ary", secrets=[Secret("canary")]).upstream_message
    assert "canary" not in error(400, b"bad can\x00ary", secrets=[Secret("canary")]).upstream_message


def test_no_error_of_a_call_shows_its_secrets(upstream, client, broker, caplog):
    caplog.set_level("DEBUG")
    upstream.post(
        CONNECTORS, json={"detail": f"{KEY} and {PASSWORD}", "input": {"user_password": PASSWORD}}, status=400
    )
    with pytest.raises(Refused) as caught:
        client.create_connector(broker)
    shown = f"{caught.value!r} {vars(caught.value)} {caplog.text}"
    assert caught.value.upstream_message == "••• and •••"
    assert KEY not in shown
    assert PASSWORD not in shown


def test_an_errors_status_survives_a_body_in_an_unknown_encoding(upstream, client):
    upstream.get(CONNECTOR, body=b"garbage", status=404, headers={"Content-Encoding": "gzip"})
    with pytest.raises(NotFound):
        client.get_connector(ID)


@given(
    st.integers(min_value=300, max_value=999),
    st.binary() | st.from_regex(rb'\{"(detail|errors|message)": .*\}'),
)
def test_any_body_makes_an_error(status, body):
    assert error(status, body).message
