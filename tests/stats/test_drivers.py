import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import special, stats
from statsmodels.api import OLS
from statsmodels.miscmodels.ordinal_model import OrderedModel
from strategies import sparse_patterns

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.sample.maker import make_sample
from nps_kit.rows.tallies import tally
from nps_kit.stats.drivers.estimates import estimate_drivers, standardise
from nps_kit.stats.drivers.ordinal import find_tangles, fit_ordinal
from nps_kit.stats.drivers.patterns import find_patterns

TRUTH = json.loads(
    (Path(__file__).parents[2] / "data" / "sample" / "truth.json").read_text(encoding="utf-8")
)
MODEL = TRUTH["driver_model"]
SEED = TRUTH["sample"]["seed"]
COLUMNS = [
    *("driver", "value", "against", "n", "share", "odds_ratio", "odds_low", "odds_high"),
    *("change", "low", "high", "level", "p_value", "p_adjusted", "p_overall", "found", "few"),
]
EFFECTS = ["odds_ratio", "odds_low", "odds_high", "change", "low", "high"]


def tally_sample(*, seed: int = SEED, effects: str = "planted") -> pl.DataFrame:
    """Tally a sample as its truth says that it was."""
    tables = make_sample(seed=seed, effects=effects).tables
    answers = tables["responses"].filter(pl.col("survey") == "transactional")
    by = [*MODEL["drivers"], *MODEL["controls"]]
    return tally(join_service(answers, tables["interactions"]), by=by, bands=MODEL["bands"])


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    """Tally the sample's transactional answers by its drivers and controls."""
    return tally_sample()


@pytest.fixture(scope="module")
def table(sample) -> pl.DataFrame:
    """Estimate the sample's drivers."""
    return estimate_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])


def cross(*levels: tuple[str | None, int, int, int], name: str = "way") -> pl.DataFrame:
    """Make the counts of one factor: a level, its detractors, passives and promoters."""
    rows = [
        (value, score, n)
        for value, *bands in levels
        for score, n in zip((3, 8, 10), bands, strict=True)
    ]
    return pl.DataFrame(
        rows, schema={name: pl.String, "score": pl.Int64, "n": pl.Int64}, orient="row"
    )


def draw(n: int, *, seed: int = 7) -> pl.DataFrame:
    """Draw answers that two factors move."""
    rng = np.random.default_rng(seed)
    wait, repeat = rng.integers(0, 3, n), rng.random(n) < 0.3
    felt = rng.logistic(size=n) - 0.5 * wait - 0.9 * repeat + 0.4 * (wait == 2) * 1.0
    scores = np.array([3, 8, 10])[(felt > -1.2).astype(int) + (felt > -0.2)]
    rows = pl.DataFrame({"wait": wait, "repeat": repeat, "score": scores})
    return rows.group_by("wait", "repeat", "score", maintain_order=True).agg(n=pl.len())


