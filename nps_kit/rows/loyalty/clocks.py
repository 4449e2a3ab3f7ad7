"""The clock of an answer: when it starts, what stops it, and what is set aside on the way."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.counts import CONTEXT, TOTAL, measures_of
from nps_kit.errors import (
    DateError,
    OptionError,
    SourceError,
    bad_option,
    check_choice,
    listed,
    missing_column,
)
from nps_kit.rows.cells import trim_labels
from nps_kit.rows.checks import NO_DATE, check_responses, place_scores, tidy
from nps_kit.rows.engines import Frame, check_name, collect, date_parts, is_missing, plainly, wrap
from nps_kit.rows.joins import join_service
from nps_kit.scale import SCALES, ScaleName

_WHY = (
    NO_DATE,
    "no customer",
    "customer not in the table",
    "after the end",
    "after the landmark",
    "after leaving",
    "left by the landmark",
    "not the latest answer",
)
_UNDATED, _NOBODY, _UNKNOWN, _ENDED, _LATE, _GONE, _LEFT, _EARLIER = range(len(_WHY))

_RESERVED = frozenset(("score", "reason", "n", "days", "left", "callback", "band", "monthly_spend"))
KNOWN = "customer that is known"
"""A name for the way, which no column of a user's is likely to have."""

_FIRST = dt.date(1970, 1, 1).toordinal()
_JULIAN = 2_440_588
"""The same day, counted from the beginning of the Julian period."""

_FARTHEST = 5 * 366
"""Who leaves so many days after the last answer leaves on a day that stands for none."""


def check_options(by: Sequence[str], *, scale: str | None, caller: str) -> None:
    """Raise where a name cannot tell groups apart, or the scale is none.

    Raises
    ------
    OptionError
        If a name is no name, comes twice, or is needed by the count table.
    """
    if isinstance(by, str) or not all(isinstance(name, str) for name in by):
        raise bad_option(by, caller=caller, option="by", rule='a list of names: by=["segment"]')
    if scale is not None:
        check_choice(scale, tuple(SCALES), caller=caller, option="scale")
    for name in by:
        check_name(name, caller=f"{caller} by=")
        if name.lower() in _RESERVED or name.startswith((TOTAL, "_")):
            raise OptionError(
                f"{caller} cannot group by '{name}', a name that the count table needs itself.\n"
                f'  Give the column another name:  columns={{"my_{name}": "{name}"}}.'
            )
    twice = [name for name, times in Counter(by).items() if times > 1]
    if twice:
        raise OptionError(
            f"{caller} cannot group by {listed(twice)} more than once.\n  It has: by={list(by)}."
        )


def check_days(*, caller: str, **days: object) -> None:
    """Raise unless each option is a day, or not given.

    Raises
    ------
    OptionError
        Naming the option.
    """
    for option, day in days.items():
        if day is not None and not isinstance(day, dt.date):
            raise bad_option(day, caller=caller, option=option, rule="a date, such as 2026-09-30")


def check_columns(names: Sequence[str], needed: Sequence[str], *, caller: str) -> None:
    """Raise where a column that is needed is not there.

    Raises
    ------
    MissingColumnError
        Naming it, with those present.
    """
    for name in needed:
        if name not in names:
            raise missing_column(
                name, caller=caller, table="the answers and their customers", present=names
            )


def context_of(names: Sequence[str], by: Sequence[str]) -> list[str]:
    """Name the columns that are kept, since kinds of survey and scales do not mix."""
    return [name for name in CONTEXT if name in names and name not in by]


def place_beside(
    responses: object,
    customers: object,
    *,
    score: str,
    date: str,
    scale: ScaleName | None,
    caller: str,
) -> Frame:
    """Put each answer's verdict and customer beside it."""
    given = wrap(responses, caller=caller).collect_schema().names()
    check_columns(given, ["customer_id", date], caller=caller)
    checked = check_responses(responses, score=score, date=date, scale=scale).rows
    if customers is None:
        return wrap(checked, caller=caller).with_columns(nw.lit(1).alias(KNOWN))
    people = wrap(customers, caller=caller).with_columns(nw.lit(1).alias(KNOWN))
    return wrap(join_service(checked, None, None, people.to_native()), caller=caller)


