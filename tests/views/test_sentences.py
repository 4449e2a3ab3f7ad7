# ruff: noqa: RUF001 - the true minus sign is part of the promise
import subprocess
import sys
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from views.view_tables import (
    FIGURES,
    TOUCHPOINTS,
    comparison_of,
    counts_of,
    estimates_of,
    months,
    one_score,
    trend_of,
)

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.outputs import Checked
from nps_kit.stats.estimates import estimate_shares
from nps_kit.views.sentences import (
    say_absent,
    say_bands,
    say_benchmarks,
    say_checked,
    say_estimates,
    say_kept,
)


def reads_well(text: str) -> bool:
    """Tell whether a sentence is whole: no leavings of a program, brackets in pairs."""
    return (
        not any(word in text for word in ("nan", "None", "null", "--", "inf ", "  ", "()", " ,"))
        and text.count("(") == text.count(")")
        and text.endswith(".")
        and (text[0].isupper() or not text[0].isalpha())
    )


def _another(key: object) -> object:
    """Give a value of the same type, so that both fit in one column."""
    return {bool: False, int: 8, str: "other", date: date(2020, 1, 1)}[type(key)]


names = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5000),
    st.dates(),
    st.text("abcdefgh ", max_size=60),
)
scores = st.one_of(st.none(), st.floats(-100, 100))


