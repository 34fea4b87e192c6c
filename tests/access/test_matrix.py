"""Every URL × role × object × GET and POST.

A page without its rows here fails, and so does one without a permission.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, reverse

from connectors_app.choices import BulkAction, OperationKind
from connectors_app.models import Bulk, Operation
from connectors_app.permissions import Permission
from connectors_app.urls import urlpatterns
from tests.stored import everything_stored

PUBLIC = {"theme": "GET 405 POST 302", "healthz": "GET 200 POST 405", "readyz": "GET 200 POST 405"}

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
OBJECTS = ("own", "shared", "private", "foreign")
CAST = {"analyst": "alice", "admin": "adam", "support": "sam"}


class Page(NamedTuple):
    """A URL pattern: its name, its view, and the parameters in its path."""

    name: str
    view: Callable
    parameters: frozenset[str]

    def url(self, **known: object) -> str:
        """Its address, about the `known` objects and otherwise about none that exists."""
        values = {"type_key": "email", **dict.fromkeys(self.parameters - {"type_key"}, uuid4()), **known}
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
    lines = (PAGES + CONNECTOR_PAGES + OPERATION_PAGES + BULK_PAGES).split("\n")
    return {tuple(line.split()[:2]) for line in lines if line.strip()}


def make_operation(actor, connector):
    return Operation.objects.create(
        organization=actor.organization,
        actor=actor,
        key_owner=actor,
        kind=OperationKind.CREATE,
        connector_type=connector.type,
        request={"label": connector.label},
    )


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
    url = reverse(name, args=["email"] if name == "connector_create" else [])
    for method, [status] in statuses(expected).items():
        assert (method, getattr(client, method)(url).status_code) == (method, status)


@pytest.mark.parametrize(("name", "role", "expected"), rows(CONNECTOR_PAGES))
def test_a_page_about_a_connector(visitor, objects, name, role, expected):
    member, client = visitor(role)
    connectors = objects(member)
    for method, wanted in statuses(expected).items():
        urls = [reverse(name, args=[connectors[each].connector_id]) for each in OBJECTS]
        assert (method, [getattr(client, method)(url).status_code for url in urls]) == (method, wanted)


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
def test_no_get_changes_anything(signed_in, alice, objects, page):
    own = objects(alice)["own"]
    client = signed_in(alice)
    url = page.url(connector_id=own.connector_id, operation_id=make_operation(alice, own).pk)
    before = everything_stored()
    client.get(url)
    assert everything_stored() == before


@every_page
def test_no_post_counts_without_the_page_s_own_token(client, alice, objects, page):
    client.handler.enforce_csrf_checks = True
    client.force_login(alice)
    url = page.url(connector_id=objects(alice)["own"].connector_id)
    before = everything_stored()
    assert client.post(url).status_code == 403
    assert everything_stored() == before
