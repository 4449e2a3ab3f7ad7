"""A real JupyterLab on loopback, and its notebooks opened in a real browser."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from labs import LOG, WIDTH, Server, Sheet, alone, end_process
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def start_lab(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Server]]:
    """Start JupyterLab by a command, in a folder; it ends with the tests."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: str, folder: Path, at: Path) -> Server:
        mine = tmp_path_factory.mktemp("jupyter")
        with (mine / LOG).open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=at,
                env=alone(mine),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(process)
        return Server(process, folder, mine)

    yield start
    for process in started:
        end_process(process)


@pytest.fixture(scope="session")
def lab(start_lab: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Start one JupyterLab for all notebooks, in a folder of its own."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "data").mkdir()
    command = (str(Path(sys.executable).with_name("nps-kit")), "lab", "--no-open", "--port", "0")
    return start_lab(*command, folder=folder, at=folder)


@pytest.fixture
def open_sheet(browser: Browser) -> Iterator[Callable[[Server, str], Sheet]]:
    """Open a notebook in a window of its own."""
    contexts = []

    def open_(server: Server, notebook: str) -> Sheet:
        contexts.append(browser.new_context(viewport={"width": WIDTH, "height": 900}))
        return Sheet(contexts[-1].new_page(), server, notebook)

    yield open_
    for context in contexts:
        context.close()
