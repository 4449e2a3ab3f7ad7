"""A wrong number in a committed output does not pass: its cell turns red, and no other does."""

import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from refresh_notebooks import even

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
IN_SHORT = ("20_score_against_benchmarks", "30_touchpoints", "import", "monthly")
FEW = [original for original in NOTEBOOKS if original.stem in IN_SHORT]
"""Those of every run of the tests: they hold each kind of number, and take a minute."""

ROUNDS = (1, 2, 3)
SECONDS = 600
HELD = ("datasets", "values", "title", "text", "facts", "rows", "n")
"""Where in a specification or a record the numbers stand that a reader is told."""

KINDS = {"text", "table", "chart", "facts"}
TOLD = re.compile(r"^(PASSED|FAILED|ERROR) .*?::Cell (\d+)", re.MULTILINE)
NUMBER = re.compile(r"&#?\w+;|(\d+(?:[.,]\d+)*)")
Keys = tuple[str | int, ...]
SHOWN = re.compile(r"<style.*?</style>|<[^>]*>|([^<]+)", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Where a number stands in the output of a cell."""

    kind: str
    mime: str
    keys: Keys = ()
    """Of a record: the way down to the number, or to the text that holds it."""
    end: int = 0
    """Of a text: where its last digit stands, counted from one; 0: it is no text."""


def find_places(data: dict[str, Any]) -> list[Place]:
    """Find every number in an output that a run compares."""
    return [place for mime, held in data.items() for place in _find(mime, held)]


def _find(mime: str, held: object) -> Iterator[Place]:
    if not isinstance(held, str | dict):
        return
    if isinstance(held, dict):
        yield from _find_in_record(mime, held)
    elif mime == "text/plain":
        yield from (Place("text", mime, (), end) for end in _ends(held))
    elif mime == "text/html":
        kind = "table" if "<table" in held else "text"
        for piece in SHOWN.finditer(held):
            for end in _ends(piece[1] or ""):
                yield Place(kind, mime, (), piece.start() + end)


def _find_in_record(mime: str, record: dict[str, Any]) -> Iterator[Place]:
    kind = "chart" if "vegalite" in mime else "facts"
    for keys, leaf in _leaves(record, ()):
        if not any(key in HELD for key in keys):
            continue
        if isinstance(leaf, str):
            yield from (Place(kind, mime, keys, end) for end in _ends(leaf))
        elif isinstance(leaf, int | float) and not isinstance(leaf, bool):
            yield Place(kind, mime, keys)


def _ends(text: str) -> Iterator[int]:
    return (found.end() for found in NUMBER.finditer(text) if found[1])


def _leaves(held: object, keys: Keys) -> Iterator[tuple[Keys, object]]:
    if isinstance(held, dict | list):
        parts = held.items() if isinstance(held, dict) else enumerate(held)
        for key, part in parts:
            yield from _leaves(part, (*keys, key))
    else:
        yield keys, held


def change_number(data: dict[str, Any], place: Place) -> None:
    """Make the last digit of one number another."""
    if not place.keys:
        data[place.mime] = _other(data[place.mime], place.end)
        return
    *way, last = place.keys
    held = data[place.mime]
    for key in way:
        held = held[key]
    if place.end:
        held[last] = _other(held[last], place.end)
    else:
        written = json.dumps(held[last])
        held[last] = json.loads(_other(written, len(written)))


def _other(text: str, end: int) -> str:
    return f"{text[: end - 1]}{(int(text[end - 1]) + 1) % 10}{text[end:]}"


def change_each(notebook: NotebookNode, *, seed: str) -> dict[int, Place]:
    """Change one number in each cell that is compared; give them by the number of the cell."""
    drawn = random.Random(seed)  # noqa: S311 - the same numbers at each run are what is wanted
    changed: dict[int, Place] = {}
    tried: Counter[str] = Counter()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for k, cell in enumerate(code):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            before = even([output])
            places = find_places(output.get("data", {}))
            while places and even([output]) == before:
                # Of the kinds there are here, the one changed least so far: so none is forgotten.
                kind = min(sorted({place.kind for place in places}), key=tried.__getitem__)
                place = drawn.choice([place for place in places if place.kind == kind])
                # What is evened out before it is compared, such as a name, is no number told.
                places.remove(place)
                change_number(output.data, place)
                changed[k] = place
                tried[kind] += 1
            if even([output]) == before:
                changed.pop(k, None)
    return changed


def red_cells(place: Path) -> tuple[set[int], set[int]]:
    """Compare a notebook as `make test` does: the cells that are red, and all it looked at."""
    command = [sys.executable, "-m", "pytest", "-q", "-rpfE", "--tb=no", "-p", "no:cacheprovider"]
    command += ["-o", "addopts=", "-o", "filterwarnings=default", "--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg"), str(place)]
    ran = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    told = {int(cell): word for word, cell in TOLD.findall(ran.stdout)}
    return {cell for cell, word in told.items() if word != "PASSED"}, set(told)


def check(original: Path, *, seed: str, into: Path) -> None:
    """Hold a notebook to the promise: red is what was changed, green all else."""
    notebook = nbformat.read(original, as_version=4)
    changed = change_each(notebook, seed=f"{original.stem} {seed}")
    nbformat.write(notebook, into / original.name)

    red, seen = red_cells(into / original.name)

    assert seen == set(range(sum(cell.cell_type == "code" for cell in notebook.cells)))
    assert red == set(changed)


class TestOneWrongNumber:
    @pytest.mark.parametrize("original", FEW, ids=lambda path: path.stem)
    def test_turns_its_cell_red_and_no_other(self, original: Path, tmp_path: Path):
        """One digit changed in a text, a table, a chart or a fact is found, where it stands."""
        check(original, seed="first", into=tmp_path)

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", ROUNDS)
    @pytest.mark.parametrize("original", NOTEBOOKS, ids=lambda path: path.stem)
    def test_turns_red_in_every_notebook(self, original: Path, seed: int, tmp_path: Path):
        """So it is in every notebook, whichever number of a cell it is."""
        check(original, seed=str(seed), into=tmp_path)

    def test_is_tried_in_many_places_and_of_every_kind(self):
        """Forty places at least: of each kind of number that a reader is told."""
        places = [
            place
            for original in FEW
            for place in change_each(
                nbformat.read(original, as_version=4), seed=f"{original.stem} first"
            ).values()
        ]

        assert len(places) >= 40
        assert KINDS == {place.kind for place in places}

    @pytest.mark.parametrize("original", NOTEBOOKS, ids=lambda path: path.stem)
    def test_could_stand_in_every_cell_that_tells_a_number(self, original: Path):
        """Only an output without a single number that is compared is passed over."""
        notebook = nbformat.read(original, as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]

        changed = change_each(notebook, seed="any")

        passed_over = [cell for k, cell in enumerate(code[:-1]) if k not in changed]
        assert not any(
            re.search(r"\d", piece[1] or "")
            for cell in passed_over
            for output in cell.outputs
            for piece in SHOWN.finditer(output.data.get("text/html", ""))
        )
