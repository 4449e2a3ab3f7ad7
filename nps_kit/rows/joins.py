"""Answers joined to the contacts they are about: rows in are rows out."""

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw

from nps_kit.errors import SourceError, listed, missing_column
from nps_kit.rows.engines import EXACT, Frame, collect, collect_once, is_missing, plainly, wrap

_CALLER = "join_service()"
_MOST = 3
"""So many repeated keys are named, the most repeated first."""

_KEY = "key of the join"
"""A name for the way, which no column of a user's is likely to have."""

_WORDS = (nw.String, nw.Categorical, nw.Enum)
KEYS = {"interactions": "interaction_id", "agents": "agent_id", "customers": "customer_id"}
"""What each table is matched by, in the order in which they are joined."""


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
    given = (responses, interactions, agents, customers)
    tables = {
        table: wrap(frame, caller=_CALLER)
        for table, frame in zip(("responses", *KEYS), given, strict=True)
        if frame is not None or table == "responses"
    }
    return join_tables(tables, caller=_CALLER).to_native()


def join_tables(tables: Mapping[str, Frame], *, caller: str, known: str = "") -> Frame:
    """Join as `join_service` does, for a caller that speaks in its own name.

    Parameters
    ----------
    tables
        The tables that are there, by their names; ``responses`` is one of them.
    caller
        Name of the function that speaks if something is wrong.
    known
        Column to add that is 1 where the contact was found, and null elsewhere; empty: none.

    Returns
    -------
    The answers with the other tables' columns beside them.
    """
    joined = tables["responses"]
    _refuse_names(tables, {_KEY, known}, caller=caller)
    for table, key in KEYS.items():
        if table not in tables:
            continue
        if table == "agents" and "interactions" not in tables and key not in _names(joined):
            continue
        right = tables[table]
        if known and table == "interactions":
            right = right.with_columns(nw.lit(1).alias(known))
        joined = join_beside(joined, right, table=table, key=key, caller=caller, known=known)
    return joined


def _refuse_names(tables: Mapping[str, Frame], names: Collection[str], *, caller: str) -> None:
    for table, frame in tables.items():
        for name in _names(frame):
            if name in names and name:
                raise SourceError(
                    f"{caller} needs the name '{name}' itself, and `{table}` has such a column.\n"
                    "  Rename it first."
                )


def _names(frame: Frame) -> list[str]:
    return frame.collect_schema().names()


def join_beside(
    left: Frame, right: Frame, *, table: str, key: str, caller: str, known: str = ""
) -> Frame:
    """Put the columns of one table beside the answers, which stay as many as they were.

    Parameters
    ----------
    left, right
        The answers, and the table of that name.
    table, key
        What it is called, and the column that both are matched by.
    caller
        Name of the function that speaks if something is wrong.
    known
        Name of a column of `right` that no table has of itself.

    Returns
    -------
    The answers with the columns that they did not have.

    Raises
    ------
    MissingColumnError, SourceError
        As `join_service`.
    """
    if left.implementation != right.implementation:
        raise SourceError(
            f"{caller} cannot join {table} on {right.implementation} to answers on "
            f"{left.implementation}.\n  Open both with the same engine."
        )
    here, there = _names(left), _names(right)
    for names, what in ((here, "the answers"), (there, f"`{table}`")):
        if key not in names:
            present = [name for name in names if name != known]
            raise missing_column(key, caller=caller, table=what, present=present)
    kind = _common_kind(left, right, table=table, key=key, caller=caller)
    with plainly(f"The answers and `{table}`, together,"):
        left, right = _give_types(left), _give_types(right)
        left = left.with_columns(_cast(key, kind).alias(_KEY))
        right = right.with_columns(_cast(key, kind).alias(_KEY))
        right = right.filter(~_is_blank(right, _KEY))
        if left.collect_schema()[_KEY].is_float():
            for frame in (left, right):
                _refuse_long(frame, key=key, caller=caller)
        _refuse_repeats(right, table=table, key=key, caller=caller)
        # Some engines take "Channel" and "channel" for the same column.
        taken = {name.lower() for name in here}
        beside = right.select(_KEY, *(name for name in there if name.lower() not in taken))
        if isinstance(left, nw.DataFrame) and isinstance(beside, nw.DataFrame):
            return left.join(beside, on=_KEY, how="left").drop(_KEY)
        return _join_lazily(left.lazy(), beside.lazy(), caller=caller).drop(_KEY)


def _give_types(frame: Frame) -> Frame:
    """Call columns of nothing text: pyarrow joins no column without a type."""
    if not frame.implementation.is_pyarrow():
        return frame
    native: Any = frame.to_native()
    untyped = [each.name for each in native.schema if str(each.type) == "null"]
    return frame.with_columns(nw.col(name).cast(nw.String) for name in untyped)


def _join_lazily(
    left: nw.LazyFrame[Any], beside: nw.LazyFrame[Any], *, caller: str
) -> nw.LazyFrame[Any]:
    try:
        return left.join(beside, on=_KEY, how="left")
    except Exception as error:
        if "different connections" not in str(error):
            raise
    raise SourceError(
        f"{caller} cannot join tables of two DuckDB sessions.\n"
        "  Open them together, by open_data(), or from one connection."
    )


def _cast(key: str, kind: Any) -> nw.Expr:  # noqa: ANN401 - a type of narwhals
    return nw.col(key).cast(kind) if kind else nw.col(key)


def _is_blank(frame: Frame, key: str) -> nw.Expr:
    """Tell rows without a key, which match nothing; some engines would match them all."""
    missing = is_missing(frame, key)
    # Categories know no empty word.
    return missing | (nw.col(key) == "") if frame.collect_schema()[key] == nw.String else missing


def _refuse_long(frame: Frame, *, key: str, caller: str) -> None:
    """Refuse numbers that, as decimal ones, are no longer told apart from their neighbours."""
    size = nw.col(_KEY).abs()
    long = collect(frame.select(_KEY).filter(size >= EXACT).head(1))
    if not long.is_empty():
        raise SourceError(
            f"{caller} cannot match '{key}': it holds decimal numbers as long as "
            f"{long[_KEY][0]:.0f}, in which digits are lost.\n"
            "  Read it as text, or as whole numbers, first."
        )


def _refuse_repeats(right: Frame, *, table: str, key: str, caller: str) -> None:
    repeated = collect_once(
        right.select(_KEY)
        .group_by(_KEY)
        .agg(nw.len().alias("_n"))
        .filter(nw.col("_n") > 1)
        .sort("_n", _KEY, descending=[True, False])
        .head(_MOST)
    )
    if not repeated.is_empty():
        raise SourceError(
            f"{caller} would count answers more than once: '{key}' is repeated in `{table}`, "
            f"such as {listed(repeated[_KEY])}.\n"
            f"  Keep one row for each {key} first."
        )


def _common_kind(left: Frame, right: Frame, *, table: str, key: str, caller: str) -> Any:  # noqa: ANN401 - a type of narwhals
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
        f"{caller} cannot match '{key}': the answers hold {kinds[0]}, `{table}` {kinds[1]}.\n"
        "  Make both text, or both numbers, first."
    )
