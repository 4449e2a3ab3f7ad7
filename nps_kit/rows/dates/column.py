"""One column of dates, and how it is read once its order is known."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from nps_kit.errors import DateError, listed
from nps_kit.rows.dates import patterns
from nps_kit.rows.dates.shapes import Shape


@dataclass(frozen=True, slots=True)
class Dates:
    """How columns of text are read as dates.

    Attributes
    ----------
    read
        Each column's datetimes, by its name.
    doubts
        Columns whose reading rests on a sample: a cell that is filled and was not read calls for a
        look at the whole column.
    aware
        Columns whose times are in UTC and keep that zone, since none was named.
    notes
        What was decided, one sentence a column.
    """

    read: dict[str, pl.Expr] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    aware: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, more: "Dates") -> None:
        """Add what was found of other columns."""
        self.read.update(more.read)
        self.doubts.extend(more.doubts)
        self.aware.extend(more.aware)
        self.notes.extend(more.notes)


class NotToldError(Exception):
    """The beginning of a column does not tell the order of its dates."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, what was seen of it, and how to read it."""

    name: str
    text: pl.Expr
    seen: dict[str, Any]
    time_zone: str | None
    zone: str | None
    order: str
    shape: Shape | None

    def read(self, found: Dates, *, sampled: bool) -> None:
        """Add the column to what was found."""
        aware = bool(self.seen["offset"]) or self.order.startswith("unix") or self.zone == "UTC"
        if self.order in patterns.NUMBERED:
            expr = self._number()
        else:
            _check_column(self.name, self.seen, ordered=bool(self.order))
            if sampled and not self.order and self._untold():
                raise NotToldError
            quick = self._quick()
            if quick is None:
                expr = self._slow()
            else:
                expr = pl.coalesce(quick, self._rest(quick)) if self.seen["others"] else quick
            if sampled:
                found.doubts.append(self.name)
        found.read[self.name] = self._localise(expr, aware=aware)
        if aware and self.time_zone is None:
            found.aware.append(self.name)
        if told := self._told():
            found.notes.append(told)

    def _untold(self) -> bool:
        seen = self.seen
        return bool(
            seen["ordered"]
            and not seen["iso"]
            and seen["day_first"] is None
            and seen["month_first"] is None
        )

    @property
    def _ordered(self) -> bool:
        return bool(self.seen["ordered"]) and self.order != "year first"

    def _day_first(self) -> bool:
        if self.order:
            return self.order == "day first"
        return _day_first(self.name, self.seen)

    def _quick(self) -> pl.Expr | None:
        """Read the cells of the usual shape, where that is of the kind the column is read by."""
        shape = self.shape
        if shape is None or shape.aware != bool(self.seen["offset"]):
            return None
        if bool(shape.swapped) != self._ordered:
            return None
        return shape.read(day_first=not shape.swapped or self._day_first())

    def _rest(self, quick: pl.Expr) -> pl.Expr:
        """Read the cells that the fast reader leaves, and look at no others: patterns take long."""
        dtype = pl.Datetime("us", "UTC" if self.seen["offset"] else None)
        return (
            pl.when(quick.is_null())
            .then(pl.col(self.name))
            .map_batches(
                partial(_read_some, name=self.name, reader=self._slow(), dtype=dtype),
                return_dtype=dtype,
                is_elementwise=True,
            )
        )

    def _slow(self) -> pl.Expr:
        ordered = self._ordered
        groups = self.text.str.extract_groups(patterns.ORDERED if ordered else patterns.ISO).struct
        year, clock = (
            groups.field("year"),
            {part: groups.field(part) for part in patterns.CLOCK_PARTS},
        )
        if not ordered:
            month, day = groups.field("month"), groups.field("day")
        else:
            day, month = groups.field("first"), groups.field("next")
            if not self._day_first():
                day, month = month, day
            short = year.str.len_chars() == len(patterns.CENTURY)
            year = pl.when(short).then(pl.lit(patterns.CENTURY) + year).otherwise(year)
        date = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
        return _assemble(date, clock, aware=bool(self.seen["offset"]))

    def _number(self) -> pl.Expr:
        number = pl.col(self.name).str.strip_chars().str.replace(",", ".", literal=True)
        number = number.cast(pl.Float64, strict=False)
        if self.order == "excel days":
            seconds = ((number - patterns.EPOCH_DAYS) * 86_400).round()
        else:
            seconds = number / patterns.NUMBERED[self.order]
        whole = (seconds * 1_000_000).cast(pl.Int64, strict=False)
        return whole.cast(pl.Datetime("us"))

    def _localise(self, expr: pl.Expr, *, aware: bool) -> pl.Expr:
        if aware:
            # Naive clocks in UTC, from bare seconds or a layout that says so, become aware too.
            expr = expr if self.seen["offset"] else expr.dt.replace_time_zone("UTC")
            if self.time_zone is None:
                return expr
            return expr.dt.convert_time_zone(self.time_zone).dt.replace_time_zone(None)
        if self.zone and self.time_zone and self.zone != self.time_zone:
            there = expr.dt.replace_time_zone(self.zone, ambiguous="earliest", non_existent="null")
            return there.dt.convert_time_zone(self.time_zone).dt.replace_time_zone(None)
        return expr

    def _told(self) -> str:
        seen = self.seen
        if self.order in patterns.NUMBERED:
            how = {
                "excel days": "as a spreadsheet's day numbers",
                "unix seconds": "as seconds since 1970, in UTC",
                "unix milliseconds": "as milliseconds since 1970, in UTC",
            }[self.order]
            return f"'{self.name}' is read {how}."
        if not seen["filled"]:
            return ""
        if self.order:
            return f"'{self.name}' is read {self.order}, as told."
        if not seen["ordered"]:
            return ""
        if self._day_first():
            return f"'{self.name}' has the day first: it holds {seen['day_first']}."
        return f"'{self.name}' has the month first: it holds {seen['month_first']}."


