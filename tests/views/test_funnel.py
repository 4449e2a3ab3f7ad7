# ruff: noqa: RUF001 - the true minus sign is part of the promise
import json
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import count_tables
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.segments.funnels import estimate_funnel
from nps_kit.stats.segments.standards import standardise_groups
from nps_kit.views.charts.funnel import MOST_NAMES, draw_funnel
from nps_kit.views.charts.layout import measure
from nps_kit.views.charts.placing import box_around, place_name
from nps_kit.views.charts.standards import draw_standards
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.funnel import say_funnel
from nps_kit.views.sentences.standards import say_standards

Row = tuple[object, int, float | None, str | None]


def funnel_of(
    rows: Sequence[Row],
    *,
    by: str = "team",
    standardised: bool = False,
    tau: float = 0.0,
    p_adjusted: float = 0.001,
    **context: str,
) -> pl.DataFrame:
    """Make a funnel table from (key, n, score, place) rows, around +30, or around 0."""
    centre = 0.0 if standardised else 30.0
    made = []
    for key, n, value, place in rows:
        half = 160 / np.sqrt(max(n, 1))
        score = {"nps": 40.0, "change": value} if standardised else {"nps": value}
        known = value is not None
        made.append(
            {
                by: key,
                "n": n,
                "n_effective": float(n) if known else None,
                **score,
                "centre": centre if known else None,
                "limit_low": centre - half if known else None,
                "limit_high": centre + half if known else None,
                "outer_low": centre - 1.6 * half if known else None,
                "outer_high": centre + 1.6 * half if known else None,
                "p_adjusted": p_adjusted if place else None,
                "place": place,
                "few": n < 30,
                "expected_outside": 0.05 * sum(row[3] is not None for row in rows),
                "tau": tau,
            }
        )
    return pl.DataFrame(made, infer_schema_length=None).with_columns(
        **{name: pl.lit(value) for name, value in context.items()}
    )


def standards_of(
    rows: Sequence[tuple[object, int, float | None, float | None]],
    *,
    by: str = "team",
    n_alone: int = 0,
) -> pl.DataFrame:
    """Make a standardised table from (key, n, change, p_adjusted) rows, bounds 5 away."""
    return pl.DataFrame(
        [
            {
                by: key,
                "n": n,
                "nps": None if change is None else 30 + change,
                "expected": None if change is None else 30.0,
                "change": change,
                "low": None if change is None else change - 5,
                "high": None if change is None else change + 5,
                "level": 0.95,
                "few": n < 30,
                "p_adjusted": p_adjusted,
                "n_alone": n_alone,
            }
            for key, n, change, p_adjusted in rows
        ],
        infer_schema_length=None,
        schema_overrides={"p_adjusted": pl.Float64},
    )


WITHIN: list[Row] = [(f"team {k:02}", 100 + 40 * k, 30.0 + k, "within") for k in range(11)]
ONE_OUT: list[Row] = [*WITHIN, ("team 11", 100, 48.0, "above 95 %")]
FAR_OUT: list[Row] = [*ONE_OUT, ("team 12", 812, 44.2, "above 99.8 %")]
GAPS = standards_of([("a", 812, 8.0, 0.01), ("b", 790, -3.0, 0.6), ("c", 700, -5.0, 0.3)])


def reads_well(text: str) -> bool:
    """Tell whether a sentence is whole: no leavings of a program, brackets in pairs."""
    return (
        not any(word in text for word in ("nan", "None", "null", "--", "inf ", "  ", "()", " ,"))
        and text.count("(") == text.count(")")
        and text.endswith(".")
        and (text[0].isupper() or not text[0].isalpha())
    )


