"""One worker at a time for each report and variant: a lock that dies with whoever holds it."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    digest = hashlib.sha256(variant.encode()).hexdigest()[:16] if variant else "all"
    handle = os.open(folder / f"{report}-{digest}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
