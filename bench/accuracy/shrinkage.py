"""How well shrunken scores, their intervals and the spread between groups find the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure
from scipy import optimize, special

from nps_kit.stats.segments.shrinkage import shrink_groups
from nps_kit.stats.segments.standards import standardise_groups

Floats = npt.NDArray[np.float64]

TITLE = "Small groups: shrunken scores and the spread between groups"
INTRO = """True scores of groups were drawn with a known spread (their standard deviation in
points), from a Dirichlet distribution, which is what the method supposes, and by shifting all
customers of a group along the scale (an ordered logit), which is not. Coverage is the share of
groups whose true score lay in their interval, averaged over runs; a run is one table of groups.
The spread's interval is held against the spread that was drawn from. "Mean squared error" is that
of the shrunken scores over that of the scores as they are: below 1, shrinking helps. Standardised
groups have three strata and no true difference, and a mix of their own (Dirichlet(1), or alike:
Dirichlet(50))."""

ORDINARY = (0.2, 0.3, 0.5)
SKEWED = (0.02, 0.08, 0.9)
RUNS = 300
SEED = 314


class Setting(NamedTuple):
    """What is drawn."""

    groups: int
    size: int
    """Answers of each group; 0: from 5 to 5,000, evenly on a logarithmic scale."""
    spread: float
    law: str = "Dirichlet"
    shares: tuple[float, float, float] = ORDINARY

    def __str__(self) -> str:
        of = f"{self.size}" if self.size else "5 to 5,000"
        law = f", {self.law}" if self.spread else ""
        kind = "" if self.shares == ORDINARY else ", shares 2/8/90"
        return f"{self.groups} groups of {of}, spread {self.spread:g}{law}{kind}"


@dataclass
class Found:
    """What was found in each run."""

    coverage: Floats
    spread: Floats
    detected: Floats
    error: Floats
    raw_error: Floats


def shift_by(shares: Sequence[float], moves: Floats) -> Floats:
    """Shift customers along the scale: an ordered logit with the shares given at no move."""
    ends = special.logit(np.cumsum(shares)[:2])
    below = special.expit(ends - moves[:, None])
    return np.column_stack([below[:, 0], below[:, 1] - below[:, 0], 1 - below[:, 1]])


def find_size(shares: Sequence[float], spread: float) -> float:
    """Find the standard deviation of moves that spreads scores by so many points."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    weights = weights / weights.sum()

    def reached(size: float) -> float:
        drawn = shift_by(shares, size * nodes)
        points = 100 * (drawn[:, 2] - drawn[:, 0])
        return float(np.sqrt(weights @ points**2 - (weights @ points) ** 2)) - spread

    return float(optimize.brentq(reached, 1e-4, 6))


def draw_truths(setting: Setting, rng: np.random.Generator) -> Floats:
    """Draw the true shares of all groups of one run."""
    shares = np.array(setting.shares)
    if not setting.spread:
        return np.tile(shares, (setting.groups, 1))
    if setting.law == "shifted":
        size = find_size(setting.shares, setting.spread)
        return shift_by(setting.shares, size * rng.standard_normal(setting.groups))
    variance = shares[0] + shares[2] - (shares[2] - shares[0]) ** 2
    return rng.dirichlet(shares * (variance / (setting.spread / 100) ** 2 - 1), setting.groups)


def simulate(setting: Setting, *, runs: int, seed: int) -> Found:
    """Draw tables, shrink them, and hold what comes out against the truth."""
    rng = np.random.default_rng([SEED, seed])
    names = np.repeat(np.arange(setting.groups), 3)
    sizes: npt.NDArray[np.int64] = np.full(setting.groups, setting.size)
    if not setting.size:
        sizes = np.geomspace(5, 5000, setting.groups).astype(np.int64)
    rows = []
    for _ in range(runs):
        truth = draw_truths(setting, rng)
        counts = pl.DataFrame(
            {
                "group": names,
                "score": np.tile([3, 8, 10], setting.groups),
                "n": rng.multinomial(sizes, truth).ravel(),
            }
        )
        found = shrink_groups(counts, by=["group"], draws=0)
        points = 100 * (truth[:, 2] - truth[:, 0])
        low, high, shrunk, raw = (found[name].to_numpy() for name in COLUMNS)
        spreads = found.select("spread_low", "spread_high").row(0)
        rows.append(
            (
                np.mean((low <= points) & (points <= high)),
                spreads[0] <= setting.spread <= spreads[1],
                found["detected"][0],
                np.mean((shrunk - points) ** 2),
                np.mean((raw - points) ** 2),
            )
        )
    return Found(*np.array(rows, dtype=np.float64).T)


COLUMNS = ("low", "high", "shrunk", "nps")

