from typing import Any

import altair as alt
import nbformat
import polars as pl
import pytest
import vl_convert
from reports.pages import NOTEBOOKS

from nps_kit.outputs import CHART_MIME
from nps_kit.reports.figures import MOST_ROWS, NONE, Numbers, find_numbers, keep_drawn
from nps_kit.reports.names import find_notebook

FRAME = pl.DataFrame({"team": ["a", "b"], "NPS": ["+3", "+9"], "nps": [3.14159, -9.0], "n": [5, 7]})
BARS = alt.Chart(FRAME).mark_bar()


def told(chart: alt.TopLevelMixin) -> list[Numbers]:
    """Tell the numbers of an altair chart."""
    return find_numbers(chart.to_dict())


class TestFindNumbers:
    def test_the_words_of_the_tooltips_are_the_table(self):
        """What pointing at a mark tells is told to whoever cannot point."""
        tips = [alt.Tooltip("team", title="Team"), "NPS"]

        assert [Numbers(("Team", "NPS"), (("a", "+3"), ("b", "+9")))] == told(
            BARS.encode(x="nps", tooltip=tips)
        )

    def test_layers_that_say_the_same_make_one_table(self):
        """A bar and its label are not told twice; what only one of them holds is not lost."""
        later = alt.Chart(FRAME.with_columns(team=pl.Series(["b", "c"])))
        layers = alt.layer(
            BARS.encode(x="nps", tooltip=["team", "NPS"]),
            later.mark_text().encode(x="nps", tooltip=["team", "NPS"]),
            later.mark_text().encode(x="nps", tooltip="team"),
        )

        (table,) = told(layers)

        assert [("a", "+3"), ("b", "+9"), ("b", "+3"), ("c", "+9")] == list(table.rows)

    def test_marks_that_say_something_else_have_their_own_table(self):
        """Scores and benchmarks in one figure are two tables."""
        layers = alt.layer(
            BARS.encode(x="nps", tooltip=["team", "NPS"]),
            BARS.encode(x="nps", tooltip=["team", "n"]),
        )

        assert [("Team", "NPS"), ("Team", "N")] == [table.heads for table in told(layers)]

    def test_without_tooltips_the_values_drawn_are_told(self):
        """A chart of anyone's has its numbers, rounded, with its own titles."""
        drawn = BARS.encode(x=alt.X("nps", title="Score"), y="team")

        assert [Numbers(("Team", "Score"), (("a", "3.14"), ("b", "\u22129")))] == told(drawn)

    def test_views_beside_one_another_are_all_told(self):
        """No part of a figure is left out, wherever its data stands."""
        parts = alt.hconcat(
            BARS.encode(x="nps", tooltip="team"),
            alt.vconcat(BARS.encode(x="nps", tooltip="NPS"), data=FRAME),
            BARS.encode(x="nps", tooltip="n").facet("team"),
        )

        assert [("Team",), ("NPS",), ("N",)] == [table.heads for table in told(parts)]

    def test_a_long_table_says_what_it_leaves_out(self):
        """A page stays small, whatever a figure holds."""
        many = pl.DataFrame({"nps": range(MOST_ROWS + 20)})

        (table,) = told(alt.Chart(many).mark_point().encode(x="nps"))

        assert (MOST_ROWS, 20) == (len(table.rows), table.rest)

    def test_what_is_no_number_is_a_dash(self):
        """Nothing is a dash, yes is yes, dates are dates, and lines of a label are one."""
        rows = [{"a": None, "b": True, "c": "2026-09-01", "d": ["x", "y"], "e": float("nan")}]
        tips = [{"field": name} for name in "abcde"]

        (table,) = find_numbers({"data": {"values": rows}, "encoding": {"tooltip": tips}})

        assert ((NONE, "yes", "2026-09-01", "x y", NONE),) == table.rows

    def test_a_figure_without_data_has_no_table(self):
        """Nothing is made up where the data lies elsewhere or the figure computes it."""
        away = {"data": {"url": "https://example.org/d.json"}, "encoding": {"x": {"field": "a"}}}
        made = BARS.transform_calculate(b="1").encode(x="b:Q")

        assert [] == find_numbers(away)
        assert [] == told(made)
        assert [] == find_numbers({"mark": "no such mark"})


