"""What a trainee got right, in words."""

import polars as pl
import pytest
from views.drawn import assert_reads_well

from nps_kit.errors import MissingColumnError
from nps_kit.views.sentences.lessons import (
    list_results,
    say_quiz,
    say_revision,
    say_scenarios,
    say_score,
)


def results(*rows: tuple[str, bool | None]) -> pl.DataFrame:
    """Make the results of questions."""
    return pl.DataFrame(
        list(rows), schema={"chapter": pl.String, "right": pl.Boolean}, orient="row"
    )


class TestSayQuiz:
    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([("Bands", True), ("Mix", False)], "1 of 2 questions right."),
            (
                [("Bands", None), ("Mix", None)],
                "0 of 2 questions right. 2 questions are still open.",
            ),
            ([("Bands", None)], "0 of 1 question right. 1 question is still open."),
            ([], "There are no questions."),
        ],
    )
    def test_counts_right_and_open(self, rows, said):
        """An open question is not a wrong one."""
        assert said == say_quiz(results(*rows))
        assert_reads_well(said)

    def test_a_missing_column_is_named(self):
        """The table needs both columns."""
        with pytest.raises(MissingColumnError) as caught:
            say_quiz(results().drop("right"))

        expected = (
            "say_quiz() needs the column 'right', which is not in `results`.\n  It has: 'chapter'."
        )
        assert expected == str(caught.value)


class TestSayRevision:
    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            (
                [("Bands", True), ("Bands", False), ("Mix", False), ("Gaming", None)],
                "Read again: Bands (1 of 2 wrong) and Mix (1 of 1 wrong).",
            ),
            ([("Bands", True)], "Nothing to read again."),
            ([("Bands", None)], "Answer a question first: then this says what to read again."),
        ],
    )
    def test_names_chapters_of_wrong_answers(self, rows, said):
        """Chapters all right, and chapters not begun, are not sent back to."""
        assert said == say_revision(results(*rows))


class TestListResults:
    def test_counts_by_chapter(self):
        """In the order in which the chapters come."""
        rows = [("Mix", True), ("Bands", None), ("Mix", False)]

        assert ["Mix: 1 of 2 right", "Bands: 0 of 1 right, 1 open"] == list_results(results(*rows))


class TestSayScore:
    @pytest.mark.parametrize(
        ("score", "band", "guess", "said"),
        [
            (3, "detractors", 3, "The customer gave a 3, a detractor. You guessed 3: exactly so."),
            (8, "passives", 7, "The customer gave an 8, a passive. You guessed 7: 1 point off."),
        ],
    )
    def test_sets_the_guess_beside_it(self, score, band, guess, said):
        """The score, its band and the distance."""
        assert said == say_score(score, band, guess=guess)


class TestSayScenarios:
    def test_says_that_none_was_worked_on(self):
        """Without a comment there is nothing to count."""
        names = ("guess", "score", "band_guessed", "band", "cause", "verdict")
        empty = pl.DataFrame({name: [] for name in names})

        assert "Work on a comment first: then this says how you read it." == say_scenarios(empty)
