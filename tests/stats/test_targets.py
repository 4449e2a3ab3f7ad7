from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from strategies import make_counts

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.periods import keep_complete
from nps_kit.rows.sources import open_data
from nps_kit.rows.tallies import tally
from nps_kit.selection import keep_survey
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.planning import histories
from nps_kit.stats.targets import estimate_target, plan_target

DAYS = [date(2025, month, 1) for month in range(1, 13)]


def history_of(*months: tuple[int, int, int], team: str | None = "a") -> pl.DataFrame:
    """Make a history of so many answers of each band, month after month."""
    return pl.concat(
        make_counts(*bands).with_columns(period=pl.lit(day), team=pl.lit(team, pl.String))
        for day, bands in zip(DAYS, months, strict=False)
    )


def targets_of(**goals: float) -> pl.DataFrame:
    """Make a table of targets by team."""
    return pl.DataFrame(
        {"team": list(goals), "target_nps": [float(goal) for goal in goals.values()]},
        schema={"team": pl.String, "target_nps": pl.Float64},
    )


@st.composite
def histories_drawn(draw: st.DrawFn) -> pl.DataFrame:
    """Draw histories of two teams, with gaps, empty months and lone answers."""
    key = st.tuples(
        st.sampled_from(["a", "b", None]), st.sampled_from(DAYS[:6]), st.integers(0, 10)
    )
    rows = draw(st.dictionaries(key, st.integers(0, 200), max_size=30))
    return pl.DataFrame(
        [(*names, n) for names, n in rows.items()],
        schema={"team": pl.String, "period": pl.Date, "score": pl.Int64, "n": pl.Int64},
        orient="row",
    )


def slowly(history: pl.DataFrame) -> tuple[float, float, np.ndarray]:
    """Work out the next true score the long way: whole matrices, one way at a time.

    Returns the mean and the variance of the mixture, and the weights of its parts.
    """
    months = estimate_nps(history, by=["period"])
    y, n = months["nps"].to_numpy() / 100, months["n"].to_numpy().astype(float)
    at = np.array([(day.year * 12 + day.month) for day in months["period"]])
    square = (months["share_promoters"] + months["share_detractors"]).to_numpy()
    v = min(((n * (square - y**2)).sum() + 1.5) / ((n - 1).sum() + 3), 1)
    widths = np.gradient(histories._DEVIATIONS)  # noqa: SLF001 - the grid is what is checked
    widths[0] /= 2
    means, variances, logs = [], [], []
    for kept in histories._PERSISTENCES:  # noqa: SLF001
        for tau, width in zip(histories._DEVIATIONS, widths, strict=True):  # noqa: SLF001
            apart = np.abs(at[:, None] - at)
            cov = tau**2 * np.power(kept, apart) + np.diag(v / n)
            inverse, one = np.linalg.inv(cov), np.ones(len(y))
            total = one @ inverse @ one
            level = one @ inverse @ y / total
            ahead = tau**2 * np.power(kept, at.max() + 1 - at)
            rest = 1 - ahead @ inverse @ one
            means.append(level + ahead @ inverse @ (y - level))
            variances.append(tau**2 - ahead @ inverse @ ahead + rest**2 / total)
            fit = -0.5 * (np.linalg.slogdet(cov)[1] + np.log(total))
            fit -= 0.5 * (y - level) @ inverse @ (y - level)
            logs.append(fit + np.log(width) + stats.t.logpdf(tau / 0.12, 3))
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    mean = weights @ np.array(means)
    variance = weights @ (np.array(variances) + (np.array(means) - mean) ** 2)
    return mean, variance, weights


