"""Operators: who runs the dashboard, and may read the back office."""

from django.db import transaction

from connectors_app.choices import AuditAction
from connectors_app.models import Member
from connectors_app.services import audit
from connectors_app.services.two_factor import second_factors


def is_operator(member: Member) -> bool:
    """Whether the back office opens. It always takes two-factor, whatever REQUIRE_MFA says."""
    return member.is_active and member.is_staff and second_factors(member).exists()


def set_operator(member: Member, *, is_operator: bool) -> None:
    with transaction.atomic():
        locked = Member.objects.select_for_update(of=("self",), no_key=True)
        member = locked.select_related("organization").get(pk=member.pk)
        before = member.is_staff
        if before == is_operator:
            return
        member.is_staff = is_operator
        member.save(update_fields=["is_staff"])
        audit.record(
            AuditAction.OPERATOR_CHANGED,
            organization=member.organization,
            target=member,
            details={"changes": {"operator": [before, is_operator]}},
        )
