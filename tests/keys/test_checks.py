"""A deployment with a wrong key ring, or an address that keys must not travel to, does not start."""

import importlib
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError

from connectors_app.encryption import generate_key
from connectors_app.models import ApiKey
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
def test_a_ring_that_does_not_open_what_is_stored_is_refused_at_start(settings, with_key, alice, start, key_id):
    with_key(alice)
    before = everything_stored()
    settings.FIELD_ENCRYPTION_KEYS = [generate_key(key_id)]
    with pytest.raises(SystemCheckError, match=r"connectors\.E002") as refusal:
        start()
    assert "'test1'" in str(refusal.value)
    assert everything_stored() == before


def test_one_damaged_secret_does_not_stop_everybody(with_key, alice, bob):
    with_key(alice)
    damaged = with_key(bob).api_key
    ApiKey.objects.filter(pk=damaged.pk).update(ciphertext=damaged.ciphertext[:-8] + "AAAAAAA=")
    check()


def test_a_secret_that_is_not_one_is_no_matter_of_the_ring(with_key, alice):
    ApiKey.objects.filter(pk=with_key(alice).api_key.pk).update(ciphertext="plain")
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
