from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import Case, cases
from scipy import optimize, stats
from strategies import bands, levels

from nps_kit.stats.intervals import (
    METHODS,
    RULES,
    Bounds,
    Floats,
    adjusted_wald,
    auto,
    choose,
    score,
    wald,
)

Method = Callable[..., Bounds]


def arrays(*answers: float) -> list[Floats]:
    """Make the arrays that the intervals take of one group's answers."""
    return [np.array([float(band)]) for band in answers]


def bounds(method: Method, *answers: float, level: float = 0.95) -> tuple[float, float]:
    """Make the two bounds of one group."""
    low, high = method(*arrays(*answers), level=level)
    return low[0], high[0]


def of(case: Case, method: Method) -> tuple[float, float]:
    """Make the two bounds that a reference case asks for."""
    return bounds(method, case.detractors, case.passives, case.promoters, level=case.level)


class TestWald:
    def test_is_the_textbook_formula(self):
        """Half promoters, three in ten detractors, 100 answers: 20 points, 2.9 to 37.1."""
        spread = 1.959963984540054 * 100 * np.sqrt((0.5 + 0.3 - 0.2**2) / 100)

        assert_allclose(bounds(wald, 30, 20, 50), (20 - spread, 20 + spread))

    @pytest.mark.parametrize("case", cases("wald.csv"))
    def test_against_r(self, case):
        """R gives the same bounds."""
        assert_allclose(of(case, wald), (case.low, case.high), atol=1e-8)

    def test_has_no_width_where_all_answers_are_alike(self):
        """Ten promoters out of ten: the plain interval claims to be certain."""
        assert (100, 100) == bounds(wald, 0, 0, 10)

    def test_students_quantile_is_wider(self):
        """With five degrees of freedom the quantile is 2.571 instead of 1.960."""
        answers = arrays(30, 20, 50)

        low, _ = wald(*answers, level=0.95, degrees=np.array([5.0]))

        normal, _ = wald(*answers, level=0.95)
        assert_allclose((20 - low) / (20 - normal), stats.t.isf(0.025, 5) / stats.norm.isf(0.025))

    def test_a_level_next_to_one_is_finite(self):
        """Even the largest level below one gives bounds."""
        assert np.isfinite(bounds(wald, 3, 3, 3, level=np.nextafter(1, 0))).all()


class TestAdjustedWald:
    def test_is_wald_of_the_adjusted_counts(self):
        """Three quarters, one and a half and three quarters of an answer are added."""
        assert bounds(wald, 4.75, 7.5, 20.75) == bounds(adjusted_wald, 4, 6, 20)

    @pytest.mark.parametrize("case", cases("adjusted_wald.csv"))
    def test_against_r(self, case):
        """R gives the same bounds."""
        assert_allclose(of(case, adjusted_wald), (case.low, case.high), atol=1e-8)

    def test_has_width_where_all_answers_are_alike(self):
        """Ten promoters out of ten are no proof of a perfect score."""
        low, high = bounds(adjusted_wald, 0, 0, 10)

        assert low < 70 < high


def constrained_variance(
    detractors: float, passives: float, promoters: float, *, truth: float
) -> float:
    """Search for the likeliest shares whose score is `truth`; the variance of one answer."""

    def misfit(share: float) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log([share, 1 - 2 * share - truth, share + truth])
        return -np.nansum(np.array([detractors, passives, promoters]) * logs)

    least, most = max(0.0, -truth), (1 - truth) / 2
    share = optimize.minimize_scalar(
        misfit, bounds=(least, most), method="bounded", options={"xatol": 1e-12}
    ).x
    return 2 * share + truth - truth**2


class TestScore:
    @pytest.mark.parametrize("case", cases("score_published.csv"))
    def test_against_published_examples(self, case):
        """The examples that Tango and others print come out to the digits they print."""
        assert_allclose(of(case, score), (case.low, case.high), atol=0.0501)

    @pytest.mark.parametrize("case", cases("score.csv"))
    def test_against_r(self, case):
        """R gives the same bounds, from one answer to a million."""
        assert_allclose(of(case, score), (case.low, case.high), atol=1e-8)

    @pytest.mark.parametrize("answers", [(3, 20, 9), (40, 5, 2), (1, 1, 1), (20, 300, 80)])
    def test_its_bounds_are_where_a_score_test_gives_way(self, answers):
        """At each bound the test statistic, its shares found by search, is the quantile."""
        n = sum(answers)
        estimate = (answers[2] - answers[0]) / n

        found = bounds(score, *answers)

        z = [
            (estimate - bound / 100)
            / np.sqrt(constrained_variance(*answers, truth=bound / 100) / n)
            for bound in found
        ]
        assert_allclose(z, (1.959964, -1.959964), atol=1e-4)

    @given(bands(10**6), levels())
    def test_holds_the_score_and_stays_on_the_scale(self, answers, level):
        """The score lies within its interval, and the interval within -100 to 100."""
        n = sum(answers)
        assume(n > 0)

        low, high = bounds(score, *answers, level=level)

        nps = 100 * (answers[2] - answers[0]) / n
        assert -100 - 1e-9 <= low <= nps + 1e-9
        assert nps - 1e-9 <= high <= 100 + 1e-9

    def test_all_promoters_reach_the_end_of_the_scale(self):
        """Nobody but promoters: 100 is not ruled out, and something below it is."""
        low, high = bounds(score, 0, 0, 7)

        assert 100 == high
        assert -100 < low < 100

    def test_one_answer_says_nearly_nothing(self):
        """One promoter leaves most of the scale open."""
        assert_allclose(bounds(score, 0, 0, 1), (-58.69013712, 100), atol=1e-6)

    def test_many_groups_give_what_each_gives_alone(self):
        """Working on groups in portions changes none of them."""
        rng = np.random.default_rng(3)
        many = rng.multinomial(40, (0.2, 0.3, 0.5), size=20_000).T.astype(float)

        low, high = score(*many, level=0.95)

        for place in (0, 8191, 8192, 19_999):
            assert bounds(score, *many[:, place]) == (low[place], high[place])


