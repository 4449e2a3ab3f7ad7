from datetime import date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nps_kit.errors import DateError, MissingColumnError, OptionError, SourceError
from nps_kit.rows.loyalty import tally_customers, tally_loyalty
from nps_kit.shipped import find_sample


def answers() -> pl.DataFrame:
    """Answers of customers who stay, leave, answer again, and cannot be found."""
    rows = [
        ("r1", "a", datetime(2024, 1, 1, 9), "3", "transactional"),
        ("r2", "a", datetime(2024, 1, 11, 8), "", "transactional"),
        ("r3", "a", datetime(2024, 2, 1, 9), "9", "relational"),
        ("r4", "b", datetime(2024, 1, 1, 23), "7", "transactional"),
        ("r5", "c", datetime(2024, 1, 5, 9), "2", "transactional"),
        ("r6", None, datetime(2024, 1, 5, 9), "2", "transactional"),
        ("r7", "ghost", datetime(2024, 1, 5, 9), "2", "transactional"),
        ("r8", "b", datetime(2024, 2, 25, 9), "10", "transactional"),
    ]
    names = ["response_id", "customer_id", "responded_at", "score", "survey"]
    return pl.DataFrame(rows, schema=names, orient="row")


def people() -> pl.DataFrame:
    """Make three customers, of whom one leaves."""
    return pl.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "joined_on": [date(2022, 1, 1), date(2023, 1, 1), None],
            "left_on": [None, date(2024, 2, 20), None],
            "monthly_spend": [20.25, None, 41.5],
            "referrals": [2, 1, 0],
            "segment": ["x", "y", None],
        }
    )


def calls() -> pl.DataFrame:
    """Make follow-ups: one called, one held back."""
    return pl.DataFrame(
        {
            "response_id": ["r1", "r5", "r5"],
            "done_at": [datetime(2024, 1, 2), None, None],
            "outcome": ["reached", "not drawn", "not drawn"],
        }
    )


def clocks(**options: object) -> dict[int, tuple[int, bool]]:
    """Give days and leaving by score, of the answers that count."""
    counts = tally_loyalty(answers(), people(), **options)
    used = counts.filter(pl.col("reason").is_null())
    return {
        score: (days, left) for score, days, left in used.select("score", "days", "left").rows()
    }


def reasons(counts: pl.DataFrame) -> dict[str | None, int]:
    """Count the answers by reason."""
    return dict(counts.group_by("reason").agg(pl.col("n").sum()).rows())


