from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

from nps_kit.stats.drivers import gains
from nps_kit.stats.drivers.gains import SEEN, Gained, Gains, Samples, collect
from nps_kit.stats.drivers.moves import Step
from nps_kit.stats.drivers.ordinal import Fit, fit_ordinal
from nps_kit.stats.drivers.patterns import Patterns, find_patterns

DRIVERS = ["wait", "way", "again"]
SHARES = [[1, 1, 1], [0.5, 0.25, 1], [0.05, 1, 0.35], [0.9, 0.1, 0.3]]


def draw(n: int = 700, *, scores: Sequence[int] = (3, 8, 10), places: int = 5) -> Patterns:
    """Draw answers at four waits, three ways, two repeats and thirty places, some of them rare."""
    rng = np.random.default_rng(3)
    wait, way = rng.integers(0, 4, n), rng.choice(3, n, p=[0.6, 0.36, 0.04])
    again, place = rng.integers(0, 2, n), rng.integers(0, places, n)
    felt = rng.logistic(size=n) - 0.5 * wait - 0.8 * again + 0.2 * way + place / 10
    given = np.array(scores)[(felt > -1.2).astype(int) + (felt > -0.2)]
    rows = pl.DataFrame({"wait": wait, "way": way, "again": again, "place": place, "score": given})
    counts = rows.group_by("wait", "way", "again", "place", "score").agg(n=pl.len())
    return find_patterns(counts, drivers=DRIVERS, controls=["place"], caller="test")


def sample(patterns: Patterns, *, draws: int = 3) -> Samples:
    """Fit the answers; samples of them have other answers and other effects."""
    rng = np.random.default_rng(4)
    fit = fit_ordinal(patterns.design(), patterns.bands)
    effects = rng.normal(fit.coefficients, 0.2, (draws, len(fit.coefficients)))
    fits = [fit, *(replace(fit, coefficients=effect) for effect in effects)]
    answers = [patterns.answers, *rng.poisson(patterns.answers, (draws, len(patterns.codes)))]
    return collect(patterns.design(), fits, answers)


def step(patterns: Patterns, name: str, target: int, *whence: int) -> Step:
    """Move some levels of a driver to another one."""
    factor = patterns.factors[patterns.place(name)]
    moved = np.isin(np.arange(len(factor.levels)), whence)
    return Step(factor, patterns.place(name), target, moved, 1.0, known=True, fewest=99.0)


def steps_of(patterns: Patterns) -> list[Step]:
    """Move waits, ways and repeats to their best level."""
    return [
        step(patterns, "wait", 0, 1, 2, 3),
        step(patterns, "way", 2, 0, 1),
        step(patterns, "again", 0, 1),
    ]


def score(samples: Samples, design: np.ndarray) -> np.ndarray:
    """Predict each row's score in each sample, as the model is written in a book."""
    odds = np.exp(design @ samples.coefficients)
    low, high = samples.odds
    return 100 * (odds / (odds + high) - low / (low + odds))


def gain_by_hand(
    patterns: Patterns, samples: Samples, steps: Sequence[Step], shares: Sequence[float]
) -> Gained:
    """Go through every way to move every pattern, one by one."""
    seen = np.zeros((len(patterns.factors),) * 2, dtype=object)
    for one, other in np.ndindex(seen.shape):
        seen[one, other] = {}
        for codes, n in zip(patterns.codes, patterns.answers, strict=True):
            pair = codes[one], codes[other]
            seen[one, other][pair] = seen[one, other].get(pair, 0) + n
    n_moved = n_rare = 0.0
    origins, weights, there = [], [], []
    for row, codes in enumerate(patterns.codes):
        hit = [bool(each.moved[codes[each.place]]) for each in steps]
        for way in product(*((False, True) if may else (False,) for may in hit)):
            chances = [
                s if go else 1 - s for go, may, s in zip(way, hit, shares, strict=True) if may
            ]
            weight = float(np.prod(chances))
            if not any(way) or not weight:
                continue
            now = codes.copy()
            changed = [each for each, goes in zip(steps, way, strict=True) if goes]
            for each in changed:
                now[each.place] = each.target
            fewest = min(
                seen[each.place, other].get((now[each.place], now[other]), 0)
                for each in changed
                for other in range(len(codes))
                if other != each.place
            )
            moved = weight * patterns.answers[row]
            n_moved += moved
            n_rare += moved * (fewest < SEEN)
            origins.append(row)
            weights.append(weight)
            there.append(now)
    before = patterns.design(patterns.codes[origins])
    gained = score(samples, patterns.design(np.array(there))) - score(samples, before)
    points = np.array(weights) @ (gained * samples.answers[origins])
    return Gained(n_moved, n_rare, points)


def assert_same(expected: Gained, found: Gained) -> None:
    """Compare to the ninth digit."""
    assert_allclose(found.points, expected.points, rtol=1e-9)
    assert_allclose(found[:2], expected[:2], rtol=1e-9)


