"""Data found near by, and the lines that hand it to any notebook."""

import html
import re
import shutil
from datetime import UTC, datetime

import pytest

from nps_kit import open_data, read_import, tally
from nps_kit.rows.nearby import MOST
from nps_kit.shipped import find_sample
from nps_kit.views.sentences import say_checked
from nps_kit.views.tables.printing import NONE
from nps_kit.widgets.start import explore_data

ANSWERS = """When;How likely are you to recommend us?;Stage
30/09/2026;9;Billing
01/10/2026;10;Claims
02/10/2026;;Claims
"""
UNTOLD = "When;How likely are you to recommend us?\n03/04/2026;9\n05/06/2026;2\n"


@pytest.fixture
def folder(tmp_path):
    """Make a folder with a file of answers under a person's own names."""
    (tmp_path / "answers.csv").write_text(ANSWERS)
    return tmp_path


@pytest.fixture
def start(folder):
    """Look at that file."""
    return explore_data(folder=folder, choose=(folder / "answers.csv").as_posix())


def button(board, text):
    """Find a button by what it says."""
    inside = [each for part in board.children for each in getattr(part, "children", ())]
    return next(each for each in inside if getattr(each, "description", "") == text)


def note(board):
    """Read what is said of the folder."""
    found = [str(getattr(each, "value", "")) for each in board.children]
    told = [re.sub("<[^>]+>", "", each) for each in found if 'class="nps-note">' in each]
    return html.unescape("".join(told))


