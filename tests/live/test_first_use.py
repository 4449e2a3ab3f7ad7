"""The first way through the kit: a file of one's own, three lines, and the answer."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from labs import Server, Sheet

import nps_kit as nk

CHECKOUT = Path(__file__).parents[2]
STAMP = ".venv/.use"
NOTEBOOK = "30_touchpoints.ipynb"
HEADS = "Filled in;How likely are you to recommend us?;Stage"
COLUMNS = {
    "responded_at": "Filled in",
    "score": "How likely are you to recommend us?",
    "touchpoint": "Stage",
}

pytestmark = pytest.mark.browser


def write_answers(place: Path) -> None:
    """Write answers as a spreadsheet does: the day first, semicolons, other names."""
    stages = {"Billing": (3, 9, 10, 2, 6, 8), "Delivery": (9, 10, 8, 10, 9, 7)}
    lines = [
        f"{day:02d}/{month:02d}/2026;{scores[(day + month) % 6]};{stage}"
        for month in range(1, 10)
        for day in range(1, 29)
        for stage, scores in stages.items()
    ]
    place.write_text("\n".join([HEADS, *lines]) + "\n", encoding="utf-8")


def expect_answer(place: Path) -> str:
    """Work out the notebook's answer through the public functions."""
    tables = nk.open_data(place, columns=COLUMNS)
    days = nk.tally(tables.responses, by=["touchpoint"], every="day")
    kept = nk.suppress_small(
        nk.keep_survey(days),
        by=["period", "touchpoint"],
        every="month",
        min_cell=5,
        detail="scores",
    )
    return str(nk.say_comparisons(nk.compare_groups(kept, by=["touchpoint"], min_n=30)))


def type_line(sheet: Sheet, name: str, line: str) -> None:
    """Put a line of the parameters cell in place of the one that begins alike."""
    cell = sheet.page.locator(".jp-CodeCell").first
    cell.locator(".cm-line").filter(has_text=f"{name}: ").first.click()
    # Seen lines may be wrapped: the whole of one is taken by Home and End of the text itself.
    sheet.page.keyboard.press("Home")
    sheet.page.keyboard.press("Home")
    sheet.page.keyboard.press("Shift+End")
    sheet.page.keyboard.press("Shift+End")
    sheet.page.keyboard.insert_text(line)


@pytest.fixture(scope="module")
def make_lab(start_lab: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Open JupyterLab by the project's own door, in a folder with the person's file."""
    # A test installs nothing: make is asked whether it would, and told that it must not.
    asked = subprocess.run(["make", "--question", STAMP], cwd=CHECKOUT, check=False)
    if asked.returncode:
        pytest.fail("the environment is older than what it is made of: run  make lab  once")
    folder = tmp_path_factory.mktemp("first use")
    (folder / "data").mkdir()
    write_answers(folder / "data" / "answers.csv")
    arguments = f"'{folder}' --no-open --port 0"
    return start_lab(
        "make", "--old-file", STAMP, "lab", f"ARGS={arguments}", folder=folder, at=CHECKOUT
    )


class TestFirstUse:
    def test_three_edits_lead_to_the_answer(self, make_lab, open_sheet, tmp_path):
        """Name the file, its columns and no zone, run all: the notebook answers from your file."""
        sheet = open_sheet(make_lab, NOTEBOOK)
        pairs = ", ".join(f'"{ours}": "{theirs}"' for ours, theirs in COLUMNS.items())

        type_line(sheet, "data", 'data: str = "../data/answers.csv"')
        type_line(sheet, "columns", f"columns: dict[str, str] = {{{pairs}}}")
        type_line(sheet, "time_zone", 'time_zone: str = ""')
        sheet.run()
        sheet.photograph(tmp_path / "first-use.png")

        answer = sheet.page.locator(".nps-answer").first.text_content() or ""
        assert [] == sheet.errors
        assert expect_answer(make_lab.folder / "data" / "answers.csv") == answer.strip()
        assert [] == sheet.outside

    def test_the_board_writes_these_lines(self, make_lab):
        """`00_start_here` proposes the same columns for the same file."""
        place = make_lab.folder / "data" / "answers.csv"

        board = nk.explore_data(folder=make_lab.folder / "data", choose=place.as_posix())

        pairs = {ours: COLUMNS[ours] for ours in ("score", "responded_at", "touchpoint")}
        written = ", ".join(f'"{ours}": "{theirs}"' for ours, theirs in pairs.items())
        assert f"columns: dict[str, str] = {{{written}}}" in board.told
