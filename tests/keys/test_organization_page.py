"""The keys of the organization: who has none, whose does not work. Health for support, last four for admins."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import Role
from connectors_app.models import ApiKey

URL = "/keys/organization/"


@pytest.fixture
def team(make_member):
    """Five members, each of whose keys is in another condition."""
    return {name: make_member(name, Role.ANALYST) for name in ("zoe", "rita", "dora", "eric", "wanda")}


@pytest.fixture
def keys(team, make_key):
    now, tomorrow = timezone.now(), timezone.localdate() + timedelta(days=1)
    return [
        make_key(team["rita"], status="rejected", rejected_at=now),
        make_key(team["dora"], status="disabled", disabled_at=now, expires_on=tomorrow),
        make_key(team["eric"], expires_on=tomorrow),
        make_key(team["wanda"]),
    ]


@pytest.fixture
def admin(adam, make_key, signed_in):
    make_key(adam)
    return signed_in(adam)


def shown(client, query=""):
    """Who is on the page, in its order."""
    return re.findall(r'<th scope="row"[^>]*>(\w+)@', client.get(URL + query).text)


def test_who_needs_help_comes_first(admin, keys):
    assert shown(admin) == ["zoe", "rita", "dora", "eric", "adam", "wanda"]


@pytest.mark.parametrize(
    ("health", "names"),
    [
        ("missing", ["zoe"]),
        ("rejected", ["rita"]),
        ("disabled", ["dora"]),
        ("expiring", ["eric"]),
        ("working", ["eric", "adam", "wanda"]),
        ("nonsense", ["zoe", "rita", "dora", "eric", "adam", "wanda"]),
    ],
)
def test_it_is_filtered_by_health(admin, keys, health, names):
    assert shown(admin, f"?health={health}") == names


def test_nobody_like_that_offers_to_show_all(admin):
    text = admin.get(f"{URL}?health=rejected").text
    assert "No keys match" in text
    assert f'href="{URL}"' in text


def test_an_expired_key_is_called_so(admin, keys, team):
    yesterday = timezone.localdate() - timedelta(days=1)
    ApiKey.objects.filter(member=team["eric"]).update(expires_on=yesterday)
    assert f"Expired on {yesterday.day} {yesterday:%b %Y}" in admin.get(f"{URL}?health=expiring").text


def test_who_was_deactivated_is_left_out(admin, keys, team):
    team["wanda"].is_active = False
    team["wanda"].save()
    assert "wanda" not in shown(admin)


def test_another_organization_is_left_out(admin, keys, mallory, make_key):
    make_key(mallory)
    assert "mallory" not in admin.get(URL).text


def test_support_sees_health_without_last_four_or_actions(sam, keys, signed_in):
    text = signed_in(sam).get(URL).text
    assert "Rejected" in text
    assert "last" not in re.findall(r"•••• (\w+)", text)
    assert "•••" not in text
    assert "/disable/" not in text


def test_an_admin_sees_the_last_four_and_what_can_be_done(admin, keys):
    text = admin.get(URL).text
    assert "•••• 1234" in text
    assert f"/keys/{keys[0].pk}/disable/" in text
    assert f"/keys/{keys[1].pk}/enable/" in text


def test_the_tabs_are_for_who_may_see_them(alice, sam, signed_in):
    assert f'href="{URL}"' not in signed_in(alice).get("/keys/").text
    assert f'href="{URL}"' in signed_in(sam).get("/keys/").text


def test_it_is_paged(admin, make_member, make_key):
    for number in range(51):
        make_key(make_member(f"m{number:02}", Role.ANALYST))
    assert len(shown(admin)) == 50
    assert shown(admin, "?page=2") == ["m49", "m50"]


@pytest.mark.parametrize("number", [3, 45])
def test_it_asks_a_fixed_number_of_times(admin, make_member, make_key, django_assert_max_num_queries, number):
    for each in range(number):
        make_key(make_member(f"m{each}", Role.ANALYST), status="disabled", disabled_at=timezone.now())
    with django_assert_max_num_queries(5):
        admin.get(URL)
