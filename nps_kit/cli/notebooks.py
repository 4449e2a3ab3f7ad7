"""The word that opens the notebooks in JupyterLab, quietly and without the network."""

import os
import runpy
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from nps_kit.cli.terminal import OUT
from nps_kit.errors import SourceError
from nps_kit.shipped import find_notebooks

FIRST = "00_start_here.ipynb"
"""The notebook that opens."""

_SETTINGS = Path(__file__).with_name("jupyter")
_USUAL_PORT = 8888


def lab(
    *,
    folder: Annotated[
        Path, typer.Argument(help="Where you work: your data is in it, or in a folder of it.")
    ] = Path(),
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port to serve on; the next one if taken.")
    ] = _USUAL_PORT,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
) -> None:
    """Explore the notebooks in JupyterLab; where there are none, they are put there first."""
    root = folder.expanduser().resolve()
    if not root.is_dir():
        raise SourceError(
            f"There is no folder '{folder}'.\n  Name one that is there:  nps-kit lab FOLDER"
        )
    if place_notebooks(root / "notebooks"):
        OUT.print(f"The notebooks are in {root / 'notebooks'}", markup=False)
    _trust(root / "notebooks")
    # Ours comes first; what else there is, such as a company's proxy, holds as well.
    paths = [str(_SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    first = f"/tree/notebooks/{FIRST}" if (root / "notebooks" / FIRST).is_file() else ""
    sys.argv[1:] = [
        "--Application.log_level=WARN",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab{first}",
        f"--ServerApp.port={port}",
        f"--ServerApp.open_browser={show}",
    ]
    # What the server's own parts should no longer use is nothing that its user can mend.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    runpy.run_module("jupyterlab", run_name="__main__")


def place_notebooks(folder: Path) -> bool:
    """Copy the notebooks that come with the kit to a folder that has none; say whether it was."""
    if folder.is_dir() and any(folder.glob("*.ipynb")):
        return False
    hidden = shutil.ignore_patterns(".*", "__pycache__")
    try:
        shutil.copytree(find_notebooks(), folder, ignore=hidden, dirs_exist_ok=True)
    except OSError as error:
        raise SourceError(
            f"The notebooks cannot be put into '{folder}': {error.strerror or error}.\n"
            "  Name a folder that you may write to:  nps-kit lab FOLDER"
        ) from None
    return True


def _trust(folder: Path) -> None:
    """Let the kit's own notebooks, as long as they are unchanged, show their charts at once."""
    ours = find_notebooks()
    same = [
        str(place)
        for place in sorted(folder.rglob("*.ipynb"))
        if (first := ours / place.relative_to(folder)).is_file()
        and first.read_bytes() == place.read_bytes()
    ]
    # One that could not be signed is shown all the same, its charts after the first run.
    command = [sys.executable, "-m", "jupyter", "trust", *same]
    subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own files
