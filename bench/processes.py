"""Real workers on a database and a queue of their own, to be killed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def environment(**settings: object) -> Iterator[None]:
    """For this process and the workers: the project's own settings with these, a queue file and, unless
    DATABASE_URL names a database, one in a temporary folder. Enter it before anything of the project is imported.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "QUEUE_FILE": str(Path(folder) / "queue.sqlite3"),
            **{name: str(value) for name, value in settings.items()},
        }
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        yield


class Workers:
    """Processes of `run_huey`, each in the place of one that was killed."""

    def __init__(self, count: int, *, log: IO[str] | int = subprocess.DEVNULL) -> None:
        self._log = log
        self.processes = [self._start() for _ in range(count)]
        self.kills = 0
        self._one_at_a_time = threading.Lock()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "run_huey", "--quiet"]
        return subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)

    def kill_next(self) -> None:
        """The one that has run for longest: the others may not have started yet."""
        self.kill(self.processes[self.kills % len(self.processes)].pid)

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        with self._one_at_a_time:
            place = [process.pid for process in self.processes].index(pid)
            self.processes[place].wait()
            self.processes[place] = self._start()
            self.kills += 1

    def connected_from(self, port: int) -> int | None:
        """Which of them has a connection to this machine that begins at the port."""
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ours = {f"socket:[{each[9]}]" for each in sockets if each[1] == f"0100007F:{port:04X}"}
        for process in self.processes:
            for file in Path(f"/proc/{process.pid}/fd").glob("*"):
                try:
                    if str(file.readlink()) in ours:
                        return process.pid
                except OSError:  # It was closed meanwhile.
                    continue
        return None

    def megabytes(self) -> int:
        """The resident memory of the largest."""
        return max(resident(process.pid) for process in self.processes) // 1024

    def cpu_seconds(self) -> float:
        """What all of them have used."""
        ticks = 0
        for process in self.processes:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)


def resident(pid: int) -> int:
    """The memory that a process holds, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
