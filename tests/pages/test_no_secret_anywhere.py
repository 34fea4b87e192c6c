"""A whole session with marked secrets, through every success and failure: none of them is found anywhere after.

Not on a page, in a header or a cookie, in the log, in what commands print, in the cache, in any table.
"""

import base64
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from connectors_app.encryption import generate_key
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Handler, Server
from tests.stored import everything_stored

from .canary import KEY, OTHER_KEY, PASSWORD, SESSION_ID, Recorder, answer, canaries_in, created, echo, spelled_out

FORMS = {
    "investment_research": {"label": "Broker", "user_id": "desk-7", "user_password": PASSWORD},
    "sharepoint": {"label": "Library", "session_id": SESSION_ID},
}
FAULTS = ("401", "404", "429", "500", "502-html", "503", "reset-before", "reset-after", "malformed")
FAULTS += ("truncated", "wrong-type", "redirect", "huge")


@pytest.fixture
def heard(
    db: None, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, sandbox: SandboxServer
) -> Iterator[list[str]]:
    """All that a test's session gives away. Everything logs as much as it can, SQL included."""
    sandbox.add_key(KEY, "user_alice")
    sandbox.add_key(OTHER_KEY, "user_alice")
    collected: list[str] = []
    with caplog.at_level(logging.DEBUG), CaptureQueriesContext(connection) as queries:
        yield collected
    out, err = capsys.readouterr()
    collected += [out, err, *(query["sql"] for query in queries.captured_queries)]
    collected += [everything_stored(), str(vars(cache).get("_cache"))]
    records = caplog.get_records("setup") + caplog.get_records("call")
    collected += [f"{logging.Formatter().format(record)} {vars(record)}" for record in records]
    assert [canary for canary in spelled_out() if any(canary in text for text in collected)] == []


@pytest.fixture
def browser(heard: list[str], alice: Member, signed_in: Callable[..., Client]) -> Recorder:
    client: Recorder = signed_in(alice, Recorder(heard))
    client.post("/keys/", {"api_key": KEY})
    return client


def create(browser: Recorder, kind: str, **changes: str) -> Any:
    form = {"operation_id": str(uuid4()), **FORMS[kind], **changes}
    return browser.post(f"/connectors/new/{kind}/", form, follow=True)


def look_around(browser: Recorder) -> None:
    """Every page there is about what was created or not."""
    for url in ("/", "/connectors/", "/connectors/new/", "/keys/", "/keys/remove/", "/keys/expiry/"):
        browser.get(url)
    for connector in Connector.objects.all():
        browser.get(f"/connectors/{connector.connector_id}/")
        browser.post(f"/connectors/{connector.connector_id}/refresh/", headers={"HX-Request": "true"})
        browser.get(f"/connectors/{connector.connector_id}/created/")
    for operation in Operation.objects.all():
        browser.get(f"/operations/{operation.pk}/")
        browser.post(f"/operations/{operation.pk}/check/", follow=True)
        browser.get(f"/connectors/new/{operation.connector_type}/?again={operation.pk}")


@pytest.mark.parametrize("kind", FORMS)
def test_when_all_goes_well(browser: Recorder, sandbox: SandboxServer, kind: str) -> None:
    create(browser, kind)
    assert len(sandbox.requests) > 1
    assert Connector.objects.get().type == kind
    call_command("poll", "--once")
    look_around(browser)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", FORMS)
def test_when_upstream_fails(browser: Recorder, sandbox: SandboxServer, kind: str, fault: str) -> None:
    sandbox.fault("createConnector", fault)
    page = create(browser, kind)
    assert page.status_code == 200
    assert Operation.objects.get().outcome in {"failed", "unknown"}
    look_around(browser)


@pytest.mark.parametrize("fault", FAULTS)
def test_when_looking_fails(browser: Recorder, sandbox: SandboxServer, settings: Settings, fault: str) -> None:
    settings.BIGDATA_TOTAL_TIMEOUT = 0.4
    sandbox.fault("createConnector", "reset-after")
    create(browser, "sharepoint")
    sandbox.fault("GET", fault, times=0)
    with pytest.raises(CommandError):
        call_command("poll", "--once")
    look_around(browser)
    sandbox.clear_faults()
    look_around(browser)


@pytest.mark.parametrize("changes", [{"label": ""}, {"label": "x" * 5000}, {"description": "a\0b"}])
@pytest.mark.parametrize("kind", FORMS)
def test_when_the_form_is_wrong(browser: Recorder, kind: str, changes: dict[str, str]) -> None:
    assert create(browser, kind, **changes).context["form"].errors
    look_around(browser)


