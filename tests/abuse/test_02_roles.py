"""What a role may not, it can't by posting it either: 403, or 404 where it may not even know. The admin can."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Bulk, Connector, Member
from connectors_app.services.invitations import invite
from tests.abuse.conftest import stored
from tests.connectors.changing import BROKER, look, url
from tests.connectors.stage import filled

ON_CONNECTORS = ("edit", "sync", "archive", "delete", "replace")
FAILED = {"last_sync_status": "FAILED", "last_sync_error_msg": "Login to the portal was refused: wrong password"}
FOR_ADMINS = ("role", "deactivate", "reactivate", "invite", "revoke", "disable", "enable", "limits")
# By who posts, and whether the connector it is about is shared: what is refused, and how.
REFUSED = {
    ("alice", True): dict.fromkeys((*ON_CONNECTORS, "snooze", *FOR_ADMINS), 403),
    ("alice", False): dict.fromkeys(ON_CONNECTORS, 404),
    ("sam", True): dict.fromkeys(("create", "bulk", *FOR_ADMINS), 403),
    ("sam", False): dict.fromkeys((each for each in ON_CONNECTORS if each != "sync"), 403),
}


@pytest.fixture
def stage(sandbox, alice, bob, adam, sam, make_member, with_key):
    """Gives, by name, each post that is not for everybody, filled in so that it would count."""

    def make(*, shared):
        now = (timezone.now() - timedelta(hours=1)).isoformat()
        sandbox.plant("user_alice", **BROKER | {"label": "By which it is known who she is"})
        sandbox.plant("user_bob", **BROKER, share_with_org=shared, last_sync_at=now, **FAILED)
        everybody = [with_key(each) for each in (bob, alice, adam, sam)]
        make_member("carl", "analyst")
        Member.objects.filter(email="carl@example.com").update(is_active=False)
        ApiKey.objects.filter(member=sam).update(status=KeyStatus.DISABLED)
        look(everybody[0])
        sandbox.clear_requests()
        issued = invite(organization=bob.organization, email="dora@example.com", role="admin")
        return posts(Connector.objects.get(bigdata_user_id="user_bob"), issued)

    return make


def posts(connector, issued):
    ids = {name: Member.objects.get(email=f"{name}@example.com").pk for name in ("bob", "carl", "sam")}
    keys = {name: ApiKey.objects.get(member=ids[name]).pk for name in ("bob", "sam")}
    values = {"label": "Mine now", "description": "", "version": connector.updated_at.isoformat()}
    broker = {"user_id": "mallory", "user_password": "open sesame"}
    bulk = {"action": "archive", "connector": [str(connector.connector_id)], "confirm": "1"}
    return {
        "edit": (url(connector, "edit"), values),
        "sync": (url(connector, "sync"), {"date_limit": "2026-01-01"}),
        "archive": (url(connector, "archive"), {}),
        "delete": (url(connector, "delete"), {"label": connector.label, "force_delete": "on"}),
        "replace": (url(connector, "replace"), broker),
        "create": ("/connectors/new/email/", filled()),
        "bulk": ("/bulk/new/", bulk),
        "snooze": (f"/errors/{connector.error_group_id}/snooze/", {"days": "7", "reason": "Quiet"}),
        "role": (f"/members/{ids['bob']}/role/admin/", {}),
        "deactivate": (f"/members/{ids['bob']}/deactivate/", {}),
        "reactivate": (f"/members/{ids['carl']}/reactivate/", {}),
        "invite": ("/members/invite/", {"email": "eve@example.com", "role": "admin"}),
        "revoke": (f"/members/invitations/{issued.invitation.pk}/revoke/", {}),
        "disable": (f"/keys/{keys['bob']}/disable/", {}),
        "enable": (f"/keys/{keys['sam']}/enable/", {}),
        "limits": (
            "/organization/",
            {"email": "1", "investment_research": "2", "sharepoint": "3", "alert_after_failures": "2"},
        ),
    }


@pytest.mark.parametrize(("who", "shared"), REFUSED)
def test_02_what_a_role_may_not_is_refused_when_posted_and_changes_nothing(
    request, stage, sandbox, signed_in, who, shared
):
    client = signed_in(request.getfixturevalue(who))
    posts, before = stage(shared=shared), stored()
    for what, status in REFUSED[who, shared].items():
        address, fields = posts[what]
        assert client.post(address, fields).status_code == status, what
        assert stored() == before, what
    assert sandbox.requests == []


@pytest.mark.parametrize("what", [*ON_CONNECTORS, *FOR_ADMINS, "create", "bulk", "snooze"])
def test_02_the_same_posts_count_for_an_admin(stage, admin, what):
    address, fields = stage(shared=False)[what]
    before = stored()
    assert admin.post(address, fields).status_code in (200, 302)
    assert stored() != before


def test_02_bulk_work_of_an_analyst_leaves_out_what_is_not_theirs(stage, alice, signed_in, sandbox):
    address, fields = stage(shared=True)["bulk"]
    assert "archive" in fields["action"]
    signed_in(alice).post(address, fields)
    assert not Bulk.objects.exists()
    assert sandbox.requests == []
