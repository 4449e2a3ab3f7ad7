"""The periods of each group, one after the other, and what they let us expect of the next.

A group's true score is a lasting level plus a deviation that fades from period to period; what is
observed adds the luck of who answered. Arrays are groups by periods, scores on -1 to 1.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self, cast, get_args

import numpy as np
import polars as pl
from scipy import special

from nps_kit.counts import TRUNCATE, Every, check_counts, check_period, count_bands
from nps_kit.errors import OptionError, check_choice, missing_column
from nps_kit.stats.chances import unstretch
from nps_kit.stats.intervals import PSEUDO, Floats
from nps_kit.stats.samples import take_sample

RECENT = 6
"""The usual answers of a period are the median of so many of the latest ones."""

# Units in which counts may lie that are coarser than the one asked for, the coarsest first.
_COARSER: dict[Every, tuple[Every, ...]] = {
    "day": ("year", "quarter", "month", "week"),
    "week": ("year", "quarter", "month"),
    "month": ("year", "quarter"),
    "quarter": ("year",),
    "year": (),
}

# Before looking, true scores are taken to stray by about so much: half a Student's t.
_PRIOR_SCALE, _PRIOR_DEGREES = 0.12, 3
# How much true scores deviate: dense near zero, and out to 60 points.
_DEVIATIONS = 0.6 * np.sinh(np.linspace(0, 3.2, 20)) / np.sinh(3.2)
# How much of a deviation is left in the next period: nothing, to nearly all.
_PERSISTENCES = np.array([0.0, 0.4, 0.7, 0.9, 0.98])
_TOGETHER = 2048
_HALVINGS = 32
_TINY = 1e-12
# No score lies farther out, whatever the doubt.
_ANYWHERE = 10.0


class History(NamedTuple):
    """What each group scored in each period; rows are groups, columns periods in time's order."""

    days: list[date]
    n: Floats
    """Answers; 0 where there are none."""
    effective: Floats
    """Equally many plain answers: fewer than `n` where answers are weighted."""
    score: Floats
    """Observed score on -1 to 1; 0 where there is none."""
    variance: Floats
    """Of one answer about the score of its period, one element a group."""
    third: Floats
    """Its third moment: how lopsided answers are."""


class Luck(NamedTuple):
    """What the luck of who answers adds to a true score, one element a group."""

    variance: Floats
    third: Floats
    """The third moment: a mean of few lopsided answers is lopsided itself."""

    @classmethod
    def of_mean(cls, history: History, *, answers: Floats) -> Self:
        """Find the luck in the mean of so many plain answers."""
        return cls(history.variance / answers, history.third / answers**2)

    @classmethod
    def none(cls, history: History) -> Self:
        """Give no luck at all: the true score."""
        return cls(np.zeros_like(history.variance), np.zeros_like(history.variance))


class Outlook(NamedTuple):
    """What the next period may bring, as a mixture: groups by ways in which scores may move."""

    weight: Floats
    """How likely each way is, given the history."""
    mean: Floats
    """Where it puts the true score of the next period; NaN where there is no history."""
    error: Floats
    """Standard deviation of that."""
    spread: Floats
    """How much true scores deviate from their lasting level, on average over the ways."""

    @property
    def expected(self) -> Floats:
        """The expected true score of the next period."""
        return np.asarray((self.weight * self.mean).sum(axis=1))

    def chance_over(self, bound: Floats, *, luck: Luck) -> Floats:
        """Find the chance that the next score is at or over `bound`."""
        return 1 - self._chance_under(bound, luck)

    def quantile(self, share: float, *, luck: Luck) -> Floats:
        """Find the score under which the next one stays with the chance `share`."""
        low, high = (np.full(self.mean.shape[0], end) for end in (-_ANYWHERE, _ANYWHERE))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            under = self._chance_under(middle, luck) < share
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.where(np.isnan(self.mean).any(axis=1), np.nan, (low + high) / 2)

    def _chance_under(self, bound: Floats, luck: Luck) -> Floats:
        error = np.sqrt(self.error**2 + luck.variance[:, None])
        # Nothing varies where no doubt and no luck is left: a step.
        safe = np.where(error > 0, error, _TINY)
        skew = luck.third[:, None] / safe**3
        each = special.ndtr(unstretch((bound[:, None] - self.mean) / safe, skew))
        return np.asarray((self.weight * each).sum(axis=1))


