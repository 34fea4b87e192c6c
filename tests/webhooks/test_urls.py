"""What a form takes for the address of a webhook, and what it says about the rest."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests import Request
from urllib3.util import parse_url

from connectors_app.webhooks import Refused, check_url


def refusal(url: str, *allowed: str) -> str:
    with pytest.raises(Refused) as caught:
        check_url(url, allowed_hosts=allowed)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com/services/T0/B0/x?y=1&z=%20#part",
        "https://hooks.example.com#part",
        "HTTPS://Hooks.Example.COM:8443/",
        "https://xn--bcher-kva.example/in",
        "https://a_b.example.com/",
        "https://1.2.3.4.example.com/",
        "https://0x7f.example.com/",
        "https://hooks.example.com/@someone",
        "https://hooks.example.com?to=a@example.com",
        "https://8.8.8.8/in",
        "https://[2606:4700:4700::1111]:8443/in",
        "https://hooks.example.com/" + "x" * 1_974,
    ],
)
def test_public_addresses_are_taken(url):
    assert check_url(url) is None


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://hooks.example.com/" + "x" * 1_975, "longer than 2,000"),
        ("", "https://"),
        ("hooks.example.com", "https://"),
        ("//hooks.example.com/", "https://"),
        ("http://hooks.example.com/", "https://"),
        ("ftp://hooks.example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("javascript://hooks.example.com/%0aalert(1)", "https://"),
        ("https:hooks.example.com", "https://"),
        ("httpſ://hooks.example.com", "belongs in no address"),
        ("https://joe@hooks.example.com/", "user name or password"),
        ("https://joe:pw@hooks.example.com/", "user name or password"),
        ("https://@hooks.example.com/", "user name or password"),
        ("https://hooks.example.com\\@evil.example/", "belongs in no address"),
        ("https://hooks example.com/", "a space"),
        ("https://hooks.example.com/a b", "a space"),
        (" https://hooks.example.com/", "a space"),
        ("https://hooks.example.com/\r\nX: y", "a space"),
        ("https://hooks.example.com/\n", "a space"),
        ("https://hooks.example.com/\x7f", "a space"),
        ("https://bücher.example/", "belongs in no address"),
        ("https:///in", "no host"),
        ("https://", "no host"),
        ("https://?x", "no host"),
        ("https://:443/", "no host"),
        ("https://hooks..example.com/", "no host"),
        ("https://.example.com/", "no host"),
        ("https://hooks.example.com./", "no host"),
        ("https://" + "x" * 64 + ".example.com/", "no host"),
        ("https://" + "x." * 126 + "com/", "no host"),
        ("https://hooks.example.com:/", "no host"),
        ("https://hooks.example.com:x/", "no host"),
        ("https://hooks.example.com:+443/", "no host"),
        ("https://hooks.example.com:443:443/", "no host"),
        ("https://hooks.example.com:0/", "port"),
        ("https://hooks.example.com:65536/", "port"),
        ("https://localhost/", "private network"),
        ("https://intranet/", "private network"),
    ],
)
def test_anything_else_is_refused_with_the_reason(url, message):
    assert message in refusal(url)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://hooks.internal/in", "hooks.internal"),
        ("https://receiver:8443/in", "receiver"),
        ("http://Hooks.Internal:8080/in", "hooks.internal:8080"),
        ("http://hooks.internal/in", "hooks.internal:80"),
        ("https://receiver/in", "receiver:443"),
        ("http://receiver/in", "Receiver"),
        ("http://10.0.0.7:8080/in", "10.0.0.7"),
        ("http://[fd00::7]:8080/in", "[fd00::7]"),
        ("http://[fd00::7]:8080/in", "[fd00::7]:8080"),
    ],
)
def test_receivers_of_ones_own_are_named_with_or_without_a_port(url, allowed):
    assert check_url(url, allowed_hosts=["x.example.com", allowed]) is None
    with pytest.raises(Refused):
        check_url(url, allowed_hosts=["x.example.com"])


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://hooks.internal:8081/in", "hooks.internal:8080"),
        ("http://hooks.internal/in", "hooks.internal:443"),
        ("http://a.hooks.internal/in", "hooks.internal"),
        ("http://hooks.internal.example.com/in", "hooks.internal"),
        ("http://xhooks.internal/in", "hooks.internal"),
        ("http://hooks/in", "hooks.internal"),
        ("http://hooks.internal/in", "*"),
        ("http://hooks.internal/in", "internal"),
        ("http://hooks.internal/in", ""),
        ("http://10.0.0.8/in", "10.0.0.7"),
    ],
)
def test_nobody_else_is_one_of_them(url, allowed):
    assert refusal(url, allowed)


@pytest.mark.parametrize("url", ["http://joe@10.0.0.7/", "http://10.0.0.7./", "http://10.7/", "ftp://10.0.0.7/"])
def test_they_too_must_be_named_plainly(url):
    assert refusal(url, "10.0.0.7", "10.7", "10.0.0.7.")


URLS = st.text(st.sampled_from("https:/@#?[].0x1a-_%\\ e・Ａ"), max_size=30).map("https://".__add__)


@given(URLS)
@example("https://a.b#@c.d")
@example("https://a.b?@c.d/")
@example("https://a.b/\\@c.d")
def test_what_is_taken_leads_the_client_to_the_same_host(url):
    try:
        check_url(url)
    except Refused:
        return
    typed = url.removeprefix("https://").replace("?", "/").replace("#", "/").split("/")[0]
    sent = parse_url(Request("POST", url).prepare().url)
    assert sent.netloc == typed.lower()
    assert sent.auth is None
