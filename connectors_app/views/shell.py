"""The theme switch, the health answers and the error pages."""

import logging
from collections.abc import Callable
from functools import lru_cache

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from connectors_app.context_processors import THEMES, theme_cookie
from connectors_app.services.freshness import is_worker_at_it
from connectors_app.views.going_back import is_ours

logger = logging.getLogger(__name__)
_ONE_YEAR = 365 * 24 * 3600


def asked_before(request: HttpRequest) -> int:
    """How often a live part of a page has asked already (`?round=`), so that it asks ever more slowly."""
    text = request.GET.get("round", "0")
    return int(text) if text.isdecimal() and len(text) < 4 else 0


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Field `theme`: light, dark, or anything else for what the system says."""
    referer = request.headers.get("Referer", "")
    response = redirect(referer if is_ours(request, referer) else "overview")
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            theme_cookie(), chosen, max_age=_ONE_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(theme_cookie(), samesite="Lax")
    return response


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: 200 or 503, with each part's answer."""
    parts = {"database": _database_answers, "migrations": _is_migrated, "cache": _cache_answers}
    answers = {name: _holds(name, check) for name, check in parts.items()}
    status = 200 if all(answers.values()) else 503
    # Told, and no reason to take the pages away: they show what is known.
    return JsonResponse(answers | {"worker": _holds("worker", is_worker_at_it)}, status=status)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    """What is wrong stands in the log: anybody may ask."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001  (whatever is wrong with it, it is not ready)
        logger.warning("Not ready: %s (%s)", name, type(error).__name__)
        return False


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _is_migrated() -> bool:
    return _migrations() <= set(MigrationRecorder(connection).applied_migrations())


@lru_cache(maxsize=1)
def _migrations() -> frozenset[tuple[str, str]]:
    """All that this release has: read once, as it never changes while it runs."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _cache_answers() -> bool:
    cache.get("readyz")  # Raises when it does not answer. A GET writes nothing, not even here.
    return True


@login_not_required
def closed(request: HttpRequest, key: str = "") -> HttpResponse:
    """A page of a library that this dashboard does not offer, whatever its address carries."""
    raise Http404


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)
