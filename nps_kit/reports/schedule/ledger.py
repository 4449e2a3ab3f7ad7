"""What was made, what failed and what was skipped: one row per report, variant and due time.

The ledger is a SQLite file beside the reports. All its times are in UTC, written so that their
order as text is their order in time: a clock that is set back, or a change to summer time, makes
no second key for the same report.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nps_kit.errors import LedgerError

State = Literal["due", "running", "rendered", "failed", "given up", "skipped"]
MailState = Literal["none", "due", "sending", "sent", "given up"]

_PATIENCE = 30
"""Seconds to wait for another process that is writing."""
_VERSION = 1
_TABLES = """
create table reports (
  name text primary key,
  since text not null
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
  primary key (report, variant, due)
) strict;
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One report, of one variant, due at one time."""

    report: str
    variant: str
    """The value that the report is about; empty: all."""
    due: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """Its key in the ledger."""
        return self.report, self.variant, write_time(self.due)


@dataclass(frozen=True, slots=True)
class Run:
    """A row of the ledger."""

    report: str
    variant: str
    due: datetime
    state: State
    period: str
    tries: int
    started: datetime | None
    ended: datetime | None
    error: str | None
    page: str | None
    answer: str | None
    mail: MailState
    mail_tries: int
    mail_error: str | None

    @property
    def job(self) -> Job:
        """What it is a run of."""
        return Job(self.report, self.variant, self.due)


def write_time(time: datetime) -> str:
    """Write a time with a zone as the ledger keeps it: "2026-11-02T07:00:00Z"."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    """Read a time that `write_time` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


