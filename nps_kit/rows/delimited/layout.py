"""How a file of delimited text is laid out: separator, lines above the header, header rows."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nps_kit.errors import SourceError
from nps_kit.rows.delimited.encodings import Decoder, check_plain

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What parts cells, and how it is called."""

_PREFERRED = ("\t", ";", "|", ",")
"""Which wins where two divide alike: commas stand in numbers and sentences too, tabs hardly."""

_BARE = re.compile(r"[^\s,;|]+|[-+]?[\d.]*\d,\d+\s?%?|[\d./:-]+ [\d.:+-]+")
"""A cell that is one thing: a word, a number with a point or a comma, a day with its time."""

_PROSE = re.compile(r"(?<=\d),(?=\d)|[,;](?=[ \u00a0]+\S)")
"""What may part cells, but as well a number's decimals or the parts of a sentence."""

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
    """Choose what parts the cells.

    First what parts the header and most rows into as many cells; among several, what leaves the
    most cells that are one thing. A semicolon leaves "01.08.2026" and "9,0", where a comma leaves
    "01.08.2026;9" and "0".
    """
    read = {separator: _look(lines, separator) for separator in _PREFERRED}
    if all(len(records[start_of(records)]) == 1 for records in read.values() if records):
        bare = [_PROSE.sub(" ", line) for line in lines]
        if all(_is_one_column(_look(bare, separator)) for separator in SEPARATORS):
            # Nothing parts this header, and below it only sentences and decimals.
            return next(each for each in SEPARATORS if _is_one_column(read[each]))
    best, chosen = (False, 0.0, 0.0, 0), ","
    for separator, records in read.items():
        if (found := _judge(records)) > best:
            best, chosen = found, separator
    return chosen


def _look(lines: list[str], separator: str) -> list[list[str]]:
    records = (cells for cells, _ in islice(read_records(lines, separator), _LOOKED_AT))
    return [cells for cells in records if cells]


def _is_one_column(records: list[list[str]]) -> bool:
    return all(len(cells) == 1 for cells in records)


def _judge(records: list[list[str]]) -> tuple[bool, float, float, int]:
    """Say how well a separator divides; the greater the better, all zero where it does not.

    Returns
    -------
    Whether header and most rows have as many cells; then the share of these cells that are one
    thing; the share of records that have as many; and, where not most are alike, how many that is.
    """
    widths = [len(cells) for cells in records]
    common, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
    if common == 1:
        # The header alone may tell, where no row below has any cell but the first.
        common, times = widths[0], 1
    if common <= 1:
        return False, 0.0, 0.0, 0
    # Only lines of a single cell may stand above the header: a title.
    titled = all(width == 1 for width in widths[: widths.index(common)])
    if not titled or 2 * times <= len(widths):
        return False, 0.0, times / len(widths), common
    cells = [cell for each in records if len(each) == common for cell in each if cell]
    looks = sum(1 for cell in cells if _BARE.fullmatch(cell)) / max(1, len(cells))
    return True, looks, times / len(widths), 0


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
