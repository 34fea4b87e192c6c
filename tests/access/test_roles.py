"""The roles table, and how a refusal looks."""

import pytest

from connectors_app.choices import Role
from connectors_app.permissions import PERMISSIONS, Permission, may

MAY = {
    Permission.SEE_CONNECTORS: {"analyst", "admin", "support"},
    Permission.SEE_PRIVATE_CONNECTORS: {"admin", "support"},
    Permission.CREATE_CONNECTORS: {"analyst", "admin"},
    Permission.CHANGE_OWN_CONNECTORS: {"analyst", "admin"},
    Permission.CHANGE_ANY_CONNECTOR: {"admin"},
    Permission.ASK_FOR_SYNC: {"analyst", "admin", "support"},
    Permission.ASK_FOR_ANY_SYNC: {"admin", "support"},
    Permission.MANAGE_OWN_KEY: {"analyst", "admin", "support"},
    Permission.SEE_KEYS: {"admin", "support"},
    Permission.DISABLE_KEYS: {"admin"},
    Permission.MANAGE_OWN_ACCOUNT: {"analyst", "admin", "support"},
    Permission.MANAGE_MEMBERS: {"admin"},
    Permission.SEE_OWN_AUDIT: {"analyst", "admin", "support"},
    Permission.SEE_AUDIT: {"admin", "support"},
    Permission.SNOOZE_ERRORS: {"admin", "support"},
    Permission.CHANGE_LIMITS: {"admin"},
    Permission.SEE_SHARING: {"admin", "support"},
    Permission.MANAGE_CHANNELS: {"admin"},
}


def test_every_role_and_every_permission_is_in_the_table():
    assert set(PERMISSIONS) == set(Role)
    assert set(MAY) == set(Permission)


@pytest.mark.parametrize("permission", Permission)
def test_who_may(permission):
    assert {role.value for role in Role if permission in PERMISSIONS[role]} == MAY[permission]


@pytest.mark.parametrize("name", ["alice", "adam", "sam"])
def test_may_asks_the_member_s_role(request, name):
    member = request.getfixturevalue(name)
    assert may(member, Permission.CREATE_CONNECTORS) == (member.role in MAY[Permission.CREATE_CONNECTORS])


def test_a_changed_role_holds_from_the_next_page_on(alice, signed_in):
    client = signed_in(alice)
    assert client.get("/connectors/new/").status_code == 200
    alice.role = Role.SUPPORT
    alice.save()
    assert client.get("/connectors/new/").status_code == 403


def test_a_refusal_says_who_one_is_and_what_the_role_allows_not(sam, signed_in):
    answer = signed_in(sam).get("/connectors/new/")
    assert answer.status_code == 403
    assert "sam@example.com with the role Support" in answer.text


@pytest.mark.parametrize("page", ["/", "/connectors/"])
def test_nobody_is_offered_what_their_role_refuses(alice, sam, with_key, signed_in, page):
    assert "/connectors/new/" in signed_in(with_key(alice)).get(page).text
    assert "/connectors/new/" not in signed_in(with_key(sam)).get(page).text


def test_an_unknown_page_and_an_unknown_type_are_not_found(alice, signed_in):
    for url in ("/nothing/", "/connectors/new/fax/", "/connectors/not-a-uuid/"):
        answer = signed_in(alice).get(url)
        assert answer.status_code == 404
        assert "Nothing at this address" in answer.text
