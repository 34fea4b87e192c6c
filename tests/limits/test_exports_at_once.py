"""An export holds a thread until its last row is sent, so that there are few at once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from connectors_app.accounts import export_room
from connectors_app.models import AuditEntry, Member
from tests.closing import close

CSV = "/connectors/export.csv"


@pytest.fixture
def begin(alice: Member, signed_in: Callable[[Member], Client]) -> Iterator[Callable[..., Any]]:
    """Begin an export of a member's, Alice's by default, and read nothing of it."""
    begun = []

    def ask(member: Member = alice, url: str = CSV) -> Any:
        begun.append(signed_in(member).get(url))
        return begun[-1]

    yield ask
    for answer in begun:
        close(answer)


@pytest.fixture
def room_in_process(settings: Settings) -> None:
    """Four more than other tests have left open."""
    settings.EXPORTS_PER_PROCESS = export_room.process.sending + 4


def test_a_member_has_two_at_once(begin: Callable[..., Any]) -> None:
    answers = [begin(), begin(url="/audit/export.csv"), begin()]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"


def test_what_is_read_to_the_end_makes_room(begin: Callable[..., Any]) -> None:
    for _ in range(4):
        answer = begin()
        assert b"connector_id" in b"".join(answer.streaming_content)
    assert answer.status_code == 200


def test_what_is_broken_off_makes_room(begin: Callable[..., Any]) -> None:
    for _ in range(4):
        answer = begin()
        next(iter(answer.streaming_content))
        close(answer)
    assert answer.status_code == 200


def test_a_refused_one_takes_no_room_and_is_no_export(
    begin: Callable[..., Any], room_in_process: None, settings: Settings
) -> None:
    first, _, *refused = [begin() for _ in range(6)]
    assert {answer.status_code for answer in refused} == {429}
    assert AuditEntry.objects.filter(action="connectors.exported").count() == 2
    assert export_room.process.sending == settings.EXPORTS_PER_PROCESS - 2
    close(first)
    assert begin().status_code == 200


def test_colleagues_are_not_held_up(begin: Callable[..., Any], bob: Member) -> None:
    begin()
    begin()
    assert begin(bob).status_code == 200


def test_one_process_does_not_give_all_its_threads_to_exports(
    begin: Callable[..., Any], room_in_process: None, bob: Member, adam: Member
) -> None:
    for member in (bob, adam):
        assert [begin(member).status_code for _ in range(2)] == [200, 200]
    assert begin().status_code == 429


def test_a_failure_before_the_first_row_makes_room(alice: Member, rf: RequestFactory) -> None:
    request, before = rf.get(CSV), export_room.process.sending
    request.user = alice
    for _ in range(4):
        with pytest.raises(ZeroDivisionError), export_room.room_for_export(request):
            _ = 1 / 0
    assert export_room.process.sending == before
