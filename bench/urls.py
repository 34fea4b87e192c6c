"""The dashboard's pages and its peers': what Django brings along, on the same rows."""

from collections.abc import Iterator

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path

from connectors_app.models import Connector


class PeerSite(admin.AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return True


class ConnectorAdmin(admin.ModelAdmin):
    """The changelist with the same rows, columns, order, page size and searched fields as our list."""

    list_display = (
        "label",
        "state",
        "type",
        "owner",
        "share_with_org",
        "files_count",
        "last_sync_at",
        "created_at",
    )
    list_filter = ("type", "state", "share_with_org", "archived")
    list_per_page = 50
    ordering = ("-created_at", "-id")
    search_fields = ("label", "description", "config", "connector_id")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(organization=request.user.organization)

    def has_view_permission(self, request, obj=None):
        return True

    has_add_permission = has_module_permission = has_change_permission = has_delete_permission = (
        has_view_permission
    )

    @admin.display(description="Owner")
    def owner(self, connector: Connector) -> str:
        return connector.bigdata_user_id


peers = PeerSite(name="peers")
peers.register(Connector, ConnectorAdmin)


def plain_stream(request: HttpRequest) -> HttpResponse:
    """What a streamed CSV costs at least: one column, nothing made of it."""

    def lines() -> Iterator[str]:
        labels = Connector.objects.filter(organization=request.user.organization).values_list("label", flat=True)
        yield from (f"{label}\r\n" for label in labels.iterator(chunk_size=500))

    return StreamingHttpResponse(lines(), content_type="text/csv")


urlpatterns = [
    path("peers/stream/", plain_stream),
    path("peers/", peers.urls),
    path("", include("dashboard.urls")),
]

handler400 = "connectors_app.views.shell.bad_request"
handler403 = "connectors_app.views.shell.forbidden"
handler404 = "connectors_app.views.shell.not_found"
