"""Webhooks to addresses inside: refused before anything is connected to, however they are written."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors_app.webhooks import Refused, Undelivered, check_url, post
from tests.bigdata.conftest import serve
from tests.webhooks.conftest import BODY, GOOD, HEADERS, answering
from tests.webhooks.network import made_up_network, network

__all__ = ["network", "serve"]

NAME = "hooks.example.com"
FORBIDDEN = {
    "this machine": ["127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128"],
    "private": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    "link-local": ["169.254.0.0/16", "fe80::/10", "fec0::/10"],
    "metadata": [
        "169.254.169.254/32",
        "fd00:ec2::254/128",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
    ],
    "carriers' NAT": ["100.64.0.0/10"],
    "NAT64": ["64:ff9b::/96", "64:ff9b:1::/48"],
    "IPv4 in IPv6": ["::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "2002::/16", "2001::/32"],
    "many machines": ["224.0.0.0/4", "ff00::/8", "255.255.255.255/32"],
    "nobody's": [
        "240.0.0.0/4",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
    ],
    "nobody's in IPv6": [
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "4000::/2",
        "8000::/1",
    ],
    "relays of 6to4": ["192.88.99.0/24"],
}
PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "192.0.1.1", "223.255.255.255"]
PUBLIC += ["2001:200::1", "2003::1", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e", "2c0f:f248::1"]


def literal(address) -> str:
    return f"https://[{address}]/" if ":" in str(address) else f"https://{address}/"


def refused(url: str) -> None:
    """The form refuses it, and so does whoever sends."""
    with pytest.raises(Refused):
        check_url(url)
    with pytest.raises(Refused):
        post(url, BODY, HEADERS)


@pytest.mark.parametrize("kind", FORBIDDEN)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_18_no_address_inside_is_connected_to_by_number_or_name(kind, data):
    address = data.draw(st.sampled_from(FORBIDDEN[kind]).flatmap(lambda net: st.ip_addresses(network=net)))
    with made_up_network() as network:
        refused(literal(address))
        assert network.lookups == []
        network.names[NAME] = [[str(address)]]
        with pytest.raises(Refused, match="inside a private network"):
            post(f"https://{NAME}/", BODY, HEADERS)
        assert network.connections == []


@settings(deadline=None)
@given(st.ip_addresses(v=6))
@example("2001:4860:4860::8888")
def test_18_of_ipv6_only_public_addresses_of_one_machine_are_connected_to(address):
    with made_up_network() as network:
        network.names[NAME] = [[str(address)]]
        with pytest.raises((Refused, Undelivered), match=r"inside a private network|The connection was refused"):
            post(f"https://{NAME}/", BODY, HEADERS)
        assert network.connections in ([], [str(address)])
        assert str(address)[0] in "23" or network.connections == []


@pytest.mark.parametrize("address", PUBLIC)
def test_18_public_addresses_are_connected_to(network, address):
    network.names[NAME] = [[address]]
    for url in (literal(address), f"https://{NAME}/"):
        with pytest.raises((Refused, Undelivered), match="The connection was refused"):
            post(url, BODY, HEADERS)
    assert network.connections == [address, address]


NOTATIONS = [
    "0x7f000001",
    "0X7F000001",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "127.1",
    "127.0.1",
]
NOTATIONS += [
    "127.0.0.0x1",
    "127.0.0.0x",
    "127.0.0.01",
    "0",
    "0x",
    "127.0.0.1.",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "4294967296",
]
NOTATIONS += [
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "[::1%25lo]",
    "[::1%lo]",
]
NOTATIONS += [
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[127.0.0.1]",
    "[localhost]",
    "[::1",
    "::1",
    "[v1.fe80::a]",
]
NOTATIONS += [
    "１２７.0.0.1",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.⓪.⓪.①",
    "١٢٧.0.0.1",
    "lＯcalhost",
    "loc\u00adalhost",
]
NOTATIONS += ["127%2e0%2e0%2e1", "%31%32%37.0.0.1", "%6c%6fcalhost", "127.0.0.1%00.example.com", "127.0.0.1\x00"]
NOTATIONS += ["public.example.com@127.0.0.1", "127.0.0.1\\@public.example.com", "127.0.0.1 public.example.com"]
NOTATIONS += [
    "127.0.0.1\tpublic.example.com",
    "public.example.com\r\nHost: localhost",
    "127.0.0.1:99999",
    "127.0.0.1:0",
]


@pytest.mark.parametrize("host", NOTATIONS)
def test_18_no_other_notation_leads_inside(network, host):
    refused(f"https://{host}/")
    refused(f"https://{host}")
    refused(f"http://{host}/")
    assert (network.lookups, network.connections) == ([], [])


@pytest.mark.parametrize(
    "scheme", ["http", "HTTP", "ftp", "file", "gopher", "unix", "https+unix", "data", "ws", ""]
)
def test_18_nothing_but_https_goes_out(network, scheme):
    network.names[NAME] = [["93.184.215.14"]]
    refused(f"{scheme}://{NAME}/")
    assert (network.lookups, network.connections) == ([], [])


@pytest.mark.parametrize("answer", [["93.184.215.14", "127.0.0.1"], ["127.0.0.1", "93.184.215.14"]])
def test_18_one_address_inside_is_one_too_many(network, serve, answer):
    inside = serve(answering(GOOD))
    port = network.stand_in("127.0.0.1", inside.url)
    network.names[NAME] = [answer]
    with pytest.raises(Refused):
        post(f"https://{NAME}:{port}/", BODY, HEADERS)
    assert (network.connections, inside.connections) == ([], 0)


def test_18_a_receiver_of_ones_own_is_reached_and_nothing_beside_it(network, serve):
    inside = serve(answering(GOOD))
    port = network.stand_in("127.0.0.1", inside.url)
    network.names |= {"hooks.internal": [["127.0.0.1"]], "other.internal": [["127.0.0.1"]]}
    post(f"http://hooks.internal:{port}/", BODY, HEADERS, allowed_hosts=["hooks.internal"])
    for url in (f"http://other.internal:{port}/", f"https://other.internal:{port}/", f"http://127.0.0.1:{port}/"):
        with pytest.raises(Refused):
            post(url, BODY, HEADERS, allowed_hosts=["hooks.internal"])
    assert inside.connections == 1
