"""The kit's own pages as people without a mouse, without sight or with a small screen find them.

They are made of the notebooks as they are committed, with the outputs that the test of notebooks
holds to be those of a fresh run.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import nbformat
import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page
from reports.pages import NOTEBOOKS

from nps_kit.reports.names import find_notebook
from nps_kit.reports.page import compose_page
from nps_kit.views.filters import offer_filters

LOOKED_AT = ("monthly", "touchpoint", "import", "filters")
PAGES = tuple(dict.fromkeys((*LOOKED_AT, *NOTEBOOKS)))
GRAVE = ("serious", "critical")

ALIKE = {"include": [["html"]], "exclude": [[".nps-numbers tbody tr:nth-child(n+6)"]]}
"""What is looked at: of the numbers of a figure five rows, since the others are made alike."""

OPTIONS = {"resultTypes": ["violations"]}

OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"

OVERLAPPING = """() => [...document.querySelectorAll(".nps-chart svg")].flatMap(svg => {
    const edge = svg.getBoundingClientRect();
    const words = [...svg.querySelectorAll("text")]
        .filter(e => e.textContent.trim() && getComputedStyle(e).opacity !== "0")
        .map(e => [e.textContent, e.getBoundingClientRect()]).filter(([_, box]) => box.width);
    const out = words.filter(([_, b]) => b.left < edge.left - 1 || b.right > innerWidth);
    const met = words.flatMap(([one, a], place) => words.slice(place + 1)
        .filter(([_, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
        .map(([other]) => one + " on " + other));
    return [...out.map(([text]) => text + " is cut"), ...met];
})"""


@cache
def page_of(name: str) -> str:
    """Write the page of a notebook of the kit, or of the filters alone."""
    if name != "filters":
        return compose_page(nbformat.read(find_notebook(name), as_version=4), name=name)
    counts = pl.DataFrame(
        {"team": ["a", "b"] * 3, "channel": ["phone", "chat", "mail"] * 2, "n": [40] * 6}
        | {"score": [9, 8, 3, 9, 8, 3]}
    )
    shown = offer_filters(counts, by=["team", "channel"])._repr_mimebundle_()
    output = new_output("execute_result", data=shown, execution_count=1)
    words = [
        new_markdown_cell(text) for text in ("# Title", "## Choose\n\nWords.", "## Method\n\nx")
    ]
    return compose_page(
        new_notebook(cells=[*words[:2], new_code_cell("x", outputs=[output]), words[2]]), name=name
    )


def grave(page: Page) -> list[str]:
    """Name what axe finds that would keep someone out."""
    found = Axe().run(page, context=ALIKE, options=OPTIONS).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


SCREENS = [(name, width) for name in PAGES for width in (360, 1280)]


@pytest.fixture(scope="class", params=SCREENS)
def seen(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """Open a page on a phone and on a laptop, once for all that is asked of it."""
    name, width = request.param
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page_of(name), encoding="utf-8", newline="\n")
    page = browser.new_page(offline=True, viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready='1']", state="attached")
    yield page
    page.close()


@pytest.mark.browser
class TestPages:
    @pytest.mark.parametrize("seen", SCREENS[: 2 * len(LOOKED_AT)], indirect=True)
    def test_nothing_keeps_anyone_out(self, seen: Page):
        """Axe finds nothing serious or critical, with all that can be opened open."""
        seen.evaluate(OPEN_ALL)

        assert [] == grave(seen)

    def test_every_figure_has_words_and_a_table(self, seen: Page):
        """Whoever cannot see a figure is told what it shows, and can read its numbers."""
        figures = seen.locator("figure.nps-figure, .nps-filter")

        told = figures.evaluate_all(
            """all => all.map(one => {
                const words = (one.querySelector("[role=img]") ?? one).getAttribute("aria-label");
                return [words.length > 10, one.querySelectorAll("details tbody tr").length > 0];
            })"""
        )
        assert told
        assert all(all(one) for one in told)

    def test_headings_go_down_one_step_at_a_time(self, seen: Page):
        """One title, and no level left out: the headings are a table of contents."""
        levels = seen.locator("h1, header h2, main :is(h2, h3, h4)").evaluate_all(
            "all => all.map(one => Number(one.localName[1]))"
        )

        assert 1 == levels.count(1) == levels[0]
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))

    def test_no_words_of_a_figure_run_together(self, seen: Page):
        """Each word and number of a figure can be told from the next, and none is cut."""
        assert [] == seen.evaluate(OVERLAPPING)

    def test_nothing_makes_the_page_scroll_sideways(self, seen: Page):
        """The page is as wide as the screen, with all that can be opened open."""
        seen.evaluate(OPEN_ALL)

        assert seen.viewport_size["width"] == seen.evaluate("document.documentElement.scrollWidth")


class TestSize:
    @pytest.mark.parametrize("name", PAGES)
    def test_a_page_is_small_enough_to_send(self, name: str):
        """A page of 1.5 MB or less goes through any mail."""
        assert len(page_of(name).encode()) <= 1_500_000


@pytest.mark.browser
class TestByKeyboard:
    def test_the_first_step_leads_past_the_contents(self, open_page: Callable[..., Any]):
        """One key and Enter, and the findings are there."""
        opened = open_page(page_of("filters"))

        opened.page.keyboard.press("Tab")
        skip = opened.page.locator(":focus")
        assert "To the findings" == skip.inner_text()
        assert skip.evaluate("e => e.getBoundingClientRect().top >= 0")
        skip.press("Enter")

        assert "main" == opened.page.evaluate("document.activeElement.id")

    def test_everything_that_acts_is_reached_and_seen(self, open_page: Callable[..., Any]):
        """Lists, links and what opens take the focus in their order, with a ring around them."""
        opened = open_page(page_of("filters"))
        opened.page.get_by_label("Team").select_option("a")
        acting = opened.page.locator("a[href], select, button, summary").count()

        reached = []
        for _ in range(acting):
            opened.page.keyboard.press("Tab")
            ring = "e => [e.localName, getComputedStyle(e).outlineStyle]"
            reached.append(opened.page.locator(":focus").evaluate(ring))

        assert acting == len(reached) > 6
        assert {"solid"} == {style for _, style in reached}
        assert {"a", "select", "button", "summary"} == {name for name, _ in reached}
