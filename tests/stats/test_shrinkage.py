from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import integrate, stats
from strategies import count_tables, levels

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.shipped import find_sample
from nps_kit.stats.segments.shrinkage import shrink_groups
from nps_kit.stats.segments.shrinkage.detection import judge_answers
from nps_kit.stats.segments.shrinkage.ranks import choose_k
from nps_kit.stats.segments.standards import standardise_groups

ESTIMATES = ["shrunk", "low", "high"]
RANKS = ["chance_best", "chance_worst", "k", "rank_low", "rank_high"]
SPREAD = ["spread", "spread_low", "spread_high"]

# Rubin (1981), "Estimation in parallel randomized experiments", Journal of Educational
# Statistics 6(4), 377-401: effects of coaching in eight schools, and their standard errors.
SCHOOLS = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0]
ERRORS = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]


def counts_of(groups):
    """Make a count table from detractors, passives and promoters of each group."""
    rows = [
        (group, score, n)
        for group, bands in groups.items()
        for score, n in zip((3, 8, 10), bands, strict=True)
    ]
    schema = {"team": pl.String, "score": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def draw_counts(groups, size, *, spread, seed, shares=(0.2, 0.3, 0.5)):
    """Draw groups from a Dirichlet distribution with this spread; none at a spread of 0."""
    rng = np.random.default_rng(seed)
    centre = np.array(shares)
    truth = np.tile(centre, (groups, 1))
    if spread:
        variance = centre[0] + centre[2] - (centre[2] - centre[0]) ** 2
        truth = rng.dirichlet(centre * (variance / (spread / 100) ** 2 - 1), groups)
    bands = rng.multinomial(size, truth)
    return counts_of({f"{k:04}": bands[k] for k in range(groups)}), bands


def standards_of(changes, errors, *, n=100):
    """Make the table of standardised groups as far as it is needed."""
    return pl.DataFrame(
        {
            "team": [chr(65 + k) for k in range(len(changes))],
            "n": n,
            "nps": [None if change is None else 20.0 + change for change in changes],
            "expected": 20.0,
            "change": changes,
            "error": errors,
        }
    )


def stratified(answers):
    """Make a count table of answers by team, touchpoint and band."""
    teams, touchpoints, _ = answers.shape
    return pl.DataFrame(
        {
            "team": np.repeat(np.arange(teams), touchpoints * 3),
            "touchpoint": np.tile(np.repeat(np.arange(touchpoints), 3), teams),
            "score": np.tile([3, 8, 10], teams * touchpoints),
            "n": answers.ravel(),
        }
    )


def prior(spread):
    """Write the prior that the docstring tells once more."""
    return spread / (1 + (spread / 15) ** 2) ** 1.5


TEAMS = counts_of({"a": (20, 30, 50), "b": (5, 10, 25), "c": (10, 10, 10), None: (3, 3, 14)})


class TestShrinkGroups:
    def test_gives_the_columns_it_documents(self):
        """One row a group, the documented columns in their order."""
        expected = ["team", "n", "nps", *ESTIMATES, "level", *RANKS, "few", "centre", *SPREAD]

        assert [*expected, "detected", "p_value"] == shrink_groups(TEAMS, by=["team"]).columns

    def test_draws_every_score_towards_the_centre(self):
        """High scores come down, low ones go up, and their order among equals in size stays."""
        counts = counts_of({"a": (5, 10, 25), "b": (10, 10, 20), "c": (15, 10, 15)})

        found = shrink_groups(counts, by=["team"], draws=0)

        high, middle, low = found["shrunk"]
        assert 50.0 > high > middle > low > 0.0

    def test_few_answers_are_drawn_in_further(self):
        """Ten answers say less than a thousand with the same score."""
        counts = counts_of({"a": (0, 2, 8), "b": (0, 200, 800), "c": (300, 300, 400)})

        few, many, _ = shrink_groups(counts, by=["team"], draws=0)["shrunk"]

        assert few < many - 5

    def test_equals_raw_scores_where_answers_abound(self):
        """With a million answers each, luck is out already."""
        counts = counts_of({"a": (2 * 10**5, 3 * 10**5, 5 * 10**5), "b": (3 * 10**5, 0, 7 * 10**5)})

        found = shrink_groups(counts, by=["team"], draws=0)

        assert_allclose(found["shrunk"], found["nps"], atol=0.05)

    def test_against_the_exact_distribution_of_scores(self):
        """The same as from scipy's Dirichlet-multinomial, summed over all answers with a score.

        An independent and slow way: for each spread the exact chance of each group's number of
        promoters less detractors, from `scipy.stats.dirichlet_multinomial`; the centre is that of
        all answers, known well with two hundred groups.
        """
        size = 40
        counts, bands = draw_counts(200, size, spread=10, seed=4)
        shares = bands.sum(axis=0) / bands.sum()
        variance = shares[0] + shares[2] - (shares[2] - shares[0]) ** 2
        spreads = np.arange(0.5, 30, 0.25)
        surplus = bands[:, 2] - bands[:, 0]
        outcomes = [(d, size - d - p, p) for d in range(size + 1) for p in range(size + 1 - d)]
        scores = np.array([p - d for d, _, p in outcomes])
        chances, means = [], []
        for spread in spreads:
            prior_n = variance / (spread / 100) ** 2 - 1
            exact = stats.dirichlet_multinomial.pmf(outcomes, prior_n * shares, size)
            by_score = np.bincount(scores + size, exact)
            chances.append(np.log(by_score[surplus + size]).sum() + np.log(prior(spread)))
            means.append((surplus + prior_n * (shares[2] - shares[0])) / (size + prior_n))
        weights = np.exp(np.array(chances) - max(chances))
        weights /= weights.sum()

        found = shrink_groups(counts, by=["team"], draws=0)

        assert_allclose(found["shrunk"], 100 * weights @ np.array(means), atol=0.6)
        quantiles = [spreads[np.searchsorted(weights.cumsum(), q)] for q in (0.5, 0.025, 0.975)]
        assert_allclose(found.select(SPREAD).row(0), quantiles, atol=0.8)

    def test_a_higher_level_gives_wider_intervals(self):
        """What is to be surer of takes more room; the scores stay as they are."""
        counts, _ = draw_counts(12, 40, spread=10, seed=3)

        narrow, wide = (
            shrink_groups(counts, by=["team"], level=level, draws=0) for level in (0.8, 0.99)
        )

        assert (narrow["low"] > wide["low"]).all()
        assert (narrow["high"] < wide["high"]).all()
        assert_frame_equal(narrow.select("shrunk"), wide.select("shrunk"))

    def test_a_group_without_answers_stands_at_the_centre(self):
        """Nothing is known of it but that it is one of them."""
        counts = counts_of({"a": (20, 30, 50), "b": (30, 30, 40), "none": (0, 0, 0)})

        found = shrink_groups(counts, by=["team"], draws=0)

        n, nps, shrunk, centre = found.select("n", "nps", "shrunk", "centre").row(-1)
        assert (0, None) == (n, nps)
        assert_allclose(shrunk, centre, atol=1e-9)
        assert found["low"][2] < min(found["low"][:2])

    def test_no_answers_at_all_give_nulls(self):
        """There is no centre to stand at."""
        found = shrink_groups(counts_of({"a": (0, 0, 0), "b": (0, 0, 0)}), by=["team"])

        nothing = [*ESTIMATES, "chance_best", "rank_low", "centre", *SPREAD, "p_value"]
        assert {None} == {value for row in found.select(nothing).rows() for value in row}
        assert [False, False] == found["detected"].to_list()

    def test_an_empty_table_gives_no_rows(self):
        """No groups, the same columns."""
        found = shrink_groups(TEAMS.clear(), by=["team"])

        assert (0, shrink_groups(TEAMS, by=["team"]).schema) == (found.height, found.schema)

    def test_one_group_has_no_spread(self):
        """It has nothing to differ from."""
        found = shrink_groups(TEAMS.head(3), by=["team"])

        assert (None, None, None, False) == found.select(*SPREAD, "detected").row(0)
        assert 1.0 == found["chance_best"].item()

    def test_one_answer_each_tells_nothing_of_the_spread(self):
        """Eight single answers cannot be told from chance."""
        counts = counts_of({str(k): (k % 2, 0, 1 - k % 2) for k in range(8)})

        found = shrink_groups(counts, by=["team"], draws=0)

        assert (False, 1.0, 0.0) == found.select("detected", "p_value", "spread_low").row(0)

    def test_equal_scores_of_millions_leave_no_large_spread(self):
        """Two groups that are alike beyond doubt do not have a spread of fifty points."""
        alike = (10**12, 10**12, 10**12)

        found = shrink_groups(counts_of({"a": alike, "b": alike}), by=["team"], draws=0)

        assert found["spread"][0] < 2

    def test_twelve_equal_groups_are_not_told_apart(self):
        """Nothing is detected, and how large the spread could be is said from nought."""
        counts, _ = draw_counts(12, 40, spread=0, seed=11)

        found = shrink_groups(counts, by=["team"], draws=0)

        assert (False, 0.0) == found.select("detected", "spread_low").row(0)

    def test_a_large_spread_is_detected_and_found(self):
        """Forty groups of a hundred that differ by twenty points."""
        counts, _ = draw_counts(40, 100, spread=20, seed=12)

        found = shrink_groups(counts, by=["team"], draws=0).row(0, named=True)

        assert found["detected"]
        assert 0 < found["spread_low"] < 20 < found["spread_high"] < 30

    def test_intervals_cover_where_the_method_does_not_hold(self):
        """Customers shifted along the scale, not a Dirichlet law: 95 % stays near 95 %."""
        rng = np.random.default_rng(21)
        # Moves of the logit that spread these scores by five points.
        moves = rng.normal(0, 0.13, (40, 120))
        ends = np.log([0.2 / 0.8, 0.5 / 0.5])
        below = 1 / (1 + np.exp(moves[..., None] - ends))
        truth = np.stack([below[..., 0], below[..., 1] - below[..., 0], 1 - below[..., 1]], -1)
        score = 100 * (truth[..., 2] - truth[..., 0])
        covered = []
        for shares, points in zip(truth, score, strict=True):
            bands = rng.multinomial(100, shares)
            counts = counts_of({f"{k:03}": bands[k] for k in range(120)})
            found = shrink_groups(counts, by=["team"], draws=0)
            low, high = found["low"].to_numpy(), found["high"].to_numpy()
            covered.append(np.mean((low <= points) & (points <= high)))

        error = np.std(covered, ddof=1) / np.sqrt(len(covered))
        assert np.mean(covered) > 0.93 - 3 * error

    def test_shrunken_scores_lie_nearer_the_truth(self):
        """Half the error or less, for small groups with a small spread."""
        rng = np.random.default_rng(31)
        truth = rng.dirichlet(np.array([0.2, 0.3, 0.5]) * 243, 120)
        bands = rng.multinomial(40, truth)
        counts = counts_of({f"{k:03}": bands[k] for k in range(120)})

        found = shrink_groups(counts, by=["team"], draws=0)

        off = [found[name] - 100 * (truth[:, 2] - truth[:, 0]) for name in ("shrunk", "nps")]
        assert (off[0] ** 2).mean() < (off[1] ** 2).mean() / 2

    def test_weights_of_one_change_nothing(self):
        """A weighted table in which all count the same is the plain one."""
        weighed = TEAMS.with_columns(weight=pl.col("n").cast(pl.Float64), weight_sq=pl.col("n"))

        found = shrink_groups(weighed, by=["team"]).drop("n_effective")

        assert_frame_equal(shrink_groups(TEAMS, by=["team"]), found)

    def test_uneven_weights_draw_in_further(self):
        """Answers that count unequally tell less, and are shrunk as fewer would be."""
        counts = pl.concat([TEAMS.with_columns(weight=pl.col("n") * w) for w in (0.2, 1.8)])
        counts = counts.with_columns(weight_sq=pl.col("weight") ** 2 / pl.col("n"))

        found = shrink_groups(counts, by=["team"], draws=0)

        assert (found["n_effective"] < found["n"] * 0.7).all()

    @given(count_tables(), levels())
    def test_never_nan_and_never_outside_the_scale(self, table, level):
        """Whatever the table: bounds hold the score and are on the scale, or null."""
        found = shrink_groups(table, by=["team"], level=level, draws=20)

        numbers = [name for name in found.columns if found[name].dtype == pl.Float64]
        assert 0 == sum(found[name].is_nan().sum() for name in numbers)
        assert found.select(pl.col(ESTIMATES).is_between(-100, 100).all()).row(0)
        assert (found["low"] <= found["shrunk"]).all()
        assert (found["shrunk"] <= found["high"]).all()

    @given(count_tables())
    def test_swapping_promoters_and_detractors_flips_the_signs(self, table):
        """Seen from the other end the centre, the scores and the bounds are mirrored."""
        bands = pl.when(pl.col("score") > 8).then(3).when(pl.col("score") < 7).then(10)
        mirrored = table.with_columns(score=bands.otherwise("score"))

        found = shrink_groups(table, by=["team"], draws=0)
        other = shrink_groups(mirrored, by=["team"], draws=0)

        for name, flipped in (("shrunk", "shrunk"), ("low", "high"), ("centre", "centre")):
            expected = (-other[flipped]).fill_null(0.0)
            assert_allclose(found[name].fill_null(0.0), expected, atol=1e-6)
        assert_allclose(found["spread"].fill_null(0), other["spread"].fill_null(0), atol=1e-6)

    @given(count_tables(), st.randoms(use_true_random=False))
    def test_the_order_of_rows_does_not_matter(self, table, random):
        """Shuffled, split or rolled up: the same table comes out, ranks included."""
        places = list(range(table.height))
        random.shuffle(places)

        found = shrink_groups(table, by=["team"], draws=20)

        assert_frame_equal(found, shrink_groups(table[places], by=["team"], draws=20))
        rolled = roll_up(table, by=["team"])
        assert_frame_equal(found, shrink_groups(rolled, by=["team"], draws=20))

    def test_survey_and_scale_are_carried_over(self):
        """A 1-10 scale stays written next to every number."""
        counts = TEAMS.with_columns(survey=pl.lit("relational"), scale=pl.lit("1-10"))

        found = shrink_groups(counts, by=["team"], draws=0)

        assert ["survey", "scale"] == found.columns[-2:]

    def test_kinds_of_survey_are_not_added_up(self):
        """Transactional and relational answers are never pooled."""
        kinds = [TEAMS.with_columns(survey=pl.lit(kind)) for kind in ("relational", "x")]

        with pytest.raises(MixedSurveysError, match=r"shrink_groups\(\) would hold answers"):
            shrink_groups(pl.concat(kinds), by=["team"])

    @pytest.mark.parametrize("column", ["survey", "scale"])
    @pytest.mark.parametrize("as_key", [False, True])
    def test_groups_of_different_kinds_have_no_centre_in_common(self, column, as_key):
        """Teams of two scales, or kinds of survey, are not drawn towards each other."""
        kind = pl.when(pl.col("team") == "a").then(pl.lit("x")).otherwise(pl.lit("y"))
        counts = TEAMS.with_columns(kind.alias(column))

        with pytest.raises(MixedSurveysError) as caught:
            shrink_groups(counts, by=[column] if as_key else ["team"])

        assert str(caught.value) == (
            f"shrink_groups() would hold answers of different kinds to one standard: {column} is "
            f"'x', 'y'.\n"
            f'  Keep one kind first: counts.filter(pl.col("{column}") == "x").'
        )

    def test_whole_numbers_of_numpy_are_whole_numbers(self):
        """A seed or a number that was computed is taken."""
        plain = shrink_groups(TEAMS, by=["team"], k=1, seed=3, draws=50)

        found = shrink_groups(
            TEAMS, by=["team"], k=np.int64(1), seed=np.int64(3), draws=np.int32(50)
        )

        assert_frame_equal(plain, found)


class TestShrinkGroupsStandardised:
    def test_gives_what_was_standardised_beside_it(self):
        """The raw score, what was expected and the difference stay in the table."""
        found = shrink_groups(standards_of(SCHOOLS, ERRORS), by=["team"])

        assert ["team", "n", "nps", "expected", "change", "shrunk"] == found.columns[:6]
        assert SCHOOLS == found["change"].to_list()

    def test_against_quadrature_on_eight_schools(self):
        """The same as by integrating over centre and spread with scipy, school by school.

        Posterior means and 95 % bounds of the normal model with a flat centre, as Gelman et al.
        (Bayesian Data Analysis, section 5.5) set it up; the prior of the spread is the kit's own.
        """
        changes, errors = np.array(SCHOOLS), np.array(ERRORS)

        def weighed(spread: float) -> tuple[float, np.ndarray, float]:
            variance = spread**2 + errors**2
            centre = np.average(changes, weights=1 / variance)
            fit = stats.norm.pdf(changes, centre, np.sqrt(variance)).prod()
            return prior(spread) * fit / np.sqrt((1 / variance).sum()), variance, centre

        total = integrate.quad(lambda spread: weighed(spread)[0], 0, 200, limit=200)[0]

        def of_school(school: int, told: Callable[[float, float], float]) -> float:
            def part(spread: float) -> float:
                height, variance, centre = weighed(spread)
                own = errors[school] ** 2 / variance[school]
                mean = changes[school] + own * (centre - changes[school])
                around = spread**2 * own + own**2 / (1 / variance).sum()
                return height * told(mean, np.sqrt(around))

            return integrate.quad(part, 0, 200, limit=200)[0] / total

        found = shrink_groups(standards_of(SCHOOLS, ERRORS), by=["team"], draws=0)

        for school in range(len(SCHOOLS)):
            mean, low, high = found.select(ESTIMATES).row(school)
            assert_allclose(mean, of_school(school, lambda mean, _: mean), atol=0.01)
            for bound, share in ((low, 0.025), (high, 0.975)):
                under = of_school(school, lambda m, e, bound=bound: stats.norm.cdf(bound, m, e))
                assert_allclose(under, share, atol=0.003)

    def test_the_centre_is_estimated(self):
        """Differences around five points are drawn towards five, not towards nought."""
        changes = [4.0, 6.0, 5.0, 3.0, 7.0]

        found = shrink_groups(standards_of(changes, [3.0] * 5), by=["team"], draws=0)

        assert_allclose(found["centre"][0], 5, atol=1e-6)
        assert_allclose(found["shrunk"][2], 5, atol=1e-6)

    def test_a_group_without_answers_stands_at_the_centre(self):
        """It is kept, with a wide interval."""
        table = standards_of([10.0, -10.0, None], [4.0, 4.0, None], n=pl.Series([50, 60, 0]))

        found = shrink_groups(table, by=["team"], draws=50)

        assert_allclose(found["shrunk"][2], found["centre"][2], atol=1e-9)
        assert found["rank_high"][2] == 3

    def test_follows_from_standardising(self):
        """One path: standardise, then shrink the differences."""
        counts = pl.concat(
            [
                draw_counts(20, 60, spread=8, seed=k)[0].with_columns(touchpoint=pl.lit(name))
                for k, name in enumerate(("billing", "claims"))
            ]
        )

        standards = standardise_groups(counts, by=["team"], over=["touchpoint"])
        found = shrink_groups(standards, by=["team"])

        assert (found["shrunk"].abs() < found["change"].abs().max()).all()
        assert found["low"].is_between(-200, 200).all()

    @pytest.mark.parametrize("groups", [2, 3, 12])
    def test_groups_that_are_alike_are_seldom_told_apart(self, groups):
        """Each is part of its own standard, and still there is one false alarm in twenty."""
        rng = np.random.default_rng(8)
        runs = 250
        shares = np.array([(0.15, 0.2, 0.65), (0.3, 0.2, 0.5), (0.45, 0.15, 0.4)])
        alarms = []
        for _ in range(runs):
            n = rng.multinomial([60] * groups, rng.dirichlet(np.full(3, 20), size=groups))
            standards = standardise_groups(
                stratified(rng.multinomial(n, shares)), by=["team"], over=["touchpoint"]
            )
            alarms.append(shrink_groups(standards, by=["team"], draws=0)["detected"][0])

        assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)

    def test_in_one_stratum_it_is_the_test_between_groups(self):
        """Of two groups: that of one mean less the other, by chance's own variance."""
        counts = counts_of({"a": (40, 30, 50), "b": (20, 20, 60)})
        standards = standardise_groups(counts, by=["team"], over=[])

        found = shrink_groups(standards, by=["team"], draws=0)["p_value"][0]

        distance = standards["change"][0] / standards["chance_error"][0]
        assert_allclose(found, 2 * stats.norm.sf(abs(distance)))

    def test_two_groups_are_as_unsure_as_their_scores(self):
        """Differences from a standard of both are each other's opposites: no second witness."""
        counts = counts_of({"a": (400, 300, 500), "b": (380, 300, 520)})

        standards = standardise_groups(counts, by=["team"], over=[])
        changes = shrink_groups(standards, by=["team"], draws=4000)
        scores = shrink_groups(counts, by=["team"], draws=4000)

        assert_allclose(changes["chance_best"], scores["chance_best"], atol=0.04)

    def test_a_group_always_alone_stands_at_the_centre(self):
        """Its difference of 0 is by definition, and tells nothing of how far groups differ."""
        answers = np.zeros((3, 2, 3), dtype=int)
        answers[0, 0], answers[1, 0], answers[2, 1] = (30, 20, 50), (10, 20, 70), (900, 0, 100)
        standards = standardise_groups(stratified(answers), by=["team"], over=["touchpoint"])

        found = shrink_groups(standards, by=["team"], draws=50)

        without = shrink_groups(standards.head(2), by=["team"], draws=50)
        assert found["change"][2] is None
        assert_allclose(found["shrunk"][2], found["centre"][2], atol=1e-9)
        told = ["shrunk", *SPREAD, "p_value"]
        assert_frame_equal(found.head(2).select(told), without.select(told))

    def test_groups_with_nothing_in_common_give_nulls(self):
        """Each has its own kind of contact: nothing is estimated, nothing is detected."""
        answers = np.zeros((2, 2, 3), dtype=int)
        answers[0, 0], answers[1, 1] = (30, 20, 50), (60, 20, 20)
        standards = standardise_groups(stratified(answers), by=["team"], over=["touchpoint"])

        found = shrink_groups(standards, by=["team"])

        nothing = ["change", *ESTIMATES, "rank_low", "centre", *SPREAD, "p_value"]
        assert {None} == {value for row in found.select(nothing).rows() for value in row}
        assert [False, False] == found["detected"].to_list()

    def test_standards_of_different_kinds_have_no_centre_in_common(self):
        """Two standardised tables put together are refused as their counts would be."""
        table = standards_of([1.0, 2.0], [3.0, 3.0]).with_columns(scale=pl.Series(["0-10", "1-10"]))

        with pytest.raises(MixedSurveysError, match=r'table.filter\(pl.col\("scale"\) == "0-10"'):
            shrink_groups(table, by=["team"])

    def test_the_agents_own_spread_lies_in_its_interval(self):
        """Adjusted for hours, without the team that chose whom to ask and the one cohort."""
        counts, truth = sample_agents(kept=True)

        standards = standardise_groups(counts, by=["agent_id"], over=["off_hours"])
        found = shrink_groups(standards, by=["agent_id"], draws=0).row(0, named=True)

        assert found["detected"]
        planted = truth["agents: own spread"]["respondents"]
        assert found["spread_low"] < planted < found["spread_high"]

    def test_the_agents_spread_before_adjusting_is_larger(self):
        """With trainer, hours and invitations left in, agents lie further apart; so the truth."""
        counts, truth = sample_agents(kept=False)

        found = shrink_groups(counts, by=["agent_id"], draws=0).row(0, named=True)

        planted = truth["agents: spread before adjusting"]["respondents"]
        assert found["spread_low"] < planted < found["spread_high"]
        assert truth["agents: own spread"]["respondents"] < found["spread_low"]

    def test_a_group_comes_once(self):
        """Two rows of one team are no standardised team."""
        table = standards_of([1.0, 2.0], [3.0, 3.0]).with_columns(team=pl.lit("a"))

        with pytest.raises(OptionError) as caught:
            shrink_groups(table, by=["team"])

        assert str(caught.value) == (
            "shrink_groups() takes one row for each group, and `table` has several for one.\n"
            "  Standardise by the same columns: standardise_groups(..., by=['team'])."
        )

    def test_an_error_is_above_zero(self):
        """A difference known exactly is a mistake."""
        with pytest.raises(OptionError, match=r"cannot use error=0.0.\n  It takes standard errors"):
            shrink_groups(standards_of([1.0, 2.0], [3.0, 0.0]), by=["team"])

    def test_the_change_must_be_there(self):
        """The error names what the table has."""
        with pytest.raises(MissingColumnError, match="needs the column 'change', which is not in"):
            shrink_groups(standards_of([1.0], [3.0]).drop("change"), by=["team"])


