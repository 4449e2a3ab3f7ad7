"""How far groups truly differ: the spread between them, weighed over a grid."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.intervals import Floats

USUAL = 15.0
"""Points about which the prior of the spread turns from rising to falling."""

# Groups from which on the data bound the spread under a prior flat in its square.
_ENOUGH = 4

_NODES = 49
_PASSES = 12

# Log density, set against the highest, under which a value of the spread is left out.
_NEGLIGIBLE = -13.0

# Share of the nodes that must count before the grid is fine enough.
_FILLED = 0.6


class Grid(NamedTuple):
    """Values of what the spread depends on, and the chance of each."""

    roots: Floats
    """Their square roots, which are evenly spaced."""
    chances: Floats
    step: float

    @property
    def values(self) -> Floats:
        """The values themselves."""
        return np.asarray(self.roots**2)

    def pick(self, rng: np.random.Generator, times: int) -> tuple[npt.NDArray[np.intp], Floats]:
        """Draw places on the grid, and values around them."""
        place = rng.choice(self.roots.size, size=times, p=self.chances)
        return place, (self.roots[place] + self.step * (rng.random(times) - 0.5)) ** 2


def log_prior(spread: Floats, *, groups: int) -> Floats:
    """Give the logarithm of the prior density of a spread in points.

    Proper, and flat in the *square* of the spread up to about `USUAL` points. A prior flat in the
    spread itself leaves more weight near nought: where the spread is real but small, the intervals
    of the groups are then too narrow. With fewer than four groups, though, it has to be that one:
    under the other even equal scores of millions would leave a large spread possible.
    """
    tail = np.log1p((spread / USUAL) ** 2)
    if groups < _ENOUGH:
        return np.asarray(-tail)
    return np.asarray(np.log(np.maximum(spread, np.finfo(float).tiny)) - 1.5 * tail)


def weigh(log_density: Callable[[Floats], Floats], *, top: float) -> Grid:
    """Find the values between 0 and `top` that count, and the chance of each.

    The grid closes in on where the density lies: it is as sharp for a hundred thousand groups as
    it is broad for three. It is even in the root, since the tail towards large values is long.
    """
    low, high = 0.0, float(np.sqrt(top))
    for _ in range(_PASSES):
        step = (high - low) / _NODES
        # Middles of cells: neither nought nor the top is ever asked for.
        roots: Floats = low + step * (np.arange(_NODES, dtype=np.float64) + 0.5)
        height = log_density(roots**2) + np.log(roots)
        height = height - height.max()
        counting = np.flatnonzero(height > _NEGLIGIBLE)
        if counting.size >= _FILLED * _NODES:
            break
        low, high = (
            max(low, float(roots[counting[0]]) - 1.5 * step),
            min(high, float(roots[counting[-1]]) + 1.5 * step),
        )
    roots, chances = roots[counting], np.exp(height[counting])
    return Grid(roots, chances / chances.sum(), step)


def find_quantile(points: Floats, chances: Floats, share: float) -> float:
    """Find the value under which `share` of the chance lies; `points` rise."""
    edges = np.concatenate(([0.0], np.cumsum(chances)))
    middles = (points[1:] + points[:-1]) / 2
    first = max(0.0, float(2 * points[0] - middles[0]))
    places = np.concatenate(([first], middles, [2 * points[-1] - middles[-1]]))
    return float(np.interp(share, edges, places))
