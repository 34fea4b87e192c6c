"""The allowed senders of an inbox: what is understood, what is merged, and what is refused before it is sent."""

import pytest
from django.test import Client

from connectors_app.forms.create import EmailForm
from connectors_app.sandbox import SandboxServer

from .stage import error_at, filled, send, sent_creates, text_of, values_in

ADA, BOB, CY = "ada@desk.example", "bob@desk.example", "cy@desk.example"


def read(typed: str) -> list[str]:
    """The senders that the form makes of a text."""
    form = EmailForm({"label": "x", "allowed_emails": typed})
    assert form.is_valid(), form.errors
    return list(form.cleaned_data["allowed_emails"])


@pytest.mark.parametrize(
    "typed",
    [
        f"{ADA}\n{BOB}\n{CY}",
        f"\r\n {ADA} \r\n\r\n{BOB}\r\n{CY}\r\n",
        f"{ADA}, {BOB},{CY}",
        f"{ADA};{BOB} ; {CY};",
        f"{ADA} {BOB}\t{CY}",
        f"Ada <{ADA}>\nBob Bobson <{BOB}>\n<{CY}>",
        f'"Lovelace, Ada; Countess" <{ADA}>, "Bob" <{BOB}>; Cy <{CY}>',
        f'"Ada <x@y.example>" <{ADA}>\n{BOB}\n{CY}',
        f'Ada "the, countess" Lovelace < {ADA} >,\n{BOB},\n{CY},',
    ],
)
def test_addresses_are_understood_however_they_are_separated(typed: str) -> None:
    assert read(typed) == [ADA, BOB, CY]


def test_duplicates_are_merged_whatever_their_case_in_the_order_typed() -> None:
    assert read(f"Ada@Desk.example\n{BOB}\n{ADA}\nADA@DESK.EXAMPLE\n{BOB}") == ["Ada@Desk.example", BOB]


def test_an_open_quote_or_bracket_spoils_only_its_own_line(desk: Client, sandbox: SandboxServer) -> None:
    page = send(desk, filled(allowed_emails=f'"Ada {ADA}\n{BOB}\n<{CY}\n"Dan" <dan@desk.example>'))
    assert error_at(page, "allowed_emails").startswith(f'“"Ada”, “<{CY}” are not email addresses')


@pytest.mark.parametrize("typed", ["<" * 200_000, '"<' * 100_000, "<>" * 100_000, "<a " * 70_000, " " * 300_000])
def test_a_text_of_nothing_but_signs_is_refused_quickly(desk: Client, typed: str) -> None:
    """Quadratic parsing would take minutes here, and the run's time limit would tell."""
    assert error_at(send(desk, filled(allowed_emails=typed)), "allowed_emails")


@pytest.mark.parametrize("typed", ["", "   ", "\r\n\r\n", ",;, ;"])
def test_without_senders_the_form_says_what_is_missing(desk: Client, sandbox: SandboxServer, typed: str) -> None:
    page = send(desk, filled(allowed_emails=typed))
    assert "Add at least one sender" in error_at(page, "allowed_emails")
    assert sandbox.requests == []


@pytest.mark.parametrize("bad", ["ada", "ada@", "@desk.example", "ada@desk", "a@b@c.example", "ada@desk..example"])
def test_a_malformed_address_is_named_and_nothing_is_sent(desk: Client, sandbox: SandboxServer, bad: str) -> None:
    page = send(desk, filled(allowed_emails=f"{ADA}\n{bad}"))
    assert f"“{bad}” is not an email address" in error_at(page, "allowed_emails")
    assert values_in(page)["allowed_emails"] == f"{ADA}\n{bad}"
    assert sandbox.requests == []


def test_of_many_malformed_addresses_the_first_five_are_named(desk: Client) -> None:
    page = send(desk, filled(allowed_emails="\n".join(f"wrong{number}" for number in range(1, 8))))
    message = error_at(page, "allowed_emails")
    assert "“wrong5” and 2 more are not email addresses" in message
    assert "wrong6" not in message


def test_a_very_long_piece_of_nonsense_is_named_by_its_beginning(desk: Client) -> None:
    message = error_at(send(desk, filled(allowed_emails="x" * 5000)), "allowed_emails")
    assert "x" * 80 in message
    assert "x" * 81 not in message


def test_a_nul_among_the_senders_is_refused(desk: Client, sandbox: SandboxServer) -> None:
    page = send(desk, filled(allowed_emails=f"{ADA}\n\0{BOB}"))
    assert error_at(page, "allowed_emails")
    assert sandbox.requests == []


def test_two_thousand_senders_are_taken(desk: Client, sandbox: SandboxServer) -> None:
    senders = [f"analyst{number}@desk.example" for number in range(2000)]
    page = send(desk, filled(allowed_emails="\n".join(senders)), follow=True)
    assert sent_creates(sandbox)[0]["config"]["allowed_emails"] == senders
    assert "analyst2@desk.example and 1,997 more" in text_of(page)


@pytest.mark.parametrize("count", [2000, 10_000])
def test_more_senders_than_upstream_takes_are_refused_before_they_are_sent(
    desk: Client, sandbox: SandboxServer, count: int
) -> None:
    senders = [f"analyst{number}@a-rather-long-name.example" for number in range(count)]
    message = error_at(send(desk, filled(allowed_emails="\n".join(senders))), "allowed_emails")
    assert f"you gave {count:,}. Split them over several connectors." in message
    assert sandbox.requests == []


def test_the_most_senders_that_are_let_through_are_taken_by_upstream(desk: Client, sandbox: SandboxServer) -> None:
    senders = [f"analyst{number}@desk.example" for number in range(2080)]
    long_texts = {"label": "€" * 255, "description": "d" * 5000}
    assert send(desk, filled(allowed_emails="\n".join(senders), **long_texts)).status_code == 302
    assert len(sent_creates(sandbox)) == 1


def test_what_is_too_long_only_all_together_is_not_sent_either(desk: Client, sandbox: SandboxServer) -> None:
    senders = [f"analyst{number}@desk.example" for number in range(2080)]
    page = send(desk, filled(allowed_emails="\n".join(senders), description="€" * 5000))
    assert "together at most 64 KiB. Nothing was sent." in text_of(page)
    assert sandbox.requests == []


def test_a_form_beyond_all_measure_gets_a_plain_page(desk: Client, sandbox: SandboxServer) -> None:
    page = send(desk, filled(allowed_emails="x" * 600_000))
    assert page.status_code == 413
    assert "That was too much at once" in text_of(page)
    assert sandbox.requests == []
