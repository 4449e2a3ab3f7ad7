"""How several rated the same, drawn and said."""

import polars as pl
import pytest
from views.drawn import assert_reads_well, values_of, words_of

from nps_kit.errors import MissingColumnError
from nps_kit.views.charts.ratings import draw_ratings
from nps_kit.views.sentences.ratings import (
    list_severity,
    list_spreads,
    say_severity,
    say_spreads,
)

RATINGS = pl.DataFrame(
    [
        ("Tone", "A", "peer", 60.0),
        ("Tone", "B", "peer", 63.0),
        ("Tone", "You", "self", 85.0),
        ("Tone", "Expert", "expert", 80.0),
        ("Pace", "A", "peer", 40.0),
        ("Pace", "B", "peer", 50.0),
        ("Pace", "You", "self", 45.0),
        ("Pace", "Expert", "expert", 45.0),
    ],
    schema=["criterion", "evaluator", "role", "rating"],
    orient="row",
)
SPREADS = pl.DataFrame(
    {
        "criterion": ["Tone", "Pace"],
        "n": [3, 3],
        "mean": [69.3, 45.0],
        "lowest": [60.0, 40.0],
        "highest": [85.0, 50.0],
        "spread": [25.0, 10.0],
        "expert": [80.0, 45.0],
    }
)
SEVERITY = pl.DataFrame(
    {
        "evaluator": ["C", "You", "B", "D"],
        "deviation": [-14.2, 0.0, 9.0, None],
        "low": [-20.1, -4.0, 3.0, None],
        "high": [-8.3, 4.0, 15.0, None],
        "from_expert": [-12.0, 0.0, None, None],
        "lean": ["severe", None, "lenient", None],
    }
)


def spec(**options: str) -> dict:
    """Draw the ratings."""
    return draw_ratings(RATINGS, SPREADS, **options).to_dict()


class TestDrawRatings:
    def test_title_is_the_finding(self):
        """A reader of the title knows where to talk first."""
        assert ["The evaluators lie furthest apart on “Tone”: 25 points"] == spec()["title"]["text"]

    def test_every_rating_is_a_dot(self):
        """Nobody who rated is missing, and the expert is no dot."""
        dots = [row for row in values_of(spec()) if "evaluator" in row]

        assert sorted(RATINGS.filter(pl.col("role") != "expert")["rating"]) == sorted(
            dot["rating"] for dot in dots
        )

    def test_the_expert_is_a_diamond(self):
        """The shape tells the expert from the others, not only the colour."""
        diamonds = [layer for layer in spec()["layer"] if layer["mark"].get("shape") == "diamond"]

        assert 1 == len(diamonds)

    def test_yours_is_written_out(self):
        """The one that is brought out has its name and its rating beside it."""
        shown = spec(highlight="You")
        named = [
            layer["data"]["name"]
            for layer in shown["layer"]
            if layer["mark"].get("fontWeight") == "bold" and "data" in layer
        ]

        assert {"You: 85", "You: 45"} == {
            row["Rating"] for name in named for row in shown["datasets"][name] if "Rating" in row
        }

    def test_letters_that_would_touch_are_one_word(self):
        """60 and 63 lie side by side: A B stands above both."""
        marks = [row["mark"] for row in values_of(spec(highlight="You")) if "mark" in row]

        assert ["A B", "A", "B"] == marks

    def test_long_names_are_letters_with_a_key(self):
        """Supervisors of one's own data fit above a dot too."""
        table = RATINGS.with_columns(
            pl.col("evaluator").replace({"A": "supervisor 04", "B": "supervisor 09"})
        )

        note = words_of(draw_ratings(table, SPREADS, highlight="You").to_dict())
        assert "A: supervisor 04; B: supervisor 09." in note

    def test_a_screen_reader_hears_every_row(self):
        """The description has all numbers."""
        said = "Tone: 60 to 85, expert 80. Pace: 40 to 50, expert 45."

        assert spec()["description"].endswith(said)

    def test_nothing_rated_is_said(self):
        """An empty table draws no empty axes."""
        shown = draw_ratings(RATINGS.clear(), SPREADS.clear()).to_dict()

        assert "Nothing was rated." in words_of(shown)

    def test_a_missing_column_is_named(self):
        """The table of spreads is needed too."""
        with pytest.raises(MissingColumnError) as caught:
            draw_ratings(RATINGS, SPREADS.drop("expert"))

        expected = (
            "draw_ratings() needs the column 'expert', which is not in `spreads`.\n"
            "  It has: 'criterion', 'n', 'mean', 'lowest', 'highest', 'spread'."
        )
        assert expected == str(caught.value)


class TestSaySpreads:
    @pytest.mark.parametrize(
        ("spreads", "said"),
        [
            (
                [25.0, 10.0],
                (
                    "The evaluators lie furthest apart on “Tone”: 25 points. "
                    "They come closest on “Pace”: 10 points."
                ),
            ),
            ([5.0, 5.0], "The evaluators lie equally far apart: 5 points on each."),
            ([0.0, 0.0], "The evaluators agree on everything."),
            ([None, None], "Nothing was rated by more than one evaluator."),
        ],
    )
    def test_says_what_is_there(self, spreads, said):
        """The finding, whatever it is."""
        table = SPREADS.with_columns(pl.Series("spread", spreads, dtype=pl.Float64))

        assert said == say_spreads(table)
        assert_reads_well(said)

    def test_one_evaluator_alone_agrees_with_nobody(self):
        """A spread of one rating is none."""
        spreads = pl.DataFrame({"criterion": ["Tone"], "n": [1], "spread": [0.0]})

        assert "Nothing was rated by more than one evaluator." == say_spreads(spreads)


class TestSaySeverity:
    def test_says_who_is_severe_and_who_lenient(self):
        """Each with the distance and its interval in words."""
        expected = (
            "C is severe: 14 points below the others on the same things (8 to 20 below). "
            "B is lenient: 9 points above the others on the same things (3 to 15 above)."
        )

        assert expected == say_severity(SEVERITY)

    def test_speaks_to_the_trainee(self):
        """You are, not You is."""
        yours = SEVERITY.head(1).with_columns(evaluator=pl.lit("You"))

        assert say_severity(yours).startswith("You are severe: 14 points below")

    def test_says_that_nobody_is(self):
        """Chance is no severity."""
        assert "Nobody is more severe or more lenient than the others beyond chance." == (
            say_severity(SEVERITY.filter(pl.col("lean").is_null()))
        )

    def test_does_not_call_alike_what_it_cannot_judge(self):
        """Of one contact there is no interval, and so no verdict on anybody."""
        assert "Too little was rated to tell who is severe: it takes several contacts." == (
            say_severity(SEVERITY.with_columns(low=None, high=None, lean=None))
        )


class TestListSeverity:
    def test_has_a_line_for_each(self):
        """Also for who rated alone, and for who is level."""
        expected = [
            "C: 14 points below the others (8 to 20 below), 12 points below the expert; severe.",
            "You: level with the others (4 below to 4 above), level with the expert.",
            "B: 9 points above the others (3 to 15 above); lenient.",
            "D: rated nothing that somebody else rated.",
        ]

        assert expected == list_severity(SEVERITY)


class TestListSpreads:
    def test_says_what_was_not_rated(self):
        """A criterion that nobody rated keeps its line."""
        empty = SPREADS.head(1).with_columns(
            pl.lit(None, pl.Float64).alias(name) for name in ("lowest", "highest", "expert")
        )

        assert ["Tone: not rated."] == list_spreads(empty)
