"""The cast and the stage: members of two organizations, and an upstream played by the sandbox over HTTP."""

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from connectors_app.choices import Role
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Member, Organization
from connectors_app.sandbox import SandboxServer
from connectors_app.services.api_keys import store_key
from connectors_app.telemetry.context import being_about
from tests.bigdata.servers import Handler, Server

PASSWORD = "correct horse battery"
# Two browsers, or servers, at once starve each other on a small machine.
STARTS_PROCESSES = (
    "tests/browser/",
    "tests/abuse/test_06_07_08_key_ring.py",
    "tests/abuse/test_27_killed_deliveries.py",
    "tests/account/test_processes.py",
    "tests/limits/test_web_process.py",
    "tests/polling/test_stopping.py",
    "tests/polling/test_workers.py",
)
# They go through everything and look at one thing of it: what they touch on the way is not tried by that. What
# browsers try runs in processes that nobody traces, and the sandbox is no part of the coverage that is asked for.
SWEEPS = (
    "tests/browser/",
    "tests/abuse/test_01_tenants.py",
    "tests/abuse/test_02_roles.py",
    "tests/abuse/test_09_canaries.py",
    "tests/abuse/test_11_to_14_sign_in.py",
    "tests/abuse/test_15_foreign_forms.py",
    "tests/abuse/test_16_inert_text.py",
    "tests/abuse/test_17_formulas_and_line_breaks.py",
    "tests/abuse/test_33_odd_texts.py",
    "tests/access/test_matrix.py",
    "tests/pages/test_headers.py",
    "tests/pages/test_no_secret_anywhere.py",
    "tests/pages/test_policy.py",
    "tests/sandbox/",
)
# For all tests of the file.
MAKES_MANY_ROWS = ("tests/audit/test_many.py", "tests/connectors/test_list_plans.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(SWEEPS):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Of tests with one name, processes side by side run only the first, and may then wait for ever."""
    repeated = [name for name, times in Counter(item.nodeid for item in session.items).items() if times > 1]
    if repeated:
        raise pytest.UsageError(f"Several tests have the same name: {repeated}")
    # What is here by now stays to the end: looking for garbage in it took a twentieth of the time.
    gc.collect()
    gc.freeze()


class Scheduling(LoadScopeScheduling):
    """Which process runs what: each test whichever is free, but for what one of them had better do."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(STARTS_PROCESSES):
            return "starts processes"
        return file if file in MAKES_MANY_ROWS else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Generator[None, object, object]:
    """Coverage is of what tests do: being traced would take their set-up twice as long."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """After a test with real transactions, tables are emptied row by row, for which the trigger has to be away.

    SQLite knows no other way; in PostgreSQL a TRUNCATE makes the files of forty tables anew: seconds.
    """
    flush, sqlite = connection.ops.sql_flush, connection.vendor == "sqlite"
    audit = "ALTER TABLE connectors_app_auditentry"
    before, after = (
        [f"{audit} DISABLE TRIGGER USER"],
        ["SET CONSTRAINTS ALL IMMEDIATE", f"{audit} ENABLE TRIGGER USER"],
    )
    if sqlite:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'audit_entry_no_delete'"
            )
            [(trigger,)] = cursor.fetchall()
        before, after = ["DROP TRIGGER audit_entry_no_delete;"], [f"{trigger};"]

    def flush_without_trigger(style: Any, tables: list[str], **options: Any) -> list[str]:
        rows = flush(style, tables, **options) if sqlite else [f'DELETE FROM "{table}"' for table in tables]  # noqa: S608
        return [*before, *rows, *after]

    connection.ops.sql_flush = flush_without_trigger


@pytest.fixture(autouse=True)
def _nothing_is_going_on() -> Iterator[None]:
    """What a test makes log lines say ends with it."""
    with being_about():
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Sign-in attempts are counted in the cache. In the database it is rolled back with the test."""
    if settings.REDIS_URL:
        cache.clear()


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    with SandboxServer(activity="quiet") as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: SandboxServer, settings: Settings) -> SandboxServer:
    """The upstream API, empty and without faults; nothing happens there but what a test asks for."""
    sandbox_server.reset()
    settings.BIGDATA_API_BASE_URL = sandbox_server.url
    return sandbox_server


@pytest.fixture
def upstream_at(settings: Settings) -> Iterator[Callable[[Handler], Server]]:
    """Put a server that misbehaves as told in the place of the upstream API. No call waits long."""
    started: list[Server] = []

    def start(handler: Handler) -> Server:
        started.append(Server(handler))
        settings.BIGDATA_API_BASE_URL = started[-1].url
        settings.BIGDATA_TOTAL_TIMEOUT = 1.0
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def organization(db: None) -> Organization:
    """Its connectors never get stale: most tests' dates are of long ago."""
    never = dict.fromkeys(CONNECTOR_TYPES, 0)
    return Organization.objects.create(name="Northwind Research", stale_after=never)


@pytest.fixture
def make_member(organization: Organization) -> Callable[..., Member]:
    def make(name: str, role: Role, organization: Organization = organization) -> Member:
        return Member.objects.create_member(
            email=f"{name}@example.com", organization=organization, role=role, password=PASSWORD
        )

    return make


@pytest.fixture
def alice(make_member: Callable[..., Member]) -> Member:
    return make_member("alice", Role.ANALYST)


@pytest.fixture
def bob(make_member: Callable[..., Member]) -> Member:
    return make_member("bob", Role.ANALYST)


@pytest.fixture
def adam(make_member: Callable[..., Member]) -> Member:
    return make_member("adam", Role.ADMIN)


@pytest.fixture
def sam(make_member: Callable[..., Member]) -> Member:
    return make_member("sam", Role.SUPPORT)


@pytest.fixture
def mallory(make_member: Callable[..., Member]) -> Member:
    return make_member("mallory", Role.ADMIN, Organization.objects.create(name="Elsewhere"))


@pytest.fixture
def with_key(sandbox: SandboxServer) -> Callable[[Member], Member]:
    """Give a member the sandbox key of their name."""

    def give(member: Member) -> Member:
        store_key(member, f"sandbox-{member.email.partition('@')[0]}")
        return Member.objects.select_related("organization", "api_key").get(pk=member.pk)

    return give


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """A browser without JavaScript in which the member has just signed in."""

    def sign_in(member: Member, client: Client | None = None) -> Client:
        client = client or Client()
        client.force_login(member)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(member.pk)
        session.save()
        return client

    return sign_in
