"""When something fails: 503 where what we need is away for the moment, else 500."""

import sqlite3
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from redis.exceptions import RedisError

from connectors_app.accounts.limits import CannotCount

_TRY_AGAIN_AFTER = 30
# What SQLite says of a lock, a full disk or a file that is away. All else that it calls operational is our fault.
_FOR_NOW = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
}


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles what went wrong, wherever that was; it is in the log already."""
    if not _is_for_now(sys.exc_info()[1]):
        return HttpResponse(loader.get_template("500.html").render(), status=500)
    answer = HttpResponse(loader.get_template("503.html").render(), status=503)
    answer["Retry-After"] = str(_TRY_AGAIN_AFTER)
    return answer


def _is_for_now(error: BaseException | None) -> bool:
    if isinstance(error, OperationalError) and isinstance(error.__cause__, sqlite3.Error):
        error = error.__cause__
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _FOR_NOW
    return isinstance(error, OperationalError | InterfaceError | RedisError | CannotCount)
