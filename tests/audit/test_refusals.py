"""What somebody tried and may not is in the trail, and tells them nothing."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from connectors_app.choices import AuditAction, BulkAction, OperationKind
from connectors_app.models import AuditEntry, Bulk, Connector, Member, Operation

from .conftest import recorded

PAGES = ["", "history/", "documents/", "edit/", "archive/", "delete/", "sync/", "bundle/", "created/"]
Objects = dict[str, Connector]


@pytest.fixture
def things(objects: Callable[[Member], Objects], alice: Member) -> Objects:
    return objects(alice)


@pytest.fixture
def client(alice: Member, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(alice)


def test_a_page_that_is_not_for_the_role_is_told_with_its_path(
    sam: Member, signed_in: Callable[[Member], Client]
) -> None:
    signed_in(sam).get("/connectors/new/?label=canary", REMOTE_ADDR="203.0.113.9")
    [entry] = recorded(AuditAction.REFUSED_BY_ROLE)
    assert (entry.actor, entry.result, entry.address) == (sam, "refused", "203.0.113.9")
    assert (entry.target_type, entry.target_name) == ("page", "/connectors/new/")
    assert entry.details == {"permission": "create connectors"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_change_that_is_not_for_the_role_names_the_connector(
    client: Client, things: Objects, alice: Member, method: str
) -> None:
    shared = things["shared"]
    assert getattr(client, method)(f"/connectors/{shared.connector_id}/archive/").status_code == 403
    [entry] = recorded(AuditAction.REFUSED_BY_ROLE)
    assert (entry.target_id, entry.target_name) == (str(shared.connector_id), "Bob's shared")
    assert entry.details == {"permission": "change other members' connectors"}


def test_a_bulk_change_that_is_not_for_the_role_is_told(
    sam: Member, signed_in: Callable[[Member], Client], things: Objects
) -> None:
    form = {"action": "archive", "connector": str(things["shared"].connector_id)}
    assert signed_in(sam).post("/bulk/new/", form).status_code == 403
    assert len(recorded(AuditAction.REFUSED_BY_ROLE)) == 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", ["private", "foreign"])
def test_what_exists_and_is_not_theirs_is_told_by_type_and_id_alone(
    client: Client, things: Objects, alice: Member, kind: str, page: str
) -> None:
    hidden = things[kind]
    assert client.get(f"/connectors/{hidden.connector_id}/{page}").status_code == 404
    [entry] = recorded(AuditAction.REFUSED_NOT_THEIRS)
    assert (entry.actor, entry.organization, entry.result) == (alice, alice.organization, "refused")
    assert (entry.target_type, entry.target_id) == ("connector", str(hidden.connector_id))
    assert (entry.target_name, entry.details) == ("", {})


def test_the_other_organization_s_trail_hears_nothing_of_it(
    client: Client, things: Objects, mallory: Member
) -> None:
    client.get(f"/connectors/{things['foreign'].connector_id}/")
    assert not AuditEntry.objects.filter(organization=mallory.organization).exists()


def test_what_exists_nowhere_is_not_told(client: Client, things: Objects) -> None:
    for page in PAGES:
        assert client.get(f"/connectors/{uuid4()}/{page}").status_code == 404
    assert client.get(f"/operations/{uuid4()}/").status_code == 404
    assert client.get(f"/bulk/{uuid4()}/").status_code == 404
    assert not AuditEntry.objects.exists()


def an_operation(actor: Member) -> Operation:
    return Operation.objects.create(
        organization=actor.organization,
        actor=actor,
        key_owner=actor,
        kind=OperationKind.CREATE,
        connector_type="email",
        request={"label": "Secret plans"},
    )


@pytest.mark.parametrize("name", ["bob", "mallory"])
def test_somebody_else_s_operation_and_bulk_work_are_told(
    request: pytest.FixtureRequest, client: Client, name: str
) -> None:
    actor = request.getfixturevalue(name)
    operation = an_operation(actor)
    work = Bulk.objects.create(organization=actor.organization, actor=actor, action=BulkAction.SYNC)
    assert client.get(f"/operations/{operation.pk}/").status_code == 404
    assert client.get(f"/bulk/{work.pk}/").status_code == 404
    entries = recorded(AuditAction.REFUSED_NOT_THEIRS)
    assert [(entry.target_type, entry.target_id) for entry in entries] == [
        ("operation", str(operation.pk)),
        ("bulk", str(work.pk)),
    ]


def test_a_form_with_somebody_else_s_id_is_told(desk: Client, bob: Member, inbox: Connector) -> None:
    theirs = an_operation(bob)
    form = {"label": "Desk", "allowed_emails": "a@example.com", "operation_id": theirs.pk}
    assert desk.post("/connectors/new/email/", form).status_code == 404
    assert desk.post(f"/connectors/{inbox.connector_id}/archive/", form).status_code == 404
    work = Bulk.objects.create(organization=bob.organization, actor=bob, action=BulkAction.SYNC)
    bulk = {"action": "archive", "connector": inbox.connector_id, "bulk_id": work.pk, "confirm": "1"}
    assert desk.post("/bulk/new/", bulk).status_code == 404
    told = [entry.target_id for entry in recorded(AuditAction.REFUSED_NOT_THEIRS)]
    assert told == [str(theirs.pk), str(theirs.pk), str(work.pk)]


@pytest.mark.parametrize("name", ["alice", "adam"])
def test_nobody_learns_from_the_trail_that_what_they_may_not_see_exists(
    request: pytest.FixtureRequest, things: Objects, signed_in: Callable[[Member], Client], name: str
) -> None:
    client, foreign = signed_in(request.getfixturevalue(name)), str(things["foreign"].connector_id)
    client.get(f"/connectors/{foreign}/")
    assert recorded(AuditAction.REFUSED_NOT_THEIRS)
    assert foreign not in client.get("/audit/").text
    assert foreign not in b"".join(client.get("/audit/export.csv")).decode()


def test_admins_see_what_their_members_were_refused(client: Client, admin: Client, things: Objects) -> None:
    private = things["private"]
    client.get(f"/connectors/{private.connector_id}/")
    assert str(private.connector_id) in admin.get("/audit/?group=refusals").text
