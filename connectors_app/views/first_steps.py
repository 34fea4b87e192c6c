"""What somebody new does next: one step at a time."""

from enum import StrEnum

from connectors_app.models import Member
from connectors_app.permissions import Permission, may
from connectors_app.services.member_list import is_alone


class FirstStep(StrEnum):
    KEY = "key"
    CONNECTOR = "connector"
    MEMBERS = "members"


def first_step(member: Member, *, any_connectors: bool) -> FirstStep | None:
    """The step that `member` is at; None for who has been through them all.

    `any_connectors`: whether there is one that they can see. Colleagues come last, when there is something to see.
    """
    if member.key is None:
        return FirstStep.KEY
    if not any_connectors:
        return FirstStep.CONNECTOR
    if may(member, Permission.MANAGE_MEMBERS) and is_alone(member):
        return FirstStep.MEMBERS
    return None
