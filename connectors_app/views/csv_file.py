"""Lists as CSV files, sent while they are read, and inert in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from io import StringIO

from django.http import StreamingHttpResponse
from django.utils import timezone

ROWS_AT_ONCE = 500
# What makes a spreadsheet take a cell for a formula; the wide ones are typed in East Asian locales.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it, Excel takes UTF-8 for the system's own encoding.
_BYTE_ORDER_MARK = "\ufeff"


class CsvFile(StreamingHttpResponse):
    """Gives its room back when it is sent, or when nobody wants the rest."""

    def __init__(self, pieces: Iterator[str], room: ExitStack) -> None:
        super().__init__(pieces, content_type="text/csv; charset=utf-8")
        self._room = room

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._room.close()


def csv_file(name: str, columns: Sequence[str], rows: Iterable[list[str]], room: ExitStack) -> CsvFile:
    """The answer that downloads `<name>-<today>.csv`. `rows` are read while it is sent."""
    answer = CsvFile(_pieces(columns, rows), room)
    answer["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"'
    return answer


def moment(value: datetime | None) -> str:
    """ISO 8601 in UTC, such as 2026-02-11T11:01:09Z; empty where there is none."""
    return "" if value is None else f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _pieces(columns: Sequence[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """The file in pieces of several hundred rows; the first piece needs no database."""
    yield _BYTE_ORDER_MARK + _lines([columns])
    piece: list[list[str]] = []
    for row in rows:
        piece.append([_inert(cell) for cell in row])
        if len(piece) == ROWS_AT_ONCE:
            yield _lines(piece)
            piece = []
    yield _lines(piece)


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _inert(cell: str) -> str:
    """The cell as text to every spreadsheet: an apostrophe before what would be a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
