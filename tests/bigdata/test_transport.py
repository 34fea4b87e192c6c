"""What leaves and enters the process: no redirect, no cookie, no netrc, one connection per change, a cap."""

import gzip
import json
import socket
import threading

import pytest
import requests

from connectors_app.bigdata import (
    ConnectionLost,
    EmailConfig,
    KeyRejected,
    NewConnector,
    Refused,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
    UpstreamFailed,
)

from .conftest import CONNECTOR, CONNECTORS, ID, KEY, PASSWORD
from .servers import OK_LIST


def answer(body=b"", status=b"200 OK", headers=b""):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), headers, body)


def always(data):
    return lambda connection, _request: connection.sendall(data)


def reset(connection, _request):
    return True


@pytest.mark.parametrize("status", [b"301 X", b"302 X", b"303 X", b"307 X", b"308 X"])
def test_a_redirect_is_not_followed(serve, connect, status):
    elsewhere = serve(always(OK_LIST))
    location = b"Location: %s/contents/v1/connectors\r\n" % elsewhere.url.encode()
    server = serve(always(answer(status=status, headers=location)))
    with pytest.raises(UnexpectedAnswer) as caught:
        connect(server.url).list_connectors()
    assert (elsewhere.requests, len(server.requests)) == ([], 1)
    assert not caught.value.retry_can_help


def test_a_redirect_with_a_body_without_end_is_not_read(serve, connect):
    sent = []

    def endless(connection, _request):
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n")
        while len(sent) < 2_000:
            connection.sendall(b"x" * 65536)
            sent.append(1)

    with pytest.raises(UnexpectedAnswer):
        connect(serve(endless).url).list_connectors()
    assert len(sent) < 2_000


def test_a_cookie_is_not_kept(serve, connect):
    server = serve(always(answer(b'{"results":[]}', headers=b"Set-Cookie: biscuit=1; Path=/\r\n")))
    client = connect(server.url)
    client.list_connectors()
    client.list_connectors()
    assert not any(b"biscuit" in request for request in server.requests)


def test_netrc_has_no_say_and_the_session_holds_no_key(serve, connect, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve(always(OK_LIST))
    client = connect(server.url, user_agent="tester")
    client.list_connectors()
    head = server.requests[0].decode()
    assert f"X-API-KEY: {KEY}\r\n" in head
    assert "User-Agent: tester\r\n" in head
    assert "Authorization" not in head
    assert KEY not in str(client._transport._shared.headers)


def test_reads_share_a_connection(serve, connect):
    server = serve(always(OK_LIST))
    client = connect(server.url)
    for _ in range(3):
        client.list_connectors()
    assert (server.connections, len(server.requests)) == (1, 3)


def test_each_change_gets_a_connection_of_its_own(serve, connect, connector_json):
    server = serve(always(answer(json.dumps(connector_json).encode())))
    client = connect(server.url)
    client.get_connector(ID)
    client.archive_connector(ID)
    client.delete_connector(ID)
    client.get_connector(ID)
    assert (server.connections, len(server.requests)) == (3, 4)


def test_a_read_survives_a_kept_connection_that_upstream_has_closed(serve, connect):
    server = serve(lambda connection, _: connection.sendall(OK_LIST) or True)
    client = connect(server.url)
    assert [client.list_connectors() for _ in range(3)] == [[], [], []]


def test_a_change_whose_connection_breaks_is_sent_once_and_may_have_happened(serve, connect, inbox):
    server = serve(reset)
    with pytest.raises(ConnectionLost) as caught:
        connect(server.url).create_connector(inbox)
    assert len(server.requests) == 1
    assert caught.value.may_have_happened


def test_a_change_that_never_left_did_not_happen(connect, closed_port, inbox):
    with pytest.raises(Unreachable, match="connection was refused") as caught:
        connect(f"http://127.0.0.1:{closed_port}").create_connector(inbox)
    assert not caught.value.may_have_happened
    assert caught.value.status is None


def test_a_name_that_does_not_exist_is_said_so(connect, monkeypatch):
    def no_such_name(*_):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(Unreachable, match="looked up"):
        connect("http://upstream.invalid", max_attempts=1).list_connectors()


def test_an_untrusted_certificate_gets_no_key(serve, connect, certificate):
    server = serve(always(OK_LIST), certificate[0])
    with pytest.raises(Unreachable, match="secure connection"):
        connect(server.url, max_attempts=1).list_connectors()
    assert server.requests == []


def test_a_trusted_certificate_is_talked_to(serve, connect, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[1]))
    server = serve(always(OK_LIST), certificate[0])
    assert connect(server.url).list_connectors() == []


def test_the_environments_proxy_is_used(serve, connect, monkeypatch):
    proxy = serve(always(OK_LIST))
    monkeypatch.setenv("http_proxy", proxy.url)
    assert connect("http://upstream.invalid").list_connectors() == []
    assert proxy.requests[0].startswith(b"GET http://upstream.invalid/contents/v1/connectors ")


