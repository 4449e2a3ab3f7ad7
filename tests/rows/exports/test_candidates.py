"""Which column may be the score, and which the others."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from nps_kit.errors import ScaleError
from nps_kit.rows.exports.candidates import (
    check_direction,
    find_groups,
    find_scores,
    sure_score,
)
from nps_kit.rows.exports.files import Opened, Reading, open_file
from nps_kit.rows.exports.roles import find_numbered, find_roles

Made = Callable[..., Opened]

TEN = [n % 11 for n in range(44)]
FIVE = [n % 5 + 1 for n in range(44)]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Make a table of columns."""

    def opened(columns: dict[str, Sequence[object]]) -> Opened:
        path = tmp_path / "export.csv"
        pl.DataFrame(columns, strict=False).write_csv(path)
        return open_file(path, Reading())

    return opened


def score_of(opened: Opened) -> str | None:
    """Name the column that is taken for the score without asking."""
    sure = sure_score(find_scores(opened, opened.sample))
    return sure.name if sure else None


class TestFindScores:
    @pytest.mark.parametrize(
        "name", ["NPS_Score", "npsScore", "NPS", "Recommandation Score", "Weiterempfehlung (0-10)"]
    )
    def test_a_name_that_speaks_of_recommending_is_known(self, made: Made, name: str) -> None:
        """However its words are joined, and in several languages."""
        assert name == score_of(made({"Rating": TEN, name: TEN}))

    def test_what_stands_beside_the_score_is_none(self, made: Made) -> None:
        """Its id, its band and its date have NPS in their names too."""
        opened = made({"NPS_ID": range(44), "NPS_Group": [n % 3 + 1 for n in range(44)]})

        assert [] == find_scores(opened, opened.sample)

    @pytest.mark.parametrize(
        "name",
        [
            "Overall satisfaction (0-10)",
            "CSAT",
            "How easy was it to reach us?",
            "How likely are you to renew?",
        ],
    )
    def test_another_question_from_0_to_10_is_never_taken_unasked(
        self, made: Made, name: str
    ) -> None:
        """Satisfaction, ease and renewal are not recommending, even where they stand alone."""
        assert score_of(made({name: TEN})) is None

    @pytest.mark.parametrize("name", ["Bewertung", "Rating"])
    def test_a_bare_rating_is_told_by_what_it_holds(self, made: Made, name: str) -> None:
        """It may be of anything: the score only where it is alone and runs from 0 to 10."""
        assert name == score_of(made({name: TEN}))
        assert "NPS" == score_of(made({name: TEN, "NPS": TEN}))
        assert score_of(made({name: FIVE})) is None

    def test_beside_recommending_another_likelihood_is_none(self, made: Made) -> None:
        """Only one of the two says recommend."""
        asked = "How likely are you to recommend us?"

        assert asked == score_of(made({"How likely is that?": TEN, asked: TEN}))

    def test_two_questions_of_recommending_are_not_told_apart(self, made: Made) -> None:
        """Whoever knows the survey says which is meant."""
        assert score_of(made({"Recommend us?": TEN, "Recommend our shop?": TEN})) is None

    def test_yes_and_no_are_no_scores(self, made: Made) -> None:
        """Nor is a column of nothing but zeros."""
        opened = made({"is_admin": [0, 1] * 22, "reason_code": [0] * 44})

        assert [] == find_scores(opened, opened.sample)

    def test_numbered_kinds_are_no_scores(self, made: Made) -> None:
        """A label at each number is a list; a score has labels at its ends only."""
        opened = made({"Kind": [f"{n} - Billing" for n in TEN]})

        assert [] == find_scores(opened, opened.sample)

    def test_many_who_did_not_know_leave_it_a_score(self, made: Made) -> None:
        """Where its name says that it is one."""
        assert "NPS" == score_of(made({"NPS": ["Don't know" if n < 3 else str(n) for n in TEN]}))


class TestFindGroups:
    def test_the_bands_of_another_question_are_passed_over(self, made: Made) -> None:
        """Q1_NPS_GROUP says nothing of Q5."""
        columns = {"Q1": TEN, "Q1_NPS_GROUP": ["3"] * 44, "Q5": TEN, "Q5_NPS_GROUP": ["1"] * 44}
        opened = made(columns)

        assert "Q5_NPS_GROUP" == find_groups(opened.sample, opened.names, score="Q5")


