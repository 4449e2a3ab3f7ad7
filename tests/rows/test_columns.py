"""Columns of any table beside the answers, and the values that tell groups apart."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.columns import join_columns, list_values
from nps_kit.rows.engines import collect, wrap
from nps_kit.rows.sources import Data
from nps_kit.rows.tallies import tally

ANSWERS = pl.DataFrame(
    {
        "score": [9, 3, 10, 7],
        "interaction_id": ["c1", "c2", None, "c9"],
        "customer_id": ["k1", "k2", "k1", None],
        "channel": [" phone", "chat", "phone", ""],
        "survey": ["Transactional", "transactional ", "relational", None],
        "wait": [1.5, 2.0, 3.0, None],
        "level": [10, 9, 9, None],
    }
)
CONTACTS = pl.DataFrame(
    {
        "interaction_id": ["c1", "c2", "c3"],
        "agent_id": ["a1", "a2", "a1"],
        "site": ["north", "south", "north"],
        "started_at": [datetime(2026, 1, 1)] * 3,
    }
)
AGENTS = pl.DataFrame({"agent_id": ["a1", "a2"], "team": ["blue", "red"]})
CUSTOMERS = pl.DataFrame({"customer_id": ["k1", "k2"], "segment": ["family", "firm"]})


@pytest.fixture
def tables() -> Data:
    """Four tables of one small centre."""
    return Data("here", ANSWERS, CONTACTS, AGENTS, CUSTOMERS)


def beside(frame: object, *names: str) -> list[tuple[object, ...]]:
    """Bring columns of a frame home."""
    return collect(wrap(frame, caller="")).select(names).rows()


class TestJoinColumns:
    def test_brings_the_team_of_who_handled_the_contact(self, tables: Data):
        """Answers lead to it through the contact, contacts through the agent."""
        joined = join_columns(tables, ["team"])

        assert [(9, "blue"), (3, "red"), (10, None), (7, None)] == beside(
            joined.responses, "score", "team"
        )
        assert [("c1", "blue"), ("c2", "red"), ("c3", "blue")] == beside(
            joined.interactions, "interaction_id", "team"
        )

    def test_brings_nothing_else(self, tables: Data):
        """The agent's id, which led there, is not left on the answers."""
        joined = join_columns(tables, ["team"])

        assert [*ANSWERS.columns, "team"] == joined.columns

    def test_is_the_same_on_every_engine(
        self, tables: Data, load: Callable[[pl.DataFrame], object]
    ):
        """Where the tables live does not change whose answer it is."""
        there = [load(each) for each in (ANSWERS, CONTACTS, AGENTS, CUSTOMERS)]
        names = ["team", "site", "segment"]

        joined = join_columns(Data("there", *there), names)

        expected = join_columns(tables, names).responses
        assert tally(joined.responses, by=names).equals(tally(expected, by=names))

    def test_a_table_that_has_the_column_is_as_it_was(self, tables: Data):
        """What the answers say themselves stays."""
        assert join_columns(tables, ["channel"]).responses is ANSWERS

    def test_contacts_that_cannot_be_told_apart_are_left_out(self, tables: Data):
        """Everybody's contacts are never set beside the answers of one group."""
        assert join_columns(tables, ["channel"]).interactions is None

    def test_a_column_that_is_nowhere_is_named_with_those_there_are(self, tables: Data):
        """Ids and comments are not among what is offered."""
        with pytest.raises(MissingColumnError) as caught:
            join_columns(tables, ["taem"])

        assert str(caught.value) == (
            "join_columns() needs the column 'taem', which is not in the answers, nor do they lead "
            "to it.\n  It has: 'channel', 'level', 'score', 'segment', 'site', 'started_at', "
            "'survey', 'team', 'wait'.  Did you mean 'team'?"
        )

    def test_a_column_that_nothing_leads_to_is_refused(self):
        """Without the contacts, nobody knows whose agent it was."""
        with pytest.raises(MissingColumnError, match=r"^join_columns\(\) needs the column 'team'"):
            join_columns(Data("here", ANSWERS, None, AGENTS), ["team"])

    def test_one_name_is_no_list(self, tables: Data):
        """Its letters are no columns."""
        with pytest.raises(OptionError) as caught:
            join_columns(tables, "team")

        assert str(caught.value) == (
            "join_columns() cannot use names='team'.\n  It takes a list of names: [\"team\"]."
        )


class TestListValues:
    @pytest.mark.parametrize(
        ("column", "values"),
        [
            ("channel", ["chat", "phone"]),
            ("survey", ["relational", "transactional"]),
            ("team", ["blue", "red"]),
            ("segment", ["family", "firm"]),
            ("level", ["9", "10"]),
        ],
    )
    def test_each_group_is_there_once(self, tables: Data, column: str, values: list[str]):
        """One report for each: blanks make no other, what is not given is none, 9 before 10."""
        assert values == list_values(tables, column)

    @pytest.mark.parametrize("column", ["channel", "team", "level"])
    def test_each_value_can_be_kept(self, tables: Data, column: str):
        """What is listed is what `only` takes."""
        responses = join_columns(tables, [column]).responses
        groups = tally(responses, by=[column]).drop_nulls(column)["n"].sum()

        each = [tally(responses, only={column: v})["n"].sum() for v in list_values(tables, column)]

        assert groups == sum(each)

    def test_opens_an_address(self, tmp_path: Path):
        """With the user's own names of columns."""
        path = tmp_path / "answers.csv"
        path.write_text("score,way in\n9,phone\n3,chat\n", encoding="utf-8")

        assert ["chat", "phone"] == list_values(path, "channel", columns={"channel": "way in"})

    @pytest.mark.parametrize("column", ["agent_id", "customer_id", "comment"])
    def test_no_page_is_about_one_person(self, tables: Data, column: str):
        """Reports are of groups."""
        with pytest.raises(OptionError) as caught:
            list_values(tables, column)

        assert str(caught.value) == (
            f"list_values() makes nothing about a single '{column}': a page of its own would be "
            "about one person.\n  Take a column of groups, such as 'team' or 'touchpoint'."
        )

    def test_whole_numbers_with_a_gap_are_groups(self):
        """An engine makes decimal ones of them, and a tally whole ones again."""
        teams = pl.DataFrame({"score": [9, 3, 7], "team": [10, None, 2]}).to_pandas()

        assert ["2", "10"] == list_values(Data(source="", responses=teams), "team")

    def test_amounts_tell_no_groups_apart(self, tables: Data):
        """There would be a report for every wait."""
        with pytest.raises(OptionError) as caught:
            list_values(tables, "wait")

        assert str(caught.value) == (
            "list_values() needs a column that tells groups apart, and 'wait' holds Float64.\n"
            "  Take one of words or of whole numbers, such as 'touchpoint'."
        )

    def test_a_column_that_is_nowhere_is_named_with_those_there_are(self, tables: Data):
        """As for `join_columns`, in its own name."""
        with pytest.raises(MissingColumnError, match=r"^list_values\(\) needs the column 'chanel'"):
            list_values(tables, "chanel")
