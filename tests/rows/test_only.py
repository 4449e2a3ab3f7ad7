"""What `only` means: part of a tally, or of the rows, by what they say."""

from collections.abc import Callable
from datetime import date

import duckdb
import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.columns import list_values
from nps_kit.rows.contacts import tally_contacts
from nps_kit.rows.measures import tally_measures
from nps_kit.rows.only import keep_rows
from nps_kit.rows.privacy import suppress_alike
from nps_kit.rows.sources import Data
from nps_kit.rows.tallies import tally
from nps_kit.stats.changes import decompose_change

CONTACTS = pl.DataFrame(
    {
        "touchpoint": ["billing", "billing", "claims", None],
        "team": [1, 2, 1, 1],
        "invited": [True, False, True, True],
    }
)

COSTS = pl.DataFrame(
    {
        "channel": ["phone", " phone ", "chat", None],
        "team": ["a", "b", "a", "a"],
        "cost": [7.5, 8.0, 2.0, 1.0],
    }
)


@pytest.fixture
def small() -> pl.DataFrame:
    """Five answers of two channels and two teams."""
    return pl.DataFrame(
        {
            "score": [9, 9, 3, 10, 7],
            "channel": ["phone", " phone", "chat", "phone", None],
            "team": [1, 2, 1, 1, 1],
            "survey": ["transactional"] * 4 + ["relational"],
        }
    )


class TestTally:
    def test_keeps_one_group(self, small: pl.DataFrame):
        """The page of one channel counts its answers and no others; the column goes again."""
        counts = tally(small, only={"channel": "phone"})

        assert [("transactional", 9, None, 2), ("transactional", 10, None, 1)] == counts.rows()

    def test_equals_the_tally_of_those_rows_alone(
        self, responses: pl.DataFrame, load: Callable[[pl.DataFrame], object]
    ):
        """On every engine, keeping after counting is counting what was kept."""
        options = {
            "by": ["team"],
            "every": "week",
            "bands": {"wait_seconds": (30, 120)},
            "weight": "weight",
        }
        alone = responses.filter(pl.col("touchpoint") == "billing")

        kept = tally(load(responses), **options, only={"touchpoint": "billing"})

        assert kept.equals(tally(alone, **options))
        assert kept.schema == tally(alone, **options).schema

    def test_takes_several_values_and_several_columns(self, small: pl.DataFrame):
        """A value of each column, any of those named."""
        counts = tally(small, only={"channel": ["phone", "chat"], "team": "1"})

        assert [3, 9, 10] == counts["score"].to_list()

    def test_a_column_that_is_counted_by_stays(self, small: pl.DataFrame):
        """What was asked for by name is in the result."""
        counts = tally(small, by=["channel"], only={"channel": "phone", "team": "2"})

        assert [("phone", "transactional", 9, None, 1)] == counts.rows()

    def test_a_band_can_be_kept(self):
        """The label is that of the tally."""
        waits = pl.DataFrame({"score": [9, 3], "wait_seconds": [10, 200]})

        counts = tally(waits, bands={"wait_seconds": (30,)}, only={"wait_seconds": "under 30 s"})

        assert [("under 30 s", 9, None, 1)] == counts.rows()

    def test_a_kind_of_survey_can_be_kept(self, small: pl.DataFrame):
        """Its column is there whether or not it is asked for."""
        counts = tally(small, only={"survey": "relational"})

        assert [("relational", 7, None, 1)] == counts.rows()

    def test_what_is_set_aside_is_kept_with_its_group(self):
        """Rows of the group are rows used and rows set aside."""
        frame = pl.DataFrame({"score": ["9", "", "NA"], "team": ["a", "a", "b"]})

        assert [(9, None, 1), (None, "blank", 1)] == tally(frame, only={"team": "a"}).rows()

    def test_nothing_named_keeps_everything(self, small: pl.DataFrame):
        """A notebook hands on its parameter whether or not it is set."""
        assert tally(small).equals(tally(small, only={}))

    def test_an_unknown_value_is_named_with_those_there_are(self, small: pl.DataFrame):
        """A report of a channel that does not exist is a mistake, not an empty page."""
        with pytest.raises(OptionError) as caught:
            tally(small, only={"channel": "phne"})

        assert str(caught.value) == (
            "tally() finds no answers with channel='phne'.\n"
            "  There are: 'chat', 'phone'.  Did you mean 'phone'?"
        )

    def test_values_that_never_meet_are_told(self, small: pl.DataFrame):
        """Each is there, and nothing has both."""
        with pytest.raises(OptionError) as caught:
            tally(small, only={"channel": "chat", "team": "2"})

        assert str(caught.value) == (
            "tally() finds no answers with channel='chat' and team='2'.\n"
            "  There are some with each of these, and none with all of them."
        )

    @pytest.mark.parametrize("absent", ["refuse", "null"])
    def test_a_column_that_is_not_there_is_refused(self, small: pl.DataFrame, absent: str):
        """Everybody's answers never pass for those of one group."""
        with pytest.raises(MissingColumnError) as caught:
            tally(small, only={"supervisor": "Ada"}, absent=absent)

        assert str(caught.value) == (
            "tally() with only={'supervisor': ...} needs the column 'supervisor', which is not in "
            "the table.\n  It has: 'channel', 'score', 'survey', 'team'.  Is it in another table?  "
            'join_columns(tables, ["supervisor"])'
        )

    @pytest.mark.parametrize("only", ["phone", {"channel": ""}, {"channel": []}, {"channel": 1}])
    def test_what_is_no_value_by_column_is_refused(self, small: pl.DataFrame, only: object):
        """An empty value would mean everybody."""
        with pytest.raises(OptionError) as caught:
            tally(small, only=only)

        assert str(caught.value) == (
            f"tally() cannot use only={only!r}.\n"
            '  It takes a value, or a list of values, by column: only={"channel": "phone"}.'
        )

    @pytest.mark.parametrize("name", ["agent_id", "customer_id", "interaction_id", "response_id"])
    def test_no_page_is_about_one_person(self, small: pl.DataFrame, name: str):
        """Ids are no groups."""
        with pytest.raises(OptionError) as caught:
            tally(small, only={name: "x1"})

        assert str(caught.value) == (
            f"tally() makes nothing about a single '{name}': a page of its own would be about one "
            "person.\n  Take a column of groups, such as 'team' or 'touchpoint'."
        )


