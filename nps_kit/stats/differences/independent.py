"""Two scores of different answers: the interval of their difference, and its p-value.

`ours` and `theirs` are the answers of each band (whole or effective numbers, one element a
comparison). A change is the score of ours less that of theirs, in points: its sign says who is
higher. Where either side has no answer, bounds and p-values are NaN.
"""

from typing import NamedTuple, Self

import numpy as np
from scipy import special

from nps_kit.stats.differences.crossings import Places, find_crossings
from nps_kit.stats.intervals import PSEUDO, Bounds, Floats, null_variance, quantile_of

Bands = tuple[Floats, ...]

WIDEST = 200
"""No two scores lie further apart, in points."""

SMALLEST = float(np.finfo(np.float64).tiny)
"""A p-value too small for the machine is written as the smallest number that it holds in full."""

# Comparisons worked on together, as in intervals.py.
_TOGETHER = 8192


class Ties(NamedTuple):
    """What clusters do to a comparison: several answers of one customer are alike."""

    correlation: Floats
    """Between the two scores, through clusters that answered on both sides."""
    ours: Floats
    """How many clusters answered on our side."""
    theirs: Floats
    """How many on theirs."""
    both: Floats
    """How many there are altogether."""


class _Pairs(NamedTuple):
    """Both sides of each comparison, and what does not depend on the change that is tried."""

    ours: Bands
    theirs: Bands
    sizes: tuple[Floats, Floats]
    scores: tuple[Floats, Floats]
    correlation: Floats
    half_step: Floats

    @property
    def change(self) -> Floats:
        """The difference of the scores, on -2 to 2."""
        return self.scores[0] - self.scores[1]

    def turned(self) -> Self:
        """Set theirs against ours."""
        return self._replace(
            ours=self.theirs,
            theirs=self.ours,
            sizes=self.sizes[::-1],
            scores=self.scores[::-1],
        )

    def part(self, rows: slice | Places) -> Self:
        """Take some of the comparisons."""
        return self._replace(
            ours=tuple(band[rows] for band in self.ours),
            theirs=tuple(band[rows] for band in self.theirs),
            sizes=(self.sizes[0][rows], self.sizes[1][rows]),
            scores=(self.scores[0][rows], self.scores[1][rows]),
            correlation=self.correlation[rows],
            half_step=self.half_step[rows],
        )


def envelope(ours: Bands, theirs: Bands, *, level: float, ties: Ties | None = None) -> Bounds:
    """Make the wider of the intervals `adjusted` and `score`, bound by bound.

    Parameters
    ----------
    ours, theirs
        Answers of each band on either side, one element a comparison.
    level
        Probability that the interval aims to cover.
    ties
        The clusters behind the answers, where they have any.

    Returns
    -------
    Lower and upper bounds in points, from -200 to 200. They leave zero out exactly where
    `p_values` gives less than ``1 - level``.

    Notes
    -----
    Either alone covers too little: `adjusted` where an end band is empty by luck, `score` where
    few answers pull far.

    Examples
    --------
    >>> ours = tuple(np.array([float(n)]) for n in (30, 20, 50))
    >>> theirs = tuple(np.array([float(n)]) for n in (200, 300, 500))
    >>> low, high = envelope(ours, theirs, level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (-28.2, 7.1)
    """
    degrees = find_degrees(ours, theirs, ties=ties)
    correlation = None if ties is None else ties.correlation
    first = adjusted(ours, theirs, level=level, degrees=degrees, correlation=correlation)
    second = score(
        ours,
        theirs,
        level=level,
        degrees=None if ties is None else degrees,
        correlation=correlation,
    )
    low, high = np.minimum(first[0], second[0]), np.maximum(first[1], second[1])
    return np.clip(low, -WIDEST, WIDEST), np.clip(high, -WIDEST, WIDEST)


