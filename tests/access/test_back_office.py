"""The back office: every page of it is for operators with two-factor, and even for them only to look at."""

import re
from uuid import uuid4

import pytest
from django.db.models import Model
from django.urls import URLPattern, URLResolver, reverse

from connectors_app.admin import site
from connectors_app.choices import AuditAction, OperationKind
from connectors_app.models import ApiKey, AuditEntry, Invitation, Member, Operation, Organization
from connectors_app.services import audit
from tests.keys.two_factor import add_app, add_codes, add_security_key
from tests.pages.test_policy import check
from tests.stored import everything_stored

KEY, PASSWORD_HASH, TOKEN_HASH = "canary-key-of-the-back-office", "canary$password$hash", "canary-token-hash"
FIXED = ["", "jsi18n/", "connectors_app/"]
NOT_THERE = ["logout/", "password_change/", "password_change/done/", "autocomplete/", "r/1/1/", "nothing/"]
PER_MODEL = ["", "add/", "{pk}/", "{pk}/change/", "{pk}/history/", "{pk}/delete/", "0/change/"]
MODELS = list(site._registry)


def names(patterns):
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from names(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield str(each.pattern)


def test_no_page_is_left_out_of_these_tests():
    """Per model: list, add, history, delete, change, and the old address of change."""
    own = {"", "login/", "jsi18n/", "^(?P<app_label>connectors_app)/$", "(?P<url>.*)$"}
    per_model = {"add/", "<path:object_id>/history/", "<path:object_id>/delete/", "<path:object_id>/change/"}
    assert set(names(site.get_urls())) == own | per_model | {"<path:object_id>/"}


@pytest.fixture
def rows(bob, make_connector) -> list[Model]:
    """One of everything, with marked secrets."""
    connector = make_connector(bob)
    Member.objects.filter(pk=bob.pk).update(password=PASSWORD_HASH)
    api_key = ApiKey(member=bob, organization=bob.organization)
    api_key.seal(KEY)
    api_key.save()
    who = {"organization": bob.organization, "email": "new@example.com", "role": "analyst"}
    invitation = Invitation.objects.create(**who, token_hash=TOKEN_HASH, expires_at="2999-01-01T00:00Z")
    operation = Operation.objects.create(
        organization=bob.organization, actor=bob, key_owner=bob, kind=OperationKind.CREATE
    )
    entry = audit.record(AuditAction.KEY_ADDED, organization=bob.organization, actor=bob)
    return [bob.organization, bob, api_key, connector, operation, invitation, entry]


@pytest.fixture
def urls(rows):
    addresses = ["/backoffice/" + path for path in FIXED + NOT_THERE + ["login/"]]
    for row in rows:
        changelist = reverse(f"admin:connectors_app_{row._meta.model_name}_changelist")
        addresses += [changelist + path.format(pk=row.pk) for path in PER_MODEL]
    return addresses


def test_everything_registered_is_tested(rows):
    assert [type(row) for row in rows] == MODELS


@pytest.fixture
def operator(adam, signed_in):
    adam.is_staff = True
    adam.save()
    add_app(adam)
    return signed_in(adam)


def answers(client, urls):
    return {(method, getattr(client, method)(url).status_code) for url in urls for method in ("get", "post")}


def test_nobody_gets_in_without_signing_in(client, urls):
    for url in urls:
        for answer in (client.get(url), client.post(url)):
            assert answer.status_code == 302
            assert re.match(r"/(account|backoffice)/login/\?next=", answer.url)


def test_signing_in_is_the_dashboard_s_own(client, db):
    answer = client.get("/backoffice/", follow=True)
    assert answer.redirect_chain[-1][0] == "/account/login/?next=/backoffice/"


@pytest.mark.parametrize("name", ["alice", "adam", "sam", "mallory"])
def test_for_members_it_does_not_exist_whatever_their_role(request, urls, signed_in, name):
    member = request.getfixturevalue(name)
    add_app(member)
    assert answers(signed_in(member), urls) == {("get", 404), ("post", 404)}


@pytest.mark.parametrize("factor", [None, add_codes])
def test_an_operator_without_two_factor_is_not_let_in(settings, adam, urls, signed_in, factor):
    """Whatever REQUIRE_MFA says; recovery codes alone are no second factor."""
    settings.REQUIRE_MFA = "none"
    adam.is_staff = True
    adam.save()
    if factor:
        factor(adam)
    assert answers(signed_in(adam), urls) == {("get", 404), ("post", 404)}


def test_an_operator_who_was_deactivated_is_out_at_once(operator, adam):
    assert operator.get("/backoffice/").status_code == 200
    Member.objects.filter(pk=adam.pk).update(is_active=False)
    assert operator.get("/backoffice/").status_code == 302


def test_a_security_key_will_do(adam, signed_in):
    adam.is_staff = True
    adam.save()
    add_security_key(adam)
    assert signed_in(adam).get("/backoffice/").status_code == 200


def test_an_operator_sees_lists_rows_and_nothing_else(operator, rows):
    wanted = {"": 200, "add/": 403, "{pk}/": 302, "{pk}/change/": 200, "{pk}/history/": 200, "{pk}/delete/": 403}
    for row in rows:
        changelist = reverse(f"admin:connectors_app_{row._meta.model_name}_changelist")
        found = {path: operator.get(changelist + path.format(pk=row.pk)).status_code for path in wanted}
        assert (row._meta.model_name, found) == (row._meta.model_name, wanted)
    assert [operator.get(f"/backoffice/{path}").status_code for path in FIXED] == [200, 200, 200]
    assert {operator.get(f"/backoffice/{path}").status_code for path in [*NOT_THERE, "login/"]} == {404}


def test_an_operator_changes_nothing(operator, urls, rows):
    fields = {
        "name": "Taken over",
        "email": "eve@example.com",
        "role": "admin",
        "is_staff": "on",
        "status": "working",
    }
    fields |= {"action": "delete_selected", "_selected_action": [str(row.pk) for row in rows], "post": "yes"}
    before = everything_stored()
    for url in urls:
        operator.post(url, fields)
    assert everything_stored() == before


def test_looking_changes_nothing_either(operator, urls):
    before = everything_stored()
    for url in urls:
        operator.get(url)
    assert everything_stored() == before


def test_no_page_shows_a_secret_or_what_stands_for_one(operator, urls, rows):
    hidden = [KEY, PASSWORD_HASH, TOKEN_HASH, rows[2].ciphertext, rows[2].fingerprint, rows[2].ciphertext[-40:]]
    shown = "".join(operator.get(url).text for url in urls)
    assert "bob@example.com" in shown
    assert [each for each in hidden if each in shown] == []


@pytest.mark.parametrize(
    "probe",
    [
        "member/?password__startswith=canary",
        "member/?api_key__ciphertext__startswith=v1",
        "apikey/?ciphertext__startswith=v1",
        "apikey/?fingerprint__gt=0",
        "apikey/?member__password__startswith=canary",
        "invitation/?token_hash__startswith=canary",
        "connector/?organization__members__password__startswith=canary",
        "organization/?members__password__startswith=canary",
        "auditentry/?actor__password__startswith=canary",
    ],
)
def test_a_filter_of_one_s_own_is_no_way_to_guess_them(operator, rows, probe):
    assert operator.get(f"/backoffice/connectors_app/{probe}").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=alice", "q=%00", "status__exact=working", "organization__id__exact=1", "o=1", "p=1", "e=1"]
)
def test_searching_filtering_and_sorting_work(operator, rows, query):
    answer = operator.get(f"/backoffice/connectors_app/apikey/?{query}", follow=True)
    assert answer.status_code == 200


