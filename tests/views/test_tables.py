import re

import polars as pl
import pytest
from views.view_tables import (
    FIGURES,
    HOSTILE,
    TOUCHPOINTS,
    comparison_of,
    estimates_of,
    one_score,
    trend_of,
)

from nps_kit.views.tables import tabulate_benchmarks, tabulate_estimates


def cells_of(page: str) -> list[str]:
    """Read the cells of a printed table."""
    return re.findall(r"<td[^>]*>(.*?)</td>", page, flags=re.DOTALL)


class TestTabulateEstimates:
    def test_heads_are_whole_words(self) -> None:
        """A reader knows what each column is."""
        page = tabulate_estimates(TOUCHPOINTS).as_raw_html()

        assert re.findall(r"<th[^>]*>(.*?)</th>", page) == [
            "Touchpoint",
            "Answers",
            "NPS",
            "95 % interval",
            "Detractors",
            "Passives",
            "Promoters",
        ]

    def test_numbers_are_written_the_kit_s_way(self) -> None:
        """One decimal, a true minus sign, commas, the interval in words."""
        assert cells_of(tabulate_estimates(TOUCHPOINTS).as_raw_html())[14:21] == [
            "claims",
            "402",
            "\u221212.3",
            "\u221217.3 to \u22127.3",
            "20 %",
            "30 %",
            "50 %",
        ]

    def test_rows_stand_as_in_the_picture(self) -> None:
        """The highest first, the faint ones last."""
        cells = cells_of(tabulate_estimates(TOUCHPOINTS).as_raw_html())

        assert cells[:28:7] == ["onboarding", "billing", "claims", "renewal"]

    def test_faint_is_explained(self) -> None:
        """The note says what faint means."""
        page = tabulate_estimates(TOUCHPOINTS).as_raw_html()

        assert "Faint: too few answers to be ranked." in page

    def test_the_same_table_has_the_same_id(self) -> None:
        """A committed notebook does not change by itself."""
        pages = {tabulate_estimates(TOUCHPOINTS).as_raw_html() for _ in range(2)}

        assert len(pages) == 1

    def test_two_tables_have_two_ids(self) -> None:
        """Two tables on one page keep to their own style."""
        ids = {
            re.findall(r'<div id="(nps-[0-9a-f]+)"', tabulate_estimates(table).as_raw_html())[0]
            for table in (TOUCHPOINTS, TOUCHPOINTS.head(2))
        }

        assert len(ids) == 2

    def test_it_reads_as_plain_text(self) -> None:
        """No address of memory, which would change on each run."""
        assert repr(tabulate_estimates(one_score(), title="Score")) == (
            "Answers | NPS | 95 % interval | Detractors | Passives | Promoters\n"
            "512 | +31.2 | 26.2 to 36.2 | 20 % | 30 % | 50 %"
        )

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_escaped_everywhere(self, name: str) -> None:
        """In cells, heads, title and note, text stays text."""
        table = estimates_of([(name, 90, 5.0)], by=name)

        page = tabulate_estimates(table, title=name, note=name).as_raw_html()

        assert "<script" not in page
        assert "<img" not in page

    def test_a_key_may_be_called_as_a_column_of_ours(self) -> None:
        """A user's column "answers" does not push out our own."""
        page = tabulate_estimates(estimates_of([("a", 90, 5.0)], by="answers")).as_raw_html()

        assert re.findall(r"<th[^>]*>(.*?)</th>", page)[:2] == ["Answers", "Answers"]

    def test_a_short_name_is_never_broken(self) -> None:
        """Where a table scrolls, "post-purchase" stays on one line."""
        table = estimates_of([("post-purchase", 90, 5.0), ("a name of some length", 90, 5.0)])

        page = tabulate_estimates(table).as_raw_html()

        assert re.search(r'<td style="white-space: nowrap;"[^>]*>post-purchase<', page)
        assert re.search(r"<td (?!style)[^>]*>a name of some length<", page)

    def test_months_are_in_words(self) -> None:
        """A period is named."""
        assert "September 2026" in cells_of(tabulate_estimates(trend_of([5.0] * 24)).as_raw_html())

    def test_more_rows_than_a_page_carries_are_counted(self) -> None:
        """Nothing is left out in silence."""
        many = estimates_of([(f"t{k}", 90, float(k)) for k in range(70)])

        assert "Not shown: 10 more rows." in tabulate_estimates(many).as_raw_html()

    @pytest.mark.parametrize(
        "table",
        [
            TOUCHPOINTS.clear(),
            one_score(0, None),
            TOUCHPOINTS.head(1).with_columns(touchpoint=pl.lit(None, pl.String)),
        ],
    )
    def test_nothing_to_show_is_said(self, table: pl.DataFrame) -> None:
        """One quiet line."""
        assert len(cells_of(tabulate_estimates(table).as_raw_html())) == 1


