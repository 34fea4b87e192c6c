"""Every URL × role × object × GET and POST.

A page without its rows here fails, and so does one without a permission.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from connectors_app.choices import BulkAction, Cause, OperationKind
from connectors_app.models import ApiKey, Bulk, Channel, Delivery, ErrorGroup, Incident, Operation
from connectors_app.permissions import Permission
from connectors_app.services.invitations import invite
from connectors_app.urls import urlpatterns
from tests.stored import data_stored

# Each page has tests of its own, and coverage is of these: traced, all of this would take half as long again.
pytestmark = pytest.mark.django_db
PUBLIC = {"theme": "GET 405 POST 302", "healthz": "GET 200 POST 405", "readyz": "GET 200 POST 405"}
PUBLIC["metrics"] = "GET 401 POST 405"  # It has a token of its own.
PUBLIC["invitation"] = "GET 404 POST 404"
PUBLIC |= {"single_sign_on": "GET 405 POST 404", "single_sign_on_callback": "GET 404 POST 405"}  # Not set up.

PAGES = """
    overview          analyst  GET 200  POST 405
    overview          admin    GET 200  POST 405
    overview          support  GET 200  POST 405
    connector_list    analyst  GET 200  POST 405
    connector_list    admin    GET 200  POST 405
    connector_list    support  GET 200  POST 405
    connector_export  analyst  GET 200  POST 405
    connector_export  admin    GET 200  POST 405
    connector_export  support  GET 200  POST 405
    connector_new     analyst  GET 200  POST 405
    connector_new     admin    GET 200  POST 405
    connector_new     support  GET 403  POST 405
    connector_create  analyst  GET 200  POST 200
    connector_create  admin    GET 200  POST 200
    connector_create  support  GET 403  POST 403
    bulk_list         analyst  GET 200  POST 405
    bulk_list         admin    GET 200  POST 405
    bulk_list         support  GET 200  POST 405
    bulk_new          analyst  GET 302  POST 404
    bulk_new          admin    GET 302  POST 404
    bulk_new          support  GET 302  POST 404
    api_keys          analyst  GET 200  POST 200
    api_keys          admin    GET 200  POST 200
    api_keys          support  GET 200  POST 200
    api_key_remove    analyst  GET 302  POST 302
    api_key_remove    admin    GET 302  POST 302
    api_key_remove    support  GET 302  POST 302
    api_key_expiry    analyst  GET 302  POST 302
    api_key_expiry    admin    GET 302  POST 302
    api_key_expiry    support  GET 302  POST 302
    organization_keys analyst  GET 403  POST 405
    organization_keys admin    GET 200  POST 405
    organization_keys support  GET 200  POST 405
    members           analyst  GET 403  POST 405
    members           admin    GET 200  POST 405
    members           support  GET 403  POST 405
    member_invite     analyst  GET 403  POST 403
    member_invite     admin    GET 200  POST 200
    member_invite     support  GET 403  POST 403
    account                     analyst  GET 200  POST 302
    account                     admin    GET 200  POST 302
    account                     support  GET 200  POST 302
    sessions                    analyst  GET 200  POST 405
    sessions                    admin    GET 200  POST 405
    sessions                    support  GET 200  POST 405
    sessions_end_others         analyst  GET 405  POST 302
    sessions_end_others         admin    GET 405  POST 302
    sessions_end_others         support  GET 405  POST 302
    mfa_index                   analyst  GET 200  POST 405
    mfa_index                   admin    GET 200  POST 405
    mfa_index                   support  GET 200  POST 405
    mfa_activate_totp           analyst  GET 200  POST 200
    mfa_activate_totp           admin    GET 200  POST 200
    mfa_activate_totp           support  GET 200  POST 200
    mfa_deactivate_totp         analyst  GET 404  POST 404
    mfa_deactivate_totp         admin    GET 404  POST 404
    mfa_deactivate_totp         support  GET 404  POST 404
    mfa_add_webauthn            analyst  GET 200  POST 200
    mfa_add_webauthn            admin    GET 200  POST 200
    mfa_add_webauthn            support  GET 200  POST 200
    mfa_reauthenticate_webauthn analyst  GET 302  POST 302
    mfa_reauthenticate_webauthn admin    GET 302  POST 302
    mfa_reauthenticate_webauthn support  GET 302  POST 302
    mfa_generate_recovery_codes analyst  GET 200  POST 200
    mfa_generate_recovery_codes admin    GET 200  POST 200
    mfa_generate_recovery_codes support  GET 200  POST 200
    audit             analyst  GET 200  POST 405
    audit             admin    GET 200  POST 405
    audit             support  GET 200  POST 405
    audit_export      analyst  GET 200  POST 405
    audit_export      admin    GET 200  POST 405
    audit_export      support  GET 200  POST 405
    sharing           analyst  GET 403  POST 405
    sharing           admin    GET 200  POST 405
    sharing           support  GET 200  POST 405
    error_list        analyst  GET 200  POST 405
    error_list        admin    GET 200  POST 405
    error_list        support  GET 200  POST 405
    alerts            analyst  GET 200  POST 405
    alerts            admin    GET 200  POST 405
    alerts            support  GET 200  POST 405
    channel_list      analyst  GET 403  POST 405
    channel_list      admin    GET 200  POST 405
    channel_list      support  GET 403  POST 405
    channel_kinds     analyst  GET 403  POST 405
    channel_kinds     admin    GET 200  POST 405
    channel_kinds     support  GET 403  POST 405
    channel_new       analyst  GET 403  POST 403
    channel_new       admin    GET 200  POST 200
    channel_new       support  GET 403  POST 403
    channel_test      analyst  GET 403  POST 403
    channel_test      admin    GET 302  POST 200
    channel_test      support  GET 403  POST 403
    my_notifications  analyst  GET 200  POST 200
    my_notifications  admin    GET 200  POST 200
    my_notifications  support  GET 200  POST 200
    refresh_now       analyst  GET 405  POST 302
    refresh_now       admin    GET 405  POST 302
    refresh_now       support  GET 405  POST 302
    organization      analyst  GET 403  POST 403
    organization      admin    GET 200  POST 200
    organization      support  GET 403  POST 403
    senders_check     analyst  GET 405  POST 200
    senders_check     admin    GET 405  POST 200
    senders_check     support  GET 405  POST 200
