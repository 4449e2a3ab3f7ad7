"""Funnels and standardised differences: false alarms, and how often intervals hold the truth."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure

from nps_kit.stats.segments.funnels import estimate_funnel
from nps_kit.stats.segments.standards import standardise_groups

Floats = npt.NDArray[np.float64]
Answers = npt.NDArray[np.int64]
Side = Literal["at most", "at least"]
Adjust = Literal["overdispersion", "none"]

TITLE = "Funnels and standardised differences"

INTRO = """\
Funnel: no group is better than another, or their true scores spread normally; counted is the share
of groups outside the limits, however few their answers. Standardised differences: six strata from
-5 to 57 points, or six skewed ones from 65 to 94, with a mix drawn for each group from
Dirichlet(1) and differing groups; counted is the share of groups whose interval holds the
difference that the true scores and the mix as drawn make. Groups of one run share their standard:
standard errors are between runs. The exact listing of the limits is in tests/stats."""

SEED = 20260301
SCORES = np.array([3, 8, 10])
CODES = np.array([-1, 0, 1])
SHARES = {"10/30/60": (0.1, 0.3, 0.6), "1/9/90": (0.01, 0.09, 0.9)}

LONE = (
    *(("1/9/90", n) for n in (5, 20, 100, 1000)),
    *(("10/30/60", n) for n in (5, 40, 5000)),
)
SIZES = {
    "2 groups of 100": [100] * 2,
    "6 groups of 20 to 2,000": [20, 50, 100, 300, 1000, 2000],
    "12 groups of 40": [40] * 12,
    "120 groups of 20 to 500": [20 + 480 * k // 119 for k in range(120)],
}
STRATA = {
    "usual": [
        (0.15, 0.20, 0.65),
        (0.14, 0.15, 0.71),
        (0.30, 0.20, 0.50),
        (0.40, 0.20, 0.40),
        (0.45, 0.15, 0.40),
        (0.20, 0.25, 0.55),
    ],
    "skewed": [
        (0.01, 0.09, 0.90),
        (0.02, 0.08, 0.90),
        (0.02, 0.18, 0.80),
        (0.03, 0.07, 0.90),
        (0.05, 0.25, 0.70),
        (0.01, 0.04, 0.95),
    ],
}
MIXED = {
    "12 groups of 5": [5] * 12,
    "12 groups of 20": [20] * 12,
    "12 groups of 40": [40] * 12,
    "12 groups of 1,000": [1000] * 12,
    "2 groups of 40": [40] * 2,
    "6 groups of 20 to 2,000": [20, 50, 100, 300, 1000, 2000],
    "120 groups of 40": [40] * 120,
}


SKEWED = ("12 groups of 5", "12 groups of 40", "6 groups of 20 to 2,000", "120 groups of 40")
"""Those that are drawn from skewed strata as well."""


def measure(effort: float) -> Iterator[Figure]:
    """Measure the chapter."""
    rng = np.random.default_rng(SEED)
    yield from _measure_limits(effort, rng)
    yield from _measure_funnels(effort, rng)
    yield from _measure_spread(effort, rng)
    yield from _measure_standards(effort, rng)


def _table(answers: Answers) -> pl.DataFrame:
    """Make the count table of answers by group, stratum and band."""
    groups, strata, _ = answers.shape
    return pl.DataFrame(
        {
            "group": np.repeat(np.arange(groups), strata * 3),
            "stratum": np.tile(np.repeat(np.arange(strata), 3), groups),
            "score": np.tile(SCORES, groups * strata),
            "n": answers.ravel(),
        }
    )


def _outside(funnel: pl.DataFrame) -> tuple[float, float]:
    """Find the share of groups outside each pair of limits."""
    place = funnel["place"].cast(pl.String).to_numpy()
    far = np.char.endswith(place.astype(str), "99.8 %")
    return float(np.mean(place != "within")), float(np.mean(far))


def _over_runs(
    values: Sequence[float],
    *,
    method: str,
    setting: str,
    measure: str,
    goal: float | None = None,
    side: Side = "at most",
) -> Figure:
    """Average over runs; the standard error is between runs."""
    return Figure(
        method,
        setting,
        measure,
        value=float(np.mean(values)),
        runs=len(values),
        goal=goal,
        side=side,
        spread=float(np.std(values, ddof=1) / np.sqrt(len(values))),
    )


def _measure_limits(effort: float, rng: np.random.Generator) -> Iterator[Figure]:
    """Measure the limits themselves, around a centre that is as good as known."""
    groups = max(int(40_000 * effort), 1000)
    for name, n in LONE:
        answers = rng.multinomial(n, SHARES[name], size=(groups, 1))
        funnel = estimate_funnel(_table(answers), by=["group"], adjust="none", min_n=0)
        setting = f"{n:,} answers a group, shares {name}"
        for share, goal, limit in zip(_outside(funnel), (0.05, 0.002), ("95", "99.8"), strict=True):
            yield Figure("estimate_funnel", setting, f"outside {limit} %", share, groups, goal=goal)


def _measure_funnels(effort: float, rng: np.random.Generator) -> Iterator[Figure]:
    """Measure whole funnels of few and many groups, with the usual adjustment."""
    for setting, sizes in SIZES.items():
        runs = max(int(2000 * effort / np.sqrt(len(sizes))), 20)
        found = [_outside(_draw_funnel(sizes, 0.0, rng)) for _ in range(runs)]
        for place, (goal, limit) in enumerate(((0.05, "95"), (0.002, "99.8"))):
            yield _over_runs(
                [share[place] for share in found],
                method="estimate_funnel",
                setting=f"{setting}, alike",
                measure=f"outside {limit} %",
                goal=goal,
            )


def _draw_funnel(
    sizes: Sequence[int],
    spread: float,
    rng: np.random.Generator,
    adjust: Adjust = "overdispersion",
) -> pl.DataFrame:
    # What promoters win detractors lose, and no share falls under zero.
    shift = np.clip(rng.normal(0, spread, len(sizes)), -0.19, 0.19)
    shares = np.array(SHARES["10/30/60"]) + np.outer(shift, (-0.5, 0.0, 0.5))
    answers = rng.multinomial(sizes, shares)[:, None, :]
    return estimate_funnel(_table(answers), by=["group"], adjust=adjust, min_n=0)


def _measure_spread(effort: float, rng: np.random.Generator) -> Iterator[Figure]:
    """Measure funnels of groups whose true scores spread as much as chance spreads them."""
    for setting, sizes in {
        "12 groups of 200": [200] * 12,
        "120 groups of 200": [200] * 120,
    }.items():
        for adjust in ("none", "overdispersion"):
            runs = max(int(600 * effort), 20)
            found = [_outside(_draw_funnel(sizes, 0.0474, rng, adjust)) for _ in range(runs)]
            for place, limit in enumerate(("95", "99.8")):
                yield _over_runs(
                    [share[place] for share in found],
                    method=f"estimate_funnel, {adjust}",
                    setting=f"{setting}, true spread 4.7 points",
                    measure=f"outside {limit} %",
                )


def _measure_standards(effort: float, rng: np.random.Generator) -> Iterator[Figure]:
    """Measure intervals where groups differ, and p-values where none does."""
    settings = [("usual", setting) for setting in MIXED]
    settings += [("skewed", setting) for setting in MIXED if setting in SKEWED]
    for strata, setting in settings:
        sizes = MIXED[setting]
        runs = max(int(1800 * effort / np.sqrt(len(sizes))), 20)
        yield _over_runs(
            [_hold(sizes, np.array(STRATA[strata]), rng) for _ in range(runs)],
            method="standardise_groups",
            setting=f"{setting}, {strata} strata",
            measure="interval of change holds the truth",
            goal=0.93,
            side="at least",
        )
    for setting in ("12 groups of 20", "12 groups of 1,000"):
        runs = max(int(600 * effort), 20)
        found = [(_draw_alike(MIXED[setting], rng)["p_adjusted"] < 0.05).any() for _ in range(runs)]
        yield Figure(
            "standardise_groups",
            f"{setting}, usual strata, alike",
            "any p_adjusted under 0.05",
            float(np.mean(found)),
            runs,
            goal=0.05,
        )


def _draw_alike(sizes: Sequence[int], rng: np.random.Generator) -> pl.DataFrame:
    shares = np.array(STRATA["usual"])
    n = rng.multinomial(sizes, rng.dirichlet(np.ones(len(shares)), size=len(sizes)))
    table = _table(rng.multinomial(n, shares))
    return standardise_groups(table, by=["group"], over=["stratum"], min_n=0)


def _hold(sizes: Sequence[int], base: Floats, rng: np.random.Generator) -> float:
    """Draw groups with a mix and a level of their own; find how many intervals hold the truth."""
    groups, strata = len(sizes), len(base)
    mix = rng.dirichlet(np.ones(strata), size=groups)
    tilt = rng.normal(0, 0.3, size=(groups, 1, 1)) * CODES
    shares = base * np.exp(tilt)
    shares /= shares.sum(axis=2, keepdims=True)
    n = rng.multinomial(sizes, mix)
    answers = rng.multinomial(n, shares)
    scores = 100 * shares @ CODES
    usual = (n * scores).sum(axis=0) / np.maximum(n.sum(axis=0), 1)
    truth = (n * (scores - usual)).sum(axis=1) / n.sum(axis=1)
    found = standardise_groups(_table(answers), by=["group"], over=["stratum"])
    return float(((found["low"] <= truth) & (found["high"] >= truth)).mean())
