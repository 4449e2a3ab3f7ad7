# ruff: noqa: RUF001 - the true minus sign is part of the promise
from itertools import pairwise

import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.drawn import assert_reads_well

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.benchmarks import Profile, compare_benchmarks
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.scores import (
    compare_definitions,
    compare_guesses,
    compare_mixes,
    find_shapes,
    find_steps,
)
from nps_kit.stats.scores.definitions import DEFINITIONS
from nps_kit.stats.scores.shapes import SHAPES
from nps_kit.views.charts.scores import (
    draw_definitions,
    draw_guesses,
    draw_mixes,
    draw_shapes,
    draw_steps,
)
from nps_kit.views.charts.scores.sheet import SHEET_WIDTH, fit
from nps_kit.views.sentences.scores import (
    say_definitions,
    say_guesses,
    say_mixes,
    say_reversals,
    say_shapes,
    say_steps,
)

TWENTY = pl.DataFrame({"score": [3, 8, 10], "n": [5, 5, 9]})
HUNDRED = pl.DataFrame(
    {
        "score": [0, 4, 8, 10, None],
        "reason": [None, None, None, None, "blank"],
        "n": [8, 12, 20, 60, 25],
    }
)
TEAMS = pl.DataFrame(
    {
        "team": ["a"] * 4 + ["b"] * 4,
        "touchpoint": ["claims", "claims", "advice", "advice"] * 2,
        "score": [10, 2] * 4,
        "n": [40, 40, 18, 2, 8, 12, 64, 16],
    }
)


def guesses_of(guessed: str) -> pl.DataFrame:
    """Make three judged figures, each guessed with y or n.

    One is a rough guide, one of another kind of survey, one of another place.
    """
    published = pl.DataFrame(
        {
            "industry": ["Telecom"] * 3,
            "publisher": ["A", "B", "C <b>"],
            "year": [2019, None, 2021],
            "nps": [24.0, -5.0, 40.0],
            "survey": ["transactional", "relational", "transactional"],
            "region": ["UK", "UK", "US"],
        }
    )
    ours = estimate_nps(pl.DataFrame({"score": [3, 8, 10], "n": [108, 100, 192]}))
    profile = Profile(survey="transactional", region="UK", mode="e-mail")
    return compare_guesses(
        compare_benchmarks(ours, published, profile=profile),
        guessed=[guess == "y" for guess in guessed],
    )


def mixes_of(counts: pl.DataFrame = TEAMS) -> pl.DataFrame:
    """Compare team a with team b."""
    return compare_mixes(counts, by="team", over="touchpoint", group="a", against="b")


CHARTS = {
    "steps": lambda: draw_steps(find_steps(TWENTY, score=6)),
    "definitions": lambda: draw_definitions(compare_definitions(HUNDRED), chosen="stars"),
    "shapes": lambda: draw_shapes(find_shapes(40), shape="everyday"),
    "guesses": lambda: draw_guesses(guesses_of("ynn"), show=True),
    "hidden": lambda: draw_guesses(guesses_of("ynn"), show=False),
    "mixes": lambda: draw_mixes(mixes_of()),
}


def placed_on(chart: object, name: str) -> list[dict]:
    """List what is drawn and has a column of that name."""
    spec = chart.to_dict()
    return [row for rows in spec["datasets"].values() for row in rows if name in row]


def words_on(chart: object) -> list[str]:
    """List the words that are drawn."""
    return [row["text"] for row in placed_on(chart, "text")]


class TestEveryChart:
    @pytest.mark.parametrize("name", CHARTS)
    def test_draws(self, name):
        """The schema takes it, and a picture comes of it."""
        assert "<svg" in vl_convert.vegalite_to_svg(CHARTS[name]().to_dict())

    @pytest.mark.parametrize("name", CHARTS)
    def test_keeps_its_dots_and_words_on_the_sheet(self, name):
        """Nothing is put down outside, where a telephone would cut it."""
        spec = CHARTS[name]().to_dict()
        placed = [row for rows in spec["datasets"].values() for row in rows if "x" in row]

        assert [] == [row for row in placed if not -6 <= row["x"] <= SHEET_WIDTH + 6]
        assert [] == [row for row in placed if not 0 <= row["y"] <= spec["height"]]

    @pytest.mark.parametrize("name", CHARTS)
    def test_is_told_to_who_cannot_see_it(self, name):
        """A description reads as a sentence."""
        assert_reads_well(CHARTS[name]().to_dict()["description"])


class TestFit:
    @given(st.text(max_size=80), st.integers(30, 200))
    def test_never_passes_the_width_by_more_than_a_sign(self, text, width):
        """What fits stays whole; what does not ends with an ellipsis."""
        short = fit(text, size=10, width=width)

        assert len(short) * 10 * 0.32 <= width + 12 or short == "…"


