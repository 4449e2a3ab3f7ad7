"""What is to be done now: the times that were missed, those made up for and those skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nps_kit.reports.plans import ReportPlan, find_due
from nps_kit.reports.schedule.ledger import Job, Ledger, Run

FindValues = Callable[[ReportPlan], Sequence[str]]
"""Finds the values of a report's column, where its answers live."""

_OPEN = ("failed", "running")


@dataclass(frozen=True, slots=True)
class Due:
    """What one report has to do now."""

    report: ReportPlan
    jobs: list[Job]
    """To be done, the earliest first."""
    skipped: list[Job]
    """Missed too long ago to be made up for."""


def find_jobs(report: ReportPlan, *, ledger: Ledger, find_values: FindValues, now: datetime) -> Due:
    """Find what a report has to do now.

    Parameters
    ----------
    report
        What is planned.
    ledger
        What was done; the report is noted in it, and is due from then on.
    find_values
        Finds the values of `ReportPlan.for_each`; asked only if something is due.
    now
        The time. What is due later, by a clock that was set back, is not due.

    Returns
    -------
    The jobs: of the latest due times, as many as are to be made up for and the one that is due
    now, each with its variants. Jobs that were tried before are among them, `Ledger.claim` says
    which of them are still open.
    """
    since = ledger.note_report(report.name, now=now)
    times = find_due(report, after=since, until=now)
    if not times:
        return Due(report, [], [])
    runs = ledger.list_runs(report=report.name)
    made_up = times[-(report.catch_up + 1) :]
    known: dict[datetime, list[Run]] = {}
    for run in runs:
        known.setdefault(run.due, []).append(run)
    fresh = [time for time in made_up if time not in known]
    values = _list_values(report, find_values) if fresh or _has_open(runs, made_up) else []
    jobs = [
        Job(report.name, variant, time)
        for time in made_up
        for variant in dict.fromkeys([*values, *(run.variant for run in known.get(time, []))])
    ]
    done = {run.job for run in runs if run.state not in _OPEN}
    return Due(
        report,
        [job for job in jobs if job not in done],
        [Job(report.name, "", time) for time in times[: -len(made_up)] if time not in known],
    )


def _list_values(report: ReportPlan, find_values: FindValues) -> list[str]:
    if not report.for_each:
        return [""]
    return list(report.values or find_values(report))


def _has_open(runs: Sequence[Run], times: Sequence[datetime]) -> bool:
    return any(run.state in _OPEN and run.due in times for run in runs)
