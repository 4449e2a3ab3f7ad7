from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize, stats
from strategies import bands, levels

from nps_kit.stats.differences import independent, paired
from nps_kit.stats.differences.crossings import find_crossings
from nps_kit.stats.differences.independent import SMALLEST, Ties
from nps_kit.stats.intervals import PSEUDO

REFERENCE = Path(__file__).parents[1] / "reference"
TWO_SAMPLE = pl.read_csv(REFERENCE / "two_sample.csv")
SIDES = [[f"{side}_{band}" for band in ("detractors", "passives", "promoters")]
         for side in ("ours", "theirs")]  # fmt: skip


def one(*answers: float) -> tuple[np.ndarray, ...]:
    """Make the arrays of one comparison's side."""
    return tuple(np.array([float(n)]) for n in answers)


def shifts(*people: float) -> np.ndarray:
    """Make the array of one paired comparison."""
    return np.array([[float(n)] for n in people])


def likeliest_variance(answers: tuple[float, ...], truth: float) -> float:
    """Find the variance of the likeliest shares with a given score, by brute force."""
    detractors, passives, promoters = answers

    def shares(d: float) -> tuple[float, float, float]:
        return d, 1 - 2 * d - truth, d + truth

    def unlikely(d: float) -> float:
        return -sum(
            n * np.log(max(share, 1e-300))
            for n, share in zip((detractors, passives, promoters), shares(d), strict=True)
            if n
        )

    low, high = max(0.0, -truth), (1 - truth) / 2
    found = optimize.minimize_scalar(unlikely, bounds=(low, high), options={"xatol": 1e-13}).x
    best = min((low, found, high), key=unlikely)
    d, _, r = shares(best)
    return d + r - truth**2


class TestAdjusted:
    @pytest.mark.parametrize("case", TWO_SAMPLE.to_dicts())
    def test_against_r(self, case):
        """The interval of the adjusted counts is the one R gives, with its sign."""
        ours, theirs = (one(*(case[name] for name in side)) for side in SIDES)

        found = independent.adjusted(ours, theirs, level=case["level"])

        assert_allclose(np.ravel(found), (case["low"], case["high"]), atol=1e-8)

    @pytest.mark.parametrize("case", TWO_SAMPLE.to_dicts())
    def test_its_p_value_against_r(self, case):
        """At one less R's p-value, a bound of the interval lies on zero."""
        ours, theirs = (one(*(case[name] for name in side)) for side in SIDES)
        if case["p_value"] < 1e-12:
            return

        found = independent.adjusted(ours, theirs, level=1 - case["p_value"])

        assert_allclose(np.abs(found).min(), 0, atol=1e-5)

    def test_with_degrees_it_is_welchs(self):
        """With degrees of freedom it is Welch's interval of the adjusted answers, by hand."""
        ours, theirs = (6, 9, 30), (40, 20, 45)
        scores = (-1, 0, 1)
        moments = []
        for side in (ours, theirs):
            more = np.array(side) + PSEUDO
            mean = more @ scores / more.sum()
            spread = (more @ (np.array(scores) - mean) ** 2) / more.sum()
            moments.append((mean, spread, more.sum(), sum(side)))
        errors = [spread / n for _, spread, n, _ in moments]
        degrees = sum(errors) ** 2 / sum(
            e**2 / (n - 1) for e, (*_, n) in zip(errors, moments, strict=True)
        )

        found = independent.adjusted(
            one(*ours),
            one(*theirs),
            level=0.9,
            degrees=independent.find_degrees(one(*ours), one(*theirs)),
        )

        half = stats.t.ppf(0.95, degrees) * np.sqrt(sum(errors))
        change = moments[0][0] - moments[1][0]
        assert_allclose(np.ravel(found), (100 * (change - half), 100 * (change + half)))


