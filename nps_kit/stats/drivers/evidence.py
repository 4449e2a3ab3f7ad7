"""Whether anything is found: likelihood-ratio tests of each driver, and of all together."""

from dataclasses import replace

import numpy as np
import polars as pl
from scipy import special

from nps_kit.stats.chances import adjust_p_values
from nps_kit.stats.drivers.ordinal import Fit, fit_ordinal
from nps_kit.stats.drivers.patterns import Patterns
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import to_column

CHANCES = {
    **dict.fromkeys(("p_value", "p_adjusted", "p_overall"), pl.Float64),
    "found": pl.Boolean,
}
"""The columns of `add_chances`."""


def add_chances(
    table: pl.DataFrame, patterns: Patterns, *, design: Floats, fit: Fit, level: float
) -> pl.DataFrame:
    """Add to each row whether its driver, and whether anything at all, is beyond chance.

    Parameters
    ----------
    table
        Table with the column ``driver``.
    patterns
        The answers.
    design
        ``patterns.design()``.
    fit
        The proportional-odds model of that design.
    level
        One less the chance under which something counts as found.

    Returns
    -------
    The rows as they were, with:

    ==============  =======  ==============================================================
    ``p_value``     0 to 1   of the row's driver: the model against the one without it
    ``p_adjusted``  0 to 1   by Holm, for the number of drivers
    ``p_overall``   0 to 1   the model against that of the controls alone, the same in all rows
    ``found``       boolean  ``p_overall`` is under one less `level`
    ==============  =======  ==============================================================

    Null where there is nothing to test: ``p_value`` also in rows of no driver.
    """
    names = [factor.name for factor in patterns.drivers]
    blocks = [patterns.block(name) for name in names]
    each = np.array([_test(block, patterns, design=design, fit=fit) for block in blocks])
    together = slice(0, blocks[-1].stop if blocks else 0)
    overall = _test(together, patterns, design=design, fit=fit)
    chances = pl.DataFrame(
        {
            "driver": pl.Series(names, dtype=pl.String),
            "p_value": to_column(each),
            "p_adjusted": to_column(adjust_p_values(each.astype(np.float64), adjust="holm")),
        }
    )
    return table.join(chances, on="driver", how="left", maintain_order="left").with_columns(
        p_overall=pl.lit(overall, pl.Float64).fill_nan(None),
        found=pl.lit(overall < 1 - level),
    )


def _test(block: slice, patterns: Patterns, *, design: Floats, fit: Fit) -> float:
    """Find the p-value of some columns of the design, NaN where they are not free."""
    nested = np.delete(design, block, 1)
    start = replace(fit, coefficients=np.delete(fit.coefficients, block))
    # From far out along a ridge it is farther to the top than from nothing.
    return find_chance(
        fit, fit_ordinal(nested, patterns.bands, start=None if fit.runaway.any() else start)
    )


def find_chance(full: Fit, nested: Fit) -> float:
    """Find the chance that a model's further columns do as well as this where none has an effect.

    Parameters
    ----------
    full
        The model.
    nested
        The model without those columns, of the same answers.

    Returns
    -------
    The p-value of the likelihood-ratio test; NaN where the columns are not free.
    """
    degrees = full.rank - nested.rank
    if degrees <= 0:
        return np.nan
    return float(special.chdtrc(degrees, max(2 * (full.log_likelihood - nested.log_likelihood), 0)))