class TestSayEstimates:
    def test_one_score_is_said_with_its_interval_and_answers(self) -> None:
        """No score without its interval and its n."""
        said = say_estimates(one_score(survey="transactional", scale="0-10"))

        assert said == "The score is +31 (26 to 36, 512 transactional answers)."

    def test_one_score_leaves_its_numbers_as_facts(self) -> None:
        """A report can carry the numbers without reading prose."""
        facts = say_estimates(one_score()).facts

        assert facts == {"n": 512, "nps": 31.2, "low": 26.2, "high": 36.2, "few": False}

    def test_a_scale_from_one_is_always_named(self) -> None:
        """A 1-10 scale is written next to every number."""
        said = say_estimates(one_score(scale="1-10"))

        assert said == "The score is +31 (26 to 36, 512 answers on a 1-10 scale)."

    def test_few_answers_are_too_few_to_judge(self) -> None:
        """Twelve answers are said to be too few."""
        said = say_estimates(one_score(12, -51.0))

        assert said == "The score is −51 (−56 to −46, 12 answers: too few to judge)."

    def test_one_answer_is_not_answers(self) -> None:
        """The plural is right."""
        assert "(−100 to −95, 1 answer: too few to judge)" in say_estimates(one_score(1, -100.0))

    def test_groups_are_told_by_the_lowest_and_the_highest(self) -> None:
        """The lowest and the highest of those with answers enough, the others counted."""
        assert say_estimates(TOUCHPOINTS) == (
            "Claims stands lowest at −12 (−17 to −7, 402 answers), onboarding highest at +44 "
            "(39 to 49, 2,210 answers); renewal has too few answers to be ranked (17)."
        )

    def test_short_leaves_the_intervals_to_the_picture(self) -> None:
        """Above a picture that shows them, brackets are left out."""
        assert say_estimates(TOUCHPOINTS, length="short") == (
            "Claims stands lowest at −12, onboarding highest at +44."
        )

    def test_a_group_with_few_answers_is_never_the_highest(self) -> None:
        """Renewal's +60 of 17 answers is no finding."""
        assert say_estimates(TOUCHPOINTS).facts["highest"]["group"] == "onboarding"

    def test_all_few_are_not_ranked(self) -> None:
        """Where no group has answers enough, none is named."""
        said = say_estimates(estimates_of([("a", 21, 40.0), ("b", 9, -3.0)]))

        assert said == "Too few answers to rank any of the 2 groups (21 at most)."

    def test_the_only_one_with_answers_enough_stands_alone(self) -> None:
        """One group of three is neither lowest nor highest."""
        said = say_estimates(estimates_of([("a", 300, 40.0), ("b", 9, -3.0), ("c", 0, None)]))

        assert said == (
            "A stands at +40 (35 to 45, 300 answers); 2 groups have too few answers to be ranked "
            "(9 at most)."
        )

    def test_groups_that_read_alike_are_not_put_in_order(self) -> None:
        """Two groups at +40 are not lowest and highest."""
        said = say_estimates(estimates_of([("a", 300, 40.1), ("b", 90, 39.9)]))

        assert said == "All 2 groups stand at +40 (390 answers)."

    def test_only_a_group_clear_of_all_others_is_called_highest(self) -> None:
        """The two that overlap are not put in order; the third stands above both."""
        table = estimates_of([("a", 300, -5.0), ("b", 90, -3.0), ("c", 90, 20.0)])

        assert say_estimates(table) == (
            "C stands highest at +20 (15 to 25, 90 answers); the other 2 run from −5 to −3."
        )

    def test_groups_whose_intervals_overlap_are_not_ranked(self) -> None:
        """A leaderboard of luck is not told as one."""
        table = estimates_of([("a", 300, -5.0), ("b", 90, -3.0), ("c", 90, 0.0)])

        assert say_estimates(table) == (
            "The 3 groups cannot be told apart, from a at −5 (−10 to 0, 300 answers) to c at 0 "
            "(−5 to 5, 90 answers)."
        )

    def test_ends_that_each_have_a_neighbour_are_not_singled_out(self) -> None:
        """The first and the last differ, but which is last is luck."""
        table = estimates_of([("a", 90, 0.0), ("b", 90, 4.0), ("c", 90, 30.0), ("d", 90, 34.0)])

        assert say_estimates(table, length="short") == (
            "No group of the 4 stands apart from all others, from a at 0 to d at +34."
        )

    @pytest.mark.parametrize(
        ("key", "said"),
        [
            (True, "Touchpoint: yes stands"),
            (7, "Touchpoint 7 stands"),
            ("7", "Touchpoint 7 stands"),
            (None, "Touchpoint: not given stands"),
            (date(2026, 9, 7), "Touchpoint: 7 September 2026 stands"),
            ("iPhone desk", "iPhone desk stands"),
        ],
    )
    def test_names_of_every_type_can_be_read(self, key: object, said: str) -> None:
        """A yes, a number or a missing name is said with its column."""
        another = "other" if key is None else _another(key)
        table = estimates_of([("key", 300, -5.0), ("another", 90, 20.0)]).with_columns(
            touchpoint=pl.Series([key, another])
        )

        assert say_estimates(table).startswith(said)

    def test_the_latest_month_is_set_against_those_before(self) -> None:
        """Over time the latest is said, and whether it lies within the range of the others."""
        assert say_estimates(trend_of([18.2, 38.4, 25.0, 31.2])) == (
            "January 2025 stands at +31 (26 to 36, 500 answers), within the range of the 3 months "
            "before it (+18 to +38)."
        )

    @pytest.mark.parametrize(("nps", "where"), [(60.0, "above"), (-60.0, "below")])
    def test_a_month_beyond_all_others_is_said(self, nps: float, where: str) -> None:
        """The highest or the lowest month so far is called that."""
        said = say_estimates(trend_of([18.2, 38.4, 25.0, nps]))

        assert f", {where} every one of the 3 months before it (+18 to +38)." in said

    def test_the_one_month_before_is_named(self) -> None:
        """One month is no range."""
        assert say_estimates(trend_of([18.2, 31.2])) == (
            "November 2024 stands at +31 (26 to 36, 500 answers); October 2024 stood at +18 "
            "(13 to 23, 500 answers)."
        )

    def test_months_with_few_answers_set_no_range(self) -> None:
        """A month of nine answers is left out of the range, and that is said."""
        table = trend_of([18.2, 90.0, 25.0, 31.2]).with_columns(few=pl.col("nps") == 90.0)

        assert (
            "above every one of the 3 months before it (+18 to +25; 1 month with too few answers "
            "left out)"
        ) in say_estimates(table)

    def test_a_month_without_answers_is_not_the_latest(self) -> None:
        """An empty last month has no score to say."""
        assert say_estimates(trend_of([18.2, None])).startswith("October 2024 stands at +18")

    def test_quarters_are_told_from_months(self) -> None:
        """Three months apart throughout is a quarter."""
        table = estimates_of([(day, 90, 10.0) for day in months(9)[::3]], by="period")

        assert say_estimates(table) == (
            "Q2 2025 stands at +10 (5 to 15, 90 answers), within the range of the 2 quarters "
            "before it (all +10)."
        )

    def test_the_unit_can_be_named(self) -> None:
        """A lone first of January is a year where we say so."""
        table = estimates_of([(date(2026, 1, 1), 90, 10.0)], by="period")

        assert say_estimates(table, every="year") == "2026 stands at +10 (5 to 15, 90 answers)."

    def test_groups_over_time_are_told_for_the_latest_period(self) -> None:
        """With a second key the latest period's groups are compared."""
        early = estimates_of([("a", 90, -50.0), ("b", 90, 0.0)]).with_columns(period=months(2)[0])
        late = estimates_of([("a", 90, 10.0), ("b", 90, 5.0)]).with_columns(period=months(2)[1])

        said = say_estimates(pl.concat([early, late]), by=["touchpoint", "period"])

        assert "from b, November 2024 at +5" in said

    @pytest.mark.parametrize(
        "table", [TOUCHPOINTS.clear(), one_score(0, None), one_score().clear()]
    )
    def test_no_answers_are_said_plainly(self, table: pl.DataFrame) -> None:
        """An empty table is a sentence, never a crash."""
        said = say_estimates(table)

        assert said in ("No answer here counts.", "No touchpoint is recorded in this data.")

    def test_a_column_that_is_not_there_is_said(self) -> None:
        """A key that is null throughout was never recorded."""
        table = TOUCHPOINTS.head(1).with_columns(touchpoint=pl.lit(None, pl.String))

        assert say_estimates(table) == "No touchpoint is recorded in this data."

    def test_what_a_kind_of_survey_lacks_is_said_of_that_kind(self) -> None:
        """Answers about the company name no touchpoint; those about a contact may."""
        table = TOUCHPOINTS.head(1).with_columns(
            touchpoint=pl.lit(None, pl.String), survey=pl.lit("relational")
        )

        assert say_estimates(table) == "No touchpoint is recorded in these relational answers."

    def test_a_missing_column_is_named(self) -> None:
        """What the table lacks is said by name."""
        with pytest.raises(MissingColumnError, match="needs the column 'few'"):
            say_estimates(TOUCHPOINTS.drop("few"))

    def test_by_as_one_word_is_refused(self) -> None:
        """A list is asked for, with the list to write."""
        with pytest.raises(OptionError, match=r"by=\['touchpoint'\]"):
            say_estimates(TOUCHPOINTS, by="touchpoint")

    def test_a_length_of_its_own_is_refused(self) -> None:
        """The choices are named."""
        with pytest.raises(OptionError, match="'whole', 'short'"):
            say_estimates(TOUCHPOINTS, length="long")  # type: ignore[arg-type]

    @given(st.lists(st.tuples(names, st.integers(0, 5000), scores), max_size=30))
    def test_every_table_gives_a_whole_sentence(
        self, rows: list[tuple[object, int, float | None]]
    ) -> None:
        """Whatever the groups, the sentence reads well."""
        known = [(None if key is None else str(key), n, nps if n else None) for key, n, nps in rows]
        table = estimates_of(known or [("a", 0, None)])

        for length in ("whole", "short"):
            assert reads_well(say_estimates(table, length=length))

    @given(st.lists(scores, min_size=1, max_size=30), st.integers(1, 100))
    def test_every_trend_gives_a_whole_sentence(self, points: list[float | None], n: int) -> None:
        """Whatever the months, the sentence reads well."""
        assert reads_well(say_estimates(trend_of(points, n=n)))


