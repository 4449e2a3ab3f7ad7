"""Measures without periods that are too few to show: what a shared page is made from."""

import polars as pl

from nps_kit.counts import TOO_FEW
from nps_kit.errors import missing_column
from nps_kit.rows.measures.table import SCHEMA, sort_measures
from nps_kit.rows.privacy.suppression.merging import check_min_cell

_SIDES = {"csat": 4, "effort": 5, "abandoned": 1}
"""From which value on an answer lies on the higher side: what the share is made of."""


def suppress_measures(counts: pl.DataFrame, *, min_cell: int = 5) -> pl.DataFrame:
    """Leave out the measures of periods in which they are too few to show.

    Parameters
    ----------
    counts
        Table as `tally_measures` makes it.
    min_cell
        Fewest answers, or contacts, that a measure of a period is told of; 0: all are told.

    Returns
    -------
    The table, in which a measure that is too few in a period has one row there, with the reason
    "too few to show" and an `n` of 0: how many there were is not told.

    Raises
    ------
    MissingColumnError
        If `counts` lacks a column of `tally_measures`.
    OptionError
        If `min_cell` cannot be used.

    Notes
    -----
    Satisfaction, effort and hanging up are left out under `min_cell`, and under twice that where
    all lie on one side (of 4 in satisfaction, 5 in effort): then whoever knows that somebody
    answered would know what. Contacts and their cost are left out under `min_cell`. A response
    rate is left out under `min_cell` invited contacts or answered ones, none answered excepted:
    else it would tell how many answers there were in a period that the score leaves out.

    What is held: there is one number a period over all, and no group, so nothing comes out by
    taking groups from the whole; a measure is never crossed with a score, so a page on which the
    score stands beside it, by touchpoint or by channel, tells nothing more of who gave it; of a
    period left out, the rows set aside are not told either, and the whole less the rest is not
    told anywhere. What is told of those shown: their number, share and mean, and so, of the fewest
    shown, nearly each value, though not whose it is. What is not held: a second table of the same
    rows, by another unit of time, with another `min_cell` or of part of the rows, in the same
    folder. Coarser units, such as a year, and pages of one group belong in a folder of their own.

    Examples
    --------
    >>> from datetime import date
    >>> from nps_kit.rows.measures import tally_measures
    >>> answers = pl.DataFrame({"responded_at": [date(2026, 9, 1)] * 4, "csat": [5, 5, 4, 1]})
    >>> suppress_measures(tally_measures(answers)).select("measure", "reason", "n").rows()
    [('csat', 'too few to show', 0)]
    """
    caller = "suppress_measures()"
    check_min_cell(min_cell, caller=caller)
    for name in SCHEMA:
        if name not in counts.columns:
            raise missing_column(name, caller=caller, table="`counts`", present=counts.columns)
    if not min_cell or counts.is_empty():
        return counts
    group = ["measure", "period"]
    used = pl.col("reason").is_null()
    high = pl.col("value") >= pl.col("measure").replace_strict(_SIDES, default=1)
    found = counts.group_by(group).agg(
        pl.col("n").filter(used).sum().alias("all"),
        pl.col("n").filter(used & high).sum().alias("high"),
    )
    one_sided = pl.col("measure").is_in(list(_SIDES)) & (
        (pl.col("high") == 0) | (pl.col("high") == pl.col("all"))
    )
    least = pl.when(one_sided).then(2 * min_cell).otherwise(min_cell)
    few_answered = (pl.col("measure") == "response") & pl.col("high").is_between(1, min_cell - 1)
    few = (pl.col("all") > 0) & ((pl.col("all") < least) | few_answered)
    hidden = found.filter(few).select(group)
    left = counts.join(hidden, on=group, how="anti", nulls_equal=True)
    told = hidden.select(
        *group,
        pl.lit(None, pl.String).alias("survey"),
        pl.lit(None, pl.Int64).alias("value"),
        pl.lit(TOO_FEW).alias("reason"),
        pl.lit(0, pl.Int64).alias("n"),
        pl.lit(None, pl.Float64).alias("total"),
        pl.lit(None, pl.Float64).alias("total_sq"),
    )
    return sort_measures(pl.concat([left, told]))
