"""The notebooks that come with the kit, as a reader finds them."""

import ast
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import nps_kit as nk

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
MOST_CELLS = 25
"""And the cell of an explorer, which comes after its static twin."""

MOST_CELLS_OF_A_REPORT = 34
"""A report is read as a page, which shows no cells; any other notebook is read in its cells."""

TRAINING = "10_how_nps_works"
MOST_CELLS_OF_THE_TRAINING = 45
"""It is gone through exercise by exercise, an hour long, and not read at breakfast."""

GALLERY = "90_gallery"
DRAWS = tuple(name for name in nk.__all__ if name.startswith("draw_"))
"""A gallery is looked up, not read: beside the usual cells, each picture has a question and a cell.
"""


VIEW = "application/vnd.jupyter.widget-view+json"
UNREAD = re.compile(r"<(style|script|svg).*?</\1>|<[^>]*>", re.DOTALL)
SECTIONS = ("The answer", "What could be wrong", "Method")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    """Read one of them."""
    return nbformat.read(request.param, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    """Give the code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags_of(cell: NotebookNode) -> list[str]:
    """Give the tags of a cell."""
    return cell.metadata.get("tags", [])


def most_cells(path: Path, explorers: int) -> int:
    """Say how many cells a notebook may have."""
    if path.stem == GALLERY:
        return MOST_CELLS + 2 * len(DRAWS)
    if path.stem == TRAINING:
        return MOST_CELLS_OF_THE_TRAINING
    return MOST_CELLS_OF_A_REPORT if path.parent.name == "reports" else MOST_CELLS + explorers


def drawn_in(cell: NotebookNode) -> list[str]:
    """Name the pictures that a cell draws, once for each time."""
    calls = (node.func for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call))
    return [
        call.attr
        for call in calls
        if isinstance(call, ast.Attribute) and call.attr.startswith("draw_")
    ]


def shown_wrongly(notebook: NotebookNode, draws: tuple[str, ...]) -> dict[str, int]:
    """Say how often each picture is shown that is not shown exactly once."""
    shown = Counter(name for cell in code(notebook) for name in drawn_in(cell))
    return {name: shown[name] for name in {*draws, *shown} if shown[name] != (name in draws)}


def is_only_seen(data: Mapping[str, Any]) -> bool:
    """Say whether an output has no twin that can be read and compared: a mere picture or widget."""
    told = {mime for mime in data if mime.endswith("+json")} - {VIEW}
    words = UNREAD.sub("", data.get("text/html", ""))
    if told or words.strip():
        return False
    return VIEW in data or any(mime.startswith("image/") for mime in data) or _is_a_name(data)


def _is_a_name(data: Mapping[str, Any]) -> bool:
    # What Python writes of an object that shows itself otherwise: IntSlider(value=3), <Figure ...>.
    # One that holds no number, such as how far long work has come, hides none.
    return bool(re.match(r"(<[\w. ]|[A-Z]\w*\().*\d", data.get("text/plain", ""), re.DOTALL))


class TestAnatomy:
    def test_the_title_is_the_readers_question(self, notebook):
        """It opens with a question, and says for whom the answer is."""
        first = notebook.cells[0].source.splitlines()

        assert first[0].startswith("# ")
        assert first[0].endswith("?")
        assert first[2].startswith("For ")

    def test_the_parameters_come_before_anything_runs(self, notebook):
        """The first cell to run can be edited without reading another."""
        tagged = [tags_of(cell) for cell in code(notebook)]

        assert ["parameters"] == tagged[0]
        assert all("#" in line for line in code(notebook)[0].source.splitlines())

    def test_it_can_be_read_at_breakfast(self, notebook, request):
        """Few cells, few lines in each, one output a cell; the parameters are help, not code.

        One call with an item a line is one step, if it can be taken in at a glance.
        """
        path = request.node.callspec.params["notebook"]

        explorers = sum("nk.explore_" in cell.source for cell in code(notebook))
        assert len(notebook.cells) <= most_cells(path, explorers)
        for cell in code(notebook):
            assert len(cell.outputs) <= 1
            most = 12 if len(ast.parse(cell.source).body) == 1 else 8
            assert len(cell.source.splitlines()) <= most or "parameters" in tags_of(cell)

    def test_it_composes_and_computes_nothing_itself(self, notebook):
        """What is counted and estimated lives in the package, where it is tested."""
        source = "\n".join(cell.source for cell in code(notebook))

        assert not any(word in source for word in ("def ", "lambda", "group_by", ".agg(", "numpy"))

    def test_it_has_the_sections_a_reader_looks_for(self, notebook):
        """The answer first, then what could be wrong, then the method."""
        headings = [
            line.removeprefix("## ")
            for cell in notebook.cells
            if cell.cell_type == "markdown"
            for line in cell.source.splitlines()
            if line.startswith("## ")
        ]

        assert [heading for heading in headings if heading in SECTIONS] == list(SECTIONS)

    def test_it_is_committed_as_one_clean_run(self, notebook):
        """Every cell ran, in order, without an error, and no time of the run is kept."""
        counts = [cell.execution_count for cell in code(notebook)]

        assert counts == list(range(1, len(counts) + 1))
        assert not any(
            output.output_type == "error" for cell in code(notebook) for output in cell.outputs
        )
        assert not any("execution" in cell.metadata for cell in notebook.cells)

    def test_only_the_versions_are_not_compared(self, notebook):
        """The last cell says how the page was made, and may differ from one machine to another."""
        ignored = [
            cell
            for cell in code(notebook)
            if "nbval-ignore-output" in cell.metadata.get("tags", [])
        ]

        assert ignored == [code(notebook)[-1]]
        assert ignored[0].source.startswith("nk.Provenance(")

    def test_no_number_lives_in_a_picture_or_a_widget_alone(self, notebook):
        """What is drawn or moves has a twin in words or figures, to be read aloud and compared."""
        seen = [
            cell.source
            for cell in code(notebook)
            for output in cell.outputs
            if is_only_seen(output.get("data", {}))
        ]

        assert seen == []

    def test_no_widget_is_committed_that_a_reader_cannot_see(self, notebook):
        """A widget's own part needs the kernel that made it, and is left out of the file."""
        assert not any(
            VIEW in output.get("data", {}) for cell in code(notebook) for output in cell.outputs
        )


class TestIsOnlySeen:
    @pytest.mark.parametrize(
        "data",
        [
            {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"},
            {"image/svg+xml": "<svg><text>31</text></svg>"},
            {VIEW: {"model_id": "a"}, "text/plain": "IntSlider(value=3)"},
            {"text/plain": "IntSlider(value=3)"},
            {"text/html": "<style>p {}</style><svg><text>31</text></svg>", "image/png": "iVB="},
        ],
        ids=["png", "svg", "widget", "widget as committed", "svg in html"],
    )
    def test_finds_what_has_no_twin(self, data):
        """A number that can only be seen is no number that a test or a screen reader finds."""
        assert is_only_seen(data)

    @pytest.mark.parametrize(
        "data",
        [
            {VIEW: {"model_id": "a"}, "text/html": "<div><p>+31</p></div>", "text/plain": "+31"},
            {"image/svg+xml": "<svg/>", "application/vnd.vegalite.v5+json": {"datasets": {}}},
            {"text/plain": "+31 (27 to 35)"},
        ],
        ids=["a board", "a chart", "words"],
    )
    def test_passes_what_has_one(self, data):
        """A board tells what it shows, and a chart carries its numbers."""
        assert not is_only_seen(data)


class TestGallery:
    @pytest.fixture
    def gallery(self) -> NotebookNode:
        """Read the gallery."""
        return nbformat.read(FOLDER / f"{GALLERY}.ipynb", as_version=4)

    def test_shows_each_picture_of_the_kit_once(self, gallery):
        """Whoever looks for a picture finds it, in one place."""
        assert shown_wrongly(gallery, DRAWS) == {}

    def test_a_picture_that_is_not_shown_is_found(self, gallery):
        """A new picture without its place in the gallery is named, and one shown twice."""
        twice = new_code_cell("nk.draw_score(nk.estimate_nps(here))")
        gallery.cells.append(twice)

        assert shown_wrongly(gallery, (*DRAWS, "draw_new")) == {"draw_new": 0, "draw_score": 2}

    def test_each_stands_beneath_its_question(self, gallery):
        """A heading asks, a sentence says when to use which picture, and the picture follows."""
        for before, cell in zip(gallery.cells, gallery.cells[1:], strict=False):
            if cell.cell_type == "code" and drawn_in(cell):
                question, empty, when = before.source.split("\n")
                (name,) = drawn_in(cell)
                assert re.fullmatch(r"### [A-Z].*\?", question)
                assert empty == ""
                assert when.startswith(f"`{name}`: ")
                assert when.endswith(".")

    def test_the_index_leads_from_each_question_to_its_picture(self, gallery):
        """Whoever has a question finds it in a list, in the order of the pictures beneath."""
        (listed,) = [cell for cell in gallery.cells if "| what you ask |" in cell.source]
        links = re.findall(r"^\| \[(.+)\]\(#(.+)\) \| `(\w+)` \|$", listed.source, re.MULTILINE)

        asked = re.compile(r"### (.+)\n\n`(\w+)`: ")
        found = [match for cell in gallery.cells if (match := asked.match(cell.source))]
        assert [(question, name) for question, _, name in links] == [it.groups() for it in found]
        assert all(place == question.replace(" ", "-") for question, place, _ in links)
        assert {name for _, _, name in links} == set(DRAWS)

    def test_each_is_drawn(self, gallery):
        """With the sample every picture has something to show."""
        for cell in code(gallery):
            if drawn_in(cell):
                (output,) = cell.outputs
                assert "application/vnd.vegalite.v5+json" in output.data
                assert output.data["application/vnd.vegalite.v5+json"]["datasets"]
