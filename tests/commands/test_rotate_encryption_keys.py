"""`rotate_encryption_keys`: every stored secret, anew, with the first key of the ring; killed or not."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from connectors_app.encryption import generate_key, key_id_of, key_ring
from connectors_app.models import ApiKey, AuditEntry
from connectors_app.services import key_rotation, polling
from connectors_app.services.api_keys import store_key
from connectors_app.services.key_rotation import Result
from tests.keys.two_factor import SECRET, add_app, add_codes, add_security_key
from tests.stored import everything_stored


@pytest.fixture
def stored(with_key, alice, bob):
    """Two API keys and two two-factor secrets, encrypted with the first key of the tests' ring."""
    with_key(alice)
    with_key(bob)
    add_app(alice)
    return add_codes(alice)


@pytest.fixture
def new_ring(stored, settings):
    """From now on `k2` encrypts."""
    settings.FIELD_ENCRYPTION_KEYS = [generate_key("k2"), *settings.FIELD_ENCRYPTION_KEYS]
    return settings


def key_ids():
    kept = [api_key.ciphertext for api_key in ApiKey.objects.all()]
    kept += [
        each.data.get("secret") or each.data["seed"] for each in Authenticator.objects.exclude(type="webauthn")
    ]
    return [key_id_of(each) for each in kept]


def rotate(capsys, *options):
    call_command("rotate_encryption_keys", *options)
    return capsys.readouterr().out


def test_the_new_key_alone_then_opens_everything(new_ring, stored, alice, capsys):
    assert "4 encrypted anew" in rotate(capsys)
    assert set(key_ids()) == {"k2"}
    new_ring.FIELD_ENCRYPTION_KEYS = new_ring.FIELD_ENCRYPTION_KEYS[:1]
    call_command("check", databases=["default"])
    assert all(polling.poll(api_key.pk) for api_key in ApiKey.objects.all())
    assert ApiKey.objects.get(member=alice).holds("sandbox-alice")
    app, codes = Authenticator.objects.get(type="totp"), Authenticator.objects.get(type="recovery_codes")
    assert key_ring().decrypt(app.data["secret"], key_rotation.PLACES[1].secret_of(app)[1]) == SECRET
    assert codes.wrap().generate_codes() == stored


def test_it_says_what_it_did_and_proves_it(new_ring, capsys):
    assert rotate(capsys) == (
        "With 'k2': 4 encrypted anew, 0 already were, of 4 secrets.\n"
        "Proved: 'k2' alone opens every stored secret. You can drop the other keys from FIELD_ENCRYPTION_KEYS.\n"
    )


def test_a_second_run_finds_nothing_to_do(new_ring, capsys):
    rotate(capsys)
    before = everything_stored_but_audit()
    assert "0 encrypted anew, 4 already were" in rotate(capsys)
    assert everything_stored_but_audit() == before


def everything_stored_but_audit():
    return [line for line in everything_stored().split("\n") if "audit" not in line]


def test_a_dry_run_counts_and_changes_nothing(new_ring, capsys):
    before = everything_stored()
    assert rotate(capsys, "--dry-run") == "With 'k2': 4 to encrypt anew, 0 already were, of 4 secrets.\n"
    assert everything_stored() == before


def test_what_else_is_stored_stays_as_it_is(new_ring, alice, capsys):
    """Used codes stay used; a security key has no secret of ours."""
    Authenticator.objects.get(type="recovery_codes").wrap()._mark_code_used(3)
    add_security_key(alice)
    rotate(capsys)
    assert Authenticator.objects.get(type="recovery_codes").data["used_mask"] == 1 << 3
    assert Authenticator.objects.get(type="webauthn").data == {"name": "Blue", "credential": {}}
    assert ApiKey.objects.get(member=alice).last_four == "lice"


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_stopped_halfway_both_keys_are_needed_and_the_next_run_ends_it(new_ring, rows, capsys):
    steps = key_rotation.rotate(dry_run=False)
    for _ in range(rows):
        next(steps)
    steps.close()
    assert sorted(key_ids()) == ["k2"] * rows + ["test1"] * (4 - rows)
    both = new_ring.FIELD_ENCRYPTION_KEYS
    new_ring.FIELD_ENCRYPTION_KEYS = both[:1]
    with pytest.raises(SystemCheckError, match="'test1'"):
        call_command("check", databases=["default"])
    new_ring.FIELD_ENCRYPTION_KEYS = both
    assert "Proved" in rotate(capsys)
    assert set(key_ids()) == {"k2"}


def test_a_key_that_is_replaced_meanwhile_stays_replaced(new_ring, sandbox, alice, bob):
    sandbox.add_key("canary-key-meanwhile", "user_alice")
    sandbox.add_key("canary-key-meanwhile-2", "user_bob")
    steps = key_rotation.rotate(dry_run=False)
    next(steps)
    store_key(alice, "canary-key-meanwhile")
    store_key(bob, "canary-key-meanwhile-2")
    assert Result.ROTATED not in [step.result for step in steps if "API key" in step.secret]
    assert ApiKey.objects.get(member=alice).holds("canary-key-meanwhile")
    assert ApiKey.objects.get(member=bob).holds("canary-key-meanwhile-2")


