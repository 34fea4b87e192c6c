"""Many who record at once make one chain; and the trail is fast, and flat in memory, however long it is."""

import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict

from connectors_app.choices import AuditAction, Role
from connectors_app.models import AuditChain, AuditEntry, Member, Organization
from connectors_app.permissions import visible_entries
from connectors_app.services import audit
from connectors_app.services.audit_check import check_chain
from connectors_app.services.audit_trail import PER_PAGE, AuditFilters, apply_filters
from tests.connectors.test_list_plans import plan, walks_the_table

THREADS, EACH = 8, 10
MANY = 20_000
LONG, LARGE = 3_000, 4_000


def test_those_who_record_at_once_make_one_chain(
    database_for_threads: None, adam: Member, mallory: Member
) -> None:
    def record_some(member: Member) -> None:
        for _ in range(EACH):
            audit.record(AuditAction.SIGNED_IN, organization=member.organization, actor=member)
        connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(record_some, [adam, mallory] * (THREADS // 2)))
    for member in (adam, mallory):
        assert check_chain(str(member.organization_id)).length == THREADS // 2 * EACH


def test_what_is_rolled_back_leaves_no_gap(adam: Member) -> None:
    def record() -> None:
        audit.record(AuditAction.SIGNED_IN, organization=adam.organization, actor=adam)

    record()
    with transaction.atomic():
        record()
        transaction.set_rollback(True)
    record()
    assert check_chain(str(adam.organization_id)).length == 2


@pytest.fixture(scope="module")
def twenty_thousand(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[Role, Member]]:
    """Half of them in each of two organizations."""
    with django_db_blocker.unblock():
        organizations = [Organization.objects.create(name=f"Long trail {n}") for n in range(2)]
        members = {}
        for organization in organizations:
            roles = {role: _member(role, organization) for role in Role}
            members = members or roles
            chain = AuditChain.objects.create(key=str(organization.pk), pruned_to=MANY)
            AuditEntry.objects.bulk_create(
                (_entry(chain, organization, list(roles.values()), n) for n in range(MANY // 2)), batch_size=1000
            )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield members
        AuditEntry.objects.filter(organization__in=organizations).delete()
        AuditChain.objects.filter(key__in=[str(each.pk) for each in organizations]).delete()
        Member.objects.filter(organization__in=organizations).delete()
        Organization.objects.filter(pk__in=[each.pk for each in organizations]).delete()


def _member(role: Role, organization: Organization) -> Member:
    return Member.objects.create(email=f"{role}@{organization.pk}.example", organization=organization, role=role)


def _entry(chain: AuditChain, organization: Organization, members: list[Member], number: int) -> AuditEntry:
    actor = members[number % len(members)]
    return AuditEntry(
        chain=chain,
        sequence=number + 1,
        at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number // 3),
        organization=organization,
        action=list(AuditAction)[number % len(AuditAction)],
        result="succeeded",
        actor=actor,
        actor_name=actor.email,
        target_type="connector",
        target_id=f"{organization.pk}-{number % 500}",
        target_name=f"Desk {number % 500}",
    )


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "audit_newest"),
        ("actor=ANALYST", "audit_by_actor"),
        ("action=keys.added", "audit_by_action"),
        ("target=connector:ORGANIZATION-17", "audit_of_target"),
        ("from=2026-01-02&to=2026-01-03", "audit_newest"),
    ],
)
def test_a_page_comes_from_an_index(twenty_thousand: dict[Role, Member], db: None, query: str, index: str) -> None:
    admin, analyst = twenty_thousand[Role.ADMIN], twenty_thousand[Role.ANALYST]
    text = query.replace("ANALYST", str(analyst.pk)).replace("ORGANIZATION", str(admin.organization_id))
    entries = apply_filters(visible_entries(admin), AuditFilters.parse(QueryDict(text)))
    assert entries.exists()
    steps = plan(entries[: PER_PAGE + 1])
    assert index in steps, steps
    assert not walks_the_table(steps), steps


def test_an_analyst_s_own_page_comes_from_an_index(twenty_thousand: dict[Role, Member], db: None) -> None:
    entries = apply_filters(visible_entries(twenty_thousand[Role.ANALYST]), AuditFilters())
    assert "audit_by_actor" in plan(entries[: PER_PAGE + 1])


def test_a_long_trail_is_verified_without_being_held_in_memory(organization: Organization) -> None:
    chain = AuditChain.objects.create(key=str(organization.pk), length=LONG)
    for start in range(0, LONG, 500):
        AuditEntry.objects.bulk_create(
            _real_entry(chain, organization, number) for number in range(start, start + 500)
        )
    chain.save()
    tracemalloc.start()
    assert check_chain(chain.pk).length == LONG
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < LONG * LARGE / 2


def _real_entry(chain: AuditChain, organization: Organization, number: int) -> AuditEntry:
    entry = AuditEntry(
        chain=chain,
        sequence=number + 1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        organization=organization,
        action=AuditAction.SIGNED_IN,
        details={"text": "x" * LARGE},
        previous_hash=chain.last_hash,
    )
    chain.last_hash = entry.hash = entry.compute_hash()
    return entry
