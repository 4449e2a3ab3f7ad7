"""What moving a customer from one band to another would be worth, if behaviour moved along."""

from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT
from nps_kit.errors import MixedSurveysError, bad_option, check_choice, check_level
from nps_kit.scale import BANDS
from nps_kit.stats.intervals import quantile_of
from nps_kit.stats.outcomes.amounts import trim_mean, vary_mean
from nps_kit.stats.outcomes.followed import follow_cells, take_followed, take_used
from nps_kit.stats.outcomes.referrals import rate_referrals, take_referrals
from nps_kit.stats.outcomes.retention import Band
from nps_kit.stats.outcomes.spend import amounts_of, check_trim, take_spend
from nps_kit.stats.outcomes.survival import keep_until

_MONTH = 365.25 / 12
_MONTHS = 12
_ASSUMES = "that moving the score moves what customers do"


class _Side(NamedTuple):
    """What a customer of one band brings within the horizon, and how sure each part is."""

    n: int
    followed: float
    """Months that anyone of them was followed."""
    months: float
    months_variance: float
    """NaN where all stayed, or all left at once: then nothing tells how sure the months are."""
    counted: float
    """Months with what a delay takes off."""
    counted_variance: float
    spend: float
    spend_variance: float
    rate: float
    rate_variance: float


def estimate_worth(
    followed: pl.DataFrame,
    customers: pl.DataFrame,
    *,
    margin: float,
    start: Band = "detractors",
    end: Band = "passives",
    horizon: int = 12,
    discount: float = 0.0,
    referral: float = 0.0,
    trim: float = 0.05,
    level: float = 0.95,
) -> pl.DataFrame:
    """Estimate what one customer moved from a band to another is worth, within a horizon.

    It assumes that moving the score moves what customers do. Nothing here shows that it does.

    Parameters
    ----------
    followed
        Count table as `tally_loyalty` makes it.
    customers
        Count table as `tally_customers` makes it.
    margin
        Share of the spend that is earned, from 0 to 1.
    start, end
        The band that a customer is moved from, and to.
    horizon
        Months from the answer that are counted.
    discount
        What a year's delay takes off an amount, as a share: 0.1 makes 100 in a year worth 90.
    referral
        What one referred customer is worth, in currency.
    trim
        Share of customers left out at each end of the spend, as in `estimate_spend`.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).

    Returns
    -------
    One row, with its assumptions:

    =========================  ========  ====================================================
    ``start``, ``end``         band      as asked
    ``n_start``, ``n_end``     int       answers of each that were followed
    ``months_start``, ``_end`` months    that a customer stays within the horizon
    ``months``                 months    more of them
    ``months_low``, ``_high``  months    its bounds
    ``from_staying``           currency  earned in the months more, at the spend of `start`
    ``from_spend``             currency  earned by the other spend, over the months of `end`
    ``from_referrals``         currency  brought by the other number of referrals
    ``worth``                  currency  the sum of the three
    ``low``, ``high``          currency  its bounds
    ``margin``, ``discount``   0 to 1    as given
    ``horizon``                months    as given
    ``referral``               currency  as given
    ``trim``                   0 to 1    as given
    ``followed``               months    the shorter of the two that anyone was followed
    ``level``                  0 to 1    as asked
    ``method``                 text      how the bounds were made
    ``assumes``                text      what must hold for the sum to mean anything
    ``survey``                 text      where both tables have it, and one kind
    ``scale``                  text      where one of the tables has it
    =========================  ========  ====================================================

    Where the horizon reaches beyond ``followed`` the months and all that hang on them are null;
    where nobody of one of the two bands left within it, the bounds are: nothing tells how sure the
    months are.

    Raises
    ------
    MissingColumnError
        If a table lacks a column needed.
    MixedSurveysError
        If a table would add up two kinds of survey or two scales, or the two tables differ in them.
    OptionError
        If an option cannot be used.

    Notes
    -----
    A customer of a band brings ``months * (margin * spend + referral * rate / 12)``: months are
    the area under the Kaplan-Meier curve (restricted mean), with Greenwood's variance; spend is the
    trimmed mean, with the Winsorised variance; the rate and its variance are those of
    `estimate_referrals`. The bounds are by the delta method. They take the three for unrelated, and
    know nothing of whether margin, referral and discount are right.

    Months are shown as they are lived. What `discount` takes off is in the amounts alone.

    Examples
    --------
    >>> followed = pl.DataFrame(
    ...     {
    ...         "days": [90, 400, 90, 400],
    ...         "left": [True, False] * 2,
    ...         "score": [3, 3, 7, 7],
    ...         "n": [40, 60, 20, 80],
    ...     }
    ... )
    >>> sums = {"n_referrals": 90, "referrals": 9, "sq_referrals": 9.0, "years": 90.0}
    >>> sums |= {"sq_years": 90.0, "referrals_years": 9.0}
    >>> customers = pl.DataFrame(
    ...     {"score": [3, 7], "n": 90, "monthly_spend": 50.0, "total_monthly_spend": 4500.0}
    ... ).with_columns(pl.lit(value).alias(f"total_{name}") for name, value in sums.items())
    >>> worth = estimate_worth(followed, customers, margin=0.5)
    >>> worth.select(pl.col("months", "worth", "low", "high").round(2)).row(0)
    (1.81, 45.22, 17.19, 73.24)
    """
    caller = "estimate_worth()"
    _check(caller=caller, start=start, end=end, margin=margin, discount=discount, referral=referral)
    check_level(level, caller=caller)
    check_trim(trim, caller=caller)
    if not isinstance(horizon, int) or horizon < 1:
        raise bad_option(horizon, caller=caller, option="horizon", rule="whole months, 1 or more")
    clocks = take_followed(followed, by=(), caller=caller)
    spent = take_spend(customers, by=(), caller=caller)
    context = _share_context(followed, customers, caller=caller)
    rates = rate_referrals(take_referrals(customers, by=(), caller=caller))
    # As a rate a day, so that a year takes off what is asked.
    daily = -np.log1p(-discount) / (_MONTHS * _MONTH)
    sides = []
    for band in (start, end):
        curve = follow_cells(clocks.filter(pl.col("band") == band))
        area, counted = (
            keep_until(curve, horizon * _MONTH, discount=rate) for rate in (0.0, daily)
        )
        amounts = amounts_of(spent.filter(pl.col("band") == band))
        place = BANDS.index(band)
        sides.append(
            _Side(
                n=int(curve.n),
                followed=curve.longest / _MONTH,
                months=area.days / _MONTH,
                months_variance=(area.variance or np.nan) / _MONTH**2,
                counted=counted.days / _MONTH,
                counted_variance=(counted.variance or np.nan) / _MONTH**2,
                spend=float(trim_mean(amounts.values, amounts.n, trim=trim)),
                spend_variance=vary_mean(amounts, trim=trim),
                # Referrals that are worth nothing need not be known.
                rate=float(rates.rate[place]) if referral else 0.0,
                rate_variance=float(rates.variance[place]) if referral else 0.0,
            )
        )
    before, after = sides
    width = float(quantile_of(level))
    parts = {
        "from_staying": margin * before.spend * (after.counted - before.counted),
        "from_spend": margin * (after.spend - before.spend) * after.counted,
        "from_referrals": referral
        * (after.rate * after.counted - before.rate * before.counted)
        / _MONTHS,
    }
    worth = sum(parts.values())
    wide = width * np.sqrt(sum(_vary(each, margin=margin, referral=referral) for each in sides))
    months = after.months - before.months
    months_wide = width * np.sqrt(before.months_variance + after.months_variance)
    figures: dict[str, Any] = {
        "months_start": before.months,
        "months_end": after.months,
        "months": months,
        "months_low": months - months_wide,
        "months_high": months + months_wide,
        **parts,
        "worth": worth,
        "low": worth - wide,
        "high": worth + wide,
        "margin": margin,
        "discount": discount,
        "horizon": horizon,
        "referral": referral,
        "trim": trim,
        "followed": min(before.followed, after.followed),
        "level": level,
    }
    bands = pl.Enum(BANDS)
    return pl.DataFrame(
        {"start": [start], "end": [end], "n_start": [before.n], "n_end": [after.n]},
        schema={"start": bands, "end": bands, "n_start": pl.Int64, "n_end": pl.Int64},
    ).with_columns(
        *(pl.lit(float(value)).fill_nan(None).alias(name) for name, value in figures.items()),
        pl.lit("delta").alias("method"),
        pl.lit(_ASSUMES).alias("assumes"),
        **context,
    )


