"""Notebooks by their names: those of the reader first, then those that come with the kit."""

from pathlib import Path
from typing import cast

import nbformat
from nbformat import NotebookNode

from nps_kit.errors import OptionError, listed, nearest
from nps_kit.shipped import find_notebooks

_SUFFIX = ".ipynb"


def find_notebook(name: str | Path) -> Path:
    """Find a notebook by its name or its path.

    Parameters
    ----------
    name
        A name such as ``"monthly"`` or ``"20_score_against_benchmarks"``, or a path. Looked for
        under the working directory first (there, in ``notebooks/``, in ``notebooks/reports/``),
        then among the notebooks that come with the kit.

    Returns
    -------
    The path of the notebook.

    Raises
    ------
    OptionError
        If there is no such notebook; the names there are come with it.
    """
    wanted = Path(name).expanduser()
    if wanted.suffix != _SUFFIX:
        wanted = wanted.with_name(wanted.name + _SUFFIX) if wanted.name else Path(_SUFFIX)
    for folder in _folders():
        found = folder / wanted
        if found.is_file():
            return found
    names = _names()
    raise OptionError(
        f"There is no notebook '{name}'.\n"
        f"  The notebooks here are: {listed(names)}.{nearest(Path(name).stem, names)}"
    )


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook file.

    Raises
    ------
    OptionError
        If the file is not there or is no notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"The notebook '{path}' cannot be read.\n  {error}.") from None
    try:
        return cast("NotebookNode", nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call] # nbformat is typed in part
    except Exception as error:  # noqa: BLE001 - a broken file raises many kinds of error
        raise OptionError(
            f"'{path}' is not a notebook that can be read: {type(error).__name__}.\n"
            "  Save it again from Jupyter."
        ) from None


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call] # nbformat is typed in part
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _folders() -> list[Path]:
    shipped = find_notebooks()
    return [Path(), Path("notebooks"), Path("notebooks/reports"), shipped, shipped / "reports"]


def _names() -> list[str]:
    return sorted({path.stem for folder in _folders() for path in folder.glob(f"*{_SUFFIX}")})
