"""The numbers beside the answers: read where they are text, refused where they are no levels."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.errors import OptionError
from nps_kit.rows.cells import find_numbers
from nps_kit.rows.engines import Frame, collect, is_missing, plainly, wrap
from nps_kit.rows.service.columns import CALLER, list_columns

_FIRST_ROWS = 2_000
_MOST_NUMBERS = 50
"""So many different decimal numbers may be levels, such as prices; more are a measure."""


def read_numbers(tables: Mapping[str, Frame], names: Collection[str]) -> dict[str, Frame]:
    """Read as numbers what a file holds as text, and columns of nothing as numbers not given.

    Other engines than polars have types of their own, and their text is left to be refused.
    """
    homes = list_columns(tables)
    read = dict(tables)
    for name in names:
        home = homes.get(name)
        if home is not None:
            read[home] = _read_number(read[home], name)
    return read


def _read_number(frame: Frame, name: str) -> Frame:
    kind = frame.collect_schema()[name]
    if kind.is_numeric() or kind == nw.Boolean:
        return frame
    native: Any = frame.to_native()
    if isinstance(native, pl.LazyFrame) and kind == nw.String:
        found = find_numbers(native, [name])
        return wrap(native.with_columns(**found), caller=CALLER)
    with plainly("The table"):
        given = collect(frame.select(name).filter(~is_missing(frame, name)).head(1))
    return frame if len(given) else frame.with_columns(nw.col(name).cast(nw.Float64))


def refuse_uncut(
    tables: Mapping[str, Frame], names: Sequence[str], *, bands: Collection[str]
) -> None:
    """Refuse to count by a measure that is not cut: it would make a group of nearly every answer.

    Raises
    ------
    OptionError
        If a column of decimal numbers has more of them than can be levels; edges are proposed.
    """
    homes = list_columns(tables)
    for name in names:
        if name in bands or name not in homes:
            continue
        frame = tables[homes[name]]
        kind = frame.collect_schema()[name]
        if not (kind.is_float() or kind.is_decimal()):
            continue
        with plainly("The table"):
            first = collect(frame.select(name).head(_FIRST_ROWS))[name].cast(pl.Float64)
        found = first.fill_nan(None).drop_nulls().unique().sort()
        # Whole numbers with gaps are decimal ones on some engines, and may be ids.
        if found.filter(found != found.round()).len() > _MOST_NUMBERS:
            raise _uncut(found, name=name)


def _uncut(found: pl.Series, *, name: str) -> OptionError:
    thirds = [found[found.len() // 3], found[2 * found.len() // 3]]
    short = [f"{edge:.3g}" for edge in thirds]
    low, high = short if float(short[0]) < float(short[1]) else map(repr, thirds)
    return OptionError(
        f"{CALLER} finds {found.len():,} different numbers in the first rows of '{name}', and "
        f'would make a group of each.\n  Cut it into bands:  bands={{"{name}": ({low}, {high})}}.'
    )
