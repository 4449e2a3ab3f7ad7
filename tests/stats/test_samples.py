import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from strategies import make_counts

from nps_kit.counts import count_bands
from nps_kit.errors import OptionError
from nps_kit.stats.samples import (
    check_groups,
    check_min_n,
    is_weighted,
    ratio,
    take_fewer,
    take_plain,
    take_sample,
    to_column,
)


def bands_of(counts: pl.DataFrame) -> pl.DataFrame:
    """Count the bands of a table."""
    return count_bands(counts, caller="test()")


class TestTakeSample:
    def test_counts_are_the_answers_where_nothing_is_weighed(self):
        """Thirty, twenty and fifty."""
        sample = take_sample(bands_of(make_counts(30, 20, 50)))

        assert [30, 20, 50] == np.ravel(sample.counts).tolist()
        assert 20.0 == sample.points[0]

    def test_weighted_counts_keep_the_weighted_shares(self):
        """Effective answers come in the shares of the weights."""
        counts = make_counts(30, 20, 50).with_columns(
            weight=pl.Series([90.0, 20.0, 50.0]), weight_sq=pl.Series([270.0, 20.0, 50.0])
        )

        sample = take_sample(bands_of(counts))

        assert_allclose(np.ravel(sample.counts) / sample.effective, np.array([90, 20, 50]) / 160)
        assert sample.effective[0] < 100
        assert 100 == sample.n[0]

    def test_plain_is_blind_to_weights(self):
        """The unweighted answers of a weighted table."""
        counts = make_counts(30, 20, 50).with_columns(weight=2.0, weight_sq=4.0)

        assert 20.0 == take_plain(bands_of(counts)).points[0]

    def test_variance_of_answers_all_alike_is_nothing(self):
        """Exactly zero, not nearly."""
        assert 0.0 == take_sample(bands_of(make_counts(0, 0, 7))).variance[0]


class TestIsWeighted:
    def test_a_group_named_after_weight_is_none(self):
        """A column that only begins so does not weigh."""
        counts = make_counts(1, 1, 1).with_columns(weight_class=pl.lit("heavy"))

        assert not is_weighted(count_bands(counts, by=["weight_class"], caller="test()"))


class TestCheckGroups:
    def test_names_on_the_way_are_refused_too(self):
        """A user's column may not be overwritten half way."""
        with pytest.raises(OptionError) as caught:
            check_groups(["team", "clusters"], caller="estimate_nps()")

        assert str(caught.value) == (
            "estimate_nps() cannot group by 'clusters', a name that it needs itself.\n"
            '  Rename it first: counts.rename({"clusters": "clusters_group"}).'
        )

    @pytest.mark.parametrize("by", [None, "team", [["team"]]], ids=str)
    def test_what_is_no_list_of_names_is_left_to_the_counts(self, by):
        """Its message is worded in one place."""
        check_groups(by, caller="estimate_nps()")

    def test_each_function_adds_its_own(self):
        """What one result is called another may group by."""
        check_groups(["change"], caller="estimate_nps()")

        with pytest.raises(OptionError, match="cannot group by 'change'"):
            check_groups(["change"], taken={"change"}, caller="compare_groups()")


class TestCheckMinN:
    def test_is_a_number_of_answers(self):
        """Fewer than none make no sense."""
        with pytest.raises(OptionError) as caught:
            check_min_n(-1, caller="estimate_nps()")

        assert str(caught.value) == (
            "estimate_nps() cannot use min_n=-1.\n  It takes 0 or more answers."
        )

    @pytest.mark.parametrize("min_n", [None, "x", float("nan"), [30]], ids=str)
    def test_what_is_no_number_is_refused(self, min_n):
        """Nothing, words, and not a number."""
        with pytest.raises(OptionError) as caught:
            check_min_n(min_n, caller="f()")

        assert str(caught.value) == (
            f"f() cannot use min_n={min_n!r}.\n  It takes 0 or more answers."
        )

    @pytest.mark.parametrize("min_n", [0, 30, 12.5, np.int64(30), np.float32(30)], ids=repr)
    def test_any_number_of_answers_will_do(self, min_n):
        """Whoever made the number."""
        check_min_n(min_n, caller="f()")


class TestTakeFewer:
    def test_one_that_cannot_be_had_is_passed_over(self):
        """The smaller of what is known, without rounding dust."""
        first, second = np.array([9.9999999999, np.nan]), np.array([np.nan, 4.0])

        assert [10.0, 4.0] == take_fewer(first, second).tolist()


class TestRatio:
    def test_nothing_divided_by_nothing_is_not_known(self):
        """And becomes null in a column, never NaN."""
        found = ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0]))

        assert [0.5, None] == to_column(found).to_list()
