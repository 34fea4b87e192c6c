"""Every address that the dashboard answers: its own pages, allauth's and the back office's."""

import re
from collections.abc import Iterator
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

_BY_CONVERTER = {"uuid": str(uuid4()), "int": "0", "slug": "email", "str": "email", "path": "email"}


def every_url() -> list[str]:
    """One address for each pattern, about no object that exists. The one that signs out comes last."""
    urls = {f"/{path}" for path in _paths(get_resolver().url_patterns)}
    return sorted(urls, key=lambda url: (url == "/account/logout/", url))


def _paths(patterns: list[URLPattern | URLResolver], above: str = "") -> Iterator[str]:
    for pattern in patterns:
        path = above + _filled(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, path)
        else:
            yield path


def _filled(pattern: str) -> str:
    """With something in the place of each parameter; of alternatives in a regular expression the first."""
    path = re.sub(r"<(\w+):\w+>", lambda parameter: _BY_CONVERTER[parameter[1]], pattern)
    path = re.sub(r"\(\?P<\w+>[^)]*\)", "x", path)
    return re.sub(r"\(\?:(\w*)[^)]*\)", r"\1", path).strip("^$").replace("\\", "")
