"""An admin stops the use of a member's key: it is used for nothing, until an admin allows it again."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from connectors_app.choices import KeyStatus, Role, State
from connectors_app.models import ApiKey, AuditEntry, Connector, Member, Operation
from connectors_app.services import polling
from connectors_app.services.api_keys import store_key
from connectors_app.services.connectors import refresh_connector
from connectors_app.services.organization_keys import disable_key, enable_key
from connectors_app.services.upstream import KeyProblem, calling
from tests.bigdata.servers import OK_LIST

KEY, OTHER = "canary-key-disabled", "canary-key-instead"


@pytest.fixture
def api_key(sandbox, alice, signed_in):
    """Alice's, which sees one private connector."""
    sandbox.add_key(KEY, "user_alice")
    sandbox.add_key(OTHER, "user_alice")
    sandbox.plant("user_alice", label="Desk notes")
    signed_in(alice).post("/keys/", {"api_key": KEY})
    sandbox.clear_requests()
    return ApiKey.objects.get()


@pytest.fixture
def admin(adam, signed_in):
    return signed_in(adam)


@pytest.fixture
def disabled(api_key, admin):
    admin.post(f"/keys/{api_key.pk}/disable/")
    api_key.refresh_from_db()
    assert api_key.status == KeyStatus.DISABLED
    return api_key


def test_disabling_asks_first_and_names_what_goes_unwatched(api_key, admin):
    text = admin.get(f"/keys/{api_key.pk}/disable/").text
    assert "No other working key sees this connector" in text
    assert "Desk notes" in text
    assert ApiKey.objects.get().status == KeyStatus.WORKING


def test_what_only_a_disabled_key_saw_says_so(disabled):
    assert disabled.disabled_at is not None
    assert Connector.objects.get().state == State.KEY_REJECTED


def test_a_disabled_key_is_never_due_nor_polled(disabled, sandbox):
    ApiKey.objects.update(next_poll_at="2020-01-01T00:00Z", lease_until=None)
    assert polling.claim_due(now=disabled.disabled_at) == []
    assert not polling.poll(disabled.pk)
    with pytest.raises(CommandError):
        call_command("poll", "--key", str(disabled.pk))
    call_command("poll", "--once")
    assert sandbox.requests == []
    assert ApiKey.objects.get().last_poll_error == ""


def test_a_disabled_key_creates_and_refreshes_nothing(disabled, sandbox, alice, signed_in):
    fields = {"label": "Desk", "allowed_emails": "a@example.com"}
    answer = signed_in(alice).post("/connectors/new/email/", fields)
    assert "An admin has disabled your API key" in answer.text
    with pytest.raises(KeyProblem):
        refresh_connector(Connector.objects.get(), viewer=alice)
    assert sandbox.requests == []


@pytest.mark.parametrize("path", ["/connectors/new/", "/connectors/new/email/"])
@pytest.mark.parametrize(
    ("status", "says"), [("disabled", "ask them to enable it"), ("rejected", "Replace it first")]
)
def test_who_has_a_stopped_key_is_told_before_a_form_is_filled_in(disabled, alice, signed_in, path, status, says):
    ApiKey.objects.update(status=status)
    page = signed_in(alice).get(f"{path}?again=")
    assert f"Your API key is {status}" in page.text
    assert says in page.text
    assert f'href="/keys/?confirm=1&amp;next={path}%3Fagain%3D"' in page.text
    assert 'name="label"' not in page.text


def test_a_disabled_key_changes_nothing_for_an_admin_either(disabled, sandbox, admin):
    url = f"/connectors/{Connector.objects.get().connector_id}/archive/"
    assert "its owner has none here that works" in admin.post(url).text
    assert sandbox.requests == []
    assert not Operation.objects.exists()


@pytest.mark.parametrize("status", [KeyStatus.DISABLED, KeyStatus.REJECTED])
def test_a_key_that_was_stopped_since_it_was_found_is_not_used(api_key, sandbox, status):
    found = ApiKey.objects.get()
    ApiKey.objects.update(status=status)
    with pytest.raises(KeyProblem, match="no longer in use"), calling(found) as client:
        client.list_connectors()
    assert sandbox.requests == []


def test_what_a_key_told_while_it_was_stopped_does_not_make_it_watched(api_key, adam):
    with calling(api_key) as client:
        answer = client.list_connectors()
        disable_key(ApiKey.objects.get(), actor=adam)
    polling.snapshots.take_list(api_key, answer, asked_at=api_key.last_polled_at.replace(year=2100))
    assert Connector.objects.get().state == State.KEY_REJECTED


def test_its_owner_is_told_and_can_add_another(disabled, alice, signed_in):
    page = signed_in(alice)
    assert "An admin has disabled your API key" in page.get("/connectors/").text
    assert page.post("/keys/", {"api_key": OTHER}).status_code == 302
    api_key = ApiKey.objects.get()
    assert (api_key.status, api_key.disabled_at) == (KeyStatus.WORKING, None)
    assert Connector.objects.get().state == State.HEALTHY


