"""The headers and cookies of every answer, whatever its address, status and scheme."""

import runpy
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from connectors_app.models import Member
from tests.closing import close
from tests.pages.every_url import every_url
from tests.pages.headers import inline_on, wrong_with

ROOT = Path(__file__).resolve().parents[2]
OTHER_METHODS = ("TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND")


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """https: every setting that the project derives from an https SITE_URL."""
    if request.param == "https":
        plain = runpy.run_path(str(ROOT / "dashboard/settings.py"))
        monkeypatch.setenv("SITE_URL", "https://testserver")
        for name, value in runpy.run_path(str(ROOT / "dashboard/settings.py")).items():
            if name.isupper() and value != plain[name]:
                setattr(settings, name, value)
        assert settings.SESSION_COOKIE_SECURE
    return str(request.param)


def walk(client: Client, scheme: str, *, methods: Iterable[str] = ("GET", "POST")) -> tuple[set[int], list[Any]]:
    """Ask for every address. The statuses that came, and every answer that is not as it must be."""
    client.raise_request_exception = False
    statuses, faults = set(), []
    for url in every_url():
        for method in methods:
            answer = client.generic(method, url, secure=scheme == "https")
            statuses.add(answer.status_code)
            wrong = sorted(wrong_with(answer, is_https=scheme == "https")) + inline_on(answer)
            if wrong:
                faults.append((method, url, answer.status_code, wrong))
            close(answer)
    return statuses, faults


def test_every_address_is_known() -> None:
    urls = every_url()
    assert {"/", "/account/login/", "/healthz", "/backoffice/connectors_app/connector/", "/audit/export.csv"} <= {
        *urls
    }
    assert len(urls) > 130
    assert not any(sign in url for url in urls for sign in "<>()^$\\")


def test_every_answer_to_a_visitor(client: Client, db: None, scheme: str) -> None:
    statuses, faults = walk(client, scheme)
    assert faults == []
    assert {200, 302, 404, 405} <= statuses


@pytest.mark.parametrize("scheme", ["https"], indirect=True)
def test_every_answer_to_an_analyst(alice: Member, signed_in: Callable[[Member], Client], scheme: str) -> None:
    statuses, faults = walk(signed_in(alice), scheme)
    assert faults == []
    assert {200, 302, 403, 404, 405} <= statuses


@pytest.mark.parametrize("scheme", ["https"], indirect=True)
def test_every_answer_to_an_admin_who_is_an_operator(
    adam: Member, signed_in: Callable[[Member], Client], scheme: str
) -> None:
    adam.is_staff = True
    adam.save()
    statuses, faults = walk(signed_in(adam), scheme)
    assert faults == []
    assert {200, 302, 404, 405} <= statuses


def test_other_methods_reach_no_view(scheme: str, desk: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        statuses, faults = walk(desk, scheme, methods=OTHER_METHODS)
    assert (statuses, faults) == ({405}, [])
    answer = desk.generic("TRACE", "/", secure=scheme == "https", headers={"X-Secret": "abc"})
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert answer.headers["Content-Type"] == "text/plain"
    assert "abc" not in answer.content.decode()


def test_head_is_answered_as_get_is(scheme: str, desk: Client) -> None:
    statuses, faults = walk(desk, scheme, methods=["HEAD"])
    assert faults == []
    assert 200 in statuses


@pytest.fixture
def secure(scheme: str) -> bool:
    return scheme == "https"


def test_static_files(client: Client, secure: bool, db: None) -> None:
    """They may be kept, and nothing else is different."""
    for url, status in (("/static/css/error.css", 200), ("/static/js/app.js", 200), ("/static/nothing.js", 404)):
        answer = client.get(url, secure=secure)
        assert answer.status_code == status
        assert wrong_with(answer, is_https=secure, is_file=status == 200) == set()
        close(answer)
    unchanged = client.get(url := "/static/js/app.js", secure=secure)
    close(unchanged)
    known = {"If-Modified-Since": unchanged.headers["Last-Modified"]}
    again = client.get(url, secure=secure, headers=known)
    assert again.status_code == 304
    assert wrong_with(again, is_https=secure, is_file=True) == set()


def test_files_that_are_streamed(secure: bool, desk: Client) -> None:
    for url in ("/connectors/export.csv", "/audit/export.csv"):
        answer = desk.get(url, secure=secure)
        assert answer.streaming
        assert b"".join(answer.streaming_content)
        assert wrong_with(answer, is_https=secure) == set()


@pytest.mark.parametrize("scheme", ["https"], indirect=True)
@pytest.mark.parametrize("host", ["testserver", "evil.example"])
@pytest.mark.parametrize("method", ["GET", "POST", "TRACE"])
def test_over_http_there_is_only_the_way_to_https(client: Client, scheme: str, host: str, method: str) -> None:
    """To the dashboard's own address, whatever host the request names."""
    answer = client.generic(method, "/connectors/?q=a", headers={"Host": host})
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/connectors/?q=a")
    assert wrong_with(answer, is_https=False) == set()


def test_a_request_for_another_host(client: Client, secure: bool, db: None) -> None:
    answer = client.get("/", secure=secure, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert wrong_with(answer, is_https=secure) == set()


def test_a_form_without_its_token(alice: Member, secure: bool) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for url in ("/keys/", "/account/login/", "/backoffice/"):
        answer = client.post(url, {"api_key": "x"}, secure=secure)
        assert answer.status_code == 403
        assert wrong_with(answer, is_https=secure) == set()


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("url", ["/keys/", "/account/login/", "/nowhere/", "/static/js/app.js"])
def test_a_body_that_is_too_large(desk: Client, secure: bool, content_type: str, url: str) -> None:
    """Refused by what it announces, before anything of it is read."""
    answer = desk.generic("POST", url, b"x", content_type, secure=secure, CONTENT_LENGTH=str(512 * 1024 + 1))
    assert answer.status_code == 413
    assert "That was too much at once" in answer.content.decode()
    assert wrong_with(answer, is_https=secure) == set()


def test_files_are_not_taken(secure: bool, desk: Client) -> None:
    answer = desk.post("/keys/", {"api_key": SimpleUploadedFile("key.txt", b"x")}, secure=secure)
    assert answer.status_code == 400
    assert wrong_with(answer, is_https=secure) == set()


def test_too_many_guesses(client: Client, alice: Member, secure: bool) -> None:
    for _ in range(6):
        answer = client.post("/account/login/", {"login": alice.email, "password": "guess"}, secure=secure)
    assert answer.status_code == 429
    assert wrong_with(answer, is_https=secure) == set()


def test_when_it_is_not_ready(client: Client, secure: bool) -> None:
    """pytest refuses the database to a test that did not ask for it."""
    answer = client.get("/readyz", secure=secure)
    assert answer.status_code == 503
    assert wrong_with(answer, is_https=secure) == set()


@pytest.mark.urls("tests.pages.failing_urls")
def test_a_page_that_fails(alice: Member, secure: bool) -> None:
    client = Client(raise_request_exception=False)
    for url in ("/fail/", "/fail/late/"):
        answer = client.get(url, secure=secure)
        assert answer.status_code == 500
        assert wrong_with(answer, is_https=secure) == set()


@pytest.mark.parametrize("url", ["/connectors/", "/nowhere/", "/account/login/"])
def test_what_htmx_asks_for(secure: bool, desk: Client, url: str) -> None:
    answer = desk.get(url, secure=secure, headers={"HX-Request": "true"})
    assert wrong_with(answer, is_https=secure) == set()
