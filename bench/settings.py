"""The project's own settings, with the peers beside it."""

from dashboard.settings import *

ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
REQUIRE_MFA = "none"
