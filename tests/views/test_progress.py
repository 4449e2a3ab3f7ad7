"""How long work has taken, while it is done; and nothing of it afterwards."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from nps_kit.views.progress import tell_progress

READY = "import time\nfrom nps_kit.views.progress import tell_progress"
SLOW = 'with tell_progress("Counting <b>answers</b>"):\n    time.sleep(2.2)\n"the answer"'
FAST = 'with tell_progress("Counting"):\n    pass\n"the answer"'
FAILS = 'with tell_progress("Counting"):\n    time.sleep(1.7)\n    1 / 0'

Messages = list[dict[str, Any]]


class Sheet:
    """A notebook that runs, and all that its kernel sent for each cell."""

    def __init__(self) -> None:
        self.sent: list[Messages] = []
        self.cells = [new_code_cell(source) for source in (READY, SLOW, FAST, FAILS)]
        self.cells[-1].metadata["tags"] = ["raises-exception"]

    def run(self, folder: Path) -> None:
        """Run it as a page's maker does."""
        sent = self.sent

        class Client(NotebookClient):
            def process_message(
                self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
            ) -> NotebookNode | None:
                while len(sent) <= cell_index:
                    sent.append([])
                sent[cell_index].append(msg)
                return super().process_message(msg, cell, cell_index)

        resources = {"metadata": {"path": str(folder)}}
        Client(new_notebook(cells=self.cells), resources=resources).execute()

    def kinds(self, cell: int) -> list[str]:
        """Name what was sent for a cell, but for its state."""
        kinds = [message["msg_type"] for message in self.sent[cell]]
        return [kind for kind in kinds if kind not in ("status", "execute_input")]

    def contents(self, cell: int, kind: str) -> list[dict[str, Any]]:
        """Give the contents of one kind."""
        return [each["content"] for each in self.sent[cell] if each["msg_type"] == kind]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """Run a notebook with slow work, fast work, and work that fails, once for all."""
    made = Sheet()
    made.run(tmp_path_factory.mktemp("progress"))
    return made


class TestTellProgress:
    def test_tells_the_seconds_while_it_works(self, sheet: Sheet) -> None:
        """After a moment the screen says what is done and for how long."""
        told = [each["data"]["text/plain"] for each in sheet.contents(1, "update_display_data")]

        assert told
        assert all(re.fullmatch(r"Counting <b>answers</b>: \d+ s", line) for line in told)

    def test_what_is_told_is_escaped(self, sheet: Sheet) -> None:
        """Nothing in the name of the work is run."""
        told = [each["data"]["text/html"] for each in sheet.contents(1, "update_display_data")]

        assert all("&lt;b&gt;answers" in line and "<b>" not in line for line in told)

    def test_is_gone_before_the_answer_comes(self, sheet: Sheet) -> None:
        """Cleared at once, and before the answer, which is therefore never cleared."""
        kinds = sheet.kinds(1)

        assert kinds[0] == "display_data"
        assert kinds[-2:] == ["clear_output", "execute_result"]
        assert [{"wait": False}] == sheet.contents(1, "clear_output")

    def test_leaves_the_answer_alone_in_the_notebook(self, sheet: Sheet) -> None:
        """A notebook that ran slowly is the same file as one that ran fast."""
        slow, fast = sheet.cells[1], sheet.cells[2]

        assert [each.data for each in slow.outputs] == [{"text/plain": "'the answer'"}]
        assert [each.data for each in fast.outputs] == [each.data for each in slow.outputs]

    def test_shows_nothing_to_what_compares_outputs(self, sheet: Sheet) -> None:
        """A check that reads what was displayed, and heeds no clearing, finds nothing."""
        assert [{}] == [each["data"] for each in sheet.contents(1, "display_data")]

    def test_fast_work_shows_and_clears_nothing(self, sheet: Sheet) -> None:
        """Where nobody waits, nothing moves."""
        assert sheet.kinds(2) == ["execute_result"]

    def test_is_gone_when_the_work_fails(self, sheet: Sheet) -> None:
        """A mistake stands alone beneath its cell."""
        assert [each.output_type for each in sheet.cells[3].outputs] == ["error"]

    def test_is_silent_outside_a_notebook(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A script waits as it always did: nothing printed, no thread."""
        with tell_progress("Counting"):
            running = threading.active_count()

        assert threading.active_count() == running
        assert capsys.readouterr().out == ""