def values_of(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def words_of(chart: alt.LayerChart) -> str:
    """Join the fixed words drawn on a chart."""
    texts = [layer["mark"].get("text") for layer in chart.to_dict()["layer"]]
    return " ".join(line for lines in texts if isinstance(lines, list) for line in lines)


def names_on(chart: alt.LayerChart) -> list[str]:
    """Give the names written beside dots."""
    return [
        layer["mark"]["text"][0]
        for layer in chart.to_dict()["layer"]
        if layer["mark"].get("color") == ACCENT and "text" in layer["mark"]
    ]


class TestSayFunnel:
    def test_within_the_limits_nothing_is_made_of_it(self) -> None:
        """Eleven teams that luck alone would put as far apart."""
        assert say_funnel(funnel_of(WITHIN)) == (
            "All 11 teams lie within the 95 % limits: no more apart than luck alone would put them."
        )

    def test_those_outside_are_set_against_luck(self) -> None:
        """One of twelve outside, where about one would be."""
        assert say_funnel(funnel_of(ONE_OUT)) == (
            "1 of the 12 teams lies outside the 95 % limits; about 1 would by luck alone. "
            "Not one lies outside 99.8 %, and those within cannot be put in an order."
        )

    def test_those_far_outside_are_named(self) -> None:
        """Which, where, with how many answers; and how many lie outside 95 %."""
        assert say_funnel(funnel_of(FAR_OUT)) == (
            "Team 12 lies above the 99.8 % limits (+44, 812 answers): more than luck. "
            "2 of the 13 teams lie outside 95 %, where about 1 would by luck alone."
        )

    def test_far_outside_among_many_may_be_luck(self) -> None:
        """After as many comparisons as there are groups it is not rare."""
        assert "perhaps luck, among so many" in say_funnel(funnel_of(FAR_OUT, p_adjusted=0.2))

    def test_many_far_outside_are_counted(self) -> None:
        """Names are for the picture."""
        rows: list[Row] = [(f"t{k}", 900, 70.0, "above 99.8 %") for k in range(4)]

        assert say_funnel(funnel_of([*WITHIN, *rows]), length="short") == (
            "4 of the 15 teams lie outside the 99.8 % limits: more than luck."
        )

    def test_two_outside_are_both(self) -> None:
        """Not "all 2"."""
        rows: list[Row] = [("a", 900, 60.0, "above 95 %"), ("b", 900, 0.0, "below 95 %")]

        assert say_funnel(funnel_of(rows)).startswith("Both teams lie outside the 95 % limits;")

    def test_each_far_out_has_its_own_verdict(self) -> None:
        """One that luck does not explain lends nothing to the other."""
        rows: list[Row] = [
            *WITHIN,
            ("x", 812, 60.0, "above 99.8 %"),
            ("y", 700, 10.0, "below 99.8 %"),
        ]
        table = funnel_of(rows).with_columns(p_adjusted=pl.Series([0.9] * 11 + [0.001, 0.2]))

        assert say_funnel(table, length="short") == (
            "X lies above the 99.8 % limits (+60, 812 answers): more than luck; "
            "y lies below the 99.8 % limits (+10, 700 answers): perhaps luck, among so many."
        )

    def test_of_many_far_out_it_is_said_how_many_are_more_than_luck(self) -> None:
        """Not of all because of one."""
        rows: list[Row] = [(f"t{k}", 900, 70.0, "above 99.8 %") for k in range(4)]
        table = funnel_of([*WITHIN, *rows]).with_columns(
            p_adjusted=pl.Series([0.9] * 11 + [0.001, 0.2, 0.2, 0.01])
        )

        assert say_funnel(table, length="short") == (
            "4 of the 15 teams lie outside the 99.8 % limits: more than luck for 2 of them."
        )

    def test_a_scale_that_is_not_0_to_10_is_said(self) -> None:
        """A 1-10 scale is written next to every number."""
        said = say_funnel(funnel_of(WITHIN, scale="1-10"))

        assert said.startswith("On a 1-10 scale, all 11 teams lie")

    def test_the_usual_spread_is_told(self) -> None:
        """What the limits allow for is more than luck."""
        assert say_funnel(funnel_of(ONE_OUT, tau=5.0), length="short") == (
            "1 of the 12 teams lies outside the 95 % limits; "
            "about 1 would by luck and the usual spread."
        )
        assert say_funnel(funnel_of(WITHIN, tau=5.0)).endswith(
            "Their true scores usually spread by about 5 points."
        )

    def test_standardised_differences_are_told_as_such(self) -> None:
        """Above or below expected, adjusted for the mix."""
        rows: list[Row] = [("a", 800, 1.0, "within"), ("b", 812, -12.0, "below 99.8 %")]

        assert say_funnel(funnel_of(rows, standardised=True), length="short") == (
            "Adjusted for the mix of contacts, b lies below the 99.8 % limits "
            "(12 points below expected, 812 answers): more than luck."
        )

    def test_few_are_counted_not_judged(self) -> None:
        """Two teams with too few answers to judge are said."""
        rows: list[Row] = [*WITHIN, ("x", 12, 90.0, None), ("y", 3, -20.0, None)]

        assert say_funnel(funnel_of(rows)).endswith("2 more have too few answers to judge.")

    def test_only_few_is_said(self) -> None:
        """Nobody to judge."""
        rows: list[Row] = [("x", 12, 90.0, None), ("y", 3, -20.0, None)]

        assert say_funnel(funnel_of(rows)) == (
            "Too few answers to judge any of the 2 teams (12 at most)."
        )

    def test_one_group_has_nothing_to_stand_out_from(self) -> None:
        """Said, not drawn."""
        counts = pl.DataFrame({"team": ["a"], "score": [9], "n": [90]})

        assert say_funnel(estimate_funnel(counts, by=["team"])) == (
            "Only one group has answers: nothing to compare it with."
        )

    def test_groups_without_anything_in_common_are_said(self) -> None:
        """Each has its own kind of contact."""
        counts = pl.DataFrame({"team": ["a", "b"], "queue": ["x", "y"], "score": 9, "n": 90})
        standards = standardise_groups(counts, by=["team"], over=["queue"])

        assert say_funnel(estimate_funnel(standards, by=["team"])) == (
            "No two groups have the same kind of contacts: nothing to compare."
        )

    def test_other_columns_are_just_groups(self) -> None:
        """No plural is guessed."""
        assert say_funnel(funnel_of(WITHIN, by="employment")).startswith("All 11 groups lie")

    def test_facts_carry_the_numbers(self) -> None:
        """For the report that the sentence is in."""
        facts = say_funnel(funnel_of(FAR_OUT)).facts

        assert (13, 2, 1) == (facts["judged"], facts["outside_95"], facts["outside_99_8"])
        assert ["team 12"] == [group["group"] for group in facts["far_out"]]

    def test_a_missing_column_is_named(self) -> None:
        """With what the table has."""
        with pytest.raises(MissingColumnError, match="say_funnel\\(\\) needs the column 'place'"):
            say_funnel(funnel_of(WITHIN).drop("place"))

    def test_an_unknown_length_is_refused(self) -> None:
        """Whole or short."""
        with pytest.raises(OptionError, match="'whole', 'short'"):
            say_funnel(funnel_of(WITHIN), length="long")  # type: ignore[arg-type]

    @settings(max_examples=40)
    @given(count_tables(), st.sampled_from([0, 30]), st.sampled_from(["plain", "mixed"]))
    def test_reads_well_whatever_the_table(
        self, table: pl.DataFrame, min_n: int, kind: str
    ) -> None:
        """No leavings of a program, and every bracket closed."""
        standards = standardise_groups(table, by=["team"], over=["channel"], min_n=min_n)
        funnel = estimate_funnel(standards if kind == "mixed" else table, by=["team"], min_n=min_n)

        assert reads_well(say_funnel(funnel))
        assert reads_well(say_standards(standards))


class TestSayStandards:
    def test_one_that_differs_is_named(self) -> None:
        """By how much, how sure, and what is still in it."""
        assert say_standards(GAPS) == (
            "A scores 8 points more than its mix of contacts leads one to expect "
            "(3 to 13, 812 answers). Whatever else differs between groups is still in it."
        )

    def test_two_are_named_with_their_directions(self) -> None:
        """More and less, bounds without signs."""
        table = standards_of([("full-time", 900, 9.0, 0.01), ("part-time", 300, -18.0, 0.01)])

        assert say_standards(table, length="short") == (
            "Full-time scores 9 points more than its mix of contacts leads one to expect "
            "(4 to 14, 900 answers), part-time scores 18 points less (13 to 23, 300 answers)."
        )

    def test_many_are_counted(self) -> None:
        """And the farthest named."""
        table = standards_of([(f"t{k}", 900, 10.0 - 9 * k, 0.01) for k in range(4)])

        assert say_standards(table, by=["team"], length="short") == (
            "All 4 teams score other than their mix of contacts leads one to expect; "
            "farthest off is t3, 17 points less (12 to 22, 900 answers)."
        )

    def test_nothing_to_see_is_said(self) -> None:
        """No team can be told from what was expected of it."""
        table = standards_of([("a", 812, 2.0, 0.9), ("b", 790, -3.0, 0.6), ("c", 70, 1.0, 0.9)])

        assert say_standards(table) == (
            "Not one of the 3 teams can be told from what its mix of contacts leads one to expect; "
            "farthest off is b, 3 points less."
        )

    def test_one_group_among_few_is_told_with_its_interval(self) -> None:
        """An interval over zero has both directions."""
        table = standards_of([("a", 812, 1.0, 0.9), ("b", 7, 60.0, None)])

        assert say_standards(table) == (
            "A cannot be told from what its mix of contacts leads one to expect: "
            "1 point more (4 less to 6 more, 812 answers)."
        )

    def test_only_few_is_said(self) -> None:
        """Nobody to judge."""
        assert say_standards(standards_of([("a", 7, 60.0, None)])) == (
            "Too few answers to judge the only group (7 at most)."
        )

    def test_cannot_be_told_stands_beside_no_interval_that_tells(self) -> None:
        """The interval reaches zero where the test does not rule it out."""
        counts = pl.DataFrame(
            {"team": list("aaabbb"), "score": [3, 8, 10] * 2, "n": [3, 1, 36, 3, 7, 15]}
        )
        standards = standardise_groups(counts, by=["team"], over=[])

        assert say_standards(standards).endswith("13 points more (0 to 26, 40 answers).")

    def test_groups_without_anything_in_common_are_said(self) -> None:
        """A difference that is 0 by definition is not judged."""
        counts = pl.DataFrame({"team": ["a", "b"], "queue": ["x", "y"], "score": 9, "n": 90})
        standards = standardise_groups(counts, by=["team"], over=["queue"])

        assert say_standards(standards) == (
            "No two groups have the same kind of contacts: nothing to compare."
        )
        assert "nothing to compare" in words_of(draw_standards(standards))

    def test_one_always_alone_is_not_judged(self) -> None:
        """Two of three teams share their contacts."""
        counts = pl.DataFrame(
            {"team": ["a", "b", "c"], "queue": ["x", "x", "y"], "score": 9, "n": 90}
        )
        standards = standardise_groups(counts, by=["team"], over=["queue"])

        said = say_standards(standards)

        assert said.startswith("Neither of the two teams can be told")
        assert say_standards(standards).facts["judged"] == 2

    def test_what_is_sure_but_tiny_is_less_than_a_point(self) -> None:
        """Neither denied nor told as a difference of 0 points."""
        table = standards_of([("a", 10**9, 0.007, 0.0), ("b", 10**9, -0.007, 0.0)])

        assert say_standards(table) == (
            "Both teams score other than their mix of contacts leads one to expect, "
            "by less than a point."
        )

    def test_a_bound_above_nought_is_not_nought(self) -> None:
        """It can be told, and reads so."""
        table = standards_of([("a", 812, 5.3, 0.01), ("b", 790, -1.0, 0.6)])

        assert "(under 1 to 10, 812 answers)" in say_standards(table)

    def test_a_scale_that_is_not_0_to_10_is_said_of_differences(self) -> None:
        """A 1-10 scale is written next to every number."""
        said = say_standards(GAPS.with_columns(scale=pl.lit("1-10")))

        assert said.startswith("On a 1-10 scale, a scores 8 points more")


class TestDrawFunnel:
    def test_limits_dots_and_names_are_columns_of_the_table(self) -> None:
        """What is shown was estimated."""
        drawn = values_of(draw_funnel(funnel_of(FAR_OUT)))

        row = next(row for row in drawn if row.get("Group") == "team 12")
        half = 160 / np.sqrt(812)
        assert (812, 44.2) == (row["answers"], row["nps"])
        assert (30 - half, 30 + half) == (row["limit_low"], row["limit_high"])

    def test_limits_lie_under_the_dots(self) -> None:
        """Uncertainty first, the points on top."""
        marks = [
            layer["mark"]["type"] for layer in draw_funnel(funnel_of(ONE_OUT)).to_dict()["layer"]
        ]

        assert marks.index("area") < marks.index("point")

    def test_only_far_out_is_in_the_full_accent(self) -> None:
        """Between the limits a lighter one, within them grey."""
        fills = {
            layer["mark"]["fill"]: layer["mark"]["size"]
            for layer in draw_funnel(funnel_of(FAR_OUT)).to_dict()["layer"]
            if layer["mark"]["type"] == "point"
        }

        assert 3 == len(fills)
        assert ACCENT not in json.dumps(draw_funnel(funnel_of(WITHIN)).to_dict()["layer"])

    def test_few_are_hollow_and_never_named(self) -> None:
        """However far out they lie."""
        rows: list[Row] = [
            ("a", 40, 30.0, "within"),
            ("b", 60, 30.0, "within"),
            ("x", 20, 98.0, None),
        ]
        chart = draw_funnel(funnel_of(rows))

        assert "few" in {row.get("look") for row in values_of(chart)}
        assert [] == names_on(chart)
        assert "Hollow: too few answers to judge." in words_of(chart)

    def test_very_few_are_left_out_and_counted(self) -> None:
        """Three answers would push all others to the right."""
        chart = draw_funnel(funnel_of([*WITHIN, ("x", 3, 98.0, None), ("y", 0, None, None)]))

        assert "x" not in {row.get("Group") for row in values_of(chart)}
        assert "Not drawn: 2 with too few answers" in words_of(chart)

    def test_those_outside_are_named_up_to_eight(self) -> None:
        """The farthest first."""
        rows: list[Row] = [
            (f"out {k:02}", 100 + 60 * k, 60.0 + k % 3, "above 99.8 %") for k in range(12)
        ]

        names = names_on(draw_funnel(funnel_of([*WITHIN, *rows])))

        assert 0 < len(names) <= MOST_NAMES
        assert all(name.startswith("out") for name in names)

    def test_a_wide_range_of_answers_has_a_logarithmic_axis(self) -> None:
        """From 30 to 9,000 answers."""
        rows: list[Row] = [("a", 30, 30.0, "within"), ("b", 9000, 30.0, "within")]

        assert "a multiple" in words_of(draw_funnel(funnel_of(rows)))
        assert "a multiple" not in words_of(draw_funnel(funnel_of(WITHIN)))

    def test_groups_of_one_size_stand_on_one_line(self) -> None:
        """Their limits are a bar."""
        rows: list[Row] = [("a", 200, 30.0, "within"), ("b", 200, 33.0, "within")]
        marks = {layer["mark"]["type"] for layer in draw_funnel(funnel_of(rows)).to_dict()["layer"]}

        assert "area" not in marks

    def test_what_the_limits_allow_for_is_in_the_note(self) -> None:
        """Luck, or luck and the usual spread."""
        assert "what luck alone would do" in words_of(draw_funnel(funnel_of(WITHIN)))
        assert "usual spread of true scores (4.7 points)" in words_of(
            draw_funnel(funnel_of(WITHIN, tau=4.7))
        )

    def test_a_cause_is_never_claimed(self) -> None:
        """Outside is worth a look."""
        assert "does not say why" in words_of(draw_funnel(funnel_of(FAR_OUT)))

    def test_nothing_to_compare_is_said(self) -> None:
        """A quiet placeholder with the reason."""
        counts = pl.DataFrame({"team": ["a"], "score": [9], "n": [90]})
        chart = draw_funnel(estimate_funnel(counts, by=["team"]))

        assert "Only one group has answers" in words_of(chart)

    def test_a_title_that_is_given_is_used(self) -> None:
        """The finding is ours only where none is given."""
        chart = draw_funnel(funnel_of(WITHIN), title="A title", subtitle="Q3", note="A source.")

        assert ["A title"] == chart.to_dict()["title"]["text"]
        assert "A source." in words_of(chart)

    def test_a_missing_column_is_named(self) -> None:
        """With what the table has."""
        with pytest.raises(MissingColumnError, match="needs the column 'tau'"):
            draw_funnel(funnel_of(WITHIN).drop("tau"))

    @settings(max_examples=25)
    @given(count_tables(), st.sampled_from([0, 30]))
    def test_draws_whatever_the_table(self, table: pl.DataFrame, min_n: int) -> None:
        """No crash, and no number that is none."""
        standards = standardise_groups(table, by=["team"], over=["channel"], min_n=min_n)

        for chart in (
            draw_funnel(estimate_funnel(table, by=["team"], min_n=min_n)),
            draw_funnel(estimate_funnel(standards, by=["team"])),
            draw_standards(standards),
        ):
            assert "NaN" not in json.dumps(chart.to_dict())


class TestDrawStandards:
    def order(self, chart: alt.LayerChart) -> list[str]:
        """Give the names of the groups from the top."""
        rows = {row["place"]: row["Group"] for row in values_of(chart) if "Group" in row}
        return [rows[place] for place in sorted(rows)]

    def test_the_farthest_above_comes_first_and_few_last(self) -> None:
        """Sixty points of seven answers are not ranked."""
        table = pl.concat([GAPS, standards_of([("x", 7, 60.0, None)])])

        assert ["a", "b", "c", "x"] == self.order(draw_standards(table))

    def test_only_those_told_from_expected_are_in_the_accent(self) -> None:
        """After all comparisons, not by their interval."""
        looks = {
            row["Group"]: row["look"] for row in values_of(draw_standards(GAPS)) if "look" in row
        }

        assert {"a": "accent", "b": "quiet", "c": "quiet"} == looks
        assert "after 3 comparisons" in words_of(draw_standards(GAPS))

    def test_past_twelve_the_first_and_the_last_six_are_drawn(self) -> None:
        """Those between are counted."""
        table = standards_of([(f"t{k:02}", 900, 15.0 - k, 0.5) for k in range(30)])
        chart = draw_standards(table)

        assert [f"t{k:02}" for k in (*range(6), *range(24, 30))] == self.order(chart)
        assert "… 18 others between −8 and +9" in {row.get("between") for row in values_of(chart)}

    def test_answers_without_company_are_in_the_note(self) -> None:
        """They show no difference."""
        chart = draw_standards(standards_of([("a", 812, 0.0, 0.9), ("b", 90, 1.0, 0.9)], n_alone=5))

        assert "10 answers of a kind that no other group has" in words_of(chart)

    def test_it_is_no_cause(self) -> None:
        """Said under every picture."""
        assert "a difference, not its cause" in words_of(draw_standards(GAPS))

    def test_nothing_to_see_is_said(self) -> None:
        """A quiet placeholder with the reason."""
        assert "No answer here counts." in words_of(
            draw_standards(standards_of([("a", 0, None, None)]))
        )


class TestBoth:
    @pytest.mark.parametrize("version", ["5.8", "6.4"])
    @pytest.mark.parametrize(
        "chart",
        [
            draw_funnel(funnel_of(FAR_OUT)),
            draw_funnel(funnel_of(FAR_OUT, standardised=True, tau=3.0)),
            draw_funnel(funnel_of([("a", 30, 30.0, "within"), ("b", 9000, 31.0, "within")])),
            draw_funnel(funnel_of([("a", 200, 30.0, "within"), ("b", 200, 31.0, "within")])),
            draw_standards(GAPS),
        ],
        ids=["funnel", "standardised", "wide", "one size", "standards"],
    )
    def test_both_vega_lites_draw_it(self, chart: alt.LayerChart, version: str) -> None:
        """JupyterLab carries Vega-Lite 5, the report page Vega-Lite 6."""
        svg = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=version)

        assert svg.startswith("<svg")
        assert "NaN" not in svg

    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_hostile_name_is_never_part_of_an_expression(self, name: str) -> None:
        """Names are data and words; the only expressions are the kit's own."""
        rows: list[Row] = [*WITHIN, (name, 900, 80.0, "above 99.8 %")]
        for chart in (
            draw_funnel(funnel_of(rows)),
            draw_standards(standards_of([(name, 90, 9.0, 0.01)])),
        ):
            text = json.dumps(chart.to_dict()["layer"])

            assert '"expr"' not in text
            assert {"datum.value > 0 ? '+' + datum.label : datum.label"} == set(
                find_all(chart.to_dict(), "labelExpr")
            )


