"""All that a centre's tables tell of what loyalty brings, however few of them there are."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from nps_kit.counts import measures_of
from nps_kit.errors import bad_option, missing_column
from nps_kit.rows.engines import date_parts, wrap
from nps_kit.rows.joins import join_service
from nps_kit.rows.loyalty.customers import tally_customers
from nps_kit.rows.loyalty.spells import HELD_BACK, tally_loyalty
from nps_kit.rows.sources import Data
from nps_kit.rows.tallies import tally
from nps_kit.scale import ScaleName
from nps_kit.selection import keep_survey

_CALLER = "tally_outcomes()"
_CALLS = frozenset(("response_id", "done_at", "outcome"))
_DATE, _THERE = "responded_at", "in a month to keep"


class Outcomes(NamedTuple):
    """The count tables of what loyalty brings; those that the data cannot fill are empty."""

    followed: pl.DataFrame
    """As `tally_loyalty` makes it, always with ``callback``: null where nobody was held back."""
    customers: pl.DataFrame
    """As `tally_customers` makes it."""
    costs: pl.DataFrame
    """As `tally` makes it of answers and their contacts, with the totals of ``cost``."""
    present: list[str]
    """What is there of the tables and columns that these need."""


def tally_outcomes(
    tables: Data,
    *,
    by: Sequence[str] = (),
    survey: str = "",
    scale: ScaleName | None = None,
    months: Iterable[dt.date] | None = None,
) -> Outcomes:
    """Count who stayed, what customers brought and what contacts cost, as far as it is known.

    Parameters
    ----------
    tables
        The tables of a centre, as `open_data` opens them.
    by
        Columns that tell groups apart, of the answers, their customers or their contacts. One that
        is not there is empty.
    survey
        Kind of survey to keep; empty: the kind with the most answers that count.
    scale
        As in `tally`.
    months
        First days of the months whose answers count; None: all. On a shared page, those in which
        other pages show the same answers: this page less those would tell of the other months.

    Returns
    -------
    The three count tables, and the names of what they could be made of. A table for which a column
    is lacking has no row, so that whatever is made of it says that nothing is known.

    Raises
    ------
    OptionError
        If no answer is of that kind of survey, or another option cannot be used.
    MissingColumnError
        If `months` are named and the answers have no ``responded_at``.
    SourceError
        If a customer is there twice, or the engines differ.
    DateError
        If a date is none, or carries a time zone.

    Notes
    -----
    A customers table without ``left_on`` does not say that all stayed: nobody is then followed.
    Call-backs of which nobody was held back are not told: with whom would they be compared?
    Clocks are stopped by the answers of the other kind of survey too, as in `tally_loyalty`, and by
    those of the months that are not kept. What is set aside is kept, whatever its month.

    Examples
    --------
    >>> from datetime import date
    >>> answers = {"customer_id": ["a"], "responded_at": [date(2024, 1, 1)], "score": [3]}
    >>> people = {"customer_id": ["a"], "monthly_spend": [20.0]}
    >>> found = tally_outcomes(Data("here", pl.DataFrame(answers), customers=pl.DataFrame(people)))
    >>> found.followed.height, found.customers["n"].sum(), found.present
    (0, 1, ['customer_id', 'customers', 'monthly_spend'])
    """
    about = {
        "responses": _names(tables.responses),
        "customers": _names(tables.customers),
        "follow_ups": _names(tables.follow_ups),
        "interactions": _names(tables.interactions),
    }
    answers = about["responses"]
    kind = keep_survey(tally(tables.responses, scale=scale), survey=survey)
    responses = tables.responses
    if months is not None:
        responses = _mark_months(responses, months)
        answers |= {_THERE}
    known = {"customer_id"} <= about["customers"] or tables.customers is None
    brought = about["customers"] if tables.customers is not None else answers
    named = known and "customer_id" in answers
    has_calls = _CALLS <= about["follow_ups"] and "response_id" in answers
    has_clocks = named and "left_on" in brought
    has_amounts = named and bool({"monthly_spend", "referrals"} & brought)
    has_costs = "cost" in about["interactions"] and "interaction_id" in answers
    marked = [_THERE] if months is not None else []
    whose = [*(name for name in by if name in answers | about["customers"]), *marked]
    nobody = _nobody(whose)
    followed = tally_loyalty(
        responses if has_clocks else nobody,
        tables.customers if has_clocks else None,
        tables.follow_ups if has_clocks and has_calls else None,
        by=whose,
        scale=scale,
    )
    customers = tally_customers(
        responses if has_amounts else nobody,
        tables.customers if has_amounts else None,
        by=whose,
        scale=scale,
    )
    costs = tally(
        join_service(responses, tables.interactions) if has_costs else nobody,
        by=[*by, *marked],
        totals=["cost"],
        scale=scale,
        absent="null",
    )
    if marked:
        followed, customers, costs = (_keep_marked(table) for table in (followed, customers, costs))
    held = (
        followed["callback"] == HELD_BACK if "callback" in followed.columns else pl.Series([False])
    )
    if not held.any():
        followed = followed.with_columns(callback=pl.lit(None, pl.String))
    empty = [pl.lit(None, pl.String).alias(name) for name in by if name not in whose]
    there = {
        "customer_id": "customer_id" in answers,
        "customers": tables.customers is not None,
        "left_on": "left_on" in brought,
        "monthly_spend": "monthly_spend" in brought,
        "referrals": "referrals" in brought,
        "follow_ups": has_calls,
        "interactions": tables.interactions is not None,
        "cost": has_costs,
    }
    return Outcomes(
        _keep_kind(followed.with_columns(empty), kind),
        _keep_kind(customers.with_columns(empty), kind),
        _keep_kind(costs, kind),
        [name for name, is_there in there.items() if is_there],
    )


def _mark_months(responses: object, months: object) -> object:
    """Say of each answer whether its month is kept, where the answers live."""
    days = [*months] if isinstance(months, Iterable) else None
    if days is None or not all(isinstance(day, dt.date) for day in days):
        raise bad_option(months, caller=_CALLER, option="months", rule="a list of dates, or None")
    rows = wrap(responses, caller=_CALLER)
    present = rows.collect_schema().names()
    if _DATE not in present:
        raise missing_column(_DATE, caller=_CALLER, table="the answers", present=present)
    parts = date_parts(rows, _DATE, parts=2, caller=_CALLER).values()
    # polars holds months in eight bits, where twelve months a year wrap.
    year, month = (part.fill_null(0).cast(nw.Int64) for part in parts)
    kept = (year * 12 + month).is_in(sorted({day.year * 12 + day.month for day in days}))
    mark = nw.when(kept).then(nw.lit(1)).otherwise(nw.lit(0))
    return rows.with_columns(mark.alias(_THERE)).to_native()


def _keep_marked(counts: pl.DataFrame) -> pl.DataFrame:
    """Keep the answers of the months to keep, and all that is set aside."""
    there = pl.col(_THERE).cast(pl.Int64, strict=False) == 1
    kept = counts.filter(there | pl.col("reason").is_not_null()).drop(_THERE)
    sums = measures_of(kept)
    keys = [name for name in kept.columns if name not in sums]
    added = (
        kept.group_by(keys, maintain_order=True).agg(pl.col(sums).sum()).sort(keys, nulls_last=True)
    )
    return added.select(kept.columns)


def _names(table: object) -> frozenset[str]:
    if table is None:
        return frozenset()
    return frozenset(wrap(table, caller=_CALLER).collect_schema().names())


def _nobody(by: Sequence[str]) -> pl.DataFrame:
    """Make a table of answers without a row, that has every column needed."""
    schema: dict[str, Any] = dict.fromkeys(("customer_id", *by), pl.String)
    schema |= {"responded_at": pl.Datetime("us"), "left_on": pl.Date, "score": pl.Int64}
    schema |= dict.fromkeys(("monthly_spend", "referrals", "cost"), pl.Float64)
    return pl.DataFrame(schema=schema)


def _keep_kind(counts: pl.DataFrame, kind: pl.DataFrame) -> pl.DataFrame:
    if not {"survey"} <= set(counts.columns) & set(kind.columns) or not kind.height:
        return counts
    return counts.filter(pl.col("survey").eq_missing(pl.lit(kind["survey"][0], pl.String)))
