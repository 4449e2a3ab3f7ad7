"""The count table: checked, rolled up, summed by band."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal
from strategies import count_tables, make_counts

from nps_kit.counts import (
    check_counts,
    check_unmixed,
    count_bands,
    find_edges,
    measures_of,
    roll_up,
)
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.tallies import tally


def tables(**changes: object) -> pl.DataFrame:
    """Make a count table of two teams."""
    return pl.DataFrame({"team": ["a", "b", "b"], "score": [9, 9, 3], "n": [1, 2, 4], **changes})


class TestMeasuresOf:
    def test_names_the_sums(self):
        """Numbers of answers, weights and totals add up; keys do not."""
        counts = tables(weight=1.0, weight_sq=1.0, total_spend=5.0)

        assert ["n", "weight", "weight_sq", "total_spend"] == measures_of(counts)


class TestCheckCounts:
    def test_completes_the_reason(self):
        """A table without reasons is taken as all used."""
        found = check_counts(tables(), by=["team"], caller="f()")

        assert found["reason"].is_null().all()

    def test_makes_counts_signed(self):
        """Unsigned counts would wrap below zero."""
        counts = tables().cast({"n": pl.UInt32})

        assert pl.Int64 == check_counts(counts, by=(), caller="f()")["n"].dtype

    def test_a_missing_group_is_named_with_the_remedy(self):
        """The error tells how to tally by it."""
        with pytest.raises(MissingColumnError) as caught:
            check_counts(tables(), by=["region"], caller="f()")

        assert str(caught.value) == (
            "f() needs the column 'region', which is not in `counts`.\n"
            "  It has: 'team', 'score', 'n'.  Did you tally by region?"
            '  tally(responses, by=["region"])'
        )

    def test_a_bare_name_is_no_list(self):
        """A word is not taken letter by letter."""
        with pytest.raises(OptionError) as caught:
            check_counts(tables(), by="team", caller="f()")

        assert "f() cannot use by='team'.\n  It takes a list: by=['team']." == str(caught.value)

    @pytest.mark.parametrize("by", [None, {"team"}, [1], 7], ids=str)
    def test_groups_are_a_list_of_names(self, by):
        """Nothing, a set or a number is none."""
        with pytest.raises(OptionError) as caught:
            check_counts(tables(), by=by, caller="f()")

        assert str(caught.value) == (
            f"f() cannot use by={by!r}.\n"
            '  It takes a list of names: by=["team"], and by=[] for all answers together.'
        )

    def test_a_lazy_table_is_to_be_collected(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            check_counts(tables().lazy(), by=(), caller="f()")

        assert str(caught.value) == (
            "f() takes a count table, a polars DataFrame, and was given LazyFrame.\n"
            "  Collect it first:  counts.collect()"
        )

    @pytest.mark.parametrize(
        ("counts", "kind"),
        [
            ({"score": [9], "n": [1]}, "dict"),
            (tables().to_pandas(), "pandas.DataFrame"),
            ("counts.csv", "str"),
            (None, "NoneType"),
        ],
        ids=["dict", "pandas", "address", "none"],
    )
    def test_what_is_no_count_table_is_refused(self, counts, kind):
        """It says what was given, and what makes a count table."""
        with pytest.raises(OptionError) as caught:
            check_counts(counts, by=(), caller="f()")

        assert str(caught.value) == (
            f"f() takes a count table, a polars DataFrame, and was given {kind}.\n"
            "  tally(...) makes one."
        )


class TestCheckUnmixed:
    def test_one_kind_passes(self):
        """Answers of one kind may be added."""
        counts = check_counts(tables(survey="relational"), by=(), caller="f()")

        check_unmixed(counts, by=(), caller="f()")

    def test_a_kind_for_each_group_passes(self):
        """Each team has its own kind: nothing is mixed."""
        counts = tables(survey=["relational", "transactional", "transactional"])

        check_unmixed(check_counts(counts, by=["team"], caller="f()"), by=["team"], caller="f()")

    def test_rows_set_aside_mix_nothing(self):
        """A blank of another kind is not added to anything."""
        counts = tables(
            survey=["relational", "relational", "transactional"], reason=[None, None, "blank"]
        )

        check_unmixed(check_counts(counts, by=(), caller="f()"), by=(), caller="f()")

    def test_two_kinds_raise_and_both_ways_out_are_told(self):
        """The whole text."""
        counts = tables(survey=["relational", "transactional", "transactional"])

        with pytest.raises(MixedSurveysError) as caught:
            check_unmixed(check_counts(counts, by=(), caller="f()"), by=(), caller="f()")

        assert str(caught.value) == (
            "f() would add answers of different kinds: survey is 'relational', 'transactional'.\n"
            "  They measure different things.  Keep one kind, "
            'counts.filter(pl.col("survey") == "relational"), or group by it: '
            'by=["survey", ...].'
        )

    def test_unknown_and_known_are_two_kinds(self):
        """Answers whose kind is not given are not assumed to be of the other kind."""
        counts = tables(scale=["0-10", None, "0-10"])

        with pytest.raises(MixedSurveysError, match="scale is 'not given', '0-10'"):
            check_unmixed(check_counts(counts, by=(), caller="f()"), by=(), caller="f()")


class TestRollUp:
    def test_sums_over_what_is_not_kept(self):
        """Two teams' 9s become one row."""
        assert [(3, 4), (9, 3)] == roll_up(tables()).select("score", "n").rows()

    def test_keeps_every_sum(self):
        """Weights and totals are added up as well."""
        counts = tables(weight=[1.0, 2.0, 3.0], weight_sq=[1.0, 4.0, 9.0], total_spend=[5, 6, 7])

        found = roll_up(counts)

        assert [(3, None, 4, 3.0, 9.0, 7), (9, None, 3, 3.0, 5.0, 11)] == found.rows()

    def test_keeps_survey_and_scale(self):
        """The kind of answers is never summed over."""
        counts = tables(survey="relational", scale="0-10")

        assert ["survey", "scale", "score", "reason", "n"] == roll_up(counts).columns

    def test_coarsens_periods(self):
        """Days become the first days of their months."""
        days = pl.Series([date(2026, 9, 3), date(2026, 9, 28), date(2026, 10, 1)])
        counts = pl.DataFrame({"period": days, "score": 9, "n": [1, 2, 4]})

        found = roll_up(counts, by=["period"], every="month")

        expected = [(date(2026, 9, 1), 3), (date(2026, 10, 1), 4)]
        assert expected == found.select("period", "n").rows()

    def test_weeks_begin_on_monday(self):
        """Sunday belongs to the week before."""
        counts = pl.DataFrame({"period": [date(2026, 9, 6), date(2026, 9, 7)], "score": 9, "n": 1})

        found = roll_up(counts, by=["period"], every="week")

        assert [date(2026, 8, 31), date(2026, 9, 7)] == found["period"].to_list()

    @given(count_tables())
    def test_loses_no_row(self, table):
        """Rows in are rows out, those set aside among them."""
        assert table["n"].sum() == roll_up(table, by=["channel"])["n"].sum()

    @given(count_tables())
    def test_in_two_steps_is_in_one(self, table):
        """By team and channel, then by team, is by team."""
        steps = roll_up(roll_up(table, by=["team", "channel"]), by=["team"])

        assert_frame_equal(roll_up(table, by=["team"]), steps)

    def test_an_empty_table_stays_empty(self):
        """No rows in, no rows out, with the columns."""
        found = roll_up(tables().clear(), by=["team"])

        assert (0, ["team", "score", "reason", "n"]) == (found.height, found.columns)

    def test_periods_need_their_column(self):
        """The whole text of asking for months without periods."""
        with pytest.raises(OptionError) as caught:
            roll_up(tables(), by=["team"], every="month")

        assert str(caught.value) == (
            "roll_up() with every=\"month\" makes periods, and by=['team'] keeps none.\n"
            '  Add it: by=["period", ...].'
        )

    @pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
    def test_times_with_a_zone_are_refused(self, zone):
        """Midnight in Berlin is another month in London, and would move in silence."""
        first = pl.Series([datetime(2026, 2, 1)]).dt.replace_time_zone(zone)
        counts = pl.DataFrame({"period": first, "score": 9, "n": 1})

        with pytest.raises(OptionError) as caught:
            roll_up(counts, by=["period"], every="month")

        assert str(caught.value) == (
            "roll_up() needs dates without a time zone in 'period' of `counts`, which holds "
            f"Datetime(time_unit='us', time_zone='{zone}').\n"
            "  Keep the days of that zone:  "
            '.with_columns(pl.col("period").dt.replace_time_zone(None))'
        )

    def test_words_are_no_periods(self):
        """No traceback of polars."""
        with pytest.raises(OptionError, match="which holds String"):
            roll_up(tables(period="2026-01"), by=["period"], every="month")

    def test_times_become_the_days_they_fall_on(self):
        """A count table of hours is as good as one of days."""
        counts = pl.DataFrame({"period": [datetime(2026, 2, 1, 23)], "score": 9, "n": 1})

        assert [date(2026, 2, 1)] == roll_up(counts, by=["period"], every="month")[
            "period"
        ].to_list()

    def test_an_unknown_unit_is_told_the_known_ones(self):
        """Months, not monthly."""
        with pytest.raises(OptionError, match="Did you mean 'month'"):
            roll_up(tables(), by=["period"], every="monthly")


