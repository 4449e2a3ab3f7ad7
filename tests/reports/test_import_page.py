"""The page of an import, in a browser without a network."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from reports.pages import HOSTILE
from rows.exports import layouts

from nps_kit.reports.render import render_report
from nps_kit.rows.exports import import_table
from nps_kit.shipped import find_sample


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
