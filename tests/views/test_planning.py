import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError
from nps_kit.views.charts.planning import draw_plan
from nps_kit.views.sentences.planning import NOTHING, TOO_FEW, say_plan


def plan_of(
    *rows: tuple[object, float, int], by: str = "touchpoint", period: int = 0
) -> pl.DataFrame:
    """Make a plan from (group, margin, answers needed)."""
    table = pl.DataFrame(
        {
            by: [key for key, _, _ in rows],
            "n": 500,
            "nps": 20.0,
            "margin": [float(margin) for _, margin, _ in rows],
            "n_needed": [needed for *_, needed in rows],
            "spread": 80.0,
            "basis": "own answers",
            "level": 0.95,
            "few": False,
        }
    )
    if period:
        table = table.with_columns(
            n_period=pl.lit(period, pl.Int64), periods_needed=pl.col("n_needed") / period
        )
    return table


ALONE = plan_of(("", 3, 2860), ("", 5, 1030), ("", 10, 258)).drop("touchpoint")
GROUPS = plan_of(
    *[(name, m, n // m) for name, n in (("a", 5000), ("b", 9000)) for m in (5, 10)], period=100
)


def shows(*rows: tuple[int, float, float], **keys: list[object]) -> pl.DataFrame:
    """Make a table of what (answers, noise, detectable) can show."""
    return pl.DataFrame(
        keys
        | {
            "n": [500] * len(rows),
            "n_each": [n for n, _, _ in rows],
            "noise": [noise for _, noise, _ in rows],
            "detectable": [found for *_, found in rows],
        }
    ).with_columns(level=0.95, power=0.8, basis=pl.lit("own answers"))


class TestSayPlan:
    def test_margins_of_one_score(self):
        """How many answers each margin takes."""
        assert say_plan(ALONE) == (
            "To know the score to within 3 points takes 2,860 answers, within 5 points 1,030, "
            "within 10 points 258."
        )

    def test_a_typical_spread_is_said(self):
        """What was assumed is said in the sentence."""
        typical = ALONE.with_columns(basis=pl.lit("typical spread"))

        assert say_plan(typical).endswith(", if answers vary as they typically do.")

    def test_groups_run_from_fewest_to_most(self):
        """The middle size, from the group that needs fewest to the one that needs most."""
        assert say_plan(GROUPS, every="month") == (
            "To know a score to within 10 points takes from 500 answers (a, 5 months) to 900 "
            "(b, 9 months)."
        )

    def test_groups_that_nobody_named(self):
        """Where no touchpoint is recorded, none is spoken of."""
        table = plan_of((None, 5, 1030)).cast({"touchpoint": pl.String})

        assert say_plan(table) == "To know the score to within 5 points takes 1,030 answers."

    def test_a_difference_is_for_each_of_two(self):
        """Both groups need so many."""
        table = ALONE.rename({"margin": "difference"}).with_columns(power=0.8).head(1)

        assert say_plan(table) == (
            "To find a difference of 3 points, each of two groups needs 2,860 answers."
        )

    def test_what_a_month_can_show(self):
        """A change under so much cannot be told from chance."""
        table = shows((140, 19.2, 27.4)).with_columns(n_period=140)

        assert say_plan(table, every="month") == (
            "With 140 answers a month, a change under 19 points cannot be told from chance. A "
            "true one of 27 points is found in 80 % of cases."
        )

    def test_one_answer_shows_nothing(self):
        """Where not even the whole scale would do, that is said."""
        assert say_plan(shows((1, 200.0, 200.0))) == (
            "With 1 answer before and after, no change at all can be told from chance."
        )

    def test_several_groups_show_from_least_to_most(self):
        """The group that shows most, and the one that shows least."""
        table = shows((40, 40.0, 57.0), (110, 24.0, 34.0), touchpoint=["claims", "billing"])

        assert say_plan(table) == (
            "Chance alone can make a change of 24 points at billing (110 answers before and "
            "after), and of 40 points at claims (40 answers before and after)."
        )

    @pytest.mark.parametrize("table", [ALONE, GROUPS, shows((140, 19.2, 27.4))])
    def test_another_scale_is_said(self, table):
        """1-10 is written wherever it is not 0-10."""
        assert "on a 1-10 scale" in say_plan(table.with_columns(scale=pl.lit("1-10")))

    def test_scales_that_differ_are_said_by_name(self):
        """One group on each scale: the one that is not usual is marked."""
        table = GROUPS.with_columns(
            scale=pl.when(pl.col("touchpoint") == "b")
            .then(pl.lit("1-10"))
            .otherwise(pl.lit("0-10"))
        )

        assert "900 (b on a 1-10 scale, 9 months)" in say_plan(table, every="month")

    def test_groups_with_few_answers_are_not_ranked(self):
        """They are counted, and never the fewest or the most."""
        table = pl.concat([GROUPS, plan_of(("c", 10, 9000), period=3).with_columns(few=True)])

        assert say_plan(table, every="month") == (
            "To know a score to within 10 points takes from 500 answers (a, 5 months) to 900 "
            "(b, 9 months); 1 group has too few answers to say."
        )

    def test_none_that_may_be_ranked(self):
        """Where all groups have few answers none is named."""
        assert TOO_FEW == say_plan(GROUPS.with_columns(few=True))

    def test_a_small_change_is_never_nought(self):
        """Millions of answers show less than a point, not none."""
        said = say_plan(shows((10**6, 0.23, 0.32)))

        assert "a change under 0.2 points cannot be told" in said
        assert "A true one of 0.3 points" in said

    @pytest.mark.parametrize(("margin", "told"), [(3.25, "3.25"), (0.25, "0.25"), (5, "5")])
    def test_a_margin_is_written_as_asked(self, margin, told):
        """A quarter of a point is not rounded away."""
        assert f"within {told} points" in say_plan(ALONE.head(1).with_columns(margin=margin))

    def test_usual_answers_are_told_row_by_row(self):
        """Only the row that has the usual answers of a month is of a month."""
        table = shows((40, 40.0, 57.0), (110, 24.0, 34.0), touchpoint=["claims", "billing"])

        assert say_plan(table.with_columns(n_period=110), every="month") == (
            "Chance alone can make a change of 24 points at billing (110 answers a month), and of "
            "40 points at claims (40 answers before and after)."
        )

    @pytest.mark.parametrize("table", [ALONE.clear(), shows().clear(), GROUPS.clear()])
    def test_nothing_to_plan_for(self, table):
        """No row, no plan."""
        assert NOTHING == say_plan(table)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a", None, *HOSTILE]),
                st.floats(0.1, 100),
                st.integers(1, 10**9),
            ),
            min_size=1,
            max_size=6,
            unique_by=lambda row: row[0],
        )
    )
    def test_never_prints_a_null(self, rows):
        """Whatever the plan: no None, no nan, and a full stop."""
        said = say_plan(plan_of(*rows, period=7))

        assert not any(word in said.split() for word in ("None", "nan", "null"))
        assert said.endswith(".")

    def test_another_table_is_refused(self):
        """The error names what is missing."""
        with pytest.raises(MissingColumnError, match="'margin', which is not in `plan`"):
            say_plan(pl.DataFrame({"n": [1]}))


