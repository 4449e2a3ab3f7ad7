"""What loyalty brings, without what a few customers did: the counts, and the days to read."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, TOO_FEW, TOTAL, check_counts, check_unmixed, measures_of
from nps_kit.errors import bad_option, missing_column
from nps_kit.rows.loyalty.spells import CALLBACKS, HELD_BACK
from nps_kit.rows.privacy.suppression.merging import check_min_cell
from nps_kit.scale import BANDS, band_of

_SPEND = "monthly_spend"
_KNOWN = f"{TOTAL}n_"
_BESIDE = {"referrals": ("years", "sq_years", "referrals_years")}
"""What is added up beside a total, and tells as much."""

_BAND, _SIDE = "_band", "_side"


Whole = np.typing.NDArray[np.int64]


def suppress_bands(
    counts: pl.DataFrame, *, by: Sequence[str] = (), min_cell: int = 5
) -> pl.DataFrame:
    """Leave out what would tell of a few customers how long they stayed or what they brought.

    Make everything on a shared page that tells what the customers of a band did from what it
    returns: curves, ratios, spend, referrals, costs, call-backs. Read curves at the days of
    `suppress_days`.

    Parameters
    ----------
    counts
        Count table as `tally_loyalty` or `tally_customers` makes it, or of `tally` with totals, of
        one kind of survey.
    by
        Columns that tell apart the groups that are shown, each band of each by itself.
    min_cell
        Fewest answers of a band whose figures are shown; 0: all are, and nothing is left out.

    Returns
    -------
    The count table, with the same columns:

    ==============  ======  ===================================================================
    ``*by``                 as given; other columns too, but null in rows left out
    ``days``        int     at most the last day on which `min_cell` of the band were followed
    ``left``        yes/no  whether the customer left by then
    ``callback``    text    null throughout the group where one of the two sides is too small
    ``score``       int     null where the row does not count
    ``reason``      text    "too few to show" for what is left out
    ``n``, totals           0 where left out: how many there were is not told
    ==============  ======  ===================================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `by` or `min_cell` cannot be used.

    Notes
    -----
    Left out are, in each group:

    - a band with fewer answers than `min_cell`;
    - all bands, where fewer than `min_cell` customers left at all, or fewer than twice that and all
      of one band: whoever knows that somebody left would know what that customer answered;
    - spend, referrals or another total of a band of which fewer than `min_cell` are known;
    - all referrals, where fewer than `min_cell` customers may have made them, or fewer than twice
      that and all of one band: whoever was referred would know what that customer answered;
    - the call-backs, where fewer than `min_cell` were drawn by lot or fewer held back.

    The clock of those followed longest is stopped where `min_cell` of their band are still
    followed (with `callback`, of their side of the lot too), as if the data ended there. Up to that
    day the curve is exactly what it was. Where a few left on the day of their answer, they are
    counted on the next.

    Customers are counted where something is told that a customer does: each leaves once, and
    spends and refers by the latest answer. Those followed are answers: a band with enough of them
    may be that of fewer customers, who answer often.

    What is left out of months that other pages do not show, `tally_outcomes` leaves out with
    ``months``: a band here, less that band there, would be what those few answered.

    What this cannot guard against: how many answers a page counts in all, beside those of the bands
    that are shown, tells how many a band that is left out has, though nothing of what they did.
    Answers that count on other pages and are set aside here, as of customers who are not known, are
    the ones less the others, where they are few; and so are customers of whom one thing is known
    and another is not. A median, as any in the middle of many, is the spend of a customer whom
    nobody can name.

    Examples
    --------
    >>> spent = {"score": [3, 9], "n": [2, 8], "monthly_spend": 20.0}
    >>> counts = pl.DataFrame(spent).with_columns(total_monthly_spend=pl.Series([45.0, 170.0]))
    >>> suppress_bands(counts).select("score", "reason", "n", "total_monthly_spend").rows()
    [(9, None, 8, 170.0), (None, 'too few to show', 0, 0.0)]
    """
    caller = "suppress_bands()"
    check_min_cell(min_cell, caller=caller)
    if isinstance(by, str) or "band" in by:
        raise bad_option(by, caller=caller, option="by", rule='a list of names: by=["segment"]')
    table = check_counts(counts, by=by, caller=caller)
    if "reason" not in table.columns:
        table = table.with_columns(reason=pl.lit(None, pl.String))
    if not min_cell or not table.height:
        return table
    keys = [*by, _BAND]
    check_unmixed(table, by=by, caller=caller)
    used = pl.col("reason").is_null() & pl.col("score").is_not_null() & (pl.col("n") > 0)
    context = [name for name in CONTEXT if name in table.columns and name not in by]
    aside, table = table.filter(~used), table.filter(used).with_columns(band_of().alias(_BAND))
    few = pl.col("n").sum().over(keys) < min_cell
    left_out, table = table.filter(few), table.filter(~few)
    if {"days", "left"} <= set(table.columns):
        table = _hide_sides(table, by=by, min_cell=min_cell)
        table = _stop_clocks(table, keys=keys, min_cell=min_cell)
        table = _stop_clocks(table, keys=[*keys, _SIDE], min_cell=min_cell)
        table = _delay_first(table, by=by, min_cell=min_cell).drop(_SIDE)
        few = _is_few(pl.col("n") * pl.col("left"), by=by, min_cell=min_cell)
        left_out = pl.concat([left_out, table.filter(few)], how="vertical_relaxed")
        table = table.filter(~few)
    table = _hide_measures(table, keys=keys, min_cell=min_cell)
    table = _hide_referrals(table, by=by, min_cell=min_cell)
    hint = left_out.select(*by, *context).unique().with_columns(reason=pl.lit(TOO_FEW))
    if not (by or context):
        hint = pl.DataFrame({"reason": [TOO_FEW] * bool(left_out.height)}, {"reason": pl.String})
    whole = pl.concat([table.drop(_BAND), aside, hint], how="diagonal_relaxed")
    sums = measures_of(whole)
    names = [name for name in whole.columns if name not in sums]
    return (
        whole.with_columns(pl.col(sums).fill_null(0))
        .group_by(names)
        .agg(pl.col(sums).sum())
        .sort(names, nulls_last=True)
        .select(aside.columns)
        .cast(aside.schema)
    )


def suppress_days(counts: pl.DataFrame, *, at: Sequence[int] = (), min_cell: int = 5) -> list[int]:
    """Find the days at which curves can be read without telling when a few customers left.

    Parameters
    ----------
    counts
        Count table of one group as `suppress_bands` makes it of what `tally_loyalty` made.
    at
        Days to keep before any other.
    min_cell
        Fewest customers who leave, and fewest who are no longer followed, between two of the days;
        0: every day on which somebody left.

    Returns
    -------
    The days, rising, from 0 on: ``estimate_retention(counts, at=suppress_days(counts))``. Of `at`,
    those that can be kept. Only 0 where nobody was followed.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, ``days`` or ``left``.
    MixedSurveysError
        If `counts` holds two kinds of survey or two scales.
    OptionError
        If `at` or `min_cell` cannot be used.

    Notes
    -----
    A curve tells the day on which each of its steps lies, and the numbers still followed tell how
    many stopped being so in between. Whoever knows when somebody answered and left would find the
    band. So between two days, and after the last, either nobody left or at least `min_cell` did,
    and at least twice as many where all are of one band; and likewise of those no longer followed.
    The same days hold for every band, and what is read on them is what it is without suppression.

    Examples
    --------
    >>> clocks = {"days": [10, 20, 30, 40, 50], "left": [True] * 4 + [False], "n": [6, 2, 2, 6, 50]}
    >>> bands = [pl.DataFrame({**clocks, "score": score}) for score in (3, 9)]
    >>> suppress_days(pl.concat(bands))
    [0, 10, 30, 40, 50]
    """
    caller = "suppress_days()"
    check_min_cell(min_cell, caller=caller)
    if isinstance(at, str) or not all(isinstance(day, int) and day >= 0 for day in at):
        rule = "a list of days, 0 or more: at=[90, 180, 365]"
        raise bad_option(at, caller=caller, option="at", rule=rule)
    for name in ("days", "left"):
        if isinstance(counts, pl.DataFrame) and name not in counts.columns:
            raise missing_column(name, caller=caller, table="`counts`", present=counts.columns)
    table = check_counts(counts, by=(), caller=caller)
    check_unmixed(table, by=(), caller=caller)
    used = table.filter(
        pl.col("reason").is_null() if "reason" in table.columns else True,
        pl.col("score").is_not_null(),
        pl.col("n") > 0,
    ).with_columns(band_of().alias(_BAND))
    if not used.height:
        return [0]
    ends = used.group_by(_BAND).agg(pl.col("days").max())["days"]
    last = int(ends.max())  # type: ignore[arg-type]  # there are rows
    asked = {day for day in at if day <= last}
    gone = used.filter(pl.col("left"))
    days = np.unique(np.array([0, *asked, *ends, *gone["days"]], np.int64))
    if not min_cell:
        return [int(day) for day in days]
    ledger = _Ledger(_count(gone, days, side="right"), _count(used.filter(~pl.col("left")), days))
    kept = _thin(0, days.size, np.flatnonzero(np.isin(days, [*asked])), ledger, least=min_cell)
    found = {0, *kept}
    for start, end in pairwise([0, *kept, days.size]):
        found |= {*_thin(start, end, range(start + 1, end), ledger, least=min_cell)}
    return [int(days[place]) for place in sorted(found)]


def _is_few(n: pl.Expr, *, by: Sequence[str], min_cell: int) -> pl.Expr:
    """Tell whether what is counted is in too few hands, over all bands of a group."""
    total = n.sum().over(by or pl.lit(1))
    largest = n.sum().over([*by, _BAND]).max().over(by or pl.lit(1))
    return (total > 0) & ((total < min_cell) | ((total < 2 * min_cell) & (largest == total)))


def _hide_sides(table: pl.DataFrame, *, by: Sequence[str], min_cell: int) -> pl.DataFrame:
    """Take the call-backs out of a group where one side of the lot is too small."""
    if "callback" not in table.columns:
        return table.with_columns(pl.lit(None, pl.Boolean).alias(_SIDE))
    said = pl.col("callback").is_in(CALLBACKS)
    table = table.with_columns(
        pl.when(said).then(pl.col("callback") != HELD_BACK).alias(_SIDE),
    )
    sizes = [
        pl.col("n").filter(pl.col(_SIDE) == side).sum().over(by or pl.lit(1))
        for side in (True, False)
    ]
    enough = pl.min_horizontal(sizes) >= min_cell
    return table.with_columns(
        pl.when(enough).then(pl.col("callback")).alias("callback"),
        pl.when(enough).then(pl.col(_SIDE)).alias(_SIDE),
    )


def _stop_clocks(table: pl.DataFrame, *, keys: Sequence[str], min_cell: int) -> pl.DataFrame:
    """Stop the clocks of each group on the last day on which enough of it were followed."""
    longest = (
        table.group_by(*keys, "days")
        .agg(pl.col("n").sum())
        .sort("days", descending=True)
        .with_columns(_still=pl.col("n").cum_sum().over(keys))
        .filter(pl.col("_still") >= min_cell)
        .group_by(keys)
        .agg(_end=pl.col("days").max())
    )
    table = table.join(longest, on=keys, how="left", nulls_equal=True, maintain_order="left")
    past = (pl.col("days") > pl.col("_end")).fill_null(value=False)
    return table.with_columns(
        days=pl.when(past).then("_end").otherwise("days"), left=pl.col("left") & ~past
    ).drop("_end")


def _delay_first(table: pl.DataFrame, *, by: Sequence[str], min_cell: int) -> pl.DataFrame:
    """Let the few who left on the day of their answer leave on the next: curves begin whole."""
    at_once = pl.col("left") & (pl.col("days") == 0)
    few = _is_few(pl.col("n") * at_once, by=by, min_cell=min_cell)
    return table.with_columns(days=pl.when(at_once & few).then(1).otherwise("days"))


def _hide_measures(table: pl.DataFrame, *, keys: Sequence[str], min_cell: int) -> pl.DataFrame:
    """Take out what is known of too few of a band."""
    totals = [name for name in table.columns if name.startswith(TOTAL)]
    for counted in [name for name in totals if name.startswith(_KNOWN)]:
        measure = counted.removeprefix(_KNOWN)
        parts = (f"n_{measure}", measure, f"sq_{measure}", *_BESIDE.get(measure, ()))
        names = [name for name in totals if name.removeprefix(TOTAL) in parts]
        few = pl.col(counted).sum().over(keys) < min_cell
        table = table.with_columns(pl.when(~few).then(pl.col(names)).otherwise(0))
    if _SPEND in table.columns:
        known = pl.col("n").filter(pl.col(_SPEND).is_not_null()).sum().over(keys) >= min_cell
        spent = [name for name in totals if name == f"{TOTAL}{_SPEND}"]
        table = table.with_columns(
            pl.when(known).then(pl.col(_SPEND)).alias(_SPEND),
            pl.when(known).then(pl.col(spent)).otherwise(0),
        )
    return table


def _hide_referrals(table: pl.DataFrame, *, by: Sequence[str], min_cell: int) -> pl.DataFrame:
    """Take referrals out of a group in which so few customers may have made them."""
    made, squares = f"{TOTAL}referrals", f"{TOTAL}sq_referrals"
    if not {made, squares} <= set(table.columns):
        return table
    whole = by or pl.lit(1)
    total = pl.col(made).sum().over(whole)
    # However they are spread, at least so many made them (Cauchy and Schwarz).
    fewest = total**2 / pl.col(squares).sum().over(whole)
    largest = pl.col(made).sum().over([*by, _BAND]).max().over(whole)
    few = (total > 0) & ((fewest < min_cell) | ((fewest < 2 * min_cell) & (largest == total)))
    parts = (_KNOWN.removeprefix(TOTAL) + "referrals", "referrals", "sq_referrals")
    names = [f"{TOTAL}{part}" for part in (*parts, *_BESIDE["referrals"])]
    names = [name for name in names if name in table.columns]
    return table.with_columns(pl.when(~few).then(pl.col(names)).otherwise(0))


class _Ledger(NamedTuple):
    """How many had left, and how many were no longer followed, by day and band."""

    gone: Whole
    """Up to the end of the day; the last row is all of them."""
    ended: Whole
    """Before the day; the last row is all of them."""

    def is_safe(self, start: int, end: int, *, least: int) -> bool:
        """Tell whether what happened from one day to another can be told."""
        for told in self:
            by_band = told[end] - told[start]
            total = by_band.sum()
            if total and (total < least or (total < 2 * least and by_band.max() == total)):
                return False
        return True


def _count(table: pl.DataFrame, days: Whole, *, side: Literal["left", "right"] = "left") -> Whole:
    columns = []
    for band in BANDS:
        mine = table.filter(pl.col(_BAND).cast(pl.String) == band).sort("days")
        upto = np.concatenate([[0], np.cumsum(mine["n"].to_numpy())]).astype(np.int64)
        before = upto[np.searchsorted(mine["days"].to_numpy(), days, side=side)]
        columns.append(np.concatenate([before, upto[-1:]]))
    return np.stack(columns, axis=1)


def _thin(start: int, end: int, places: Iterable[int], ledger: _Ledger, *, least: int) -> list[int]:
    """Keep the days between two that leave nothing between them that cannot be told."""
    kept = [start]
    for place in places:
        if place > start and ledger.is_safe(kept[-1], place, least=least):
            kept.append(int(place))
    while len(kept) > 1 and not ledger.is_safe(kept[-1], end, least=least):
        kept.pop()
    return kept[1:]
