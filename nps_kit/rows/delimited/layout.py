"""How a file of delimited text is laid out: separator, lines above the header, header rows."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nps_kit.errors import SourceError
from nps_kit.rows.delimited.encodings import Decoder, check_plain

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What parts cells, and how it is called."""

_LOOKED_AT = 60
_TELLING = 3
"""Rows of fewer cells than this do not tell a title from a header."""

_HEAD = 1 << 20
"""How many bytes of a file are looked at to find its layout."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first records of a file show.

    Attributes
    ----------
    separator
        What parts its cells.
    records
        The first records, from the header on.
    ends
        For each record, how many lines of the file it and all before it take up.
    above
        Lines above the header that belong to no table, such as a title.
    below_top
        Whether anything, if only a blank line, stands above the header.
    """

    separator: str
    records: tuple[tuple[str, ...], ...]
    ends: tuple[int, ...]
    above: tuple[str, ...] = ()
    below_top: bool = False


def find_layout(path: Path, *, encoding: str = "", separator: str = "") -> Layout:
    """Look at the first records of a file.

    Parameters
    ----------
    path
        A file of delimited text.
    encoding
        A name of `ENCODINGS`, where it is known.
    separator
        What parts the cells, where it is known.

    Returns
    -------
    The layout; its first record is the header.

    Raises
    ------
    SourceError
        If the file is empty, or is no text.
    """
    check_plain(path)
    lines, skipped = _first_lines(path, encoding), 0
    if lines and (named := lines[0].strip()).lower().startswith("sep="):
        # What Excel writes for itself.
        skipped, separator = 1, named[len("sep=") :].strip(" ") or separator or ","
        lines = lines[1:]
    if not any(line.strip() for line in lines):
        raise SourceError(f"'{path}' is empty.\n  Export it again: a header and rows are needed.")
    if not separator:
        separator = _find_separator(lines)
    records = list(islice(read_records(lines, separator), _LOOKED_AT))
    start = start_of([cells for cells, _ in records])
    above = [" ".join(cell for cell in cells if cell.strip()) for cells, _ in records[:start]]
    return Layout(
        separator,
        tuple(tuple(cells) for cells, _ in records[start:]),
        tuple(end + skipped for _, end in records[start:]),
        tuple(line for line in above if line.strip()),
        below_top=start > 0,
    )


def read_records(lines: list[str], separator: str) -> Iterator[tuple[list[str], int]]:
    """Read records as the standard library does, each with the lines that end with it."""
    taken = 0

    def counted() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += 1
            bare = line.rstrip("\r\n")
            # A stray carriage return within a line is a blank, never the end of a record.
            yield bare.replace("\r", " ").replace("\0", "") + "\n"

    reader = csv.reader(counted(), delimiter=separator)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = []
        yield cells, taken


def _first_lines(path: Path, encoding: str) -> list[str]:
    decoder, lines, size = Decoder(encoding), [], 0
    for block in decoder.blocks(path):
        found = decoder.decode(block).decode(errors="replace").split("\n")
        lines += found[:-1] if not found[-1] else found
        size += len(block)
        if size > _HEAD:
            break
    return lines


def _find_separator(lines: list[str]) -> str:
    """Choose what parts the header into the most cells, of what parts the rows alike."""
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        widths = [len(cells) for cells, _ in islice(read_records(lines, separator), _LOOKED_AT)]
        widths = [width for width in widths if width]
        common, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
        if common == 1:
            # The header alone may tell, where no row below has any cell but the first.
            common, times = widths[0], 1
        if common > 1 and (found := (times / len(widths), common)) > best:
            best, chosen = found, separator
    return chosen


def start_of(records: list[list[str]]) -> int:
    """Find the first record as wide as most are: what is above is a title, not a header."""
    widths = Counter(len(cells) for cells in records if any(cell.strip() for cell in cells))
    if not widths:
        return 0
    usual = max(widths, key=lambda width: (widths[width], width))
    filled = [place for place, cells in enumerate(records) if any(cell.strip() for cell in cells)]
    if usual < _TELLING:
        return filled[0]
    start = next(place for place in filled if len(records[place]) >= usual)
    # A title fills few cells; more than that above may be a header of fewer cells than its rows.
    titles = all(2 * sum(map(bool, records[place])) <= usual for place in range(start))
    return start if titles else filled[0]
