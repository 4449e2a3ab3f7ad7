"""The file of the ledger, a SQLite database beside the reports: made, opened, read."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from nps_kit.errors import LedgerError
from nps_kit.reports.schedule.ledger import Ledger
from nps_kit.reports.schedule.records import Run

_Answer = TypeVar("_Answer")

PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""
_VERSION = 2
_TABLES = """
create table reports (
  name text primary key,
  looked text not null,
  cron text not null,
  time_zone text not null,
  for_each text not null
) strict;
create table runs (
  report text not null,
  variant text not null,
  due text not null,
  state text not null,
  period text not null default '',
  tries integer not null default 0,
  started text,
  ended text,
  error text,
  page text,
  answer text,
  mail text not null default 'none',
  mail_tries integer not null default 0,
  mail_error text,
  mail_left text,
  unit text not null default '',
  primary key (report, variant, due)
) strict;
"""
_LATER = {1: "alter table runs add column unit text not null default ''"}
"""What an earlier version lacks, by its number."""


@contextmanager
def open_ledger(path: Path, *, patience: float = PATIENCE) -> Iterator[Ledger]:
    """Open the ledger, and make it where it is not there.

    Parameters
    ----------
    path
        The file. Its folder is made where it is missing.
    patience
        Seconds to wait where another process is writing.

    Raises
    ------
    LedgerError
        If the file is no ledger, is of a later version, stays locked, or cannot be written.
    """
    with _worded(path):
        _make_folder(path)
        with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as rows:
            _prepare(rows, path)
            yield Ledger(rows)


def read_runs(path: Path, *, patience: float = PATIENCE) -> list[Run]:
    """Read what became of all jobs, without writing; nothing where there is no ledger.

    Raises
    ------
    LedgerError
        If the file is no ledger, is of a later version, or stays locked.
    """
    return _read(path, Ledger.list_runs, patience=patience) if path.exists() else []


def read_looked(path: Path, *, patience: float = PATIENCE) -> dict[str, datetime]:
    """Read until when each report's due times are noted, as `read_runs` reads.

    Returns
    -------
    The time of the last run that looked at a report, by its name; none for one that no run knows.

    Raises
    ------
    LedgerError
        If the file is no ledger, is of a later version, or stays locked.
    """
    return _read(path, Ledger.list_looked, patience=patience) if path.exists() else {}


def _read(path: Path, ask: Callable[[Ledger], _Answer], *, patience: float) -> _Answer:
    address = f"{path.absolute().as_uri()}?mode=ro"
    # What a killed writer left half done can be undone only by one who may write.
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, timeout=0, uri=True)) as rows:
        if rows.execute("pragma user_version").fetchone()[0] == _VERSION:
            return ask(Ledger(rows))
    with open_ledger(path, patience=patience) as ledger:
        return ask(ledger)


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LedgerError(
            f"The ledger '{path}' cannot be used: {error}.\n"
            "  If another run is at work, let it finish; else look whether the disk is full and "
            "the file may be written."
        ) from None
    except sqlite3.DatabaseError as error:
        raise LedgerError(
            f"'{path}' is no ledger of reports that can be read: {error}.\n"
            "  Move it away, and the next run begins a new one: nothing before that run is due."
        ) from None


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"The folder of the ledger '{path}' cannot be made: {error.strerror}.\n"
            "  Name a folder of reports that you may write to."
        ) from None


def _prepare(rows: sqlite3.Connection, path: Path) -> None:
    found = rows.execute("pragma user_version").fetchone()[0]
    if found == _VERSION:
        return
    if found > _VERSION:
        raise LedgerError(
            f"The ledger '{path}' is of a later version of nps_kit.\n  Use that version."
        )
    rows.execute("begin immediate")
    found = rows.execute("pragma user_version").fetchone()[0]
    if not found:
        if rows.execute("select count(*) from sqlite_schema").fetchone()[0]:
            raise LedgerError(
                f"'{path}' is a database, and no ledger of reports.\n"
                "  Move it away, and the next run begins a new one: nothing before that run is due."
            )
        for statement in _TABLES.split(";"):
            rows.execute(statement)
    else:
        for version in range(found, _VERSION):
            rows.execute(_LATER[version])
    rows.execute(f"pragma user_version = {_VERSION}")
    rows.execute("commit")
