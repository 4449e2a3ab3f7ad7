"""What an import did: said in one line, kept beside its tables, and read back from there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import polars as pl

from nps_kit.counts import TRUNCATE, Every
from nps_kit.errors import SourceError, listed, nearest
from nps_kit.rows.engines import plainly
from nps_kit.rows.files import locate as located
from nps_kit.schema import TABLES

REPORT = "import"
SET_ASIDE = "set_aside"

_MADE_BY = "nps-kit import"
_DATED = {"responses": "responded_at", "interactions": "started_at"}
"""What the rows of a table are dated by."""

_UNITS: tuple[tuple[int, Every], ...] = ((45, "day"), (150, "week"), (1500, "month"))
"""Up to so many days, the unit of time that shows them in some dozens of steps."""


_LOOK = 1_000_000
"""So many rows tell how different the values of a column are: all would fill the memory."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    folder
        Where the tables were written; None where nothing was.
    file
        The name of the file that was read.
    tool, table
        What the file comes from, and the table it became.
    rows
        Rows that went in.
    used
        Rows that count.
    set_aside
        Rows that do not, by reason, most first.
    set_aside_in
        The name of the file that holds them.
    first, last
        First and last day of the rows that count, where they have dates.
    columns
        For each of the kit's columns its name, the file's (empty: none), and the question asked
        there, or what stands there throughout.
    notes, warnings
        What was decided, and what should be looked at.
    """

    folder: Path | None
    file: str
    tool: str
    table: str
    rows: int
    used: int
    set_aside: dict[str, int]
    set_aside_in: str
    first: date | None
    last: date | None
    columns: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """Say in one line what went in, what counts and what does not."""
        aside = self.rows - self.used
        said = f"Read {self.rows:,} {'row' if self.rows == 1 else 'rows'} of {self.tool}"
        if self.first and self.last:
            said += f", {self.first} to {self.last}"
        said += f": {self.used:,} {'counts' if self.used == 1 else 'count'}"
        if aside:
            why = ", ".join(f"{n:,} {reason}" for reason, n in self.set_aside.items())
            said += f", {aside:,} {'is' if aside == 1 else 'are'} set aside ({why})"
        return f"{said}."

    @property
    def reasons(self) -> pl.DataFrame:
        """How many rows count, and how many do not for each reason.

        Columns ``table``, ``reason`` (null: counts), ``n``, ``kept_in`` (the file that holds
        them), ``first`` and ``last`` (days; null where they have none); what counts comes first.
        """
        days = {"first": pl.Date, "last": pl.Date}
        words = {"table": pl.String, "reason": pl.String}
        kept = [(self.table, None, self.used, f"{self.table}.parquet", self.first, self.last)]
        aside = [
            (self.table, reason, n, self.set_aside_in, None, None)
            for reason, n in self.set_aside.items()
        ]
        schema = {**words, "n": pl.Int64, "kept_in": pl.String, **days}
        return pl.DataFrame([*kept, *aside], schema=schema, orient="row")

    @property
    def remarks(self) -> pl.DataFrame:
        """What should be looked at, and what was decided.

        Columns ``kind`` ("warning" or "note") and ``remark``. Notes on which column is which are
        left out: `count_cells` has them.
        """
        named = tuple(f"{ours} is '{theirs}'" for ours, theirs, _ in self.columns if theirs)
        told = [("warning", each) for each in self.warnings]
        told += [("note", each) for each in self.notes if not each.startswith(named)]
        schema = {"kind": pl.String, "remark": pl.String}
        return pl.DataFrame(told, schema=schema, orient="row")

    @property
    def frame(self) -> pl.LazyFrame:
        """The rows that count, lazily; times show the clock of the zone they carry.

        Raises
        ------
        SourceError
            If they are not there.
        """
        place = None if self.folder is None else self.folder / f"{self.table}.parquet"
        if place is None or not place.is_file():
            where = "were not written" if place is None else f"are not in '{place}'"
            raise SourceError(
                f"The rows of this import {where}.\n  Import the file again:  nps-kit import FILE"
            )
        rows = pl.scan_parquet(place, glob=False)
        with plainly(f"'{place}'"):
            kinds = rows.collect_schema()
        return rows.with_columns(
            pl.col(name).dt.replace_time_zone(None)
            for name, kind in kinds.items()
            if isinstance(kind, pl.Datetime) and kind.time_zone
        )

    def count_cells(self) -> pl.DataFrame:
        """Count what each column holds that became one of the kit's.

        Returns
        -------
        One row per column, in the kit's order: ``column`` and ``theirs`` (null: none) name it,
        ``asked`` is its question or what stands there throughout (null: neither), ``filled``
        counts the rows that have a value, and ``values`` the different ones ``within`` the first
        so many rows.
        """
        rows = self.frame
        kinds = rows.collect_schema()
        cells = {}
        for ours, _, _ in self.columns:
            cell = pl.col(ours)
            if kinds[ours] == pl.String:
                cell = pl.when(cell.str.strip_chars() != "").then(cell)
            cells[ours] = cell
        with plainly(f"The import in '{self.folder}'"):
            filled, values = pl.collect_all(
                [
                    rows.select(cell.count().alias(ours) for ours, cell in cells.items()),
                    rows.head(_LOOK).select(
                        cell.drop_nulls().n_unique().alias(ours) for ours, cell in cells.items()
                    ),
                ],
                engine="streaming",
            )
        told = [
            (ours, theirs or None, asked or None, filled[ours].item(), values[ours].item())
            for ours, theirs, asked in self.columns
        ]
        names = {"column": pl.String, "theirs": pl.String, "asked": pl.String}
        schema = names | {"filled": pl.Int64, "values": pl.Int64}
        counted = pl.DataFrame(told, schema=schema, orient="row")
        return counted.with_columns(within=pl.lit(min(self.used, _LOOK), pl.Int64))

    def count_periods(self) -> pl.DataFrame:
        """Count the rows over time, in a unit that suits how long they go on.

        Returns
        -------
        One row per period that has any: ``table``, ``every`` (its unit), ``period`` (its first
        day) and ``n``; no rows where nothing is dated.
        """
        schema = {"table": pl.String, "every": pl.String, "period": pl.Date, "n": pl.Int64}
        if self.first is None or self.last is None:
            return pl.DataFrame(schema=schema)
        days = (self.last - self.first).days
        every = next((unit for most, unit in _UNITS if days <= most), "quarter")
        day = pl.col(_DATED[self.table]).cast(pl.Date)
        with plainly(f"The import in '{self.folder}'"):
            counts = (
                self.frame.group_by(period=day.dt.truncate(TRUNCATE[every]))
                .agg(n=pl.len().cast(pl.Int64))
                .sort("period", nulls_last=True)
                .collect(engine="streaming")
            )
        return counts.select(
            pl.lit(self.table).alias("table"), pl.lit(every).alias("every"), "period", "n"
        )


def span_of(rows: pl.LazyFrame, *, table: str) -> tuple[date | None, date | None]:
    """Find the first and the last day of the rows of a table; None where they have no dates."""
    name = _DATED.get(table, "")
    kind = rows.collect_schema().get(name)
    if kind is None or not kind.is_temporal():
        return None, None
    day = pl.col(name).dt.date()
    ends = rows.select(first=day.min(), last=day.max()).collect(engine="streaming")
    first, last = ends.row(0)
    return first, last


def write_imported(imported: Imported, place: Path) -> None:
    """Write down what an import did."""
    record = {
        "made_by": _MADE_BY,
        "version": _version(),
        "said": str(imported),
        **{part.name: getattr(imported, part.name) for part in fields(imported)},
    }
    del record["folder"]
    text = json.dumps(record, ensure_ascii=False, indent=2, default=str)
    place.write_text(f"{text}\n", encoding="utf-8")


def read_import(folder: str | Path, *, table: str = "") -> Imported:
    """Read back what an import did.

    Parameters
    ----------
    folder
        The folder that it wrote to; ``"sample/imported"`` comes with the kit.
    table
        Which table's import, where the folder holds several. Empty: the responses', else the
        first of those there are.

    Returns
    -------
    What was read, used and set aside.

    Raises
    ------
    SourceError
        If the folder holds no import, or not one of that table, or its record is damaged.

    Examples
    --------
    >>> read_import("sample/imported").tool
    'Qualtrics'
    """
    place = located(str(folder))
    if not place.is_dir():
        what = "is a file, and no folder of an import" if place.is_file() else "is not there"
        raise SourceError(
            f"'{folder}' {what}.\n  Import an export into a folder:  "
            f"nps-kit import {folder if place.is_file() else 'FILE'} --out data/mine"
        )
    found = find_imports(place)
    if not found:
        damaged = (place / f"{REPORT}.json").is_file()
        inside = sorted(each.name for each in place.iterdir())
        what = f"a damaged {REPORT}.json" if damaged else "no import"
        raise SourceError(
            f"The folder '{folder}' holds {what}.\n  It has: {listed(inside, most=8)}.  "
            f"Import an export into it:  nps-kit import FILE --out {folder}"
        )
    by_table = {record.get("table"): record for record in found.values()}
    if table and table not in by_table:
        raise SourceError(
            f"The folder '{folder}' holds no import of '{table}'.\n"
            f"  It has: {listed(by_table)}.{nearest(table, map(str, by_table))}"
        )
    chosen = table or ("responses" if "responses" in by_table else next(iter(by_table)))
    return _read_record(by_table[chosen], place)


def find_imports(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Find the records of earlier imports in a folder, by the names of their files."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob(f"{REPORT}*.json")) if folder.is_dir() else []:
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(record, dict) and record.get("made_by") == _MADE_BY:
            found[file.name] = record
    return found


def _read_record(record: Mapping[str, Any], folder: Path) -> Imported:
    try:
        read = Imported(
            folder=folder,
            file=str(record["file"]),
            tool=str(record["tool"]),
            table=str(TABLES[record["table"]].name),
            rows=int(record["rows"]),
            used=int(record["used"]),
            set_aside={str(reason): int(n) for reason, n in record["set_aside"].items()},
            set_aside_in=str(record["set_aside_in"]),
            first=_read_day(record["first"]),
            last=_read_day(record["last"]),
            columns=tuple((str(a), str(b), str(c)) for a, b, c in record["columns"]),
            notes=tuple(map(str, record["notes"])),
            warnings=tuple(map(str, record["warnings"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"The record of the import in '{folder}' cannot be read: {error!r}.\n"
            "  It was changed, or written by another version: import the file again."
        ) from None
    return read


def _read_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _version() -> str:
    try:
        return version("nps-kit")
    except PackageNotFoundError:
        return ""
