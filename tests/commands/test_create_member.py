"""`create_member`: with a password, or with an invitation link that works once."""

import pytest
from django.core.management import CommandError, call_command

from connectors_app.choices import Role
from connectors_app.models import Member
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
    last_line = create().strip().split("\n")[-1]
    return last_line.removeprefix(f"They choose a password at: {settings.SITE_URL}")


def sign_in(client, password, email="carol@example.com"):
    client.post("/account/login/", {"login": email, "password": password})
    return client.get("/").status_code == 200


def choose(client, path, password=PASSWORD):
    """Open an invitation and choose a password."""
    page = client.get(path, follow=True)
    action = page.redirect_chain[-1][0] if page.redirect_chain else path
    return client.post(action, {"password1": password, "password2": password}, follow=True)


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


def test_an_address_is_kept_in_small_letters(create):
    create(" Carol@Example.COM ")
    assert Member.objects.get().email == "carol@example.com"


def test_an_invited_member_chooses_a_password_and_signs_in(client, invitation):
    assert choose(client, invitation).status_code == 200
    assert sign_in(client, PASSWORD)


def test_before_that_nobody_can_sign_in(client, invitation):
    assert not sign_in(client, "")
    assert not sign_in(client, PASSWORD)


def test_an_invitation_works_once(client, invitation):
    choose(client, invitation)
    choose(type(client)(), invitation, "another staple horse")
    assert not sign_in(type(client)(), "another staple horse")
    assert sign_in(type(client)(), PASSWORD)


def test_an_invitation_is_for_one_member(client, create, invitation):
    create("dave@example.com")
    dave = Member.objects.get(email="dave@example.com")
    key = invitation.rpartition("key/")[2].partition("-")[2]
    choose(client, f"/account/password/reset/key/{dave.pk}-{key}")
    assert not sign_in(client, PASSWORD, dave.email)


def test_a_weak_password_is_refused_by_the_invitation(client, invitation):
    for password in ("tiny", "password1234", "carol@example.com"):
        choose(client, invitation, password)
        assert not sign_in(type(client)(), password)


@pytest.mark.parametrize("password", ["tiny", "password1234", "carol@example.com"])
def test_a_weak_password_creates_nobody(create, password):
    with pytest.raises(CommandError) as refusal:
        create(password=password)
    assert password not in str(refusal.value)
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "carol", "carol@", "carol@example.com, dave@example.com", "c\x00@example.com"]
)
def test_a_malformed_address_creates_nobody(create, email):
    with pytest.raises(CommandError):
        create(email)
    assert not Member.objects.exists()


def test_an_address_has_one_member(create, alice):
    for email in ("alice@example.com", "ALICE@example.com"):
        with pytest.raises(CommandError, match="already exists"):
            create(email)
    assert Member.objects.count() == 1


def test_an_unknown_organization_is_named(create):
    with pytest.raises(CommandError, match="There is no organization “Southwind”"):
        create(organization="Southwind")


def test_an_unknown_role_is_refused(create):
    with pytest.raises(CommandError, match="invalid choice: 'owner'"):
        create(role="owner")
