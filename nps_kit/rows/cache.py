"""Counting the same rows once: the tables of one run, kept in a folder and shared."""

import hashlib
import io
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any

import polars as pl

from nps_kit import __version__
from nps_kit.outputs import TALLIES_VARIABLE

if sys.platform != "win32":
    import fcntl

_ALSO = ("DataFrameScan", "Buffers", "Random")
_FOREIGN = ("Python", "Anonymous", "Opaque", "Plugin")
_LITERAL = ("Series", "List")
_IN_MEMORY = "DF ["
_NUMBERED = {"dsl", "version"}
_SETTLED = 2.0
_TICK = 0.1
_PATTERN = frozenset("*?[")
_FEW = 8
_CHECKED = hashlib.sha256().digest_size
_MOST = 1 << 28


class _UnknownError(Exception):
    """What a query reads cannot be told exactly, or not cheaply."""


def make_once(make: Callable[[], pl.DataFrame], *queries: pl.LazyFrame) -> pl.DataFrame:
    """Make the result of queries, or take the one that another notebook of this run has made.

    Parameters
    ----------
    make
        Makes the result: small, and counts rather than rows.
    queries
        What is asked of the rows, which is all that the result hangs on.

    Returns
    -------
    The result, the same to the last bit wherever it was made.

    Notes
    -----
    Results are kept in the folder that the environment variable `TALLIES_VARIABLE` names; without
    it, nothing is. A result is known by the whole of its queries, the files they read (which files
    they are, their size, when they last changed) and the versions of the kit and of polars. What
    cannot be told so is made anew: a frame in memory, a store elsewhere, code of one's own within
    the query, a file that changed in the last two seconds. Of two that want the same result at
    once, one makes it and the other waits; the lock is let go of when its process ends, however it
    ends. A folder that cannot be used, a full disk and a result that cannot be read cost time,
    never a number.
    """
    folder = os.environ.get(TALLIES_VARIABLE, "")
    name = _identify(queries) if folder else None
    if name is None:
        return make()
    path = Path(folder) / f"{name}.tally"
    found = _read(path)
    if found is not None:
        return found
    with _hold(path.with_suffix(".lock")) as held:
        found = _read(path)
        if found is not None:
            return found
        made = make()
        # The files may have changed while they were read.
        if held and _identify(queries) == name:
            _write(made, path)
    return made


def _identify(queries: Sequence[pl.LazyFrame]) -> str | None:
    """Name queries and all that their result hangs on; None where that cannot be told."""
    files: list[str] = []
    try:
        plans = [_plain(_spell(query), files, "") for query in queries]
        prints = [_fingerprint(path) for path in sorted({*files})]
    except (_UnknownError, OSError, ValueError, TypeError, pl.exceptions.PolarsError):
        return None
    if not prints:
        return None
    told = json.dumps([__version__, pl.__version__, plans, prints])
    return hashlib.sha256(told.encode()).hexdigest()


def _spell(query: pl.LazyFrame) -> Any:  # noqa: ANN401 - what JSON holds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if _IN_MEMORY in query.explain(optimized=False):
            raise _UnknownError
        # Its binary form does not tell which files it reads.
        return json.loads(query.serialize(format="json"))


def _plain(node: Any, files: list[str], name: str) -> Any:  # noqa: ANN401 - what JSON holds
    """Take out of a plan what differs from process to process, and note the files it reads."""
    if isinstance(node, list):
        # Functions are written as bytes, and what they do hangs on more than those.
        if (
            name not in _LITERAL
            and len(node) > _FEW
            and all(isinstance(each, int) for each in node)
        ):
            raise _UnknownError
        return [_plain(each, files, name) for each in node]
    if not isinstance(node, dict):
        return node
    if any(key in _ALSO or any(word in key for word in _FOREIGN) for key in node):
        raise _UnknownError
    if "sources" in node:
        files += _list_files(node)
    # The number of a node that polars has looked at before counts the looks.
    looked_at = name == "IR" and set(node) == _NUMBERED
    return {
        key: _plain(each, files, key)
        for key, each in node.items()
        if not (looked_at and key == "version")
    }


def _list_files(scan: dict[str, Any]) -> list[str]:
    try:
        paths = [each["inner"] for each in scan["sources"]["Paths"]]
        expands = scan["unified_scan_args"]["glob"]
    except (KeyError, TypeError):
        raise _UnknownError from None
    if not all(isinstance(path, str) for path in paths):
        raise _UnknownError
    if expands and any(_PATTERN.intersection(path) for path in paths):
        raise _UnknownError
    return paths


def _fingerprint(path: str) -> tuple[str, int, int, int, int, int]:
    found = Path(path).stat()
    # Clocks of file systems are coarse: what changed just now may change again within a tick. When
    # a file was written may be set back by whoever writes it, when it was touched may not.
    now = time.time()
    settled = now - found.st_mtime >= _SETTLED and now - found.st_ctime >= _TICK
    if not S_ISREG(found.st_mode) or not settled:
        raise _UnknownError
    times = (found.st_mtime_ns, found.st_ctime_ns)
    return (path, found.st_dev, found.st_ino, found.st_size, *times)


@contextmanager
def _hold(path: Path) -> Iterator[bool]:
    """Wait for the lock of a result; False: there is none to be had, and nothing is kept."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield False
        return
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:  # a file system without locks
        return False
    return True


def _read(path: Path) -> pl.DataFrame | None:
    try:
        told = path.read_bytes()
        checked, table = told[:_CHECKED], told[_CHECKED:]
        if hashlib.sha256(table).digest() != checked:
            return None
        return pl.read_ipc(io.BytesIO(table))
    except (OSError, pl.exceptions.PolarsError):
        return None


def _write(made: pl.DataFrame, path: Path) -> None:
    if made.estimated_size() > _MOST:
        return
    table = io.BytesIO()
    part = ""
    try:
        made.write_ipc(table)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
        with open(handle, "wb") as file:  # noqa: PTH123 - a handle has no path
            file.write(hashlib.sha256(table.getbuffer()).digest())
            file.write(table.getbuffer())
        os.replace(part, path)  # noqa: PTH105 - as above
    except (OSError, pl.exceptions.PolarsError):
        with suppress(OSError):
            if part:
                Path(part).unlink()
