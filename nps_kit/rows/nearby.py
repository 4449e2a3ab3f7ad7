"""Data that lies near by: files, folders of tables and databases, found by their names."""

import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from nps_kit.errors import SourceError
from nps_kit.rows.files import SUFFIXES, find_table, locate

DEEPEST = 2
"""So many folders down is near by."""

MOST = 200
"""More places than this are no choice any more."""

_EXPORTS = (*SUFFIXES, ".json")
_DATABASES = (".duckdb", ".ddb")
_PASSED = ("__pycache__", "node_modules", "set_aside", "import.json")


def list_nearby(folder: str | Path = ".") -> pl.DataFrame:
    r"""List the data in a folder and in those beneath it, without opening any.

    Parameters
    ----------
    folder
        Where to look. Names that begin with a dot or an underscore are passed over.

    Returns
    -------
    One row per place, by address: ``address``, as `open_data` takes it, and ``kind``: "tables" (a
    folder with a table of responses, whose files are not listed again), "file" or "database".

    Raises
    ------
    SourceError
        If there is no such folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as here:
    ...     _ = Path(here, "answers.csv").write_text("score\n9\n")
    ...     list_nearby(here)["kind"].to_list()
    ['file']
    """
    place = locate(str(folder))
    if not place.is_dir():
        what = "is a file" if place.is_file() else "is not there"
        raise SourceError(
            f"The folder '{folder}' {what}.\n  Name the folder in which your data lies, or '.' for "
            "this one."
        )
    found = sorted(_look_in(place, DEEPEST))[:MOST]
    return pl.DataFrame(found, schema={"address": pl.String, "kind": pl.String}, orient="row")


def _look_in(folder: Path, deeper: int) -> Iterator[tuple[str, str]]:
    try:
        inside = sorted(os.scandir(folder), key=lambda each: each.name)
        if find_table(folder, "responses") is not None:
            yield folder.as_posix(), "tables"
            return
    except OSError:
        return  # what may not be read is no data of this person's
    for entry in inside:
        path = Path(entry.path)
        if entry.name.startswith((".", "_", "~")) or {entry.name, path.stem} & {*_PASSED}:
            continue
        if entry.is_dir():
            if deeper:
                yield from _look_in(path, deeper - 1)
        elif path.suffix.lower() in _EXPORTS:
            yield path.as_posix(), "file"
        elif path.suffix.lower() in _DATABASES:
            yield f"duckdb:{path.as_posix()}", "database"
