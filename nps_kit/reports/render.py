"""A notebook to a report: check, run, compose the page, put it in place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from nps_kit.credentials import hide_credentials, refuse_secret_parameters
from nps_kit.errors import OptionError, ReportError
from nps_kit.reports.folder import NOTEBOOK, PAGE, keep_failed, open_folder, publish
from nps_kit.reports.notebooks import find_notebook, read_notebook, write_notebook
from nps_kit.reports.page import compose_page
from nps_kit.reports.parameters import check_parameters, read_parameters
from nps_kit.reports.runs import BrokenError, Progress, hide_secrets, run_notebook, strip_traces

_LONGEST_LINE = 100


def render_report(
    notebook: str | Path,
    *,
    to: str | Path,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Run a notebook and put its report in a folder: one page that opens anywhere.

    Parameters
    ----------
    notebook
        Name or path of the notebook, as `find_notebook` takes it.
    to
        Folder of the report. It gets ``index.html``, the page, and ``notebook.ipynb``, the
        notebook as it ran. An earlier report stays in place until the new one is whole; other
        files in the folder are not touched.
    parameters
        Values for the notebook's parameters; checked before anything runs.
    progress
        Called before each cell with the cells done, the cells in all, and the heading they stand
        under; once more at the end.

    Returns
    -------
    The path of the page.

    Raises
    ------
    OptionError
        If there is no such notebook, or `to` is a folder that cannot be used.
    ParameterError
        If the notebook has no such parameter, or one is of the wrong type.
    SourceError
        If a parameter holds a password or a key, which the copy of the notebook would show.
    ReportError
        If a cell fails. The message names the notebook, the cell and the error, and where the
        notebook is kept as far as it came: under ``failed/``, beside `to`.
    KitError
        If a cell raises an error of the kit, that error; its text says what to do.

    Notes
    -----
    The kernel is a fresh one of the running interpreter, whatever kernel the notebook names, and
    works in the current directory, so that relative addresses of data hold.
    """
    path = find_notebook(notebook)
    source = read_notebook(path)
    declared = read_parameters(path)
    # First of all: what is wrong with a value is told by showing it.
    for taken in ({each.name: each.default for each in declared}, parameters or {}):
        refuse_secret_parameters(taken)
    values = check_parameters(declared, parameters or {})
    target = Path(to).expanduser()
    with open_folder(target) as staging:
        copy = staging / NOTEBOOK
        try:
            done = run_notebook(source, to=copy, parameters=values, progress=progress)
        except BrokenError as broken:
            mistake = broken.as_kit_error()
            if mistake is None:
                raise _failure(broken, path, source, copy, target) from None
            mistake.add_note(f"In cell {broken.cell} of the notebook '{path.stem}'.")
            raise mistake from None
        strip_traces(done)
        hide_secrets(done)
        write_notebook(done, copy)
        page = compose_page(done, name=path.stem)
        (staging / PAGE).write_text(page, encoding="utf-8", newline="\n")
        return publish(staging, target)


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
