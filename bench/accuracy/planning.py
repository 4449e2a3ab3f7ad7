"""Plans and targets: whether margins, powers and chances are what they were said to be."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure

from nps_kit.stats.differences.independent import p_values
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.planning import plan_detectable, plan_difference, plan_margin
from nps_kit.stats.targets import estimate_target, plan_target

TITLE = "Planning and targets"

INTRO = """A margin or a power was planned, and so many answers drawn: the first rows say what they
gave. Then histories were drawn from centres whose true score strays from its level by so many
points, of which a share is left one period later (1: it never returns), with Poisson numbers of
answers. The score of the period after them was set beside the range and the chance that the kit
had given. A chance is right where as many targets are reached as it says."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SCORES = (3, 8, 10)
_MIXED, _TOP, _SPLIT, _END = (
    (0.25, 0.3, 0.45),
    (0.12, 0.15, 0.73),
    (0.45, 0.1, 0.45),
    (0.01, 0.09, 0.9),
)
# How far true scores stray, how much is left a period later, periods, answers in each.
_WORLDS = (
    (0.0, 0.0, 6, 100),
    (0.0, 0.0, 24, 20),
    (3.0, 0.0, 12, 200),
    (3.0, 1.0, 24, 200),
    (6.0, 0.0, 3, 200),
    (6.0, 0.0, 6, 60),
    (6.0, 0.0, 24, 20),
    (6.0, 0.7, 12, 200),
    (6.0, 1.0, 12, 200),
    (6.0, 1.0, 24, 2000),
    (12.0, 0.0, 6, 200),
    (12.0, 0.0, 24, 60),
    (12.0, 0.9, 24, 200),
)
_WANDERING = (6.0, 1.0, 12, 200)
_TENTHS = 10


