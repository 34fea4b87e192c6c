"""Names that change where they lead, and receivers that send us on: nothing inside is ever connected to."""

from contextlib import suppress

import pytest

from connectors_app.webhooks import Refused, Undelivered, post
from tests.bigdata.conftest import serve
from tests.webhooks.conftest import BODY, GOOD, HEADERS, NAME, PUBLIC, answering, certificate, public
from tests.webhooks.network import network

__all__ = ["certificate", "network", "public", "serve"]


@pytest.fixture
def inside(serve, network):
    """A server that listens on 127.0.0.1, and on what it is told."""
    server = serve(answering(GOOD))
    server.port = network.stand_in("127.0.0.1", server.url)
    return server


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "168.63.129.16", "fec0::1", "::1"]
)
def test_19_a_name_that_turns_to_an_address_inside_never_leads_there(network, inside, turns, address):
    network.stand_in(address, inside.url)
    network.names[NAME] = [*([[PUBLIC]] * turns), [address]]
    for _ in range(3):
        with suppress(Refused, Undelivered):
            post(f"https://{NAME}:{inside.port}/", BODY, HEADERS)
    assert inside.connections == 0
    assert set(network.connections) <= {PUBLIC}


@pytest.mark.parametrize("address", ["127.0.0.1", "168.63.129.16", "fec0::1"])
def test_19_a_name_that_turns_between_two_lookups_is_refused(network, inside, address):
    network.stand_in(address, inside.url)
    network.names[NAME] = [[PUBLIC], [address]]
    with pytest.raises(Refused, match="inside a private network"):
        post(f"https://{NAME}:{inside.port}/", BODY, HEADERS)
    assert (network.connections, inside.connections) == ([], 0)


def test_19_after_the_check_nothing_is_looked_up(public, network, inside):
    server, url = public()
    network.names[NAME] = [[PUBLIC], [PUBLIC], ["127.0.0.1"]]
    post(url, BODY, HEADERS)
    assert (network.connections, len(server.requests), inside.connections) == ([PUBLIC], 1, 0)
    with pytest.raises(Refused):
        post(url, BODY, HEADERS)
    assert network.connections == [PUBLIC]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
@pytest.mark.parametrize("to", ["http://127.0.0.1:{}/", "https://hooks.internal:{}/", "//127.0.0.1:{}/", "/again"])
def test_19_a_redirect_to_inside_is_not_followed(public, network, inside, status, to):
    network.names["hooks.internal"] = [["127.0.0.1"]]
    place = to.format(inside.port)
    sent_on = f"HTTP/1.1 {status} x\r\nLocation: {place}\r\nRefresh: 0;url={place}\r\nContent-Length: 0\r\n\r\n"
    server, url = public(answering(sent_on.encode()))
    with pytest.raises(Undelivered, match="answered with a redirect") as caught:
        post(url, BODY, HEADERS, allowed_hosts=["hooks.internal"])
    assert not caught.value.can_retry
    assert (network.connections, len(server.requests), inside.connections) == ([PUBLIC], 1, 0)


def test_19_what_listens_inside_would_have_been_hit(network, inside):
    network.names["hooks.internal"] = [["127.0.0.1"]]
    post(f"http://hooks.internal:{inside.port}/", BODY, HEADERS, allowed_hosts=["hooks.internal"])
    assert inside.connections == 1
