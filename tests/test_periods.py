"""Stretches of time: found, kept, set side by side."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.counts import check_period, roll_up
from nps_kit.errors import OptionError
from nps_kit.periods import find_period, keep_complete, split_periods


def days(*dates: date) -> pl.DataFrame:
    """Make a count table with one answer on each of the days."""
    return pl.DataFrame({"period": list(dates), "score": 9, "n": 1})


def hours(*times: datetime, zone: str | None = None) -> pl.DataFrame:
    """Make a count table with one answer at each of the times, on the clock of a zone."""
    counts = pl.DataFrame({"period": list(times), "score": 9, "n": 1})
    return counts.with_columns(pl.col("period").dt.replace_time_zone(zone))


class TestCheckPeriod:
    @pytest.mark.parametrize(
        "counts",
        [
            days(date(2026, 1, 1)),
            hours(datetime(2026, 1, 1)),
            days(date(2026, 1, 1)).with_columns(period=pl.lit(None)),
        ],
        ids=["days", "times", "nothing"],
    )
    def test_local_dates_pass(self, counts):
        """Days, and times without a zone."""
        check_period(counts, caller="f()")

    def test_a_time_zone_is_refused(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            check_period(hours(datetime(2026, 1, 1), zone="Europe/Berlin"), caller="f()")

        assert str(caught.value) == (
            "f() needs dates without a time zone in 'period' of `counts`, which holds "
            "Datetime(time_unit='us', time_zone='Europe/Berlin').\n"
            "  Keep the days of that zone:  "
            '.with_columns(pl.col("period").dt.replace_time_zone(None))'
        )

    def test_the_way_out_keeps_the_day(self):
        """January stays January."""
        berlin = hours(datetime(2026, 1, 1), zone="Europe/Berlin")

        mended = berlin.with_columns(pl.col("period").dt.replace_time_zone(None))

        assert date(2026, 1, 1) == find_period(mended)

    def test_words_are_refused(self):
        """The whole text, with the table's own name."""
        counts = days(date(2026, 1, 1)).with_columns(period=pl.lit("2026-01-01"))

        with pytest.raises(OptionError) as caught:
            check_period(counts, caller="f()", table="`contacts`")

        assert str(caught.value) == (
            "f() needs dates without a time zone in 'period' of `contacts`, which holds String.\n"
            '  Make them dates:  .with_columns(pl.col("period").str.to_date("%Y-%m-%d"))'
        )

    def test_numbers_are_refused(self):
        """202601 is no date."""
        counts = days(date(2026, 1, 1)).with_columns(period=pl.lit(202601))

        with pytest.raises(OptionError, match="the tables that tally\\(\\) makes hold them"):
            check_period(counts, caller="f()")

    @pytest.mark.parametrize(
        "use",
        [
            find_period,
            lambda counts: keep_complete(counts, every="month"),
            lambda counts: split_periods(
                counts, every="month", before="2026-01", after="2026-02", caller="split_periods()"
            ),
            lambda counts: roll_up(counts, by=["period"], every="month"),
        ],
        ids=["find_period", "keep_complete", "split_periods", "roll_up"],
    )
    def test_all_that_look_at_periods_check_them(self, use):
        """No answer moves to another month, or vanishes, in silence."""
        berlin = hours(datetime(2026, 1, 1), datetime(2026, 2, 1), zone="Europe/Berlin")

        with pytest.raises(OptionError, match="needs dates without a time zone in 'period'"):
            use(berlin)


