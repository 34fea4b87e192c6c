"""The organization's limits: an admin's."""

import pytest
from django.utils import timezone

from connectors_app.models import AuditEntry, Incident, Organization
from connectors_app.services.alerts import upkeep
from tests.connectors.stage import error_at, text_of
from tests.errors.conftest import failing  # noqa: F401  (a fixture)
from tests.polling.conftest import make_key  # noqa: F401  (a fixture)

FORM = {"email": "10", "investment_research": "2", "sharepoint": "0", "alert_after_failures": "2"}


def test_an_admin_sets_the_limits_and_it_is_recorded(signed_in, adam):
    page = signed_in(adam).post("/organization/", FORM, follow=True)
    assert "The limits are saved" in text_of(page)
    assert Organization.objects.get().stale_after == {"email": 10, "investment_research": 2, "sharepoint": 0}
    entry = AuditEntry.objects.get(action="organization.limits_changed")
    assert entry.details["changes"] == {"email": [0, 10], "investment_research": [0, 2]}


def test_only_what_differs_from_what_was_in_force_is_recorded(signed_in, adam):
    Organization.objects.update(stale_after={})
    client, form = signed_in(adam), {"investment_research": "3", "sharepoint": "3", "alert_after_failures": "2"}
    client.post("/organization/", form | {"email": "14"})
    assert not AuditEntry.objects.filter(action="organization.limits_changed").exists()
    client.post("/organization/", form | {"email": "21"})
    entry = AuditEntry.objects.get(action="organization.limits_changed")
    assert entry.details["changes"] == {"email": [14, 21]}
    assert "Email inbox 14 → 21 days" in text_of(client.get("/audit/"))


def test_what_is_no_number_of_days_is_refused_at_its_field(signed_in, adam):
    page = signed_in(adam).post("/organization/", FORM | {"email": "-1", "sharepoint": "many"})
    assert error_at(page, "email") == "Write a whole number of days from 0 to 365."
    assert "whole number" in error_at(page, "sharepoint")
    assert 'value="many"' in page.content.decode()


def test_others_may_not(signed_in, alice, sam):
    for member in (alice, sam):
        assert signed_in(member).get("/organization/").status_code == 403
        assert signed_in(member).post("/organization/", FORM).status_code == 403


def test_an_admin_says_after_how_many_failures_it_is_an_incident(signed_in, adam, alice, failing):  # noqa: F811
    failing(alice, "Odd")
    client = signed_in(adam)
    assert 'name="alert_after_failures" value="2"' in client.get("/organization/").content.decode()
    client.post("/organization/", FORM | {"alert_after_failures": "1"})
    upkeep.look_after(now=timezone.now())
    assert Incident.objects.get().is_open
    entry = AuditEntry.objects.get(action="organization.limits_changed")
    assert entry.details["changes"]["alert_after_failures"] == [2, 1]


@pytest.mark.parametrize("number", ["0", "11", "", "two", "2.5"])
def test_it_is_a_number_of_1_to_10(signed_in, adam, number):
    page = signed_in(adam).post("/organization/", FORM | {"alert_after_failures": number})
    assert error_at(page, "alert_after_failures") == "Write a whole number from 1 to 10."
    assert Organization.objects.get().alert_after_failures == 2


def test_the_same_limits_again_are_no_change(signed_in, adam):
    for _ in range(2):
        signed_in(adam).post("/organization/", FORM | {"alert_after_failures": "3"})
    assert AuditEntry.objects.filter(action="organization.limits_changed").count() == 1
