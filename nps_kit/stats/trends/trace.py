"""A score over time: limits, marked periods, and whether the latest one is a signal."""

from collections.abc import Sequence
from datetime import date
from typing import get_args

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, TRUNCATE, Every, check_counts, check_unmixed
from nps_kit.errors import check_choice, check_level
from nps_kit.periods import check_period, start_of
from nps_kit.scale import BANDS
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import check_min_n, to_column
from nps_kit.stats.trends.judge import RULES, Grid, Judgement, join_judgements, judge_periods
from nps_kit.stats.trends.limits import LEAST, USED, Method
from nps_kit.stats.trends.options import (
    CALLER as _CALLER,
)
from nps_kit.stats.trends.options import (
    PLACE as _PLACE,
)
from nps_kit.stats.trends.options import (
    SERIES as _SERIES,
)
from nps_kit.stats.trends.options import (
    check_series,
    check_target,
    read_changes,
)
from nps_kit.stats.trends.rules import Marks, Steps

DIRECTIONS = ("below", "", "above")
ASSURANCE = ("reached always", "by chance", "never")

SETTLED = 8
"""Limits of fewer periods are provisional."""

FALSE_ALARMS = {
    LEAST: 0.0046,
    6: 0.0116,
    7: 0.0132,
    8: 0.0133,
    9: 0.0131,
    10: 0.0125,
    12: 0.0121,
    16: 0.0119,
    24: 0.0113,
    36: 0.0117,
    60: 0.0117,
    120: 0.0122,
}
"""How often the latest of so many periods is a signal by chance alone, by the `xmr` limits.

Shares of 400,000 series of independent normal values each, standard errors under 0.0002.
"""


# Series by periods worked on together.
_TOGETHER = 200_000


