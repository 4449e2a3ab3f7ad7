# ruff: noqa: RUF001 - the true minus sign is part of the promise
import json
from typing import Any

import altair as alt
import polars as pl
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.segments.shrinkage import shrink_groups
from nps_kit.stats.segments.standards import standardise_groups
from nps_kit.views.charts.ranks import NOT_DRAWN, draw_ranks
from nps_kit.views.charts.shrinkage import draw_shrinkage
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.shrinkage import say_shrinkage

DRAWINGS = (draw_shrinkage, draw_ranks)


def shrunk_of(
    rows: list[tuple[Any, ...]],
    *,
    by: str = "team",
    detected: bool = True,
    spread: tuple[float, float, float] | None = (5.0, 3.0, 8.0),
    k: int = 1,
    **context: str,
) -> pl.DataFrame:
    """Make a table of shrunken scores from (key, n, raw, shrunk, best, worst) rows."""
    count = len(rows)
    made = [
        {
            by: key,
            "n": n,
            "nps": raw,
            "shrunk": shrunk,
            "low": None if shrunk is None else max(-100.0, shrunk - 8),
            "high": None if shrunk is None else min(100.0, shrunk + 8),
            "level": 0.95,
            "chance_best": best,
            "chance_worst": worst,
            "k": k,
            "rank_low": None if best is None else 1,
            "rank_high": None if best is None else count,
            "few": n < 30,
            "centre": None if shrunk is None else 30.0,
            **dict(
                zip(("spread", "spread_low", "spread_high"), spread or (None,) * 3, strict=True)
            ),
            "detected": detected,
            "p_value": 0.01,
        }
        for key, n, raw, shrunk, best, worst in rows
    ]
    schema = {"chance_best": pl.Float64, "chance_worst": pl.Float64, "rank_low": pl.Int64}
    table = pl.DataFrame(made, infer_schema_length=None, schema_overrides=schema, strict=False)
    return table.with_columns(**{name: pl.lit(value) for name, value in context.items()})


TEAMS = shrunk_of(
    [
        ("a", 90, 52.0, 41.0, 0.71, 0.02),
        ("b", 80, 31.0, 30.6, 0.15, 0.18),
        ("c", 120, 14.0, 21.0, 0.03, 0.62),
        ("d", 12, 75.0, 37.0, 0.11, 0.18),
    ]
)
ALIKE = TEAMS.with_columns(detected=pl.lit(value=False), spread_low=0.0)
MANY = shrunk_of(
    [
        (
            f"agent_{k:04}",
            90,
            60.0 - k,
            40.0 - k / 2,
            0.9 if k == 0 else 0.1,
            0.9 if k == 39 else 0.1,
        )
        for k in range(40)
    ],
    by="agent_id",
    k=4,
)
STANDARDISED = TEAMS.with_columns(
    expected=pl.lit(30.0),
    change=pl.col("nps") - 30,
    centre=pl.lit(0.4),
    shrunk=pl.col("shrunk") - 30,
    low=pl.col("low") - 30,
    high=pl.col("high") - 30,
)


