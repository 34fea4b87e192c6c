"""Cleaning of text that came from upstream, before anything stores or shows it."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def storable(text: str) -> str:
    """Return `text` without what a database refuses: NULs go, lone surrogates become U+FFFD."""
    text = text.replace("\x00", "")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str) -> str:
    """Return `text` as one storable line: control characters and line breaks become single spaces."""
    return _CONTROL.sub(" ", storable(text)).strip()
