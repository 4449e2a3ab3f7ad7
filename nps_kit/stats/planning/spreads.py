"""How much one answer varies, and how exact that makes a score of so many answers."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from nps_kit.stats.intervals import PSEUDO, Floats
from nps_kit.stats.samples import Sample, ratio

TYPICAL = 0.67
"""Variance of one answer (on -1 to 1) that the published tables of sample sizes assume."""

BASES = ("own answers", "shares given", "typical spread")
"""What a plan can rest on."""

_HALVINGS = 64


class Spread(NamedTuple):
    """How much one answer varies, on -1 to 1, one element a row."""

    variance: Floats
    square: Floats
    """Mean square of an answer: the share of promoters and detractors. NaN where not known."""
    mean: Floats
    """The score. NaN where not known."""
    effect: Floats
    """Design effect of weights: answers over equally many plain ones."""

    def take(self, rows: npt.NDArray[np.intp]) -> Self:
        """Take some of the rows."""
        return type(self)(*(part[rows] for part in self))


def quantile(level: float) -> float:
    """Give the half-width of the central `level` of a normal, in standard errors."""
    return float(-special.ndtri((1 - level) / 2))


def find_margin(spread: Spread, n: Floats, *, z: float) -> Floats:
    """Find the half-width, on -1 to 1, of the interval of `n` answers that come as expected."""
    plain = n / spread.effect
    more = plain + sum(PSEUDO)
    square, mean = _adjusted(spread, plain)
    own = np.sqrt(np.maximum(square - mean**2, 0) / more)
    return np.asarray(z * np.fmax(np.sqrt(spread.variance / plain), own))


def shows(
    spread: Spread, n: Floats, difference: Floats, *, z: float, power: float
) -> npt.NDArray[np.bool_]:
    """Tell whether `n` answers each show a difference with the power whose quantile is given.

    The second group has as many passives as the first, and stands nearer the middle of the scale:
    a change away from it is seen more easily.
    """
    plain = n / spread.effect
    typical = difference >= (z + power) * np.sqrt(2 * spread.variance / plain)
    more = plain + sum(PSEUDO)
    square, mean = _adjusted(spread, plain)
    # A difference of adjusted scores is smaller than that of the scores themselves.
    apart = difference * plain / more
    other = np.minimum((np.abs(mean) - apart) ** 2, square**2)
    both = np.maximum(2 * square - mean**2 - other, 0)
    # The larger of the variances under no difference (pooled) and under this one.
    none = both + apart**2 / 2
    own = apart >= (z * np.sqrt(none) + power * np.sqrt(both)) / np.sqrt(more)
    return np.where(np.isnan(square), typical, typical & own)


def smallest(enough: Callable[[Floats], npt.NDArray[np.bool_]], most: Floats) -> Floats:
    """Find the smallest value, between 0 and `most`, from which on it is enough."""
    low, high = np.zeros_like(most), most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        met = enough(middle)
        low, high = np.where(met, low, middle), np.where(met, middle, high)
    return high


def whole(answers: Floats) -> pl.Series:
    """Round answers up, to one at least; a whole number but for rounding dust stays that number."""
    return pl.Series(np.maximum(np.ceil(answers - 1e-6), 1)).cast(pl.Int64)


def _adjusted(spread: Spread, plain: Floats) -> tuple[Floats, Floats]:
    """Give the mean square and the mean of so many answers with those of the interval added."""
    more = plain + sum(PSEUDO)
    square = (plain * spread.square + PSEUDO[0] + PSEUDO[-1]) / more
    return square, plain * spread.mean / more


def spread_of(sample: Sample, shares: Sequence[float] | None) -> tuple[Spread, pl.Series]:
    """Tell how much one answer of each group varies, and from what that is taken."""
    own = sample.effective > 0
    total = np.where(own, sample.effective, 0)
    adjusted = [
        (np.where(own, total * share, 0) + more) / (total + sum(PSEUDO))
        for share, more in zip(sample.shares, PSEUDO, strict=True)
    ]
    instead = (np.nan,) * len(PSEUDO) if shares is None else shares
    low, _, high = (
        np.where(own, mine, other) for mine, other in zip(adjusted, instead, strict=True)
    )
    square, mean = low + high, high - low
    variance = np.nan_to_num(square - mean**2, nan=TYPICAL)
    effect = np.where(own, ratio(sample.n, total), 1.0)
    basis = np.where(own, BASES[0], BASES[1 if shares is not None else 2])
    return Spread(variance, square, mean, effect), pl.Series(basis, dtype=pl.String)
