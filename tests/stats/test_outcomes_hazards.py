import warnings

import lifelines
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test
from scipy import stats

from nps_kit.scale import BANDS
from nps_kit.stats.outcomes import compare_retention, estimate_retention
from nps_kit.stats.outcomes.amounts import Amounts, find_median, trim_mean, vary_mean
from nps_kit.stats.outcomes.hazards import Fit, Spells, fit_hazards
from nps_kit.stats.outcomes.survival import find_rank_chance, follow, keep_until, read

RISE = np.array([3.0, 1.68, 1.0])
"""How many times as fast each band leaves."""


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Draw 3,000 followed people of three bands and two segments, many leaving on one day."""
    rng = np.random.default_rng(20260930)
    band, segment = rng.integers(0, 3, 3000), rng.integers(0, 2, 3000)
    leave = np.ceil(rng.exponential(1 / (0.004 * RISE[band] * (1 + segment))))
    stop = np.ceil(rng.uniform(1, 120, 3000))
    return pl.DataFrame(
        {
            "days": np.minimum(leave, stop),
            "left": (leave <= stop).astype(float),
            "detractors": (band == 0).astype(float),
            "passives": (band == 1).astype(float),
            "segment": segment.astype(float),
        }
    )


TERMS = ("detractors", "passives", "segment")


def fit(rows: pl.DataFrame, terms: tuple[str, ...] = TERMS, times: int = 1) -> Fit:
    """Count the rows, and fit the counts."""
    cells = rows.group_by("days", "left", *terms, maintain_order=True).agg(
        n=pl.len().cast(pl.Float64) * times
    )
    patterns, place = np.unique(cells.select(terms).to_numpy(), axis=0, return_inverse=True)
    arrays = (cells[name].to_numpy() for name in ("days", "left", "n"))
    return fit_hazards(Spells(*arrays, place.ravel()), patterns)


def curve_of(rows: pl.DataFrame):
    """Count the rows, and follow them."""
    cells = rows.group_by("days", "left", maintain_order=True).agg(n=pl.len().cast(pl.Float64))
    return follow(*(cells[name].to_numpy() for name in ("days", "left", "n")))


def quietly(call):
    """Call the oracle without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


SCORES = {"detractors": 3, "passives": 7, "promoters": 9}


def draw(seed: int) -> pl.DataFrame:
    """Draw followed people: many ties, some never seen again, a level that is missing."""
    rng = np.random.default_rng(seed)
    n, scale = int(rng.integers(60, 900)), rng.choice([3, 20, 200])
    band, segment = rng.choice(3, n, p=rng.dirichlet([3, 3, 3])), rng.integers(0, 3, n)
    leave = np.floor(rng.exponential(scale / (RISE[band] * (1 + segment / 2))))
    # One time in four everybody is followed until they leave.
    stop = np.floor(rng.uniform(0, 1.5 * scale, n)) if seed % 4 else np.full(n, 1e6)
    return pl.DataFrame(
        {
            "days": np.minimum(leave, stop).astype(int),
            "left": leave <= stop,
            "band": [BANDS[each] for each in band],
            "segment": [("a", None, "c")[each] for each in segment],
        }
    )


def count(rows: pl.DataFrame) -> pl.DataFrame:
    """Count the rows as `tally_loyalty` does."""
    return (
        rows.group_by(rows.columns)
        .agg(n=pl.len())
        .with_columns(score=pl.col("band").replace_strict(SCORES))
        .drop("band")
    )