class TestSayChecked:
    counts = counts_of(
        {0: 4000, 10: 10980}, reasons={"blank": 104, "outside the scale": 19}
    ).with_columns(period=pl.lit(months(1)[0]))

    def test_rows_read_are_rows_used_and_set_aside(self) -> None:
        """Nothing is dropped in silence, and each reason is counted."""
        counts = pl.concat(
            [self.counts, counts_of({5: 1}).with_columns(period=pl.lit(months(24)[-1]))]
        )

        assert say_checked(counts) == (
            "Read 15,104 rows answered from October 2024 to September 2026: 14,981 count, "
            "123 are set aside (104 blank, 19 outside the scale)."
        )

    def test_days_are_said_to_the_day(self) -> None:
        """Where the periods are days, the dates are days."""
        first = counts_of({9: 3}).with_columns(period=pl.lit(date(2024, 10, 1)))
        last = counts_of({9: 3}).with_columns(period=pl.lit(date(2024, 10, 12)))

        assert say_checked(pl.concat([first, last]), every="day") == (
            "Read 6 rows answered from 1 October 2024 to 12 October 2024: all count."
        )

    def test_facts_hold_every_number(self) -> None:
        """The report takes source, dates and counts from the facts."""
        said = say_checked(self.counts, source="survey.csv")

        assert said.facts == {
            "source": "survey.csv",
            "too_few": 0,
            "first": "2024-10-01",
            "last": "2024-10-31",
            "rows": 15103,
            "used": 14980,
            "set_aside": {"blank": 104, "outside the scale": 19},
        }

    def test_it_is_marked_as_what_was_checked(self) -> None:
        """The report finds it by its role."""
        assert isinstance(say_checked(self.counts), Checked)

    def test_one_row_set_aside_is_singular(self) -> None:
        """One is, two are."""
        said = say_checked(counts_of({9: 1}, reasons={"blank": 1}))

        assert said == "Read 2 rows: 1 counts, 1 is set aside (blank)."

    def test_an_empty_table_was_read_too(self) -> None:
        """No rows is said, not divided by."""
        assert say_checked(counts_of({})) == "Read no rows."

    def test_what_is_too_few_to_show_is_said_without_a_number(self) -> None:
        """How many answers a month had is not told, only that it had some."""
        hidden = counts_of({}, reasons={"too few to show": 0}).with_columns(
            period=pl.lit(months(2)[1]), n=pl.lit(0, pl.Int64)
        )
        said = say_checked(pl.concat([self.counts, hidden.select(self.counts.columns)]))

        assert said == (
            "Read 15,103 rows answered in October 2024: 14,980 count, 123 are set aside "
            "(104 blank, 19 outside the scale). The answers of 1 month are too few to show and "
            "not counted here."
        )
        assert 1 == said.facts["too_few"]

    def test_nothing_but_what_is_too_few_is_said(self) -> None:
        """A table too small even as a whole has its sentence, too."""
        hidden = pl.DataFrame({"score": [None], "reason": ["too few to show"], "n": [0]})

        assert "The answers are too few to show and not counted here." == say_checked(hidden)

    def test_each_kind_of_survey_has_months_of_its_own(self) -> None:
        """A month may have answers of one kind enough, and too few of the other."""
        hidden = pl.DataFrame(
            {
                "survey": ["relational", "relational", "transactional"],
                "period": [*months(2), months(1)[0]],
                "score": None,
                "reason": "too few to show",
                "n": 0,
            }
        )

        assert (
            "The relational answers of 2 months are too few to show and not counted here. "
            "The transactional answers of 1 month are too few to show and not counted here."
        ) == say_checked(hidden)

    def test_none_that_count_is_said(self) -> None:
        """All set aside."""
        said = say_checked(counts_of({}, reasons={"blank": 7}))

        assert said == "Read 7 rows: none counts, 7 are set aside (blank)."

    def test_many_scores_without_a_zero_raise_a_doubt(self) -> None:
        """200 scores and no zero: perhaps the scale began at one."""
        said = say_checked(counts_of({1: 100, 10: 100}))

        assert said == (
            "Read 200 rows: all count.\n"
            "No score among the 200 is 0: if the scale was 1 to 10, name it (--scale 1-10)."
        )

    @pytest.mark.parametrize(
        "counts",
        [
            counts_of({1: 100, 10: 99}),
            counts_of({0: 1, 10: 900}),
            counts_of({1: 100, 10: 900}, scale="1-10"),
        ],
        ids=["too few", "has a zero", "named"],
    )
    def test_no_doubt_without_cause(self, counts: pl.DataFrame) -> None:
        """Few scores, a zero, or a named scale: nothing to ask."""
        assert "scale=" not in say_checked(counts)

    @given(
        st.dictionaries(st.integers(0, 10), st.integers(0, 10**7)),
        st.dictionaries(st.sampled_from(["blank", "twice", "preview"]), st.integers(0, 10**5)),
    )
    def test_used_and_set_aside_add_up(
        self, answers: dict[int, int], aside: dict[str, int]
    ) -> None:
        """Rows in are rows used and rows set aside, always."""
        said = say_checked(counts_of(answers, reasons=aside))

        assert said.facts["rows"] == said.facts["used"] + sum(said.facts["set_aside"].values())
        assert said.count("(") == said.count(")")


