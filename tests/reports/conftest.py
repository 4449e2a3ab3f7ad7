"""Small notebooks, some run and some only made to look so, and pages opened without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Dialog, Page


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Write a notebook: text that begins with '#' is Markdown, all else is code."""

    def write(
        *cells: str, parameters: str | None = "n: int = 3  # how many", name: str = "demo"
    ) -> Path:
        declared = (
            []
            if parameters is None
            else [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
        )
        others = [
            new_markdown_cell(text) if text.startswith("#") else new_code_cell(text)
            for text in cells
        ]
        made = new_notebook(cells=[*others[:1], *declared, *others[1:]])
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(made, path)
        return path

    return write


@pytest.fixture
def ran() -> Callable[..., NotebookNode]:
    """Make a notebook that has run: text is Markdown, a dict is what a code cell showed."""

    def make(*cells: str | dict[str, object], tags: tuple[str, ...] = ()) -> NotebookNode:
        return new_notebook(
            cells=[
                new_markdown_cell(cell)
                if isinstance(cell, str)
                else new_code_cell(
                    "secret_code = 1",
                    outputs=[new_output("execute_result", data=cell, execution_count=1)],
                    metadata={"tags": list(tags)},
                )
                for cell in cells
            ]
        )

    return make


class Opened:
    """A page in a browser without a network, with all it said and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"pageerror: {error}"))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open a page's text from a file, as wide as asked, and wait until it is drawn."""
    contexts = []

    def open_(html: str, *, width: int = 1280, scripts: bool = True) -> Opened:
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8", newline="\n")
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.goto(path.as_uri())
        if scripts:
            opened.page.wait_for_selector("body[data-ready='1']", state="attached")
        return opened

    yield open_
    for context in contexts:
        context.close()
