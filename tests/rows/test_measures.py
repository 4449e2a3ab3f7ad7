"""Counting what is measured beside the score."""

from collections.abc import Callable
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import DateError, MissingColumnError, OptionError, SourceError
from nps_kit.rows.measures import suppress_measures, tally_measures

JAN, FEB = date(2024, 1, 1), date(2024, 2, 1)
LATE = datetime(2024, 1, 31, 23, 30)
EARLY = datetime(2024, 2, 1, 0, 5)


def answers() -> pl.DataFrame:
    """Eight answers: some without csat, one without a date, one twice about a contact."""
    return pl.DataFrame(
        {
            "responded_at": [LATE, LATE, EARLY, EARLY, EARLY, None, EARLY, EARLY],
            "interaction_id": ["a", "b", "b", "c", "nowhere", "d", None, "e"],
            "csat": [5, 4, None, 1, 5, 5, None, 2],
            "effort": [7, None, 1, 4, 5, 6, None, None],
        }
    )


def contacts() -> pl.DataFrame:
    """Six contacts: one without a date, one answered without an invitation, one of no cost."""
    return pl.DataFrame(
        {
            "interaction_id": ["a", "b", "c", "d", "e", "f"],
            "started_at": [LATE, LATE, EARLY, None, EARLY, LATE],
            "invited": [True, True, True, True, False, True],
            "abandoned": [False, True, None, False, False, False],
            "cost": [2.0, 3.0, None, 1.0, -1.0, 4.5],
        }
    )


def rows_of(counts: pl.DataFrame, measure: str) -> list[tuple[object, ...]]:
    """Give what is told of one measure."""
    return (
        counts.filter(pl.col("measure") == measure).select("period", "value", "reason", "n").rows()
    )


def ratings(values: list[object], **columns: object) -> pl.DataFrame:
    """Make answers of one day."""
    return pl.DataFrame({"responded_at": [LATE] * len(values), "csat": values, **columns})


