"""Numbers, yes or no, and words, written as text: numbers as all of their column writes them."""

from collections.abc import Collection, Sequence

import polars as pl

from nps_kit.rows.cache import make_once
from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.engines import plainly
from nps_kit.schema import NO, YES

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
        seen = _see_once(
            frame.select(pl.struct(_evidence(pl.col(name))).alias(name) for name in names)
        )
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
        seen = _see_once(
            frame.select(
                pl.struct(
                    (~word.is_in(BLANK_WORDS)).sum().alias("filled"),
                    word.is_in((*YES, *NO)).sum().alias("read"),
                ).alias(name)
                for name, word in words.items()
            )
        )
    return {
        name: pl.when(word.is_in(YES))
        .then(pl.lit(value=True))
        .when(word.is_in(NO))
        .then(pl.lit(value=False))
        for name, word in words.items()
        if 2 * seen[name].item()["read"] >= seen[name].item()["filled"]
    }


def trim_labels(counts: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Take words for the same whatever blanks stand around them; an empty one is not given.

    Parameters
    ----------
    counts
        Groups that came back from where the rows live.
    names
        Columns that tell them apart; what is no text stays as it is.

    Returns
    -------
    The groups, of which several may now say the same.
    """
    words = [name for name in names if counts.schema[name] == pl.String]
    if not words:
        return counts
    trimmed = counts.with_columns(pl.col(words).str.strip_chars())
    return trimmed.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in words
    )


def _see_once(query: pl.LazyFrame) -> pl.DataFrame:
    return make_once(lambda: query.collect(engine="streaming"), query)


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
