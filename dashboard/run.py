"""`make run`: migrates, seeds the demo, then runs web, worker and sandbox until Ctrl-C."""

import argparse
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--port", default="8000")
parser.add_argument("--sandbox-port", default="8900")
options = parser.parse_args()

os.environ["WEB_PORT"] = options.port
os.environ["SANDBOX_PORT"] = options.sandbox_port
os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{options.port}")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

import django
from django.conf import settings
from django.core.management import call_command

if settings.BIGDATA_API_BASE_URL == "http://127.0.0.1:8900":
    # The built-in sandbox, wherever it listens; a real address in .env stays as it is.
    settings.BIGDATA_API_BASE_URL = f"http://127.0.0.1:{options.sandbox_port}"
    os.environ["BIGDATA_API_BASE_URL"] = settings.BIGDATA_API_BASE_URL
django.setup()
call_command("migrate", interactive=False, verbosity=0)
call_command("seed_demo")
sys.stdout.flush()
os.execv(  # noqa: S606
    sys.executable, [sys.executable, "-m", "honcho", "-f", "Procfile.dev", "-e", os.devnull, "start"]
)
