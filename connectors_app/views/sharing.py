"""The sharing report."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connectors_app.permissions import Permission, current_member, requires, visible_connectors
from connectors_app.services import sharing as service
from connectors_app.services.listing import owners, with_owner_email
from connectors_app.views.moments import moment_in
from connectors_app.views.paging import LongPaginator

_NOT_SHOWN = ("description", "config", "extra")
_LONGEST_OWNER = 255


@require_safe
@requires(Permission.SEE_SHARING)
def sharing(request: HttpRequest) -> HttpResponse:
    """`?owner=` (a Bigdata.com user) narrows both tables; `?page=` pages the upper, `?before=` the lower one."""
    member, owner = current_member(request), _owner(request)
    visible = visible_connectors(member)
    chosen = visible.filter(bigdata_user_id=owner) if owner else visible
    shared = with_owner_email(service.shared_now(chosen)).defer(*_NOT_SHOWN)
    page = LongPaginator(shared, service.PER_PAGE).get_page(request.GET.get("page"))
    before = moment_in(request.GET.get("before", ""))
    context = {
        "page_obj": page,
        "rows": service.by_whom(page),
        "changes": service.changes_of_sharing(chosen, older_than=before),
        "before": before,
        "owner": owner,
        "owners": owners(visible, member),
        "may_see_sharing": True,
        "tab": "sharing",
    }
    return render(request, "sharing/page.html", context)


def _owner(request: HttpRequest) -> str:
    owner = request.GET.get("owner", "").strip()
    return owner if len(owner) <= _LONGEST_OWNER and owner.isprintable() else ""
