"""Small pieces of the pages: icons, state badges, times, counts.

A tag that draws more than one element renders a partial of `templates/components/`, so its look lives there.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connectors_app import connector_types
from connectors_app.choices import DELETED, NEEDS_ATTENTION, State
from connectors_app.models import Connector
from connectors_app.services.states_in_words import state_in_words
from connectors_app.telemetry import context as context_of_thread

register = template.Library()

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@register.simple_tag
def request_id() -> str:
    """What finds this request's lines in the log; needs no context, for error pages."""
    return context_of_thread.request_id()


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from screen readers: the word beside it says the same."""
    sprite = static("img/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


@lru_cache(maxsize=1000)
def _drawn(partial: str, **context: Any) -> SafeString:
    """A partial that depends on nothing but its context: a list draws the same few again and again."""
    return render_to_string(f"components/{partial}", context)


@lru_cache(maxsize=1000, typed=True)
def _row(**context: Any) -> SafeString:
    return render_to_string("connector_list/_row.html", context)


@register.simple_tag(takes_context=True)
def connector_row(context: dict[str, Any], connector: Connector) -> SafeString:
    """A row of the list. It depends on nothing but what stands in it, so it is drawn once for many looks."""
    synced, created = connector.last_sync_at, connector.created_at
    newest_mail = connector.newest_document_at
    return _row(
        id=connector.connector_id,
        label=connector.label,
        failed=connector.last_sync_failed,
        error=connector.last_sync_error_msg,
        state=connector.state,
        deleted=connector.is_deleted,
        why=why_state(context, connector),
        type=connector.type,
        owner=connector.owner_email or connector.bigdata_user_id,  # type: ignore[attr-defined]  # with_owner_email
        shared=connector.share_with_org,
        files=connector.files_count,
        synced=synced,
        newest_mail=newest_mail,
        status=connector.unfamiliar_sync_status,
        created=created,
        # What the row says of the same moments is another thing an hour later, or elsewhere.
        said=tuple(moment and words(moment) for moment in (synced, newest_mail, created)),
        zone=timezone.get_current_timezone_name(),
    )


@register.simple_tag
def state_badge(state: str, tooltip: str = "", *, deleted: bool = False) -> SafeString:
    """The state as icon, word and colour; without `tooltip`, what the state means.

    `deleted`: it is Gone because that was asked here, which is nothing to worry about.
    """
    known = State(state)
    look, label = (DELETED, "Deleted") if deleted else (known.look, known.label)
    return _drawn(
        "_badge.html",
        state=known.value,
        label=label,
        tone=look.tone,
        icon_name=look.icon,
        tooltip=tooltip or look.explanation,
    )


@register.simple_tag
def states_help() -> SafeString:
    """What each state means, folded."""
    attention = tuple(state.label for state in NEEDS_ATTENTION)
    return _drawn("_states_help.html", states=tuple(State), attention=attention)


@register.simple_tag(takes_context=True)
def why_state(context: dict[str, Any], connector: Connector) -> str:
    """Why the connector is in its state, in a sentence. It is of the viewer's organization."""
    return state_in_words(connector, context["request"].user.organization)


@register.simple_tag
def connector_type(type_name: str) -> SafeString:
    """The connector's type as icon and word; a type that we do not know is shown as it came."""
    label, icon_name = connector_types.type_label(type_name), connector_types.type_icon(type_name)
    return _drawn("_type.html", label=label, icon_name=icon_name)


@register.simple_tag
def sharing(shared: bool, compact: bool = False) -> SafeString:
    """Who can see a connector as icon and words; `compact`: in a list, one word, and the rest on hover."""
    return _drawn("_sharing.html", shared=shared, compact=compact)


@register.simple_tag
def ago(value: datetime | None, never: str = "—", *, with_hour: bool = False) -> SafeString:
    """How long ago `value` (zone-aware) was, with the exact moment on hover; `never` when there is none.

    `with_hour`: where only the day would show, the hour too, for lists in which one day stands again and again.
    """
    if value is None:
        return format_html('<span class="text-secondary">{}</span>', never)
    return _time(value, words(value, with_hour=with_hour))


@register.simple_tag
def since(value: datetime | None) -> SafeString | str:
    """How long something has lasted: "for 2 h", "since 21 Nov"; nothing in its first minute."""
    if value is None or timezone.now() - value < MINUTE:
        return ""
    said = words(value)
    return _time(value, f"for {said.removesuffix(' ago')}" if said.endswith(" ago") else f"since {said}")


def _time(value: datetime, text: str) -> SafeString:
    moment = value.astimezone(UTC).isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment, exact(value), text)


@register.filter
def human_count(number: int | None) -> str:
    """1234 as "1,234"; a dash when the count is not known."""
    return "—" if number is None else f"{number:,}"


@register.filter
def day(text: str) -> str:
    """A date as it is stored, "2026-01-31", as people write it."""
    moment = date.fromisoformat(text)
    return f"{moment.day} {moment:%b %Y}"


@register.filter
def first_line(text: str | None) -> str:
    """The first line of `text` that says something."""
    return next((line.strip() for line in (text or "").splitlines() if line.strip()), "")


def exact(value: datetime) -> str:
    """The moment in the viewer's zone and, where that is not UTC, in UTC too."""
    local, utc = timezone.localtime(value), value.astimezone(UTC)
    shown = f"{_day(local)} {local.year}, {local:%H:%M:%S} {local.tzname()}"
    return shown if local.utcoffset() == timedelta() else f"{shown} ({_day(utc)}, {utc:%H:%M:%S} UTC)"


def words(value: datetime, *, with_hour: bool = False) -> str:
    """The moment as people say it: "4 min ago", "yesterday 14:02", "21 Nov"; `with_hour`: "21 Nov 14:02"."""
    now = timezone.localtime()
    passed = now - value
    if passed < -MINUTE:
        return _ahead(value, now)
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    return _hours_or_day(timezone.localtime(value), now, with_hour=with_hour)


def _hours_or_day(local: datetime, now: datetime, *, with_hour: bool) -> str:
    passed = now - local
    days = (now.date() - local.date()).days
    if days == 0 or passed < 6 * HOUR:
        return f"{passed // HOUR} h ago"
    if days == 1:
        return f"yesterday {local:%H:%M}"
    return f"{_date(local, now)} {local:%H:%M}" if with_hour else _date(local, now)


def _ahead(value: datetime, now: datetime) -> str:
    left = value - now
    if left < HOUR:
        return f"in {left // MINUTE} min"
    if left < 24 * HOUR:
        return f"in {left // HOUR} h"
    return _date(timezone.localtime(value), now)


def _date(local: datetime, now: datetime) -> str:
    return _day(local) if local.year == now.year else f"{_day(local)} {local.year}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b}"
