"""When a report is due, and what stretch of time it is then about."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from nps_kit.reports.plans.model import ReportPlan

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_YEAR = 12
_NEAR = timedelta(hours=6)
_FAR = timedelta(days=7305)


def find_due(report: ReportPlan, *, after: datetime, until: datetime) -> list[datetime]:
    """Find the times at which a report is due.

    Parameters
    ----------
    report
        What is planned.
    after, until
        Times with a zone: those later than the first and not later than the second.

    Returns
    -------
    The times, in UTC, the earliest first.

    Notes
    -----
    The clock of the report's zone is followed. What is due within an hour that the clock skips is
    due once, right after it; what is due within an hour that comes twice is due in the first of the
    two alone, unless it is due in every hour (its hours begin with ``*``, as in Debian's cron). A
    key in local time would be two for one time when the clock changes: so all that is kept is in
    UTC.
    """
    due = []
    for time in _follow(report, after=after):
        if time > until:
            break
        due.append(time)
    return due


def find_last(
    report: ReportPlan, *, until: datetime, most: int, after: datetime | None = None
) -> list[datetime]:
    """Find the last times at which a report is due.

    Parameters
    ----------
    report
        What is planned.
    until, after
        Times with a zone: those not later than the first and later than the second, or than twenty
        years before the first.
    most
        How many are wanted, 1 or more.

    Returns
    -------
    The last of them, in UTC, the earliest first. What it costs depends on how many are wanted, not
    on how long ago `after` was: the look back grows until it holds enough.
    """
    first = max(after or until - _FAR, until - _FAR)
    window = _NEAR
    while (start := until - window) > first:
        found = find_due(report, after=start, until=until)
        if len(found) >= most:
            return found[-most:]
        window *= 4
    return find_due(report, after=first, until=until)[-most:]


def find_next(report: ReportPlan, *, after: datetime) -> datetime | None:
    """Find the next time at which a report is due.

    Parameters
    ----------
    report
        What is planned.
    after
        A time with a zone.

    Returns
    -------
    The first time after that, in UTC; None: it is never due again.
    """
    return next(_follow(report, after=after), None)


def _follow(report: ReportPlan, *, after: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(report.time_zone)
    hourly = report.when.split()[1].startswith("*")
    last, twice = after.astimezone(UTC), list[datetime]()
    # Walked by the clock on the wall alone: cronsim loses times where a clock moves by half an
    # hour. From a day before, as an hour that is passed on the wall may come once more.
    wall = last.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    for shown in CronSim(report.when, wall):
        first, second = _place(shown, zone)
        if first == second:
            times, twice = [*twice, first], []
        else:
            times, twice = [first], [*twice, second] if hourly else []
        for time in times:
            if time > last:
                yield (last := time)


def _place(shown: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the two times, in UTC, at which a clock shows this; mostly they are one."""
    while _is_skipped(shown, zone):
        shown += timedelta(minutes=1)
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def _is_skipped(shown: datetime, zone: ZoneInfo) -> bool:
    there = shown.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) != shown


def find_report_period(report: ReportPlan, *, due: datetime) -> str:
    """Find the stretch of time that a report is about, as its notebook's ``period`` takes it.

    Parameters
    ----------
    report
        What is planned.
    due
        When it is due, with a zone.

    Returns
    -------
    The last whole day, week, month, quarter or year before that, on the clock of the report's zone:
    ``"2026-10"`` for a month, the first day of it for a day or a week, the first month for a
    quarter; empty where the report is about whatever is latest.

    Examples
    --------
    >>> plan = ReportPlan(name="a", notebook="monthly", when="0 7 2 * *", period="month")
    >>> find_report_period(plan, due=datetime(2026, 11, 2, 7, tzinfo=UTC))
    '2026-10'
    """
    if report.period == "latest":
        return ""
    today = due.astimezone(ZoneInfo(report.time_zone)).date()
    if report.period == "day":
        return (today - timedelta(days=1)).isoformat()
    if report.period == "week":
        return (today - timedelta(days=today.weekday() + 7)).isoformat()
    months = _MONTHS[report.period]
    here = today.year * _YEAR + today.month - 1
    start = date((first := here - here % months - months) // _YEAR, first % _YEAR + 1, 1)
    return f"{start.year:04}" if report.period == "year" else f"{start:%Y-%m}"


def find_unit(report: ReportPlan) -> str:
    """Find what the period of a report is: a day, week, month, quarter or year; empty: none."""
    return "" if report.period == "latest" else report.period