class TestTallyContacts:
    def test_keeps_one_group(self):
        """The contacts of one team, by touchpoint, with those who were asked."""
        counts = tally_contacts(CONTACTS, by=["touchpoint"], only={"team": "1"})

        assert [("billing", 1, 1), ("claims", 1, 1), (None, 1, 1)] == counts.rows()

    def test_equals_the_tally_of_those_rows_alone(self, load: Callable[[pl.DataFrame], object]):
        """On every engine, keeping after counting is counting what was kept."""
        alone = CONTACTS.filter(pl.col("touchpoint") == "billing")

        kept = tally_contacts(load(CONTACTS), only={"touchpoint": "billing"})

        assert kept.equals(tally_contacts(alone))
        assert kept.schema == tally_contacts(alone).schema

    def test_a_group_without_contacts_has_none(self):
        """Answers of a new team are there before its contacts: its report says so, and comes."""
        alone = CONTACTS.clear()

        by_touchpoint = tally_contacts(CONTACTS, by=["touchpoint"], only={"team": "3"})
        together = tally_contacts(CONTACTS, only={"team": "3"})

        assert by_touchpoint.equals(tally_contacts(alone, by=["touchpoint"]))
        assert by_touchpoint.schema == tally_contacts(alone, by=["touchpoint"]).schema
        assert [(0, 0)] == together.rows()

    def test_a_group_without_contacts_leaves_the_page_whole(self):
        """What is made of them afterwards takes no contacts for what they are."""
        months = [date(2026, 8, 1), date(2026, 9, 1)]
        answers = pl.DataFrame(
            {
                "team": "3",
                "touchpoint": "billing",
                "responded_at": months * 40,
                "score": [9, 2] * 40,
            }
        )
        counts = tally(answers, by=["touchpoint"], every="month", only={"team": "3"})
        dated = CONTACTS.with_columns(started_at=pl.lit(months[0]))
        options = {"by": ["touchpoint"], "every": "month", "only": {"team": "3"}}
        contacts = tally_contacts(dated, **options)

        told = suppress_alike(contacts, like=counts, by=["touchpoint"])
        pair = {"before": months[0], "after": months[1], "every": "month"}
        without = decompose_change(counts, None, by=["touchpoint"], **pair)

        beside = decompose_change(counts, told, by=["touchpoint"], **pair)

        assert beside.select(without.columns).equals(without)
        assert 0 == beside["contacts_after"].sum()

    def test_a_column_that_is_not_there_is_refused(self):
        """Everybody's contacts never pass for those of one group."""
        with pytest.raises(MissingColumnError, match=r"^tally_contacts\(\) with only="):
            tally_contacts(CONTACTS, only={"channel": "phone"}, absent="null")


