"""A deployment with a wrong key ring, or an address that keys must not travel to, does not start."""

import importlib
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from connectors_app.encryption import generate_key
from connectors_app.models import ApiKey
from tests.keys.two_factor import add_app
from tests.stored import everything_stored

pytestmark = pytest.mark.django_db
MISSING, NONSENSE, SHORT = [], ["k1:nonsense"], ["k1:QUFB"]


def check():
    call_command("check", databases=["default"])


def start_web():
    """Import the WSGI module as a web server does."""
    sys.modules.pop("dashboard.wsgi", None)
    importlib.import_module("dashboard.wsgi")


def test_a_good_deployment_passes_and_starts(with_key, alice):
    with_key(alice)
    check()
    start_web()


@pytest.mark.parametrize("ring", [MISSING, NONSENSE, SHORT])
@pytest.mark.parametrize("start", [check, start_web])
def test_without_a_valid_key_ring_nothing_starts(settings, ring, start):
    settings.FIELD_ENCRYPTION_KEYS = ring
    with pytest.raises(SystemCheckError, match=r"connectors\.E001"):
        start()


@pytest.mark.parametrize("start", [check, start_web])
@pytest.mark.parametrize("key_id", ["test1", "another"])
def test_a_ring_that_does_not_open_what_is_stored_is_refused_at_start(
    settings, with_key, alice, bob, start, key_id
):
    with_key(alice)
    with_key(bob)
    before = everything_stored()
    settings.FIELD_ENCRYPTION_KEYS = [generate_key(key_id)]
    with pytest.raises(SystemCheckError, match=r"connectors\.E002") as refusal:
        start()
    assert "'test1'" in str(refusal.value)
    assert "2 API keys" in str(refusal.value)
    assert everything_stored() == before


def test_a_key_that_was_dropped_too_early_is_missed_with_a_count(settings, with_key, alice, bob):
    with_key(alice)
    add_app(bob)
    settings.FIELD_ENCRYPTION_KEYS = [generate_key("k2")]
    with pytest.raises(SystemCheckError, match="'test1', with which 1 API key and 1 two-factor secret are still"):
        check()


def test_a_key_is_missed_even_by_a_single_secret(settings, with_key, alice, bob):
    with_key(alice)
    settings.FIELD_ENCRYPTION_KEYS = [generate_key("k2"), *settings.FIELD_ENCRYPTION_KEYS]
    with_key(bob)
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    with pytest.raises(SystemCheckError, match="'test1', with which 1 API key is still"):
        check()


def damage(api_key, ciphertext=None):
    sealed = ciphertext or api_key.ciphertext[:-8] + "AAAAAAA="
    ApiKey.objects.filter(pk=api_key.pk).update(ciphertext=sealed)


def warnings():
    return [message.msg for message in run_checks(databases=["default"]) if message.id == "connectors.W002"]


def test_a_damaged_secret_that_is_the_only_one_stops_nobody(with_key, alice):
    damage(with_key(alice).api_key)
    check()
    start_web()
    assert warnings() == ["Damaged or moved: 1 API key. All others open."]


def test_a_damaged_name_of_a_key_is_no_missing_key(with_key, alice, bob):
    with_key(alice)
    api_key = with_key(bob).api_key
    damage(api_key, api_key.ciphertext.replace("v1:test1:", "v1:tesu1:"))
    check()
    assert warnings() == ["Damaged or moved: 1 API key. All others open."]


def test_one_damaged_secret_does_not_stop_everybody(with_key, alice, bob):
    with_key(alice)
    damage(with_key(bob).api_key)
    check()
    assert warnings() == ["Damaged or moved: 1 API key. All others open."]


def test_a_secret_that_is_not_one_is_no_matter_of_the_ring(with_key, alice):
    damage(with_key(alice).api_key, "plain")
    check()


def test_a_ring_that_has_the_old_key_too_is_fine(settings, with_key, alice):
    with_key(alice)
    settings.FIELD_ENCRYPTION_KEYS = [generate_key("k2"), *settings.FIELD_ENCRYPTION_KEYS]
    check()


@pytest.mark.parametrize(
    "url", ["http://api.bigdata.com", "http://10.0.0.7", "ftp://127.0.0.1", "https://", "api.bigdata.com", ""]
)
def test_keys_travel_over_https_only(settings, url):
    settings.BIGDATA_API_BASE_URL = url
    with pytest.raises(SystemCheckError, match=r"connectors\.E003"):
        check()


@pytest.mark.parametrize(
    "url", ["https://api.bigdata.com", "http://127.0.0.1:8900", "http://localhost:8900", "http://[::1]:8900"]
)
def test_https_and_this_machine_are_fine(settings, url):
    settings.BIGDATA_API_BASE_URL = url
    check()


def test_the_web_process_itself_dies_without_a_ring(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "FIELD_ENCRYPTION_KEYS": "",
    }
    web = subprocess.run(
        [sys.executable, "-c", "import dashboard.wsgi"],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert web.returncode != 0
    assert "connectors.E001" in web.stderr


def test_a_database_without_tables_can_be_checked_before_it_is_migrated(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    }
    subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        timeout=60,
        check=True,
    )


def test_commands_refuse_too(settings):
    settings.FIELD_ENCRYPTION_KEYS = MISSING
    with pytest.raises(CommandError, match=r"connectors\.E001"):
        call_command("poll", "--once", skip_checks=False)
