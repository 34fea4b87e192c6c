"""A PostgreSQL and a Redis of the bench's own, on free ports, that may be restarted whenever the bench likes."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis

from tests.serving import free_port

_PATIENCE = 60


class Postgres:
    """A cluster in a folder. As root it runs as the user `postgres`: it refuses to be root."""

    def __init__(self, folder: Path) -> None:
        self.port, self._data = free_port(), folder / "postgres"
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self._data.mkdir()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._data, user.pw_uid, user.pw_gid)
        self._run("initdb", "--auth=trust", "--username=bench", "--encoding=UTF8")
        self._control("start")
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE soak")

    @property
    def url(self) -> str:
        return f"{self._server}/soak"

    @property
    def _server(self) -> str:
        return f"postgres://bench@127.0.0.1:{self.port}"

    def restart(self) -> None:
        self._control("restart")

    def stop(self) -> None:
        self._control("stop")

    def _control(self, action: str) -> None:
        options = ["-o", f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._data}"]
        self._run("pg_ctl", action, "-w", "-m", "fast", "-l", str(self._data / "log"), *options)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._data), *arguments]
        as_postgres = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._data.parent, **as_postgres)


class Redis:
    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [shutil.which("redis-server") or "redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*command, "--save", "", "--dir", str(self._folder), "--loglevel", "warning"]
        )
        client = redis.Redis(port=self.port)
        for _ in range(10 * _PATIENCE):
            with suppress(redis.ConnectionError):
                if client.ping():
                    return
            time.sleep(0.1)

    def restart(self) -> None:
        """It keeps nothing on disk: the queue and the cache are lost."""
        self.stop()
        self.start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=_PATIENCE)


@contextmanager
def own_servers() -> Iterator[tuple[Postgres, Redis]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # The user `postgres` has to reach its part.
        postgres, redis_server = Postgres(folder), Redis(folder)
        try:
            yield postgres, redis_server
        finally:
            redis_server.stop()
            postgres.stop()
