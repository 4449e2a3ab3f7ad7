from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from nbformat import NotebookNode
from scipy.special import ndtri

from nps_kit.outputs import COUNTS_MIME, Answer
from nps_kit.reports.page import compose_page
from nps_kit.stats.estimates import estimate_nps
from nps_kit.views.filters import Filters, offer_filters
from nps_kit.views.wording import write_points, write_score, write_share, write_span

Ran = Callable[..., NotebookNode]

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
EDGES = [
    *((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    *((0, 0, 9), (0, 0, 10), (9, 0, 0), (10, 0, 0), (0, 9, 0), (0, 10, 0)),
    *((3, 3, 3), (3, 3, 4), (1, 1, 7), (1, 1, 8), (0, 5, 4), (0, 5, 5), (5, 5, 0)),
    *((0, 0, 1_000_000), (400_000_000, 1, 599_999_999), (1, 999_999_998, 1)),
    # Half-way between two numbers that could be written.
    *((1, 6, 1), (7, 0, 9), (9, 0, 7), (199, 0, 201), (397, 0, 403), (795, 0, 805)),
]
TEXTS = (
    "</script><script>window.ran = 1</script>",
    '"><img src=x onerror="window.ran = 1">',
    "שלום \u202egnp.exe",
    "O'Neill & sons",
    "javascript:window.ran=1",
)
MEASURES = ("n", "nps", "low", "high", "detractors", "passives", "promoters")

PLAY = """(section, plays) => {
    const lists = [...section.querySelectorAll("select")];
    return plays.map(play => {
        play.forEach((place, column) => { lists[column].value = String(place) });
        lists[0].dispatchEvent(new Event("change"));
        return {...section.dataset, said: section.querySelector(".nps-filter-said").textContent,
                drawn: section.querySelector("svg text[font-weight]")?.textContent ?? ""};
    });
}"""


def counts_of(cells: dict[str, list[Any]], bands: list[tuple[int, int, int]]) -> pl.DataFrame:
    """Make counts with the bands given, one group a row of `cells`."""
    return pl.concat(
        [
            pl.DataFrame(
                cells | {"score": [score] * len(bands), "n": [band[place] for band in bands]}
            )
            for place, score in enumerate((3, 8, 10))
        ]
    )


def many_tables() -> list[tuple[int, int, int]]:
    """Make edge cases, and tables of all sizes."""
    luck = np.random.default_rng(6)
    sizes = luck.choice((1, 3, 9, 30, 300, 3_000, 3_000_000), size=120)
    drawn = [tuple(luck.integers(0, n, size=3, endpoint=True).tolist()) for n in sizes]
    return [bands for bands in [*EDGES, *drawn] if sum(bands)]


def show(ran: Ran, *filters: Filters) -> str:
    """Write the page of a notebook that offers filters."""
    return compose_page(ran("# T", "## A", *(f._repr_mimebundle_() for f in filters)), name="x")


def found_in(row: dict[str, Any]) -> dict[str, Any]:
    """Name what an estimate holds as the page does."""
    shares = {band: row[f"share_{band}"] for band in ("detractors", "passives", "promoters")}
    return {name: row[name] for name in ("n", "nps", "low", "high")} | shares


@pytest.mark.browser
class TestTheSameNumbers:
    """What the page works out is what `estimate_nps` gives for the same counts."""

    def test_to_the_last_digit_at_every_level(self, ran: Ran, open_page):
        """A score and its bounds are the same double, whether Python or the page made it."""
        bands = many_tables()
        counts = counts_of({"case": list(range(len(bands)))}, bands)
        opened = open_page(
            show(ran, *(offer_filters(counts, by=["case"], level=level) for level in LEVELS))
        )

        plays = [[place] for place in range(len(bands))]
        for place, level in enumerate(LEVELS):
            rows = estimate_nps(counts, by=["case"], level=level).sort("case").to_dicts()
            told = opened.page.locator(".nps-filter").nth(place).evaluate(PLAY, plays)
            for row, shown in zip(rows, told, strict=True):
                assert found_in(row) == {name: float(shown[name]) for name in MEASURES}
                assert (row["method"], str(row["few"]).lower()) == (shown["method"], shown["few"])

    def test_at_any_level_to_a_million_millionth(self, ran: Ran, open_page):
        """Where the logarithms of two machines differ in the last bit, nothing else does."""
        luck = np.random.default_rng(7)
        levels = [*luck.uniform(0.001, 0.9999, size=40).tolist(), 1e-9, 1 - 1e-15]
        counts = counts_of({"case": [1]}, [(1, 30, 400)])
        opened = open_page(
            show(ran, *(offer_filters(counts, by=["case"], level=level) for level in levels))
        )

        told = opened.page.locator(".nps-filter").evaluate_all(
            "all => all.map(one => [Number(one.dataset.low), Number(one.dataset.high)])"
        )
        for level, (low, high) in zip(levels, told, strict=True):
            row = estimate_nps(counts, level=level).row(0, named=True)
            assert row["low"] == pytest.approx(
                low, rel=0, abs=1e-12 * -ndtri((1 - level) / 2) + 1e-13
            )
            assert row["high"] == pytest.approx(
                high, rel=0, abs=1e-12 * -ndtri((1 - level) / 2) + 1e-13
            )

    def test_of_every_combination(self, ran: Ran, open_page):
        """Choosing adds up the cells that fit, as the package would."""
        luck = np.random.default_rng(8)
        cells = [
            (date(2026, month, 1), team, channel)
            for month in (7, 8, 9)
            for team in ("a", "other", None)
            for channel in ("phone", "chat")
            if (month, team) != (8, "a")
        ]
        names = ("period", "team", "channel")
        keys = dict(zip(names, map(list, zip(*cells, strict=True)), strict=True))
        bands = [tuple(luck.integers(0, 41, size=3).tolist()) for _ in cells]
        counts = counts_of(keys, bands)
        made = offer_filters(counts, by=names)
        values = [
            [date(2026, 9, 1), date(2026, 8, 1), date(2026, 7, 1)],
            ["a", "other", None],
            ["chat", "phone"],
        ]
        plays = [[a, b, c] for a in range(-1, 3) for b in range(-1, 3) for c in range(-1, 2)]

        opened = open_page(show(ran, made))
        told = opened.page.locator(".nps-filter").evaluate(PLAY, plays)

        empty = 0
        for play, shown in zip(plays, told, strict=True):
            part = counts
            for name, among, place in zip(names, values, play, strict=True):
                if place >= 0:
                    part = part.filter(pl.col(name).eq_missing(among[place]))
            row = found_in(estimate_nps(part).row(0, named=True))
            empty += not row["n"]
            assert row == {name: float(shown[name]) if shown[name] else None for name in MEASURES}
        assert 3 == empty

    def test_written_with_the_same_rounding(self, ran: Ran, open_page):
        """The sentence and the picture say the numbers as every other sentence and table does."""
        bands = many_tables()
        counts = counts_of({"case": list(range(len(bands)))}, bands)
        opened = open_page(show(ran, offer_filters(counts, by=["case"])))

        told = opened.page.locator(".nps-filter").evaluate(
            PLAY, [[place] for place in range(len(bands))]
        )

        for row, shown in zip(estimate_nps(counts, by=["case"]).to_dicts(), told, strict=True):
            nps, low, high = row["nps"], row["low"], row["high"]
            d, s, p = (
                write_share(row[f"share_{band}"]).replace(" ", "\u00a0")
                for band in ("detractors", "passives", "promoters")
            )
            noun = "answer" if row["n"] == 1 else "answers"
            few = " Too few answers to judge it: fewer than 30." if row["few"] else ""
            assert shown["said"] == (
                f"{row['case']}: the score is {write_score(nps)} ({write_points(low)} to "
                f"{write_points(high)}, {row['n']:,} {noun}). {d} detractors, {s} passives and "
                f"{p} promoters.{few}"
            )
            assert shown["drawn"] == (
                f"{write_score(nps, decimals=1)} ({write_span(low, high, decimals=1)})"
            )


@pytest.fixture
def offered() -> Filters:
    """Offer three teams of two months, one of them small."""
    bands = [(20, 30, 50), (10, 5, 5), (1, 2, 3), (0, 0, 12)]
    keys = {
        "period": [date(2026, 8, 1), date(2026, 9, 1), date(2026, 9, 1), date(2026, 8, 1)],
        "team": ["billing", "billing", "tech", "other"],
        "survey": ["transactional"] * 4,
    }
    return offer_filters(counts_of(keys, bands), by=["period", "team"], title="Choose")


@pytest.mark.browser
class TestInABrowser:
    def test_it_begins_with_all_answers(self, ran: Ran, open_page, offered):
        """Before anything is chosen, the whole is told."""
        opened = open_page(show(ran, offered))

        assert ["all", "all"] == opened.page.locator("select").evaluate_all(
            "all => all.map(one => one.selectedOptions[0].textContent)"
        )
        assert (
            opened.page.locator(".nps-filter-said")
            .inner_text()
            .startswith("All answers: the score is +28 (")
        )

    def test_lists_are_named_and_the_sentence_is_read_out(self, ran: Ran, open_page, offered):
        """With a keyboard and a screen reader it works as well."""
        opened = open_page(show(ran, offered))

        opened.page.get_by_label("Team").select_option("tech")

        said = opened.page.locator("[aria-live=polite]").inner_text()
        assert said.startswith("tech: the score is +33 (")
        assert said.replace("\u00a0", " ").endswith(
            "6 transactional answers). 17 % detractors, 33 % passives and 50 % promoters. "
            "Too few answers to judge it: fewer than 30."
        )

    def test_a_choice_without_answers_says_so(self, ran: Ran, open_page, offered):
        """No score is made of nothing."""
        opened = open_page(show(ran, offered))

        opened.page.get_by_label("Period").select_option("August 2026")
        opened.page.get_by_label("Team").select_option("tech")

        assert "August 2026, tech: no answers in this choice." == (
            opened.page.locator(".nps-filter-said").inner_text()
        )
        assert 0 == opened.page.locator(".nps-filter svg circle").count()

    def test_one_press_shows_all_again(self, ran: Ran, open_page, offered):
        """The way back is one button."""
        opened = open_page(show(ran, offered))
        before = opened.page.locator(".nps-filter-said").inner_text()
        opened.page.get_by_label("Team").select_option("tech")

        opened.page.get_by_role("button", name="Show all").click()

        assert before == opened.page.locator(".nps-filter-said").inner_text()
        assert opened.page.get_by_role("button", name="Show all").is_disabled()

    def test_nothing_is_asked_for_and_nothing_complains(self, ran: Ran, open_page, offered):
        """A choice is worked out on the page, without a network, under its policy."""
        opened = open_page(show(ran, offered))

        opened.page.get_by_label("Team").select_option("billing")

        assert [opened.page.url] == opened.asked
        assert [] == opened.said

    def test_without_scripts_the_counts_stand_there(self, ran: Ran, open_page, offered):
        """Where nothing runs, a table tells the counts of each choice."""
        opened = open_page(show(ran, offered), scripts=False)

        rows = opened.page.locator(".nps-filter tbody tr").all_inner_texts()
        assert ["All\t138\t31\t37\t70", "Period: September 2026\t26\t11\t7\t8"] == rows[:2]
        assert 0 == opened.page.locator("select").count()

    @pytest.mark.parametrize("width", [360, 1280])
    def test_it_fits_the_screen(self, ran: Ran, open_page, offered, width: int):
        """On a phone and on a laptop nothing of it lies outside, and no words meet."""
        opened = open_page(show(ran, offered), width=width)

        box = "all => all.map(e => e.getBoundingClientRect()).map(b => [b.left, b.right, b.top])"
        boxes = opened.page.locator(".nps-filter svg text").evaluate_all(box)
        assert all(0 <= left and right <= width for left, right, _ in boxes)
        for left, right, top in boxes:
            beside = [other for other in boxes if other[2] == top and other[0] > left]
            assert all(right < other[0] for other in beside)
        assert width == opened.page.evaluate("document.documentElement.scrollWidth")

    def test_on_paper_the_choice_stands_as_words_and_picture(self, ran: Ran, open_page, offered):
        """What is printed is what was chosen; lists that nobody can open are left out."""
        opened = open_page(show(ran, offered))
        opened.page.get_by_label("Team").select_option("tech")

        opened.page.emulate_media(media="print")

        assert not opened.page.locator(".nps-filter-lists").is_visible()
        assert opened.page.locator(".nps-filter-said").inner_text().startswith("tech: ")
        assert opened.page.locator(".nps-filter svg").is_visible()

    def test_hostile_names_are_words(self, ran: Ran, open_page):
        """Whatever a group is called, it is shown, and nothing of it runs."""
        counts = counts_of({TEXTS[0]: list(TEXTS)}, [(20, 20, 20)] * len(TEXTS))
        opened = open_page(show(ran, offer_filters(counts, by=[TEXTS[0]], title=TEXTS[1])))

        told = opened.page.locator(".nps-filter").evaluate(
            PLAY, [[place] for place in range(len(TEXTS))]
        )

        starts = sorted(shown["said"].split(": the score is")[0] for shown in told)
        assert sorted(text.replace("\u202e", "") for text in TEXTS) == starts
        assert opened.page.evaluate("window.ran === undefined")
        assert [] == opened.said
        assert 0 == opened.page.locator(".nps-filter img").count()


class TestWhatThePageHolds:
    def test_only_the_three_bands_of_each_combination(self, offered):
        """No single score, no other column, nothing finer than was chosen to be shown."""
        record = offered._repr_mimebundle_()[COUNTS_MIME]

        assert ["period", "team"] == [column["name"] for column in record["columns"]]
        assert [[0, 0, 10, 5, 5], [0, 2, 1, 2, 3], [1, 0, 20, 30, 50], [1, 1, 0, 0, 12]] == sorted(
            record["rows"]
        )

    def test_the_script_comes_with_filters_alone(self, ran: Ran, offered):
        """A page without filters does not carry what works them out."""
        without = compose_page(ran("# T", Answer("Yes.")._repr_mimebundle_()), name="x")

        assert "nps-filter-said" in show(ran, offered)
        assert "nps-filter" not in without.partition("</style>")[2]

    def test_the_same_counts_make_the_same_bytes(self, ran: Ran, offered):
        """A page can be compared with itself."""
        assert show(ran, offered) == show(ran, offered)
