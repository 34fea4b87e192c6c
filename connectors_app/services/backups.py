"""A SQLite database saved to a file, and put back from one: by SQLite's own online copy, while others use it.

The key ring is in no database, so it is in no backup. PostgreSQL has tools of its own: docs/operations.md.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from connectors_app.services.freshness import is_worker_at_it

_MAGIC = b"SQLite format 3\0"
_OUR_FIRST = ("connectors_app", "0001_initial")
# What was ended or used up since the backup must not come to life again; everybody signs in anew.
_OF_THE_MOMENT = ("django_session", "usersessions_usersession", "cache")


class BackupRefused(Exception):
    """Nothing was changed; the message says why."""


class NotSqlite(BackupRefused):
    """The database is on a server."""


def back_up(target: Path, *, overwrite: bool = False) -> int:
    """Write a checked copy of the whole database, in one piece or not at all. Returns its size in bytes.

    The file is for its owner alone (0600). People and worker go on meanwhile.
    """
    _database()
    if target.exists() and not overwrite:
        raise BackupRefused(f"{target} is there already. Choose another name, or overwrite it with --force.")
    with _written_whole(target) as unfinished:
        _save_to(unfinished)
        check(unfinished)
    return target.stat().st_size


def restore(source: Path, *, even_if_running: bool = False) -> Path | None:
    """Put a checked backup in the place of the database. Returns where the one before is kept, if there was one.

    Either all of it happens or nothing: the copy is one transaction of SQLite's.
    """
    database = _database()
    if not even_if_running and database.exists() and _is_running():
        raise BackupRefused(
            "A worker was at it within the last minute. Stop web and worker, wait a minute, then try again; "
            "with --force what they write meanwhile may be lost."
        )
    if Path(f"{source}-wal").exists():
        raise BackupRefused(f"{source} is not whole: the rest is in {source.name}-wal. Take what `backup` wrote.")
    with _scratch(database) as copy:
        _read(source, copy)
        check(copy)
        _forget_the_moment(copy)
        return _replace(database, copy)


def check(file: Path) -> None:
    """Whether a file is a sound database of this dashboard, and no newer than the code. Raises BackupRefused."""
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise BackupRefused("This is no SQLite database.")
    try:
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode=DELETE")  # All of it is in this one file.
            if database.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
                raise BackupRefused("The file is damaged.")
            if database.execute("PRAGMA foreign_key_check").fetchone():
                raise BackupRefused("The file is damaged: rows are missing that others need.")
            _check_migrations(database)
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"The file is damaged: {error}.") from error


def _check_migrations(database: sqlite3.Connection) -> None:
    tables = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'")
    applied = database.execute("SELECT app, name FROM django_migrations").fetchall() if tables.fetchone() else []
    if _OUR_FIRST not in applied:
        raise BackupRefused("This is a database of something else, not of this dashboard.")
    known = MigrationLoader(None)
    unknown = [f"{app}.{name}" for app, name in applied if (app, name) not in known.disk_migrations]
    if unknown:
        raise BackupRefused(
            "The file was written by a newer version than this one, which does not know "
            f"{', '.join(unknown[:3])}. Deploy that version first."
        )


def _database() -> Path:
    if connection.vendor != "sqlite":
        raise NotSqlite
    return Path(connection.settings_dict["NAME"])


def _is_running() -> bool:
    try:
        return is_worker_at_it()
    except DatabaseError:  # There is nothing sound in which it could be.
        return False


def _save_to(file: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy, progress=_give_up_when_busy)


def _read(source: Path, copy: Path) -> None:
    try:
        shutil.copyfile(source, copy)
    except OSError as error:
        raise BackupRefused(f"{source} cannot be read: {error.strerror}.") from error


def _forget_the_moment(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in tables.intersection(_OF_THE_MOMENT):
            database.execute(f"DELETE FROM {table}")  # noqa: S608  (names of ours)


def _replace(database: Path, copy: Path) -> Path | None:
    """By SQLite itself where it can, so that nobody who has the database open is left with a file of the past."""
    if not database.exists():
        _put_in_place(copy, database)
        return None
    kept = database.with_name(f"{database.name}.before-restore-{timezone.now():%Y%m%dT%H%M%S%fZ}")
    try:
        with _written_whole(kept) as unfinished:
            _save_to(unfinished)
    except DatabaseError:
        return _move_aside(database, kept, copy)
    with closing(sqlite3.connect(copy)) as good:
        good.backup(connection.connection, progress=_give_up_when_busy)
    return kept


def _move_aside(database: Path, kept: Path, copy: Path) -> Path:
    """The database is so damaged that SQLite can't copy it."""
    connection.close()
    for suffix in ("-wal", "-shm", ""):  # A log left behind would be played into the new one.
        if Path(f"{database}{suffix}").exists():
            Path(f"{database}{suffix}").replace(f"{kept}{suffix}")
    _put_in_place(copy, database)
    return kept


def _give_up_when_busy(status: int, *_: int) -> None:
    """Called after each step; SQLite has waited for the lock by then."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise BackupRefused("The database is locked by somebody else. Nothing was changed; try again.")


@contextmanager
def _written_whole(target: Path) -> Iterator[Path]:
    """A file to write, which is at `target` once all went well."""
    with _scratch(target) as unfinished:
        yield unfinished
        _put_in_place(unfinished, target)


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """An empty file for its owner alone in the folder of `beside`, gone afterwards."""
    try:
        handle, name = tempfile.mkstemp(dir=beside.parent, prefix=f".{beside.name}.")
    except OSError as error:
        raise BackupRefused(f"Nothing can be written to {beside.parent}: {error.strerror}.") from error
    os.close(handle)
    file = Path(name)
    try:
        yield file
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)


def _put_in_place(file: Path, target: Path) -> None:
    """On disk whole before it has its name; then the name, too."""
    _sync(file)
    file.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