"""

# The four figures: one's own, shared by a colleague, a colleague's private one, another organization's.
CONNECTOR_PAGES = """
    connector_detail   analyst  GET 200 200 404 404  POST 405 405 405 405
    connector_detail   admin    GET 200 200 200 404  POST 405 405 405 405
    connector_detail   support  GET 200 200 200 404  POST 405 405 405 405
    connector_created  analyst  GET 200 200 404 404  POST 405 405 405 405
    connector_created  admin    GET 200 200 200 404  POST 405 405 405 405
    connector_created  support  GET 200 200 200 404  POST 405 405 405 405
    connector_refresh  analyst  GET 405 405 405 405  POST 302 302 404 404
    connector_refresh  admin    GET 405 405 405 405  POST 302 302 302 404
    connector_refresh  support  GET 405 405 405 405  POST 302 302 302 404
    connector_follow   analyst  GET 405 405 405 405  POST 302 302 404 404
    connector_follow   admin    GET 405 405 405 405  POST 302 302 302 404
    connector_follow   support  GET 405 405 405 405  POST 302 302 302 404
    connector_edit     analyst  GET 200 403 404 404  POST 200 403 404 404
    connector_edit     admin    GET 200 200 200 404  POST 200 200 200 404
    connector_edit     support  GET 403 403 403 403  POST 403 403 403 403
    connector_sync     analyst  GET 200 403 404 404  POST 400 403 404 404
    connector_sync     admin    GET 200 200 200 404  POST 400 400 400 404
    connector_sync     support  GET 200 200 200 404  POST 400 400 400 404
    connector_archive  analyst  GET 200 403 404 404  POST 200 403 404 404
    connector_archive  admin    GET 200 200 200 404  POST 200 200 200 404
    connector_archive  support  GET 403 403 403 403  POST 403 403 403 403
    connector_delete   analyst  GET 200 403 404 404  POST 200 403 404 404
    connector_delete   admin    GET 200 200 200 404  POST 200 200 200 404
    connector_delete   support  GET 403 403 403 403  POST 403 403 403 403
    connector_replace  analyst  GET 200 403 404 404  POST 400 403 404 404
    connector_replace  admin    GET 200 200 200 404  POST 400 400 400 404
    connector_replace  support  GET 403 403 403 403  POST 403 403 403 403
    connector_documents analyst  GET 200 200 404 404  POST 405 405 405 405
    connector_documents admin    GET 200 200 200 404  POST 405 405 405 405
    connector_documents support  GET 200 200 200 404  POST 405 405 405 405
    connector_intake    analyst  GET 200 200 404 404  POST 405 405 405 405
    connector_intake    admin    GET 200 200 200 404  POST 405 405 405 405
    connector_intake    support  GET 200 200 200 404  POST 405 405 405 405
    connector_history   analyst  GET 200 200 404 404  POST 405 405 405 405
    connector_history   admin    GET 200 200 200 404  POST 405 405 405 405
    connector_history   support  GET 200 200 200 404  POST 405 405 405 405
    connector_bundle    analyst  GET 200 200 404 404  POST 405 405 405 405
    connector_bundle    admin    GET 200 200 200 404  POST 405 405 405 405
    connector_bundle    support  GET 200 200 200 404  POST 405 405 405 405
