"""Numbers, and yes or no, written as text: the way a column writes them is read off all of it."""

from collections.abc import Sequence

import polars as pl

from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.engines import plainly

_YES = ("true", "yes", "y", "1", "1.0", "t")
_NO = ("false", "no", "n", "0", "0.0", "f")
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_CLOCK = r"(?:^|\s)(\d+):(\d{2}):(\d{2}(?:\.\d+)?)$"
_FACTORS = {"seconds": 1.0, "milliseconds": 0.001, "minutes": 60.0}


def read_numbers(frame: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """Read columns of text as numbers.

    Commas are those of thousands (1,200) where every comma of the column can be one, else decimal
    ones (1,5). A cell that is no number is missing; a column of which most cells are none stays
    text, and is refused where a number is needed.
    """
    found = find_numbers(frame, names)
    return frame.with_columns(expr.alias(name) for name, expr in found.items())


def find_numbers(frame: pl.LazyFrame, names: Sequence[str]) -> dict[str, pl.Expr]:
    """Find how columns of text write numbers.

    Parameters
    ----------
    frame
        A lazy frame whose columns `names` hold text.
    names
        Columns to look at.

    Returns
    -------
    By name, the numbers as an expression, null where a cell is none; without the columns of which
    most cells are none.
    """
    if not names:
        return {}
    with plainly("The table"):
        seen = frame.select(
            pl.struct(_evidence(pl.col(name))).alias(name) for name in names
        ).collect(engine="streaming")
    read = {}
    for name in names:
        found = seen[name].item()
        comma = "" if found["commas"] == found["thousands"] else "."
        if 2 * found[comma or "plain"] >= found["filled"]:
            read[name] = _number(pl.col(name), comma)
    return read


def read_durations(column: pl.Expr, *, unit: str) -> pl.Expr:
    """Read durations as seconds.

    Parameters
    ----------
    column
        A column of text.
    unit
        ``"seconds"``, ``"milliseconds"``, ``"minutes"`` or ``"clock"`` (00:01:30).

    Returns
    -------
    The seconds; null where a cell is no duration.
    """
    text = column.str.strip_chars()
    if unit != "clock":
        return (
            text.str.replace_all(",", ".", literal=True).cast(pl.Float64, strict=False)
            * (_FACTORS[unit])
        )
    parts = text.str.extract_groups(_CLOCK).struct
    hours, minutes, seconds = (parts.field(str(place)).cast(pl.Float64) for place in (1, 2, 3))
    return hours * 3600 + minutes * 60 + seconds


def read_flags(frame: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """Read columns of text as yes or no; a column of which most cells are neither stays text."""
    found = find_flags(frame, names)
    return frame.with_columns(expr.alias(name) for name, expr in found.items())


def find_flags(frame: pl.LazyFrame, names: Sequence[str]) -> dict[str, pl.Expr]:
    """Find which columns of text write yes or no.

    Parameters
    ----------
    frame
        A lazy frame whose columns `names` hold text.
    names
        Columns to look at.

    Returns
    -------
    By name, true or false as an expression, null where a cell is neither; without the columns of
    which most cells are neither.
    """
    if not names:
        return {}
    words = {name: pl.col(name).str.strip_chars().str.to_lowercase() for name in names}
    with plainly("The table"):
        seen = frame.select(
            pl.struct(
                (~word.is_in(BLANK_WORDS)).sum().alias("filled"),
                word.is_in((*_YES, *_NO)).sum().alias("read"),
            ).alias(name)
            for name, word in words.items()
        ).collect(engine="streaming")
    return {
        name: pl.when(word.is_in(_YES))
        .then(pl.lit(value=True))
        .when(word.is_in(_NO))
        .then(pl.lit(value=False))
        for name, word in words.items()
        if 2 * seen[name].item()["read"] >= seen[name].item()["filled"]
    }


def _evidence(column: pl.Expr) -> list[pl.Expr]:
    text = column.str.strip_chars()
    return [
        (~text.str.to_lowercase().is_in(BLANK_WORDS)).sum().alias("filled"),
        text.str.contains(",", literal=True).sum().alias("commas"),
        text.str.contains(_THOUSANDS).sum().alias("thousands"),
        _number(column, "").is_not_null().sum().alias("plain"),
        _number(column, ".").is_not_null().sum().alias("."),
    ]


def _number(column: pl.Expr, comma: str) -> pl.Expr:
    text = column.str.strip_chars().str.replace_all(",", comma, literal=True)
    return text.cast(pl.Float64, strict=False)
