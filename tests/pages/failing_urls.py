"""The project's URLs, one whose view fails, and one whose page fails when it is rendered."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from dashboard.urls import *  # noqa: F403
from dashboard.urls import urlpatterns as project_urlpatterns


@login_not_required
def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("what went wrong is nobody's business")


@login_not_required
def fail_late(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "no-such-template.html")


urlpatterns = [path("fail/", fail), path("fail/late/", fail_late), *project_urlpatterns]
