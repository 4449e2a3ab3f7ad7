"""What the contacts of each band cost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from nps_kit.counts import TOTAL
from nps_kit.errors import check_level, missing_column
from nps_kit.scale import BANDS
from nps_kit.stats.intervals import quantile_of
from nps_kit.stats.outcomes.followed import check_sums, context_of, find_groups, take_used
from nps_kit.stats.samples import ratio, to_column, to_floats


def estimate_costs(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    cost: str = "cost",
    level: float = 0.95,
) -> pl.DataFrame:
    """Estimate what a contact costs, by band of the answer it led to.

    Parameters
    ----------
    counts
        Count table of answers joined to their contacts, with the cost added up:
        ``tally(join_service(...), by=[...], totals=["cost"])``.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    cost
        Column that was added up.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).

    Returns
    -------
    One row per group and band, sorted by them:

    =====================  ========  ======================================================
    ``*by``                          as given
    ``band``               band      of the answer
    ``n``                  int       contacts whose cost is known
    ``cost``               currency  mean cost of one; null without any
    ``low``, ``high``      currency  its bounds; null under two contacts
    ``level``              0 to 1    as asked
    ``survey``, ``scale``  text      where `counts` has them and they are not in `by`
    =====================  ========  ======================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks the sums ``total_n_cost``, ``total_cost`` and ``total_sq_cost``.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `by` or `level` cannot be used.

    Notes
    -----
    The mean, with Student's interval. Only contacts that were answered about are counted: those of
    customers who stayed silent may cost something else.

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [2, 9], "n": [10, 10], "total_n_cost": [10, 10]})
    >>> counts = counts.with_columns(total_cost=pl.Series([90.0, 50.0]))
    >>> counts = counts.with_columns(total_sq_cost=pl.Series([850.0, 260.0]))
    >>> estimate_costs(counts).select("band", "n", "cost", pl.col("low").round(2)).rows()[::2]
    [('detractors', 10, 9.0, 7.49), ('promoters', 10, 5.0, 4.25)]
    """
    caller = "estimate_costs()"
    check_level(level, caller=caller)
    sums = [f"{TOTAL}{part}{cost}" for part in ("n_", "", "sq_")]
    for name in sums:
        if isinstance(counts, pl.DataFrame) and name not in counts.columns:
            raise missing_column(
                name,
                caller=caller,
                table="`counts`",
                present=counts.columns,
                remedy=f'tally(join_service(...), totals=["{cost}"]) makes it.',
            )
    used = take_used(counts, by=by, caller=caller)
    check_sums(used, sums, caller=caller)
    bands: dict[str, Any] = {"band": pl.Series(BANDS, dtype=pl.Enum(BANDS))}
    every = pl.DataFrame(bands)
    groups = find_groups(counts, by=by)
    if by:
        every = groups.join(every, how="cross", maintain_order="left_right")
    keys = [*by, "band"]
    summed = every.join(
        used.group_by(keys, maintain_order=True).agg(pl.col(sums).sum()),
        on=keys,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns(pl.col(sums).cast(pl.Float64).fill_null(0.0))
    n, total, squares = (to_floats(summed[name]) for name in sums)
    mean = ratio(total, n)
    # What is left by subtraction can fall a rounding error below zero.
    spread = np.maximum(ratio(squares - total * mean, n - 1), 0)
    wide = quantile_of(level, n - 1) * np.sqrt(ratio(spread, n))
    return summed.select(
        *keys,
        pl.Series("n", n).cast(pl.Int64),
        to_column(mean).alias("cost"),
        to_column(mean - wide).alias("low"),
        to_column(mean + wide).alias("high"),
        pl.lit(float(level)).alias("level"),
        **context_of(counts, by=by),
    )