def number_of(day: dt.date) -> int:
    """Count the days from the first of 1970."""
    return day.toordinal() - _FIRST


def no_number(rows: Frame) -> nw.Expr:
    """Make a column of numbers that are all missing, which not every engine casts from null."""
    some = nw.col(rows.collect_schema().names()[0])
    return nw.when(some.is_null() & ~some.is_null()).then(nw.lit(0))


def _day_of(rows: Frame, name: str, *, caller: str) -> nw.Expr:
    """Count days from the first of 1970 in whole numbers, as every engine can."""
    if rows.collect_schema()[name] == nw.Unknown:  # a column that is empty all through
        return no_number(rows)
    parts = date_parts(rows, name, parts=3, caller=caller)
    # Some engines make whole numbers with a gap decimal ones, and cannot turn those back.
    year, month, day = (part.fill_null(1).cast(nw.Int64) for part in parts.values())
    # Years that begin in March: the leap day is their last.
    early = (14 - month) // 12
    since, turn = year + 4800 - early, month + 12 * early - 3
    leaps = since // 4 - since // 100 + since // 400
    number = day + (153 * turn + 2) // 5 + 365 * since + leaps - 32_045 - _JULIAN
    return nw.when(~nw.col(name).is_null()).then(number)


def time_answers(
    rows: Frame,
    keys: dict[str, nw.Expr],
    *,
    score: str,
    date: str,
    until: dt.date | None,
    caller: str,
    landmark: dt.date | None = None,
    latest: bool = False,
) -> Frame:
    """Narrow the rows to their keys and numbered days, and find each answer's next one."""
    names = rows.collect_schema().names()
    days = {
        f"_{ours}": _day_of(rows, name, caller=caller) if name in names else no_number(rows)
        for ours, name in (("day", date), ("left", "left_on"), ("joined", "joined_on"))
    }
    narrow = rows.select(
        *(key.alias(f"_key{place}") for place, key in enumerate(keys.values())),
        *(day.alias(name) for name, day in days.items()),
        nw.col(score).alias("_raw"),
        nw.col(date).alias("_at"),
        nw.col("customer_id").alias("_customer"),
        nw.col("reason").is_null().alias("_good"),
        nw.col(KNOWN).is_null().alias("_unknown"),
    )
    nobody = is_missing(narrow, "_customer")
    day, left = nw.col("_day"), nw.col("_left")
    last = _find_end(narrow, caller=caller) if until is None else number_of(until)
    if last is not None and landmark is not None and number_of(landmark) > last:
        raise OptionError(
            f"{caller} cannot start on landmark={landmark:%Y-%m-%d}, after the last day that is "
            f"known of, {_date_of(last)}.\n  Take an earlier landmark, or a later until=."
        )
    end = nw.lit(last or 0)
    late: nw.Expr = day > end
    why: Any = nw.when(day.is_null()).then(nw.lit(_UNDATED)).when(nobody).then(nw.lit(_NOBODY))
    why = why.when(nw.col("_unknown")).then(nw.lit(_UNKNOWN))
    why = why.when(late).then(nw.lit(_ENDED))
    gone = (left < day).fill_null(value=False)
    if landmark is not None:
        mark = nw.lit(number_of(landmark))
        why = why.when(day > mark).then(nw.lit(_LATE))
        late = late | (day > mark)
    why = why.when(gone).then(nw.lit(_GONE))
    usable = nw.col("_good") & ~nobody & ~nw.col("_unknown") & ~late.fill_null(value=True)
    usable = usable & ~gone
    narrow = narrow.with_columns(why.alias("_why"), usable.alias("_usable"), end.alias("_end"))
    # With the keys, so that answers given at one moment have one order wherever they lie.
    own = [f"_key{place}" for place, name in enumerate(keys) if not name.startswith("_")]
    narrow = _find_next(narrow, order=["_at", "_raw", *own])
    if landmark is None and not latest:
        return narrow
    # One row a customer: the latest answer, whose clock no other stops.
    settled = nw.col("_why").is_null()
    again: Any = nw.when(~settled).then(nw.col("_why"))
    again = again.when(~nw.col("_next").is_null()).then(nw.lit(_EARLIER))
    if landmark is not None:
        left_by = (left <= nw.lit(number_of(landmark))).fill_null(value=False)
        again = again.when(left_by).then(nw.lit(_LEFT))
    return narrow.with_columns(
        again.alias("_why"), nw.when(nw.col("_next").is_null()).then(nw.col("_next"))
    )