class TestSayBands:
    def test_shares_of_the_three_bands(self) -> None:
        """Promoters first, since that is how people speak."""
        counts = counts_of({3: 30, 8: 20, 10: 50}, survey="relational", scale="1-10")

        assert say_bands(estimate_shares(counts)) == (
            "Of 100 relational answers on a 1-10 scale 50 % are promoters, 20 % passives and "
            "30 % detractors."
        )

    def test_nearly_all_is_not_all(self) -> None:
        """One passive of a thousand keeps promoters under 100 %."""
        said = say_bands(estimate_shares(counts_of({8: 1, 9: 999})))

        assert ">99 % are promoters, <1 % passives and 0 %" in said

    def test_weighted_shares_are_said_as_they_were_estimated(self) -> None:
        """Answers are counted, shares are read: nothing is worked out here."""
        counts = counts_of({2: 50, 9: 50}).with_columns(
            weight=pl.Series([150.0, 50.0]), weight_sq=pl.Series([450.0, 50.0])
        )
        said = say_bands(estimate_shares(counts))

        assert said == "Of 100 answers 25 % are promoters, 0 % passives and 75 % detractors."
        assert (said.facts["detractors"], said.facts["share_detractors"]) == (50, 0.75)

    def test_no_answers_are_said_plainly(self) -> None:
        """Only blanks: no shares."""
        said = say_bands(estimate_shares(counts_of({}, reasons={"blank": 3})))

        assert said == "No answer here counts."
        assert (said.facts["n"], said.facts["share_promoters"]) == (0, None)

    def test_a_count_table_is_refused_with_the_way_out(self) -> None:
        """Shares are worked out first, by a function that is named."""
        with pytest.raises(MissingColumnError, match=r"say_bands.*\n.*estimate_shares\(counts\)"):
            say_bands(counts_of({9: 4}))

    def test_several_groups_are_refused_with_both_ways_out(self) -> None:
        """They are never added together."""
        both = pl.concat([counts_of({9: 4}, survey="relational"), counts_of({9: 4}, survey="t")])

        with pytest.raises(OptionError) as caught:
            say_bands(estimate_shares(both, by=["survey"]))

        assert str(caught.value) == (
            "say_bands() shows one group, and `shares` has 2, told apart by 'survey'.\n"
            '  Keep the rows of one, shares.filter(pl.col("survey") == "relational"), '
            "or count them together: estimate_shares(counts)."
        )

    def test_a_group_without_a_name_is_one_of_several(self) -> None:
        """A null key is a group like any other."""
        both = pl.concat([counts_of({9: 4}, team=7), counts_of({9: 4}, team=None)])
        shares = estimate_shares(both, by=["team"])

        with pytest.raises(OptionError, match=r'pl\.col\("team"\) == 7\)'):
            say_bands(shares)

        assert say_bands(shares.filter(pl.col("team").is_null())).startswith("Of 4 answers")

    def test_a_table_cut_short_is_refused(self) -> None:
        """Half the scores make no whole, and a score that stands twice makes too much."""
        shares = estimate_shares(counts_of({3: 30, 10: 50}))

        for cut in (shares.filter(pl.col("score") > 6), pl.concat([shares, shares])):
            with pytest.raises(OptionError, match="one row for each score of the scale"):
                say_bands(cut)


