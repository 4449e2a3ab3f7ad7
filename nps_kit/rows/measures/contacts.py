"""Contacts, who was invited and answered, who hung up and what it cost, by the day of it."""

from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.counts import Every
from nps_kit.rows.checks import BLANK, BLANK_WORDS, NOT_A_NUMBER
from nps_kit.rows.engines import Frame, as_number, count_groups, is_missing
from nps_kit.rows.joins import join_tables
from nps_kit.rows.measures.table import CALLER, complete, set_aside, take_parts, take_periods
from nps_kit.schema import NO, YES

NOT_YES_OR_NO = "neither yes nor no"
NOT_INVITED = "not invited"
NO_CONTACT = "names no contact"
NOWHERE = "contact not found"

_ENDLESS = 1e300
_ID = "interaction_id"
_TIMES, _KNOWN = "answers to the contact", "contact that is known"
"""Names for the way, which no column of a user's is likely to have."""


def count_served(contacts: Frame, answers: Frame, *, every: Every) -> pl.DataFrame:
    """Count contacts, and of them those abandoned, those that answered, and what they cost."""
    present = contacts.collect_schema().names()
    dates = take_parts(contacts, "started_at", every=every)
    matched = can_match(contacts, answers)
    rows = contacts
    if matched:
        narrow = (_ID, "started_at", "abandoned", "cost", "invited")
        rows = contacts.select(*(name for name in narrow if name in present))
        # The contacts stand where answers do in other joins: rows in are rows out.
        given = _list_given(answers).select(_ID)
        rows = join_tables({"responses": rows, "interactions": given}, caller=CALLER, known=_KNOWN)
        dates = take_parts(rows, "started_at", every=every)
    keys = dates | {name: nw.col(name) for name in ("abandoned", "invited") if name in present}
    if matched:
        keys["_answered"] = nw.col(_KNOWN)
    sums = _cost(rows) if "cost" in present else {}
    counts = take_periods(count_groups(rows, keys=keys, sums=sums), every=every)
    tables = [complete(set_aside(counts), measure="contacts")]
    if "abandoned" in present:
        tables.append(complete(set_aside(read_flag(counts, "abandoned")), measure="abandoned"))
    if matched:
        tables.append(complete(set_aside(_respond(counts)), measure="response"))
    if "cost" in present:
        tables += _split_cost(counts)
    return pl.concat(tables)


def _respond(counts: pl.DataFrame) -> pl.DataFrame:
    """Say of contacts whether they were invited and answered."""
    read = read_flag(counts, "invited")
    answered = pl.col("_answered").is_not_null()
    strange = pl.col("reason") == NOT_YES_OR_NO
    invited = (pl.col("value") == 1).fill_null(value=False)
    read = read.filter(invited | answered | strange.fill_null(value=False))
    reason = pl.when(strange).then(pl.col("reason")).when(~invited).then(pl.lit(NOT_INVITED))
    return read.with_columns(value=answered.cast(pl.Int64), reason=reason)


def read_flag(counts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Read what each engine makes of yes and no, some of them words."""
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    reason = (
        pl.when(word.is_null() | word.is_in(BLANK_WORDS))
        .then(pl.lit(BLANK))
        .when(~word.is_in([*YES, *NO]))
        .then(pl.lit(NOT_YES_OR_NO))
    )
    value = pl.when(word.is_in(YES)).then(1).when(word.is_in(NO)).then(0)
    return counts.with_columns(value=value, reason=reason)


def _cost(rows: Frame) -> dict[str, nw.Expr]:
    kind = rows.collect_schema()["cost"]
    if not kind.is_numeric():
        return {}
    number = as_number(rows, "cost")
    there = ~is_missing(rows, "cost") & (number >= 0) & (number < _ENDLESS)
    good = nw.when(there).then(number).otherwise(nw.lit(0.0))
    known = nw.when(there).then(nw.lit(1)).otherwise(nw.lit(0))
    return {"_known": known, "total": good, "total_sq": good * good}


def _split_cost(counts: pl.DataFrame) -> list[pl.DataFrame]:
    """Count contacts whose cost is known, and set aside the others."""
    if "_known" not in counts.columns:
        lost = counts.with_columns(reason=pl.lit(NOT_A_NUMBER))
        return [complete(set_aside(lost), measure="cost")]
    known = counts.with_columns(n=pl.col("_known").cast(pl.Int64)).filter(pl.col("n") > 0)
    lost = counts.with_columns(n=pl.col("n") - pl.col("_known").cast(pl.Int64))
    lost = lost.filter(pl.col("n") > 0).with_columns(reason=pl.lit(BLANK))
    return [
        complete(set_aside(known), measure="cost", sums=True),
        complete(set_aside(lost.drop("total", "total_sq")), measure="cost"),
    ]


def count_unmatched(contacts: Frame, answers: Frame) -> pl.DataFrame:
    """Count the answers that lead to no contact."""
    there = contacts.select(_ID).group_by(_ID).agg(nw.len().alias(_TIMES)).select(_ID)
    given = _list_given(answers)
    joined = join_tables({"responses": given, "interactions": there}, caller=CALLER, known=_KNOWN)
    blank = is_missing(joined, _ID)
    if joined.collect_schema()[_ID] == nw.String:
        blank = blank | (nw.col(_ID) == "")
    code: Any = nw.when(blank).then(nw.lit(1)).otherwise(nw.lit(0))
    counts = count_groups(
        joined, keys={"_blank": code, "_found": nw.col(_KNOWN)}, sums={"_times": nw.col(_TIMES)}
    )
    lost = counts.filter(pl.col("_found").is_null()).with_columns(
        n=pl.col("_times").cast(pl.Int64),
        reason=pl.when(pl.col("_blank") == 1).then(pl.lit(NO_CONTACT)).otherwise(pl.lit(NOWHERE)),
        period=pl.lit(None, pl.Date),
    )
    return complete(lost, measure="response")


def _list_given(answers: Frame) -> Frame:
    """List the contacts that were answered, each once, with how often."""
    return answers.select(_ID).group_by(_ID).agg(nw.len().alias(_TIMES))


def can_match(contacts: Frame, answers: Frame) -> bool:
    """Tell whether it can be found out who was invited and answered."""
    there = contacts.collect_schema().names()
    return "invited" in there and _ID in there and _ID in answers.collect_schema().names()