def sample_agents(*, kept):
    """Count the sample's transactional answers by agent and hours, and give its truths by name."""
    folder = find_sample()
    tables = {
        name: pl.read_parquet(folder / f"{name}.parquet")
        for name in ("responses", "interactions", "agents")
    }
    hour, day = pl.col("started_at").dt.hour(), pl.col("started_at").dt.weekday()
    answers = (
        tables["responses"]
        .filter(pl.col("score").is_between(0, 10), pl.col("survey") == "transactional")
        .join(tables["interactions"], on="interaction_id")
        .join(tables["agents"], on="agent_id")
        .with_columns(off_hours=(hour >= 18) | (day >= 6))
    )
    if kept:
        answers = answers.filter(pl.col("team") != "team 05", pl.col("trainer") != "trainer C")
    counts = answers.group_by("agent_id", "off_hours", "score", maintain_order=True).len("n")
    effects = pl.read_json(folder / "truth.json")["effects"].explode().to_list()
    return counts, {effect["name"]: effect for effect in effects}


class TestRanks:
    def test_chances_add_up_to_k(self):
        """Of all groups k are among the best, and k among the worst."""
        counts, _ = draw_counts(12, 40, spread=10, seed=1)

        found = shrink_groups(counts, by=["team"], k=4)

        assert_allclose(found["chance_best"].sum(), 4)
        assert_allclose(found["chance_worst"].sum(), 4)

    def test_certain_ranks_are_certain(self):
        """Three groups far apart with many answers each have one rank each."""
        counts = counts_of({"a": (0, 0, 900), "b": (0, 900, 0), "c": (900, 0, 0)})

        found = shrink_groups(counts, by=["team"])

        assert [(1, 1), (2, 2), (3, 3)] == found.select("rank_low", "rank_high").rows()
        assert [1.0, 0.0, 0.0] == found["chance_best"].to_list()

    def test_against_quadrature_for_two_groups(self):
        """The chance that the first of two is truly higher, integrated with scipy."""

        def weighed(spread: float) -> float:
            return norm_of(12, 18 + 2 * spread**2) / (1 + (spread / 15) ** 2)

        def norm_of(distance: float, variance: float) -> float:
            return float(stats.norm.pdf(distance, 0, np.sqrt(variance)))

        def higher(spread: float) -> float:
            own = 9 / (9 + spread**2)
            chance = stats.norm.sf(0, (1 - own) * 12, np.sqrt(2 * spread**2 * own))
            return float(weighed(spread) * chance)

        total, above = (integrate.quad(each, 1e-9, 200, limit=200)[0] for each in (weighed, higher))

        found = shrink_groups(standards_of([6.0, -6.0], [3.0, 3.0]), by=["team"], draws=40_000)

        assert_allclose(found["chance_best"][0], above / total, atol=0.01)

    def test_the_same_seed_gives_the_same_ranks(self):
        """A report says the same at every run."""
        once, again = (shrink_groups(TEAMS, by=["team"], draws=300) for _ in range(2))

        assert_frame_equal(once, again)

    def test_no_draws_leave_the_ranks_out(self):
        """Posterior means and intervals alone, and they do not hang on the draws."""
        none = shrink_groups(TEAMS, by=["team"], draws=0)
        some = shrink_groups(TEAMS, by=["team"], draws=100)

        assert none.select(pl.col(RANKS).exclude("k").is_null().all()).row(0) == (True,) * 4
        columns = pl.all().exclude([name for name in RANKS if name != "k"])
        assert_frame_equal(some.select(columns), none.select(columns))

    def test_very_many_groups_have_their_ranks_rounded_outward(self):
        """Six thousand groups: memory stays bounded, an interval is never too narrow for it."""
        counts, _ = draw_counts(6000, 100, spread=20, seed=2)

        found = shrink_groups(counts, by=["team"], draws=40)

        assert found["rank_low"].min() == 1
        assert found["rank_high"].max() == 6000
        assert (found["rank_low"] <= found["rank_high"]).all()

    @pytest.mark.parametrize(
        ("groups", "k"), [(1, 1), (2, 1), (3, 1), (6, 2), (12, 3), (40, 4), (120, 12)]
    )
    def test_how_many_are_the_best(self, groups, k):
        """A tenth, at least three, never over a third."""
        assert k == choose_k(groups)

    def test_k_is_no_more_than_there_are(self):
        """A page made for twelve teams holds with four."""
        assert 4 == shrink_groups(TEAMS, by=["team"], k=12, draws=0)["k"][0]


