"""A receiver can tell whether a webhook is ours, unchanged and new."""

import pytest

from connectors_app.webhooks import signature, verify

SECRET, BODY, NOW = "whsec-ü", b'{"id": 7}', 1_800_000_000


def header(**changes):
    values = {"secret": SECRET, "body": BODY, "timestamp": NOW} | changes
    return signature(values["secret"], values["body"], timestamp=values["timestamp"])


def test_the_signature_is_what_the_documentation_says():
    # printf '1800000000.{"id": 7}' | openssl dgst -sha256 -hmac 'whsec-ü'
    assert header() == "t=1800000000,v1=9edd0dde93378f181eb7e273e1389e304d3638eb26b65d11d8d2a190d1aba645"


def test_a_signature_is_good_for_its_body():
    assert verify(SECRET, BODY, header(), now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        header(secret="other"),
        header(body=BODY + b" "),
        header(body=b""),
        header().replace(f"t={NOW}", f"t={NOW + 1}"),
        header().replace("v1=", "v1=0"),
        header()[:-1],
        header().upper(),
        header() + "\n",
        " " + header(),
        header().replace("v1", "v0"),
        f"t={NOW},v1=",
        f"t={NOW}",
        "t=,v1=" + "0" * 64,
        "t=١,v1=" + "0" * 64,
        f"t={NOW},v1=" + "ü" * 64,
        "",
    ],
)
def test_any_other_header_is_not(wrong):
    assert verify(SECRET, BODY, wrong, now=NOW) is False


@pytest.mark.parametrize(("age", "is_good"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_an_old_one_is_not_good_and_neither_is_one_of_the_future(age, is_good):
    assert verify(SECRET, BODY, header(), now=NOW + age) is is_good


def test_how_old_is_for_the_receiver_to_say():
    assert verify(SECRET, BODY, header(), now=NOW + 900, tolerance=900)
    assert not verify(SECRET, BODY, header(), now=NOW + 10, tolerance=9)
