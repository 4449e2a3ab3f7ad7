"""The folder of a report: one writer at a time, and its files change as a set or not at all.

A run writes into a hidden folder inside it and moves its files into place one by one, because
two folders cannot change places in a single step and other files may lie here. Until the last
move is done, a second hidden folder keeps the earlier files and the names that are touched;
while it is there, the set may be mixed, and the next opening puts the earlier one back. Taking
it away, a single step, is what makes the new set hold. Files of other people are never touched.
"""

import filecmp
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from errno import ENOENT
from functools import partial
from pathlib import Path

from nps_kit.errors import OptionError, ReportError

if sys.platform != "win32":
    import fcntl

PAGE = "index.html"
NOTEBOOK = "notebook.ipynb"
PDF = "report.pdf"
MANIFEST = "manifest.json"
GENERATOR = "nps_kit"
"""Says in a page and a manifest who made it; only what says so is ever replaced."""

FILES = (NOTEBOOK, PDF, PAGE, MANIFEST)
"""All that a report may consist of, in the order in which it is put in place."""

_STAGING = ".nps-kit-"
EARLIER = ".nps-kit-earlier"
"""The hidden folder that is there while files are put in place: they may be mixed."""

_TOUCHED = "touched"
_MARK = f'<meta name="generator" content="{GENERATOR}">'
"""How a page says it. That the name stands somewhere says nothing: others may write about it."""

_HEAD_BYTES = 2000
_ATTEMPTS = 100


@contextmanager
def open_folder(to: Path, *, names: Sequence[str] = (PAGE, NOTEBOOK)) -> Iterator[Path]:
    """Make the folder ready, lend a hidden folder to write into, and take that away at the end.

    Parameters
    ----------
    to
        Folder of the report; made where it is missing, and taken away again if nothing is
        published in it. Where a run died while it published, the earlier report is put back.
    names
        Files that will be published.

    Raises
    ------
    OptionError
        If `to` is a file, cannot be written, or holds one of `names` that is not of the kit.
    ReportError
        If another run is writing there.
    """
    made: list[Path] = []
    try:
        made += [folder for folder in (to, *to.parents) if not folder.exists()]
        with ExitStack() as stack:
            try:
                if to.exists() and not to.is_dir():
                    raise OptionError(
                        f"The report cannot go to '{to}', which is a file.\n  Name a folder."
                    )
                _enter(to, stack)
                _tidy(to)
                restore(to)
                _check_own(to, names)
                staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=to))
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
    """Put the files of `staging` in place as a set, and return the page's path.

    Parameters
    ----------
    staging
        The hidden folder that `open_folder` lent, with the files of the report.
    to
        Folder of the report. Files of an earlier report that the new one lacks are taken away.

    Raises
    ------
    ReportError
        If the system refuses a move; the earlier report is then in its place again.
    """
    try:
        for step in list_steps(staging, to):
            step()
    except OSError as error:
        with suppress(OSError):  # then the next opening does it
            restore(to)
        raise ReportError(
            f"The report could not be put in place in '{to}': {error.strerror}.\n"
            "  What was there before is there still.  Make room, or look at who may write there."
        ) from None
    except BaseException:  # stopped by hand
        restore(to)
        raise
    return to / PAGE


def list_steps(staging: Path, to: Path) -> list[Callable[[], None]]:
    """List the steps of a publication; after any of them, `restore` finds its way back."""
    new = [name for name in FILES if (staging / name).exists()]
    gone = [name for name in FILES if name in _owned(to) and name not in new]
    moves = [partial(_move, staging / name, to / name) for name in new]
    removals = [partial((to / name).unlink, missing_ok=True) for name in gone]
    return [
        partial(_settle, [staging / name for name in new]),
        partial(_keep_earlier, staging, to, [*new, *gone]),
        # The manifest, if there is one, comes last of all.
        *moves[: new.index(PAGE) + 1],
        *removals,
        *moves[new.index(PAGE) + 1 :],
        partial(_settle_folder, to),
        partial(_move, to / EARLIER, staging / EARLIER),
    ]


