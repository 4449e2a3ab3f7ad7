"""One run of a notebook: a fresh kernel of this interpreter, and what went wrong told plainly."""

import logging
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import papermill  # type: ignore[import-untyped] # it has no types
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import (  # type: ignore[import-untyped] # it has no types
    NBClientEngine,
    papermill_engines,
)

from nps_kit import errors
from nps_kit.credentials import hide_credentials
from nps_kit.outputs import TALLIES_VARIABLE
from nps_kit.reports.notebooks import write_notebook

Progress = Callable[[int, int, str], None]
"""Told before each cell: cells done, cells in all, the heading they stand under."""

_ENGINE = "nps-kit"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_DIED = "the notebook's Python process died; was there enough memory?"
_QUIET = "--Application.log_level=CRITICAL"
_LEAST_TIME = 0.001
_LONGEST_SOCKET = 90
"""A socket's path may hold about a hundred characters."""


class _Engine(NBClientEngine):  # type: ignore[misc] # papermill has no types
    """Papermill's own way, which writes the notebook once, whole or as far as it came.

    To write it before and after each cell takes a quarter of the time of a report.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,  # noqa: ANN401 - papermill's own
        kernel_name: str,
        *,
        kept_as: Path,
        **settings: Any,  # noqa: ANN401 - papermill's own
    ) -> Any:  # noqa: ANN401 - papermill's own
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **settings)
        except BaseException:
            write_notebook(nb_man.nb, kept_as)
            raise


papermill_engines.register(_ENGINE, _Engine)


class BrokenError(Exception):
    """A notebook that did not run to its end."""

    def __init__(self, *, cell: int, kind: str, text: str) -> None:
        self.cell = cell
        self.kind = kind
        self.text = hide_credentials(_ANSI.sub("", text))
        super().__init__(kind, self.text)

    def as_kit_error(self) -> errors.KitError | None:
        """Make the kit's own error again, if that is what the notebook raised."""
        kind = getattr(errors, self.kind, None)
        if isinstance(kind, type) and issubclass(kind, errors.KitError):
            return kind(self.text)
        return None


def run_notebook(
    notebook: NotebookNode,
    *,
    to: Path,
    parameters: Mapping[str, Any],
    progress: Progress | None = None,
    timeout: float | None = None,
    tallies: Path | None = None,
) -> NotebookNode:
    """Run a notebook in a fresh kernel, in the working directory of the caller.

    Parameters
    ----------
    notebook
        The notebook; it is not changed.
    to
        File that the notebook is written to as it runs.
    parameters
        Checked values by parameter name.
    progress
        Told before each cell that runs, and once at the end.
    timeout
        Seconds for all cells together; the kernel is ended when they are over.
    tallies
        Folder in which the notebook's tallies are kept and shared; None: as the environment says.

    Returns
    -------
    The notebook with its outputs.

    Raises
    ------
    BrokenError
        If a cell failed, stopped the notebook, took the kernel with it, or too much time.
    """
    told = _Progress(notebook, progress)
    broken = None
    limits = {} if timeout is None else {"timeout_func": _time_left(timeout)}
    with _own_kernel(tallies) as manager:
        try:
            done: NotebookNode = papermill.execute_notebook(
                notebook,
                str(to).replace("{", "{{").replace("}", "}}"),  # papermill formats its paths
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                engine_name=_ENGINE,
                request_save_on_cell_execute=False,
                kept_as=to,
                kernel_manager_class=manager,
                on_cell_start=told.start,
                **limits,
            )
        except papermill.PapermillExecutionError as error:
            broken = BrokenError(cell=told.cell, kind=error.ename, text=error.evalue)
        except DeadKernelError:
            broken = BrokenError(cell=told.cell, kind="DeadKernelError", text=_DIED)
        except CellTimeoutError:
            text = f"the {timeout:g} seconds that the run may take were over"
            broken = BrokenError(cell=told.cell, kind="TimeoutError", text=text)
    if broken is not None:
        # Raised out here: the notebook's own error, which may hold a password, stays behind.
        raise broken
    for cell in done.cells:
        # Papermill takes a notebook that stops itself for a finished one.
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            raise BrokenError(cell=told.cell, kind="SystemExit", text="the notebook stopped itself")
    told.finish()
    return done


