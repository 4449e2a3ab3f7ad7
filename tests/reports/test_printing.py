import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest
from nbformat import NotebookNode
from pypdf import PdfReader

from nps_kit.errors import OptionError, ReportError
from nps_kit.outputs import CHART_MIME
from nps_kit.reports.names import find_notebook
from nps_kit.reports.page import compose_page
from nps_kit.reports.printing import print_page
from nps_kit.reports.render import render_report

Ran = Callable[..., NotebookNode]
Notebook = Callable[..., Path]

CHART = {
    CHART_MIME: {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [{"month": f"drawn{i}", "nps": i} for i in range(3)]},
        "mark": "bar",
        "encoding": {"y": {"field": "month"}, "x": {"field": "nps", "type": "quantitative"}},
        "height": 300,
    }
}

SVG_TEXT = "{http://www.w3.org/2000/svg}text"

posix = pytest.mark.skipif(sys.platform == "win32", reason="no shell scripts there")


@pytest.fixture
def page(ran: Ran, tmp_path: Path) -> Path:
    """Write a page with more figures than a sheet holds, in a folder with an awkward name."""
    path = tmp_path / "a #1 folder" / "index.html"
    path.parent.mkdir()
    path.write_text(compose_page(ran("# Title", *[CHART] * 5), name="x"), encoding="utf-8")
    return path


@pytest.fixture
def browser_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program in the browser's place."""

    def write(script: str) -> Path:
        path = tmp_path / "bin" / "chromium"
        path.parent.mkdir()
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")
        return path

    return write