class TestJudgeAnswers:
    def test_mean_and_variance_against_all_ways_to_deal(self):
        """The p-value is that of scipy's permutation test, where that can be had."""
        bands = np.array([[2.0, 3.0, 15.0], [8.0, 4.0, 8.0], [3.0, 10.0, 12.0], [9.0, 1.0, 2.0]])
        samples = [np.repeat([-1.0, 0.0, 1.0], row.astype(int)) for row in bands]

        def apart(*parts: np.ndarray) -> float:
            return sum(part.sum() ** 2 / part.size for part in parts)

        middle = np.concatenate(samples).mean()
        dealt = stats.permutation_test(
            [sample - middle for sample in samples],
            apart,
            alternative="greater",
            n_resamples=9999,
            rng=np.random.default_rng(1),
        )

        found = judge_answers(bands)

        assert_allclose(found, dealt.pvalue, rtol=0.35, atol=0.002)

    def test_false_alarms_stay_under_the_level(self):
        """Equal groups of five lopsided answers are taken apart in at most one of twenty runs."""
        rng = np.random.default_rng(6)
        runs = 2000
        alarms = [
            judge_answers(rng.multinomial(5, (0.02, 0.08, 0.9), 120).astype(float)) <= 0.05
            for _ in range(runs)
        ]

        assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)

    def test_answers_that_are_all_alike_show_nothing(self):
        """No difference can be seen where nobody answers differently."""
        assert 1.0 == judge_answers(np.array([[0.0, 0.0, 9.0], [0.0, 0.0, 70.0]]))


