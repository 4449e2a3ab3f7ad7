"""Every notebook in a real JupyterLab, as a person opens it."""

import shutil
from contextlib import chdir
from pathlib import Path

import pytest
from hands import Hand
from labs import Server, run_cells

from nps_kit.outputs import Sentence
from nps_kit.widgets.boards import Board

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.ipynb"))
STANDING = ("00", "10", "30", "40")
"""What stands for all where time is short: the boards of every kind are in these."""

ANSWERS = "When;How likely are you to recommend us?;Stage\n" + "".join(
    f"{day:02d}/0{month}/2026;{(day * month) % 11};{stage}\n"
    for month in (7, 8, 9)
    for day in range(1, 29)
    for stage in ("Billing", "Claims")
)

UNTOLD = "When;How likely are you to recommend us?\n03/04/2026;9\n05/06/2026;2\n"
"""Nobody can tell the day from the month."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def _data(lab: Server) -> None:
    """Put data of one's own beside the notebooks: a file, and an export of a survey tool."""
    exports = FOLDER.parent / "data" / "sample" / "exports"
    (lab.folder / "data" / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    (lab.folder / "data" / "untold.csv").write_text(UNTOLD, encoding="utf-8")
    shutil.copy(exports / "qualtrics.csv", lab.folder / "data" / "survey.csv")


@pytest.fixture(
    params=[
        pytest.param(name, marks=() if name.startswith(STANDING) else pytest.mark.slow)
        for name in NOTEBOOKS
    ]
)
def notebook(request: pytest.FixtureRequest) -> str:
    """Name a notebook."""
    return request.param


class TestLab:
    def test_starts_without_a_warning(self, lab):
        """What a person sees who opens the notebooks is the address, and nothing to worry about."""
        assert "Warning" not in lab.log.read_text(encoding="utf-8")

    def test_runs_each_notebook_and_moves_what_moves(
        self, notebook, lab, open_sheet, tmp_path, tmp_path_factory
    ):
        """A notebook runs whole; what is moved answers with the kit's own numbers; all stays here.

        One opening serves for all of this: it takes seconds. Those of the boards stand for all
        notebooks; the others are slow tests.
        """
        pictures = tmp_path_factory.getbasetemp() / "pictures"
        pictures.mkdir(exist_ok=True)
        name = notebook.replace("/", "-").removesuffix(".ipynb")
        # What is written is written twice, by the notebook and by its twin: each has its folder.
        twin = shutil.copytree(lab.folder, tmp_path / "twin")
        file = tmp_path / "handed-over.csv"
        file.write_text(ANSWERS, encoding="utf-8")

        sheet = open_sheet(lab, notebook)
        sheet.photograph(pictures / f"{name}-opened.png")
        sheet.start()
        shown = run_cells(twin / "notebooks" / notebook)
        sheet.wait()
        sheet.photograph(pictures / f"{name}-run.png")

        assert [] == sheet.errors
        assert [] == sheet.cut
        assert [] == sheet.miss([str(each) for each in shown if isinstance(each, Sentence)])
        boards = [each for each in shown if isinstance(each, Board)]
        assert len(boards) == sheet.boards.count()
        with chdir((twin / "notebooks" / notebook).parent):
            for board, place in zip(boards, sheet.boards.all(), strict=True):
                Hand(board, place, file).move_all()
        sheet.photograph(pictures / f"{name}-moved.png")
        assert [] == sheet.errors
        assert [] == sheet.wrong
        assert [] == sheet.cut
        assert [] == sheet.outside

    def test_keys_pressed_in_a_board_are_no_commands_of_the_notebook(self, lab, open_sheet):
        """An arrow chooses in a list, and two D do not delete the cell around it."""
        sheet = open_sheet(lab, "30_touchpoints.ipynb")
        sheet.run()
        cells = sheet.page.locator(".jp-Cell").count()
        choice = sheet.boards.first.locator("select").first
        before = choice.input_value()

        choice.focus()
        sheet.page.keyboard.press("ArrowDown")
        sheet.page.keyboard.press("d")
        sheet.page.keyboard.press("d")

        assert before != choice.input_value()
        assert cells == sheet.page.locator(".jp-Cell").count()
