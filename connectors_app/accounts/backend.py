"""Who is signed in, with what every page needs of them."""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.sql import Query

from connectors_app.accounts.surroundings import failing_now, last_asked_at, open_incidents
from connectors_app.models import ApiKey, Member
from connectors_app.services.two_factor import has_second_factor


class MemberBackend(AuthenticationBackend):
    """Loads the member together with what every page needs of them, in one query."""

    def get_user(self, user_id: Any) -> Member | None:
        try:
            member = _members().get(pk=user_id)
        except Member.DoesNotExist:
            return None
        return member if self.user_can_authenticate(member) else None


@cache
def _members() -> "QuerySet[Member]":
    """Put together once, not with each request: that would take longer than to ask the database."""
    sandbox_keys = ApiKey.objects.filter(organization=OuterRef("organization"), answered_by_sandbox=True)
    asked_along = Member.objects.annotate(
        colleagues_use_sandbox=Case(When(api_key=None, then=Exists(sandbox_keys)), default=Value(False)),
        has_mfa=has_second_factor(),
        failing_now=failing_now(),
        open_incidents=open_incidents(),
        last_asked_at=last_asked_at(),
    )
    return Member.objects.select_related("organization", "api_key").annotate(**_written_down(asked_along.query))


def _written_down(query: Query) -> dict[str, RawSQL]:
    """The query's annotations as the SQL that Django would otherwise write anew with each request."""
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.setup_query()
    written = {}  # Nothing of a request is in it: Django wrote it, once.
    for name, each in query.annotation_select.items():
        sql, params = compiler.compile(each)
        written[name] = RawSQL(sql, params, output_field=each.output_field)  # noqa: S611  # nosec B611
    return written
