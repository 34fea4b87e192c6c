"""Log lines, for machines and for people. Neither holds a secret, whoever logged it and however."""

import copy
import logging
import re
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from connectors_app.telemetry.context import facts
from connectors_app.telemetry.redaction import Cleaner

_OWN = frozenset(RESERVED_ATTRS) | {"message", "asctime"}
_BREAKS_A_LINE = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


class _Clean(logging.Formatter):
    """Writes a copy of the record: without secrets, and with what is going on in this thread.

    It is done here and not by a filter, so that it holds for every record that is written, and for what a record
    gets only now: the exception's text. Nothing is ever written uncleaned, not even where cleaning fails.
    """

    def format(self, record: logging.LogRecord) -> str:
        try:
            return super().format(self.cleaned(record))
        except Exception as error:  # noqa: BLE001  (logging itself would write the record as it is)
            where = f"{record.pathname}:{record.lineno}"
            why = f"A line of {record.name} ({where}) could not be written: {type(error).__name__}"
            return super().format(
                logging.LogRecord(record.name, logging.ERROR, record.pathname, record.lineno, why, (), None)
            )

    def cleaned(self, record: logging.LogRecord) -> logging.LogRecord:
        clean, cleaner = copy.copy(record), Cleaner(getattr(record, "request", None))
        clean.msg, clean.args = cleaner.text(record.getMessage()), ()
        trace = logging.Formatter.formatException(self, record.exc_info) if record.exc_info else record.exc_text
        clean.exc_text, clean.exc_info = cleaner.text(trace) if trace else None, None
        clean.stack_info = cleaner.text(record.stack_info) if record.stack_info else None
        extras: dict[str, Any] = {name: value for name, value in vars(record).items() if name not in _OWN}
        extras.pop("request", None)  # Its text has the query.
        clean.__dict__.pop("request", None)
        vars(clean).update(cleaner.value(extras) | facts())
        return clean


class JsonLine(_Clean, JsonFormatter):
    """One JSON object a line: time, level, logger, message, what is going on, `extra`, exception."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger", "exc_info": "exception", "stack_info": "stack"}
        super().__init__(
            fmt=["levelname", "name", "message"],
            rename_fields=names,
            timestamp="time",
        )


class Line(_Clean):
    """For people. Nothing in a message begins a line of its own."""

    def cleaned(self, record: logging.LogRecord) -> logging.LogRecord:
        clean = super().cleaned(record)
        told = "".join(f" {name}={value}" for name, value in facts().items())
        clean.msg = _BREAKS_A_LINE.sub(lambda found: repr(found[0])[1:-1], clean.msg) + told
        return clean
