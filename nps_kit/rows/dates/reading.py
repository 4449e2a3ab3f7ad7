"""Columns of text read as dates and times."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from nps_kit.errors import DateError
from nps_kit.rows.cache import make_once
from nps_kit.rows.dates.column import Column, Dates, NotToldError
from nps_kit.rows.dates.patterns import NAMED, gather_evidence, spell_months
from nps_kit.rows.dates.shapes import Shape, find_shape
from nps_kit.rows.engines import plainly

_PROBE = 2_000


def read_dates(
    frame: pl.LazyFrame, names: Sequence[str], *, time_zone: str | None, certain: Sequence[str]
) -> pl.LazyFrame:
    """Read columns of text as dates and times.

    Year first is taken as written (2026-09-30, also with a time and an offset), as is a month in
    words (30 Sep 2026). Otherwise the order of day and month is that of the whole column: a first
    number over 12 somewhere means day first, a second one month first; both, or neither, is
    refused. Two-digit years are of this century, where the column shows that they are years.

    Parameters
    ----------
    frame
        A lazy frame whose columns `names` hold text.
    time_zone
        The zone to turn times with an offset into. Where it is not named they stay aware, in UTC.
    certain
        Those of `names` that must be dates. The others stay text where they cannot be read.

    Returns
    -------
    The frame with the columns as datetimes; null where a cell is no date.

    Raises
    ------
    DateError
        If the order is contradicted or cannot be told, or if most cells are no date.
    """
    if not names:
        return frame
    found = find_dates(frame, names, time_zone=time_zone, certain=certain)
    return frame.with_columns(expr.alias(name) for name, expr in found.read.items())


def find_dates(
    frame: pl.LazyFrame,
    names: Sequence[str],
    *,
    time_zone: str | None,
    certain: Sequence[str],
    orders: Mapping[str, str] | None = None,
    zone: str | None = None,
    sampled: bool = False,
) -> Dates:
    """Find how columns write their dates.

    Parameters
    ----------
    frame
        A lazy frame whose columns `names` hold text.
    names
        Columns to read.
    time_zone, certain
        As for `read_dates`.
    orders
        An `Order` by name of column, where it is known: then nothing is inferred.
    zone
        The zone whose clock times without an offset show, where it is known.
    sampled
        Whether `frame` is only the beginning of the data: then cells that are all of one shape are
        read by that shape, and a column whose beginning does not tell its order is left out.

    Returns
    -------
    The expressions, and what was decided.

    Raises
    ------
    DateError
        As `read_dates`.
    """
    found = Dates()
    if not names:
        return found
    texts = {name: pl.col(name).str.strip_chars() for name in names}
    with plainly("The table"):
        first = frame.head(_PROBE).select(text.alias(name) for name, text in texts.items())
        head = first.collect(engine="streaming")
        # Months in words are looked for only where the first rows have them: it takes long.
        worded = [name for name in names if head[name].str.contains(NAMED).any()]
        plain = {
            name: spell_months(texts[name]) if name in worded else texts[name] for name in names
        }
        shapes = {name: find_shape(name, head[name]) for name in names}
        seen = _look(frame, plain, texts, shapes)
    for name in names:
        order = (orders or {}).get(name, "")
        column = Column(name, plain[name], seen[name], time_zone, zone, order, shapes[name])
        try:
            column.read(found, sampled=sampled)
        except NotToldError:
            continue
        except DateError:
            if name in certain:
                raise
    return found


def _look(
    frame: pl.LazyFrame,
    plain: Mapping[str, pl.Expr],
    texts: Mapping[str, pl.Expr],
    shapes: Mapping[str, Shape | None],
) -> dict[str, dict[str, Any]]:
    """Look at all cells of the usual shape fast, and at the others with patterns."""
    looks: list[pl.LazyFrame] = []
    for name, shape in shapes.items():
        others = frame
        if shape:
            shown, others = shape.split(frame)
            looks.append(shown)
        looks.append(others.select(gather_evidence(plain[name], texts[name])))
    told = iter(_take_once(looks))
    seen = {}
    for name, shape in shapes.items():
        usual: dict[str, Any] = next(told) if shape else {}
        found = next(told)
        found["others"] = found["iso"] + found["ordered"]
        if shape and usual["fitting"]:
            kind = "ordered" if shape.swapped else "iso"
            for count in ("filled", kind, *(["offset"] if shape.aware else [])):
                found[count] += usual["fitting"]
            found[f"{kind}_cell"] = usual["cell"]
            for order in ("day_first", "month_first"):
                found[order] = usual.get(order) or found[order]
            found["long_years"] = True
        seen[name] = found
    return seen


def _take_once(looks: list[pl.LazyFrame]) -> list[dict[str, Any]]:
    def take() -> pl.DataFrame:
        rows = pl.collect_all(looks, engine="streaming")
        return pl.DataFrame({str(place): row.head(1).to_struct() for place, row in enumerate(rows)})

    taken = make_once(take, *looks)
    return [taken[str(place)][0] for place in range(len(looks))]
