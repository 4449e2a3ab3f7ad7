"""What scenarios gain: worked out once for the levels that are moved, then for any shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.drivers.moves import Step
from nps_kit.stats.drivers.ordinal import Flags, Ints
from nps_kit.stats.drivers.patterns import Patterns
from nps_kit.stats.intervals import Floats

SEEN = 5
"""Answers that a pair of levels needs so that a scenario may lead there."""

_AT_ONCE = 25_600
"""Numbers that are worked on at a time: what a processor holds near."""

_MOST_PAIRS = 20_000
"""Rows that are kept for other shares; with more, each is worked out when it is asked for."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Models of the same patterns, one column each; the first is that of the answers themselves."""

    answers: npt.NDArray[np.int32]
    """One row a pattern."""
    odds: Floats
    """Odds at the two thresholds."""
    coefficients: Floats
    rises: Floats
    """Odds that each pattern adds to: one row a pattern."""


class Gained(NamedTuple):
    """What a scenario does."""

    n_moved: float
    """Answers that any step moves."""
    n_rare: float
    """Those of them that land on a pair of levels which fewer than `SEEN` answers have."""
    points: Floats
    """Sum of points gained over the answers of each sample."""


class _Part(NamedTuple):
    """What is the same for all shares: answers that the same steps would move."""

    hit: Flags
    """Which steps would move them."""
    moved: Flags
    """One row a way to move them: which steps do."""
    counted: Floats
    """One row a way: how many answers, and how many of them land where few are."""
    points: Floats
    """One row a way: points gained in each sample."""


