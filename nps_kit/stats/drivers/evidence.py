"""Whether anything is found: each driver's test, and that of all together."""

from dataclasses import replace

import numpy as np
import polars as pl
from scipy import special

from nps_kit.stats.chances import adjust_p_values
from nps_kit.stats.drivers.ordinal import Fit, fit_ordinal
from nps_kit.stats.drivers.patterns import Patterns
from nps_kit.stats.drivers.squares import Squares, sum_squares
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

    Null where there is nothing to test: ``p_value`` also in rows of no driver. 1 where there are no
    more answers than levels: any scores would fit as well.

    Notes
    -----
    The larger p-value of two tests. The likelihood-ratio test of the proportional-odds model leans
    on many answers a level. With few it finds what is not there: of samples in which nothing has an
    effect, with eight drivers and two controls, nearly nine in ten at 30 answers and three in ten
    at 60. The F test of the linear model of -100, 0 and 100 counts the answers that are left over,
    and holds nearly whatever the scores look like where they are dealt out at random (Box and
    Andersen 1955, Journal of the Royal Statistical Society B 17, 1-34). With many answers the two
    say the same.
    """
    names = [factor.name for factor in patterns.drivers]
    blocks = [patterns.block(name) for name in names]
    squares = sum_squares(design, patterns.bands)
    together = slice(0, blocks[-1].stop if blocks else 0)
    *each, overall = (
        _test(block, patterns, design=design, fit=fit, squares=squares)
        for block in (*blocks, together)
    )
    found = np.array(each, dtype=np.float64)
    chances = pl.DataFrame(
        {
            "driver": pl.Series(names, dtype=pl.String),
            "p_value": to_column(found),
            "p_adjusted": to_column(adjust_p_values(found, adjust="holm")),
        }
    )
    return table.join(chances, on="driver", how="left", maintain_order="left").with_columns(
        p_overall=pl.lit(overall, pl.Float64).fill_nan(None),
        found=pl.lit(overall < 1 - level),
    )


def _test(block: slice, patterns: Patterns, *, design: Floats, fit: Fit, squares: Squares) -> float:
    """Find the p-value of some columns of the design, NaN where they are not free."""
    nested = np.delete(design, block, 1)
    start = replace(fit, coefficients=np.delete(fit.coefficients, block))
    # From far out along a ridge it is farther to the top than from nothing.
    less = fit_ordinal(nested, patterns.bands, start=None if fit.runaway.any() else start)
    degrees, free = fit.rank - less.rank, patterns.n - 1 - fit.rank
    if degrees <= 0:
        return np.nan
    if free <= 0:
        return 1.0
    ratio = special.chdtrc(degrees, max(2 * (fit.log_likelihood - less.log_likelihood), 0))
    left = squares.leave(np.delete(np.arange(design.shape[1]), block))
    part = min(squares.leave(np.arange(design.shape[1])) / left, 1.0) if left > 0 else 1.0
    # The tail of F, by the share of what was left that is left still.
    return float(max(ratio, special.betainc(free / 2, degrees / 2, part)))
