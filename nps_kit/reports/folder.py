"""The folder of a report: one writer at a time, and never a moment without a whole page.

A run writes into a hidden folder inside it and moves its files into place one by one, the page
last. Inside, because a folder beside it may be on another disk or closed to us; one by one,
because two folders cannot change places in a single step and a crash between two steps would
leave no report at all. Files of other people in the folder are never touched.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from nps_kit.errors import OptionError, ReportError

if sys.platform != "win32":
    import fcntl

PAGE = "index.html"
NOTEBOOK = "notebook.ipynb"
PDF = "report.pdf"
GENERATOR = "nps_kit"
"""Says in a page who made it; only such a page is ever replaced."""

_STAGING = ".nps-kit-"
_HEAD_BYTES = 2000


@contextmanager
def open_folder(to: Path) -> Iterator[Path]:
    """Make the folder ready, lend a hidden folder to write into, and take that away at the end.

    Parameters
    ----------
    to
        Folder of the report; made where it is missing, and taken away again if nothing is
        published in it.

    Raises
    ------
    OptionError
        If `to` is a file, cannot be written, or holds a page that is no report of the kit.
    ReportError
        If another run is writing there.
    """
    made: list[Path] = []
    try:
        made += [folder for folder in (to, *to.parents) if not folder.exists()]
        with ExitStack() as stack:
            try:
                _check_own(to)
                to.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_sole_writer(to))
                staging = _staging(to)
            except OSError as error:
                raise OptionError(
                    f"The report cannot be written to '{to}': {error.strerror}.\n"
                    "  Name a folder that you may write to."
                ) from None
            stack.callback(shutil.rmtree, staging, ignore_errors=True)
            yield staging
    finally:
        for folder in made:
            with suppress(OSError):  # it is not empty: the report is in it
                folder.rmdir()


def publish(staging: Path, to: Path) -> Path:
    """Move the files of `staging` into place, the page last, and return the page's path."""
    for name in (NOTEBOOK, PAGE):
        with (staging / name).open("rb") as file:
            os.fsync(file.fileno())
    for name in (NOTEBOOK, PAGE):
        (staging / name).replace(to / name)
    return to / PAGE


def keep_failed(notebook: Path, to: Path) -> Path | None:
    """Keep a notebook that broke under ``failed/`` beside `to`; None where that cannot be."""
    to = to.absolute()  # whose name is known even where it was given as "."
    failed = to.parent / "failed"
    stem = f"{to.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}Z"
    try:
        failed.mkdir(exist_ok=True)
        taken = len(list(failed.glob(f"{stem}*.ipynb")))
        kept = failed / f"{stem}{f'-{taken + 1}' if taken else ''}.ipynb"
        shutil.copyfile(notebook, kept)
    except OSError:
        return None
    return kept


def _staging(to: Path) -> Path:
    # Nobody else is writing here, so what is left over is of a run that died.
    for leftover in to.glob(f"{_STAGING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_STAGING, dir=to))


def _check_own(to: Path) -> None:
    if to.exists() and not to.is_dir():
        raise OptionError(f"The report cannot go to '{to}', which is a file.\n  Name a folder.")
    page = to / PAGE
    mine = page.is_file() and GENERATOR.encode() in page.read_bytes()[:_HEAD_BYTES]
    for name in (PAGE, NOTEBOOK):
        if (to / name).exists() and not mine:
            raise OptionError(
                f"The folder '{to}' holds {name}, which is no report of this kit.\n"
                "  It would be overwritten: name another folder."
            )


@contextmanager
def _sole_writer(to: Path) -> Iterator[None]:
    """Hold a lock on the folder; the system lets go of it even if the process is killed."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(to, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReportError(
                f"Another run is writing its report to '{to}'.\n"
                "  Let it finish, or name another folder."
            ) from None
        except OSError:
            pass  # a disk that knows no locks
        yield
    finally:
        os.close(handle)
