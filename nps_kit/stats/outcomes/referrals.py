"""Whether promoters refer more: referrals a customer and year, by band."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from nps_kit.counts import TOTAL
from nps_kit.errors import check_choice, check_level, missing_column
from nps_kit.scale import BANDS
from nps_kit.stats.intervals import Floats, quantile_of
from nps_kit.stats.outcomes.followed import (
    check_sums,
    context_of,
    find_groups,
    split_groups,
    take_used,
)
from nps_kit.stats.outcomes.retention import Band
from nps_kit.stats.samples import check_min_n, ratio

_SUMS = tuple(
    f"{TOTAL}{name}"
    for name in (
        *("n_referrals", "referrals", "sq_referrals"),
        *("years", "sq_years", "referrals_years"),
    )
)


class Rate(NamedTuple):
    """Referrals a customer and year, one element a band."""

    n: Floats
    referrals: Floats
    years: Floats
    rate: Floats
    variance: Floats
    dispersion: Floats
    """Variance over that of referrals made at random, one by one."""


def estimate_referrals(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    against: Band = "passives",
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Estimate how many new customers one customer refers in a year, by band.

    Parameters
    ----------
    counts
        Count table as `tally_customers` makes it, by the columns of `by`.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    against
        The band that the ratios are set against.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).
    min_n
        A band with fewer customers is marked ``few``.

    Returns
    -------
    One row per group and band, sorted by them:

    =============================  =======  =================================================
    ``*by``                                 as given
    ``band``                       band     of the latest answer
    ``n``                          int      customers whose referrals and years are known
    ``referrals``                  int      made by them
    ``years``                      years    that they have been customers, together
    ``rate``                       a year   referrals a customer and year
    ``low``, ``high``              a year   its bounds
    ``dispersion``                 ratio    variance over that of single, unrelated referrals
    ``ratio``                      ratio    of the rate to that of `against`
    ``ratio_low``, ``ratio_high``  ratio    its bounds; null for `against` itself
    ``against``                    band     as asked
    ``level``                      0 to 1   as asked
    ``method``                     text     ``ratio``, or ``exact`` where nobody referred anyone
    ``few``                        boolean  ``n`` is under `min_n`
    ``survey``, ``scale``          text     where `counts` has them and they are not in `by`
    =============================  =======  =================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks the sums that `tally_customers` makes, or another column needed.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If an option cannot be used.

    Notes
    -----
    Some customers refer often and most never. The variance is therefore that of a ratio over
    customers, ``n / (n - 1) * sum((r - rate * y)**2) / sum(y)**2`` for r referrals in y years, and
    never less than that of single, unrelated referrals (Poisson). Bounds are normal on the log of
    the rate. Without a referral the upper bound is the exact Poisson one, and no ratio can be had.

    The years reach back before the answer: the rate says who promoters are, not what an answer
    brings.

    Examples
    --------
    >>> sums = {"n_referrals": 100, "referrals": 30, "sq_referrals": 50.0, "years": 100.0}
    >>> sums |= {"sq_years": 100.0, "referrals_years": 30.0}
    >>> counts = pl.DataFrame({"score": 9, "n": 100, **{f"total_{k}": v for k, v in sums.items()}})
    >>> rates = estimate_referrals(counts).select("rate", pl.col("low", "high").round(2))
    >>> rates.row(2)
    (0.3, 0.2, 0.46)
    """
    caller = "estimate_referrals()"
    check_level(level, caller=caller)
    check_choice(against, BANDS, caller=caller, option="against")
    check_min_n(min_n, caller=caller)
    used = take_referrals(counts, by=by, caller=caller)
    groups = find_groups(counts, by=by)
    width, place = float(quantile_of(level)), BANDS.index(against)
    parts: list[dict[str, Any]] = []
    keys: list[tuple[object, ...]] = []
    for key, group in split_groups(used, groups):
        found = rate_referrals(group)
        log_error = np.sqrt(ratio(found.variance, found.rate**2))
        low, high = (found.rate * np.exp(sign * width * log_error) for sign in (-1, 1))
        none = (found.referrals == 0) & (found.years > 0)
        exact = ratio(np.full(3, -np.log((1 - level) / 2)), found.years)
        times = ratio(found.rate, np.repeat(found.rate[place], 3))
        times = np.where(found.rate > 0, times, np.nan)
        # Different customers: their errors are unrelated.
        both = np.hypot(log_error, log_error[place])
        both[place] = np.nan
        parts.append(
            {
                "band": BANDS,
                "n": found.n,
                "referrals": found.referrals,
                "years": found.years,
                "rate": found.rate,
                "low": np.where(none, 0.0, low),
                "high": np.where(none, exact, high),
                "dispersion": found.dispersion,
                "ratio": times,
                "ratio_low": times * np.exp(-width * both),
                "ratio_high": times * np.exp(width * both),
                "method": np.where(none, "exact", np.where(found.years > 0, "ratio", "none")),
            }
        )
        keys += [key] * len(BANDS)
    figures = ("rate", "low", "high", "dispersion", "ratio", "ratio_low", "ratio_high")
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) if parts else []
        for name in ("band", "n", "referrals", "years", *figures, "method")
    }
    schema: dict[str, Any] = {"band": pl.String, "method": pl.String}
    schema |= dict.fromkeys(("n", "referrals", "years", *figures), pl.Float64)
    result = pl.DataFrame(columns, schema_overrides=schema).select(
        pl.col("band").cast(pl.Enum(BANDS)),
        pl.col("n", "referrals").cast(pl.Int64),
        "years",
        pl.col(figures).fill_nan(None),
        pl.lit(against, pl.Enum(BANDS)).alias("against"),
        pl.lit(float(level)).alias("level"),
        pl.col("method").replace("none", None),
        few=pl.col("n") < min_n,
        **context_of(counts, by=by),
    )
    named = [pl.DataFrame(keys, schema=groups.schema, orient="row")] if by else []
    return pl.concat([*named, result], how="horizontal")


def take_referrals(counts: pl.DataFrame, *, by: Sequence[str], caller: str) -> pl.DataFrame:
    """Take the customers whose referrals are known.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    OptionError
        If a sum is none.
    """
    for name in _SUMS:
        if isinstance(counts, pl.DataFrame) and name not in counts.columns:
            raise missing_column(
                name,
                caller=caller,
                table="`counts`",
                present=counts.columns,
                remedy="tally_customers(responses, customers) makes it.",
            )
    used = take_used(counts, by=by, caller=caller)
    check_sums(used, _SUMS, least=0, caller=caller)
    return used


def rate_referrals(cells: pl.DataFrame) -> Rate:
    """Rate the referrals of each band, from sums."""
    sums = (
        pl.DataFrame({"band": pl.Series(BANDS, dtype=pl.Enum(BANDS))})
        .join(
            cells.group_by("band", maintain_order=True).agg(pl.col(_SUMS).sum()),
            on="band",
            how="left",
            maintain_order="left",
        )
        .select(pl.col(_SUMS).cast(pl.Float64).fill_null(0.0))
        .to_numpy()
    )
    n, made, made_sq, years, years_sq, both = sums.T
    rate = ratio(made, years)
    scatter = np.maximum(made_sq - 2 * rate * both + rate**2 * years_sq, 0)
    single = ratio(rate, years)
    variance = np.fmax(ratio(n * scatter, (n - 1) * years**2), single)
    return Rate(n, made, years, rate, variance, ratio(variance, single))
