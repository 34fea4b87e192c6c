"""Hints about a list of senders: slips, free mail, duplicates. They never keep anybody from saving."""

import pytest
from django.test import Client

from connectors_app.models import ApiKey
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll
from connectors_app.services.senders import likely_typos, lint, summary

from .stage import text_of

COLLEAGUES = ["ada@northbank.example", "bob@northbank.example"]


def check(client: Client, typed: str) -> str:
    page = client.post("/senders/check/", {"allowed_emails": typed})
    assert page.status_code == 200
    return text_of(page)


@pytest.mark.parametrize("slip", ["gmial.com", "gmai.com", "gmaill.com", "gnail.com", "gmail.co", "ggmail.com"])
def test_one_letter_off_a_well_known_domain_is_pointed_out(slip: str) -> None:
    assert likely_typos([f"ada@{slip}"]) == {slip: "gmail.com"}


@pytest.mark.parametrize("domain", ["gmail.com", "mail.com", "ymail.com", "email.com", "GMAIL.com", "hotmail.de"])
def test_a_well_known_domain_is_no_slip_of_another(domain: str) -> None:
    assert likely_typos([f"ada@{domain}"]) == {}


@pytest.mark.parametrize(
    "domain", ["gmxil.org", "mgail.co", "outlok.co", "northbank.example", "gmail.com.example"]
)
def test_what_is_further_off_is_no_slip(domain: str) -> None:
    assert likely_typos([f"ada@{domain}"]) == {}


def test_one_letter_off_what_two_others_share_is_pointed_out() -> None:
    assert likely_typos([*COLLEAGUES, "cy@nortbhank.example"]) == {"nortbhank.example": "northbank.example"}


def test_one_other_sender_is_not_enough_to_tell_who_is_wrong() -> None:
    assert likely_typos([COLLEAGUES[0], "cy@nortbhank.example"]) == {}


def test_two_who_share_a_domain_do_not_mistype_it() -> None:
    assert likely_typos([*COLLEAGUES, "cy@northbanks.example", "di@northbanks.example"]) == {}


def test_what_is_too_long_for_a_domain_is_not_looked_at() -> None:
    """It would cost its length squared."""
    domain = "x" * 250 + ".example"
    assert likely_typos([f"ada@{domain}", f"bob@{domain}", f"cy@{domain[1:]}"]) == {}


def test_short_names_are_near_each_other_by_chance() -> None:
    assert likely_typos(["a@ubs.com", "b@ubs.com", "c@ubp.com", "d@ms.com"]) == {}


@pytest.mark.parametrize("typed", ["", "ada", "ada@", "@gmial.com", "a@b@gmial.com", "a@" + "x" * 100_000])
def test_what_is_no_address_yet_gets_no_hint(typed: str) -> None:
    assert lint([typed]) == []


def test_free_mail_is_named_once_and_not_all_of_many() -> None:
    [hint] = lint([f"a{number}@gmail.com" for number in range(8)] + COLLEAGUES)
    assert hint.text.startswith("a0@gmail.com, a1@gmail.com, a2@gmail.com, a3@gmail.com, a4@gmail.com and 3 more")


def test_of_many_slips_ten_are_named() -> None:
    hints = lint([f"ada@gmail.{letter}om" for letter in "abdefghijklmn"])
    assert len(hints) == 11
    assert hints[-1].text == "3 more look like a slip."


def test_duplicates_are_counted_whatever_their_case(desk: Client) -> None:
    assert "2 senders, 2 duplicates merged" in check(desk, "a@x.example, A@X.example\nb@x.example;b@x.example")
    assert summary(["a@x.example"]) == "1 sender"


def test_the_form_is_told_while_typing(desk: Client) -> None:
    assert check(desk, "Ada <ada@gmial.com>").endswith("ada@gmial.com: did you mean gmail.com?")
    assert check(desk, "") == ""


def test_what_is_no_address_is_not_counted_as_a_sender(desk: Client) -> None:
    assert check(desk, "a@x.example\nnobody\nb@\nc@nodomain") == "1 sender"
    assert check(desk, "nobody") == ""


def test_a_hint_is_shown_as_text(desk: Client) -> None:
    page = desk.post("/senders/check/", {"allowed_emails": '"<img src=x>"@gmail.com'})
    assert b"<img" not in page.content


def test_the_field_of_the_form_asks_for_hints_with_nothing_but_itself(desk: Client) -> None:
    html = desk.get("/connectors/new/email/").content.decode()
    assert 'hx-post="/senders/check/"' in html
    assert 'hx-params="allowed_emails"' in html
    assert html.index("data-sort-lines") > html.index('name="allowed_emails"')
    assert html.count(" data-sender-hints ") == 1


def test_the_connectors_page_shows_them_beside_its_senders(desk: Client, sandbox: SandboxServer) -> None:
    [connector_id] = sandbox.plant(config={"allowed_emails": ["ada@gmial.com"]})
    poll(ApiKey.objects.get().pk)
    assert "did you mean gmail.com?" in text_of(desk.get(f"/connectors/{connector_id}/"))


def test_ten_thousand_domains_are_looked_over_quickly() -> None:
    """Comparing all with all would take minutes here, and the run's time limit would tell."""
    pairs = [f"{who}@{'long-name-' * 5}{number}.example" for number in range(10_000) for who in "ab"]
    assert lint([f"c@{'long-name-' * 5}x{number}.example" for number in range(5_000)] + pairs) == []