class TestSayKept:
    def test_says_what_is_left_out(self) -> None:
        """Answers of the other kind do not leave in silence."""
        both = pl.DataFrame(
            {"survey": ["transactional", "relational"], "score": [9, 9], "n": [1200, 300]}
        )

        assert say_kept(both.head(1), out_of=both) == (
            "This page is about the 1,200 transactional answers; 300 relational answers are left "
            "out."
        )

    def test_all_of_them_need_no_more_words(self) -> None:
        """Where nothing is left out, nothing is said of it."""
        counts = pl.DataFrame({"score": [9, 3], "n": [1, 0]})

        assert say_kept(counts, out_of=counts) == "This page is about 1 answer."

    def test_one_group_is_named_and_the_others_counted(self) -> None:
        """What is left out is of other touchpoints, and of other kinds."""
        every = pl.DataFrame(
            {"survey": [*["transactional"] * 2, "relational"], "score": 9, "n": [200, 900, 50]}
        )

        assert say_kept(every.head(1), out_of=every, whose="billing") == (
            "This page is about the 200 transactional answers of billing; 50 relational answers "
            "and 900 other transactional answers are left out."
        )

    def test_no_answers_are_said(self) -> None:
        """An empty table is a sentence."""
        counts = pl.DataFrame({"score": [9], "n": [0]})

        assert say_kept(counts, out_of=counts) == "No answer here counts."


