"""A notebook to a report: check, run, compose the page, print it, put all in place."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from nps_kit.credentials import hide_credentials, refuse_secret_parameters
from nps_kit.errors import OptionError, ReportError, bad_option
from nps_kit.outputs import WIDGET_MIME
from nps_kit.reports.folder import (
    MANIFEST,
    NOTEBOOK,
    PAGE,
    PDF,
    keep_failed,
    open_folder,
    publish,
)
from nps_kit.reports.manifest import compose_manifest, read_fingerprints
from nps_kit.reports.names import find_notebook
from nps_kit.reports.notebooks import read_notebook, write_notebook
from nps_kit.reports.page import compose_page
from nps_kit.reports.parameters import check_parameters, read_parameters
from nps_kit.reports.printing import print_page
from nps_kit.reports.runs import BrokenError, Progress, hide_secrets, run_notebook, strip_traces

FORMATS = ("html", "pdf", "ipynb")
"""What a report may consist of; the page and the notebook always belong to it."""

_LONGEST_LINE = 100
_PRINTING = 120.0


def render_report(
    notebook: str | Path,
    *,
    to: str | Path,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    formats: Collection[str] = ("html",),
    timeout: float | None = None,
    manifest: bool = False,
    tallies: Path | None = None,
) -> Path:
    """Run a notebook and put its report in a folder: one page that opens anywhere.

    Parameters
    ----------
    notebook
        Name or path of the notebook, as `find_notebook` takes it.
    to
        Folder of the report. It gets ``index.html``, the page, and ``notebook.ipynb``, the
        notebook as it ran. An earlier report stays in place until the new one is whole; other
        files in the folder are not touched. A folder in which a run died while it replaced the
        files gets the earlier ones back when it is next written to.
    parameters
        Values for the notebook's parameters; checked before anything runs.
    progress
        Called before each cell with the cells done, the cells in all, and the heading they stand
        under; once more at the end.
    formats
        Of "html", "pdf" and "ipynb". The page and the notebook are there whether named or not;
        "pdf" adds ``report.pdf``, the page printed by Chromium.
    timeout
        Seconds for the whole run, printing included; no limit where None.
    manifest
        Whether ``manifest.json`` says what the page was made of; with a PDF it always does.
    tallies
        Folder in which the tallies of one run are kept, so that reports of the same data count it
        once. None: the one that the environment names in ``NPS_KIT_TALLIES``, if it does.

    Returns
    -------
    The path of the page.

    Raises
    ------
    OptionError
        If there is no such notebook or format, or `to` is a folder that cannot be used.
    ParameterError
        If the notebook has no such parameter, or one is of the wrong type.
    SourceError
        If a parameter holds a password or a key, which the copy of the notebook would show.
    ReportError
        If a cell fails. The message names the notebook, the cell and the error, and where the
        notebook is kept as far as it came: under ``failed/``, beside `to`. Also if the time is
        over, if the page cannot be printed, or if the disk is full.
    KitError
        If a cell raises an error of the kit, that error; its text says what to do.

    Notes
    -----
    The kernel is a fresh one of the running interpreter, whatever kernel the notebook names, and
    works in the current directory, so that relative addresses of data hold.
    """
    started, start = datetime.now(UTC), time.monotonic()
    _check_limits(formats, timeout)
    path = find_notebook(notebook)
    source = read_notebook(path)
    declared = read_parameters(path)
    defaults = {each.name: each.default for each in declared}
    # First of all: what is wrong with a value is told by showing it.
    for taken in (defaults, parameters or {}):
        refuse_secret_parameters(taken)
    values = check_parameters(declared, parameters or {})
    target = Path(to).expanduser()
    names = [PAGE, NOTEBOOK]
    names += [PDF] if "pdf" in formats else []
    names += [MANIFEST] if manifest or "pdf" in formats else []
    with open_folder(target, names=names) as staging:
        try:
            data = read_fingerprints({**defaults, **values}) if MANIFEST in names else {}
            done = _run(
                path,
                source=source,
                staging=staging,
                target=target,
                values=values,
                progress=progress,
                timeout=timeout,
                tallies=tallies,
            )
            page = compose_page(done, name=path.stem)
            (staging / PAGE).write_text(page, encoding="utf-8", newline="\n")
            if PDF in names:
                _print(staging, start, timeout)
            if MANIFEST in names:
                record = compose_manifest(
                    done,
                    name=path.stem,
                    parameters={**defaults, **values},
                    data=data,
                    files=[staging / name for name in names if name != MANIFEST],
                    started=started,
                    seconds=time.monotonic() - start,
                )
                (staging / MANIFEST).write_text(record, encoding="utf-8", newline="\n")
        except OSError as error:
            raise ReportError(
                f"The report '{path.stem}' could not be written: {error.strerror or error}.\n"
                "  What was there before is there still."
            ) from None
        return publish(staging, target)


def _check_limits(formats: Collection[str], timeout: float | None) -> None:
    given: Sequence[str] = [formats] if isinstance(formats, str) else [*formats]
    for each in given:
        if each not in FORMATS:
            raise bad_option(each, caller="render_report()", option="formats", choices=FORMATS)
    if timeout is not None and not timeout > 0:
        raise bad_option(
            timeout, caller="render_report()", option="timeout", rule="seconds, more than 0"
        )


def _run(
    path: Path,
    *,
    source: NotebookNode,
    staging: Path,
    target: Path,
    values: Mapping[str, Any],
    progress: Progress | None,
    timeout: float | None,
    tallies: Path | None,
) -> NotebookNode:
    copy = staging / NOTEBOOK
    try:
        done = run_notebook(
            source,
            to=copy,
            parameters=values,
            progress=progress,
            timeout=timeout,
            tallies=tallies,
        )
    except BrokenError as broken:
        mistake = broken.as_kit_error()
        if mistake is None:
            raise _failure(broken, path, source, copy, target) from None
        mistake.add_note(f"In cell {broken.cell} of the notebook '{path.stem}'.")
        raise mistake from None
    strip_traces(done)
    hide_secrets(done)
    _settle(done)
    write_notebook(done, copy)
    return done


def _settle(notebook: NotebookNode) -> None:
    """Take out what differs between two runs that found the same."""
    for metadata in (notebook.metadata, *(cell.metadata for cell in notebook.cells)):
        # Times of day and durations; controls, which are dead without their kernel.
        for noted in ("papermill", "execution", "widgets"):
            metadata.pop(noted, None)
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", ()) and "id" in cell:
            cell["id"] = "injected-parameters"
        for output in cell.get("outputs", ()):
            _settle_widget(output.get("data", {}))


def _settle_widget(data: dict[str, Any]) -> None:
    """Leave of a control what it says in HTML; one that says nothing is hidden, under no name."""
    if "text/html" in data:
        data.pop(WIDGET_MIME, None)
    elif WIDGET_MIME in data:
        data[WIDGET_MIME]["model_id"] = ""


def _print(staging: Path, start: float, timeout: float | None) -> None:
    left = _PRINTING if timeout is None else timeout - (time.monotonic() - start)
    if left <= 0:
        raise ReportError(
            f"The {timeout:g} seconds that the run may take were over before the PDF was printed.\n"
            "  Give it more time, or leave the PDF out."
        )
    print_page(staging / PAGE, staging / PDF, timeout=min(left, _PRINTING))


def _failure(
    broken: BrokenError, path: Path, source: NotebookNode, copy: Path, target: Path
) -> ReportError:
    kept = _keep(copy, target)
    where = f"  As far as it came, it is kept in {kept}." if kept else ""
    last = "  The last good report is where it was." if (target / PAGE).exists() else ""
    lines = hide_credentials(source.cells[broken.cell - 1].source).strip().splitlines() or [""]
    return ReportError(
        f"The notebook '{path.stem}' failed in cell {broken.cell} of {len(source.cells)}: "
        f"{lines[0][:_LONGEST_LINE]}\n"
        f"  {broken.kind}: {broken.text}\n" + where + last
    )


def _keep(copy: Path, target: Path) -> Path | None:
    """Keep what was written of a notebook that broke, without what is nobody's business."""
    try:
        failed = read_notebook(copy)
    except OptionError:  # it broke before there was anything whole
        return None
    strip_traces(failed)
    hide_secrets(failed)
    write_notebook(failed, copy)
    return keep_failed(copy, target)