def draw_queue() -> pl.DataFrame:
    """Count calls, which wait, and messages, which do not."""
    bands = pl.Enum(["no wait", "under 2 min", "over"])
    kinds = [("no wait", "e-mail"), ("under 2 min", "phone"), ("over", "phone")]
    answers = [(100, 80, 220), (150, 120, 330), (160, 70, 120)]
    rows = [
        (*kind, score, n)
        for kind, each in zip(kinds, answers, strict=True)
        for score, n in zip((3, 8, 10), each, strict=True)
    ]
    schema = {"wait": bands, "channel": pl.String, "score": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def row(table: pl.DataFrame, value: str, driver: str = "way") -> dict[str, object]:
    """Take the row of one level."""
    return table.filter(pl.col("driver") == driver, pl.col("value") == value).row(0, named=True)


def fit_rows(counts: pl.DataFrame, names: list[str]):
    """Fit statsmodels' model to single answers, all levels as its own dummies."""
    rows = counts.filter(pl.col("reason").is_null()) if "reason" in counts.columns else counts
    rows = rows.select(pl.all().repeat_by("n").explode())
    band = (rows["score"] > 6).cast(pl.Int64) + (rows["score"] > 8).cast(pl.Int64)
    dummies = {}
    for name in names:
        ordered = rows[name].unique().sort().drop_nulls()
        for value in ordered[1:]:
            dummies[name, str(value).lower()] = (rows[name] == value).to_numpy().astype(float)
    design = np.column_stack(list(dummies.values()))
    model = OrderedModel(band.to_numpy(), design, distr="logit")
    return list(dummies), model.fit(method="bfgs", disp=False, gtol=1e-7, maxiter=500), model


class TestFitOrdinal:
    def test_of_two_bands_is_the_odds_ratio_by_hand(self):
        """Two levels without passives: the log of the odds ratio, and its textbook error."""
        fit = fit_ordinal(np.array([[0.0], [1.0]]), [[20, 0, 60], [45, 0, 30]])

        assert_allclose(fit.coefficients, np.log(30 * 20 / (60 * 45)), atol=1e-9)
        assert_allclose(fit.errors, np.sqrt(1 / 20 + 1 / 60 + 1 / 45 + 1 / 30), atol=1e-9)

    def test_without_columns_gives_the_shares(self):
        """A model of nothing predicts the score that was observed."""
        fit = fit_ordinal(np.zeros((1, 0)), [[30, 20, 50]])

        assert_allclose(fit.nps(np.zeros((1, 0))), 20)
        assert_allclose(fit.thresholds, special.logit([0.3, 0.5]), atol=1e-12)

    def test_likelihood_is_that_of_single_answers(self):
        """The log-likelihood has no constant of order, so that it adds up over counts."""
        fit = fit_ordinal(np.zeros((1, 0)), [[30, 20, 50]])

        expected = 30 * np.log(0.3) + 20 * np.log(0.2) + 50 * np.log(0.5)
        assert_allclose(fit.log_likelihood, expected)

    def test_splitting_a_pattern_changes_nothing(self):
        """Counts are enough: answers that say the same may stand together or apart."""
        design = np.array([[0.0], [1.0]])
        whole = fit_ordinal(design, [[20, 30, 50], [50, 30, 20]])

        split = fit_ordinal(
            np.repeat(design, 2, axis=0), [[15, 5, 40], [5, 25, 10], [50, 0, 3], [0, 30, 17]]
        )

        assert_allclose(split.coefficients, whole.coefficients, atol=1e-7)
        assert_allclose(split.errors, whole.errors, atol=1e-7)

    def test_swapping_the_ends_flips_the_signs(self):
        """What moves answers up moves mirrored answers down, by as much."""
        design = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
        bands = np.array([[20, 30, 50], [50, 30, 20], [10, 7, 40]])

        fit, mirrored = fit_ordinal(design, bands), fit_ordinal(design, bands[:, ::-1])

        assert_allclose(mirrored.coefficients, -fit.coefficients, atol=1e-7)
        assert_allclose(mirrored.errors, fit.errors, atol=1e-7)

    def test_ten_times_the_answers_narrow_the_error(self):
        """Ten times as many alike answers: the same coefficients, errors by the root of ten."""
        design, bands = np.array([[0.0], [1.0]]), np.array([[20, 30, 50], [50, 30, 20]])

        fit, many = fit_ordinal(design, bands), fit_ordinal(design, 10 * bands)

        assert_allclose(many.coefficients, fit.coefficients, atol=1e-7)
        assert_allclose(many.errors * np.sqrt(10), fit.errors, atol=1e-7)

    def test_from_a_start_arrives_at_the_same_top(self):
        """A resample may begin from the whole sample's fit."""
        design = np.array([[0.0], [1.0]])
        start = fit_ordinal(design, [[20, 30, 50], [50, 30, 20]])
        bands = [[25, 31, 44], [60, 20, 20]]

        found = fit_ordinal(design, bands, start=start)

        assert_allclose(found.coefficients, fit_ordinal(design, bands).coefficients, atol=1e-6)

    def test_an_offset_is_taken_as_given(self):
        """Log odds given beforehand are taken off what is left to find."""
        design, bands = np.array([[0.0], [1.0]]), [[20, 30, 50], [50, 30, 20]]

        found = fit_ordinal(design, bands, offset=0.25 * design[:, 0])

        expected = fit_ordinal(design, bands).coefficients - 0.25
        assert_allclose(found.coefficients, expected, atol=1e-7)

    @pytest.mark.parametrize(
        ("bands", "sign"), [([0, 0, 12], 1), ([12, 0, 0], -1)], ids=["promoters", "detractors"]
    )
    def test_a_level_all_in_one_end_band_runs_away(self, bands, sign):
        """Separation is noticed, and the number is never a silent million."""
        fit = fit_ordinal(np.array([[0.0], [1.0]]), [[20, 30, 50], bands])

        assert fit.runaway.all()
        assert np.isnan(fit.errors).all()
        assert 5 < sign * fit.coefficients[0] < 40

    def test_a_level_all_passives_does_not(self):
        """Passives have odds on both sides."""
        assert fit_ordinal(np.array([[0.0], [1.0]]), [[20, 30, 50], [0, 12, 0]]).known.all()

    def test_a_runaway_leaves_the_others_alone(self):
        """One separated level does not spoil what the answers elsewhere tell."""
        design = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        bands = np.array([[20, 30, 50], [50, 30, 20], [0, 0, 9]])

        fit, without = fit_ordinal(design, bands), fit_ordinal(design[:2, 1:], bands[:2])

        assert_allclose(fit.coefficients[1:], without.coefficients, atol=1e-5)
        assert_allclose(fit.errors[1:], without.errors, atol=1e-5)

    def test_a_repeated_column_is_dropped_and_named(self):
        """Two columns that say the same: neither has an effect of its own."""
        design = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

        fit = fit_ordinal(design, [[20, 30, 50], [50, 30, 20], [5, 5, 5]])

        assert [True, True, False] == fit.tangled.tolist()
        assert 2 == fit.rank

    @pytest.mark.parametrize(
        ("bands", "expected"),
        [([9, 0, 0], -100), ([0, 9, 0], 0), ([0, 0, 9], 100)],
        ids=["detractors", "passives", "promoters"],
    )
    def test_answers_all_alike_predict_themselves(self, bands, expected):
        """Where all are alike no column does anything, and the score is what it is."""
        fit = fit_ordinal(np.array([[0.0], [1.0]]), [bands, bands])

        assert [expected] * 2 == fit.nps(np.array([[0.0], [1.0]])).tolist()
        assert not fit.known.any()

    @pytest.mark.parametrize("empty", [0, 1, 2])
    def test_an_empty_band_leaves_a_logit(self, empty):
        """With two bands in use, the model is the logit of these two."""
        bands = np.array([[20, 30, 50], [50, 30, 20]])
        bands[:, empty] = 0
        low, high = np.delete(bands, empty, 1).T

        found = fit_ordinal(np.array([[0.0], [1.0]]), bands)

        expected = np.log(high[1] * low[0] / (low[1] * high[0]))
        assert_allclose(found.coefficients, expected, atol=1e-7)
        assert_allclose(
            found.nps(np.array([[0.0]])), 100 * (bands[0, 2] - bands[0, 0]) / bands[0].sum()
        )

    def test_slopes_of_the_score_are_slopes(self):
        """The delta method stands on the true slopes of the mean score."""
        design = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        weights = np.array([5.0, 3.0, 2.0])
        fit = fit_ordinal(design, [[20, 30, 50], [50, 30, 20], [11, 9, 4]])

        def mean(values: np.ndarray) -> float:
            moved = replace(fit, thresholds=values[:2], coefficients=values[2:])
            return np.average(moved.nps(design), weights=weights)

        values = np.concatenate([fit.thresholds, fit.coefficients])
        steps = 1e-6 * np.eye(4)
        expected = [(mean(values + step) - mean(values - step)) / 2e-6 for step in steps]
        assert_allclose(fit.gradient(design, weights), expected, rtol=1e-6)

    @given(
        st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=6, max_size=6),
    )
    @settings(max_examples=60)
    def test_is_always_finite(self, rows):
        """Whatever the answers are, no figure is endless and no warning is given."""
        design = np.array([[a, b, a * b] for a in (0, 1) for b in (0, 1, 0)], dtype=float)

        fit = fit_ordinal(design, rows)

        assert np.isfinite(fit.coefficients).all()
        assert np.isfinite(fit.covariance).all()
        assert (fit.errors[fit.known] < 15).all()