class TestKeepRows:
    @pytest.mark.parametrize("engine", ["polars", "lazy", "pandas", "duckdb"])
    def test_keeps_the_rows_of_one_group_on_every_engine(self, engine):
        """Blanks around a word are no other channel; a channel that is not given is none."""
        told = "('phone','a',7.5),(' phone ','b',8.0),('chat','a',2.0),(null,'a',1.0)"
        frames = {
            "polars": COSTS,
            "lazy": COSTS.lazy(),
            "pandas": COSTS.to_pandas(),
            "duckdb": duckdb.sql(f"from (values {told}) t(channel, team, cost)"),
        }

        kept = keep_rows(frames[engine], only={"channel": "phone"})

        assert type(kept) is type(frames[engine])
        found = kept.collect() if engine == "lazy" else kept.pl() if engine == "duckdb" else kept
        assert [7.5, 8.0] == [float(cost) for cost in found["cost"]]

    @pytest.mark.parametrize("column", ["touchpoint", "team", "known", "survey"])
    def test_keeps_the_rows_that_are_counted(
        self, responses: pl.DataFrame, load: Callable[[pl.DataFrame], object], column: str
    ):
        """On every engine, words, numbers and yes or no: a part is the same part everywhere."""
        hostile = responses.with_columns(
            touchpoint=pl.Series(["billing", "\u00a0billing", "billing\t", "claims"] * 3),
            survey=pl.Series(["transactional", " Transactional", "RELATIONAL"] * 4),
        )
        frame = load(hostile)

        for value in list_values(Data(source="", responses=frame), column):
            kept = keep_rows(frame, only={column: value})

            assert tally(kept).equals(
                tally(frame, only={column: value}).select(tally(kept).columns)
            )

    def test_what_nobody_has_keeps_nothing(self, load: Callable[[pl.DataFrame], object]):
        """A team without contacts has none, and not everybody's."""
        assert 0 == tally_contacts(keep_rows(load(COSTS), only={"team": "c"}))["n"].item()

    def test_every_column_must_fit(self):
        """The phone contacts of team b, and of any of the teams named."""
        assert [8.0] == keep_rows(COSTS, only={"channel": "phone", "team": "b"})["cost"].to_list()
        assert 2 == keep_rows(COSTS, only={"channel": "phone", "team": ["a", "b"]}).height

    def test_without_a_wish_all_are_kept(self):
        """Nothing asked for, nothing left out."""
        assert 4 == keep_rows(COSTS, only={}).height

    def test_what_is_kept_is_counted_as_a_part(self):
        """The other measures of one channel are its own."""
        dated = COSTS.with_columns(started_at=pl.date(2026, 9, 1))
        answers = pl.DataFrame({"responded_at": [], "score": []}).with_columns(
            pl.col("responded_at").cast(pl.Date)
        )

        counts = tally_measures(answers, keep_rows(dated, only={"channel": "phone"}))

        cost = counts.filter(pl.col("measure") == "cost", pl.col("reason").is_null())
        assert [(2, 15.5)] == cost.select("n", "total").rows()

    def test_a_missing_column_is_named(self):
        """Or all contacts would pass for those of one region."""
        with pytest.raises(MissingColumnError, match=r"keep_rows\(\) needs the column 'region'"):
            keep_rows(COSTS, only={"region": "north"})

    def test_nobody_is_a_group(self):
        """No page of one agent's answers comes out of a slip."""
        with pytest.raises(OptionError, match="makes nothing about a single 'agent_id'"):
            keep_rows(COSTS.with_columns(agent_id=pl.lit("x")), only={"agent_id": "x"})