class TestDrawSteps:
    def test_draws_a_dot_for_each_customer(self):
        """Twenty customers, twenty dots; one on the scale, one on the stairs."""
        spec = CHARTS["steps"]().to_dict()
        dots = [row for rows in spec["datasets"].values() for row in rows if "edge" in row]

        assert 22 == len(dots)

    def test_says_what_a_dot_is_where_there_are_many(self):
        """Two thousand customers do not fit as two thousand dots."""
        many = TWENTY.with_columns(n=pl.col("n") * 100)

        assert "One dot: up to 82 customers" in words_on(draw_steps(find_steps(many, score=6)))

    def test_names_the_three_levels(self):
        """With one customer more the score is +15, +20 or +25."""
        # The score itself is there once more, large, above.
        words = words_on(CHARTS["steps"]())
        assert {"+15", "+20", "+25"} <= set(words)

    def test_needs_the_one_more(self):
        """A table in which nobody is marked is none of `find_steps`."""
        steps = find_steps(TWENTY, score=6).with_columns(given=pl.lit(value=False))

        with pytest.raises(OptionError) as caught:
            draw_steps(steps)
        assert (
            "draw_steps() needs one row with given=true, and `steps` has 0.\n"
            "  find_steps(counts, score=...) marks the one that was given." == str(caught.value)
        )


class TestDrawDefinitions:
    def test_writes_each_value(self):
        """Points with their sign; counts are said to be no points."""
        words = words_on(CHARTS["definitions"]())

        assert {"+40", "+48", "+52", "+32", "+60", "40 answers, not points"} <= set(words)

    def test_draws_without_answers(self):
        """Only blanks: no score, but for the definition that divides by them."""
        blanks = HUNDRED.filter(pl.col("reason") == "blank")

        assert 5 == words_on(draw_definitions(compare_definitions(blanks))).count("no answer")


class TestDrawShapes:
    @pytest.mark.parametrize("nps", [-100, 0, 55, 100])
    @pytest.mark.parametrize("shape", SHAPES)
    def test_writes_the_score_in_every_row(self, nps, shape):
        """The score is the same in all of them: that is the point."""
        words = words_on(draw_shapes(find_shapes(nps), shape=shape))

        said = {-100: "−100", 0: "0", 55: "+55", 100: "+100"}[nps]
        assert 6 <= words.count(said)

    def test_names_the_shapes_there_are(self):
        """A shape that is not there is told with those that are."""
        with pytest.raises(OptionError, match=r"draw_shapes\(\) cannot use shape='round'"):
            draw_shapes(find_shapes(40), shape="round")


class TestDrawGuesses:
    def test_keeps_the_verdict_until_it_is_asked_for(self):
        """Before that no figure is marked."""
        assert not [word for word in words_on(CHARTS["hidden"]()) if "refused" in word]

    def test_marks_each_figure_in_words(self):
        """Not by colour alone: a rough guide, and two refused."""
        words = words_on(CHARTS["guesses"]())

        assert ["2019, a rough guide only", "2021, refused", "no year, refused"] == sorted(
            word for word in words if "refused" in word or "guide" in word
        )

    @pytest.mark.parametrize("show", [False, True])
    def test_writes_a_long_name_whole_on_two_lines(self, show):
        """A publisher with two names is not cut."""
        long = guesses_of("ynn").with_columns(publisher=pl.lit("Bain & Company / Research Now"))
        words = words_on(draw_guesses(long, show=show))

        assert 3 == words.count("Bain & Company /") == words.count("Research Now")

    def test_writes_a_long_industry_whole(self):
        """So is the industry beneath it."""
        kind = "B2B: Telecommunication services and equipment"
        long = guesses_of("ynn").with_columns(industry=pl.lit(kind))
        words = words_on(draw_guesses(long, show=False))

        assert "2019, B2B: Telecommunication services and equipment" in " ".join(words)

    def test_the_verdict_moves_no_figure(self):
        """Dots stay where they were when the verdict is shown."""
        kind = pl.lit("B2B: Employment and recruitment services")
        long = guesses_of("ynn").with_columns(industry=kind)
        hidden, shown = (
            sorted((dot["y"], dot["x"]) for dot in placed_on(draw_guesses(long, show=show), "edge"))
            for show in (False, True)
        )

        assert hidden == shown

    def test_cuts_only_what_three_lines_cannot_hold(self):
        """A name of any length stays within its rows, and none lies over another."""
        long = guesses_of("ynn").with_columns(publisher=pl.lit("A very long name " * 20))
        rows = [row for row in placed_on(draw_guesses(long, show=False), "text") if row["x"] == 4]
        heights = sorted(row["y"] for row in rows)

        assert 3 == sum(row["text"].endswith("…") for row in rows)
        assert all(after - before >= 15 for before, after in pairwise(heights))

    def test_says_where_a_publisher_is_not_given(self):
        """A missing name is no name "None"."""
        nobody = guesses_of("ynn").with_columns(publisher=pl.lit(None, pl.String))

        assert 3 == words_on(draw_guesses(nobody, show=False)).count("not given")

    def test_says_that_there_is_none(self):
        """No figure, no picture."""
        chart = draw_guesses(guesses_of("yyy").clear(), show=True)

        assert "No published figure is here to be compared." in str(chart.to_dict())