class TestGains:
    @pytest.mark.parametrize("shares", SHARES, ids=str)
    def test_equals_going_through_every_way_to_move(self, shares: list[float]):
        """Whatever the shares, the sum is that of all ways, of all answers, one by one."""
        patterns = draw()
        samples, steps = sample(patterns), steps_of(patterns)

        found = Gains(patterns, samples, steps).weigh(shares)

        assert_same(gain_by_hand(patterns, samples, steps, shares), found)

    def test_counts_those_who_land_where_hardly_anyone_is(self):
        """Some of the moved land beside a level that fewer than five have."""
        patterns = draw()

        found = Gains(patterns, sample(patterns), steps_of(patterns)).weigh([1, 1, 1])

        assert 0 < found.n_rare < found.n_moved

    @pytest.mark.parametrize("shares", SHARES, ids=str)
    def test_too_many_ways_are_worked_out_when_asked_for(
        self, shares: list[float], monkeypatch: pytest.MonkeyPatch
    ):
        """What would not fit into memory is worked out for one question, with the same result."""
        patterns = draw()
        samples, steps = sample(patterns), steps_of(patterns)
        expected = Gains(patterns, samples, steps).weigh(shares)
        monkeypatch.setattr(gains, "_MOST_PAIRS", 0)

        found = Gains(patterns, samples, steps).weigh(shares)

        assert_same(expected, found)

    @pytest.mark.parametrize("scores", [(3, 8, 8), (8, 8, 10), (3, 10, 10)], ids=str)
    def test_where_nobody_is_in_a_band(self, scores: tuple[int, ...]):
        """Without promoters, detractors or passives a threshold has no end, and the sum has one."""
        patterns = draw(scores=scores)
        samples, steps = sample(patterns), steps_of(patterns)

        found = Gains(patterns, samples, steps).weigh([0.5, 0.5, 0.5])

        assert_same(gain_by_hand(patterns, samples, steps, [0.5, 0.5, 0.5]), found)

    def test_with_many_samples_the_columns_stay_apart(self):
        """Worked on in pieces, side by side, each sample has the gain that it has alone."""
        patterns = draw(3000, places=30)
        samples, steps = sample(patterns, draws=400), steps_of(patterns)
        column = [0, 200, 400]
        some = Samples(
            samples.answers[:, column],
            samples.odds[:, column],
            samples.coefficients[:, column],
            samples.rises[:, column],
        )

        found = Gains(patterns, samples, steps).weigh([0.5, 0.25, 1])

        expected = Gains(patterns, some, steps).weigh([0.5, 0.25, 1])
        assert_allclose(found.points[column], expected.points, rtol=1e-12)

    def test_a_step_that_moves_nobody_gains_nothing(self):
        """Who is at the level already stays."""
        patterns = draw()

        found = Gains(patterns, sample(patterns), [step(patterns, "wait", 0)]).weigh([1])

        assert (0.0, 0.0, [0.0] * 4) == (found.n_moved, found.n_rare, found.points.tolist())

    def test_a_driver_with_one_level_changes_nothing(self):
        """Beside others it is as if it was not asked for."""
        patterns = draw()
        samples, (wait, *_) = sample(patterns), steps_of(patterns)
        single = replace(wait, place=-1)

        found = Gains(patterns, samples, [single, wait]).weigh([0.5, 0.7])

        assert_same(Gains(patterns, samples, [wait]).weigh([0.7]), found)


class TestCollect:
    def test_gives_each_pattern_the_odds_of_its_levels(self):
        """Two levels, of which one doubles the odds."""
        fit = Fit(
            thresholds=np.array([-1.0, 1.0]),
            coefficients=np.array([np.log(2)]),
            covariance=np.zeros((3, 3)),
            log_likelihood=0.0,
            rank=1,
            converged=True,
            runaway=np.zeros(1, dtype=np.bool_),
            tangled=np.zeros(1, dtype=np.bool_),
        )

        found = collect(np.array([[0.0], [1.0]]), [fit, fit], [[5, 6], [7, 4]])

        assert_allclose(found.rises, [[1, 1], [2, 2]])
        assert_allclose(found.answers, [[5, 7], [6, 4]])


class TestEndless:
    def test_a_sample_whose_effect_has_no_end_is_predicted(self):
        """As good as certain is certain enough: no number overflows."""
        patterns = draw()
        samples, steps = sample(patterns), steps_of(patterns)
        fit = fit_ordinal(patterns.design(), patterns.bands)
        endless = replace(fit, coefficients=fit.coefficients + 800)

        collected = collect(patterns.design(), [fit, endless], [patterns.answers] * 2)

        found = Gains(patterns, collected, steps).weigh([1, 0.5, 0.5])
        assert np.isfinite(found.points).all()
        first = Gains(patterns, samples, steps).weigh([1, 0.5, 0.5]).points[0]
        assert_allclose(found.points[0], first, rtol=1e-9)
