"""Files of delimited text as lazy frames: strictly, or with what is odd set aside."""

import atexit
import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import BinaryIO

import polars as pl

from nps_kit.errors import SourceError, listed
from nps_kit.rows.delimited.encodings import Decoder, find_encoding
from nps_kit.rows.delimited.layout import SEPARATORS, Layout, find_layout
from nps_kit.rows.delimited.records import (
    EMPTY_ROW,
    TOO_MANY,
    NotUtf8,
    Odd,
    Records,
    StrayQuote,
)

ROW = "row in the file"
"""Column of the record's number, from 1, the header not counted."""

_IN_MEMORY = 1 << 25
_TOLERATED = 10
"""So many odd rows are set aside however small the file."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file of delimited text, read with its troubles.

    Attributes
    ----------
    frame
        Its rows, every column as text, with `ROW`; odd records are not among them.
    odd
        The records that could not be laid into the table, each with its reason.
    rows
        How many records there are, odd ones too.
    heads
        The header rows as written.
    notes
        What was assumed: encoding, separator, lines above the header, quotes.
    ascii
        Whether the rows hold nothing but ASCII.
    """

    frame: pl.LazyFrame
    odd: tuple[Odd, ...]
    rows: int
    heads: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    ascii: bool = False


def scan_delimited(paths: list[Path]) -> pl.LazyFrame:
    """Open files of delimited text as one lazy frame, every column as text.

    Text, since a reader that infers types from the first rows rounds nineteen-digit ids and fails
    on a word further down. Blanks around the names of the header are taken off.

    Raises
    ------
    SourceError
        If a file is empty or not UTF-8, repeats a name in its header, has a row with more cells
        than the header, or a quote that would swallow rows.
    """
    frames = [_scan_strictly(path) for path in paths]
    _check_alike(paths, frames)
    return pl.concat(frames) if len(frames) > 1 else frames[0]


def read_delimited(
    path: Path,
    layout: Layout,
    *,
    names: Sequence[str],
    header_rows: int = 1,
    encoding: str = "",
) -> Delimited:
    """Open one file of delimited text, setting aside the records that do not fit its header.

    Parameters
    ----------
    path
        The file.
    layout
        Its layout, as `find_layout` found it.
    names
        Names of its columns, one for each cell of the header.
    header_rows
        How many records are headers.
    encoding
        A name of `ENCODINGS`, where it is known.

    Returns
    -------
    The rows and what was set aside; lines that are not UTF-8 are read as what they probably are,
    which is said.

    Raises
    ------
    SourceError
        If most rows have another number of cells than the header.
    """
    header_rows = min(header_rows, len(layout.records))
    skip = layout.ends[header_rows - 1]
    decoder = Decoder(encoding)
    records = Records(layout.separator, len(names))
    source: Path | bytes = path
    try:
        records.read(decoder.blocks(path), decoder, skip=skip)
    except (NotUtf8, StrayQuote):
        records, decoder, source = _mend(path, layout, len(names), skip=skip, encoding=encoding)
    scanned = _scan(source, layout, names, skip=skip if source == path else 0)
    if source == path and _count(scanned) != records.rows:
        # The fast reader sees other records: it is given a copy that leaves it no choice.
        records, decoder, source = _mend(
            path, layout, len(names), skip=skip, encoding=encoding, careful=True
        )
        scanned = _scan(source, layout, names, skip=0)
    if source != path and _count(scanned) != records.rows:
        raise SourceError(
            f"'{path}' cannot be split into rows: two ways of reading it find {records.rows:,} and "
            f"{_count(scanned):,}.\n  Export it again, with cells in quotes."
        )
    _check_mostly_even(path, records, len(names))
    frame = scanned
    if records.odd:
        odd = pl.Series([odd.row for odd in records.odd], dtype=pl.UInt32)
        frame = scanned.filter(~pl.col(ROW).is_in(odd.implode()))
    return Delimited(
        frame,
        tuple(records.odd),
        records.rows,
        layout.records[:header_rows],
        _describe(path, layout, decoder, records),
        ascii=decoder.ascii and not decoder.transcoded,
    )


def _describe(path: Path, layout: Layout, decoder: Decoder, records: Records) -> tuple[str, ...]:
    notes = []
    if find_encoding(path) != "utf-8":
        notes.append("The text is in UTF-16.")
    if decoder.note:
        notes.append(decoder.note)
    if layout.separator != ",":
        notes.append(f"Cells are parted by {SEPARATORS.get(layout.separator, layout.separator)}.")
    if layout.above:
        notes.append(f"Above the header stands {listed(layout.above, most=3)}: passed over.")
    if records.strays:
        rows = "row has" if records.strays == 1 else "rows have"
        notes.append(f'{records.strays:,} {rows} a quote within a cell, as in 6": read as written.')
    return tuple(notes)


