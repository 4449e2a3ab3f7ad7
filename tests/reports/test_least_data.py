"""A file of dates and scores, and every page that is made of it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from reports.pages import NOTEBOOKS

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
