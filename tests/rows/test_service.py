"""Answers counted by the service that they are about."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from nps_kit.errors import DateError, MissingColumnError, OptionError, ScaleError, SourceError
from nps_kit.rows.joins import join_service
from nps_kit.rows.service import tally_service
from nps_kit.rows.tallies import tally
from nps_kit.schema import SERVICE_BANDS
from nps_kit.shipped import find_sample

Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]
USUAL = [
    *("wait_seconds", "hold_seconds", "transfers", "resolved_first_contact", "had_to_repeat"),
    *("recognised", "proactive", "callback_offered", "used_preferred_channel", "touchpoint"),
    "channel",
]


def answers() -> pl.DataFrame:
    """Make answers about contacts good, abandoned and unknown, and about none."""
    return pl.DataFrame(
        {
            "response_id": [f"r{place}" for place in range(8)],
            "responded_at": [datetime(2024, 1, day, 12) for day in range(1, 9)],
            "score": ["9", "3", "10", "0", "8", "", "7", "nine"],
            "survey": ["transactional"] * 6 + ["relational"] * 2,
            "interaction_id": ["c1", "c2", "c3", "c4", "ghost", "c1", None, ""],
            "customer_id": ["k1", "k1", "k2", "k3", "k9", "k1", "k2", None],
        }
    )


def contacts() -> pl.DataFrame:
    """Make contacts, of which one was abandoned, and two are about the same."""
    at = [datetime(2024, 1, 1, 9), datetime(2024, 1, 8, 9), datetime(2024, 1, 12)]
    return pl.DataFrame(
        {
            "interaction_id": ["c1", "c2", "c3", "c4", "c5"],
            "customer_id": ["k1", "k1", "k2", "k3", "k4"],
            "agent_id": ["a1", "a2", "a1", None, "a2"],
            "started_at": [*at, datetime(2024, 1, 2), datetime(2024, 1, 20)],
            "touchpoint": ["billing", "billing", "claims", "claims", "claims"],
            "channel": ["phone", " Chat", "chat", "phone", "email"],
            "wait_seconds": [10.0, 120.0, 299.9, 300.0, None],
            "transfers": [0, 1, 3, 0, 0],
            "abandoned": [False, None, False, True, False],
            "resolved_first_contact": [True, False, None, False, True],
        }
    )


def agents() -> pl.DataFrame:
    """Make two agents."""
    return pl.DataFrame({"agent_id": ["a1", "a2"], "team": ["north", "south"]})


def customers() -> pl.DataFrame:
    """Make three customers, of whom one asked for no channel."""
    return pl.DataFrame(
        {"customer_id": ["k1", "k2", "k3"], "preferred_channel": ["chat", "chat", None]}
    )


def tables() -> Tables:
    """Give all four tables."""
    return answers(), contacts(), agents(), customers()


def values(column: str, *, at: Tables | None = None, **options: object) -> dict[int, object]:
    """Give a column's value by score, of the answers that count."""
    counts = tally_service(*(at or tables()), by=[column], **options)
    used = counts.filter(pl.col("reason").is_null())
    return dict(used.select("score", counts.columns[0]).rows())


def reasons(counts: pl.DataFrame) -> dict[str | None, int]:
    """Count the answers by reason."""
    return dict(counts.group_by("reason").agg(pl.col("n").sum()).rows())


def shipped() -> Tables:
    """Give the sample, some of its contacts abandoned and some lost."""
    read = {
        name: pl.read_parquet(find_sample() / f"{name}.parquet")
        for name in ("responses", "interactions", "agents", "customers")
    }
    place = pl.int_range(pl.len())
    hung_up = pl.when(place % 11 > 0).then((place % 7 == 0) | pl.col("abandoned"))
    read["interactions"] = (
        read["interactions"].with_columns(abandoned=hung_up).filter(place % 13 > 0)
    )
    return tuple(read.values())


