"""A first look at a table: how full each column is, and what it holds; no words or ids."""

from collections.abc import Mapping

import polars as pl

from nps_kit.rows.engines import collect, wrap

LOOK = 100_000
"""So many rows give a first look."""

FEW = 15
"""Up to so many different values are shown."""

_PERSONAL = ("comment", "customer_id", "response_id", "interaction_id", "agent_id")
_DATED = ("responded_at", "invited_at", "started_at")
_BETWEEN = " to "


def list_looks(frame: object, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """List the columns of a table, with what the first rows hold.

    Parameters
    ----------
    frame
        Any frame that narwhals takes, such as `open_table` gives.
    columns
        Which of them are which of the kit's: its name, and the table's own.

    Returns
    -------
    One row per column, those of the kit first: ``column`` (the kit's name; null: none), ``theirs``,
    ``filled`` and ``values`` (rows that have a value, and how many different ones), ``such_as``
    and ``within`` (how many rows were looked at). What customers wrote, ids, and columns that are
    not the kit's are only counted: ``such_as`` is null there, and where there is too much to show.

    Examples
    --------
    >>> answers = pl.DataFrame({"score": [9, 3, 9], "note": ["a", None, "b"]})
    >>> list_looks(answers, columns={"score": "score"}).drop("within").rows()
    [('score', 'score', 3, 2, '3, 9'), (None, 'note', 2, 2, None)]
    """
    rows = collect(wrap(frame, caller="list_looks()").head(LOOK))
    known = dict(columns or {})
    used = {*known, *known.values()}
    named = [(ours, theirs) for ours, theirs in known.items() if theirs in rows.columns]
    others = [(None, name) for name in rows.columns if name not in used]
    looks = [_look_at(rows, ours, theirs) for ours, theirs in (*named, *others)]
    schema = {"column": pl.String, "theirs": pl.String, "filled": pl.Int64, "values": pl.Int64}
    made = pl.DataFrame(looks, schema=schema | {"such_as": pl.String}, orient="row")
    return made.with_columns(within=pl.lit(rows.height, pl.Int64))


def _look_at(
    rows: pl.DataFrame, ours: str | None, theirs: str
) -> tuple[str | None, str, int, int, str | None]:
    # As it was read where that is another column: dates are text under their own name.
    cells = rows[ours if ours in rows.columns and ours in _DATED else theirs]
    if cells.dtype == pl.String:
        bare = cells.str.strip_chars()
        cells = bare.set(bare == "", None)
    cells = cells.drop_nulls()
    different = cells.unique()
    shown = None if ours is None or ours in _PERSONAL else _show(different)
    return ours, theirs, cells.len(), different.len(), shown


def _show(different: pl.Series) -> str | None:
    if different.dtype.is_temporal() and different.len():
        days = pl.Series([different.min(), different.max()]).dt.strftime("%Y-%m-%d")
        return _BETWEEN.join(days.unique(maintain_order=True))
    if not 0 < different.len() <= FEW:
        return None
    number = different.cast(pl.Float64, strict=False)
    order = pl.DataFrame({"cell": different.cast(pl.String), "number": number})
    return ", ".join(order.sort("number", "cell", nulls_last=True)["cell"])