def test_a_change_that_the_proxy_does_not_let_through_did_not_happen(serve, connect, inbox, monkeypatch):
    monkeypatch.setenv("https_proxy", serve(always(answer(status=b"403 No"))).url)
    with pytest.raises(Unreachable) as caught:
        connect("https://upstream.invalid").create_connector(inbox)
    assert not caught.value.may_have_happened


@pytest.mark.parametrize("headers", [b"", b"Content-Encoding: gzip\r\n"])
def test_a_body_over_the_cap_is_refused(serve, connect, headers):
    body = b'{"results":[], "x":"' + b"y" * 200_000 + b'"}'
    server = serve(always(answer(gzip.compress(body) if headers else body, headers=headers)))
    with pytest.raises(UnexpectedAnswer, match="more than"):
        connect(server.url, max_body_bytes=100_000).list_connectors()
    assert connect(server.url, max_body_bytes=len(body)).list_connectors() == []


def test_a_small_body_that_unpacks_to_a_huge_one_is_stopped_at_the_cap(serve, connect, traced_memory):
    bomb = gzip.compress(b" " * 64 * 1024 * 1024)
    server = serve(always(answer(bomb, headers=b"Content-Encoding: gzip\r\n")))
    with traced_memory() as peak, pytest.raises(UnexpectedAnswer):
        connect(server.url, max_body_bytes=1024 * 1024).list_connectors()
    assert peak() < 8 * 1024 * 1024


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b'{"results":[]}', mtime=0)[:-9]])
def test_a_broken_gzip_stream_is_refused(serve, connect, body):
    server = serve(always(answer(body, headers=b"Content-Encoding: gzip\r\n")))
    with pytest.raises(UnexpectedAnswer):
        connect(server.url).list_connectors()


def test_an_empty_body_that_claims_to_be_gzip_is_empty(serve, connect):
    server = serve(always(answer(b"", status=b"204 Gone", headers=b"Content-Encoding: gzip\r\n")))
    assert connect(server.url).delete_connector(ID) is None


def test_a_huge_error_body_is_cut_and_its_status_kept(serve, connect):
    server = serve(always(answer(b"x" * 900_000, status=b"400 Bad")))
    with pytest.raises(Refused) as caught:
        connect(server.url).list_connectors()
    assert len(caught.value.upstream_message) == 500


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
    ],
)
def test_an_answer_that_is_no_http_is_a_lost_connection(serve, connect, data):
    server = serve(lambda connection, _: connection.sendall(data) or True)
    with pytest.raises(ConnectionLost) as caught:
        connect(server.url, max_attempts=1).list_connectors()
    assert caught.value.__context__ is caught.value.__cause__ is None


def test_values_over_64_kib_are_not_sent(serve, connect):
    server = serve(always(OK_LIST))
    many = EmailConfig(tuple(f"sender{n}@example.com" for n in range(10_000)))
    with pytest.raises(Refused, match="64 KiB") as caught:
        connect(server.url).create_connector(NewConnector("L", "", False, many))
    assert server.requests == []
    assert not caught.value.may_have_happened


def test_what_fails_leads_back_to_no_secret(serve, connect, broker):
    with pytest.raises(ConnectionLost) as caught:
        connect(serve(reset).url).create_connector(broker)
    error, told = caught.value, []
    trace = error.__traceback__.tb_next  # the first frame is this test's own
    while trace:
        told.append(repr(trace.tb_frame.f_locals))
        trace = trace.tb_next
    assert error.__context__ is error.__cause__ is None
    assert len(told) > 1
    assert PASSWORD not in "".join(told)
    assert KEY not in "".join(told)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (requests.ConnectTimeout(), Unreachable),
        (requests.exceptions.SSLError(), Unreachable),
        (requests.ReadTimeout(), TimedOut),
        (requests.ConnectionError(), ConnectionLost),
        (requests.exceptions.ChunkedEncodingError(), ConnectionLost),
    ],
)
def test_trouble_without_a_known_connection_is_judged_by_its_kind(upstream, client, inbox, trouble, kind):
    upstream.post(CONNECTORS, body=trouble)
    with pytest.raises(kind):
        client.create_connector(inbox)


def test_the_log_has_one_line_a_call_without_ids_or_secrets(upstream, client, broker, caplog):
    caplog.set_level("DEBUG")
    upstream.post(CONNECTORS, json={"message": PASSWORD}, status=401)
    upstream.get(CONNECTOR, body="{}", status=500)
    for call in (lambda: client.create_connector(broker), lambda: client.get_connector(ID)):
        with pytest.raises((KeyRejected, UpstreamFailed)):
            call()
    first, second = (record.getMessage() for record in caplog.records if record.name == "connectors_app.bigdata")
    assert first.startswith("POST /contents/v1/connectors 401 ")
    assert second.startswith("GET /contents/v1/connectors/{connector_id} 500 ")
    assert second.endswith(" ms attempt 1")
    assert not any(secret in caplog.text for secret in (KEY, PASSWORD, str(ID)))


def test_many_threads_share_one_transport(serve, connect):
    server = serve(always(OK_LIST))
    client, results = connect(server.url), []
    threads = [threading.Thread(target=lambda: results.append(client.list_connectors())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[]] * 16
    assert server.connections <= 4
