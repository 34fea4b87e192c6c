"""The organization's limits: an admin's."""

from connectors_app.models import AuditEntry, Organization
from tests.connectors.stage import error_at, text_of

FORM = {"email": "10", "investment_research": "2", "sharepoint": "0", "alert_after_failures": "2"}


def test_an_admin_sets_the_limits_and_it_is_recorded(signed_in, adam):
    page = signed_in(adam).post("/organization/", FORM, follow=True)
    assert "The limits are saved" in text_of(page)
    assert Organization.objects.get().stale_after == {"email": 10, "investment_research": 2, "sharepoint": 0}
    entry = AuditEntry.objects.get(action="organization.limits_changed")
    assert entry.details["changes"] == {"email": [0, 10], "investment_research": [0, 2]}


def test_what_is_no_number_of_days_is_refused_at_its_field(signed_in, adam):
    page = signed_in(adam).post("/organization/", FORM | {"email": "-1", "sharepoint": "many"})
    assert "greater than or equal to 0" in error_at(page, "email")
    assert "whole number" in error_at(page, "sharepoint")
    assert 'value="many"' in page.content.decode()


def test_others_may_not(signed_in, alice, sam):
    for member in (alice, sam):
        assert signed_in(member).get("/organization/").status_code == 403
        assert signed_in(member).post("/organization/", FORM).status_code == 403