class TestFewAnswers:
    @pytest.mark.parametrize("seed", range(12))
    def test_a_few_answers_of_many_parts_raise_no_warning(self, seed):
        """Ten to two hundred answers at twenty levels give finite figures, in silence."""
        rng = np.random.default_rng(seed)
        n = int(rng.integers(10, 200))
        design = np.column_stack(
            [codes == k for codes in rng.binomial(3, 0.3, (8, n)) for k in (1, 2, 3)]
        ).astype(float)
        bands = np.eye(3, dtype=int)[rng.integers(0, 3, n)]

        fit = fit_ordinal(design, bands)

        again = fit_ordinal(design, bands[rng.permutation(n)], start=fit)
        for each in (fit, again):
            assert np.isfinite(each.coefficients).all()
            assert np.isfinite(each.covariance).all()

    @pytest.mark.parametrize("far", [50.0, 340.0, 400.0, 700.0, 745.0, 1e4, 1e15])
    def test_a_start_at_the_end_of_numbers_raises_no_warning(self, far):
        """Where an effect without end has run far, nothing overflows."""
        design = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        bands = [[5, 4, 6], [0, 0, 7], [3, 3, 3], [0, 0, 4]]
        fit = fit_ordinal(design, bands)

        start = replace(fit, coefficients=np.array([far, 0.0]))
        found = fit_ordinal(design, bands, start=start)

        assert np.isfinite(found.covariance).all()
        assert found.runaway.tolist() == [True, False]


class TestFindTangles:
    def test_a_column_of_ones_repeats_the_threshold(self):
        """A level that everybody has tells nobody apart."""
        kept, tangled = find_tangles(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([3.0, 4.0]))

        assert [1] == kept.tolist()
        assert [True, False] == tangled.tolist()

    def test_a_rare_level_of_very_many_answers_is_kept(self):
        """One answer of ten thousand million is rare, not repeated."""
        _, tangled = find_tangles(np.array([[0.0], [1.0]]), np.array([1e10, 1.0]))

        assert not tangled.any()


