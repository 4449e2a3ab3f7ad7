"""Which kind of file it is: by its first bytes, since names are often wrong."""

import re
import zipfile
from pathlib import Path
from typing import Literal

from nps_kit.errors import SourceError, listed

Kind = Literal["text", "workbook", "objects", "parquet"]

SUFFIXES: dict[str, Kind] = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), "text"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "workbook"),
    **dict.fromkeys((".json", ".ndjson", ".jsonl"), "objects"),
    ".parquet": "parquet",
}
"""Endings of the files that can be imported."""

_SAID: dict[Kind, str] = {
    "text": "delimited text",
    "workbook": "a workbook",
    "objects": "records in JSON",
    "parquet": "a Parquet file",
}
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
_ZIP, _OLD_WORKBOOK, _PARQUET, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF"
_INSIDE_WORKBOOK = ("xl/", "[Content_Types].xml", "content.xml", "mimetype")
_MARKUP = re.compile(rb"^\s*<(?:!doctype|html|head|meta|style|table|\?xml)", re.IGNORECASE)
_OBJECTS = re.compile(rb'^\s*(?:\[\s*)?\{\s*["}]')
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_START = 4096


def find_kind(path: Path) -> tuple[Kind, str]:
    """Tell which kind of file it is.

    Parameters
    ----------
    path
        A file.

    Returns
    -------
    The kind, and a sentence where the name says another; else an empty one.

    Raises
    ------
    SourceError
        If it is packed, a page or of no kind that can be imported.
    """
    with path.open("rb") as file:
        start = file.read(_START)
    named = SUFFIXES.get(path.suffix.lower())
    found = _by_content(path, start)
    if found is None and named is None:
        ends = f"ends in '{path.suffix}'" if path.suffix else "has no ending"
        raise SourceError(
            f"'{path}' {ends}, which is not imported.\n"
            f"  What is: {listed(SUFFIXES)}.  Save it as one of them."
        )
    kind = found or named or "text"
    if named is None or kind == named:
        return kind, ""
    return kind, f"The file is {_SAID[kind]}, whatever its name says, and is read as that."


def _by_content(path: Path, start: bytes) -> Kind | None:
    """Tell the kind by the first bytes, as far as they tell it; None: the name has to."""
    for mark, packer in _PACKED.items():
        if start.startswith(mark):
            raise SourceError(
                f"'{path}' is packed ({packer}).\n  Unpack it, and import the file inside."
            )
    if start.startswith(_PDF):
        raise SourceError(f"'{path}' is a PDF.\n  Export the answers as CSV or as a workbook.")
    if start.startswith(_ZIP):
        _check_zip(path)
        return "workbook"
    if start.startswith(_OLD_WORKBOOK):
        return "workbook"
    if start.startswith(_PARQUET):
        return "parquet"
    bare = start.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(bare):
        raise SourceError(
            f"'{path}' is a page of HTML or XML, whatever its name says.\n"
            "  Open it in a spreadsheet, and save it as a workbook (.xlsx) or as 'CSV UTF-8'."
        )
    if _OBJECTS.match(bare):
        return "objects"
    named = SUFFIXES.get(path.suffix.lower())
    if named in (None, "text") or not _is_text(start):
        return None
    # What a list of JSON may begin with besides an object is left to its reader, which says more.
    return None if named == "objects" and bare.lstrip()[:1] in (b"[", b"{", b"") else "text"


def _is_text(start: bytes) -> bool:
    return bool(start) and (start.startswith(_MARKS) or b"\0" not in start)


def _check_zip(path: Path) -> None:
    """Raise unless a file that begins as a zip file does is a workbook."""
    try:
        with zipfile.ZipFile(path) as packed:
            inside = packed.namelist()
    except zipfile.BadZipFile:
        raise SourceError(
            f"'{path}' begins as a workbook or a zip file does, and is cut off or damaged.\n"
            "  Export it again."
        ) from None
    if not any(name.startswith(_INSIDE_WORKBOOK) for name in inside):
        raise SourceError(
            f"'{path}' is packed (zip), and holds {listed(inside, most=5)}.\n"
            "  Unpack it, and import the file inside."
        )
