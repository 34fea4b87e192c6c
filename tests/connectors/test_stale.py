"""The page of a stale connector says since when nothing came in, what the limit is, and the next step."""

from datetime import UTC, datetime

import pytest

from connectors_app.models import Connector
from tests.connectors.changing import BROKER, INBOX, LIBRARY, detail, plant, url
from tests.connectors.stage import text_of

LATE = {"state": "stale", "stale_at": datetime(2025, 3, 15, 12, tzinfo=UTC)}


@pytest.fixture
def stale(sandbox, alice_with_key, organization):
    """A connector of Alice's that is stale by a limit of ten days."""
    organization.stale_after = {"email": 10, "investment_research": 10, "sharepoint": 10}
    organization.save()

    def make(fields, **stored):
        connector = plant(sandbox, alice_with_key, **fields)
        Connector.objects.update(**LATE, **stored)
        return connector

    return make


@pytest.mark.parametrize("fields", [BROKER, LIBRARY])
def test_where_there_are_syncs_the_next_step_is_to_ask_for_one(desk, stale, fields):
    connector = stale(fields)
    page = desk.get(detail(connector))
    assert "No sync since 5 Mar 2025; the limit is 10 days" in text_of(page)
    assert f'<a href="{url(connector, "sync")}">Ask for a sync</a>' in page.content.decode()


def test_who_may_not_ask_for_one_is_told_who_can(signed_in, bob, stale):
    connector = stale(BROKER, share_with_org=True)
    text = text_of(signed_in(bob).get(detail(connector)))
    assert "It needs a sync. Only its owner, support or an admin can ask for a sync." in text
    assert "Ask for a sync" not in text


@pytest.mark.parametrize("page", ["/connectors/", None])
def test_an_inbox_that_never_had_mail_counts_from_its_creation_and_says_so(desk, stale, page):
    connector = stale(INBOX, newest_document_at=None, files_count=0)
    html = desk.get(page or detail(connector)).content.decode()
    assert "No mail yet since it was created on 5 Mar 2025; the limit is 10 days" in html


@pytest.mark.parametrize("known", [{"newest_document_at": LATE["stale_at"]}, {"files_count": 3}])
def test_an_inbox_that_had_mail_does_not(desk, stale, known):
    text = text_of(desk.get(detail(stale(INBOX, **known))))
    assert "Nothing new since 5 Mar 2025; the limit is 10 days" in text
    assert "Ask for a sync" not in text
