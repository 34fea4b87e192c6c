"""The label and the description: their lengths, and texts that trip up careless programs."""

import pytest
from django.test import Client

from connectors_app.models import Connector
from connectors_app.sandbox import SandboxServer

from .stage import error_at, filled, only_operation, send, sent_creates, text_of, values_in


@pytest.mark.parametrize(
    "label",
    [
        "x",
        "x" * 255,
        "📈🧑‍🔬 Research",
        "مكتب الأبحاث",
        "\u202eResearch\u202c",
        "€" * 255,
        "=cmd()|' /C calc'!A0",
        "'; DROP TABLE connectors; --",
        "<b>bold</b> & “quoted”",
        "{{ label }} {% now 'Y' %}",
    ],
)
def test_a_label_arrives_as_it_was_typed(desk: Client, sandbox: SandboxServer, label: str) -> None:
    page = send(desk, filled(label=label), follow=True)
    assert sent_creates(sandbox)[0]["label"] == label
    assert Connector.objects.get().label == only_operation().label == label
    assert label[:150] in text_of(page)


@pytest.mark.parametrize("label", ["", "   ", "\t\n"])
def test_a_label_is_needed(desk: Client, sandbox: SandboxServer, label: str) -> None:
    assert error_at(send(desk, filled(label=label)), "label")
    assert sandbox.requests == []


@pytest.mark.parametrize("length", [256, 5000])
def test_a_label_that_is_too_long_is_told_by_how_much_and_kept(
    desk: Client, sandbox: SandboxServer, length: int
) -> None:
    page = send(desk, filled(label="x" * length))
    assert error_at(page, "label") == f"Use at most 255 characters; this has {length:,}."
    assert values_in(page)["label"] == "x" * length
    assert sandbox.requests == []


@pytest.mark.parametrize("field", ["label", "description", "user_id", "user_password"])
def test_a_nul_is_refused_where_it_stands(desk: Client, sandbox: SandboxServer, field: str) -> None:
    kind = "investment_research"
    assert "Null characters" in error_at(send(desk, filled(kind, **{field: "a\0b"}), kind), field)
    assert sandbox.requests == []


def test_spaces_around_a_label_are_cut_off(desk: Client) -> None:
    send(desk, filled(label="  Desk \n"))
    assert Connector.objects.get().label == "Desk"


def test_a_description_may_have_lines_and_five_thousand_characters(desk: Client) -> None:
    description = "First line\nsecond line " + "d" * 4977
    send(desk, filled(description=description))
    assert Connector.objects.get().description == description


def test_a_longer_description_is_refused(desk: Client, sandbox: SandboxServer) -> None:
    assert "this has 5,001" in error_at(send(desk, filled(description="d" * 5001)), "description")
    assert sandbox.requests == []


def test_a_broker_user_id_of_any_script_is_shown_as_it_is(desk: Client) -> None:
    kind = "investment_research"
    page = send(desk, filled(kind, user_id="désk-7 ✓"), kind, follow=True)
    assert "as désk-7 ✓" in text_of(page)