def _share_context(
    followed: pl.DataFrame, customers: pl.DataFrame, *, caller: str
) -> dict[str, pl.Expr]:
    """Say which survey and scale both tables are of.

    Raises
    ------
    MixedSurveysError
        If they differ.
    """
    shared: dict[str, pl.Expr] = {}
    for name in CONTEXT:
        kinds = [_kind_of(each, name) for each in (followed, customers)]
        known = [kind for kind in kinds if kind is not None]
        if len(set(known)) > 1:
            raise MixedSurveysError(
                f"{caller} would set answers of different kinds side by side: {name} is "
                f"'{kinds[0]}' in `followed` and '{kinds[1]}' in `customers`.\n"
                "  Their bands mean different things.  Take one kind for both tables."
            )
        if name in followed.columns or name in customers.columns:
            # What one table does not tell is taken to be alike only of the scale.
            both = len(known) == len(kinds) or (known and name == "scale")
            shared[name] = pl.lit(known[0] if both else None, pl.String)
    return shared


def _kind_of(counts: pl.DataFrame, name: str) -> str | None:
    if name not in counts.columns:
        return None
    used = take_used(counts, by=(), caller="")[name].drop_nulls()
    return str(used[0]) if used.len() else None


def _check(
    *, caller: str, start: object, end: object, margin: object, discount: object, referral: object
) -> None:
    for option, band in (("start", start), ("end", end)):
        check_choice(band, BANDS, caller=caller, option=option)
    if start == end:
        raise bad_option(end, caller=caller, option="end", rule="another band than `start`")
    share = "a share from 0 to 1"
    if not (isinstance(margin, Real) and 0 <= float(margin) <= 1):
        raise bad_option(margin, caller=caller, option="margin", rule=share)
    if not (isinstance(discount, Real) and 0 <= float(discount) < 1):
        raise bad_option(discount, caller=caller, option="discount", rule="a share from 0, under 1")
    if not (isinstance(referral, Real) and 0 <= float(referral) < np.inf):
        raise bad_option(referral, caller=caller, option="referral", rule="an amount, 0 or more")


def _vary(side: _Side, *, margin: float, referral: float) -> float:
    """Give the variance of what a customer of one band brings."""
    a_month = margin * side.spend + referral * side.rate / _MONTHS
    of_a_month = margin**2 * side.spend_variance + (referral / _MONTHS) ** 2 * side.rate_variance
    return a_month**2 * side.counted_variance + side.counted**2 * of_a_month
