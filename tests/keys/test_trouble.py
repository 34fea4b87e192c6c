"""Keys that don't work, and an upstream that doesn't: nothing changes, and nothing leaks."""

import pytest

from connectors_app.bigdata import errors
from tests.bigdata.servers import Server
from tests.stored import data_stored

STORED, KEY = "canary-key-stored-77aa", "canary-key-sent-31c0d8"
NOT_ACCEPTED = (
    "Bigdata.com does not accept this key, so it was not stored. Check that you copied all of it, or make a new"
    " one in your Bigdata.com account."
)
NOT_A_KEY = ["This does not look like an API key. Copy it again, and nothing beside it."]


@pytest.fixture(params=["first", "replaced"])
def page(request, sandbox, signed_in, alice, caplog):
    """The keys page of a member who has no key, or has one."""
    caplog.set_level("DEBUG")
    page = signed_in(alice)
    if request.param == "replaced":
        sandbox.add_key(STORED, "user_alice")
        page.post("/keys/", {"api_key": STORED})
    sandbox.clear_requests()
    return page


@pytest.fixture
def refused(page, caplog):
    """Send a key that is not taken; gives the errors at its field."""

    def send(value):
        before = data_stored()
        answer = page.post("/keys/", {"api_key": value})
        assert answer.status_code == 200
        assert data_stored() == before
        assert value.strip() not in answer.text + caplog.text + before
        assert STORED not in answer.text + caplog.text + before
        [message] = answer.context["form"].errors["api_key"]
        assert 'id="id_api_key"' in answer.text
        assert 'id="id_api_key_error"' in answer.text or 'id="error_1_id_api_key"' in answer.text
        return [message]

    return send


def answer(status, body, headers=""):
    """Answer every request with `body`, in which KEY stands for the key that came with the request."""

    def handle(connection, request):
        key = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"x-api-key:"))[10:].strip()
        filled = body.encode().replace(b"KEY", key)
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(filled)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + filled)

    return handle


@pytest.mark.parametrize(
    "value",
    ["two words-canary", "line\nbreak-canary", "tab\tinside-canary", "clé-canary", "ключ-canary", "k\x7fcanary",
     "c" * 501, "canary" * 100, "canary\u200bkey"],
)  # fmt: skip
def test_what_cannot_be_a_key_is_never_sent(refused, sandbox, value):
    assert refused(value) == NOT_A_KEY
    assert sandbox.requests == []


def test_a_nul_is_never_sent(refused, sandbox):
    assert refused("canary\x00key") == ["Null characters are not allowed."]
    assert sandbox.requests == []


def test_a_key_of_500_characters_is_tried(refused, sandbox):
    refused("c" * 500)
    assert len(sandbox.requests) == 1


def test_a_wrong_key_is_called_one(refused, sandbox):
    assert refused(KEY) == [NOT_ACCEPTED]
    assert [call["status"] for call in sandbox.requests] == [401]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.Refused),
        (401, errors.KeyRejected),
        (403, errors.KeyRejected),
        (404, errors.NotFound),
        (422, errors.Refused),
        (429, errors.RateLimited),
        (500, errors.UpstreamFailed),
        (503, errors.UpstreamFailed),
    ],
)
@pytest.mark.parametrize("body", ['{"message": "no: KEY"}', '{"detail": [{"msg": "no: KEY"}]}', "KEY", ""])
def test_an_upstream_error_is_explained_and_its_echo_of_the_key_is_not_shown(
    refused, upstream_at, status, error, body
):
    server = upstream_at(answer(status, body, headers="Retry-After: 60\r\n"))
    expected = NOT_ACCEPTED if error is errors.KeyRejected else error.default_message
    assert refused(KEY)[0].startswith(expected)
    assert KEY.encode() in server.requests[0]


def test_a_wrong_address_is_not_blamed_on_the_key(refused, upstream_at):
    upstream_at(answer(403, '{"message": "Missing Authentication Token"}'))
    assert refused(KEY) == [errors.NoSuchRoute.default_message]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("502-html", errors.UpstreamFailed),
        ("malformed", errors.UnexpectedAnswer),
        ("wrong-type", errors.UnexpectedAnswer),
        ("truncated", errors.ConnectionLost),
        ("reset-before", errors.ConnectionLost),
        ("drip", errors.TimedOut),
    ],
)
def test_a_broken_answer_keeps_nothing(refused, sandbox, settings, fault, error):
    sandbox.add_key(KEY, "user_alice")
    sandbox.fault("listConnectors", fault, times=0)
    settings.BIGDATA_TOTAL_TIMEOUT = 0.7
    assert refused(KEY)[0].startswith(error.default_message)


def test_an_answer_without_end_keeps_nothing(refused, sandbox):
    sandbox.add_key(KEY, "user_alice")
    sandbox.fault("listConnectors", "huge", times=0)
    assert "more than" in refused(KEY)[0]


@pytest.mark.parametrize(
    "body", ["{}", "[]", "null", '{"results": [{}]}', '{"results": null}', "<html>KEY</html>"]
)
def test_a_good_status_alone_proves_nothing(refused, upstream_at, body):
    upstream_at(answer(200, body))
    assert refused(KEY)[0].startswith(errors.UnexpectedAnswer.default_message)


def test_nobody_there(refused, settings):
    settings.BIGDATA_API_BASE_URL = "http://127.0.0.1:9"
    settings.BIGDATA_TOTAL_TIMEOUT = 0.5
    assert "could not be reached" in refused(KEY)[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_does_not_follow_a_redirect(refused, upstream_at, status):
    elsewhere = Server(answer(200, '{"results": []}'))
    upstream_at(answer(status, "", headers=f"Location: {elsewhere.url}/KEY\r\n"))
    assert "redirect" in refused(KEY)[0]
    assert (elsewhere.connections, elsewhere.requests) == (0, [])
    elsewhere.close()
