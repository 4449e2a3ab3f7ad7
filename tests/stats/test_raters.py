"""Those who judge quality: how far they lie apart, who is severe."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.raters import estimate_severity, find_spreads


def ratings(*, expert: dict[str, float] | None = None, **evaluators: list[float]) -> pl.DataFrame:
    """Make ratings of criteria a, b, c and so on by each evaluator."""
    rows = [
        {"criterion": "abcdefgh"[k], "evaluator": name, "role": "peer", "rating": float(value)}
        for name, values in evaluators.items()
        for k, value in enumerate(values)
    ]
    rows += [
        {"criterion": name, "evaluator": "Expert", "role": "expert", "rating": value}
        for name, value in (expert or {}).items()
    ]
    return pl.DataFrame(rows)


class TestFindSpreads:
    def test_is_the_highest_less_the_lowest(self):
        """60, 80 and 85 lie 25 points apart around a mean of 75."""
        found = find_spreads(ratings(A=[60], B=[80], C=[85]))

        assert ("a", 3, 75.0, 60.0, 85.0, 25.0, None) == found.row(0)

    def test_leaves_the_expert_out_of_the_spread(self):
        """The expert is the standard, not one of those it is held against."""
        found = find_spreads(ratings(A=[60], B=[80], expert={"a": 95.0}))

        assert (20.0, 95.0) == found.select("spread", "expert").row(0)

    def test_leaves_out_what_was_not_rated(self):
        """A rating that is missing is none."""
        table = ratings(A=[60], B=[80]).with_columns(
            pl.when(pl.col("evaluator") == "A").then("rating").alias("rating")
        )

        assert (1, 0.0) == find_spreads(table).select("n", "spread").row(0)

    def test_a_missing_column_is_named(self):
        """What was rated must be told from one another."""
        with pytest.raises(MissingColumnError) as caught:
            find_spreads(ratings(A=[60]).drop("criterion"))

        expected = (
            "find_spreads() needs the column 'criterion', which is not in `ratings`.\n"
            "  It has: 'evaluator', 'role', 'rating'.  "
            "It, or 'interaction_id', tells what was rated."
        )
        assert expected == str(caught.value)

    def test_a_rating_off_the_scale_is_refused(self):
        """Ratings run from 0 to 100."""
        with pytest.raises(OptionError) as caught:
            find_spreads(ratings(A=[101]))

        expected = (
            "find_spreads() takes ratings from 0 to 100, and found 101.\n"
            "  Bring them to that scale first: rating * 100 / highest."
        )
        assert expected == str(caught.value)

    def test_two_ratings_of_one_thing_are_refused(self):
        """Nobody rates the same thing twice."""
        with pytest.raises(OptionError) as caught:
            find_spreads(pl.concat([ratings(A=[60]), ratings(A=[70])]))

        expected = (
            "find_spreads() found two ratings of the same thing by 'A'.\n"
            '  Keep one: ratings.unique([...], keep="last").'
        )
        assert expected == str(caught.value)


class TestEstimateSeverity:
    def test_is_the_mean_distance_from_the_others(self):
        """10, 12 and 10 below the other are 10.7 below; Student with two degrees bounds it."""
        found = estimate_severity(ratings(A=[50, 60, 70], B=[60, 72, 80]))

        # 32 / 3; standard deviation 2 / sqrt(3); t with 2 degrees 4.302653: 4.302653 * 2 / 3
        assert pytest.approx((-32 / 3, -32 / 3 - 2.868435, -32 / 3 + 2.868435)) == found.select(
            "deviation", "low", "high"
        ).row(0)

    def test_one_severe_evaluator_makes_nobody_else_lenient(self):
        """Others are held against the median of the rest."""
        found = estimate_severity(
            ratings(A=[70, 81, 90], B=[71, 80, 90], C=[70, 80, 91], S=[30, 41, 50])
        )

        assert [("S", "severe")] == found.filter(pl.col("lean").is_not_null()).select(
            "evaluator", "lean"
        ).rows()

    def test_says_how_far_from_the_expert(self):
        """Who agrees with the others may still be wrong together with them."""
        found = estimate_severity(ratings(A=[60, 70], B=[60, 70], expert={"a": 80.0, "b": 80.0}))

        assert [-15.0, -15.0] == found["from_expert"].to_list()

    def test_deviations_all_alike_have_no_interval(self):
        """Two ratings that are off by the same do not show how far a third would be."""
        found = estimate_severity(ratings(A=[50, 60], B=[60, 70]))

        assert [(-10.0, None, None, None), (10.0, None, None, None)] == found.select(
            "deviation", "low", "high", "lean"
        ).rows()

    def test_what_nobody_else_rated_tells_nothing(self):
        """Alone nobody is severe."""
        found = estimate_severity(ratings(A=[50]))

        assert ("A", 0, None, None) == found.select("evaluator", "n", "deviation", "low").row(0)

    @given(
        st.lists(st.tuples(*[st.integers(20, 80)] * 3), min_size=3, max_size=6),
        st.integers(-20, 20),
    )
    def test_a_harder_contact_makes_nobody_severe(self, values, shift):
        """What moves every rating of a thing moves no deviation."""
        before = ratings(**{name: [row[k] for row in values] for k, name in enumerate("ABC")})
        moved = before.with_columns(
            pl.when(pl.col("criterion") == "a")
            .then(pl.col("rating") + shift)
            .otherwise("rating")
            .alias("rating")
        )

        first, second = (estimate_severity(table).sort("evaluator") for table in (before, moved))

        assert pytest.approx(first["deviation"].to_list()) == second["deviation"].to_list()

    def test_a_level_that_is_no_probability_is_refused(self):
        """A level is between 0 and 1."""
        with pytest.raises(OptionError) as caught:
            estimate_severity(ratings(A=[50], B=[60]), level=95)

        expected = "estimate_severity() cannot use level=95.\n  It takes a number between 0 and 1."
        assert expected == str(caught.value)
