"""The navigation's count of what fails, the banner about old data, and the state in words."""

from datetime import timedelta

from django.utils import timezone

from connectors_app.models import ApiKey, Connector, ErrorGroup, Upstream
from tests.connectors.stage import text_of
from tests.errors.conftest import failing  # noqa: F401  (a fixture)
from tests.polling.conftest import make_key  # noqa: F401  (a fixture)


def test_errors_are_counted_as_far_as_the_member_may_see_them(signed_in, alice, bob, sam, mallory, failing):  # noqa: F811
    failing(bob)
    failing(alice)
    failing(mallory)
    for member, count in ((sam, 2), (alice, 1), (mallory, 1)):
        assert f"Errors {count} failing" in text_of(signed_in(member).get("/keys/"))


def test_a_snoozed_error_is_not_counted_until_it_wakes(signed_in, alice, sam, failing):  # noqa: F811
    failing(alice)
    ErrorGroup.objects.update(snoozed_until=timezone.now() + timedelta(days=1))
    assert "1 failing" not in text_of(signed_in(sam).get("/keys/"))
    ErrorGroup.objects.update(snoozed_until=timezone.now() - timedelta(days=1))
    assert "1 failing" in text_of(signed_in(sam).get("/keys/"))


def test_more_than_99_are_not_counted_out(signed_in, alice, sam, failing):  # noqa: F811
    one = failing(alice)
    for number in range(100):
        one.pk, one.connector_id = None, f"00000000-0000-4000-8000-{number:012}"
        one.save(force_insert=True)
    assert "Errors 99+ failing" in text_of(signed_in(sam).get("/keys/"))


def test_only_admins_find_the_organization_in_the_navigation(signed_in, alice, adam, sam):
    for member, there in ((adam, True), (alice, False), (sam, False)):
        assert ('href="/organization/"' in signed_in(member).get("/keys/").content.decode()) == there


def test_old_data_is_said_with_what_to_do(signed_in, alice, failing, settings):  # noqa: F811
    failing(alice)
    limit = timedelta(seconds=3 * settings.POLL_INTERVAL)
    ApiKey.objects.update(last_polled_at=timezone.now() - limit + timedelta(minutes=1))
    assert "The data is old" not in text_of(signed_in(alice).get("/keys/"))
    ApiKey.objects.update(last_polled_at=timezone.now() - limit - timedelta(minutes=1))
    assert "whether its worker is running" in text_of(signed_in(alice).get("/keys/"))
    Upstream.objects.update_or_create(pk=1, defaults={"failing_since": timezone.now()})
    assert "Bigdata.com has not answered since" in text_of(signed_in(alice).get("/keys/"))


def test_a_state_says_since_when(signed_in, alice, failing):  # noqa: F811
    connector = failing(alice)
    Connector.objects.update(failures_in_a_row=4)
    for url in ("/connectors/", f"/connectors/{connector.connector_id}/"):
        html = signed_in(alice).get(url).content.decode()
        assert "Failing since" in html
        assert ", 4 syncs in a row" in html


def test_a_stale_one_names_the_limit(signed_in, alice, failing):  # noqa: F811
    failing(alice)
    alice.organization.stale_after = {"investment_research": 14, "email": 14}
    alice.organization.save()
    Connector.objects.update(state="stale", stale_at=timezone.now() - timedelta(days=1))
    assert "the limit is 14 days" in signed_in(alice).get("/connectors/").content.decode()
