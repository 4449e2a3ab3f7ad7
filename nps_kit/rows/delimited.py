"""Files of delimited text: encoding, separator, header, and rows that are what they seem.

A reader that takes a few columns does not see that a row has too many, and one that meets a stray
quote swallows the rows up to the next. So each file is looked through once before it is opened.
"""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nps_kit.errors import SourceError, listed

_SEPARATORS = ",;\t|"
_CHUNK = 1 << 22
_NOT_A_CHARACTER = "\x1f"
"""A separator that no text holds, to read lines whole."""

_KINDS = {
    b"PK\x03\x04": "a workbook or a zip file",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
"""What a file is that begins like this."""


@dataclass(frozen=True, slots=True)
class _Layout:
    separator: str
    names: list[str]
    skipped: int
    """Lines before the header."""


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
    frames = []
    for path in paths:
        quoted = _check_encoding(path)
        layout = _read_layout(path)
        frame = pl.scan_csv(
            path,
            separator=layout.separator,
            infer_schema=False,
            skip_lines=layout.skipped,
            new_columns=layout.names,
            glob=False,
        )
        if quoted:
            _check_records(path, layout, frame)
        else:
            _check_widths(path, layout)
        frames.append(frame)
    _check_alike(paths, frames)
    return pl.concat(frames) if len(frames) > 1 else frames[0]


def _check_encoding(path: Path) -> bool:
    """Check that the whole file is UTF-8, and tell whether it holds a quote."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    quoted, read = False, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if not read:
                for start, kind in _KINDS.items():
                    if chunk.startswith(start):
                        raise SourceError(
                            f"'{path}' is {kind}, whatever its name says.\n"
                            "  Give it its own ending, or save it as 'CSV UTF-8'."
                        )
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise SourceError(
                    f"'{path}' is not text in UTF-8 (near byte {read + error.start:,}); it is "
                    "probably Windows-1252 or Latin-1.\n  Save it again as 'CSV UTF-8'."
                ) from None
            quoted = quoted or b'"' in chunk
            read += len(chunk)
    return quoted


def _read_layout(path: Path) -> _Layout:
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, skipped = file.readline(), 0
        named = first.strip().lower().startswith("sep=")
        if named:  # what Excel writes for itself
            skipped, separator = 1, first.strip()[len("sep=") :] or ","
            first = file.readline()
        if not first.strip():
            raise SourceError(
                f"'{path}' {'begins with a blank line' if file.read(1) else 'is empty'}.\n"
                "  Export it again: a header and rows are needed."
            )
        if not named:
            # A separator within quotes is part of a name.
            bare = "".join(first.split('"')[::2])
            separator = (
                max(_SEPARATORS, key=bare.count) if any(map(bare.count, _SEPARATORS)) else ","
            )
        file.seek(0)
        for _ in range(skipped):
            file.readline()
        names = [name.strip() for name in next(csv.reader(file, delimiter=separator))]
    twice = [name for name, times in Counter(names).items() if name and times > 1]
    if twice:
        raise SourceError(
            f"'{path}' has more than one column called {listed(twice)}.\n"
            "  Nobody can tell which is meant: rename or remove the others."
        )
    names = [name or f"column_{place}" for place, name in enumerate(names, start=1)]
    return _Layout(separator, names, skipped)


def _check_widths(path: Path, layout: _Layout) -> None:
    """Look for a row with more cells than the header, where no quote can hide a separator."""
    lines = pl.scan_csv(
        path,
        separator=_NOT_A_CHARACTER,
        quote_char=None,
        has_header=False,
        infer_schema=False,
        skip_lines=layout.skipped,
        new_columns=["line"],
        glob=False,
    ).with_row_index("place", offset=1 + layout.skipped)
    cells = pl.col("line").str.count_matches(layout.separator, literal=True) + 1
    wide = lines.filter(cells > len(layout.names)).head(1).collect(engine="streaming")
    if not wide.is_empty():
        place, line = wide.row(0)
        raise _too_wide(path, place, line.count(layout.separator) + 1, len(layout.names))


def _check_records(path: Path, layout: _Layout, frame: pl.LazyFrame) -> None:
    """Read the rows as the standard library does, and see that the fast reader finds as many."""
    found = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(layout.skipped):
            file.readline()
        rows = csv.reader(file, delimiter=layout.separator)
        try:
            next(rows)
            for row in rows:
                found += 1
                if len(row) > len(layout.names):
                    raise _too_wide(path, rows.line_num, len(row), len(layout.names))
        except csv.Error as error:
            raise SourceError(
                f"'{path}' cannot be read at line {rows.line_num:,}: {error}.\n"
                "  Export it again, or mend the line."
            ) from None
    if found != frame.select(pl.len()).collect(engine="streaming").item():
        raise SourceError(
            f"'{path}' has a quote inside a cell that has none around it, which would swallow "
            f'rows.\n  Such as 6" for six inches: export it again with such cells in quotes, and '
            "quotes within them doubled."
        )


def _check_alike(paths: list[Path], frames: list[pl.LazyFrame]) -> None:
    names = [frame.collect_schema().names() for frame in frames]
    for path, others in zip(paths, names, strict=True):
        if others != names[0]:
            raise SourceError(
                f"'{path}' has other columns than '{paths[0]}': {listed(others)}.\n"
                f"  '{paths[0]}' has: {listed(names[0])}.  Files read as one table need the same."
            )


def _too_wide(path: Path, line: int, cells: int, header: int) -> SourceError:
    return SourceError(
        f"'{path}' has {cells} cells in line {line:,}, and {header} in its header.\n"
        "  A separator inside a cell is the usual cause: export it again with cells in quotes."
    )
