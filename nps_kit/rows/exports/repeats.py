"""Answers that are there twice, and customers who answered more than once."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from nps_kit.rows.delimited.reading import ROW

DUPLICATE = "duplicate"
EARLIER = "an earlier answer of the same customer"
LATER = "a later answer of the same customer"

_ID = {"responses": "response_id", "interactions": "interaction_id"}
_AT = {"responses": "responded_at", "interactions": "started_at"}
_AT_ONCE = 1 << 22
"""So many hashes are compared at once."""

_ENOUGH = 1 << 20
"""So many answers tell how many customers answer again to less than one in a hundred."""


def find_duplicates(keys: pl.LazyFrame, *, table: str, good: pl.LazyFrame) -> pl.DataFrame:
    """Find rows whose id is there again, but for the latest of each.

    Parameters
    ----------
    keys
        Of the good rows, `ROW` and the columns that are there of the id and the date.
    table
        The table that the rows are of.
    good
        The good rows, wherever they are read fastest.

    Returns
    -------
    `ROW` and ``reason``.
    """
    there = keys.collect_schema().names()
    name, at = _ID.get(table, ""), _AT.get(table, "")
    if name not in there:
        return _none()
    told = keys.filter(pl.col(name).cast(pl.String).str.strip_chars() != "")
    # Eight bytes a row find the few ids that may be repeated; only those are looked at whole.
    every = good.filter(pl.col(name).is_not_null())
    hashes = every.select(pl.col(name).hash()).collect(engine="streaming").to_series()
    if _all_differ(hashes):
        return _none()
    hashed = told.select(ROW, pl.col(name).hash().alias("_hash")).collect(engine="streaming")
    twice = hashed.filter(pl.col("_hash").is_duplicated())[ROW]
    if twice.is_empty():
        return _none()
    order = [pl.col(at)] if at in there else []
    rows = told.filter(pl.col(ROW).is_in(twice.implode())).collect(engine="streaming")
    older = rows.sort(*order, ROW, nulls_last=False).filter(~pl.col(name).is_last_distinct())
    return older.select(ROW, reason=pl.lit(DUPLICATE)).sort(ROW)


def _all_differ(hashes: pl.Series) -> bool:
    """Tell whether no hash is there twice, part by part: what is compared at once is bounded."""
    parts = max(1, -(-hashes.len() // _AT_ONCE))
    if parts == 1:
        return hashes.n_unique() == hashes.len()
    some = (hashes.filter(hashes % parts == place) for place in range(parts))
    return all(part.n_unique() == part.len() for part in some)


def find_repeated(keys: pl.LazyFrame, *, policy: str) -> pl.DataFrame:
    """Find the answers that a policy for repeated respondents leaves out.

    Parameters
    ----------
    keys
        Of the good rows, `ROW`, ``customer_id`` and, where there is one, ``responded_at``.
    policy
        ``"all"``, ``"latest"`` or ``"first"``.

    Returns
    -------
    `ROW` and ``reason``. Answers without a customer are never left out.
    """
    there = keys.collect_schema().names()
    if policy == "all" or "customer_id" not in there:
        return _none()
    order = ["responded_at", ROW] if "responded_at" in there else [ROW]
    rows = (
        keys.filter(pl.col("customer_id").cast(pl.String).str.strip_chars() != "")
        .select("customer_id", *order)
        .collect(engine="streaming")
        .sort(order)
    )
    customer = pl.col("customer_id")
    kept = customer.is_last_distinct() if policy == "latest" else customer.is_first_distinct()
    reason = EARLIER if policy == "latest" else LATER
    return rows.filter(~kept).select(ROW, reason=pl.lit(reason)).sort(ROW)


def warn_repeated(good: pl.LazyFrame, *, answers: int, days: int) -> list[str]:
    """Say how many customers and contacts have more than one answer, and how soon it came.

    Parameters
    ----------
    good
        The rows that count.
    answers
        How many there are. Where they are very many, an even part of the customers is looked at.
    days
        How long after an answer another one of the same customer is doubted.

    Returns
    -------
    One sentence for each thing.
    """
    there = good.collect_schema().names()
    part = max(1, -(-answers // _ENOUGH))
    about = "About " if part > 1 else ""
    told = []
    if "customer_id" in there:
        found = _find_several(good, "customer_id", part=part)
        if found.n:
            customers = _count(found.several, "customer", "customers")
            told.append(
                f"{about}{customers} answered more than once ({found.n:,} answers): all are used; "
                f'repeated = "latest" or "first" in a mapping would keep {found.several:,} and set '
                f"{found.n - found.several:,} aside."
            )
        near = found.within(days)
        if near:
            told.append(
                f"{about}{_count(near, 'answer', 'answers')} came within {days} days of an earlier "
                "one of the same customer."
            )
    if "interaction_id" in there:
        found = _find_several(good, "interaction_id", part=part)
        if found.n:
            contacts = _count(found.several, "contact has", "contacts have")
            told.append(
                f"{about}{contacts} more than one answer ({found.n:,} answers): all are used."
            )
    return told


@dataclass(frozen=True, slots=True)
class _Several:
    """Those with several answers: how many they are, their answers, and the time since the last."""

    several: int
    n: int
    since: pl.Series
    part: int

    def within(self, days: int) -> int:
        """Count the answers that came so soon after another one."""
        if not isinstance(self.since.dtype, pl.Duration):
            return 0
        return int((self.since < timedelta(days=days)).sum()) * self.part


def _find_several(good: pl.LazyFrame, name: str, *, part: int) -> _Several:
    """Count those who have several answers, in an even part of all of them."""
    text = pl.col(name).cast(pl.String)
    dated = [at for at in ("responded_at",) if at in good.collect_schema().names()]
    rows = good.select(text, text.hash().alias("_hash"), *dated)
    some = rows.filter(pl.col("_hash") % part == 0) if part > 1 else rows
    known = some.filter(pl.col(name).str.strip_chars() != "").drop(name)
    ordered = known.collect(engine="streaming").sort("_hash", *dated)
    again = (ordered["_hash"] == ordered["_hash"].shift()).fill_null(value=False)
    more = int(again.sum())
    several = int((again & ~again.shift(fill_value=False)).sum())
    since = ordered[dated[0]].diff().filter(again) if dated else pl.Series([], dtype=pl.Int64)
    return _Several(several * part, (several + more) * part, since, part)


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String})
