import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import altair as alt
import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.view_tables import (
    FIGURES,
    HOSTILE,
    TOUCHPOINTS,
    comparison_of,
    counts_of,
    estimates_of,
    months,
    one_score,
    trend_of,
)

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.scale import BANDS
from nps_kit.stats.estimates import estimate_shares
from nps_kit.views.charts import (
    draw_benchmarks,
    draw_estimates,
    draw_histogram,
    draw_score,
    draw_trend,
)
from nps_kit.views.charts.layout import measure, score_ticks, wrap
from nps_kit.views.palette import ACCENT, BAND_COLOURS

THIRTY = estimates_of([(f"team {k:02}", 900 - k, float(k)) for k in range(30)], by="team")
COUNTS = counts_of({0: 10, 5: 20, 7: 20, 8: 10, 10: 60}, reasons={"blank": 4})
SHARES = estimate_shares(COUNTS)


def values_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in spec["datasets"].values() for row in rows]


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Visit every object of a spec."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def fields_of(spec: dict[str, Any]) -> set[str]:
    """Name the encoded fields of a chart."""
    return {node["field"] for node in walk(spec["layer"]) if "field" in node}


def words_of(spec: dict[str, Any]) -> str:
    """Join the fixed words drawn on a chart."""
    marks = [node["text"] for node in walk(spec["layer"]) if isinstance(node.get("text"), list)]
    return " ".join(line for lines in marks for line in lines)


class TestDrawScore:
    def test_interval_point_and_bands_are_columns_of_the_table(self) -> None:
        """What is shown is what was estimated."""
        spec = draw_score(one_score()).to_dict()

        assert {"nps", "low", "high", "from", "to", "band"} <= fields_of(spec)

    def test_bands_stand_in_their_order(self) -> None:
        """Detractors, passives, promoters from the left."""
        rows = [row for row in values_of(draw_score(one_score()).to_dict()) if "band" in row]

        assert [row["band"] for row in rows] == list(BANDS)
        assert [row["from"] for row in rows] == sorted(row["from"] for row in rows)

    def test_the_whole_scale_is_shown(self) -> None:
        """One score is read against -100 to 100."""
        domains = [n["domain"] for n in walk(draw_score(one_score()).to_dict()) if "domain" in n]

        assert [-100, 100] in domains

    def test_survey_and_scale_are_in_the_subtitle(self) -> None:
        """A 1-10 scale is written next to every number."""
        chart = draw_score(one_score(survey="relational", scale="1-10"), subtitle="September")

        assert chart.to_dict()["title"]["subtitle"] == ["September; relational answers, 1-10 scale"]

    def test_few_answers_are_not_in_the_accent(self) -> None:
        """A score of twelve answers is drawn faint."""
        assert ACCENT not in json.dumps(draw_score(one_score(12)).to_dict()["layer"])

    def test_several_rows_are_refused(self) -> None:
        """The way out is named."""
        with pytest.raises(OptionError, match=r"has 4 rows.\n.*draw_estimates"):
            draw_score(TOUCHPOINTS)


