"""The whole way: a file of answers to a page in a browser without a network."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from reports.pages import NOTEBOOKS

from nps_kit.errors import ScaleError
from nps_kit.reports.render import render_report

LARGEST = 1_500_000


@pytest.mark.browser
class TestTheWholeWay:
    @pytest.mark.parametrize("name", ["import", *NOTEBOOKS])
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
