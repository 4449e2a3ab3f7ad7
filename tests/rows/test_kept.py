"""Part of a tally by what its rows say."""

from collections.abc import Callable

import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.contacts import tally_contacts
from nps_kit.rows.tallies import tally

CONTACTS = pl.DataFrame(
    {
        "touchpoint": ["billing", "billing", "claims", None],
        "team": [1, 2, 1, 1],
        "invited": [True, False, True, True],
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

    def test_an_unknown_value_is_named_with_those_there_are(self):
        """As for answers."""
        with pytest.raises(OptionError) as caught:
            tally_contacts(CONTACTS, only={"team": "3"})

        assert str(caught.value) == (
            "tally_contacts() finds no contacts with team='3'.\n  There are: '1', '2'."
        )

    def test_a_column_that_is_not_there_is_refused(self):
        """Everybody's contacts never pass for those of one group."""
        with pytest.raises(MissingColumnError, match=r"^tally_contacts\(\) with only="):
            tally_contacts(CONTACTS, only={"channel": "phone"}, absent="null")
