import altair as alt
import polars as pl

from nps_kit.reports.figures import MOST_ROWS, NONE, Numbers, find_numbers

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