def truncate_periods(
    counts: pl.DataFrame, *, by: Sequence[str], every: Every, caller: str
) -> pl.DataFrame:
    """Give the counts with ``period`` as the first day of the unit `every`.

    Raises
    ------
    OptionError
        If ``period`` holds no dates, or periods that are longer than `every`.
    """
    check_choice(every, get_args(Every), caller=caller, option="every")
    counts = check_counts(counts, by=by, caller=caller)
    if "period" not in counts.columns:
        remedy = f'Did you tally by period?  tally(responses, by=["period"], every="{every}")'
        raise missing_column(
            "period", caller=caller, table="`counts`", present=counts.columns, remedy=remedy
        )
    check_period(counts, caller=caller)
    counts = counts.with_columns(pl.col("period").cast(pl.Date))
    _check_fine(counts["period"].drop_nulls().unique(), every=every, caller=caller)
    return counts.with_columns(pl.col("period").dt.truncate(TRUNCATE[every]))


def _check_fine(days: pl.Series, *, every: Every, caller: str) -> None:
    """Raise where the counts lie in periods longer than `every`: most of its own would be empty."""
    for unit in _COARSER[every]:
        # Two days may both be Mondays, and two months both begin a quarter, without any plan.
        fewest = 2 if every in ("day", "week") and unit != "week" else 3
        if days.len() >= fewest and (days == days.dt.truncate(TRUNCATE[unit])).all():
            raise OptionError(
                f'{caller} cannot use every="{every}": all {days.len()} periods in `counts` begin '
                f"with a {unit}.\n"
                f'  Use every="{unit}", or tally by {every}: '
                f'tally(responses, by=["period"], every="{every}").'
            )


def spare_name(name: str, *, by: Sequence[str]) -> str:
    """Give a name for a column on the way that no group has."""
    while name in by:
        name += "_"
    return name


def read_history(
    counts: pl.DataFrame, groups: pl.DataFrame, *, by: Sequence[str], every: Every, caller: str
) -> History:
    """Read what each group of `groups` scored in each period, from the first to the last.

    Parameters
    ----------
    counts
        Count table with ``period``, as `truncate_periods` gives it.
    groups
        All groups, ``[*by]``, sorted; without `by` one row.
    by, every, caller
        As the caller was asked.
    """
    dated = counts.filter(pl.col("period").is_not_null())
    bands = count_bands(dated, by=[*by, "period"], caller=caller).filter(pl.col("n") > 0)
    if bands.is_empty():
        empty = np.zeros((groups.height, 0))
        unknown = np.full(groups.height, np.nan)
        return History([], empty, empty, empty, unknown, unknown)
    sample = take_sample(bands)
    weighed = np.nan_to_num(sample.effective)
    low, _, high = (np.nan_to_num(share) for share in sample.shares)
    scores = {
        spare_name(name, by=by): values
        for name, values in (
            ("_weighed", weighed),
            ("_score", high - low),
            ("_square", high + low),
        )
    }
    place = spare_name("_place", by=by)
    first, last = (cast("date", pick) for pick in (bands["period"].min(), bands["period"].max()))
    days = pl.date_range(first, last, TRUNCATE[every], eager=True)
    full = (
        groups.select(*by, pl.int_range(pl.len(), dtype=pl.Int64).alias(place))
        .join(pl.DataFrame({"period": days}), how="cross")
        .join(
            bands.select(*by, "period", "n").with_columns(**scores),
            on=[*by, "period"],
            how="left",
            nulls_equal=True,
        )
        .sort(place, "period")
    )
    n, weighed, score, square = (
        full[name].cast(pl.Float64).fill_null(0).to_numpy().reshape(groups.height, days.len())
        for name in ("n", *scores)
    )
    return History(days.to_list(), n, weighed, score, *_vary(weighed, score, square))


