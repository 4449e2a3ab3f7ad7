"""The bytes of a text file as UTF-8, whatever they were written in; what was assumed is counted."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nps_kit.errors import SourceError

UTF_8 = "UTF-8"
ENCODINGS = {
    "utf-8": UTF_8,
    "utf-16": "UTF-16",
    "windows-1252": "Windows-1252",
    "latin-1": "Latin-1",
    "code page 850": "code page 850",
}
"""Encodings that can be named, and how they are written in a sentence."""

_CODECS = {"windows-1252": "cp1252", "latin-1": "latin-1", "code page 850": "cp850"}
_CHUNK = 1 << 18
"""Small enough for the processor's own memory: larger blocks are slower."""

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PROBE = 4096
_LONGEST = 1 << 24
_TYPOGRAPHY = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u20ac\u00a3\u00b0\u00ab\u00bb\u00a0\u2122"
_HOLES = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that mean nothing in Windows-1252."""


def find_encoding(path: Path) -> str:
    """Tell UTF-16 from everything that is read line by line.

    Returns
    -------
    ``"utf-16-le"``, ``"utf-16-be"``, or ``"utf-8"`` for all else: whether that holds is seen while
    the lines are read.
    """
    with path.open("rb") as file:
        start = file.read(_PROBE)
    if start.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if start.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    # Without its mark, text in UTF-16 has a zero in nearly every second byte.
    for codec, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(zeros) > 1 and 2 * zeros.count(0) > len(zeros):
            return codec
    return "utf-8"


class Decoder:
    """Turns a file's blocks into UTF-8 and keeps count of the lines that were something else.

    Parameters
    ----------
    encoding
        A name of `ENCODINGS` for the whole file, where it is known; empty: line by line, each that
        is not UTF-8 as Windows-1252 or code page 850, by which of them makes words.
    """

    def __init__(self, encoding: str = "") -> None:
        self.encoding = encoding
        self.lines: Counter[str] = Counter()
        self.transcoded = False
        """Whether the file's own bytes are of no use to a reader: UTF-16, or no line feeds."""
        self.ascii = True
        """Whether nothing but ASCII has been seen."""

    @property
    def note(self) -> str:
        """What was assumed, as a sentence; empty where all was UTF-8."""
        if not self.lines:
            return ""
        told = " and ".join(f"{n:,} as {name}" for name, n in self.lines.most_common())
        lines = "line is" if self.lines.total() == 1 else "lines are"
        return f"{self.lines.total():,} {lines} not UTF-8: read {told}."

    def blocks(self, path: Path) -> Iterator[bytes]:
        """Read the file block by block; each block but the last ends with a line."""
        found = find_encoding(path)
        self.transcoded = found != "utf-8"
        if found != "utf-8":
            yield from _whole_lines(_transcode(path, found))
            return
        first = True
        for chunk in _read(path):
            block = chunk
            if first:
                block = block.removeprefix(codecs.BOM_UTF8)
                # Old Macintosh files end their lines with a carriage return alone.
                self.transcoded = b"\n" not in block and b"\r" in block.rstrip(b"\r")
                first = False
            yield block.replace(b"\r", b"\n") if self.transcoded else block

    def decode(self, block: bytes) -> bytes:
        """Give the block as UTF-8: itself where it is that already."""
        if block.isascii():
            return block
        if not self.encoding or self.encoding in ("utf-8", "utf-16"):
            try:
                block.decode()
            except UnicodeDecodeError:
                pass
            else:
                return block
        return b"".join(self._decode_line(line) for line in block.splitlines(keepends=True))

    def is_utf_8(self, block: bytes) -> bool:
        """Tell whether a block can be left as it is."""
        if block.isascii():
            return True
        self.ascii = False
        if self.encoding in _CODECS:
            return False
        try:
            block.decode()
        except UnicodeDecodeError:
            return False
        return True

    def _decode_line(self, line: bytes) -> bytes:
        if line.isascii():
            return line
        if self.encoding in _CODECS:
            self.lines[ENCODINGS[self.encoding]] += 1
            return line.decode(_CODECS[self.encoding], errors="replace").encode()
        try:
            line.decode()
        except UnicodeDecodeError:
            name = _likelier(line)
            self.lines[ENCODINGS[name]] += 1
            return line.decode(_CODECS[name], errors="replace").encode()
        return line


def check_plain(path: Path) -> None:
    """Raise where a file's first bytes are those of something else than text.

    Raises
    ------
    SourceError
        Naming what the file is.
    """
    kinds = {
        b"PK\x03\x04": "a workbook or a zip file",
        b"\x1f\x8b": "a gzip file",
        b"PAR1": "a Parquet file",
        b"\xd0\xcf\x11\xe0": "a workbook of the old kind (.xls)",
        b"%PDF": "a PDF",
    }
    with path.open("rb") as file:
        start = file.read(8)
    for mark, kind in kinds.items():
        if start.startswith(mark):
            raise SourceError(
                f"'{path}' is {kind}, whatever its name says.\n"
                "  Give it its own ending, or save it as 'CSV UTF-8'."
            )


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=_CHUNK) as file:
        while chunk := file.read(_CHUNK):
            # Up to the end of a line, so that no character is cut in two.
            yield chunk + file.readline(_LONGEST)


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = b""
        rest += chunk[cut:]
    if rest:
        yield rest


def _transcode(path: Path, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    with path.open("rb") as file:
        if file.read(2) not in _UTF_16_MARKS:
            file.seek(0)
        while chunk := file.read(_CHUNK):
            yield decoder.decode(chunk).encode(errors="replace")
        if rest := decoder.decode(b"", final=True):
            yield rest.encode(errors="replace")


def _likelier(line: bytes) -> str:
    """Choose between the two code pages of western Europe by which one makes words of the line."""
    if _HOLES.search(line):
        return "code page 850"
    windows, dos = (_likeness(line.decode(codec)) for codec in ("cp1252", "cp850"))
    return "code page 850" if dos > windows else "windows-1252"


def _likeness(text: str) -> float:
    score = 0.0
    for place, sign in enumerate(text):
        if sign.isascii():
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if sign in _TYPOGRAPHY:
            # A closing quote or a dash stands beside a letter or a blank, never within a word.
            inside = before.isalpha() and after.isalpha() and sign != "\u2019"
            score += -1 if inside else 0.5
        elif not sign.isalpha():
            score -= 1
        elif sign.isupper():
            # Capitals begin words.
            score += 0.5 if not before.isalpha() else -0.5
        else:
            score += 1
    return score
