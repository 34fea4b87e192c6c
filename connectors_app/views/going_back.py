"""Back to where one came from."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def next_page(request: HttpRequest, otherwise: str) -> str:
    """The page that `next` names, posted or in the address, if it is one of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if is_ours(request, target) else otherwise


def is_ours(request: HttpRequest, address: str) -> bool:
    """Whether it is safe to redirect there: what has no slash would be taken for the name of a view."""
    hosts = {request.get_host()}
    return "/" in address and url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure())
