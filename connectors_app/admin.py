"""The back office: what operators may read of every organization. Nothing can be changed here.

Each page lists the fields it shows, so that a new field is not shown before somebody wants it to be.
"""

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.decorators import method_decorator

from connectors_app.models import ApiKey, AuditEntry, Connector, Invitation, Member, Operation, Organization
from connectors_app.services.operators import is_operator

# The dashboard has these itself, or they serve what nobody can do here.
_LEFT_OUT = {"logout", "password_change", "password_change_done", "autocomplete", "view_on_site"}


class BackOffice(AdminSite):
    """Django's admin, which for everybody but operators does not exist."""

    site_header = site_title = "Back office"
    index_title = "Every organization, to look at"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, Member) and is_operator(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        shown = super().admin_view(view, cacheable)

        def to_operators(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            answer: HttpResponseBase = shown(request, *args, **kwargs)
            return answer

        return update_wrapper(to_operators, shown)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", "") not in _LEFT_OUT]

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Where SignedInMiddleware sends people: on to the dashboard's own page."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next", ""), resolve_url("account_login"))


class ReadOnly(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Rows to list, search, filter and look at."""

    actions = None
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By its filters only: else `?password__startswith=` would tell bit by bit what no page shows."""
        return lookup.partition("__")[0] in self.list_filter and super().lookup_allowed(lookup, value, request)


class OrganizationAdmin(ReadOnly):
    list_display = fields = ("name", "created_at")
    search_fields = ("name",)


class MemberAdmin(ReadOnly):
    list_display = ("email", "organization", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff", "organization")
    list_select_related = ("organization",)
    search_fields = ("email",)
    fields = (*list_display, "time_zone", "bigdata_user_id", "created_at", "deactivated_at")


class ApiKeyAdmin(ReadOnly):
    list_display = ("member", "organization", "last_four", "status", "verified_at", "last_used_at", "expires_on")
    list_filter = ("status", "answered_by_sandbox", "organization")
    list_select_related = ("member", "organization")
    ordering = ("-created_at",)
    search_fields = ("member__email",)
    fields = (
        *(*list_display, "answered_by_sandbox", "created_at", "rejected_at", "disabled_at"),
        *("last_polled_at", "last_poll_error", "next_poll_at", "lease_until"),
    )


class ConnectorAdmin(ReadOnly):
    list_display = ("label", "organization", "type", "state", "bigdata_user_id", "last_sync_at", "refreshed_at")
    list_filter = ("state", "type", "archived", "share_with_org", "organization")
    list_select_related = ("organization",)
    search_fields = ("label", "bigdata_user_id")
    fields = (
        *(*list_display, "connector_id", "description", "share_with_org", "archived", "bigdata_org_id"),
        *("created_at", "updated_at", "config", "extra", "files_count", "last_sync_status", "last_sync_error_msg"),
        *("last_sync_count", "state_since", "first_seen_at", "sync_asked_at", "deletion_asked_at", "gone_at"),
    )


class OperationAdmin(ReadOnly):
    list_display = ("id", "organization", "kind", "actor", "key_owner", "outcome", "created_at")
    list_filter = ("kind", "outcome", "organization")
    list_select_related = ("organization", "actor", "key_owner")
    ordering = ("-created_at",)
    search_fields = ("actor__email", "key_owner__email")
    fields = (*list_display, "connector", "connector_type", "request", "message", "error_code", "finished_at")


class InvitationAdmin(ReadOnly):
    list_display = ("email", "organization", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_filter = ("role", "organization")
    list_select_related = ("organization", "invited_by")
    ordering = ("-created_at",)
    search_fields = ("email",)
    fields = (*list_display, "accepted_by", "revoked_at")


class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "organization", "action", "result", "actor_name", "target_name", "address")
    list_filter = ("result", "action", "organization")
    list_select_related = ("organization",)
    search_fields = ("actor_name", "target_name")
    fields = (
        *(*list_display, "actor", "actor_role", "key_owner", "key_owner_name", "target_type", "target_id"),
        *("details", "sequence", "previous_hash", "hash"),
    )


site = BackOffice(name="admin")
site.register(Organization, OrganizationAdmin)
site.register(Member, MemberAdmin)
site.register(ApiKey, ApiKeyAdmin)
site.register(Connector, ConnectorAdmin)
site.register(Operation, OperationAdmin)
site.register(Invitation, InvitationAdmin)
site.register(AuditEntry, AuditEntryAdmin)