class TestExploreData:
    def test_a_folder_that_is_not_there_holds_nothing_yet(self, tmp_path):
        """The sample is looked at, and how to bring data of one's own is said."""
        folder = tmp_path / "data"

        start = explore_data(folder=folder)

        assert (
            f"No data of yours lies in '{folder}': put a file there, or hand one over here."
        ) == note(start)

    def test_says_what_the_notebooks_will_say(self, start, folder):
        """How many rows count is told as every notebook tells it."""
        columns = {"score": "How likely are you to recommend us?", "responded_at": "When"}
        data = open_data(folder / "answers.csv", columns=columns)

        assert str(say_checked(tally(data.responses, every="day"))) == start.told[0]

    def test_says_how_the_dates_are_written(self, start):
        """Day first is said, with the cell that shows it."""
        assert "'When' has the day first: it holds 30/09/2026." in start.told

    def test_names_what_is_doubtful(self, start):
        """A column taken on a weak sign is asked about."""
        assert "Doubtful: is 'Stage' the touchpoint?" in start.told

    def test_writes_lines_that_open_the_data(self, start):
        """The lines, run as they are, lead to the same answers."""
        lines = [line for line in start.told if ": str = " in line or ": dict[" in line]
        names = {}

        exec("\n".join(lines), names)  # noqa: S102

        data = open_data(names["data"], columns=names["columns"])
        assert ["data", "columns", "time_zone"] == [line.partition(":")[0] for line in lines]
        assert {"score", "responded_at", "touchpoint"} <= set(data.columns)

    def test_a_doubt_that_was_looked_at_is_gone(self, start):
        """Who says that a column is none of ours is not asked again."""
        start.controls["touchpoint"].value = ""

        assert not any(line.startswith("Doubtful") for line in start.told)
        assert not any("touchpoint" in line for line in start.told if line.startswith("columns"))

    def test_without_a_score_says_what_to_choose(self, start):
        """A score is asked for, never guessed."""
        start.controls["score"].value = ""

        assert start.told[0] == (
            "No column is surely the score.\n  Choose it under 'Score': the answers from 0 to 10 "
            "to how likely a customer is to recommend."
        )

    def test_finds_files_and_folders_of_tables(self, folder):
        """Files near by, and folders of the kit's tables, can be chosen beside the sample."""
        (folder / "mine").mkdir()
        (folder / "mine" / "responses.csv").write_text("score\n9\n")

        choices = [value for _, value in explore_data(folder=folder).controls["data"].options]

        assert ["sample", f"{folder}/answers.csv", f"{folder}/mine"] == choices

    def test_moving_to_other_data_proposes_its_columns(self, start):
        """The columns follow the data."""
        start.controls["data"].value = "sample"

        assert "responded_at" == start.controls["responded_at"].value
        assert "columns: dict[str, str] = {}" in start.told

    def test_shows_no_words_and_no_ids(self, start):
        """What customers wrote, and who they are, is counted and not shown."""
        start.controls["data"].value = "sample"

        (row,) = [line for line in start.told if line.startswith("customer_id |")]
        assert ["customer_id", "Customer id", NONE] == row.split(" | ")[:3]

    def test_keeps_a_file_that_is_handed_over_beside_one_of_its_name(self, start, folder):
        """An upload goes into `mine`, and writes nothing over."""
        (folder / "mine").mkdir()
        (folder / "mine" / "new.csv").write_text("kept")
        upload = button(start, "A file from elsewhere")

        told = {"name": "../new.csv", "type": "text/csv", "size": len(ANSWERS)}
        content = {"content": memoryview(ANSWERS.encode()), "last_modified": datetime.now(tz=UTC)}
        upload.value = (told | content,)

        assert "kept" == (folder / "mine" / "new.csv").read_text()
        assert ANSWERS == (folder / "mine" / "new-2.csv").read_text()
        assert f"{folder}/mine/new-2.csv" == start.controls["data"].value

    def test_makes_an_export_a_table_of_the_kits(self, folder):
        """What the notebooks cannot read as it is becomes what they can, at a button."""
        shutil.copy(find_sample() / "exports" / "qualtrics.csv", folder / "survey.csv")
        board = explore_data(folder=folder, choose=f"{folder}/survey.csv")
        before = board.told[0]

        button(board, "Make it a table of the kit's").click()

        assert str(read_import(folder / "mine" / "survey")) == before
        assert f"{folder}/mine/survey" == board.controls["data"].value
        assert f'data: str = "{folder}/mine/survey"' in board.told

    def test_dates_that_tell_no_order_are_settled_by_a_choice(self, folder):
        """Nobody can tell 03/04 from 04/03: the person says, and the table is made so."""
        (folder / "untold.csv").write_text(UNTOLD)
        board = explore_data(folder=folder, choose=f"{folder}/untold.csv")

        button(board, "Dates are written").value = "day first"
        button(board, "Make it a table of the kit's").click()

        assert "2026-04-03" == str(read_import(folder / "mine" / "untold").first)

    def test_few_stars_are_doubted(self, folder):
        """Ratings to five that are too few to be refused are asked about."""
        cells = "".join(f"2026-08-{day:02d},{1 + day % 5}\n" for day in range(1, 11))
        (folder / "stars.csv").write_text(f"date,How likely are you to recommend us?\n{cells}")

        told = explore_data(folder=folder, choose=f"{folder}/stars.csv").told

        assert (
            "Doubtful: is 'How likely are you to recommend us?' answered from 0 to 10? No answer "
            "is above 5: stars and other ratings to five are no NPS."
        ) in told

    def test_answers_to_ten_are_no_stars(self, start):
        """Nothing is doubted where answers go up to ten."""
        assert not any("stars" in line for line in start.told)

    def test_an_empty_folder_is_said(self, tmp_path):
        """Where nothing was found, what to do is said; the sample is there to look at."""
        board = explore_data(folder=tmp_path)

        assert ["sample"] == [value for _, value in board.controls["data"].options]
        assert note(board) == (
            f"No data of yours lies in '{tmp_path}': put a file there, or hand one over here."
        )

    def test_says_where_more_lies_than_is_listed(self, tmp_path):
        """A file that is not on the list is not thought missing."""
        for place in range(MOST + 1):
            (tmp_path / f"{place}.csv").touch()

        assert note(explore_data(folder=tmp_path)) == (
            f"More lies in '{tmp_path}' than is listed: name a folder nearer to your data as "
            "'folder' in the first grey cell."
        )

    def test_says_nothing_of_a_folder_with_data(self, start):
        """What was found needs no words."""
        assert "" == note(start)