def columns_in(spec: dict[str, Any]) -> set[str]:
    """Name the columns of all data in a specification."""
    tables = [*spec.get("datasets", {}).values(), spec.get("data", {}).get("values", [])]
    return {column for rows in tables for row in rows for column in row}


def kept(chart: alt.TopLevelMixin) -> set[str]:
    """Name the columns that are left of an altair chart."""
    return columns_in(keep_drawn(chart.to_dict()))


class TestKeepDrawn:
    def test_a_column_that_is_not_drawn_stays_away(self):
        """Whoever looks into the page finds no more than the figure tells."""
        assert {"team", "nps"} == kept(BARS.encode(x="nps", y="team"))
        assert {"nps"} == kept(alt.layer(BARS.encode(x="nps"), BARS.mark_text(text="team")))

    def test_words_for_people_do_not_keep_one(self):
        """A title that happens to name a column is only a title."""
        drawn = BARS.encode(x=alt.X("nps", title="n by team"))

        assert {"nps"} == kept(drawn.properties(title="n by team", description="n", name="team"))

    @pytest.mark.parametrize(
        "drawn",
        [
            BARS.encode(x="nps", tooltip="n"),
            BARS.encode(x="nps").transform_filter("datum.n > 5"),
            BARS.encode(x="nps").transform_filter("datum['n'] > 5"),
            BARS.encode(x="nps", detail="n"),
            BARS.encode(x=alt.X("nps", sort=alt.EncodingSortField("n"))),
            BARS.encode(x="nps").transform_fold(["n", "nps"]),
            BARS.encode(x="nps").transform_aggregate(all="sum(n)"),
            BARS.encode(x="nps").add_params(alt.selection_point(fields=["n"])),
            BARS.encode(x="nps", color=alt.condition("datum.n > 5", alt.value("red"), "team")),
            BARS.encode(x="nps").facet("n"),
        ],
    )
    def test_a_column_that_is_used_in_any_way_stays(self, drawn: alt.TopLevelMixin):
        """A figure is drawn as before."""
        assert {"n", "nps"} <= kept(drawn)

    @pytest.mark.parametrize(
        "drawn",
        [
            BARS.encode(x="nps").transform_calculate(any="datum[which]"),
            BARS.encode(x="nps").transform_calculate(any="toString(datum)"),
            BARS.mark_bar(tooltip=alt.TooltipContent("data")).encode(x="nps"),
            BARS.mark_geoshape(),
        ],
    )
    def test_where_any_column_may_be_used_all_stay(self, drawn: alt.TopLevelMixin):
        """What cannot be told from outside is left as it is."""
        assert {"team", "NPS", "nps", "n"} == kept(drawn)

    def test_odd_names_are_known_again(self):
        """A dot or a bracket in a column's name does not hide that it is drawn."""
        frame = pl.DataFrame({"a.b": [1], "c[d]": [2], "b": [3]})
        drawn = alt.Chart(frame).mark_bar().encode(x=r"a\.b:Q", y=r"c\[d\]:Q")

        assert {"a.b", "c[d]", "b"} >= kept(drawn) >= {"a.b", "c[d]"}

    def test_data_of_another_shape_is_left_as_it_is(self):
        """Plain values and text are data as well."""
        plain = {"data": {"values": [1, 2]}, "mark": "bar", "encoding": {"x": {"field": "data"}}}
        text = {"data": {"values": "a,b\n1,2", "format": {"type": "csv"}}, "mark": "bar"}

        assert [plain, text] == [keep_drawn(plain), keep_drawn(text)]

    @pytest.mark.parametrize("name", NOTEBOOKS)
    def test_the_kits_own_figures_look_the_same(self, name: str):
        """Nothing that a figure shows is lost, to the last dot."""
        shown = [
            output.data
            for cell in nbformat.read(find_notebook(name), as_version=4).cells
            for output in cell.get("outputs", [])
            if CHART_MIME in output.get("data", {})
        ]

        assert shown
        for one in shown:
            lean = keep_drawn(one[CHART_MIME])
            assert one["image/svg+xml"] == vl_convert.vegalite_to_svg(lean)