class TestDrawEstimates:
    def test_interval_point_and_labels_are_encoded(self) -> None:
        """Interval, point, name, value and answers of each group."""
        fields = fields_of(draw_estimates(TOUCHPOINTS).to_dict())

        assert {"low", "high", "nps", "Group", "NPS", "Answers", "place"} <= fields

    def test_the_interval_is_drawn_before_the_point(self) -> None:
        """Uncertainty lies under the point."""
        marks = [layer["mark"]["type"] for layer in draw_estimates(TOUCHPOINTS).to_dict()["layer"]]

        assert marks.index("rule") < marks.index("point")

    def order(self, chart: alt.LayerChart) -> list[str]:
        """Give the names of the groups from the top."""
        rows = {row["place"]: row["Group"] for row in values_of(chart.to_dict()) if "Group" in row}
        return [rows[place] for place in sorted(rows)]

    def test_the_highest_comes_first_and_few_last(self) -> None:
        """Renewal's +60 of 17 answers is not ranked."""
        assert self.order(draw_estimates(TOUCHPOINTS)) == [
            "onboarding",
            "billing",
            "claims",
            "renewal",
        ]

    def test_bands_of_a_metric_keep_their_order(self) -> None:
        """Waits come from short to long, whatever their score."""
        waits = pl.Enum(["under 30", "30 to 120", "over 120"])
        table = estimates_of(
            [("30 to 120", 90, 50.0), ("over 120", 90, 60.0), ("under 30", 90, 10.0)], by="wait"
        ).with_columns(pl.col("wait").cast(waits))

        assert self.order(draw_estimates(table)) == ["under 30", "30 to 120", "over 120"]

    def test_past_twelve_the_first_and_the_last_six_are_drawn(self) -> None:
        """Both ends are seen, and those between are counted."""
        order = self.order(draw_estimates(THIRTY))

        assert order == [f"team {k:02}" for k in (*range(29, 23, -1), *range(5, -1, -1))]

    def test_those_between_are_told(self) -> None:
        """Nothing is left out in silence."""
        told = [row.get("between") for row in values_of(draw_estimates(THIRTY).to_dict())]

        assert "… 18 others between +6 and +23" in told

    def test_of_many_periods_the_latest_twelve_are_drawn(self) -> None:
        """The past gives way."""
        order = self.order(draw_estimates(trend_of([float(k) for k in range(24)])))

        assert (order[0], order[-1], len(order)) == ("October 2025", "September 2026", 12)

    def look(self, chart: alt.LayerChart) -> dict[str, str]:
        """Give each group's look."""
        rows = values_of(chart.to_dict())
        return {row["Group"]: row["look"] for row in rows if "look" in row}

    def test_the_title_s_groups_are_in_the_accent(self) -> None:
        """The lowest and the highest, in the same colour: neither is good or bad."""
        assert self.look(draw_estimates(TOUCHPOINTS)) == {
            "onboarding": "accent",
            "claims": "accent",
            "billing": "quiet",
            "renewal": "faint",
        }

    def test_a_group_can_be_highlighted_but_not_with_few_answers(self) -> None:
        """The accent follows the title that was given, never a faint group."""
        chart = draw_estimates(TOUCHPOINTS, title="Billing", highlight=["billing", "renewal"])

        assert [name for name, look in self.look(chart).items() if look == "accent"] == ["billing"]

    def test_wide_intervals_of_few_answers_do_not_set_the_scale(self) -> None:
        """They run past the axis, and the note says so."""
        table = TOUCHPOINTS.with_columns(
            low=pl.when("few").then(-100.0).otherwise("low"),
            high=pl.when("few").then(100.0).otherwise("high"),
        )
        spec = draw_estimates(table).to_dict()

        assert min(row["low"] for row in values_of(spec) if "low" in row) == -20
        assert "Some intervals run past the axis." in words_of(spec)

    def test_two_groups_of_one_name_stay_two_rows(self) -> None:
        """A missing name and the name "not given" are two groups."""
        table = estimates_of([("not given", 90, 5.0), (None, 90, 50.0)])

        assert self.order(draw_estimates(table)) == ["not given", "not given"]

    def test_a_column_that_is_not_there_is_said(self) -> None:
        """A quiet placeholder, never a crash."""
        table = TOUCHPOINTS.head(1).with_columns(touchpoint=pl.lit(None, pl.String))

        assert "No touchpoint is recorded in this data." in words_of(
            draw_estimates(table).to_dict()
        )

    @settings(max_examples=15)
    @given(
        st.lists(
            st.tuples(
                st.one_of(st.none(), st.text(max_size=200)),
                st.integers(0, 5000),
                st.floats(-100, 100),
            ),
            max_size=20,
        )
    )
    def test_every_table_can_be_drawn(self, rows: list[tuple[str | None, int, float]]) -> None:
        """Whatever the groups, a chart that altair accepts."""
        table = estimates_of(
            [(key, n, nps if n else None) for key, n, nps in rows] or [("", 0, None)]
        )

        assert draw_estimates(table).to_dict()["description"]


