"""The dashboard as in production, gunicorn's processes on the database of DATABASE_URL, and who is signed in."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from connectors_app.models import Member

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 60
_ANY_TOKEN = "b" * 32


@contextmanager
def serving(**environment: str) -> Iterator[tuple[str, int]]:
    """Where it answers, and the process id of gunicorn."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "SITE_URL": url, "REQUIRE_MFA": "none"}
    command = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--config", "dashboard/gunicorn.py"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=os.environ | settings | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"{url}/healthz")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(url: str) -> None:
    """Until it answers."""
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            requests.get(url, timeout=5)
        except requests.RequestException:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def browser_of(member: "Member") -> requests.Session:
    """Signed in, with one connection that is kept, and a token for its forms."""
    session = requests.Session()
    session.cookies.update({"sessionid": cookie_of(member), "csrftoken": _ANY_TOKEN})
    session.headers["X-CSRFToken"] = _ANY_TOKEN
    return session


def cookie_of(member: "Member") -> str:
    """The value of a new session's cookie."""
    from django.test import Client

    client = Client()
    client.force_login(member)
    return client.cookies["sessionid"].value


def resident(gunicorn: int) -> float:
    """MiB of the largest of gunicorn's workers."""
    children = Path(f"/proc/{gunicorn}/task/{gunicorn}/children").read_text().split()
    pages = max(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