def trace_nps(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    every: Every = "month",
    until: date | str | None = None,
    method: Method = "auto",
    rebase: Sequence[date | str] = (),
    target: float | None = None,
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Trace the score over time: what is usual, what stands out, is the latest a signal.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, with ``period``. An incomplete latest period is the
        caller's to leave out: see `keep_complete`. Answers without a date have no place in a
        series. Weighted counts are traced as `estimate_nps` estimates them.
    by
        Columns that tell the series apart. None: one series.
    every
        Unit of the periods: that of ``period``, or a coarser one.
    until
        Any day of the last period, or its beginning: later ones are left out, and where it has no
        answers it is a gap. None: the last of the table.
    method
        How the limits are made; see Notes.
    rebase
        Any day of each period from which limits are computed afresh, or its beginning, as in
        ``"2026-04"``: changes that were made and can be named, never what the picture suggests.
    target
        A score to set against the limits, in points.
    level
        Probability that the interval of each period's own score aims to cover; no part of the
        limits.
    min_n
        A period with fewer answers is marked ``few``: it is not judged, and takes no part in the
        limits and rules.

    Returns
    -------
    One row per series and period, sorted by both, from the first period of a series to the last
    of all. A period without answers is a row with ``n`` 0: a gap, over which rules pass.

    =================  ========  ===========================================================
    ``*by``                      as given
    ``period``         date      its first day
    ``n``              int       answers with a score
    ``nps``            points    null where ``n`` is 0
    ``low``            points    lower bound of the period's own score, as of `estimate_nps`
    ``high``           points    upper bound
    ``level``          0 to 1    as asked
    ``few``            boolean   ``n`` is under `min_n`
    ``centre``         points    the mean that the series lies about
    ``limit_low``      points    three standard deviations under it, never under -100
    ``limit_high``     points    three standard deviations over it, never over 100
    ``near_low``       points    two standard deviations under it
    ``near_high``      points    two standard deviations over it
    ``moving_range``   points    distance from the judged period before it in its phase
    ``method``         text      what made the limits: ``xmr``, ``xmr_adjusted``, ``laney``
    ``phase``          int       1, and one more from each date of `rebase` on
    ``provisional``    boolean   fewer than 8 judged periods in the phase
    ``rule``           category  what marks it: ``outside``, ``trend``, ``near``, ``run``,
                                 or nothing
    ``direction``      category  ``below``, ``above`` or nothing; of a trend, where it goes
    ``run_length``     int       judged periods in a row, up to it, on its side of the centre
    ``special``        boolean   a rule marks it
    ``latest``         boolean   the last period of the table
    ``signal``         boolean   the latest, and it is one: see Notes
    ``false_alarm``    0 to 1    how often the latest of so many stable periods is a signal
    ``target``         points    as given
    ``assurance``      category  the target and the limits of the last judged period:
                                 ``reached always``, ``by chance``, ``never``
    ``every``          text      as given
    ``survey``         text      where `counts` has it and it is not in `by`; so ``scale``
    =================  ========  ===========================================================

    Limits are null where nobody answered; they, and all that follows from them, are null in a
    phase of fewer than 5 judged periods.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``period``, ``score``, ``n``, a column of `by` or ``weight_sq``.
    MixedSurveysError
        If a series would hold two kinds of survey or two scales.
    OptionError
        If ``period`` holds no dates, or `by` or an option cannot be used.

    Notes
    -----
    **Limits.** ``xmr``: the mean of the scores, and their mean moving range over 1.128 as standard
    deviation: limits 2.66 mean ranges away (Wheeler and Chambers, Understanding Statistical
    Process Control). A range over 3.267 times the mean is left out of it once, so that one stray
    period does not hide the next. Every period counts the same, however many answered.

    ``laney``: the pooled score, and the chance of who answered, ``sqrt(V / n)`` with the pooled
    variance V of an answer, times the mean moving range of the scores in that unit over 1.128,
    but never less than 1 (Laney 2002, Quality Engineering 14(4), 531-537, for shares).

    ``auto``: the two sources of chance are added, ``sqrt(between**2 + V / n)``. The spread
    ``between`` is the one at which the moving ranges, each in its own standard deviation, have
    the length they should; it is 0 where chance alone explains them. Where the most answers of a
    judged period are at most 1.5 times the fewest, all are taken to have their harmonic mean, and
    the limits are flat. ``method`` says ``xmr`` where these are exactly the limits of ``xmr``,
    else ``xmr_adjusted``.

    V has 3/4 of a detractor, 3/2 passives and 3/4 of a promoter added, as `estimate_nps` does.

    **Marks**, as NHSRplotthedots has the rules of "Making Data Count": ``outside`` the limits; a
    ``trend`` of 7 that each rise, or fall; ``near``: two of three beyond two standard deviations
    and all three on one side; a ``run`` of 7 on one side of the centre. Where half the periods
    or more stand at an end of the scale, one there is on no side. They are for reading history:
    in 24 stable months chance marks at least one in 17 of 100 series.

    **Signal.** The latest period is a signal where it is outside, ends a trend, is near, or ends
    a run of 8. In simulations of stable series of 24 months with 20 to 500 answers, equal or
    not, that was so in 0.4 to 1.3 of 100; where months had a spread of 3 or 6 points beside, in
    0.8 to 1.2. ``false_alarm`` is the rate of ``xmr`` for normal scores, which the others stay
    under as a rule. A month lower by three standard deviations is a signal in 35 to 42 of 100
    series, by two in 12 to 17.

    **Where it misses.** `xmr` gave 3 of 100 where answers varied from 20 to 500, and 13 where the
    latest month had 20 of them. `laney` gave 5, and ``auto`` 2.4, where answers varied, months
    had a spread of 6 points, and the latest had 500 answers. Months that resemble the one before
    (autocorrelation 0.3) gave 3; scores near 99 on 100 answers 2.3. Nothing here knows the time of
    year: a season shows as runs and trends, so compare with the same months a year before.

    Examples
    --------
    >>> months = [date(2026, k, 1) for k in range(1, 9)]
    >>> rows = [(m, s, n) for m in months for s, n in ((3, 100), (8, 100), (10, 300))]
    >>> rows[-3:] = [(months[-1], 3, 250), (months[-1], 8, 100), (months[-1], 10, 150)]
    >>> counts = pl.DataFrame(rows, schema=["period", "score", "n"], orient="row")
    >>> latest = trace_nps(counts).filter("latest")
    >>> latest.select(pl.col("nps", "limit_low", "limit_high").round(1), "rule", "signal").row(0)
    (-20.0, 21.3, 43.7, 'outside', True)
    """
    check_choice(every, get_args(Every), caller=_CALLER, option="every")
    check_choice(method, get_args(Method), caller=_CALLER, option="method")
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    check_target(target)
    check_series(by)
    changes = read_changes(rebase, every=every)
    last = None if until is None else start_of(until, every=every, caller=_CALLER, option="until")
    counts = check_counts(counts, by=[*by, "period"], caller=_CALLER)
    check_period(counts, caller=_CALLER)
    check_unmixed(counts, by=by, caller=_CALLER)

    dated = counts.with_columns(
        pl.col("period").cast(pl.Date).dt.truncate(TRUNCATE[every])
    ).drop_nulls("period")
    dated = dated if last is None else dated.filter(pl.col("period") <= last)
    series, dated = _number_series(dated, by=by)
    periods = _list_periods(dated["period"], every=every, until=last)
    cells = _estimate(dated, periods=periods, level=level, min_n=min_n)
    row, place = (cells[name].to_numpy() for name in (_SERIES, _PLACE))
    grid = _lay_out(cells, row, place, shape=(series.height, periods.len()))
    starts = sorted({periods.search_sorted(day) for day in changes} - {0, periods.len()})
    together = max(1, _TOGETHER // max(1, periods.len()))
    found = join_judgements(
        [
            judge_periods(grid.take(rows=slice(k, k + together)), starts=starts, method=method)
            for k in range(0, max(1, series.height), together)
        ],
        axis=0,
    )
    columns = {name: series[name].gather(row) for name in by}
    columns |= {name: cells[name] for name in ("period", "n", "nps", "low", "high", "level", "few")}
    columns |= _tell_periods(found, row, place)
    columns |= _tell_series(found, grid, row, target=target)
    columns["every"] = pl.repeat(every, row.size, dtype=pl.String, eager=True)
    context = [name for name in CONTEXT if name in series.columns and name not in by]
    columns |= {name: series[name].gather(row) for name in context}
    return pl.DataFrame(columns)


def _number_series(counts: pl.DataFrame, *, by: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """List the series, with the kind of their answers, and number their counts alike."""
    used = pl.col("reason").is_null() & (pl.col("n") > 0)
    context = [
        pl.col(name).filter(used).first()
        for name in CONTEXT
        if name in counts.columns and name not in by
    ]
    if not by:
        series = counts.group_by(pl.lit(0).alias(_SERIES)).agg(context)
        return series, counts.with_columns(pl.lit(0).alias(_SERIES))
    series = counts.group_by(by).agg(context).sort(by, nulls_last=True).with_row_index(_SERIES)
    return series, counts.join(series.select(*by, _SERIES), on=list(by), nulls_equal=True)


def _list_periods(found: pl.Series, *, every: Every, until: date | None) -> pl.Series:
    """List the periods from the first to the last, without gaps."""
    first, last = found.min(), until or found.max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return pl.Series(dtype=pl.Date)
    return pl.date_range(first, last, interval=TRUNCATE[every], eager=True)


def _estimate(
    counts: pl.DataFrame, *, periods: pl.Series, level: float, min_n: int
) -> pl.DataFrame:
    """Estimate every period of every series, from its first to the last of all."""
    weights = [name for name in ("weight", "weight_sq") if name in counts.columns]
    estimates = estimate_nps(
        counts.select(pl.col(_SERIES).cast(pl.Int64), "period", "score", "reason", "n", *weights),
        by=[_SERIES, "period"],
        level=level,
        min_n=min_n,
    )
    days = pl.DataFrame({"period": periods}).with_row_index(_PLACE)
    first = estimates.group_by(_SERIES).agg(pl.col("period").min().alias("first"))
    return (
        first.join(days, how="cross")
        .filter(pl.col("period") >= pl.col("first"))
        .join(estimates, on=[_SERIES, "period"], how="left")
        .sort(_SERIES, "period")
        .with_columns(
            pl.col("n").fill_null(0),
            pl.col("level").fill_null(level),
            pl.col("few").fill_null(min_n > 0),
        )
    )


def _lay_out(cells: pl.DataFrame, row: Steps, place: Steps, *, shape: tuple[int, int]) -> Grid:
    """Lay the estimates out, a row a series and a column a period."""

    def spread(name: str) -> Floats:
        made = np.full(shape, np.nan)
        made[row, place] = cells[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return made

    points = spread("nps")
    n = spread("n_effective" if "n_effective" in cells.columns else "n")
    return Grid(
        points=points,
        n=np.where(np.isnan(points), np.nan, n),
        shares=np.stack([spread(f"share_{band}") for band in BANDS], axis=-1),
        judged=~np.isnan(points) & (spread("few") == 0),
    )


def _tell_periods(found: Judgement, row: Steps, place: Steps) -> dict[str, pl.Series]:
    """Write what was found of each period as columns."""
    each = Judgement(*(values[row, place] for values in found))
    limited = ~np.isnan(each.centre)
    latest = place == found.centre.shape[1] - 1
    columns = {
        name: to_column(getattr(each, name))
        for name in ("centre", "limit_low", "limit_high", "near_low", "near_high", "moving_range")
    }
    return columns | {
        "method": _choose(USED, each.used, known=limited).cast(pl.String),
        "phase": pl.Series(each.phase, dtype=pl.Int64),
        "provisional": pl.Series(each.in_phase < SETTLED),
        "rule": _choose(RULES, each.rule),
        "direction": _choose(DIRECTIONS, each.direction + 1),
        "run_length": to_column(np.where(limited, each.run_length, np.nan)).cast(pl.Int64),
        "special": pl.Series(each.rule > 0),
        "latest": pl.Series(latest),
        "signal": pl.Series(latest & each.alarm),
    }


def _tell_series(
    found: Judgement, grid: Grid, row: Steps, *, target: float | None
) -> dict[str, pl.Series]:
    """Write what holds for the latest phase of each series, in each of its rows."""
    if not row.size:
        target, low, high, rates = None, *(np.empty(0),) * 3
    else:
        # The last period of the latest phase that is judged: its limits are those that hold now.
        mine = grid.judged & (found.phase == found.phase[:, -1:])
        at = mine.shape[1] - 1 - np.argmax(mine[:, ::-1], axis=1)
        series = np.arange(len(at))
        low, high = found.limit_low[series, at], found.limit_high[series, at]
        rates = np.interp(found.in_phase[:, -1], list(FALSE_ALARMS), list(FALSE_ALARMS.values()))
        rates = np.where(np.isnan(found.centre[:, -1]), np.nan, rates)
    goal = np.nan if target is None else float(target)
    place = np.select([goal <= low, goal > high], [0, 2], default=1)
    known = ~np.isnan(low + goal)
    return {
        "false_alarm": to_column(rates[row]),
        "target": to_column(np.full(row.size, goal)),
        "assurance": _choose(ASSURANCE, place[row], known=known[row]),
    }


def _choose(names: Sequence[str], places: Steps, *, known: Marks | None = None) -> pl.Series:
    """Name each place; null where it is not known."""
    named = pl.Series(names, dtype=pl.Enum(names)).gather(places)
    return named if known is None else named.zip_with(pl.Series(known), named.clear(named.len()))