"""

# An operation is shown to who asked for it: about one's own connector, a colleague's (twice), a foreign one.
OPERATION_PAGES = """
    operation         analyst  GET 200 404 404 404  POST 405 405 405 405
    operation         admin    GET 200 404 404 404  POST 405 405 405 405
    operation         support  GET 200 404 404 404  POST 405 405 405 405
    operation_check   analyst  GET 405 405 405 405  POST 302 404 404 404
    operation_check   admin    GET 405 405 405 405  POST 302 404 404 404
    operation_check   support  GET 405 405 405 405  POST 302 404 404 404
    operation_choose  analyst  GET 405 405 405 405  POST 302 404 404 404
    operation_choose  admin    GET 405 405 405 405  POST 302 404 404 404
    operation_choose  support  GET 405 405 405 405  POST 302 404 404 404
"""

# Bulk work is shown to who sees all connectors, else to who asked for it, who alone retries it.
BULK_PAGES = """
    bulk_detail  analyst  GET 200 404 404 404  POST 405 405 405 405
    bulk_detail  admin    GET 200 200 200 404  POST 405 405 405 405
    bulk_detail  support  GET 200 200 200 404  POST 405 405 405 405
    bulk_retry   analyst  GET 405 405 405 405  POST 302 404 404 404
    bulk_retry   admin    GET 405 405 405 405  POST 302 403 403 404
    bulk_retry   support  GET 405 405 405 405  POST 302 403 403 404
"""
# A colleague, and somebody of another organization.
MEMBER_PAGES = """
    member             analyst  GET 403 403  POST 405 405
    member             admin    GET 200 404  POST 405 405
    member             support  GET 403 403  POST 405 405
    member_role        analyst  GET 403 403  POST 403 403
    member_role        admin    GET 200 404  POST 302 404
    member_role        support  GET 403 403  POST 403 403
    member_deactivate  analyst  GET 403 403  POST 403 403
    member_deactivate  admin    GET 200 404  POST 302 404
    member_deactivate  support  GET 403 403  POST 403 403
    member_reactivate  analyst  GET 403 403  POST 403 403
    member_reactivate  admin    GET 200 404  POST 302 404
    member_reactivate  support  GET 403 403  POST 403 403
"""

# The organization's invitation, and another's.
INVITATION_PAGES = """
    invitation_revoke  analyst  GET 405 405  POST 403 403
    invitation_revoke  admin    GET 405 405  POST 302 404
    invitation_revoke  support  GET 405 405  POST 403 403
"""
# One's own, a colleague's, another organization's: nobody else's, whatever the role.
ACCOUNT_PAGES = """
    session_end         analyst  GET 405 405 405  POST 302 404 404
    session_end         admin    GET 405 405 405  POST 302 404 404
    session_end         support  GET 405 405 405  POST 302 404 404
    mfa_edit_webauthn   analyst  GET 200 404 404  POST 200 404 404
    mfa_edit_webauthn   admin    GET 200 404 404  POST 200 404 404
    mfa_edit_webauthn   support  GET 200 404 404  POST 200 404 404
    mfa_remove_webauthn analyst  GET 200 404 404  POST 302 404 404
    mfa_remove_webauthn admin    GET 200 404 404  POST 302 404 404
    mfa_remove_webauthn support  GET 200 404 404  POST 302 404 404
"""
# A colleague's API key, and one of another organization.
KEY_PAGES = """
    api_key_disable  analyst  GET 403 403  POST 403 403
    api_key_disable  admin    GET 200 404  POST 302 404
    api_key_disable  support  GET 403 403  POST 403 403
    api_key_enable   analyst  GET 403 403  POST 403 403
    api_key_enable   admin    GET 302 404  POST 302 404
    api_key_enable   support  GET 403 403  POST 403 403
