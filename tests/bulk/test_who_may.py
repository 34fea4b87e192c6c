"""Who may ask for what, see which bulk work, and retry it."""

import html

import pytest

from connectors_app.choices import BulkAction
from connectors_app.models import ApiKey, Bulk, Operation, Sighting
from tests.bulk.conftest import begin, begin_syncs, progress, work_off
from tests.bulk.test_asking import NEW, confirm, ids, shown


@pytest.fixture
def feeds(alice, bob, with_key, have):
    """One of Alice's own and two of Bob's, of which one is shared."""
    alice, bob = with_key(alice), with_key(bob)
    hers = have(alice, label="Hers") + have(alice, label="Hers too")
    return {"hers": hers, "shared": have(bob, label="His, shared", share_with_org=True), "private": have(bob)}


def ask(client, action, connectors):
    return client.post(NEW, {"action": action, "connector": ids(connectors)})


def test_an_analyst_changes_only_their_own(alice, signed_in, feeds):
    alice.refresh_from_db()
    client = signed_in(alice)
    page = ask(client, "archive", [*feeds["hers"], *feeds["shared"], *feeds["private"]])
    assert "Archive 2 connectors" in shown(page)
    assert "1 connector Only its owner or an admin can do this. His, shared" in shown(page)
    assert "1 connector Not among the connectors that you can see." in shown(page)
    confirm(client, page)
    assert Bulk.objects.get().items.count() == 2


def test_why_one_is_left_out_is_told_of_the_connector_first(alice, bob, signed_in, have, feeds):
    inbox = have(bob, type="email", label="His inbox", share_with_org=True)
    page = shown(ask(signed_in(alice), "sync", [*feeds["hers"], *feeds["shared"], *inbox]))
    assert "Only its owner, support or an admin can ask for a sync. His, shared" in page
    assert "Email connectors have no sync: mail is taken in as it arrives. His inbox" in page


def test_what_is_added_to_the_confirmed_form_is_checked_again(alice, signed_in, feeds):
    client = signed_in(alice)
    page = ask(client, "archive", feeds["hers"])
    confirm(client, page, connectors=" ".join(ids([*feeds["hers"], *feeds["shared"], *feeds["private"]])))
    assert Bulk.objects.get().items.count() == 2


@pytest.mark.parametrize("action", ["archive", "add_sender", "remove_sender"])
def test_support_may_ask_for_any_sync_and_nothing_else(sam, signed_in, feeds, action):
    everything = [*feeds["hers"], *feeds["shared"], *feeds["private"]]
    client = signed_in(sam)
    assert "Sync 4 connectors" in shown(ask(client, "sync", everything))
    assert ask(client, action, everything).status_code == 403


def test_support_s_syncs_go_out_with_the_owners_keys(sam, with_key, signed_in, feeds, sandbox):
    sam = with_key(sam)
    sam.bigdata_user_id = "user_sam"
    sam.save()
    sandbox.clear_requests()
    work = begin_syncs(sam, [*feeds["hers"], *feeds["shared"]])
    assert work_off(work).succeeded == 3
    assert sorted(request["user_id"] for request in sandbox.requests) == ["user_alice", "user_alice", "user_bob"]


@pytest.mark.parametrize("name", ["sam", "adam"])
def test_colleagues_shared_connectors_that_one_s_own_key_sees_too_sync_with_the_owners_keys(
    request, with_key, signed_in, feeds, have, sandbox, name
):
    member = with_key(request.getfixturevalue(name))
    assert Sighting.objects.filter(api_key__member=member, connector=feeds["shared"][0]).exists()
    assert member.bigdata_user_id == ""
    sandbox.clear_requests()
    client = signed_in(member)
    page = ask(client, "sync", [*feeds["hers"], *feeds["shared"]])
    said = "This uses the API keys of alice@example.com, bob@example.com, and the audit trail says so."
    assert said in shown(page)
    confirm(client, page, date_limit="2026-01-01")
    assert work_off(Bulk.objects.get()).succeeded == 3
    assert sorted(request["user_id"] for request in sandbox.requests) == ["user_alice", "user_alice", "user_bob"]
    key_owners = Operation.objects.values_list("key_owner__email", flat=True)
    assert set(key_owners) == {"alice@example.com", "bob@example.com"}


def test_connectors_whose_owner_has_no_working_key_are_left_out(sam, with_key, signed_in, feeds):
    client = signed_in(with_key(sam))
    ApiKey.objects.filter(member__email="bob@example.com").update(status="rejected")
    page = ask(client, "sync", [*feeds["hers"], *feeds["shared"]])
    assert "Sync 2 connectors" in shown(page)
    assert "its owner has none here that works. His, shared" in html.unescape(shown(page))


def test_another_organization_s_connectors_are_as_if_they_were_not(mallory, signed_in, feeds):
    page = ask(signed_in(mallory), "archive", feeds["shared"])
    assert "1 connector Not among the connectors that you can see." in shown(page)
    assert "His, shared" not in page.text


@pytest.mark.parametrize(
    ("name", "sees", "retries"),
    [("alice", 200, 302), ("bob", 404, 404), ("adam", 200, 403), ("sam", 200, 403), ("mallory", 404, 404)],
)
def test_who_sees_and_retries_alice_s_bulk_work(request, alice, signed_in, feeds, sandbox, name, sees, retries):
    alice.refresh_from_db()
    work = begin(alice, BulkAction.ARCHIVE, feeds["hers"])
    sandbox.fault("deleteConnector", "404", times=0)
    work_off(work)
    client = signed_in(request.getfixturevalue(name))
    page = client.get(f"/bulk/{work.pk}/")
    assert page.status_code == sees
    assert ("Retry all failed" in page.text) == (retries == 302)
    assert (f"/bulk/{work.pk}/" in client.get("/bulk/").text) == (sees == 200)
    [item, _] = work.items.all()
    assert client.post(f"/bulk/{work.pk}/retry/", {"item": item.pk}).status_code == retries
    assert progress(work).left == (1 if retries == 302 else 0)


def test_who_became_support_may_not_retry_a_change(alice, signed_in, feeds, sandbox):
    alice.refresh_from_db()
    work = begin(alice, BulkAction.ARCHIVE, feeds["hers"])
    alice.role = "support"
    alice.save()
    work_off(work)
    [item, _] = work.items.all()
    assert signed_in(alice).post(f"/bulk/{work.pk}/retry/", {"item": item.pk}).status_code == 403


def test_whose_they_are_is_asked_once_for_all(
    adam, alice, with_key, signed_in, have, django_assert_max_num_queries
):
    """Also where it is not known who the admin is at Bigdata.com."""
    client, many = signed_in(with_key(adam)), have(with_key(alice), 30)
    with django_assert_max_num_queries(15):
        assert "Sync 30 connectors" in shown(ask(client, "sync", many))
