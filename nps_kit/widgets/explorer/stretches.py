"""A stretch of time, and the one that it is set beside."""

from datetime import date
from typing import NamedTuple

import polars as pl

from nps_kit.counts import TRUNCATE, Every
from nps_kit.errors import OptionError
from nps_kit.views.wording import next_period

_UNITS: tuple[Every, ...] = ("day", "week", "month", "quarter", "year")


class Stretch(NamedTuple):
    """Whole periods, from the first day of the first to before the end."""

    start: date
    last: date
    """First day of the last period."""
    end: date
    """The day after the last."""

    @property
    def test(self) -> pl.Expr:
        """Tell the rows that lie within it."""
        return pl.col("period").is_between(self.start, self.end, closed="left")


def make_stretch(first: date, last: date, *, every: Every) -> Stretch:
    """Make the stretch from one period to another."""
    return Stretch(first, last, next_period(last, every=every))


def find_earlier(stretch: Stretch, *, beside: str, every: Every) -> Stretch:
    """Find the stretch, as long, that ends where this one begins, or that was a year before."""
    step = TRUNCATE[every]
    if beside == "year before":
        back = (
            "1y"
            if every in ("month", "quarter", "year")
            else f"{364 if every == 'day' else 52}{step[1:]}"
        )
    else:
        long = pl.date_range(stretch.start, stretch.last, interval=step, eager=True).len()
        back = f"{long * int(step[0])}{step[1:]}"
    days = pl.Series(stretch, dtype=pl.Date).dt.offset_by(f"-{back}")
    return Stretch(*days)


def find_unit(stretch: Stretch) -> Every:
    """Find the unit of time that a stretch is one of.

    Raises
    ------
    OptionError
        If it is not one whole month, quarter or the like.
    """
    for unit in _UNITS:
        starts = pl.Series([stretch.start]).dt.truncate(TRUNCATE[unit])[0] == stretch.start
        if starts and next_period(stretch.start, every=unit) == stretch.end:
            return unit
    raise OptionError(
        "Groups are set beside an earlier time one whole month, quarter or year at once.\n"
        "  Choose such a stretch (January to March is a quarter), or compare with the rest."
    )