class TestDrawHistogram:
    def test_every_score_has_its_bar(self) -> None:
        """A score that nobody gave is seen to be empty."""
        rows = [row for row in values_of(draw_histogram(SHARES).to_dict()) if "score" in row]

        assert [row["score"] for row in rows] == list(range(11))

    def test_bars_are_coloured_by_band(self) -> None:
        """In the order and the colours of the bands."""
        spec = draw_histogram(SHARES).to_dict()
        scales = [n["scale"] for n in walk(spec) if n.get("field") == "band" and "scale" in n]

        assert scales == [{"domain": list(BANDS), "range": list(BAND_COLOURS.values())}]

    def test_what_is_shown_stands_in_the_table(self) -> None:
        """The chart works out no share of its own, of a score or of a band."""
        weighted = SHARES.with_columns(share=pl.lit(0.09), share_band=pl.lit(0.37))
        spec = draw_histogram(weighted).to_dict()

        assert {row["Share"] for row in values_of(spec) if "score" in row} == {"9 %"}
        assert words_of(spec).count("37 %") == 3

    def test_the_order_of_the_rows_does_not_matter(self) -> None:
        """Scores stand in their own order."""
        drawn = [draw_histogram(table).to_dict() for table in (SHARES, SHARES.reverse())]

        assert values_of(drawn[0]) == values_of(drawn[1])

    def test_a_scale_from_one_has_ten_bars(self) -> None:
        """And is named in the subtitle."""
        shares = estimate_shares(counts_of({1: 5, 10: 5}, scale="1-10"))
        spec = draw_histogram(shares).to_dict()

        assert len([row for row in values_of(spec) if "score" in row]) == 10
        assert spec["title"]["subtitle"] == ["Share of answers by score; 1-10 scale; 10 answers"]

    def test_one_group_of_several_is_drawn(self) -> None:
        """What tells it from the others may stay in the table."""
        both = pl.concat([counts_of({9: 4}, team="a"), counts_of({2: 7}, team="b")])
        shares = estimate_shares(both, by=["team"]).filter(pl.col("team") == "b")

        assert draw_histogram(shares).to_dict()["title"]["subtitle"] == [
            "Share of answers by score; 7 answers"
        ]

    def test_a_count_table_is_refused_with_the_way_out(self) -> None:
        """Shares are worked out first, by a function that is named."""
        with pytest.raises(MissingColumnError) as caught:
            draw_histogram(COUNTS)

        assert str(caught.value) == (
            "draw_histogram() needs the column 'share_band', which is not in `shares`.\n"
            "  It has: 'score', 'reason', 'n'.  Make the shares first: estimate_shares(counts)"
        )

    def test_two_groups_are_refused(self) -> None:
        """They are never drawn as one."""
        both = pl.concat([counts_of({9: 4}, survey="a"), counts_of({9: 4}, survey="b")])

        with pytest.raises(OptionError, match=r"draw_histogram\(\) shows one group"):
            draw_histogram(estimate_shares(both, by=["survey"]))

    @pytest.mark.parametrize(
        "shares",
        [
            estimate_shares(counts_of({}, reasons={"blank": 3})),
            estimate_shares(counts_of({}, team="a"), by=["team"]),
        ],
        ids=["all blank", "no row"],
    )
    def test_no_answers_are_said(self, shares: pl.DataFrame) -> None:
        """A placeholder."""
        assert "No answer here counts." in words_of(draw_histogram(shares).to_dict())


