"""The numbers of a figure as tables, for whoever reads rather than looks.

What a figure says of a mark when it is pointed at is already in words, with its units and rounded;
so the rows of its table are those words. A figure without them gives the values that it draws.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeGuard

Spec = Mapping[str, Any]

MOST_ROWS = 150
"""Rows of one table; those past them are counted."""

NONE = "\u2013"
"""What stands where there is no number."""

_MINUS = "\u2212"
_INNER = ("layer", "hconcat", "vconcat", "concat")
_DRAWN = ("y", "x", "color", "text", "size", "x2", "y2", "theta", "row", "column", "facet")
_DECIMALS = 2

_READ = frozenset(("title", "subtitle", "description", "text", "name", "$schema"))
"""Where a specification holds words for people; a column that is named there is not drawn."""

_ANY_COLUMN = re.compile(r"""\bdatum\b(?!\s*\.|\s*\[\s*['"])|\Ageoshape\Z""")
"""In a text of a specification: what may use any column of the data."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """One table of a figure's numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rest: int = 0
    """Rows that there was no room for."""


def find_numbers(spec: Spec) -> list[Numbers]:
    """Find the numbers that a figure draws.

    Parameters
    ----------
    spec
        Vega-Lite specification with its data in it.

    Returns
    -------
    A table for each kind of mark that says something else, in the order of drawing; none where the
    figure holds no data that could be told.
    """
    views = list(_views(spec, {}, spec.get("datasets") or {}))
    told = _gather((_tooltips(view), rows) for view, rows in views)
    if not told:
        told = _gather((_channels(view), rows) for view, rows in views)
    tables = {heads: rows for heads, rows in told.items() if not _is_told(heads, rows, told)}
    return [
        Numbers(heads, tuple(list(rows)[:MOST_ROWS]), max(len(rows) - MOST_ROWS, 0))
        for heads, rows in tables.items()
    ]


def keep_drawn(spec: Spec) -> dict[str, Any]:
    """Leave out of a figure's data the columns that it does not draw.

    Parameters
    ----------
    spec
        Vega-Lite specification with its data in it.

    Returns
    -------
    The specification, whose data has only columns that a channel, a transform or an expression
    names. Where one may use any column, all of them stay.
    """
    used = list(_texts(spec))
    if any(_ANY_COLUMN.search(text) for text in used):
        return dict(spec)
    return {name: _keep(part, name, " ".join(used)) for name, part in spec.items()}


def _texts(part: object, name: str = "") -> Iterator[str]:
    """Go through the texts of a specification that a machine reads."""
    if isinstance(part, str):
        # A tooltip of the whole row says so in these words.
        yield "datum" if (name, part) == ("content", "data") else part
    elif isinstance(part, list):
        for one in part:
            yield from _texts(one, name)
    elif isinstance(part, Mapping):
        for inner, one in part.items():
            if inner != "datasets" and not (inner in _READ and isinstance(one, (str, list))):
                yield from _texts(_without_rows(one) if inner == "data" else one, inner)


def _without_rows(data: object) -> object:
    if isinstance(data, Mapping):
        return {name: part for name, part in data.items() if name != "values"}
    return data


def _keep(part: Any, name: str, used: str) -> Any:  # noqa: ANN401 - JSON has any shape
    if name == "datasets" and isinstance(part, Mapping):
        return {one: _keep_columns(rows, used) for one, rows in part.items()}
    if name == "data" and isinstance(part, Mapping):
        return {
            one: _keep_columns(rows, used) if one == "values" else rows
            for one, rows in part.items()
        }
    if isinstance(part, Mapping):
        return {inner: _keep(one, inner, used) for inner, one in part.items()}
    if isinstance(part, list):
        return [_keep(one, "", used) for one in part]
    return part


def _keep_columns(rows: Any, used: str) -> Any:  # noqa: ANN401 - data may be text, or plain values
    if not isinstance(rows, list):
        return rows
    columns = dict.fromkeys(column for row in rows if isinstance(row, Mapping) for column in row)
    drawn = {column for column in columns if _is_named(column, used)}
    return [
        {column: cell for column, cell in row.items() if column in drawn}
        if isinstance(row, Mapping)
        else row
        for row in rows
    ]


def _is_named(column: str, used: str) -> bool:
    # Dots and brackets in a column's name are escaped where it is named.
    plain = used.replace("\\", "")
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", plain) is not None


_Columns = Sequence[tuple[str, str]]
_Rows = dict[tuple[str, ...], None]


def _views(
    spec: Spec, data: Spec, named: Spec
) -> Iterator[tuple[Spec, Sequence[Mapping[str, Any]]]]:
    """Go through the views of a figure, each with its rows."""
    data = spec.get("data") or data
    values = named.get(str(data.get("name")), data.get("values"))
    encoding = spec.get("encoding") or {}
    if isinstance(values, list):
        yield encoding, [row for row in values if isinstance(row, Mapping)]
    inner = [one for name in _INNER for one in spec.get(name) or ()]
    for one in (*inner, spec.get("spec")):
        if isinstance(one, Mapping):
            yield from _views(one, data, named)


def _tooltips(encoding: Spec) -> _Columns:
    tips = encoding.get("tooltip")
    return [_column(tip) for tip in (tips if isinstance(tips, list) else [tips]) if _has(tip)]


def _channels(encoding: Spec) -> _Columns:
    found = [encoding[name] for name in _DRAWN if _has(encoding.get(name))]
    return list({field: (field, head) for field, head in map(_column, found)}.values())


def _has(channel: object) -> TypeGuard[Spec]:
    return isinstance(channel, Mapping) and isinstance(channel.get("field"), str)


def _column(channel: Spec) -> tuple[str, str]:
    field, title = channel["field"], channel.get("title")
    head = title if isinstance(title, str) and title else field.replace("_", " ")
    return field, head[:1].upper() + head[1:]


def _gather(
    parts: Iterator[tuple[_Columns, Sequence[Mapping[str, Any]]]],
) -> dict[tuple[str, ...], _Rows]:
    gathered: dict[tuple[str, ...], _Rows] = {}
    for columns, rows in parts:
        # What a figure computes for itself is not in its data.
        known = [(field, head) for field, head in columns if any(field in row for row in rows)]
        if known:
            heads = tuple(head for _, head in known)
            told = (tuple(_write(row.get(field)) for field, _ in known) for row in rows)
            gathered.setdefault(heads, {}).update(dict.fromkeys(told))
    return gathered


def _is_told(heads: tuple[str, ...], rows: _Rows, told: Mapping[tuple[str, ...], _Rows]) -> bool:
    """Tell whether another table has all of these columns and rows, and more."""
    for wider, others in told.items():
        if len(wider) > len(heads) and set(heads) < set(wider):
            places = [wider.index(head) for head in heads]
            if set(rows) <= {tuple(other[place] for place in places) for other in others}:
                return True
    return False


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if not isfinite(value):
            return NONE
        text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text.replace("-", _MINUS)
    if isinstance(value, int):
        return str(value).replace("-", _MINUS)
    if isinstance(value, list):
        return " ".join(_write(one) for one in value)
    return str(value) if isinstance(value, str) and value else NONE
