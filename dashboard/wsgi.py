"""The web process. It refuses to start where a system check fails: a wrong key ring must be seen at once."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
BaseCommand().check(databases=["default"])
