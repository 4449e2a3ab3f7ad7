"""Comments to read: the latest, redacted, with the scores that were given."""

from datetime import date, datetime

import duckdb
import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.comments import list_comments


@pytest.fixture
def answers() -> pl.DataFrame:
    """Make four answers, one without a word and one without a score."""
    return pl.DataFrame(
        {
            "responded_at": [datetime(2026, 9, day) for day in (1, 4, 3, 2)],
            "score": ["2", "9", "10", ""],
            "team": ["a", " b ", "a", "b"],
            "comment": ["Slow.", "Fine, says ann@example.org", " ", "No score."],
        }
    )


class TestListComments:
    def test_the_latest_comes_first(self, answers: pl.DataFrame) -> None:
        """What was said last is read first."""
        found = list_comments(answers)

        assert found["period"].to_list() == [date(2026, 9, 4), date(2026, 9, 1)]

    def test_is_redacted(self, answers: pl.DataFrame) -> None:
        """An address in a comment is gone before anybody reads it."""
        assert list_comments(answers)["comment"][0] == "Fine, says [e-mail]"

    def test_takes_only_as_many_as_asked_for(self, answers: pl.DataFrame) -> None:
        """Asked for one, the latest comes back."""
        assert list_comments(answers, most=1)["score"].to_list() == [9]

    def test_has_the_group_and_the_band(self, answers: pl.DataFrame) -> None:
        """Each comment is told with its group, blanks gone, and its band."""
        found = list_comments(answers, by=["team"])

        assert found.select("team", "band").rows() == [("b", "promoters"), ("a", "detractors")]

    def test_without_a_comment_there_is_no_row(self, answers: pl.DataFrame) -> None:
        """A table in which nobody wrote anything is no mistake."""
        assert list_comments(answers.with_columns(comment=pl.lit(None, pl.String))).is_empty()

    def test_is_the_same_where_a_database_holds_the_rows(self, answers: pl.DataFrame) -> None:
        """DuckDB finds the same comments."""
        relation = duckdb.sql("select * from answers")

        assert list_comments(relation, by=["team"]).equals(list_comments(answers, by=["team"]))

    def test_a_column_that_is_not_there_is_named(self, answers: pl.DataFrame) -> None:
        """A table without comments says what it has."""
        with pytest.raises(MissingColumnError) as caught:
            list_comments(answers.drop("comment"))

        assert str(caught.value) == (
            "list_comments() needs the column 'comment', which is not in the table.\n"
            "  It has: 'responded_at', 'score', 'team'."
        )

    def test_persons_are_no_groups(self, answers: pl.DataFrame) -> None:
        """Nothing is made about one customer."""
        with pytest.raises(OptionError, match="makes nothing about a single 'customer_id'"):
            list_comments(answers, by=["customer_id"])

    def test_how_many_is_a_number(self, answers: pl.DataFrame) -> None:
        """Fewer than none cannot be listed."""
        with pytest.raises(OptionError) as caught:
            list_comments(answers, most=-1)

        assert str(caught.value) == (
            "list_comments() cannot use most=-1.\n  It takes a whole number, 0 or more."
        )