class TestDrawTrend:
    def rows(self, table: pl.DataFrame) -> dict[str, dict[str, Any]]:
        """Give the drawn periods, the earliest first."""
        drawn = [row for row in values_of(draw_trend(table).to_dict()) if "run" in row]
        return {row["period"]: row for row in sorted(drawn, key=lambda row: row["period"])}

    def test_interval_line_and_points_are_encoded(self) -> None:
        """The ribbon from low to high, the line of scores."""
        fields = fields_of(draw_trend(trend_of([1.0, 2.0, 3.0])).to_dict())

        assert {"period", "low", "high", "nps", "run"} <= fields

    def test_a_missing_month_breaks_the_line(self) -> None:
        """A gap is a gap, not a straight line across it."""
        table = trend_of([1.0, 2.0, 3.0, 4.0]).filter(pl.col("nps") != 2)

        assert [row["run"] for row in self.rows(table).values()] == [0, 1, 1]

    def test_a_month_without_answers_breaks_the_line_too(self) -> None:
        """A null score is not drawn."""
        assert [row["run"] for row in self.rows(trend_of([1.0, None, 3.0])).values()] == [0, 1]

    def test_a_month_of_few_answers_stands_by_itself(self) -> None:
        """Its wide interval is no part of the ribbon."""
        table = trend_of([1.0, 2.0, 3.0]).with_columns(few=pl.col("nps") == 2)

        assert [row["run"] for row in self.rows(table).values()] == [0, 1, 2]

    def test_time_is_told_in_utc(self) -> None:
        """A month does not move with the reader's clock."""
        scales = [
            n["scale"]
            for n in walk(draw_trend(trend_of([1.0, 2.0])).to_dict())
            if n.get("field") == "period"
        ]

        assert {scale["type"] for scale in scales} == {"utc"}

    def test_only_the_latest_is_in_the_accent(self) -> None:
        """The title speaks of the latest."""
        layers = draw_trend(trend_of([1.0, 2.0, 3.0])).to_dict()["layer"]
        fills = [layer["mark"].get("fill") for layer in layers if layer["mark"]["type"] == "point"]

        assert fills.count(ACCENT) == 1

    def test_two_series_are_refused(self) -> None:
        """A trend is one series, and the way out is named."""
        one = (
            trend_of([1.0]).with_columns(team=pl.lit("a")).select("team", pl.all().exclude("team"))
        )
        other = one.with_columns(team=pl.lit("b"))

        with pytest.raises(OptionError, match="Keep one group of 'team'"):
            draw_trend(pl.concat([one, other]))

    def test_a_table_without_period_is_refused(self) -> None:
        """The column is named."""
        with pytest.raises(MissingColumnError, match="'period'"):
            draw_trend(TOUCHPOINTS)


class TestDrawBenchmarks:
    def test_the_range_our_interval_and_the_ticks_are_encoded(self) -> None:
        """A band, ticks with publisher and year, ours on top."""
        spec = draw_benchmarks(FIGURES).to_dict()
        marks = [layer["mark"]["type"] for layer in spec["layer"]]

        assert marks.index("rect") < marks.index("point")
        assert {"figure", "nps", "low", "high"} <= fields_of(spec)

    def test_refused_figures_are_counted_and_not_drawn(self) -> None:
        """What may not be compared is not on the picture."""
        spec = draw_benchmarks(FIGURES).to_dict()

        assert "R 2020" not in {row.get("figure") for row in values_of(spec)}
        assert "1 refused, so not drawn: the survey is transactional." in words_of(spec)

    @pytest.mark.parametrize(
        "comparison",
        [
            FIGURES.clear(),
            FIGURES.tail(1),
            comparison_of([("A", 2020, 5.0, "comparable", "")], own=None),
        ],
        ids=["no figures", "all refused", "no answers"],
    )
    def test_nothing_to_compare_is_said(self, comparison: pl.DataFrame) -> None:
        """A quiet placeholder with the reason."""
        assert draw_benchmarks(comparison).to_dict()["description"].endswith((".", ")"))

    def test_past_eleven_the_others_are_counted(self) -> None:
        """Comparable ones and the latest are drawn first."""
        many = comparison_of([(f"P{k}", 2000 + k, float(k), "indicative", "") for k in range(20)])
        spec = draw_benchmarks(many).to_dict()
        drawn = {row["figure"] for row in values_of(spec) if "figure" in row}

        assert drawn == {f"P{k} {2000 + k}" for k in range(9, 20)}
        assert "Not drawn: 9 more figures." in words_of(spec)


DRAWN: dict[str, Callable[[str], alt.LayerChart]] = {
    "estimates": lambda name: draw_estimates(estimates_of([(name, 90, 5.0), ("b", 90, 50.0)])),
    "heading": lambda name: draw_estimates(estimates_of([("a", 90, 5.0)], by=name)),
    "survey": lambda name: draw_score(one_score(survey=name)),
    "title": lambda name: draw_score(one_score(), title=name, subtitle=name, note=name),
    "histogram": lambda name: draw_histogram(
        estimate_shares(counts_of({9: 3}, survey=name)), note=name
    ),
    "benchmarks": lambda name: draw_benchmarks(
        comparison_of([(name, 2020, 4.0, "indicative", name), ("b", 2020, 4.0, "refused", name)])
    ),
}


