"""The whole way: a file of answers to a page in a browser without a network."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reports.pages import NOTEBOOKS, facts_on, outputs_on

from nps_kit.counts import roll_up
from nps_kit.errors import ScaleError
from nps_kit.outputs import COUNTS_MIME
from nps_kit.reports.render import render_report
from nps_kit.rows.contacts import tally_contacts
from nps_kit.rows.privacy import suppress_small
from nps_kit.rows.sources import open_data
from nps_kit.rows.tallies import tally

LARGEST = 1_500_000


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render the page of a notebook as it comes, once for all that is promised of it."""

    @cache
    def render(name: str) -> Path:
        return render_report(name, to=tmp_path_factory.mktemp("whole") / "report")

    return render


@pytest.mark.browser
class TestTheWholeWay:
    @pytest.mark.parametrize("name", ["import", *NOTEBOOKS])
    def test_the_sample_becomes_a_page_that_opens_anywhere(
        self, name: str, page_of: Callable[[str], Path], open_page: Callable
    ):
        """Small, every figure drawn, the console silent, nothing asked for."""
        page = page_of(name)

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


class TestOneGroup:
    """September 2026 of the sample, by the kit itself and on the pages."""

    def test_a_page_of_one_channel_is_about_nothing_else(self, tmp_path: Path):
        """Its score, its target, its contacts: no number of the whole centre."""
        phone = {"channel": "phone"}
        parameters = {"only": phone, "period": "2026-09", "target": 40}
        page = render_report("monthly", to=tmp_path / "report", parameters=parameters)

        facts = list(facts_on(page))
        tables = open_data("sample")
        answers = tally(tables.responses, every="month", only=phone)
        answers = answers.filter(pl.col("reason").is_null())
        assert answers["n"].sum() == next(f["kept"] for f in facts if "kept" in f)
        assert contacts_in(tables.interactions, phone) == told_of(facts, "contacts")
        assert "<h1>Phone, September 2026</h1>" in page.read_text(encoding="utf-8")
        assert "what channel phone usually does" in page.read_text(encoding="utf-8")
        assert "The target of +40 lies within the usual range" in page.read_text(encoding="utf-8")

    def test_the_page_of_a_touchpoint_has_its_own_contacts(self, tmp_path: Path):
        """And satisfaction is not told of it: the monthly page less its like would tell of few."""
        claims = {"touchpoint": "claims"}
        page = render_report(
            "touchpoint", to=tmp_path / "report", parameters=claims | {"period": "2026-09"}
        )

        facts = list(facts_on(page))
        measures = next(f["measures"] for f in facts if "measures" in f)
        assert contacts_in(open_data("sample").interactions, claims) == told_of(facts, "contacts")
        assert not [m["measure"] for m in measures if m["measure"].startswith(("csat", "effort"))]

    def test_what_can_be_chosen_adds_up_to_the_page(self, page_of: Callable[[str], Path]):
        """The counts behind the lists are those of everything else on the page."""
        page = page_of("monthly")

        (counts,) = outputs_on(page, COUNTS_MIME)
        kept = next(f["kept"] for f in facts_on(page) if "kept" in f)
        assert kept == sum(sum(row[-3:]) for row in counts["rows"])
        assert ["period", "touchpoint"] == [column["name"] for column in counts["columns"]]
        assert "<h1>Contact centre, September 2026</h1>" in page.read_text(encoding="utf-8")

    def test_monthly_and_touchpoint_pages_are_of_one_table(self):
        """So they may share a folder: crossing channels merges touchpoints no differently."""
        days = tally(open_data("sample").responses, by=["touchpoint", "channel"], every="day")
        merging = {"every": "month", "min_cell": 20, "detail": "scores"}

        alone = suppress_small(days, by=["period", "touchpoint"], **merging)
        crossed = suppress_small(days, by=["period", "touchpoint", "channel"], **merging)

        assert "other" in alone["touchpoint"]
        keys = ["period", "touchpoint", "survey", "scale"]
        assert_frame_equal(roll_up(alone, by=keys), roll_up(crossed, by=keys))


def contacts_in(interactions: object, only: dict[str, str]) -> int:
    """Count the contacts of one group in September 2026."""
    contacts = tally_contacts(interactions, every="month", only=only)
    return contacts.filter(pl.col("period") == date(2026, 9, 1))["n"].item()


def told_of(facts: list[dict[str, Any]], measure: str) -> float:
    """Find a measure of the latest month among the facts of a page."""
    measures = next(f["measures"] for f in facts if "measures" in f)
    return next(m["value"] for m in measures if m["measure"] == measure)
