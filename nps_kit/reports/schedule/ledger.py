"""What was made, what failed and what was skipped: one row per report, variant and due time.

All its times are in UTC, written so that their order as text is their order in time: a clock that
is set back, or a change to summer time, makes no second key for the same report.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

from nps_kit.reports.schedule.records import OPEN, Job, Run, State, read_time, write_time

_NAMES = ", ".join(field.name for field in fields(Run))
_IS_OPEN = f"state in ({', '.join(repr(state) for state in OPEN)})"


class Ledger:
    """The ledger, open. Every method is one transaction; several processes may have it open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = connection

    def note_report(
        self, name: str, *, when: str, time_zone: str, for_each: str = "", now: datetime
    ) -> datetime:
        """Note a report, and give the time until which its due times are noted already.

        Parameters
        ----------
        name
            The report.
        when, time_zone, for_each
            As in its plan. With another schedule it is a report seen for the first time: nothing
            before `now` is due by it. For another column, what was not yet made is skipped: its
            values were those of the column before.
        now
            The time. Where it is earlier than what is noted, the clock was set back: what was
            skipped as missed lies ahead again.
        """
        with self._writing() as rows:
            found = rows.execute(
                "select looked, cron, time_zone, for_each from reports where name = ?", (name,)
            ).fetchone()
            looked, cron, zone, column = found or (write_time(now), when, time_zone, for_each)
            if column != for_each:
                rows.execute(
                    "update runs set state = 'skipped', error = ? where report = ? and "  # noqa: S608
                    + _IS_OPEN,
                    (f"the plan made one for each {column or 'report'} then", name),
                )
            if looked > write_time(now):
                rows.execute(
                    "delete from runs where report = ? and state = 'skipped' and due > ?",
                    (name, write_time(now)),
                )
                # What fell due while the clock was ahead was never looked at.
                (looked,) = rows.execute(
                    "select coalesce(max(due), ?) from runs where report = ? and due <= ?",
                    (write_time(now), name, write_time(now)),
                ).fetchone()
            if (cron, zone) != (when, time_zone):
                looked = write_time(now)
            looked = min(looked, write_time(now))
            rows.execute(
                "insert into reports values (?, ?, ?, ?, ?) on conflict do update set "
                "looked = excluded.looked, cron = excluded.cron, "
                "time_zone = excluded.time_zone, for_each = excluded.for_each",
                (name, looked, when, time_zone, for_each),
            )
        return read_time(looked)

    def note_due(
        self,
        name: str,
        *,
        jobs: Sequence[Job],
        skipped: Sequence[Job] = (),
        replaced: Sequence[Job] = (),
        note: str | None = None,
        until: datetime,
    ) -> None:
        """Note what is to be done, before any of it is begun; what is known stays.

        So the variants of a due time are those that were there when it was first seen: what a
        killed run did not come to is not forgotten, and a value that appears later is not made up
        for.

        Parameters
        ----------
        name
            The report.
        jobs
            To be done.
        skipped
            Missed too long ago to be made up for, the earliest first.
        replaced
            Rows that stood for all variants while these were not known.
        note
            What is said of the earliest that is skipped.
        until
            The time until which all is noted now.
        """
        with self._writing() as rows:
            rows.executemany(
                "delete from runs where report = ? and variant = ? and due = ?",
                [job.key for job in replaced],
            )
            rows.executemany(
                "insert or ignore into runs (report, variant, due, state) values (?, ?, ?, 'due')",
                [job.key for job in jobs],
            )
            rows.executemany(
                "insert or ignore into runs (report, variant, due, state, ended, error) "
                "values (?, ?, ?, 'skipped', ?, ?)",
                [
                    (*job.key, write_time(until), None if place else note)
                    for place, job in enumerate(skipped)
                ],
            )
            rows.execute("update reports set looked = ? where name = ?", (write_time(until), name))

    def skip_open(self, jobs: Sequence[Job], *, why: str, now: datetime) -> None:
        """Leave out jobs that are not yet brought to an end. Their lock must be held."""
        with self._writing() as rows:
            rows.executemany(
                "update runs set state = 'skipped', error = ?, ended = ? "  # noqa: S608
                "where report = ? and variant = ? and due = ? and " + _IS_OPEN,
                [(why, write_time(now), *job.key) for job in jobs],
            )

    def claim(
        self, job: Job, *, period: str, unit: str = "", tries: int, mail: bool, now: datetime
    ) -> bool:
        """Take a job on; False: it is done, given up or skipped.

        Parameters
        ----------
        job
            What is to be done. Its lock must be held: what the ledger still calls running is then
            known to have died.
        period, unit
            What the report is about, and whether that is a day, a month or another stretch of time.
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
                "insert into runs (report, variant, due, state, period, unit, tries, started) "
                "values (?, ?, ?, 'running', ?, ?, 1, ?) on conflict do update set "
                "state = 'running', period = excluded.period, unit = excluded.unit, "
                "tries = tries + 1, started = excluded.started, ended = null, error = null",
                (*job.key, period, unit, write_time(now)),
            )
        return True

    def finish(
        self,
        job: Job,
        *,
        page: str,
        answer: str,
        mail: bool,
        now: datetime,
    ) -> None:
        """Note that a report lies in its place, and whether somebody is to be written to."""
        with self._writing() as rows:
            rows.execute(
                "update runs set state = 'rendered', ended = ?, page = ?, answer = ?, mail = ?, "
                "error = null, mail_tries = 0, mail_error = null, mail_left = null "
                "where report = ? and variant = ? and due = ?",
                (write_time(now), page, answer, "due" if mail else "none", *job.key),
            )

    def finish_by_hand(
        self,
        job: Job,
        *,
        period: str,
        unit: str = "",
        page: str,
        answer: str,
        started: datetime,
        now: datetime,
    ) -> None:
        """Note that a report was made by hand: nobody is written to who was not to be already."""
        with self._writing() as rows:
            rows.execute(
                "insert into runs (report, variant, due, state, period, unit, tries, started, "
                "ended, page, answer) values (?, ?, ?, 'rendered', ?, ?, 1, ?, ?, ?, ?) "
                "on conflict do update set state = 'rendered', period = excluded.period, "
                "unit = excluded.unit, "
                "started = excluded.started, ended = excluded.ended, page = excluded.page, "
                "answer = excluded.answer, error = null, "
                "mail = case when state = 'rendered' then mail else 'none' end, "
                "mail_error = case when state = 'rendered' then mail_error end",
                (*job.key, period, unit, write_time(started), write_time(now), page, answer),
            )

    def fail_by_hand(
        self, job: Job, *, period: str, unit: str = "", error: str, now: datetime
    ) -> None:
        """Note that a report could not be made by hand; what lies in its place still does."""
        with self._writing() as rows:
            rows.execute(
                "insert into runs (report, variant, due, state, period, unit, tries, ended, error) "
                "values (?, ?, ?, 'given up', ?, ?, 1, ?, ?) on conflict do update set "
                "error = excluded.error where state in ('due', 'failed', 'given up')",
                (*job.key, period, unit, write_time(now), error),
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

    def end_mail(
        self,
        job: Job,
        *,
        error: str = "",
        tries: int = 1,
        left: Sequence[str] = (),
        reached: bool = True,
    ) -> None:
        """Note that a message was taken by the server, or why not, and for whom alone it was not.

        Parameters
        ----------
        job
            What the message is about.
        error
            Why it was not taken; empty: it was.
        tries
            How often it may be tried.
        left
            Those whom it was not taken for, where it was for others: only they get it again.
        reached
            Whether the server was there at all. If not, no try is counted: it stays due until the
            server is back.
        """
        refused = json.dumps(left) if left else None
        with self._writing() as rows:
            rows.execute(
                "update runs set mail_error = nullif(?, ''), mail = case when ? = '' then 'sent' "
                "when ? and mail_tries >= ? then 'given up' else 'due' end, "
                "mail_tries = mail_tries - not ?, "
                "mail_left = case when ? = '' then null else coalesce(?, mail_left) end "
                "where report = ? and variant = ? and due = ?",
                (error, error, reached, tries, reached, error, refused, *job.key),
            )

    def hold_mail(self, job: Job, *, error: str) -> None:
        """Note why a message was not even tried; it stays due, and no try is counted."""
        with self._writing() as rows:
            rows.execute(
                "update runs set mail_error = ? where report = ? and variant = ? and due = ? "
                "and mail in ('due', 'sending')",
                (error, *job.key),
            )

    def drop_mail(self, job: Job, *, why: str) -> None:
        """Give a message up that nobody waits for any more."""
        with self._writing() as rows:
            rows.execute(
                "update runs set mail = 'given up', mail_error = ? "
                "where report = ? and variant = ? and due = ? and mail in ('due', 'sending')",
                (why, *job.key),
            )

    def find_run(self, job: Job) -> Run | None:
        """Find the row of a job; None: there is none."""
        found = self._rows.execute(
            f"select {_NAMES} from runs where report = ? and variant = ? and due = ?",  # noqa: S608
            job.key,
        ).fetchone()
        return _read_run(found) if found else None

    def list_looked(self) -> dict[str, datetime]:
        """List until when the due times of each report are noted, by its name."""
        found = self._rows.execute("select name, looked from reports")
        return {name: read_time(looked) for name, looked in found}

    def list_runs(self, *, report: str = "") -> list[Run]:
        """List the rows, the latest due first."""
        found = self._rows.execute(
            f"select {_NAMES} from runs where ? in ('', report) "  # noqa: S608 - our own names
            "order by due desc, report, variant",
            (report,),
        )
        return [_read_run(row) for row in found]

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


def _read_run(row: Sequence[str | int | None]) -> Run:
    found: dict[str, Any] = dict(zip(_NAMES.split(", "), row, strict=True))
    for name in ("due", "started", "ended"):
        found[name] = None if found[name] is None else read_time(found[name])
    found["mail_left"] = tuple(json.loads(found["mail_left"] or "[]"))
    return Run(**found)
