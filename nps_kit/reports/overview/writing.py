"""Writes the page over all reports: whole, beside nothing of anybody else's."""

import base64
import hashlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from nps_kit.errors import OptionError, ReportError
from nps_kit.reports.folder import PAGE
from nps_kit.reports.overview.shelves import Shelves
from nps_kit.reports.overview.standing import read_standing

if TYPE_CHECKING:  # the runner there calls this room
    from nps_kit.reports.schedule.records import Run

GENERATOR = "nps-kit overview"
"""Says in the page who made it. A report's page says something else: neither replaces the other."""

_MARK = f'<meta name="generator" content="{GENERATOR}">'
_HEAD_BYTES = 2000
_TEMPORARY = ".nps-kit-index-"
_DEAD = 3600
"""Seconds after which what a writer left behind is taken to be of one that died."""


def write_index(
    to: Path, *, runs: Sequence["Run"], next_due: Mapping[str, datetime], now: datetime
) -> Path:
    """Write the page over all reports of a folder, in place of the one before.

    Parameters
    ----------
    to
        The folder of all reports; made where it is missing.
    runs
        The rows of the ledger, in any order.
    next_due
        When each report is due next, by its name. The time is shown in its own zone.
    now
        The time, with a zone. It only tells whether what is due next is overdue.

    Returns
    -------
    The path of the page, ``index.html`` in `to`.

    Raises
    ------
    OptionError
        If `to` cannot be written, or holds an ``index.html`` that is no page over all reports.
    ReportError
        If the page cannot be written: a full disk. The one before is there still.

    Notes
    -----
    Reports that `runs` does not know and that lie in `to` with a manifest are listed too. Whether
    a page is there is looked at, its hash is not: see `is_whole`. The same rows and files make the
    same bytes. The page replaces the one before in a single step; of two writers the last one
    stays.
    """
    target = to / PAGE
    try:
        to.mkdir(parents=True, exist_ok=True)
        _refuse_another(target)
        page = compose_index(Shelves(to), runs, next_due=next_due, now=now)
        _sweep(to)
        written = to / f"{_TEMPORARY}{token_hex(8)}"
        # Not as a temporary file, which nobody else may read: the page is for those who may.
        file = written.open("x", encoding="utf-8", newline="\n")
    except OSError as error:
        raise OptionError(
            f"The page over all reports cannot be written to '{to}': {error.strerror}.\n"
            "  Name a folder that you may write to."
        ) from None
    try:
        with file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        written.replace(target)
    except OSError as error:
        raise ReportError(
            f"The page over all reports could not be written to '{to}': {error.strerror}.\n"
            "  The one before is there still.  Make room, or look at who may write there."
        ) from None
    finally:
        written.unlink(missing_ok=True)
    return target


def compose_index(
    shelves: Shelves, runs: Iterable["Run"], *, next_due: Mapping[str, datetime], now: datetime
) -> str:
    """Write the text of the page; see `write_index`."""
    script = _part("index.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .get_template("index.html")
        .render(
            standing=read_standing(shelves, runs, next_due=next_due, now=now),
            mark=Markup(_MARK),  # noqa: S704 - our own
            policy=f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            style=Markup(_part("index.css")),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
        )
    )


def _refuse_another(target: Path) -> None:
    if not os.path.lexists(target):
        return
    if target.is_file() and _MARK.encode() in target.read_bytes()[:_HEAD_BYTES]:
        return
    raise OptionError(
        f"The folder '{target.parent}' holds {PAGE}, which is no page over all reports.\n"
        "  It would be overwritten: move it away, or name another folder for the reports."
    )


def _sweep(to: Path) -> None:
    """Take away what writers that were killed have left, and nothing of one at work."""
    for left in to.glob(f"{_TEMPORARY}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _DEAD:
                left.unlink()


def _part(name: str) -> str:
    folder = files("nps_kit.reports.overview") / "template"
    return (folder / name).read_text(encoding="utf-8").strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({"index.html": _part("index.html.j2")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
