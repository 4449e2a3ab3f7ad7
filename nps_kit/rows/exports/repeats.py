"""Answers that are there twice, and customers who answered more than once."""

import polars as pl

from nps_kit.rows.delimited.reading import ROW

DUPLICATE = "duplicate"
EARLIER = "an earlier answer of the same customer"
LATER = "a later answer of the same customer"

_ID = {"responses": "response_id", "interactions": "interaction_id"}
_AT = {"responses": "responded_at", "interactions": "started_at"}
_CUSTOMERS = 1 << 17
"""Of how many customers at most the answers are set in order to be compared."""


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
    every = good.filter(pl.col(name).cast(pl.String).str.strip_chars() != "")
    hashes = every.select(pl.col(name).hash()).collect(engine="streaming").to_series()
    if hashes.n_unique() == hashes.len():
        return _none()
    hashed = told.select(ROW, pl.col(name).hash().alias("_hash")).collect(engine="streaming")
    twice = hashed.filter(pl.col("_hash").is_duplicated())[ROW]
    if twice.is_empty():
        return _none()
    order = [pl.col(at)] if at in there else []
    rows = told.filter(pl.col(ROW).is_in(twice.implode())).collect(engine="streaming")
    older = rows.sort(*order, ROW, nulls_last=False).filter(~pl.col(name).is_last_distinct())
    return older.select(ROW, reason=pl.lit(DUPLICATE)).sort(ROW)


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


def warn_repeated(good: pl.LazyFrame, *, days: int) -> list[str]:
    """Say how many customers answered more than once, and how soon again.

    Parameters
    ----------
    good
        The rows that count.
    days
        How long after an answer another one is doubted.

    Returns
    -------
    No sentence, or one or two.
    """
    there = good.collect_schema().names()
    if "customer_id" not in there:
        return []
    customer = pl.col("customer_id")
    by = good.filter(customer.cast(pl.String).str.strip_chars() != "").select(
        customer.hash().alias("_hash"), *(["responded_at"] if "responded_at" in there else [])
    )
    counts = by.group_by("_hash").agg(n=pl.len().cast(pl.Int64)).filter(pl.col("n") > 1)
    many = counts.select(customers=pl.len().cast(pl.Int64), n=pl.col("n").sum())
    found = many.collect(engine="streaming").row(0, named=True)
    if not found["customers"]:
        return []
    customers = "customer" if found["customers"] == 1 else "customers"
    more = f"{found['customers']:,} {customers} answered more than once ({found['n']:,} answers)"
    told = [f'{more}: all are used; repeated = "latest" in a mapping keeps one of each.']
    if "responded_at" not in there or not days:
        return told
    # Where there are very many customers, an even part of them is looked at.
    part = max(1, -(-found["customers"] // _CUSTOMERS))
    ordered = by.filter(pl.col("_hash") % part == 0).collect(engine="streaming")
    ordered = ordered.drop_nulls().sort("_hash", "responded_at")
    again = ordered.select(
        (pl.col("_hash") == pl.col("_hash").shift())
        & ((pl.col("responded_at") - pl.col("responded_at").shift()) < pl.duration(days=days))
    ).to_series()
    near = int(again.sum() or 0) * part
    if near:
        answers = f"{near:,} {'answer' if near == 1 else 'answers'}"
        about = "About " if part > 1 else ""
        told.append(
            f"{about}{answers} came within {days} days of an earlier one of the same customer."
        )
    return told


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String})
