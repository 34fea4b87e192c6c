"""What holds for every change of a connector: who may, with which key, and that it is asked for only once."""

import pytest

from connectors_app.choices import OperationKind
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.services.api_keys import store_key
from connectors_app.services.changes import archive
from tests.connectors.changing import BROKER, detail, form_on, fresh, plant, url
from tests.connectors.stage import text_of

PAGES = {
    "edit": {"label": "New"},
    "sync": {},
    "archive": {},
    "delete": {"label": "Broker feed", "force_delete": "on"},
    "replace": {"user_password": "canary"},
}
every_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture
def broker(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key, **BROKER)


@every_page
def test_a_colleague_sees_a_shared_connector_and_changes_nothing(
    signed_in, with_key, bob, sandbox, alice_with_key, page
):
    sandbox.plant("user_bob")  # who Bob is at Bigdata.com is known by what only his key sees
    shared = plant(sandbox, alice_with_key, **BROKER, share_with_org=True)
    client = signed_in(with_key(bob))
    sandbox.clear_requests()
    assert client.get(url(shared, page)).status_code == 403
    assert client.post(url(shared, page), PAGES[page]).status_code == 403
    assert sandbox.requests == []


@every_page
def test_of_a_private_one_and_of_another_organization_s_nobody_learns(
    signed_in, with_key, bob, mallory, broker, page
):
    for member in (bob, mallory):
        assert signed_in(member).get(url(broker, page)).status_code == 404
        assert signed_in(member).post(url(broker, page), PAGES[page]).status_code == 404


@every_page
def test_support_may_ask_for_a_sync_and_nothing_else(signed_in, sam, broker, page):
    wanted = 200 if page == "sync" else 403
    assert signed_in(sam).get(url(broker, page)).status_code == wanted


@pytest.fixture
def shared(sandbox, alice_with_key):
    """Known to be Alice's, and seen by every key of the organization."""
    sandbox.plant("user_alice", label="Only she sees it")
    return plant(sandbox, alice_with_key, **BROKER, share_with_org=True)


@pytest.mark.parametrize("name", ["sam", "adam"])
def test_a_sync_of_a_colleague_s_shared_connector_goes_out_with_the_owner_s_key(
    request, signed_in, with_key, shared, sandbox, name
):
    """Also where the asker's own key sees it, and nothing has told yet who they are at Bigdata.com."""
    member = with_key(request.getfixturevalue(name))
    assert shared.sightings.filter(api_key__member=member).exists()
    assert member.bigdata_user_id == ""
    sandbox.clear_requests()
    client = signed_in(member)
    page = client.get(url(shared, "sync"))
    assert "This uses alice@example.com's API key, and the audit trail says so." in text_of(page)
    assert client.post(url(shared, "sync"), form_on(page)).status_code == 302
    assert [call["user_id"] for call in sandbox.requests] == ["user_alice"]
    operation = Operation.objects.get()
    assert (operation.actor, operation.key_owner.email) == (member, "alice@example.com")


def test_an_analyst_asks_for_no_sync_of_what_is_known_to_be_a_colleague_s(
    signed_in, with_key, bob, shared, sandbox
):
    client = signed_in(with_key(bob))
    sandbox.clear_requests()
    assert client.post(url(shared, "sync"), {"date_limit": "2026-01-01"}).status_code == 403
    assert sandbox.requests == []


def test_colleagues_with_one_key_are_one_user_of_bigdata(signed_in, bob, shared, sandbox):
    store_key(bob, "sandbox-alice")
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="")
    client = signed_in(Member.objects.get(pk=bob.pk))
    sandbox.clear_requests()
    assert client.post(url(shared, "sync"), {"date_limit": "2026-01-01"}).status_code == 302
    assert Operation.objects.get().key_owner == bob


@pytest.mark.parametrize("name", ["sam", "adam"])
def test_where_the_owner_s_key_does_not_work_the_action_is_disabled_and_says_so(
    request, signed_in, with_key, shared, name
):
    client = signed_in(with_key(request.getfixturevalue(name)))
    assert f'href="{url(shared, "sync")}"' in client.get(detail(shared)).text
    ApiKey.objects.filter(member__email="alice@example.com").update(status="rejected")
    page = client.get(detail(shared))
    assert f'href="{url(shared, "sync")}"' not in page.text
    assert "its owner has none here that works" in text_of(page)


@every_page
def test_without_a_key_nothing_is_recorded_and_the_page_leads_to_the_keys(desk, broker, sandbox, page):
    form = form_on(desk.get(url(broker, page)), **PAGES[page])
    ApiKey.objects.all().delete()
    sandbox.clear_requests()
    answer = desk.post(url(broker, page), form)
    assert answer.status_code == 200
    assert "You have no API key yet" in text_of(answer)
    assert f"/keys/?next={url(broker, page)}" in answer.content.decode()
    assert not Operation.objects.exists()
    assert sandbox.requests == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != "replace"])
def test_an_admin_who_finds_no_key_of_the_owner_is_told(signed_in, adam, broker, page):
    ApiKey.objects.all().delete()
    text = text_of(signed_in(adam).get(url(broker, page)))
    assert "its owner has none here that works" in text
    assert "To the API keys page" not in text


@every_page
def test_somebody_else_s_form_id_changes_nothing(desk, broker, sandbox, adam, page):
    theirs = Operation.objects.create(
        organization=adam.organization, actor=adam, key_owner=adam, kind=OperationKind.SYNC, connector_type="email"
    )
    form = form_on(desk.get(url(broker, page)), **PAGES[page], operation_id=str(theirs.pk))
    sandbox.clear_requests()
    assert desk.post(url(broker, page), form).status_code == 404
    assert sandbox.requests == []


@every_page
def test_a_form_without_a_readable_id_works_all_the_same(desk, broker, page):
    form = form_on(desk.get(url(broker, page)), **PAGES[page], operation_id="none")
    assert desk.post(url(broker, page), form).status_code == 302
    assert Operation.objects.count() == 1


@every_page
def test_a_page_has_one_title_and_says_what_it_is_about(desk, broker, page):
    html = desk.get(url(broker, page)).content.decode()
    assert html.count("<h1") == 1
    assert f'data-connector-id="{broker.connector_id}"' in html


def test_an_operation_whose_connector_is_forgotten_still_has_a_page(desk, broker, alice_with_key):
    operation = archive(broker, member=alice_with_key, operation_id=Operation().pk)
    Connector.objects.all().delete()
    page = desk.get(f"/operations/{operation.pk}/")
    assert "It was archived" in text_of(page)


def test_the_page_of_a_failed_change_names_the_connector(desk, broker, alice_with_key):
    operation = archive(fresh(broker), member=alice_with_key, operation_id=Operation().pk)
    Operation.objects.update(outcome="failed", message="Because.")
    page = desk.get(f"/operations/{operation.pk}/")
    assert "Broker feed" in text_of(page)
    assert "It was not archived Because." in text_of(page)
