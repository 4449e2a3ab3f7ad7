"""The interval of a mixture: one distribution for each value of the spread, weighed together."""

from typing import NamedTuple

import numpy as np
from scipy import special

from nps_kit.stats.intervals import Floats

Pair = tuple[Floats, Floats]

_TINY = 1e-300

# What is left of a correction: beyond this it is no longer one.
_LARGEST_SHIFT = 1.5

# More lopsided than this, a distribution is too near its end for the correction to hold.
_TOO_LOPSIDED = 1.5


class Moments(NamedTuple):
    """Mean, variance, skewness and excess kurtosis, one element a group."""

    mean: Floats
    variance: Floats
    skew: Floats
    excess: Floats


def mix(mean: Floats, variance: Floats, *, chances: Floats, shape: Pair | None = None) -> Moments:
    """Weigh parts together: a row a group, a column a value of the spread.

    Parameters
    ----------
    mean, variance
        Of the parts.
    chances
        Of the values of the spread.
    shape
        Skewness and excess kurtosis of the parts. None: they are normal.
    """
    whole = mean @ chances
    off = mean - whole[:, None]
    square = off**2
    third = off * (3 * variance + square)
    fourth = 3 * variance**2 + square * (6 * variance + square)
    if shape is not None:
        lopsided = shape[0] * variance**1.5
        third += lopsided
        fourth += 4 * off * lopsided + shape[1] * variance**2
    total = (variance + square) @ chances
    size = np.maximum(total, _TINY)
    return Moments(whole, total, (third @ chances) / size**1.5, (fourth @ chances) / size**2 - 3)


def beta_shape(mean: Floats, variance: Floats) -> Pair:
    """Give skewness and excess kurtosis of a beta distribution on -1 to 1."""
    room = np.maximum(1 - mean**2, _TINY)
    size = np.maximum(room / np.maximum(variance, _TINY) - 1, _TINY)
    skew = -4 * mean * np.sqrt((size + 1) / room) / (size + 2)
    excess = 6 * (4 * mean**2 * (size + 1) / room - (size + 2)) / ((size + 2) * (size + 3))
    return skew, excess


def normal_bounds(moments: Moments, *, level: float) -> Pair:
    """Find the bounds of the central `level` on a scale without ends."""
    plain = np.zeros_like(moments.mean)
    error = np.sqrt(moments.variance)
    low, high = (
        moments.mean + error * (special.ndtri(share) + _shift(moments, (plain, plain), share))
        for share in ((1 - level) / 2, (1 + level) / 2)
    )
    return np.minimum(low, moments.mean), np.maximum(high, moments.mean)


def beta_bounds(moments: Moments, *, level: float) -> Pair:
    """Find the bounds of the central `level` on a scale from -1 to 1.

    Those of the beta distribution of the same mean and variance, corrected for the mixture's own
    skewness and tails after Cornish and Fisher.
    """
    mean, error = moments.mean, np.sqrt(moments.variance)
    size = np.maximum((1 - mean**2) / np.maximum(moments.variance, _TINY) - 1, _TINY)
    up, down = (np.maximum(size * (1 + sign * mean) / 2, _TINY) for sign in (1, -1))
    shape = beta_shape(mean, moments.variance)
    low, high = (
        2 * special.betaincinv(up, down, share) - 1 + error * _shift(moments, shape, share)
        for share in ((1 - level) / 2, (1 + level) / 2)
    )
    return np.clip(np.minimum(low, mean), -1, 1), np.clip(np.maximum(high, mean), -1, 1)


def _shift(moments: Moments, base: Pair, share: float) -> Floats:
    """Say by how many standard errors a bound moves for a shape that is not the base's."""
    z = float(special.ndtri(share))
    (skew, excess), (base_skew, base_excess) = (moments.skew, moments.excess), base
    shift = (
        (z**2 - 1) * (skew - base_skew) / 6
        + (z**3 - 3 * z) * (excess - base_excess) / 24
        - (2 * z**3 - 5 * z) * (skew**2 - base_skew**2) / 36
    )
    shift = np.clip(shift, -_LARGEST_SHIFT, _LARGEST_SHIFT)
    return np.where(np.abs(base_skew) < _TOO_LOPSIDED, shift, 0.0)