class TestCountBands:
    def test_counts_each_band(self):
        """Detractors, passives and promoters, and all of them."""
        found = count_bands(make_counts(3, 2, 5), caller="f()")

        assert [(10, 3, 2, 5)] == found.select("n", "detractors", "passives", "promoters").rows()

    def test_sums_weights_by_band(self):
        """Weights and their squares, band by band."""
        counts = tables(weight=[1.0, 2.0, 8.0], weight_sq=[1.0, 2.0, 16.0])

        found = count_bands(counts, caller="f()")

        assert (8.0, 3.0) == found.select("weight_detractors", "weight_promoters").row(0)
        assert (16.0, 3.0) == found.select("weight_sq_detractors", "weight_sq_promoters").row(0)

    def test_a_group_all_set_aside_is_there_with_zeros(self):
        """A team whose answers were all blank is not forgotten."""
        found = count_bands(tables(reason=["blank", None, None]), by=["team"], caller="f()")

        assert [("a", 0), ("b", 6)] == found.select("team", "n").rows()

    def test_carries_the_kind_of_answers(self):
        """Survey and scale travel along."""
        found = count_bands(tables(survey="relational"), by=["team"], caller="f()")

        assert ["relational", "relational"] == found["survey"].to_list()

    @given(count_tables())
    def test_bands_add_up_to_n(self, table):
        """Every answer that counts is in one band."""
        found = count_bands(table, by=["team"], caller="f()")

        assert found["n"].equals(
            found.select(n=pl.col("detractors") + pl.col("passives") + pl.col("promoters"))["n"]
        )

    def test_without_groups_there_is_one_row(self):
        """Even of an empty table."""
        found = count_bands(make_counts().clear(), caller="f()")

        assert [(0, 0, 0, 0)] == found.rows()