class TestScore:
    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ((3, 20, 9), (10, 5, 15)),
            ((0, 0, 12), (200, 300, 500)),
            ((5, 0, 5), (0, 30, 0)),
            ((1, 2, 1), (0, 0, 3)),
        ],
    )
    def test_a_bound_is_where_the_test_turns(self, ours, theirs):
        """At the bound the change lies as many errors off as the level asks, worked by hand."""
        n, m = sum(ours), sum(theirs)
        low, high = (
            bound.item() / 100 for bound in independent.score(one(*ours), one(*theirs), level=0.9)
        )
        change = (ours[2] - ours[0]) / n - (theirs[2] - theirs[0]) / m
        steps = [
            (1 + abs(1 - 2 * side[1] / size) ** size) / size
            for side, size in ((ours, n), (theirs, m))
        ]
        errors = [
            (side[1] * (side[0] + side[2]) + 4 * side[0] * side[2]) / size**3
            for side, size in ((ours, n), (theirs, m))
        ]
        blurred = sum(
            step * np.exp(-2 * np.pi**2 * error / step**2)
            for step, error in zip(steps, reversed(errors), strict=True)
        )
        half_step = max(*[min(steps)], blurred) / 2
        for bound in (low, high):
            if abs(bound) > 1.999:
                continue
            middle = (ours[2] - ours[0]) / n + (bound - change) * m / (n + m)
            mine = min(max(middle, -1, bound - 1), 1, bound + 1)
            variance = (
                likeliest_variance(ours, mine) / n + likeliest_variance(theirs, mine - bound) / m
            )
            off = (abs(bound - change) - half_step) / np.sqrt(variance)
            assert_allclose(off, stats.norm.ppf(0.95), rtol=1e-4)

    @given(bands(), bands(), levels())
    def test_holds_the_change_and_stays_on_the_scale(self, ours, theirs, level):
        """Whatever the answers: the interval lies within -200 and 200, around the change."""
        low, high = independent.score(one(*ours), one(*theirs), level=level)
        if not (sum(ours) and sum(theirs)):
            assert np.isnan((low, high)).all()
            return

        change = 100 * ((ours[2] - ours[0]) / sum(ours) - (theirs[2] - theirs[0]) / sum(theirs))
        assert -200 <= low[0] <= change + 1e-9
        assert change - 1e-9 <= high[0] <= 200


class TestEnvelope:
    @given(bands(), bands(), levels())
    def test_leaves_zero_out_where_the_test_rejects(self, ours, theirs, level):
        """Picture and p-value never contradict one another."""
        low, high = independent.envelope(one(*ours), one(*theirs), level=level)
        p_value = independent.p_values(one(*ours), one(*theirs))[0]
        if np.isnan(p_value) or abs(p_value - (1 - level)) < 1e-6:
            return

        assert (p_value < 1 - level) == (low[0] > 0 or high[0] < 0)

    @given(bands(), bands(), levels())
    def test_turned_round_it_changes_its_sign(self, ours, theirs, level):
        """Theirs against ours is ours against theirs, mirrored."""
        low, high = independent.envelope(one(*ours), one(*theirs), level=level)
        other = independent.envelope(one(*theirs), one(*ours), level=level)

        assert_allclose((-high, -low), other, atol=1e-5)

    def test_is_the_same_alone_and_among_many(self):
        """A comparison does not depend on what it is computed beside."""
        rng = np.random.default_rng(4)
        ours = rng.multinomial(30, [0.2, 0.3, 0.5], size=20_000).T.astype(float)
        theirs = rng.multinomial(300, [0.2, 0.3, 0.5], size=20_000).T.astype(float)

        many = independent.envelope(tuple(ours), tuple(theirs), level=0.95)
        alone = independent.envelope(
            tuple(ours[:, 9000:9001]), tuple(theirs[:, 9000:9001]), level=0.95
        )

        assert_allclose((many[0][9000], many[1][9000]), np.ravel(alone), atol=1e-6)


def size_of_test(n: int, m: int, ours: tuple[float, ...], theirs: tuple[float, ...]) -> np.ndarray:
    """Sum up exactly how often p-values fall under each of some levels."""
    sides, weights = [], []
    for size, shares in ((n, ours), (m, theirs)):
        found = np.array([(d, p, size - d - p) for d, p in product(range(size + 1), repeat=2)
                          if d + p <= size])  # fmt: skip
        chance = stats.multinomial(size, shares).pmf(found)
        kept = chance > 1e-13
        sides.append(found[kept].astype(float))
        weights.append(chance[kept])
    left = np.repeat(sides[0], len(sides[1]), axis=0).T
    right = np.tile(sides[1], (len(sides[0]), 1)).T
    p_values = independent.p_values(tuple(left), tuple(right))
    chance = np.outer(*weights).ravel()
    return np.array([chance[p_values <= alpha].sum() / alpha for alpha in ALPHAS])


