"""Which IP addresses may be connected to: public ones only, of one machine, with no other address inside."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from .errors import Refused

# Beside this, IPv6 has no public addresses: no mapped, compatible or translated IPv4, no NAT64, no site-local.
_UNICAST_IPV6 = ip_network("2000::/3")

# What some Pythons take for global, and what leads inside although it is.
_FORBIDDEN = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # protocol assignments: Teredo, which holds an IPv4 address, ORCHID
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
)


def check_address(address: str | IPv4Address | IPv6Address) -> None:
    """Raise Refused unless `address` is a public one of a single machine."""
    ip = ip_address(address)
    is_public = ip.is_global and not ip.is_multicast and (ip.version == 4 or ip in _UNICAST_IPV6)
    if not is_public or any(ip in network for network in _FORBIDDEN):
        raise Refused("The address is inside a private network")


def check_every_address(host: str, port: int) -> None:
    """Look `host` up and raise Refused if a single one of its addresses is not public.

    Raises what the lookup raises: socket.gaierror.
    """
    for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        check_address(str(place[0]))
