"""Where a request came from, as far as one's own proxies can be believed."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


def address_of(request: HttpRequest) -> str | None:
    """The client's IP address; None where there is none, such as behind a unix socket without proxies.

    Of `X-Forwarded-For` counts what the outermost of `TRUSTED_PROXIES` proxies added. A header that is too short
    or makes no sense did not come through all of them, so then it is whoever spoke to us.
    """
    return _forwarded_for(request) or _parsed(request.META.get("REMOTE_ADDR", ""))


def _forwarded_for(request: HttpRequest) -> str | None:
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.TRUSTED_PROXIES <= len(hops):
        return None
    return _parsed(hops[-settings.TRUSTED_PROXIES])


def _parsed(text: str) -> str | None:
    """One spelling per address: without port, brackets and zone; IPv4 even where it is wrapped in IPv6."""
    text = text.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