class TestTallyMeasures:
    def test_satisfaction_is_counted_by_the_day_of_the_answer(self):
        """An answer of half past eleven at night belongs to the month on the clock."""
        counts = tally_measures(answers())

        assert rows_of(counts, "csat") == [
            (JAN, 4, None, 1),
            (JAN, 5, None, 1),
            (FEB, 1, None, 1),
            (FEB, 2, None, 1),
            (FEB, 5, None, 1),
            (FEB, None, "blank", 2),
            (None, None, "no date", 1),
        ]

    def test_every_answer_is_counted_or_set_aside(self):
        """Eight answers are eight, for each question asked."""
        counts = tally_measures(answers())

        assert counts.group_by("measure").agg(pl.col("n").sum()).sort("measure").rows() == [
            ("csat", 8),
            ("effort", 8),
        ]

    def test_contacts_are_counted_by_the_day_of_the_contact(self):
        """Every row is a contact."""
        counts = tally_measures(answers(), contacts())

        assert rows_of(counts, "contacts") == [
            (JAN, None, None, 3),
            (FEB, None, None, 2),
            (None, None, "no date", 1),
        ]

    def test_response_is_that_of_the_contacts_invited(self):
        """A contact answered twice answered once; an answer in February to January is January's."""
        counts = tally_measures(answers(), contacts())

        assert rows_of(counts, "response") == [
            (JAN, 0, None, 1),
            (JAN, 1, None, 2),
            (FEB, 1, None, 1),
            (FEB, None, "not invited", 1),
            (None, None, "contact not found", 1),
            (None, None, "names no contact", 1),
            (None, None, "no date", 1),
        ]

    def test_hanging_up_is_told_where_it_is_known(self):
        """A contact of which it is not known is set aside, not taken for one that stayed."""
        counts = tally_measures(answers(), contacts())

        assert rows_of(counts, "abandoned") == [
            (JAN, 0, None, 2),
            (JAN, 1, None, 1),
            (FEB, 0, None, 1),
            (FEB, None, "blank", 1),
            (None, None, "no date", 1),
        ]

    def test_cost_is_added_up_with_its_squares(self):
        """Costs of less than nothing are not given."""
        counts = tally_measures(answers(), contacts()).filter(pl.col("measure") == "cost")

        assert counts.select("period", "reason", "n", "total", "total_sq").rows() == [
            (JAN, None, 3, 9.5, 33.25),
            (FEB, "blank", 2, None, None),
            (None, "no date", 1, 1.0, 1.0),
        ]

    def test_is_the_same_table_on_every_engine(self, load: Callable[[pl.DataFrame], object]):
        """Where the rows live does not change a single count."""
        counts = tally_measures(load(answers()), load(contacts()))

        assert counts.equals(tally_measures(answers(), contacts()))
        assert counts.schema == tally_measures(answers(), contacts()).schema

    @pytest.mark.parametrize("column", ["invited", "abandoned", "cost"])
    def test_a_column_that_is_not_there_is_a_measure_less(self, column):
        """The others are as they were."""
        measure = {"invited": "response"}.get(column, column)

        counts = tally_measures(answers(), contacts().drop(column))

        whole = tally_measures(answers(), contacts())
        assert counts.equals(whole.filter(pl.col("measure") != measure))

    def test_answers_that_name_no_contacts_have_no_response_rate(self):
        """Without the id nobody knows which contact was answered."""
        counts = tally_measures(answers().drop("interaction_id"), contacts())

        assert "response" not in counts["measure"]
        assert "cost" in counts["measure"]

    def test_where_nothing_is_measured_the_table_is_empty(self):
        """That is no error."""
        counts = tally_measures(answers().select("responded_at"))

        assert counts.is_empty()
        assert counts.schema == tally_measures(answers(), contacts()).schema

    def test_no_rows_are_no_measures(self):
        """An empty month is no error."""
        assert tally_measures(answers().clear(), contacts().clear()).is_empty()

    def test_answers_without_any_value_are_set_aside(self):
        """A column of nothing measures nothing."""
        counts = tally_measures(ratings([None, None]))

        assert rows_of(counts, "csat") == [(JAN, None, "blank", 2)]

    def test_text_is_read(self):
        """What an export writes with blanks or decimals is the same answer."""
        counts = tally_measures(ratings(["5", " 5.0 ", "NA", "good", ""]))

        assert rows_of(counts, "csat") == [
            (JAN, 5, None, 2),
            (JAN, None, "blank", 2),
            (JAN, None, "not a number", 1),
        ]

    def test_a_stray_value_is_set_aside_with_its_reason(self):
        """One in forty is a slip."""
        counts = tally_measures(ratings([5.0] * 38 + [6.0, 2.5]))

        assert rows_of(counts, "csat") == [
            (JAN, 5, None, 38),
            (JAN, None, "not a whole number", 1),
            (JAN, None, "outside the scale", 1),
        ]

    def test_a_column_of_another_scale_is_set_aside_whole(self):
        """The fives and below of a 0-10 scale are no share of anything."""
        counts = tally_measures(ratings([*range(11), None]))

        assert rows_of(counts, "csat") == [
            (JAN, None, "another scale", 11),
            (JAN, None, "blank", 1),
        ]

    def test_kinds_of_survey_are_never_added_up(self):
        """The kind with more answers counts, and the other is set aside."""
        frame = ratings(
            [5, 4, 1, 1], survey=["Transactional", " transactional", "relational", None]
        )

        counts = tally_measures(frame)

        assert rows_of(counts, "csat") == [
            (JAN, None, "another kind of survey", 1),
            (JAN, 4, None, 1),
            (JAN, 5, None, 1),
            (JAN, None, "another kind of survey", 1),
        ]

    def test_a_kind_of_survey_can_be_asked_for(self):
        """Then that one counts."""
        frame = ratings([5, 4, 1], survey=["transactional", "transactional", "relational"])

        counts = tally_measures(frame, survey="relational")

        assert rows_of(counts, "csat")[0] == (JAN, 1, None, 1)

    def test_a_kind_that_is_not_there_is_refused(self):
        """Those there are come with it."""
        with pytest.raises(OptionError) as caught:
            tally_measures(ratings([5], survey=["relational"]), survey="other")

        assert str(caught.value) == (
            "tally_measures() finds no answers with survey='other'.\n"
            "  The kinds here are: 'relational'."
        )

    def test_yes_and_no_may_be_words_or_numbers(self):
        """What an export writes as Y, 1 or no is yes and no, and else told apart."""
        frame = contacts().with_columns(
            abandoned=pl.Series(["Y", "1", "no", "0.0", "maybe", None]),
            invited=pl.Series([1, 1, 1, 1, 0, 1]),
        )

        counts = tally_measures(answers(), frame)

        assert rows_of(counts, "abandoned") == [
            (JAN, 1, None, 2),
            (JAN, None, "blank", 1),
            (FEB, 0, None, 1),
            (FEB, None, "neither yes nor no", 1),
            (None, None, "no date", 1),
        ]
        assert rows_of(counts, "response") == rows_of(
            tally_measures(answers(), contacts()), "response"
        )

    def test_a_repeated_contact_is_counted_as_often_as_it_is_there(self):
        """As in every count of contacts; its answers are found all the same."""
        counts = tally_measures(answers(), pl.concat([contacts(), contacts()]))

        assert rows_of(counts, "response")[:2] == [(JAN, 0, None, 2), (JAN, 1, None, 4)]
        assert rows_of(counts, "response")[-3] == (None, None, "contact not found", 1)

    def test_a_cost_that_is_no_number_is_set_aside(self):
        """There is nothing to add up."""
        frame = contacts().with_columns(cost=pl.lit("2 EUR"))

        assert rows_of(tally_measures(answers(), frame), "cost") == [
            (JAN, None, "not a number", 3),
            (FEB, None, "not a number", 2),
            (None, None, "not a number", 1),
        ]

    @pytest.mark.parametrize(
        ("every", "starts"),
        [
            ("day", [date(2024, 1, 31), FEB]),
            ("week", [date(2024, 1, 29)]),
            ("quarter", [JAN]),
            ("year", [JAN]),
        ],
    )
    def test_a_period_is_the_day_it_starts_on(self, every, starts):
        """Weeks begin on Monday."""
        counts = tally_measures(answers(), contacts(), every=every)

        assert counts["period"].drop_nulls().unique().sort().to_list() == starts

    def test_a_table_without_dates_is_refused(self):
        """The error says which column, and the way out."""
        with pytest.raises(MissingColumnError) as caught:
            tally_measures(answers(), contacts().drop("started_at", "invited", "cost"))

        assert str(caught.value) == (
            "tally_measures() with every=\"month\" needs the column 'started_at', which is not in "
            "the table.\n  It has: 'interaction_id', 'abandoned'.  Name it:  "
            'columns={"started_at": ...}  (or --column started_at=...).'
        )

    def test_dates_with_a_zone_are_refused(self):
        """The month of an answer at midnight must not hang on the machine."""
        frame = answers().with_columns(pl.col("responded_at").dt.replace_time_zone("UTC"))

        with pytest.raises(DateError, match="'responded_at' carries the zone 'UTC'"):
            tally_measures(frame)

    def test_ids_of_two_kinds_are_refused(self):
        """Some engines would match them and others not."""
        frame = contacts().with_columns(interaction_id=pl.Series(range(6)))

        with pytest.raises(SourceError) as caught:
            tally_measures(answers(), frame)

        assert str(caught.value) == (
            "tally_measures() cannot match 'interaction_id': the answers hold String, "
            "`interactions` Int64.\n  Make both text, or both numbers, first."
        )

    def test_a_unit_that_is_none_is_refused(self):
        """Its choices are named."""
        with pytest.raises(OptionError, match="cannot use every='fortnight'"):
            tally_measures(answers(), every="fortnight")

    def test_a_survey_that_is_no_word_is_refused(self):
        """A number names no kind."""
        with pytest.raises(OptionError) as caught:
            tally_measures(answers(), survey=1)

        assert str(caught.value) == (
            "tally_measures() cannot use survey=1.\n  It takes the name of one kind."
        )


