"""Trimmed means and medians of amounts that were counted in steps."""

from typing import NamedTuple

import numpy as np

from nps_kit.stats.intervals import Floats


class Amounts(NamedTuple):
    """Cells of people who have about the same amount, from the smallest up."""

    values: Floats
    """Mean amount of each cell."""
    n: Floats


def take_amounts(n: Floats, totals: Floats) -> Amounts:
    """Take cells as they were counted, those without people left out."""
    some = n > 0
    values = totals[some] / n[some]
    order = np.argsort(values, kind="stable")
    return Amounts(values[order], n[some][order])


def trim_mean(values: Floats, n: Floats, *, trim: float) -> Floats:
    """Average what is left when a share is cut off at each end.

    Parameters
    ----------
    values
        Amounts, rising.
    n
        People with each; the last axis runs over the amounts, those before over samples.
    trim
        Share cut off at each end; a part of a person where it does not come out whole.

    Returns
    -------
    One mean a sample; NaN where it has nobody.
    """
    upto = np.cumsum(n, axis=-1)
    total = upto[..., -1:] if values.size else np.zeros((*np.shape(n)[:-1], 1))
    kept = np.minimum(upto, total * (1 - trim)) - np.maximum(upto - n, total * trim)
    kept = np.maximum(kept, 0)
    whole = kept.sum(axis=-1)
    mean: Floats = np.divide(
        kept @ values, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0
    )
    return mean


def find_median(values: Floats, n: Floats) -> Floats:
    """Find the amount that half of the people do not reach; arguments as in `trim_mean`."""
    if not values.size:
        return np.full(np.shape(n)[:-1], np.nan)
    upto = np.cumsum(n, axis=-1)
    half = upto[..., -1:] / 2
    last = values.size - 1
    lower = values[np.minimum((upto < half).sum(axis=-1), last)]
    upper = values[np.minimum((upto <= half).sum(axis=-1), last)]
    median: Floats = np.where(upto[..., -1] > 0, (lower + upper) / 2, np.nan)
    return median


def vary_mean(amounts: Amounts, *, trim: float) -> float:
    """Give the variance of a trimmed mean, from the Winsorised variance (Tukey and McLaughlin).

    Sankhya A 25 (1963), 331-352. NaN under two people.
    """
    total = float(amounts.n.sum())
    if total < 2:  # noqa: PLR2004 - one person does not vary
        return np.nan
    upto = np.cumsum(amounts.n)
    low, high = (
        amounts.values[min(int(np.searchsorted(upto, total * share)), amounts.values.size - 1)]
        for share in (trim, 1 - trim)
    )
    pulled = np.clip(amounts.values, low, high)
    mean = float(pulled @ amounts.n) / total
    variance = float((pulled - mean) ** 2 @ amounts.n) / (total - 1)
    return variance / ((1 - 2 * trim) ** 2 * total)
