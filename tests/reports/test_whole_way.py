"""The whole way: a file of answers to a page in a browser without a network."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from nps_kit.errors import ScaleError
from nps_kit.reports.render import render_report

NOTEBOOKS = (
    "monthly",
    "20_score_against_benchmarks",
    "30_touchpoints",
    "80_targets_and_actions",
)
LARGEST = 1_500_000

HOSTILE = [
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    '<img src=x onerror="window.ran = 1">',
    "javascript:window.ran=1",
    "[click](javascript:window.ran=1)",
    "'; window.ran = 1; //",
    "{{ 7 * 7 }} ${window.ran = 1} datum.ran",
]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Write answers whose names and comments would like to be more than text."""
    day, n = date(2026, 8, 1), 60 * len(HOSTILE)
    texts = [HOSTILE[k % len(HOSTILE)] for k in range(n)]
    pl.DataFrame(
        {
            "responded_at": [day + timedelta(days=k % 61) for k in range(n)],
            "score": [(k * 7) % 11 for k in range(n)],
            "survey": ["transactional"] * n,
            "touchpoint": texts,
            "channel": texts[::-1],
            "comment": texts,
        }
    ).write_csv(tmp_path / "hostile <b>answers.csv")
    return tmp_path / "hostile <b>answers.csv"


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


@pytest.mark.browser
class TestTheWholeWay:
    @pytest.mark.parametrize("name", NOTEBOOKS)
    def test_the_sample_becomes_a_page_that_opens_anywhere(
        self, name: str, tmp_path: Path, open_page: Callable
    ):
        """Small, every figure drawn, the console silent, nothing asked for."""
        page = render_report(name, to=tmp_path / "report")

        html = page.read_text(encoding="utf-8")
        opened = open_page(html)
        figures = opened.page.locator("figure.nps-figure")
        assert len(html.encode()) <= LARGEST
        assert figures.count() == figures.locator("svg").count() > 0
        assert not opened.said
        assert len(opened.asked) == 1
        assert opened.page.locator(".nps-lead-answer").count() == 1

    @pytest.mark.parametrize("name", NOTEBOOKS)
    def test_hostile_names_and_comments_run_nowhere(
        self, name: str, hostile: Path, tmp_path: Path, open_page: Callable
    ):
        """What customers and systems write stays text, on the page and in its figures."""
        page = render_report(name, to=tmp_path / "report", parameters={"data": str(hostile)})

        opened = open_page(page.read_text(encoding="utf-8"))
        for mark in opened.page.locator("figure svg path, figure svg text").all()[:60]:
            mark.dispatch_event("click")
            mark.dispatch_event("mousemove")
        assert opened.page.evaluate("window.ran") is None
        assert opened.page.locator("a[href^='javascript']").count() == 0
        assert not opened.dialogs
        assert not opened.said
        assert len(opened.asked) == 1

    @pytest.mark.parametrize("name", NOTEBOOKS)
    def test_a_file_of_dates_and_scores_is_enough(
        self, name: str, plain: Path, tmp_path: Path, open_page: Callable
    ):
        """What needs a column or a table that is not there is said politely."""
        page = render_report(name, to=tmp_path / "report", parameters={"data": str(plain)})

        opened = open_page(page.read_text(encoding="utf-8"))
        words = opened.page.locator("body").inner_text()
        assert "no column 'survey'" in words
        assert "900" in words
        assert not any(word in words for word in ("None", "null", "nan", "Traceback"))

    def test_ratings_are_refused_and_nothing_is_published(self, tmp_path: Path):
        """A page is never made of numbers that mean something else."""
        frame = pl.DataFrame({"responded_at": [date(2026, 9, 1)] * 40, "score": [1, 5] * 20})
        frame.write_csv(tmp_path / "ratings.csv")

        with pytest.raises(ScaleError, match="looks like a 1-5 rating"):
            render_report(
                "monthly",
                to=tmp_path / "report",
                parameters={"data": str(tmp_path / "ratings.csv")},
            )
        assert not (tmp_path / "report").exists()


class TestWhatWasPlanted:
    """The sample's truth.json says what happened; the pages must find it."""

    def test_the_quarter_of_other_contacts_is_no_verdict_on_service(self, tmp_path: Path):
        """The score fell because hard contacts came in, and the page says just that."""
        page = render_report(
            "30_touchpoints", to=tmp_path / "report", parameters={"period": "2026-02"}
        )

        words = page.read_text(encoding="utf-8")
        assert "It comes from who contacted us" in words
        assert "A change in who contacts us is no verdict on service." in words

    def test_the_month_of_the_outage_is_a_signal_about_service(self, tmp_path: Path):
        """Waits soared for one month: below what is usual, by how customers were served."""
        page = render_report("monthly", to=tmp_path / "report", parameters={"period": "2025-06"})

        words = page.read_text(encoding="utf-8")
        assert "is below what this centre usually does" in words
        assert "It comes from how they scored" in words
