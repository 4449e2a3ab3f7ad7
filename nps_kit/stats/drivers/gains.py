"""What scenarios gain: worked out once for the levels that are moved, then for any shares."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.drivers.moves import Step
from nps_kit.stats.drivers.ordinal import Fit, Flags, Ints
from nps_kit.stats.drivers.patterns import Patterns
from nps_kit.stats.intervals import Floats

SEEN = 5
"""Answers that a pair of levels needs so that a scenario may lead there."""

_AT_ONCE = 25_600
"""Numbers that are worked on at a time: what a processor holds near."""

_CERTAIN, _HUGE = 40.0, 300.0
"""Log odds: one effect as good as certain, and what can be squared."""

_THREADS = min(os.cpu_count() or 1, 4)

_MOST_PAIRS = 20_000
"""Rows that are kept for other shares; with more, each is worked out when it is asked for."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Models of the same patterns, one column each; the first is that of the answers themselves."""

    answers: Floats
    """One row a pattern."""
    odds: Floats
    """Odds at the two thresholds."""
    coefficients: Floats
    rises: Floats
    """Odds that each pattern adds to: one row a pattern."""


def collect(design: Floats, fits: Sequence[Fit], answers: Sequence[npt.ArrayLike]) -> Samples:
    """Collect models of the same patterns.

    Parameters
    ----------
    design
        One row a pattern.
    fits, answers
        One a sample, first those of the answers themselves: the model, and answers by pattern.
    """
    thresholds = np.column_stack([fit.thresholds for fit in fits])
    thresholds[np.abs(thresholds) > _HUGE] *= np.inf
    coefficients = np.column_stack([fit.coefficients for fit in fits])
    # A sample's effect without an end is as good as certain long before this.
    coefficients = np.clip(coefficients, -_CERTAIN, _CERTAIN)
    return Samples(
        np.column_stack(answers).astype(np.float64),
        np.exp(thresholds),
        coefficients,
        np.exp(np.clip(design @ coefficients, -_HUGE, _HUGE)),
    )


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
        self._codes, self._answers, self._samples = patterns.codes, patterns.answers, samples
        self._steps = [step for step in steps if step.place >= 0]
        self._acting = np.array([step.place >= 0 for step in steps], dtype=np.bool_)
        self._groups = _group(patterns.codes, self._steps)
        self._landings = [_find_landing(patterns, step) for step in self._steps]
        self._ratios = [_find_ratios(patterns, samples, step) for step in self._steps]
        self.pairs = sum(2 ** int(hit.sum()) for hit, _ in self._groups)
        reach = np.abs(samples.coefficients).sum(axis=0).max(initial=0.0)
        self._tame = bool(np.isfinite(samples.odds).all() and reach < _HUGE)
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
        part = np.array(shares, dtype=np.float64)[self._acting]
        counted, points = np.zeros(2), np.zeros(self._samples.odds.shape[1])
        parts: Iterable[_Part] = (
            (self._work_out(hit, rows, stays=part < 1) for hit, rows in self._groups)
            if self._parts is None
            else self._parts
        )
        for hit, moved, these, gained in parts:
            weights = np.where(moved, part[hit], 1 - part[hit]).prod(axis=1)
            counted += weights @ these
            points += weights @ gained
        return Gained(float(counted[0]), float(counted[1]), points)

    def _work_out(self, hit: Flags, rows: Ints, *, stays: Flags) -> _Part:
        """Work out all ways to move the answers of some patterns, by the same steps."""
        places = np.flatnonzero(hit)
        ways = _find_ways(stays[places])
        n = self._answers[rows]
        rare = [n @ self._find_rare(rows, places[way]) for way in ways]
        counted = np.column_stack([ways.any(axis=1) * n.sum(), np.array(rare, dtype=np.float64)])

        def work_out(these: Ints) -> Floats:
            answers, rises = self._samples.answers[these], self._samples.rises[these]
            walked = self._walk(these, rises, places, stays[places])
            after = np.array([self._sum_points(moved, answers) for moved in walked])
            return np.asarray(after - self._sum_points(rises, answers), dtype=np.float64)

        at_once = max(_AT_ONCE // self._samples.odds.shape[1], 1)
        pieces = [rows[start : start + at_once] for start in range(0, len(rows), at_once)]
        if len(pieces) < _THREADS:
            return _Part(hit, ways, counted, sum(map(work_out, pieces), np.zeros(())))
        with ThreadPoolExecutor(_THREADS) as pool:
            return _Part(hit, ways, counted, sum(pool.map(work_out, pieces), np.zeros(())))

    def _walk(self, rows: Ints, rises: Floats, places: Ints, stays: Flags) -> Iterator[Floats]:
        """Go through the ways, in the order of `_find_ways`: the odds after each."""
        if not places.size:
            yield rises
            return
        if stays[0]:
            yield from self._walk(rows, rises, places[1:], stays[1:])
        raised = rises * self._raise(int(places[0]), rows)
        yield from self._walk(rows, raised, places[1:], stays[1:])

    def _raise(self, place: int, rows: Ints) -> Floats:
        """Give by how much a step raises the odds of some patterns."""
        step, ratios = self._steps[place], self._ratios[place]
        whence = np.flatnonzero(step.moved)
        if len(whence) == 1:
            return ratios[whence]
        return np.asarray(ratios[self._codes[rows, step.place]], dtype=np.float64)

    def _sum_points(self, rises: Floats, answers: Floats) -> Floats:
        """Sum up the points of answers, less what is the same for all odds."""
        low, high = self._samples.odds
        if not self._tame:
            score = rises / (rises + high) + rises / (rises + low)
        else:
            # The same less 2, with one division: they take the time.
            under = rises * (low + high)
            under += low * high
            score = rises * rises
            score += under
            under += low * high
            np.divide(under, score, out=score)
            np.negative(score, out=score)
        return np.asarray(100 * np.einsum("ir,ir->r", answers, score), dtype=np.float64)

    def _find_rare(self, rows: Ints, places: Ints) -> Flags:
        """Find the patterns that some steps take to a pair of levels that hardly anyone has."""
        rare = np.zeros(len(rows), dtype=np.bool_)
        steps = [self._steps[place] for place in places]
        beside = np.ones(len(self._landings[0].levels), dtype=np.bool_)
        beside[[step.place for step in steps]] = False
        for place in places:
            landing = self._landings[place]
            rare |= (landing.beside[rows] & beside).any(axis=1)
            # The step's own factor has no such level.
            rare |= any(landing.levels[step.place][step.target] for step in steps)
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
        ways = np.column_stack([np.repeat(ways, len(choices), axis=0), np.tile(choices, len(ways))])
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