class TestFindPatterns:
    def test_levels_are_in_the_order_of_their_type(self):
        """Bands in their order, false before true, numbers as they rise, text by name."""
        bands = pl.Enum(["under 30", "30 to 120", "120 and over"])
        counts = pl.DataFrame(
            {
                "wait": pl.Series(["120 and over", "30 to 120", "under 30"], dtype=bands),
                "repeat": [True, False, True],
                "transfers": [10, 2, 1],
                "touchpoint": ["claims", "billing", "renewal"],
                "score": [1, 9, 8],
                "n": [1, 2, 3],
            }
        )

        found = find_patterns(
            counts, drivers=["wait", "repeat", "transfers", "touchpoint"], caller="f()"
        )

        assert [
            ("under 30", "30 to 120", "120 and over"),
            ("false", "true"),
            ("1", "2", "10"),
            ("billing", "claims", "renewal"),
        ] == [factor.levels for factor in found.factors]

    def test_what_is_missing_is_a_level_of_its_own_and_the_last(self):
        """Null and blank text are "not given", after every name."""
        counts = cross(("zoo", 1, 1, 1), (None, 2, 0, 0), (" ", 3, 0, 0), ("a", 1, 0, 0))

        found = find_patterns(counts, drivers=["way"], caller="f()")

        assert ("a", "zoo", "not given") == found.factors[0].levels
        assert [5, 0, 0] == found.count("way")[2].tolist()

    def test_a_level_without_answers_is_dropped(self):
        """Levels whose rows were all set aside, or that no row has, are not there."""
        counts = cross(("a", 1, 1, 1), ("b", 0, 0, 0), ("c", 1, 2, 3)).with_columns(
            reason=pl.lit(None, pl.String)
        )
        blank = pl.DataFrame({"way": ["d"], "score": [None], "n": [9], "reason": ["blank"]})

        found = find_patterns(
            pl.concat([counts, blank], how="vertical_relaxed"), drivers=["way"], caller="f()"
        )

        assert ("a", "c") == found.factors[0].levels
        assert 9 == found.n

    def test_a_factor_with_one_level_is_left_out_and_kept_in_mind(self):
        """What all answers share has no column, and is told apart."""
        counts = cross(("a", 1, 1, 1), ("b", 1, 2, 3)).with_columns(same=pl.lit("x"))

        found = find_patterns(counts, drivers=["same", "way"], caller="f()")

        assert ["way"] == [factor.name for factor in found.drivers]
        assert ["same"] == [factor.name for factor in found.single]

    def test_drivers_come_before_controls(self):
        """The columns of a factor are where `block` says, drivers first."""
        counts = draw(300).rename({"repeat": "again"})

        found = find_patterns(counts, drivers=["wait"], controls=["again"], caller="f()")

        assert (slice(0, 2), slice(2, 3)) == (found.block("wait"), found.block("again"))
        assert ["again"] == [factor.name for factor in found.controls]
        assert (found.design() == found.design(found.codes)).all()

    def test_the_reference_has_no_column(self):
        """The others are set against the first level, or against the one that is named."""
        counts = cross(("a", 1, 1, 1), ("b", 1, 2, 3), ("c", 1, 0, 0))

        found = find_patterns(counts, drivers=["way"], against={"way": "b"}, caller="f()")

        assert [[1, 0], [0, 0], [0, 1]] == found.design().astype(int).tolist()

    @pytest.mark.parametrize("value", [False, "false"])
    def test_a_reference_may_be_named_as_it_is_or_as_it_is_shown(self, value):
        """False, as a value or as a word, is the level "false"."""
        counts = draw(300)

        found = find_patterns(counts, drivers=["repeat"], against={"repeat": value}, caller="f()")

        assert 0 == found.factors[0].reference

    def test_fixing_a_factor_leaves_the_others(self):
        """What if all were at one level, all else as it is."""
        found = find_patterns(draw(300), drivers=["wait", "repeat"], caller="f()")

        fixed = found.fix("wait", 2)

        assert (fixed[:, 0] == 2).all()
        assert (fixed[:, 1] == found.codes[:, 1]).all()

    def test_counts_every_answer_once(self):
        """All answers that count are in the patterns."""
        counts = draw(500)

        assert 500 == find_patterns(counts, drivers=["wait", "repeat"], caller="f()").n