"""
# The error of one's own connector, of a shared one, of a colleague's private one, of another organization's.
ERROR_PAGES = """
    error_detail  analyst  GET 200 200 404 404  POST 405 405 405 405
    error_detail  admin    GET 200 200 200 404  POST 405 405 405 405
    error_detail  support  GET 200 200 200 404  POST 405 405 405 405
    error_snooze  analyst  GET 405 405 405 405  POST 403 403 403 403
    error_snooze  admin    GET 405 405 405 405  POST 200 200 200 404
    error_snooze  support  GET 405 405 405 405  POST 200 200 200 404
"""
# The incident of one's own connector, of a shared one, of a colleague's private one, of another organization's.
INCIDENT_PAGES = """
    incident_acknowledge  analyst  GET 405 405 405 405  POST 403 403 403 403
    incident_acknowledge  admin    GET 405 405 405 405  POST 302 302 302 404
    incident_acknowledge  support  GET 405 405 405 405  POST 302 302 302 404
    incident_snooze       analyst  GET 403 403 403 403  POST 403 403 403 403
    incident_snooze       admin    GET 200 200 200 404  POST 200 200 200 404
    incident_snooze       support  GET 200 200 200 404  POST 200 200 200 404
    incident_wake         analyst  GET 405 405 405 405  POST 403 403 403 403
    incident_wake         admin    GET 405 405 405 405  POST 302 302 302 404
    incident_wake         support  GET 405 405 405 405  POST 302 302 302 404
"""
# A webhook of the organization, of a member (no page has these), and of another organization.
CHANNEL_PAGES = """
    channel_detail      analyst  GET 403 403 403  POST 403 403 403
    channel_detail      admin    GET 200 404 404  POST 200 404 404
    channel_detail      support  GET 403 403 403  POST 403 403 403
    channel_test_saved  analyst  GET 405 405 405  POST 403 403 403
    channel_test_saved  admin    GET 405 405 405  POST 302 404 404
    channel_test_saved  support  GET 405 405 405  POST 403 403 403
    channel_secret      analyst  GET 403 403 403  POST 403 403 403
    channel_secret      admin    GET 200 404 404  POST 200 404 404
    channel_secret      support  GET 403 403 403  POST 403 403 403
    channel_remove      analyst  GET 403 403 403  POST 403 403 403
    channel_remove      admin    GET 200 404 404  POST 302 404 404
    channel_remove      support  GET 403 403 403  POST 403 403 403
    delivery_replay     analyst  GET 405 405 405  POST 403 403 403
    delivery_replay     admin    GET 405 405 405  POST 302 404 404
    delivery_replay     support  GET 405 405 405  POST 403 403 403
