"""Counts without small groups."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import count_tables

from nps_kit.counts import count_bands, roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.privacy.suppression import OTHER, TOO_FEW, keep_whole, suppress_small

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def counts(**teams: tuple[int, int, int]) -> pl.DataFrame:
    """Make a count table of detractors, passives and promoters by team."""
    return pl.DataFrame(
        [
            (team, score, n)
            for team, bands in teams.items()
            for score, n in zip((3, 7, 9), bands, strict=True)
            if n
        ],
        schema={"team": pl.String, "score": pl.Int64, "n": pl.Int64},
        orient="row",
    )


def sizes(table: pl.DataFrame, *by: str) -> dict[object, int]:
    """Say how many answers that count each group has."""
    bands = count_bands(table, by=by, caller="the test").select(*by, "n")
    return {row[0] if len(by) == 1 else row[:-1]: row[-1] for row in bands.rows()}


def used(table: pl.DataFrame) -> int:
    """Count the answers that count."""
    return int(table.filter(pl.col("reason").is_null())["n"].sum())


def two_columns() -> pl.DataFrame:
    """Make counts in which chat is small in one team, and mail in both."""
    return pl.DataFrame(
        {
            "team": ["a"] * 6 + ["b"] * 6,
            "channel": (["phone"] * 2 + ["chat"] * 2 + ["mail"] * 2) * 2,
            "score": [3, 9] * 6,
            "n": [10, 10, 1, 2, 1, 1, 10, 10, 8, 8, 3, 3],
        }
    )


class TestSuppressSmall:
    def test_large_groups_stay(self):
        """Nothing is merged where nothing is small."""
        assert {"a": 5, "b": 9} == sizes(
            suppress_small(counts(a=(1, 1, 3), b=(4, 0, 5)), by=["team"]), "team"
        )

    def test_small_groups_become_other(self):
        """Two small teams are shown as one group."""
        table = counts(a=(9, 0, 9), b=(1, 1, 1), c=(2, 0, 1))

        assert {"a": 18, OTHER: 6} == sizes(suppress_small(table, by=["team"]), "team")

    def test_other_grows_until_it_is_large_enough(self):
        """One small team takes the next smallest with it."""
        table = counts(a=(9, 0, 9), b=(1, 1, 1), c=(4, 0, 4))

        assert {"a": 18, OTHER: 11} == sizes(suppress_small(table, by=["team"]), "team")

    def test_groups_of_one_size_are_taken_in_together(self):
        """Which of two equals was taken is not left to the alphabet."""
        table = counts(a=(9, 0, 9), b=(1, 1, 1), c=(4, 0, 4), d=(3, 2, 3))

        assert {"a": 18, OTHER: 19} == sizes(suppress_small(table, by=["team"]), "team")

    def test_unanimous_groups_are_small_up_to_twice_the_limit(self):
        """Nine detractors of nine would tell what each of them said."""
        table = counts(a=(9, 0, 9), b=(9, 0, 0), c=(0, 10, 0), d=(1, 0, 1))

        assert {"a": 18, "c": 10, OTHER: 11} == sizes(suppress_small(table, by=["team"]), "team")

    def test_an_other_that_is_unanimous_grows_on(self):
        """Merging two teams of detractors hides nothing."""
        table = counts(a=(9, 0, 9), b=(3, 0, 0), c=(4, 0, 0), d=(5, 0, 1))

        assert {"a": 18, OTHER: 13} == sizes(suppress_small(table, by=["team"]), "team")

    @pytest.mark.parametrize("each", [(0, 0, 1), (2, 0, 2)])
    def test_other_never_gives_each_of_its_groups_away(self, each):
        """Five teams with one answer each, or all one too few, could be told from their sum."""
        small = dict.fromkeys("bcdef", each)
        small["b"] = each[::-1]
        table = counts(a=(9, 0, 9), g=(5, 0, 5), **small)

        merged = sizes(suppress_small(table, by=["team"]), "team")

        assert {"a": 18, OTHER: 10 + 5 * sum(each)} == merged

    def test_the_limit_can_be_set(self):
        """A works council may want ten."""
        table = counts(a=(9, 0, 9), b=(4, 0, 5), c=(4, 0, 4))

        assert {"a": 18, OTHER: 17} == sizes(
            suppress_small(table, by=["team"], min_cell=10), "team"
        )

    def test_the_last_column_is_merged_first(self):
        """Teams stay; within a team the small channels go together."""
        merged = suppress_small(two_columns(), by=["team", "channel"])

        assert {
            ("a", OTHER): 5,
            ("a", "phone"): 20,
            ("b", "chat"): 16,
            ("b", "mail"): 6,
            ("b", "phone"): 20,
        } == sizes(merged, "team", "channel")

    def test_the_first_column_keeps_its_sums(self):
        """A team's own score is what it was."""
        merged = suppress_small(two_columns(), by=["team", "channel"])

        assert sizes(two_columns(), "team") == sizes(merged, "team")

    def test_a_small_first_group_is_merged_whole(self):
        """A small team's channels go to "other" teams, and are told apart there if they can."""
        table = two_columns().with_columns(
            n=pl.when(pl.col("team") == "a").then("n").otherwise(pl.col("score") // 9)
        )

        merged = suppress_small(table, by=["team", "channel"])

        assert {(OTHER, OTHER): 7, (OTHER, "phone"): 21} == sizes(merged, "team", "channel")

    def test_each_period_is_merged_by_itself(self):
        """A month's groups are the same whichever months stand beside it."""
        march = counts(a=(9, 0, 9), b=(1, 1, 1), c=(4, 0, 4)).with_columns(period=MARCH)
        april = counts(a=(1, 0, 1), b=(9, 1, 1), c=(4, 0, 4)).with_columns(period=APRIL)
        by = ["period", "team"]

        both = suppress_small(pl.concat([march, april]), by=by)

        assert both.equals(pl.concat([suppress_small(march, by=by), suppress_small(april, by=by)]))

    def test_a_period_too_small_as_a_whole_is_left_out(self):
        """That it had answers is said, how many is not."""
        march = counts(a=(1, 1, 1), b=(0, 0, 1)).with_columns(period=MARCH)
        april = counts(a=(9, 0, 9)).with_columns(period=APRIL)

        merged = suppress_small(pl.concat([march, april]), by=["period", "team"])

        assert [(MARCH, OTHER, None, TOO_FEW, 0)] == merged.filter(
            pl.col("period") == MARCH
        ).select("period", "team", "score", "reason", "n").rows()

    def test_a_table_too_small_as_a_whole_is_left_out(self):
        """Four answers are not shown, with or without groups."""
        assert [(None, TOO_FEW, 0)] == suppress_small(counts(a=(1, 1, 2)), by=[]).rows()

    def test_kinds_of_survey_are_never_merged(self):
        """Each kind has its own "other"."""
        table = counts(a=(9, 0, 9), b=(1, 1, 1), c=(3, 1, 1))
        both = pl.concat([table.with_columns(survey=pl.lit(kind)) for kind in ("x", "y")])

        merged = suppress_small(both, by=["survey", "team"])

        assert {"x": 26, "y": 26} == sizes(merged, "survey")

    def test_scores_become_bands(self):
        """Of five answers each score would tell too much."""
        table = pl.DataFrame({"score": [0, 1, 6, 7, 8, 9, 10], "n": 1})

        assert [(6, 3), (8, 2), (10, 2)] == (
            suppress_small(table, by=[]).select("score", "n").rows()
        )

    def test_scores_can_be_kept(self):
        """A histogram of a whole period needs them."""
        table = pl.DataFrame({"score": [0, 1, 6, 7, 8, 9, 10], "n": 1})

        assert table["score"].to_list() == (
            suppress_small(table, by=[], detail="scores")["score"].to_list()
        )

    def test_rows_set_aside_follow_their_group(self):
        """What was set aside in a team that is merged is set aside in "other"."""
        table = pl.DataFrame(
            {
                "team": ["a", "a", "a", "b", "b", "c"],
                "score": [3, 9, None, 9, 77, None],
                "reason": [None, None, "blank", None, "outside the scale", "blank"],
                "n": [9, 9, 2, 1, 1, 1],
            }
        )

        rest = suppress_small(table, by=["team"]).filter(pl.col("reason").is_not_null())

        assert [
            (OTHER, None, "blank", 3),
            (OTHER, None, "outside the scale", 1),
        ] == rest.rows()

    def test_undated_rows_keep_their_group(self):
        """Where nobody answered there is nothing to hide."""
        undated = pl.DataFrame(
            {"period": [None], "team": ["a"], "score": [None], "reason": ["no date"], "n": [3]},
            schema_overrides={"period": pl.Date, "score": pl.Int64},
        )

        merged = suppress_small(undated, by=["period", "team"])

        assert [(None, "a", None, "no date", 3)] == merged.rows()

    def test_weights_and_totals_are_summed(self):
        """What was counted with weights stays weighted."""
        table = counts(a=(9, 0, 9), b=(1, 1, 1), c=(2, 0, 1)).with_columns(
            weight=pl.col("n") * 0.5, total_cost=pl.col("n") * 2
        )

        merged = suppress_small(table, by=["team"]).filter(pl.col("team") == OTHER)

        assert (3.0, 12) == merged.select(pl.col("weight", "total_cost").sum()).row(0)

    def test_groups_not_given_are_a_group(self):
        """A missing team is merged like any other, and kept if it is large."""
        table = counts(a=(9, 0, 9), b=(5, 0, 5)).with_columns(
            team=pl.when(pl.col("team") == "a").then(pl.col("team"))
        )

        assert {"a": 18, None: 10} == sizes(suppress_small(table, by=["team"]), "team")

    def test_an_other_of_the_data_is_part_of_ours(self):
        """Two groups of one name could not be told apart."""
        table = counts(a=(9, 0, 9), b=(1, 1, 1), other=(20, 0, 20))

        assert {"a": 18, OTHER: 43} == sizes(suppress_small(table, by=["team"]), "team")

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (pl.Enum(["1", "0"]), pl.Enum(["1", "0", OTHER])),
            (pl.Categorical, pl.String),
            (pl.Int64, pl.String),
            (pl.Boolean, pl.String),
        ],
    )
    def test_columns_make_room_for_other(self, kind, expected):
        """The type is the same whether or not anything was merged, so tables fit together."""
        table = pl.DataFrame({"team": [1, 0], "score": [3, 9], "n": [9, 9]}).with_columns(
            pl.col("team").cast(pl.String).cast(kind)
            if kind in (pl.Categorical, pl.Enum(["1", "0"]))
            else pl.col("team").cast(kind)
        )

        assert expected == suppress_small(table, by=["team"]).schema["team"]

    @given(count_tables(), st.integers(2, 12))
    def test_no_group_shown_is_small(self, table, min_cell):
        """Every group has enough answers, and is not of one mind while it is under twice that."""
        merged = suppress_small(table, by=["team", "channel"], min_cell=min_cell)
        groups = count_bands(merged, by=["team", "channel"], caller="the test")
        most = pl.max_horizontal("detractors", "passives", "promoters")

        assert groups.filter(
            pl.col("n") > 0,
            (pl.col("n") < min_cell) | ((most == pl.col("n")) & (pl.col("n") < 2 * min_cell)),
        ).is_empty()

    @given(count_tables())
    def test_nothing_is_lost_but_what_is_too_few_as_a_whole(self, table):
        """The bands of all groups together are what they were."""
        merged = suppress_small(table, by=["team", "channel"])
        whole = suppress_small(table, by=[])

        assert roll_up(merged).equals(roll_up(whole))

    @given(count_tables())
    def test_merging_twice_is_merging_once(self, table):
        """What is large enough stays as it is."""
        once = suppress_small(table, by=["team", "channel"])

        assert once.equals(suppress_small(once, by=["team", "channel"]))

    @given(count_tables(), st.randoms())
    def test_the_order_of_rows_does_not_matter(self, table, random):
        """The same counts are merged the same way."""
        rows = list(range(table.height))
        random.shuffle(rows)

        assert suppress_small(table, by=["team"]).equals(suppress_small(table[rows], by=["team"]))

    def test_a_missing_column_is_named_with_those_present(self):
        """The message says what to tally by."""
        with pytest.raises(MissingColumnError, match=r"suppress_small\(\) needs the column 'chan"):
            suppress_small(counts(a=(1, 1, 1)), by=["channel"])

    def test_surveys_about_to_be_mixed_are_refused(self):
        """Two kinds of survey are no group."""
        table = counts(a=(9, 0, 9), b=(9, 1, 1)).with_columns(survey=pl.col("team"))

        with pytest.raises(MixedSurveysError, match=r"suppress_small\(\) would add"):
            suppress_small(table, by=[])

    @pytest.mark.parametrize("min_cell", [1, 0, -5, 2.5, True, "5"])
    def test_a_limit_that_is_none_is_refused(self, min_cell):
        """One answer is never a group."""
        with pytest.raises(OptionError) as caught:
            suppress_small(counts(a=(1, 1, 1)), by=["team"], min_cell=min_cell)

        assert str(caught.value) == (
            f"suppress_small() cannot use min_cell={min_cell!r}.\n"
            "  It takes a whole number, 2 or more."
        )

    @pytest.mark.parametrize("by", [["team", "team"], ["team", "score"]])
    def test_columns_that_cannot_be_grouped_by_are_refused(self, by):
        """Each column is named once, and scores are no groups."""
        with pytest.raises(OptionError, match="takes each column once, and none of 'score'"):
            suppress_small(counts(a=(1, 1, 1)), by=by)


