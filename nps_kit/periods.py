"""Stretches of time in a count table: find one, keep the complete ones, set two side by side."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import get_args

import polars as pl

from nps_kit.counts import TRUNCATE, Every, check_counts, check_period
from nps_kit.errors import OptionError, bad_option, check_choice

__all__ = ["check_period", "find_period", "keep_complete", "split_periods", "start_of"]

_NEARLY = timedelta(days=4)


def find_period(
    counts: pl.DataFrame,
    *,
    every: Every = "month",
    period: str = "",
    back: int = 0,
    among: pl.DataFrame | None = None,
) -> date:
    """Find the period that is asked for, or else the latest one that is complete.

    A period counts as complete from three days before its end on: few centres answer every day.

    Parameters
    ----------
    counts
        Count table with ``period``, tallied by day: coarser periods do not tell when they end.
    every
        Unit of the period looked for.
    period
        Any day of it, or its beginning, as in ``"2026-09-30"``, ``"2026-09"``, ``"2026"``; empty:
        the latest complete one, or the first where none is complete.
    back
        How many periods before that one to go; there need be no answers.
    among
        Count table of the same answers as they are shown, such as `suppress_small` makes it. Where
        no period is asked for, one that has no answers there, being too few to show, is passed over
        for the one before it. None, or a table that shows no answer: none is.

    Returns
    -------
    The day on which the period starts.

    Raises
    ------
    MissingColumnError
        If `counts` has no ``period``.
    OptionError
        If `period` is no date, or no answer that counts falls into it; if `back` is negative; or
        if ``period`` holds no local dates.

    Examples
    --------
    >>> days = pl.DataFrame({"period": [date(2026, 8, 31), date(2026, 9, 4)], "score": 9, "n": 1})
    >>> find_period(days).isoformat(), find_period(days, period="2026-09").isoformat()
    ('2026-08-01', '2026-09-01')
    >>> find_period(days, every="quarter", back=1).isoformat()
    '2026-04-01'
    """
    caller = "find_period()"
    check_choice(every, get_args(Every), caller=caller, option="every")
    if not isinstance(back, int) or back < 0:
        raise bad_option(back, caller=caller, option="back", rule="a whole number, 0 or more")
    counts = check_counts(counts, by=["period"], caller=caller)
    check_period(counts, caller=caller)
    days = _days_used(counts)
    if not days:
        raise OptionError(f"{caller} finds no answer that counts and has a date.")
    if not period:
        latest = _latest_complete(days, every=every)
        if among is not None:
            latest = _latest_shown(among, every=every, until=latest, caller=caller)
        return _step_back(latest, every=every, back=back)
    start = start_of(period, every=every, caller=caller)
    if start not in pl.Series(days).dt.truncate(TRUNCATE[every]):
        raise OptionError(
            f"{caller} finds no answer in the {every} that starts on {start}.\n"
            f"  There are answers from {days[0]} to {days[-1]}."
        )
    return _step_back(start, every=every, back=back)


def keep_complete(counts: pl.DataFrame, *, every: Every) -> pl.DataFrame:
    """Keep the complete periods: a quarter just begun is no quarter to set beside others.

    Parameters
    ----------
    counts
        Count table with ``period``, tallied by day.
    every
        Unit of the periods that are to be complete, in the sense of `find_period`.

    Returns
    -------
    The rows up to the end of the latest complete period; all of them where none is complete.

    Raises
    ------
    MissingColumnError
        If `counts` has no ``period``.
    OptionError
        If ``period`` holds no local dates.

    Examples
    --------
    >>> days = pl.DataFrame({"period": [date(2026, 9, 30), date(2026, 10, 1)], "score": 9, "n": 1})
    >>> keep_complete(days, every="quarter")["period"].max().isoformat()
    '2026-09-30'
    """
    caller = "keep_complete()"
    check_choice(every, get_args(Every), caller=caller, option="every")
    counts = check_counts(counts, by=["period"], caller=caller)
    check_period(counts, caller=caller)
    days = _days_used(counts)
    if not days:
        return counts
    latest = _latest_complete(days, every=every)
    return counts.filter(pl.col("period").cast(pl.Date).dt.truncate(TRUNCATE[every]) <= latest)


def split_periods(
    counts: pl.DataFrame,
    *,
    every: Every,
    before: date | str,
    after: date | str,
    caller: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split off the counts of two periods, to set one beside the other.

    Parameters
    ----------
    counts
        Count table with ``period``, in `every` or a finer unit.
    every
        Unit of the two periods.
    before, after
        Any day of each, or its beginning, as `find_period` takes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The rows of each, with ``period`` set to its first day; none where it has no answers.

    Raises
    ------
    MissingColumnError
        If `counts` has no ``period``.
    OptionError
        If one of the two is no date, both are the same period, or ``period`` holds no local dates.
    """
    check_choice(every, get_args(Every), caller=caller, option="every")
    counts = check_counts(counts, by=["period"], caller=caller)
    check_period(counts, caller=caller)
    starts = [
        start_of(day, every=every, caller=caller, option=option)
        for option, day in (("before", before), ("after", after))
    ]
    if starts[0] == starts[1]:
        raise OptionError(
            f"{caller} cannot compare the {every} that starts on {starts[0]} with itself.\n"
            f'  Name two, or a finer unit: every="month" with before="2026-08", after="2026-09".'
        )
    counts = counts.with_columns(pl.col("period").cast(pl.Date).dt.truncate(TRUNCATE[every]))
    first, second = (counts.filter(pl.col("period") == start) for start in starts)
    return first, second


def start_of(day: date | str, *, every: Every, caller: str, option: str = "period") -> date:
    """Find the first day of the period that `day` falls into.

    Raises
    ------
    OptionError
        If `day` is neither a date nor the text of one.
    """
    asked = pl.Series([_parse(day, caller=caller, option=option)], dtype=pl.Date)
    start: date = asked.dt.truncate(TRUNCATE[every])[0]
    return start


def _days_used(counts: pl.DataFrame) -> list[date]:
    used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    days: list[date] = used["period"].cast(pl.Date).drop_nulls().unique().sort().to_list()
    return days


def _latest_complete(days: Sequence[date], *, every: Every) -> date:
    starts = pl.Series(days, dtype=pl.Date).dt.truncate(TRUNCATE[every]).unique().sort()
    complete = starts.filter(starts.dt.offset_by(TRUNCATE[every]) - _NEARLY <= days[-1])
    latest: date = complete[-1] if complete.len() else starts[0]
    return latest


def _latest_shown(among: pl.DataFrame, *, every: Every, until: date, caller: str) -> date:
    shown = check_counts(among, by=["period"], caller=caller)
    check_period(shown, caller=caller)
    starts = pl.Series(_days_used(shown), dtype=pl.Date).dt.truncate(TRUNCATE[every])
    past = starts.filter(starts <= until)
    latest: date = past[-1] if past.len() else until
    return latest


def _step_back(start: date, *, every: Every, back: int) -> date:
    step = TRUNCATE[every]
    before: date = pl.Series([start]).dt.offset_by(f"-{back * int(step[0])}{step[1:]}")[0]
    return before


def _parse(day: date | str, *, caller: str, option: str) -> date:
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    # Padded to a whole date: 2026 and 2026-09 are the day they begin on.
    padded = str(day) + {4: "-01-01", 7: "-01"}.get(len(str(day)), "")
    try:
        return datetime.strptime(padded, "%Y-%m-%d").date()
    except ValueError:
        rule = "a year, a month or a day, such as 2026, 2026-09 or 2026-09-30"
        raise bad_option(day, caller=caller, option=option, rule=rule) from None