SIZES = ((12, 40), (120, 100))
EQUAL = [Setting(*size, 0) for size in SIZES] + [
    Setting(*size, spread) for size in SIZES for spread in (2, 5, 10, 20)
]
SHIFTED = [Setting(*size, spread, "shifted") for size in SIZES for spread in (5, 10)]
OTHERS = [
    Setting(3, 100, 5),
    Setting(40, 10, 10),
    Setting(12, 40, 5, shares=SKEWED),
    Setting(12, 40, 5, "shifted", SKEWED),
    Setting(12, 0, 5),
    Setting(120, 0, 5),
    Setting(120, 0, 5, "shifted"),
    Setting(120, 0, 5, shares=SKEWED),
]
ALIKE = [
    Setting(2, 5, 0),
    Setting(2, 40, 0),
    Setting(12, 0, 0),
    Setting(12, 40, 0, shares=SKEWED),
    Setting(120, 5, 0, shares=SKEWED),
]
STRATA = {
    "usual": np.array([(0.15, 0.20, 0.65), (0.30, 0.20, 0.50), (0.45, 0.15, 0.40)]),
    "skewed": np.array([(0.01, 0.09, 0.90), (0.02, 0.18, 0.80), (0.05, 0.25, 0.70)]),
}
STANDARDISED = [
    (groups, size, likeness, "usual")
    for groups in (2, 3, 12)
    for size, likeness in ((40, 1), (40, 50), (200, 50))
] + [(12, 5, 1, "usual"), (2, 40, 50, "skewed"), (12, 40, 50, "skewed")]
GOALS = {(12, 40, 5): 0.90, (120, 100, 5): 0.93}


def measure(effort: float) -> Iterator[Figure]:
    """Measure coverage, the spread's interval, false alarms and errors."""
    runs = max(20, round(RUNS * effort))
    found = {
        setting: simulate(setting, runs=runs, seed=place)
        for place, setting in enumerate([*EQUAL, *SHIFTED, *OTHERS])
    }
    for setting, each in found.items():
        goal = None if setting.shares == SKEWED else GOALS.get(setting[:3])
        yield _mean("coverage of scores", setting, each.coverage, goal=goal, side="at least")
    for setting in (*EQUAL[2:], *SHIFTED[::2]):
        yield _mean("coverage of the spread", setting, found[setting].spread)
    for setting in (setting for setting in EQUAL if setting.spread in (5, 10)):
        each = found[setting]
        yield _ratio("mean squared error", setting, each.error, each.raw_error)
    more = 4 * runs
    for place, setting in enumerate([*EQUAL[:2], *ALIKE]):
        alarms = simulate(setting, runs=more, seed=100 + place).detected
        yield _mean("false detection", setting, alarms, goal=0.05)

    for place, (groups, size, likeness, name) in enumerate(STANDARDISED):
        alarms = _standardised_alarms(
            groups,
            size,
            likeness,
            STRATA[name],
            runs=more,
            rng=np.random.default_rng([SEED, place]),
        )
        yield Figure(
            method="standardise_groups, shrink_groups",
            setting=f"{groups} groups of {size}, {name} strata, mixes Dirichlet({likeness})",
            measure="false detection",
            value=float(alarms.mean()),
            runs=alarms.size,
            goal=0.05,
        )


def _standardised_alarms(
    groups: int,
    size: int,
    likeness: int,
    shares: Floats,
    *,
    runs: int,
    rng: np.random.Generator,
) -> Floats:
    """Standardise and shrink groups that score alike, and tell which runs find a difference."""
    strata = len(shares)
    frame = {
        "group": np.repeat(np.arange(groups), strata * 3),
        "stratum": np.tile(np.repeat(np.arange(strata), 3), groups),
        "score": np.tile([3, 8, 10], groups * strata),
    }
    alarms = np.empty(runs)
    for run in range(runs):
        mixes = rng.dirichlet(np.full(strata, likeness), size=groups)
        answers = rng.multinomial(rng.multinomial([size] * groups, mixes), shares)
        counts = pl.DataFrame(frame | {"n": answers.ravel()})
        standards = standardise_groups(counts, by=["group"], over=["stratum"], min_n=0)
        alarms[run] = shrink_groups(standards, by=["group"], draws=0)["detected"][0]
    return alarms


def _mean(
    what: str, setting: Setting, values: Floats, *, goal: float | None = None, side: str = "at most"
) -> Figure:
    return Figure(
        method="shrink_groups",
        setting=str(setting),
        measure=what,
        value=float(values.mean()),
        runs=values.size,
        goal=goal,
        side="at least" if side == "at least" else "at most",
        spread=float(values.std(ddof=1) / np.sqrt(values.size)),
    )


def _ratio(what: str, setting: Setting, top: Floats, bottom: Floats) -> Figure:
    value = float(top.mean() / bottom.mean())
    off = top - value * bottom
    return Figure(
        method="shrink_groups",
        setting=str(setting),
        measure=what,
        value=value,
        runs=top.size,
        spread=float(off.std(ddof=1) / np.sqrt(top.size) / bottom.mean()),
    )