def strip_traces(notebook: NotebookNode) -> None:
    """Take out what papermill notes about the machine: paths, times, parameters once more."""
    for metadata in (notebook.metadata, *(cell.metadata for cell in notebook.cells)):
        noted = metadata.pop("papermill", {})
        if noted.get("duration") is not None:
            metadata["papermill"] = {"duration": noted["duration"]}


def hide_secrets(notebook: NotebookNode) -> None:
    """Take passwords and keys out of what the notebook's code and its drivers wrote."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output.text = hide_credentials(output.text)
            elif output.output_type == "error":
                output.evalue = hide_credentials(output.evalue)
                # Coloured letter by letter, a password would not be found.
                lines = "\n".join(output.traceback)
                output.traceback = hide_credentials(_ANSI.sub("", lines)).split("\n")


def _time_left(timeout: float) -> Callable[[NotebookNode], float]:
    # The runner's own log would say on the terminal what the error says better.
    logging.getLogger("papermill").addHandler(logging.NullHandler())
    end = time.monotonic() + timeout
    # Nothing left would be taken for no limit.
    return lambda _: max(end - time.monotonic(), _LEAST_TIME)


class _Progress:
    """Counts the cells that run, in the numbers that the notebook's reader sees."""

    def __init__(self, notebook: NotebookNode, tell: Progress | None) -> None:
        self.cell = 1
        self._tell = tell
        self._heading = ""
        self._done = 0
        self._total = sum(map(_runs, notebook.cells))
        self._injected = 0

    def start(self, *, cell: NotebookNode, cell_index: int) -> None:
        if "injected-parameters" in cell.metadata.get("tags", ()):
            self._injected = 1
            return
        self.cell = cell_index + 1 - self._injected
        if cell.cell_type == "markdown":
            headings = _HEADING.findall(cell.source)
            self._heading = headings[-1] if headings else self._heading
        elif _runs(cell):
            self._say(self._done)
            self._done += 1

    def finish(self) -> None:
        self._say(self._total)

    def _say(self, done: int) -> None:
        if self._tell is not None:
            self._tell(done, self._total, self._heading)


def _runs(cell: NotebookNode) -> bool:
    tags: Sequence[str] = cell.metadata.get("tags", ())
    return (
        cell.cell_type == "code" and bool(cell.source.strip()) and "injected-parameters" not in tags
    )


@contextmanager
def _own_kernel(tallies: Path | None) -> Iterator[type[AsyncKernelManager]]:
    """Make a kernel manager that knows one kernel: this interpreter, with nobody's settings.

    It speaks through files rather than ports, which ipykernel would warn about, and has an empty
    profile: a reader's start-up scripts must not change what a report says.
    """
    with tempfile.TemporaryDirectory(prefix="nps-kit-") as folder:
        sockets = sys.platform != "win32" and len(folder) < _LONGEST_SOCKET

        class Manager(AsyncKernelManager):
            def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - jupyter_client's own
                if sockets:
                    settings |= {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
                super().__init__(**settings)

            async def _async_start_kernel(self, **settings: Any) -> None:  # noqa: ANN401
                # A kernel that is shut down while it sends its last reply says so in tracebacks of
                # its own. What goes wrong in a cell comes as a message, not through here.
                await super()._async_start_kernel(**{**settings, "stderr": DEVNULL})

            start_kernel = _async_start_kernel

            @property
            def kernel_spec(self) -> KernelSpec:
                spec = KernelSpec(**get_kernel_dict(extra_arguments=[_QUIET]))
                shared = {} if tallies is None else {TALLIES_VARIABLE: str(tallies.absolute())}
                spec.env = {"IPYTHONDIR": folder, **shared}
                return spec

        yield Manager
