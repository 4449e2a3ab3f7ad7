"""Counts without small groups."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import count_tables

from nps_kit.counts import count_bands, roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.privacy.suppression import (
    OTHER,
    TOO_FEW,
    keep_whole,
    suppress_alike,
    suppress_small,
)

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

    def test_a_limit_of_none_merges_nothing(self):
        """For her own eyes, an analyst sees every group."""
        table = counts(a=(9, 0, 9), b=(1, 0, 0), c=(0, 0, 2))

        assert {"a": 18, "b": 1, "c": 2} == sizes(
            suppress_small(table, by=["team"], min_cell=0), "team"
        )

    def test_days_are_summed_to_the_unit_asked_for(self):
        """Months are merged as months, from the days that were counted."""
        days = pl.concat(
            counts(a=(3, 0, 3), b=(1, 1, 1)).with_columns(period=date(2026, 3, day))
            for day in (1, 2)
        )

        merged = suppress_small(days, by=["period", "team"], every="month")

        assert {(MARCH, "a"): 12, (MARCH, "b"): 6} == sizes(merged, "period", "team")

    def test_tables_beside_one_another_merge_one_column_each(self):
        """Each keeps what it can: a small part of both, as of mail in team b, hides neither."""
        teams = suppress_small(two_columns(), by=["team"])
        channels = suppress_small(two_columns(), by=["channel"], beside=["team"])

        assert {"a": 25, "b": 42} == sizes(teams, "team")
        assert {"chat": 19, "mail": 8, "phone": 40} == sizes(channels, "channel")

    def test_a_part_that_two_tables_would_tell_is_merged(self):
        """Where all detractors are in team a, one in chat would be told of its small chat."""
        rows = [("a", "phone", 3, 4), ("a", "phone", 9, 8), ("a", "mail", 9, 5)]
        rows += [
            ("a", "chat", 3, 1),
            ("b", "chat", 9, 9),
            ("b", "phone", 9, 9),
            ("b", "mail", 9, 5),
        ]
        table = pl.DataFrame(rows, schema=["team", "channel", "score", "n"], orient="row")
        table = pl.concat([table, table.tail(1).with_columns(score=pl.lit(8, pl.Int64))])

        alone = suppress_small(table, by=["channel"])
        beside = suppress_small(table, by=["channel"], beside=["team"])

        assert {"chat": 10, "mail": 15, "phone": 21} == sizes(alone, "channel")
        assert {OTHER: 25, "phone": 21} == sizes(beside, "channel")

    def test_columns_crossed_are_not_set_beside_others(self):
        """One at a time, or all of them in one call."""
        table = two_columns().with_columns(region=pl.lit("north"))

        with pytest.raises(OptionError) as caught:
            suppress_small(table, by=["team", "channel"], beside=["region"])

        assert str(caught.value) == (
            "suppress_small() cannot cross ['team', 'channel'] with other tables beside it.\n"
            "  Merge one column at a time, or all of them crossed in one call without beside=."
        )

    def test_a_column_beside_must_be_in_the_table(self):
        """The message says what to tally by."""
        with pytest.raises(MissingColumnError, match=r"suppress_small\(\) needs the column 'chan"):
            suppress_small(counts(a=(1, 1, 1)), by=["team"], beside=["channel"])

    @given(count_tables(), st.integers(2, 8))
    def test_tables_beside_one_another_have_the_same_sums(self, table, min_cell):
        """What is left out of one is left out of all."""
        teams = suppress_small(table, by=["team"], min_cell=min_cell)
        channels = suppress_small(table, by=["channel"], beside=["team"], min_cell=min_cell)

        assert roll_up(teams).equals(roll_up(channels))

    @pytest.mark.parametrize("min_cell", [1, -5, 2.5, True, False, "5"])
    def test_a_limit_that_is_none_is_refused(self, min_cell):
        """One answer is never a group."""
        with pytest.raises(OptionError) as caught:
            suppress_small(counts(a=(1, 1, 1)), by=["team"], min_cell=min_cell)

        assert str(caught.value) == (
            f"suppress_small() cannot use min_cell={min_cell!r}.\n"
            "  It takes a whole number, 2 or more, or 0 to merge nothing."
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

    def test_periods_set_side_by_side_have_the_same_groups(self):
        """A team merged in April is merged in March, too, or it would seem to have gone."""
        march = counts(a=(9, 0, 9), b=(5, 1, 1), c=(4, 0, 4)).with_columns(period=MARCH)
        april = counts(a=(9, 0, 9), b=(1, 1, 1), c=(4, 0, 4)).with_columns(period=APRIL)
        merged = suppress_small(pl.concat([march, april]), by=["period", "team"])

        same = keep_whole(merged, by=["period", "team"], periods="all")

        assert {
            (MARCH, "a"): 18,
            (MARCH, OTHER): 15,
            (APRIL, "a"): 18,
            (APRIL, OTHER): 11,
        } == sizes(same, "period", "team")

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


class TestSuppressAlike:
    def contacts(self) -> pl.DataFrame:
        """Make contacts of four teams in two months."""
        return pl.DataFrame(
            {
                "team": [*"abcd"] * 2,
                "period": [MARCH] * 4 + [APRIL] * 4,
                "n": [10, 20, 30, 40] * 2,
                "n_invited": [1, 2, 3, 4] * 2,
            }
        )

    def test_contacts_are_merged_like_the_answers(self):
        """What the answers name is named, all else is part of "other"."""
        like = pl.DataFrame({"team": ["a", OTHER], "score": 9, "n": [20, 20]})

        assert [("a", 20, 2), (OTHER, 180, 18)] == (
            suppress_alike(self.contacts().drop("period"), like=like, by=["team"]).rows()
        )

    def test_each_period_is_merged_as_it_is_in_the_answers(self):
        """A team shown in one month is not named in the next by its contacts."""
        march = counts(a=(9, 0, 9), b=(9, 1, 1)).with_columns(period=MARCH)
        april = counts(a=(9, 0, 9), b=(1, 0, 1), c=(2, 0, 2)).with_columns(period=APRIL)
        like = suppress_small(pl.concat([march, april]), by=["period", "team"])

        alike = suppress_alike(self.contacts(), like=like, by=["team"])

        assert {
            ("a", MARCH, 10),
            ("b", MARCH, 20),
            (OTHER, MARCH, 70),
            ("a", APRIL, 10),
            (OTHER, APRIL, 90),
        } == set(alike.select("team", "period", "n").rows())

    def test_a_group_without_an_answer_keeps_its_name_where_nothing_is_merged(self):
        """That nobody answered is told by the answers already."""
        like = counts(a=(9, 0, 9), b=(9, 1, 1))

        alike = suppress_alike(self.contacts().drop("period"), like=like, by=["team"])

        assert [*"abcd"] == alike["team"].to_list()

    def test_contacts_of_a_period_too_few_to_show_are_left_out(self):
        """Few contacts would tell how few answers there can have been."""
        march = counts(a=(1, 0, 1)).with_columns(period=MARCH)
        april = counts(a=(9, 0, 9)).with_columns(period=APRIL)
        like = suppress_small(pl.concat([march, april]), by=["period", "team"])

        assert [APRIL] == (
            suppress_alike(self.contacts(), like=like, by=["team"])["period"].unique().to_list()
        )

    def test_columns_are_merged_within_columns(self):
        """A channel is looked for in the team it is shown in."""
        like = suppress_small(two_columns(), by=["team", "channel"])
        contacts = two_columns().select("team", "channel", n=pl.lit(10))

        alike = suppress_alike(contacts, like=like, by=["team", "channel"])

        assert {
            ("a", OTHER, 40),
            ("a", "phone", 20),
            ("b", "chat", 20),
            ("b", "mail", 20),
            ("b", "phone", 20),
        } == set(alike.rows())

    def test_contacts_that_no_column_tells_apart_are_added_up(self):
        """One number stays one number."""
        like = counts(a=(9, 0, 9))

        assert [(40,)] == suppress_alike(pl.DataFrame({"n": [10, 30]}), like=like, by=[]).rows()

    def test_a_missing_column_is_named_with_those_present(self):
        """The message says what the contacts have."""
        with pytest.raises(MissingColumnError, match=r"suppress_alike\(\) needs the column 'team'"):
            suppress_alike(pl.DataFrame({"n": [1]}), like=counts(a=(9, 0, 9)), by=["team"])
