"""`make bench`: the tables of docs/performance.md, measured here and now.

On SQLite and, where they answer, on the PostgreSQL of BENCH_POSTGRES (default: the database `bench` of this
machine, and `bench_polling` beside it) with the Redis of BENCH_REDIS, which is emptied (default: its database 13).
`python -m bench P1 P6` measures only these rows, `--on sqlite` only there, `--quick` with fewer keys, for trying.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import redis

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "bench" / "results" / "latest.json"
ROWS = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9")
_WITHOUT_DATABASE = ("P8", "P9")  # The same files and the same start on any.
_POLLING = "_polling"
POSTGRES = os.environ.get("BENCH_POSTGRES", "postgres:///bench")
REDIS = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/13")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", default=ROWS)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        os.environ["BENCH_KEYS"] = "400"
    results = []
    for name, address in _databases().items():
        if options.on is None or name in options.on:
            for row in options.rows:
                if name == "sqlite" or row not in _WITHOUT_DATABASE:
                    results += _measure(row, name, _address(address, row))
    _write(results)
    sys.exit(not all(each["ok"] for each in results))


def _databases() -> dict[str, str]:
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    databases = {"sqlite": f"sqlite:///{folder / 'bench.sqlite3'}"}
    if _make_postgres():
        databases["postgresql"] = POSTGRES
    return databases


def _make_postgres() -> bool:
    """Whether a PostgreSQL answers; its databases for the bench are made if they are missing."""
    import psycopg

    server, _, name = POSTGRES.rpartition("/")
    try:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            known = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            for missing in {name, name + _POLLING} - known:
                connection.execute(f'CREATE DATABASE "{missing}"')
    except psycopg.OperationalError:
        return False
    return True


def _empty_redis() -> str:
    """Its address; nothing where none answers."""
    try:
        redis.Redis.from_url(REDIS).flushdb()
    except redis.RedisError:
        return ""
    return REDIS


def _address(database: str, row: str) -> str:
    """Workers poll whatever keys a database has, so P4 has one to itself."""
    return database + _POLLING if row == "P4" else database


def _measure(row: str, name: str, address: str) -> list[dict[str, Any]]:
    """In a process of its own: nothing that another row left behind is measured along."""
    environment = os.environ | {"DATABASE_URL": address, "REDIS_URL": _empty_redis() if name != "sqlite" else ""}
    command = [sys.executable, "-m", "bench.rows", row]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{row} on {name}: could not be measured", flush=True)
        return [
            {"row": row, "what": "could not be measured", "on": name, "value": None, "target": None, "ok": False}
        ]
    results = [json.loads(line) | {"on": name} for line in done.stdout.splitlines()]
    for each in results:
        verdict = "ok  " if each["ok"] else "MISS"
        sign = "≥" if each["at_least"] else "≤"
        print(
            f"{verdict} {row} {name:<10} {each['what']}: {each['value']:g} ({sign} {each['target']:g})", flush=True
        )
    return results


def _write(results: list[dict[str, Any]]) -> None:
    """One entry a row: that of its parts which is furthest from its target, and all parts as `detail`."""
    rows: dict[str, Any] = json.loads(LATEST.read_text()) if LATEST.exists() else {}
    for row in dict.fromkeys(each["row"] for each in results):
        parts = [each for each in results if each["row"] == row]
        worst = max(parts, key=_share_of_target)
        rows[row] = {
            "value": worst["value"],
            "target": worst["target"],
            "ok": all(each["ok"] for each in parts),
            "what": f"{worst['what']} ({worst['on']})",
            "detail": parts,
        }
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def _share_of_target(part: dict[str, Any]) -> float:
    if part["value"] is None:
        return float("inf")
    share: float = part["value"] / part["target"] if part["target"] else 0
    return 1 / max(share, 0.001) if part["at_least"] else share


if __name__ == "__main__":
    main()