class TestRefusals:
    @pytest.mark.parametrize("name", ["n", "nps", "shrunk", "spread", "k", "score"])
    def test_a_name_that_is_needed_is_refused(self, name):
        """The way out is named."""
        counts = TEAMS.rename({"team": name}) if name not in TEAMS.columns else TEAMS

        with pytest.raises(OptionError) as caught:
            shrink_groups(counts, by=[name])

        assert str(caught.value) == (
            f"shrink_groups() cannot group by '{name}', a name that it needs itself.\n"
            f'  Rename it first: counts.rename({{"{name}": "{name}_group"}}).'
        )

    @pytest.mark.parametrize(
        ("option", "value", "rule"),
        [
            ("k", 0, "a whole number, 1 or more"),
            ("k", 2.5, "a whole number, 1 or more"),
            ("draws", -1, "a whole number, 0 or more"),
            ("seed", -1, "a whole number, 0 or more"),
            ("min_n", -1, "0 or more answers"),
            ("level", 1, "a number between 0 and 1"),
        ],
    )
    def test_an_option_out_of_its_range_is_refused(self, option, value, rule):
        """The rule is said."""
        with pytest.raises(OptionError) as caught:
            shrink_groups(TEAMS, by=["team"], **{option: value})

        assert str(caught.value) == (
            f"shrink_groups() cannot use {option}={value!r}.\n  It takes {rule}."
        )

    def test_by_is_a_list(self):
        """One name in quotes is not taken for its letters."""
        with pytest.raises(OptionError, match=r"cannot use by=.team.\.\n  It takes a list"):
            shrink_groups(TEAMS, by="team")

    def test_a_missing_column_is_named(self):
        """The error says what the table has."""
        with pytest.raises(MissingColumnError, match="needs the column 'agent', which is not in"):
            shrink_groups(TEAMS, by=["agent"])