class TestTabulateBenchmarks:
    def test_the_reason_stands_beside_the_verdict(self) -> None:
        """Comparable, indicative and refused, and why."""
        verdicts = cells_of(tabulate_benchmarks(FIGURES).as_raw_html())[5:24:6]

        assert verdicts == [
            "yes",
            "indicative: mode not stated",
            "indicative: scale not stated",
            "no: the survey is transactional",
        ]

    def test_the_source_stands_under_its_publisher(self) -> None:
        """Who says it and where, in one place."""
        figures = FIGURES.head(1).with_columns(source_url=pl.lit("https://www.example.org/a/b"))

        first = cells_of(tabulate_benchmarks(figures).as_raw_html())[0]

        assert re.fullmatch(
            r'[^<]+<br><span class="nps-host"><a [^>]*>example\.org</a></span>', first
        )

    @pytest.mark.parametrize("scheme", ["http", "https", "HTTP", "HTTPS"])
    def test_an_address_is_shown_as_its_site(self, scheme: str) -> None:
        """A link or not, a reader sees the site alone."""
        figures = FIGURES.head(1).with_columns(source_url=pl.lit(f"{scheme}://example.org/a"))

        first = cells_of(tabulate_benchmarks(figures).as_raw_html())[0]

        assert re.sub(r"<[^>]*>", " ", first).split()[-1] == "example.org"

    def test_it_reads_as_plain_text(self) -> None:
        """One line a figure, the whole address in it."""
        figures = FIGURES.head(1).with_columns(source_url=pl.lit("https://example.org/a"))

        head, line = repr(tabulate_benchmarks(figures)).split("\n")

        assert (
            head == "Publisher, year and source | Industry | Region | Answers | NPS | Comparable?"
        )
        assert line.split(" | ")[0].endswith(", https://example.org/a")

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "http://example.org", "data:x"])
    def test_only_safe_addresses_are_links(self, address: str) -> None:
        """Anything but https:// stays text."""
        figures = FIGURES.with_columns(source_url=pl.lit(address))

        assert "<a " not in tabulate_benchmarks(figures).as_raw_html()

    def test_a_link_cannot_break_out(self) -> None:
        """Quotes and angles in an address are escaped."""
        figures = FIGURES.head(1).with_columns(
            source_url=pl.lit('https://example.org/"><img src=x onerror=alert(1)>')
        )

        page = tabulate_benchmarks(figures).as_raw_html()

        assert '<a href="https://example.org/&quot;&gt;&lt;img' in page
        assert "<img" not in page

    def test_no_figures_are_said(self) -> None:
        """One quiet line."""
        assert cells_of(tabulate_benchmarks(FIGURES.clear()).as_raw_html()) == [
            "No published figure is at hand."
        ]

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_publishers_are_escaped(self, name: str) -> None:
        """Text stays text."""
        page = tabulate_benchmarks(
            comparison_of([(name, 2020, 5.0, "refused", name)])
        ).as_raw_html()

        assert "<script" not in page
        assert "<img" not in page