"""
# A GET, and yet the audit trail tells who took a copy.
EXPORTS = {"connector_export", "audit_export"}
OBJECTS = ("own", "shared", "private", "foreign")
CAST = {"analyst": "alice", "admin": "adam", "support": "sam"}


class Page(NamedTuple):
    """A URL pattern: its name, its view, and the parameters in its path."""

    name: str
    view: Callable
    parameters: frozenset[str]

    def url(self, **known: object) -> str:
        """Its address, about the `known` objects and otherwise about none that exists."""
        none = {"type_key": "email", "kind": "email", "role": "admin", "member_id": 0, "session_id": 0, "pk": 0}
        values = {**dict.fromkeys(self.parameters, uuid4()), **none, **known}
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def walk(patterns: list[URLPattern | URLResolver], parameters: frozenset[str] = frozenset()) -> Iterator[Page]:
    for pattern in patterns:
        inner = parameters | set(pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, inner)
        else:
            yield Page(pattern.name, pattern.callback, inner)


ALL_PAGES = list(walk(urlpatterns))
every_page = pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)


def rows(table):
    return [
        pytest.param(*line.split(maxsplit=2), id="-".join(line.split()[:2])) for line in table.strip().split("\n")
    ]


def statuses(expected):
    """The figures of "GET 200 404 POST 405 405" by method."""
    get, post = expected.removeprefix("GET").split("POST")
    return {"get": [int(status) for status in get.split()], "post": [int(status) for status in post.split()]}


def covered():
    about_members = MEMBER_PAGES + INVITATION_PAGES + ACCOUNT_PAGES + KEY_PAGES + ERROR_PAGES + INCIDENT_PAGES
    about_work = OPERATION_PAGES + BULK_PAGES + CHANNEL_PAGES
    lines = (PAGES + CONNECTOR_PAGES + about_work + about_members).split("\n")
    return {tuple(line.split()[:2]) for line in lines if line.strip()}


def added_to_the_trail(before, after):
    """Whether one entry of the audit trail (and with it its chain) is all that differs."""
    lines = [[line.partition(" ") for line in text.split("\n")] for text in (before, after)]
    trails = [[name for name, _, _ in each if name == "connectors_app_auditentry"] for each in lines]
    others = [[each for each in part if not each[0].startswith("connectors_app_audit")] for part in lines]
    return others[0] == others[1] and len(trails[1]) == len(trails[0]) + 1


def make_operation(actor, connector):
    return Operation.objects.create(
        organization=actor.organization,
        actor=actor,
        key_owner=actor,
        kind=OperationKind.CREATE,
        connector_type=connector.type,
        request={"label": connector.label},
    )


def make_key(member):
    api_key = ApiKey(member=member, organization=member.organization)
    api_key.seal("only-for-the-matrix")
    api_key.save()
    return api_key


def make_error(connector):
    """A group that the connector fails with."""
    now = timezone.now()
    connector.error_group = ErrorGroup.objects.create(
        organization=connector.organization,
        fingerprint=connector.label,
        cause=Cause.UNKNOWN,
        message="Broken",
        example="Broken",
        first_seen_at=now,
        last_seen_at=now,
    )
    connector.save()
    return connector.error_group


def make_incident(connector):
    now = timezone.now()
    return Incident.objects.create(
        organization=connector.organization, connector=connector, kind="stale", opened_at=now, last_seen_at=now
    )


def make_message(organization, member=None):
    """A message that was given up, and with it a channel."""
    channel = Channel(organization=organization, member=member, kind="webhook", name="Ours")
    channel.seal_url("https://hooks.example.com/", host="hooks.example.com")
    channel.seal_secret("whsec_only-for-the-matrix")
    channel.save()
    return Delivery.objects.create(
        channel=channel, number=1, subject="Late", body={}, status="given_up", give_up_at=timezone.now()
    )


def make_session(member):
    return UserSession.objects.create(user=member, session_key=f"of-{member.pk}", ip="203.0.113.7")


def make_security_key(member):
    return Authenticator.objects.create(user=member, type="webauthn", data={"name": "Blue", "credential": {}})


@pytest.fixture
def visitor(request, signed_in):
    """Sign in the one of the cast who has a role."""
    return lambda role: (member := request.getfixturevalue(CAST[role]), signed_in(member))


def test_every_page_is_in_the_matrix():
    names = {page.name for page in ALL_PAGES}
    assert covered() == {(name, role) for name in names - set(PUBLIC) for role in CAST}


@every_page
def test_every_page_names_its_permission_or_is_public(page):
    has_permission = isinstance(getattr(page.view, "permission", None), Permission)
    is_open = not getattr(page.view, "login_required", True)
    assert (has_permission, is_open) == (page.name not in PUBLIC, page.name in PUBLIC)


@pytest.mark.parametrize(("name", "role", "expected"), rows(PAGES))
def test_a_page(visitor, name, role, expected):
    _, client = visitor(role)
    of_a_kind = name in ("connector_create", "channel_new", "channel_test")
    url = reverse(name, args=["email"] if of_a_kind else [])
    for method, [status] in statuses(expected).items():
        assert (method, getattr(client, method)(url).status_code) == (method, status)


@pytest.mark.parametrize(("name", "role", "expected"), rows(CONNECTOR_PAGES))
def test_a_page_about_a_connector(visitor, objects, name, role, expected):
    member, client = visitor(role)
    connectors = objects(member)
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[connectors[each].connector_id]) for each in OBJECTS]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(ERROR_PAGES))
def test_a_page_about_an_error(visitor, objects, name, role, expected):
    member, client = visitor(role)
    groups = {kind: make_error(connector) for kind, connector in objects(member).items()}
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[groups[each].pk]) for each in OBJECTS]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(INCIDENT_PAGES))
def test_a_page_about_an_incident(visitor, objects, name, role, expected):
    member, client = visitor(role)
    incidents = {kind: make_incident(connector) for kind, connector in objects(member).items()}
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[incidents[each].pk]) for each in OBJECTS]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(CHANNEL_PAGES))
def test_a_page_about_a_channel(visitor, organization, bob, elsewhere, name, role, expected):
    _, client = visitor(role)
    for method, wanted in statuses(expected).items():
        Delivery.objects.all().delete()
        Channel.objects.all().delete()
        deliveries = [make_message(organization), make_message(organization, bob), make_message(elsewhere)]
        ids = [each.pk if name == "delivery_replay" else each.channel_id for each in deliveries]
        found = [getattr(client, method)(reverse(name, args=[each])).status_code for each in ids]
        assert (method, found) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(OPERATION_PAGES))
def test_a_page_about_an_operation(visitor, objects, bob, mallory, name, role, expected):
    member, client = visitor(role)
    actors = {"own": member, "shared": bob, "private": bob, "foreign": mallory}
    operations = {kind: make_operation(actors[kind], connector) for kind, connector in objects(member).items()}
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[operations[each].pk]) for each in OBJECTS]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(BULK_PAGES))
def test_a_page_about_bulk_work(visitor, objects, bob, mallory, name, role, expected):
    member, client = visitor(role)
    objects(member)
    actors = {"own": member, "shared": bob, "private": bob, "foreign": mallory}
    works = {
        kind: Bulk.objects.create(organization=actor.organization, actor=actor, action=BulkAction.SYNC)
        for kind, actor in actors.items()
    }
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[works[each].pk]) for each in OBJECTS]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(MEMBER_PAGES))
def test_a_page_about_a_member(visitor, bob, mallory, name, role, expected):
    _, client = visitor(role)
    more = ["support"] if name == "member_role" else []
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[each.pk, *more]) for each in (bob, mallory)]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(KEY_PAGES))
def test_a_page_about_an_api_key(visitor, bob, mallory, name, role, expected):
    _, client = visitor(role)
    keys = [make_key(each) for each in (bob, mallory)]
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[each.pk]) for each in keys]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(ACCOUNT_PAGES))
def test_a_page_about_one_s_own_session_or_security_key(visitor, bob, mallory, name, role, expected):
    member, client = visitor(role)
    make = make_session if name == "session_end" else make_security_key
    things = [make(each) for each in (member, bob, mallory)]
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[thing.pk]) for thing in things]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@pytest.mark.parametrize(("name", "role", "expected"), rows(INVITATION_PAGES))
def test_a_page_about_an_invitation(visitor, organization, elsewhere, name, role, expected):
    _, client = visitor(role)
    issued = [
        invite(organization=each, email="carol@example.com", role="analyst") for each in (organization, elsewhere)
    ]
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[each.invitation.pk]) for each in issued]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


@every_page
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_gets_anywhere_without_signing_in(client, db, page, method):
    url = page.url()
    answer = getattr(client, method)(url)
    if page.name in PUBLIC:
        [status] = statuses(PUBLIC[page.name])[method]
        assert answer.status_code == status
    else:
        assert (answer.status_code, answer.url) == (302, f"/account/login/?next={url}")


@every_page
def test_no_get_changes_anything(signed_in, adam, objects, page):
    """As an admin, who may see every page: a refusal is recorded."""
    own = objects(adam)["own"]
    client = signed_in(adam)
    operation = make_operation(adam, own)
    channel_id = make_message(adam.organization).channel_id
    ids = {"connector_id": own.connector_id, "operation_id": operation.pk, "channel_id": channel_id}
    url = page.url(member_id=adam.pk, **ids)
    before = data_stored()
    client.get(url)
    after = data_stored()
    if page.name == "mfa_add_webauthn":  # What the key is to answer has to be remembered.
        assert "'mfa.webauthn.state'" in after
    elif page.name in EXPORTS:
        assert added_to_the_trail(before, after)
    else:
        assert after == before


@every_page
@pytest.mark.parametrize("name", ["alice", "sam"])
def test_a_refused_get_adds_to_the_trail_and_changes_nothing_else(request, signed_in, objects, page, name):
    member = request.getfixturevalue(name)
    private = objects(member)["private"]
    client = signed_in(member)
    url = page.url(connector_id=private.connector_id)
    before = data_stored()
    status = client.get(url).status_code
    after = data_stored()
    if status == 403 or (status == 404 and after != before):
        assert added_to_the_trail(before, after)


@every_page
def test_no_post_counts_without_the_page_s_own_token(client, alice, objects, page):
    client.handler.enforce_csrf_checks = True
    client.force_login(alice)
    url = page.url(connector_id=objects(alice)["own"].connector_id)
    before = data_stored()
    assert client.post(url).status_code == 403
    assert data_stored() == before
