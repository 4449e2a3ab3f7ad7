"""The same contact, rated by several."""

import pytest

from nps_kit.errors import TrainingError
from nps_kit.widgets.boards import Board
from nps_kit.widgets.training.calibration import explore_calibration
from nps_kit.widgets.training.content import Training, read_training


@pytest.fixture
def board() -> Board:
    """Begin the calibration of the kit."""
    return explore_calibration(read_training("sample/training.toml"))


def rate_like_the_expert(board: Board) -> None:
    """Give every contact the expert's ratings."""
    for place, contact in enumerate(read_training("sample/training.toml").contacts):
        board.controls["contact"].value = place
        for k, criterion in enumerate(contact.criterion):
            board.controls[f"rating {k + 1}"].value = criterion.expert
        board.controls["answer"].value = True


class TestExploreCalibration:
    def test_shows_nobody_else_before_you_rated(self, board):
        """Whoever sees the others first rates like them."""
        assert not any("expert" in line for line in board.told)

    def test_tells_your_own_ratings(self, board):
        """What the sliders say is on the screen in words."""
        board.controls["rating 1"].value = 70

        assert "Your rating of “Listened”: 70" in board.told

    def test_then_shows_the_spread_of_all(self, board):
        """Yours is one of them."""
        board.controls["rating 1"].value = 10
        board.controls["answer"].value = True

        assert "Listened: 10 to 80, expert 55." in board.told

    def test_draws_a_strip_for_each_criterion(self, board):
        """The picture comes with the answer, and goes with the next contact."""
        picture = next(child for child in board.children if hasattr(child, "spec"))
        before = picture.spec
        board.controls["answer"].value = True
        then = picture.spec
        board.controls["contact"].value = 1

        assert {} == before == picture.spec
        assert ["The evaluators lie furthest apart on “Said what happens next”: 50 points"] == (
            then["title"]["text"]
        )

    def test_the_result_finds_the_severe_and_the_lenient(self, board):
        """Over four contacts two evaluators stand out, and the trainee does not."""
        rate_like_the_expert(board)
        board.controls["contact"].value = 4

        assert board.told[0].startswith("C is severe: 18 points below the others")
        assert "E is lenient: 19 points above the others" in board.told[0]
        assert 2 == sum(line.endswith(("severe.", "lenient.")) for line in board.told[1:])

    def test_one_contact_does_not_show_who_is_severe(self, board):
        """Criteria of one contact hang together: they are one look at an evaluator."""
        board.controls["answer"].value = True

        said = "Too little was rated to tell who is severe: it takes several contacts."
        assert said in board.told
        assert not any("severe;" in line or "lenient;" in line for line in board.told)

    def test_the_result_waits_for_a_rating(self, board):
        """Nothing is said of ratings that were not given."""
        board.controls["contact"].value = 4

        assert ("Rate a contact first: then this says who is severe.",) == board.told

    def test_what_was_rated_comes_back(self, board):
        """Turning pages loses nothing."""
        board.controls["rating 2"].value = 15
        board.controls["contact"].value = 1
        board.controls["contact"].value = 0

        assert 15 == board.controls["rating 2"].value

    def test_a_training_without_contacts_is_told(self):
        """The way out is named."""
        with pytest.raises(TrainingError) as caught:
            explore_calibration(Training())

        expected = (
            "explore_calibration() needs a [[contact]], and this training has none.\n"
            "  The training that comes with the kit has some: "
            'read_training("sample/training.toml").'
        )
        assert expected == str(caught.value)