class TestTallyService:
    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"resolution": "no repeat in 7 days", "every": "month"},
            {"by": ["abandoned", "transfers", "resolved_first_contact", "team"]},
            {"by": ["qa_score", "nowhere"], "absent": "null", "totals": ["wait_seconds"]},
        ],
        ids=["usual", "repeats", "abandoned", "totals"],
    )
    def test_is_the_same_table_on_every_engine(
        self, load: Callable[[pl.DataFrame], object], options: dict[str, object]
    ) -> None:
        """Where the tables live does not change a single count."""
        here = shipped()

        counts = tally_service(*(load(frame) for frame in here), **options)

        expected = tally_service(*here, **options)
        assert counts.equals(expected)
        assert counts.schema == expected.schema

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_reads_troublesome_tables_alike_on_every_engine(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Gaps in yes and no, in numbers and in keys are gaps everywhere."""
        options = {"by": [*USUAL[2:4], "used_preferred_channel", "no_repeat_in_7_days", "team"]}

        counts = tally_service(*(load(frame) for frame in tables()), **options)

        assert counts.equals(tally_service(*tables(), **options))

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_has_the_touchpoints_and_numbers_of_the_tally(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Of a joined export, whatever blanks and odd numbers it holds: two pages agree."""
        options = {"totals": ["wait_seconds"], "bands": {"wait_seconds": (30,)}}
        frame = load(
            pl.DataFrame(
                {
                    "score": [9, 9, 0, 7, 7],
                    "touchpoint": ["billing", "billing ", "\xa0claims", " ", None],
                    "wait_seconds": [20.0, -1.0, float("inf"), 40.0, None],
                }
            )
        )

        counts = tally(frame, by=["touchpoint"], **options)

        assert counts.equals(tally_service(frame, by=["touchpoint"], **options))

    def test_is_the_join_and_the_tally(self) -> None:
        """By columns that are there, nothing but the reasons is new."""
        here = shipped()
        by = ["wait_seconds", "recognised", "channel"]
        bands = {"wait_seconds": SERVICE_BANDS["wait_seconds"]}

        counts = tally_service(*here, by=by)

        found = ~pl.col("abandoned").fill_null(value=False) & pl.col("started_at").is_not_null()
        plain = tally(join_service(*here).filter(found), by=by, bands=bands)
        used = pl.col("reason").is_null()
        assert plain.filter(used).equals(counts.filter(used))

    def test_counts_every_answer(self) -> None:
        """What tells nothing of the service is set aside, and said."""
        assert {
            None: 3,
            "abandoned contact": 1,
            "contact not in the table": 1,
            "no contact": 1,
            "blank": 1,
            "not a number": 1,
        } == reasons(tally_service(*tables()))

    @given(
        st.lists(st.sampled_from(["c1", "c2", "c4", "ghost", "", None]), min_size=1, max_size=20)
    )
    def test_loses_no_answer(self, about: list[str | None]) -> None:
        """Rows in are rows used and rows set aside, whatever contacts they name."""
        frame = pl.DataFrame(
            {"score": [9] * len(about), "interaction_id": about},
            schema_overrides={"interaction_id": pl.String},
        )

        assert len(about) == tally_service(frame, contacts())["n"].sum()

    def test_counts_by_the_usual_metrics(self) -> None:
        """With all tables there, nothing needs to be named."""
        keys = ["survey", "score", "reason", "n"]

        counts = tally_service(*shipped())

        assert [*USUAL, "survey", "scale", *keys[1:]] == counts.columns

    def test_leaves_out_what_is_not_there(self) -> None:
        """A column that the data lacks is no driver."""
        counts = tally_service(answers(), contacts())

        lacking = {"hold_seconds", "recognised", "used_preferred_channel"}
        assert lacking.isdisjoint(counts.columns)

    def test_names_bands_in_plain_words(self) -> None:
        """Each wait has its band, with its unit."""
        assert {9: "under 30 s", 3: "2 to 5 min", 10: "2 to 5 min"} == values("wait_seconds")

    def test_cuts_where_it_is_told(self) -> None:
        """Edges of one's own replace the usual ones of that column only."""
        counts = tally_service(*tables(), bands={"wait_seconds": (60,)})

        assert pl.Enum(["under 1 min", "1 min and over"]) == counts.schema["wait_seconds"]
        assert pl.Enum(["none", "1", "2 or more"]) == counts.schema["transfers"]

    def test_counts_by_what_is_cut(self) -> None:
        """A column of `bands` need not be named twice."""
        assert "wait_seconds" in tally_service(*tables(), by=[], bands={"wait_seconds": (60,)})

    def test_takes_the_other_tables_columns(self) -> None:
        """Teams are found through the contact."""
        assert {9: "north", 3: "south", 10: "north"} == values("team")

    def test_compares_the_channel_with_the_one_asked_for(self) -> None:
        """Blanks and capitals make no other channel."""
        assert {9: False, 3: True, 10: True} == values("used_preferred_channel")

    def test_does_not_know_what_a_customer_without_a_wish_prefers(self) -> None:
        """Not given is neither yes nor no."""
        nobody = customers().with_columns(preferred_channel=pl.lit(None, pl.String))

        found = values("used_preferred_channel", at=(answers(), contacts(), agents(), nobody))

        assert {9: None, 3: None, 10: None} == found

    def test_takes_what_the_agent_coded(self) -> None:
        """First-contact resolution is the agent's word, unless said otherwise."""
        assert {9: True, 3: False, 10: None} == values("resolved_first_contact")

    def test_finds_customers_who_came_back(self) -> None:
        """Seven days to the hour are within seven days; the second contact had no third."""
        history = pl.concat(
            [contacts(), contacts().tail(1).with_columns(interaction_id=pl.lit("c6"))]
        )

        found = values("no_repeat_in_7_days", at=(answers(), history, agents(), customers()))

        assert {9: False, 3: True, 10: True} == found

    def test_does_not_know_of_the_last_seven_days(self) -> None:
        """Whoever called on the last days may still come back."""
        until = contacts().filter(pl.col("started_at") < datetime(2024, 1, 13))

        found = values("no_repeat_in_7_days", at=(answers(), until, agents(), customers()))

        assert {9: False, 3: None, 10: None} == found

    def test_tells_what_another_contact_is_about(self) -> None:
        """A second contact about something else is no repeat."""
        other = contacts().with_columns(
            touchpoint=pl.when(pl.col("interaction_id") == "c2")
            .then(pl.lit("renewal"))
            .otherwise("touchpoint")
        )

        found = values("no_repeat_in_7_days", at=(answers(), other, agents(), customers()))

        assert found[9] is True

    def test_counts_any_contact_where_touchpoints_are_unknown(self) -> None:
        """Without touchpoints the customer alone tells."""
        plain = contacts().drop("touchpoint")

        found = values("no_repeat_in_7_days", at=(answers(), plain, agents(), customers()))

        assert {9: False, 3: True, 10: True} == found

    def test_equals_a_slow_search_for_repeats(self) -> None:
        """Of the sample, contact by contact."""
        here = shipped()
        history = here[1]
        last = history["started_at"].max()
        later = history.select("customer_id", "touchpoint", "interaction_id", again="started_at")
        came_back = (
            history.join(later, on=["customer_id", "touchpoint"], suffix="_again")
            .filter(
                pl.col("interaction_id") != pl.col("interaction_id_again"),
                (pl.col("again") - pl.col("started_at")).is_between(
                    pl.duration(days=0), pl.duration(days=7)
                ),
            )["interaction_id"]
            .unique()
        )
        known = history.filter(pl.col("started_at") <= last - pl.duration(days=7))
        about = here[0].filter(pl.col("score").is_between(0, 10)).join(known, on="interaction_id")
        about = about.filter(~pl.col("abandoned").fill_null(value=False))
        expected = about["interaction_id"].is_in(came_back.implode()).value_counts()

        counts = tally_service(*here, by=["no_repeat_in_7_days"])

        found = counts.filter(
            pl.col("reason").is_null(), pl.col("no_repeat_in_7_days").is_not_null()
        )
        found = dict(found.group_by("no_repeat_in_7_days").agg(pl.col("n").sum()).rows())
        assert {not back: n for back, n in expected.rows()} == found

    def test_names_the_definition_in_the_column(self) -> None:
        """A page can say which one it used."""
        counts = tally_service(*tables(), resolution="no repeat in 7 days")

        assert "no_repeat_in_7_days" in counts.columns
        assert "resolved_first_contact" not in counts.columns

    def test_takes_one_definition_asked_for_twice_once(self) -> None:
        """By name and by option, it is the same column."""
        by = ["resolved_first_contact", "no_repeat_in_7_days"]

        counts = tally_service(*tables(), by=by, resolution="no repeat in 7 days")

        assert ["no_repeat_in_7_days"] == counts.columns[:1]
        assert by == tally_service(*tables(), by=by).columns[:2]

    def test_keeps_abandoned_contacts_where_they_are_asked_for(self) -> None:
        """What needs an agent is then not given, whatever the telephone system writes."""
        counts = tally_service(*tables(), by=["abandoned", "transfers", "resolved_first_contact"])

        assert "abandoned contact" not in reasons(counts)
        assert [(True, None, None, 0)] == counts.filter("abandoned").select(
            "abandoned", "transfers", "resolved_first_contact", "score"
        ).rows()

    def test_takes_answers_that_carry_the_service_themselves(self) -> None:
        """A joined export needs no other table."""
        joined = answers().join(contacts().drop("customer_id"), on="interaction_id", how="left")

        counts = tally_service(joined)

        assert "wait_seconds" in counts.columns
        assert {None: 5, "abandoned contact": 1, "blank": 1, "not a number": 1} == reasons(counts)

    def test_does_not_look_at_tables_that_are_not_needed(self) -> None:
        """Customers who stand there twice do no harm to a count by wait."""
        twice = pl.concat([customers(), customers()])

        counts = tally_service(answers(), contacts(), None, twice, by=["wait_seconds"])

        assert answers().height == counts["n"].sum()

    def test_keeps_dates_and_sums(self) -> None:
        """The options of the tally hold here, too."""
        counts = tally_service(*tables(), by=["team"], every="month", totals=["wait_seconds"])

        used = counts.filter(pl.col("reason").is_null())
        assert {date(2024, 1, 1)} == set(used["period"])
        assert 429.9 == pytest.approx(used["total_wait_seconds"].sum())

    def test_does_not_read_other_words_as_yes_or_no(self) -> None:
        """Partly resolved is a level of its own."""
        partly = contacts().with_columns(resolved_first_contact=pl.lit("partly"))

        found = values("resolved_first_contact", at=(answers(), partly, agents(), customers()))

        assert {"partly"} == set(found.values())

    def test_reads_yes_and_no_written_as_words(self) -> None:
        """A CSV file writes Yes, no, and nothing."""
        words = contacts().with_columns(
            resolved_first_contact=pl.Series(["Yes", "no ", "", "no", "yes"]),
            abandoned=pl.Series(["no", "", "No", "TRUE", "no"]),
        )
        at = (answers(), words, agents(), customers())

        assert {9: True, 3: False, 10: None} == values("resolved_first_contact", at=at)
        assert 1 == reasons(tally_service(*at))["abandoned contact"]

    @pytest.mark.parametrize(
        ("written", "hung_up"),
        [
            (pl.Series([None] * 5), 0),
            (pl.Series([0, None, 0, 1, 0]), 1),
            (pl.Series([0.0, None, 0.0, 1.0, 0.0]), 1),
            (pl.Series(["no", None, " No", " Yes ", ""]).cast(pl.Categorical), 1),
        ],
        ids=["empty", "whole", "decimal", "categories"],
    )
    def test_reads_who_hung_up_in_any_type(self, written: pl.Series, hung_up: int) -> None:
        """Yes is yes, as a number or as a word."""
        counts = tally_service(answers(), contacts().with_columns(abandoned=written))

        assert hung_up == reasons(counts).get("abandoned contact", 0)

    def test_counts_by_nothing(self) -> None:
        """All answers together, and those set aside with their reasons."""
        counts = tally_service(*tables(), by=[])

        assert ["survey", "score", "reason", "n"] == counts.columns
        assert reasons(counts) == reasons(tally_service(*tables(), by=["team"]))

    @pytest.mark.parametrize("written", [["N", "y", "n", "Y", "-"], ["f", "t", "F", "T", "n/a"]])
    def test_reads_who_hung_up_in_one_letter(self, written: list[str]) -> None:
        """Y and n are yes and no, and a dash is neither."""
        counts = tally_service(answers(), contacts().with_columns(abandoned=pl.Series(written)))

        assert 2 == reasons(counts)["abandoned contact"]

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_words_that_leave_open_who_hung_up_are_refused(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Who hung up would otherwise pass for badly served, and nobody would know."""
        words = contacts().with_columns(abandoned=pl.Series(["no", None, "", "Ja", "yes"]))

        with pytest.raises(OptionError) as caught:
            tally_service(load(answers()), load(words), by=["transfers"])

        assert str(caught.value) == (
            "tally_service() needs yes and no in 'abandoned', to set apart who hung up, and it "
            "holds 'Ja'.\n"
            '  Make it true and false, or count by it as it is: by=["abandoned", ...].'
        )

    @pytest.mark.parametrize(
        "written",
        [pl.Series([0, 0, 0, 45, None]), pl.Series([datetime(2024, 1, 1)] + [None] * 4)],
        ids=["seconds", "times"],
    )
    def test_other_types_that_leave_it_open_are_refused(self, written: pl.Series) -> None:
        """Seconds until someone hung up are neither yes nor no."""
        odd = contacts().with_columns(abandoned=written)

        with pytest.raises(OptionError, match="needs yes and no in 'abandoned'"):
            tally_service(answers(), odd)
        assert answers().height == tally_service(answers(), odd, by=["abandoned"])["n"].sum()

    def test_counts_by_other_words_for_hanging_up(self) -> None:
        """Where they are asked for they are levels, and nothing else is made of them."""
        words = contacts().with_columns(abandoned=pl.lit("Ja"))

        counts = tally_service(answers(), words, by=["abandoned", "transfers"])

        assert {"Ja"} == set(counts["abandoned"].drop_nulls())
        assert "none" in counts["transfers"]

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_columns_that_hold_nothing_are_not_given(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """A telephone system that writes no waits is no error, on any engine."""
        empty = contacts().with_columns(pl.lit(None).alias(name) for name in ("wait_seconds", "x"))

        counts = tally_service(load(answers()), load(empty), totals=["wait_seconds"])

        assert {None} == set(counts["wait_seconds"])
        assert {0} == set(counts["total_n_wait_seconds"])

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_a_wait_below_zero_is_not_given(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Many systems write -1 for a wait that they do not know: that is no short wait."""
        odd = contacts().with_columns(
            wait_seconds=pl.Series([-1.0, 20.0, float("inf"), 10.0, None]),
            transfers=pl.Series([-1, 1, 3, 0, 0]),
        )
        options = {"by": ["wait_seconds", "transfers"], "totals": ["wait_seconds"]}

        counts = tally_service(load(answers()), load(odd), **options)

        used = counts.filter(pl.col("reason").is_null())
        found = used.sort("score").drop("survey", "reason", "n", "total_sq_wait_seconds").rows()
        assert [
            ("under 30 s", "1", 3, 1, 20.0),
            (None, None, 9, 0, 0.0),
            (None, "2 or more", 10, 0, 0.0),
        ] == found

    def test_numbers_below_zero_count_where_there_can_be_some(self) -> None:
        """A margin may be a loss."""
        loss = contacts().with_columns(margin=pl.Series([-5, 5, 15, 0, 0]))

        found = values(
            "margin", at=(answers(), loss, agents(), customers()), bands={"margin": (0,)}
        )

        assert {9: "under 0", 3: "0 and over", 10: "0 and over"} == found

    def test_reads_the_numbers_of_a_file(self) -> None:
        """A column of one's own comes from a CSV file as text, and can be cut all the same."""
        text = contacts().with_columns(sessions=pl.Series(["4", "12", " 30", "", "n/a"]))

        found = values(
            "sessions", at=(answers(), text, agents(), customers()), bands={"sessions": (10, 20)}
        )

        assert {9: "under 10", 3: "10 to 20", 10: "20 and over"} == found

    def test_clock_times_are_refused(self) -> None:
        """They are no plain numbers, and the message says what would be."""
        clock = contacts().with_columns(wait_seconds=pl.lit("00:01:30"))

        with pytest.raises(OptionError, match="units or clock times"):
            tally_service(answers(), clock)

    @pytest.mark.parametrize(
        "edges", [np.array([60, 120]), pl.Series([60.0, 120.0]), range(60, 180, 60)]
    )
    def test_takes_edges_from_any_list_of_numbers(self, edges: object) -> None:
        """Those of a quantile, say."""
        labels = ["under 1 min", "1 to 2 min", "2 min and over"]

        counts = tally_service(*tables(), bands={"wait_seconds": edges})

        assert pl.Enum(labels) == counts.schema["wait_seconds"]

    def test_a_measure_that_is_not_cut_is_refused(self) -> None:
        """A group of nearly every answer says nothing; edges that would do are proposed."""
        frame = pl.DataFrame({"score": [9] * 90, "basket": [place / 4 for place in range(90)]})

        with pytest.raises(OptionError) as caught:
            tally_service(frame, by=["basket"])

        assert str(caught.value) == (
            "tally_service() finds 90 different numbers in the first rows of 'basket', and would "
            "make a group of each.\n"
            '  Cut it into bands:  bands={"basket": (7.5, 15)}.'
        )
        assert 3 == tally_service(frame, bands={"basket": (7.5, 15)}).height

    def test_the_edges_proposed_rise(self) -> None:
        """Though three digits do not tell them apart."""
        near = [1000 + place / 1000 for place in range(90)]

        with pytest.raises(OptionError, match=r"\(1000\.03, 1000\.06\)"):
            tally_service(pl.DataFrame({"score": [9] * 90, "basket": near}), by=["basket"])

    def test_ids_with_gaps_are_no_measure(self) -> None:
        """Some engines make whole numbers with a gap decimal ones."""
        ids = [None, *map(float, range(89))]

        counts = tally_service(
            pl.DataFrame({"score": [9] * 90, "customer_id": ids}), by=["customer_id"]
        )

        assert 90 == counts.height

    def test_prices_are_levels(self) -> None:
        """A few decimal numbers may well be counted by."""
        frame = pl.DataFrame({"score": [9] * 90, "price": [9.99, 19.99, 49.99] * 30})

        assert [9.99, 19.99, 49.99] == tally_service(frame, by=["price"])["price"].to_list()

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_blanks_make_no_other_level(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Billing with a blank behind it is billing, and a blank alone is not given."""
        loose = contacts().with_columns(
            touchpoint=pl.Series(["billing ", "\xa0billing", " ", "", "x"])
        )

        counts = tally_service(load(answers()), load(loose), by=["touchpoint"])

        used = counts.filter(pl.col("reason").is_null())
        assert {(9, "billing"), (3, "billing"), (10, None)} == set(
            used.select("score", "touchpoint").rows()
        )

    def test_customers_to_whom_no_key_leads_are_left_out(self) -> None:
        """Of the usual columns, what cannot be had is not counted by."""
        unlinked = answers().drop("customer_id"), contacts().drop("customer_id")

        counts = tally_service(*unlinked, None, customers())

        assert "used_preferred_channel" not in counts.columns

    def test_customers_asked_for_need_the_key(self) -> None:
        """In the words of this function, with the columns that the user brought."""
        bare = contacts().select("interaction_id", "channel")
        unlinked = answers().select("score", "interaction_id"), bare

        with pytest.raises(MissingColumnError) as caught:
            tally_service(*unlinked, None, customers(), by=["preferred_channel"])

        assert str(caught.value) == (
            "tally_service() needs the column 'customer_id', which is not in the answers.\n"
            "  It has: 'score', 'interaction_id'."
        )

    def test_keys_of_two_types_are_refused(self) -> None:
        """Under the name of this function."""
        numbered = contacts().with_columns(interaction_id=pl.int_range(pl.len()))

        with pytest.raises(SourceError, match=r"^tally_service\(\) cannot match 'interaction_id'"):
            tally_service(answers(), numbered)

    @pytest.mark.parametrize("option", ["bands", "totals"])
    def test_what_is_made_of_yes_and_no_is_not_cut(self, option: str) -> None:
        """It can be counted by."""
        name = "used_preferred_channel"
        value = {name: (1,)} if option == "bands" else [name]

        with pytest.raises(OptionError) as caught:
            tally_service(*tables(), **{option: value})

        assert str(caught.value) == (
            "tally_service() makes 'used_preferred_channel' of yes and no, which cannot be cut or "
            "added up.\n"
            '  Count by it:  by=["used_preferred_channel", ...].'
        )

    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            ([0, 0], [False, True]),
            ([0, 7], [False, True]),
            ([0, 7.001], [True, True]),
            ([0, 3, 6], [False, False, True]),
            ([14, 20], [None, None]),
            ([13, 20], [False, None]),
            ([12.999, 20], [True, None]),
        ],
        ids=["tie", "seventh day", "after it", "chain", "last days", "both edges", "day eight"],
    )
    def test_finds_repeats_as_one_would_by_hand(
        self, days: list[float], expected: list[bool | None]
    ) -> None:
        """Of two contacts at one time the second, by its name, is the repeat of the first."""
        first = datetime(2024, 1, 1)
        names = [f"c{place}" for place in range(len(days))]
        end = {"interaction_id": ["end"], "customer_id": ["other"]}
        history = pl.DataFrame(
            {"interaction_id": names, "customer_id": "k", "touchpoint": "billing"}
        ).with_columns(started_at=pl.Series([first + timedelta(days=day) for day in days]))
        last = pl.DataFrame(
            {**end, "touchpoint": ["billing"], "started_at": [first + timedelta(days=20)]}
        )
        frame = pl.DataFrame({"score": range(len(days)), "interaction_id": names})

        counts = tally_service(
            frame, pl.concat([last, history.reverse()]), by=["no_repeat_in_7_days"]
        )

        assert expected == counts.sort("score")["no_repeat_in_7_days"].to_list()

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_a_contact_of_the_far_future_does_not_end_the_data(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Of the last seven days nothing is known, though one contact is dated 2099."""
        days = [datetime(2024, 1, 1) + timedelta(days=place / 10) for place in range(200)]
        names = [f"c{place}" for place in range(200)]
        history = pl.DataFrame({"interaction_id": names, "customer_id": names, "started_at": days})
        stray = history.head(1).with_columns(
            interaction_id=pl.lit("stray"), started_at=pl.lit(datetime(2099, 1, 1))
        )
        told = []
        for contacts_there in (history, pl.concat([stray, history])):
            frame = history.select("interaction_id", score=pl.int_range(pl.len()) % 11)
            there = load(frame), load(contacts_there)
            told.append(tally_service(*there, by=["no_repeat_in_7_days"]))

        assert told[0].equals(told[1])
        assert 70 == told[1].filter(pl.col("no_repeat_in_7_days").is_null())["n"].sum()

    def test_two_of_a_hundred_far_behind_are_a_reopening(self) -> None:
        """A centre that was closed for a while has data to its last contact."""
        days = [*(datetime(2024, 1, 1 + place // 8) for place in range(98))]
        days += [datetime(2024, 3, 1), datetime(2024, 3, 2)]
        names = [f"c{place}" for place in range(100)]
        history = pl.DataFrame({"interaction_id": names, "customer_id": names, "started_at": days})
        frame = pl.DataFrame({"score": [9], "interaction_id": ["c97"]})

        counts = tally_service(frame, history, by=["no_repeat_in_7_days"])

        assert [True] == counts["no_repeat_in_7_days"].to_list()

    def test_no_rows_give_an_empty_table(self) -> None:
        """An empty month is no error."""
        assert tally_service(*(frame.clear() for frame in tables())).is_empty()

    @pytest.mark.parametrize("by", [None, ["no_repeat_in_7_days"]], ids=["usual", "repeats"])
    def test_no_contacts_leave_all_answers_set_aside(self, by: list[str] | None) -> None:
        """Nothing is known of any service, and every answer is there."""
        counts = tally_service(answers(), contacts().clear(), agents(), customers(), by=by)

        assert answers().height == counts["n"].sum()
        assert None not in reasons(counts)

    def test_a_column_that_is_nowhere_is_refused(self) -> None:
        """The message lists what the tables have."""
        with pytest.raises(MissingColumnError) as caught:
            tally_service(
                answers().select("score", "interaction_id"),
                contacts().select("interaction_id", "channel"),
                by=["used_preferred_channel"],
            )

        assert str(caught.value) == (
            "tally_service() needs the column 'used_preferred_channel', which is not in the "
            "answers and the tables beside them.\n"
            "  It has: 'score', 'interaction_id', 'channel'.  It is made of the 'channel' of the "
            "contact and the customer's 'preferred_channel'."
        )

    @pytest.mark.parametrize(
        "options",
        [
            {"bands": {"mood": (1,)}},
            {"weight": "mood"},
            {"totals": ["mood"]},
            {"every": "month", "date": "mood"},
            {"score": "mood"},
        ],
        ids=str,
    )
    def test_no_name_for_the_way_is_shown(self, options: dict[str, object]) -> None:
        """What is listed as present is what the user brought."""
        with pytest.raises(MissingColumnError, match="'mood', which is not in") as caught:
            tally_service(*tables(), **options)

        assert "contact that is known" not in str(caught.value)
        assert "sets the answer aside" not in str(caught.value)

    def test_a_column_that_is_nowhere_can_be_not_given(self) -> None:
        """A report asked by a metric still renders without it."""
        assert {9: None, 3: None, 10: None} == values("mood", absent="null")

    def test_a_repeated_contact_is_refused(self) -> None:
        """A join must not count an answer twice."""
        with pytest.raises(SourceError, match="'interaction_id' is repeated in `interactions`"):
            tally_service(answers(), pl.concat([contacts(), contacts()]))

    def test_tables_on_two_engines_are_refused(self) -> None:
        """Rows are not carried from one engine to another in silence."""
        with pytest.raises(SourceError, match="Open both with the same engine"):
            tally_service(answers(), contacts().to_pandas())

    def test_times_with_a_zone_are_refused(self) -> None:
        """Repeats are looked for in local time, as everything else."""
        aware = contacts().with_columns(pl.col("started_at").dt.replace_time_zone("UTC"))

        with pytest.raises(DateError, match=r"tally_service\(\) counts in local time"):
            tally_service(answers(), aware, resolution="no repeat in 7 days")

    def test_a_rating_is_refused(self) -> None:
        """It is no NPS answer here either, and this function says so."""
        rating = pl.DataFrame({"score": [1, 2, 3, 4, 5] * 6, "interaction_id": ["c1"] * 30})

        with pytest.raises(ScaleError, match=r"^tally_service\(\) refuses 'score' as NPS"):
            tally_service(rating, contacts())

    @pytest.mark.parametrize(
        "options",
        [
            {"by": "channel"},
            {"by": [1]},
            {"totals": "wait_seconds"},
            {"by": ["score"]},
            {"by": ["channel", "channel"]},
            {"by": ["^c.*$"], "absent": "null"},
            {"resolution": "fcr"},
            {"bands": [30, 120]},
            {"bands": {"wait_seconds": (120, 30)}},
            {"bands": {"wait_seconds": {30, 120}}},
            {"bands": {1: (30, 120)}},
            {"every": "fortnight"},
            {"absent": "ignore"},
        ],
        ids=str,
    )
    def test_options_outside_their_choices_are_refused(self, options: dict[str, object]) -> None:
        """Each says what it takes instead, under the name of this function."""
        with pytest.raises(OptionError, match=r"^tally_service\(\)"):
            tally_service(*tables(), **options)


@pytest.fixture
def spark(
    java: Path,  # noqa: ARG001 - Spark needs it there
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[SparkSession]:
    """Start a session of one thread on this machine."""
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestTallyServiceOnSpark:
    @pytest.mark.parametrize("resolution", ["agent", "no repeat in 7 days"])
    def test_is_the_same_table(self, spark: SparkSession, tmp_path: Path, resolution: str) -> None:
        """A cluster's counts are the counts of a laptop."""
        here, there = shipped(), []
        for place, frame in enumerate(here):
            frame.write_parquet(tmp_path / f"{place}.parquet")
            there.append(spark.read.parquet(str(tmp_path / f"{place}.parquet")))

        counts = tally_service(*there, resolution=resolution)

        assert counts.equals(tally_service(*here, resolution=resolution))
