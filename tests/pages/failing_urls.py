"""The project's URLs, and one whose view fails."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from dashboard.urls import *  # noqa: F403
from dashboard.urls import urlpatterns as project_urlpatterns


@login_not_required
def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("what went wrong is nobody's business")


urlpatterns = [path("fail/", fail), *project_urlpatterns]
