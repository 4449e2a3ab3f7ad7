"""Two scores of the same people: the interval of their difference, and its p-value.

A shift is how a person's answer moved, a passive that became a promoter by +1. `shifts` are the
people of each of the five shifts, -2 to 2, one element a comparison; the change is a hundred times
their mean. That each person answered twice is in the shifts themselves: nothing else is needed for
the covariance. Where nobody answered, bounds and p-values are NaN.
"""

import numpy as np
import numpy.typing as npt
from scipy import special

from nps_kit.stats.differences.crossings import find_crossings
from nps_kit.stats.differences.independent import SMALLEST, WIDEST
from nps_kit.stats.intervals import Bounds, Floats

PSEUDO_SHIFTS = (0.5, 0.5, 1.0, 0.5, 0.5)
"""What the adjusted interval adds to the people of each shift."""

_SHIFTS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])[:, np.newaxis]

# Halving the range of a multiplier this often leaves nothing that a bound could show.
_HALVINGS = 45

# A mean this close to the end of the scale leaves room for the last shift alone.
_NEARLY = 1e-12

# Comparisons worked on together, as in intervals.py.
_TOGETHER = 8192

Shifts = npt.NDArray[np.float64]
"""Five rows, one a shift; one column a comparison."""


def envelope(shifts: Shifts, *, level: float) -> Bounds:
    """Make the wider, bound by bound, of two intervals of the mean shift.

    Parameters
    ----------
    shifts
        People of each shift from -2 to 2 (five rows), one column a comparison.
    level
        Probability that the interval aims to cover.

    Returns
    -------
    Lower and upper bounds in points, from -200 to 200. They leave zero out exactly where
    `p_values` gives less than ``1 - level``.

    Notes
    -----
    One is Student's interval of the shifts with `PSEUDO_SHIFTS` added; the other holds every change
    that a score test would not reject, as Tango's does for one score: the variance is that of the
    likeliest shares with the tried mean, also of shifts that nobody made, and the test is corrected
    for the steps in which a mean of few people moves.

    Examples
    --------
    >>> shifts = np.array([[2.0], [5.0], [60.0], [25.0], [8.0]])
    >>> low, high = envelope(shifts, level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (15.5, 48.4)
    """
    n, mean, half_step = _measure(shifts)
    tail = (1 - level) / 2
    centre, error = _adjust(shifts)
    half = -special.stdtrit(np.maximum(n - 1, 1), tail) * error
    found = []
    for sign in (-1, 1):
        # The lower bound is the upper one of the mirrored shifts.
        bound = np.empty_like(mean)
        for start in range(0, mean.size, _TOGETHER):
            part = slice(start, start + _TOGETHER)
            bound[part] = _upper_bound(
                shifts[::sign, part], sign * mean[part], half_step[part], -special.ndtri(tail)
            )
        found.append(sign * np.maximum(bound, sign * centre + half))
    known = ~np.isnan(mean)
    low, high = (np.where(known, np.clip(100 * bound, -WIDEST, WIDEST), np.nan) for bound in found)
    return low, high


def p_values(shifts: Shifts) -> Floats:
    """Test whether the mean shift is zero: the larger p-value of the tests behind `envelope`.

    Parameters
    ----------
    shifts
        As in `envelope`.

    Returns
    -------
    Two-sided p-values, above zero however clear the change.

    Examples
    --------
    >>> float(p_values(np.array([[2.0], [5.0], [60.0], [25.0], [8.0]])).round(5)[0])
    0.00048
    """
    n, mean, half_step = _measure(shifts)
    centre, error = _adjust(shifts)
    first = special.stdtr(np.maximum(n - 1, 1), -np.abs(centre) / error)
    beyond = np.maximum(np.abs(mean) - half_step, 0)
    spread = np.sqrt(null_variance(shifts, np.zeros_like(mean)) / n)
    second = special.ndtr(-np.divide(beyond, spread, out=np.zeros_like(spread), where=spread > 0))
    found: Floats = np.clip(2 * np.maximum(first, second), SMALLEST, 1)
    return np.where(np.isnan(mean), np.nan, found)


def _measure(shifts: Shifts) -> tuple[Floats, Floats, Floats]:
    """People, mean shift, and half of how far the mean moves at once."""
    n = shifts.sum(axis=0)
    n = np.where(n > 0, n, np.nan)
    shares = shifts / n
    # Shifts that are all odd, or all even, move the sum by two; shifts of two alone by four.
    odd = np.abs(1 - 2 * (shares[1] + shares[3])) ** n
    double = np.hypot(shares[2] - shares[0] - shares[4], shares[3] - shares[1]) ** n
    return n, (shares * _SHIFTS).sum(axis=0), (1 + odd + 2 * double) / n / 2


def _adjust(shifts: Shifts) -> tuple[Floats, Floats]:
    """Mean of the shifts with `PSEUDO_SHIFTS` added, and its standard error."""
    more = shifts + np.array(PSEUDO_SHIFTS)[:, np.newaxis]
    n = more.sum(axis=0)
    mean = (more * _SHIFTS).sum(axis=0) / n
    return mean, np.sqrt((more * (_SHIFTS - mean) ** 2).sum(axis=0)) / n


def null_variance(shifts: Shifts, truth: Floats) -> Floats:
    """Variance of one shift if their mean were `truth`, their shares as likely as can be."""
    n = shifts.sum(axis=0)
    n = np.where(n > 0, n, np.nan)
    # Mirrored so that the people lie above the truth: then the likeliest shares give less to the
    # high shifts, and what is left over, if anything, to the lowest.
    above = (shifts * _SHIFTS).sum(axis=0) >= truth * n
    people = np.where(above, shifts, shifts[::-1])
    mean = np.where(above, truth, -truth)
    away = _SHIFTS - mean
    lowest, highest = np.zeros_like(mean), 1 / np.maximum(2 + mean, _NEARLY)
    for _ in range(_HALVINGS):
        middle = (lowest + highest) / 2
        too_high = (people * away / (1 + middle * away)).sum(axis=0) > 0
        lowest = np.where(too_high, middle, lowest)
        highest = np.where(too_high, highest, middle)
    shares = people / n / (1 + lowest * away)
    shares[0] += np.clip(1 - shares.sum(axis=0), 0, 1)
    found: Floats = (shares * away**2).sum(axis=0)
    return found


def _upper_bound(shifts: Shifts, mean: Floats, half_step: Floats, quantile: float) -> Floats:
    """Find the mean above that of the people at which the test begins to reject."""
    n = shifts.sum(axis=0)

    def excess(tried: Floats, rows: npt.NDArray[np.intp]) -> Floats:
        error = np.sqrt(null_variance(shifts[:, rows], tried) / n[rows])
        found: Floats = tried - mean[rows] - half_step[rows] - quantile * error
        return found

    return find_crossings(excess, mean, np.full_like(mean, WIDEST / 100))
