"""Files of this machine: where an address leads, and each kind opened."""

import logging
from pathlib import Path

import polars as pl

from nps_kit.errors import SourceError, listed, nearest
from nps_kit.rows.delimited import scan_delimited
from nps_kit.rows.engines import plainly
from nps_kit.shipped import find_sample

SUFFIXES: tuple[str, ...] = (".parquet", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".xlsx")
"""Endings of the files that `open_table` reads."""

_SAMPLE = "sample"


def locate(address: str) -> Path:
    """Find the path of an address; ``sample`` and what lies under it come with the kit."""
    path = Path(address)
    if path.parts[:1] == ("~",):
        path = path.expanduser()
    if path.parts[:1] == (_SAMPLE,) and not address.startswith("."):
        return find_sample().joinpath(*path.parts[1:])
    return path


def find_table(folder: Path, name: str) -> Path | None:
    """Find the table of that name in a folder: a file, or a folder of its parts."""
    for path in sorted(folder.iterdir()):
        if path.stem == name and path.is_file() and _suffix(path) in SUFFIXES:
            return path
    return folder / name if (folder / name).is_dir() else None


def find_files(address: str) -> list[Path]:
    """Find the files of one kind that an address leads to, without opening any."""
    path = locate(address)
    if any(sign in path.name for sign in "*?[") and not path.exists():
        return _of_one_kind(sorted(p for p in path.parent.glob(path.name) if p.is_file()), address)
    if path.is_dir():
        inside = [p for p in path.iterdir() if p.is_file() and _suffix(p) in SUFFIXES]
        # Only a table of Parquet files is laid out over folders of its own.
        return _of_one_kind(sorted(inside or path.rglob("*.parquet")), address)
    if not path.exists():
        folder = path.parent if path.parent.is_dir() else Path()
        beside = sorted(p.name for p in folder.iterdir() if _suffix(p) in SUFFIXES or p.is_dir())
        raise SourceError(
            f"There is no file '{address}' (looked in {Path.cwd()}).\n"
            f"  In '{folder}' there is: {listed(beside)}.{nearest(path.name, beside)}"
        )
    return _of_one_kind([path], address)


def scan_files(paths: list[Path], address: str) -> pl.LazyFrame:
    """Open files of one kind as one lazy frame; XLSX is read at once."""
    kind = _suffix(paths[0])
    if kind == ".parquet":
        return pl.scan_parquet(paths, glob=False)
    if kind in (".ndjson", ".jsonl"):
        return pl.scan_ndjson(paths, infer_schema_length=None)
    if kind == ".xlsx":
        with plainly(f"'{address}'"):
            return pl.concat(_read_sheet(path) for path in paths).lazy()
    return scan_delimited(paths)


def _of_one_kind(paths: list[Path], address: str) -> list[Path]:
    kinds = sorted({_suffix(path) for path in paths})
    if not paths:
        raise SourceError(
            f"'{address}' leads to no file that can be read.\n  Files that can: {listed(SUFFIXES)}."
        )
    if len(kinds) > 1:
        raise SourceError(
            f"'{address}' leads to files of different kinds: {listed(kinds)}.\n"
            "  Give a pattern for one kind, such as '*.parquet'."
        )
    if kinds[0] not in SUFFIXES:
        raise SourceError(
            f"'{address}' ends in '{kinds[0]}', which open_table() does not read.\n"
            f"  It reads: {listed(SUFFIXES)}."
        )
    return paths


def _suffix(path: Path) -> str:
    return path.suffix.lower()


def _read_sheet(path: Path) -> pl.DataFrame:
    # It logs each column whose type it has to guess.
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    # Its rows are all kept, blank ones too: they are counted like any other.
    return pl.read_excel(path, infer_schema_length=None, drop_empty_rows=False)
