"""What is another organization's might as well not exist; that somebody tried is known in their own."""

from uuid import uuid4

import pytest

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Bulk, Operation
from tests.abuse.conftest import belongings, stored
from tests.access.test_matrix import ALL_PAGES

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NOBODYS = {"type_key", "kind", "role", "token"}  # Parameters that name nothing of anybody's.
ABOUT_SOMETHING = [page for page in ALL_PAGES if page.parameters - NOBODYS]


@pytest.fixture
def theirs(failing, alice):
    """One of everything, Alice's."""
    return belongings(alice, failing(alice, share_with_org=True))


@pytest.fixture
def intruder(mallory, signed_in):
    """An admin's browser, of another organization."""
    return signed_in(mallory)


def refusals(member):
    return AuditEntry.objects.filter(action=AuditAction.REFUSED_NOT_THEIRS, actor=member)


def test_01_another_organizations_anything_is_a_404_by_every_verb_and_recorded(theirs, intruder, mallory):
    before = stored()
    for page in ABOUT_SOMETHING:
        [parameter] = page.parameters - NOBODYS
        url, known = page.url(**{parameter: theirs[parameter]}), refusals(mallory).count()
        statuses = {verb: intruder.generic(verb, url).status_code for verb in VERBS}
        assert set(statuses.values()) <= {404, 405}, page.name
        assert 404 in statuses.values(), page.name
        assert stored() == before, page.name
        if page.name.startswith("mfa_"):  # allauth's own look-up: only among one's own security keys.
            continue
        facts = ("organization", "target_id", "target_name", "details", "key_owner")
        told = refusals(mallory).order_by("pk").values_list(*facts)[known:]
        assert len(told) == [*statuses.values()].count(404), page.name
        assert set(map(repr, told)) == {repr((mallory.organization_id, str(theirs[parameter]), "", {}, None))}


def test_01_the_victims_own_trail_and_pages_tell_nothing_of_it(theirs, intruder, adam, signed_in):
    for page in ABOUT_SOMETHING:
        [parameter] = page.parameters - NOBODYS
        intruder.post(page.url(**{parameter: theirs[parameter]}))
    assert not AuditEntry.objects.filter(organization=adam.organization, action__startswith="refusals.").exists()
    assert "mallory" not in signed_in(adam).get("/audit/").text


def test_01_what_is_hidden_answers_like_what_does_not_exist(theirs, intruder):
    for page in ABOUT_SOMETHING:
        [parameter] = page.parameters - NOBODYS
        nothing = uuid4() if not isinstance(theirs[parameter], int) else 99_999
        for verb in VERBS:
            found = [
                intruder.generic(verb, page.url(**{parameter: each})) for each in (theirs[parameter], nothing)
            ]
            assert (page.name, verb, found[0].status_code) == (page.name, verb, found[1].status_code)


def test_01_ids_of_another_organization_are_worth_nothing_in_forms_and_queries(
    theirs, mallory, with_key, signed_in, sandbox
):
    intruder, before = signed_in(with_key(mallory)), (Operation.objects.count(), Bulk.objects.count())
    sandbox.clear_requests()
    mail = {"label": "Desk", "allowed_emails": "a@example.com", "operation_id": theirs["operation_id"]}
    bulk = {"action": "sync", "connector": [str(theirs["connector_id"])], "bulk_id": theirs["bulk_id"]}
    again = f"/connectors/new/email/?again={theirs['operation_id']}"
    invitation = {"email": "eve@example.com", "role": "admin", "invitation_id": theirs["invitation_id"]}
    assert intruder.post("/connectors/new/email/", mail).status_code == 404
    assert intruder.get(again).status_code == 404
    assert intruder.post("/members/invite/", invitation).status_code == 404
    answer = intruder.post("/bulk/new/", bulk | {"confirm": "1"})
    assert str(theirs["connector_id"]) not in answer.text
    assert (Operation.objects.count(), Bulk.objects.count()) == before
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "page", ["/", "/connectors/", "/connectors/export.csv", "/errors/", "/keys/organization/"]
)
def test_01_no_list_holds_anything_of_another_organization(theirs, intruder, alice, page):
    """Whatever filter names it."""
    for query in ("", f"?owner={alice.pk}", "?q=broker", "?owner=user_alice", "?organization=1"):
        answer = intruder.get(page + query)
        text = b"".join(answer.streaming_content).decode() if getattr(answer, "streaming", False) else answer.text
        assert str(theirs["connector_id"]) not in text
        assert "alice@" not in text


def test_01_the_owner_gets_all_of_it(theirs, alice, signed_in):
    """What the others show: that these pages are there."""
    client = signed_in(alice)
    for page in ABOUT_SOMETHING:
        [parameter] = page.parameters - NOBODYS
        if parameter in ("connector_id", "group_id", "operation_id", "bulk_id", "pk"):
            assert client.get(page.url(**{parameter: theirs[parameter]})).status_code in (200, 405, 302)
