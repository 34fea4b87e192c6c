"""Reading the address of a webhook. Strictly: what anybody could read in another way is refused."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address

from .addresses import check_address
from .errors import Refused

MAX_LENGTH = 2_000

_PLAIN = re.compile(r"[!-\[\]-~]*")  # printable ASCII but the backslash, which some read as a slash
_PLACE = re.compile(r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORTS = {"http": 80, "https": 443}


def check_url(url: str, *, allowed_hosts: Collection[str] = ()) -> None:
    """Raise Refused, with a message for people, if nothing could ever be sent to `url`. Looks no name up."""
    leads_to_ours(url, allowed_hosts)


def leads_to_ours(url: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether `url` leads to one of `allowed_hosts`; Refused if it leads inside, or nobody knows where.

    These are receivers of one's own: "hooks.internal" on every port, "hooks.internal:8080" on this one; an IPv6
    address in brackets. They may be spoken to over http, and may be inside a private network.
    """
    scheme, place = _parts(url)
    match = _PLACE.fullmatch(place)
    if match is None:
        raise Refused("The address names no host that could be found")
    port = int(match["port"] or _PORTS[scheme])
    if not 0 < port < 65_536:
        raise Refused("The address has a port that does not exist")
    ip = _literal(match["host"])
    is_ours = not {match["host"], f"{match['host']}:{port}"}.isdisjoint(each.lower() for each in allowed_hosts)
    if not is_ours:
        _check_public(scheme, match["host"], ip)
    return is_ours


def _parts(url: str) -> tuple[str, str]:
    """Return scheme and host with port, in small letters."""
    if len(url) > MAX_LENGTH:
        raise Refused("The address is longer than 2,000 characters")
    if not _PLAIN.fullmatch(url):
        raise Refused("The address has a space or a character that belongs in no address")
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in _PORTS:
        raise Refused("The address must begin with https://")
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in place:
        raise Refused("The address must not hold a user name or password")
    return scheme.lower(), place.lower()


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that `host` is; None for a name. Refused if it is a number in another notation."""
    labels = host.split(".")
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1])
        if _NUMBER.fullmatch(labels[-1]):
            return IPv4Address(host)
    except ValueError:
        raise Refused("The address has a number in place of a host name") from None
    if len(host) > 253 or not all(0 < len(label) < 64 for label in labels):
        raise Refused("The address names no host that could be found")
    return None


def _check_public(scheme: str, host: str, ip: IPv4Address | IPv6Address | None) -> None:
    if scheme != "https":
        raise Refused("The address must begin with https://")
    if ip is not None:
        check_address(ip)
    elif "." not in host:
        raise Refused("The address is inside a private network")
