"""A mistake in a notebook, in a real kernel."""

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

MISTAKE = "nk.open_table('nowhere.csv')"


@pytest.fixture(scope="module")
def shown():
    """Run four cells, two of them mistaken, and give what each shows."""
    cells = ["import nps_kit as nk\nnk.use_theme()", MISTAKE, "%tb", "1 / 0"]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    arguments = ["--log-level=CRITICAL"]
    NotebookClient(
        notebook, kernel_name="python3", allow_errors=True, extra_arguments=arguments
    ).execute()
    return [cell.outputs for cell in notebook.cells]


class TestShowMistakes:
    def test_the_message_stands_alone(self, shown):
        """What is wrong and the way out, without a line of the kit's own code."""
        (output,) = shown[1]

        first, *_, last = "\n".join(output.traceback).split("\n")
        assert first.startswith("SourceError: There is no file 'nowhere.csv' (looked in ")
        assert "  The way here, line by line: run  %tb  in a cell of its own." == last
        assert "Traceback" not in "".join(output.traceback)

    def test_the_kernel_reports_an_error_all_the_same(self, shown):
        """What runs a notebook sees the error by its name and its message."""
        (output,) = shown[1]

        assert ("error", "SourceError") == (output.output_type, output.ename)
        assert output.evalue.startswith("There is no file 'nowhere.csv'")

    def test_the_whole_way_can_be_seen(self, shown):
        """%tb shows the traceback of the last mistake."""
        told = "".join("\n".join(output.get("traceback", ())) for output in shown[2])

        assert "Traceback" in told
        assert "open_table" in told

    def test_other_errors_keep_their_traceback(self, shown):
        """An error of Python's is shown as ever."""
        assert "Traceback" in "".join(shown[3][0].traceback)

    def test_a_run_stops_there(self):
        """A notebook that meets a mistake fails, as it did."""
        notebook = new_notebook(
            cells=[new_code_cell(f"import nps_kit as nk\nnk.use_theme()\n{MISTAKE}")]
        )

        with pytest.raises(CellExecutionError, match=r"There is no file 'nowhere\.csv'"):
            NotebookClient(
                notebook, kernel_name="python3", extra_arguments=["--log-level=CRITICAL"]
            ).execute()