class TestEveryChart:
    @pytest.mark.parametrize("name", HOSTILE)
    @pytest.mark.parametrize("drawn", DRAWN)
    def test_a_hostile_name_is_never_part_of_an_expression(self, drawn: str, name: str) -> None:
        """Names are data and words; the only expressions are the kit's own."""
        spec = DRAWN[drawn](name).to_dict()
        clever = {
            node[key]
            for node in walk(spec)
            for key in ("labelExpr", "expr", "calculate", "filter", "test", "signal", "href", "url")
            if isinstance(node.get(key), str)
        }

        assert clever <= {"datum.value > 0 ? '+' + datum.label : datum.label"}

    @pytest.mark.parametrize("version", ["5.8", "6.4"])
    @pytest.mark.parametrize(
        "chart",
        [
            draw_score(one_score()),
            draw_estimates(THIRTY),
            draw_histogram(SHARES),
            draw_trend(trend_of([1.0, 2.0, None, 3.0])),
            draw_trend(trend_of([1.0])),
            draw_benchmarks(FIGURES),
            draw_estimates(TOUCHPOINTS.clear()),
        ],
        ids=["score", "estimates", "histogram", "trend", "one month", "benchmarks", "nothing"],
    )
    def test_both_vega_lites_draw_it(self, chart: alt.LayerChart, version: str) -> None:
        """JupyterLab carries Vega-Lite 5, the report page Vega-Lite 6."""
        svg = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=version)

        assert svg.startswith("<svg")
        assert "NaN" not in svg

    def test_a_title_that_is_given_is_used(self) -> None:
        """The finding is ours only where none is given."""
        chart = draw_trend(trend_of([1.0]), title="A title", note="A note.")

        assert chart.to_dict()["title"]["text"] == ["A title"]


class TestWrap:
    def test_no_line_is_wider_than_it_may_be(self) -> None:
        """A title is broken between words."""
        lines = wrap("Claims stands lowest at last " * 9, size=18, width=300)

        assert all(measure(line, size=18) <= 300 for line in lines)

    def test_a_word_that_is_too_wide_is_cut(self) -> None:
        """A name without a space does not leave the page."""
        lines = wrap("x" * 300, size=18, width=300)

        assert "".join(lines) == "x" * 300
        assert all(measure(line, size=18) <= 300 for line in lines)

    def test_a_percentage_is_not_broken(self) -> None:
        """The sign stays with its number."""
        assert wrap("of 95 %", size=18, width=measure("of 95", size=18)) == ["of", "95 %"]


class TestScoreTicks:
    @given(st.lists(st.floats(-100, 100), min_size=1))
    def test_the_axis_holds_every_bound_and_stays_on_the_scale(self, bounds: list[float]) -> None:
        """Nothing is cut, and nothing lies beyond -100 or 100."""
        ticks = score_ticks(bounds)

        assert -100 <= ticks[0] <= min(bounds)
        assert max(bounds) <= ticks[-1] <= 100

    @given(st.lists(st.floats(-100, 100), min_size=1))
    def test_ticks_are_few_and_even(self, bounds: list[float]) -> None:
        """At most eight, all the same way apart."""
        ticks = score_ticks(bounds)

        assert 2 <= len(ticks) <= 9
        assert len({after - before for before, after in pairwise(ticks)}) == 1

    def test_zero_is_shown_where_it_is_near(self) -> None:
        """Scores from 12 to 40 are seen from zero."""
        assert score_ticks([12, 40])[0] == 0


class TestDates:
    def test_every_unit_is_drawn(self) -> None:
        """Days, weeks, quarters and years have axes of their own."""
        for every, days in (
            ("day", [date(2026, 9, 1), date(2026, 9, 2)]),
            ("week", [date(2026, 9, 7), date(2026, 9, 14)]),
            ("quarter", months(4)[::3]),
            ("year", [date(2025, 1, 1), date(2026, 1, 1)]),
        ):
            table = estimates_of([(day, 90, 5.0) for day in days], by="period")

            assert f"by {every}" in draw_trend(table).to_dict()["title"]["subtitle"][0]
