"""Where the records of a delimited file end, and which are not what they seem.

Readers made for speed do not say that a row has a cell too many, and a stray quote makes them
swallow rows. So every file is looked through once: only separators, quotes and line ends are looked
at, a block at a time, and a block in which a quote stands where none belongs is read with care.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nps_kit.rows.delimited.encodings import Decoder

TOO_MANY = "too many cells"
TOO_FEW = "too few cells"
STRAY_QUOTE = "quotes that do not close"
EMPTY_ROW = "not a row of data"

_QUOTE, _LINE, _RETURN = b'"'[0], b"\n"[0], b"\r"[0]
_LONGEST = 1 << 24
"""A record of more bytes than this is no record: a quote was opened and never closed."""

_FURTHEST = 200
"""A comment of more lines than this is no comment."""


class NotUtf8(Exception):  # noqa: N818 - a turn of the way, caught by whoever asked
    """A block is not UTF-8; the argument is the line where it begins."""


class StrayQuote(Exception):  # noqa: N818
    """A quote stands where none belongs; the argument is the record."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A record that cannot be laid into the table."""

    row: int
    reason: str
    cells: tuple[str, ...]


@dataclass
class Records:
    """Looks through the blocks of a file.

    Parameters
    ----------
    separator
        What parts cells.
    width
        Cells of the header.
    copy
        Where to write the records as they should be: UTF-8, quotes in their place. None: nothing
        is written, and the first block that would need it raises.
    careful
        Write every record anew, not only those of doubtful blocks.
    """

    separator: str
    width: int
    copy: BinaryIO | None = None
    careful: bool = False
    rows: int = 0
    odd: list[Odd] = field(default_factory=list)
    strays: int = 0
    """Quotes that stand in a cell as inches do, and were read as they stand."""

    def __post_init__(self) -> None:
        # A cell in quotes, or one that does not begin with one.
        sign = re.escape(self.separator)
        quoted, bare = r'"(?:[^"]++|"")*+"', rf'[^"{sign}\n]*'
        loose = rf'(?:{quoted}|[^"{sign}\n][^{sign}\n]*)?'
        sound = f"(?:{quoted}|{bare})"
        self._sound = re.compile(f"{sound}(?:{sign}{sound})*".encode())
        self._open = re.compile(f'(?:{sound}{sign})*"(?:[^"]++|"")*+'.encode())
        self._loose = re.compile(f"{loose}(?:{sign}{loose})*".encode())

    def read(self, blocks: Iterator[bytes], decoder: Decoder, *, skip: int) -> None:
        """Look through all blocks, passing over the first `skip` lines.

        Raises
        ------
        NotUtf8, StrayQuote
            Where a copy is needed and none is made.
        """
        rest = b""
        for raw in blocks:
            block = raw
            if skip:
                block, skip = _without_lines(block, skip)
            if decoder.transcoded or not decoder.is_utf_8(block):
                if self.copy is None:
                    raise NotUtf8(self.rows)
                block = decoder.decode(block)
            rest = self._take(rest + block if rest else block)
        if rest:
            left = self._take(rest + b"\n")
            if left:
                self._mend(left, last=True)

    def _take(self, block: bytes) -> bytes:
        """Look through a block that begins with a record; give back what is not yet whole."""
        if self.careful:
            return self._mend(block, last=False)
        buffer = np.frombuffer(block, np.uint8)
        stops, cells, sound = _ends(buffer, self.separator)
        if not sound or len(block) > _LONGEST:
            return self._mend(block, last=False)
        if not stops.size:
            return block
        self._set_aside(block, stops, np.flatnonzero(cells != self.width))
        self.rows += int(stops.size)
        whole = int(stops[-1]) + 1
        if self.copy is not None:
            self.copy.write(memoryview(block)[:whole])
        return block[whole:]

    def _set_aside(self, block: bytes, stops: NDArray[np.intp], odd: NDArray[np.intp]) -> None:
        for place in odd.tolist():
            start = int(stops[place - 1]) + 1 if place else 0
            self._judge(block[start : int(stops[place])], self.rows + place + 1)

    def _judge(self, record: bytes, row: int) -> bool:
        """Set a record aside if its cells are not those of the header; tell whether it was."""
        cells = self._cells(record)
        beyond = cells[self.width :]
        if len(cells) == self.width or (beyond and not any(cell.strip() for cell in beyond)):
            return False
        if not any(cell.strip() for cell in cells) and self.width > 1:
            reason = EMPTY_ROW
        elif len(cells) > self.width:
            reason = TOO_MANY
        else:
            reason = TOO_FEW
        if self.width == 1 and not cells:
            return False
        self.odd.append(Odd(row, reason, tuple(cells)))
        return True

    def _cells(self, record: bytes) -> list[str]:
        text = record.decode(errors="replace").rstrip("\r").replace("\0", "")
        try:
            found = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.separator))
        except csv.Error:
            return text.split(self.separator)
        return found[0] if len(found) == 1 else text.split(self.separator) if text else []

    def _mend(self, block: bytes, *, last: bool) -> bytes:
        """Read a block line by line, so that one bad quote costs one row."""
        if self.copy is None:
            raise StrayQuote(self.rows)
        lines = block.split(b"\n")
        tail = lines.pop()
        place = 0
        while place < len(lines):
            line = lines[place].removesuffix(b"\r")
            if self._sound.fullmatch(line):
                self._write(line)
            elif self._open.fullmatch(line):
                taken = self._close(lines, place)
                if taken is None and not last and len(block) < _LONGEST:
                    # The next block may close it.
                    return b"\n".join([*lines[place:], tail])
                if taken:
                    self._write(b"\n".join(lines[place : place + taken]).removesuffix(b"\r"))
                    place += taken - 1
                else:
                    self._refuse(line)
            elif self._loose.fullmatch(line):
                self.strays += 1
                self._write(line)
            else:
                self._refuse(line)
            place += 1
        return tail

    def _close(self, lines: list[bytes], place: int) -> int | None:
        """Count the lines up to the one that closes a quote: 0 for never, None for not yet."""
        joined = lines[place]
        for taken, line in enumerate(lines[place + 1 : place + _FURTHEST], start=2):
            joined += b"\n" + line
            if b'"' not in line:
                continue
            if self._sound.fullmatch(joined.removesuffix(b"\r")):
                return taken
            if not self._open.fullmatch(joined):
                return 0
        return None if len(lines) - place < _FURTHEST else 0

    def _write(self, record: bytes) -> None:
        self.rows += 1
        if self._judge(record, self.rows):
            self._write_cells([""] * self.width)
        else:
            self._write_cells(self._cells(record)[: self.width] or [""] * self.width)

    def _refuse(self, line: bytes) -> None:
        self.rows += 1
        cells = line.decode(errors="replace").split(self.separator)
        self.odd.append(Odd(self.rows, STRAY_QUOTE, tuple(cells)))
        self._write_cells([""] * self.width)

    def _write_cells(self, cells: list[str]) -> None:
        if self.copy is not None:
            quoted = (f'"{cell.replace(chr(34), chr(34) * 2)}"' if cell else "" for cell in cells)
            self.copy.write((self.separator.join(quoted) + "\n").encode(errors="replace"))


