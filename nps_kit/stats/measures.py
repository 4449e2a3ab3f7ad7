"""What is measured beside the score, period by period: values, intervals and changes."""

from typing import NamedTuple, get_args

import numpy as np
import polars as pl
from scipy import special

from nps_kit.counts import TRUNCATE, Every, check_period
from nps_kit.errors import OptionError, bad_option, check_choice, check_level, missing_column
from nps_kit.stats.intervals import Bounds, Floats
from nps_kit.stats.samples import check_min_n, ratio, to_column, to_floats

_CALLER = "estimate_measures()"
_NEEDED = ("measure", "period", "value", "reason", "n")
_ALIKE = 1e-12
"""A spread this small beside the squares it is left of is a rounding error."""


_BEFORE = "before: "


class _Figure(NamedTuple):
    """One figure that is made of a measure."""

    name: str
    measure: str
    unit: str
    lowest: float = 0.0
    highest: float = float("inf")
    least: int = 1
    """From which value on an answer belongs to the share."""


_FIGURES = (
    _Figure("csat_share", "csat", "share", highest=1, least=4),
    _Figure("csat_mean", "csat", "points 1-5", lowest=1, highest=5),
    _Figure("effort_share", "effort", "share", highest=1, least=5),
    _Figure("effort_mean", "effort", "points 1-7", lowest=1, highest=7),
    _Figure("response_rate", "response", "share", highest=1),
    _Figure("contacts", "contacts", "contacts"),
    _Figure("abandoned_share", "abandoned", "share", highest=1),
    _Figure("cost_per_contact", "cost", "currency"),
)
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "measure": pl.Enum([figure.name for figure in _FIGURES]),
    "period": pl.Date,
    "n": pl.Int64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "change": pl.Float64,
    "change_low": pl.Float64,
    "change_high": pl.Float64,
    "moved": pl.Boolean,
    "few": pl.Boolean,
    "level": pl.Float64,
}


