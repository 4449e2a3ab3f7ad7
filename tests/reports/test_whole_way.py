"""The whole way: a file of answers to a page in a browser without a network."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from rows.exports import layouts

from nps_kit.errors import ScaleError
from nps_kit.reports.render import render_report
from nps_kit.rows.exports import import_table
from nps_kit.shipped import find_sample

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


@pytest.mark.browser
class TestAnImport:
    """The page that an import writes about itself, and the reports that its folder feeds."""

    def test_hostile_columns_and_questions_run_nowhere(self, tmp_path: Path, open_page: Callable):
        """Names and questions of an export stay text; what customers wrote is not there at all."""
        questions = ["How likely are you to recommend us?", "When?", *HOSTILE]
        rows = [[str(k % 11), f"2026-09-{k % 28 + 1:02}", *HOSTILE] for k in range(60)]
        table = pl.DataFrame(rows, schema=questions, orient="row")
        table[5, 0], table[6, 0] = "11", "no score, but a secret of a customer's"
        table.write_csv(tmp_path / "hostile <b>export.csv")
        columns = {"touchpoint": HOSTILE[3], "channel": HOSTILE[4], "comment": HOSTILE[6]}
        import_table(
            tmp_path / "hostile <b>export.csv",
            out=tmp_path / "mine",
            columns={"score": questions[0], "responded_at": "When?"} | columns,
        )

        page = render_report(
            "import", to=tmp_path / "report", parameters={"data": str(tmp_path / "mine")}
        )

        opened = open_page(page.read_text(encoding="utf-8"))
        words = opened.page.locator("body").inner_text()
        assert "It kept 58 of 60 rows" in words
        assert "secret" not in page.read_text(encoding="utf-8")
        assert opened.page.evaluate("window.ran") is None
        assert not opened.dialogs
        assert not opened.said
        assert len(opened.asked) == 1

    def test_contacts_have_no_score_and_their_page_says_so(
        self, tmp_path: Path, open_page: Callable
    ):
        """How many there are over time is all that is drawn; times in UTC show that clock."""
        (tmp_path / "contacts.json").write_text(json.dumps(layouts.CONNECT), encoding="utf-8")
        import_table(tmp_path / "contacts.json", out=tmp_path / "mine")

        page = render_report(
            "import", to=tmp_path / "report", parameters={"data": str(tmp_path / "mine")}
        )

        opened = open_page(page.read_text(encoding="utf-8"))
        words = opened.page.locator("body").inner_text()
        assert "No score can be made of contacts alone" in words
        assert "promoters, " not in words
        assert opened.page.locator("figure.nps-figure svg").count() == 2
        assert not opened.said

    @pytest.mark.parametrize("rows", ["", ",,\n,,\n"])
    def test_a_file_of_no_use_has_a_page_all_the_same(
        self, rows: str, tmp_path: Path, open_page: Callable
    ):
        """That nothing counts is an answer, too."""
        (tmp_path / "answers.csv").write_text(f"score,responded_at,touchpoint\n{rows}")
        import_table(tmp_path / "answers.csv", out=tmp_path / "mine")

        page = render_report(
            "import", to=tmp_path / "report", parameters={"data": str(tmp_path / "mine")}
        )

        words = open_page(page.read_text(encoding="utf-8")).page.locator("body").inner_text()
        assert "No score can be made of this file." in words
        assert not any(word in words for word in ("null", "nan", "Traceback"))

    def test_its_folder_is_all_that_a_report_needs(self, tmp_path: Path, open_page: Callable):
        """No column is named again."""
        import_table(find_sample() / "exports" / "qualtrics.csv", out=tmp_path / "mine")

        page = render_report(
            "monthly", to=tmp_path / "report", parameters={"data": str(tmp_path / "mine")}
        )

        opened = open_page(page.read_text(encoding="utf-8"))
        assert "Read 536 rows" in opened.page.locator("body").inner_text()
        assert not opened.said


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