class TestFindEdges:
    def test_gives_each_band_its_place(self):
        """A chart finds where a band lies without reading its label."""
        assert [
            ("hold_seconds", "under 30 s", 0.0, 30.0, "seconds"),
            ("hold_seconds", "30 s to 2 min", 30.0, 120.0, "seconds"),
            ("hold_seconds", "2 min and over", 120.0, None, "seconds"),
            ("own", "under 5", None, 5.0, None),
            ("own", "5 and over", 5.0, None, None),
        ] == find_edges({"hold_seconds": (30, 120), "own": (5,)}).rows()

    @pytest.mark.parametrize(
        "name",
        ["wait_seconds", "transfers", "csat", "qa_score", "cost", "a column of one's own"],
    )
    def test_uses_the_labels_of_the_tally(self, name):
        """Every label of a count table is found, in its order."""
        edges = (1, 2, 70)
        frame = pl.DataFrame({"score": [9] * 4, name: [0.0, 1.0, 69.5, 80.0]})

        counts = tally(frame, bands={name: edges})

        assert counts[name].to_list() == find_edges({name: edges})["value"].to_list()

    @pytest.mark.parametrize(
        "edges",
        [
            (),
            30,
            "30",
            None,
            (300, 30),
            (30, 30),
            {30, 60},
            {30: 60},
            ("a",),
            (1, float("inf")),
            [float("nan")],
        ],
        ids=str,
    )
    def test_edges_that_do_not_rise_are_refused(self, edges):
        """As where they are cut."""
        cut = {"wait_seconds": edges}

        with pytest.raises(OptionError) as caught:
            find_edges(cut)

        assert str(caught.value) == (
            f"find_edges() cannot use bands={cut!r}.\n"
            '  It takes numbers that rise, one or more a column: {"wait_seconds": (30, 120)}.'
        )

    @pytest.mark.parametrize("bands", [{1: (2,)}, [30, 120], "wait_seconds"], ids=str)
    def test_edges_of_no_metric_are_refused(self, bands):
        """A list of numbers does not say what it cuts."""
        with pytest.raises(OptionError, match="the edges of each metric"):
            find_edges(bands)

    @pytest.mark.parametrize(
        "edges", [np.array([30, 120]), pl.Series([30, 120]), range(30, 210, 90)]
    )
    def test_takes_any_list_of_numbers(self, edges):
        """Such as the quantiles of a column."""
        assert find_edges({"own": (30, 120)}).equals(find_edges({"own": edges}))

    def test_of_nothing_is_an_empty_table(self):
        """No metric is cut, and the columns are there."""
        assert ["driver", "value", "from", "to", "unit"] == find_edges({}).columns