class TestSuppressMeasures:
    def test_a_period_of_few_is_left_out(self):
        """That there were some is told, how many not; nor how many were set aside."""
        counts = suppress_measures(tally_measures(ratings([5, 5, 4, 1, None])))

        assert rows_of(counts, "csat") == [(JAN, None, "too few to show", 0)]

    def test_a_period_of_enough_is_shown(self):
        """Five that differ are enough."""
        counts = tally_measures(ratings([5, 5, 4, 1, 1, None]))

        assert suppress_measures(counts).equals(counts)

    @pytest.mark.parametrize(("n", "shown"), [(9, False), (10, True)])
    def test_all_on_one_side_need_twice_as_many(self, n, shown):
        """Else whoever knows that somebody answered would know what."""
        counts = tally_measures(ratings([5] * n))

        assert suppress_measures(counts).equals(counts) is shown

    @pytest.mark.parametrize(
        ("answered", "invited", "shown"),
        [(4, 200, False), (5, 200, True), (0, 200, True), (4, 4, False), (5, 5, True)],
    )
    def test_a_response_rate_does_not_tell_of_few_answers(self, answered, invited, shown):
        """A month that the score leaves out is not told of by its response rate."""
        ids = [f"c{k}" for k in range(invited)]
        given = pl.DataFrame({"interaction_id": ids[:answered]}, schema={"interaction_id": str})
        asked = pl.DataFrame({"interaction_id": ids}).with_columns(
            started_at=pl.lit(LATE), invited=pl.lit(value=True)
        )
        counts = tally_measures(given, asked)

        response = suppress_measures(counts).filter(pl.col("measure") == "response")

        assert ("too few to show" not in response["reason"]) is shown

    def test_few_contacts_and_their_cost_are_left_out(self):
        """Three contacts are too few to tell what they cost."""
        counts = suppress_measures(tally_measures(answers(), contacts()))

        assert counts.filter(pl.col("reason").is_null()).is_empty()
        assert rows_of(counts, "cost")[0] == (JAN, None, "too few to show", 0)

    def test_nought_shows_all(self):
        """Whoever keeps the page to themselves may see everything."""
        counts = tally_measures(answers(), contacts())

        assert suppress_measures(counts, min_cell=0).equals(counts)

    def test_nothing_stays_nothing(self):
        """An empty table is no error."""
        assert suppress_measures(tally_measures(answers().clear())).is_empty()

    def test_a_table_of_something_else_is_refused(self):
        """The first column that is lacking is named."""
        with pytest.raises(MissingColumnError) as caught:
            suppress_measures(pl.DataFrame({"n": [1]}))

        assert str(caught.value) == (
            "suppress_measures() needs the column 'measure', which is not in `counts`.\n"
            "  It has: 'n'."
        )

    def test_a_cell_of_one_is_refused(self):
        """One answer is nobody's business."""
        with pytest.raises(OptionError, match=r"suppress_measures\(\) cannot use min_cell=1"):
            suppress_measures(tally_measures(answers()), min_cell=1)

    @given(
        values=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), max_size=60),
        min_cell=st.sampled_from([3, 5, 10]),
    )
    def test_no_period_shows_fewer_than_asked(self, values, min_cell):
        """Whatever came in, what is shown has enough, and the rest has no number."""
        frame = pl.DataFrame(
            {
                "responded_at": [datetime(2024, month, 1) for _, month in values],
                "csat": [value for value, _ in values],
            },
            schema={"responded_at": pl.Datetime, "csat": pl.Int64},
        )

        counts = suppress_measures(tally_measures(frame), min_cell=min_cell)

        shown = counts.filter(pl.col("reason").is_null())
        assert shown.is_empty() or shown.group_by("period").agg(pl.col("n").sum())["n"].min() >= (
            min_cell
        )
        assert not counts.filter(pl.col("reason").is_not_null())["n"].sum()