class TestFindPeriod:
    def test_takes_times_for_their_days(self):
        """The last day of August at noon is August."""
        found = find_period(hours(datetime(2026, 8, 31, 12), datetime(2026, 9, 4, 7)))

        assert date(2026, 8, 1) == found

    def test_takes_the_latest_complete_one(self):
        """September has only begun, so August is reported."""
        found = find_period(days(date(2026, 8, 31), date(2026, 9, 4)))

        assert date(2026, 8, 1) == found

    @pytest.mark.parametrize(("last", "month"), [(27, 9), (26, 8)])
    def test_three_days_before_its_end_it_counts_as_complete(self, last, month):
        """Few centres answer on every last day of a month."""
        found = find_period(days(date(2026, 8, 30), date(2026, 9, last)))

        assert date(2026, month, 1) == found

    def test_a_month_too_few_to_show_is_passed_over(self):
        """Two answers are not shown: the page is about the latest month that can be seen."""
        every = days(date(2026, 7, 5), date(2026, 8, 30), date(2026, 9, 29))
        shown = days(date(2026, 7, 1), date(2026, 9, 1)).with_columns(
            n=pl.Series([30, 0], dtype=pl.Int64)
        )

        assert date(2026, 9, 1) == find_period(every)
        assert date(2026, 7, 1) == find_period(every, among=shown)
        assert date(2026, 6, 1) == find_period(every, among=shown, back=1)
        assert date(2026, 9, 1) == find_period(every, among=shown, period="2026-09")

    def test_where_nothing_is_shown_the_latest_complete_one_is_taken(self):
        """A page of three answers is still a page of their month."""
        every = days(date(2026, 8, 30))

        assert date(2026, 8, 1) == find_period(every, among=every.clear())

    def test_the_first_where_none_is_complete(self):
        """A file of one week still has a month."""
        assert date(2026, 9, 1) == find_period(days(date(2026, 9, 3), date(2026, 9, 4)))

    @pytest.mark.parametrize("period", ["2026-08", "2026-08-17"])
    def test_takes_the_period_asked_for(self, period):
        """By its month or by any day of it."""
        found = find_period(days(date(2026, 8, 3), date(2026, 9, 30)), period=period)

        assert date(2026, 8, 1) == found

    def test_takes_a_year(self):
        """A year is named by its number."""
        assert date(2026, 1, 1) == find_period(days(date(2026, 8, 3)), every="year", period="2026")

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    def test_finds_any_day_that_has_an_answer(self, day):
        """The month of a day with an answer starts on its first."""
        assert day.replace(day=1) == find_period(days(day), period=day.isoformat())

    @pytest.mark.parametrize("period", ["2026-1", "26", "2026-13", "September", "2026-W05"])
    def test_what_is_no_date_is_refused(self, period):
        """Nothing is guessed: 2026-1 is not November."""
        with pytest.raises(OptionError, match="such as 2026, 2026-09 or 2026-09-30"):
            find_period(days(date(2026, 1, 5), date(2026, 11, 30)), period=period)

    def test_an_empty_period_is_told_what_there_is(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            find_period(days(date(2026, 8, 3), date(2026, 9, 30)), period="2026-10")

        assert str(caught.value) == (
            "find_period() finds no answer in the month that starts on 2026-10-01.\n"
            "  There are answers from 2026-08-03 to 2026-09-30."
        )

    def test_no_dates_at_all_is_said(self):
        """A table of blanks has no latest month."""
        with pytest.raises(OptionError, match="finds no answer that counts and has a date"):
            find_period(days(date(2026, 8, 3)).with_columns(reason=pl.lit("blank")))

    def test_goes_back_to_a_period_without_answers(self):
        """The quarter before the first one has a beginning all the same."""
        found = find_period(days(date(2026, 1, 31)), every="quarter", back=2)

        assert date(2025, 7, 1) == found

    def test_does_not_go_forward(self):
        """Back is a number of periods, never a negative one."""
        with pytest.raises(OptionError, match="a whole number, 0 or more"):
            find_period(days(date(2026, 1, 31)), back=-1)


class TestKeepComplete:
    def test_leaves_out_a_quarter_just_begun(self):
        """Two days of October are no fourth quarter."""
        kept = keep_complete(days(date(2026, 9, 30), date(2026, 10, 2)), every="quarter")

        assert [date(2026, 9, 30)] == kept["period"].to_list()

    def test_keeps_all_where_none_is_complete(self):
        """A week of answers is better than none."""
        assert 2 == keep_complete(days(date(2026, 9, 3), date(2026, 9, 4)), every="month").height


class TestSplitPeriods:
    def test_takes_all_days_of_each(self):
        """Daily counts become the two quarters asked for, by any day of them."""
        counts = days(date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 30), date(2026, 7, 1))

        before, after = split_periods(
            counts, every="quarter", before="2026-02", after=date(2026, 4, 2), caller="f()"
        )

        assert [date(2026, 1, 1)] * 2 == before["period"].to_list()
        assert [date(2026, 4, 1)] == after["period"].to_list()

    def test_takes_times_for_their_days(self):
        """What happened at noon belongs to its day, and the first days are dates."""
        counts = hours(datetime(2026, 1, 31, 23), datetime(2026, 2, 1, 0))

        before, after = split_periods(
            counts, every="month", before="2026-01", after="2026-02", caller="f()"
        )

        assert [date(2026, 1, 1)] == before["period"].to_list()
        assert [date(2026, 2, 1)] == after["period"].to_list()

    def test_a_period_without_answers_is_empty(self):
        """That nothing came before is an answer, not a fault."""
        before, _ = split_periods(
            days(date(2026, 1, 1)), every="month", before="2025-12", after="2026-01", caller="f()"
        )

        assert 0 == before.height

    def test_one_period_is_not_compared_with_itself(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            split_periods(
                days(date(2026, 1, 1)),
                every="quarter",
                before="2026-01",
                after="2026-03",
                caller="f()",
            )

        assert str(caught.value) == (
            "f() cannot compare the quarter that starts on 2026-01-01 with itself.\n"
            '  Name two, or a finer unit: every="month" with before="2026-08", after="2026-09".'
        )

    def test_what_is_no_date_is_refused_by_its_name(self):
        """It says which of the two cannot be read."""
        with pytest.raises(OptionError, match="cannot use before='autumn'"):
            split_periods(
                days(date(2026, 1, 1)), every="month", before="autumn", after="2026", caller="f()"
            )