class TestDrawPlan:
    def test_one_row_a_size_without_groups(self):
        """Three margins, three rows, each with its number."""
        text = json.dumps(draw_plan(ALONE).to_dict())

        for told in ("\\u00b13", "\\u00b15", "\\u00b110", "2,860", "1,030", "258"):
            assert f'"{told}' in text

    def test_one_row_a_group(self):
        """The group that needs most comes first."""
        spec = draw_plan(GROUPS, every="month").to_dict()
        places = {row["Group"]: row["place"] for row in rows_in(spec) if "Group" in row}

        assert {"b": 0, "a": 1} == places

    def test_the_answers_of_a_usual_month_are_marked(self):
        """What is at hand is drawn beside what is needed, and named."""
        text = json.dumps(draw_plan(GROUPS, every="month").to_dict())

        assert '"field": "have"' in text
        assert "the answers of a usual month" in text

    def test_few_answers_are_faint_and_last(self):
        """A group that cannot be judged stands below the others, and the scale in the subtitle."""
        few = plan_of(("c", 10, 9000), period=3).with_columns(few=True)
        table = pl.concat([GROUPS, few]).with_columns(scale=pl.lit("1-10"))
        spec = draw_plan(table).to_dict()
        places = {row["Group"]: row["place"] for row in rows_in(spec) if "Group" in row}

        assert {"b": 0, "a": 1, "c": 2} == places
        assert "Faint: too few" in json.dumps(spec)
        assert "1-10 scale; logarithmic axis" in json.dumps(spec["title"])

    def test_says_what_it_rests_on(self):
        """A plan for a typical spread says so under the picture."""
        text = json.dumps(draw_plan(ALONE.with_columns(basis=pl.lit("typical spread"))).to_dict())

        assert "(variance 0.67)" in text

    def test_past_twelve_groups_the_others_are_counted(self):
        """Twenty groups: the twelve that need most."""
        table = plan_of(*[(f"t{k}", 5, 100 + k) for k in range(20)])

        assert "Not drawn: 8 that need fewer." in json.dumps(draw_plan(table).to_dict())

    @pytest.mark.parametrize("needed", [1, 9, 10, 999_999_999])
    def test_one_number_has_an_axis(self, needed):
        """However few or many answers, the axis has two ends."""
        spec = draw_plan(plan_of(("a", 5, needed))).to_dict()
        domains = [d for d in found(spec, "domain") if isinstance(d[0], float)]

        assert all(low <= needed <= high and low < high for low, high in domains)
        assert domains

    @pytest.mark.parametrize("name", [*HOSTILE, None])
    def test_names_are_only_ever_data(self, name):
        """No name of a group becomes part of an expression."""
        spec = draw_plan(plan_of((name, 5, 100), ("b", 5, 200))).to_dict()

        assert not any("alert" in str(each) for each in found(spec, "labelExpr"))

    def test_nothing_to_draw(self):
        """No row: a quiet placeholder that says why."""
        assert "nothing to plan for" in json.dumps(draw_plan(GROUPS.clear()).to_dict())


def rows_in(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the rows of all layers."""
    return [row for rows in spec["datasets"].values() for row in rows]


def found(spec: object, name: str) -> list[Any]:
    """Find every value of that name."""
    if isinstance(spec, dict):
        mine = [spec[name]] if name in spec else []
        return mine + [one for part in spec.values() for one in found(part, name)]
    if isinstance(spec, list):
        return [one for part in spec for one in found(part, name)]
    return []
