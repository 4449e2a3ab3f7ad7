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

    def test_the_contact_is_what_varies(self):
        """Contacts 10, 12 and 10 below the other bound as three, however many criteria each has."""
        rows = [
            (contact, criterion, evaluator, rating)
            for contact, far in enumerate((10, 12, 10))
            for criterion in "abcd"
            for evaluator, rating in (("A", 50.0), ("B", 50.0 + far))
        ]
        names = ["interaction_id", "criterion", "evaluator", "rating"]
        found = estimate_severity(pl.DataFrame(rows, schema=names, orient="row"))

        # As for three ratings: t with 2 degrees 4.302653, error 2 / 3.
        assert pytest.approx((12, 3, -32 / 3, -32 / 3 - 2.868435, -32 / 3 + 2.868435)) == (
            found.select("n", "contacts", "deviation", "low", "high").row(0)
        )

    def test_a_contact_counts_once_however_much_of_it_was_rated(self):
        """Deviations of 4 on two criteria of one contact, and of 10 on one of another, are 7."""
        table = pl.DataFrame(
            {
                "interaction_id": [1, 1, 2] * 2,
                "criterion": ["a", "b", "a"] * 2,
                "evaluator": ["A"] * 3 + ["B"] * 3,
                "rating": [54, 54, 60, 50, 50, 50],
            }
        )
        found = estimate_severity(table).filter(evaluator="A")

        # Half of the distance of two, 3, is their error; t with 1 degree 12.706205.
        assert pytest.approx((7.0, 7 - 3 * 12.706205, 7 + 3 * 12.706205)) == (
            found.select("deviation", "low", "high").row(0)
        )

    def test_one_contact_has_no_interval(self):
        """However many criteria it was rated on, it is one contact."""
        table = ratings(A=[50, 61, 70], B=[60, 75, 82]).with_columns(interaction_id=1)

        assert [(3, 1, None, None, None)] * 2 == (
            estimate_severity(table).select("n", "contacts", "low", "high", "lean").rows()
        )

    def test_what_only_some_others_rated_is_left_out(self):
        """A contact that nobody else rated is no contact here."""
        table = pl.DataFrame(
            {
                "interaction_id": [1, 2, 3, 1, 2],
                "evaluator": ["A", "A", "A", "B", "B"],
                "rating": [50, 60, 0, 60, 72],
            }
        )
        found = estimate_severity(table).filter(evaluator="A")

        assert [(2, 2, -11.0)] == found.select("n", "contacts", "deviation").rows()

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
