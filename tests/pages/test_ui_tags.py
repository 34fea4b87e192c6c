"""The small pieces of the pages: what they say, and that nothing from outside becomes markup."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone

from connectors_app.choices import State
from connectors_app.templatetags import ui

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon_in_london(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with timezone.override(ZoneInfo("Europe/London")):
        yield


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=11), "11 h ago"),
        (timedelta(hours=21, minutes=58), "yesterday 14:02"),
        (timedelta(days=2), "21 Nov"),
        (timedelta(days=367), "21 Nov 2025"),
        (timedelta(minutes=-4), "in 4 min"),
        (timedelta(hours=-5), "in 5 h"),
        (timedelta(days=-10), "3 Dec"),
    ],
)
def test_a_moment_is_told_as_people_say_it(passed: timedelta, expected: str) -> None:
    assert ui.words(NOW - passed) == expected


def test_where_a_day_stands_often_the_hour_stands_with_it() -> None:
    assert ui.words(NOW - timedelta(days=2, hours=1), with_hour=True) == "21 Nov 11:00"
    assert ui.words(NOW - timedelta(days=367), with_hour=True) == "21 Nov 2025 12:00"
    assert ui.words(NOW - timedelta(hours=3), with_hour=True) == "3 h ago"


def test_a_clock_that_runs_a_little_ahead_still_reads_just_now() -> None:
    assert ui.words(NOW + timedelta(seconds=30)) == "just now"


def test_yesterday_is_the_viewers_yesterday() -> None:
    moment = NOW - timedelta(hours=10)  # 02:00 in London, 21:00 of the day before in New York
    with timezone.override(ZoneInfo("America/New_York")):
        assert ui.words(moment) == "yesterday 21:00"


def test_shortly_after_midnight_the_hours_still_count() -> None:
    with timezone.override(ZoneInfo("Asia/Tokyo")):  # 21:00 there
        assert ui.words(NOW - timedelta(hours=5)) == "5 h ago"
    with timezone.override(ZoneInfo("Pacific/Auckland")):  # 01:00 there
        assert ui.words(NOW - timedelta(hours=5)) == "5 h ago"


def test_a_time_carries_the_exact_moment_in_the_viewers_zone_and_in_utc() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        html = render("{% ago value %}", value=timezone.localtime(NOW - timedelta(minutes=4)))
    assert 'datetime="2026-11-23T11:56:00+00:00"' in html
    assert 'title="23 Nov 2026, 12:56:00 CET (23 Nov, 11:56:00 UTC)"' in html
    assert ">4 min ago</time>" in html


def test_a_viewer_in_utc_is_told_the_moment_once() -> None:
    with timezone.override(UTC):
        assert ui.exact(NOW) == "23 Nov 2026, 12:00:00 UTC"


def test_no_moment_is_a_dash_or_the_word_given() -> None:
    assert ">—<" in render("{% ago value %}", value=None)
    assert ">never<" in render("{% ago value 'never' %}", value=None)
    assert "<time" not in render("{% ago value %}", value=None)


@pytest.mark.parametrize("state", list(State))
def test_every_state_shows_its_icon_word_and_mark(state: State) -> None:
    html = render("{% state_badge state %}", state=state.value)
    assert f'data-state="{state.value}"' in html
    assert f"#{state.icon}" in html
    assert state.label in html
    assert f"bg-{state.tone}-lt" in html


def test_a_badge_explains_itself_unless_told_what_to_say() -> None:
    assert State.STALE.explanation in render("{% state_badge 'stale' %}")
    html = render("{% state_badge 'stale' tooltip=why %}", why="since 21 Nov")
    assert 'title="since 21 Nov"' in html
    assert State.STALE.explanation not in html


def test_an_unknown_type_is_shown_as_it_came_and_stays_text() -> None:
    html = render("{% connector_type kind %}", kind="<b>gopher</b>")
    assert "&lt;b&gt;gopher&lt;/b&gt;" in html
    assert "#plug" in html


def test_an_icon_is_silent_and_its_name_cannot_break_out() -> None:
    html = render("{% icon name %}", name='x"/><script>')
    assert 'aria-hidden="true"' in html
    assert "<script>" not in html


@pytest.mark.parametrize(("number", "expected"), [(None, "—"), (0, "0"), (999, "999"), (1234567, "1,234,567")])
def test_counts_are_grouped(number: int | None, expected: str) -> None:
    assert ui.human_count(number) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, ""), ("", ""), ("\n \n  Login failed \nline two", "Login failed"), ("one", "one")],
)
def test_the_first_line_is_the_first_that_says_something(text: str | None, expected: str) -> None:
    assert ui.first_line(text) == expected


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (timedelta(seconds=59), ""),
        (timedelta(minutes=4), "for 4 min"),
        (timedelta(hours=3), "for 3 h"),
        (timedelta(days=1), "since yesterday 12:00"),
        (timedelta(days=9), "since 14 Nov"),
        (-timedelta(hours=1), ""),
    ],
)
def test_since_says_how_long_it_lasts(passed: timedelta, expected: str) -> None:
    html = render("{% since value %}", value=NOW - passed)
    assert re.sub("<[^>]+>", "", html) == expected
