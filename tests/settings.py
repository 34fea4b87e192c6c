"""The settings of a test run: the project's own, in an environment that needs no `.env`.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name the servers of `make test-services`.
"""

import atexit
import os
import shutil
import tempfile

metrics_folder = tempfile.mkdtemp(prefix="metrics-")
atexit.register(shutil.rmtree, metrics_folder)
os.environ |= {
    "READ_DOT_ENV": "false",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "FIELD_ENCRYPTION_KEYS": "test1:" + "QUFB" * 10 + "QUE=",
    # Nothing listens there: a test that talks to upstream asks for the `sandbox` fixture.
    "BIGDATA_API_BASE_URL": "http://127.0.0.1:9",
    "EMAIL_URL": "memorymail://",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "DEBUG": "false",
    "METRICS_TOKEN": "only-for-tests",
    "METRICS_DIR": metrics_folder,
    # Tests of two-factor ask for it themselves.
    "REQUIRE_MFA": "none",
}
# Never the database of a dashboard that runs here, whatever goes wrong in a test's set-up.
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or "sqlite:///:memory:"
# Test processes side by side must not empty each other's cache: each has a Redis database of its own.
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
server, _, number = os.environ.get("TEST_REDIS_URL", "").rpartition("/")
os.environ["REDIS_URL"] = f"{server}/{int(number) - worker}" if server else ""

from dashboard.settings import *
from dashboard.settings import HUEY, INSTALLED_APPS, STORAGES

# `make check` holds new migrations against it.
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
HUEY = {**HUEY, "immediate": True}
# Tests look at exports without reading them to the end.
EXPORTS_PER_PROCESS = 1000
