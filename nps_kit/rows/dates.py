"""Dates written as text: their order is read off the whole column, never guessed from one row."""

from collections.abc import Sequence

import polars as pl

from nps_kit.errors import DateError, listed
from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.engines import plainly

_ISO = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
_ORDERED = r"^(?P<first>\d{1,2})[-/. ](?P<second>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})(?:\D|$)"
_TIME = (
    r"[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?:[.]\d+)?\s*(?P<half>[AaPp][Mm])?"
)
_OFFSET = r"\d(?P<offset>Z|[+-]\d{2}:?\d{2})$"
_MONTHS = 12
_CENTURY = "20"


def read_dates(
    frame: pl.LazyFrame, names: Sequence[str], *, time_zone: str | None, certain: Sequence[str]
) -> pl.LazyFrame:
    """Read columns of text as dates and times.

    Year first is taken as written (2026-09-30, also with a time and an offset). Otherwise the order
    of day and month is that of the whole column: a first number over 12 somewhere means day first,
    a second one month first; both, or neither, is refused. Two-digit years are of this century.

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
    with plainly("This table"):
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
    ordered = text.str.extract_groups(_ORDERED)
    first = ordered.struct.field("first").cast(pl.Int64, strict=False)
    second = ordered.struct.field("second").cast(pl.Int64, strict=False)
    iso, offset = text.str.contains(_ISO), text.str.contains(_OFFSET)
    filled = ~text.str.to_lowercase().is_in(BLANK_WORDS)
    unread = text.filter(filled & ~iso & ~text.str.contains(_ORDERED))
    return [
        text.filter(filled).len().cast(pl.Int64).alias("filled"),
        iso.sum().cast(pl.Int64).alias("iso"),
        first.is_not_null().sum().cast(pl.Int64).alias("ordered"),
        first.max().alias("first"),
        second.max().alias("second"),
        offset.sum().cast(pl.Int64).alias("offset"),
        text.filter(first > _MONTHS).first().alias("day_first"),
        text.filter(second > _MONTHS).first().alias("month_first"),
        unread.first().alias("unread"),
    ]


def _read(name: str, seen: dict[str, int | str | None], time_zone: str | None) -> pl.Expr:
    filled, iso, ordered = (int(seen[key] or 0) for key in ("filled", "iso", "ordered"))
    if filled > 2 * (iso + ordered):
        raise DateError(
            f"'{name}' should hold dates, and most of its {filled:,} cells are none: "
            f"'{seen['unread']}'.\n  Name the column that does:  columns={{\"{name}\": ...}} "
            f"(on the command line --column {name}=...)."
        )
    if 0 < int(seen["offset"] or 0) < iso + ordered:
        raise DateError(
            f"'{name}' has an offset from UTC in {seen['offset']:,} of its {filled:,} cells only.\n"
            "  Times with and without one cannot be put in order.  Export them all the same way."
        )
    text = pl.col(name).str.strip_chars()
    date = text.str.extract_groups(_ISO)
    year, month, day = (date.struct.field(part) for part in ("year", "month", "day"))
    if ordered:
        groups = text.str.extract_groups(_ORDERED)
        first, second = groups.struct.field("first"), groups.struct.field("second")
        short = groups.struct.field("year")
        if not _day_first(name, seen):
            first, second = second, first
        long = (
            pl.when(short.str.len_chars() == len(_CENTURY))
            .then(pl.lit(_CENTURY) + short)
            .otherwise(short)
        )
        year, month, day = (
            pl.coalesce(year, long),
            pl.coalesce(month, second),
            pl.coalesce(day, first),
        )
    return _assemble(text, year, month, day, aware=bool(seen["offset"]), time_zone=time_zone)


def _day_first(name: str, seen: dict[str, int | str | None]) -> bool:
    day_first, month_first = seen["day_first"], seen["month_first"]
    if day_first is not None and month_first is not None:
        raise DateError(
            f"'{name}' mixes dates with the day first and the month first: "
            f"{listed([day_first, month_first])}.\n"
            "  No reader can tell 03/04 apart in such a column.  Export it again with the year "
            "first (2026-04-03)."
        )
    if day_first is None and month_first is None:
        raise DateError(
            f"'{name}' does not tell its days from its months: neither number of a date ever "
            "passes 12.\n  Export it again with the year first (2026-04-03)."
        )
    return day_first is not None


def _assemble(
    text: pl.Expr,
    year: pl.Expr,
    month: pl.Expr,
    day: pl.Expr,
    *,
    aware: bool,
    time_zone: str | None,
) -> pl.Expr:
    time = text.str.extract_groups(_TIME)
    hour = time.struct.field("hour").cast(pl.Int64)
    afternoon = time.struct.field("half").str.to_lowercase()
    hour = (
        pl.when(afternoon == "pm")
        .then(hour % _MONTHS + _MONTHS)
        .when(afternoon == "am")
        .then(hour % _MONTHS)
        .otherwise(hour)
    )
    clock = [hour.cast(pl.String), time.struct.field("minute"), time.struct.field("second")]
    stamp = pl.concat_str(
        pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-"),
        pl.concat_str([part.fill_null("00").str.zfill(2) for part in clock], separator=":"),
        separator=" ",
    )
    if not aware:
        return stamp.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    offset = text.str.extract(_OFFSET, 1).str.replace("Z", "+0000").str.replace(":", "")
    utc = pl.concat_str(stamp, offset.fill_null("+0000"), separator=" ").str.to_datetime(
        "%Y-%m-%d %H:%M:%S %z", time_unit="us", strict=False
    )
    if time_zone is None:
        return utc
    return utc.dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