@pytest.mark.parametrize("seed", range(12))
class TestOnRawRows:
    def test_shares_that_stay_are_those_of_lifelines(self, seed):
        """Whatever the data, day by day, with those at risk and those gone."""
        rows = draw(seed)

        kept = estimate_retention(count(rows))

        for (band,), mine in rows.group_by("band"):
            told = kept.filter(pl.col("band") == band)
            oracle = quietly(
                lambda own=mine: lifelines.KaplanMeierFitter().fit(own["days"], own["left"])
            )
            there = oracle.survival_function_.iloc[:, 0].loc[told["days"].to_list()]
            assert there.to_numpy() == pytest.approx(told["staying"].to_numpy(), abs=1e-12)
            assert [(mine["days"] >= day).sum() for day in told["days"]] == told[
                "at_risk"
            ].to_list()
            some = told.filter(pl.col("left") > 0, pl.col("staying") > 0)
            bounds = oracle.confidence_interval_.loc[some["days"].to_list()].to_numpy()
            assert bounds == pytest.approx(some.select("low", "high").to_numpy(), abs=1e-12)

    def test_ratios_are_those_of_lifelines(self, seed):
        """With a control that has a missing level, errors and the test of proportionality too."""
        rows = draw(seed)
        frame = rows.select(
            *((pl.col("band") == band).cast(pl.Float64).alias(band) for band in BANDS[:2]),
            *(
                (pl.col("segment").eq_missing(pl.lit(each))).cast(pl.Float64).alias(f"s{each}")
                for each in ("c", None)
            ),
            "days",
            pl.col("left").cast(pl.Float64),
        ).to_pandas()
        oracle = quietly(
            lambda: lifelines.CoxPHFitter().fit(
                frame, "days", "left", fit_options={"precision": 1e-11}
            )
        )
        drift = quietly(lambda: proportional_hazard_test(oracle, frame, time_transform="km"))

        ratios = compare_retention(count(rows), controls=["segment"])

        for place, band in enumerate(BANDS[:2]):
            row = ratios.row(place, named=True)
            assert oracle.hazard_ratios_[band] == pytest.approx(row["hazard_ratio"], rel=1e-6)
            error = np.log(row["high"] / row["low"]) / 2 / stats.norm.ppf(0.975)
            assert oracle.standard_errors_[band] == pytest.approx(error, rel=1e-6)
            told = drift.summary.loc[band, "p"]
            assert told == pytest.approx(row["p_proportional"], abs=1e-4)

    def test_rank_tests_are_those_of_scipy(self, seed):
        """Two bands without controls."""
        rows = draw(seed)

        ratios = compare_retention(count(rows))

        for band in BANDS[:2]:
            sides = [
                stats.CensoredData.right_censored(own["days"].to_numpy(), ~own["left"].to_numpy())
                for own in (rows.filter(pl.col("band") == each) for each in (band, "promoters"))
            ]
            found = ratios.filter(pl.col("band") == band)["p_rank"].item()
            assert stats.logrank(*sides).pvalue == pytest.approx(found, abs=1e-12)


class TestFitHazards:
    def test_equals_lifelines_on_the_raw_rows(self, rows):
        """Log hazard ratios and errors from counts are those of one row a person."""
        oracle = quietly(
            lambda: lifelines.CoxPHFitter().fit(
                rows.to_pandas(), "days", "left", fit_options={"precision": 1e-12}
            )
        )

        found = fit(rows)

        assert oracle.params_.to_numpy() == pytest.approx(found.log_ratios, abs=1e-5)
        errors = np.sqrt(np.diag(found.covariance))
        assert oracle.standard_errors_.to_numpy() == pytest.approx(errors, abs=1e-6)
        assert oracle.log_likelihood_ == pytest.approx(found.log_likelihood, abs=1e-6)

    def test_tests_proportionality_as_lifelines_does(self, rows):
        """The same p-values on the Kaplan-Meier scale of time."""
        frame = rows.to_pandas()
        oracle = quietly(
            lambda: proportional_hazard_test(
                lifelines.CoxPHFitter().fit(frame, "days", "left"), frame, time_transform="km"
            )
        )

        assert oracle.p_value == pytest.approx(fit(rows).p_proportional, abs=1e-4)

    def test_cannot_test_on_one_day_what_takes_time(self, rows):
        """All left on one day: whether a ratio drifts cannot be told."""
        assert np.isnan(fit(rows.with_columns(days=5.0)).p_proportional).all()

    def test_follows_its_own_slope(self, rows):
        """By a slow second way: the likelihood leaver by leaver is highest where the fit ends."""
        found = fit(rows.head(300))

        def height(beta: np.ndarray) -> float:
            frame = rows.head(300)
            weight = np.exp(frame.select(TERMS).to_numpy() @ beta)
            days, left = frame["days"].to_numpy(), frame["left"].to_numpy() > 0
            total = 0.0
            for day in np.unique(days[left]):
                risk, gone = weight[days >= day].sum(), weight[(days == day) & left]
                total += np.log(gone).sum()
                total -= sum(
                    np.log(risk - place / gone.size * gone.sum()) for place in range(gone.size)
                )
            return total

        best = height(found.log_ratios)
        assert best == pytest.approx(found.log_likelihood)
        for place in range(3):
            for step in (-1e-3, 1e-3):
                assert best > height(found.log_ratios + step * np.eye(3)[place])

    def test_of_ten_times_as_many_has_errors_a_root_of_ten_smaller(self, rows):
        """Counts count; ties alone move the ratios by a hair."""
        once, ten = fit(rows), fit(rows, times=10)

        shrunk = np.sqrt(np.diag(ten.covariance)) * np.sqrt(10)
        assert np.sqrt(np.diag(once.covariance)) == pytest.approx(shrunk, rel=0.02)
        assert once.log_ratios == pytest.approx(ten.log_ratios, abs=0.03)

    def test_of_a_thousand_million_people_takes_no_longer(self, rows):
        """So many who leave on one day are stood for by a few."""
        assert fit(rows, times=10_000).log_ratios == pytest.approx(
            fit(rows, times=1_000_000).log_ratios, abs=1e-5
        )

    def test_leaves_out_who_nobody_left_of(self, rows):
        """The ratio of a level without leavers has no end, and touches no other."""
        never = rows.with_columns(
            left=pl.when(pl.col("segment") == 1).then(0.0).otherwise(pl.col("left"))
        )

        found = fit(never)

        without = fit(never.filter(pl.col("segment") == 0), TERMS[:2])
        assert np.isnan(found.log_ratios[2])
        assert without.log_ratios == pytest.approx(found.log_ratios[:2])

    def test_cannot_tell_a_term_from_itself(self, rows):
        """The second of two that say the same is not to be had."""
        twice = rows.with_columns(again=pl.col("detractors"))

        found = fit(twice, (*TERMS, "again"))

        assert np.isnan(found.log_ratios[3])
        assert fit(rows).log_ratios == pytest.approx(found.log_ratios[:3])

    def test_of_nobody_is_not_to_be_had(self, rows):
        """No rows, and nobody who left, give no ratio."""
        for nothing in (rows.clear(), rows.with_columns(left=0.0)):
            assert np.isnan(fit(nothing).log_ratios).all()


