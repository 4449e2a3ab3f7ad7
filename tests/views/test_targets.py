import json
from datetime import date
from typing import Any

import altair as alt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.views.charts.targets import draw_targets
from nps_kit.views.sentences.increases import say_increase
from nps_kit.views.sentences.targets import say_targets, write_chance

NEXT = date(2026, 10, 1)
STATUS = pl.Enum(["likely", "open", "unlikely", "not judged"])


def prospect(
    key: object,
    *,
    n: int = 200,
    nps: float | None = 30.0,
    target: float | None = 35.0,
    chance: float | None = 0.4,
    status: str = "open",
) -> dict[str, Any]:
    """Make one row of a target table."""
    known = nps is not None
    score = 0.0 if nps is None else nps
    return {
        "touchpoint": key,
        "n": n,
        "nps": nps,
        "low": max(-100.0, score - 10) if known else None,
        "high": min(100.0, score + 10) if known else None,
        "period": NEXT,
        "n_next": n,
        "periods": 12,
        "tau": 3.0,
        "expected": score,
        "predicted_low": max(-100.0, score - 20),
        "predicted_high": min(100.0, score + 20),
        "realistic_low": max(-100.0, score - 8),
        "realistic_high": min(100.0, score + 8),
        "noise": 17.2,
        "target_nps": target,
        "chance_reached": chance,
        "chance_true": None if chance is None else chance / 2,
        "fair_nps": target,
        "chance_missed_by_luck": None if target is None else 0.5,
        "status": status if n >= 30 else "not judged",
        "level": 0.95,
        "few": n < 30,
    }


