from datetime import date, datetime, timedelta

import numpy as np
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


def undated() -> pl.DataFrame:
    """Take its date from one answer that has a score."""
    known = pl.col("response_id") != "r1"
    return answers().with_columns(responded_at=pl.when(known).then(pl.col("responded_at")))


def twins() -> pl.DataFrame:
    """Make two answers of one customer on one day with one score, about two things."""
    return pl.DataFrame(
        {
            "customer_id": "a",
            "responded_at": [date(2024, 1, 1)] * 3,
            "score": [9, 9, 9],
            "survey": ["transactional", "relational", "relational"],
            "touchpoint": [None, "claims", "billing"],
        }
    )


def draw(seed: int) -> tuple[list[tuple[str, date, int]], dict[str, date | None]]:
    """Draw answers of a few customers over 60 days, and when these left."""
    rng = np.random.default_rng(seed)
    start = date(2024, 2, 1)
    gone = {
        name: start + timedelta(days=int(rng.integers(70))) if rng.random() < 0.5 else None
        for name in "abcdefgh"
    }
    made = {
        ("abcdefgh"[rng.integers(8)], start + timedelta(days=int(rng.integers(60)))): score
        for score in rng.integers(0, 11, 40).tolist()
    }
    return [(name, day, score) for (name, day), score in made.items()], gone


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

    @pytest.mark.parametrize("seed", range(20))
    def test_follows_each_customer_once_at_a_time(self, seed):
        """One clock after the other: a day is never counted twice, and none before the answer."""
        made, gone = draw(seed)
        end = date(2024, 3, 25)
        want = []
        for name, day, score in made:
            left = gone[name]
            if day > end or (left is not None and left < day):
                continue
            later = [each for who, each, _ in made if who == name and day < each <= end]
            later = [each for each in later if left is None or each <= left]
            stop = min([*later, end])
            leaves = left is not None and left <= stop and not (later and left == stop)
            want.append(((left if leaves else stop) - day, leaves, score))

        counts = tally_loyalty(
            pl.DataFrame(made, schema=["customer_id", "responded_at", "score"], orient="row"),
            pl.DataFrame({"customer_id": list(gone), "left_on": list(gone.values())}),
            until=end,
        ).filter(pl.col("reason").is_null())

        rows = counts.select("days", "left", "score", "n").rows()
        told = [(days, left, score) for days, left, score, n in rows for _ in range(n)]
        assert sorted((days.days, left, score) for days, left, score in want) == sorted(told)

    @pytest.mark.parametrize("seed", range(20))
    def test_takes_at_a_landmark_what_was_known_then(self, seed):
        """The latest answer until then, of those still here, followed from then on."""
        made, gone = draw(seed)
        mark, end = date(2024, 2, 25), date(2024, 3, 25)
        want = []
        for name, left in gone.items():
            known = [(day, score) for who, day, score in made if who == name and day <= mark]
            known = [(day, score) for day, score in known if left is None or day <= left]
            if known and (left is None or left > mark):
                leaves = left is not None and left <= end
                stop = left if leaves else end
                want.append(((stop - mark).days, leaves, max(known)[1]))

        counts = tally_loyalty(
            pl.DataFrame(made, schema=["customer_id", "responded_at", "score"], orient="row"),
            pl.DataFrame({"customer_id": list(gone), "left_on": list(gone.values())}),
            until=end,
            landmark=mark,
        ).filter(pl.col("reason").is_null())

        rows = counts.select("days", "left", "score", "n").rows()
        told = [(days, left, score) for days, left, score, n in rows for _ in range(n)]
        assert sorted(want) == sorted(told)

    def test_sets_aside_what_has_no_date(self):
        """An answer without a day starts no clock."""
        counts = tally_loyalty(undated(), people())

        assert 1 == reasons(counts)["no date"]
        assert 3 == reasons(counts)[None]
        assert not counts.filter(pl.col("reason").is_null())["days"].null_count()

    def test_does_not_mind_the_order_of_answers_given_at_once(self):
        """Two answers of one day with one score: the counts are the same in any order."""
        stay = people().head(1)
        tables = [
            tally_loyalty(twins()[order], stay, by=["touchpoint"], until=date(2024, 2, 1))
            for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0])
        ]

        assert all(tables[0].equals(table) for table in tables)

    def test_takes_answers_given_at_once_alike_on_every_engine(self, load):
        """Where the rows live makes no difference."""
        options = {"by": ["touchpoint"], "until": date(2024, 2, 1)}

        got = tally_loyalty(load(twins()), load(people()), **options)

        assert_frame_equal(tally_loyalty(twins(), people(), **options), got)

    def test_reads_days_with_a_time_as_days(self):
        """Who leaves at noon leaves on that day."""
        noon = people().with_columns(pl.col("left_on").cast(pl.Datetime("ns")).dt.offset_by("12h"))

        assert tally_loyalty(answers(), noon).equals(tally_loyalty(answers(), people()))

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

    def test_keeps_who_was_held_back_so_whatever_came_later(self):
        """Held back by lot and called after all: the lot makes the comparison fair."""
        after = calls().with_columns(done_at=pl.lit(datetime(2024, 1, 8)))
        twice = pl.concat([calls(), after.tail(1).with_columns(outcome=pl.lit("reached"))])

        for rows in (after, twice):
            counts = tally_loyalty(answers(), people(), rows).filter(pl.col("score") == 2)
            assert ["not drawn"] == counts["callback"].to_list()

    def test_tells_who_was_drawn_and_not_called(self):
        """Drawn, and the call did not take place."""
        missed = calls().with_columns(done_at=pl.lit(None, pl.Datetime))
        counts = tally_loyalty(answers(), people(), missed).filter(pl.col("score") == 3)

        assert ["drawn, not called"] == counts["callback"].to_list()

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

    @pytest.mark.parametrize("until", [None, date(2024, 2, 25)])
    def test_refuses_a_landmark_after_the_end(self, until):
        """Nobody can be followed from then on."""
        with pytest.raises(OptionError) as refused:
            tally_loyalty(answers(), people(), landmark=date(2025, 1, 15), until=until)

        assert (
            "tally_loyalty() cannot start on landmark=2025-01-15, after the last day that is known "
            "of, 2024-02-25.\n  Take an earlier landmark, or a later until=."
        ) == str(refused.value)

    def test_of_no_answers_minds_no_landmark(self):
        """No rows in, no rows out."""
        nobody = people().clear()

        assert 0 == tally_loyalty(answers().clear(), nobody, landmark=date(2025, 1, 1)).height

    def test_refuses_a_day_of_leaving_that_stands_for_none(self):
        """Nobody is known to be here in the year 9999."""
        ahead = people().with_columns(pl.col("left_on").fill_null(date(9999, 12, 31)))

        with pytest.raises(DateError) as refused:
            tally_loyalty(answers(), ahead)

        assert (
            "tally_loyalty() finds that someone leaves on 9999-12-31, years after the last answer "
            "on 2024-02-25: it cannot tell where the data ends.\n  Name the last day that is known "
            "of:  until=date(...).  Who then leaves later is still here."
        ) == str(refused.value)
        end = date(2024, 2, 25)
        assert tally_loyalty(answers(), ahead, until=end).equals(
            tally_loyalty(answers(), people(), until=end)
        )

    def test_refuses_days_with_a_time_zone(self):
        """The day of a moment hangs on the zone."""
        aware = people().with_columns(pl.col("left_on").cast(pl.Datetime("us", "UTC")))

        with pytest.raises(DateError, match="'left_on' carries the zone 'UTC'"):
            tally_loyalty(answers(), aware)

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

    def test_sets_aside_what_has_no_date(self):
        """An answer without a day cannot be the latest."""
        counts = tally_customers(undated(), people())

        assert {None: 3, "no date": 1} == {
            why: n for why, n in reasons(counts).items() if why in (None, "no date")
        }

    def test_does_not_mind_the_order_of_answers_given_at_once(self):
        """Which is the latest of two of one day with one score hangs on no order of rows."""
        tables = [
            tally_customers(twins()[order], people(), by=["touchpoint"])
            for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0])
        ]

        assert all(tables[0].equals(table) for table in tables)

    def test_keeps_refunds(self):
        """Who was given more back than they paid spends less than nothing."""
        refunded = people().with_columns(monthly_spend=pl.Series([20.25, None, -41.5]))
        counts = tally_customers(answers(), refunded).filter(pl.col("score") == 2)

        assert (-42.0, -41.5) == counts.select("monthly_spend", "total_monthly_spend").row(0)

    @pytest.mark.parametrize("made", [[-1, None, -1], [None, None, None]])
    def test_does_not_know_referrals_below_none(self, made):
        """A number that nobody can have made counts as not given."""
        rows = people().with_columns(referrals=pl.Series(made, dtype=pl.Int64))

        assert 0 == tally_customers(answers(), rows)["total_n_referrals"].sum()

    def test_of_columns_that_are_empty_all_through_knows_nothing(self):
        """Without a type they are no error."""
        empty = people().with_columns(monthly_spend=pl.lit(None), referrals=pl.lit(None))
        counts = tally_customers(answers(), empty)

        assert 3 == reasons(counts)[None]
        assert counts.height == counts["monthly_spend"].null_count()

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