class TestFollow:
    def test_equals_lifelines_on_the_raw_rows(self, rows):
        """Shares and bounds from counts are those of one row a person."""
        oracle = quietly(lambda: lifelines.KaplanMeierFitter().fit(rows["days"], rows["left"]))
        curve = curve_of(rows)

        _, _, staying, low, high = read(curve, curve.days, level=0.95)

        bounds = oracle.confidence_interval_.loc[curve.days].to_numpy()
        assert oracle.predict(curve.days).to_numpy() == pytest.approx(staying, abs=1e-9)
        assert bounds[:, 0] == pytest.approx(low, abs=1e-9)
        assert bounds[:, 1] == pytest.approx(high, abs=1e-9)

    def test_counts_at_risk_who_is_lost_on_the_day(self):
        """Leaving comes before being lost sight of."""
        curve = follow(np.array([5.0, 5.0]), np.array([1.0, 0.0]), np.array([1.0, 3.0]))

        assert (4.0, 0.75) == (curve.at_risk[0], curve.staying[0])

    def test_bounds_hold_while_nobody_has_left(self):
        """None of 59 who left within the day: perhaps 5 % do (the exact bound)."""
        curve = follow(np.array([10.0]), np.array([0.0]), np.array([59.0]))

        _, _, staying, low, high = read(curve, np.array([1.0]), level=0.90)

        assert (1.0, pytest.approx(0.95, abs=0.001), 1.0) == (staying[0], low[0], high[0])

    def test_bounds_hold_once_all_have_left(self):
        """Two of two left: nobody stays, and the bounds are numbers."""
        curve = follow(np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]))

        _, _, staying, low, high = read(curve, np.array([2.0]), level=0.95)

        assert (0.0, 0.0) == (staying[0], low[0])
        assert 0.5 < high[0] < 1

    def test_says_nothing_past_its_end(self):
        """Nobody was followed so long."""
        curve = follow(np.array([10.0]), np.array([1.0]), np.array([5.0]))

        assert all(np.isnan(each[0]) for each in read(curve, np.array([11.0]), level=0.95))

    @given(
        st.lists(
            st.tuples(st.integers(0, 40), st.booleans(), st.integers(1, 50)),
            min_size=1,
            max_size=30,
        )
    )
    def test_falls_and_stays_between_its_bounds(self, cells):
        """Fewer and fewer stay, and the bounds hold the share."""
        days, left, n = (np.array(each, float) for each in zip(*cells, strict=True))
        curve = follow(days, left, n)

        _, _, staying, low, high = read(curve, np.arange(curve.longest + 1), level=0.95)

        assert (np.diff(staying) <= 1e-12).all()
        assert ((0 <= low) & (low <= staying + 1e-12)).all()
        assert ((staying <= high + 1e-12) & (high <= 1)).all()