def test_a_key_that_is_removed_meanwhile_stays_removed(new_ring):
    steps = key_rotation.rotate(dry_run=False)
    next(steps)
    ApiKey.objects.all().delete()
    assert [step.result for step in steps] == [Result.GONE, Result.ROTATED, Result.ROTATED]
    assert not ApiKey.objects.exists()


def test_what_an_old_process_stored_meanwhile_is_found_by_the_proof(new_ring, alice):
    steps = list(key_rotation.rotate(dry_run=False))
    assert key_rotation.unreadable_with_the_first_key_alone() == []
    new_ring.FIELD_ENCRYPTION_KEYS = new_ring.FIELD_ENCRYPTION_KEYS[::-1]
    store_key(alice, "sandbox-alice")
    new_ring.FIELD_ENCRYPTION_KEYS = new_ring.FIELD_ENCRYPTION_KEYS[::-1]
    assert len(steps) == 4
    assert key_rotation.unreadable_with_the_first_key_alone() == ["API key of alice@example.com"]


def damage(member):
    sealed = ApiKey.objects.get(member=member).ciphertext
    damaged = sealed[:-20] + ("A" if sealed[-20] != "A" else "B") + sealed[-19:]
    ApiKey.objects.filter(member=member).update(ciphertext=damaged)
    return damaged


def test_what_no_key_opens_is_named_left_alone_and_holds_up_nothing(new_ring, alice, bob, capsys):
    damaged = damage(alice)
    with pytest.raises(CommandError, match=r"API key of alice@example\.com") as failed:
        rotate(capsys)
    assert "bob@" not in str(failed.value)
    assert "Proved" not in capsys.readouterr().out
    assert ApiKey.objects.get(member=alice).ciphertext == damaged
    assert sorted(key_ids()) == ["k2", "k2", "k2", "test1"]


def test_a_ring_without_the_old_key_overwrites_nothing(new_ring, capsys):
    new_ring.FIELD_ENCRYPTION_KEYS = new_ring.FIELD_ENCRYPTION_KEYS[:1]
    before = everything_stored_but_audit()
    with pytest.raises(CommandError, match="put it back and run this again"):
        rotate(capsys)
    assert everything_stored_but_audit() == before


def test_a_secret_moved_to_another_row_is_not_made_good(new_ring, alice, bob, capsys):
    moved = ApiKey.objects.get(member=bob).ciphertext
    ApiKey.objects.filter(member=alice).update(ciphertext=moved)
    with pytest.raises(CommandError, match=r"API key of alice@example\.com"):
        rotate(capsys)
    assert ApiKey.objects.get(member=alice).ciphertext == moved


def test_progress_is_told(new_ring, make_member, capsys):
    for number in range(97):
        add_app(make_member(f"m{number}", "analyst"))
    assert rotate(capsys).startswith("100 / 101\n")


def test_it_is_recorded_without_anything_of_the_keys(new_ring, alice, capsys):
    damage(alice)
    with pytest.raises(CommandError):
        rotate(capsys)
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (entry.action, entry.result, entry.organization) == ("keys.encryption_rotated", "failed", None)
    assert entry.details == {"key_id": "k2", "rewritten": 3, "unreadable": 1}


def test_the_same_key_is_recognised_before_and_after(new_ring, alice, capsys):
    assert ApiKey.objects.get(member=alice).holds("sandbox-alice")
    rotate(capsys)
    assert ApiKey.objects.get(member=alice).holds("sandbox-alice")
    assert not ApiKey.objects.get(member=alice).holds("sandbox-bob")


MANY = """
import sys
from django.core.management import call_command
from connectors_app.models import ApiKey, Member, Organization
organization = Organization.objects.create(name="Northwind")
for number in range(300):
    member = Member.objects.create(email=f"m{number}@example.com", organization=organization, role="analyst")
    api_key = ApiKey(member=member, organization=organization)
    api_key.seal(f"canary-key-{number}")
    api_key.save()
"""


def test_killed_halfway_and_run_again_nothing_is_lost(tmp_path: Path) -> None:
    """For real: SIGKILL after the first line of progress."""
    old, new = generate_key("k1"), generate_key("k2")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'killed.sqlite3'}",
        "PYTHONUNBUFFERED": "1",
    }

    def run(ring: str, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=django_settings.BASE_DIR,
            env=environment | {"FIELD_ENCRYPTION_KEYS": ring},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout

    run(old, "migrate", "--verbosity=0")
    run(old, "shell", "--no-imports", "-c", MANY)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_encryption_keys"],
        cwd=django_settings.BASE_DIR,
        env=environment | {"FIELD_ENCRYPTION_KEYS": f"{new},{old}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "100 / 300\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    done = re.search(r"(\d+) encrypted anew, (\d+) already were", run(f"{new},{old}", "rotate_encryption_keys"))
    assert done is not None
    assert int(done[2]) >= 100
    assert int(done[1]) + int(done[2]) == 300
    assert run(new, "check", "--database", "default").startswith("System check identified no issues")
