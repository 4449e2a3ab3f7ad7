"""How far those who judge quality lie apart, and who is severe, in words."""

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from nps_kit.views.contrasts import write_bounds, write_distance
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import clean, is_number, name_value, write_count, write_points

_YOU = "you"
_ALIKE = 1e-9
_PAIR = 2


def say_spreads(spreads: pl.DataFrame, *, length: Literal["full", "short"] = "full") -> str:
    """Say on what the evaluators lie furthest apart, and where they come closest.

    Parameters
    ----------
    spreads
        Table as `find_spreads` makes it.
    length
        ``short``: only the finding, for a title.

    Returns
    -------
    One or two sentences.

    Raises
    ------
    MissingColumnError
        If `spreads` lacks ``spread``.

    Examples
    --------
    >>> say_spreads(pl.DataFrame({"criterion": ["Tone", "Pace"], "spread": [40.0, 5.0]}))
    'The evaluators lie furthest apart on “Tone”: 40 points. They come closest on “Pace”: 5 points.'
    """
    check_columns(spreads, ("spread",), caller="say_spreads()", name="spreads")
    rows = [
        row
        for row in spreads.to_dicts()
        if is_number(row["spread"]) and row.get("n", _PAIR) >= _PAIR
    ]
    if not rows:
        return "Nothing was rated by more than one evaluator."
    if len(rows) == 1 and rows[0]["spread"]:
        return f"The evaluators lie {_write_apart(rows[0])} apart on “{name_thing(rows[0])}”."
    far, near = (choose(rows, key=lambda row: row["spread"]) for choose in (max, min))
    if far["spread"] == near["spread"]:
        everywhere = "agree on everything" if not far["spread"] else "lie equally far apart"
        where = f": {_write_apart(far)} on each" if far["spread"] else ""
        return f"The evaluators {everywhere}{where}."
    said = f"The evaluators lie furthest apart on “{name_thing(far)}”: {_write_apart(far)}."
    if length == "short":
        return said
    return f"{said} They come closest on “{name_thing(near)}”: {_write_apart(near)}."


def say_severity(severity: pl.DataFrame) -> str:
    """Say who rates the same things lower or higher than the others, beyond chance.

    Parameters
    ----------
    severity
        Table as `estimate_severity` makes it.

    Returns
    -------
    A sentence for each who does; one that nobody does, or that too little was rated to tell, where
    that is so.

    Raises
    ------
    MissingColumnError
        If `severity` lacks a column that is said.

    Examples
    --------
    >>> say_severity(
    ...     pl.DataFrame(
    ...         {
    ...             "evaluator": ["C"],
    ...             "deviation": [-14.2],
    ...             "low": [-20.1],
    ...             "high": [-8.3],
    ...             "lean": ["severe"],
    ...         }
    ...     )
    ... )
    'C is severe: 14 points below the others on the same things (8 to 20 below).'
    """
    columns = ("evaluator", "deviation", "low", "high", "lean")
    check_columns(severity, columns, caller="say_severity()", name="severity")
    rows = severity.to_dicts()
    if not any(is_number(row["low"]) for row in rows):
        return "Too little was rated to tell who is severe: it takes several contacts."
    leaning = [row for row in rows if row["lean"]]
    if not leaning:
        return "Nobody is more severe or more lenient than the others beyond chance."
    return " ".join(_say_lean(row) for row in leaning)


def list_severity(severity: pl.DataFrame) -> list[str]:
    """List all evaluators in words, the most severe first.

    Parameters
    ----------
    severity
        Table as `estimate_severity` makes it.

    Returns
    -------
    A line for each: how far from the others, and from the expert where there is one.
    """
    return [_say_place(row) for row in severity.to_dicts()]


def list_spreads(spreads: pl.DataFrame) -> list[str]:
    """List in words what was rated, and how.

    Parameters
    ----------
    spreads
        Table as `find_spreads` makes it.

    Returns
    -------
    A line for each thing.
    """
    return [_say_spread(row) for row in spreads.to_dicts()]


def name_thing(row: Mapping[str, Any]) -> str:
    """Name what was rated: the criterion, the contact, or both."""
    parts = [name_value(row[name]) for name in ("interaction_id", "criterion") if name in row]
    return ", ".join(parts)


def _write_far(deviation: float) -> str:
    return write_distance(deviation) if abs(deviation) > _ALIKE else "level with"


def _write_apart(row: Mapping[str, Any]) -> str:
    return write_count(round(row["spread"]), "point")


def _say_spread(row: Mapping[str, Any]) -> str:
    said = [name_thing(row)]
    if is_number(row["lowest"]) and is_number(row["highest"]):
        said.append(f"{write_points(row['lowest'])} to {write_points(row['highest'])}")
    if is_number(row["expert"]):
        said.append(f"expert {write_points(row['expert'])}")
    return f"{said[0]}: {', '.join(said[1:])}." if len(said) > 1 else f"{said[0]}: not rated."


def _say_lean(row: Mapping[str, Any]) -> str:
    who = clean(row["evaluator"])
    verb = "are" if who.casefold() == _YOU else "is"
    far = write_distance(row["deviation"])
    bounds = write_bounds(row["low"], row["high"])
    return f"{who} {verb} {row['lean']}: {far} the others on the same things ({bounds})."


def _say_place(row: Mapping[str, Any]) -> str:
    if not is_number(row["deviation"]):
        return f"{clean(row['evaluator'])}: rated nothing that somebody else rated."
    bounds = write_bounds(row["low"], row["high"])
    said = f"{clean(row['evaluator'])}: {_write_far(row['deviation'])} the others"
    said += f" ({bounds})" if bounds else ""
    if is_number(row["from_expert"]):
        said += f", {_write_far(row['from_expert'])} the expert"
    return f"{said}{'; ' + row['lean'] if row['lean'] else ''}."
