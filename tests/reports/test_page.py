import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import vl_convert
from great_tables import GT
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from playwright.sync_api import Browser, Page, expect
from polars import DataFrame
from pypdf import PdfReader

from nps_kit.outputs import (
    CHART_MIME,
    PROVENANCE_MIME,
    Answer,
    Checked,
    Provenance,
    Sentence,
    Title,
)
from nps_kit.reports.page import compose_page
from nps_kit.views.filters import offer_filters
from nps_kit.views.tables import tabulate_benchmarks, tabulate_estimates
from nps_kit.widgets.boards import Board

HOSTILE = (
    "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    "[go](javascript:window.ran=1)"
)
FRAME = DataFrame({"team": ["a", "b", "c"], "nps": [-4.2, 8.8, 31.0]})

NOTE = "What stands beneath a table is read whole, however many columns stand above it. " * 3
ESTIMATES = DataFrame(
    {
        "touchpoint": ["post-purchase", "technical support"],
        "n": [1234, 5678],
        "nps": [53.2, -12.1],
        "low": [50.1, -17.4],
        "high": [56.3, -7.2],
        "few": [False, False],
        "share_detractors": [0.1, 0.5],
        "share_passives": [0.2, 0.2],
        "share_promoters": [0.7, 0.3],
    }
)
PUBLISHED = DataFrame(
    {
        "industry": ["Telecommunications", "Wireless carriers (top four)"],
        "publisher": ["Some Company / Research", "Another"],
        "year": [2018, 2021],
        "region": ["Australia", "US"],
        "n": [12345, None],
        "nps": [-24.0, 17.0],
        "tier": ["refused", "indicative"],
        "reason": ["region differs (Australia, ours US)", "scale not stated; mode not stated"],
        "source_url": ["https://averylongnameofaplace.example.org/a", "http://example.org"],
    }
)

# A pause names no time; what else waits, such as this test, names one.
HOLD = """const wait = window.setTimeout;
    window.setTimeout = (go, ...rest) => {
        if (rest.length) return wait(go, ...rest);
        window.grant = go;
        document.documentElement.dataset.held = "1";
    }"""

Ran = Callable[..., NotebookNode]


def chart(
    *, width: int = 640, title: object = "Team c is ahead", description: str = ""
) -> dict[str, Any]:
    """Show a chart as a notebook does: its specification and a picture of it."""
    drawn = (
        alt.Chart(FRAME)
        .mark_bar()
        .encode(x="nps", y="team", tooltip=["team"])
        .properties(width=width, title=title, description=description)
    )
    spec = drawn.to_dict()
    return {CHART_MIME: spec, "image/svg+xml": vl_convert.vegalite_to_svg(spec)}


def shown(made: Sentence | Provenance) -> dict[str, Any]:
    """Show an object of ours as a notebook does."""
    return made._repr_mimebundle_()


def table(frame: DataFrame) -> dict[str, Any]:
    """Show a table as a notebook does."""
    return {"text/html": GT(frame, id="t").as_raw_html(), "text/plain": "GT"}


def our_tables() -> list[dict[str, Any]]:
    """Show the kit's own two tables, with a note of some length."""
    return [
        {"text/html": made.as_raw_html()}
        for made in (
            tabulate_estimates(ESTIMATES, title=NOTE, note=NOTE),
            tabulate_benchmarks(PUBLISHED, title=NOTE, note=NOTE),
        )
    ]


def axis_of_scores() -> dict[str, Any]:
    """Show a chart whose axis of scores stands between columns of words."""
    axis = alt.Axis(values=[-10, 0, 10, 20, 30, 40], labelOverlap=False)
    scale = alt.Scale(domain=[-10, 40], range=[250, 600], nice=False, zero=False)
    points = alt.Chart(FRAME).mark_point()
    drawn = points.encode(x=alt.X("nps", scale=scale, axis=axis), y=alt.Y("team", axis=None))
    return {CHART_MIME: drawn.properties(width=680).to_dict()}


def write(notebook: NotebookNode) -> str:
    """Write the page of a notebook."""
    return compose_page(notebook, name="a_notebook")