ALPHAS = (0.05, 0.01, 0.001, 0.0004)


class TestPValues:
    @pytest.mark.parametrize(("n", "m"), [(2, 2), (5, 5), (5, 20), (20, 20), (10, 30)])
    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ((0.01, 0.09, 0.9), (0.01, 0.09, 0.9)),
            ((0, 0.05, 0.95), (0, 0.05, 0.95)),
            ((0.5, 0, 0.5), (0.5, 0, 0.5)),
            ((0.2, 0.3, 0.5), (0.2, 0.3, 0.5)),
            ((0.5, 0, 0.5), (0, 1, 0)),
            ((0, 1, 0), (0.5, 0, 0.5)),
            ((0.055, 0, 0.945), (0, 0.11, 0.89)),
            ((0, 0.11, 0.89), (0.055, 0, 0.945)),
            ((0.3, 0, 0.7), (0, 0.6, 0.4)),
        ],
    )
    def test_a_true_hypothesis_is_rejected_as_rarely_as_promised(self, n, m, ours, theirs):
        """Summed up over all outcomes: equal scores, like or unlike shares, small groups too."""
        assert (size_of_test(n, m, ours, theirs) <= 1.001).all()

    def test_do_not_floor_at_zero(self):
        """However clear the difference, p is a number that can be written and adjusted."""
        found = independent.p_values(one(9e6, 0, 0), one(0, 0, 9e6))

        assert SMALLEST <= found[0] < 1e-300

    def test_answers_all_alike_on_both_sides_differ_in_nothing(self):
        """All promoters here and there: p is 1."""
        assert 1.0 == independent.p_values(one(0, 0, 5), one(0, 0, 50))[0]

    def test_no_answer_on_one_side_has_none(self):
        """Nothing can be tested against nobody."""
        assert np.isnan(independent.p_values(one(0, 0, 0), one(1, 2, 3))[0])

    @pytest.mark.parametrize("case", pl.read_csv(REFERENCE / "simulated_power.csv").to_dicts())
    def test_power_is_near_what_r_simulated(self, case):
        """The safer test finds a difference nearly as often as the usual one."""
        rng = np.random.default_rng(6)
        runs = 20_000
        ours, theirs = (
            rng.multinomial(
                case["n"],
                [case[f"{band}_{side}"] for band in ("detractors", "passives", "promoters")],
                size=runs,
            ).T.astype(float)
            for side in (1, 2)
        )

        power = (independent.p_values(tuple(ours), tuple(theirs)) < 0.05).mean()

        error = np.hypot(case["error"], np.sqrt(power * (1 - power) / runs))
        assert -0.005 - 3 * error <= power - case["power"] <= 3 * error


class TestTies:
    def make(self, correlation: float, clusters: int = 40) -> Ties:
        """Make the ties of one comparison."""
        return Ties(
            np.array([correlation]),
            *(np.array([float(n)]) for n in (clusters, clusters, clusters)),
        )

    def test_a_common_cluster_narrows_the_interval(self):
        """Customers who answered on both sides and agree with themselves tell more."""
        apart = independent.envelope(
            one(20, 30, 50), one(30, 30, 40), level=0.95, ties=self.make(0)
        )

        tied = independent.envelope(
            one(20, 30, 50), one(30, 30, 40), level=0.95, ties=self.make(0.6)
        )

        assert np.diff(np.ravel(tied)) < 0.75 * np.diff(np.ravel(apart))

    def test_degrees_are_those_of_the_clusters(self):
        """Never more than one less than there are clusters."""
        found = independent.find_degrees(
            one(20, 30, 50), one(30, 30, 40), ties=self.make(0, clusters=12)
        )

        assert 11.0 == found[0]


