"""One worker at a time for each report and variant: a lock that dies with whoever holds it."""

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_GLANCES = 10
_GLANCE = 0.02
"""Seconds between two tries: `is_held` holds a lock for less."""

if sys.platform != "win32":
    import fcntl


@contextmanager
def hold_lock(folder: Path, *, report: str, variant: str) -> Iterator[bool]:
    """Hold the lock of a report's variant while the block runs; False: somebody else holds it.

    Parameters
    ----------
    folder
        Where lock files lie; made where it is missing.
    report, variant
        What is worked on.

    Notes
    -----
    The lock belongs to the open file, not to its name: the system lets go of it when the process
    that holds it ends, however it ends. It must be held by the process that does the work, not by
    the one that hands it out: a runner may be killed while its worker goes on. The files stay: a
    lock on a file that was taken away would lock nobody out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(_name_file(folder, report, variant), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def is_held(folder: Path, *, report: str, variant: str) -> bool:
    """Tell whether somebody works on a variant of a report; nothing is made and nobody kept out."""
    try:
        handle = os.open(_name_file(folder, report, variant), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)


def _name_file(folder: Path, report: str, variant: str) -> Path:
    digest = hashlib.sha256(variant.encode(errors="surrogatepass")).hexdigest()[:16]
    return folder / f"{report}-{digest if variant else 'all'}.lock"


def _lock(handle: int) -> bool:
    for glance in range(_GLANCES):
        if _try_lock(handle):
            return True
        if glance < _GLANCES - 1:
            time.sleep(_GLANCE)
    return False


def _try_lock(handle: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