class TestEstimateDrivers:
    def test_gives_the_columns_it_documents(self, table):
        """The documented columns in their order, and nothing else."""
        assert COLUMNS == table.columns

    def test_two_levels_by_hand(self):
        """Without passives the odds ratio is that of the fourfold table."""
        found = row(
            estimate_drivers(cross(("a", 20, 0, 60), ("b", 45, 0, 30)), drivers=["way"]), "b"
        )

        error = np.sqrt(1 / 20 + 1 / 60 + 1 / 45 + 1 / 30)
        odds = 30 * 20 / (60 * 45)
        assert_allclose(found["odds_ratio"], odds)
        assert_allclose(found["odds_low"], odds * np.exp(-stats.norm.ppf(0.975) * error))
        assert_allclose(found["odds_high"], odds * np.exp(stats.norm.ppf(0.975) * error))

    def test_one_driver_without_controls_changes_the_score_by_the_difference(self):
        """With nothing to adjust for and two bands, the change is the plain difference."""
        found = row(
            estimate_drivers(cross(("a", 20, 0, 60), ("b", 45, 0, 30)), drivers=["way"]), "b"
        )

        error = 200 * np.sqrt(0.75 * 0.25 / 80 + 0.6 * 0.4 / 75)
        assert_allclose(found["change"], -20 - 50)
        assert_allclose(found["high"] - found["change"], stats.norm.ppf(0.975) * error)

    @pytest.mark.filterwarnings("ignore")
    def test_coefficients_and_errors_equal_statsmodels(self):
        """On the single answers the reference library finds the same odds and errors."""
        counts = draw(4000)
        names, found, _ = fit_rows(counts, ["wait", "repeat"])

        table = estimate_drivers(counts, drivers=["wait", "repeat"])

        for place, (driver, value) in enumerate(names):
            mine = row(table, value, driver)
            error = np.log(mine["odds_high"] / mine["odds_low"]) / 2 / stats.norm.ppf(0.975)
            assert_allclose(np.log(mine["odds_ratio"]), found.params[place], atol=1e-4)
            assert_allclose(error, found.bse[place], atol=1e-4)

    @pytest.mark.filterwarnings("ignore")
    def test_the_sample_equals_statsmodels(self, sample):
        """Eight drivers and two controls of 11,982 answers, too: odds, errors, likelihood."""
        names = [*MODEL["drivers"], *MODEL["controls"]]
        levels, found, model = fit_rows(sample, names)
        patterns = find_patterns(sample, drivers=names, caller="f()")

        fit = fit_ordinal(patterns.design(), patterns.bands)

        size = len(levels)
        assert_allclose(fit.coefficients, found.params[:size], atol=1e-4)
        assert_allclose(fit.errors, found.bse[:size], atol=1e-4)
        thresholds = model.transform_threshold_params(found.params)[1:-1]
        assert_allclose(fit.thresholds, thresholds, atol=1e-4)
        assert_allclose(fit.log_likelihood, found.llf, atol=1e-4)

    @pytest.mark.filterwarnings("ignore")
    def test_the_p_value_is_the_larger_of_two_that_equal_statsmodels(self):
        """Each driver's is that of the models with and without it: ordinal, or linear."""
        counts = draw(900)
        full = fit_rows(counts, ["wait", "repeat"])[1].llf
        less = fit_rows(counts, ["repeat"])[1].llf
        rows = counts.select(pl.all().repeat_by("n").explode())
        points = rows["score"].replace({3: -100, 8: 0, 10: 100}).to_numpy().astype(float)
        dummies = [np.ones(900), rows["repeat"].to_numpy(), *(rows["wait"] == k for k in (1, 2))]
        design = np.column_stack([np.asarray(each, dtype=float) for each in dummies])
        linear = OLS(points, design).fit().compare_f_test(OLS(points, design[:, :2]).fit())[1]
        expected = max(stats.chi2.sf(2 * (full - less), 2), linear)

        found = estimate_drivers(counts, drivers=["wait", "repeat"])

        assert_allclose(row(found, "1", "wait")["p_value"], expected, rtol=1e-4)

    def test_the_change_is_standardised_over_the_answers(self):
        """Set everybody to a level one by one, and average: the same points."""
        counts = draw(700)
        patterns = find_patterns(counts, drivers=["wait"], controls=["repeat"], caller="f()")
        fit = fit_ordinal(patterns.design(), patterns.bands)
        low, high = fit.thresholds
        first, second, repeat = fit.coefficients

        def score(wait: float, again: float) -> float:
            eta = wait + repeat * again
            return 100 * (special.expit(eta - high) - special.expit(low - eta))

        again = [float(r["repeat"]) for r in counts.iter_rows(named=True) for _ in range(r["n"])]
        found = estimate_drivers(counts, drivers=["wait"], controls=["repeat"])

        for value, effect in (("1", first), ("2", second)):
            expected = np.mean([score(effect, each) - score(0, each) for each in again])
            assert_allclose(row(found, value, "wait")["change"], expected)

    def test_the_reference_has_its_row(self, table):
        """A chart shows the reference level too: odds 1, change 0."""
        reference = table.filter(pl.col("value") == pl.col("against"))

        assert MODEL["drivers"] == reference["driver"].to_list()
        assert (1.0, 1.0, 1.0, 0.0, 0.0, 0.0) == reference.select(EFFECTS).unique().row(0)

    def test_another_reference_turns_the_effect_round(self):
        """Set against the other level, odds are inverted and the change has the other sign."""
        counts = draw(700)

        first = row(estimate_drivers(counts, drivers=["repeat"]), "true", "repeat")
        second = row(
            estimate_drivers(counts, drivers=["repeat"], against={"repeat": True}),
            "false",
            "repeat",
        )

        assert_allclose(first["odds_ratio"], 1 / second["odds_ratio"])
        assert_allclose(
            (first["change"], first["low"]), (-second["change"], -second["high"]), atol=1e-7
        )

    def test_mirrored_answers_flip_the_sign(self):
        """Promoters for detractors: the same change, downwards."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30))
        mirrored = counts.with_columns(score=pl.col("score").replace({3: 10, 10: 3}))

        changes = [
            row(estimate_drivers(each, drivers=["way"]), "b")["change"]
            for each in (counts, mirrored)
        ]

        assert_allclose(changes[0], -changes[1])

    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=15)
    def test_the_order_of_rows_does_not_matter(self, seed):
        """A shuffled count table tells the same."""
        counts = draw(400)

        found = estimate_drivers(
            counts.sample(fraction=1, shuffle=True, seed=seed), drivers=["wait"]
        )

        assert_frame_equal(estimate_drivers(counts, drivers=["wait"]), found)

    def test_a_higher_level_widens_the_interval(self):
        """More certainty is bought with width."""
        counts = draw(400)

        narrow, wide = (
            row(estimate_drivers(counts, drivers=["repeat"], level=level), "true", "repeat")
            for level in (0.8, 0.99)
        )

        assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]

    def test_p_values_are_adjusted_by_holm(self, table):
        """Eight drivers are eight chances to be fooled."""
        each = table.unique("driver", maintain_order=True).sort("p_value")
        steps = each["p_value"].to_numpy() * np.arange(len(each), 0, -1)

        assert_allclose(each["p_adjusted"], np.minimum(np.maximum.accumulate(steps), 1))

    def test_rows_with_a_reason_are_left_out(self):
        """Blanks are counted by `tally`, not by the model."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30)).with_columns(
            reason=pl.lit(None, pl.String)
        )
        blank = pl.DataFrame({"way": ["b"], "score": [None], "n": [900], "reason": ["blank"]})

        found = estimate_drivers(
            pl.concat([counts, blank], how="vertical_relaxed"), drivers=["way"]
        )

        assert_frame_equal(estimate_drivers(counts, drivers=["way"]), found)

    def test_few_answers_are_marked(self):
        """A level under `min_n` answers carries `few`."""
        found = estimate_drivers(cross(("a", 20, 30, 60), ("b", 5, 2, 3)), drivers=["way"])

        assert [False, True] == found["few"].to_list()


