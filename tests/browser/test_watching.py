"""Watching as a person does it: the overview, errors by cause, a connector's history, and a fresh look."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from connectors_app.services.overview import PERIODS
from tests.browser.watching import (
    LOGIN,
    SESSION,
    Desk,
    desk,
    drawn,
    harbour_signed_in,
    open_table,
    organizations,
    quay_signed_in,
    shaky,
    table,
    trouble,
)

__all__ = ["desk", "harbour_signed_in", "organizations", "quay_signed_in", "shaky", "trouble"]


def test_the_overview_counts_what_fails_and_says_what_it_fails_with(trouble: Desk) -> None:
    page = trouble.page
    failing = page.get_by_role("link", name=re.compile(r"^3\s+Failing"))
    expect(failing.locator("[data-state=failing]")).to_be_visible()
    worst = page.get_by_role("table", name="The errors that most connectors fail with").locator("tbody tr")
    expect(worst).to_have_count(2)
    expect(worst.first).to_contain_text("Login rejected")
    expect(worst.first).to_contain_text("Login to … was refused: wrong password")
    expect(worst.first.locator("td").first).to_have_text("2")
    expect(worst.last).to_contain_text(SESSION)
    expect(page.get_by_role("link", name="Errors").first).to_contain_text("3 failing")
    failing.click()
    expect(page.locator("tr[data-connector-id]")).to_have_count(3)


@pytest.mark.parametrize(
    ("period", "slots", "sums"), [("24h", 24, (1, 2, 12)), ("7d", 7, (1, 3, 12)), ("30d", 30, (2, 3, 24))]
)
def test_the_charts_are_drawn_and_a_table_says_the_same(
    trouble: Desk, period: str, slots: int, sums: tuple[int, ...]
) -> None:
    page = trouble.page
    words = PERIODS[period].words
    page.get_by_label("Period").get_by_role("link", name=words).click()
    expect(page.get_by_text(f"In the last {words}: {sums[0]} succeeded")).to_be_visible()
    open_table(page)
    syncs, items = drawn(page, "syncs"), drawn(page, "items")
    assert not syncs["blank"]
    assert not items["blank"]
    days, *columns = zip(*table(page), strict=True)
    numbers = [[int(each) for each in column] for column in columns]
    assert numbers == [*syncs["values"], *items["values"]]
    assert tuple(map(sum, numbers)) == sums
    assert [each.lstrip("0") for each in syncs["labels"]] == [each.lstrip("0") for each in days]
    assert len(days) == slots
    for canvas in page.locator("canvas").all():
        expect(canvas).to_have_attribute("aria-hidden", "true")
    expect(page.get_by_role("table", name=f"Syncs in the last {words}")).to_be_visible()


def test_the_charts_take_on_the_colours_of_the_theme(trouble: Desk) -> None:
    before = drawn(trouble.page, "syncs")["colors"]
    trouble.page.emulate_media(color_scheme="dark")
    expect(trouble.page.locator("html[data-bs-theme=dark]")).to_be_attached()
    after = drawn(trouble.page, "syncs")["colors"]
    assert not set(before) & set(after)


def test_where_less_motion_is_wanted_the_charts_have_their_colours(trouble: Desk) -> None:
    trouble.page.emulate_media(reduced_motion="reduce")
    trouble.page.reload()
    succeeded, failed = drawn(trouble.page, "syncs")["colors"]
    assert succeeded != failed


def test_without_javascript_the_table_takes_the_place_of_the_charts(trouble: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=trouble.page.context.storage_state())
    page = context.new_page()
    page.goto(trouble.url)
    expect(page.get_by_text("In the last 7 days: 1 succeeded")).to_be_visible()
    expect(page.get_by_role("heading", name="By outcome")).to_have_count(0)
    open_table(page)
    assert len(table(page)) == 7
    context.close()


def test_far_from_greenwich_the_table_names_the_days_of_the_charts(trouble: Desk, browser: Browser) -> None:
    state = trouble.page.context.storage_state()
    context = browser.new_context(timezone_id="America/New_York", storage_state=state)
    page = context.new_page()
    page.goto(trouble.url)
    page.reload()  # The first visit only tells the zone.
    open_table(page)
    days = [row[0] for row in table(page)]
    assert [each.lstrip("0") for each in drawn(page, "syncs")["labels"]] == days
    context.close()


def test_errors_are_grouped_by_cause_and_filtered_by_type(trouble: Desk) -> None:
    page = trouble.page
    page.get_by_role("link", name="Errors").first.click()
    rows = page.locator("tr[data-error-group]")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Login rejected")
    expect(rows.first.locator("td").first).to_have_text("2")
    expect(rows.first.get_by_role("img")).to_have_accessible_name(re.compile("2 failed syncs in 14 days"))
    page.get_by_label("Type").select_option("SharePoint")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Session expired")
    page.go_back()
    expect(rows).to_have_count(2)
    expect(page.get_by_label("Type")).to_have_value("")


def test_a_group_says_what_it_means_and_what_to_do_about_each_connector(trouble: Desk) -> None:
    page = trouble.page
    page.goto(f"{trouble.url}/errors/")
    page.get_by_role("link", name="Login rejected").click()
    expect(page.get_by_text("The broker does not accept the login")).to_be_visible()
    expect(page.locator("pre")).to_have_text(LOGIN.format("harbour", 1))
    rows = page.locator("tr[data-connector-id]")
    assert [row.locator("th").inner_text() for row in rows.all()] == ["Quay notes", "Harbour notes"]
    rows.first.get_by_role("link", name="Replace credentials").click()
    expect(page.get_by_label("Broker password")).to_be_visible()
    page.goto(f"{trouble.url}/errors/")
    page.get_by_role("link", name="Session expired").click()
    ask = page.get_by_role("link", name="Ask for a new session")
    expect(ask).to_have_attribute("href", "mailto:support@bigdata.com")


def test_an_error_is_snoozed_with_a_reason_and_woken(trouble: Desk) -> None:
    page = trouble.page
    page.goto(f"{trouble.url}/errors/")
    page.get_by_role("link", name="Login rejected").click()
    page.get_by_label("For how long").select_option("1 week")
    page.get_by_label("Why").fill("   ")
    page.get_by_role("button", name="Snooze").click()
    expect(page.locator("#div_id_reason")).to_contain_text("Say why, so that your colleagues understand it.")
    expect(page.get_by_label("Why")).to_be_focused()
    expect(page.get_by_label("For how long")).to_have_value("7")
    page.get_by_label("Why").fill("The broker is on it")
    page.get_by_role("button", name="Snooze").click()
    expect(page.get_by_text("The error is snoozed.")).to_be_visible()

    page.get_by_role("link", name="Errors").first.click()
    rows = page.locator("tr[data-error-group]")
    expect(rows).to_have_count(1)
    expect(page.locator("main")).not_to_contain_text("Login rejected")
    page.get_by_role("link", name="Snoozed (1)").click()
    expect(rows).to_contain_text("The broker is on it")
    rows.get_by_role("link", name="Login rejected").click()
    page.get_by_role("button", name="Stop snoozing").click()
    expect(page.get_by_text("The error is no longer snoozed.")).to_be_visible()
    page.goto(f"{trouble.url}/errors/")
    expect(rows).to_have_count(2)


def test_each_sync_of_a_connectors_history_is_told_in_words(desk: Desk, shaky: str) -> None:
    page = desk.page
    page.goto(f"{shaky}history/")
    strip = page.get_by_role("img", name="The last 4 syncs, 3 of which failed")
    words = [each.rpartition(": ")[2] for each in strip.locator("title").all_text_contents()]
    assert words == ["failed, 0 items", "succeeded, 5 items", "failed, 0 items", "failed, 0 items"]
    open_table(page)
    shown = page.get_by_role("table", name="The latest syncs, newest first")
    outcomes = shown.locator("[data-label=Outcome]").all_inner_texts()
    assert [each.split()[0] for each in outcomes] == ["Failed", "Failed", "Succeeded", "Failed"]
    expect(shown.get_by_role("columnheader", name="Items").locator("abbr")).to_have_attribute(
        "title", "What this sync took in"
    )
    for header in ("When", "Files", "Seen"):
        expect(shown.get_by_role("columnheader", name=header).locator("abbr")).to_have_attribute(
            "title", re.compile(".")
        )
    files = page.get_by_role("img", name=re.compile(r"^Files from \d+ \w+ to \d+ \w+: 100 to 105$"))
    expect(files.locator("title").last).to_have_text(re.compile("105 files$"))


def test_a_failed_bar_differs_from_a_good_one_in_more_than_its_colour(desk: Desk, shaky: str) -> None:
    desk.page.goto(f"{shaky}history/")
    strokes = [
        desk.page.locator(f"rect.strip-{tone}").first.evaluate("each => getComputedStyle(each).stroke")
        for tone in ("success", "danger")
    ]
    assert strokes[0] == "none" != strokes[1]


def test_the_state_says_since_when_and_how_often(desk: Desk, shaky: str) -> None:
    why = re.compile(r"^Failing since \d+ \w+, 2 syncs in a row$")
    desk.page.goto(shaky)
    expect(desk.page.locator("#connector-live").get_by_text(why)).to_be_visible()
    for address in (shaky, f"{desk.url}/connectors/"):
        desk.page.goto(address)
        expect(desk.page.locator("[data-state=failing]").first).to_have_attribute("title", why)


def test_a_fresh_look_brings_what_is_new_upstream(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.url)
    expect(page.get_by_text("Brand new")).to_have_count(0)
    desk.plant("Brand new", ago=timedelta(hours=1))
    desk.look()
    expect(page.get_by_role("link", name=re.compile(r"^1\s+Healthy"))).to_be_visible()
    page.goto(f"{desk.url}/connectors/")
    expect(page.get_by_role("link", name="Brand new")).to_be_visible()
