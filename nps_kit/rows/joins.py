"""Answers joined to the contacts they are about: rows in are rows out."""

from typing import Any

import narwhals as nw

from nps_kit.errors import SourceError, listed, missing_column
from nps_kit.rows.engines import Frame, collect, is_missing, wrap

_CALLER = "join_service()"


def join_service(
    responses: object, interactions: object, agents: object = None, customers: object = None
) -> Any:  # noqa: ANN401 - the same kind of frame as was given
    """Put beside each answer the contact it is about, who handled it and who gave it.

    Parameters
    ----------
    responses
        Answers, with ``interaction_id`` (for contacts) and ``customer_id`` (for customers).
    interactions, agents, customers
        Tables of `nps_kit.schema.TABLES`, on the same engine as `responses`; None: not there, and
        left out. Agents are found through the contact.

    Returns
    -------
    The answers, as many as went in, with the other tables' columns beside them; where a column is
    in both, the answer's own stays. As lazy, and on the same engine, as `responses`.

    Raises
    ------
    MissingColumnError
        If a table lacks the key it is joined by.
    SourceError
        If a key is there twice, which would count an answer twice, or the engines differ.

    Examples
    --------
    >>> import polars as pl
    >>> answers = pl.DataFrame({"interaction_id": ["c1", None], "score": [9, 3]})
    >>> contacts = pl.DataFrame({"interaction_id": ["c1"], "transfers": [2]})
    >>> join_service(answers, contacts).rows()
    [('c1', 9, 2), (None, 3, None)]
    """
    joined = wrap(responses, caller=_CALLER)
    for other, table, key in (
        (interactions, "interactions", "interaction_id"),
        (agents if interactions is not None else None, "agents", "agent_id"),
        (customers, "customers", "customer_id"),
    ):
        if other is not None:
            joined = _join(joined, wrap(other, caller=_CALLER), table=table, key=key)
    return joined.to_native()


def _join(left: Frame, right: Frame, *, table: str, key: str) -> Frame:
    if left.implementation != right.implementation:
        raise SourceError(
            f"{_CALLER} cannot join {table} on {right.implementation} to answers on "
            f"{left.implementation}.\n  Open both with the same engine."
        )
    here, there = left.collect_schema().names(), right.collect_schema().names()
    for names, what in ((here, "the answers"), (there, f"`{table}`")):
        if key not in names:
            raise missing_column(key, caller=_CALLER, table=what, present=names)
    kinds = left.collect_schema()[key], right.collect_schema()[key]
    if kinds[0].is_numeric() != kinds[1].is_numeric():
        raise SourceError(
            f"{_CALLER} cannot match '{key}': the answers hold {kinds[0]}, `{table}` {kinds[1]}.\n"
            "  Make both text, or both numbers, first."
        )
    repeated = collect(
        right.filter(~is_missing(right, key))
        .group_by(key)
        .agg(nw.len().alias("_n"))
        .filter(nw.col("_n") > 1)
        .head(3)
    )
    if not repeated.is_empty():
        raise SourceError(
            f"{_CALLER} would count answers more than once: '{key}' is repeated in `{table}`, "
            f"such as {listed(repeated[key].sort())}.\n"
            f"  Keep one row for each {key} first."
        )
    beside = right.select(key, *(name for name in there if name not in here))
    if isinstance(left, nw.LazyFrame) and isinstance(beside, nw.LazyFrame):
        return left.join(beside, on=key, how="left")
    if isinstance(left, nw.DataFrame) and isinstance(beside, nw.DataFrame):
        return left.join(beside, on=key, how="left")
    return left.lazy().join(beside.lazy(), on=key, how="left")
