"""The dashboard as in production: gunicorn's processes, on a database of their own."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent


class Serving:
    """gunicorn as in production, waited for until it answers."""

    def __init__(self, port: int, environment: dict[str, str], log: object) -> None:
        options = ["--config", "dashboard/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
        command = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", *options]
        self.port = port
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def __enter__(self) -> None:
        for _ in range(300):
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1)
            except OSError:
                if self.process.poll() is not None:
                    break
                subprocess.run(["sleep", "0.1"], check=True)
            else:
                return
        self.__exit__()
        pytest.fail("The dashboard did not start; see web.log.")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=45)


def manage(*arguments: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fresh_database(folder: Path, purpose: str, worker_id: str) -> str:
    """The URL of a database that no other test uses: a file, or a fresh one on the server of TEST_DATABASE_URL."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder / f'{purpose}.sqlite3'}"
    name = f"{purpose}_{worker_id}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.rpartition('/')[0]}/{name}"