class TestDrawMixes:
    def test_writes_both_scores_of_each_row(self):
        """Two kinds, all together, and the same mix: eight scores."""
        words = [
            word for word in words_on(CHARTS["mixes"]()) if word[0] in "+−0" and "%" not in word
        ]

        assert {"+80", "+60", "0", "−20", "+16", "+44"} <= set(words)

    def test_counts_the_kinds_that_find_no_room(self):
        """Of ten kinds eight are drawn, and two are counted."""
        kinds = pl.DataFrame({"touchpoint": [f"kind {k}" for k in range(10)]})
        many = TEAMS.drop("touchpoint").join(kinds, how="cross")

        assert "and 2 more kinds" in words_on(draw_mixes(mixes_of(many)))

    def test_says_that_there_is_nothing(self):
        """Without an answer there is no score to draw."""
        nothing = mixes_of(TEAMS.with_columns(reason=pl.lit("blank")))

        assert "Neither of the two has an answer." in str(draw_mixes(nothing).to_dict())


class TestSaySteps:
    def test_by_hand(self):
        """The score, the step, the passives, and what is possible."""
        expected = [
            "The score is +15 (−21 to 47, 20 answers: too few to judge).",
            "A 6 counts as a 0 does: nothing from 0 to 6 moves the score. A 7 would add 5 points.",
            (
                "The 5 passives stand on neither side, and yet among the answers: without them the "
                "score would be +20."
            ),
            (
                "Here are 6 detractors, 5 passives and 9 promoters. By the one customer the score "
                "can be +15, +20 and +25, and nothing between."
            ),
        ]
        assert expected == say_steps(find_steps(TWENTY, score=6)).split("\n")

    @given(st.integers(0, 10), st.lists(st.integers(0, 12), min_size=3, max_size=3))
    @settings(max_examples=60)
    def test_reads_well(self, score, sizes):
        """Whatever the customers do, each line is a sentence."""
        counts = pl.DataFrame({"score": [2, 7, 9], "n": sizes})

        for line in say_steps(find_steps(counts, score=score)).split("\n"):
            assert_reads_well(line)

    @pytest.mark.parametrize(
        ("n", "told"), [(99, "A 7 would add 1 point."), (399, "A 7 would add 0.2 points.")]
    )
    def test_a_small_step_is_none_of_nought(self, n, told):
        """Among many answers one still moves the score, by less."""
        counts = pl.DataFrame({"score": [10], "n": [n]})

        assert told in say_steps(find_steps(counts, score=6))

    def test_three_levels_that_look_alike_are_told_as_one(self):
        """Among thousands the score can be what it is, whatever the one says."""
        counts = pl.DataFrame({"score": [3, 10], "n": [2000, 3000]})
        said = say_steps(find_steps(counts, score=6))

        assert "So many answers are there that the one moves the score by a point at most." in said


class TestSayDefinitions:
    @pytest.mark.parametrize("chosen", DEFINITIONS)
    def test_reads_well_and_names_its_source(self, chosen):
        """Each definition says where it is found."""
        lines = say_definitions(compare_definitions(HUNDRED), chosen=chosen).split("\n")

        assert any(line.startswith("Source: ") for line in lines)
        for line in lines:
            assert_reads_well(line)

    def test_quotes_the_article(self):
        """Counts are what the article on loyalty subtracts."""
        said = say_definitions(compare_definitions(HUNDRED), chosen="counts")

        assert "“Customer Loyalty is a Two-Way Street”: “the number of promoters minus" in said

    def test_says_why_it_makes_no_difference(self):
        """Where nobody answered 0, the mistake does not show; it is one all the same."""
        said = say_definitions(
            compare_definitions(HUNDRED.filter(pl.col("score") > 0)), chosen="one_to_six"
        )

        assert (
            "“Detractors 1 to 6” makes no difference to these answers: nobody answered 0; it will "
            "to others." == said.split("\n")[0]
        )

    def test_says_that_nothing_is_left(self):
        """Zeros alone, lost, leave nothing."""
        found = compare_definitions(pl.DataFrame({"score": [0], "n": [5]}))

        said = say_definitions(found, chosen="zeros_lost").split("\n")[0]
        assert "“Zeros become blanks” leaves no answer to score." == said

    def test_says_that_there_is_no_answer(self):
        """Only blanks: no definition helps."""
        found = compare_definitions(HUNDRED.filter(pl.col("score").is_null()))

        assert "No answer has a score, so no definition makes one." == say_definitions(
            found, chosen="stars"
        )

    def test_names_the_definitions(self):
        """One that is not there is told with those that are."""
        with pytest.raises(OptionError, match=r"say_definitions\(\) cannot use chosen='csat'"):
            say_definitions(compare_definitions(HUNDRED), chosen="csat")