class TestFalseFindings:
    @pytest.mark.parametrize("n", [30, 60, 120])
    def test_scores_dealt_out_at_random_are_seldom_a_finding(self, n):
        """Where nothing has an effect, one sample in twenty seems to: also of few answers."""
        rng, runs = np.random.default_rng(n), 120
        overall, each = 0, 0
        for _ in range(runs):
            names = [f"part {place}" for place in range(6)]
            rows = pl.DataFrame({name: rng.binomial(2, 0.35, n) for name in names})
            rows = rows.with_columns(score=pl.Series(rng.choice([3, 8, 10], n, p=[0.3, 0.3, 0.4])))
            counts = rows.group_by(*names, "score", maintain_order=True).agg(n=pl.len())
            found = estimate_drivers(counts, drivers=names)
            overall += found["found"][0]
            each += found["p_adjusted"].min() < 0.05

        most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
        assert max(overall, each) / runs <= most

    def test_what_is_there_is_still_found(self):
        """A hundred answers that a repeat moves by sixty points suffice."""
        found = estimate_drivers(cross(("no", 10, 15, 25), ("yes", 25, 15, 10)), drivers=["way"])

        assert found["found"].all()

    def test_no_more_answers_than_levels_are_no_finding(self):
        """Any scores would fit them."""
        counts = cross(("a", 3, 0, 0), ("b", 0, 0, 1), ("c", 0, 1, 0)).with_columns(n=pl.lit(1))
        counts = counts.unique("way", keep="first", maintain_order=True)
        counts = counts.with_columns(score=pl.Series([3, 8, 10]))

        found = estimate_drivers(counts, drivers=["way"])

        assert (1.0, False) == found.select("p_overall", "found").row(0)


class TestSeparation:
    def test_a_level_of_promoters_has_a_lower_bound_alone(self):
        """Ten promoters of ten: no odds, but a bound that they lie above."""
        counts = cross(("a", 40, 30, 30), ("b", 0, 0, 10))

        found = row(estimate_drivers(counts, drivers=["way"]), "b")

        nulls = {name: found[name] is None for name in EFFECTS}
        assert {"odds_low", "low"} == {name for name, null in nulls.items() if not null}
        assert found["odds_low"] > 1
        assert found["low"] > 0

    def test_the_bound_is_that_of_the_profile_likelihood(self):
        """At the bound the log-likelihood lies z squared over two under its top."""
        counts = cross(("a", 40, 0, 60), ("b", 0, 0, 10))
        bound = np.log(row(estimate_drivers(counts, drivers=["way"]), "b")["odds_low"])

        def height(eta: float) -> float:
            grid = np.linspace(-3, 4, 70_001)
            heights = (
                40 * special.log_expit(-grid)
                + 60 * special.log_expit(grid)
                + 10 * special.log_expit(grid + eta)
            )
            return heights.max()

        lost = 40 * np.log(0.4) + 60 * np.log(0.6) - height(bound)
        assert_allclose(lost, stats.norm.ppf(0.975) ** 2 / 2, atol=0.02)

    def test_a_level_of_detractors_has_an_upper_bound_alone(self):
        """The mirror of it."""
        counts = cross(("a", 40, 30, 30), ("b", 10, 0, 0))

        found = row(estimate_drivers(counts, drivers=["way"]), "b")

        assert found["odds_low"] is None
        assert found["low"] is None
        assert found["odds_high"] < 1
        assert found["high"] < 0

    def test_the_other_driver_keeps_its_figures(self):
        """What is separated is left open; the rest is told."""
        counts = draw(900).with_columns(way=pl.lit("usual"))
        more = pl.DataFrame({"wait": [0], "repeat": [False], "score": [10], "n": [9], "way": ["x"]})
        both = pl.concat([counts, more], how="vertical_relaxed")

        found = row(estimate_drivers(both, drivers=["way", "repeat"]), "true", "repeat")

        expected = row(estimate_drivers(counts, drivers=["repeat"]), "true", "repeat")
        assert_allclose(found["odds_ratio"], expected["odds_ratio"], rtol=1e-4)


class TestMissingValues:
    def test_not_given_has_its_own_row(self):
        """Missing values are a level, set against the reference as any other."""
        counts = cross(("a", 20, 30, 60), (None, 45, 12, 30))

        assert -60 < row(estimate_drivers(counts, drivers=["way"]), "not given")["change"] < -20

    def test_of_two_drivers_missing_together_cannot_be_told_apart(self):
        """Answers without a contact lack both drivers: that level is null, the rest is told."""
        counts = draw(900)
        lost = pl.DataFrame(
            {"wait": [None, None], "repeat": [None, None], "score": [2, 9], "n": [30, 20]},
            schema=counts.schema,
        )

        found = estimate_drivers(pl.concat([counts, lost]), drivers=["wait", "repeat"])

        expected = estimate_drivers(counts, drivers=["wait", "repeat"])
        gone = found.filter(pl.col("value") == "not given")
        told = found.filter(pl.col("value") != "not given")
        assert [None] * 2 == gone["change"].to_list()
        assert [50, 50] == gone["n"].to_list()
        assert_allclose(told["odds_ratio"], expected["odds_ratio"], atol=0.2)
        assert_allclose(told["change"], expected["change"], atol=6)


