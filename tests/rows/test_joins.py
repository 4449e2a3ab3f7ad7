"""Answers joined to the contacts they are about."""

from collections.abc import Callable

import duckdb
import narwhals as nw
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
            "customer_id": ["k1", "k1", None],
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


def customers() -> pl.DataFrame:
    """Two customers, and one nobody can name."""
    return pl.DataFrame({"customer_id": ["k1", "k2", None], "segment": ["home", "work", "lost"]})


def count_rows(frame: object) -> int:
    """Count the rows of any frame."""
    counts = tally(frame, by=["segment"])
    return int(counts["n"].sum())


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

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_a_customer_of_two_answers_stands_beside_both(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Answers may share a customer, on every engine."""
        joined = join_service(load(answers()), load(contacts()), None, load(customers()))

        assert [("home", 3, None, 1), ("home", 9, None, 1), (None, 10, None, 1)] == (
            tally(joined, by=["segment"]).rows()
        )

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_missing_keys_match_nothing(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Two answers without a contact and two contacts without a name make no four answers."""
        lost = pl.concat([answers()] + [answers().tail(1)] * 2)
        unnamed = customers().tail(1)
        nameless = pl.concat([customers(), unnamed, unnamed])

        joined = join_service(load(lost), load(contacts()), None, load(nameless))

        assert lost.height == count_rows(joined)

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_the_join_is_as_lazy_as_the_answers(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """A DuckDB relation stays one; only keys were looked at."""
        frame = load(answers())

        assert type(frame) is type(join_service(frame, load(contacts())))

    def test_customers_are_found_through_the_contact(self) -> None:
        """A survey tool that does not know customers leaves them to the telephone system."""
        known = contacts().with_columns(customer_id=pl.lit("k2"))

        joined = join_service(answers().drop("customer_id"), known, None, customers())

        assert ["work", "work", None] == joined["segment"].to_list()

    def test_agents_may_be_named_by_the_answers_themselves(self) -> None:
        """An export that names the agent needs no contacts."""
        named = answers().with_columns(agent_id=pl.lit("a2"))

        assert {"south"} == set(join_service(named, None, agents())["team"])

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_capitals_do_not_make_two_columns_of_one(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Some engines cannot tell Channel from channel: the answer's own stays."""
        shouted = contacts().rename({"channel": "Channel"})

        joined = nw.from_native(join_service(load(answers()), load(shouted)))

        assert "Channel" not in joined.collect_schema().names()

    def test_whole_numbers_of_two_sizes_match(self) -> None:
        """A database's small number is the file's large one, and the answers stay as they were."""
        small = pl.DataFrame({"interaction_id": pl.Series([1, 2], dtype=pl.Int32), "score": [9, 3]})
        large = pl.DataFrame({"interaction_id": [1, 2], "transfers": [0, 4]})

        joined = join_service(small, large)

        assert [0, 4] == joined["transfers"].to_list()
        assert small.schema["interaction_id"] == joined.schema["interaction_id"]

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_whole_and_decimal_numbers_match(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Some engines make whole numbers with a gap decimal ones."""
        gaps = pl.DataFrame({"interaction_id": [1, None, 3], "score": [9, 3, 10]})
        decimals = pl.DataFrame({"interaction_id": [1.0, 2.0], "segment": ["home", "work"]})

        counts = tally(join_service(load(gaps), load(decimals)), by=["segment"])

        assert [("home", 9, None, 1), (None, 3, None, 1), (None, 10, None, 1)] == counts.rows()

    def test_long_numbers_are_not_matched_as_decimal_ones(self) -> None:
        """Two ids that a decimal number cannot tell apart would make two answers of one."""
        long = pl.DataFrame({"interaction_id": [2**53, 2**53 + 1], "transfers": [0, 1]})
        decimal = pl.DataFrame({"interaction_id": [float(2**53)], "score": [9]})

        with pytest.raises(SourceError) as caught:
            join_service(decimal, long)

        assert str(caught.value) == (
            "join_service() cannot match 'interaction_id': it holds decimal numbers as long as "
            "9007199254740992, in which digits are lost.\n"
            "  Read it as text, or as whole numbers, first."
        )

    def test_long_whole_numbers_match_to_the_last_digit(self) -> None:
        """Nineteen of them."""
        ids = [1234567890123456789, 1234567890123456788]
        named = pl.DataFrame({"interaction_id": ids, "score": [9, 3]})
        contact = pl.DataFrame({"interaction_id": ids[:1], "transfers": [4]})

        assert [4, None] == join_service(named, contact)["transfers"].to_list()

    @pytest.mark.parametrize("kind", [pl.Date, pl.Boolean, pl.Datetime])
    @pytest.mark.parametrize("lazy", [False, True])
    def test_keys_of_any_two_kinds_are_refused(self, kind: pl.DataType, *, lazy: bool) -> None:
        """At once, and alike on every engine."""
        odd = answers().with_columns(interaction_id=pl.lit(None, kind))
        tables = [table.lazy() if lazy else table for table in (odd, contacts())]

        with pytest.raises(SourceError, match="cannot match 'interaction_id': the answers hold"):
            join_service(*tables)

    @pytest.mark.parametrize("lazy", [False, True])
    def test_a_key_that_holds_nothing_matches_nothing(self, *, lazy: bool) -> None:
        """A file whose column is empty has no type for it."""
        empty = answers().with_columns(interaction_id=pl.lit(None))
        tables = [table.lazy() if lazy else table for table in (empty, contacts())]

        joined = join_service(*tables).lazy().collect()

        assert [None, None, None] == joined["agent_id"].to_list()

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_blank_keys_match_nothing(self, load: Callable[[pl.DataFrame], object]) -> None:
        """A blank is no name, in however many contacts it stands."""
        blank = pl.DataFrame({"interaction_id": ["", "c1"], "score": [9, 3]})
        nameless = pl.DataFrame({"interaction_id": ["", "", "c1"], "team": ["x", "y", "north"]})

        counts = tally(join_service(load(blank), load(nameless)), by=["team"])

        assert [("north", 3, None, 1), (None, 9, None, 1)] == counts.rows()

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_tables_without_rows_join(self, load: Callable[[pl.DataFrame], object]) -> None:
        """A centre that has just begun."""
        joined = join_service(
            load(answers()), load(contacts().clear()), load(agents().clear()), load(customers())
        )

        assert 3 == count_rows(joined)

    def test_tables_of_two_duckdb_sessions_are_refused(self) -> None:
        """With the way to have them in one."""
        one, other = duckdb.connect(), duckdb.connect()

        with pytest.raises(SourceError) as caught:
            join_service(
                one.from_arrow(answers().to_arrow()), other.from_arrow(contacts().to_arrow())
            )

        assert str(caught.value) == (
            "join_service() cannot join tables of two DuckDB sessions.\n"
            "  Open them together, by open_data(), or from one connection."
        )

    def test_words_of_two_types_match(self) -> None:
        """A category is its word."""
        words = answers().with_columns(pl.col("interaction_id").cast(pl.Categorical))

        assert ["a1", "a2", None] == join_service(words, contacts())["agent_id"].to_list()

    def test_the_most_repeated_keys_are_named(self, load: Callable[[pl.DataFrame], object]) -> None:
        """A few of them, the same on every engine."""
        keys = ["c1"] * 2 + ["c2"] * 4 + ["c3"] * 3 + ["c4"] * 2 + ["c5"]

        with pytest.raises(SourceError, match=r"such as 'c2', 'c3', 'c1'\."):
            join_service(load(answers()), load(pl.DataFrame({"interaction_id": keys})))

    def test_columns_that_hold_nothing_join(self, load: Callable[[pl.DataFrame], object]) -> None:
        """A comment that nobody gave keeps no answer from its contact."""
        silent = answers().with_columns(comment=pl.lit(None))
        bare = contacts().with_columns(note=pl.lit(None))

        counts = tally(join_service(load(silent), load(bare)), by=["agent_id"])

        assert ["a1", "a2", None] == counts["agent_id"].to_list()

    def test_a_repeat_among_many_keys_is_found(self) -> None:
        """One in a hundred thousand."""
        many = pl.DataFrame({"interaction_id": [f"c{place}" for place in range(100_000)] + ["c7"]})

        for contacted in (many, many.lazy()):
            frame = answers() if isinstance(contacted, pl.DataFrame) else answers().lazy()
            with pytest.raises(SourceError, match=r"such as 'c7'\."):
                join_service(frame, contacted)

    def test_a_name_that_the_join_needs_is_refused(self) -> None:
        """Nobody has such a column; whoever does is told."""
        with pytest.raises(SourceError) as caught:
            join_service(answers(), contacts().with_columns(pl.lit(1).alias("key of the join")))

        assert str(caught.value) == (
            "join_service() needs the name 'key of the join' itself, and `interactions` has such a "
            "column.\n  Rename it first."
        )