def _vary(n: Floats, score: Floats, square: Floats) -> tuple[Floats, Floats]:
    """Find how answers vary about the score of their period, and how lopsidedly."""
    # Three answers of half the variance there can be, as in the interval: never none at all.
    freedom = np.maximum(n - 1, 0).sum(axis=1) + sum(PSEUDO)
    variance = ((n * (square - score**2)).sum(axis=1) + PSEUDO[1]) / freedom
    third = (n * (score - 3 * score * square + 2 * score**3)).sum(axis=1) / freedom
    some = n.sum(axis=1) > 0
    return np.where(some, np.minimum(variance, 1), np.nan), np.where(some, third, np.nan)


def usual_volume(answers: Floats) -> Floats:
    """Find the usual answers of a period: the median of the latest, from the group's first on."""
    recent = answers[:, -RECENT:]
    begun = np.cumsum(answers, axis=1)[:, -RECENT:] > 0
    some = begun.any(axis=1)
    usual = np.zeros(answers.shape[0])
    if some.any():
        usual[some] = np.nanmedian(np.where(begun, recent, np.nan)[some], axis=1)
    return np.ceil(usual)


def foresee(history: History) -> Outlook:
    """Work out what the next period may bring each group."""
    parts = [
        _foresee(history.effective[rows], history.score[rows], history.variance[rows])
        for start in range(0, max(history.score.shape[0], 1), _TOGETHER)
        for rows in [slice(start, start + _TOGETHER)]
    ]
    return Outlook(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _foresee(n: Floats, score: Floats, variance: Floats) -> Outlook:
    """Run the Kalman filter for every way in which scores may move, and weigh the ways.

    The lasting level is unknown and may be anything: the filter runs over the scores and over a
    row of ones alike, and least squares of the one on the other finds the level.
    """
    deviation, kept = (each.ravel() for each in np.meshgrid(_DEVIATIONS, _PERSISTENCES))
    ways = (score.shape[0], deviation.size)
    own = deviation**2
    y_ahead, one_ahead, doubt = np.zeros(ways), np.zeros(ways), np.broadcast_to(own, ways)
    yy, y1, ones, logs = (np.zeros(ways) for _ in range(4))
    for t in range(score.shape[1]):
        seen = n[:, t] > 0
        noise = np.where(seen, variance / np.where(seen, n[:, t], 1), 1.0)[:, None]
        total = doubt + noise
        sure = seen[:, None] / total
        y_off, one_off = score[:, t][:, None] - y_ahead, 1 - one_ahead
        yy, y1, ones = (
            yy + y_off**2 * sure,
            y1 + y_off * one_off * sure,
            ones + one_off**2 * sure,
        )
        logs = logs + np.where(seen[:, None], np.log(total), 0)
        gain = doubt * sure
        y_ahead, one_ahead = kept * (y_ahead + gain * y_off), kept * (one_ahead + gain * one_off)
        doubt = kept**2 * doubt * (1 - gain) + own * (1 - kept**2)
    known = ones > 0
    level = np.divide(y1, ones, out=np.full(ways, np.nan), where=known)
    mean = level * (1 - one_ahead) + y_ahead
    error = np.sqrt(
        doubt + np.divide((1 - one_ahead) ** 2, ones, out=np.full(ways, np.nan), where=known)
    )
    fit = -0.5 * (logs + np.log(np.where(known, ones, 1)) + yy - np.where(known, level * y1, 0))
    logit = np.where(known, fit, 0) + _log_prior(deviation)
    weight = np.exp(logit - logit.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return Outlook(weight, mean, error, (weight * deviation).sum(axis=1))


def _log_prior(deviation: Floats) -> Floats:
    """Give the prior of each way: half a Student's t in the deviation, even in the persistence."""
    width = np.gradient(_DEVIATIONS)
    width[0] /= 2
    each = np.log(width)[np.searchsorted(_DEVIATIONS, deviation)]
    tail = np.log1p((deviation / _PRIOR_SCALE) ** 2 / _PRIOR_DEGREES)
    return np.asarray(each - (_PRIOR_DEGREES + 1) / 2 * tail)