class TestPairedEnvelope:
    @given(st.lists(st.integers(0, 60), min_size=5, max_size=5), levels())
    def test_leaves_zero_out_where_the_test_rejects(self, people, level):
        """Picture and p-value never contradict one another."""
        low, high = paired.envelope(shifts(*people), level=level)
        p_value = paired.p_values(shifts(*people))[0]
        if np.isnan(p_value) or abs(p_value - (1 - level)) < 1e-6:
            return

        assert (p_value < 1 - level) == (low[0] > 0 or high[0] < 0)

    @given(st.lists(st.integers(0, 60), min_size=5, max_size=5), levels())
    def test_mirrored_it_changes_its_sign(self, people, level):
        """After against before is before against after, mirrored."""
        low, high = paired.envelope(shifts(*people), level=level)

        other = paired.envelope(shifts(*reversed(people)), level=level)

        assert_allclose((-high, -low), other, atol=1e-5)

    @given(st.lists(st.integers(0, 60), min_size=5, max_size=5))
    def test_stays_on_the_scale_around_the_change(self, people):
        """Whatever the people: within -200 and 200, and the change is inside."""
        low, high = paired.envelope(shifts(*people), level=0.95)
        if not sum(people):
            assert np.isnan((low, high)).all()
            return

        change = 100 * np.dot(people, [-2, -1, 0, 1, 2]) / sum(people)
        assert -200 <= low[0] <= change + 1e-6
        assert change - 1e-6 <= high[0] <= 200

    def test_is_near_students_where_people_are_many(self):
        """With 2,000 people it is the interval of a paired t-test."""
        people = [100, 300, 1000, 400, 200]
        moves = np.repeat([-200, -100, 0, 100, 200], people)

        found = paired.envelope(shifts(*people), level=0.95)

        expected = stats.ttest_1samp(moves, 0).confidence_interval(0.95)
        assert_allclose(np.ravel(found), expected, atol=0.1)


class TestPairedPValues:
    @pytest.mark.parametrize("n", [2, 3, 5, 8, 12])
    @pytest.mark.parametrize(
        "shares",
        [
            (0, 0.05, 0.9, 0.05, 0),
            (0.5, 0, 0, 0, 0.5),
            (0, 0.5, 0, 0.5, 0),
            (1 / 3, 0, 0, 2 / 3, 0),
            (0.1, 0, 0.7, 0.2, 0),
            (0.2, 0.2, 0.2, 0.2, 0.2),
            (0.02, 0, 0.94, 0.04, 0),
        ],
    )
    def test_no_change_is_rejected_as_rarely_as_promised(self, n, shares):
        """Summed up over all outcomes, also where many rise a little and few fall far."""
        people = np.array([each for each in product(range(n + 1), repeat=5) if sum(each) == n])
        chance = stats.multinomial(n, shares).pmf(people)

        p_values = paired.p_values(people.T.astype(float))

        for alpha in ALPHAS:
            assert chance[p_values <= alpha].sum() <= 1.001 * alpha

    def test_never_falls_below_the_sign_test_s_for_few_people(self):
        """Six of six who rise: the exact chance is 2 in 64, and no less is claimed."""
        found = paired.p_values(shifts(0, 0, 0, 6, 0))[0]

        assert found >= 2 / 2**6

    def test_nobody_has_none(self):
        """No people, no p-value."""
        assert np.isnan(paired.p_values(shifts(0, 0, 0, 0, 0))[0])

    def test_does_not_floor_at_zero(self):
        """A million people who all rise: a number above zero."""
        assert paired.p_values(shifts(0, 0, 0, 0, 1e6))[0] >= SMALLEST


class TestFindCrossings:
    @settings(max_examples=30)
    @given(st.lists(st.floats(0.001, 50), min_size=1, max_size=40))
    def test_finds_each_curve_s_own(self, targets):
        """Cube roots of many numbers at once, as scipy finds them one by one."""
        aims = np.array(targets)

        found = find_crossings(
            lambda tried, rows: tried**3 - aims[rows], np.zeros_like(aims), np.full_like(aims, 10)
        )

        expected = [optimize.brentq(lambda x, aim=aim: x**3 - aim, 0, 10) for aim in targets]
        assert_allclose(found, expected, rtol=1e-4, atol=1e-4)

    def test_gives_the_end_where_there_is_none(self):
        """A curve that stays under zero has its bound at the end of the scale."""
        found = find_crossings(lambda tried, _: tried - 9, np.zeros(1), np.full(1, 2.0))

        assert 2.0 == found[0]
