"""The page of one connector."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connectors_app.accounts.member_limits import limited
from connectors_app.choices import State
from connectors_app.models import Connector, Follow, Member
from connectors_app.permissions import (
    Permission,
    current_member,
    get_connector,
    may,
    requires,
)
from connectors_app.services.connectors import refresh_connector
from connectors_app.services.freshness import seen_at
from connectors_app.services.senders import lint
from connectors_app.services.upstream import Busy, KeyProblem, UpstreamError
from connectors_app.views.frame import frame_context
from connectors_app.views.notes import notes_context
from connectors_app.views.shell import asked_before

# The page follows a running sync: sooner at first, then slower, and not for ever.
_FOLLOW_SECONDS = (3, 3, 5, 5, 10, 10, 20, 20, 30, 60)
_FOLLOWED_STATES = {State.SYNCING, State.NEVER_SYNCED, State.DELETING}
# No key sees it, and its page says so.
_NOT_ASKED_STATES = {State.GONE, State.KEY_REJECTED}


@require_safe
@requires(Permission.SEE_CONNECTORS)
def connector_detail(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    member = current_member(request)
    connector = get_connector(member, connector_id)
    context = _detail_context(request, connector) | _follow_context(member, connector)
    return render(request, "connector/page.html", context)


@require_POST
@requires(Permission.SEE_CONNECTORS)
@limited("refresh")
def connector_refresh(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Ask upstream now. htmx gets the live part of the page, a plain form post goes back to the page."""
    member = current_member(request)
    trouble = ""
    connector = get_connector(member, connector_id)
    was = connector.state, connector.sync_asked_at
    try:
        is_news = refresh_connector(connector, viewer=member)
    except (UpstreamError, KeyProblem) as error:
        is_news, trouble = not isinstance(error, Busy), error.message
    if not request.htmx:  # type: ignore[attr-defined]
        if trouble:
            messages.warning(request, trouble)
        return redirect("connector_detail", connector_id)
    if is_news:
        connector = get_connector(member, connector_id)
    if connector.state in _NOT_ASKED_STATES:
        trouble = ""
    context = _detail_context(request, connector, follow=asked_before(request), just_seen=not (is_news or trouble))
    context["trouble"] = trouble
    if was != (connector.state, connector.sync_asked_at):
        context |= {"actions_changed": True} | _follow_context(member, connector)
    return render(request, "connector/_live.html", context)


def _detail_context(
    request: HttpRequest, connector: Connector, *, follow: int = -1, just_seen: bool = False
) -> dict[str, object]:
    member = current_member(request)
    awaits_news = connector.is_syncing or connector.state in _FOLLOWED_STATES
    following = awaits_news and 0 <= follow < len(_FOLLOW_SECONDS)
    return {
        **frame_context(member, connector, tab="details"),
        **notes_context(member, connector),
        "can_be_asked": connector.state not in _NOT_ASKED_STATES,
        "may_create": may(member, Permission.CREATE_CONNECTORS),
        "state": State(connector.state),
        "owner": connector.owner_email or "",  # type: ignore[attr-defined]  # get_connector asks it along
        "seen_at": connector.refreshed_at if just_seen else seen_at(connector),
        "error_group": connector.error_group if connector.state == State.FAILING else None,
        "sender_hints": lint(connector.allowed_emails),
        "asks_at_once": follow < 0,
        "follow_round": follow + 1,
        "follow_seconds": _FOLLOW_SECONDS[follow] if following else 0,
        "now": timezone.now(),
    }


def _follow_context(member: Member, connector: Connector) -> dict[str, bool]:
    """Its owner hears of it anyway."""
    is_owner = bool(member.bigdata_user_id) and connector.bigdata_user_id == member.bigdata_user_id
    may_follow = not is_owner and not connector.is_deleted
    follows = may_follow and Follow.objects.filter(connector=connector, member=member).exists()
    return {"may_follow": may_follow, "follows": follows}
