"""What is due in a plan: found, handed out, sent, and told; or one report of it, by hand."""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nps_kit.errors import KitError, LedgerError, OptionError, bad_option, listed
from nps_kit.reports.overview import write_index
from nps_kit.reports.plans import (
    Plan,
    ReportPlan,
    find_last,
    find_next,
    find_report_period,
    find_unit,
)
from nps_kit.reports.schedule.board import Board, Progress, do_all
from nps_kit.reports.schedule.due import FindValues, find_jobs, say_error
from nps_kit.reports.schedule.locks import hold_lock, is_held
from nps_kit.reports.schedule.opening import PATIENCE, open_ledger, read_looked, read_runs
from nps_kit.reports.schedule.owed import list_owed
from nps_kit.reports.schedule.records import Job, Run, read_time, write_time
from nps_kit.reports.schedule.tasks import KILLED, LOCKS, Outcome, Task, begin_deliveries

_MOST = 1000
_PERIOD = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


def run_due(
    plan: Plan,
    *,
    find_values: FindValues,
    now: datetime | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    patience: float = PATIENCE,
) -> list[Outcome]:
    """Do what is due in a plan, and return when it is done.

    What is due is rendered, many at once; then what is owed is sent, of this run and of those
    before; then the index of all reports is written.

    Parameters
    ----------
    plan
        What is planned.
    find_values
        Finds the values of a report's column.
    now
        The time, with a zone. None: the clock's.
    executor
        Runs the jobs, in processes rather than threads: a render leaves an event loop behind in
        each. None: fresh processes, as many as there are cores, and fresh ones again where they
        were killed.
    progress
        Told how far it has come.
    patience
        Seconds to wait for another process that writes the ledger.

    Returns
    -------
    What became of each job, in the order in which they ended. A report whose values cannot be found
    is among them as failed, without a variant, and stays due until its tries are used up.

    Raises
    ------
    LedgerError
        If the ledger cannot be used.
    """
    now = now or datetime.now(UTC)
    board = Board(progress)
    with _share_tallies() as tallies:
        tasks: list[Task] = []
        for report in plan.reports:
            jobs = _look(report, plan, board, find_values=find_values, now=now, patience=patience)
            tasks += _share_out(report, jobs, plan, tallies=tallies, patience=patience)
        do_all(tasks, board, executor=executor)
    _deliver_all(plan, board, now=now, patience=patience)
    _write_index(plan, board, now=now, patience=patience)
    return board.ended


def run_report(
    plan: Plan,
    name: str,
    *,
    find_values: FindValues,
    values: Sequence[str] = (),
    period: str = "",
    now: datetime | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    patience: float = PATIENCE,
) -> list[Outcome]:
    """Make a report of a plan by hand: in its folder and its ledger, whatever was made before.

    Parameters
    ----------
    plan
        What is planned.
    name
        The report.
    find_values
        Finds the values of its column.
    values
        Only these variants; empty: all there are.
    period
        What it is about: "2026-09". Empty: what it was about when it was last due.
    now, executor, progress, patience
        As `run_due` takes them.

    Returns
    -------
    What became of each variant.

    Raises
    ------
    OptionError
        If the plan has no such report, the report no variants, or the period cannot be one.
    LedgerError
        If the ledger cannot be used.
    KitError
        If its values cannot be found.

    Notes
    -----
    Its row is that of the last time it was due by `now`, or was due with this period; where there
    is none, of `now`. No message is sent. One that was owed before is sent by the next run, with
    the report as it is then; one of a report that had failed is not. If it fails, what lay in its
    place lies there still.
    """
    report = plan.find(name)
    if report is None:
        raise bad_option(
            name,
            caller="run_report()",
            option="name",
            choices=[each.name for each in plan.reports],
        )
    chosen = _choose_values(report, values, find_values=find_values)
    if period and not _PERIOD.fullmatch(period):
        raise bad_option(
            period, caller="run_report()", option="period", rule="a period: 2026-09, 2026"
        )
    now = read_time(write_time(now or datetime.now(UTC)))
    due = _find_time(report, period=period, now=now)
    with open_ledger(plan.ledger, patience=patience):
        pass  # it can be used: told before any work
    board = Board(progress)
    with _share_tallies() as tallies:
        tasks = [
            Task(
                report,
                value,
                (Job(name, value, due),),
                plan.ledger,
                by_hand=True,
                period=period,
                tallies=tallies,
                patience=patience,
            )
            for value in chosen
        ]
        do_all(tasks, board, executor=executor)
    _write_index(plan, board, now=now, patience=patience)
    return board.ended


