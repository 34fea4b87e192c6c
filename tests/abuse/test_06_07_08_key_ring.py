"""A wrong key ring, a rotation that is killed, a key dropped too early: by real processes, on a database file."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from connectors_app.encryption import generate_key
from tests.serving import ROOT, free_port

OLD, NEW = generate_key("k1"), generate_key("k2")
KEYS = 300
STORE = f"""
from connectors_app.models import ApiKey, Member, Organization
organization = Organization.objects.create(name="Northwind")
for number in range({KEYS}):
    member = Member.objects.create(email=f"m{{number}}@example.com", organization=organization, role="analyst")
    api_key = ApiKey(member=member, organization=organization)
    api_key.seal(f"canary-key-{{number}}")
    api_key.save()
"""
READ = """
from connectors_app.encryption import key_ring
from connectors_app.models import ApiKey
keys = ApiKey.objects.select_related("member")
values = {key.member.email: key_ring().decrypt(key.ciphertext, key.place) for key in keys}
assert values == {f"m{number}@example.com": f"canary-key-{number}" for number in range(len(values))}
print("read", len(values))
"""
WRONG_RINGS = {
    "missing": ("", "FIELD_ENCRYPTION_KEYS holds no key"),
    "malformed": ("k1:not-base64!", "is not base64"),
    "short": ("k1:QUFB", "has 3 bytes"),
    "twice": (f"{OLD},{OLD}", "is there twice"),
    "another": (generate_key("k9"), f"'k1', with which {KEYS} API keys are still encrypted"),
    "another-of-the-same-name": (generate_key("k1"), "is not the one with which"),
}
WEB = ["-m", "gunicorn", "dashboard.wsgi", "--config", "dashboard/gunicorn.py"]


class Installation:
    """A database file, and the project's processes on it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "dashboard.sqlite3"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "DATABASE_URL": f"sqlite:///{self.file}",
            "QUEUE_FILE": str(folder / "queue.sqlite3"),
            "REDIS_URL": "",
            "PYTHONUNBUFFERED": "1",
            "WEB_CONCURRENCY": "1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def run(self, ring: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run_command(ring, [sys.executable, *arguments])

    def run_command(self, ring: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        """To its end; what does not end by itself is killed, and fails."""
        environment = self.environment | {"FIELD_ENCRYPTION_KEYS": ring}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def begin(self, ring: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment | {"FIELD_ENCRYPTION_KEYS": ring},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, ring: str, *arguments: str) -> str:
        done = self.run(ring, "manage.py", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self) -> list[str]:
        with sqlite3.connect(self.file) as database:
            return list(database.iterdump())

    def key_ids(self) -> dict[str, int]:
        """How many API keys each encryption key holds."""
        with sqlite3.connect(self.file) as database:
            query = "SELECT substr(ciphertext, 4, 2), count(*) FROM connectors_app_apikey GROUP BY 1"
            return dict(database.execute(query))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """With 300 API keys, encrypted with the old key."""
    installation = Installation(tmp_path_factory.mktemp("ring"))
    installation.manage(OLD, "migrate", "--verbosity=0")
    installation.manage(OLD, "shell", "--no-imports", "-c", STORE)
    return installation


@pytest.mark.parametrize("what", WRONG_RINGS)
def test_06_a_missing_malformed_or_wrong_ring_refuses_to_start_and_overwrites_nothing(
    kept: Installation, what: str
) -> None:
    ring, message = WRONG_RINGS[what]
    before = kept.rows()
    starts = [["manage.py", "check", "--database", "default"], [*WEB, "--bind", f"127.0.0.1:{free_port()}"]]
    for start in starts:
        ended = kept.run(ring, *start)
        assert ended.returncode not in (0, -signal.SIGKILL), start
        assert message in ended.stderr
        assert not ring or ring.partition(":")[2] not in ended.stderr
    assert kept.rows() == before


def test_06_the_worker_refuses_too(kept: Installation) -> None:
    """As the Procfile starts it."""
    [line] = [line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("worker: ")]
    before = kept.rows()
    ended = kept.run_command(WRONG_RINGS["another"][0], ["sh", "-c", line.removeprefix("worker: ")])
    assert ended.returncode != 0
    assert "are still encrypted" in ended.stderr
    assert kept.rows() == before


def test_07_08_a_rotation_killed_halfway_loses_nothing_and_the_old_key_cannot_go_before_its_end(
    kept: Installation,
) -> None:
    with kept.begin(f"{NEW},{OLD}", "manage.py", "rotate_encryption_keys") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"100 / {KEYS}\n"
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    halfway = kept.key_ids()
    assert halfway["k2"] >= 100
    assert sum(halfway.values()) == KEYS

    # 08: dropped too early, it is said how many still need it.
    early = kept.run(NEW, "manage.py", "check", "--database", "default")
    assert early.returncode != 0
    left = re.search(r"'k1', with which (\d+) API keys are still encrypted", early.stderr)
    assert left is not None
    assert int(left[1]) == halfway["k1"]
    assert kept.key_ids() == halfway

    # 07: run again, the new key alone reads all.
    assert "Proved: 'k2' alone opens every stored secret" in kept.manage(f"{NEW},{OLD}", "rotate_encryption_keys")
    assert kept.key_ids() == {"k2": KEYS}
    assert kept.manage(NEW, "shell", "--no-imports", "-c", READ) == f"read {KEYS}\n"
    assert kept.run(NEW, "manage.py", "check", "--database", "default").returncode == 0
