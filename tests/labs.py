"""A JupyterLab, a notebook open in a browser, and the same boards made where no screen is."""

import ast
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest
from playwright.sync_api import Locator, Page

from nps_kit.widgets.boards import Board

SECONDS_TO_START = 120
SECONDS_TO_RUN = 240
WIDTH = 1280
TALLEST = 15_000
LOG = "log.txt"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")

CUT = """() => {
  const found = [];
  for (const area of document.querySelectorAll('.jp-OutputArea-output')) {
    for (const part of [area, ...area.querySelectorAll('*')]) {
      const look = getComputedStyle(part);
      const scrolls = /auto|scroll/.test(look.overflowX + look.overflowY);
      const wide = part.scrollWidth > part.clientWidth + 1;
      const high = part.scrollHeight > part.clientHeight + 1;
      if (part.closest('svg, select, datalist') || !part.clientWidth) continue;
      if (part === area ? wide : scrolls && (wide || high)) {
        if (part.tagName === 'DIV' && part.firstElementChild?.tagName === 'TABLE') continue;
        found.push(part.tagName + '.' + part.className + ': ' + part.scrollWidth + ' in '
          + part.clientWidth + ', ' + part.scrollHeight + ' in ' + part.clientHeight);
      }
    }
  }
  return found;
}"""
"""Outputs wider than their place, and parts of them with a scroll bar; a table may have its own."""


class Server:
    """A JupyterLab that `nps-kit lab` started, and its folder."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, home: Path) -> None:
        self.process = process
        self.log = home / LOG
        runtime = home / "jupyter_runtime_dir"
        self.folder = folder
        told = _wait_for(lambda: self._find(runtime), seconds=SECONDS_TO_START)
        self.address = f"http://127.0.0.1:{told['port']}"
        self.token = told["token"]

    def _find(self, runtime: Path) -> dict[str, Any] | None:
        if self.process.poll() is not None:
            pytest.fail(f"JupyterLab ended before it served: {self.log.read_text('utf-8')}")
        files = list(runtime.glob("jpserver-*.json"))
        try:
            return json.loads(files[0].read_text(encoding="utf-8")) if files else None
        except ValueError:  # it is being written
            return None

    def link(self, notebook: str) -> str:
        """Give the address at which a notebook opens, nothing else beside it."""
        return f"{self.address}/lab/tree/notebooks/{notebook}?token={self.token}&reset"


class Sheet:
    """A notebook open in the browser, and all that the page asked for."""

    def __init__(self, page: Page, server: Server, notebook: str) -> None:
        self.page = page
        self.asked: list[str] = []
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.goto(server.link(notebook))
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=SECONDS_TO_START * 1000)
        # Until its kernel answers, what is chosen in the menu is lost.
        idle = page.locator("#jp-main-statusbar").get_by_text("| Idle")
        idle.wait_for(timeout=SECONDS_TO_START * 1000)

    def run(self) -> None:
        """Run all cells through the menu, and wait for the last."""
        self.start()
        self.wait()

    def start(self) -> None:
        """Clear what an earlier run left, and run all cells through the menu."""
        self._choose("Edit", "Clear Outputs of All Cells")
        # Else the numbers of the earlier run would be taken for those of this one.
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
              .every((each) => !/\\d/.test(each.textContent))"""
        )
        self._choose("Run", "Run All Cells")

    def wait(self) -> None:
        """Wait until every cell has run, or one has failed."""
        self.page.wait_for_function(
            """() => {
              const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
                .map((each) => each.textContent.trim());
              return prompts.length && prompts.every((each) => /^\\[\\d+\\]:$/.test(each))
                || document.querySelector('[data-mime-type*="error"]');
            }""",
            timeout=SECONDS_TO_RUN * 1000,
        )

    def _choose(self, menu: str, item: str) -> None:
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    @property
    def errors(self) -> list[str]:
        """What went wrong in its cells, or was written where errors are."""
        return self.page.locator(
            "[data-mime-type*='error'], [data-mime-type*='stderr']"
        ).all_text_contents()

    @property
    def outside(self) -> list[str]:
        """What it asked of another machine."""
        here = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:")
        return [address for address in self.asked if not here.match(address)]

    @property
    def cut(self) -> list[str]:
        """Outputs that are wider than their place, and scroll bars inside them."""
        return self.page.evaluate(CUT)

    def miss(self, sentences: Sequence[str]) -> list[str]:
        """Find sentences that stand in no output."""
        there = _flatten(" ".join(self.page.locator(".jp-OutputArea-output").all_text_contents()))
        return [each for each in sentences if _flatten(each) not in there]

    @property
    def boards(self) -> Locator:
        """The boards in it, in order."""
        return self.page.locator(".jp-OutputArea .nps-board")

    def photograph(self, place: Path) -> None:
        """Make a picture of the whole notebook."""
        high = self.page.evaluate(
            "Math.max(...[...document.querySelectorAll('.jp-NotebookPanel-notebook, '"
            "+ '.jp-WindowedPanel-outer')].map((each) => each.scrollHeight))"
        )
        self.page.set_viewport_size({"width": WIDTH, "height": min(high + 160, TALLEST)})
        self.page.wait_for_timeout(400)  # for what draws itself anew
        self.page.screenshot(path=place)
        self.page.set_viewport_size({"width": WIDTH, "height": 900})