def test_every_page_keeps_to_the_policy_and_is_kept_by_no_cache(operator, urls):
    for url in urls:
        answer = operator.get(url)
        check(answer)
        assert "no-store" in answer.headers["Cache-Control"]


def test_another_organization_s_rows_are_there(operator, mallory):
    assert "Elsewhere" in operator.get(reverse("admin:connectors_app_organization_changelist")).text


def test_lists_ask_a_fixed_number_of_times(operator, rows, alice, django_assert_max_num_queries):
    for number in range(30):
        organization = Organization.objects.create(name=f"Organization {number}")
        member = Member.objects.create(email=f"m{number}@example.com", organization=organization)
        ApiKey.objects.create(organization=organization, member=member, ciphertext="x")
        Invitation.objects.create(
            organization=organization, email="x@example.com", token_hash=uuid4().hex, invited_by=member,
            role="analyst", expires_at="2999-01-01T00:00Z",
        )  # fmt: skip
        audit.record(AuditAction.KEY_ADDED, organization=organization, actor=member)
    for model in MODELS:
        with django_assert_max_num_queries(9):
            operator.get(reverse(f"admin:connectors_app_{model._meta.model_name}_changelist"))


def test_it_leads_back_to_the_dashboard(operator):
    text = operator.get("/backoffice/").text
    assert 'href="/">To the dashboard' in text
    assert "Log out" not in text


def test_posting_is_staff_makes_nobody_an_operator(alice, signed_in):
    client = signed_in(alice)
    for url in ("/keys/", "/keys/expiry/", "/account/", "/theme/"):
        client.post(url, {"is_staff": "on", "theme": "dark", "time_zone": ""})
    assert not Member.objects.filter(is_staff=True).exists()
    assert not AuditEntry.objects.filter(action=AuditAction.OPERATOR_CHANGED).exists()