class TestCheckDirection:
    @pytest.mark.parametrize(
        "cell", ["10 - Not at all likely", "0: Extremely likely", "Very likely - 0"]
    )
    def test_scores_the_other_way_round_are_refused(self, cell: str) -> None:
        """By the labels of their ends."""
        with pytest.raises(ScaleError) as caught:
            check_direction(pl.Series(["5", cell]), "Q1")

        assert str(caught.value) == (
            f"'Q1' runs the other way round: it says '{cell}'.\n"
            "  On the NPS scale 10 is the best.  Say in a mapping (nps-kit map FILE) what each "
            'answer means:  [values.score]  "10" = "0", "9" = "1" and so on.'
        )

    def test_the_question_may_say_so_too(self) -> None:
        """Where the cells are bare numbers."""
        with pytest.raises(ScaleError, match="it says '1 = very likely"):
            check_direction(pl.Series(["5"]), "Q1", question="(1 = very likely, 10 = not at all)")

    @pytest.mark.parametrize(
        "cell", ["0 - Not at all likely", "0 - Not very likely", "10 - Extremely likely", "10"]
    )
    def test_scores_the_right_way_are_left_alone(self, cell: str) -> None:
        """A label that says not at the low end, and very at the high one."""
        check_direction(pl.Series([cell]), "Q1", question="0 = very unlikely, 10 = very likely")


class TestFindRoles:
    def test_the_date_of_the_survey_comes_before_that_of_the_account(self, made: Made) -> None:
        """Created at is when something began, not when it was rated."""
        opened = made({"created_at": ["2026-01-01"] * 3, "surveyed_at": ["2026-02-01"] * 3})

        assert ["surveyed_at", "created_at"] == find_roles(opened, opened.sample)["responded_at"]

    def test_when_it_was_sent_is_not_when_it_was_answered(self, made: Made) -> None:
        """Each has its own column."""
        opened = made({"request_sent_at": ["2026-01-01"], "response_received_at": ["2026-01-02"]})

        roles = find_roles(opened, opened.sample)

        assert ["response_received_at"] == roles["responded_at"]
        assert ["request_sent_at"] == roles["invited_at"]

    @pytest.mark.parametrize(
        ("name", "ours"),
        [
            ("Kontaktpunkt", "touchpoint"),
            ("Letzter_Kontaktpunkt", "touchpoint"),
            ("Kanal", "channel"),
            ("Kontaktkanal", "channel"),
        ],
    )
    def test_german_headers_are_read_as_english_ones_are(
        self, made: Made, name: str, ours: str
    ) -> None:
        """Touchpoint and channel by their German words, and each as that one only."""
        opened = made({name: ["Filiale", "Telefon"] * 3, "x": range(6)})

        roles = find_roles(opened, opened.sample)

        assert [ours] == [role for role, names in roles.items() if name in names]

    def test_a_german_comment_is_known(self, made: Made) -> None:
        """By its word, and by sentences below it."""
        opened = made({"Kommentar": ["Die Beratung war gut", "Es hat zu lange gedauert"]})

        assert ["Kommentar"] == find_roles(opened, opened.sample)["comment"]

    def test_a_customer_is_known_by_an_id_before_a_name(self, made: Made) -> None:
        """And not by a language or a size."""
        names = ("Company_Size", "UserLanguage", "Customer Name", "E-Mail", "customerId")
        opened = made({name: ["x"] for name in names})

        assert ["customerId", "E-Mail", "Customer Name"] == (
            find_roles(opened, opened.sample)["customer_id"]
        )


class TestFindNumbered:
    @pytest.mark.parametrize(
        ("cell", "order"),
        [
            ("46295.5", "excel days"),
            ("1790000000", "unix seconds"),
            ("1790000000000", "unix milliseconds"),
            ("2026-09-30", ""),
        ],
    )
    def test_dates_as_bare_numbers_are_known(self, made: Made, cell: str, order: str) -> None:
        """A spreadsheet's days, and seconds since 1970."""
        assert order == find_numbered(made({"at": [cell, None]}).sample, "at")
