"""Header rows, and names compared tolerantly."""

import pytest

from nps_kit.rows.exports.headers import find_name, read_headers, tidy_name


class TestTidyName:
    def test_takes_markup_and_odd_blanks_out(self) -> None:
        """What a page left in a question."""
        assert "How likely are you?" == tidy_name(" How <b>likely</b>\u00a0are\n you?&nbsp;")


class TestFindName:
    @pytest.mark.parametrize("wanted", ["What's up?", "what\u2019s  up?", " WHAT`S UP? "])
    def test_quotes_blanks_and_capitals_make_no_difference(self, wanted: str) -> None:
        """Where only one name is alike."""
        assert "What\u2019s up?" == find_name(wanted, ["x", "What\u2019s up?"])

    def test_two_that_are_alike_are_none(self) -> None:
        """Unless one is meant exactly."""
        assert find_name("SCORE", ["Score", "score"]) is None
        assert "score" == find_name("score", ["Score", "score"])


class TestReadHeaders:
    def test_one_row_where_nothing_says_more(self) -> None:
        """Answers below are no header."""
        assert 1 == read_headers([["id", "score"], ["", "9"]]).rows

    def test_a_question_of_several_columns_names_each_by_its_choice(self) -> None:
        """As SurveyMonkey writes them."""
        found = read_headers([["Respondent ID", "Which?", ""], ["", "Phone", "Chat"]])

        assert ("Respondent ID", "Which?: Phone", "Which?: Chat") == found.names

    def test_reserved_names_are_the_exports_own(self) -> None:
        """Their columns keep their place in what is set aside."""
        assert ("reason (own)", "row (own)") == read_headers([["reason", "row"]]).names

    def test_names_are_each_there_once(self) -> None:
        """Whatever numbers the file itself uses."""
        names = read_headers([["a", "a", "a (2)", "", ""]]).names

        assert 5 == len(set(names))
