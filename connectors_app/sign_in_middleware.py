"""What holds for the answers of the account pages."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError

from connectors_app import known_devices

logger = logging.getLogger(__name__)
_ACCOUNT_PAGES = "/account/"


class SignInMiddleware:
    """Remembers browsers, says 429 where a limit refused, and lets nobody in while nothing can be counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        known_devices.put_cookie(request, response)
        seconds = getattr(request, "retry_after", None)
        if seconds:
            response.status_code = 429
            response["Retry-After"] = str(seconds)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RedisError) or not request.path.startswith(_ACCOUNT_PAGES):
            return None
        logger.error("Attempts cannot be counted: %s", exception)
        return render(request, "503.html", status=503)
