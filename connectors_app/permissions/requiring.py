"""Refusing what a role may not do, and telling the trail of it; the decorator of views."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from connectors_app.choices import AuditAction, AuditResult, OperationKind
from connectors_app.models import Connector, Member
from connectors_app.permissions.roles import Permission, may, may_change, permissions_for, who_may
from connectors_app.services import audit

View = Callable[..., HttpResponseBase]


def require(member: Member, permission: Permission, *, path: str = "") -> None:
    """Raises PermissionDenied, and records it, unless the member's role gives the permission."""
    if not may(member, permission):
        _record_refusal(member, permission, target_type="page" if path else "", target_name=path)
        raise PermissionDenied(f"Your role does not allow you to {permission.value}.")


def require_change(member: Member, connector: Connector, kind: OperationKind) -> None:
    """Raises PermissionDenied, and records it, unless the member may change this connector."""
    if not may_change(member, connector, kind):
        _record_refusal(member, permissions_for(kind)[1], target=connector)
        raise PermissionDenied(who_may(kind))


def _record_refusal(member: Member, permission: Permission, **target: Any) -> None:
    audit.record(
        AuditAction.REFUSED_BY_ROLE,
        organization=member.organization,
        actor=member,
        result=AuditResult.REFUSED,
        details={"permission": permission.value},
        **target,
    )


def current_member(request: HttpRequest) -> Member:
    """The signed-in member. Only for views behind `requires`."""
    return cast(Member, request.user)


def requires(permission: Permission) -> Callable[[View], View]:
    """A view for members who have `permission`; others get a 403 (SignedInMiddleware sees to sign-in)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(current_member(request), permission, path=request.path)
            return view(request, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]  # read by the test that walks every URL
        return checked

    return decorate