class TestComposePage:
    def test_the_title_is_the_first_heading(self, ran: Ran):
        """The page is called what the notebook asks."""
        page = write(ran("# Did *we* change?\n\nFor the lead."))

        assert "<title>Did we change?</title>" in page
        assert "<h1>Did <em>we</em> change?</h1>" in page

    def test_a_title_names_the_page_and_the_question_stays_beneath(self, ran: Ran):
        """Of twelve pages in one folder each is called after what it is about."""
        page = write(ran("# Did *we* change?\n\nFor the lead.", shown(Title("claims,\n  May <1>"))))

        assert "<title>Claims, May &lt;1&gt;</title>" in page
        assert "<h1>Claims, May &lt;1&gt;</h1>" in page
        question = '<p class="nps-question">Did <em>we</em> change?</p>'
        assert page.index("</h1>") < page.index(question) < page.index("For the lead.")
        assert 1 == page.count("<h1>")

    def test_the_first_of_two_titles_is_taken(self, ran: Ran):
        """And neither stands on the page again; an empty one is none."""
        page = write(ran("# T", shown(Title(" ")), shown(Title("One")), shown(Title("Two"))))

        assert "<h1>One</h1>" in page
        assert "Two" not in page

    def test_without_a_heading_the_title_is_the_notebooks_name(self, ran: Ran):
        """A page always has a title."""
        assert "<title>A notebook</title>" in write(ran("plain"))

    def test_the_answer_stands_at_the_top_and_only_there(self, ran: Ran):
        """Whoever reads one sentence reads the answer."""
        page = write(ran("# T", "## Why", "because", shown(Answer("It fell."))))

        assert 1 == page.count("It fell.")
        assert page.index("It fell.") < page.index("<main")

    def test_the_dates_of_the_data_are_said(self, ran: Ran):
        """The page says what the data is, from when to when."""
        facts = {"first": "2024-10-01", "last": "2026-09-30", "source": "/home/me/export.csv"}

        page = write(ran("# T", shown(Checked("3 read, 1 set aside.", facts=facts))))

        assert "Answers from 1 October 2024 to 30 September 2026 · export.csv</p>" in page
        assert "3 read, 1 set aside." in page

    def test_the_way_to_the_data_stays_private(self, ran: Ran):
        """Neither a folder of this machine nor a login gets onto the page."""
        source = "postgresql://me:word@host/db?key=1"
        page = write(
            ran(
                "# T",
                shown(Checked("Read.", facts={"first": "", "last": "", "source": source})),
                shown(Provenance({"data": source, "api_key": "abc"})),
            )
        )

        assert "postgresql://host/db" in page
        assert "me:word" not in page
        assert "abc" not in page

    def test_the_way_to_the_data_is_not_told_at_the_end_either(self, ran: Ran):
        """The parameters name the file, not the private folder it lies in."""
        record = {"parameters": {"data": "/home/private/answers.csv"}, "versions": {}}

        html = compose_page(ran("# T", {PROVENANCE_MIME: record}), name="demo")

        assert "answers.csv" in html
        assert "private" not in html

    def test_the_contents_lead_to_the_sections(self, ran: Ran):
        """Every section can be reached from the top."""
        page = write(ran("# T", "## Why & how\n\na", "## Why & how\n\nb"))

        assert '<li><a href="#why-how">Why &amp; how</a></li>' in page
        assert '<h2 id="why-how-2">Why &amp; how</h2>' in page

    def test_a_link_of_the_notebook_leads_to_the_section(self, ran: Ran):
        """An index that leads to headings in JupyterLab leads to them on the page as well."""
        index = "| ask | see |\n|---|---|\n| [Why, & how?](#Why,-&-how?) | *[it](#Who%3F)* |"

        page = write(ran("# T", index, "## Why, & how?\n\na", "## Who?\n\nb"))

        assert '<td><a href="#why-how">Why, &amp; how?</a></td>' in page
        assert '<em><a href="#who">it</a></em>' in page
        assert '<h2 id="why-how">' in page
        assert '<h2 id="who">' in page

    def test_a_section_with_nothing_in_it_is_left_out(self, ran: Ran):
        """Where only the answer stood, no bare heading stays behind."""
        page = write(ran("# T", "## Answer", shown(Answer("Yes.")), "## Why\n\nx", "## How\n\ny"))

        assert "Answer</h2>" not in page

    def test_the_code_stands_at_the_end_one_click_away(self, ran: Ran):
        """A lead sees findings; whoever wants to know how they came about opens the code."""
        page = write(ran("# T", {"text/plain": "1"}, "## Last\n\nx"))

        shown, _, behind = page.partition('<details class="nps-code">')
        assert "secret_code" not in shown
        assert "Last</h2>" in shown
        assert "<pre><code>secret_code = 1</code></pre>" in behind

    def test_code_is_text(self, ran: Ran):
        """What stands in a cell is shown as it was written, and does nothing."""
        notebook = ran("# T", {"text/plain": "1"})
        notebook.cells[1].source = f"x = '{HOSTILE}'"

        page = write(notebook)

        assert HOSTILE not in page
        assert "x = &#39;&lt;/script&gt;&lt;script&gt;window.ran = 1" in page

    def test_numbers_lead_to_their_method(self, ran: Ran):
        """From every chapter with numbers, and from every figure, it is one click to the method."""
        notebook = ran(
            "# T", "## A", chart(), "### Part", table(FRAME), "## B\n\nwords", "## Method\n\nx"
        )

        page = write(notebook)

        link = '<a href="#method">How these numbers are made</a>'
        chapter, _, rest = page.partition('<h2 id="b">')
        assert 1 == chapter.count(f'<p class="nps-note">{link}</p>\n</details>')
        assert 1 == chapter.count(f'<p class="nps-traced">{link}</p>')
        assert chapter.rstrip().endswith(f'<p class="nps-traced">{link}</p>')
        assert link not in rest

    def test_without_a_method_no_link_leads_nowhere(self, ran: Ran):
        """A notebook that does not tell its method promises none."""
        assert "How these numbers are made" not in write(ran("# T", "## A", chart()))

    def test_a_figure_has_its_numbers_as_a_table(self, ran: Ran):
        """What is drawn can be read, behind one click."""
        page = write(ran("# T", chart()))

        assert "<summary>The numbers of this figure</summary>" in page
        assert '<tr><th scope="col">Team</th></tr>' in page
        assert "<tr><td>a</td></tr>" in page

    def test_what_the_parameters_cell_shows_is_not_shown(self, ran: Ran):
        """Parameters may hold what is not for everyone."""
        assert "hidden" not in write(ran("# T", {"text/plain": "hidden"}, tags=("parameters",)))

    def test_provenance_stands_quietly_at_the_end(self, ran: Ran):
        """Parameters and versions are there for whoever asks."""
        page = write(ran("# T", shown(Provenance({"level": 0.95})), "## Last\n\nx"))

        assert page.index("Last</h2>") < page.index("How this page was made")
        assert "<dt>level</dt><dd>0.95</dd>" in page

    def test_printed_text_is_shown_and_warnings_are_not(self):
        """What a notebook prints is on the page, plain; what it grumbles is not."""
        printed = new_output("stream", name="stdout", text="\x1b[31m<b>red</b>\x1b[0m")
        grumble = new_output("stream", name="stderr", text="a warning")

        page = write(NotebookNode(cells=[new_code_cell("x", outputs=[printed, grumble])]))

        assert '<pre class="nps-text">&lt;b&gt;red&lt;/b&gt;</pre>' in page
        assert "a warning" not in page

    def test_a_displayed_output_is_shown_like_a_result(self):
        """Nothing is lost because a cell displayed it rather than returned it."""
        displayed = new_output("display_data", data=shown(Sentence("It rose.")))

        page = write(NotebookNode(cells=[new_code_cell("x", outputs=[displayed])]))

        assert '<div class="nps-finding">\n<p>It rose.</p>\n</div>' in page

    def test_a_figure_says_in_words_what_it_shows(self, ran: Ran):
        """Whoever cannot see the figure is told what it is."""
        page = write(ran("# T", chart(description='Bars "by" team')))

        assert 'role="img" aria-label="Bars &#34;by&#34; team"' in page

    def test_a_picture_attached_to_a_cell_travels_with_the_page(self, ran: Ran):
        """A logo pasted into the notebook is on the page; one on the web is not fetched."""
        notebook = ran("# T\n\n![logo](attachment:a.png) ![far](https://example.org/b.png)")
        notebook.cells[0].attachments = {"a.png": {"image/png": "iVBORw0KGgo="}}

        page = write(notebook)

        assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="logo"' in page
        assert "<em>far</em>" in page

    def test_a_widget_leaves_no_trace(self, ran: Ran):
        """A slider without its kernel is not shown as text."""
        widget = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"}

        assert "IntSlider" not in write(ran("# T", widget))

    def test_a_board_shows_what_it_told(self, ran: Ran):
        """An explorer cannot move on a page, and its numbers are there in words."""
        board = Board({}, [], work=lambda: ["The score is +31 (27 to 35).", "Answers < 30: none"])

        page = write(ran("# T", board._repr_mimebundle_()))

        assert "<p>The score is +31 (27 to 35).</p><p>Answers &lt; 30: none</p>" in page
        assert "widget" not in page.split("</style>")[-1].lower()

    def test_a_widget_of_others_leaves_none_with_html_either(self, ran: Ran):
        """What another widget writes of itself is a way to say that it needs a kernel."""
        view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}}

        page = write(ran("# T", view | {"text/html": "<p>Please run this notebook</p>"}))

        assert "Please run" not in page

    def test_the_same_notebook_makes_the_same_bytes(self, ran: Ran):
        """A page can be compared with itself."""
        notebook = ran("# T", chart(), table(FRAME), shown(Answer("Yes.")))

        assert write(notebook) == write(notebook)

    def test_a_page_without_charts_carries_no_script(self, ran: Ran):
        """A page of words is small and runs nothing."""
        page = write(ran("# T", shown(Answer("Yes."))))

        assert "<script" not in page
        assert "script-src &#39;none&#39;" in page
        assert len(page) < 20_000

    def test_vega_is_there_once_however_many_charts(self, ran: Ran):
        """Eight charts and a page of 1.5 MB or less."""
        page = write(ran("# T", *[chart()] * 8))

        assert 1 == page.count("window.vegaEmbed")
        assert len(page.encode()) < 1_500_000

    def test_the_policy_allows_the_two_scripts_and_no_other(self, ran: Ran):
        """A script that is not the page's own does not run."""
        page = write(ran("# T", chart()))

        policy = re.search(r'Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
        scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        assert policy == (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            f"script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'; "
            "base-uri 'none'; form-action 'none'"
        )

    def test_the_policy_allows_the_script_of_filters_where_there_are_some(self, ran: Ran):
        """Each script that the page carries is named by its hash, and runs."""
        counts = DataFrame({"team": ["a"], "score": [9], "n": [30]})
        made = offer_filters(counts, by=["team"])._repr_mimebundle_()

        page = write(ran("# T", made, chart()))

        policy = re.search(r'Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
        scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        assert 3 == len(hashes)
        allowed = " ".join(f"'sha256-{one}'" for one in hashes)
        assert f"script-src {allowed};" in policy

    def test_a_number_that_is_none_does_not_break_a_chart(self, ran: Ran):
        """NaN is no JSON: it becomes a missing value."""
        drawn = {"encoding": {"x": {"field": "a"}}}

        page = write(ran("# T", {CHART_MIME: {"data": {"values": [{"a": float("nan")}]}} | drawn}))

        spec = re.search(r'<script type="application/json">(.*?)</script>', page)[1]
        assert {"data": {"values": [{"a": None}]}} | drawn == json.loads(spec)

    def test_a_column_that_no_figure_draws_is_not_on_the_page(self, ran: Ran):
        """What a table held beside what is shown stays where it was."""
        values = [{"score": 9, "customer": "c-17"}]
        drawn = {"data": {"values": values}, "encoding": {"x": {"field": "score"}}}

        assert "c-17" not in write(ran("# T", {CHART_MIME: drawn}))


@pytest.fixture
def held(ran: Ran, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Open a page of six figures, more than a screen holds, in a browser that grants no pause."""
    path = tmp_path / "page.html"
    tall = [chart(title=f"Figure {place}") for place in range(6)]
    for one in tall:
        one[CHART_MIME] |= {"height": 500}
    path.write_text(write(ran("# T", *tall)), encoding="utf-8", newline="\n")
    page = browser.new_page(offline=True, viewport={"width": 1280, "height": 900})
    page.add_init_script(HOLD)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-held]", state="attached")
    yield page
    page.close()


def drawn_on(page: Page) -> list[int]:
    """Tell which figures of a page are drawn."""
    places = "all => all.map((one, place) => one.querySelector('svg.marks') ? place : -1)"
    found = page.locator("figure.nps-figure").evaluate_all(places)
    return [place for place in found if place >= 0]


@pytest.mark.browser
class TestDrawing:
    """Figures are drawn one after another, those first that someone is looking at."""

    def test_what_is_on_the_screen_comes_first(self, held: Page):
        """The top of a long page does not wait for its end; pictures hold the other places."""
        assert [0] == drawn_on(held)
        assert 5 == held.locator("figure .nps-chart > img").count()
        assert "Figure 0" == held.locator(".nps-figure-title").inner_text()
        assert held.locator("body[data-ready]").count() == 0

    def test_whoever_scrolls_ahead_is_served_there(self, held: Page):
        """What has come onto the screen is drawn before what was passed over."""
        held.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")

        held.evaluate("window.grant()")
        expect(held.locator("svg.marks")).to_have_count(2)

        first, second = drawn_on(held)
        assert 0 == first
        assert second > 1

    def test_the_rest_follows_by_itself(self, held: Page):
        """Nobody has to scroll for a page to become complete, and then it says so."""
        for count in range(2, 7):
            held.evaluate("window.grant()")
            expect(held.locator("svg.marks")).to_have_count(count)
        held.evaluate("window.grant()")

        held.wait_for_selector("body[data-ready='1']", state="attached")
        assert [*range(6)] == drawn_on(held)

    def test_a_page_that_is_printed_at_once_is_complete(self, held: Page):
        """Printing waits for no pause: every figure is drawn before the first sheet."""
        sheets = PdfReader(BytesIO(held.pdf())).pages

        words = "\n".join(sheet.extract_text() for sheet in sheets)
        assert [*range(6)] == drawn_on(held)
        assert [1] * 6 == [words.count(f"Figure {place}") for place in range(6)]
        assert 0 == held.locator("figure .nps-chart > img").count()


@pytest.mark.browser
class TestInABrowser:
    def test_every_figure_draws_and_nothing_is_asked_for(self, ran: Ran, open_page):
        """Without a network the page is complete, and its console is silent."""
        side_by_side = alt.hconcat(
            *[alt.Chart(FRAME).mark_point().encode(x="nps", y="team")] * 2
        ).to_dict()
        notebook = ran("# T", "## A", chart(), chart(), table(FRAME), {CHART_MIME: side_by_side})

        opened = open_page(write(notebook))

        assert 3 == opened.page.locator("figure svg.marks").count()
        assert [] == opened.said
        assert [opened.page.url] == opened.asked

    def test_a_figures_title_is_text_of_the_page(self, ran: Ran, open_page):
        """A long title wraps, and can be selected and searched."""
        title = {"text": ["Team c", "is ahead"], "subtitle": "NPS by team"}

        opened = open_page(write(ran("# T", chart(title=title))))

        assert "Team c is ahead" == opened.page.locator(".nps-figure-title").inner_text()
        assert "NPS by team" == opened.page.locator(".nps-figure-subtitle").inner_text()
        assert 0 == opened.page.locator("svg.marks >> text=is ahead").count()

    @pytest.mark.parametrize("width", [390, 1280])
    def test_the_page_fits_the_screen(self, ran: Ran, open_page, width: int):
        """On a phone and on a laptop nothing makes the page scroll sideways."""
        wide = DataFrame({f"a_column_{i}": [123456.7] for i in range(12)})
        notebook = ran("# T", "## A", chart(width=900), table(wide), {"text/plain": "x" * 300})

        opened = open_page(write(notebook), width=width)

        assert width == opened.page.evaluate("document.documentElement.scrollWidth")

    @pytest.mark.parametrize("width", [390, 660, 820, 1280])
    def test_no_cell_of_a_table_is_cut(self, ran: Ran, open_page, width: int):
        """A number, a head or a name is there whole, on whatever screen."""
        opened = open_page(write(ran("# T", "## A", *our_tables(), table(FRAME))), width=width)

        cut = """cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1
            || getComputedStyle(cell).overflowX !== "visible").map(cell => cell.innerText)"""
        assert [] == opened.page.locator("th:visible, td:visible").evaluate_all(cut)
        assert width == opened.page.evaluate("document.documentElement.scrollWidth")

    def test_a_number_or_a_short_name_stays_on_one_line(self, ran: Ran, open_page):
        """On a phone nothing is broken that is read in one go."""
        opened = open_page(write(ran("# T", "## A", *our_tables())), width=390)

        lines = """cells => cells.map(cell => {
            const range = document.createRange(); range.selectNodeContents(cell);
            return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size })"""
        kept = opened.page.locator("tbody .gt_right, .gt_table:not(:has(.nps-host)) tbody td")
        assert {1} == set(kept.evaluate_all(lines))

    def test_published_figures_need_no_sideways_scrolling_on_a_phone(self, ran: Ran, open_page):
        """Each published figure becomes a card that names its numbers."""
        opened = open_page(write(ran("# T", "## A", our_tables()[1])), width=390)

        printed = opened.page.locator(".gt_table")
        label = "cell => getComputedStyle(cell, '::before').content"
        assert printed.evaluate("table => table.scrollWidth <= table.clientWidth")
        assert '"NPS "' == opened.page.locator("td[headers$='-nps']").first.evaluate(label)
        assert '"Answers "' == opened.page.locator("td[headers$='-n']").first.evaluate(label)

    def test_what_scrolls_on_a_phone_is_the_figures_alone(self, ran: Ran, open_page):
        """Title, notes and the names of the rows stay on the screen."""
        opened = open_page(write(ran("# T", "## A", our_tables()[0])), width=390)

        opened.page.locator(".gt_table").evaluate("table => table.scrollLeft = 150")
        ends = "e => { const b = e.getBoundingClientRect(); return [b.left, b.right] }"
        stay = opened.page.locator("td.gt_title, .gt_sourcenote, tbody tr:first-child td >> nth=0")
        assert 150 == opened.page.locator(".gt_table").evaluate("table => table.scrollLeft")
        assert all(0 <= cell.evaluate(ends)[0] for cell in stay.all())
        assert all(cell.evaluate(ends)[1] <= 390 for cell in stay.all())

    def test_text_figures_and_tables_have_the_same_edges(self, ran: Ran, open_page):
        """On a laptop the page is one column in the middle."""
        words = "x " * 400
        notebook = ran("# T", f"## A\n\n{words}", chart(width=900), *our_tables())

        opened = open_page(write(notebook))

        ends = "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, 1280 - b.right])"
        edges = opened.page.locator("main p:not([class]), figure, .gt_table").evaluate_all(ends)
        assert 4 == len(edges)
        assert all(end == pytest.approx(edges[0][0], abs=1) for both in edges for end in both)

    def test_on_paper_a_heading_stays_with_what_it_leads_to(self, ran: Ran, open_page):
        """No heading stands alone at the foot of a page; no row is cut; notes come once."""
        opened = open_page(write(ran("# T", "## A\n\nwhy", chart(), *our_tables())))

        opened.page.emulate_media(media="print")
        style = "(e, name) => getComputedStyle(e)[name]"
        asked = [
            ("h2", "breakAfter", "avoid"),
            ("main .nps-prose", "breakAfter", "avoid"),
            ("figure", "breakInside", "avoid"),
            ("tbody tr >> nth=0", "breakInside", "avoid"),
            ("thead >> nth=0", "display", "table-header-group"),
            ("tfoot >> nth=0", "display", "table-row-group"),
        ]
        found = [
            (where, name, opened.page.locator(where).first.evaluate(style, name))
            for where, name, _ in asked
        ]
        assert asked == found

    def test_numbers_beneath_an_axis_do_not_run_together(self, ran: Ran, open_page):
        """A narrow plot names fewer numbers, zero among them."""
        opened = open_page(write(ran("# T", axis_of_scores())), width=390)

        ends = """all => all.filter(e => getComputedStyle(e).opacity !== "0")
            .map(e => { const b = e.getBoundingClientRect(); return [b.left, b.right] })"""
        labels = opened.page.locator("svg .role-axis-label text")
        places = sorted(labels.evaluate_all(ends))
        assert "0" in labels.all_text_contents()
        assert len(places) > 1
        assert all(end + 4 < start for (_, end), (start, _) in pairwise(places))

    def test_words_along_a_scale_do_not_run_together(self, ran: Ran, open_page):
        """Ticks set as words, and the row of numbers that stands over them, lose the same ones."""
        ticks = DataFrame({"at": [*range(-60, 61, 10)]})
        ticks = ticks.with_columns(label=ticks["at"].cast(str), people=2000 + ticks["at"])
        x = alt.X("at", scale=alt.Scale(domain=[-60, 60], range=[200, 560]), axis=None)
        words = alt.Chart(ticks).mark_text(fontSize=11)
        drawn = alt.layer(
            words.encode(x=x, y=alt.value(10), text="label"),
            words.encode(x=x, y=alt.value(30), text="people"),
        ).properties(width=680, height=40)

        opened = open_page(write(ran("# T", {CHART_MIME: drawn.to_dict()})), width=390)

        ends = "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, b.right])"
        rows = opened.page.locator("svg .mark-text.role-mark")
        kept = [rows.nth(place).locator("text").all_text_contents() for place in range(2)]
        assert "0" in kept[0]
        assert len(kept[0]) > 2
        assert [str(2000 + int(tick)) for tick in kept[0]] == kept[1]
        for place in range(2):
            boxes = rows.nth(place).locator("text").evaluate_all(ends)
            assert all(end + 4 <= start for (_, end), (start, _) in pairwise(boxes))

    def test_ticks_that_are_a_mark_each_do_not_run_together(self, ran: Ran, open_page):
        """So do words that were set one by one."""
        ticks = [
            alt.Chart(alt.Data(values=[{}]))
            .mark_text(text=f"{place} min", align="center")
            .encode(x=alt.value(100 + 36 * place), y=alt.value(10))
            for place in range(12)
        ]

        drawn = alt.layer(*ticks).properties(width=680, height=20).to_dict()
        opened = open_page(write(ran("# T", {CHART_MIME: drawn})), width=390)

        ends = "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, b.right])"
        boxes = opened.page.locator("svg text").evaluate_all(ends)
        assert 2 < len(boxes) < 12
        assert all(end + 4 <= start for (_, end), (start, _) in pairwise(boxes))

    def test_on_a_wide_screen_every_word_stays(self, ran: Ran, open_page):
        """Only what has no room is left out."""
        values = [{"at": place} for place in range(12)]
        words = alt.Chart(alt.Data(values=values)).mark_text().encode(x="at:Q", text="at:N")

        opened = open_page(write(ran("# T", {CHART_MIME: words.properties(width=640).to_dict()})))

        assert 12 == opened.page.locator("svg .mark-text.role-mark text").count()

    def test_a_figure_is_drawn_for_a_phone_not_shrunk(self, ran: Ran, open_page):
        """Words in a figure are as large on a phone as on a laptop."""
        opened = open_page(write(ran("# T", chart(width=900))), width=390)

        scale = "svg => svg.clientWidth / svg.viewBox.baseVal.width"
        assert 1 == pytest.approx(opened.page.locator("svg.marks").evaluate(scale), abs=0.05)

    def test_a_figure_laid_out_in_pixels_gives_way_in_its_plot(self, ran: Ran, open_page):
        """On a phone the columns beside a plot keep their words, and the plot gets smaller."""
        x = alt.X("nps", scale=alt.Scale(domain=[-10, 40], range=[100, 600]), title=None)
        y = alt.Y("team", axis=None)
        rows = alt.Chart(FRAME)
        drawn = alt.layer(
            rows.mark_point().encode(x=x, y=y),
            rows.mark_text(align="left", fontSize=13).encode(x=alt.value(0), y=y, text="team"),
            rows.mark_text(align="right", fontSize=13).encode(x=alt.value(680), y=y, text="nps"),
        ).properties(width=680)

        opened = open_page(write(ran("# T", {CHART_MIME: drawn.to_dict()})), width=390)

        box = "e => { const b = e.getBoundingClientRect(); return [b.left, b.right, b.height] }"
        left, right, _ = opened.page.locator("svg.marks").evaluate(box)
        words = [
            word.evaluate(box)
            for word in opened.page.locator("svg .mark-text.role-mark text").all()
        ]
        assert 6 == len(words)
        assert all(left - 1 <= start and end <= right + 1 for start, end, _ in words)
        assert min(height for *_, height in words) > 10

    def test_views_side_by_side_go_under_one_another_on_a_phone(self, ran: Ran, open_page):
        """Two charts beside one another are not halved again on a phone."""
        one = alt.Chart(FRAME).mark_point().encode(x="nps", y="team").properties(width=280)
        both = {CHART_MIME: alt.hconcat(one, one).to_dict()}

        opened = open_page(write(ran("# T", both)), width=390)

        scale = "svg => svg.clientWidth / svg.viewBox.baseVal.width"
        assert opened.page.locator("svg.marks").evaluate(scale) > 0.9

    def test_a_figures_footnote_is_text_of_the_page(self, ran: Ran, open_page):
        """A footnote wraps as the page does."""
        bars = alt.Chart(FRAME).mark_bar().encode(x="nps", y="team").properties(height=90)
        note = alt.Chart(alt.Data(values=[{}])).mark_text(
            text=["Source: made", "up."], align="left", baseline="top"
        )
        drawn = alt.layer(bars, note.encode(x=alt.value(0), y=alt.value(130))).properties(height=90)

        opened = open_page(write(ran("# T", {CHART_MIME: drawn.to_dict()})))

        assert "Source: made up." == opened.page.locator(".nps-figure-note").inner_text()
        assert 0 == opened.page.locator("svg.marks >> text=Source").count()

    def test_an_axis_that_names_its_first_and_last_day_is_drawn(self, ran: Ran, open_page):
        """Dates given as numbers stand where they belong, though no eval is allowed."""
        days = [1735689600000, 1764547200000]
        drawn = (
            alt.Chart(alt.Data(values=[{"day": "2025-01-01"}, {"day": "2025-12-01"}]))
            .mark_point()
            .encode(alt.X("day:T", scale=alt.Scale(type="utc", domain=days, range=[50, 450])))
        )

        opened = open_page(write(ran("# T", {CHART_MIME: drawn.to_dict()})))

        points = opened.page.locator("svg .mark-symbol path").all()
        places = [point.get_attribute("transform").split("(")[1].split(",")[0] for point in points]
        assert ["50", "450"] == places
        assert [] == opened.said

    def test_a_figure_that_cannot_be_drawn_does_not_take_the_others_along(
        self, ran: Ran, open_page
    ):
        """One broken figure is one line of text."""
        opened = open_page(write(ran("# T", {CHART_MIME: {"mark": "no such mark"}}, chart())))

        assert "This figure could not be drawn." in opened.page.inner_text("main, header")
        assert 1 == opened.page.locator("svg.marks").count()

    def test_data_from_elsewhere_is_not_fetched(self, ran: Ran, open_page):
        """A figure whose data is an address on the web asks for nothing."""
        spec = alt.Chart("https://example.org/d.json").mark_point().encode(x="a:Q").to_dict()

        opened = open_page(write(ran("# T", {CHART_MIME: spec})))

        assert [opened.page.url] == opened.asked

    def test_without_scripts_the_picture_stands_in(self, ran: Ran, open_page):
        """In a mail preview that runs no script, the figure is still there."""
        opened = open_page(write(ran("# T", chart())), scripts=False)

        natural = opened.page.locator("figure img").evaluate("image => image.naturalWidth")
        assert natural > 0

    def test_hostile_text_runs_nowhere(self, ran: Ran, open_page):
        """A customer who writes a script into a comment gets it shown as text."""
        frame = FRAME.with_columns(team=FRAME["team"] + HOSTILE)
        drawn = (
            alt.Chart(frame)
            .mark_bar()
            .encode(x=alt.X("nps", title=HOSTILE), y="team", tooltip=["team"], href="link:N")
            .transform_calculate(link="'javascript:window.ran=1'")
            .properties(
                title=alt.Title(HOSTILE, subtitle=HOSTILE), description=HOSTILE, name="bars"
            )
        )
        notebook = ran(
            f"# {HOSTILE}\n\n{HOSTILE}",
            f"## {HOSTILE}\n\n- {HOSTILE}\n\n| a |\n|---|\n| {HOSTILE} |",
            {CHART_MIME: drawn.to_dict()},
            table(frame),
            {"text/html": frame._repr_html_()},
            {"text/html": HOSTILE},
            {"text/markdown": HOSTILE},
            {"text/plain": HOSTILE},
            {"image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg">{HOSTILE}</svg>'},
            shown(Answer(HOSTILE)),
            shown(Sentence(HOSTILE)),
            shown(Checked(HOSTILE, facts={"first": HOSTILE, "last": HOSTILE, "source": HOSTILE})),
            shown(Provenance({HOSTILE: HOSTILE})),
            "## Second\n\nx",
        )

        opened = open_page(write(notebook))
        bars = opened.page.locator("svg.marks .mark-rect path").all()
        for bar in bars:
            bar.hover(force=True)
            bar.click(force=True)
        for summary in opened.page.locator("summary").all():
            summary.click()
        for link in opened.page.locator("a:not(.nps-skip)").all():
            link.click(force=True)

        assert 3 == len(bars)
        assert opened.page.evaluate("window.ran === undefined")
        assert [] == opened.dialogs
        assert [] == opened.said
        assert 1 == opened.page.locator("svg.marks").count()