class Gains:
    """What moving some drivers to other levels gains, for any shares.

    With shares of their answers moved independently, the gain is a sum over groups of answers that
    the same steps would move, and over the ways in which some of those steps move them; shares
    only weigh the ways.

    Parameters
    ----------
    patterns
        The answers.
    samples
        Models of them.
    steps
        Which levels are moved to which; their shares are not looked at.
    """

    def __init__(self, patterns: Patterns, samples: Samples, steps: Sequence[Step]) -> None:
        self._patterns, self._samples = patterns, samples
        self._steps = [step for step in steps if step.place >= 0]
        self._acts = np.array([step.place >= 0 for step in steps], dtype=np.bool_)
        self._groups = _group(patterns.codes, self._steps)
        self._landings = [_find_landing(patterns, step) for step in self._steps]
        self._ratios = [_find_ratios(patterns, samples, step) for step in self._steps]
        self.pairs = sum(2 ** int(hit.sum()) for hit, _ in self._groups)
        everything = np.ones(len(self._steps), dtype=np.bool_)
        self._parts = (
            [self._work_out(hit, rows, stays=everything) for hit, rows in self._groups]
            if self.pairs <= _MOST_PAIRS
            else None
        )

    def weigh(self, shares: Sequence[float]) -> Gained:
        """Give what the scenario does with these shares.

        Parameters
        ----------
        shares
            One a step, above 0.
        """
        part = np.array(shares, dtype=np.float64)[self._acts]
        counted, points = np.zeros(2), np.zeros(self._samples.odds.shape[1])
        parts = self._parts
        if parts is None:
            each = (self._work_out(hit, rows, stays=part < 1) for hit, rows in self._groups)
        else:
            each = iter(parts)
        for hit, moved, these, gained in each:
            weights = np.where(moved, part[hit], 1 - part[hit]).prod(axis=1)
            counted += weights @ these
            points += weights @ gained
        return Gained(float(counted[0]), float(counted[1]), points)

    def _work_out(self, hit: Flags, rows: Ints, *, stays: Flags) -> _Part:
        """Work out all ways to move the answers of some patterns, by the same steps."""
        places = np.flatnonzero(hit)
        ways = _find_ways(stays[places])
        counted = np.zeros((len(ways), 2))
        points = np.zeros((len(ways), self._samples.odds.shape[1]))
        at_once = max(_AT_ONCE // self._samples.odds.shape[1], 1)
        for start in range(0, len(rows), at_once):
            these = rows[start : start + at_once]
            n = self._patterns.answers[these]
            answers = self._samples.answers[these].astype(np.float64)
            before = self._sum_points(self._samples.rises[these], answers)
            for place, (way, rises) in enumerate(self._walk(these, places, stays[places])):
                if not any(way):
                    continue
                there = places[np.array(way, dtype=np.bool_)]
                counted[place] += n.sum(), n @ self._find_rare(these, there)
                points[place] += self._sum_points(rises, answers) - before
        return _Part(hit, ways, counted, points)

    def _walk(
        self, rows: Ints, places: Ints, stays: Flags
    ) -> Iterator[tuple[tuple[bool, ...], Floats]]:
        """Go through the ways, in the order of `_find_ways`, each with its odds."""

        def go(way: tuple[bool, ...], rises: Floats) -> Iterator[tuple[tuple[bool, ...], Floats]]:
            if len(way) == len(places):
                yield way, rises
                return
            if stays[len(way)]:
                yield from go((*way, False), rises)
            yield from go((*way, True), rises * self._raise(int(places[len(way)]), rows))

        return go((), self._samples.rises[rows])

    def _raise(self, place: int, rows: Ints) -> Floats:
        """Give by how much a step raises the odds of some patterns."""
        step, ratios = self._steps[place], self._ratios[place]
        whence = np.flatnonzero(step.moved)
        if len(whence) == 1:
            return ratios[whence]
        return np.asarray(ratios[self._patterns.codes[rows, step.place]], dtype=np.float64)

    def _sum_points(self, rises: Floats, answers: Floats) -> Floats:
        """Sum up the points of answers, less what is the same for all odds."""
        low, high = self._samples.odds
        score, rest = rises + high, rises + low
        np.divide(rises, score, out=score)
        np.divide(rises, rest, out=rest)
        score += rest
        return np.asarray(100 * np.einsum("ir,ir->r", answers, score), dtype=np.float64)

    def _find_rare(self, rows: Ints, places: Ints) -> Flags:
        """Find the patterns that some steps take to a pair of levels that hardly anyone has."""
        steps = [self._steps[place] for place in places]
        rare = np.zeros(len(rows), dtype=np.bool_)
        changed = [step.place for step in steps]
        for place in places:
            landing = self._landings[place]
            kept = np.setdiff1d(np.arange(landing.beside.shape[1]), changed)
            rare |= landing.beside[np.ix_(rows, kept)].any(axis=1)
            rare |= any(
                landing.levels[other.place][other.target]
                for other in steps
                if other.place != self._steps[place].place
            )
        return rare


class _Landing(NamedTuple):
    """Beside which levels of the other factors hardly anyone has the level aimed at."""

    levels: Sequence[Flags]
    """One a factor: which of its levels."""
    beside: Flags
    """One row a pattern, one column a factor: whether its level is such a one."""


def _group(codes: Ints, steps: Sequence[Step]) -> list[tuple[Flags, Ints]]:
    """Group the patterns by the steps that would move them; those that none would are left out."""
    hits = np.zeros((len(codes), len(steps)), dtype=np.bool_)
    for column, step in enumerate(steps):
        hits[:, column] = step.moved[codes[:, step.place]]
    rows = np.flatnonzero(hits.any(axis=1))
    if not rows.size:
        return []
    order = rows[np.lexsort(hits[rows].T)]
    starts = np.flatnonzero((hits[order][1:] != hits[order][:-1]).any(axis=1)) + 1
    return [(hits[part[0]], part) for part in np.split(order, starts)]


def _find_ways(stays: Flags) -> Flags:
    """Give all ways in which steps move, one row each; without `stays` a step always moves."""
    ways = np.zeros((1, 0), dtype=np.bool_)
    for may_stay in stays:
        choices = [False, True] if may_stay else [True]
        ways = np.column_stack(
            [np.repeat(ways, len(choices), axis=0), np.tile(choices, len(ways))]
        )
    return np.asarray(ways, dtype=np.bool_)


def _find_landing(patterns: Patterns, step: Step) -> _Landing:
    there = patterns.codes[:, step.place] == step.target
    known, n = patterns.codes[there], patterns.answers[there]
    levels: list[Flags] = []
    for place, factor in enumerate(patterns.factors):
        width = len(factor.levels)
        few = np.bincount(known[:, place], weights=n, minlength=width) < SEEN
        levels.append(few if place != step.place else np.zeros(width, dtype=np.bool_))
    beside = [few[patterns.codes[:, place]] for place, few in enumerate(levels)]
    return _Landing(levels, np.column_stack(beside))


def _find_ratios(patterns: Patterns, samples: Samples, step: Step) -> Floats:
    """Find how many times higher the odds are at the level aimed at than at each level."""
    effects = np.zeros((len(step.factor.levels), samples.coefficients.shape[1]))
    effects[list(step.factor.others)] = samples.coefficients[patterns.block(step.factor.name)]
    return np.asarray(np.exp(effects[step.target] - effects), dtype=np.float64)
