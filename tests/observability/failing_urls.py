"""The project's URLs, and some whose views fail and tell what they were sent."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from connectors_app.bigdata import Secret
from dashboard.urls import *  # noqa: F403
from dashboard.urls import urlpatterns as project_urlpatterns

logger = logging.getLogger("somebody.careless")


@csrf_exempt
@login_not_required
def fail(request: HttpRequest) -> HttpResponse:
    """Says everything everywhere, as somebody careless would."""
    sent = request.POST.dict() | request.GET.dict()
    key = Secret(sent.get("in_hand", "nothing"))
    headers, local = dict(request.headers), sent
    link = request.build_absolute_uri()
    logger.warning("Sent %s with %s and %s to %s", local, headers, key.reveal(), link, extra={"sent": sent})
    logger.error("Failed with %r", local, extra={"key": key.reveal(), "headers": headers, "request": request})
    raise RuntimeError(f"{local} {headers} {key.reveal()} {link}")


@csrf_exempt
@login_not_required
def uncountable(request: HttpRequest) -> HttpResponse:
    raise RedisError("gone")


added = [path("fail/", fail), path("fail/<str:token>/", lambda request, token: fail(request))]
added[1].callback.login_required = False  # type: ignore[attr-defined]
added[1].callback.csrf_exempt = True  # type: ignore[attr-defined]
urlpatterns = [*added, path("account/uncountable/", uncountable), *project_urlpatterns]
