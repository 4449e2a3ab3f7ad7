"""How often the intervals of the other measures hold the truth, and how often a change is false."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure

from nps_kit.stats.measures import estimate_measures

TITLE = "Satisfaction, effort, response and cost"
INTRO = """In each run the answers of two periods were drawn, from the same truth: so many of them,
with the shares given. Coverage is the share of runs whose interval held the true share or mean, and
whose interval of the change held no change. Wilson's interval holds the truth in 95 of 100 on
average over shares, and in somewhat fewer at some of them; Student's interval supposes a normal law
and is asked about scales of five and seven steps, and about costs of a long tail (lognormal; sigma
is the standard deviation of the logarithm). "Moved" is the share of runs in which any figure of
the second period was marked as moved though nothing was. Where all values drawn were alike, the
mean has no interval, and the run counts as one in which the truth was not held."""

RUNS = 20_000
SEED = 1912
START = date(1000, 1, 1)
"""Each run is two days by themselves, so that all are asked about at once."""

NAMES = {
    "csat": ("csat_share", "csat_mean"),
    "effort": ("effort_share", "effort_mean"),
    "response": ("response_rate",),
    "abandoned": ("abandoned_share",),
}
ROUNDING = 1e-12
FIRST = {"csat": 1, "effort": 1, "response": 0, "abandoned": 0}
LEAST = {"csat": 4, "effort": 5, "response": 1, "abandoned": 1}


class Setting(NamedTuple):
    """What is drawn."""

    measure: str
    shares: tuple[int, ...]
    """Of each value, the lowest first, in per cent."""
    n: int
    least: float = 0.94
    """Coverage that the intervals are held to."""

    def __str__(self) -> str:
        return f"{self.n:,} answers, {'/'.join(str(share) for share in self.shares)}"


SETTINGS = (
    *(Setting("csat", (5, 10, 20, 40, 25), n) for n in (30, 100, 1000)),
    *(Setting("csat", (1, 1, 3, 25, 70), n, least) for n, least in ((30, 0.90), (300, 0.93))),
    *(Setting("effort", (5, 5, 10, 15, 20, 25, 20), n) for n in (30, 300)),
    *(Setting("response", (80, 20), n) for n in (30, 1000)),
    *(Setting("abandoned", (97, 3), n, least) for n, least in ((100, 0.92), (2000, 0.93))),
)
COSTS = ((30, 0.5, 0.93), (300, 0.5, 0.94), (300, 1.0, 0.92), (3000, 1.0, 0.94))


def measure(effort: float) -> Iterator[Figure]:
    """Measure coverage of values and of changes, and false alarms."""
    runs = max(100, round(RUNS * effort))
    for place, setting in enumerate(SETTINGS):
        yield from _measure_answers(setting, runs=runs, rng=np.random.default_rng([SEED, place]))
    for place, (n, sigma, least) in enumerate(COSTS):
        rng = np.random.default_rng([SEED, 100 + place])
        yield from _measure_costs(n, sigma, least, runs=max(100, runs // 4), rng=rng)


def _measure_answers(setting: Setting, *, runs: int, rng: np.random.Generator) -> Iterator[Figure]:
    shares = np.array(setting.shares) / 100
    steps = FIRST[setting.measure] + np.arange(shares.size)
    truths = {
        "share": float(shares[steps >= LEAST[setting.measure]].sum()),
        "mean": float(shares @ steps),
    }
    counts = pl.DataFrame(
        {
            "measure": setting.measure,
            "period": np.repeat(_list_days(runs), steps.size),
            "value": np.tile(steps, 2 * runs),
            "reason": pl.Series([None], dtype=pl.String).extend_constant(
                None, 2 * runs * steps.size - 1
            ),
            "n": rng.multinomial(setting.n, shares, size=2 * runs).ravel(),
        }
    )
    found = estimate_measures(counts, every="day")
    for name in NAMES[setting.measure]:
        truth = truths["mean" if name.endswith("mean") else "share"]
        yield from _hold(
            found.filter(pl.col("measure") == name), name, str(setting), truth, setting.least
        )
    yield _alarm(found, setting.measure, str(setting), runs=runs)


def _measure_costs(
    n: int, sigma: float, least: float, *, runs: int, rng: np.random.Generator
) -> Iterator[Figure]:
    sums = []
    for _ in range(2 * runs):
        cost = rng.lognormal(sigma=sigma, size=n)
        sums.append((cost.sum(), np.square(cost).sum()))
    total, squares = np.transpose(sums)
    counts = pl.DataFrame({"period": _list_days(runs), "total": total, "total_sq": squares})
    counts = counts.with_columns(
        measure=pl.lit("cost"),
        value=pl.lit(None, pl.Int64),
        reason=pl.lit(None, pl.String),
        n=pl.lit(n),
    )
    found = estimate_measures(counts, every="day")
    told = f"{n:,} contacts, lognormal, sigma {sigma:g}"
    yield from _hold(found, "cost_per_contact", told, float(np.exp(sigma**2 / 2)), least)
    yield _alarm(found, "cost", told, runs=runs)


def _list_days(runs: int) -> npt.NDArray[np.datetime64]:
    first = np.datetime64(START, "D") + 3 * np.arange(runs)
    return np.column_stack([first, first + 1]).ravel()


def _hold(
    found: pl.DataFrame, name: str, told: str, truth: float, least: float
) -> Iterator[Figure]:
    """Hold the intervals of one figure against the truth: of the value, and of no change."""
    second = found.filter(pl.col("change").is_not_null())
    for what, low, high, goal in (
        ("coverage", second["low"] - truth, second["high"] - truth, least),
        ("coverage of the change", second["change_low"], second["change_high"], 0.94),
    ):
        # Of a sum of rounded numbers, a bound may lie a hair beside the truth that it is.
        held = ((low <= ROUNDING) & (high >= -ROUNDING)).fill_null(value=False)
        yield Figure(
            method=f"estimate_measures, {name}",
            setting=told,
            measure=what,
            value=float(held.cast(pl.Float64).sum()) / second.height,
            runs=second.height,
            goal=goal,
            side="at least",
        )


def _alarm(found: pl.DataFrame, name: str, told: str, *, runs: int) -> Figure:
    moved = found.group_by("period").agg(pl.col("moved").any())["moved"]
    return Figure(
        method=f"estimate_measures, {name}",
        setting=told,
        measure="moved, any figure",
        value=float(moved.sum()) / runs,
        runs=runs,
        goal=0.055,
    )
