"""Comments to work on, one at a time."""

import pytest

from nps_kit.errors import TrainingError
from nps_kit.widgets.boards import Board
from nps_kit.widgets.training.content import Training, read_training
from nps_kit.widgets.training.scenarios import explore_scenarios


@pytest.fixture
def board() -> Board:
    """Begin the scenarios of the kit."""
    return explore_scenarios(read_training("sample/training.toml"))


def answer(board: Board, *, guess: int, cause: int = 0, step: int = 0) -> None:
    """Work on the comment that is on the screen."""
    board.controls["guess"].value = guess
    board.controls["cause"].value = cause
    board.controls["step"].value = step
    board.controls["answer"].value = True


class TestExploreScenarios:
    def test_opens_with_the_first_comment_and_its_facts(self, board):
        """What is read first is the same each time."""
        expected = (
            "Comment 1 of 8: onboarding",
            "Somebody rang me before I had a question. The box was on in ten minutes.",
            *("Telephone", "The centre called first", "No wait", "Not passed on"),
        )

        assert expected == board.told

    def test_keeps_the_answer_until_all_is_chosen(self, board):
        """Whoever guesses only the score does not see it yet."""
        board.controls["answer"].value = True
        board.controls["guess"].value = 3

        assert not any(line.startswith("The customer gave") for line in board.told)

    def test_asks_one_thing_at_a_time(self, board):
        """The cause is asked once a score is guessed, the step once a cause is named."""
        controls = board.controls
        asked = [controls[name].layout.display for name in ("cause", "step", "answer")]
        controls["guess"].value = 3
        then = [controls[name].layout.display for name in ("cause", "step", "answer")]

        assert ["none", "none", "none"] == asked
        assert [None, "none", "none"] == then

    def test_shows_the_score_its_band_and_why(self, board):
        """The guess is set beside what the customer gave."""
        answer(board, guess=8)

        assert "The customer gave a 10, a promoter. You guessed 8: 2 points off." in board.told

    def test_says_what_is_right_in_words_and_why(self, board):
        """A verdict never hangs on a colour."""
        answer(board, guess=10, cause=1)

        expected = (
            "✗ No: The agent was friendly (your choice) Likely, but the comment does not say so. "
            "Do not read in what you would like to see."
        )
        assert expected in board.told

    def test_what_was_chosen_comes_back(self, board):
        """Turning pages loses nothing."""
        answer(board, guess=9, cause=2, step=1)
        told = board.told
        board.controls["comment"].value = 1
        board.controls["guess"].value = 4
        board.controls["comment"].value = 0

        assert told == board.told

    def test_the_result_counts_what_was_worked_on(self, board):
        """Comments that were skipped count neither way."""
        answer(board, guess=9)
        board.controls["comment"].value = 8

        expected = (
            (
                "Of 1 comment you found the band of 1, the score within a point of 1, "
                "the cause of 1 and the best next step of 1."
            ),
            (
                "Comment 1: The customer gave a 10, a promoter. You guessed 9: 1 point off. "
                "Cause: right. Next step: right."
            ),
        )
        assert expected == board.told

    def test_a_seed_shuffles_always_alike(self):
        """One seed gives one order, and another than that of the file."""
        training = read_training("sample/training.toml")
        told = [explore_scenarios(training, seed=1).told for _ in range(2)]

        assert told[0] == told[1] != explore_scenarios(training).told

    def test_markup_in_a_comment_stays_text(self):
        """A comment cannot run anything."""
        training = read_training("sample/training.toml")
        evil = "<img src=x onerror=alert(1)>"
        first = type(training.scenarios[0])(
            **{
                name: getattr(training.scenarios[0], name)
                for name in ("id", "touchpoint", "facts", "score", "why", "cause", "step")
            },
            comment=evil,
        )
        board = explore_scenarios(Training(scenarios=(first,)))
        shown = "".join(getattr(child, "value", "") for child in board.children[1:3])

        assert "<img" not in shown + board._repr_mimebundle_()["text/html"]

    def test_a_training_without_scenarios_is_told(self):
        """The way out is named."""
        with pytest.raises(TrainingError) as caught:
            explore_scenarios(Training())

        expected = (
            "explore_scenarios() needs a [[scenario]], and this training has none.\n"
            "  The training that comes with the kit has some: "
            'read_training("sample/training.toml").'
        )
        assert expected == str(caught.value)
