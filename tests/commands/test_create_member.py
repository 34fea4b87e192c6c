"""`create_member`: with a password, or with an invitation link that works once."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from connectors_app.choices import AuditAction, Role
from connectors_app.models import AuditEntry, Invitation, Member
from tests.stored import everything_stored

PASSWORD = "battery staple horse"


@pytest.fixture
def create(organization, monkeypatch, capsys):
    """Run the command for Northwind Research; gives what it printed."""

    def run(email="carol@example.com", *, password="", role="analyst", organization=organization.name):
        monkeypatch.setenv("MEMBER_PASSWORD", password)
        call_command("create_member", email, "--organization", organization, "--role", role)
        return capsys.readouterr().out

    return run


@pytest.fixture
def invitation(create, settings):
    """The path of Carol's invitation."""
    link = create().split()[-1]
    assert link.startswith(f"{settings.SITE_URL}/invitations/")
    return link.removeprefix(settings.SITE_URL)


def sign_in(client, password, email="carol@example.com"):
    client.post("/account/login/", {"login": email, "password": password})
    return client.get("/").status_code == 200


def choose(client, path, password=PASSWORD):
    """Open an invitation and choose a password."""
    return client.post(path, {"password": password}, follow=True)


@pytest.mark.parametrize("role", Role)
def test_a_member_with_a_password_can_sign_in(create, client, organization, role):
    assert create(password=PASSWORD, role=role) == (
        f"carol@example.com is now {role.label.lower()} of “Northwind Research”.\n"
    )
    member = Member.objects.get()
    assert (member.organization, member.role, member.is_active) == (organization, role, True)
    assert sign_in(client, PASSWORD)


def test_the_password_is_stored_and_printed_nowhere(create):
    assert PASSWORD not in create(password=PASSWORD) + everything_stored()


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_an_address_is_kept_in_small_letters(create, password):
    create(" Carol@Example.COM ", password=password)
    made = Member if password else Invitation
    assert made.objects.get().email == "carol@example.com"


@pytest.mark.parametrize("role", Role)
def test_an_invited_member_chooses_a_password_and_signs_in(client, create, settings, organization, role):
    choose(client, create(role=role).split()[-1].removeprefix(settings.SITE_URL))
    assert sign_in(client, PASSWORD)
    assert (Member.objects.get().role, Member.objects.get().organization) == (role, organization)


def test_before_that_there_is_no_member(client, invitation):
    assert not Member.objects.exists()
    assert not sign_in(client, "")


def test_an_invitation_works_once(client, invitation):
    choose(client, invitation)
    choose(type(client)(), invitation, "another staple horse")
    assert not sign_in(type(client)(), "another staple horse")
    assert sign_in(type(client)(), PASSWORD)


def test_a_second_run_is_a_new_link_and_ends_the_first(client, create, invitation):
    create()
    assert choose(client, invitation).status_code == 404
    assert not Member.objects.exists()


def test_the_link_is_printed_not_mailed(create):
    assert "/invitations/" in create()
    assert mail.outbox == []


def test_a_weak_password_is_refused_by_the_invitation(client, invitation):
    for password in ("tiny", "password1234", "carol@example.com"):
        choose(client, invitation, password)
        assert not Member.objects.exists()


def test_the_audit_trail_tells_of_either(create, organization):
    create()
    create("dave@example.com", password=PASSWORD)
    told = AuditEntry.objects.order_by("pk").values_list("action", "target_name", "organization", "actor")
    assert list(told) == [
        (AuditAction.MEMBER_INVITED, "carol@example.com", organization.pk, None),
        (AuditAction.MEMBER_CREATED, "dave@example.com", organization.pk, None),
    ]


@pytest.mark.parametrize("password", ["tiny", "password1234", "carol@example.com"])
def test_a_weak_password_creates_nobody(create, password):
    with pytest.raises(CommandError) as refusal:
        create(password=password)
    assert password not in str(refusal.value)
    assert not Member.objects.exists()


@pytest.mark.parametrize("password", ["", PASSWORD])
@pytest.mark.parametrize(
    "email",
    [
        "",
        "carol",
        "carol@",
        "carol@example.com, dave@example.com",
        "c\x00@example.com",
        f"{'c' * 250}@example.com",
    ],
)
def test_a_malformed_address_creates_nobody(create, email, password):
    with pytest.raises(CommandError):
        create(email, password=password)
    assert not Member.objects.exists()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("password", ["", PASSWORD])
@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@example.com", "mallory@example.com"])
def test_an_address_has_one_member(create, alice, mallory, email, password):
    with pytest.raises(CommandError, match=r"already|is a member of another organization"):
        create(email, password=password)
    assert Member.objects.count() == 2
    assert not Invitation.objects.exists()


def test_an_unknown_organization_is_named(create):
    with pytest.raises(CommandError, match="There is no organization “Southwind”"):
        create(organization="Southwind")


def test_an_unknown_role_is_refused(create):
    with pytest.raises(CommandError, match="invalid choice: 'owner'"):
        create(role="owner")
