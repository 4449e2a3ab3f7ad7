"""Object stores and web addresses, which polars reads by itself."""

import atexit
import os
import re
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

_BRIEFLY: Any = {"max_retries": 2}
"""How often a store is asked whether it answers at all; its rows may be asked for more often."""

_NOBODY = re.compile(r"(?i)/latest/|metadata|token request|account must be specified")
"""Where there are no credentials, a machine in the store's own cloud is asked for them."""

_ELSEWHERE = re.compile(r"(?i)redirect|AuthorizationHeaderMalformed|configured region")


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
    if suffix and suffix not in (".parquet", *_TEXT, *_LINES):
        raise SourceError(
            f"'{address}' ends in '{suffix}', which open_table() does not read from there.\n"
            f"  It reads: {listed(('.parquet', *_TEXT, *_LINES))}."
        )
    place = address if suffix else f"{address.rstrip('/')}/"
    _ask(address, lambda: _look(place))
    if suffix in _TEXT:
        return scan_delimited([_fetch(each) for each in _list(address)])
    if suffix in _LINES:
        frame = pl.scan_ndjson(address, infer_schema_length=None)
    else:
        frame = pl.scan_parquet(place)
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

    # First alone: where the store lets nobody in, it is not asked nine times over.
    if (responses := find("responses")) is None:
        raise SourceError(
            f"'{address}' holds no responses: nothing there is called responses.parquet, .csv or "
            f".ndjson.\n  Give the file itself, or a pattern:  {folder}/*.parquet"
        )
    others = [name for name in TABLES if name != "responses"]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = dict(zip(others, threads.map(find, others), strict=True))
    found = {"responses": responses, **found}
    return {name: place for name, place in found.items() if place is not None}


def _suffix(address: str) -> str:
    return PurePosixPath(address.partition("?")[0]).suffix.lower()


def _is_pattern(address: str) -> bool:
    return any(sign in address.partition("?")[0] for sign in "*[")


def _look(address: str) -> None:
    """Read as little of a table as tells that it is there, and give up soon."""
    if _suffix(address) in (*_TEXT, *_LINES):
        pl.scan_lines(address, n_rows=1, storage_options=_BRIEFLY).collect()
    else:
        pl.scan_parquet(address, storage_options=_BRIEFLY).collect_schema()


def _is_there(address: str) -> bool:
    def answer() -> bool:
        try:
            _look(address)
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
            f"\n  {_remedy(address)}"
        )
    except Exception as error:  # noqa: BLE001 - a store has errors of its own
        problem = _say_problem(address, error)
    # Raised out here, so that the store's own words, which may repeat a token, stay behind.
    raise SourceError(problem)


def _say_problem(address: str, error: Exception) -> str:
    if _is_absent(error):
        return f"There is nothing at '{address}'.\n  Look for a slip in it."
    said = str(error)
    if _ELSEWHERE.search(said):
        return (
            f"'{address}' lies in another region than the one that was asked.\n"
            "  Name the bucket's own:  AWS_REGION=eu-central-1"
        )
    if _NOBODY.search(said):
        return (
            f"'{address}' cannot be read: there are no credentials in the environment.\n"
            f"  {_remedy(address)}"
        )
    return f"'{address}' cannot be read: {tell(error)}\n  Look at what it says."


def _remedy(address: str) -> str:
    kind = address.partition(":")[0].lower()
    if kind.startswith("http"):
        return "Give the store's own address (s3://, gs://, az://), or download the file."
    if kind.startswith("s3"):
        return (
            "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a public bucket is "
            "read with AWS_SKIP_SIGNATURE=true."
        )
    if kind.startswith("g"):
        return "Set GOOGLE_APPLICATION_CREDENTIALS to the file that holds them."
    return "Set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY."


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
