"""One POST goes out; what comes of it is told in words, with whether trying again may help."""

import logging
import traceback
from contextlib import suppress

import pytest

from connectors_app.webhooks import Refused, Undelivered, post
from tests.bigdata.servers import drip
from tests.webhooks.conftest import BODY, GOOD, HEADERS, answering, deliver

SECRET = "T0-secret-canary"


def test_no_log_line_holds_the_address(serve, caplog):
    with caplog.at_level(logging.DEBUG):
        deliver(serve(answering(b"HTTP/1.1 200 OK\r\nfoo\r\n\r\n")).url + f"/services/{SECRET}")
    assert SECRET not in caplog.text


def outcome(url: str, **options) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        deliver(url, **options)
    return caught.value


def answer_to(serve, status: str, *headers: str) -> Undelivered:
    lines = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, "Content-Length: 2"))
    return outcome(serve(answering(f"{lines}\r\nno".encode())).url)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content", "299 Fine"])
def test_any_2xx_means_delivered(serve, status):
    server = serve(answering(f"HTTP/1.1 {status}\r\n\r\n".encode()))
    deliver(f"{server.url}/in?x=1")
    assert len(server.requests) == 1


def test_body_and_headers_arrive_as_they_are(serve):
    server = serve(answering(GOOD))
    deliver(f"{server.url}/in?x=1")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    assert {b"Content-Type: application/json", b"X-Event: 7"} <= set(head.split(b"\r\n"))
    assert b"User-Agent: connectors-dashboard" in head.split(b"\r\n")
    assert body == BODY


@pytest.mark.parametrize(
    ("status", "message", "can_retry"),
    [
        ("400 Whatever", "400 Bad Request", False),
        ("401 x", "401 Unauthorized", False),
        ("403 x", "403 Forbidden", False),
        ("404 x", "404 Not Found", False),
        ("405 x", "405 Method Not Allowed", False),
        ("410 x", "410 Gone", False),
        ("413 x", "413 ", False),
        ("415 x", "415 Unsupported Media Type", False),
        ("422 x", "422 ", False),
        ("451 x", "451 ", False),
        ("499 x", "499", False),
        ("408 x", "408 Request Timeout", True),
        ("425 x", "425 Too Early", True),
        ("429 x", "429 Too Many Requests", True),
        ("500 x", "500 Internal Server Error", True),
        ("503 x", "503 Service Unavailable", True),
        ("599 x", "599", True),
    ],
)
def test_any_other_answer_is_named_and_tells_whether_to_come_back(serve, status, message, can_retry):
    error = answer_to(serve, status)
    assert str(error).startswith(message)
    assert "Whatever" not in str(error)
    assert (error.status, error.can_retry, error.retry_after) == (int(status[:3]), can_retry, None)