def p_values(ours: Bands, theirs: Bands, *, ties: Ties | None = None) -> Floats:
    """Test whether two scores are equal: the larger p-value of the tests behind `envelope`.

    Parameters
    ----------
    ours, theirs, ties
        As in `envelope`.

    Returns
    -------
    Two-sided p-values, above zero however clear the difference.

    Notes
    -----
    Equal scores are enough for the hypothesis: the shares behind them may differ. Summed up over
    all outcomes of 2 to 50 answers against 2 to 50, and against draws of 1,000, for 240 pairs of
    shares (1/9/90, 0/5/95, 50/0/50 against 0/100/0, and at random), a true hypothesis fell under a
    level of 0.05, 0.01 or 0.0004 at most 0.98 times as often as the level allows. The settled pair
    of tests, adjusted Wald and pooled variance with normal tails, did so up to six times as often
    where groups of equal score have unlike shares.

    Examples
    --------
    >>> ours = tuple(np.array([float(n)]) for n in (30, 20, 50))
    >>> theirs = tuple(np.array([float(n)]) for n in (200, 300, 500))
    >>> float(p_values(ours, theirs).round(3)[0])
    0.261
    """
    degrees = find_degrees(ours, theirs, ties=ties)
    pairs = _pair(ours, theirs, correlation=None if ties is None else ties.correlation)
    change, error = _adjust(pairs)
    first = special.stdtr(degrees, -_over(np.abs(change), error))
    beyond = np.maximum(np.abs(pairs.change) - pairs.half_step, 0)
    statistic = -_over(beyond, _null_error(pairs, np.zeros_like(beyond)))
    second = special.ndtr(statistic) if ties is None else special.stdtr(degrees, statistic)
    found: Floats = np.clip(2 * np.maximum(first, second), SMALLEST, 1)
    return found


def adjusted(
    ours: Bands,
    theirs: Bands,
    *,
    level: float,
    degrees: Floats | None = None,
    correlation: Floats | None = None,
) -> Bounds:
    """Make the Wald interval of the difference, with `PSEUDO` added to the counts of each side.

    Parameters
    ----------
    ours, theirs, level
        As in `envelope`.
    degrees
        Degrees of freedom of Student's t, instead of the normal quantile.
    correlation
        Between the two scores; none: they are independent.

    Returns
    -------
    Lower and upper bounds in points; they can leave the scale.

    Notes
    -----
    The test that MeasuringU gives for two Net Promoter Scores, and the R package NPS, takes the
    normal quantile; Student's t is ours, and makes small groups honest far out in the tails, where
    corrections for many comparisons look.

    Examples
    --------
    >>> ours = tuple(np.array([float(n)]) for n in (4, 6, 20))
    >>> theirs = tuple(np.array([float(n)]) for n in (10, 5, 15))
    >>> low, high = adjusted(ours, theirs, level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (-5.8, 72.5)
    """
    change, error = _adjust(_pair(ours, theirs, correlation=correlation))
    half = quantile_of(level, degrees) * error
    return 100 * (change - half), 100 * (change + half)


def score(
    ours: Bands,
    theirs: Bands,
    *,
    level: float,
    degrees: Floats | None = None,
    correlation: Floats | None = None,
) -> Bounds:
    """Make the interval of all changes that a score test would not reject.

    Parameters
    ----------
    ours, theirs, level, degrees, correlation
        As in `adjusted`.

    Returns
    -------
    Lower and upper bounds in points; never outside -200 to 200, and always around the change.

    Notes
    -----
    The variance of each side is Tango's (see `nps_kit.stats.intervals.score`): that of the
    likeliest shares which have the score that the tried change asks for. It knows that twenty
    promoters of twenty do not prove that detractors cannot be. The two scores tried lie ``change``
    apart and keep the mean score of all answers.

    The test is corrected for continuity, since differences of small samples come in steps. Without
    passives a score moves in steps of ``2 / n``, else of ``1 / n``; the shorter step of the two
    sides always counts, and each whole one as far as the other side does not blur it.
    """
    pairs = _pair(ours, theirs, correlation=correlation)
    known = ~np.isnan(pairs.change)
    quantiles = np.broadcast_to(quantile_of(level, degrees), known.shape)
    low, high = np.empty_like(pairs.change), np.empty_like(pairs.change)
    for start in range(0, known.size, _TOGETHER):
        rows = slice(start, start + _TOGETHER)
        part = pairs.part(rows)
        low[rows] = -_upper_bound(part.turned(), quantiles[rows])
        high[rows] = _upper_bound(part, quantiles[rows])
    known &= ~np.isnan(quantiles)
    return np.where(known, 100 * low, np.nan), np.where(known, 100 * high, np.nan)