class TestSayShapes:
    @given(st.integers(-20, 20), st.sampled_from(SHAPES))
    def test_reads_well(self, fives, shape):
        """Whatever the score, each line is a sentence."""
        for line in say_shapes(find_shapes(5 * fives), shape=shape).split("\n"):
            assert_reads_well(line)

    @pytest.mark.parametrize(
        ("nps", "shape"),
        [(-100, "few_furious"), (-100, "loved_or_hated"), (100, "everyday"), (60, "lukewarm")],
    )
    def test_says_nothing_of_a_shape_that_is_not_true_of_it(self, nps, shape):
        """Where a score leaves no room, "most are content" would be false."""
        said = say_shapes(find_shapes(nps), shape=shape).splitlines()[1]

        assert "there is little room for this shape: it grows like the others." in said

    def test_tells_how_far_the_means_lie_apart(self):
        """+40 leaves the mean anywhere from 6.3 to 8.8."""
        said = say_shapes(find_shapes(40), shape="lukewarm").split("\n")[2]

        assert (
            "Whatever 100 customers answer, if they score +40 their mean can lie anywhere from 6.3 "
            "to 8.8." == said
        )


class TestSayGuesses:
    def test_hides_the_verdict(self):
        """Before it is asked for, only what was published is said."""
        assert "refused" not in say_guesses(guesses_of("yyy"), show=False)

    def test_by_hand(self):
        """One of three guesses right; one of the figures is a rough guide."""
        said = say_guesses(guesses_of("yyy"), show=True).split("\n")

        assert (
            "You were right about 1 of 3: none may be compared, 1 is a rough guide only, 2 refused."
            == said[0]
        )

    def test_gives_each_figure_its_reason(self):
        """A refusal says what differs."""
        said = say_guesses(guesses_of("nnn"), show=True)

        assert (
            "B, no year, −5: refused (survey differs (relational, ours transactional)); your guess "
            "was right." in said.split("\n")
        )

    def test_needs_its_columns(self):
        """A comparison without guesses is none."""
        with pytest.raises(MissingColumnError, match=r"say_guesses\(\) needs the column 'guessed'"):
            say_guesses(guesses_of("yyy").drop("guessed"), show=True)


class TestSayMixes:
    def test_by_hand(self):
        """Better at both and worse overall, and ahead with the mix allowed for."""
        said = say_mixes(mixes_of()).split("\n")

        assert [
            "A is better in each of the 2 kinds of contact, and yet 28 points worse overall.",
            "With the mix allowed for, a stands at +36 and b at +24: 13 points ahead.",
        ] == said[:2]

    def test_tells_a_plain_lead_plainly(self):
        """Better at both and better overall is no paradox."""
        even = TEAMS.with_columns(n=pl.Series([10, 0, 10, 0, 5, 5, 5, 5]))

        assert (
            "A is better in each of the 2 kinds of contact, and 100 points better overall."
            == say_mixes(mixes_of(even)).split("\n")[0]
        )

    def test_says_that_nothing_is_shared(self):
        """Claims here and advice there compare in nothing."""
        apart = TEAMS.filter((pl.col("team") == "a") == (pl.col("touchpoint") == "claims"))

        assert (
            "A and b share no kind of contact: nothing of theirs compares."
            == say_mixes(mixes_of(apart)).split("\n")[0]
        )

    def test_says_who_has_no_answer(self):
        """Without an answer there is no score to compare."""
        alone = TEAMS.with_columns(reason=pl.when(pl.col("team") == "b").then(pl.lit("blank")))

        assert (
            "B has no answer, so the two cannot be compared."
            == (say_mixes(mixes_of(alone)).split("\n")[0])
        )


class TestSayReversals:
    def test_says_that_there_is_none(self):
        """No pair is turned over."""
        nothing = pl.DataFrame(
            schema=dict.fromkeys(("group", "against", "strata", "change", "pairs"), pl.Int64)
        )

        assert "No pair is better at every touchpoint that both have and worse overall." == (
            say_reversals(nothing)
        )
