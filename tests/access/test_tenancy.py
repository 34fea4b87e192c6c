"""What belongs to another organization, or is a colleague's private matter, might as well not exist."""

from uuid import uuid4

import pytest

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Operation
from connectors_app.permissions import get_own_operation, visible_connectors
from connectors_app.services import operations
from connectors_app.services.connectors import refresh_connector
from connectors_app.services.upstream import KeyProblem


def labels(connectors):
    return {connector.label for connector in connectors}


@pytest.mark.parametrize("page", ["/", "/connectors/"])
def test_an_analyst_s_pages_leave_out_what_is_not_theirs_to_see(alice, objects, signed_in, page):
    objects(alice)
    text = signed_in(alice).get(page).text
    assert "Mallory" not in text
    assert "private" not in text


def test_the_list_holds_own_and_shared(alice, objects):
    objects(alice)
    assert labels(visible_connectors(alice)) == {"Mine", "Bob's shared"}


@pytest.mark.parametrize("name", ["adam", "sam"])
def test_admins_and_support_see_all_of_their_organization(request, objects, name):
    member = request.getfixturevalue(name)
    objects(member)
    assert labels(visible_connectors(member)) == {"Mine", "Bob's shared", "Bob's private"}


def test_a_member_whose_identity_is_unknown_owns_nothing(alice, bob, make_connector):
    connector = make_connector(bob)
    Connector.objects.filter(pk=connector.pk).update(bigdata_user_id="")
    assert alice.bigdata_user_id == ""
    assert not visible_connectors(alice).exists()


def test_the_same_identity_in_another_organization_sees_nothing(alice, mallory, objects):
    objects(alice)
    mallory.bigdata_user_id = "user_alice"
    mallory.save()
    assert labels(visible_connectors(mallory)) == {"Mallory's"}


def test_the_same_upstream_connector_is_each_organization_s_own_row(alice, mallory, make_connector, signed_in):
    ours = make_connector(alice, label="Ours")
    theirs = make_connector(mallory, label="Theirs")
    Connector.objects.filter(pk=theirs.pk).update(connector_id=ours.connector_id)
    assert "Theirs" not in signed_in(alice).get(f"/connectors/{ours.connector_id}/").text
    assert "Ours" not in signed_in(mallory).get(f"/connectors/{ours.connector_id}/").text


@pytest.mark.parametrize("kind", ["private", "foreign"])
def test_what_is_hidden_answers_like_what_does_not_exist(alice, objects, signed_in, kind):
    client = signed_in(alice)
    hidden = client.get(f"/connectors/{objects(alice)[kind].connector_id}/")
    missing = client.get(f"/connectors/{uuid4()}/")
    assert hidden.status_code == missing.status_code == 404
    assert without_tokens(hidden) == without_tokens(missing)


def without_tokens(answer):
    """The page's lines but for those that hold the form token or the nonce, which never repeat."""
    return [line for line in answer.text.split("\n") if "csrf" not in line.lower() and "nonce" not in line]


def test_a_connector_is_counted_for_those_who_see_it(alice, adam, objects, signed_in):
    objects(alice)
    assert signed_in(alice).get("/").context["total"] == 2
    assert signed_in(adam).get("/").context["total"] == 3


def begin(actor, operation_id=None):
    return operations.begin(
        operation_id=operation_id or uuid4(),
        actor=actor,
        key_owner=actor,
        kind=OperationKind.CREATE,
        connector_type="email",
        request={"label": "Desk", "config": {"allowed_emails": ["canary@example.com"]}},
    )[0]


@pytest.mark.parametrize("actor", ["bob", "mallory"])
def test_somebody_else_s_form_id_creates_nothing(request, alice, with_key, sandbox, signed_in, actor):
    theirs = begin(request.getfixturevalue(actor))
    client = signed_in(with_key(alice))
    sandbox.clear_requests()
    fields = {"label": "Desk", "allowed_emails": "a@example.com", "operation_id": theirs.pk}
    assert client.post("/connectors/new/email/", fields).status_code == 404
    assert sandbox.requests == []
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("actor", ["bob", "mallory"])
def test_nobody_fills_a_form_from_somebody_else_s_operation(request, alice, signed_in, actor):
    theirs = begin(request.getfixturevalue(actor))
    answer = signed_in(alice).get(f"/connectors/new/email/?again={theirs.pk}")
    assert answer.status_code == 404
    assert "canary" not in answer.text


def test_only_a_candidate_can_be_chosen(alice, objects, signed_in):
    connectors, operation = objects(alice), begin(alice)
    operation.outcome = Outcome.UNKNOWN
    operation.save()
    operation.candidates.set([connectors["own"]])
    url = f"/operations/{operation.pk}/choose/"
    assert signed_in(alice).post(url, {"candidate": connectors["foreign"].pk}).status_code == 404
    assert get_own_operation(alice, operation.pk).outcome == Outcome.UNKNOWN
    assert signed_in(alice).post(url, {"candidate": connectors["own"].pk}).status_code == 302
    assert get_own_operation(alice, operation.pk).connector == connectors["own"]


def test_no_key_is_used_for_a_connector_that_it_does_not_see(
    alice, bob, mallory, with_key, sandbox, make_connector
):
    sandbox.plant("user_mallory", label="Theirs")
    with_key(alice)
    with_key(mallory)
    hidden = make_connector(bob)
    sandbox.clear_requests()
    with pytest.raises(KeyProblem):
        refresh_connector(hidden, viewer=alice)
    assert sandbox.requests == []


def test_a_posted_owner_organization_or_role_is_ignored(alice, mallory, with_key, signed_in):
    fields = {"label": "Desk", "allowed_emails": "a@example.com", "role": "admin", "owner": mallory.pk}
    fields |= {"organization": mallory.organization_id, "actor": mallory.pk, "key_owner": mallory.pk}
    signed_in(with_key(alice)).post("/connectors/new/email/", fields)
    operation = Operation.objects.get()
    assert (operation.actor, operation.key_owner, operation.organization) == (alice, alice, alice.organization)
    assert operation.connector.organization == alice.organization
    alice.refresh_from_db()
    assert alice.role == "analyst"


def test_one_key_in_two_organizations_makes_two_snapshots(alice, mallory, with_key, sandbox):
    sandbox.plant("user_alice", label="Shared key")
    sandbox.add_key("sandbox-mallory", "user_alice")
    with_key(alice)
    with_key(mallory)
    assert labels(Connector.objects.of(alice.organization)) == {"Shared key"}
    assert labels(Connector.objects.of(mallory.organization)) == {"Shared key"}
    assert Connector.objects.count() == 2
