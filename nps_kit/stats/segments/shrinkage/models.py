"""What the true scores of groups may be, given their answers: one model each for two tables.

Both say how much the groups have in common (the spread between them and their centre), and then
what that makes of each group. Arrays in, arrays out; scores on -1 to 1 or changes in points.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from nps_kit.stats.intervals import PSEUDO, Floats
from nps_kit.stats.segments.shrinkage.mixtures import (
    Moments,
    Pair,
    beta_bounds,
    beta_shape,
    mix,
    normal_bounds,
)
from nps_kit.stats.segments.shrinkage.spreads import Grid, find_quantile, log_prior, weigh

# Groups worked on together: their grids stay in the processor's cache.
_TOGETHER = 1024

# The share of all variance that lies between groups is a square; its root stays under this.
_TOP = 0.99

_TOP_CHANGE = 200.0
_TINY = 1e-300


class Common(NamedTuple):
    """What the groups have in common, for each value of the grid."""

    spread: Floats
    """Points."""
    centre: Floats
    weight: Floats
    """What the centre is known from: effective answers, or one over its variance."""


class Model(ABC):
    """The true values of groups, and what is known of them."""

    scale: float
    """Points in one unit of the model."""

    @cached_property
    @abstractmethod
    def grid(self) -> Grid:
        """Values of the spread's parameter and the chance of each."""

    @cached_property
    @abstractmethod
    def common(self) -> Common:
        """What the groups have in common, on the grid."""

    @abstractmethod
    def shrink(self, *, level: float) -> tuple[Floats, Floats, Floats]:
        """Give the mean and the bounds of each group, in the model's unit."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, times: int) -> Floats:
        """Draw the true values of all groups, a row a time."""

    @property
    def centre(self) -> float:
        """Mean of the groups' law, in points."""
        return self.scale * float(self.common.centre @ self.grid.chances)

    def spread_at(self, share: float) -> float:
        """Find the spread, in points, under which `share` of its chance lies."""
        return find_quantile(self.common.spread, self.grid.chances, share)


@dataclass
class Answers(Model):
    """Shares of the bands, drawn for each group from one Dirichlet distribution.

    Parameters
    ----------
    bands
        Answers of each band, whole or effective: a row a group.
    """

    bands: Floats
    scale = 100.0

    @cached_property
    def n(self) -> Floats:
        """Answers of each group."""
        return np.asarray(self.bands.sum(axis=1))

    @cached_property
    def _classes(self) -> tuple[Floats, Floats, Floats]:
        """Sum over groups of one size: their size, how many, and sums of what is needed of them.

        What the spread is judged by depends on a group's size and its score squared: a hundred
        thousand groups come down to a few hundred sizes.
        """
        answered = self.bands[self.n > 0]
        n, place = np.unique(answered.sum(axis=1), return_inverse=True)
        shares = answered / answered.sum(axis=1, keepdims=True)
        columns = [*shares.T, (shares[:, 2] - shares[:, 0]) ** 2]
        sums = [np.bincount(place, each, minlength=n.size) for each in columns]
        return n, np.bincount(place, minlength=n.size).astype(np.float64), np.array(sums)

    def _shares(self, between: Floats) -> tuple[Floats, Floats, Floats]:
        """Estimate the centre's shares, once as they are and once as the posterior has them."""
        n, _, sums = self._classes
        each = n[:, None] / (1 + (n[:, None] - 1) * between)
        groups = self._classes[1] @ each
        raw = sums[:3] @ each / groups
        pseudo = np.array(PSEUDO)[:, None]
        return raw, (raw * groups + pseudo) / (groups + pseudo.sum()), groups

    def _density(self, root: Floats) -> Floats:
        between = root**2
        raw, shares, groups = self._shares(between)
        n, count, sums = self._classes
        score, variance = _score(shares)
        middle = raw[2] - raw[0]
        each = n[:, None] / (1 + (n[:, None] - 1) * between)
        off = (
            sums[3][:, None]
            - 2 * middle * (sums[2] - sums[0])[:, None]
            + (middle**2 * count[:, None])
        )
        # Scores of few, lopsided answers have heavier tails than the normal law, and tell less of
        # the spread than it would have them tell.
        tails = shares[2] * (1 - score) ** 4 + shares[0] * (1 + score) ** 4 + shares[1] * score**4
        excess = np.maximum(tails / variance**2 - 3, 0)
        telling = 1 / (1 + excess / (2 * n[:, None]))
        fit = count[:, None] * np.log(variance / each) + np.maximum(off, 0) * each / variance
        density = -((telling * fit).sum(axis=0) + np.log(groups / variance)) / 2
        spread = 100 * np.sqrt(variance * between)
        prior = log_prior(spread, groups=int(count.sum()))
        return np.asarray(density + prior + np.log(variance) / 2)

    @cached_property
    def grid(self) -> Grid:
        """Root of the share of all variance that lies between groups."""
        return weigh(self._density, top=_TOP)

    @cached_property
    def common(self) -> Common:
        """Spread, score of the centre, and the answers it is known from."""
        _, shares, groups = self._shares(self.grid.values**2)
        score, variance = _score(shares)
        return Common(100 * np.sqrt(variance) * self.grid.values, score, groups)

    def shrink(self, *, level: float) -> tuple[Floats, Floats, Floats]:
        """Give the mean and the bounds of each group, on -1 to 1."""
        return _by_parts(self._mixed, beta_bounds, self.n.size, level=level)

    def _mixed(self, part: slice) -> Moments:
        prior = 1 / self.grid.values**2 - 1
        _, shares, groups = self._shares(self.grid.values**2)
        score, variance = _score(shares)
        bands, n = self.bands[part], self.n[part][:, None]
        total = n + prior
        mean = ((bands[:, 2] - bands[:, 0])[:, None] + prior * score) / total
        ends = ((bands[:, 2] + bands[:, 0])[:, None] + prior * (shares[2] + shares[0])) / total
        own = np.maximum(ends - mean**2, 0) / (total + 1)
        lent = (prior / total) ** 2 * variance / (groups + sum(PSEUDO) + 1)
        spread = own + lent
        return mix(mean, spread, chances=self.grid.chances, shape=beta_shape(mean, spread))

    def draw_prior(self, rng: np.random.Generator, times: int) -> Floats:
        """Draw the law that the groups have in common: its three parameters, a row a time.

        Spread and centre are drawn from what the answers say of them. Added to a group's answers,
        a row makes the Dirichlet distribution of that group's true shares.
        """
        place, root = self.grid.pick(rng, times)
        raw, _, groups = self._shares(self.grid.values**2)
        centres = (raw * groups + np.array(PSEUDO)[:, None])[:, place]
        shares = rng.standard_gamma(centres)
        shares /= shares.sum(axis=0)
        return np.asarray(((1 / root**2 - 1) * shares).T)

    def draw(self, rng: np.random.Generator, times: int) -> Floats:
        """Draw the true scores of all groups, on -1 to 1."""
        prior = self.draw_prior(rng, times)
        ends = [
            rng.standard_gamma(self.bands[:, band] + prior[:, [band]])
            for band in range(len(PSEUDO))
        ]
        return np.asarray((ends[2] - ends[0]) / np.maximum(ends[0] + ends[1] + ends[2], _TINY))