def targets_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make a target table."""
    return pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={"status": STATUS, "target_nps": pl.Float64},
    )


def plan_of(*rows: tuple[str, float, float | None, str | None]) -> pl.DataFrame:
    """Make a table of plans from (group, score, points, reason)."""
    table = targets_of(*(prospect(key, nps=nps) for key, nps, _, _ in rows))
    return table.with_columns(
        increase=pl.lit(0.1),
        increase_points=pl.Series([points for _, _, points, _ in rows], dtype=pl.Float64),
        increase_target=pl.Series(
            [None if points is None else nps + points for _, nps, points, _ in rows],
            dtype=pl.Float64,
        ),
        reason=pl.Series([reason for *_, reason in rows], dtype=pl.String),
    )


SIX = targets_of(
    prospect("billing", target=10, chance=0.93, status="likely"),
    prospect("claims", nps=-8.0, target=30, chance=0.02, status="unlikely"),
    prospect("onboarding", chance=0.45),
    prospect("renewal", chance=0.5),
    prospect("tiny", n=12, chance=0.3),
    prospect("untargeted", target=None, chance=None, status="not judged"),
)


class TestSayTargets:
    def test_one_target(self):
        """The chance, and what luck alone does at the target."""
        said = say_targets(targets_of(prospect("billing", chance=0.12)))

        assert said == (
            "Billing will reach its target of +35 in October 2026 with a chance of 12 %. Even at "
            "a true score of +35, luck alone misses it every other month."
        )

    def test_many_targets(self):
        """How many are likely, how many are luck, how many are not: those few by name."""
        said = say_targets(SIX)

        assert said == (
            "Of 5 targets for October 2026, 1 is likely to be reached (billing 93 %), 2 are open "
            "to luck (onboarding 45 %, renewal 50 %), 1 is unlikely (claims 2 %) and 1 not judged "
            "(too few answers). Even a group that truly stands at its target misses it by luck "
            "alone every other month."
        )

    def test_none_is_likely(self):
        """That none is likely is said, not left out."""
        said = say_targets(targets_of(*(prospect(name) for name in "abcd")), every="quarter")

        assert said == (
            "Of 4 targets for Q4 2026, none is likely to be reached and 4 are open to luck. Even "
            "a group that truly stands at its target misses it by luck alone every other quarter."
        )

    def test_a_title_leaves_luck_out(self):
        """Above a picture the first sentence stands alone."""
        assert "Even" not in say_targets(SIX, length="short")

    def test_without_targets_the_realistic_ones_are_said(self):
        """No target: what would be realistic, and what realistic means."""
        table = targets_of(prospect("billing", target=None, chance=None, status="not judged"))

        assert say_targets(table) == (
            "No target is set. A realistic target for billing in October 2026 lies between +22, "
            "reached four times in five, and +38, reached once in five."
        )

    def test_without_targets_groups_run_from_lowest_to_highest(self):
        """Several groups: the lowest and the highest of them."""
        rows = [prospect(k, nps=v, target=None, chance=None) for k, v in {"a": 10, "b": 50}.items()]

        assert say_targets(targets_of(*rows)) == (
            "No target is set. Realistic targets for October 2026, reached between four times in "
            "five and once in five, run from a (2 to 18) to b (42 to 58)."
        )

    def test_a_plan_does_not_deny_targets(self):
        """A table of plans knows of no targets, and does not say that none is set."""
        plan = plan_of(("billing", 40.0, 4.0, None)).drop("target_nps", "chance_reached", "status")

        assert say_targets(plan).startswith("A realistic target for billing in October 2026")

    def test_groups_that_nobody_named(self):
        """Where no touchpoint is recorded, there is none to judge."""
        table = targets_of(prospect(None)).cast({"touchpoint": pl.String})

        assert "No touchpoint is recorded in this data." == say_targets(table)

    def test_a_fair_group_may_be_the_average(self):
        """Where all are held to one another, the fair group is as good as all together."""
        table = SIX.with_columns(fair_nps=29.8, chance_missed_by_luck=pl.lit(0.62))

        assert "A group as good as all together (+30) would miss in 6 months of 10 by luck." in (
            say_targets(table)
        )

    def test_far_from_all_targets_luck_is_told_for_each_end(self):
        """Never and always are not run together into "0 to 10"."""
        missed = pl.Series([0.0, 1.0, 0.5, 0.5, 0.5, None])
        table = SIX.with_columns(fair_nps=29.8, chance_missed_by_luck=missed)

        assert (
            "A group as good as all together (+30) would miss the easiest target in hardly any "
            "month, and the hardest in nearly every month."
        ) in say_targets(table)

    def test_where_none_can_be_judged_luck_is_silent(self):
        """No verdict, and nothing after it."""
        assert say_targets(targets_of(prospect("a", n=9), prospect("b", n=9))) == (
            "Not one of the 2 targets for October 2026 can be judged: too few answers."
        )

    def test_the_highest_target_has_no_chance(self):
        """+100 is told for what it asks, without luck."""
        assert say_targets(targets_of(prospect("a", target=100, chance=None))) == (
            "A would reach its target of +100 in October 2026 only if every answer were a promoter."
        )

    def test_a_day_is_on(self):
        """On a day, not in one."""
        said = say_targets(targets_of(prospect("a")).with_columns(period=NEXT), every="day")

        assert "on 1 October 2026 with a chance" in said

    @pytest.mark.parametrize("table", [SIX, SIX[:1], SIX[5:]])
    def test_another_scale_is_said(self, table):
        """1-10 is written wherever it is not 0-10."""
        assert "on a 1-10 scale" in say_targets(table.with_columns(scale=pl.lit("1-10")))

    def test_few_answers_are_said(self):
        """One group with few answers: the chance, and that it is no verdict."""
        said = say_targets(targets_of(prospect("billing", n=12)))

        assert "with a chance of 40 % (12 answers so far: too few to judge)." in said

    def test_facts_are_the_chances(self):
        """The chances travel with the sentence."""
        assert 0.93 == say_targets(SIX).facts["chances"]["billing"]

    @pytest.mark.parametrize(
        "table",
        [
            SIX.clear(),
            SIX.with_columns(
                pl.col("^(predicted|realistic|chance).*$") * None,
                target_nps=pl.lit(None, pl.Float64),
            ),
        ],
    )
    def test_nothing_to_look_ahead_from(self, table):
        """An empty table, or one without any history."""
        assert "No group has a history to look ahead from." == say_targets(table)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a", None, *HOSTILE]),
                st.integers(0, 500),
                st.one_of(st.none(), st.floats(-100, 100)),
                st.one_of(st.none(), st.floats(0, 1)),
            ),
            max_size=6,
        )
    )
    def test_never_prints_a_null(self, rows):
        """Whatever the table: no None, no nan, and a full stop."""
        table = targets_of(
            *(
                prospect(key, n=n, nps=nps, target=None if chance is None else 20.0, chance=chance)
                for key, n, nps, chance in rows
            )
        )
        if not rows:
            table = SIX.clear()

        said = say_targets(table)

        assert not any(word in said.split() for word in ("None", "nan", "null"))
        assert said.endswith(".")

    def test_another_table_is_refused(self):
        """The error names what is missing."""
        with pytest.raises(MissingColumnError, match="'period', which is not in `targets`"):
            say_targets(pl.DataFrame({"n": [1]}))

    def test_a_length_is_one_of_two(self):
        """The error lists both."""
        with pytest.raises(OptionError, match="'whole', 'short'"):
            say_targets(SIX, length="long")


class TestSayIncrease:
    def test_one_group(self):
        """Points, the score they lead to, and what chance does beside them."""
        assert say_increase(plan_of(("billing", 40.0, 4.0, None))) == (
            "10 % more is 4 points at billing (to +44). Chance alone moves it by up to 17 points "
            "from one month to the next."
        )

    def test_several_groups_and_those_refused(self):
        """A percentage of a score below zero is refused by name."""
        plan = plan_of(
            ("billing", 40.0, 4.0, None),
            ("onboarding", 60.0, 6.0, None),
            ("claims", -8.0, None, "the score is below zero: a percentage more is a fall"),
        )

        assert say_increase(plan, every="quarter") == (
            "10 % more is 4 to 6 points, depending on the group. Chance alone moves a score by up "
            "to 17 points from one quarter to the next; for claims a percentage means nothing."
        )

    def test_nothing_but_refusals(self):
        """Where it means nothing anywhere, that is all there is to say."""
        reason = "the score is near zero: a percentage of it says nothing"

        assert say_increase(plan_of(("claims", 2.0, None, reason))) == (
            f"10 % more means nothing here: {reason}."
        )

    def test_each_reason_is_told_for_its_own_group(self):
        """Groups that were refused for different reasons are not given one between them."""
        plan = plan_of(
            ("a", 98.0, None, "the scale ends at +100"),
            ("b", 40.0, None, "no answers in the latest period"),
        )

        assert say_increase(plan) == (
            "10 % more cannot be set here: the scale ends at +100 (a); no answers in the latest "
            "period (b)."
        )
        both = pl.concat([plan, plan_of(("c", 40.0, 4.0, None))])
        assert say_increase(both).endswith(
            "; for a it would pass +100; for b there are no answers in the latest period."
        )

    def test_a_small_rise_is_not_nought_and_has_its_scale(self):
        """Less than a point is written with a decimal."""
        plan = plan_of(("a", 27.0, 0.27, None)).with_columns(scale=pl.lit("1-10"))

        assert "is 0.3 points at a on a 1-10 scale (to +27)." in say_increase(plan)

    def test_an_empty_table(self):
        """No group, nothing to say."""
        assert "No group has a history to look ahead from." == say_increase(
            plan_of(("a", 40.0, 4.0, None)).clear()
        )


class TestWriteChance:
    @pytest.mark.parametrize(
        ("chance", "written"),
        [
            (0.0, "<1 in 20"),
            (0.05, "1 in 10"),
            (0.29, "3 in 10"),
            (0.93, "9 in 10"),
            (0.96, ">19 in 20"),
            (None, "\u2013"),
        ],
    )
    def test_tenths(self, chance, written):
        """A chance is read as so many times in ten."""
        assert written == write_chance(chance)


def values_of(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """Give the rows of all its layers."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


