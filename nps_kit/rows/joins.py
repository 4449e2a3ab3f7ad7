"""Answers joined to the contacts they are about: rows in are rows out."""

from typing import Any

import narwhals as nw

from nps_kit.errors import SourceError, listed, missing_column
from nps_kit.rows.engines import EXACT, Frame, collect, is_missing, plainly, wrap

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
        If a key is there twice, which would count an answer twice; if keys are of two kinds, which
        some engines would match and others not; or if the engines differ.

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
    kind = _common_kind(left, right, table=table, key=key)
    with plainly(f"The answers and `{table}`, together,"):
        left = left.with_columns(_cast(key, kind).alias(_KEY))
        right = right.with_columns(_cast(key, kind).alias(_KEY))
        right = right.filter(~_is_blank(right, _KEY))
        if left.collect_schema()[_KEY].is_float():
            for frame in (left, right):
                _refuse_long(frame, key=key)
        _refuse_repeats(right, table=table, key=key)
        # Some engines take "Channel" and "channel" for the same column.
        taken = {name.lower() for name in here}
        beside = right.select(_KEY, *(name for name in there if name.lower() not in taken))
        if isinstance(left, nw.DataFrame) and isinstance(beside, nw.DataFrame):
            return left.join(beside, on=_KEY, how="left").drop(_KEY)
        return _join_lazily(left.lazy(), beside.lazy()).drop(_KEY)


def _join_lazily(left: nw.LazyFrame[Any], beside: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    try:
        return left.join(beside, on=_KEY, how="left")
    except Exception as error:
        if "different connections" not in str(error):
            raise
    raise SourceError(
        f"{_CALLER} cannot join tables of two DuckDB sessions.\n"
        "  Open them together, by open_data(), or from one connection."
    )


def _cast(key: str, kind: Any) -> nw.Expr:  # noqa: ANN401 - a type of narwhals
    return nw.col(key).cast(kind) if kind else nw.col(key)


def _is_blank(frame: Frame, key: str) -> nw.Expr:
    """Tell rows without a key, which match nothing; some engines would match them all."""
    missing = is_missing(frame, key)
    # Categories know no empty word.
    return missing | (nw.col(key) == "") if frame.collect_schema()[key] == nw.String else missing


def _refuse_long(frame: Frame, *, key: str) -> None:
    """Refuse numbers that, as decimal ones, are no longer told apart from their neighbours."""
    size = nw.col(_KEY).abs()
    long = collect(frame.select(_KEY).filter(size >= EXACT).head(1))
    if not long.is_empty():
        raise SourceError(
            f"{_CALLER} cannot match '{key}': it holds decimal numbers as long as "
            f"{long[_KEY][0]:.0f}, in which digits are lost.\n"
            "  Read it as text, or as whole numbers, first."
        )


def _refuse_repeats(right: Frame, *, table: str, key: str) -> None:
    repeated = collect(
        right.select(_KEY)
        .group_by(_KEY)
        .agg(nw.len().alias("_n"))
        .filter(nw.col("_n") > 1)
        .sort("_n", _KEY, descending=[True, False])
        .head(_MOST)
    )
    if not repeated.is_empty():
        raise SourceError(
            f"{_CALLER} would count answers more than once: '{key}' is repeated in `{table}`, "
            f"such as {listed(repeated[_KEY])}.\n"
            f"  Keep one row for each {key} first."
        )


def _common_kind(left: Frame, right: Frame, *, table: str, key: str) -> Any:  # noqa: ANN401
    """Find the type to compare keys in, where the two differ: some engines ask for it."""
    kinds = left.collect_schema()[key], right.collect_schema()[key]
    if kinds[0] == kinds[1]:
        return None
    # Of a column that holds nothing, and of types of its own, an engine tells no type.
    known = [kind for kind in kinds if kind != nw.Unknown]
    if len(known) == 1:
        return known[0]
    if all(kind.is_integer() for kind in kinds):
        return nw.Int64
    if all(kind.is_numeric() for kind in kinds):
        return nw.Float64
    if all(isinstance(kind, _WORDS) for kind in kinds):
        return nw.String
    raise SourceError(
        f"{_CALLER} cannot match '{key}': the answers hold {kinds[0]}, `{table}` {kinds[1]}.\n"
        "  Make both text, or both numbers, first."
    )