def read_status(
    plan: Plan, *, now: datetime | None = None, patience: float = PATIENCE
) -> list[Run]:
    """Read what became of the reports of a plan.

    Parameters
    ----------
    plan
        What is planned.
    now
        The time, with a zone: what is noted as due later is left out. None: all.
    patience
        Seconds to wait for another process that writes the ledger.

    Returns
    -------
    A row for each report, variant and due time, the latest due first; none where nothing was run.
    What the ledger calls running and nobody works on is shown as failed: its process was killed.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    runs = read_runs(plan.ledger, patience=patience)
    return [_look_again(run, plan) for run in runs if now is None or run.due <= now]


def _look_again(run: Run, plan: Plan) -> Run:
    if run.state != "running":
        return run
    if is_held(plan.ledger.parent / LOCKS, report=run.report, variant=run.variant):
        return run
    return replace(run, state="failed", error=KILLED)


def _look(
    report: ReportPlan,
    plan: Plan,
    board: Board,
    *,
    find_values: FindValues,
    now: datetime,
    patience: float,
) -> tuple[Job, ...]:
    """Find what a report has to do; what cannot be found is a failure that is counted."""
    whole = Job(report.name, "", now)
    with ExitStack() as stack:
        if report.for_each:
            # Nobody renders under this lock: it is of those who ask for the values.
            lock = hold_lock(plan.ledger.parent / LOCKS, report=report.name, variant="")
            if not stack.enter_context(lock):
                board.end(Outcome(whole, "busy"))
                return ()
        with open_ledger(plan.ledger, patience=patience) as ledger:
            due = find_jobs(report, ledger=ledger, find_values=find_values, now=now)
            tell = bool(report.mail.on_failure)
            for job in due.unfound:
                period = find_report_period(report, due=job.due)
                unit = find_unit(report)
                if ledger.claim(
                    job, period=period, unit=unit, tries=report.tries, mail=tell, now=now
                ):
                    state = ledger.fail(
                        job, error=due.error, tries=report.tries, mail=tell, now=now
                    )
                    board.end(Outcome(job, state, due.error))
    return due.jobs


@contextmanager
def _share_tallies() -> Iterator[Path | None]:
    """Make a folder for what jobs count of the same data; None, and each counts: there is no room.

    A report may be made without: what it then costs is time.
    """
    with ExitStack() as stack:
        shared = None
        with suppress(OSError):
            made = TemporaryDirectory(prefix="nps-kit-tallies-", ignore_cleanup_errors=True)
            shared = Path(stack.enter_context(made))
        yield shared


def _share_out(
    report: ReportPlan, jobs: Sequence[Job], plan: Plan, *, tallies: Path | None, patience: float
) -> list[Task]:
    """Put the jobs of one variant into one task: they share a lock."""
    of: dict[str, list[Job]] = {}
    for job in jobs:
        of.setdefault(job.variant, []).append(job)
    return [
        Task(report, variant, tuple(own), plan.ledger, tallies=tallies, patience=patience)
        for variant, own in of.items()
    ]


def _deliver_all(plan: Plan, board: Board, *, now: datetime, patience: float) -> None:
    """Send what is owed; a ledger that cannot be used by now does not hide what was made."""
    board.step = "deliver"
    try:
        owed = list_owed(plan, patience=patience)
    except LedgerError as error:
        board.end(Outcome(Job("messages", "", now), "failed", say_error(error), step="deliver"))
        return
    board.total += len(owed)
    for job, outcome in begin_deliveries(plan, owed, patience=patience):
        if outcome is None:
            board.tell(job)
        else:
            board.end(outcome)
            board.tell()


def find_waiting(
    plan: Plan, runs: Sequence[Run], *, looked: Mapping[str, datetime], now: datetime
) -> dict[str, datetime]:
    """Find the first time at which each report is due and was not begun, or else is due next.

    Parameters
    ----------
    plan
        What is planned.
    runs
        The rows of the ledger.
    looked
        When a run last looked at each report, as `read_looked` reads it.
    now
        The time. A report that no run has looked at is due from now on.

    Returns
    -------
    The time, in UTC, by the report's name; a report that is never due again has none.
    """
    found = {}
    for report in plan.reports:
        since = min(looked.get(report.name, now), now)
        times = [run.due for run in runs if run.report == report.name and run.state == "due"]
        if ahead := find_next(report, after=since):
            times.append(ahead)
        if times:
            found[report.name] = min(times)
    return found


def _write_index(plan: Plan, board: Board, *, now: datetime, patience: float) -> None:
    try:
        runs = read_status(plan, patience=patience)
        looked = read_looked(plan.ledger, patience=patience)
        due = find_waiting(plan, runs, looked=looked, now=now)
        write_index(plan.to, runs=runs, next_due=due, now=now)
    except (KitError, OSError) as error:
        told = say_error(error)
        board.end(Outcome(Job("index", "", now), "failed", told, step="index"))


def _choose_values(
    report: ReportPlan, values: Sequence[str], *, find_values: FindValues
) -> list[str]:
    if not report.for_each:
        if values:
            raise OptionError(
                f"run_report() cannot use values={list(values)!r}.\n"
                f"  The report '{report.name}' has no variants: its plan does not say for_each."
            )
        return [""]
    there = list(dict.fromkeys(report.values or find_values(report)))
    if missing := [value for value in values if value not in there or not value]:
        raise OptionError(
            f"The report '{report.name}' cannot be made for {listed(missing)}.\n"
            f"  Its values of '{report.for_each}' are: {listed(there)}."
        )
    if not there:
        raise OptionError(
            f"There are no values of '{report.for_each}' in the data, and so no report to make.\n"
            "  Look at the data, or name `values` in the plan."
        )
    return [*dict.fromkeys(values)] or [value for value in there if value]


def _find_time(report: ReportPlan, *, period: str, now: datetime) -> datetime:
    """Find the time whose row a report made by hand has."""
    times = find_last(report, until=now, most=_MOST if period else 1)
    if period:
        times = [time for time in times if find_report_period(report, due=time) == period]
    return times[-1] if times else now