def _wait_for(look: Callable[[], Any], *, seconds: float) -> Any:  # noqa: ANN401 - what it gives
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    return pytest.fail(f"Nothing came of it in {seconds} seconds.")


def _flatten(text: str) -> str:
    """Take all white space out: paragraphs end without any."""
    return "".join(text.split())


def alone(folder: Path) -> dict[str, str]:
    """Give an environment in which nothing of this machine's Jupyter is seen or changed."""
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return os.environ | {name: str(folder / name.lower()) for name in places}


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a server, and all that it started."""
    # The session is its own: what the command started, kernels too, ends with it.
    if process.poll() is None:
        os.killpg(process.pid, 15)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def run_cells(notebook: Path) -> list[object]:
    """Run the cells of a notebook here, where the screen is not, and give what they show."""
    cells = [cell.source for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]
    shown: list[object] = []
    names: dict[str, Any] = {"display": lambda *each: shown.extend(each)}
    with chdir(notebook.parent):
        for source in cells:
            body = ast.parse(source).body
            end = body.pop() if isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), "cell", "exec"), names)  # noqa: S102
            if end is not None:
                shown.append(eval(compile(ast.Expression(end.value), "cell", "eval"), names))  # noqa: S307
    return shown


def make_boards(notebook: Path) -> list[Board]:
    """Run the cells of a notebook here, and give the boards they make."""
    return [each for each in run_cells(notebook) if isinstance(each, Board)]


SHOWN = """([board, numbers]) => {
  const text = board.innerText + ' ' + [...board.querySelectorAll('svg text')]
    .map((each) => each.textContent).join(' ')
    + ' ' + [...board.querySelectorAll('textarea, input')].map((each) => each.value).join(' ');
  const there = new Set(text.match(/\\d[\\d,]*(?:\\.\\d+)?/g));
  return numbers.filter((each) => !there.has(each));
}"""


def unseen(board: Locator, told: tuple[str, ...]) -> list[str]:
    """Find numbers that are told and not on the screen."""
    numbers = sorted({number for line in told for number in NUMBER.findall(line)})
    return board.evaluate("(board, numbers) => (" + SHOWN + ")([board, numbers])", numbers)


def move(control: ipywidgets.Widget, place: Locator) -> bool:
    """Move a control on the screen by a key, and its twin here alike; say whether it could be."""
    if isinstance(control, ipywidgets.Dropdown) and len(control.options) > 1:
        step = 1 if control.index + 1 < len(control.options) else -1
        place.locator("select").press("ArrowDown" if step > 0 else "ArrowUp")
        control.index += step
        return True
    if isinstance(control, ipywidgets.ToggleButtons) and len(control.options) > 1:
        control.index = (control.index + 1) % len(control.options)
        place.locator("button").nth(control.index).press("Enter")
        return True
    if isinstance(control, ipywidgets.Checkbox):
        place.locator("input").press("Space")
        control.value = not control.value
        return True
    if isinstance(control, ipywidgets.IntSlider | ipywidgets.FloatSlider):
        up = control.value + control.step <= control.max
        place.locator(".noUi-handle").press("ArrowRight" if up else "ArrowLeft")
        control.value += control.step if up else -control.step
        return True
    return False


def follow_board(board: Board, shown: Locator) -> None:
    """Move the first control that moves; the screen then shows what is told."""
    shown.scroll_into_view_if_needed()
    assert [] == settle(shown, board.told)
    before = board.told
    places = shown.locator(".nps-controls").first.locator(":scope > *")
    moved = False
    for place, control in enumerate(board.controls.values()):
        moved = move(control, places.nth(place))
        if moved and board.told != before:
            break
    assert moved or not board.controls
    assert [] == settle(shown, board.told)


def settle(shown: Locator, told: tuple[str, ...]) -> list[str]:
    """Wait until all that is told is on the screen; give what never came."""
    missing: list[str] = []
    for _ in range(100):
        missing = unseen(shown, told)
        if not missing:
            break
        shown.page.wait_for_timeout(100)
    return missing
