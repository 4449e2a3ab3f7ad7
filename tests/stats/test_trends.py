from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy.optimize import brentq

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.sample import make_sample
from nps_kit.rows.sources import open_data
from nps_kit.rows.tallies import tally
from nps_kit.stats.trends import trace_nps
from nps_kit.stats.trends.rules import (
    count_run,
    find_side,
    find_trends,
    leave_ends,
    mark_near,
    mark_outside,
    mark_runs,
)

COLUMNS = [
    *("period", "n", "nps", "low", "high", "level", "few", "centre", "limit_low", "limit_high"),
    *("near_low", "near_high"),
    *("moving_range", "method", "phase", "provisional", "rule", "direction", "run_length"),
    *("special", "latest", "signal", "false_alarm", "target", "assurance", "every"),
]
POINTS = ["nps", "centre", "limit_low", "limit_high", "near_low", "near_high", "moving_range"]
BOUNDS = ["limit_low", "limit_high", "near_low", "near_high"]

# Calm, and of equal answers: the moving ranges are wider than chance makes them on 2,000 answers.
CALM = [30.0, 36, 28, 35, 31, 27, 34, 29, 33, 30, 36, 28]


def month(place: int) -> date:
    """Give the first day of a month, counted from January 2024."""
    return date(2024 + place // 12, place % 12 + 1, 1)


def series(
    scores: Sequence[float | None], n: int | Sequence[int] = 2000, *, passives: float = 0.2
) -> pl.DataFrame:
    """Make the counts of so many months with these scores; no score: no answers."""
    sizes = [n] * len(scores) if isinstance(n, int) else n
    rows = []
    for place, (score, size) in enumerate(zip(scores, sizes, strict=True)):
        if score is None:
            continue
        middle = min(round(size * passives), size - round(size * abs(score) / 100))
        promoters = round((size - middle + size * score / 100) / 2)
        answers = {0: size - middle - promoters, 8: middle, 10: promoters}
        rows += [(month(place), value, count) for value, count in answers.items()]
    schema = {"period": pl.Date, "score": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def row(values: Sequence[float]) -> np.ndarray:
    """Make an array of one series."""
    return np.array([values], dtype=float)


def signs(values: Sequence[int]) -> np.ndarray:
    """Make an array of the sides of one series."""
    return np.array([values], dtype=np.int64)


def marked(marks: np.ndarray) -> list[int]:
    """Give the places that are marked in one series."""
    return np.flatnonzero(marks[0]).tolist()


@st.composite
def dated_counts(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a count table by team and month: gaps, few answers, and answers set aside."""
    teams = draw(st.lists(st.sampled_from(["a", "b", None]), min_size=0, max_size=2, unique=True))
    rows = []
    for team in teams:
        for place in draw(st.lists(st.integers(0, 14), max_size=15, unique=True)):
            answers = draw(st.tuples(*[st.one_of(st.just(0), st.integers(0, 300))] * 3))
            rows += [
                (team, month(place), score, None, n)
                for score, n in zip((3, 8, 10), answers, strict=True)
            ]
            rows.append((team, month(place), None, "blank", draw(st.integers(0, 5))))
    schema = {
        "team": pl.String,
        "period": pl.Date,
        "score": pl.Int64,
        "reason": pl.String,
        "n": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


methods = st.sampled_from(["auto", "xmr", "laney"])


class TestRunRule:
    def test_seven_on_one_side_are_marked_all(self):
        """Every point of a run of seven carries its mark."""
        assert [1, 2, 3, 4, 5, 6, 7] == marked(mark_runs(signs([-1, 1, 1, 1, 1, 1, 1, 1, -1])))

    def test_six_are_none(self):
        """Six in a row happen too often."""
        assert [] == marked(mark_runs(signs([1, 1, 1, 1, 1, 1, -1])))

    def test_a_point_on_the_centre_breaks_it(self):
        """On the line is on no side."""
        assert [] == marked(mark_runs(signs([1, 1, 1, 0, 1, 1, 1, 1])))

    def test_eight_are_marked_all(self):
        """A longer run is one run."""
        assert list(range(8)) == marked(mark_runs(signs([-1] * 8)))

    def test_length_is_counted_up_to_each_point(self):
        """The second above in a row is the second."""
        assert [1, 2, 1, 0, 1, 2] == count_run(signs([1, 1, -1, 0, -1, -1]))[0].tolist()

    def test_a_hair_beside_the_centre_is_on_it(self):
        """The last digit of a division decides nothing."""
        assert [0, -1, 0] == find_side(row([30 + 1e-12, 29, np.nan]), row([30]))[0].tolist()

    def test_perfect_months_are_on_no_side_where_they_are_usual(self):
        """Where most months are +100, seven of them are no run."""
        points = row([100] * 9 + [90])

        assert [0] * 9 + [-1] == leave_ends(find_side(points, row([99])), points)[0].tolist()

    def test_perfect_months_are_above_where_they_are_rare(self):
        """Two perfect months of seven are above."""
        points = row([60, 70, 65, 60, 70, 100, 100])

        assert [1, 1] == leave_ends(find_side(points, row([75])), points)[0, -2:].tolist()


class TestTrendRule:
    def test_seven_points_are_six_moves(self):
        """Seven that rise are marked, the first included."""
        assert [1, 1, 1, 1, 1, 1, 1, 0] == find_trends(row([1, 2, 3, 4, 5, 6, 7, 0]))[0].tolist()

    def test_six_points_are_none(self):
        """Five moves happen too often."""
        assert [] == marked(find_trends(row([6, 5, 4, 3, 2, 1, 2])))

    def test_a_fall_is_told_from_a_rise(self):
        """The direction is that of the trend, for its first point too."""
        assert [0, *[-1] * 7] == find_trends(row([7.5, 8, 7, 6, 5, 4, 3, 2]))[0].tolist()

    def test_two_alike_break_it(self):
        """Strictly the same direction: a standstill is none."""
        assert [] == marked(find_trends(row([1, 2, 3, 3, 4, 5, 6, 7])))


class TestNearRule:
    def test_two_of_three_near_one_limit_are_marked(self):
        """Only the two near ones are marked, not the third between them."""
        near = np.array([[False, True, False, True, False]])

        assert [1, 3] == marked(mark_near(signs([-1, 1, 1, 1, -1]), near))

    def test_all_three_must_lie_on_one_side(self):
        """A third on the other side of the centre breaks it."""
        near = np.array([[True, False, True]])

        assert [] == marked(mark_near(signs([1, -1, 1]), near))

    def test_near_opposite_limits_is_none(self):
        """One near the upper and one near the lower limit are not two."""
        near = np.array([[True, True, False]])

        assert [] == marked(mark_near(signs([1, -1, 1]), near))

    def test_a_point_outside_is_not_near(self):
        """A point outside and one near are not two near ones."""
        scores = [*CALM, 80.0, 54.0, 37.0]

        found = trace_nps(series(scores), method="xmr")

        assert found["near_high"][0] < 54 < found["limit_high"][0]
        assert ["outside", "", ""] == found["rule"].tail(3).to_list()

    def test_a_point_on_its_limit_is_inside(self):
        """Outside is beyond the limit, not on it."""
        assert [1] == marked(mark_outside(row([40, 41]), row([20, 20]), row([40, 40])))


class TestTraceNps:
    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        assert COLUMNS == trace_nps(series(CALM)).columns

    def test_against_the_handbook(self):
        """Individuals chart of NIST/SEMATECH e-Handbook 6.3.2.2: 50.81, 45.8159 and 55.8041."""
        flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]

        found = trace_nps(series(flow), method="xmr")

        assert_allclose(found["nps"], flow, atol=1e-9)
        limits = found.select("centre", "limit_low", "limit_high").row(-1)
        assert_allclose(limits, (50.81, 45.8159, 55.8041), atol=1e-4)
        assert_allclose(found["moving_range"].mean(), 1.8778, atol=1e-4)

    def test_limits_are_2_66_mean_ranges_away(self):
        """The constant of every XmR chart, to its two decimals."""
        found = trace_nps(series(CALM), method="xmr")

        ranges = np.abs(np.diff(CALM)).mean()
        assert_allclose(found["limit_high"][0] - np.mean(CALM), 2.66 * ranges, rtol=2e-4)
        assert_allclose(found["near_low"][0] - np.mean(CALM), -2.66 * ranges * 2 / 3, rtol=2e-4)

    def test_a_stray_month_does_not_widen_the_limits(self):
        """Ranges over 3.267 times their mean are left out once: here the two of one month."""
        scores = [*CALM[:6], -40, *CALM[6:]]

        found = trace_nps(series(scores), method="xmr")

        ranges = np.abs(np.diff(scores))
        kept = ranges[ranges <= 3.267 * ranges.mean()]
        assert len(kept) == len(ranges) - 2
        assert_allclose(found["limit_high"][0], np.mean(scores) + 3 * kept.mean() / 1.128)

    def test_laney_against_a_slow_one(self):
        """Laney's limits, month by month, by a second and plain implementation."""
        sizes = [60, 300, 90, 500, 45, 120, 400, 80, 250, 35]
        scores = [20, 45, 10, 38, 60, 20, 30, -10, 34, 60]

        found = trace_nps(series(scores, sizes), method="laney")

        bands = [0.75, 1.5, 0.75]
        points, answers = found["nps"].to_list(), found["n"].to_list()
        total = sum(x * n for x, n in zip(points, answers, strict=True))
        centre = total / sum(answers)
        middles = [round(n * 0.2) for n in sizes]
        for n, middle, x in zip(sizes, middles, points, strict=True):
            promoters = round((n - middle + n * x / 100) / 2)
            for place, count in enumerate((n - middle - promoters, middle, promoters)):
                bands[place] += count
        low, _, high = (band / sum(bands) for band in bands)
        errors = [100 * ((low + high - (high - low) ** 2) / n) ** 0.5 for n in sizes]
        z = [(x - centre) / error for x, error in zip(points, errors, strict=True)]
        ranges = [abs(z[k] - z[k - 1]) for k in range(1, len(z))]
        mean = sum(ranges) / len(ranges)
        kept = [r for r in ranges if r <= 3.267 * mean]
        ratio = max(1, sum(kept) / len(kept) / 1.128)
        assert ratio > 1
        assert_allclose(found["centre"], [centre] * len(sizes))
        assert_allclose(found["limit_low"], [max(-100, centre - 3 * ratio * e) for e in errors])
        assert_allclose(found["limit_high"], [min(100, centre + 3 * ratio * e) for e in errors])

    def test_laney_is_never_narrower_than_chance(self):
        """Months more alike than chance allows get the limits of chance."""
        found = trace_nps(series([30] * 10, 100), method="laney")

        low, high = (250.75 / 1003, 550.75 / 1003)
        error = 100 * ((low + high - (high - low) ** 2) / 100) ** 0.5
        assert_allclose(found["limit_high"][0], 30 + 3 * error, rtol=1e-9)

    def test_auto_is_xmr_where_answers_are_alike_and_months_are_not(self):
        """With as many answers each month, and ranges beyond chance, it is the plain XmR chart."""
        found = trace_nps(series(CALM))

        assert_frame_equal(trace_nps(series(CALM), method="xmr"), found, abs_tol=1e-4)
        assert "xmr" == found["method"][0]

    def test_auto_is_never_narrower_than_chance(self):
        """Months more alike than chance allows do not make a small change a signal."""
        found = trace_nps(series([*[30] * 11, 32], 100))

        assert ("xmr_adjusted", "") == found.select("method", "rule").row(-1)
        assert "outside" == trace_nps(series([*[30] * 11, 32], 100), method="xmr")["rule"][-1]

    def test_auto_adds_the_spread_of_months_to_chance(self):
        """Where answers vary, against the equation solved by scipy."""
        sizes = np.array([60, 300, 90, 500, 45, 120, 400, 80, 250, 35])
        scores = [5, 50, 12, 47, 60, 20, 44, -10, 34, 60]

        found = trace_nps(series(scores, sizes.tolist()))

        points = found["nps"].to_numpy()
        middles = (sizes * 0.2).round()
        promoters = (sizes - middles + sizes * points / 100) / 2
        bands = np.array([(sizes - middles - promoters).sum(), middles.sum(), promoters.sum()])
        low, _, high = (bands + np.array([0.75, 1.5, 0.75])) / (bands.sum() + 3)
        chance = 1e4 * (low + high - (high - low) ** 2) / sizes
        steps, each = np.abs(np.diff(points)) / 1.128, (chance[1:] + chance[:-1]) / 2

        def excess(between: float) -> float:
            total = each + between
            return float((steps / total**1.5).sum() - (1 / total).sum())

        between = brentq(excess, 0, 1e4)
        assert (steps <= 3.267 * np.sqrt(each + between)).all()
        sigma = np.sqrt(between + chance)
        centre = (points / sigma**2).sum() / (1 / sigma**2).sum()
        assert_allclose(found["centre"][0], centre, atol=1e-4)
        assert_allclose(found["limit_high"], np.minimum(100, centre + 3 * sigma), atol=1e-4)

    def test_a_month_with_few_answers_has_wider_limits(self):
        """What is outside on 800 answers is within on 50."""
        many = trace_nps(series([*CALM, 5], [800] * 13))
        small = trace_nps(series([*CALM, 5], [800] * 12 + [50]))

        assert (True, False) == (many["signal"][-1], small["signal"][-1])

    def test_a_month_under_min_n_takes_no_part(self):
        """Twelve answers neither make the limits nor break a rule, and are not judged."""
        sizes = [800] * 12
        with_it = trace_nps(series([*CALM[:6], -60, *CALM[6:]], [*sizes[:6], 12, *sizes[6:]]))
        without = trace_nps(series([*CALM[:6], None, *CALM[6:]], [*sizes[:6], 0, *sizes[6:]]))

        assert (True, "") == with_it.select("few", "rule").row(6)
        assert_allclose(with_it["centre"], without["centre"])
        assert with_it["run_length"].to_list() == without["run_length"].to_list()

    def test_a_month_without_answers_is_a_row(self):
        """A gap in the calendar is a row with no score, and no limits."""
        found = trace_nps(series([*CALM[:6], None, *CALM[6:]]))

        row = found.select("n", "nps", "few", "limit_low", "rule", "moving_range").row(6)
        assert (0, None, True, None, "", None) == row

    def test_rules_pass_over_a_gap(self):
        """Three and four above, with a month without answers between, are a run of seven."""
        scores = [
            *[17, 24, 18, 23, 16, 23, 18, 24, 17, 23, 18, 17],
            28,
            24,
            27,
            None,
            29,
            24,
            28,
            25,
        ]

        found = trace_nps(series(scores, 3000), method="xmr")

        assert (7, "run") == found.select("run_length", "rule").row(-1)

    def test_names_the_first_rule_that_holds(self):
        """Outside comes before a trend, a trend before a run."""
        scores = [20, 22, 19, 21, 20, 22, 19, 21, 20, 21, 22, 23, 24, 25, 60]

        found = trace_nps(series(scores, 5000), method="xmr")

        assert ["trend", "outside"] == found["rule"].tail(2).to_list()
        assert ["above", "above"] == found["direction"].tail(2).to_list()

    def test_seven_on_one_side_are_marked_and_the_eighth_is_a_signal(self):
        """History is marked by the rule of seven; the headline waits for one more."""
        scores = [*[27, 33, 25, 31, 26, 32, 24, 30, 27, 31, 25, 29], *[31, 33] * 4]

        seven, eight = trace_nps(series(scores[:-1])), trace_nps(series(scores))

        assert ("run", True, False) == seven.select("rule", "special", "signal").row(-1)
        assert ("run", True, True) == eight.select("rule", "special", "signal").row(-1)
        assert (7, 8) == (seven["run_length"][-1], eight["run_length"][-1])

    def test_only_the_latest_is_a_signal(self):
        """A month outside its limits in the past is marked, and no headline."""
        found = trace_nps(series([*CALM[:6], -40, *CALM[6:]]))

        assert (True, False) == found.select("special", "signal").row(6)
        assert [found.height - 1] == found["latest"].arg_true().to_list()

    def test_a_series_that_ended_is_not_its_latest(self):
        """A team that stopped answering has no latest score, and no signal of last year."""
        ended = series([*CALM, -50]).with_columns(team=pl.lit("a"))
        lives = series([*CALM, 30, 31, 32]).with_columns(team=pl.lit("b"))

        found = trace_nps(pl.concat([ended, lives]), by=["team"])

        latest = found.filter("latest").select("team", "n", "signal").rows()
        assert [("a", 0, False), ("b", 2000, False)] == latest

    def test_goes_on_to_the_period_asked_for(self):
        """A touchpoint without an answer this month has a gap at its end, and no signal."""
        found = trace_nps(series(CALM), until="2025-02-14")

        last = found.filter("latest").select("period", "n", "nps", "signal").rows()
        assert [(date(2025, 2, 1), 0, None, False)] == last
        assert_frame_equal(
            found.head(12).drop("latest", "signal"),
            trace_nps(series(CALM)).drop("latest", "signal"),
        )

    def test_leaves_out_what_comes_after(self):
        """The page of a month past is as it was then."""
        found = trace_nps(series([*CALM, -50]), until=month(11))

        assert_frame_equal(found, trace_nps(series(CALM)))

    def test_an_end_before_the_first_period_leaves_none(self):
        """Nothing to trace is no error."""
        assert trace_nps(series(CALM), until="2020-01").is_empty()

    def test_limits_begin_afresh_at_a_named_change(self):
        """From the date on, and from any day of its month, as a text or a date."""
        scores = [*CALM, *(score + 30 for score in CALM)]

        found = trace_nps(series(scores), rebase=["2025-01-17"], method="xmr")

        alone = trace_nps(series(CALM), method="xmr")
        assert [1] * 12 + [2] * 12 == found["phase"].to_list()
        assert_allclose(found["limit_high"][0], alone["limit_high"][0])
        assert_allclose(found["limit_high"][-1], alone["limit_high"][0] + 30)
        assert_frame_equal(
            found, trace_nps(series(scores), rebase=[date(2025, 1, 1)], method="xmr")
        )

    def test_a_change_outside_the_table_changes_nothing(self):
        """A report that rolls on need not forget its old changes."""
        plain = trace_nps(series(CALM))

        assert_frame_equal(plain, trace_nps(series(CALM), rebase=["2019", "2024-01", "2031"]))

    @pytest.mark.parametrize(
        ("months", "known", "settled"),
        [(4, False, False), (5, True, False), (7, True, False), (8, True, True)],
    )
    def test_limits_need_five_months_and_settle_at_eight(self, months, known, settled):
        """With four there are none; to seven they are provisional."""
        found = trace_nps(series(CALM[:months]))

        assert known == (found["limit_low"][0] is not None)
        assert known == (found["false_alarm"][0] is not None)
        assert settled == (not found["provisional"][0])

    @pytest.mark.parametrize(
        ("target", "assurance"),
        [(0, "reached always"), (35, "by chance"), (80, "never"), (None, None)],
    )
    def test_a_target_is_set_against_the_limits(self, target, assurance):
        """Under the lower limit, between the two, over the upper one."""
        assert assurance == trace_nps(series(CALM), target=target)["assurance"][0]

    def test_a_target_is_set_against_the_latest_phase(self):
        """What the change brought counts, not what was before."""
        scores = [*CALM, *(score + 30 for score in CALM)]

        found = trace_nps(series(scores), rebase=["2025-01"], target=38)

        assert {"reached always"} == set(found["assurance"].to_list())

    def test_finer_counts_are_rolled_up(self):
        """Counts by day give the trace of their months."""
        days = series(CALM).with_columns(pl.col("period").dt.offset_by("16d"))

        assert_frame_equal(trace_nps(series(CALM)), trace_nps(days))

    def test_groups_are_sorted_with_nulls_last(self):
        """Answers of no team in particular are a series like any other."""
        parts = [series(CALM).with_columns(team=pl.lit(team, pl.String)) for team in ("b", None)]

        found = trace_nps(pl.concat(parts), by=["team"])

        assert ["b"] * 12 + [None] * 12 == found["team"].to_list()
        assert found["limit_low"].null_count() == 0

    def test_a_group_is_traced_as_if_alone(self):
        """What other series do changes nothing, neither their spread nor their first month."""
        a, b = (
            series(CALM),
            series([None, None, *(50 - score for score in CALM)], [0, 0, *[90] * 12]),
        )
        both = pl.concat([a.with_columns(team=pl.lit("a")), b.with_columns(team=pl.lit("b"))])

        found = trace_nps(both, by=["team"]).filter(pl.col("team") == "b")

        assert_frame_equal(trace_nps(b), found.drop("team"))

    def test_keeps_survey_and_scale_at_the_end(self):
        """What kind of answers they are travels with the trace, gaps included."""
        counts = series([*CALM, None, 30]).with_columns(
            survey=pl.lit("relational"), scale=pl.lit("0-10")
        )

        found = trace_nps(counts)

        assert [*COLUMNS, "survey", "scale"] == found.columns
        assert {("relational", "0-10")} == set(found.select("survey", "scale").rows())

    def test_weights_of_one_change_nothing(self):
        """Weighted by one, the trace is the same."""
        counts = series(CALM, [60, 90, 300] * 4)

        found = trace_nps(
            counts.with_columns(weight=pl.col("n") * 1.0, weight_sq=pl.col("n") * 1.0)
        )

        assert_frame_equal(trace_nps(counts), found)

    def test_unequal_weights_widen_the_limits(self):
        """Answers that stand for unequally many tell less."""
        counts = series([30] * 12, 100)
        heavy = pl.when(pl.col("score") < 7).then(4.0).otherwise(1.0)
        weighed = counts.with_columns(weight=pl.col("n") * heavy, weight_sq=pl.col("n") * heavy**2)

        plain, found = trace_nps(counts), trace_nps(weighed)

        assert found["nps"][0] < plain["nps"][0]
        width = pl.col("limit_high") - pl.col("limit_low")
        assert found.select(width).item(0, 0) > plain.select(width).item(0, 0)

    @given(dated_counts(), methods)
    def test_no_nan_and_nothing_outside_the_scale(self, table, method):
        """Whatever the table: no NaN, points on the scale, limits in their order."""
        found = trace_nps(table, by=["team"], method=method, target=40, min_n=1)

        assert 0 == sum(found[name].is_nan().sum() for name in [*POINTS, "false_alarm"])
        within = pl.col("nps", "centre", *BOUNDS).is_between(-100, 100).all()
        assert all(found.select(within).row(0))
        order = ["limit_low", "near_low", "centre", "near_high", "limit_high"]
        for lower, upper in pairwise(order):
            assert (found[lower] <= found[upper] + 1e-9).all()
        assert found["nps"].is_null().equals(found["n"] == 0)
        assert not found.filter(pl.col("special") & pl.col("limit_low").is_null()).height

    @given(dated_counts(), methods, st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, table, method, random):
        """The same rows in another order give the same trace."""
        order = list(range(table.height))
        random.shuffle(order)

        assert_frame_equal(
            trace_nps(table, by=["team"], method=method),
            trace_nps(table[order], by=["team"], method=method),
        )

    @given(dated_counts(), methods)
    def test_swapping_promoters_and_detractors_mirrors_all(self, table, method):
        """Scores, limits and directions change their signs, marks stay."""
        mirrored = table.with_columns(pl.col("score").replace({3: 10, 10: 3}))
        mine, other = (trace_nps(t, by=["team"], method=method, min_n=1) for t in (table, mirrored))

        assert mine["rule"].to_list() == other["rule"].to_list()
        assert mine["signal"].to_list() == other["signal"].to_list()
        for low, high in (("limit_low", "limit_high"), ("near_low", "near_high")):
            assert_frame_equal(
                mine.select(low), other.select((-pl.col(high)).alias(low)), abs_tol=1e-4
            )
        swapped = other["direction"].cast(pl.String).replace({"above": "below", "below": "above"})
        # A point that ends a fall and begins a rise is told as the rise, whichever side is up.
        shared = (mine["rule"].cast(pl.String) != "trend").to_list()
        both = zip(mine["direction"].to_list(), swapped.to_list(), shared, strict=True)
        assert all(one == two for one, two, kept in both if kept)

    @given(dated_counts(), methods)
    def test_splitting_and_rolling_up_changes_nothing(self, table, method):
        """Tallied finer and rolled up, the trace is the same."""
        halves = pl.concat(
            [
                table.with_columns(pl.col("n") // 2, channel=pl.lit("chat")),
                table.with_columns(pl.col("n") - pl.col("n") // 2, channel=pl.lit("phone")),
            ]
        )
        rolled = roll_up(halves, by=["team", "period"])

        whole = trace_nps(table, by=["team"], method=method)

        assert_frame_equal(whole, trace_nps(halves, by=["team"], method=method))
        assert_frame_equal(whole, trace_nps(rolled, by=["team"], method=method))

    def test_an_empty_table_has_no_periods(self):
        """No rows: no trace, and the columns all the same."""
        found = trace_nps(series([]), target=40)

        assert (0, COLUMNS) == (found.height, found.columns)

    def test_an_empty_table_has_no_groups(self):
        """No rows, no teams."""
        found = trace_nps(series([]).with_columns(team=pl.lit("a")), by=["team"])

        assert (0, ["team", *COLUMNS]) == (found.height, found.columns)

    def test_one_month_is_a_trace_without_limits(self):
        """One month has a score, and nothing to set it against."""
        found = trace_nps(series([30]))

        expected = (2000, 30.0, None, None, None, False, True, False, None)
        columns = ("n", "nps", "centre", "limit_low", "method", "special", "latest", "signal")
        assert expected == found.select(*columns, "false_alarm").row(0)

    def test_blanks_only_are_months_without_a_score(self):
        """Answers set aside are months in which nobody answered."""
        counts = series(CALM).with_columns(score=pl.lit(None, pl.Int64), reason=pl.lit("blank"))

        found = trace_nps(counts)

        assert (12, 0, 12) == (found.height, found["n"].sum(), found["nps"].null_count())

    def test_answers_without_a_date_have_no_place(self):
        """They are left out, and trouble nothing else."""
        undated = series([90]).with_columns(period=pl.lit(None, pl.Date))

        assert_frame_equal(trace_nps(series(CALM)), trace_nps(pl.concat([series(CALM), undated])))

    @pytest.mark.parametrize("method", ["auto", "xmr", "laney"])
    def test_all_promoters_are_no_signal(self, method):
        """Month after month of promoters only is what it usually does."""
        found = trace_nps(series([100] * 14, 50, passives=0), method=method)

        assert not found["special"].any()
        assert 100.0 == found["limit_high"][0]

    def test_stable_series_are_seldom_a_signal(self):
        """At most two in a hundred stable series of 24 months end in a signal."""
        chance = np.random.default_rng(24)
        runs, months = 2000, 24
        sizes = np.exp(chance.uniform(np.log(20), np.log(500), (runs, months))).astype(int)
        answers = chance.multinomial(sizes, [0.1, 0.2, 0.7])
        counts = pl.DataFrame(
            {
                "run": np.repeat(np.arange(runs), 3 * months),
                "period": [month(k) for k in range(months) for _ in range(3)] * runs,
                "score": np.tile([0, 8, 10], runs * months),
                "n": answers.ravel(),
            }
        )

        share = trace_nps(counts, by=["run"], min_n=1).filter("latest")["signal"].mean()

        assert share <= 0.02 + 3 * np.sqrt(0.02 * 0.98 / runs)

    def test_finds_the_outage_of_the_sample(self):
        """The month of the outage is below the limits, in hindsight and at the time."""
        days = tally(open_data("sample").responses, by=["survey"], every="month")
        counts = days.filter(pl.col("survey") == "transactional")
        outage = date(2025, 6, 1)

        whole = trace_nps(counts).filter(pl.col("period") == outage)
        then = trace_nps(counts.filter(pl.col("period") <= outage)).filter("latest")

        assert [("outside", "below")] == whole.select("rule", "direction").rows()
        assert [("outside", "below", True)] == then.select("rule", "direction", "signal").rows()

    def test_finds_nothing_where_nothing_is(self):
        """In samples without effects most have no month outside its limits."""
        quiet = 0
        for seed in range(1, 6):
            responses = make_sample(seed=seed, scale=0.3, effects="none").tables["responses"]
            counts = tally(responses, by=["survey"], every="month")
            found = trace_nps(counts.filter(pl.col("survey") == "transactional"))
            quiet += "outside" not in found["rule"].to_list()

        assert quiet >= 4

    def test_a_missing_period_is_named_with_what_is_there(self):
        """The error says what is missing, what is there, and how to get it."""
        with pytest.raises(MissingColumnError) as caught:
            trace_nps(series(CALM).drop("period"))

        assert str(caught.value) == (
            "trace_nps() needs the column 'period', which is not in `counts`.\n"
            "  It has: 'score', 'n'.  Did you tally by period?"
            '  tally(responses, by=["period"])'
        )

    def test_kinds_of_survey_are_not_one_series(self):
        """Relational answers in spring and transactional ones in summer are no trend."""
        kind = pl.when(pl.col("period") < date(2024, 7, 1)).then(pl.lit("relational"))
        counts = series(CALM).with_columns(survey=kind.otherwise(pl.lit("transactional")))

        with pytest.raises(MixedSurveysError):
            trace_nps(counts)

    def test_periods_are_dates(self):
        """The names of months are in no order."""
        counts = series(CALM).with_columns(period=pl.lit("May"))

        with pytest.raises(OptionError) as caught:
            trace_nps(counts)

        assert str(caught.value) == (
            "trace_nps() needs dates without a time zone in 'period' of `counts`, which holds "
            'String.\n  Make them dates:  .with_columns(pl.col("period").str.to_date("%Y-%m-%d"))'
        )

    def test_the_period_is_no_group(self):
        """The score is traced along it."""
        with pytest.raises(OptionError) as caught:
            trace_nps(series(CALM), by=["period"])

        assert str(caught.value) == (
            "trace_nps() cannot group by 'period', along which it traces the score.\n"
            "  Leave it out of `by`."
        )

    def test_a_group_named_like_a_result_is_refused(self):
        """Teams named in a column `phase` would collide with the phases."""
        with pytest.raises(OptionError) as caught:
            trace_nps(series(CALM).with_columns(phase=pl.lit("x")), by=["phase"])

        assert str(caught.value) == (
            "trace_nps() cannot group by 'phase', a name that it needs itself.\n"
            '  Rename it first: counts.rename({"phase": "phase_group"}).'
        )

    def test_a_group_named_twice_is_refused(self):
        """One name is enough."""
        with pytest.raises(OptionError, match="cannot group by 'team' more than once"):
            trace_nps(series(CALM).with_columns(team=pl.lit("a")), by=["team", "team"])

    def test_by_takes_a_list(self):
        """A bare name is not a list of letters."""
        with pytest.raises(OptionError, match=r"It takes a list: by=\['team'\]"):
            trace_nps(series(CALM).with_columns(team=pl.lit("a")), by="team")

    def test_rebase_takes_a_list(self):
        """A bare date is not a list of signs."""
        with pytest.raises(OptionError) as caught:
            trace_nps(series(CALM), rebase="2024-06")

        assert str(caught.value) == (
            "trace_nps() cannot use rebase='2024-06'.\n  It takes a list: rebase=['2024-06']."
        )

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"rebase": ["June"]}, "It takes a year, a month or a day"),
            ({"until": "soon"}, "cannot use until='soon'"),
            ({"target": 140}, "It takes a score in points, from -100 to 100"),
            ({"target": float("nan")}, "It takes a score in points, from -100 to 100"),
            ({"target": True}, "It takes a score in points, from -100 to 100"),
            ({"min_n": -1}, "It takes 0 or more answers"),
            ({"every": "months"}, "Did you mean 'month'"),
            ({"method": "xrm"}, "Did you mean 'xmr'"),
        ],
    )
    def test_an_option_that_cannot_be_used_is_said(self, options, said):
        """What was found, and what it takes."""
        with pytest.raises(OptionError, match=said):
            trace_nps(series(CALM), **options)
