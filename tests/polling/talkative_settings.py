"""The project's own settings, with a worker that says when it begins to stop."""

from dashboard.settings import *  # noqa: F403
from dashboard.settings import LOGGING

LOGGING["loggers"]["huey"] = {"level": "INFO"}
