"""Names and comments that would like to be more than text, on every page."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from reports.pages import HOSTILE, NOTEBOOKS

from nps_kit.reports.render import render_report


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


@pytest.mark.browser
class TestHostileData:
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
