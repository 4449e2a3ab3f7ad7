"""What is to be done now: the times that were missed, those made up for and those skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nps_kit.credentials import hide_credentials
from nps_kit.errors import KitError
from nps_kit.reports.plans import ReportPlan, find_last, find_report_period
from nps_kit.reports.schedule.ledger import Ledger
from nps_kit.reports.schedule.records import OPEN, Job, read_time, write_time

FindValues = Callable[[ReportPlan], Sequence[str]]
"""Finds the values of a report's column, where its answers live."""

_SHOWN = 100
"""How many times that were missed have a row each; a machine may have been off for a year."""


@dataclass(frozen=True, slots=True)
class Due:
    """What one report has to do now."""

    jobs: tuple[Job, ...] = ()
    """To be done, the earliest first."""
    unfound: tuple[Job, ...] = ()
    """Times whose values were not found, or not all."""
    error: str = ""
    """Why they were not."""


def find_jobs(report: ReportPlan, *, ledger: Ledger, find_values: FindValues, now: datetime) -> Due:
    """Find what a report has to do now, and note it in the ledger.

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
    however long ago. Of times that are about the same period, and so would make the same page, only
    the last is made. The variants of a time are those it was first seen with. `Ledger.claim` says
    which of the jobs are still open once their lock is held.

    Notes
    -----
    While the values of a column cannot be found, a row without a variant stands for all of them; it
    is replaced by theirs as soon as they are. It stays for an empty text among the values: no
    folder, no parameter and no reader could tell that from a report about all; and for one that
    holds half a sign or none at all (NUL).
    """
    now = read_time(write_time(now))
    since = ledger.note_report(
        report.name,
        when=report.when,
        time_zone=report.time_zone,
        for_each=report.for_each,
        now=now,
    )
    most = report.catch_up + 1 + _SHOWN
    times = find_last(report, after=since, until=now, most=most)
    runs = ledger.list_runs(report=report.name)
    known = {run.due for run in runs}
    wanted = _choose(report, times)
    fresh = [time for time in times if time in wanted and time not in known]
    skipped = [time for time in times if time not in wanted and time not in known]
    opened = [run.job for run in runs if run.state in OPEN and run.due <= now]
    whole = [job for job in opened if report.for_each and not job.variant]
    asked = [*(job.due for job in whole), *fresh]
    values, error = _list_values(report, find_values) if asked else ([], "")
    unfound = [Job(report.name, "", time) for time in asked] if error else []
    jobs = [Job(report.name, value, time) for time in asked for value in values]
    ledger.note_due(
        report.name,
        jobs=[*jobs, *unfound],
        skipped=[Job(report.name, "", time) for time in skipped],
        replaced=[] if error else whole,
        note=f"so is all before it, since {since:%Y-%m-%d %H:%M} UTC"
        if len(times) == most
        else None,
        until=now,
    )
    jobs += [job for job in opened if job not in whole]
    return Due(tuple(sorted(jobs, key=lambda job: job.due)), tuple(unfound), error)


def _choose(report: ReportPlan, times: Sequence[datetime]) -> set[datetime]:
    """Choose the times that are made up for: the last of each period."""
    last = {find_report_period(report, due=time): time for time in times[-report.catch_up - 1 :]}
    return set(last.values())


def _list_values(report: ReportPlan, find_values: FindValues) -> tuple[list[str], str]:
    """List the values to make a report for; and what is wrong, if any is missing."""
    if not report.for_each:
        return [""], ""
    column = report.for_each
    try:
        found = list(dict.fromkeys(report.values or find_values(report)))
    except Exception as error:  # noqa: BLE001 - data that cannot be read keeps no other report back
        return [], say_error(error)
    if not found:
        return [], (
            f"There are no values of '{column}' in the data, and so no report to make.\n"
            "  Look at the data, or name `values` in the plan."
        )
    if "" in found:
        return [value for value in found if value and _is_whole(value)], (
            f"Some answers have an empty text as '{column}', and no report of their own.\n"
            "  Give them a name in the data, or name `values` in the plan."
        )
    if broken := [value for value in found if not _is_whole(value)]:
        return [value for value in found if value not in broken], (
            f"Some answers have a text that cannot be written as '{column}': {broken[0]!a}.\n"
            "  Mend it in the data, or name `values` in the plan."
        )
    return found, ""


def _is_whole(value: str) -> bool:
    """Tell whether a text is one: half a sign has no place in a ledger, on a page, in a message."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def say_error(error: Exception) -> str:
    """Say what went wrong, without a password: in the kit's own words or with the error's name."""
    text = str(error) if isinstance(error, KitError) else f"{type(error).__name__}: {error}"
    return hide_credentials(text)
