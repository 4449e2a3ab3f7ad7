"""Run notebooks afresh and leave them in place, clean enough to commit (``make notebooks``).

A clean kernel each, started where the notebook lies. What a run leaves behind goes: times,
versions, widget state, papermill's notes. A cell whose outputs differ only in what
``tests/nbval.cfg`` evens out keeps those it had, so that an unchanged notebook stays the same file.
"""

import configparser
import json
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"
SECONDS_A_CELL = 300
COLOURS = re.compile(r"\x1b\[[\d;]*m")


def refresh(place: Path) -> bool:
    """Run one notebook in place; say whether it changed."""
    old = place.read_text(encoding="utf-8")
    notebook = nbformat.reads(old, as_version=4)
    committed = nbformat.reads(old, as_version=4)
    NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(place.parent)}},
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
    ).execute()
    clean(notebook)
    for cell, before in zip(notebook.cells, committed.cells, strict=True):
        if cell.cell_type == "code" and even(cell.outputs) == even(before.outputs):
            cell.outputs = before.outputs
    new = nbformat.writes(notebook).rstrip("\n") + "\n"
    if new != old:
        place.write_text(new, encoding="utf-8")
    return new != old


def clean(notebook: NotebookNode) -> None:
    """Take out what belongs to the run and not to the notebook."""
    notebook.metadata.kernelspec = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.get("language_info", {}).pop("version", None)
    for note in ("papermill", "widgets"):
        notebook.metadata.pop(note, None)
    for cell in notebook.cells:
        for note in ("execution", "papermill", "collapsed", "scrolled", "trusted"):
            cell.metadata.pop(note, None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)


def even(outputs: list[NotebookNode]) -> str:
    """Write outputs as text, less what differs from run to run."""
    return json.dumps([_even(output) for output in outputs], sort_keys=True)


def _even(value: object) -> object:
    if isinstance(value, dict):
        return {name: _even(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_even(part) for part in value]
    if isinstance(value, str):
        for pattern, replacement in _RULES:
            value = pattern.sub(replacement, value)
    return value


def _rules() -> list[tuple[re.Pattern[str], str]]:
    rules = configparser.RawConfigParser()
    rules.read(Path(__file__).with_name("nbval.cfg"), encoding="utf-8")
    return [(re.compile(rules[name]["regex"]), rules[name]["replace"]) for name in rules.sections()]


_RULES = _rules()


def main(names: list[str]) -> int:
    """Refresh each notebook named; one that fails stays as it was."""
    failed = 0
    for name in names:
        try:
            told = "changed" if refresh(Path(name)) else "the same"
        except CellExecutionError as error:
            failed += 1
            told = f"FAILED, left as it was\n{COLOURS.sub('', str(error))}"
        sys.stdout.write(f"{name}: {told}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
