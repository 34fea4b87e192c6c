"""A connector's documents, what has come in lately, and hints about the senders that a form lists."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from connectors_app.accounts.member_limits import count, limited
from connectors_app.forms.fields import addresses_in, is_address
from connectors_app.models import Connector, Member
from connectors_app.permissions import Permission, current_member, get_connector, requires
from connectors_app.services import senders
from connectors_app.services.documents import SORTS, documents_page
from connectors_app.services.intake import LOOKS_AT, counts_by_sender, look_at_intake
from connectors_app.services.upstream import KeyProblem, UpstreamError
from connectors_app.views.frame import frame_context

_LONGEST_NAME = 255
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Query:
    """What of the documents is wanted: a part of the name, an order of SORTS, a page from 1 on."""

    file_name: str
    sort: str
    page: int

    @classmethod
    def read(cls, given: QueryDict) -> "Query":
        """From the URL; what makes no sense there is as if it were not given."""
        name = "".join(sign for sign in given.get("file_name", "") if sign.isprintable()).strip()
        sort, page = given.get("sort", ""), given.get("page", "")
        number = int(page) if page.isdecimal() and len(page) <= _MOST_DIGITS else 1
        return cls(name[:_LONGEST_NAME], sort if sort in SORTS else next(iter(SORTS)), max(number, 1))


@require_safe
@requires(Permission.SEE_CONNECTORS)
def connector_documents(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """The page opens at once and then loads its table; with `?now=1` (no JavaScript) the table is in it."""
    member = current_member(request)
    connector = get_connector(member, connector_id)
    query = Query.read(request.GET)
    context: dict[str, Any] = {"connector": connector, "query": query}
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]
    if is_fragment or "now" in request.GET:
        count(request, "documents")
        context |= _ask(connector, member, query)
    if is_fragment:
        return render(request, "connector/_documents.html", context)
    context |= frame_context(member, connector, tab="documents") | {"sorts": _sorts()}
    return render(request, "connector/documents.html", context)


@require_safe
@requires(Permission.SEE_CONNECTORS)
@limited("documents")
def connector_intake(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """A part of the connector's page; asked for as a page, a page of its own."""
    member = current_member(request)
    connector = get_connector(member, connector_id)
    context = {"connector": connector, "looks_at": LOOKS_AT, **_look(connector, member)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "connector/_intake.html", context)
    return render(request, "connector/intake.html", context | frame_context(member, connector, tab="intake"))


@require_POST
@requires(Permission.SEE_CONNECTORS)
def senders_check(request: HttpRequest) -> HttpResponse:
    """Hints about the list in field `allowed_emails`: a part of the form that has it."""
    addresses = [each for each in addresses_in(request.POST.get("allowed_emails", "")) if is_address(each)]
    context = {"summary": senders.summary(addresses) if addresses else "", "hints": senders.lint(addresses)}
    return render(request, "connector_types/email/_sender_hints.html", context)


def _ask(connector: Connector, member: Member, query: Query) -> dict[str, Any]:
    try:
        found = documents_page(
            connector, viewer=member, page=query.page, file_name=query.file_name, sort=query.sort
        )
    except (UpstreamError, KeyProblem) as problem:
        return {"trouble": problem.message}
    return {"found": found}


def _look(connector: Connector, member: Member) -> dict[str, Any]:
    try:
        intake = look_at_intake(connector, viewer=member)
    except (UpstreamError, KeyProblem) as problem:
        return {"trouble": problem.message}
    return {"intake": intake, "senders": counts_by_sender(intake, connector.allowed_emails)}


def _sorts() -> list[tuple[str, str]]:
    return [(key, words) for key, (words, _, _) in SORTS.items()]