class TestChoose:
    @pytest.mark.parametrize(
        ("answers", "rule"),
        [
            ((3, 3, 3), "score"),
            ((0, 0, 9), "score"),
            ((3, 3, 4), "adjusted_wald"),
            ((0, 5, 5), "envelope"),
            ((5, 5, 0), "envelope"),
            ((5, 0, 5), "adjusted_wald"),
            ((0, 10, 0), "envelope"),
        ],
    )
    def test_follows_the_rule(self, answers, rule):
        """Few answers: score; an empty end band: envelope; else adjusted Wald."""
        assert rule == RULES[choose(*arrays(*answers))[0]]

    def test_ten_effective_answers_are_not_fewer_than_ten(self):
        """A hair lost in a division does not change the rule."""
        assert "adjusted_wald" == RULES[choose(*arrays(3, 3, 4 - 1e-12))[0]]


class TestAuto:
    def test_envelope_is_the_wider_on_each_side(self):
        """Without detractors the bounds are the outer ones of both intervals."""
        inner, outer = bounds(score, 0, 6, 14), bounds(adjusted_wald, 0, 6, 14)

        assert (min(inner[0], outer[0]), max(inner[1], outer[1])) == bounds(auto, 0, 6, 14)

    def test_each_row_follows_its_own_rule(self):
        """Groups of all three kinds side by side come out as each alone."""
        groups = [(1, 2, 3), (4, 6, 20), (0, 6, 14), (0, 0, 3), (12, 28, 75)]

        low, high = auto(*np.array(groups, dtype=float).T, level=0.9)

        alone = [bounds(auto, *group, level=0.9) for group in groups]
        assert_allclose(np.stack([low, high], axis=1), alone)

    @given(bands(), levels(0.8))
    def test_holds_the_score(self, answers, level):
        """At the levels people use, the score lies within its interval."""
        n = sum(answers)
        assume(n > 0)

        low, high = bounds(auto, *answers, level=level)

        assert low - 1e-9 <= 100 * (answers[2] - answers[0]) / n <= high + 1e-9


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
class TestMethods:
    @given(answers=bands(), level=levels())
    def test_mirrored_answers_give_the_mirrored_interval(self, method, answers, level):
        """Promoters and detractors swapped: the bounds swap and change their signs."""
        low, high = bounds(method, *answers, level=level)

        mirrored_low, mirrored_high = bounds(method, *reversed(answers), level=level)
        assert_allclose((-high, -low), (mirrored_low, mirrored_high), atol=1e-9)

    @given(answers=bands(), level=levels())
    def test_ten_times_the_answers_narrow_it(self, method, answers, level):
        """The same shares of ten times as many answers: never a wider interval."""
        assume(sum(answers) > 0)

        low, high = np.clip(bounds(method, *answers, level=level), -100, 100)
        more_low, more_high = np.clip(
            bounds(method, *(10 * band for band in answers), level=level), -100, 100
        )

        assert more_high - more_low <= high - low + 1e-9

    @given(answers=bands(), level=levels(), more=st.floats(0.0001, 0.4))
    def test_a_higher_level_is_wider(self, method, answers, level, more):
        """More certainty costs width."""
        assume(sum(answers) > 0)
        assume(level + more < 1)

        low, high = bounds(method, *answers, level=level)
        wider_low, wider_high = bounds(method, *answers, level=level + more)

        assert wider_low <= low + 1e-9
        assert high <= wider_high + 1e-9

    def test_no_answers_give_nan(self, method):
        """Nothing was said: nothing is known, and nothing crashes."""
        assert np.isnan(bounds(method, 0, 0, 0)).all()

    def test_no_groups_give_no_bounds(self, method):
        """An empty table in, an empty table out."""
        low, high = method(*(np.array([]) for _ in range(3)), level=0.95)

        assert (0, 0) == (low.size, high.size)

    def test_a_million_answers_are_no_trouble(self, method):
        """A quarter detractors, half promoters of a million: 25 points give or take 0.16."""
        assert_allclose(bounds(method, 250_000, 250_000, 500_000), (24.8375, 25.1625), atol=2e-4)

    def test_no_degrees_of_freedom_give_nan(self, method):
        """One cluster alone has no spread, so there are no bounds."""
        low, high = method(*arrays(3, 4, 5), level=0.95, degrees=np.array([0.0]))

        assert np.isnan([low[0], high[0]]).all()
