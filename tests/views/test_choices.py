"""What was chosen, in words."""

from datetime import date

from nps_kit.views.sentences.choices import (
    say_alone,
    say_choice,
    say_comments,
    say_group,
    say_stretch,
)


class TestSayStretch:
    def test_one_month_is_one_month(self) -> None:
        """A stretch of one month is that month."""
        assert say_stretch(date(2026, 9, 1), date(2026, 9, 1)) == "September 2026"

    def test_the_year_is_said_once(self) -> None:
        """Within a year the year stands at the end."""
        assert say_stretch(date(2026, 7, 1), date(2026, 9, 1)) == "July to September 2026"

    def test_two_years_are_both_said(self) -> None:
        """Over the turn of a year both years are said."""
        said = say_stretch(date(2025, 11, 1), date(2026, 1, 1))

        assert said == "November 2025 to January 2026"


class TestSayGroup:
    def test_names_every_value(self) -> None:
        """A group of two columns has both values."""
        assert (
            say_group({"touchpoint": "billing", "channel": None}) == "billing, channel: not given"
        )


class TestSayChoice:
    def test_all_answers_are_all(self) -> None:
        """Where nothing is chosen, all answers are named with their kind."""
        assert say_choice({}, survey="relational") == "All relational answers"

    def test_the_scale_is_said_where_it_is_not_the_usual(self) -> None:
        """Scores from 1 to 10 are told apart from those from 0."""
        said = say_choice({"team": "a"}, scale="1-10", stretch="May 2026")

        assert said == "A, 1-10 scale, May 2026"


class TestSayAlone:
    def test_names_what_is_missing(self) -> None:
        """What could not be compared with is named."""
        assert say_alone("the rest") == "Nothing is set beside it: the rest has no answers here."


class TestSayComments:
    def test_counts_those_shown(self) -> None:
        """How many are shown, of how many."""
        said = say_comments([2, 9, 10], out_of=1200, answers=5000, least=5)

        assert said == (
            "3 of 1,200 comments, the latest of each band; "
            "names, numbers and addresses are taken out."
        )

    def test_without_any_says_so(self) -> None:
        """Answers of which no comment was read are told as that."""
        said = say_comments([], out_of=0, answers=40, least=5)

        assert said == "No comment was read that goes with these answers."

    def test_few_answers_show_none(self) -> None:
        """Comments of very few would tell who wrote them."""
        said = say_comments([], out_of=3, answers=4, least=5)

        assert said == (
            "No comments are shown of fewer than 5 answers: they would tell who wrote them."
        )
