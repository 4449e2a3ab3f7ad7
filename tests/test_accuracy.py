"""The page of measured accuracy: whether it says of itself what its own figures say."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
FIGURES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| method ")
]


def read_chapter(path: Path) -> dict[str, str]:
    """Read what a chapter is called and how it introduces itself."""
    return {
        ast.unparse(node.targets[0]): ast.literal_eval(node.value)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("TITLE", "INTRO")
    }


CHAPTERS = {
    path.stem: told
    for path in sorted((ROOT / "bench" / "accuracy").glob("*.py"))
    if (told := read_chapter(path))
}


class TestThePageOfAccuracy:
    @pytest.mark.parametrize("name", CHAPTERS)
    def test_holds_every_chapter_as_it_introduces_itself(self, name):
        """What is measured is on the page, under the words that stand beside the measuring."""
        chapter = CHAPTERS[name]

        assert f"## {chapter['TITLE']}\n\n{chapter['INTRO']}\n\n| method |" in PAGE

    def test_marks_every_range_that_is_left(self):
        """A figure outside the two ends it was held to is called missed, and no other is."""
        ranged = [cells for cells in FIGURES if " to " in cells[6]]
        outside = []
        for cells in ranged:
            low, high = (float(end) for end in cells[6].removesuffix("**missed**").split(" to "))
            # A figure is written to four places.
            outside.append(not low - 5e-5 <= float(cells[3]) <= high + 5e-5)

        assert ranged
        assert outside == [cells[6].endswith("**missed**") for cells in ranged]

    def test_leaderboards_of_any_size_are_held_to_the_same_goal(self):
        """No goal is wider where the figure would miss the one of the others."""
        goals = {
            cells[6].removesuffix("**missed**").strip()
            for cells in FIGURES
            if cells[2] == "truly better, came over stated" and cells[6]
        }

        assert goals == {"0.85 to 1.15"}
