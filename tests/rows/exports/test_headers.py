"""Header rows, and names compared tolerantly."""

import pytest

from nps_kit.rows.exports.headers import find_name, read_headers, spell_name, tidy_name


class TestTidyName:
    def test_takes_markup_and_odd_blanks_out(self) -> None:
        """What a page left in a question."""
        assert "How likely are you?" == tidy_name(" How <b>likely</b>\u00a0are\n you?&nbsp;")


class TestSpellName:
    @pytest.mark.parametrize(
        "name", ["responseDate", "Response_Date", "response-date", "RESPONSE.DATE"]
    )
    def test_words_are_told_apart_however_they_are_joined(self, name: str) -> None:
        """By a change of capitals, a line, a dot or a dash."""
        assert "response date" == spell_name(name)


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

    def test_a_second_row_in_any_language_is_a_header(self) -> None:
        """Qualtrics translates its labels: what stands under a date's name and is none is one."""
        first = ["StartDate", "EndDate", "Status", "Finished", "RecordedDate", "ResponseId", "Q1"]
        labels = ["Startdatum", "Enddatum", "Typ", "Fertig", "Datum", "Antwort-ID", "Warum?"]
        answer = ["2026-09-01", "2026-09-01", "0", "1", "2026-09-01", "R_a", "9"]

        assert 2 == read_headers([first, labels, answer]).rows
        assert 1 == read_headers([first, answer, answer]).rows