def _check_column(name: str, seen: dict[str, Any], *, ordered: bool) -> None:
    filled, iso, by_order = seen["filled"], seen["iso"], seen["ordered"]
    if filled > 2 * (iso + by_order):
        serial = re.match(patterns.SERIAL, str(seen["unread"]))
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
    if iso and by_order and not ordered:
        raise DateError(
            f"'{name}' holds dates of two kinds: {listed([seen['iso_cell'], seen['ordered_cell']])}"
            ".\n  A spreadsheet that read some of them as dates has often swapped their days and "
            "months.  Export it again from where it came, with the year first."
        )
    if 0 < seen["offset"] < iso + by_order:
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
            "passes 12.\n  Export it again with the year first (2026-04-03), or say their order in "
            "a mapping (nps-kit map FILE)."
        )
    return day_first is not None


def _read_some(cells: pl.Series, *, name: str, reader: pl.Expr, dtype: pl.DataType) -> pl.Series:
    """Read the cells that are there."""
    places = cells.is_not_null().arg_true()
    none = pl.Series(cells.name, [None], dtype=dtype).new_from_index(0, cells.len())
    if places.is_empty():
        return none
    read = cells.gather(places).to_frame(name).select(reader).to_series()
    return none.scatter(places, read)


def _assemble(date: pl.Expr, clock: dict[str, pl.Expr], *, aware: bool) -> pl.Expr:
    hour, half = clock["hour"].cast(pl.Int64), clock["half"].str.to_lowercase()
    hour = (
        pl.when(half == "p")
        .then(hour % patterns.MONTHS + patterns.MONTHS)
        .when(half == "a")
        .then(hour % patterns.MONTHS)
        .otherwise(hour)
    )
    parts = [hour.cast(pl.String), clock["minute"], clock["second"]]
    time = pl.concat_str([part.fill_null("00").str.zfill(2) for part in parts], separator=":")
    stamp = pl.concat_str(date, time, separator=" ")
    if not aware:
        return stamp.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False, cache=False)
    # "GMT+1" is what forms write; the hour is made two digits long.
    digits = (
        clock["offset"]
        .str.replace(r"(?i)^(Z|UTC|GMT)$", "+0000")
        .str.replace(r"^(UTC|GMT)", "")
        .str.replace(r"^([+-])(\d)(:|$)", "${1}0${2}")
        .str.replace(":", "")
    )
    offset = pl.when(digits.str.len_chars() < len("+0000")).then(digits + "00").otherwise(digits)
    return pl.concat_str(stamp, offset, separator=" ").str.to_datetime(
        "%Y-%m-%d %H:%M:%S %z", time_unit="us", strict=False, cache=False
    )
