"""The project's own settings, and views that fail."""

from dashboard.settings import *  # noqa: F403

ROOT_URLCONF = "tests.observability.failing_urls"