class TestPlanTarget:
    @pytest.mark.parametrize(
        "months",
        [
            [(30, 20, 50)] * 6,
            [(30, 20, 50), (20, 20, 60), (50, 20, 30), (25, 25, 50)],
            [(9, 0, 1), (0, 0, 0), (0, 0, 0), (1, 1, 8), (300, 100, 600)],
            [(3, 4, 5)],
        ],
    )
    def test_agrees_with_the_long_way(self, months):
        """The filter gives what whole matrices of covariances give, gaps and all."""
        history = history_of(*months)
        mean, _, _ = slowly(history.filter(pl.col("period").is_in(seen(history))))

        assert_allclose(plan_target(history)["expected"].item(), 100 * mean, atol=1e-6)

    def test_the_range_is_that_of_the_long_way(self):
        """The range of the true score is as wide as the matrices say."""
        history = history_of((30, 20, 50), (20, 20, 60), (50, 20, 30), (25, 25, 50))
        _, variance, _ = slowly(history)

        low, high = (
            plan_target(history, level=0.6827).select("expected_low", "expected_high").row(0)
        )

        # The mixture has longer tails than a normal of its variance, and a narrower middle.
        assert (high - low) / 200 == pytest.approx(np.sqrt(variance), rel=0.2)

    def test_tau_against_the_moment_estimate_of_statsmodels(self):
        """Sixty large months straying by 8 points: both find about as much."""
        rng = np.random.default_rng(5)
        truth = np.clip(0.2 + rng.normal(0, 0.08, 60), -0.9, 0.9)
        drawn = rng.multinomial(
            5000, np.stack([(0.7 - truth) / 2, 0 * truth + 0.3, (0.7 + truth) / 2]).T
        )
        days = pl.date_range(date(2020, 1, 1), date(2024, 12, 1), "1mo", eager=True).to_list()
        history = pl.concat(
            make_counts(*bands).with_columns(period=pl.lit(day))
            for day, bands in zip(days, drawn.tolist(), strict=True)
        )
        months = estimate_nps(history, by=["period"])
        square = (months["share_promoters"] + months["share_detractors"]).to_numpy()
        y = months["nps"].to_numpy() / 100
        moments = combine_effects(y, (square - y**2) / 5000, method_re="chi2").tau2

        found = plan_target(history)["tau"].item()

        assert found == pytest.approx(100 * np.sqrt(moments), rel=0.15)

    def test_an_extreme_month_moves_back(self):
        """After one lucky month more luck is not expected: the score falls by itself."""
        usual = [(30, 20, 50)] * 8

        found = plan_target(history_of(*usual, (10, 20, 70)))

        assert 60 == found["nps"].item()
        assert found["regression"].item() < -20
        assert 20 < found["expected"].item() < 40

    def test_a_lasting_shift_is_followed(self):
        """Six months at +60 after six at +20 are not taken for luck."""
        found = plan_target(history_of(*[(30, 20, 50)] * 6, *[(10, 20, 70)] * 6))

        assert found["expected"].item() > 50

    def test_more_history_promises_more(self):
        """Twelve steady months leave a narrower range than two."""
        widths = [
            plan_target(history_of(*[(30, 20, 50)] * k))
            .select(pl.col("predicted_high") - pl.col("predicted_low"))
            .item()
            for k in (1, 2, 12)
        ]

        assert widths[0] > widths[1] > widths[2]

    def test_the_observed_score_ranges_wider_than_the_true_one(self):
        """Luck comes on top of doubt; realistic targets lie within."""
        found = plan_target(history_of((30, 20, 50), (25, 20, 55), (35, 20, 45))).row(0, named=True)

        bounds = [
            *(found["predicted_low"], found["expected_low"]),
            found["expected"],
            *(found["expected_high"], found["predicted_high"]),
        ]
        assert bounds == sorted(bounds)
        assert found["predicted_low"] < found["realistic_low"] < found["expected"]
        assert found["expected"] < found["realistic_high"] < found["predicted_high"]

    def test_looks_at_the_period_after_the_latest(self):
        """After March comes April, by quarter the second quarter."""
        history = history_of(*[(30, 20, 50)] * 3)

        assert date(2025, 4, 1) == plan_target(history)["period"].item()
        assert date(2025, 4, 1) == plan_target(history, every="quarter")["period"].item()
        assert (1, 300) == plan_target(history, every="quarter").select("periods", "n").row(0)

    def test_noise_is_what_two_usual_months_can_differ_by(self):
        """A hundred answers a month: about 24 points, with this spread."""
        found = plan_target(history_of(*[(30, 20, 50)] * 6))
        v = (6 * 100 * (0.8 - 0.04) + 1.5) / (6 * 99 + 3)

        assert found["noise"].item() == pytest.approx(100 * 1.959964 * np.sqrt(2 * v / 100))

    def test_ten_percent_of_forty_is_four(self):
        """A percentage becomes points, and a score."""
        found = plan_target(history_of(*[(200, 200, 600)] * 3), increase=0.1)

        assert (4.0, 44.0, None) == found.select(
            "increase_points", "increase_target", "reason"
        ).row(0)
        assert 0 < found["increase_chance"].item() < 0.5

    @pytest.mark.parametrize(
        ("bands", "reason"),
        [
            ((60, 20, 20), "the score is below zero: a percentage more of it would be a fall"),
            ((480, 0, 520), "the score is near zero: a percentage of it says nothing"),
            ((3, 4, 6), "the score is near zero: a percentage of it says nothing"),
            ((0, 10, 990), "the scale ends at +100"),
        ],
    )
    def test_a_percentage_of_little_is_refused(self, bands, reason):
        """Near or under zero, or past the end of the scale, it means nothing, and says why."""
        found = plan_target(history_of(bands, bands))

        assert (None, None, None, reason) == found.select(
            "increase_points", "increase_target", "increase_chance", "reason"
        ).row(0)

    def test_the_sample_knows_that_billing_was_lifted(self):
        """Billing, raised in April 2026, is not expected to fall back to its two-year mean."""
        data = open_data("sample")
        days = keep_survey(tally(data.responses, by=["touchpoint"], every="day", absent="null"))
        months = keep_complete(days, every="month")

        found = plan_target(months, by=["touchpoint"]).filter(pl.col("touchpoint") == "billing")

        mean = estimate_nps(months.filter(pl.col("touchpoint") == "billing"))["nps"].item()
        assert found["expected"].item() > mean + 5

    @given(histories_drawn())
    def test_nothing_is_nan_or_off_the_scale(self, history):
        """Whatever the history: no NaN, scores on the scale, null only without any answer."""
        found = plan_target(history, by=["team"])

        points = [name for name in found.columns if found.schema[name] == pl.Float64]
        assert not any(found[name].is_nan().any() for name in points)
        ranges = found.select(pl.col("^(expected|predicted|realistic).*$"))
        assert all(ranges[name].drop_nulls().is_between(-100, 100).all() for name in ranges.columns)
        assert (found["expected"].is_null() == (found["periods"] == 0)).all()

    @given(histories_drawn(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, history, random):
        """The same rows in another order look ahead alike."""
        order = list(range(history.height))
        random.shuffle(order)

        assert_frame_equal(
            plan_target(history, by=["team"]), plan_target(history[order], by=["team"])
        )

    @given(histories_drawn())
    def test_adding_up_first_changes_nothing(self, history):
        """A table rolled up to months gives what the finer one gives."""
        rolled = roll_up(history, by=["team", "period"], every="month")

        assert_frame_equal(plan_target(history, by=["team"]), plan_target(rolled, by=["team"]))

    @given(st.lists(st.tuples(*[st.integers(0, 60)] * 3), min_size=1, max_size=5))
    def test_swapping_promoters_and_detractors_mirrors_all(self, months):
        """What is expected changes its sign, and the ranges their ends."""
        if not any(sum(bands) for bands in months):
            return
        ours = plan_target(history_of(*months)).row(0, named=True)
        theirs = plan_target(history_of(*(bands[::-1] for bands in months))).row(0, named=True)

        assert_allclose(ours["expected"], -theirs["expected"], atol=1e-6)
        assert_allclose(ours["predicted_low"], -theirs["predicted_high"], atol=1e-4)

    def test_weights_of_one_change_nothing(self):
        """Answers that all weigh one are plain answers."""
        plain = history_of((30, 20, 50), (25, 20, 55))
        ones = plain.with_columns(weight=pl.col("n") * 1.0, weight_sq=pl.col("n") * 1.0)

        assert_frame_equal(plan_target(plain), plan_target(ones))

    def test_unequal_weights_leave_more_doubt(self):
        """Answers of which a few weigh much tell less."""
        plain = history_of((30, 20, 50), (25, 20, 55))
        uneven = pl.concat(
            plain.with_columns(weight=pl.col("n") * w, weight_sq=pl.col("n") * w**2)
            for w in (0.1, 4.0)
        )

        even = plan_target(pl.concat([plain, plain]))["noise"].item()

        assert plan_target(uneven)["noise"].item() > 1.2 * even

    def test_a_silent_group_is_kept(self):
        """A team without an answer in the latest month keeps its row, and its outlook."""
        history = pl.concat([history_of(*[(9, 9, 9)] * 4), history_of((9, 9, 9), team="b")])

        found = plan_target(history, by=["team"]).filter(pl.col("team") == "b")

        assert (0, None, True, "no answers in the latest period") == found.select(
            "n", "nps", "few", "reason"
        ).row(0)
        assert found["expected"].item() is not None

    def test_a_group_without_any_answer_has_nulls(self):
        """Set aside altogether: a row, and nothing to say."""
        blank = pl.DataFrame(
            {"period": [DAYS[0]], "score": [None], "reason": ["blank"], "n": [4]},
            schema_overrides={"score": pl.Int64},
        )

        found = plan_target(blank)

        assert (0, None, None, None) == found.select("n", "expected", "period", "tau").row(0)

    def test_an_empty_history_has_no_groups(self):
        """No rows, no teams, the same columns."""
        empty = history_of((1, 1, 1)).clear()

        found = plan_target(empty, by=["team"])

        assert plan_target(history_of((1, 1, 1)), by=["team"]).columns == found.columns
        assert 0 == found.height

    @pytest.mark.parametrize("increase", [0, -0.1, float("nan"), "10 %", True, 1e9, 10])
    def test_an_increase_is_a_share(self, increase):
        """Ten percent is written 0.1."""
        with pytest.raises(OptionError, match=r"a share above 0 and under 10: 0\.1 is"):
            plan_target(history_of((1, 1, 1)), increase=increase)

    def test_one_name_is_no_list_of_names(self):
        """The error shows the list that was meant."""
        with pytest.raises(OptionError, match=r"It takes a list: by=\['team'\]"):
            plan_target(history_of((1, 1, 1)), by="team")

    @pytest.mark.parametrize("by", [None, [1]])
    def test_by_is_a_list_of_names(self, by):
        """None and numbers are no names."""
        with pytest.raises(OptionError, match="a list of names"):
            plan_target(history_of((1, 1, 1)), by=by)

    def test_weights_need_their_squares(self):
        """The error names the column that is missing."""
        weighed = history_of((1, 1, 1)).with_columns(weight=1.0)

        with pytest.raises(
            MissingColumnError, match=r"plan_target\(\) needs the column 'weight_sq"
        ):
            plan_target(weighed)

    def test_months_are_not_cut_into_weeks(self):
        """Counts by month cannot say what a week brings."""
        with pytest.raises(OptionError, match="begin with a month"):
            plan_target(history_of((1, 1, 1), (1, 1, 1)), every="week")

    def test_a_period_is_needed(self):
        """The error says which column, and how to get it."""
        with pytest.raises(MissingColumnError, match=r"plan_target\(\) needs the column 'period'"):
            plan_target(make_counts(1, 1, 1))

    def test_a_period_is_a_date(self):
        """Months in words cannot be put in order."""
        with pytest.raises(OptionError, match="needs dates without a time zone"):
            plan_target(make_counts(1, 1, 1).with_columns(period=pl.lit("May")))

    def test_two_kinds_of_survey_are_not_pooled(self):
        """Transactional and relational answers raise rather than add up."""
        mixed = history_of((1, 1, 1)).with_columns(survey=pl.Series(["relational", "x", "x"]))

        with pytest.raises(MixedSurveysError, match=r"plan_target\(\) would add"):
            plan_target(mixed)

    def test_a_group_named_like_a_result_is_refused(self):
        """Groups by their reason would collide with the reason."""
        with pytest.raises(OptionError, match="a name that it needs itself"):
            plan_target(history_of((1, 1, 1)).with_columns(tau=1), by=["tau"])


def seen(history: pl.DataFrame) -> list[date]:
    """Give the months that have answers."""
    return estimate_nps(history, by=["period"]).filter(pl.col("n") > 0)["period"].to_list()


class TestEstimateTarget:
    STEADY = history_of(*[(300, 200, 500)] * 12)

    def test_a_target_far_below_is_sure_and_far_above_hopeless(self):
        """Twelve months at +20: zero will be reached, forty will not."""
        history = pl.concat([self.STEADY, history_of(*[(300, 200, 500)] * 12, team="b")])

        found = estimate_target(history, targets_of(a=0, b=40), by=["team"])

        assert found["chance_reached"][0] > 0.99
        assert found["chance_reached"][1] < 0.01
        assert ["likely", "unlikely"] == found["status"].to_list()

    def test_a_target_where_one_stands_is_a_coin(self):
        """At the target, it is reached every other time, however many answers there are."""
        found = estimate_target(self.STEADY, targets_of(a=20), by=["team"])

        assert found["chance_reached"].item() == pytest.approx(0.5, abs=0.01)
        assert found["chance_missed_by_luck"].item() == pytest.approx(0.5, abs=0.01)
        assert "open" == found["status"].item()

    def test_chance_against_the_matrices(self):
        """With the score expected and its doubt from whole matrices, the chance is nearly that."""
        history = history_of((30, 20, 50), (20, 20, 60), (50, 20, 30), (25, 25, 50))
        mean, variance, _ = slowly(history)
        square = 0.8 + 0 * mean
        luck = (square - mean**2) / 100

        found = estimate_target(history, targets_of(a=40), by=["team"])["chance_reached"].item()

        expected = stats.norm.sf(0.4, mean, np.sqrt(variance + luck))
        assert found == pytest.approx(expected, abs=0.03)

    def test_the_lowest_target_is_always_reached(self):
        """No score falls short of -100."""
        found = estimate_target(self.STEADY, targets_of(a=-100), by=["team"])

        assert (1.0, 1.0, 0.0, -100.0, "likely") == found.select(
            "chance_reached", "chance_true", "chance_missed_by_luck", "safe_nps", "status"
        ).row(0)

    @pytest.mark.parametrize("bands", [(300, 200, 500), (0, 0, 1000)])
    def test_the_highest_target_is_not_judged(self, bands):
        """+100 asks that all be promoters; a group truly there never misses it by luck."""
        found = estimate_target(history_of(*[bands] * 6), targets_of(a=100), by=["team"])

        assert (None, None, 0.0, "not judged") == found.select(
            "chance_reached", "chance_true", "chance_missed_by_luck", "status"
        ).row(0)

    def test_the_true_score_is_surer_than_the_observed_one(self):
        """Luck draws chances to a half: the truth's lie farther out."""
        found = estimate_target(history_of(*[(30, 20, 50)] * 12), targets_of(a=30), by=["team"])

        assert found["chance_true"].item() < found["chance_reached"].item() < 0.5

    def test_luck_of_the_fair_group_by_hand(self):
        """As good as all together (+20), a target of +30 at 100 answers is missed by luck alone."""
        history = history_of(*[(30, 20, 50)] * 6)
        found = estimate_target(history, targets_of(a=30), by=["team"], fair="average")
        v = (6 * 100 * (0.8 - 0.04) + 1.5) / (6 * 99 + 3)

        assert 20 == pytest.approx(found["fair_nps"].item())
        assert found["chance_missed_by_luck"].item() == pytest.approx(
            stats.norm.cdf(0.1 / np.sqrt(v / 100)), abs=0.01
        )

    def test_a_safe_score_reaches_the_target_nine_times_in_ten(self):
        """Drawn 200,000 times at the safe score, the target is reached in nine of ten months."""
        found = estimate_target(history_of(*[(30, 20, 50)] * 6), targets_of(a=20), by=["team"])
        safe = found["safe_nps"].item() / 100
        rng = np.random.default_rng(1)
        drawn = rng.multinomial(100, [(0.8 - safe) / 2, 0.2, (0.8 + safe) / 2], 200_000)

        reached = (drawn[:, 2] - drawn[:, 0] >= 20).mean()

        assert reached == pytest.approx(0.9, abs=0.02)

    def test_the_gap_is_to_what_is_expected(self):
        """The gap is the target less the expected score, and its range that score's."""
        row = estimate_target(self.STEADY, targets_of(a=30), by=["team"]).row(0, named=True)

        assert row["gap"] == pytest.approx(30 - row["expected"])
        assert row["gap_low"] == pytest.approx(30 - row["expected_high"])
        assert row["gap_high"] == pytest.approx(30 - row["expected_low"])

    def test_answers_to_see_the_gap_by_the_formula(self):
        """(1.96 + 0.84) squared, times the spread, over the gap squared."""
        row = estimate_target(self.STEADY, targets_of(a=30), by=["team"]).row(0, named=True)
        v = (12 * 1000 * (0.8 - 0.04) + 1.5) / (12 * 999 + 3)

        expected = (1.959964 + 0.841621) ** 2 * v / (row["gap"] / 100) ** 2
        assert np.ceil(expected) == row["n_gap"]

    def test_the_latest_target_that_has_begun_holds(self):
        """A target of next year is not yet one; one of last year still holds."""
        goals = pl.DataFrame(
            {
                "team": "a",
                "period": [date(2024, 1, 1), date(2025, 6, 1), date(2027, 1, 1)],
                "target_nps": [10.0, 20.0, 30.0],
            }
        )

        assert 20 == estimate_target(self.STEADY, goals, by=["team"])["target_nps"].item()

    def test_a_target_without_a_date_has_always_held(self):
        """It gives way to one that is dated."""
        goals = pl.DataFrame(
            {"team": "a", "period": [None, date(2025, 6, 1)], "target_nps": [10.0, 20.0]}
        )

        assert 20 == estimate_target(self.STEADY, goals, by=["team"])["target_nps"].item()
        assert 10 == estimate_target(self.STEADY, goals.head(1), by=["team"])["target_nps"].item()

    def test_targets_of_another_kind_are_passed_over(self):
        """The table of targets holds those of touchpoints beside those of teams."""
        goals = pl.DataFrame(
            {"team": ["a", None], "touchpoint": [None, "billing"], "target_nps": [20.0, 50.0]}
        )
        history = pl.concat([self.STEADY, history_of(*[(1, 1, 1)] * 12, team=None)])

        found = estimate_target(history, goals, by=["team"])

        assert [20.0, None] == found["target_nps"].to_list()

    @pytest.mark.parametrize("targets", [targets_of(), None])
    def test_no_targets_leave_nothing_to_judge(self, targets):
        """No table of targets, or an empty one: what is realistic stands, nothing is judged."""
        found = estimate_target(self.STEADY, targets, by=["team"])

        assert (None, None, "not judged") == found.select(
            "target_nps", "chance_reached", "status"
        ).row(0)
        assert found["realistic_high"].item() is not None

    def test_few_answers_are_not_judged(self):
        """Under thirty answers a chance is given, and no verdict."""
        found = estimate_target(history_of(*[(3, 2, 5)] * 3), targets_of(a=20), by=["team"])

        assert "not judged" == found["status"].item()
        assert found["chance_reached"].item() is not None

    def test_groups_are_met_whatever_their_type(self):
        """Teams that are numbers here and words there are the same teams."""
        history = history_of((9, 9, 9)).with_columns(team=pl.lit(7))

        found = estimate_target(history, targets_of(**{"7": 20}), by=["team"])

        assert 20 == found["target_nps"].item()

    def test_one_target_for_the_whole_table(self):
        """Without groups one target holds for all."""
        found = estimate_target(self.STEADY, pl.DataFrame({"target_nps": [20]}))

        assert 20 == found["target_nps"].item()

    @given(histories_drawn(), st.floats(-100, 100))
    def test_chances_are_chances(self, history, goal):
        """Whatever the history and the target: between 0 and 1, never NaN."""
        found = estimate_target(history, targets_of(a=goal), by=["team"])

        for name in ("chance_reached", "chance_true", "chance_missed_by_luck"):
            assert found[name].drop_nulls().is_between(0, 1).all()
        assert not any(found[c].is_nan().any() for c in found.columns if found.schema[c].is_float())
        assert found["status"].is_not_null().all()

    @given(st.floats(-90, 80), st.floats(1, 10))
    def test_a_higher_target_is_never_likelier(self, goal, more):
        """Raising the target lowers the chance."""
        low, high = (
            estimate_target(self.STEADY, targets_of(a=each), by=["team"])["chance_reached"].item()
            for each in (goal, goal + more)
        )

        assert low >= high

    def test_two_targets_at_once_are_refused(self):
        """The error names the group and both targets."""
        goals = pl.DataFrame({"team": ["a", "a"], "target_nps": [20.0, 30.0]})

        with pytest.raises(OptionError) as caught:
            estimate_target(self.STEADY, goals, by=["team"])

        assert str(caught.value) == (
            "estimate_target() finds more than one target of 'a' at once: '20.0', '30.0'.\n"
            "  Keep one row a group and period, or name what tells them apart in `by`."
        )

    def test_a_missing_column_of_the_targets_is_named(self):
        """The error says that it is the targets that lack it."""
        with pytest.raises(MissingColumnError, match="'team', which is not in `targets`"):
            estimate_target(self.STEADY, pl.DataFrame({"target_nps": [20]}), by=["team"])

    @pytest.mark.parametrize("goal", [101.0, -200.0, float("nan")])
    def test_a_target_lies_on_the_scale(self, goal):
        """No score is over 100."""
        with pytest.raises(OptionError, match="points from -100 to 100"):
            estimate_target(self.STEADY, targets_of(a=goal), by=["team"])

    @pytest.mark.parametrize("targets", [{"target_nps": [20]}, pl.LazyFrame({"target_nps": [20]})])
    def test_targets_are_a_table(self, targets):
        """A dict or a lazy frame is refused with what to do."""
        with pytest.raises(OptionError, match=r"a table of targets, a polars DataFrame, and was"):
            estimate_target(self.STEADY, targets)

    def test_fair_is_one_of_two(self):
        """The error lists both."""
        with pytest.raises(OptionError, match="'target', 'average'"):
            estimate_target(self.STEADY, targets_of(a=20), by=["team"], fair="mean")
