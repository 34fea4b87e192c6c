"""A name service that answers as told, and a network of which every connection is noted."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Network:
    """`lookups` are the names that were asked for, `connections` the addresses that were connected to.

    `names`: for each name one list of addresses per lookup, the last of them for all later ones.
    `machines`: what a server of this machine stands in for, by its address. No other answers.
    """

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.machines: dict[str, str] = {}
        self.lookups: list[str] = []
        self.connections: list[str] = []

    def look_up(self, host: str) -> list[str]:
        self.lookups.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def stand_in(self, address: str, url: str) -> int:
        """Let a server play `address`; return its port."""
        self.machines[address] = url
        return int(url.rpartition(":")[2])


def _is_number(host: str) -> bool:
    return ":" in host or not host[-1:].isalpha()


@contextmanager
def made_up_network() -> Iterator[Network]:
    network, look_up, connect = Network(), socket.getaddrinfo, socket.socket.connect

    def made_up_lookup(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        found = [host] if _is_number(host) else network.look_up(host)
        return [place for address in found for place in look_up(address, port, type=socket.SOCK_STREAM)]

    def made_up_connect(self: socket.socket, place: Any) -> None:
        network.connections.append(place[0])
        if place[0] not in network.machines:
            raise ConnectionRefusedError
        connect(self, ("127.0.0.1", place[1]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", made_up_lookup)
        patch.setattr(socket.socket, "connect", made_up_connect)
        yield network


@pytest.fixture
def network() -> Iterator[Network]:
    with made_up_network() as network:
        yield network
