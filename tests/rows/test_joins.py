"""Answers joined to the contacts they are about."""

from collections.abc import Callable

import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, SourceError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally


def answers() -> pl.DataFrame:
    """Three answers, one about no contact."""
    return pl.DataFrame(
        {
            "interaction_id": ["c1", "c2", None],
            "score": [9, 3, 10],
            "channel": ["phone", "chat", "e-mail"],
        }
    )


def contacts() -> pl.DataFrame:
    """Three contacts, one without an answer."""
    return pl.DataFrame(
        {
            "interaction_id": ["c1", "c2", "c3"],
            "agent_id": ["a1", "a2", None],
            "channel": ["phone", "phone", "phone"],
        }
    )


def agents() -> pl.DataFrame:
    """Two agents of two teams."""
    return pl.DataFrame({"agent_id": ["a1", "a2"], "team": ["north", "south"]})


class TestJoinService:
    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_the_counts_are_the_same_on_every_engine(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """An answer finds its team wherever the tables live."""
        joined = join_service(load(answers()), load(contacts()), load(agents()))

        counts = tally(joined, by=["team", "channel"])

        assert [
            ("north", "phone", 9, None, 1),
            ("south", "chat", 3, None, 1),
            (None, "e-mail", 10, None, 1),
        ] == counts.rows()

    def test_an_answer_keeps_its_own_columns(self) -> None:
        """What the customer was asked about wins over what the telephone system says."""
        joined = join_service(answers(), contacts())

        assert ["phone", "chat", "e-mail"] == joined["channel"].to_list()

    def test_without_the_other_tables_the_answers_stay_as_they_are(self) -> None:
        """A file of answers alone needs no special case."""
        assert answers().equals(join_service(answers(), None, agents()))

    def test_a_repeated_key_is_refused_with_examples(self) -> None:
        """A join must not count an answer twice."""
        twice = pl.concat([contacts(), contacts().head(1)])

        with pytest.raises(SourceError) as caught:
            join_service(answers(), twice)

        assert str(caught.value) == (
            "join_service() would count answers more than once: 'interaction_id' is repeated in "
            "`interactions`, such as 'c1'.\n"
            "  Keep one row for each interaction_id first."
        )

    def test_a_missing_key_is_named(self) -> None:
        """The message says which table lacks it."""
        with pytest.raises(MissingColumnError, match="'interaction_id', which is not in the ans"):
            join_service(answers().drop("interaction_id"), contacts())

    def test_tables_on_two_engines_are_refused(self) -> None:
        """Rows are not carried from one engine to another in silence."""
        with pytest.raises(SourceError, match="Open both with the same engine"):
            join_service(answers(), contacts().to_pandas())

    def test_keys_of_two_types_are_refused(self) -> None:
        """One engine would match 1 with "1" and another would not."""
        with pytest.raises(SourceError, match="the answers hold String, `interactions` Int32"):
            join_service(answers(), contacts().with_columns(interaction_id=pl.lit(1)).head(1))
