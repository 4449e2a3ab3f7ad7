"""Object stores and web addresses, which polars reads by itself."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from nps_kit.errors import SourceError, listed
from nps_kit.rows.addresses.drivers import Result, tell
from nps_kit.rows.delimited import scan_delimited
from nps_kit.schema import TABLES

STORES = ("s3", "s3a", "gs", "gcs", "az", "azure", "adl", "abfs", "abfss", "http", "https")
"""Beginnings of the addresses that polars reads."""

_TEXT = (".csv", ".tsv", ".txt")
_LINES = (".ndjson", ".jsonl")
_PROBED = (".parquet", ".csv", ".ndjson")
_AT_ONCE = 8
"""Questions to a store at the same time; it answers each in its own good time."""

_NO_CELL = "\x1f"


def scan_store(address: str) -> pl.LazyFrame:
    """Open a table in a store: a file, a pattern, or a folder of Parquet files.

    Parquet and NDJSON stay where they are. Text is copied here first, since it is looked at whole,
    and more than once, before a row of it counts.

    Raises
    ------
    SourceError
        If nothing that can be read is there, or the store lets nobody in.
    """
    suffix = _suffix(address)
    if suffix in _TEXT:
        return scan_delimited([_fetch(each) for each in _list(address)])
    if suffix in _LINES:
        frame = pl.scan_ndjson(address, infer_schema_length=None)
    elif suffix == ".parquet":
        frame = pl.scan_parquet(address)
    elif suffix:
        raise SourceError(
            f"'{address}' ends in '{suffix}', which open_table() does not read from there.\n"
            f"  It reads: {listed(('.parquet', *_TEXT, *_LINES))}."
        )
    else:
        frame = pl.scan_parquet(f"{address.rstrip('/')}/")
    _ask(address, frame.collect_schema)
    return frame


def find_in_store(address: str) -> dict[str, str] | None:
    """Find the addresses of the kit's tables in a folder of a store.

    A store lists no folder for us, so it is asked for each table under each name it may have.

    Returns
    -------
    Addresses by table; None where the address is that of one table.

    Raises
    ------
    SourceError
        If the folder has no responses, or the store lets nobody in.
    """
    if _suffix(address) or _is_pattern(address):
        return None
    folder = address.rstrip("/")
    # A server of web pages knows no folders.
    endings = _PROBED if folder.startswith("http") else (*_PROBED, "/")

    def find(name: str) -> str | None:
        candidates = (f"{folder}/{name}{ending}" for ending in endings)
        return next((each for each in candidates if _is_there(each)), None)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = dict(zip(TABLES, threads.map(find, TABLES), strict=True))
    if found["responses"] is None:
        raise SourceError(
            f"'{address}' holds no responses: nothing there is called responses.parquet, .csv or "
            f".ndjson.\n  Give the file itself, or a pattern:  {folder}/*.parquet"
        )
    return {name: place for name, place in found.items() if place is not None}


def _suffix(address: str) -> str:
    return PurePosixPath(address.partition("?")[0]).suffix.lower()


def _is_pattern(address: str) -> bool:
    return any(sign in address.partition("?")[0] for sign in "*[")


def _is_there(address: str) -> bool:
    look: Callable[[], Any] = (
        pl.scan_lines(address, n_rows=1).collect
        if _suffix(address) in (*_TEXT, *_LINES)
        else pl.scan_parquet(address).collect_schema
    )

    def answer() -> bool:
        try:
            look()
        except (FileNotFoundError, pl.exceptions.ComputeError) as error:
            if _is_absent(error):
                return False
            raise
        return True

    return _ask(address, answer)


def _is_absent(error: Exception) -> bool:
    # Of a folder without files polars says nothing but this.
    return isinstance(error, FileNotFoundError) or "expanded paths were empty" in str(error)


def _ask(address: str, call: Callable[[], Result]) -> Result:
    try:
        return call()
    except PermissionError:
        problem = (
            f"'{address}' may not be read with the credentials in the environment, or without any."
            "\n  Set the store's own variables, such as AWS_PROFILE or AWS_ACCESS_KEY_ID."
        )
    except Exception as error:  # noqa: BLE001 - a store has errors of its own
        problem = (
            f"There is nothing at '{address}'.\n  Look for a slip in it."
            if _is_absent(error)
            else f"'{address}' cannot be read: {tell(error)}\n  Look at what it says."
        )
    # Raised out here, so that the store's own words, which may repeat a token, stay behind.
    raise SourceError(problem)


def _list(address: str) -> list[str]:
    if not _is_pattern(address):
        return [address]
    places = pl.scan_lines(address, include_file_paths="place").select(pl.col("place").unique())
    return sorted(_ask(address, places.collect)["place"])


def _fetch(address: str) -> Path:
    descriptor, name = tempfile.mkstemp(suffix=_suffix(address), dir=_folder())
    os.close(descriptor)
    lines = pl.scan_lines(address, glob=False)
    # One column, so no separator is ever written.
    _ask(
        address,
        lambda: lines.sink_csv(name, include_header=False, quote_style="never", separator=_NO_CELL),
    )
    return Path(name)


@cache
def _folder() -> str:
    """Make a folder for copies, which is gone when Python ends."""
    folder = tempfile.mkdtemp(prefix="nps-kit-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
