"""Many comparisons at once: the more there are, the more differ by chance alone."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from nps_kit.stats.chances import Adjust, adjust_p_values
from nps_kit.stats.intervals import Bounds, Floats
from nps_kit.stats.samples import to_column, to_constant


class Comparison(NamedTuple):
    """Comparisons before the number of them is heeded, one element a row."""

    change: Floats
    """In points."""
    p_value: Floats
    """NaN where there is nothing to test."""
    bounds: Callable[[float], Bounds]
    """The intervals at a level."""
    few: npt.NDArray[np.bool_]
    """Too few answers to be tested."""
    same_as: npt.NDArray[np.intp]
    """The row that tests the same; its own place where no earlier one does."""
    method: str


def judge(found: Comparison, *, level: float, adjust: Adjust) -> dict[str, pl.Series]:
    """Make intervals and p-values that hold for all comparisons together.

    Parameters
    ----------
    found
        The comparisons.
    level
        The level of the whole family.
    adjust
        How the number of comparisons is heeded.

    Returns
    -------
    The columns from ``change`` to ``few``.
    """
    height = found.change.size
    # Two groups alone are each other's rest: one question, asked once.
    p_values = found.p_value[found.same_as]
    tested = ~found.few & ~np.isnan(p_values)
    asked = np.flatnonzero(tested & (found.same_as == np.arange(height)))
    adjusted = np.full(height, np.nan)
    adjusted[asked] = adjust_p_values(p_values[asked], adjust=adjust)
    adjusted = np.where(tested, adjusted[found.same_as], np.nan)
    each = _level_of_each(adjusted[asked], level=level, adjust=adjust)
    low, high = found.bounds(each)
    method = pl.Series([found.method]).new_from_index(0, height)
    return {
        "change": to_column(found.change),
        "low": to_column(low),
        "high": to_column(high),
        "level": to_constant(level, height=height),
        "method": method.zip_with(pl.Series(~np.isnan(low)), method.clear(height)),
        "p_value": to_column(np.where(tested, p_values, np.nan)),
        "p_adjusted": to_column(adjusted),
        "adjust": pl.Series([adjust]).new_from_index(0, height),
        "n_tests": pl.repeat(asked.size, height, dtype=pl.Int64, eager=True),
        "few": pl.Series(found.few),
    }


def _level_of_each(adjusted: Floats, *, level: float, adjust: Adjust) -> float:
    """Find the level of one interval at which the family keeps its own."""
    tests = max(adjusted.size, 1)
    if adjust == "none":
        return level
    if adjust == "fdr_bh":
        # Of the intervals of what was found, this share misses (Benjamini and Yekutieli 2005).
        found = max(int((adjusted < 1 - level).sum()), 1)
        return 1 - (1 - level) * found / tests
    return 1 - (1 - level) / tests
