"""What is measured beside the score, estimated."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.measures import estimate_measures

JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
CSAT = {AUGUST: (4, 9, 21, 60, 90), SEPTEMBER: (12, 15, 30, 51, 62)}
EFFORT = {AUGUST: (3, 5, 9, 14, 40, 33, 51), SEPTEMBER: (2, 4, 4, 19, 30, 44, 60)}


def values_of(measure: str, counts: dict[date, tuple[int, ...]], *, lowest: int) -> pl.DataFrame:
    """Make a count table of values."""
    return pl.DataFrame(
        [
            (measure, start, value, None, n)
            for start, each in counts.items()
            for value, n in enumerate(each, start=lowest)
        ],
        schema={
            "measure": pl.String,
            "period": pl.Date,
            "value": pl.Int64,
            "reason": pl.String,
            "n": pl.Int64,
        },
        orient="row",
    )


def costs(**sums: object) -> pl.DataFrame:
    """Make a count table of costs, or of contacts, in August and September."""
    table = pl.DataFrame({"measure": ["cost"] * 2, "period": [AUGUST, SEPTEMBER], **sums})
    return table.with_columns(value=pl.lit(None, pl.Int64), reason=pl.lit(None, pl.String))


def find(rows: pl.DataFrame, measure: str, period: date = SEPTEMBER) -> dict[str, object]:
    """Find one figure."""
    return rows.row(
        by_predicate=(pl.col("measure") == measure) & (pl.col("period") == period), named=True
    )


def bounds(row: dict[str, object], name: str = "") -> tuple[object, object]:
    """Give the bounds of a figure, or of its change."""
    return row[f"{name}low"], row[f"{name}high"]


class TestEstimateMeasures:
    def test_satisfaction_is_the_share_of_four_and_five_and_the_mean(self):
        """By hand: 113 of 170, and 646 points over 170 answers."""
        rows = estimate_measures(values_of("csat", CSAT, lowest=1))

        share, mean = find(rows, "csat_share"), find(rows, "csat_mean")
        assert (share["n"], share["value"], share["unit"]) == (170, 113 / 170, "share")
        assert (mean["n"], mean["value"], mean["unit"]) == (170, 646 / 170, "points 1-5")

    def test_effort_is_the_share_of_five_to_seven_and_the_mean(self):
        """By hand: 134 of 163, and 932 points over 163 answers."""
        rows = estimate_measures(values_of("effort", EFFORT, lowest=1))

        assert find(rows, "effort_share")["value"] == 134 / 163
        assert find(rows, "effort_mean")["value"] == pytest.approx(932 / 163)
        assert find(rows, "effort_mean")["unit"] == "points 1-7"

    def test_a_published_interval_of_a_share(self):
        """81 of 263: 0.2553 to 0.3662 (Newcombe, Stat. Med. 17 (1998), 857-872, Table I)."""
        counts = values_of("abandoned", {SEPTEMBER: (182, 81)}, lowest=0)

        low, high = bounds(find(estimate_measures(counts), "abandoned_share"))

        assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)

    def test_a_published_interval_of_a_difference(self):
        """56 of 70 less 48 of 80: 0.0524 to 0.3339 (Newcombe, Stat. Med. 17 (1998), 873-890)."""
        counts = values_of("response", {AUGUST: (32, 48), SEPTEMBER: (14, 56)}, lowest=0)

        low, high = bounds(find(estimate_measures(counts), "response_rate"), "change_")

        assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)

    @pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
    @pytest.mark.parametrize(("yes", "n"), [(0, 7), (1, 1), (3, 40), (997, 1000), (12, 12)])
    def test_shares_agree_with_another_program(self, yes, n, level):
        """Wilson's interval, as statsmodels has it."""
        counts = values_of("abandoned", {SEPTEMBER: (n - yes, yes)}, lowest=0)

        found = bounds(find(estimate_measures(counts, level=level), "abandoned_share"))

        expected = proportion_confint(yes, n, alpha=1 - level, method="wilson")
        assert found == pytest.approx(expected, abs=1e-12)

    @pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
    @pytest.mark.parametrize(
        ("now", "before"), [((5, 40), (9, 70)), ((0, 12), (3, 15)), ((20, 20), (800, 1000))]
    )
    def test_changes_of_shares_agree_with_another_program(self, now, before, level):
        """Newcombe's interval, as statsmodels has it."""
        counts = values_of(
            "abandoned",
            {AUGUST: (before[1] - before[0], before[0]), SEPTEMBER: (now[1] - now[0], now[0])},
            lowest=0,
        )

        found = bounds(find(estimate_measures(counts, level=level), "abandoned_share"), "change_")

        expected = confint_proportions_2indep(
            *now, *before, method="newcomb", compare="diff", alpha=1 - level
        )
        assert found == pytest.approx(expected, abs=1e-9)

    def test_means_agree_with_another_program(self):
        """Student's interval of a mean and Welch's of a difference, as scipy and statsmodels do."""
        rows = estimate_measures(values_of("effort", EFFORT, lowest=1), level=0.9)
        before, now = (np.repeat(range(1, 8), EFFORT[month]) for month in (AUGUST, SEPTEMBER))

        mean = find(rows, "effort_mean")

        interval = stats.t.interval(0.9, now.size - 1, now.mean(), stats.sem(now))
        assert bounds(mean) == pytest.approx(interval)
        compared = CompareMeans(DescrStatsW(now), DescrStatsW(before))
        expected = compared.tconfint_diff(alpha=0.1, usevar="unequal")
        assert bounds(mean, "change_") == pytest.approx(expected)

    def test_cost_is_a_mean_made_of_sums(self):
        """The sums and squares tell as much as the costs themselves."""
        each = {AUGUST: [2.0, 3.5, 9.0, 4.0], SEPTEMBER: [5.0, 6.5, 1.0]}
        table = costs(
            n=[4, 3],
            total=[sum(each[AUGUST]), sum(each[SEPTEMBER])],
            total_sq=[sum(x * x for x in each[month]) for month in each],
        )

        cost = find(estimate_measures(table), "cost_per_contact")

        now = each[SEPTEMBER]
        assert cost["value"] == pytest.approx(12.5 / 3)
        low, high = stats.t.interval(0.95, 2, np.mean(now), stats.sem(now))
        assert bounds(cost) == pytest.approx((max(low, 0), high))
        expected = stats.ttest_ind(now, each[AUGUST], equal_var=False).confidence_interval()
        assert bounds(cost, "change_") == pytest.approx(tuple(expected))

    def test_a_count_of_all_contacts_has_no_interval(self):
        """It is no sample; its change is told plainly."""
        table = costs(n=[4100, 4000]).with_columns(measure=pl.lit("contacts"))

        contacts = find(estimate_measures(table), "contacts")

        assert (contacts["value"], contacts["change"], contacts["unit"]) == (4000, -100, "contacts")
        assert bounds(contacts) == bounds(contacts, "change_") == (None, None)
        assert contacts["moved"] is None

    def test_values_all_alike_have_no_interval_of_their_mean(self):
        """They do not show how far others would lie from them; the share still has its own."""
        counts = values_of(
            "csat", {AUGUST: (4, 9, 21, 60, 90), SEPTEMBER: (0, 0, 0, 0, 6)}, lowest=1
        )

        rows = estimate_measures(counts)

        assert find(rows, "csat_mean")["value"] == 5
        assert bounds(find(rows, "csat_mean")) == (None, None)
        assert find(rows, "csat_share")["high"] == 1
        assert round(find(rows, "csat_share")["low"], 4) == 0.6097

    def test_costs_all_alike_have_no_interval(self):
        """A rounding error is no spread."""
        table = costs(n=[3000, 3000], total=[300.0, 300.0], total_sq=[30.0, 30.000000000000004])

        assert bounds(find(estimate_measures(table), "cost_per_contact")) == (None, None)

    def test_one_answer_has_no_interval_of_its_mean(self):
        """One is no spread."""
        rows = estimate_measures(values_of("csat", {SEPTEMBER: (0, 0, 1, 0, 0)}, lowest=1))

        assert bounds(find(rows, "csat_mean")) == (None, None)

    def test_the_first_period_has_no_change(self):
        """There is nothing before it."""
        row = find(estimate_measures(values_of("csat", CSAT, lowest=1)), "csat_share", AUGUST)

        assert [row[name] for name in ("change", "change_low", "moved")] == [None] * 3

    def test_a_gap_is_no_period_before(self):
        """September is not set beside July."""
        counts = values_of("csat", {JULY: CSAT[AUGUST], SEPTEMBER: CSAT[SEPTEMBER]}, lowest=1)

        assert find(estimate_measures(counts), "csat_share")["change"] is None

    def test_the_unit_tells_which_period_is_before(self):
        """In quarters, July comes after April."""
        counts = values_of("csat", {date(2026, 4, 1): CSAT[AUGUST], JULY: CSAT[AUGUST]}, lowest=1)

        quarters = estimate_measures(counts, every="quarter")

        assert find(quarters, "csat_share", JULY)["change"] == 0
        assert find(estimate_measures(counts), "csat_share", JULY)["change"] is None

    def test_moved_shares_the_level_among_all_figures(self):
        """By hand: its own interval of 95 % leaves out nought, that of 97.5 % holds it."""
        alone = values_of("abandoned", {AUGUST: (900, 100), SEPTEMBER: (870, 130)}, lowest=0)
        beside = values_of("response", {AUGUST: (500, 500), SEPTEMBER: (500, 500)}, lowest=0)

        one = find(estimate_measures(alone), "abandoned_share")
        two = find(estimate_measures(pl.concat([alone, beside])), "abandoned_share")

        assert one["change_low"] > 0
        assert one["moved"] is True
        assert two["moved"] is False
        assert bounds(two, "change_") == bounds(one, "change_")
        each = confint_proportions_2indep(
            130, 1000, 100, 1000, method="newcomb", compare="diff", alpha=0.025
        )
        assert each[0] < 0

    def test_few_are_marked(self):
        """Fewer than asked."""
        rows = estimate_measures(values_of("csat", CSAT, lowest=1), min_n=180)

        assert find(rows, "csat_share")["few"] is True
        assert find(rows, "csat_share", AUGUST)["few"] is False

    def test_what_is_set_aside_is_not_counted(self):
        """Nor is what has no period, or nobody in it."""
        counts = values_of("csat", CSAT, lowest=1)
        aside = counts.with_columns(reason=pl.lit("blank"), value=pl.lit(None, pl.Int64))
        undated = counts.with_columns(period=pl.lit(None, pl.Date))
        nobody = counts.with_columns(n=pl.lit(0, pl.Int64), period=pl.lit(JULY))

        rows = estimate_measures(pl.concat([counts, aside, undated, nobody]))

        assert rows.equals(estimate_measures(counts))

    def test_nothing_is_nothing(self):
        """An empty table gives one with the same columns."""
        counts = values_of("csat", CSAT, lowest=1)

        rows = estimate_measures(counts.clear())

        assert rows.is_empty()
        assert rows.schema == estimate_measures(counts).schema

    def test_figures_come_in_one_order(self):
        """What customers say first, then what contacts were like."""
        table = pl.concat(
            [
                values_of("abandoned", {SEPTEMBER: (9, 1)}, lowest=0),
                values_of("effort", EFFORT, lowest=1),
                values_of("csat", CSAT, lowest=1),
            ]
        )

        rows = estimate_measures(table)

        assert rows["measure"].unique(maintain_order=True).to_list() == [
            "csat_share",
            "csat_mean",
            "effort_share",
            "effort_mean",
            "abandoned_share",
        ]

    @given(
        st.lists(st.integers(0, 400), min_size=5, max_size=5).filter(any),
        st.lists(st.integers(0, 400), min_size=5, max_size=5).filter(any),
        st.floats(0.5, 0.999),
    )
    def test_bounds_hold_their_figure_and_the_scale(self, before, now, level):
        """No share lies outside 0 to 1, no mean outside 1 to 5, no figure outside its interval."""
        counts = values_of("csat", {AUGUST: tuple(before), SEPTEMBER: tuple(now)}, lowest=1)

        rows = estimate_measures(counts, level=level)

        for row in rows.iter_rows(named=True):
            lowest, highest = (0, 1) if row["unit"] == "share" else (1, 5)
            if row["low"] is not None:
                assert lowest <= row["low"] <= row["value"] + 1e-12
                assert row["value"] - 1e-12 <= row["high"] <= highest
            if row["change_low"] is not None:
                assert row["change_low"] <= row["change"] + 1e-12
                assert row["change"] - 1e-12 <= row["change_high"]
                away = row["change_low"] > 0 or row["change_high"] < 0
                assert away or not row["moved"]

    def test_a_column_that_is_not_there_is_named(self):
        """With the way out."""
        with pytest.raises(MissingColumnError) as caught:
            estimate_measures(pl.DataFrame({"period": [SEPTEMBER], "n": [3]}))

        assert str(caught.value) == (
            "estimate_measures() needs the column 'measure', which is not in `counts`.\n"
            "  It has: 'period', 'n'.  tally_measures(...) makes it."
        )

    def test_what_is_no_table_is_refused(self):
        """A lazy frame is collected first."""
        with pytest.raises(OptionError) as caught:
            estimate_measures(pl.LazyFrame())

        assert str(caught.value) == (
            "estimate_measures() takes a polars DataFrame, and was given LazyFrame.\n"
            "  tally_measures(...) makes one."
        )

    @pytest.mark.parametrize(
        ("measure", "value", "rule"),
        [
            ("csat", 6, "whole numbers from 1 to 5 in csat"),
            ("effort", 0, "whole numbers from 1 to 7 in effort"),
            ("response", 2, "whole numbers from 0 to 1 in response"),
            ("abandoned", None, "whole numbers from 0 to 1 in abandoned"),
        ],
    )
    def test_a_value_that_cannot_be_is_refused(self, measure, value, rule):
        """The measure and its values are named."""
        counts = values_of("csat", {SEPTEMBER: (1,)}, lowest=1).with_columns(
            measure=pl.lit(measure), value=pl.lit(value, pl.Int64)
        )

        with pytest.raises(OptionError) as caught:
            estimate_measures(counts)

        told = None if value is None else float(value)
        assert str(caught.value) == (
            f"estimate_measures() cannot use value={told!r}.\n  It takes {rule}."
        )

    def test_fewer_than_none_are_refused(self):
        """A number of answers is 0 or more."""
        counts = values_of("csat", {SEPTEMBER: (-1,)}, lowest=1)

        with pytest.raises(OptionError) as caught:
            estimate_measures(counts)

        assert str(caught.value) == ("estimate_measures() cannot use n=-1.\n  It takes 0 or more.")

    @pytest.mark.parametrize(
        "option", [{"level": 1.0}, {"every": "fortnight"}, {"min_n": -1}], ids=str
    )
    def test_an_option_outside_its_choices_is_refused(self, option):
        """The option is named."""
        with pytest.raises(OptionError, match=f"cannot use {next(iter(option))}="):
            estimate_measures(values_of("csat", CSAT, lowest=1), **option)
