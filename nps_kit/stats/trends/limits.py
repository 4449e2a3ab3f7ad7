"""The limits of a control chart: what a stable series usually does.

Arrays in, arrays out. Rows are series, columns their points in order of time; NaN fills a shorter
series up at its end.
"""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.intervals import PSEUDO, Floats
from nps_kit.stats.trends.rules import Marks

Method = Literal["auto", "xmr", "laney"]

USED = ("xmr", "xmr_adjusted", "laney")
"""The methods that limits can have been made by."""

LEAST = 5
"""Points that limits need: with fewer, the latest one cannot leave limits that it helps to make."""

ALIKE = 1.5
"""Periods whose most and fewest answers differ by no more than this factor get flat limits."""

_XMR, _ADJUSTED, _LANEY = range(len(USED))

# Mean of the distance of two normal values, in standard deviations.
_D2 = 1.128

# A moving range this many times their mean is left out of it, once: an outlier makes two of them.
_WIDE = 3.267

# Halving 40,000 square points this often leaves a millionth of one.
_HALVINGS = 36
_WIDEST = 200.0**2


class Limits(NamedTuple):
    """Where a stable series lies, one row a series; NaN where it has too few points."""

    centre: Floats
    spread: Floats
    """Standard deviation from one period to the next that the number of answers does not change."""
    ratio: Floats
    """What the standard deviation by the chance of who answered is multiplied with."""
    typical: Floats
    """Answers that every judged period is taken to have; NaN where each has its own."""
    used: npt.NDArray[np.int64]
    """Place of the method in `USED`, without columns."""

    def sigma(self, variance: Floats, n: Floats, *, judged: Marks) -> Floats:
        """Give the standard deviation of periods of `n` answers about the centre."""
        same = judged & ~np.isnan(self.typical)
        return np.sqrt(self.spread**2 + self.ratio**2 * variance / np.where(same, self.typical, n))


def pooled_variance(shares: Floats, n: Floats) -> Floats:
    """Variance of one answer, in square points, from all answers of a series.

    Parameters
    ----------
    shares
        Shares of detractors, passives and promoters on the last axis.
    n
        Answers (or equally many plain ones) of each point; NaN where there is none.

    Returns
    -------
    One column. The answers of `PSEUDO` are added, so that a series of nothing but promoters is not
    taken to be unable to have a detractor.
    """
    bands = np.nansum(shares * n[..., None], axis=1) + np.array(PSEUDO)
    bands = bands / bands.sum(axis=1, keepdims=True)
    detractors, passives, promoters = bands.T
    variance = passives * (detractors + promoters) + 4 * detractors * promoters
    return np.asarray(1e4 * variance)[:, None]


def find_limits(points: Floats, n: Floats, variance: Floats, *, method: Method) -> Limits:
    """Find the limits of each series by its method.

    Parameters
    ----------
    points
        The scores, one row a series.
    n
        Answers of each point; NaN where there is none.
    variance
        As `pooled_variance` gives it.
    method
        As in `trace_nps`.

    Returns
    -------
    What makes the limits; NaN for a series of fewer than `LEAST` points.
    """
    find = {"xmr": _by_moving_range, "laney": _by_laney, "auto": _by_both}[method]
    found = find(points, n, variance)
    few = (~np.isnan(points)).sum(axis=1, keepdims=True) < LEAST
    return found._replace(
        centre=np.where(few, np.nan, found.centre), spread=np.where(few, np.nan, found.spread)
    )


def moving_ranges(points: Floats) -> Floats:
    """Find the distance of each point from the one before; NaN for the first.

    Parameters
    ----------
    points
        The scores, one row a series.

    Returns
    -------
    The distances, in the unit of the points.
    """
    return np.abs(np.diff(points, axis=1, prepend=np.nan))


def _by_moving_range(points: Floats, _: Floats, variance: Floats) -> Limits:
    sigma = _mean(_screen(moving_ranges(points))) / _D2
    none = np.zeros_like(variance)
    return Limits(_mean(points), sigma, none, none * np.nan, np.full(len(points), _XMR))


def _by_laney(points: Floats, n: Floats, variance: Floats) -> Limits:
    centre = _ratio(_total(points * n), _total(n))
    scaled = (points - centre) / np.sqrt(variance / n)
    ratio = np.fmax(_mean(_screen(moving_ranges(scaled))) / _D2, 1)
    none = np.zeros_like(centre)
    return Limits(centre, none, ratio, none * np.nan, np.full(len(points), _LANEY))


def _by_both(points: Floats, n: Floats, variance: Floats) -> Limits:
    """Add the spread from period to period to the chance of who answered."""
    alike = np.fmax.reduce(n, axis=1, keepdims=True, initial=0) <= ALIKE * np.fmin.reduce(
        n, axis=1, keepdims=True, initial=np.inf
    )
    known = (~np.isnan(n)).sum(axis=1, keepdims=True).astype(float)
    typical = np.where(alike, _ratio(known, _total(1 / n)), np.nan)
    chance = variance / np.where(alike & ~np.isnan(n), typical, n)
    steps = moving_ranges(points) / _D2
    # Of a step: the mean of its two points' variances. The first point has no step.
    before = np.full_like(chance, np.nan)
    before[:, 1:] = chance[:, :-1]
    each = (chance + before) / 2
    wide = steps > _WIDE * np.sqrt(each + _solve_spread(steps, each))
    between = _solve_spread(np.where(wide, np.nan, steps), np.where(wide, np.nan, each))
    weight = 1 / (between + chance)
    return Limits(
        _ratio(_total(points * weight), _total(weight)),
        np.sqrt(between),
        np.ones_like(between),
        typical,
        np.where(alike & (between > 0), _XMR, _ADJUSTED)[:, 0],
    )


def _solve_spread(steps: Floats, each: Floats) -> Floats:
    """Find the variance from period to period at which the steps have the length they should.

    Each step is measured in its own standard deviation, and those that chance blurs least weigh
    most. Where the steps are shorter than chance alone makes them, the variance is 0.
    """

    def too_long(between: Floats) -> npt.NDArray[np.bool_]:
        total = each + between
        return np.asarray(_total(steps * total**-1.5) > _total(1 / total))

    low = np.zeros((len(steps), 1))
    some = too_long(low)
    high = np.where(some, _WIDEST, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        up = too_long(middle)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return np.where(some, (low + high) / 2, 0.0)


def _screen(ranges: Floats) -> Floats:
    """Leave out the ranges that a single stray point makes: far beyond the mean of them all."""
    return np.where(ranges > _WIDE * _mean(ranges), np.nan, ranges)


def _total(values: Floats) -> Floats:
    return np.asarray(np.nansum(values, axis=1, keepdims=True))


def _mean(values: Floats) -> Floats:
    """Mean of each row, NaN where there is nothing."""
    return _ratio(_total(values), (~np.isnan(values)).sum(axis=1, keepdims=True).astype(float))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