def _scan_strictly(path: Path) -> pl.LazyFrame:
    layout = _find_strict_layout(path)
    names = [name.strip() for name in layout.records[0]]
    twice = [name for name, times in Counter(names).items() if name and times > 1]
    if twice:
        raise SourceError(
            f"'{path}' has more than one column called {listed(twice)}.\n"
            "  Nobody can tell which is meant: rename or remove the others."
        )
    names = [name or f"column_{place}" for place, name in enumerate(names, start=1)]
    records, decoder, skip = Records(layout.separator, len(names)), Decoder(), layout.ends[0]
    try:
        records.read(decoder.blocks(path), decoder, skip=skip)
    except NotUtf8 as turn:
        raise SourceError(
            f"'{path}' is not text in UTF-8 (after row {turn.args[0]:,}); it is probably "
            "Windows-1252 or Latin-1.\n  Save it again as 'CSV UTF-8', or import it, which reads "
            "both:  nps-kit import FILE --out FOLDER"
        ) from None
    except StrayQuote:
        raise _stray(path) from None
    wide = next((odd for odd in records.odd if odd.reason == TOO_MANY), None)
    if wide:
        raise SourceError(
            f"'{path}' has {len(wide.cells)} cells in row {wide.row:,} under its header, which has "
            f"{len(names)}.\n  A separator inside a cell is the usual cause: export it again with "
            "cells in quotes."
        )
    scanned = _scan(path, layout, names, skip=skip)
    if _count(scanned) != records.rows:
        raise _stray(path)
    return scanned.drop(ROW)


def _find_strict_layout(path: Path) -> Layout:
    if find_encoding(path) != "utf-8":
        raise SourceError(
            f"'{path}' is text in UTF-16, whatever its name says.\n"
            "  Save it as 'CSV UTF-8', or import it:  nps-kit import FILE --out FOLDER"
        )
    layout = find_layout(path)
    if layout.below_top:
        above = f"has {layout.above[0]!r} above its header" if layout.above else ""
        raise SourceError(
            f"'{path}' {above or 'begins with a blank line'}.\n"
            "  Export it again, the header first, or import it:  nps-kit import FILE --out FOLDER"
        )
    return replace(layout, records=layout.records[:1])


def _stray(path: Path) -> SourceError:
    return SourceError(
        f"'{path}' has a quote inside a cell that has none around it, which would swallow "
        f'rows.\n  Such as 6" for six inches: export it again with such cells in quotes, and '
        "quotes within them doubled."
    )


def _scan(source: Path | bytes, layout: Layout, names: Sequence[str], *, skip: int) -> pl.LazyFrame:
    return pl.scan_csv(
        source,
        separator=layout.separator,
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        skip_lines=skip,
        row_index_name=ROW,
        row_index_offset=1,
        missing_columns="insert",
        extra_columns="ignore",
        truncate_ragged_lines=True,
        raise_if_empty=False,
        glob=False,
    )


def _count(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect(engine="streaming").item())


def _mend(
    path: Path, layout: Layout, width: int, *, skip: int, encoding: str, careful: bool = False
) -> tuple[Records, Decoder, Path | bytes]:
    """Write a copy in which every record is what it seems; a small one is kept in memory."""
    decoder = Decoder(encoding)
    if path.stat().st_size <= _IN_MEMORY:
        copy = io.BytesIO()
        records = _write(path, copy, layout, width, decoder, skip=skip, careful=careful)
        return records, decoder, copy.getvalue()
    descriptor, name = tempfile.mkstemp(suffix=".csv", dir=_folder())
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
        records = _write(path, file, layout, width, decoder, skip=skip, careful=careful)
    return records, decoder, Path(name)


def _write(
    path: Path,
    copy: BinaryIO,
    layout: Layout,
    width: int,
    decoder: Decoder,
    *,
    skip: int,
    careful: bool,
) -> Records:
    records = Records(layout.separator, width, copy, careful=careful)
    records.read(decoder.blocks(path), decoder, skip=skip)
    return records


@cache
def _folder() -> str:
    """Make a folder for copies, which is gone when Python ends."""
    folder = tempfile.mkdtemp(prefix="nps-kit-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _check_mostly_even(path: Path, records: Records, width: int) -> None:
    uneven = [odd for odd in records.odd if odd.reason != EMPTY_ROW]
    if len(uneven) <= max(_TOLERATED, records.rows // 2):
        return
    raise SourceError(
        f"'{path}' has {width} cells in its header, and {len(uneven):,} of its {records.rows:,} "
        f"rows have another number, such as row {uneven[0].row:,} with {len(uneven[0].cells)}.\n"
        "  Perhaps its separator was mistaken: name it in a mapping (nps-kit map FILE), or "
        "export it again with cells in quotes."
    )


def _check_alike(paths: list[Path], frames: list[pl.LazyFrame]) -> None:
    names = [frame.collect_schema().names() for frame in frames]
    for path, others in zip(paths, names, strict=True):
        if others != names[0]:
            raise SourceError(
                f"'{path}' has other columns than '{paths[0]}': {listed(others)}.\n"
                f"  '{paths[0]}' has: {listed(names[0])}.  Files read as one table need the same."
            )