class TestDrawTargets:
    def test_draws_columns_of_its_input(self):
        """Score, interval, range and target are the table's own."""
        text = json.dumps(draw_targets(SIX).to_dict())

        for name in ("nps", "low", "high", "predicted_low", "predicted_high", "target_nps"):
            assert f'"field": "{name}"' in text

    def test_the_likeliest_come_first(self):
        """Billing, the likeliest, stands on top; what cannot be judged comes last."""
        places = {
            row["Group"]: row["place"] for row in values_of(draw_targets(SIX)) if "Group" in row
        }

        assert 0 == places["billing"]
        assert ["tiny"] == [name for name, place in places.items() if place == 5]

    def test_the_title_is_the_finding(self):
        """The title is the sentence, without its full stop."""
        title = " ".join(draw_targets(SIX).to_dict()["title"]["text"])

        assert title == say_targets(SIX, length="short").removesuffix(".")

    def test_past_twelve_the_middle_is_counted(self):
        """Twenty groups: six of either end, and what is left out is said."""
        table = targets_of(*(prospect(f"t{k}", chance=0.3 + k / 50) for k in range(20)))
        chart = draw_targets(table)

        assert 12 == len({row["Group"] for row in values_of(chart) if "Group" in row})
        assert "8 in the middle" in json.dumps(chart.to_dict())

    def test_without_targets_the_realistic_range_is_written(self):
        """No tick, no chance: the range of realistic targets instead."""
        table = targets_of(prospect("a", target=None, chance=None)).drop(
            "target_nps", "chance_reached", "status", "fair_nps", "chance_missed_by_luck"
        )
        text = json.dumps(draw_targets(table).to_dict())

        assert '"Realistic"' in text
        assert "Upright line" not in text

    @pytest.mark.parametrize("name", [*HOSTILE, None, ""])
    def test_names_are_only_ever_data(self, name):
        """No name of a group becomes part of an expression."""
        spec = draw_targets(targets_of(prospect(name), prospect("b"))).to_dict()

        assert not any("alert" in each for each in expressions(spec))

    def test_nothing_to_draw(self):
        """An empty table is a quiet placeholder that says why."""
        assert "history" in json.dumps(draw_targets(SIX.clear()).to_dict()) or (
            "No answer" in json.dumps(draw_targets(SIX.clear()).to_dict())
        )


def expressions(spec: object) -> list[str]:
    """Find everything that Vega would evaluate."""
    if isinstance(spec, dict):
        mine = [
            str(spec[key]) for key in ("expr", "labelExpr", "calculate", "filter") if key in spec
        ]
        return mine + [one for part in spec.values() for one in expressions(part)]
    if isinstance(spec, list):
        return [one for part in spec for one in expressions(part)]
    return []
