"""The proportional-odds model: counts of bands in, coefficients and their covariance out."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from nps_kit.stats.intervals import Floats

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

CUTS = 2
"""Thresholds between three bands."""

_STEPS = 100
_HALVINGS = 40

# Twice the log-likelihood that one more step could add.
_SETTLED = 1e-9

# A coefficient that still moves this far while the likelihood stands still has no end.
_RUNS = 0.01

ENDLESS = 12.0
"""No service makes odds 160,000 times as high: log odds beyond this have no end."""

# Information of an answer, of a quarter at most, under which a pattern is as good as certain.
_SATURATED = 1e-6

# Root of the information of a column of which the answers tell nothing.
_NOTHING = 1e-60

# Share of a column, in squares, that the columns before it leave unexplained.
_OWN = 1e-10
_INVOLVED = 1e-6


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model: P(to band k) = 1 / (1 + exp(-(threshold k - design @ coefficients)))."""

    thresholds: Floats
    """Two. Where a band is empty: -inf (detractors), both alike (passives), inf (promoters).

    NaN where there is no answer."""
    coefficients: Floats
    """One a column, in log odds of scoring higher; 0 for a column that was dropped."""
    covariance: Floats
    """Of the two thresholds, then of the coefficients; 0 for what is not free."""
    log_likelihood: float
    """Of single answers, without the constant of their order."""
    rank: int
    """How many coefficients are free."""
    converged: bool
    runaway: Flags
    """Columns whose coefficient has no end: the likelihood rises for ever (separation)."""
    tangled: Flags
    """Columns that say the same thing twice: none of them has an effect of its own."""

    @property
    def known(self) -> Flags:
        """Columns whose coefficient means something."""
        return ~(self.runaway | self.tangled)

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients; NaN where a coefficient means nothing."""
        variance = np.maximum(np.diag(self.covariance)[CUTS:], 0)
        return np.where(self.known, np.sqrt(variance), np.nan)

    def nps(self, design: Floats) -> Floats:
        """Give the score of each row of a design, in points."""
        detractors, promoters = self._ends(design)
        return 100 * (promoters - detractors)

    def gradient(self, design: Floats, weights: Floats) -> Floats:
        """Give the slopes of the mean score, in points, in thresholds and coefficients.

        Parameters
        ----------
        design
            One row a pattern.
        weights
            How much each row counts in the mean.

        Returns
        -------
        As many slopes as `covariance` has rows, in its order: ``g @ covariance @ g`` is the
        variance of the mean score.
        """
        share = weights / weights.sum()
        detractors, promoters = self._ends(design)
        falls = 100 * share * detractors * (1 - detractors)
        rises = 100 * share * promoters * (1 - promoters)
        return np.concatenate([[-falls.sum(), -rises.sum()], (falls + rises) @ design])

    def _ends(self, design: Floats) -> tuple[Floats, Floats]:
        eta = design @ self.coefficients
        low, high = self.thresholds
        return special.expit(low - eta), special.expit(eta - high)


def fit_ordinal(
    design: Floats,
    bands: npt.ArrayLike,
    *,
    start: Fit | None = None,
    offset: Floats | None = None,
) -> Fit:
    """Fit the proportional-odds model to counts, by Newton's method.

    Parameters
    ----------
    design
        One row a pattern, without a column of ones; it may have no column at all.
    bands
        One row a pattern, three columns: detractors, passives, promoters, whole or not.
    start
        A fit of the same columns to begin from, of nearly the same counts.
    offset
        Log odds that each row has beforehand, with a coefficient that is fixed at 1.

    Returns
    -------
    The fit. It is always finite: columns that repeat others are dropped and named in `tangled`,
    and coefficients without an end are stopped and named in `runaway`.

    Notes
    -----
    McCullagh (1980), "Regression models for ordinal data", Journal of the Royal Statistical
    Society B 42, 109-142. The chance of the middle band is a product, ``s(high - eta) * s(eta -
    low) * (1 - exp(low - high))`` with the logistic function s, so that no two nearly equal
    numbers are subtracted, and each threshold adds to the log-likelihood what a logit of the two
    bands beside it would. It is concave (Pratt 1981, Journal of the American Statistical
    Association 76, 103-106): Newton's method with halved steps finds its top, if it has one. The
    covariance is the inverse of the observed information. A model of two bands alone is the
    plain logit.

    Where a level's answers are all promoters, say, there is no top: the likelihood settles while
    the coefficient keeps moving by about one at each step. That is how separation is noticed, and
    in whatever combination of columns it lies.
    """
    counts = np.asarray(bands, dtype=np.float64)
    totals = counts.sum(axis=0)
    used = np.flatnonzero(totals > 0)
    columns = design.shape[1]
    if used.size < CUTS:
        return _give_up(columns, band=int(used[0]) if used.size else None)
    kept, tangled = find_tangles(design, counts.sum(axis=1))
    thin, sides = design[:, kept], take_sides(counts, used, offset=offset)
    cuts = used.size - 1
    shares = np.cumsum(totals[used])[:-1] / totals.sum()
    values = np.concatenate([special.logit(shares), np.zeros(kept.size)])
    if start is not None and cuts == CUTS and np.isfinite(start.thresholds).all():
        values = np.concatenate([start.thresholds, start.coefficients[kept]])
    top = _climb(thin, sides, values)

    # Which of the values found each threshold is: without passives both are the same one.
    place = _PLACES[tuple(used.tolist())]
    thresholds = np.array([-np.inf, np.inf])
    free = np.flatnonzero(place >= 0)
    thresholds[free] = top.values[place[free]]
    coefficients, runaway = np.zeros(columns), np.zeros(columns, dtype=np.bool_)
    coefficients[kept] = top.values[cuts:]
    runaway[kept] = np.abs(top.step[cuts:]) > _RUNS
    runaway |= np.abs(coefficients) > ENDLESS
    if runaway.any():
        # Answers that a runaway fits perfectly tell nothing of the other columns.
        unsure = top.weight > _SATURATED * counts.sum(axis=1)
        others = np.flatnonzero(~(runaway | tangled))
        tangled[others] = find_tangles(design[np.ix_(unsure, others)], top.weight[unsure])[1]
    rows = np.concatenate([free, CUTS + kept])
    places = np.concatenate([place[free], cuts + np.arange(kept.size)])
    covariance = np.zeros((CUTS + columns, CUTS + columns))
    covariance[np.ix_(rows, rows)] = _invert(top.information)[np.ix_(places, places)]
    # Known through answers that are as good as certain, and so not known.
    lost = np.zeros(columns, dtype=np.bool_)
    lost[kept] = np.diag(top.information)[cuts:] <= _NOTHING**2
    tangled |= ~runaway & (lost | (np.diag(covariance)[CUTS:] > ENDLESS**2))
    return Fit(
        thresholds=thresholds,
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=top.height,
        rank=int(kept.size),
        converged=top.settled,
        runaway=runaway,
        tangled=tangled,
    )


def find_tangles(design: Floats, weights: Floats) -> tuple[Ints, Flags]:
    """Find columns that say the same thing twice, alone, together or with the column of ones.

    Parameters
    ----------
    design
        One row a pattern, without a column of ones.
    weights
        Answers of each row.

    Returns
    -------
    Places of the columns to keep (the first ones that do), and which columns are part of a
    repetition: dropping one of them lends its effect to the others, so none has one of its own.
    """
    ones = np.column_stack([np.ones(len(design)), design])
    gram = ones.T @ (ones * weights[:, None])
    length = np.sqrt(np.diag(gram))
    length[length == 0] = 1.0
    gram /= np.outer(length, length)
    if _find_root(gram) is not None:
        return np.arange(design.shape[1]), np.zeros(design.shape[1], dtype=np.bool_)
    left = gram.copy()
    kept, dropped = [], []
    for place in range(len(gram)):
        if left[place, place] < _OWN:
            dropped.append(place)
            continue
        kept.append(place)
        left -= np.outer(left[:, place], left[place]) / left[place, place]
    tangled = np.zeros(len(gram), dtype=np.bool_)
    tangled[dropped] = True
    if dropped:
        shares = np.linalg.solve(gram[np.ix_(kept, kept)], gram[np.ix_(kept, dropped)])
        tangled[kept] = (np.abs(shares) > _INVOLVED).any(axis=1)
    return np.array(kept[1:], dtype=np.int64) - 1, tangled[1:]


def _find_root(gram: Floats) -> Floats | None:
    """Find Cholesky's root, unless a column has nothing of its own beside those before it."""
    try:
        root: Floats = np.asarray(np.linalg.cholesky(gram), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    return root if np.diag(root).min(initial=1.0) ** 2 >= _OWN else None


# Of the bands in use, the place of each threshold among the free ones; -1: it has no end.
_PLACES = {
    (0, 1, 2): np.array([0, 1]),
    (0, 1): np.array([0, -1]),
    (1, 2): np.array([-1, 0]),
    (0, 2): np.array([0, 0]),
}


class Sides(NamedTuple):
    """The answers as the thresholds see them: one row a threshold, one column a pattern."""

    below: Floats
    """Answers of the band just under it."""
    above: Floats
    between: float
    """Answers that lie between two thresholds; 0 where there is one."""
    offset: Floats


class _Top(NamedTuple):
    """Where the climb ended."""

    values: Floats
    height: float
    step: Floats
    """What one more step would have moved."""
    information: Floats
    weight: Floats
    """What each pattern adds to the information."""
    settled: bool


def take_sides(counts: Floats, used: Ints, *, offset: Floats | None = None) -> Sides:
    """Give the answers as the thresholds between the bands in use see them."""
    between = float(counts[:, used[1:-1]].sum())
    beforehand = np.zeros(len(counts)) if offset is None else offset
    return Sides(counts[:, used[:-1]].T, counts[:, used[1:]].T, between, beforehand)


def _climb(design: Floats, sides: Sides, values: Floats) -> _Top:
    """Climb to the top of the log-likelihood, or along a ridge until it rises no more."""
    height = _measure(design, sides, values)
    for _ in range(_STEPS):
        slope, information, weight = _derive(design, sides, values)
        step = find_step(information, slope)
        if slope @ step < _SETTLED:
            # The last step, where it ends anywhere, doubles the digits.
            if np.abs(step).max() < _RUNS:
                values = values + step
                information = _derive(design, sides, values)[1]
            return _Top(values, height, step, information, weight, settled=True)
        for halving in range(_HALVINGS):
            tried = values + step / 2**halving
            reached = _measure(design, sides, tried)
            if reached >= height:
                break
        else:
            # As high as the digits of a number go.
            return _Top(values, height, step, information, weight, settled=True)
        values, height = tried, reached
    return _Top(values, height, step, information, weight, settled=False)


def _measure(design: Floats, sides: Sides, values: Floats) -> float:
    """Measure the log-likelihood; -inf where the thresholds are out of order."""
    cuts = len(sides.below)
    distance = (design @ values[cuts:] + sides.offset)[None, :] - values[:cuts, None]
    height = (sides.below * special.log_expit(-distance)).sum()
    height += (sides.above * special.log_expit(distance)).sum()
    if sides.between:
        gap = values[1] - values[0]
        height += sides.between * np.log(-np.expm1(-gap)) if gap > 0 else -np.inf
    return float(height)


def _derive(design: Floats, sides: Sides, values: Floats) -> tuple[Floats, Floats, Floats]:
    cuts = len(sides.below)
    distance = (design @ values[cuts:] + sides.offset)[None, :] - values[:cuts, None]
    beyond = special.expit(distance)
    inside = beyond * special.expit(-distance)
    gap = float(values[1] - values[0]) if sides.between else np.inf
    return sum_slopes(design, sides, beyond=beyond, inside=inside, gap=gap)


def sum_slopes(
    design: Floats, sides: Sides, *, beyond: Floats, inside: Floats, gap: float
) -> tuple[Floats, Floats, Floats]:
    """Sum up the slopes of the log-likelihood, the observed information, and each pattern's part.

    Parameters
    ----------
    design, sides
        The answers.
    beyond, inside
        Chance of being beyond each threshold, and that times its opposite: a row a threshold.
    gap
        Distance of the thresholds.
    """
    cuts = len(sides.below)
    size = cuts + design.shape[1]
    both = sides.below + sides.above
    pull = sides.above - both * beyond
    weight = both * inside
    slope = np.concatenate([-pull.sum(axis=1), pull.sum(axis=0) @ design])
    information = np.empty((size, size))
    information[:cuts, :cuts] = np.diag(weight.sum(axis=1))
    information[:cuts, cuts:] = -weight @ design
    information[cuts:, :cuts] = information[:cuts, cuts:].T
    rooted = design * np.sqrt(weight.sum(axis=0))[:, None]
    information[cuts:, cuts:] = rooted.T @ rooted
    if sides.between:
        odds = np.exp(-gap) / -np.expm1(-gap)
        slope[:cuts] += sides.between * odds * np.array([-1, 1])
        bend = sides.between * odds * (1 + odds)
        information[:cuts, :cuts] += bend * np.array([[1, -1], [-1, 1]])
    return slope, information, weight.sum(axis=0)


def find_step(information: Floats, slope: Floats) -> Floats:
    """Solve for Newton's step: by Cholesky's root, which is fast, where it has one."""
    scaled, scale = _scale(information)
    root = _find_root(scaled)
    if root is None:
        return np.asarray(_invert_scaled(scaled) @ (slope / scale) / scale, dtype=np.float64)
    return np.asarray(linalg.cho_solve((root, True), slope / scale) / scale, dtype=np.float64)


def _invert(information: Floats) -> Floats:
    scaled, scale = _scale(information)
    return np.asarray(_invert_scaled(scaled) / np.outer(scale, scale), dtype=np.float64)


def _invert_scaled(scaled: Floats) -> Floats:
    return np.asarray(np.linalg.pinv(scaled, rcond=1e-15, hermitian=True), dtype=np.float64)


def _scale(information: Floats) -> tuple[Floats, Floats]:
    """Scale to a diagonal of ones: a rare level's information is a millionth of a common one's."""
    scale = np.sqrt(np.diag(information))
    scale = np.where(scale > _NOTHING, scale, 1.0)
    return information / np.outer(scale, scale), scale


def _give_up(columns: int, *, band: int | None) -> Fit:
    """Give the fit of answers that are all in one band, or not there: no column does anything."""
    thresholds = np.full(CUTS, np.nan)
    if band is not None:
        thresholds = np.where(np.arange(CUTS) < band, -np.inf, np.inf)
    return Fit(
        thresholds=thresholds,
        coefficients=np.zeros(columns),
        covariance=np.zeros((CUTS + columns, CUTS + columns)),
        log_likelihood=0.0,
        rank=0,
        converged=band is not None,
        runaway=np.zeros(columns, dtype=np.bool_),
        tangled=np.ones(columns, dtype=np.bool_),
    )