def estimate_measures(
    counts: pl.DataFrame,
    *,
    every: Every = "month",
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Estimate what is measured beside the score, and how far it moved since the period before.

    Parameters
    ----------
    counts
        Table as `tally_measures` or `suppress_measures` makes it.
    every
        Unit of ``period`` in it, which tells which period is the one before.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).
    min_n
        With fewer answers, or contacts, a period is marked as few.

    Returns
    -------
    One row per measure and period of which something is known, sorted by them; empty where nothing
    is:

    ==============  ==========  ==============================================================
    ``measure``     Enum        csat_share, csat_mean, effort_share, effort_mean,
                                response_rate, contacts, abandoned_share, cost_per_contact
    ``period``      Date        as given
    ``n``           int         answers, or contacts, behind it
    ``value``       ``unit``    the figure
    ``low``         ``unit``    lower bound; null of contacts, and of a mean of values all alike
    ``high``        ``unit``    upper bound, likewise
    ``unit``        text        share (0 to 1), points 1-5, points 1-7, contacts, currency
    ``change``      ``unit``    since the period before; null where that has none
    ``change_low``  ``unit``    its bounds; null where one of the two has none
    ``change_high`` ``unit``    likewise
    ``moved``       bool        whether it moved by more than chance explains, all figures of the
                                period taken together; null without bounds
    ``few``         bool        fewer than `min_n`
    ``level``       0 to 1      as asked
    ==============  ==========  ==============================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks a column of `tally_measures`.
    OptionError
        If an option cannot be used, or `counts` holds a value that no answer can have.

    Notes
    -----
    Satisfaction is the share of 4 and 5 and the mean; effort the share of 5 to 7, who found it
    easy, and the mean. Shares have Wilson's interval, J. Am. Stat. Assoc. 22 (1927), 209-212;
    their change that of Newcombe, Stat. Med. 17 (1998), 873-890, his tenth method, made of the two
    Wilson intervals. Means have Student's interval, cut where no answer can lie; their change that
    of Welch, Biometrika 34 (1947), 28-35. The mean of values that are all alike has none: they do
    not show how far others would lie from them.
    Few answers that are nearly all alike, and costs of a long tail, are held a little less often
    than `level` says: see ``docs/accuracy.md``.

    Contacts are counted, every one: a count of all of them is no sample and has no interval.
    Response and abandonment are of all contacts too; their intervals say how far a share can move
    from one period to the next though nothing changed.

    ``moved`` holds each change to `level` shared among all figures of its period that have one
    (Bonferroni): where nothing changed, the chance that any of them is marked stays below one less
    `level`. Customers are taken to answer each for themselves. The response rate of the latest
    period can still rise as answers come in.

    Examples
    --------
    >>> from datetime import date
    >>> counts = pl.DataFrame({"measure": "csat", "period": date(2026, 9, 1), "value": [2, 5]})
    >>> counts = counts.with_columns(reason=pl.lit(None, pl.String), n=pl.Series([10, 30]))
    >>> estimate_measures(counts).select("measure", "n", "value", pl.col("low").round(4)).rows()
    [('csat_share', 40, 0.75, 0.5981), ('csat_mean', 40, 4.25, 3.8293)]
    """
    check_choice(every, get_args(Every), caller=_CALLER, option="every")
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    used = _take_used(counts)
    sums = pl.concat([_sum_up(used, figure) for figure in _FIGURES])
    if sums.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    pairs = _pair(sums, every=every)
    now, before = _take(pairs, ""), _take(pairs, _BEFORE)
    tail = np.full(pairs.height, (1 - level) / 2)
    low, high = _bound(now, tail)
    value = now.value
    change_low, change_high = _bound_change(now, before, tail)
    # The level is shared among all figures of the period whose change has bounds.
    known = pl.Series(np.isfinite(change_low))
    together = pairs.select(_known=known, period="period").select(
        pl.col("_known").sum().over("period")
    )
    shared_low, shared_high = _bound_change(now, before, ratio(tail, to_floats(together["_known"])))
    moved = pl.Series((shared_low > 0) | (shared_high < 0))
    return (
        pairs.with_columns(
            value=to_column(value),
            low=to_column(low),
            high=to_column(high),
            change=to_column(value - before.value),
            change_low=to_column(change_low),
            change_high=to_column(change_high),
            moved=pl.when(known).then(moved),
            few=pl.col("n") < min_n,
            level=pl.lit(float(level)),
        )
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
        .sort("measure", "period")
    )


class _Sample(NamedTuple):
    """What is known of figures, one element a row; NaN where there is none."""

    n: Floats
    share: Floats
    """1 where the figure is a share of `n`, else 0."""
    counted: Floats
    """1 where it is a plain count."""
    total: Floats
    squares: Floats
    lowest: Floats
    highest: Floats

    @property
    def value(self) -> Floats:
        """The figure."""
        value: Floats = np.where(self.counted == 1, self.n, ratio(self.total, self.n))
        return value

    @property
    def variance(self) -> Floats:
        """Variance of one answer; NaN of values that are all alike, or of fewer than two."""
        spread = self.squares - self.total * ratio(self.total, self.n)
        spread = np.where(spread > _ALIKE * self.squares, spread, np.nan)
        return ratio(spread, self.n - 1)


def _take_used(counts: pl.DataFrame) -> pl.DataFrame:
    if not isinstance(counts, pl.DataFrame):
        raise OptionError(
            f"{_CALLER} takes a polars DataFrame, and was given {type(counts).__name__}.\n"
            "  tally_measures(...) makes one."
        )
    for name in _NEEDED:
        if name not in counts.columns:
            raise missing_column(
                name,
                caller=_CALLER,
                table="`counts`",
                present=counts.columns,
                remedy="tally_measures(...) makes it.",
            )
    check_period(counts, caller=_CALLER)
    lacking = [name for name in ("total", "total_sq") if name not in counts.columns]
    counts = counts.with_columns(pl.lit(None, pl.Float64).alias(name) for name in lacking)
    used = counts.filter(pl.col("reason").is_null(), pl.col("period").is_not_null())
    used = used.with_columns(pl.col("n").cast(pl.Int64)).filter(pl.col("n") != 0)
    if used.filter(pl.col("n") < 0).height:
        raise bad_option(used["n"].min(), caller=_CALLER, option="n", rule="0 or more")
    _check_values(used)
    return used


def _check_values(used: pl.DataFrame) -> None:
    for measure, lowest, highest in (
        ("csat", 1, 5),
        ("effort", 1, 7),
        ("response", 0, 1),
        ("abandoned", 0, 1),
    ):
        value = used.filter(pl.col("measure") == measure)["value"].cast(pl.Float64)
        known = value.is_between(lowest, highest) & (value == value.round())
        wrong = value.filter(~known.fill_null(value=False))
        if wrong.len():
            raise bad_option(
                wrong[0],
                caller=_CALLER,
                option="value",
                rule=f"whole numbers from {lowest} to {highest} in {measure}",
            )


def _sum_up(used: pl.DataFrame, figure: _Figure) -> pl.DataFrame:
    """Sum what a figure is made of, period by period."""
    n = pl.col("n").cast(pl.Float64)
    value = pl.col("value").cast(pl.Float64)
    if figure.unit == "share":
        total = squares = n.filter(value >= figure.least).sum()
    elif figure.unit == "currency":
        total, squares = pl.col("total").sum(), pl.col("total_sq").sum()
    else:
        total, squares = (n * value).sum(), (n * value * value).sum()
    mine = used.filter(pl.col("measure") == figure.measure)
    return (
        mine.group_by(pl.col("period").cast(pl.Date), maintain_order=True)
        .agg(
            pl.col("n").sum(),
            total.cast(pl.Float64).alias("total"),
            squares.cast(pl.Float64).alias("squares"),
        )
        .with_columns(
            measure=pl.lit(figure.name),
            unit=pl.lit(figure.unit),
            share=pl.lit(float(figure.unit == "share")),
            counted=pl.lit(float(figure.unit == "contacts")),
            lowest=pl.lit(float(figure.lowest)),
            highest=pl.lit(float(figure.highest)),
        )
    )


def _pair(sums: pl.DataFrame, *, every: Every) -> pl.DataFrame:
    """Put beside each period the one before it."""
    after = pl.col("period").dt.offset_by(TRUNCATE[every])
    before = sums.select(
        "measure", after.alias("period"), pl.col(_Sample._fields).name.prefix(_BEFORE)
    )
    return sums.join(before, on=["measure", "period"], how="left", maintain_order="left")


def _take(pairs: pl.DataFrame, prefix: str) -> _Sample:
    return _Sample(*(to_floats(pairs[prefix + name]) for name in _Sample._fields))


def _bound(sample: _Sample, tail: Floats) -> Bounds:
    """Make the interval of each figure, which leaves `tail` on each side."""
    wide = _student(sample.n - 1, tail) * np.sqrt(ratio(sample.variance, sample.n))
    low, high = _wilson(sample, tail)
    low = np.where(sample.share == 1, low, np.maximum(sample.value - wide, sample.lowest))
    high = np.where(sample.share == 1, high, np.minimum(sample.value + wide, sample.highest))
    none = sample.counted == 1
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _wilson(sample: _Sample, tail: Floats) -> Bounds:
    z = -special.ndtri(tail)
    n, share = sample.n, sample.value
    middle = ratio(share + z * z / (2 * n), 1 + z * z / n)
    inner = np.maximum(share * (1 - share), 0) / n + z * z / (4 * n * n)
    wide = ratio(z * np.sqrt(inner), 1 + z * z / n)
    # Where none or all belong to the share, the bound is that end, and not a hair beside it.
    low = np.where(share == 0, 0.0, np.maximum(middle - wide, 0))
    high = np.where(share == 1, 1.0, np.minimum(middle + wide, 1))
    return low, high


def _bound_change(now: _Sample, before: _Sample, tail: Floats) -> Bounds:
    """Make the interval of each change, which leaves `tail` on each side."""
    change = now.value - before.value
    (low, high), (low_before, high_before) = _wilson(now, tail), _wilson(before, tail)
    down = np.hypot(now.value - low, high_before - before.value)
    up = np.hypot(high - now.value, before.value - low_before)
    errors = ratio(now.variance, now.n), ratio(before.variance, before.n)
    error = errors[0] + errors[1]
    degrees = ratio(
        error**2, ratio(errors[0] ** 2, now.n - 1) + ratio(errors[1] ** 2, before.n - 1)
    )
    wide = _student(degrees, tail) * np.sqrt(error)
    share, none = now.share == 1, now.counted == 1
    below = np.where(share, change - down, change - wide)
    above = np.where(share, change + up, change + wide)
    return np.where(none, np.nan, below), np.where(none, np.nan, above)


def _student(degrees: Floats, tail: Floats) -> Floats:
    known = np.where(degrees > 0, degrees, np.nan)
    return np.asarray(-special.stdtrit(known, tail), dtype=np.float64)
