"""Every notebook in a real JupyterLab, as a person opens it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from labs import Server, Sheet, follow_board, make_boards

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.ipynb"))

pytestmark = pytest.mark.browser


@pytest.fixture(params=NOTEBOOKS)
def sheet(
    request: pytest.FixtureRequest,
    lab: Server,
    open_sheet: Callable[[Server, str], Sheet],
    tmp_path_factory: pytest.TempPathFactory,
) -> Sheet:
    """Open a notebook, photograph it, run all its cells and photograph it again."""
    pictures = tmp_path_factory.getbasetemp() / "pictures"
    pictures.mkdir(exist_ok=True)
    name = Path(request.param).stem
    opened = open_sheet(lab, request.param)
    opened.photograph(pictures / f"{name}-opened.png")
    opened.run()
    opened.photograph(pictures / f"{name}-run.png")
    return opened


class TestLab:
    def test_runs_each_notebook_and_moves_what_moves(self, sheet, lab, request):
        """A notebook runs whole; what is moved answers with the kit's own numbers; all stays here.

        One opening serves for all of this: it takes seconds.
        """
        assert [] == sheet.errors
        assert [] == sheet.cut
        boards = make_boards(lab.folder / "notebooks" / request.node.callspec.params["sheet"])
        assert len(boards) == sheet.boards.count()
        for board, shown in zip(boards, sheet.boards.all(), strict=True):
            follow_board(board, shown)
        assert [] == sheet.errors
        assert [] == sheet.cut
        assert [] == sheet.outside