def test_the_same_value_stays_disabled_and_is_not_sent(disabled, alice, sandbox, signed_in):
    answer = signed_in(alice).post("/keys/", {"api_key": f" {KEY}\n"})
    assert "disabled this very key" in answer.context["form"].errors["api_key"][0]
    assert ApiKey.objects.get().status == KeyStatus.DISABLED
    assert sandbox.requests == []


def test_the_command_line_is_no_way_around(disabled, monkeypatch):
    monkeypatch.setenv("BIGDATA_API_KEY", KEY)
    with pytest.raises(CommandError, match="disabled this very key"):
        call_command("set_api_key", "alice@example.com")
    assert ApiKey.objects.get().status == KeyStatus.DISABLED


@pytest.mark.usefixtures("database_for_threads")
def test_a_key_that_is_disabled_while_it_is_verified_stays_disabled(request, upstream_at):
    api_key, adam = request.getfixturevalue("api_key"), request.getfixturevalue("adam")

    def disable_then_answer(socket, _):
        disable_key(ApiKey.objects.get(), actor=adam)
        connection.close()
        socket.sendall(OK_LIST)

    upstream_at(disable_then_answer)
    with pytest.raises(KeyProblem, match="this very key"):
        store_key(api_key.member, KEY)
    assert ApiKey.objects.get().status == KeyStatus.DISABLED


def test_removing_is_no_way_around_either(disabled, alice, signed_in):
    page = signed_in(alice)
    assert page.get("/keys/remove/").url == "/keys/"
    assert "so that it stays disabled" in page.post("/keys/remove/", follow=True).text
    assert "/keys/remove/" not in page.get("/keys/").text
    assert ApiKey.objects.get().status == KeyStatus.DISABLED


def test_an_enabled_key_is_due_at_once_and_used(disabled, admin, sandbox):
    ApiKey.objects.update(next_poll_at="2100-01-01T00:00Z", lease_until="2100-01-01T00:00Z")
    assert "is enabled" in admin.post(f"/keys/{disabled.pk}/enable/", follow=True).text
    assert Connector.objects.get().state == State.HEALTHY
    enabled = ApiKey.objects.get()
    assert [claim.key_id for claim in polling.claim_due(now=enabled.next_poll_at)] == [enabled.pk]
    assert polling.poll(enabled.pk)


def test_a_rejected_key_can_be_disabled_and_enabling_it_lets_bigdata_decide(api_key, adam, sandbox):
    ApiKey.objects.update(status=KeyStatus.REJECTED, rejected_at="2026-01-01T00:00Z")
    disable_key(api_key, actor=adam)
    assert ApiKey.objects.get().status == KeyStatus.DISABLED
    enable_key(api_key, actor=adam)
    sandbox.fault("listConnectors", "401")
    assert not polling.poll(api_key.pk)
    assert ApiKey.objects.get().status == KeyStatus.REJECTED


def test_a_rejection_does_not_undo_disabling(api_key, adam, sandbox):
    def ask():
        with calling(api_key) as client:
            disable_key(ApiKey.objects.get(), actor=adam)
            client.list_connectors()

    sandbox.fault("listConnectors", "401")
    with pytest.raises(polling.UpstreamError):
        ask()
    assert ApiKey.objects.get().status == KeyStatus.DISABLED


@pytest.mark.parametrize(("action", "status"), [("disable", "disabled"), ("enable", "working")])
def test_asking_twice_is_once(api_key, admin, action, status):
    ApiKey.objects.update(status=status)
    before = AuditEntry.objects.count()
    assert admin.post(f"/keys/{api_key.pk}/{action}/").url == "/keys/organization/"
    assert admin.get(f"/keys/{api_key.pk}/{action}/").url == "/keys/organization/"
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("name", ["alice", "sam"])
def test_only_an_admin_disables(request, api_key, signed_in, name):
    client = signed_in(request.getfixturevalue(name))
    assert client.post(f"/keys/{api_key.pk}/disable/").status_code == 403
    assert ApiKey.objects.get().status == KeyStatus.WORKING


def test_an_admin_elsewhere_finds_no_such_key(api_key, mallory, signed_in):
    for action in ("disable", "enable"):
        assert signed_in(mallory).get(f"/keys/{api_key.pk}/{action}/").status_code == 404
        assert signed_in(mallory).post(f"/keys/{api_key.pk}/{action}/").status_code == 404
    assert ApiKey.objects.get().status == KeyStatus.WORKING


def test_posted_fields_of_the_key_or_the_member_are_ignored(disabled, alice, mallory, signed_in):
    posted = {"status": "working", "disabled_at": "", "is_staff": "on", "role": "admin", "member": mallory.pk}
    signed_in(alice).post("/keys/expiry/", {"expires_on": "", **posted})
    signed_in(alice).post("/keys/", {"api_key": KEY, **posted})
    assert ApiKey.objects.get().status == KeyStatus.DISABLED
    alice = Member.objects.get(pk=alice.pk)
    assert (alice.is_staff, alice.role) == (False, Role.ANALYST)
