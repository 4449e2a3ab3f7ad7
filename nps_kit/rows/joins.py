"""Answers joined to the contacts they are about: rows in are rows out."""

from typing import Any

import narwhals as nw

from nps_kit.errors import SourceError, listed, missing_column
from nps_kit.rows.engines import Frame, collect, is_missing, plainly, wrap

_CALLER = "join_service()"
_MOST = 3
"""So many repeated keys are named, the most repeated first."""

_KEY = "key of the join"
"""A name for the way, which no column of a user's is likely to have."""

_WORDS = (nw.String, nw.Categorical, nw.Enum)


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
        left out. Agents and customers are found through the contact where the answers themselves
        do not name them; agents whom nothing names are left out.

    Returns
    -------
    The answers, as many as went in, with the other tables' columns beside them; where a column is
    in both (capitals make no difference), the answer's own stays. As lazy, and on the same engine,
    as `responses`: only the keys are looked at, for repeats, where they live.

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
        (agents, "agents", "agent_id"),
        (customers, "customers", "customer_id"),
    ):
        if other is None:
            continue
        if table == "agents" and interactions is None and key not in _names(joined):
            continue
        joined = _join(joined, wrap(other, caller=_CALLER), table=table, key=key)
    return joined.to_native()


def _names(frame: Frame) -> list[str]:
    return frame.collect_schema().names()


def _join(left: Frame, right: Frame, *, table: str, key: str) -> Frame:
    if left.implementation != right.implementation:
        raise SourceError(
            f"{_CALLER} cannot join {table} on {right.implementation} to answers on "
            f"{left.implementation}.\n  Open both with the same engine."
        )
    here, there = _names(left), _names(right)
    for names, what in ((here, "the answers"), (there, f"`{table}`")):
        if key not in names:
            raise missing_column(key, caller=_CALLER, table=what, present=names)
    # What has no key matches nothing; some engines would match missing with missing.
    right = right.filter(~is_missing(right, key))
    _refuse_repeats(right, table=table, key=key)
    kind = _common_kind(left, right, table=table, key=key)
    # Some engines take "Channel" and "channel" for the same column.
    taken = {name.lower() for name in here}
    beside = right.select(
        nw.col(key).cast(kind).alias(_KEY) if kind else nw.col(key).alias(_KEY),
        *(name for name in there if name.lower() not in taken),
    )
    left = left.with_columns((nw.col(key).cast(kind) if kind else nw.col(key)).alias(_KEY))
    with plainly(f"The answers and `{table}`, together,"):
        if isinstance(left, nw.DataFrame) and isinstance(beside, nw.DataFrame):
            return left.join(beside, on=_KEY, how="left").drop(_KEY)
        return left.lazy().join(beside.lazy(), on=_KEY, how="left").drop(_KEY)


def _refuse_repeats(right: Frame, *, table: str, key: str) -> None:
    repeated = collect(
        right.select(key)
        .group_by(key)
        .agg(nw.len().alias("_n"))
        .filter(nw.col("_n") > 1)
        .sort("_n", key, descending=[True, False])
        .head(_MOST)
    )
    if not repeated.is_empty():
        raise SourceError(
            f"{_CALLER} would count answers more than once: '{key}' is repeated in `{table}`, "
            f"such as {listed(repeated[key])}.\n"
            f"  Keep one row for each {key} first."
        )


def _common_kind(left: Frame, right: Frame, *, table: str, key: str) -> Any:  # noqa: ANN401
    """Find the type to compare keys in, where the two differ: some engines ask for it."""
    kinds = left.collect_schema()[key], right.collect_schema()[key]
    if kinds[0].is_numeric() != kinds[1].is_numeric():
        raise SourceError(
            f"{_CALLER} cannot match '{key}': the answers hold {kinds[0]}, `{table}` {kinds[1]}.\n"
            "  Make both text, or both numbers, first."
        )
    if kinds[0] == kinds[1]:
        return None
    if all(kind.is_integer() for kind in kinds):
        return nw.Int64
    if all(kind.is_integer() or kind.is_float() for kind in kinds):
        return nw.Float64
    return nw.String if all(isinstance(kind, _WORDS) for kind in kinds) else None
