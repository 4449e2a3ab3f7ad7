"""A quiz with explanations, and a result that can be printed."""

from datetime import date

import pytest

from nps_kit.errors import TrainingError
from nps_kit.widgets.boards import Board
from nps_kit.widgets.sheets import Sheet
from nps_kit.widgets.training.content import Training, read_training
from nps_kit.widgets.training.quiz import explore_quiz

DAY = date(2026, 9, 7)
RESULT = 20
SEVERAL = 7
"""The place of a question with more than one right answer."""


@pytest.fixture
def board() -> Board:
    """Begin the quiz of the kit."""
    return explore_quiz(read_training("sample/training.toml"), day=DAY)


def sheet_of(board: Board) -> str:
    """Give the page that would be printed."""
    return next(child for child in board.children if isinstance(child, Sheet)).page


class TestExploreQuiz:
    def test_opens_with_the_first_question(self, board):
        """What is asked first is the same each time."""
        expected = (
            "Question 1 of 20: Bands",
            "On a scale from 0 to 10 a customer gives a 6. Which band is that?",
            "1. A detractor: 0 to 6",
            "2. A passive: 6 is above the middle",
            "3. It depends on the country",
        )

        assert expected == board.told

    def test_an_answer_is_checked_only_when_asked_for(self, board):
        """The arrow keys may pass over answers."""
        board.controls["answer"].value = 1

        assert "Not quite." not in board.told

    def test_explains_at_once_with_the_source(self, board):
        """Right or not, the reason follows."""
        board.controls["answer"].value = 1
        board.controls["check"].value = True

        expected = (
            "Not quite.",
            "✓ Right: A detractor: 0 to 6",
            "✗ No: A passive: 6 is above the middle (your choice)",
            "✗ No: It depends on the country",
        )
        assert expected == board.told[2:6]
        assert board.told[-1].startswith("Source: F. F. Reichheld")

    def test_nothing_chosen_cannot_be_checked(self, board):
        """A question without an answer stays open."""
        board.controls["check"].value = True

        assert "Not quite." not in board.told
        assert board.controls["check"].disabled

    @pytest.mark.parametrize(
        ("ticked", "said"), [((1, 2), "Right."), ((1,), "Not quite."), ((1, 2, 3), "Not quite.")]
    )
    def test_where_several_are_right_all_of_them_are_wanted(self, board, ticked, said):
        """One too few and one too many are both wrong."""
        board.controls["question"].value = SEVERAL
        for k in ticked:
            board.controls[f"answer {k}"].value = True
        board.controls["check"].value = True

        assert said == board.told[2]

    def test_what_was_answered_comes_back(self, board):
        """Turning pages loses nothing."""
        board.controls["answer"].value = 0
        board.controls["check"].value = True
        told = board.told
        board.controls["question"].value = SEVERAL
        board.controls["question"].value = 0

        assert told == board.told

    def test_the_result_says_what_to_read_again(self, board):
        """A wrong answer names its chapter."""
        board.controls["answer"].value = 1
        board.controls["check"].value = True
        board.controls["question"].value = RESULT

        expected = (
            "0 of 20 questions right. 19 questions are still open.",
            "Read again: Bands (1 of 1 wrong).",
            "Bands: 0 of 2 right, 1 open",
        )
        assert expected == board.told[:3]
        assert "7 September 2026" == board.told[-1]

    def test_the_printed_page_has_the_name_the_day_and_the_result(self, board):
        """A trainer gets it on paper."""
        board.controls["question"].value = RESULT
        board.controls["name"].value = "Trainee <1>"

        page = sheet_of(board)
        assert '<p class="by">Trainee &lt;1&gt;, 7 September 2026</p>' in page
        assert "0 of 20 questions right. 20 questions are still open." in page
        assert 20 == page.count("<td>open</td>")

    def test_there_is_nothing_to_print_before_the_result(self, board):
        """The button comes with the result, and goes with the next question."""
        before = sheet_of(board)
        board.controls["question"].value = RESULT
        board.controls["question"].value = 3

        assert "" == before == sheet_of(board)

    def test_the_printed_page_fetches_nothing(self, board):
        """Nothing leaves the machine."""
        board.controls["question"].value = RESULT

        assert not [word for word in ("http", "src=", "url(", "<script") if word in sheet_of(board)]

    def test_a_training_without_questions_is_told(self):
        """The way out is named."""
        with pytest.raises(TrainingError) as caught:
            explore_quiz(Training())

        expected = (
            "explore_quiz() needs a [[question]], and this training has none.\n"
            "  The training that comes with the kit has some: "
            'read_training("sample/training.toml").'
        )
        assert expected == str(caught.value)
