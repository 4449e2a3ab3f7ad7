"""Notebook files, read and written as Jupyter does."""

from pathlib import Path
from typing import cast

import nbformat
from nbformat import NotebookNode

from nps_kit.reports.names import no_notebook, read_text


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook file.

    Raises
    ------
    OptionError
        If the file is not there or is no notebook.
    """
    text = read_text(path)
    try:
        return cast("NotebookNode", nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call] # nbformat is typed in part
    except Exception as error:  # noqa: BLE001 - a broken file raises many kinds of error
        raise no_notebook(path, error) from None


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call] # nbformat is typed in part
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
