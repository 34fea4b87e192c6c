"""Of what one may see only one's own: on the overview, and where it leads."""

import pytest

from connectors_app.models import Member
from tests.connectors.stage import text_of
from tests.errors.conftest import failing  # noqa: F401  (a fixture)
from tests.polling.conftest import make_key  # noqa: F401  (a fixture)


@pytest.fixture
def two(alice, bob, failing):  # noqa: F811
    """Of Alice and of Bob, shared."""
    Member.objects.filter(pk=alice.pk).update(bigdata_user_id="user_alice")
    return failing(alice), failing(bob, "Report 7 could not be read", share_with_org=True)


def test_one_s_own_are_counted_and_led_to(signed_in, alice, two):
    client = signed_in(alice)
    everything = client.get("/")
    assert "2 connectors." in text_of(everything)
    assert 'href="?mine=1"' in everything.text
    page = client.get("/?mine=1")
    assert "1 open incident of yours" in text_of(page)
    assert "1 connector." in text_of(page)
    assert "Report 7" not in text_of(page)
    for url in (
        "/connectors/?state=failing&amp;owner=user_alice",
        "/connectors/?state=attention&amp;owner=user_alice",
        "/errors/?owner=user_alice",
        "/alerts/?state=open&amp;mine=1",
    ):
        assert f'href="{url}"' in page.text


def test_who_has_none_is_told_so(signed_in, alice, bob, failing):  # noqa: F811
    Member.objects.filter(pk=alice.pk).update(bigdata_user_id="user_alice")
    failing(bob, share_with_org=True)
    page = text_of(signed_in(alice).get("/?mine=1"))
    assert "None of them is yours" in page
    assert "open incident" not in page


def test_who_is_not_known_at_bigdata_com_is_not_asked_whose(signed_in, alice, two):
    Member.objects.filter(pk=alice.pk).update(bigdata_user_id="")
    page = signed_in(alice).get("/?mine=1")
    assert "Whose connectors" not in page.text
    assert "1 connector." in text_of(page)


def test_one_s_own_come_first_among_the_owners(signed_in, bob, two):
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="user_bob")
    for url in ("/connectors/", "/errors/"):
        page = signed_in(bob).get(url).text
        assert ">Mine (bob@example.com)</option>" in page