@pytest.mark.parametrize(
    ("status", "asked", "seconds"),
    [
        ("429 x", "7", 7),
        ("503 x", "120", 120),
        ("429 x", "86400", 3600),
        ("429 x", "Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("429 x", "soon", None),
        ("410 x", "7", None),
    ],
)
def test_the_receiver_says_when_to_come_back_within_an_hour(serve, status, asked, seconds):
    assert answer_to(serve, status, f"Retry-After: {asked}").retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_a_redirect_is_not_followed(serve, status):
    inside = serve(answering(GOOD))
    error = answer_to(serve, f"{status} x", f"Location: {inside.url}/")
    assert "answered with a redirect" in str(error)
    assert (error.status, error.can_retry) == (status, False)
    assert inside.connections == 0


@pytest.mark.parametrize("location", ["http://[", "http://x:99999999/", "//", "\xff"])
def test_where_a_redirect_points_is_not_even_read(serve, location):
    assert answer_to(serve, "302 Found", f"Location: {location}").status == 302


DRIPS = {
    "headers": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9_000,
    "interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 900,
}


@pytest.mark.parametrize("part", DRIPS)
def test_an_answer_that_drips_is_ended(serve, over, part):
    error = outcome(serve(lambda connection, _: drip(connection, DRIPS[part], over)).url, deadline=0.3)
    assert str(error) == "No answer within 0.3 seconds"
    assert error.can_retry


@pytest.mark.parametrize("framing", ["Content-Length: 9000", "Transfer-Encoding: chunked", "X: until it closes"])
@pytest.mark.parametrize(("status", "is_delivered"), [("200 OK", True), ("410 Gone", False)])
def test_the_status_counts_however_its_body_drips(serve, over, framing, status, is_delivered):
    def answer(connection, _request):
        connection.sendall(f"HTTP/1.1 {status}\r\n{framing}\r\n\r\n".encode())
        return drip(connection, b"1\r\n \r\n" * 9_000, over)

    url = serve(answer).url
    if is_delivered:
        deliver(url, deadline=0.5)
    else:
        assert outcome(url, deadline=0.5).status == 410


@pytest.mark.parametrize("size", [b"zz", b"-5", b""])
def test_the_status_counts_if_its_body_makes_no_sense(serve, size):
    deliver(serve(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nxx")).url)


def test_silence_is_no_answer(serve, over):
    error = outcome(serve(lambda *_: over.wait(5)).url, deadline=0.2)
    assert (str(error), error.status) == ("No answer within 0.2 seconds", None)


def test_not_more_than_64_kib_of_an_answer_are_taken(serve, traced_memory):
    sent = []

    def flood(connection, _request):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(64):
            connection.sendall(b"x" * 1_000_000)
            sent.append(1)
        return True

    server = serve(flood)
    with traced_memory() as peak:
        deliver(server.url)
    assert len(sent) < 32
    assert peak() < 8_000_000


BROKEN = [
    b"",
    b"HTTP/1.1 2",
    b"SMTP ready\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
    b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
]


@pytest.mark.parametrize("data", BROKEN)
def test_a_receiver_that_breaks_off_or_makes_no_sense_may_be_tried_again(serve, data):
    error = outcome(serve(answering(data)).url)
    assert (str(error), error.can_retry) == ("The connection ended without an answer", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_receiver_of_ones_own_may_be_reached_over_tls(serve, certificate, host):
    server = serve(answering(GOOD), certificate)
    url = server.url.replace("127.0.0.1", host)
    if host == "127.0.0.1":
        post(url, BODY, HEADERS, allowed_hosts=[host])
    else:  # its certificate is for another name
        with pytest.raises(Undelivered, match="No secure connection"):
            post(url, BODY, HEADERS, allowed_hosts=[host])
    assert len(server.requests) == (host == "127.0.0.1")


def test_nobody_listens(closed_port):
    error = outcome(f"http://127.0.0.1:{closed_port}/")
    assert (str(error), error.can_retry, error.status) == ("The connection was refused", True, None)


@pytest.mark.parametrize("allowed", [(), ("nowhere.example.com",)])
def test_a_name_that_nobody_knows(network, allowed):
    with pytest.raises(Undelivered, match="The host name was not found") as caught:
        post("https://nowhere.example.com/", BODY, HEADERS, allowed_hosts=allowed)
    assert caught.value.can_retry


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "410 Gone", "500 x"])
def test_each_delivery_is_one_request_on_its_own(serve, status):
    data = f"HTTP/1.1 {status}\r\nSet-Cookie: a=b\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".encode()
    server = serve(lambda connection, _: connection.sendall(data))
    for _ in range(2):
        with suppress(Undelivered):
            deliver(server.url)
    assert (len(server.requests), server.connections) == (2, 2)
    assert b"cookie" not in server.requests[1].lower()


def test_the_environments_proxy_and_passwords_are_not_used(serve, monkeypatch, tmp_path):
    proxy, server = serve(answering(GOOD)), serve(answering(GOOD))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login joe password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    deliver(server.url)
    assert (len(server.requests), proxy.connections) == (1, 0)
    assert b"Authorization" not in server.requests[0]


def keeps_no_request(error: Exception) -> bool:
    """It came of no other error, and passed through nothing that knew the request."""
    passed = [frame.f_globals["__name__"] for frame, _ in traceback.walk_tb(error.__traceback__)]
    return error.__context__ is None and not [name for name in passed if name.startswith(("requests", "urllib3"))]


def test_no_refusal_holds_them_either(network):
    network.names["hooks.example.com"] = [["127.0.0.1"]]
    with pytest.raises(Refused) as caught:
        post(f"https://hooks.example.com/services/{SECRET}", BODY, HEADERS)
    assert keeps_no_request(caught.value)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 410 Gone\r\n\r\n"])
def test_no_error_holds_the_address_or_the_body(serve, data):
    error = outcome(f"{serve(answering(data)).url}/services/{SECRET}")
    assert SECRET not in "".join(traceback.format_exception(error))
    assert keeps_no_request(error)