Bits = NDArray[np.uint64]
"""A bit for each byte of a block, 64 of them in a number: so 64 bytes are looked at in one step."""

_WORD = 64
_ONE, _LAST = np.uint64(1), np.uint64(_WORD - 1)


def _ends(
    buffer: NDArray[np.uint8], separator: str
) -> tuple[NDArray[np.intp], NDArray[np.intp], bool]:
    """Find where records end and how many cells each has, and tell whether every quote belongs."""
    signs, lines, quotes = (_bits(buffer, sign) for sign in (ord(separator), _LINE, _QUOTE))
    sound = True
    if quotes.any():
        within = _within(quotes)
        sound = _all_belong(buffer, quotes, within, signs | lines | quotes)
        signs &= ~within
        lines &= ~within
    stops = _places(lines)
    # The separators of all words up to that of the line's end, less those after it in that word.
    words = stops // _WORD
    later = np.bitwise_count(signs[words] >> (stops % _WORD).astype(np.uint64))
    passed = np.cumsum(np.bitwise_count(signs), dtype=np.intp)[words] - later
    return stops, np.diff(passed, prepend=0) + 1, sound


def _bits(buffer: NDArray[np.uint8], sign: int) -> Bits:
    """Mark where a sign stands; at least one bit is left over at the end."""
    packed = np.packbits(buffer == sign, bitorder="little")
    bits = np.zeros(buffer.size // _WORD + 1, np.uint64)
    bits.view(np.uint8)[: packed.size] = packed
    return bits


def _within(quotes: Bits) -> Bits:
    """Mark what stands between quotes, the one that opens them too: every second one closes."""
    within = quotes.copy()
    for step in (1, 2, 4, 8, 16, 32):
        within ^= within << np.uint64(step)
    # A word after an odd number of quotes begins within them.
    odd = np.bitwise_xor.accumulate(within >> _LAST)
    within[1:] ^= np.uint64(0) - odd[:-1]
    return within


def _all_belong(buffer: NDArray[np.uint8], quotes: Bits, within: Bits, marks: Bits) -> bool:
    """Tell whether quotes open only after a mark, and close only before one."""
    before = marks << _ONE
    before[1:] |= marks[:-1] >> _LAST
    before[0] |= _ONE
    if (quotes & within & ~before).any():
        return False
    marks[-1] |= _ONE << np.uint64(buffer.size % _WORD)
    stray = quotes & ~within & ~_next(marks)
    return not stray.any() or not (stray & ~_next(_bits(buffer, _RETURN))).any()


def _next(marks: Bits) -> Bits:
    """Mark what stands before each mark."""
    after = marks >> _ONE
    after[:-1] |= marks[1:] << _LAST
    return after


def _places(lines: Bits) -> NDArray[np.intp]:
    """Give the place of each bit."""
    octets = lines.view(np.uint8)
    filled = np.flatnonzero(octets)
    lowest = octets[filled] - np.uint8(1)
    if (octets[filled] & lowest).any():  # two within eight bytes
        return np.flatnonzero(np.unpackbits(octets, bitorder="little").view(np.bool_))
    return filled * 8 + np.bitwise_count(~octets[filled] & lowest)


def _without_lines(block: bytes, skip: int) -> tuple[bytes, int]:
    start = 0
    while skip:
        stop = block.find(b"\n", start)
        if stop < 0:
            return b"", skip - 1 if block[start:] else skip
        start, skip = stop + 1, skip - 1
    return block[start:], 0
