"""How often the stated reshuffle of a leaderboard is what comes: how many of the lowest change."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure
from shrinkage import Setting, draw_truths

from nps_kit.stats.luck.leaderboards import simulate_leaderboard

Floats = npt.NDArray[np.float64]

TITLE = "Leaderboards dealt anew"
INTRO = """True scores of groups were drawn as for small groups above. Each run is two lists of the
same groups with the same true scores: of the first, `simulate_leaderboard` stated how many of the
lowest change and how many of the next lowest are truly in the better half; the second is what came.
Coverage is the share of runs in which as many changed as the bounds hold, level 0.95; they are of
whole numbers, and so hold more. "Came over stated" is the mean of what came over the mean of what
was stated: 1 is right on average. The prior spreads groups a little even where they are alike, so
that somewhat more change then than was stated. With 4 answers a group two goals are missed,
and both counts stated are too low: among the lowest about a sixth more were truly in the better
half than was stated, and somewhat more of the lowest changed. So few answers tell even less about
who is good than is stated."""

RUNS = 1_000
DRAWS = 400
SEED = 385
BOTTOM = 10

SETTINGS = (
    Setting(30, 4, 10),
    Setting(30, 20, 0),
    Setting(30, 20, 10),
    Setting(30, 20, 10, "shifted"),
    Setting(30, 100, 20),
    Setting(120, 20, 10),
    Setting(30, 0, 10),
)


def measure(effort: float) -> Iterator[Figure]:
    """Measure coverage and the mean of what was stated."""
    runs = max(20, round(RUNS * effort))
    for place, setting in enumerate(SETTINGS):
        held, changed, fair = _simulate(setting, runs=runs, seed=place)
        told = f"{setting}, of the lowest {min(BOTTOM, setting.groups // 3)}"
        yield Figure(
            method="simulate_leaderboard",
            setting=told,
            measure="coverage of how many change",
            value=float(held.mean()),
            runs=runs,
            goal=0.95,
            side="at least",
        )
        alike = not setting.spread
        # Of equals nobody is truly in the better half: it is by lot who stands there.
        for what, pairs, goal in (
            ("changed, came over stated", changed, (1.0, 1.15) if alike else (0.93, 1.07)),
            ("truly better, came over stated", fair, None if alike else (0.85, 1.15)),
        ):
            came, stated = pairs.T
            value = float(came.mean() / stated.mean())
            off = came - value * stated
            yield Figure(
                method="simulate_leaderboard",
                setting=told,
                measure=what,
                value=value,
                runs=runs,
                goal=goal,
                spread=float(off.std(ddof=1) / np.sqrt(runs) / stated.mean()),
            )


def _simulate(setting: Setting, *, runs: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Draw two lists a run, and hold the second against what was stated of it."""
    rng = np.random.default_rng([SEED, seed])
    size = setting.groups
    sizes: npt.NDArray[np.int64] = np.full(size, setting.size)
    if not setting.size:
        sizes = np.geomspace(5, 5000, size).astype(np.int64)
    held, changed, fair = [], [], []
    for run in range(runs):
        truth = draw_truths(setting, rng)
        first, second = rng.multinomial(sizes, truth, size=(2, size))
        counts = pl.DataFrame(
            {
                "group": np.repeat(np.arange(size), 3),
                "score": np.tile([3, 8, 10], size),
                "n": first.ravel(),
            }
        )
        found = simulate_leaderboard(counts, by=["group"], bottom=BOTTOM, draws=DRAWS, seed=run)
        row = found.row(0, named=True)
        lowest = _find_lowest((second[:, 2] - second[:, 0]) / sizes, row["bottom"], rng)
        before = found.filter("in_bottom")["group"].to_numpy()
        left = row["bottom"] - np.isin(before, lowest).sum()
        worse = _find_lowest(truth[:, 2] - truth[:, 0], size - size // 2, rng)
        held.append(row["changed_low"] <= left <= row["changed_high"])
        changed.append((left, row["changed"]))
        fair.append((row["bottom"] - np.isin(lowest, worse).sum(), row["fair"]))
    return (
        np.array(held, dtype=np.float64),
        np.array(changed, dtype=np.float64),
        np.array(fair, dtype=np.float64),
    )


def _find_lowest(scores: Floats, lowest: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Find the groups with the lowest scores; those level with one another by lot."""
    order = np.lexsort((rng.random(scores.size), np.round(scores, 9)))
    return np.asarray(order[:lowest], dtype=np.int64)
