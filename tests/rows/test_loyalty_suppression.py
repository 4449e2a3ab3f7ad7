"""What a few customers did stays untold."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.loyalty.outcomes import tally_outcomes
from nps_kit.rows.loyalty.suppression import suppress_bands, suppress_days
from nps_kit.rows.sources import Data

SCORES = {"detractors": 3, "passives": 8, "promoters": 10}


def clocks(*rows: tuple[str, int, bool, int], **more: object) -> pl.DataFrame:
    """Make a table of clocks from (band, days, left, n)."""
    table = pl.DataFrame(rows, schema=["band", "days", "left", "n"], orient="row")
    score = pl.col("band").replace_strict(SCORES, return_dtype=pl.Int64)
    values = {name: pl.lit(value) for name, value in more.items()}
    return table.select("days", "left", "n", score=score, reason=pl.lit(None, pl.String), **values)


def many(**left: int) -> list[tuple[str, int, bool, int]]:
    """Follow a hundred of each band named, of whom so many leave on day 50."""
    return [
        row
        for band, n in left.items()
        for row in ((band, 50, True, n), (band, 300, False, 100 - n))
    ]


def used(counts: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows that count."""
    return counts.filter(pl.col("reason").is_null())


class TestSuppressBands:
    def test_a_band_of_few_is_left_out(self):
        """Three passives: nothing is told of what they did, nor how many they are."""
        table = clocks(*many(detractors=20, promoters=10), ("passives", 40, True, 3))

        found = suppress_bands(table)

        assert {3, 10} == {*used(found)["score"]}
        assert [("too few to show", 0)] == (
            found.filter(pl.col("reason").is_not_null()).select("reason", "n").rows()
        )

    def test_enough_are_shown_as_they_are(self):
        """With five or more of everything, nothing changes."""
        table = clocks(*many(detractors=20, passives=15, promoters=10))

        assert 300 == suppress_bands(table)["n"].sum()
        assert suppress_bands(table).sort(pl.all()).equals(table.sort(pl.all()))

    def test_zero_shows_everything(self):
        """Whoever asks for no suppression gets none."""
        table = clocks(("passives", 40, True, 3))

        assert suppress_bands(table, min_cell=0).equals(table)

    def test_a_clock_stops_where_few_are_still_followed(self):
        """Of the last four, nothing is told beyond the day on which a fifth was followed."""
        table = clocks(
            *many(promoters=10),
            ("detractors", 50, True, 10),
            ("detractors", 200, False, 20),
            ("detractors", 350, True, 2),
            ("detractors", 400, False, 2),
        )

        mine = used(suppress_bands(table)).filter(pl.col("score") == 3)

        assert 200 == mine["days"].max()
        assert 34 == mine["n"].sum()
        assert 10 == mine.filter("left")["n"].sum()

    @pytest.mark.parametrize(
        "left", [{"detractors": 2, "promoters": 2}, {"detractors": 8, "promoters": 0}]
    )
    def test_few_who_left_are_not_told(self, left):
        """Four leavers, or eight who all were detractors: whoever knows one would know a band."""
        rows = [row for row in many(**left) if row[3]]

        assert not used(suppress_bands(clocks(*rows))).height

    def test_who_left_at_once_is_counted_a_day_later_where_few_did(self):
        """A curve begins with everybody."""
        table = clocks(*many(detractors=20, promoters=10), ("detractors", 0, True, 1))

        found = used(suppress_bands(table))

        assert not found.filter(pl.col("days") == 0).height
        assert 31 == found.filter("left")["n"].sum()

    def test_call_backs_are_not_told_where_one_side_is_small(self):
        """Three held back: nobody is said to be called or held back."""
        rows = many(detractors=20, promoters=10)
        sides = [
            clocks(*rows, callback=None).cast({"callback": pl.String}),
            clocks(*many(detractors=20), callback="called"),
            clocks(("detractors", 50, True, 3), callback="not drawn"),
        ]

        found = suppress_bands(pl.concat(sides))

        assert found["callback"].null_count() == found.height
        assert 303 == found["n"].sum()

    def test_call_backs_are_kept_where_both_sides_are_large(self):
        """Enough drawn and enough held back."""
        sides = [
            clocks(*many(detractors=20, promoters=10), callback="called"),
            clocks(*many(detractors=30), callback="not drawn"),
        ]

        found = used(suppress_bands(pl.concat(sides)))

        assert {"called": 200, "not drawn": 100} == dict(
            found.group_by("callback").agg(pl.col("n").sum()).rows()
        )

    def test_spend_known_of_few_is_not_told(self):
        """A hundred promoters, of whom four gave their spend."""
        table = pl.DataFrame(
            {
                "monthly_spend": [20.0, None, 30.0],
                "score": [10, 10, 3],
                "n": [4, 96, 50],
                "total_monthly_spend": [85.0, 0.0, 1510.0],
            }
        )

        found = suppress_bands(table)

        told = found.filter(pl.col("score") == 10).select("n", "total_monthly_spend").sum()
        assert (100, 0.0) == told.row(0)
        assert found.filter(pl.col("score") == 10)["monthly_spend"].is_null().all()
        assert 1510.0 == found["total_monthly_spend"].sum()

    @pytest.mark.parametrize("name", ["cost", "referrals"])
    def test_totals_known_of_few_are_not_told(self, name):
        """A hundred answers, of which the cost of four is known."""
        sums = {f"total_n_{name}": [4, 50], f"total_{name}": [9.0, 90.0]}
        sums |= {f"total_sq_{name}": [81.0, 8100.0], "total_weight": [7.0, 8.0]}
        if name == "referrals":
            sums |= {"total_years": [3.0, 4.0]}
        table = pl.DataFrame({"score": [10, 3], "n": [100, 100], **sums})

        found = suppress_bands(table).filter(pl.col("score") == 10).row(0, named=True)

        assert not any(found[each] for each in sums if each != "total_weight")
        assert (100, 7.0) == (found["n"], found["total_weight"])

    @pytest.mark.parametrize(
        ("made", "squares", "told"),
        [
            ((4, 3, 0), (4, 3, 0), True),
            ((0, 0, 8), (0, 0, 8), False),
            ((2, 0, 2), (2, 0, 2), False),
            ((0, 3, 40), (0, 3, 1500), False),
            ((0, 0, 12), (0, 0, 12), True),
            ((0, 0, 0), (0, 0, 0), True),
        ],
    )
    def test_few_who_refer_are_not_told(self, made, squares, told):
        """Four who refer, or eight who all are promoters: whoever was referred would know more."""
        table = pl.DataFrame(
            {
                "score": [3, 8, 10],
                "n": 100,
                "total_n_referrals": 100,
                "total_referrals": made,
                "total_sq_referrals": squares,
                "total_years": 50.0,
                "total_weight": 100.0,
            }
        )

        found = suppress_bands(table)

        known = 300 if told else 0
        assert known == found["total_n_referrals"].sum()
        assert (sum(made) if told else 0) == found["total_referrals"].sum()
        assert (300, 300.0) == found.select("n", "total_weight").sum().row(0)

    def test_each_group_by_itself(self):
        """What is enough in one touchpoint is not enough in another."""
        there = clocks(*many(detractors=20, promoters=10), touchpoint="claims")
        few = clocks(("promoters", 50, True, 3), touchpoint="billing")

        found = suppress_bands(pl.concat([there, few]), by=["touchpoint"])

        assert {"claims"} == {*used(found)["touchpoint"]}
        assert ["billing"] == found.filter(pl.col("reason").is_not_null())["touchpoint"].to_list()

    def test_of_nothing_is_nothing(self):
        """An empty table stays one."""
        table = clocks(*many(promoters=10)).clear()

        assert suppress_bands(table).equals(table)

    @pytest.mark.parametrize("options", [{"by": "segment"}, {"min_cell": 1}, {"min_cell": True}])
    def test_an_option_that_cannot_be_is_refused(self, options):
        """A list of names, and a number that makes a group."""
        with pytest.raises(OptionError, match=r"suppress_bands\(\)"):
            suppress_bands(clocks(*many(promoters=10), segment="x"), **options)

    def test_kinds_of_survey_are_not_added(self):
        """They measure different things."""
        kinds = [clocks(*many(promoters=10), survey=kind) for kind in ("relational", "x")]

        with pytest.raises(MixedSurveysError, match=r"suppress_bands\(\)"):
            suppress_bands(pl.concat(kinds))


