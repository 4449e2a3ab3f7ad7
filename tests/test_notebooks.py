"""The notebooks that come with the kit, as a reader finds them."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
MOST_CELLS = 25
MOST_CELLS_OF_A_REPORT = 34
"""A report is read as a page, which shows no cells; any other notebook is read in its cells."""

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
        """Few cells, few lines in each, one output a cell; the parameters are help, not code."""
        path = request.node.callspec.params["notebook"]
        most = MOST_CELLS_OF_A_REPORT if path.parent.name == "reports" else MOST_CELLS
        assert len(notebook.cells) <= most
        for cell in code(notebook):
            assert len(cell.outputs) <= 1
            assert len(cell.source.splitlines()) <= 8 or "parameters" in tags_of(cell)

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