def test_when_a_secret_stands_in_the_wrong_field(browser: Recorder) -> None:
    create(browser, "sharepoint", session_id=SESSION_ID + "\0")
    create(browser, "investment_research", user_password=PASSWORD * 2000)
    assert not Connector.objects.exists()


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("kind", FORMS)
def test_when_upstream_repeats_what_it_was_sent(
    browser: Recorder, upstream_at: Callable[[Handler], Server], status: int, kind: str
) -> None:
    server = upstream_at(lambda connection, request: connection.sendall(echo(status, request)))
    create(browser, kind)
    assert canaries_in(server.requests[0]) == 2
    look_around(browser)


@pytest.mark.parametrize("kind", FORMS)
def test_when_a_created_connector_comes_back_with_its_secrets(
    browser: Recorder, upstream_at: Callable[[Handler], Server], kind: str
) -> None:
    upstream_at(lambda connection, request: connection.sendall(created(request)))
    create(browser, kind)
    assert Connector.objects.get().extra["asked"]["config"] is not None
    look_around(browser)


def test_when_upstream_repeats_a_secret_as_python_writes_it(
    browser: Recorder, upstream_at: Callable[[Handler], Server]
) -> None:
    refusal = {"message": f"not with { ({'value': PASSWORD}) }"}
    upstream_at(lambda connection, _: connection.sendall(answer(400, refusal)))
    page = create(browser, "investment_research")
    assert "canary-77d0e" not in page.content.decode()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_when_a_key_is_not_stored(
    heard: list[str],
    alice: Member,
    signed_in: Callable[..., Client],
    upstream_at: Callable[[Handler], Server],
    status: int,
) -> None:
    upstream_at(lambda connection, request: connection.sendall(echo(status, request)))
    client = signed_in(alice, Recorder(heard))
    for value in (KEY, f"{KEY} {KEY}", KEY + "ü", KEY + "\0", KEY * 100):
        assert client.post("/keys/", {"api_key": value, "next": "/"}).status_code == 200
    assert not ApiKey.objects.exists()


def test_when_a_key_is_replaced_and_removed(browser: Recorder) -> None:
    browser.post("/keys/", {"api_key": f"\n {OTHER_KEY} \r\n"}, follow=True)
    browser.post("/keys/", {"api_key": OTHER_KEY}, follow=True)
    look_around(browser)
    browser.post("/keys/remove/", follow=True)
    look_around(browser)


def test_when_an_admin_looks_after_keys(
    heard: list[str], browser: Recorder, adam: Member, signed_in: Callable[..., Client]
) -> None:
    admin = signed_in(adam, Recorder(heard))
    for action in ("disable", "enable"):
        url = f"/keys/{ApiKey.objects.get().pk}/{action}/"
        admin.get(url)
        admin.post(url, follow=True)
        browser.post("/keys/", {"api_key": KEY, "expires_on": "yesterday"})
        look_around(browser)


def test_when_the_encryption_keys_are_rotated(heard: list[str], browser: Recorder, settings: Settings) -> None:
    ring = generate_key("k2")
    settings.FIELD_ENCRYPTION_KEYS = [ring, *settings.FIELD_ENCRYPTION_KEYS]
    printed = StringIO()
    call_command("rotate_encryption_keys", stdout=printed)
    heard.append(printed.getvalue())
    assert ring.partition(":")[2] not in "".join(heard)


def test_when_a_key_comes_from_the_command_line(
    heard: list[str], alice: Member, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = StringIO()
    monkeypatch.setenv("BIGDATA_API_KEY", KEY)
    call_command("set_api_key", alice.email, stdout=printed)
    sandbox.fault("listConnectors", "401")
    with pytest.raises(CommandError) as refused:
        call_command("set_api_key", alice.email, stdout=printed)
    monkeypatch.setenv("BIGDATA_API_KEY", f"{KEY} {KEY}")
    with pytest.raises(CommandError) as malformed:
        call_command("set_api_key", alice.email, stdout=printed)
    heard += [printed.getvalue(), str(refused.value), str(malformed.value)]


def test_a_key_that_was_stored_stands_there_encrypted(browser: Recorder) -> None:
    assert ApiKey.objects.get().holds(KEY)
    assert ApiKey.objects.get().ciphertext in everything_stored()


def test_a_secret_in_any_place_would_be_found(alice: Member) -> None:
    heard = [base64.b64encode(f"{shift * 'x'}{KEY}".encode()).decode() for shift in range(6)] + [KEY, KEY[::-1]]
    assert all(any(canary in text for canary in spelled_out()) for text in heard)
    Operation.objects.create(
        organization=alice.organization, actor=alice, key_owner=alice, request={"config": {"user_password": KEY}}
    )
    assert KEY in everything_stored()
