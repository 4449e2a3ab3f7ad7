"""What is to be done now: the times that were missed, those made up for and those skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nps_kit.reports.plans import ReportPlan, find_due
from nps_kit.reports.schedule.ledger import Job, Ledger

FindValues = Callable[[ReportPlan], Sequence[str]]
"""Finds the values of a report's column, where its answers live."""

_OPEN = ("due", "failed", "running")


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
    now, each with its variants; and whatever was taken on before and is not yet brought to an end,
    however long ago. The variants of a time are those it was first seen with. `Ledger.claim` says
    which of the jobs are still open once their lock is held.
    """
    since = ledger.note_report(report.name, now=now)
    times = find_due(report, after=since, until=now)
    runs = ledger.list_runs(report=report.name)
    known = {run.due for run in runs}
    missed = len(times) - report.catch_up - 1
    fresh = [time for time in times[max(missed, 0) :] if time not in known]
    values = _list_values(report, find_values) if fresh else []
    jobs = [run.job for run in runs if run.state in _OPEN and run.due <= now]
    jobs += [Job(report.name, variant, time) for time in fresh for variant in values]
    return Due(
        report,
        sorted(jobs, key=lambda job: job.due),
        [Job(report.name, "", time) for time in times[: max(missed, 0)] if time not in known],
    )


def _list_values(report: ReportPlan, find_values: FindValues) -> list[str]:
    if not report.for_each:
        return [""]
    return list(dict.fromkeys(report.values or find_values(report)))
