"""Patterns of the service without small levels."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from nps_kit.counts import TOO_FEW, count_bands
from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.privacy.suppression import OTHER, suppress_levels, suppress_small
from nps_kit.stats.drivers import estimate_drivers

WAITS = pl.Enum(["short", "medium", "long"])


def patterns(
    *rows: tuple[str | None, bool | None, int, int], channel: str = "phone"
) -> pl.DataFrame:
    """Make patterns of wait, whether it was passed on, score and answers."""
    return pl.DataFrame(
        rows,
        schema={"wait": WAITS, "passed_on": pl.Boolean, "score": pl.Int64, "n": pl.Int64},
        orient="row",
    ).with_columns(channel=pl.lit(channel))


def many() -> pl.DataFrame:
    """Make patterns of which none is small."""
    return patterns(
        *((wait, passed, score, 20) for wait in WAITS.categories for passed in (False, True)
          for score in (3, 8, 9))
    )  # fmt: skip


def sizes(table: pl.DataFrame, column: str) -> dict[object, int]:
    """Say how many answers that count each level has."""
    return dict(count_bands(table, by=[column], caller="the test").select(column, "n").rows())


class TestSuppressLevels:
    def test_large_levels_stay_as_they_are(self):
        """Nothing is merged where nothing is small: types, order and numbers stay."""
        table = suppress_levels(many(), by=["wait", "passed_on"])

        assert_frame_equal(many(), table.select(many().columns), check_row_order=False)

    def test_a_small_level_takes_the_next_smallest_with_it(self):
        """Three who waited long are shown with those who waited a little less."""
        table = patterns(("short", True, 9, 30), ("medium", True, 9, 20), ("long", True, 3, 3))

        assert {"short": 30, OTHER: 23} == sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_other_comes_last_in_the_order_of_levels(self):
        """What is merged does not become what the rest is set against."""
        table = patterns(("short", True, 9, 30), ("medium", True, 9, 20), ("long", True, 3, 3))

        found = suppress_levels(table, by=["wait"])["wait"].dtype

        assert pl.Enum(["short", "medium", "long", OTHER]) == found

    def test_whole_numbers_keep_their_order(self):
        """Ten comes after two, merged or not."""
        table = pl.DataFrame({"queues": [2, 10, 3, 4], "score": [9, 9, 3, 3], "n": [30, 30, 2, 12]})

        found = suppress_levels(table, by=["queues"])["queues"].dtype

        assert pl.Enum(["2", "3", "4", "10", OTHER]) == found

    def test_a_missing_value_is_a_level_like_any_other(self):
        """Two answers of which the wait is not known are not shown by themselves."""
        table = patterns(("short", True, 9, 30), ("medium", True, 9, 20), (None, True, 3, 2))

        assert {"short": 30, OTHER: 22} == sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_of_two_levels_one_is_left(self):
        """Where all but three were passed on, nothing can be said of being passed on."""
        table = patterns(("short", True, 9, 30), ("short", False, 3, 3))

        found = suppress_levels(table, by=["passed_on"])

        assert {OTHER: 33} == sizes(found, "passed_on")
        assert estimate_drivers(found, drivers=["passed_on"])["change"].to_list() == [0.0]

    def test_a_level_of_which_all_think_alike_is_small_up_to_twice_as_many(self):
        """Whoever knows one of nine detractors who waited long would know the answer."""
        table = patterns(("short", True, 9, 30), ("medium", True, 8, 20), ("long", True, 3, 9))

        assert OTHER in sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_other_columns_stay(self):
        """The model can still hold the channel fixed."""
        table = pl.concat([many(), patterns(("long", True, 9, 1), channel="chat")])

        assert {"phone": 360, "chat": 1} == sizes(suppress_levels(table, by=["wait"]), "channel")

    def test_each_kind_of_survey_is_merged_by_itself(self):
        """A level that is large in one survey can be small in the other."""
        table = pl.concat(
            [
                many().with_columns(survey=pl.lit("relational")),
                patterns(("short", True, 9, 30), ("long", True, 3, 3), ("medium", True, 8, 9))
                .with_columns(survey=pl.lit("transactional")),
            ]
        )  # fmt: skip

        found = suppress_levels(table, by=["wait"])

        told = found.filter(survey="transactional")
        assert {"short": 30, OTHER: 12} == sizes(told, "wait")
        assert {"short": 120, "medium": 120, "long": 120} == sizes(
            found.filter(survey="relational"), "wait"
        )

    def test_of_too_few_in_all_it_is_said_that_there_were_some(self):
        """Three answers are no page: how many they were, and what they said, is not told."""
        found = suppress_levels(patterns(("short", True, 9, 3)), by=["wait"])

        assert [(OTHER, None, TOO_FEW, 0)] == found.select("wait", "score", "reason", "n").rows()

    def test_rows_set_aside_are_kept(self):
        """What went in comes out, with its reason."""
        aside = patterns(("long", None, 3, 2)).with_columns(reason=pl.lit("abandoned contact"))
        table = pl.concat([many().with_columns(reason=pl.lit(None, pl.String)), aside])

        found = suppress_levels(table, by=["wait", "passed_on"])

        assert {None: 360, "abandoned contact": 2} == dict(
            found.group_by("reason").agg(pl.col("n").sum()).rows()
        )

    def test_zero_merges_nothing(self):
        """Who asks for it sees every level."""
        table = patterns(("short", True, 9, 1), ("long", False, 3, 1))

        assert table.equals(suppress_levels(table, by=["wait"], min_cell=0))

    def test_no_answers_make_an_empty_table(self):
        """Where nobody answered there is nothing to merge."""
        assert suppress_levels(many().clear(), by=["wait", "passed_on"]).is_empty()

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([*WAITS.categories, None]),
                st.sampled_from([True, False, None]),
                st.sampled_from([3, 8, 9]),
                st.integers(1, 12),
            ),
            min_size=1,
            max_size=14,
        )
    )
    def test_each_column_is_merged_as_suppress_small_merges_it_beside_the_others(self, rows):
        """A level on this page is one of those that every other page shows."""
        table = patterns(*rows)

        found = suppress_levels(table, by=["wait", "passed_on"])

        for name, beside in (("wait", []), ("passed_on", ["wait"])):
            whole = suppress_small(table, by=[name], beside=beside, detail="scores")
            expected = {None if k is None else str(k): n for k, n in sizes(whole, name).items()}
            told = {None if k is None else str(k).lower(): n for k, n in sizes(found, name).items()}
            assert expected == told

    def test_a_missing_column_is_named(self):
        """The error says what is there."""
        with pytest.raises(MissingColumnError, match="needs the column 'hold', which is not in"):
            suppress_levels(many(), by=["hold"])

    @pytest.mark.parametrize("by", [["wait", "wait"], ["score"], ["survey"]])
    def test_columns_that_cannot_be_levels_are_refused(self, by):
        """Each column once, and none that the counting needs."""
        table = many().with_columns(survey=pl.lit("transactional"))

        with pytest.raises(OptionError) as caught:
            suppress_levels(table, by=by)

        assert (
            f"suppress_levels() cannot use by={by}.\n"
            "  It takes each column once, and columns of the service: wait_seconds, transfers, ..."
        ) == str(caught.value)

    def test_one_is_no_group(self):
        """The fewest that can hide one another are two."""
        with pytest.raises(OptionError, match="a whole number, 2 or more, or 0 to merge nothing"):
            suppress_levels(many(), by=["wait"], min_cell=1)