class TestSayAbsent:
    def test_what_is_absent_is_said_with_what_it_costs(self) -> None:
        """One paragraph, a sentence each; a table is called a table."""
        needs = {
            "survey_channel": "survey channels cannot be compared",
            "touchpoint": "touchpoints cannot be compared",
            "interactions": "the response rate is unknown.",
        }

        assert say_absent(needs, present=["touchpoint"]) == (
            "This data has no column 'survey_channel', so survey channels cannot be compared. "
            "It has no table of interactions, so the response rate is unknown."
        )

    def test_a_table_that_does_not_tell_the_group_is_no_table_of_it(self) -> None:
        """A page of one channel has no use for contacts that do not say by which they came."""
        needs = {"interactions": "the response rate is unknown"}

        assert say_absent(needs, present=[], only=["channel", "team"]) == (
            "This data has no table of interactions that tells the channel and the team, "
            "so the response rate is unknown."
        )

    def test_a_table_has_the_name_that_people_use(self) -> None:
        """Call-backs, and the name to give the file."""
        assert say_absent({"follow_ups": "what call-backs do cannot be told"}, present=[]) == (
            "This data has no table of call-backs (follow_ups), so what call-backs do cannot be "
            "told."
        )

    def test_nothing_absent_is_said_too(self) -> None:
        """A reader learns that nothing was left out."""
        said = say_absent({"channel": "channels cannot be compared"}, present=["channel"])

        assert said == "Every question of this page could be asked of this data."

    def test_a_column_of_nulls_is_absent(self) -> None:
        """A frame's column counts only where it holds something."""
        frame = pl.DataFrame({"channel": [None, None], "touchpoint": ["a", None]})

        said = say_absent({"channel": "x cannot be", "touchpoint": "y cannot be"}, present=frame)

        assert said.facts == {"absent": ["channel"]}

    def test_a_kind_of_survey_may_lack_what_the_data_has(self) -> None:
        """The column is there, but not for these answers: that it is absent would be untrue."""
        frame = pl.DataFrame({"touchpoint": [None], "score": [9]})
        needs = {"touchpoint": "touchpoints cannot be compared", "channel": "nor can channels"}

        assert say_absent(needs, present=frame) == (
            "The answers here tell no touchpoint, so touchpoints cannot be compared. The answers "
            "here have no column 'channel', so nor can channels."
        )


