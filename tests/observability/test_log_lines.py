"""What a log line looks like, and that none holds a secret, whoever logged it and however."""

import json
import logging

import pytest
from django.conf import settings
from django.test import RequestFactory

from connectors_app.bigdata import Secret
from connectors_app.telemetry.context import being_about, note
from connectors_app.telemetry.lines import JsonLine, Line

CANARY = "canary-7f31"


def record(message="Something", *arguments, extra=None, exc_info=None):
    made = logging.LogRecord("some.library", logging.INFO, "/there.py", 1, message, arguments, exc_info)
    vars(made).update(extra or {})
    return made


def as_json(*arguments, **options):
    return json.loads(JsonLine().format(record(*arguments, **options)))


def caught(error):
    return type(error), error, None


def test_a_json_line_says_what_when_and_how_bad():
    line = as_json("%d of %s", 2, "three", extra={"status": 404})
    assert line.pop("time").startswith("20")
    assert line == {"level": "INFO", "logger": "some.library", "message": "2 of three", "status": 404}


def test_a_line_says_what_it_is_about_and_only_while_it_is():
    with being_about(task="poll_key", task_id="17"):
        with being_about():
            note(operation="0b1e")
            assert as_json()["operation"] == "0b1e"
            assert Line("%(message)s").format(record()) == "Something task=poll_key task_id=17 operation=0b1e"
        assert "operation" not in as_json()
        assert as_json()["task_id"] == "17"
    assert "task" not in as_json()


def test_each_format_can_be_chosen():
    assert set(settings.LOGGING["formatters"]) == {"json", "line"}
    assert settings.LOGGING["handlers"]["console"]["formatter"] == "json"


SAID = [
    f"X-API-KEY: {CANARY}",
    f"{{'X-API-KEY': '{CANARY}', 'Accept': '*/*'}}",
    f"Authorization: Basic {CANARY}==",
    f"Authorization: Bearer {CANARY}",
    f"sent with bearer {CANARY}",
    f"Cookie: theme=dark; sessionid={CANARY}; csrftoken={CANARY}\r\nAccept: */*",
    f"Set-Cookie: __Host-sessionid={CANARY}; Path=/",
    f'{{"user_password": "a \\"{CANARY}\\" b", "label": "Ours"}}',
    f'"{{\\"session_id\\": \\"a b {CANARY}\\"}}"',
    f"password={CANARY}&label=x",
    f"oldpassword: {CANARY}",
    f"Config(user_id='bob', user_password='{CANARY}', label='Ours')",
    f"SECRET_KEY = '{CANARY}'",
    f"POST /invitations/{CANARY}/ was refused",
    f"Forbidden: /account/password/reset/key/1-{CANARY}/",
    f"https://hooks.example.com/services/T0/{CANARY} does not answer",
    f"postgres://dashboard:{CANARY}@db.example/name",
    f"redis://:{CANARY}@cache.example:6379/0",
    f"HTTPSConnectionPool(host='hooks.example.com'): Max retries exceeded with url: /services/{CANARY} (Caused",
    f'https://hooks.example.com:443 "POST /services/{CANARY} HTTP/1.1" 404 None',
    f"GET /account/single-sign-on/callback/?code={CANARY}&state={CANARY} failed",
    f"<WSGIRequest: GET '/connectors/?q={CANARY}'>",
]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("formatter", [JsonLine(), Line("%(message)s")], ids=["json", "line"])
def test_what_looks_like_a_secret_is_not_written(formatter, said):
    whole = {"extra": {"about": said, "deep": [{"of": said}]}, "exc_info": caught(ValueError(said))}
    assert CANARY not in formatter.format(record(said, **whole))
    assert CANARY not in formatter.format(record("as it came: %s, %r", said, [said]))


def test_what_is_named_like_a_secret_is_not_written():
    names = (
        "api_key",
        "X-API-KEY",
        "Cookie",
        "Authorization",
        "password1",
        "user_password",
        "session_id",
        "token",
    )
    line = as_json(extra={"fields": dict.fromkeys(names, CANARY), "session_id": CANARY, "label": "Ours"})
    assert CANARY not in str(line)
    assert (set(line["fields"]), line["label"]) == (set(names), "Ours")


@pytest.mark.parametrize("spelled", [CANARY, CANARY.upper(), f"…{CANARY}…", repr(CANARY.encode())])
def test_a_secret_in_hand_is_not_written_whatever_it_is_called(spelled):
    secret = Secret(CANARY)
    line = JsonLine().format(record("innocent: %s", spelled, exc_info=caught(KeyError(spelled))))
    assert CANARY.lower() not in line.lower()
    del secret
    assert CANARY.lower() in JsonLine().format(record(spelled)).lower()  # The positive control.


def test_what_the_request_in_hand_brought_is_not_written():
    request = RequestFactory().post("/keys/?state=canary-state", {"api_key": CANARY, "label": "Ours"})
    request.COOKIES["sessionid"] = f"{CANARY}-of-a-session"
    request.META["HTTP_AUTHORIZATION"] = "Bearer canary-bearer"
    assert request.POST["label"] == "Ours"
    said = f"Ours {CANARY} {CANARY}-of-a-session canary-bearer canary-state"
    with being_about(request):
        line = as_json(said, exc_info=caught(ValueError(said)))
    assert "canary" not in str(line)
    assert "Ours" in line["message"]
    # Where only the record knows the request, as in what Django logs last.
    assert "canary" not in str(as_json(said, extra={"request": request}))
    assert "canary" in str(as_json(said))


def test_a_body_that_nobody_read_is_not_read_for_the_log():
    request = RequestFactory().post("/keys/", {"api_key": CANARY})
    with being_about(request):
        as_json("Before it is read")
    assert not hasattr(request, "_post")


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "METRICS_TOKEN"])
def test_the_deployment_s_own_secrets_are_not_written(name):
    value = getattr(settings, name)
    value = value[0].partition(":")[2] if isinstance(value, list) else value
    assert value not in JsonLine().format(record("found %s", value))


@pytest.mark.parametrize("formatter", [JsonLine(), Line("%(message)s")], ids=["json", "line"])
def test_what_cannot_be_cleaned_is_not_written_and_said_so(formatter, capsys):
    class Sly:
        def __str__(self):
            raise RuntimeError(CANARY)

    for made in (record("%d", f"no number {CANARY}"), record(CANARY, extra={"sly": Sly()}), record(Sly())):
        line = formatter.format(made)
        assert CANARY not in line
        assert "A line of some.library (/there.py:1) could not be written" in line
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x00", "\x1b[2J", "\u2028", "\x85"])
def test_nothing_in_a_message_begins_a_line_of_its_own(end):
    forged = f"x{end}2026-01-01 INFO forged"
    assert len(Line("%(message)s").format(record(forged)).splitlines()) == 1
    assert len(JsonLine().format(record(forged, extra={"also": forged})).splitlines()) == 1


def test_a_record_is_left_as_it_was_for_others():
    made = record("password=%s", CANARY, exc_info=caught(ValueError()), extra={"token": CANARY})
    before = dict(vars(made))
    JsonLine().format(made)
    assert vars(made) == before


def test_harmless_text_stays():
    said = "poll of key 0b1e-42 failed: TimedOut; GET /contents/v1/connectors/{connector_id} 200 12 ms attempt 1"
    assert as_json(said)["message"] == said
