"""A file of dates and scores, and every page that is made of it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from reports.pages import NOTEBOOKS, facts_on

from nps_kit.reports.render import render_report

ABSENT = {
    "40_what_drives_loyalty": "no table of interactions",
    "50_loyalty_outcomes": "no column 'customer_id'",
}
"""What a page misses most; the others miss the kind of survey."""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Write answers that have nothing but a date and a score."""
    day = date(2026, 7, 1)
    pl.DataFrame(
        {
            "responded_at": [day + timedelta(days=k % 90) for k in range(900)],
            "score": [(k * 7) % 11 for k in range(900)],
        }
    ).write_csv(tmp_path / "answers.csv")
    return tmp_path / "answers.csv"


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Write a month of answers, three of them by a channel that hardly anybody takes."""
    day = date(2026, 9, 1)
    pl.DataFrame(
        {
            "responded_at": [day + timedelta(days=k % 30) for k in range(60)],
            "score": [(k * 7) % 11 for k in range(60)],
            "touchpoint": ["billing", "claims"] * 30,
            "channel": ["phone"] * 57 + ["fax"] * 3,
        }
    ).write_csv(tmp_path / "answers.csv")
    return tmp_path / "answers.csv"


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Write answers to both kinds of survey, about the same touchpoints and about none."""
    day = date(2026, 7, 1)
    pl.DataFrame(
        {
            "responded_at": [day + timedelta(days=k % 90) for k in range(900)],
            "score": [(k * 7) % 11 for k in range(900)],
            "survey": ["transactional", "transactional", "relational"] * 300,
            "touchpoint": [["billing", "claims", None][k // 3 % 3] for k in range(900)],
        }
    ).write_csv(tmp_path / "answers.csv")
    return tmp_path / "answers.csv"


class TestTwoKinds:
    @pytest.mark.parametrize("name", ["monthly", "touchpoint"])
    def test_both_kinds_of_survey_may_ask_about_a_touchpoint(
        self, name: str, both: Path, tmp_path: Path
    ):
        """They are never added together, and the page is about one of them."""
        page = render_report(name, to=tmp_path / "report", parameters={"data": str(both)})

        words = page.read_text(encoding="utf-8")
        assert "Read 900 rows answered from July 2026 to September 2026: all count." in words
        assert "300 relational answers" in words


@pytest.mark.browser
class TestTheLeastData:
    @pytest.mark.parametrize("name", NOTEBOOKS)
    def test_a_file_of_dates_and_scores_is_enough(
        self, name: str, plain: Path, tmp_path: Path, open_page: Callable
    ):
        """What needs a column or a table that is not there is said politely."""
        page = render_report(name, to=tmp_path / "report", parameters={"data": str(plain)})

        opened = open_page(page.read_text(encoding="utf-8"))
        words = opened.page.locator("body").inner_text()
        assert ABSENT.get(name, "no column 'survey'") in words
        assert "900" in words
        assert not any(word in words for word in ("None", "null", "nan", "Traceback"))


class TestTheFewestAnswers:
    @pytest.mark.parametrize("name", ["monthly", "touchpoint"])
    def test_one_answer_is_not_told(self, name: str, tmp_path: Path):
        """A page of one answer says that there is too little to show, and not which it was."""
        answer = pl.DataFrame({"responded_at": [date(2026, 9, 1)], "score": [9]})
        answer.write_csv(tmp_path / "answers.csv")

        page = render_report(
            name, to=tmp_path / "report", parameters={"data": str(tmp_path / "answers.csv")}
        )

        words = page.read_text(encoding="utf-8")
        assert "The answers of 1 month are too few to show and not counted here." in words
        assert "No answer here counts." in words
        assert "promoters, " not in words.split("Method</h2>")[0]

    def test_a_group_of_three_is_not_told(self, few: Path, tmp_path: Path):
        """Who asks for three answers alone is told no score, nor how many of each band."""
        page = render_report(
            "monthly",
            to=tmp_path / "report",
            parameters={"data": str(few), "only": {"channel": "fax"}},
        )

        words = page.read_text(encoding="utf-8")
        assert "No answer of channel fax counts, or too few to show." in words
        assert all(not facts.get("n") for facts in facts_on(page))

    def test_the_page_of_a_touchpoint_too_small_to_show_is_made(self, tmp_path: Path):
        """A plan makes a page for each touchpoint there is: of this one it says no number."""
        day = date(2026, 9, 1)
        answers = pl.DataFrame(
            {
                "responded_at": [day + timedelta(days=k % 30) for k in range(60)],
                "score": [(k * 7) % 11 for k in range(60)],
                "touchpoint": ["billing"] * 57 + ["fax"] * 3,
            }
        )
        answers.write_csv(tmp_path / "answers.csv")

        page = render_report(
            "touchpoint",
            to=tmp_path / "report",
            parameters={"data": str(tmp_path / "answers.csv"), "touchpoint": "fax"},
        )

        words = page.read_text(encoding="utf-8")
        assert "<h1>Fax, September 2026</h1>" in words
        assert "No answer of fax counts, or too few to show." in words
        assert all(not facts.get("n") for facts in facts_on(page))

    def test_a_touchpoint_of_one_month_has_no_usual(self, few: Path, tmp_path: Path):
        """The score with its interval, and how many months are lacking; no change, no limits."""
        page = render_report(
            "touchpoint",
            to=tmp_path / "report",
            parameters={"data": str(few), "touchpoint": "claims"},
        )

        words = page.read_text(encoding="utf-8")
        assert "In September 2026 claims stands at" in words
        assert "limits need at least 5 months with answers enough, and there is 1." in words
        assert "No change can be told: no answer that counts is in August 2026." in words