class TestTheReference:
    def test_is_the_first_level(self):
        """Nobody asked for another one: levels are set against the first."""
        found = estimate_drivers(draw(300), drivers=["wait", "repeat"])

        assert [("wait", "0"), ("repeat", "false")] == found.select("driver", "against").unique(
            maintain_order=True
        ).rows()

    def test_is_not_one_that_a_channel_has_alone(self):
        """Only messages have no wait: calls that waited are set against calls that did not."""
        found = estimate_drivers(draw_queue(), drivers=["wait"], controls=["channel"])

        assert ["under 2 min"] * 3 == found["against"].to_list()
        assert [True, False, False] == found["change"].is_null().to_list()
        assert found["high"][2] < 0

    def test_beside_such_a_level_the_others_are_told_as_without_it(self):
        """The effect of a longer wait is the one that the calls alone have."""
        counts = draw_queue()
        calls = counts.filter(pl.col("channel") == "phone")

        found = estimate_drivers(counts, drivers=["wait"], controls=["channel"])

        alone = estimate_drivers(calls, drivers=["wait"])
        assert_allclose(row(found, "over", "wait")["n"], row(alone, "over", "wait")["n"])
        # The thresholds are shared with the messages, so the two agree only nearly.
        assert_allclose(
            row(found, "over", "wait")["change"], row(alone, "over", "wait")["change"], atol=1.5
        )

    def test_that_was_asked_for_stays(self):
        """Asked for, it is kept, and what cannot be told against it is null."""
        found = estimate_drivers(
            draw_queue(), drivers=["wait"], controls=["channel"], against={"wait": "no wait"}
        )

        assert ["no wait"] * 3 == found["against"].to_list()
        assert [False, True, True] == found["change"].is_null().to_list()

    def test_of_two_that_say_the_same_stays_the_first(self):
        """Where no other level would tell more, the first one is kept."""
        rows = cross(("a", 20, 30, 50), ("b", 90, 60, 40), ("c", 20, 30, 20))

        found = estimate_drivers(
            rows.with_columns(twin=pl.col("way")), drivers=["way"], controls=["twin"]
        )

        assert ["a"] * 3 == found["against"].to_list()