class Ledger:
    """The ledger, open. Every method is one transaction; several processes may have it open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = connection

    def note_report(self, name: str, *, now: datetime) -> datetime:
        """Note when a report was first seen, and give that time: nothing before it is due."""
        with self._writing() as rows:
            rows.execute("insert or ignore into reports values (?, ?)", (name, write_time(now)))
            found = rows.execute("select since from reports where name = ?", (name,)).fetchone()
        return read_time(found[0])

    def note_jobs(self, jobs: Sequence[Job]) -> None:
        """Note what is to be done, before any of it is begun; what is known stays.

        So the variants of a due time are those that were there when it was first seen: what a
        killed run did not come to is not forgotten, and a value that appears later is not made up
        for.
        """
        with self._writing() as rows:
            rows.executemany(
                "insert or ignore into runs (report, variant, due, state) values (?, ?, ?, 'due')",
                [job.key for job in jobs],
            )

    def claim(self, job: Job, *, period: str, tries: int, mail: bool, now: datetime) -> bool:
        """Take a job on; False: it is done, given up or skipped.

        Parameters
        ----------
        job
            What is to be done. Its lock must be held: what the ledger still calls running is then
            known to have died.
        period
            What the report is about.
        tries
            How often it may be tried.
        mail
            Whether somebody is to be told if it is given up here, as its last try was killed.
        now
            The time.
        """
        with self._writing() as rows:
            found = rows.execute(
                "select state, tries from runs where report = ? and variant = ? and due = ?",
                job.key,
            ).fetchone()
            state, tried = found or ("", 0)
            if state not in ("", "due", "failed", "running"):
                return False
            if tried >= tries:
                rows.execute(
                    "update runs set state = 'given up', ended = coalesce(ended, ?), "
                    "error = coalesce(error, 'its process was killed'), mail = ? "
                    "where report = ? and variant = ? and due = ?",
                    (write_time(now), "due" if mail else "none", *job.key),
                )
                return False
            rows.execute(
                "insert into runs (report, variant, due, state, period, tries, started) "
                "values (?, ?, ?, 'running', ?, 1, ?) on conflict do update set "
                "state = 'running', period = excluded.period, tries = tries + 1, "
                "started = excluded.started, ended = null, error = null",
                (*job.key, period, write_time(now)),
            )
        return True

    def finish(self, job: Job, *, page: str, answer: str, mail: bool, now: datetime) -> None:
        """Note that a report lies in its place, and whether somebody is to be written to."""
        with self._writing() as rows:
            rows.execute(
                "update runs set state = 'rendered', ended = ?, page = ?, answer = ?, mail = ?, "
                "mail_tries = 0, mail_error = null where report = ? and variant = ? and due = ?",
                (write_time(now), page, answer, "due" if mail else "none", *job.key),
            )

    def fail(self, job: Job, *, error: str, tries: int, mail: bool, now: datetime) -> State:
        """Note that a report could not be made; after the last try, it is given up."""
        with self._writing() as rows:
            found = rows.execute(
                "update runs set ended = ?, error = ?, "
                "state = case when tries >= ? then 'given up' else 'failed' end, "
                "mail = case when tries >= ? and ? then 'due' else 'none' end "
                "where report = ? and variant = ? and due = ? returning state",
                (write_time(now), error, tries, tries, mail, *job.key),
            ).fetchall()
        state: State = found[0][0] if found else "failed"
        return state

    def skip(self, jobs: Sequence[Job], *, now: datetime) -> None:
        """Note jobs that were missed too long ago to be made up for; what is known stays."""
        with self._writing() as rows:
            rows.executemany(
                "insert or ignore into runs (report, variant, due, state, ended) "
                "values (?, ?, ?, 'skipped', ?)",
                [(*job.key, write_time(now)) for job in jobs],
            )

    def begin_mail(self, job: Job, *, tries: int) -> bool:
        """Take a delivery on; False: it is sent, given up or not wanted.

        The job's lock must be held: what the ledger still calls sending is then known to have died.
        A delivery that was broken off is taken on again: it is better that a message comes twice,
        under one Message-ID, than not at all.
        """
        with self._writing() as rows:
            done = rows.execute(
                "update runs set mail = 'sending', mail_tries = mail_tries + 1 "
                "where report = ? and variant = ? and due = ? "
                "and mail in ('due', 'sending') and mail_tries < ?",
                (*job.key, tries),
            )
            if not done.rowcount:
                rows.execute(
                    "update runs set mail = 'given up', "
                    "mail_error = coalesce(mail_error, 'its process was killed') "
                    "where report = ? and variant = ? and due = ? and mail in ('due', 'sending')",
                    job.key,
                )
        return bool(done.rowcount)

    def end_mail(self, job: Job, *, error: str = "", tries: int = 1) -> None:
        """Note that a message was taken by the server, or why not."""
        with self._writing() as rows:
            rows.execute(
                "update runs set mail_error = nullif(?, ''), mail = case when ? = '' then 'sent' "
                "when mail_tries >= ? then 'given up' else 'due' end "
                "where report = ? and variant = ? and due = ?",
                (error, error, tries, *job.key),
            )

    def list_runs(self, *, report: str = "") -> list[Run]:
        """List the rows, the latest due first."""
        names = ", ".join(field.name for field in fields(Run))
        found = self._rows.execute(
            f"select {names} from runs where ? in ('', report) "  # noqa: S608 - our own names
            "order by due desc, report, variant",
            (report,),
        )
        return [_read_run(dict(zip(names.split(", "), row, strict=True))) for row in found]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._rows.execute("begin immediate")
        try:
            yield self._rows
            self._rows.execute("commit")
        except BaseException:
            # A full disk has ended the transaction by itself; a commit that had to wait has not.
            if self._rows.in_transaction:
                self._rows.execute("rollback")
            raise


@contextmanager
def open_ledger(path: Path, *, patience: float = _PATIENCE) -> Iterator[Ledger]:
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
    try:
        _make_folder(path)
        with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as rows:
            _prepare(rows, path)
            yield Ledger(rows)
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
    if rows.execute("pragma user_version").fetchone()[0] != _VERSION:
        if rows.execute("select count(*) from sqlite_schema").fetchone()[0]:
            raise LedgerError(
                f"'{path}' is a database, and no ledger of reports.\n"
                "  Move it away, and the next run begins a new one: nothing before that run is due."
            )
        for statement in _TABLES.split(";"):
            rows.execute(statement)
        rows.execute(f"pragma user_version = {_VERSION}")
    rows.execute("commit")


def _read_run(row: dict[str, str | int | None]) -> Run:
    times = {
        name: read_time(str(row[name])) if row[name] is not None else None
        for name in ("due", "started", "ended")
    }
    return Run(**{**row, **times})  # type: ignore[arg-type] # the columns are the fields