def values_of(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def title_of(chart: alt.LayerChart) -> str:
    """Join the lines of a chart's title."""
    return " ".join(chart.to_dict()["title"]["text"])


class TestSayShrinkage:
    def test_a_spread_is_said_with_its_interval_and_who_is_at_an_end(self):
        """How far they differ, and who is likely first or last."""
        assert say_shrinkage(TEAMS) == (
            "Teams differ: the spread between them is about 5 points (3 to 8). More likely than "
            "not the highest: a (a chance of 71 %); the lowest: c (a chance of 62 %)."
        )

    def test_nothing_detected_is_said_with_what_could_be(self):
        """No difference found is not no difference."""
        assert say_shrinkage(ALIKE) == (
            "Of 4 teams none can be told from the others: the spread between them could be up to "
            "8 points."
        )

    def test_two_groups_are_the_two(self):
        """Neither can be told from the other."""
        assert say_shrinkage(ALIKE.head(2)).startswith("The two teams cannot be told apart: the")

    def test_differences_are_adjusted_for_the_mix(self):
        """What was standardised is said to be."""
        said = say_shrinkage(STANDARDISED)

        assert said.startswith("Adjusted for the mix of contacts, teams differ: the spread")

    def test_nobody_likely_at_an_end_is_said(self):
        """A spread there is, but the order is mostly luck."""
        table = TEAMS.with_columns(chance_best=pl.lit(0.25), chance_worst=pl.lit(0.25))

        assert say_shrinkage(table).endswith(
            "Not one is more likely than not the highest or the lowest: their order is mostly luck."
        )

    def test_few_answers_are_never_named(self):
        """Twelve answers are no ground for a verdict, whatever the chance."""
        table = TEAMS.with_columns(chance_best=pl.Series([0.1, 0.1, 0.1, 0.9]))

        assert "d (" not in say_shrinkage(table)

    def test_a_chance_counted_in_draws_is_never_certain(self):
        """All draws are not all there is."""
        table = TEAMS.with_columns(chance_best=pl.Series([1.0, 0.0, 0.0, 0.0]))

        assert "a (a chance of over 99 %)" in say_shrinkage(table)

    def test_many_are_counted(self):
        """Past three names the number is enough."""
        table = MANY.with_columns(chance_best=pl.lit(0.6))

        assert "More likely than not among the 4 highest: 40 agents;" in say_shrinkage(table)

    def test_up_to_three_are_named_at_an_end(self):
        """Three of "the 3 highest" are no number but names."""
        table = shrunk_of([(f"t{k}", 90, 30.0, 30.0, 0.6, 0.1) for k in range(3)] * 2, k=3)
        table = table.with_columns(chance_best=pl.Series([0.6] * 3 + [0.4] * 3))

        assert "the 3 highest: t0 (a chance of 60 %), t1 (" in say_shrinkage(table)

    @pytest.mark.parametrize(
        ("best", "worst", "said"),
        [
            (5, 2, "among the 4 highest: 5 agents; among the 4 lowest: 2 agents."),
            (0, 1, "among the 4 lowest: 1 of the agents."),
            (2, 4, "among the 4 highest: 2 agents; among the 4 lowest: 4 agents."),
        ],
    )
    def test_the_lowest_people_are_never_pointed_at_alone(self, best, worst, said):
        """At both ends or at neither: else it is a leaderboard."""
        table = MANY.with_columns(
            chance_best=pl.Series([0.6] * best + [0.1] * (40 - best)),
            chance_worst=pl.Series([0.1] * (40 - worst) + [0.6] * worst),
        )

        assert say_shrinkage(table).endswith(f"More likely than not {said}")
        assert ACCENT not in json.dumps(draw_shrinkage(table).to_dict()["layer"])
        assert ACCENT not in json.dumps(draw_ranks(table).to_dict()["layer"])

    def test_few_people_at_both_ends_are_named(self):
        """One at either end of forty."""
        said = say_shrinkage(MANY)

        assert "highest: agent_0000 (a chance of 90 %); among the 4 lowest: agent_0039" in said

    def test_what_too_few_answers_hide_is_not_called_luck(self):
        """The likeliest has too few answers to be named: the order is not said to be luck."""
        table = TEAMS.with_columns(
            chance_best=pl.Series([0.1, 0.1, 0.1, 0.9]), chance_worst=pl.lit(0.25)
        )

        assert say_shrinkage(table).endswith(
            "Of those with answers enough not one is more likely than not the highest or the "
            "lowest."
        )

    def test_where_all_have_too_few_answers_it_is_said(self):
        """Nobody is named, and nothing is called luck."""
        counts = pl.DataFrame(
            {
                "team": list("aaabbbcccddd"),
                "score": [3, 8, 10] * 4,
                "n": [0, 0, 29, 25, 2, 2, 12, 5, 12, 12, 4, 13],
            }
        )

        assert say_shrinkage(shrink_groups(counts, by=["team"])).endswith(
            "All have too few answers to say who is at an end."
        )

    def test_a_lower_bound_is_not_nought_where_groups_differ(self):
        """A spread that is there does not read as if it might not be."""
        table = TEAMS.with_columns(spread_low=pl.lit(0.3), spread_high=pl.lit(65.0))

        assert "about 5 points (under 1 to 65)." in say_shrinkage(table)

    def test_a_scale_that_is_not_0_to_10_is_said(self):
        """A 1-10 scale is written next to every number."""
        table = TEAMS.with_columns(scale=pl.lit("1-10"))
        both = STANDARDISED.with_columns(scale=pl.lit("1-10"))

        assert say_shrinkage(table).startswith("On a 1-10 scale, teams differ: ")
        assert say_shrinkage(both).startswith(
            "Adjusted for the mix of contacts and on a 1-10 scale, teams differ: "
        )

    def test_groups_without_anything_in_common_are_said(self):
        """Each has its own kind of contact: they are not called alike."""
        counts = pl.DataFrame({"team": ["a", "b"], "queue": ["x", "y"], "score": 9, "n": 90})
        standards = standardise_groups(counts, by=["team"], over=["queue"])
        shrunk = shrink_groups(standards, by=["team"])

        assert say_shrinkage(shrunk) == (
            "No two groups have the same kind of contacts: nothing to compare."
        )
        assert "nothing to compare" in json.dumps(draw_ranks(shrunk).to_dict())

    def test_a_group_always_alone_is_not_counted(self):
        """Of three teams two can be compared, and they are the two."""
        counts = pl.DataFrame(
            {"team": ["a", "b", "c"], "queue": ["x", "x", "y"], "score": 9, "n": 90}
        )
        standards = standardise_groups(counts, by=["team"], over=["queue"])
        shrunk = shrink_groups(standards, by=["team"])

        assert "the two teams cannot be told apart" in say_shrinkage(shrunk)
        assert "1 with contacts that no other" in json.dumps(draw_shrinkage(shrunk).to_dict())

    def test_without_draws_nothing_is_said_of_ends(self):
        """What was not drawn is not told."""
        none = pl.lit(None, pl.Float64)
        table = TEAMS.with_columns(chance_best=none, chance_worst=none)

        assert say_shrinkage(table) == say_shrinkage(TEAMS, length="short")

    def test_one_group_has_nothing_beside_it(self):
        """There is no spread of one."""
        table = shrunk_of([("a", 90, 52.0, 41.0, 1.0, 1.0)], spread=None, detected=False)

        assert say_shrinkage(table) == "Only one group has answers: nothing to compare it with."

    def test_no_answers_are_said(self):
        """Nothing to see is said plainly."""
        table = shrunk_of([("a", 0, None, None, None, None)], spread=None, detected=False)

        assert say_shrinkage(table) == "No answer here counts."
        assert say_shrinkage(table.clear()) == "No answer here counts."

    def test_a_small_spread_is_not_nought_points(self):
        """Less than a point is said as such."""
        table = ALIKE.with_columns(spread_high=pl.lit(0.2))

        assert say_shrinkage(table).endswith("could be up to 1 point.")

    def test_facts_are_the_numbers_in_it(self):
        """A report can carry the numbers without reading prose."""
        facts = say_shrinkage(TEAMS).facts

        assert (4, 1, True, 5.0) == tuple(facts[n] for n in ("groups", "few", "detected", "spread"))
        assert facts["highest"][0]["group"] == "a"
        assert facts["highest"][0]["chance"] == 0.71

    @given(
        st.lists(
            st.tuples(
                st.one_of(st.none(), st.text("abc ", max_size=40)),
                st.integers(0, 300),
                st.one_of(st.none(), st.floats(-100, 100)),
                st.one_of(st.none(), st.floats(-100, 100)),
                st.one_of(st.none(), st.floats(0, 1)),
                st.one_of(st.none(), st.floats(0, 1)),
            ),
            max_size=6,
        ),
        st.booleans(),
    )
    def test_reads_well_whatever_the_table(self, rows, detected):
        """Never the leavings of a program."""
        said = say_shrinkage(shrunk_of(rows, detected=detected)) if rows else "Nothing."

        assert not any(word in said for word in ("nan", "None", "null", "  ", "()"))
        assert said.endswith(".")

    def test_length_is_one_of_its_choices(self):
        """The choices are named."""
        with pytest.raises(OptionError, match="It takes one of: 'whole', 'short'"):
            say_shrinkage(TEAMS, length="long")  # type: ignore[arg-type]

    def test_a_missing_column_is_named(self):
        """A plain estimate is no shrunken one."""
        with pytest.raises(MissingColumnError, match=r"say_shrinkage\(\) needs the column 'shr"):
            say_shrinkage(TEAMS.drop("shrunk"))


class TestDrawShrinkage:
    def test_shows_raw_and_shrunken_score_with_the_interval(self):
        """What is shown is what was estimated."""
        rows = [row for row in values_of(draw_shrinkage(TEAMS)) if row.get("raw") == 52.0]

        assert {41.0} == {row["shrunk"] for row in rows}
        assert (33.0, 49.0) == (rows[0]["low"], rows[0]["high"])

    def test_the_highest_comes_first_and_few_last(self):
        """The seventy-five of twelve answers are not put on top."""
        named = {
            row["place"]: row["Group"] for row in values_of(draw_shrinkage(TEAMS)) if "place" in row
        }

        assert ["a", "b", "c", "d"] == [named[place] for place in sorted(named)]

    def test_names_the_centre(self):
        """The line that all are drawn towards."""
        assert "centre +30" in json.dumps(draw_shrinkage(TEAMS).to_dict())

    def test_the_title_is_the_finding(self):
        """A busy lead reads the title and knows."""
        assert title_of(draw_shrinkage(ALIKE)) == say_shrinkage(ALIKE).removesuffix(".")

    def test_who_is_in_the_accent_is_told(self):
        """The note says why a name is marked; nobody is where nothing is detected."""
        assert "a (a chance of 71 %)" in json.dumps(draw_shrinkage(TEAMS).to_dict())
        assert ACCENT not in json.dumps(draw_shrinkage(ALIKE).to_dict()["layer"])

    def test_many_stand_side_by_side(self):
        """Forty agents are forty bars, of which the marked one has its name."""
        chart = draw_shrinkage(MANY)

        bars = {row["place"] for row in values_of(chart) if "place" in row}
        assert set(range(40)) == bars
        layers = json.dumps(chart.to_dict()["layer"])
        assert "agent_0000" in layers
        assert "agent_0005" not in layers
        assert "Each bar is one of 40 agents, the highest first." in layers

    def test_very_many_are_thinned_evenly(self):
        """A thousand bars are no picture: two hundred are, the first and the last among them."""
        table = shrunk_of(
            [(f"{k:04}", 90, 50 - k / 20, 40 - k / 25, 0.1, 0.1) for k in range(1000)]
        )

        names = {row["Group"] for row in values_of(draw_shrinkage(table)) if "Group" in row}
        assert 200 == len(names)
        assert {"0000", "0999"} <= names

    def test_differences_are_drawn_around_expected(self):
        """What was standardised is drawn as a difference."""
        subtitle = draw_shrinkage(STANDARDISED).to_dict()["title"]["subtitle"]

        assert "Difference from expected" in subtitle[0]


class TestDrawRanks:
    def test_shows_the_interval_of_the_rank_and_the_chances(self):
        """A bar from half a rank before to half a rank after, and both chances at the right."""
        first = next(row for row in values_of(draw_ranks(TEAMS)) if row.get("Group") == "a")

        assert (0.5, 4.5) == (first["from"], first["to"])
        assert ("1 to 4", "71 %", "2 %") == (first["True rank"], first["Highest"], first["Lowest"])

    def test_few_answers_are_told_no_chance(self):
        """They are faint, last, and not ranked."""
        last = next(row for row in values_of(draw_ranks(TEAMS)) if row.get("Group") == "d")

        assert (3, "faint", "–", "–") == (
            last["place"],
            last["look"],
            last["Highest"],
            last["Lowest"],
        )

    def test_the_middle_is_left_out_where_there_are_many(self):
        """The first and the last six, and where the others lie."""
        rows = values_of(draw_ranks(MANY))

        assert 12 == len({row["Group"] for row in rows if "Group" in row})
        assert ["… 28 others, between rank 1 and 40"] == [
            row["between"] for row in rows if "between" in row
        ]

    def test_without_draws_it_says_so(self):
        """And how to have them."""
        none = pl.lit(None, pl.Float64)
        table = TEAMS.with_columns(
            chance_best=none, chance_worst=none, rank_low=none, rank_high=none
        )

        assert NOT_DRAWN.split(":")[0] in json.dumps(draw_ranks(table).to_dict())


class TestBoth:
    @pytest.mark.parametrize("draw", DRAWINGS)
    @pytest.mark.parametrize(
        "table", [TEAMS, ALIKE, MANY, STANDARDISED, TEAMS.clear(), TEAMS.head(1), TEAMS.head(2)]
    )
    @pytest.mark.parametrize("version", ["5_21", "6_1"])
    def test_is_valid_in_vega_lite(self, draw, table, version):
        """Drawn by the browser's version and by the newest."""
        vega = vl_convert.vegalite_to_svg(draw(table).to_dict(), vl_version=version)

        assert vega.startswith("<svg")

    @pytest.mark.parametrize("draw", DRAWINGS)
    def test_hostile_names_stay_data(self, draw):
        """A name never becomes part of a program."""
        table = shrunk_of([(name, 90, 30.0, 30.0, 0.9, 0.1) for name in HOSTILE])

        spec = draw(table).to_dict()

        for layer in spec["layer"]:
            written = json.dumps({key: layer[key] for key in layer if key not in ("data", "mark")})
            assert "alert" not in written
        assert "<svg" in vl_convert.vegalite_to_svg(spec)[:400]

    @pytest.mark.parametrize("draw", DRAWINGS)
    def test_a_key_that_is_never_recorded_is_said(self, draw):
        """An all-null column is no group."""
        table = TEAMS.with_columns(team=pl.lit(None, pl.String))

        assert "No team is recorded in this data." in json.dumps(draw(table).to_dict())

    @pytest.mark.parametrize("draw", DRAWINGS)
    def test_survey_and_scale_are_in_the_subtitle(self, draw):
        """A 1-10 scale is written next to every number."""
        table = TEAMS.with_columns(survey=pl.lit("relational"), scale=pl.lit("1-10"))

        subtitle = " ".join(draw(table, subtitle="Q3").to_dict()["title"]["subtitle"])
        assert subtitle == "Q3; relational answers, 1-10 scale"

    @pytest.mark.parametrize("draw", DRAWINGS)
    def test_a_title_of_ones_own_takes_the_place(self, draw):
        """And then nothing is in the accent, since nobody is spoken of."""
        chart = draw(TEAMS, title="Our teams.")

        assert title_of(chart) == "Our teams"
        assert ACCENT not in json.dumps(chart.to_dict()["layer"])