class TestKeepWhole:
    def test_a_group_partly_in_other_goes_there(self):
        """Chat of one team is hidden, so "chat" would be only the other team's."""
        merged = suppress_small(two_columns(), by=["team", "channel"])

        assert {OTHER: 27, "phone": 40} == sizes(keep_whole(merged, by=["channel"]), "channel")

    def test_a_group_shown_everywhere_is_what_it_was(self):
        """What keeps its name keeps its number."""
        merged = suppress_small(two_columns(), by=["team", "channel"])

        assert (
            sizes(two_columns(), "channel")["phone"]
            == (sizes(keep_whole(merged, by=["channel"]), "channel")["phone"])
        )

    def test_columns_that_are_kept_are_looked_at_one_by_one(self):
        """Within a team in which chat is shown, it stays."""
        merged = suppress_small(two_columns(), by=["team", "channel"])

        assert merged.equals(keep_whole(merged, by=["team", "channel"]))

    def test_periods_rolled_up_lack_no_answers_of_a_group_named(self):
        """A team merged in April is not shown for the quarter with March alone."""
        march = counts(a=(9, 0, 9), b=(5, 1, 1), c=(4, 0, 4)).with_columns(period=MARCH)
        april = counts(a=(9, 0, 9), b=(1, 1, 1), c=(4, 0, 4)).with_columns(period=APRIL)
        merged = suppress_small(pl.concat([march, april]), by=["period", "team"])

        year = keep_whole(merged, by=["period", "team"], every="year")

        assert {"a": 36, OTHER: 26} == sizes(year, "team")

    @given(count_tables(set_aside=False), st.integers(2, 8))
    def test_every_group_named_holds_all_its_answers(self, table, min_cell):
        """Against the counts before merging, name by name."""
        merged = suppress_small(table, by=["team", "channel"], min_cell=min_cell)

        whole = sizes(keep_whole(merged, by=["channel"]), "channel")
        before = sizes(table, "channel")

        assert {} == {
            name: n for name, n in whole.items() if name != OTHER and n and before[name] != n
        }

    @given(count_tables())
    def test_no_answer_is_lost(self, table):
        """What is not named is in "other"."""
        merged = suppress_small(table, by=["team", "channel"])

        assert used(merged) == used(keep_whole(merged, by=["channel"]))

    def test_a_missing_column_is_named(self):
        """The message speaks of this function."""
        with pytest.raises(MissingColumnError, match=r"keep_whole\(\) needs the column 'channel'"):
            keep_whole(counts(a=(1, 1, 1)), by=["channel"])