class TestSayBenchmarks:
    def test_where_we_stand_and_what_it_is_worth(self) -> None:
        """How many we lie above, their range, and how many are doubtful."""
        assert say_benchmarks(FIGURES) == (
            "+31 (27 to 35, 512 answers) lies above 2 of the 3 published figures that may be set "
            "beside it. They run from −1 (Satmetrix 2018) to +42 (Qualtrics XM Institute 2023); "
            "2 of them are "
            "only indicative, 1 was refused."
        )

    def test_short_leaves_the_figures_to_the_picture(self) -> None:
        """Above the chart, only where we stand."""
        assert say_benchmarks(FIGURES, length="short") == (
            "+31 (27 to 35, 512 answers) lies above 2 of the 3 published figures that may be set "
            "beside it."
        )

    def test_one_figure_is_one_figure(self) -> None:
        """No range of one."""
        assert say_benchmarks(FIGURES.head(1)).startswith(
            "+31 (27 to 35, 512 answers) lies above the one published figure that may be set "
            "beside it (−1, Satmetrix 2018)"
        )

    def test_all_refused_says_why(self) -> None:
        """Nothing comparable, with the reasons once each."""
        refused = comparison_of([("R", 2020, 50.0, "refused", "it is transactional")] * 2, own=31.2)

        assert say_benchmarks(refused) == (
            "No published figure may be set beside +31 (27 to 35, 512 answers). 2 were refused: "
            "it is transactional."
        )

    def test_no_figures_at_hand(self) -> None:
        """An empty comparison is a sentence."""
        assert say_benchmarks(FIGURES.clear()) == (
            "No published figure is set beside the score: name the sector it belongs to, and the "
            "region."
        )

    def test_no_score_of_our_own(self) -> None:
        """Without answers there is nothing to set beside them."""
        said = say_benchmarks(comparison_of([("A", 2020, 5.0, "comparable", "")], own=None))

        assert said == (
            "No answer of this kind is here, so nothing can be set beside the published figures."
        )

    @given(
        st.lists(
            st.tuples(
                st.text("abc", min_size=1, max_size=9),
                st.integers(1990, 2030),
                st.floats(-100, 100),
                st.sampled_from(["comparable", "indicative", "refused"]),
                st.sampled_from(["", "scale not stated"]),
            ),
            max_size=20,
        ),
        scores,
    )
    def test_every_comparison_gives_a_whole_sentence(
        self, figures: list[tuple[str, int, float, str, str]], own: float | None
    ) -> None:
        """Whatever was published, the sentence reads well."""
        table = comparison_of(figures, own=own) if figures else FIGURES.clear()

        assert reads_well(say_benchmarks(table))


class TestImports:
    def test_sentences_need_neither_altair_nor_great_tables(self) -> None:
        """A command line that only speaks starts at once."""
        code = (
            "import sys, nps_kit.views.sentences; "
            "print([name for name in ('altair', 'great_tables') if name in sys.modules])"
        )

        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )

        assert done.stdout == "[]\n"
