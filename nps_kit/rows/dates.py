"""Dates written as text: their order is read off the whole column, never guessed from one row."""

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from nps_kit.errors import DateError, listed
from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.engines import plainly

_CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?\s?[Mm]\.?)?"
    r"(?:\s*(?P<offset>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$"
)
"""A time of day, or none, up to the end: what is not understood makes the cell no date."""

_ISO = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK
_ORDERED = r"^(?P<first>\d{1,2})[-/. ](?P<next>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})" + _CLOCK
_CLOCK_PARTS = ("hour", "minute", "second", "half", "offset")
_SERIAL = r"^\d{5}(\.\d+)?$|^\d{10}(\d{3})?$"
_MONTHS = 12
_CENTURY = "20"


def read_dates(
    frame: pl.LazyFrame, names: Sequence[str], *, time_zone: str | None, certain: Sequence[str]
) -> pl.LazyFrame:
    """Read columns of text as dates and times.

    Year first is taken as written (2026-09-30, also with a time and an offset). Otherwise the order
    of day and month is that of the whole column: a first number over 12 somewhere means day first,
    a second one month first; both, or neither, is refused. Two-digit years are of this century,
    where the column shows that they are years.

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
    with plainly("The table"):
        seen = frame.select(
            pl.struct(_evidence(pl.col(name).str.strip_chars())).alias(name) for name in names
        ).collect(engine="streaming")
    read = []
    for name in names:
        try:
            read.append(_read(name, seen[name].item(), time_zone).alias(name))
        except DateError:
            if name in certain:
                raise
    return frame.with_columns(read)


def _evidence(text: pl.Expr) -> list[pl.Expr]:
    ordered = text.str.extract_groups(_ORDERED).struct
    first, second = (ordered.field(part).cast(pl.Int64) for part in ("first", "next"))
    year = ordered.field("year")
    iso = text.str.contains(_ISO)
    offset = text.str.extract_groups(_ISO).struct.field("offset").fill_null(ordered.field("offset"))
    filled = ~text.str.to_lowercase().is_in(BLANK_WORDS)
    unread = text.filter(filled & ~iso & first.is_null())
    return [
        text.filter(filled).len().cast(pl.Int64).alias("filled"),
        iso.sum().cast(pl.Int64).alias("iso"),
        first.is_not_null().sum().cast(pl.Int64).alias("ordered"),
        offset.is_not_null().sum().cast(pl.Int64).alias("offset"),
        text.filter(first > _MONTHS).first().alias("day_first"),
        text.filter(second > _MONTHS).first().alias("month_first"),
        (year.str.len_chars() > len(_CENTURY)).any().alias("long_years"),
        first.n_unique().cast(pl.Int64).alias("firsts"),
        year.n_unique().cast(pl.Int64).alias("years"),
        text.filter(iso).first().alias("iso_cell"),
        text.filter(first.is_not_null()).first().alias("ordered_cell"),
        unread.first().alias("unread"),
    ]


def _read(name: str, seen: dict[str, Any], time_zone: str | None) -> pl.Expr:
    _check_column(name, seen)
    text = pl.col(name).str.strip_chars()
    pattern = _ORDERED if seen["ordered"] else _ISO
    groups = text.str.extract_groups(pattern).struct
    year, clock = groups.field("year"), {part: groups.field(part) for part in _CLOCK_PARTS}
    if not seen["ordered"]:
        month, day = groups.field("month"), groups.field("day")
    else:
        day, month = groups.field("first"), groups.field("next")
        if not _day_first(name, seen):
            day, month = month, day
        short = year.str.len_chars() == len(_CENTURY)
        year = pl.when(short).then(pl.lit(_CENTURY) + year).otherwise(year)
    return _assemble(
        pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-"),
        clock,
        aware=bool(seen["offset"]),
        time_zone=time_zone,
    )


def _check_column(name: str, seen: dict[str, Any]) -> None:
    filled, iso, ordered = seen["filled"], seen["iso"], seen["ordered"]
    if filled > 2 * (iso + ordered):
        serial = re.match(_SERIAL, str(seen["unread"]))
        raise DateError(
            f"'{name}' should hold dates, and most of its {filled:,} cells are none that can be "
            f"read: '{seen['unread']}'.\n"
            + (
                "  That looks like a date as a bare number: export it as 2026-09-30."
                if serial
                else f'  Name the column that does:  columns={{"{name}": ...}}  (on the command '
                f"line --column {name}=...), or export it as 2026-09-30."
            )
        )
    if iso and ordered:
        raise DateError(
            f"'{name}' holds dates of two kinds: {listed([seen['iso_cell'], seen['ordered_cell']])}"
            ".\n  A spreadsheet that read some of them as dates has often swapped their days and "
            "months.  Export it again from where it came, with the year first."
        )
    if 0 < seen["offset"] < iso + ordered:
        raise DateError(
            f"'{name}' has an offset from UTC in {seen['offset']:,} of its {filled:,} cells only.\n"
            "  Times with and without one cannot be put in order.  Export them all the same way."
        )


def _day_first(name: str, seen: dict[str, Any]) -> bool:
    day_first, month_first = seen["day_first"], seen["month_first"]
    if day_first is not None and month_first is not None:
        raise DateError(
            f"'{name}' mixes dates with the day first and the month first: "
            f"{listed([day_first, month_first])}.\n"
            "  No reader can tell 03/04 apart in such a column.  Export it again with the year "
            "first (2026-04-03)."
        )
    if not seen["long_years"] and day_first is not None and seen["firsts"] <= seen["years"]:
        raise DateError(
            f"'{name}' does not tell its years from its days: '{day_first}'.\n"
            "  Export it again with the year in four digits (2026-04-03)."
        )
    if day_first is None and month_first is None:
        raise DateError(
            f"'{name}' does not tell its days from its months: neither number of a date ever "
            "passes 12.\n  Export it again with the year first (2026-04-03)."
        )
    return day_first is not None


def _assemble(
    date: pl.Expr, clock: dict[str, pl.Expr], *, aware: bool, time_zone: str | None
) -> pl.Expr:
    hour, half = clock["hour"].cast(pl.Int64), clock["half"].str.to_lowercase()
    hour = (
        pl.when(half == "p")
        .then(hour % _MONTHS + _MONTHS)
        .when(half == "a")
        .then(hour % _MONTHS)
        .otherwise(hour)
    )
    parts = [hour.cast(pl.String), clock["minute"], clock["second"]]
    time = pl.concat_str([part.fill_null("00").str.zfill(2) for part in parts], separator=":")
    stamp = pl.concat_str(date, time, separator=" ")
    if not aware:
        return stamp.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    digits = clock["offset"].str.replace(r"(?i)^(Z|UTC|GMT)$", "+0000").str.replace(":", "")
    offset = pl.when(digits.str.len_chars() < len("+0000")).then(digits + "00").otherwise(digits)
    utc = pl.concat_str(stamp, offset, separator=" ").str.to_datetime(
        "%Y-%m-%d %H:%M:%S %z", time_unit="us", strict=False
    )
    if time_zone is None:
        return utc
    return utc.dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