def find_all(node: object, key: str) -> list[str]:
    """Collect the values of a key anywhere in a spec."""
    if isinstance(node, list):
        return [found for inner in node for found in find_all(inner, key)]
    if not isinstance(node, dict):
        return []
    mine = [node[key]] if isinstance(node.get(key), str) else []
    return mine + [found for inner in node.values() for found in find_all(inner, key)]


class TestPlaceName:
    def test_stands_to_the_right_where_it_can(self) -> None:
        """Beside its dot."""
        name, box = place_name("team", x=100, y=50, size=12, taken=[]) or pytest.fail("no place")

        assert ("left", True) == (name.align, box.left > 100)

    def test_makes_way_for_another_dot(self) -> None:
        """To the left where the right is taken."""
        found = place_name("team", x=100, y=50, size=12, taken=[box_around(112, 50, reach=4)])

        assert found is not None
        assert "right" == found[0].align

    def test_gives_up_where_all_is_taken(self) -> None:
        """Rather than be written over something."""
        everywhere = box_around(100, 50, reach=200)

        assert place_name("team", x=100, y=50, size=12, taken=[everywhere]) is None

    def test_never_leaves_the_picture(self) -> None:
        """A long name at the right edge is written to the left of its dot."""
        text = "a very long name"
        found = place_name(text, x=660, y=50, size=12, taken=[])

        assert found is not None
        assert found[1].right < 660
        assert found[1].right - found[1].left >= measure(text, size=12)
