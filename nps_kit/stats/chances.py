"""How often chance alone takes a mean so far: skewed, in steps, and among many."""

from typing import Literal

import numpy as np
from scipy import special

from nps_kit.stats.intervals import Floats

Adjust = Literal["holm", "fdr_bh", "bonferroni", "none"]

_STRAIGHT = 1e-6


def stretch(quantile: float, skew: Floats) -> Floats:
    """Stretch a normal quantile for skewness: that of a gamma, by Wilson and Hilferty's cube.

    The distribution has mean 0, variance 1 and the skewness given (Pearson's type III). Wilson and
    Hilferty (1931), PNAS 17, 684-688.
    """
    straight = np.abs(skew) < _STRAIGHT
    safe = np.where(straight, 1.0, skew)
    root = np.maximum(1 + safe * quantile / 6 - safe**2 / 36, 0)
    return np.where(straight, quantile, 2 / safe * (root**3 - 1))


def unstretch(value: Floats, skew: Floats) -> Floats:
    """Find the normal quantile that `stretch` makes into `value`."""
    straight = np.abs(skew) < _STRAIGHT
    safe = np.where(straight, 1.0, skew)
    root = np.cbrt(np.maximum(1 + safe * value / 2, 0))
    return np.where(straight, value, 6 / safe * (root - 1) + safe / 6)


def find_chances(distance: Floats, *, error: Floats, skew: Floats, half_step: Floats) -> Floats:
    """Find how often chance alone takes a mean this far or farther, two-sided.

    A mean of n answers moves in steps of one answer: half a step is taken off the distance, so
    that the chance is of this value or a rarer one, never only of rarer ones.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        below = special.ndtr(unstretch((distance + half_step) / error, skew))
        above = special.ndtr(-unstretch((distance - half_step) / error, skew))
    # Where nothing can vary, nothing is rare.
    chances = np.where(error > 0, np.minimum(2 * np.minimum(below, above), 1), 1.0)
    return np.where(np.isnan(distance), np.nan, chances)


def adjust_p_values(p_values: Floats, *, adjust: Adjust) -> Floats:
    """Adjust p-values for their number.

    Parameters
    ----------
    p_values
        One element a test; NaN takes no part.
    adjust
        How: ``holm``, ``bonferroni``, ``fdr_bh`` (Benjamini and Hochberg) or ``none``.

    Returns
    -------
    The adjusted p-values, never under the ones given; NaN where there was none.

    Notes
    -----
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70; Benjamini and Hochberg (1995), Journal
    of the Royal Statistical Society B 57, 289-300. Written here, since statsmodels' own clears the
    memory of the whole process at each call, a tenth of a second for a few numbers.
    """
    known = np.flatnonzero(~np.isnan(p_values))
    adjusted = p_values.copy()
    if adjust == "none":
        return adjusted
    order = known[np.argsort(p_values[known], kind="stable")]
    ordered, tests = p_values[order], known.size
    left = np.arange(tests, 0, -1)
    if adjust == "bonferroni":
        found = ordered * tests
    elif adjust == "holm":
        found = np.maximum.accumulate(ordered * left)
    else:
        found = np.minimum.accumulate((ordered * tests / left[::-1])[::-1])[::-1]
    adjusted[order] = np.minimum(found, 1)
    return adjusted
