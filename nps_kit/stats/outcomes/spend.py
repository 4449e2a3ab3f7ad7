"""Whether promoters spend more: trimmed means and medians by band, with bootstrap intervals."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import polars as pl

from nps_kit.errors import bad_option, check_choice, check_level, missing_column
from nps_kit.scale import BANDS
from nps_kit.stats.intervals import Floats
from nps_kit.stats.outcomes.amounts import Amounts, find_median, take_amounts, trim_mean
from nps_kit.stats.outcomes.followed import (
    check_sums,
    code_levels,
    context_of,
    find_groups,
    name_controls,
    split_groups,
    take_used,
)
from nps_kit.stats.outcomes.retention import Band
from nps_kit.stats.samples import check_min_n, ratio, to_floats

SPEND = "monthly_spend"
TOTAL_SPEND = "total_monthly_spend"

_AT_ONCE = 4_000_000
_MOST_TRIM = 0.5


def estimate_spend(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    controls: Sequence[str] = (),
    against: Band = "passives",
    trim: float = 0.05,
    level: float = 0.95,
    min_n: int = 30,
    draws: int = 2000,
    seed: int = 0,
) -> pl.DataFrame:
    """Estimate what customers spend a month, by band of their latest answer.

    Parameters
    ----------
    counts
        Count table as `tally_customers` makes it, by the columns of `by` and `controls`.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    controls
        Columns to standardise over, such as ``["segment"]``: every band is given the same mix of
        their levels, that of all customers of the group.
    against
        The band that the ratios are set against.
    trim
        Share of customers left out at each end before averaging, from 0 to under one half.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).
    min_n
        A band with fewer customers is marked ``few``.
    draws
        Samples drawn for the bootstrap.
    seed
        Seed of those draws.

    Returns
    -------
    One row per group and band, sorted by them:

    =============================  ========  ================================================
    ``*by``                                  as given
    ``band``                       band      of the latest answer
    ``n``                          int       customers whose spend is known
    ``n_unmatched``                int       of them, in a mix that some band does not have
    ``spend``                      currency  trimmed mean a month, standardised
    ``low``, ``high``              currency  its bounds
    ``median``                     currency  half spend less; standardised
    ``median_low``, ``_high``      currency  its bounds
    ``ratio``                      ratio     of the trimmed mean to that of `against`
    ``ratio_low``, ``ratio_high``  ratio     its bounds; null for `against` itself
    ``against``                    band      as asked
    ``controls``                   text      what was standardised over; null: nothing
    ``trim``                       0 to 1    as asked
    ``level``                      0 to 1    as asked
    ``method``                     text      how the bounds were made
    ``few``                        boolean   ``n`` is under `min_n`
    ``survey``, ``scale``          text      where `counts` has them and they are not in `by`
    =============================  ========  ================================================

    Without customers in a band its figures are null.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``monthly_spend``, ``total_monthly_spend`` or another column needed.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If an option cannot be used.

    Notes
    -----
    Spend has a long tail, and a plain mean hangs on a few large customers: hence the trimmed mean,
    which is lower than the plain one. Levels of `controls` that one of the bands lacks are left out
    for all of them (``n_unmatched``). Bounds are percentiles of samples drawn anew within each band
    and level, which cover too little where a band has under about 30 customers. Where the spend of
    `against` is nothing or less, as with refunds, no ratio can be had. Where the trimmed
    mean cuts, amounts count as the mean of their step.

    Association is not cause: that promoters spend more does not say that a better score makes a
    customer spend.

    Examples
    --------
    >>> spent = [20.0, 30.0, 40.0, 20.0, 30.0, 40.0]
    >>> counts = pl.DataFrame({"monthly_spend": spent, "score": [7] * 3 + [9] * 3})
    >>> counts = counts.with_columns(n=pl.Series([60, 30, 10, 10, 30, 60]))
    >>> counts = counts.with_columns(total_monthly_spend=pl.col("n") * pl.col("monthly_spend"))
    >>> estimate_spend(counts).select("band", "spend", pl.col("ratio").round(2)).rows()[1:]
    [('passives', 24.444444444444443, 1.0), ('promoters', 35.55555555555556, 1.45)]
    """
    caller = "estimate_spend()"
    check_level(level, caller=caller)
    check_choice(against, BANDS, caller=caller, option="against")
    check_min_n(min_n, caller=caller)
    check_trim(trim, caller=caller)
    for option, value, least in (("draws", draws, 100), ("seed", seed, 0)):
        if not isinstance(value, int) or value < least:
            rule = f"a whole number, {least} or more"
            raise bad_option(value, caller=caller, option=option, rule=rule)
    used = take_spend(counts, by=by, controls=controls, caller=caller)
    groups = find_groups(counts, by=by)
    rng = np.random.default_rng(seed)
    rows = [
        dict(zip(by, key, strict=True)) | row
        for key, group in split_groups(used, groups)
        for row in _estimate(
            group, controls=controls, against=against, trim=trim, level=level, draws=draws, rng=rng
        )
    ]
    figures = (
        *("spend", "low", "high", "median", "median_low", "median_high"),
        *("ratio", "ratio_low", "ratio_high"),
    )
    schema: dict[str, Any] = {**groups.schema, "band": pl.String, "n": pl.Int64}
    schema |= {"n_unmatched": pl.Int64, **dict.fromkeys(figures, pl.Float64)}
    return pl.DataFrame(rows, schema=schema).with_columns(
        pl.col("band").cast(pl.Enum(BANDS)),
        pl.col(figures).fill_nan(None),
        name_controls(controls),
        against=pl.lit(against, pl.Enum(BANDS)),
        trim=pl.lit(float(trim)),
        level=pl.lit(float(level)),
        method=pl.lit("bootstrap"),
        few=pl.col("n") < min_n,
        **context_of(counts, by=by),
    )


def check_trim(trim: object, *, caller: str) -> None:
    """Raise unless something is left when `trim` is cut off at each end.

    Raises
    ------
    OptionError
        If it is no share from 0 to under one half.
    """
    if not (isinstance(trim, Real) and 0 <= float(trim) < _MOST_TRIM):
        raise bad_option(trim, caller=caller, option="trim", rule="a share from 0 to under 0.5")


def take_spend(
    counts: pl.DataFrame, *, by: Sequence[str], controls: Sequence[str] = (), caller: str
) -> pl.DataFrame:
    """Take the customers whose spend is known.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    OptionError
        If an amount is none.
    """
    for name in (SPEND, TOTAL_SPEND):
        if isinstance(counts, pl.DataFrame) and name not in counts.columns:
            raise missing_column(
                name,
                caller=caller,
                table="`counts`",
                present=counts.columns,
                remedy="tally_customers(responses, customers) makes it.",
            )
    used = take_used(counts, by=by, controls=controls, caller=caller).filter(
        pl.col(SPEND).is_not_null(), pl.col(TOTAL_SPEND).is_not_null()
    )
    check_sums(used, (SPEND, TOTAL_SPEND), caller=caller)
    return used


def amounts_of(cells: pl.DataFrame) -> Amounts:
    """Take the amounts of some cells, from the smallest up."""
    # Not by group_by, which adds in an order of its own each time: the last digits would differ.
    place = np.unique(to_floats(cells[SPEND]), return_inverse=True)[1]
    sums = (np.bincount(place, weights=to_floats(cells[name])) for name in ("n", TOTAL_SPEND))
    return take_amounts(*(each.astype(np.float64) for each in sums))


def _estimate(
    cells: pl.DataFrame,
    *,
    controls: Sequence[str],
    against: str,
    trim: float,
    level: float,
    draws: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Standardise each band over the levels of the controls that all bands have."""
    mix, place = _mix(cells, controls)
    cells = cells.with_columns(_mix=pl.Series(place))
    total = cells.group_by("band").agg(pl.col("n").sum())
    n = {band: int(total.filter(pl.col("band") == band)["n"].sum()) for band in BANDS}
    present = [band for band in BANDS if n[band]]
    parts = [
        {band: cells.filter(pl.col("_mix") == code, pl.col("band") == band) for band in present}
        for code in range(mix)
    ]
    matched = [part for part in parts if present and all(part[band].height for band in present)]
    weights = np.array([sum(int(each["n"].sum()) for each in part.values()) for part in matched])
    share = ratio(weights.astype(np.float64), np.full(len(matched), float(weights.sum())))
    none = np.full((2, draws + 1), np.nan)
    found = {
        band: sum(
            (
                weight * _draw(amounts_of(part[band]), trim=trim, draws=draws, rng=rng)
                for weight, part in zip(share, matched, strict=True)
            ),
            np.zeros((2, draws + 1)),
        )
        if matched and n[band]
        else none
        for band in BANDS
    }
    tails = ((1 - level) / 2, (1 + level) / 2)
    rows = []
    for band in BANDS:
        mean, median = found[band]
        times = ratio(mean, found[against][0])
        bounds = [_quantiles(each[1:], tails) for each in (mean, median, times)]
        within = sum(int(part[band]["n"].sum()) for part in matched) if n[band] else 0
        own = band == against
        rows.append(
            {
                "band": band,
                "n": n[band],
                "n_unmatched": n[band] - within,
                "spend": mean[0],
                "low": bounds[0][0],
                "high": bounds[0][1],
                "median": median[0],
                "median_low": bounds[1][0],
                "median_high": bounds[1][1],
                "ratio": times[0],
                "ratio_low": np.nan if own else bounds[2][0],
                "ratio_high": np.nan if own else bounds[2][1],
            }
        )
    return rows


