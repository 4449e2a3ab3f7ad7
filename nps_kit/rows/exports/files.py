"""A file of any kind as a table of text, with its header read and its odd records kept apart."""

import json
import logging
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import fastexcel
import polars as pl

from nps_kit.errors import SourceError, listed, nearest
from nps_kit.rows.delimited import find_layout, read_delimited
from nps_kit.rows.delimited.layout import start_of
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.delimited.records import Odd
from nps_kit.rows.engines import plainly
from nps_kit.rows.exports.headers import Headers, read_headers
from nps_kit.rows.exports.kinds import Kind, find_kind
from nps_kit.rows.exports.objects import list_fields, read_objects

SAMPLE = 10_000
"""So many of the first rows are looked at to find what a file holds."""

_ROUNDED = r"^\d{16,}$"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, where that is known.

    Attributes
    ----------
    encoding, separator
        Of a file of delimited text.
    header_rows
        How many records are headers; 0: to be found.
    sheet
        The sheet of a workbook; empty: the first that holds anything.
    """

    encoding: str = ""
    separator: str = ""
    header_rows: int = 0
    sheet: str = ""


@dataclass(frozen=True)
class Opened:
    """A file as a table.

    Attributes
    ----------
    path
        The file.
    kind
        Which kind of file it is.
    frame
        Its rows, columns as text wherever the file holds text, with `ROW`.
    headers
        Its header.
    odd
        Records that could not be laid into the table.
    rows
        How many records there are, odd ones too.
    notes, warnings
        What was assumed, and what should be looked at.
    ascii
        Whether the rows are known to hold nothing but ASCII.
    """

    path: Path
    kind: Kind
    frame: pl.LazyFrame
    headers: Headers
    odd: tuple[Odd, ...]
    rows: int
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ascii: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.headers.names

    @cached_property
    def sample(self) -> pl.DataFrame:
        """The first rows."""
        with plainly(f"'{self.path}'"):
            return self.frame.head(SAMPLE).collect()

    def label(self, name: str) -> str:
        """Give the question a column answers, where the file says it, else its name."""
        return self.headers.labels.get(name, name)


def open_file(path: Path, reading: Reading) -> Opened:
    """Open a file as a table.

    Parameters
    ----------
    path
        A file of one of the kinds that `find_kind` tells.
    reading
        What is known of it.

    Returns
    -------
    The table; nothing of the file is lost: what does not fit is in `odd`.

    Raises
    ------
    SourceError
        If there is no such file, or it cannot be read as a table.
    """
    if not path.is_file():
        beside = sorted(each.name for each in path.parent.iterdir()) if path.parent.is_dir() else []
        what = "is a folder, and one file is imported" if path.is_dir() else "is not there"
        raise SourceError(
            f"'{path}' {what}.\n  In '{path.parent}' there is: {listed(beside)}."
            f"{nearest(path.name, beside)}"
        )
    readers = {
        "text": _open_text,
        "workbook": _open_workbook,
        "objects": _open_objects,
        "parquet": _open_parquet,
    }
    with plainly(f"'{path}'"):
        kind, note = find_kind(path)
        opened = readers[kind](path, reading)
    return replace(opened, notes=(note, *opened.notes)) if note else opened


def _open_text(path: Path, reading: Reading) -> Opened:
    layout = find_layout(path, encoding=reading.encoding, separator=reading.separator)
    headers = read_headers(layout.records, rows=reading.header_rows)
    found = read_delimited(
        path,
        layout,
        names=headers.names,
        header_rows=headers.rows,
        encoding=reading.encoding,
    )
    return Opened(
        path,
        "text",
        found.frame,
        headers,
        found.odd,
        found.rows,
        (*found.notes, *headers.notes),
        ascii=found.ascii,
    )


def _open_workbook(path: Path, reading: Reading) -> Opened:
    # It logs each column whose type it has to guess.
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    # From its bytes: by its name alone a workbook of another kind would not be read.
    book = path.read_bytes()
    sheets = fastexcel.read_excel(book).sheet_names
    if reading.sheet and reading.sheet not in sheets:
        raise SourceError(
            f"'{path}' has no sheet '{reading.sheet}'.\n  It has: {listed(sheets)}."
            f"{nearest(reading.sheet, sheets)}"
        )
    wanted, cells = reading.sheet, pl.DataFrame()
    for sheet in [reading.sheet] if reading.sheet else sheets:
        found = _read_sheet(book, sheet)
        if found.height > 1 and found.width * found.height > cells.width * cells.height:
            wanted, cells = sheet, found
    if not cells.height:
        raise SourceError(f"'{path}' holds no sheet with a header and rows.\n  Export it again.")
    first = [["" if c is None else c for c in row] for row in islice(cells.iter_rows(), 60)]
    # Every row of a sheet is as wide as the widest: blank cells at the end are none.
    start = start_of([_without_end(row) for row in first])
    above = [" ".join(filter(str.strip, row)) for row in first[:start]]
    headers = read_headers(first[start:], rows=reading.header_rows)
    body = cells.slice(start + headers.rows)
    body = body.rename(dict(zip(body.columns, headers.names, strict=True)))
    notes = [*headers.notes]
    if any(above):
        shown = listed(filter(None, above), most=3)
        notes.append(f"Above the header stands {shown}: passed over.")
    if len(sheets) > 1:
        notes.append(f"Of the sheets {listed(sheets, most=6)} '{wanted}' is read.")
    return Opened(
        path,
        "workbook",
        body.with_row_index(ROW, offset=1).lazy(),
        headers,
        (),
        body.height,
        tuple(notes),
        _warn_rounded(body),
    )


def _without_end(row: list[str]) -> list[str]:
    filled = [place for place, cell in enumerate(row, start=1) if cell.strip()]
    return row[: filled[-1]] if filled else []


def _read_sheet(book: bytes, sheet: str) -> pl.DataFrame:
    try:
        return pl.read_excel(
            book,
            sheet_name=sheet,
            has_header=False,
            infer_schema_length=0,
            drop_empty_rows=False,
            drop_empty_cols=False,
            raise_if_empty=False,
        )
    except fastexcel.FastExcelError:  # a sheet of charts
        return pl.DataFrame()


def _warn_rounded(body: pl.DataFrame) -> tuple[str, ...]:
    long = [
        name
        for name in body.columns
        if body[name].str.contains(_ROUNDED).any() and body[name].str.contains("000$").any()
    ]
    if not long:
        return ()
    names = listed(long, most=3)
    return (f"{names}: ids of more than 15 digits, which a spreadsheet rounds, may be wrong.",)


def _open_objects(path: Path, _: Reading) -> Opened:
    found = read_objects(path)
    fields = list_fields(found)
    headers = read_headers([fields], rows=1)
    columns = {
        name: pl.Series([row.get(field) for _, row in found.rows], dtype=pl.String)
        for name, field in zip(headers.names, fields, strict=True)
    }
    numbers = pl.Series([number for number, _ in found.rows], dtype=pl.UInt32)
    frame = pl.DataFrame({ROW: numbers, **columns})
    return Opened(
        path,
        "objects",
        frame.lazy(),
        headers,
        tuple(found.odd),
        found.total,
        (*found.notes, *headers.notes),
    )


def _open_parquet(path: Path, _: Reading) -> Opened:
    frame = pl.scan_parquet(path, glob=False)
    schema = frame.collect_schema()
    headers = read_headers([schema.names()], rows=1)
    frame = frame.rename(dict(zip(schema.names(), headers.names, strict=True)))
    nested = [name for name, kind in frame.collect_schema().items() if kind.is_nested()]
    frame = frame.with_columns(
        pl.col(name).map_elements(_as_json, return_dtype=pl.String) for name in nested
    )
    rows = frame.select(pl.len()).collect().item()
    return Opened(
        path, "parquet", frame.with_row_index(ROW, offset=1), headers, (), rows, headers.notes
    )


def _as_json(value: object) -> str:
    plain = value.to_list() if isinstance(value, pl.Series) else value
    return json.dumps(plain, ensure_ascii=False, default=str)


def with_frame(opened: Opened, frame: pl.LazyFrame, *, note: str = "") -> Opened:
    """Put another frame in place of the file's own, its names as they are there."""
    names = tuple(name for name in frame.collect_schema().names() if name != ROW)
    notes = (*opened.notes, note) if note else opened.notes
    return replace(opened, frame=frame, headers=replace(opened.headers, names=names), notes=notes)