def parts_of(table: pl.DataFrame, days: list[int]) -> list[list[int]]:
    """Count by band who left, and who was no longer followed, between the days and after them."""
    found = []
    for start, end in zip([*days], [*days[1:], 10_000], strict=True):
        day = pl.col("days")
        for rows in (
            table.filter("left", day > start, day <= end),
            table.filter(~pl.col("left"), day >= start, day < end),
        ):
            by_band = rows.group_by("score").agg(pl.col("n").sum())["n"].to_list()
            found.append(by_band)
    return found


class TestSuppressDays:
    def test_days_are_kept_where_enough_left_between_them(self):
        """Six a band on every tenth day: each of the days can be read."""
        rows = [
            (band, day, left, 6)
            for band in SCORES
            for day in (10, 20, 30)
            for left in (True, False)
        ]

        assert [0, 10, 20, 30] == suppress_days(clocks(*rows))

    def test_a_day_on_which_one_left_is_not(self):
        """It would tell the band of whoever is known to have left then."""
        rows = [*many(detractors=20, promoters=10), ("promoters", 60, True, 1)]

        assert 60 not in suppress_days(clocks(*rows))

    def test_days_asked_for_come_first(self):
        """Those that can be kept are; others fill the room between them."""
        rows = [(band, day, True, 4) for band in SCORES for day in range(1, 200, 7)]

        days = suppress_days(clocks(*rows), at=[90, 180, 900])

        assert {90, 180} <= {*days}
        assert 900 not in days

    def test_zero_reads_every_day(self):
        """Whoever asks for no suppression gets every day on which somebody left."""
        assert [0, 7, 9] == suppress_days(
            clocks(("promoters", 7, True, 1), ("promoters", 9, False, 1)), min_cell=0
        )

    def test_of_nobody_is_the_first_day(self):
        """Nothing is followed, nothing is read."""
        assert [0] == suppress_days(clocks(*many(promoters=10)).clear())

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([*SCORES]), st.integers(0, 60), st.booleans(), st.integers(1, 9)
            ),
            min_size=1,
            max_size=40,
        ),
        st.integers(2, 8),
    )
    def test_never_tells_of_few_between_two_days(self, rows, least):
        """Between the days, and after them: nobody, or enough and not all of one band."""
        table = used(suppress_bands(clocks(*rows), min_cell=least))

        days = suppress_days(table, at=[10, 30], min_cell=least)

        for part in parts_of(table, days):
            total = sum(part)
            shown_by_start = days == [0]
            assert (
                not total
                or shown_by_start
                or (total >= least and (total >= 2 * least or max(part) < total))
            )

    @pytest.mark.parametrize("at", ["90", [-1], [1.5]])
    def test_a_day_that_is_none_is_refused(self, at):
        """Days are whole, 0 or more."""
        with pytest.raises(OptionError, match=r"suppress_days\(\) cannot use at="):
            suppress_days(clocks(*many(promoters=10)), at=at)

    def test_a_table_without_clocks_is_refused(self):
        """The column that is lacking is named."""
        with pytest.raises(MissingColumnError, match="'days'"):
            suppress_days(pl.DataFrame({"score": [3], "n": [4]}))