@dataclass
class Changes(Model):
    """Differences in points, drawn for each group from one normal distribution.

    Parameters
    ----------
    changes
        Observed difference of each group; anything where there is none.
    errors
        Its standard error; infinite where there is none.
    """

    changes: Floats
    errors: Floats
    scale = 1.0

    def _sums(self, spread: Floats) -> tuple[Floats, Floats, Floats]:
        """Sum over groups: their weights, the fit at each spread, and the centre."""
        known = np.isfinite(self.errors)
        square, change = self.errors[known] ** 2, self.changes[known]
        middle = float(np.average(change, weights=1 / square))
        change = change - middle
        totals = np.zeros((4, spread.size))
        for start in range(0, change.size, _TOGETHER):
            part = slice(start, start + _TOGETHER)
            variance = square[part][:, None] + spread**2
            weight = 1 / variance
            totals[0] += weight.sum(axis=0)
            totals[1] += change[part] @ weight
            totals[2] += change[part] ** 2 @ weight
            totals[3] += np.log(variance).sum(axis=0)
        weight, first, second, logs = totals
        off = np.maximum(second - first**2 / weight, 0)
        return weight, -(logs + off + np.log(weight)) / 2, middle + first / weight

    @cached_property
    def grid(self) -> Grid:
        """The spread itself, in points."""
        groups = int(np.isfinite(self.errors).sum())
        return weigh(
            lambda spread: self._sums(spread)[1] + log_prior(spread, groups=groups),
            top=_TOP_CHANGE,
        )

    @cached_property
    def common(self) -> Common:
        """Spread, centre, and one over the variance of the centre."""
        weight, _, centre = self._sums(self.grid.values)
        return Common(self.grid.values, centre, weight)

    def shrink(self, *, level: float) -> tuple[Floats, Floats, Floats]:
        """Give the mean and the bounds of each group, in points."""
        return _by_parts(self._mixed, normal_bounds, self.errors.size, level=level)

    def _mixed(self, part: slice) -> Moments:
        common = self.common
        lent = 1 / (1 + common.spread**2 / self.errors[part][:, None] ** 2)
        change = np.where(np.isfinite(self.errors[part]), self.changes[part], 0.0)[:, None]
        mean = (1 - lent) * change + lent * common.centre
        variance = common.spread**2 * lent + lent**2 / common.weight
        return mix(mean, variance, chances=self.grid.chances)

    def draw(self, rng: np.random.Generator, times: int) -> Floats:
        """Draw the true differences of all groups, in points."""
        place, spread = self.grid.pick(rng, times)
        centre = self.common.centre[place]
        centre = centre + rng.standard_normal(times) / np.sqrt(self.common.weight[place])
        lent = 1 / (1 + spread[:, None] ** 2 / self.errors**2)
        change = np.where(np.isfinite(self.errors), self.changes, 0.0)
        mean = (1 - lent) * change + lent * centre[:, None]
        noise = rng.standard_normal(mean.shape)
        return np.asarray(mean + noise * spread[:, None] * np.sqrt(lent))


def _score(shares: Floats) -> Pair:
    """Give the score of shares (a row a band), and the variance of one answer."""
    score = shares[2] - shares[0]
    return score, shares[1] * (shares[0] + shares[2]) + 4 * shares[0] * shares[2]


def _by_parts(
    mixed: Callable[[slice], Moments],
    bounds: Callable[..., Pair],
    groups: int,
    *,
    level: float,
) -> tuple[Floats, Floats, Floats]:
    """Work through the groups a part at a time: memory does not grow with the grid."""
    mean, low, high = (np.empty(groups) for _ in range(3))
    for start in range(0, groups, _TOGETHER):
        part = slice(start, start + _TOGETHER)
        moments = mixed(part)
        mean[part] = moments.mean
        low[part], high[part] = bounds(moments, level=level)
    return mean, low, high
