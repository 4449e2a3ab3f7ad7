"""Why a score moved: coverage of mix, rate, contacts and response, and false alarms."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from figure import Figure

from nps_kit.scale import BANDS
from nps_kit.stats.changes.parts import split_change
from nps_kit.stats.changes.sides import Side
from nps_kit.stats.differences.independent import envelope
from nps_kit.stats.intervals import Floats

TITLE = "Why a score moved"

INTRO = (
    "Answers of two periods were drawn for 1 to 40 segments whose shares, response rates and "
    "scores are known, and the parts of the change set beside the true ones: for all segments "
    "together, and for the segments on average. Skewed: the largest segment is 1 to 80 times as "
    "large as the smallest. A stable quarter has the same truth before and after."
)

_RUNS = 3000
_Z = 1.959963984540054
_RATE = 0.25
_USUAL = (0.25, 0.25, 0.50)
_HAPPY = (0.03, 0.07, 0.90)
_LEAST = 0.94
_FALSE = 0.05


@dataclass(frozen=True)
class World:
    """Where answers are drawn: true contacts, response rates and bands, before and after."""

    name: str
    answers: int
    contacts: tuple[Floats, Floats]
    rates: tuple[Floats, Floats]
    bands: tuple[Floats, Floats]
    ask: bool = False

    def draw(self, rng: np.random.Generator) -> tuple[Side, Side]:
        """Draw both periods."""
        sides = []
        for share, rate, bands in zip(self.contacts, self.rates, self.bands, strict=True):
            answering = share * rate / (share @ rate)
            cells = rng.multinomial(self.answers, (answering[:, None] * bands).ravel())
            answers = cells.reshape(bands.shape).astype(np.float64)
            if not self.ask:
                sides.append(Side(answers, answers))
                continue
            silent = share * (1 - rate)
            more = round(self.answers * silent.sum() / (share @ rate))
            others = rng.multinomial(more, silent / silent.sum())
            sides.append(Side(answers, answers, answers.sum(axis=1) + others))
        return sides[0], sides[1]

    def truth(self) -> dict[str, Floats]:
        """Give the true parts, by the same formulas on a crowd without chance."""
        crowd = 1e12
        sides = []
        for share, rate, bands in zip(self.contacts, self.rates, self.bands, strict=True):
            reached = crowd * share
            answers = (reached * rate)[:, None] * bands
            sides.append(Side(answers, answers, reached if self.ask else None))
        return {name: part.value for name, part in split_change(*sides).items()}


def make_world(
    name: str,
    *,
    segments: int,
    each: int,
    skewed: bool = False,
    shares: float = 0.0,
    scores: float = 0.0,
    rates: float = 0.0,
    base: tuple[float, float, float] = _USUAL,
    renewed: bool = False,
    ask: bool = False,
) -> World:
    """Make a world; `shares`, `scores` and `rates` say how far each moves, in log odds."""
    rng = np.random.default_rng(segments)
    share = np.arange(1, segments + 1) ** (-1.2 if skewed else 0.0)
    lean = 0.5 * rng.standard_normal(segments)
    moved = share * np.exp(shares * rng.standard_normal(segments))
    rate = _RATE * np.exp(0.2 * rng.standard_normal(segments))
    other = rate * np.exp(rates * rng.standard_normal(segments))
    if renewed:
        share, moved = share.copy(), moved.copy()
        share[-1] = moved[0] = 0.0
    bands = (_bands(base, lean), _bands(base, lean + scores * rng.standard_normal(segments)))
    return World(
        name,
        answers=segments * each,
        contacts=(share / share.sum(), moved / moved.sum()),
        rates=(rate, other) if ask else (np.full(segments, _RATE),) * 2,
        bands=bands,
        ask=ask,
    )


def _bands(base: tuple[float, float, float], lean: Floats) -> Floats:
    low, high = (np.log(share / (1 - share)) for share in (base[0], 1 - base[2]))
    detractors, promoters = 1 / (1 + np.exp(lean - low)), 1 / (1 + np.exp(high - lean))
    return np.column_stack([detractors, 1 - detractors - promoters, promoters])


def measure(effort: float) -> Iterator[Figure]:
    """Measure coverage where things move, then false alarms where nothing does."""
    runs = max(50, round(_RUNS * effort))
    moving = {"shares": 0.4, "scores": 0.3}
    for world in (
        make_world("2 segments of 5", segments=2, each=5, **moving),
        make_world("5 segments of 30", segments=5, each=30, **moving),
        make_world("40 segments of 5, skewed", segments=40, each=5, skewed=True, **moving),
        make_world(
            "12 of 100, skewed, 90 % promoters",
            segments=12,
            each=100,
            skewed=True,
            base=_HAPPY,
            **moving,
        ),
        make_world("12 of 100, one new, one gone", segments=12, each=100, renewed=True, **moving),
        make_world("6 of 5,000", segments=6, each=5000, **moving),
        make_world("40 of 250, only scores move", segments=40, each=250, scores=0.3),
        make_world("6 of 100, contacts known", segments=6, each=100, rates=0.2, ask=True, **moving),
        make_world(
            "40 of 10, skewed, contacts known",
            segments=40,
            each=10,
            skewed=True,
            rates=0.2,
            ask=True,
            **moving,
        ),
    ):
        yield from _cover(world, runs=runs)
    for world in (
        make_world("1 segment of 40", segments=1, each=40),
        make_world("12 segments of 5, skewed", segments=12, each=5, skewed=True),
        make_world("40 segments of 5, 90 % promoters", segments=40, each=5, base=_HAPPY),
        make_world("6 segments of 250, contacts known", segments=6, each=250, ask=True),
    ):
        yield from _stay(world, runs=2 * runs)


def _cover(world: World, *, runs: int) -> Iterator[Figure]:
    rng, truth = np.random.default_rng(3), world.truth()
    held: dict[str, list[Floats]] = {name: [] for name in truth}
    for _ in range(runs):
        for name, part in split_change(*world.draw(rng)).items():
            off = np.abs(part.value - truth[name])
            known = part.error > 0
            held[name].append(np.where(known, off <= _Z * part.error, np.nan))
    names = ["contacts", "response"] if world.ask else ["mix", "rate"]
    for name in names:
        found = np.array(held[name])
        yield Figure(
            f"decompose_change, {name}",
            world.name,
            "coverage, all",
            float(np.nanmean(found[:, -1])),
            runs,
            goal=_LEAST,
            side="at least",
        )
        # A segment that hardly ever has answers is judged by the few runs in which it has.
        each = np.nanmean(found[:, :-1], axis=1)
        yield Figure(
            f"decompose_change, {name}",
            world.name,
            "coverage, segments",
            float(each.mean()),
            runs,
            goal=_LEAST,
            side="at least",
            spread=float(each.std() / sqrt(runs)),
        )


def _stay(world: World, *, runs: int) -> Iterator[Figure]:
    rng = np.random.default_rng(4)
    bands: list[tuple[Floats, Floats]] = []
    parts = 0
    for _ in range(runs):
        sides = world.draw(rng)
        bands.append((sides[0].bands.sum(axis=0), sides[1].bands.sum(axis=0)))
        if len(sides[0].size) > 1:
            mix = split_change(*sides)["mix"]
            parts += abs(mix.value[-1]) > _Z * mix.error[-1]
    then, now = (
        tuple(np.array([pair[side][band] for pair in bands]) for band in range(len(BANDS)))
        for side in (0, 1)
    )
    low, high = envelope(now, then, level=0.95)
    told = float(((low > 0) | (high < 0)).mean())
    goal = {"goal": _FALSE}
    yield Figure("decompose_change", world.name, "stable, yet change told", told, runs, **goal)
    if len(world.contacts[0]) > 1:
        yield Figure(
            "decompose_change", world.name, "stable, yet mix told", parts / runs, runs, **goal
        )