def find_degrees(ours: Bands, theirs: Bands, *, ties: Ties | None = None) -> Floats:
    """Find the degrees of freedom of a difference, after Welch and Satterthwaite.

    Parameters
    ----------
    ours, theirs, ties
        As in `envelope`.

    Returns
    -------
    Degrees of freedom, one less than the answers (or clusters) of a side where only that side
    varies; with clusters never more than one less than their number.

    Examples
    --------
    >>> few = tuple(np.array([float(n)]) for n in (2, 1, 2))
    >>> many = tuple(np.array([float(n)]) for n in (2000, 1000, 2000))
    >>> float(find_degrees(few, many).round(1)[0])
    4.0
    """
    errors = [_adjusted_moments(side)[1] for side in (ours, theirs)]
    if ties is None:
        # A lone answer has no spread of its own; the adjustment gives it some.
        own = [np.maximum(sum(side[1:], side[0]) - 1, 1) for side in (ours, theirs)]
    else:
        own = [np.maximum(clusters - 1, 1) for clusters in (ties.ours, ties.theirs)]
    found = sum(errors) ** 2 / sum(e**2 / d for e, d in zip(errors, own, strict=True))
    if ties is not None:
        found = np.where(ties.both > 1, np.minimum(found, ties.both - 1), np.nan)
    return np.asarray(found, dtype=np.float64)


def _pair(ours: Bands, theirs: Bands, *, correlation: Floats | None) -> _Pairs:
    sizes, scores, errors, steps = [], [], [], []
    for side in (ours, theirs):
        n = sum(side[1:], side[0])
        n = np.where(n > 0, n, np.nan)
        detractors, passives, promoters = (band / n for band in side)
        sizes.append(n)
        scores.append(promoters - detractors)
        errors.append((passives * (detractors + promoters) + 4 * detractors * promoters) / n)
        # How far the score moves at once: with nobody in the middle, two places at a time.
        steps.append((1 + np.abs(1 - 2 * passives) ** n) / n)
    blurred = [
        step * np.exp(-2 * np.pi**2 * error / step**2)
        for step, error in zip(steps, errors[::-1], strict=True)
    ]
    return _Pairs(
        ours=ours,
        theirs=theirs,
        sizes=(sizes[0], sizes[1]),
        scores=(scores[0], scores[1]),
        correlation=np.zeros_like(sizes[0]) if correlation is None else correlation,
        half_step=np.maximum(np.minimum(*steps), sum(blurred)) / 2,
    )


def _adjusted_moments(side: Bands) -> tuple[Floats, Floats]:
    """Score and squared standard error of the counts with `PSEUDO` added."""
    detractors, passives, promoters = (
        band + extra for band, extra in zip(side, PSEUDO, strict=True)
    )
    n = detractors + passives + promoters
    spread = passives * (detractors + promoters) + 4 * detractors * promoters
    return (promoters - detractors) / n, spread / n**3


def _adjust(pairs: _Pairs) -> tuple[Floats, Floats]:
    """Change and standard error of the adjusted counts; NaN where a side has no answer."""
    (ours, mine), (theirs, other) = (_adjusted_moments(side) for side in (pairs.ours, pairs.theirs))
    change = np.where(np.isnan(pairs.change), np.nan, ours - theirs)
    return change, _join(mine, other, pairs.correlation)


def _join(ours: Floats, theirs: Floats, correlation: Floats) -> Floats:
    """Join two squared standard errors to the standard error of a difference."""
    both = ours + theirs - 2 * correlation * np.sqrt(ours * theirs)
    return np.sqrt(np.maximum(both, 0))


def _null_error(pairs: _Pairs, tried: Floats) -> Floats:
    """Find the standard error of the change if `tried` were true, all else as likely as can be."""
    n, m = pairs.sizes
    # Both scores give way, the one of more answers less, so that the mean score stays.
    middle = pairs.scores[0] + (tried - pairs.change) * m / (n + m)
    ours = np.clip(middle, np.maximum(-1, tried - 1), np.minimum(1, tried + 1))
    theirs = np.clip(ours - tried, -1, 1)
    mine = null_variance(pairs.ours[0], pairs.ours[2], n, ours) / n
    other = null_variance(pairs.theirs[0], pairs.theirs[2], m, theirs) / m
    return _join(mine, other, pairs.correlation)


def _upper_bound(pairs: _Pairs, quantiles: Floats) -> Floats:
    """Find the change above ours at which the test begins to reject."""

    def excess(tried: Floats, rows: Places) -> Floats:
        part = pairs.part(rows)
        beyond = tried - part.change - part.half_step
        found: Floats = beyond - quantiles[rows] * _null_error(part, tried)
        return found

    return find_crossings(excess, pairs.change, np.full_like(pairs.change, WIDEST / 100))


def _over(top: Floats, bottom: Floats) -> Floats:
    """Divide a distance by its error; nothing varies and nothing differs: none."""
    small = np.where(top == 0, 0.0, np.inf)
    small = np.where(np.isnan(top), np.nan, small)
    return np.divide(top, bottom, out=small, where=bottom > 0)