def measure(effort: float) -> Iterator[Figure]:
    """Measure margins, power, ranges of the next period, and chances of reaching a target."""
    rng = np.random.default_rng(20260801)
    runs = max(int(10_000 * effort), 200)
    for shares, margin in (
        (_MIXED, 5),
        (_MIXED, 10),
        (_MIXED, 25),
        (_TOP, 10),
        (_SPLIT, 10),
        (_END, 10),
    ):
        yield _margin(rng, shares, margin, runs=runs)
    for shares, change in (
        (_MIXED, 10),
        (_MIXED, -10),
        (_MIXED, 40),
        (_TOP, 10),
        (_TOP, -10),
        (_END, -10),
    ):
        yield from _power(rng, shares, change, runs=runs)
    yield _noise(rng, runs=runs)
    for world in _WORLDS:
        yield _range(rng, world, runs=max(runs // 2, 200))
    yield _moments(rng, _WANDERING, runs=max(runs // 2, 200))
    yield from _chances(rng, runs=3 * runs)


def _name(shares: tuple[float, ...]) -> str:
    return "shares " + "/".join(f"{100 * share:.0f}" for share in shares)


def _tally(drawn: Ints, **keys: object) -> pl.DataFrame:
    """Make a count table: one group a run."""
    runs = drawn.shape[0]
    return pl.DataFrame(
        {
            "run": np.repeat(np.arange(runs), len(_SCORES)),
            "score": np.tile(_SCORES, runs),
            "n": drawn.reshape(-1),
        }
    ).with_columns(**keys)


def _margin(
    rng: np.random.Generator, shares: tuple[float, ...], margin: float, *, runs: int
) -> Figure:
    needed = plan_margin(margin=margin, shares=shares)["n_needed"].item()
    found = estimate_nps(_tally(rng.multinomial(needed, shares, runs)), by=["run"])
    half = ((found["high"] - found["low"]) / 2 / margin).to_numpy()
    return Figure(
        "plan_margin",
        f"{_name(shares)}, {margin} points: {needed:,} answers",
        "mean half-width over the margin",
        float(half.mean()),
        runs,
        goal=1.0,
        spread=float(half.std() / np.sqrt(runs)),
    )


def _moved(shares: tuple[float, ...], change: float) -> Floats:
    """Move answers between promoters and detractors, or from passives where those run out."""
    low, middle, high = shares
    moved = change / 200
    taken = min(moved, low) if moved > 0 else max(moved, -high)
    rest = 2 * (moved - taken)
    low, high = low - taken, high + taken
    return np.array([low - min(rest, 0), middle - abs(rest), high + max(rest, 0)])


def _power(
    rng: np.random.Generator, shares: tuple[float, ...], change: float, *, runs: int
) -> Iterator[Figure]:
    needed = plan_difference(difference=abs(change), shares=shares)["n_needed"].item()
    before = rng.multinomial(needed, shares, runs)
    after = rng.multinomial(needed, _moved(shares, change), runs)
    yield Figure(
        "plan_difference",
        f"{_name(shares)}, {change:+d} points: {needed:,} answers each",
        "power, planned 0.8",
        float((p_values(_bands(after), _bands(before)) < 0.05).mean()),
        runs,
        goal=0.8,
        side="at least",
    )


def _bands(drawn: Ints) -> tuple[Floats, ...]:
    return tuple(band.astype(np.float64) for band in drawn.T)


def _noise(rng: np.random.Generator, *, runs: int) -> Figure:
    noise = plan_detectable(n=140, shares=_MIXED)["noise"].item()
    before, after = (rng.multinomial(140, _MIXED, runs) for _ in range(2))
    change = 100 * ((after - before)[:, 2] - (after - before)[:, 0]) / 140
    return Figure(
        "plan_detectable",
        f"{_name(_MIXED)}, 140 answers each, no true change",
        "observed change beyond `noise`, planned 0.05",
        float((np.abs(change) > noise).mean()),
        runs,
        goal=0.05,
    )


def _draw(
    rng: np.random.Generator, world: tuple[float, float, int, int], *, runs: int
) -> tuple[pl.DataFrame, Floats]:
    """Draw histories, and the score observed in the period after each."""
    tau, kept, periods, answers = world
    stray = np.empty((runs, periods + 1))
    stray[:, 0] = rng.normal(0, tau, runs) if kept < 1 else 0
    step = tau * np.sqrt(1 - kept**2) if kept < 1 else tau
    for t in range(1, periods + 1):
        stray[:, t] = kept * stray[:, t - 1] + rng.normal(0, step, runs)
    truth = np.clip(rng.uniform(-0.3, 0.7, (runs, 1)) + stray / 100, -0.97, 0.97)
    passives = 0.3 * (1 - np.abs(truth))
    shares = np.stack([(1 - passives - truth) / 2, passives, (1 - passives + truth) / 2], axis=-1)
    n = np.maximum(rng.poisson(answers, truth.shape), 1)
    drawn = rng.multinomial(n, shares)
    months = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(periods)]
    history = pl.DataFrame(
        {
            "run": np.repeat(np.arange(runs), periods * len(_SCORES)),
            "period": np.tile(np.repeat(np.array(months, dtype="datetime64[D]"), 3), runs),
            "score": np.tile(_SCORES, runs * periods),
            "n": drawn[:, :periods].reshape(-1),
        }
    ).with_columns(pl.col("period").cast(pl.Date))
    last = drawn[:, -1]
    return history, 100 * (last[:, 2] - last[:, 0]) / n[:, -1]


def _range(rng: np.random.Generator, world: tuple[float, float, int, int], *, runs: int) -> Figure:
    history, observed = _draw(rng, world, runs=runs)
    plan = plan_target(history, by=["run"])
    held = plan["predicted_low"].to_numpy() <= observed
    held &= observed <= plan["predicted_high"].to_numpy()
    tau, kept, periods, answers = world
    return Figure(
        "plan_target",
        f"strays {tau:g} points, {kept:g} left, {periods} periods of {answers:,}",
        "95 % range holds the next score",
        float(held.mean()),
        runs,
        goal=0.92,
        side="at least",
    )


def _moments(
    rng: np.random.Generator, world: tuple[float, float, int, int], *, runs: int
) -> Figure:
    """Measure the usual way beside the kit's: moments (DerSimonian and Laird), a normal range."""
    history, observed = _draw(rng, world, runs=runs)
    tau, kept, periods, answers = world
    low, middle, high = history["n"].to_numpy().reshape(runs, periods, 3).transpose(2, 0, 1)
    n = low + middle + high
    score = (high - low) / n
    within = ((high + low) - n * score**2).sum(axis=1) / n.sum(axis=1)
    weight = n / within[:, None]
    centre = (weight * score).sum(axis=1) / weight.sum(axis=1)
    scatter = (weight * (score - centre[:, None]) ** 2).sum(axis=1)
    scale = weight.sum(axis=1) - (weight**2).sum(axis=1) / weight.sum(axis=1)
    between = np.maximum((scatter - (periods - 1)) / scale, 0)
    weight = 1 / (1 / weight + between[:, None])
    centre = (weight * score).sum(axis=1) / weight.sum(axis=1)
    error = np.sqrt(1 / weight.sum(axis=1) + between + within / answers)
    return Figure(
        "DerSimonian and Laird, not in the kit",
        f"strays {tau:g} points, {kept:g} left, {periods} periods of {answers:,}",
        "95 % range holds the next score",
        float((np.abs(observed / 100 - centre) <= 1.959964 * error).mean()),
        runs,
    )


def _chances(rng: np.random.Generator, *, runs: int) -> Iterator[Figure]:
    """Set chances beside what happened, tenth by tenth, over a mixture of worlds."""
    said, came = [], []
    worlds = [world for world in _WORLDS if world[2] > 3]
    for world in worlds:
        each = runs // len(worlds)
        history, observed = _draw(rng, world, runs=each)
        outlook = plan_target(history, by=["run"])
        # Targets as people set them: round numbers somewhere about where the group stands.
        goal = (outlook["expected"].to_numpy() + rng.normal(0, 12, each)).round().clip(-100, 100)
        targets = pl.DataFrame({"run": np.arange(each), "target_nps": goal})
        found = estimate_target(history, targets, by=["run"])
        said.append(found["chance_reached"].to_numpy())
        came.append(observed >= goal)
    chance, reached = np.concatenate(said), np.concatenate(came)
    tenth = np.minimum((chance * _TENTHS).astype(int), _TENTHS - 1)
    for k in range(_TENTHS):
        mine = tenth == k
        count = int(mine.sum())
        off = abs(float(reached[mine].mean() - chance[mine].mean()))
        yield Figure(
            "estimate_target",
            f"chance {k / _TENTHS:.1f} to {(k + 1) / _TENTHS:.1f}, said {chance[mine].mean():.3f}, "
            f"came {reached[mine].mean():.3f}",
            "difference of the two",
            off,
            count,
            goal=0.0,
            spread=float(np.sqrt(chance[mine].mean() * (1 - chance[mine].mean()) / count)),
        )
    brier = (chance - reached) ** 2
    yield Figure(
        "estimate_target",
        "all, against the 0.25 of a coin",
        "Brier score",
        float(brier.mean()),
        chance.size,
        spread=float(brier.std() / np.sqrt(chance.size)),
    )