class TestTallyLoyalty:
    def test_stops_the_clock_at_the_next_answer_that_counts(self):
        """A blank in between does not stop it, an answer of the other survey does."""
        assert (31, False) == clocks()[3]

    def test_stops_it_when_the_customer_leaves(self):
        """From the first of January to the twentieth of February are 50 days."""
        assert (50, True) == clocks()[7]

    def test_stops_it_at_the_end_of_the_data(self):
        """The last answer that counts is of 25 February, which is the last day known of."""
        assert (24, False) == clocks()[9]

    def test_stops_it_at_the_end_asked_for(self):
        """Who leaves after the end is still here."""
        assert (45, False) == clocks(until=date(2024, 2, 15))[7]

    def test_counts_every_answer(self):
        """What cannot be followed is set aside with its reason, and counted."""
        counts = tally_loyalty(answers(), people())

        assert {
            None: 4,
            "blank": 1,
            "no customer": 1,
            "customer not in the table": 1,
            "after leaving": 1,
        } == reasons(counts)

    def test_starts_at_the_landmark_for_the_latest_answer(self):
        """One clock a customer, which no later answer stops."""
        assert {2: (41, False), 3: (41, False), 7: (36, True)} == clocks(landmark=date(2024, 1, 15))

    def test_counts_every_answer_at_a_landmark_too(self):
        """Answers after it, or not the latest, are told apart."""
        counts = tally_loyalty(answers(), people(), landmark=date(2024, 2, 22))

        assert {
            None: 2,
            "blank": 1,
            "no customer": 1,
            "customer not in the table": 1,
            "not the latest answer": 1,
            "after the landmark": 1,
            "left by the landmark": 1,
        } == reasons(counts)

    def test_takes_leaving_for_the_last_answer_of_a_day(self):
        """Who answers twice and leaves on one day has left once."""
        day = datetime(2024, 1, 1)
        rows = pl.DataFrame({"customer_id": "a", "responded_at": [day, day], "score": [3, 9]})

        counts = tally_loyalty(rows.with_columns(left_on=pl.lit(date(2024, 1, 1))))

        assert [(0, False, 3), (0, True, 9)] == counts.select("days", "left", "score").rows()

    def test_says_what_became_of_a_call_back(self):
        """Called, held back, or not eligible; a second row about one answer counts it once."""
        counts = tally_loyalty(answers(), people(), calls()).filter(pl.col("reason").is_null())

        assert {3: "called", 2: "not drawn", 7: None, 9: None} == dict(
            counts.select("score", "callback").rows()
        )

    def test_needs_no_table_of_customers_where_the_answers_carry_it(self):
        """A joined table will do."""
        joined = answers().join(people(), on="customer_id", how="left")
        known = joined.filter(pl.col("customer_id") != "ghost")

        assert_frame_equal(
            tally_loyalty(answers(), people(), by=["segment"]).filter(pl.col("reason").is_null()),
            tally_loyalty(known, by=["segment"]).filter(pl.col("reason").is_null()),
        )

    def test_is_the_same_on_every_engine(self, load):
        """Where the rows live makes no difference."""
        want = tally_loyalty(answers(), people(), calls(), by=["segment"])

        got = tally_loyalty(load(answers()), load(people()), load(calls()), by=["segment"])

        assert_frame_equal(want, got)

    def test_is_the_same_at_a_landmark_on_every_engine(self, load):
        """Where the rows live makes no difference."""
        mark = date(2024, 1, 15)

        got = tally_loyalty(load(answers()), load(people()), landmark=mark)

        assert_frame_equal(tally_loyalty(answers(), people(), landmark=mark), got)

    def test_makes_a_small_table(self):
        """Fifteen thousand answers become a few thousand rows, none of them lost."""
        folder = find_sample()
        responses = pl.read_parquet(folder / "responses.parquet")
        customers = pl.read_parquet(folder / "customers.parquet")

        counts = tally_loyalty(responses, customers)

        assert responses.height == counts["n"].sum()
        assert counts.height < 6_000

    def test_of_no_answers_is_empty(self):
        """No rows in, no rows out."""
        assert 0 == tally_loyalty(answers().clear(), people()).height

    def test_of_customers_who_all_stay_needs_no_dates(self):
        """A column of leaving that is empty all through says that all are here."""
        stay = people().with_columns(left_on=pl.lit(None))

        assert not tally_loyalty(answers(), stay)["left"].any()

    def test_refuses_a_customer_twice(self):
        """Nobody knows which of the two rows tells when they left."""
        with pytest.raises(SourceError, match="'customer_id' is repeated in `customers`"):
            tally_loyalty(answers(), pl.concat([people(), people()]))

    def test_names_the_column_that_lacks(self):
        """Without a day of leaving nothing can be followed."""
        with pytest.raises(MissingColumnError, match="needs the column 'left_on'"):
            tally_loyalty(answers(), people().drop("left_on"))

    def test_refuses_days_that_are_text(self):
        """A day is a date."""
        with pytest.raises(DateError, match="needs dates in 'left_on'"):
            tally_loyalty(answers(), people().with_columns(left_on=pl.lit("soon")))

    @pytest.mark.parametrize("name", ["days", "left", "n", "_x", "total_x", "band"])
    def test_refuses_names_it_needs(self, name):
        """A group called as a column of the result is refused."""
        with pytest.raises(OptionError) as refused:
            tally_loyalty(answers(), people(), by=[name])

        assert (
            f"tally_loyalty() cannot group by '{name}', a name that the count table needs itself.\n"
            f'  Give the column another name:  columns={{"my_{name}": "{name}"}}.'
        ) == str(refused.value)

    def test_refuses_a_landmark_that_is_no_day(self):
        """A year is no day."""
        with pytest.raises(OptionError, match="cannot use landmark='2024'"):
            tally_loyalty(answers(), people(), landmark="2024")


class TestTallyCustomers:
    def test_takes_the_latest_answer_of_each(self):
        """One row that counts a customer, of either survey."""
        counts = tally_customers(answers(), people()).filter(pl.col("reason").is_null())

        assert [(9, "relational"), (2, "transactional"), (7, "transactional")] == (
            counts.select("score", "survey").rows()
        )

    def test_keeps_what_is_spent_to_the_cent(self):
        """Steps are for the table to be small; sums are exact."""
        counts = tally_customers(answers(), people(), step=10.0)
        spent = counts.filter(pl.col("monthly_spend").is_not_null())

        assert [(20.0, 20.25), (40.0, 41.5)] == (
            spent.select("monthly_spend", "total_monthly_spend").rows()
        )

    def test_counts_years_to_the_end_or_to_leaving(self):
        """Customer b stayed from 1 January 2023 to 20 February 2024: 415 days."""
        counts = tally_customers(answers(), people()).filter(pl.col("score") == 7)

        sums = counts.select("total_n_referrals", "total_referrals", "total_years").row(0)
        assert (1, 1, pytest.approx(415 / 365.25)) == sums

    def test_leaves_out_of_the_rate_who_has_no_first_day(self):
        """No years, no rate; the spend counts all the same."""
        counts = tally_customers(answers(), people()).filter(pl.col("score") == 2)

        assert (1, 0, 0.0) == counts.select("n", "total_n_referrals", "total_years").row(0)

    def test_counts_every_answer(self):
        """Earlier answers are set aside, and counted."""
        assert {
            None: 3,
            "blank": 1,
            "no customer": 1,
            "customer not in the table": 1,
            "after leaving": 1,
            "not the latest answer": 1,
        } == reasons(tally_customers(answers(), people()))

    def test_is_the_same_on_every_engine(self, load):
        """Where the rows live makes no difference."""
        want = tally_customers(answers(), people(), by=["segment"])

        got = tally_customers(load(answers()), load(people()), by=["segment"])

        assert_frame_equal(want, got)

    def test_needs_spend_or_referrals(self):
        """With neither there is nothing to count."""
        with pytest.raises(MissingColumnError, match="needs the column 'monthly_spend'"):
            tally_customers(answers(), people().drop("monthly_spend", "referrals"))

    def test_refuses_a_step_of_nothing(self):
        """Steps have a width."""
        with pytest.raises(OptionError, match="cannot use step=0"):
            tally_customers(answers(), people(), step=0)
