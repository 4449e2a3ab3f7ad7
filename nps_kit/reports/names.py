"""Notebooks by their names: those of the reader first, then those that come with the kit.

Only the standard library reads them here: what a plan asks of a notebook is asked every few
minutes, and Jupyter's own reader takes seconds to load.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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


def read_cells(path: Path) -> list[Mapping[str, Any]]:
    """Read the cells of a notebook file, of whatever version.

    Returns
    -------
    Each with its kind, its tags and its source as one text.

    Raises
    ------
    OptionError
        If the file is not there or is no notebook.
    """
    text = read_text(path)
    try:
        held = json.loads(text)
        # Before version 4, cells lay in sheets.
        sheets = held.get("worksheets", [held])
        return [_read_cell(cell) for sheet in sheets for cell in sheet["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise no_notebook(path, error) from None


def read_text(path: Path) -> str:
    """Read the text of a notebook file.

    Raises
    ------
    OptionError
        If the file is not there, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"The notebook '{path}' cannot be read.\n  {error}.") from None


def no_notebook(path: Path, error: Exception) -> OptionError:
    """Say that a file is no notebook."""
    return OptionError(
        f"'{path}' is not a notebook that can be read: {type(error).__name__}.\n"
        "  Save it again from Jupyter."
    )


def _read_cell(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    source: str | Sequence[str] = cell.get("source", cell.get("input", ""))
    return {
        "cell_type": cell["cell_type"],
        "metadata": {"tags": list(cell.get("metadata", {}).get("tags", ()))},
        "source": "".join(source),
    }


def _folders() -> list[Path]:
    shipped = find_notebooks()
    return [Path(), Path("notebooks"), Path("notebooks/reports"), shipped, shipped / "reports"]


def _names() -> list[str]:
    return sorted({path.stem for folder in _folders() for path in folder.glob(f"*{_SUFFIX}")})
