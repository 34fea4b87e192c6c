"""`/healthz`: the process is up. `/readyz`: it can serve."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from connectors_app.services import polling


def test_healthz_needs_nothing_at_all(client: Client) -> None:
    """Not even the database, which this test is not given."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_says_what_is_ready(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert {"database": True, "migrations": True, "cache": True}.items() <= answer.json().items()


def test_readyz_tells_whether_a_worker_is_at_it(client: Client, db: None) -> None:
    """That it is not takes no page away: they show what is known."""
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["worker"]) == (200, False)
    polling.tick(now=timezone.now() - timedelta(minutes=2))
    assert client.get("/readyz").json()["worker"] is False
    polling.tick(now=timezone.now())
    assert client.get("/readyz").json()["worker"] is True


def test_without_a_database_it_is_not_ready(client: Client) -> None:
    """pytest refuses the database to a test that did not ask for it."""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] is False


def test_before_the_migrations_it_is_not_ready(client: Client, db: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="connectors_app").delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, False)


def test_without_a_cache_it_is_not_ready(client: Client, db: None, settings: Settings) -> None:
    nobody = "redis://127.0.0.1:9"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": nobody}}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cache"]) == (503, False)


def test_what_is_wrong_stands_in_the_log_and_not_in_the_answer(
    client: Client, db: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = "redis://:canary@127.0.0.1:9"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": nobody}}
    answer = client.get("/readyz")
    assert set(map(type, answer.json().values())) == {bool}
    assert "Not ready: cache (ConnectionError)" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize(("url", "queries"), [("/healthz", 0), ("/readyz", 6), ("/metrics", 0)])
def test_a_probe_asks_little_and_no_session(
    client: Client, db: None, url: str, queries: int, django_assert_max_num_queries: Any
) -> None:
    client.get(url)
    client.cookies["sessionid"] = "x" * 32
    with django_assert_max_num_queries(queries) as asked:
        client.get(url)
    assert "django_session" not in str(asked.captured_queries)


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_only_reading_is_answered(client: Client, db: None, url: str) -> None:
    assert client.post(url).status_code == 405
    assert client.head(url).status_code == 200
