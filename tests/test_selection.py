"""Part of a count table."""

import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.selection import keep_group, keep_survey


def tables(**changes: object) -> pl.DataFrame:
    """Make a count table of two teams."""
    return pl.DataFrame({"team": ["a", "b", "b"], "score": [9, 9, 3], "n": [1, 2, 4], **changes})


class TestKeepSurvey:
    def test_keeps_the_kind_asked_for(self):
        """Relational answers only."""
        counts = tables(survey=["relational", "transactional", "transactional"])

        assert 1 == keep_survey(counts, survey="relational")["n"].sum()

    def test_keeps_the_most_common_kind(self):
        """Without a wish: the kind with the most answers."""
        counts = tables(survey=["relational", "transactional", "transactional"])

        assert 6 == keep_survey(counts)["n"].sum()

    def test_a_table_of_one_kind_is_kept_whole(self):
        """Where kinds are not told apart, nothing is left out."""
        assert 7 == keep_survey(tables())["n"].sum()

    def test_rows_set_aside_are_not_lost(self):
        """A table whose answers are all blank keeps them, so that they can be counted."""
        counts = tables(survey="relational", reason="blank")

        assert 7 == keep_survey(counts, survey="relational")["n"].sum()

    def test_an_unknown_kind_is_told_the_known_ones(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            keep_survey(tables(survey="relational"), survey="transactional")

        assert str(caught.value) == (
            "keep_survey() finds no answers with survey='transactional'.\n"
            "  The kinds here are: 'relational'."
        )


class TestKeepGroup:
    def test_keeps_the_group_asked_for(self):
        """Team b only."""
        assert 6 == keep_group(tables(), by="team", value="b")["n"].sum()

    def test_without_a_wish_all_are_kept(self):
        """An empty parameter of a notebook asks for nothing."""
        assert 7 == keep_group(tables(), by="team", value="")["n"].sum()

    def test_where_no_group_has_a_name_all_are_kept(self):
        """A column that is not there was counted as not given."""
        counts = tables(team=pl.Series([None] * 3, dtype=pl.String))

        assert 7 == keep_group(counts, by="team", value="b")["n"].sum()

    def test_answers_without_a_group_are_not_of_it(self):
        """Not given is no team."""
        counts = tables(team=["a", "b", None])

        assert 2 == keep_group(counts, by="team", value="b")["n"].sum()

    def test_an_unknown_group_is_told_the_known_ones(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            keep_group(tables(team=["billing", "claims", "claims"]), by="team", value="biling")

        assert str(caught.value) == (
            "keep_group() finds no answers with team='biling'.\n"
            "  There are: 'billing', 'claims'.  Did you mean 'billing'?"
        )

    def test_a_group_too_small_to_show_is_no_mistake(self):
        """Who asks for a team that is merged into "other" gets none of its answers."""
        shown = tables(team=["other", "b", "b"])

        assert 0 == keep_group(shown, by="team", value="a", out_of=tables())["n"].sum()

    def test_a_group_that_is_nowhere_is_one(self):
        """A slip of the pen is told, and no name of a small group with it."""
        shown = tables(team=["other", "b", "b"])

        with pytest.raises(OptionError) as caught:
            keep_group(shown, by="team", value="c", out_of=tables())

        assert str(caught.value) == (
            "keep_group() finds no answers with team='c'.\n  There are: 'b', 'other'."
        )

    def test_a_missing_column_is_named(self):
        """The error says what is there."""
        with pytest.raises(MissingColumnError, match="needs the column 'channel'"):
            keep_group(tables(), by="channel", value="phone")