def _find_end(narrow: Frame, *, caller: str) -> int | None:
    """Find the latest day of any answer that counts, or of anyone's leaving."""
    good = nw.when(nw.col("_good")).then(nw.col("_day"))
    with plainly("The table"):
        found = collect(
            narrow.select(good.alias("_day"), "_left").select(nw.col("_day", "_left").max())
        ).row(0)
    answered, gone = (None if each is None else int(each) for each in found)
    if answered is not None and gone is not None and gone - answered > _FARTHEST:
        raise DateError(
            f"{caller} finds that someone leaves on {_date_of(gone)}, years after the last answer "
            f"on {_date_of(answered)}: it cannot tell where the data ends.\n"
            "  Name the last day that is known of:  until=date(...).  "
            "Who then leaves later is still here."
        )
    return max((each for each in (answered, gone) if each is not None), default=None)


def _date_of(number: int) -> str:
    """Write a day that was counted from the first of 1970."""
    return dt.date.fromordinal(number + _FIRST).isoformat()


def _find_next(narrow: Frame, *, order: Sequence[str]) -> Frame:
    """Find the day of each customer's next answer that counts."""
    following = (nw.col("_day").shift(-1).over("_customer", "_usable", order_by=order)).alias(
        "_next"
    )
    try:
        with plainly("The table"):
            collect(narrow.head(1).with_columns(following))
    except SourceError:
        # No windows there: what is needed comes home.
        narrow = wrap(collect(narrow), caller="")
    if isinstance(narrow, nw.DataFrame) and narrow.implementation.is_pyarrow():
        narrow = wrap(collect(narrow), caller="")
    return narrow.with_columns(following)


def judge(counts: pl.DataFrame, *, score: str, scale: str | None, caller: str) -> pl.DataFrame:
    """Judge the few raw scores that came back, and give what else was set aside its reason."""
    counts = counts.with_columns(tidy(name) for name in CONTEXT if name in counts.columns)
    if "scale" in counts.columns:
        counts = counts.with_columns(pl.col("scale").fill_null("0-10"))
    placed = place_scores(counts, name=score, scale=scale, caller=caller)
    if scale is not None:
        placed = placed.with_columns(scale=pl.lit(scale))
    reason = pl.coalesce("reason", label("_why", _WHY))
    return placed.with_columns(
        reason=reason, score=pl.when(reason.is_null()).then(pl.col("score"))
    ).drop("_raw", "_why")


def label(name: str, words: Sequence[str]) -> pl.Expr:
    """Say in words what travelled as a place in a list."""
    said = dict(enumerate(words))
    return (
        pl.col(name)
        .cast(pl.Int64)
        .replace_strict(said, default=None, return_dtype=pl.String)
        .alias(name)
    )


def order(counts: pl.DataFrame, *, by: Sequence[str], own: Sequence[str]) -> pl.DataFrame:
    """Sum what now says the same, and sort by all keys."""
    context = [name for name in CONTEXT if name in counts.columns and name not in by]
    keys = [*by, *context, *own, "score", "reason"]
    sums = measures_of(counts)
    return (
        trim_labels(counts, by)
        .group_by(keys)
        .agg(pl.col(sums).sum())
        .sort(keys, nulls_last=True)
        .select(*keys, *sums)
    )