def restore(to: Path) -> None:
    """Put back what a publication that was not finished had begun to replace.

    Parameters
    ----------
    to
        Folder of a report. If no publication was under way in it, nothing happens.
    """
    kept = to / EARLIER
    if not kept.is_dir():
        return
    touched = (kept / _TOUCHED).read_text(encoding="utf-8").split()
    for name in set(FILES).intersection(touched):
        earlier, now = kept / name, to / name
        if not os.path.lexists(earlier):
            now.unlink(missing_ok=True)
        elif not _is_same(now, earlier):
            copy = to / f"{_STAGING}back"
            _link(earlier, copy)
            copy.replace(now)
    _settle_folder(to)
    done = to / f"{_STAGING}done"
    kept.rename(done)  # at once: half of it would be read as the earlier report
    shutil.rmtree(done, ignore_errors=True)


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


def _keep_earlier(staging: Path, to: Path, touched: Sequence[str]) -> None:
    kept = staging / "keeping"
    kept.mkdir()
    for name in touched:
        if os.path.lexists(to / name):
            _link(to / name, kept / name)
    (kept / _TOUCHED).write_text("\n".join(touched), encoding="utf-8")
    _settle([*kept.iterdir()])
    _settle_folder(kept)
    kept.rename(to / EARLIER)
    _settle_folder(to)


def _move(here: Path, there: Path) -> None:
    here.replace(there)


def _link(here: Path, there: Path) -> None:
    there.unlink(missing_ok=True)
    if here.is_symlink():  # kept as it is: where it leads to is somebody else's
        there.symlink_to(here.readlink())
        return
    try:
        there.hardlink_to(here)
    except OSError:  # a disk that knows no links
        shutil.copyfile(here, there)


def _is_same(now: Path, earlier: Path) -> bool:
    """Tell whether a file is as it was: what was not touched may be one that cannot be."""
    if not os.path.lexists(now):
        return False
    if now.is_symlink() or earlier.is_symlink():
        both = now.is_symlink() and earlier.is_symlink()
        return both and now.readlink() == earlier.readlink()
    return now.samefile(earlier) or filecmp.cmp(now, earlier, shallow=False)


def _settle(paths: Sequence[Path]) -> None:
    """Have the system write files to the disk before anything relies on them."""
    for path in paths:
        if path.is_symlink():
            continue
        with path.open("r+b" if sys.platform == "win32" else "rb") as file:
            os.fsync(file.fileno())


def _settle_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a disk that cannot
            os.fsync(handle)
    finally:
        os.close(handle)


def _tidy(to: Path) -> None:
    # Nobody else is writing here, so what is left over is of a run that died.
    for leftover in to.glob(f"{_STAGING}*"):
        if leftover.name == EARLIER:
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink()


def _check_own(to: Path, names: Sequence[str]) -> None:
    owned = _owned(to)
    for name in sorted(names):
        if (to / name).exists() and name not in owned:
            raise OptionError(
                f"The folder '{to}' holds {name}, which is no report of this kit.\n"
                "  It would be overwritten: name another folder."
            )


def _owned(to: Path) -> set[str]:
    """Name the files here that the kit has made: those of its page, those of its manifest."""
    owned: set[str] = set()
    page = to / PAGE
    if page.is_file() and _MARK.encode() in page.read_bytes()[:_HEAD_BYTES]:
        owned |= {PAGE, NOTEBOOK}
    try:
        record = json.loads((to / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # half of one, or brackets without end
        return owned
    if isinstance(record, dict) and record.get("generator") == GENERATOR:
        files = record.get("files")
        owned |= {MANIFEST} | (set(FILES).intersection(files) if isinstance(files, dict) else set())
    return owned


def _enter(to: Path, stack: ExitStack) -> None:
    """Make the folder and hold its lock.

    A run that fails takes away the folders that it made, at any moment: also one that it shares
    with others, as long as it is empty.
    """
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError), ExitStack() as lock:
            to.mkdir(parents=True, exist_ok=True)
            if lock.enter_context(_sole_writer(to)):
                stack.push(lock.pop_all())
                return
    to.mkdir(parents=True)  # says why not
    raise FileNotFoundError(ENOENT, os.strerror(ENOENT))


@contextmanager
def _sole_writer(to: Path) -> Iterator[bool]:
    """Hold a lock on the folder; the system lets go of it even if the process is killed.

    False: what is locked is not what lies there now.
    """
    if sys.platform == "win32":
        yield True
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
        yield os.path.samestat(os.fstat(handle), to.stat())
    finally:
        os.close(handle)