@pytest.fixture
def chromium_on_path(chromium: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the Chromium of the tests where it is looked for."""
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{chromium.parent}")


def read_sheets(pdf: Path) -> list[str]:
    """Read the text of each sheet."""
    return [sheet.extract_text().replace("\u00a0", " ") for sheet in PdfReader(pdf).pages]


@pytest.mark.usefixtures("chromium_on_path")
class TestPrintPage:
    def test_figures_are_drawn_and_none_is_cut(self, page: Path, tmp_path: Path):
        """What is printed is what the page shows; a figure goes to the next sheet as a whole."""
        sheets = read_sheets(print_page(page, tmp_path / "report.pdf"))

        labels = [re.findall(r"drawn(\d)", sheet) for sheet in sheets]
        assert 15 == sum(map(len, labels))
        assert all(found == ["0", "1", "2"] * (len(found) // 3) for found in labels)
        assert len(sheets) > 1

    def test_the_sheets_are_a4(self, page: Path, tmp_path: Path):
        """It comes out of the printer as it looks."""
        pdf = print_page(page, tmp_path / "report.pdf").read_bytes()

        (box,) = set(re.findall(rb"/MediaBox ?\[([^\]]*)\]", pdf))
        assert [0, 0, 595, 842] == [round(float(side)) for side in box.split()]

    def test_the_same_page_makes_the_same_bytes(self, page: Path, tmp_path: Path):
        """One Chromium, one page, one PDF: no time of printing is in it."""
        first = print_page(page, tmp_path / "1.pdf").read_bytes()

        assert first == print_page(page, tmp_path / "2.pdf").read_bytes()
        assert b"CreationDate" not in first


class TestRefusal:
    """Printing that cannot be done says why, and leaves an earlier PDF alone."""

    def test_without_a_browser_it_says_what_to_install(
        self, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """No Chromium is one clear sentence."""
        monkeypatch.setenv("PATH", "")

        with pytest.raises(ReportError) as told:
            print_page(page, tmp_path / "report.pdf")

        assert (
            "A PDF is printed by Chromium, and there is none.\n"
            "  Looked for: chromium, chromium-browser, google-chrome, google-chrome-stable, "
            "chrome.  Install one of them, or leave the PDF out."
        ) == str(told.value)

    @posix
    def test_a_browser_that_hangs_is_ended_with_its_helpers(
        self, page: Path, tmp_path: Path, browser_that: Callable[[str], Path]
    ):
        """A browser that does not finish costs the time it was given, and stays nowhere."""
        pids = tmp_path / "pids"
        browser_that(f"sleep 60 & echo $! > {pids}\nwait")

        with pytest.raises(ReportError) as told:
            print_page(page, tmp_path / "report.pdf", timeout=0.5)

        assert (
            "chromium had not printed the page after 0.5 seconds, and was ended.\n"
            "  Try again when the machine is less busy, or leave the PDF out."
        ) == str(told.value)
        assert not is_running(int(pids.read_text()))

    @posix
    @pytest.mark.parametrize("script", ["exit 1", "exit 0", "for last; do :; done; exit 0"])
    def test_half_a_pdf_is_none(
        self, page: Path, tmp_path: Path, browser_that: Callable[[str], Path], script: str
    ):
        """Whatever the browser says, only a whole PDF is taken."""
        browser = browser_that(script)
        (tmp_path / "report.pdf").write_text("earlier")

        with pytest.raises(ReportError) as told:
            print_page(page, tmp_path / "report.pdf")

        assert (
            "The page 'index.html' could not be printed: chromium made no whole PDF.\n"
            f"  Is there room on the disk?  Leave the PDF out, or run '{browser}' by hand."
        ) == str(told.value)
        assert "earlier" == (tmp_path / "report.pdf").read_text()


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that was ended and not yet buried does not."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state in "ZX":
            return False
        time.sleep(0.05)
    return True


class TestRenderReport:
    @pytest.mark.usefixtures("chromium_on_path")
    def test_a_pdf_comes_with_its_manifest_if_asked(self, notebook: Notebook, tmp_path: Path):
        """A folder with the page on paper says what it was made of."""
        render_report(notebook("# Title"), to=tmp_path / "out", formats=("html", "pdf"))

        assert ["index.html", "manifest.json", "notebook.ipynb", "report.pdf"] == sorted(
            path.name for path in (tmp_path / "out").iterdir()
        )

    @posix
    def test_a_page_that_cannot_be_printed_leaves_the_earlier_report(
        self, notebook: Notebook, tmp_path: Path, browser_that: Callable[[str], Path]
    ):
        """No page of this month with the PDF of the last."""
        browser_that("exit 1")
        page = render_report(notebook("# Earlier"), to=tmp_path / "out")

        with pytest.raises(ReportError, match="made no whole PDF"):
            render_report(notebook("# Later"), to=tmp_path / "out", formats=["html", "pdf"])

        assert "Earlier" in page.read_text(encoding="utf-8")

    def test_an_unknown_format_is_refused(self, notebook: Notebook, tmp_path: Path):
        """What cannot be made is said before anything runs."""
        with pytest.raises(OptionError) as told:
            render_report(notebook("# T"), to=tmp_path / "out", formats=("docx",))

        assert (
            "render_report() cannot use formats='docx'.\n  It takes one of: 'html', 'pdf', 'ipynb'."
        ) == str(told.value)

    @pytest.mark.parametrize("timeout", [0, -1.0, float("nan")])
    def test_no_time_at_all_is_refused(self, notebook: Notebook, tmp_path: Path, timeout: float):
        """Nought is not 'for ever'."""
        with pytest.raises(OptionError) as told:
            render_report(notebook("# T"), to=tmp_path / "out", timeout=timeout)

        assert (
            f"render_report() cannot use timeout={timeout!r}.\n  It takes seconds, more than 0."
        ) == str(told.value)

    def test_a_notebook_that_hangs_is_ended(
        self, notebook: Notebook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ):
        """The time is for the whole run, not for each cell; the kernel is gone after it."""
        pid = tmp_path / "pid"
        path = notebook(
            "# T",
            f"import os, pathlib\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))",
            "import time\ntime.sleep(60)",
        )

        with pytest.raises(ReportError) as told:
            render_report(path, to=tmp_path / "out", timeout=5)

        first, second, _ = str(told.value).split("\n")
        assert "The notebook 'demo' failed in cell 4 of 4: import time" == first
        assert "  TimeoutError: the 5 seconds that the run may take were over" == second
        assert ("", "") == capfd.readouterr()
        assert not is_running(int(pid.read_text()))


@pytest.fixture(scope="class")
def monthly(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Print the kit's own monthly page as it is committed, and read its sheets."""
    folder = tmp_path_factory.mktemp("printed")
    made = nbformat.read(find_notebook("monthly"), as_version=4)
    page = folder / "index.html"
    page.write_text(compose_page(made, name="monthly"), encoding="utf-8", newline="\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{chromium.parent}")
        return read_sheets(print_page(page, folder / "report.pdf"))


def drawings() -> list[set[str]]:
    """Give the words of each figure of the monthly page: its title, its labels, its note."""
    cells = nbformat.read(find_notebook("monthly"), as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [
        {
            plain("".join(text.itertext()))
            for text in ET.fromstring(output.data["image/svg+xml"]).iter(SVG_TEXT)  # noqa: S314 - ours
            if text.get("opacity") != "0"
        }
        for output in outputs
        if CHART_MIME in output.get("data", {})
    ]


def plain(text: str) -> str:
    """Write a text without blanks and ligatures, which a PDF places as it likes."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@pytest.mark.browser
class TestTheMonthlyPage:
    """The page that is sent each month, on paper."""

    def test_each_figure_is_whole_on_one_sheet(self, monthly: list[str]):
        """Its title and every word of its drawing stand on the same sheet."""
        sheets = [plain(sheet) for sheet in monthly]

        figures = drawings()

        assert len(figures) > 4
        for words in figures:
            missing = [[word for word in words if word not in sheet] for sheet in sheets]
            assert [] == min(missing, key=len)

    def test_the_choice_is_printed_as_it_stands(self, monthly: list[str]):
        """The part that could be chosen tells what is chosen: all answers."""
        (sheet,) = [one for one in monthly if "All answers: the score is" in one]

        assert "detractors" in sheet
        assert "the bar its 95 % interval" in " ".join(sheet.split())
        assert "Show all" not in "".join(monthly)