ANSWERS = pl.DataFrame(
    {
        "response_id": ["r1", "r2", "r3"],
        "customer_id": ["a", "b", "c"],
        "responded_at": [datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 3, 1)],
        "score": [3, 9, 10],
        "survey": ["transactional", "transactional", "relational"],
    }
)
PEOPLE = pl.DataFrame(
    {
        "customer_id": ["a", "b", "c"],
        "left_on": [date(2024, 2, 1), None, None],
        "monthly_spend": [10.0, 20.0, 30.0],
    }
)
CALLS = pl.DataFrame(
    {
        "response_id": ["r1", "r2"],
        "done_at": [datetime(2024, 1, 2), None],
        "outcome": ["reached", "not drawn"],
    }
)


class TestTallyOutcomes:
    def test_counts_what_there_is(self):
        """Who stayed and what they spend, of the kind of survey with more answers."""
        found = tally_outcomes(Data("x", ANSWERS, customers=PEOPLE, follow_ups=CALLS))

        assert 2 == used(found.followed)["n"].sum()
        assert 30.0 == found.customers["total_monthly_spend"].sum()
        assert ["called", "not drawn"] == found.followed["callback"].to_list()
        assert not found.costs.height

    @pytest.mark.parametrize(
        "tables",
        [
            Data("x", ANSWERS),
            Data("x", ANSWERS.drop("customer_id"), customers=PEOPLE),
            Data("x", ANSWERS, customers=PEOPLE.select("customer_id")),
            Data("x", ANSWERS.clear(), customers=PEOPLE.clear()),
        ],
    )
    def test_of_what_is_lacking_makes_empty_tables(self, tables):
        """A page can be made of them that says that nothing is known."""
        found = tally_outcomes(tables, by=["segment"])

        assert not any(used(table).height for table in found[:3])
        assert all("segment" in table.columns for table in found[:3])

    def test_no_day_of_leaving_is_not_staying(self):
        """Customers without `left_on` are not followed; what they spend is known."""
        found = tally_outcomes(Data("x", ANSWERS, customers=PEOPLE.drop("left_on")))

        assert not found.followed.height
        assert 2 == used(found.customers)["n"].sum()
        assert "left_on" not in found.present

    def test_calls_without_anyone_held_back_are_not_told(self):
        """There is nobody to compare them with."""
        calls = CALLS.with_columns(outcome=pl.lit("reached"))

        found = tally_outcomes(Data("x", ANSWERS, customers=PEOPLE, follow_ups=calls))

        assert found.followed["callback"].is_null().all()

    def test_a_kind_that_is_not_there_is_refused(self):
        """With those that are."""
        with pytest.raises(OptionError, match="survey='other'"):
            tally_outcomes(Data("x", ANSWERS, customers=PEOPLE), survey="other")

    def test_months_that_are_not_kept_are_not_counted(self):
        """Answers of the months named count; the clocks are those that they are in all months."""
        answers = ANSWERS.with_columns(survey=pl.lit("transactional"))
        asked = {"customers": PEOPLE, "follow_ups": CALLS}

        found = tally_outcomes(Data("x", answers, **asked), months=[date(2024, 1, 1)])

        whole = tally_outcomes(Data("x", answers, **asked)).followed
        assert whole.filter(pl.col("score") < 10).equals(found.followed)
        assert [3, 9] == sorted(used(found.customers)["score"])
        assert 30.0 == found.customers["total_monthly_spend"].sum()

    def test_all_months_are_as_none_named(self):
        """Nothing is left out where nothing is hidden."""
        tables = Data("x", ANSWERS, customers=PEOPLE, follow_ups=CALLS)

        found = tally_outcomes(tables, months=[date(2024, 1, 1), date(2024, 3, 1)])

        for table, whole in zip(found[:3], tally_outcomes(tables)[:3], strict=True):
            assert whole.equals(table)

    def test_no_month_keeps_no_answer(self):
        """The page then says that nothing is known."""
        found = tally_outcomes(Data("x", ANSWERS, customers=PEOPLE), by=["segment"], months=[])

        assert not any(used(table).height for table in found[:3])

    def test_answers_set_aside_are_kept_whatever_their_month(self):
        """They are said, not shown."""
        answers = ANSWERS.with_columns(customer_id=pl.Series(["a", None, "c"]))

        found = tally_outcomes(Data("x", answers, customers=PEOPLE), months=[])

        assert 1 == found.followed.filter(pl.col("reason").is_not_null())["n"].sum()

    @pytest.mark.parametrize("months", ["2024-01", [2024], 3])
    def test_months_that_are_none_are_refused(self, months):
        """First days of months, as dates."""
        with pytest.raises(OptionError, match="months=") as caught:
            tally_outcomes(Data("x", ANSWERS, customers=PEOPLE), months=months)

        assert "a list of dates, or None" in str(caught.value)

    def test_months_need_the_day_of_the_answer(self):
        """The column that is lacking is named."""
        with pytest.raises(MissingColumnError, match="'responded_at'"):
            tally_outcomes(Data("x", ANSWERS.drop("responded_at")), months=[date(2024, 1, 1)])
