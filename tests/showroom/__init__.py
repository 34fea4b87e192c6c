"""The demo with something of everything, served as in production: for looking at every page there is.

`pages.py` lists the pages, `things.py` makes what they are about, `acts.py` does what a page shows only then.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors_app.sandbox import SandboxServer
from tests.serving import ROOT, Serving, free_port, fresh_database

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Shown:
    """A page as one person sees it: the picture's name, who looks, whether first of several, and where it is."""

    picture: str
    who: str
    is_first: bool
    path: str


@dataclass(frozen=True)
class Showroom:
    """A dashboard that answers at `url`, its pages, and the session cookie of each who is signed in."""

    url: str
    pages: list[Shown]
    sessions: dict[str, str]


@contextmanager
def showroom(port: int = 0, worker_id: str = "alone") -> Iterator[Showroom]:
    """Served until the end of the block, on that port or a free one."""
    port = port or free_port()
    with tempfile.TemporaryDirectory() as place, SandboxServer(activity="quiet") as sandbox:
        folder = Path(place)
        for name in ("mona", "lena", "rolf"):
            sandbox.add_key(f"sandbox-{name}", f"user_{name}")
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "READ_DOT_ENV": "false",
            "SECRET_KEY": "only-for-the-showroom-" + "x" * 50,
            "FIELD_ENCRYPTION_KEYS": "show1:" + "QUFB" * 10 + "QUE=",
            "REQUIRE_MFA": "none",
            "DATABASE_URL": fresh_database(folder, "showroom", worker_id),
            "QUEUE_FILE": str(folder / "queue.sqlite3"),
            "REDIS_URL": "",
            "BIGDATA_API_BASE_URL": sandbox.url,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
            "EMAIL_URL": "dummymail://",
            "DEMO_PASSWORD": PASSWORD,
            "WEB_CONCURRENCY": "1",
        }
        fill = "from tests.showroom.things import main; main()"
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", fill]
        told = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        contents = json.loads(told.stdout)
        pages = [Shown(**page) for page in contents["pages"]]
        with (folder / "web.log").open("w") as log, Serving(port, environment, log):
            yield Showroom(f"http://127.0.0.1:{port}", pages, contents["sessions"])
