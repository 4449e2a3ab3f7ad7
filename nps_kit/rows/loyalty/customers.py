"""What customers bring, by their latest answer: spend and referrals, as counts."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import polars as pl

from nps_kit.counts import TOTAL
from nps_kit.errors import bad_option
from nps_kit.rows.engines import Frame, as_number, check_number, count_groups, is_missing
from nps_kit.rows.loyalty.clocks import (
    check_columns,
    check_days,
    check_options,
    context_of,
    judge,
    no_number,
    order,
    place_beside,
    time_answers,
)
from nps_kit.scale import ScaleName

_DAYS_A_YEAR = 365.25
_ENDLESS = 1e300


def tally_customers(
    responses: object,
    customers: object = None,
    *,
    by: Sequence[str] = (),
    score: str = "score",
    date: str = "responded_at",
    scale: ScaleName | None = None,
    until: dt.date | None = None,
    step: float = 1.0,
) -> pl.DataFrame:
    """Count customers by their latest answer and what they spend, with what they refer.

    Parameters
    ----------
    responses
        Answers, one row each, with ``customer_id``, on any engine that `tally` takes.
    customers
        Table with ``customer_id`` and, as far as they are known, ``monthly_spend``, ``referrals``,
        ``joined_on`` and ``left_on``, on the same engine; None: `responses` carries them.
    by
        Columns that tell groups apart, of the answers or of the customers.
    score, date, scale
        As in `tally`.
    until
        Last day that is known of; None: the latest day of any answer, or of anyone's leaving. Name
        it where notice is given ahead.
    step
        Width of the steps that spend is counted in, in currency: wider ones make a smaller table.

    Returns
    -------
    The count table, sorted by its keys. A row that counts is a customer, with the latest answer:

    ========================  ========  ====================================================
    ``*by``                             as given
    ``survey``, ``scale``     text      where the answers have them
    ``monthly_spend``         currency  lower edge of the step; null: not given
    ``score``                 int       0 to 10; null where the row is set aside
    ``reason``                text      null for a row that counts, else why it does not
    ``n``                     int       answers; of those that count: customers
    ``total_monthly_spend``   currency  what they spend together, to the cent
    ``total_n_referrals``     int       customers whose referrals and years are known
    ``total_referrals``       int       what those referred
    ``total_sq_referrals``              the sum of the squares
    ``total_years``           years     how long those have been customers, together
    ``total_sq_years``                  the sum of the squares
    ``total_referrals_years``           the sum of the products
    ========================  ========  ====================================================

    Raises
    ------
    MissingColumnError
        If ``customer_id`` or a column that is named is not there, or neither ``monthly_spend`` nor
        ``referrals`` is.
    DateError
        If a date is none, or carries a time zone; if `until` is not given, and someone leaves on a
        day so far off that it stands for none, such as 9999-12-31.
    SourceError
        If a customer is there twice, or the engines differ.
    OptionError
        If an option cannot be used.

    Notes
    -----
    Years run from ``joined_on`` to ``left_on``, or to `until`. A step of spend keeps the sum of
    what was spent in it, so that means are exact and only where a trimmed mean cuts is rounded.
    Refunds may make it negative. Fewer than no referrals are not known. What is spent and referred
    is what the table says today, whatever `until`. Spark plans for half a minute when it does
    this first, however few the rows.

    Examples
    --------
    >>> from datetime import date
    >>> at = [date(2024, 1, 1), date(2024, 1, 31)]
    >>> answers = pl.DataFrame({"customer_id": ["a", "a"], "responded_at": at, "score": [3, 9]})
    >>> people = pl.DataFrame({"customer_id": ["a"], "monthly_spend": [20.25]})
    >>> spent = tally_customers(answers, people)
    >>> spent.select("monthly_spend", "score", "reason", "n", "total_monthly_spend").rows()
    [(20.0, 9, None, 1, 20.25), (None, None, 'not the latest answer', 1, 0.0)]
    """
    caller = "tally_customers()"
    check_options(by, scale=scale, caller=caller)
    check_days(caller=caller, until=until)
    if not (isinstance(step, int | float) and 0 < step < _ENDLESS):
        raise bad_option(step, caller=caller, option="step", rule="an amount above 0")
    rows = place_beside(responses, customers, score=score, date=date, scale=scale, caller=caller)
    names = rows.collect_schema().names()
    check_columns(names, by, caller=caller)
    if "monthly_spend" not in names and "referrals" not in names:
        check_columns(names, ["monthly_spend"], caller=caller)
    keys = {name: nw.col(name) for name in [*by, *context_of(names, by)]}
    schema = rows.collect_schema()
    known = [  # a column that is empty all through has no type on some engines
        name
        for name in ("monthly_spend", "referrals")
        if name in names and schema[name] != nw.Unknown
    ]
    for name in known:
        check_number(rows, name, caller=caller, use="what a customer brings")
    measured = {f"_{name}": _finite(rows, name) for name in known}
    rows = time_answers(
        rows, keys | measured, score=score, date=date, until=until, latest=True, caller=caller
    )
    place = {name: f"_key{spot}" for spot, name in enumerate(keys | measured)}
    counted = nw.col("_why").is_null() & nw.col("_good")
    cell, sums = _measure(place, nothing=no_number(rows), counted=counted, step=step)
    counts = count_groups(
        rows,
        keys={name: nw.col(place[name]) for name in keys}
        | {"monthly_spend": cell, "_why": nw.col("_why"), "_raw": nw.col("_raw")},
        sums=sums,
    )
    counts = judge(counts, score=score, scale=scale, caller=caller).with_columns(
        pl.col("monthly_spend").cast(pl.Float64) * float(step),
        pl.col(f"{TOTAL}n_referrals", f"{TOTAL}referrals").cast(pl.Int64),
    )
    return order(counts, by=by, own=["monthly_spend"])


def _finite(rows: Frame, name: str) -> nw.Expr:
    """Read an amount as a decimal number, null where there is none."""
    number = as_number(rows, name)
    there = ~is_missing(rows, name) & (number < _ENDLESS) & (number > -_ENDLESS)
    return nw.when(there).then(number)


def _measure(
    place: dict[str, str], *, nothing: nw.Expr, counted: nw.Expr, step: float
) -> tuple[nw.Expr, dict[str, nw.Expr]]:
    """Say which step of spend a customer is on, and what is added up."""
    spend = nw.col(place["_monthly_spend"]) if "_monthly_spend" in place else nothing
    made = nw.col(place["_referrals"]) if "_referrals" in place else nothing
    gone = nw.col("_left") < nw.col("_end")
    last = nw.when(gone).then(nw.col("_left")).otherwise(nw.col("_end"))
    days = last - nw.col("_joined")
    told = counted & (made >= 0) & (days > 0)
    years = nw.when(told).then(days.cast(nw.Float64) / _DAYS_A_YEAR)
    named = nw.when(told).then(made)
    cell = nw.when(counted).then((spend / step).floor())
    return cell, {
        f"{TOTAL}monthly_spend": nw.when(counted).then(spend),
        f"{TOTAL}n_referrals": nw.when(told).then(nw.lit(1)).otherwise(nw.lit(0)),
        f"{TOTAL}referrals": named,
        f"{TOTAL}sq_referrals": named * named,
        f"{TOTAL}years": years,
        f"{TOTAL}sq_years": years * years,
        f"{TOTAL}referrals_years": named * years,
    }
