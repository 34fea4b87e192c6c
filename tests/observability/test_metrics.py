"""/metrics: who gets it, and that what it tells is so."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from connectors_app.models import ApiKey, IncidentEvent, Notice, Upstream
from connectors_app.services import limits, polling
from connectors_app.services.api_keys import store_key
from tests.access.test_matrix import make_incident, make_message
from tests.connectors.many import plant, plant_one

RIGHT = {"Authorization": "Bearer only-for-tests"}


@pytest.fixture
def told(client):
    """What is told now, by name and labels."""

    def ask():
        answer = client.get("/metrics", headers=RIGHT)
        assert answer.status_code == 200
        # A process that has run thousands of tests tells of thousands of buckets, which nobody here looks at.
        lines = [line for line in answer.content.decode().splitlines() if "_bucket{" not in line]
        families = text_string_to_metric_families("\n".join(lines) + "\n")
        return {
            (
                each.name.removeprefix("dashboard_"),
                *(each.labels[name] for name in sorted(each.labels)),
            ): each.value
            for family in families
            for each in family.samples
        }

    return ask


def test_with_the_token_it_is_told(client, db):
    answer = client.get("/metrics", headers=RIGHT)
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "given",
    ["", "Bearer ", "Bearer wrong", "Bearer only-for-test", "only-for-tests", "Basic only-for-tests", "Bearer é"],
)
def test_without_it_nothing_is(client, given):
    answer = client.get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"dashboard_" not in answer.content


@pytest.mark.parametrize("given", ["Bearer only-for-tests", "Bearer ", "Bearer"])
def test_where_no_token_is_set_there_is_no_such_page(client, db, settings, given):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_being_signed_in_is_not_enough(signed_in, adam):
    assert signed_in(adam).get("/metrics").status_code == 401


def test_requests_are_counted_by_route_method_and_class_of_status(told, client, db):
    seen = ("request_seconds_count", "GET", "/connectors/<uuid:connector_id>/", "3xx")
    before = told().get(seen, 0)
    for number in "12":
        client.get(f"/connectors/00000000-0000-0000-0000-00000000000{number}/")
    assert told()[seen] == before + 2


def test_calls_are_counted_by_operation_and_outcome(told, alice, with_key, sandbox):
    member = with_key(alice)
    well, refused = (("upstream_seconds_count", "listConnectors", each) for each in ("ok", "rate_limited"))
    before = told()
    polling.poll_now(member.key)
    sandbox.fault("listConnectors", "429")
    polling.poll_now(member.key)
    after = told()
    assert after[well] == before.get(well, 0) + 1
    assert after[refused] == before.get(refused, 0) + 1


def test_what_the_limits_put_off_is_counted(told, db, settings):
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = 1
    seen = ("limited_total", "people", "key")
    before = told().get(seen, 0)
    assert [limits.admits_call("f", for_people=True) for _ in range(3)] == [True, False, False]
    assert told()[seen] == before + 2


def test_what_is_left_of_the_address_s_allowance_is_told(told, db):
    assert told()["allowance_left_ratio",] == 1
    burst = 0.08 * 1500
    limits.take(limits.ADDRESS, per_minute=1500, at_most=int(burst / 2), for_people=True)
    assert told()["allowance_left_ratio",] == pytest.approx(0.5, abs=0.1)
    limits.take(limits.ADDRESS, per_minute=1500, at_most=int(burst), for_people=True)
    assert told()["allowance_left_ratio",] == pytest.approx(0, abs=0.1)


def test_how_late_polling_is(told, alice, with_key):
    member = with_key(alice)
    polling.poll_now(member.key)
    assert (told()["keys_due",], told()["poll_lag_seconds",]) == (0, 0)
    ApiKey.objects.update(next_poll_at=timezone.now() - timedelta(minutes=10))
    assert told()["keys_due",] == 1
    assert told()["poll_lag_seconds",] == pytest.approx(600, abs=30)
    polling.poll_now(member.key)
    assert (told()["keys_due",], told()["poll_lag_seconds",]) == (0, 0)


def test_connectors_are_counted_by_state_over_all_organizations(told, organization, mallory):
    elsewhere = mallory.organization
    for whose, state in ((organization, "failing"), (elsewhere, "failing"), (elsewhere, "healthy")):
        plant_one(whose, state=state)
    now = told()
    states = {labels[1]: number for labels, number in now.items() if labels[0] == "connectors"}
    assert (states["failing"], states["healthy"], states["stale"], len(states)) == (2, 1, 0, 9)
    assert not [labels for labels in now if organization.name in str(labels) or elsewhere.name in str(labels)]


def test_the_outbox(told, organization):
    dead = make_message(organization)
    waiting = make_message(organization)
    waiting.status, waiting.created_at = "waiting", timezone.now() - timedelta(hours=1)
    waiting.save()
    incident = make_incident(plant_one(organization))
    event = IncidentEvent.objects.create(organization=organization, incident=incident, number=1, kind="opened")
    Notice.objects.create(channel=dead.channel, event=event, group="x")
    now = told()
    assert (now["deliveries_waiting",], now["deliveries_given_up",], now["notices_waiting",]) == (1, 1, 1)
    assert now["oldest_delivery_seconds",] == pytest.approx(3600, abs=30)


def test_whether_bigdata_counts_as_down_and_a_worker_is_at_it(told, db):
    now = timezone.now()
    assert "worker_heartbeat_age_seconds" not in {name for name, *_ in told()}
    row = Upstream.objects.create(pk=Upstream.THE_ONE, failures=7, ticked_at=now - timedelta(minutes=5))
    assert (told()["breaker_open",], told()["upstream_failures",]) == (0, 7)
    assert told()["worker_heartbeat_age_seconds",] == pytest.approx(300, abs=30)
    row.next_probe_at = now
    row.save()
    assert told()["breaker_open",] == 1


def test_the_queue_and_the_version(told, db):
    now = told()
    assert now["queue_tasks", "now"] >= 0
    assert now["queue_tasks", "later"] >= 0
    assert now["build_info", "0.1.0"] == 1


def test_a_scrape_costs_a_bounded_number_of_queries_and_writes_nothing(
    told, organization, django_assert_num_queries
):
    with django_assert_num_queries(7) as few:
        told()
    plant(organization, 20)
    with django_assert_num_queries(7):
        told()
    assert all(each["sql"].startswith("SELECT") for each in few.captured_queries)


def test_what_was_counted_is_told_while_the_database_is_gone(client):
    """pytest refuses it to a test that did not ask for it, with another error than a database that is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "ensure_connection", refused)
        answer = client.get("/metrics", headers=RIGHT).content.decode()
    assert "dashboard_database_up 0.0" in answer
    assert "dashboard_request_seconds_count" in answer


def refused():
    raise DatabaseError("gone")


def test_the_key_of_a_member_is_in_no_label(told, alice, with_key):
    with_key(alice)
    store_key(alice, "sandbox-alice")
    assert "sandbox-alice" not in str(told())
