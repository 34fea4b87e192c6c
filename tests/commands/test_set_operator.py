"""`set_operator`: who may read the back office."""

import pytest
from django.core.management import CommandError, call_command

from connectors_app.models import AuditEntry, Member
from tests.keys.two_factor import add_app


def entries():
    return [(each.target_name, each.actor, each.details["changes"]) for each in AuditEntry.objects.order_by("pk")]


def test_a_member_becomes_an_operator_and_no_longer(alice, capsys):
    add_app(alice)
    call_command("set_operator", "Alice@Example.com")
    assert Member.objects.get().is_staff
    assert capsys.readouterr().out == "alice@example.com may read the back office, at /backoffice/.\n"
    call_command("set_operator", "alice@example.com", "--remove")
    assert not Member.objects.get().is_staff
    assert entries() == [
        ("alice@example.com", None, {"operator": [False, True]}),
        ("alice@example.com", None, {"operator": [True, False]}),
    ]


def test_it_says_when_two_factor_is_missing(alice, capsys):
    call_command("set_operator", "alice@example.com")
    assert "no two-factor yet" in capsys.readouterr().out


def test_asking_twice_is_once(alice):
    for _ in range(2):
        call_command("set_operator", "alice@example.com")
    assert len(entries()) == 1


def test_an_unknown_member_is_named(db):
    with pytest.raises(CommandError, match=r"no member nobody@example\.com"):
        call_command("set_operator", "nobody@example.com")