def _mix(cells: pl.DataFrame, controls: Sequence[str]) -> tuple[int, np.typing.NDArray[np.int64]]:
    if not controls or not cells.height:
        return int(cells.height > 0), np.zeros(cells.height, np.int64)
    codes = np.stack([code_levels(cells[name])[0] for name in controls], axis=1)
    levels, place = np.unique(codes, axis=0, return_inverse=True)
    return len(levels), place.astype(np.int64).ravel()


def _draw(amounts: Amounts, *, trim: float, draws: int, rng: np.random.Generator) -> Floats:
    """Give the trimmed mean and the median: first of the customers, then of each sample drawn."""
    chances = amounts.n / amounts.n.sum()
    found = [_measure(amounts.values, amounts.n[None, :], trim=trim)]
    at_once = max(1, _AT_ONCE // amounts.n.size)
    for start in range(0, draws, at_once):
        size = min(at_once, draws - start)
        drawn = rng.multinomial(int(amounts.n.sum()), chances, size=size).astype(np.float64)
        found.append(_measure(amounts.values, drawn, trim=trim))
    return np.concatenate(found, axis=1)


def _measure(values: Floats, n: Floats, *, trim: float) -> Floats:
    return np.stack([trim_mean(values, n, trim=trim), find_median(values, n)])


def _quantiles(values: Floats, tails: tuple[float, float]) -> Floats:
    if np.isnan(values).any():
        return np.full(2, np.nan)
    return np.asarray(np.quantile(values, tails), dtype=np.float64)