class TestEdges:
    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one, with its columns."""
        found = estimate_drivers(draw(50).head(0), drivers=["wait"])

        assert (0, COLUMNS) == (found.height, found.columns)

    def test_one_row_is_a_level_on_its_own(self):
        """One answer cannot be compared with another."""
        found = estimate_drivers(cross(("a", 1, 0, 0)), drivers=["way"]).row(0, named=True)

        assert (1, 1.0, 0.0, None, False) == (
            *(found[name] for name in ("n", "odds_ratio", "change", "p_value", "found")),
        )

    @pytest.mark.parametrize("band", [0, 1, 2])
    def test_answers_all_alike_give_nulls(self, band):
        """Where all answers are alike nothing is found, and no effect is made up."""
        bands = [7 * (place == band) for place in range(3)]

        found = estimate_drivers(cross(("a", *bands), ("b", *bands)), drivers=["way"])

        assert [None] * 6 == [row(found, "b")[name] for name in EFFECTS]
        assert not found["found"].any()

    def test_all_set_aside_give_no_rows(self):
        """Rows that all have a reason are no answers."""
        counts = cross(("a", 1, 2, 3)).with_columns(reason=pl.lit("preview"))

        assert 0 == estimate_drivers(counts, drivers=["way"]).height

    def test_dozens_of_levels_of_a_handful_each_are_answered(self):
        """Levels without an end each have their one bound, and nothing is NaN."""
        rng = np.random.default_rng(3)
        rows = {"way": rng.integers(0, 80, 300), "score": rng.choice([3, 8, 10], 300)}
        counts = pl.DataFrame(rows).group_by("way", "score", maintain_order=True).agg(n=pl.len())

        found = estimate_drivers(counts, drivers=["way"])

        endless = found.filter(pl.col("odds_ratio").is_null())
        assert endless.height > 5
        assert (endless["odds_low"].is_null() != endless["odds_high"].is_null()).all()
        assert not found.select(pl.col(EFFECTS).is_nan().any()).row(0).count(True)

    def test_a_hundred_million_answers_survive(self):
        """Large counts lose no digits that matter."""
        small = cross(("a", 20, 30, 60), ("b", 45, 12, 30))
        large = small.with_columns(n=pl.col("n") * 10_000_000)

        assert_allclose(
            row(estimate_drivers(large, drivers=["way"]), "b")["change"],
            row(estimate_drivers(small, drivers=["way"]), "b")["change"],
            atol=1e-6,
        )

    @given(sparse_patterns())
    @settings(max_examples=30)
    def test_no_figure_is_endless(self, counts):
        """Sparse and lopsided tables give nulls, never NaN, infinity or a warning."""
        found = estimate_drivers(counts, drivers=["a", "b"], controls=["c"])

        numbers = found.select(pl.selectors.float())
        assert (
            numbers.select(pl.all_horizontal(pl.all().is_finite()).fill_null(value=True))
            .to_series()
            .all()
        )
        assert (found["odds_high"].drop_nulls() < 1e13).all()


class TestErrors:
    def test_a_missing_driver_is_named_with_the_columns_present(self):
        """What was asked for, what is there, and the call that adds it."""
        with pytest.raises(MissingColumnError) as caught:
            estimate_drivers(cross(("a", 1, 1, 1)), drivers=["wait"])

        assert (
            "estimate_drivers() needs the column 'wait', which is not in `counts`.\n"
            "  It has: 'way', 'score', 'n'.  Did you tally by wait?  "
            'tally(responses, by=["wait"])'
        ) == str(caught.value)

    def test_no_driver_is_refused(self):
        """A driver table needs a driver."""
        with pytest.raises(OptionError) as caught:
            estimate_drivers(cross(("a", 1, 1, 1)), drivers=[])

        assert (
            "estimate_drivers() cannot use drivers=[].\n"
            '  It takes one name or more: drivers=["transfers"].'
        ) == str(caught.value)

    def test_one_name_instead_of_a_list_is_refused(self):
        """A word is no list of names."""
        with pytest.raises(OptionError) as caught:
            estimate_drivers(cross(("a", 1, 1, 1)), drivers="way")

        assert (
            "estimate_drivers() cannot use drivers='way'.\n"
            '  It takes a list of names: drivers=["transfers", "touchpoint"].'
        ) == str(caught.value)

    def test_a_name_that_the_table_needs_is_refused(self):
        """The score does not explain itself."""
        with pytest.raises(OptionError) as caught:
            estimate_drivers(cross(("a", 1, 1, 1)), drivers=["score"])

        assert (
            "estimate_drivers() cannot use 'score' as a driver or a control: the count table, or "
            "the result, needs the name itself.\n"
            '  Rename it first: counts.rename({"score": "score_group"}).'
        ) == str(caught.value)

    def test_a_driver_that_is_a_control_too_is_refused(self):
        """A column is one or the other."""
        with pytest.raises(OptionError) as caught:
            estimate_drivers(cross(("a", 1, 1, 1)), drivers=["way"], controls=["way"])

        assert (
            "estimate_drivers() was given 'way' more than once.\n"
            "  Name each column once, as a driver or as a control."
        ) == str(caught.value)

    def test_a_reference_without_answers_is_refused(self):
        """The levels that there are are named."""
        counts = cross(("phone", 1, 1, 1), ("chat", 1, 1, 1))

        with pytest.raises(OptionError) as caught:
            estimate_drivers(counts, drivers=["way"], against={"way": "phon"})

        assert (
            "estimate_drivers() finds no answers at way='phon', which `against` names.\n"
            "  Its levels are: 'chat', 'phone'.  Did you mean 'phone'?"
        ) == str(caught.value)

    def test_a_reference_of_no_driver_is_refused(self):
        """Only drivers have effects, so only they have a reference to name."""
        with pytest.raises(OptionError) as caught:
            estimate_drivers(cross(("a", 1, 1, 1)), drivers=["way"], against={"ways": "a"})

        assert (
            "estimate_drivers() cannot use against='ways'.\n"
            "  It takes one of: 'way'.  Did you mean 'way'?"
        ) == str(caught.value)

    def test_decimal_numbers_are_to_be_cut_into_bands(self):
        """Seconds have no levels."""
        counts = pl.DataFrame({"wait": [1.5, 2.5], "score": [1, 9], "n": [1, 1]})

        with pytest.raises(OptionError) as caught:
            estimate_drivers(counts, drivers=["wait"])

        assert (
            "estimate_drivers() cannot tell the levels of 'wait', a column of Float64.\n"
            '  Cut it into bands: tally(..., bands={"wait": (...)}).'
        ) == str(caught.value)

    def test_hundreds_of_levels_are_to_be_cut_into_bands(self):
        """A level that single answers have explains nothing."""
        counts = pl.DataFrame({"wait": range(500), "score": [9] * 500, "n": [1] * 500})

        with pytest.raises(OptionError) as caught:
            estimate_drivers(counts, drivers=["wait"])

        assert (
            "estimate_drivers() finds 500 levels of 'wait', and takes 400 at most.\n"
            '  Cut it into bands: tally(..., bands={"wait": (...)}).'
        ) == str(caught.value)

    def test_two_kinds_of_survey_are_refused_even_as_a_driver(self):
        """Transactional and relational answers are never pooled."""
        counts = cross(("a", 1, 1, 1)).with_columns(
            survey=pl.Series(["transactional", "relational", "relational"])
        )

        with pytest.raises(MixedSurveysError):
            estimate_drivers(counts, drivers=["survey"])

    @pytest.mark.parametrize("level", [0, 1, 95])
    def test_a_level_outside_0_to_1_is_refused(self, level):
        """A level is a probability."""
        with pytest.raises(OptionError):
            estimate_drivers(cross(("a", 1, 1, 1)), drivers=["way"], level=level)


class TestTheTruth:
    def test_nothing_planted_is_nothing_found(self):
        """Without effects the table says that nothing was found, at this seed."""
        counts = tally_sample(seed=1002, effects="none")

        found = estimate_drivers(counts, drivers=MODEL["drivers"], controls=MODEL["controls"])

        assert not found["found"].any()

    def test_intervals_cover_as_often_as_they_say(self):
        """Of 400 drawn samples, 95 % of the intervals hold the truth, within three errors."""
        rng = np.random.default_rng(20)
        counts = draw(2000)
        patterns = find_patterns(counts, drivers=["wait"], controls=["repeat"], caller="f()")
        design = patterns.design()
        truth = fit_ordinal(design, patterns.bands)
        eta = design @ truth.coefficients
        low, high = (special.expit(cut - eta) for cut in truth.thresholds)
        chances = np.column_stack([low, high - low, 1 - high])
        expected = standardise(patterns, "wait", design=design, fit=truth).change
        held = []
        for _ in range(400):
            drawn = replace(patterns, bands=rng.multinomial(patterns.answers.astype(int), chances))
            fit = fit_ordinal(design, drawn.bands)
            change, slopes = standardise(drawn, "wait", design=design, fit=fit)
            error = np.sqrt(np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes))
            held.append((np.abs(change - expected) <= 1.96 * error)[1:])

        assert_allclose(np.mean(held, axis=0), 0.95, atol=3 * np.sqrt(0.95 * 0.05 / 400))

    @pytest.mark.slow
    def test_samples_without_effects_are_told_so(self):
        """Of 100 samples without effects, 95 are told that nothing was found, give or take."""
        found = [
            estimate_drivers(
                tally_sample(seed=seed, effects="none"),
                drivers=MODEL["drivers"],
                controls=MODEL["controls"],
            )["found"].any()
            for seed in range(3000, 3100)
        ]

        assert np.mean(found) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