class TestFindRankChance:
    def test_equals_lifelines_on_the_raw_rows(self, rows):
        """Three bands at once, from counts."""
        band = (2 - 2 * rows["detractors"] - rows["passives"]).to_numpy()
        oracle = quietly(lambda: multivariate_logrank_test(rows["days"], band, rows["left"]))

        parts = [rows.filter(band == place) for place in (0, 1, 2)]
        found = find_rank_chance(
            [(p["days"].to_numpy(), p["left"].to_numpy(), np.ones(p.height)) for p in parts]
        )

        assert oracle.p_value == pytest.approx(found, rel=1e-9)

    def test_of_one_group_is_not_to_be_had(self):
        """One group stands against nothing."""
        one = (np.array([1.0]), np.array([1.0]), np.array([3.0]))

        assert np.isnan(find_rank_chance([one]))


class TestKeepUntil:
    def test_is_the_area_under_the_curve(self):
        """All for 10 days, half for another 10: 15 days."""
        curve = follow(np.array([10.0, 30.0]), np.array([1.0, 0.0]), np.array([5.0, 5.0]))

        assert pytest.approx(15.0) == keep_until(curve, 20.0, discount=0.0).days

    def test_discounts(self):
        """A day weighs less the later it comes."""
        curve = follow(np.array([30.0]), np.array([0.0]), np.array([5.0]))

        want = (1 - np.exp(-0.2)) / 0.01
        assert pytest.approx(want) == keep_until(curve, 20.0, discount=0.01).days

    def test_varies_as_samples_drawn_anew_do(self, rows):
        """Greenwood's variance is that of 400 samples drawn from the people, within a fifth."""
        rng = np.random.default_rng(5)
        some = rows.head(600)
        areas = [
            keep_until(curve_of(some[rng.integers(0, 600, 600)]), 60.0, discount=0.0).days
            for _ in range(400)
        ]

        found = keep_until(curve_of(some), 60.0, discount=0.0).variance
        assert np.var(areas) == pytest.approx(found, rel=0.2)

    def test_is_not_to_be_had_past_the_end(self):
        """The data does not say."""
        curve = follow(np.array([10.0]), np.array([1.0]), np.array([5.0]))

        assert np.isnan(keep_until(curve, 20.0, discount=0.0).days)


class TestTrimMean:
    @settings(max_examples=50)
    @given(st.lists(st.floats(0, 1000), min_size=20, max_size=60))
    def test_equals_scipy_where_the_cut_comes_out_whole(self, values):
        """A twentieth off each end of 20, 40 or 60 customers."""
        values = np.sort(values[: len(values) // 20 * 20])

        found = trim_mean(values, np.ones(values.size), trim=0.05)

        assert stats.trim_mean(values, 0.05) == pytest.approx(float(found), abs=1e-9)

    def test_cuts_a_part_of_a_person(self):
        """A tenth off each end of five people takes half of the first and of the last."""
        values = np.array([1.0, 2.0, 3.0, 4.0, 10.0])

        want = (0.5 * 1 + 2 + 3 + 4 + 0.5 * 10) / 4
        assert pytest.approx(want) == float(trim_mean(values, np.ones(5), trim=0.1))

    def test_of_nobody_is_not_to_be_had(self):
        """No customers, no mean."""
        assert np.isnan(trim_mean(np.array([]), np.array([]), trim=0.1))


class TestFindMedian:
    @given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
    def test_equals_numpy(self, values):
        """From counts, odd and even."""
        value, n = np.unique(values, return_counts=True)

        assert np.median(values) == float(find_median(value.astype(float), n.astype(float)))


class TestVaryMean:
    def test_without_a_cut_is_the_error_of_a_mean(self):
        """The plain variance over n."""
        values = np.array([1.0, 2.0, 4.0, 9.0])

        found = vary_mean(Amounts(values, np.ones(4)), trim=0.0)

        assert np.var(values, ddof=1) / 4 == pytest.approx(found)

    def test_equals_scipy_where_the_cut_comes_out_whole(self):
        """The Winsorised variance of 40 customers, a tenth pulled in at each end."""
        values = np.sort(np.random.default_rng(3).lognormal(size=40))
        want = (
            float(stats.mstats.trimmed_stde(values, limits=(0.1, 0.1), inclusive=(True, True))) ** 2
        )

        found = vary_mean(Amounts(values, np.ones(40)), trim=0.1)

        assert want == pytest.approx(found, rel=0.05)
