"""How groups may truly rank, by drawing their true values many times."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.intervals import Floats

Draw = Callable[[np.random.Generator, int], Floats]

# Values held at once: 8 MB for each of a few arrays.
_AT_ONCE = 1_000_000

# Cells of the table of how often a group had a rank: 100 MB in the smallest type that serves.
_CELLS = 25_000_000


class Ranks(NamedTuple):
    """How each group ranks: 1 is the highest."""

    best: Floats
    """Chance to be among the highest."""
    worst: Floats
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]


def choose_k(groups: int) -> int:
    """Choose how many are "the best": a tenth, at least three, and never over a third."""
    return max(1, min(max(3, round(groups / 10)), groups // 3))


def rank_draws(
    draw: Draw, groups: int, *, draws: int, k: int, level: float, rng: np.random.Generator
) -> Ranks:
    """Count how each group ranks in draws of the true values.

    Ranks are exact up to 5,000 groups; of more, the bounds of a rank are rounded outward to one
    of at least 250 steps. Memory stays under about 200 MB whatever the numbers.
    """
    best, worst = np.zeros(groups), np.zeros(groups)
    width = -(-groups // max(min(groups, _CELLS // groups), 1))
    seen = np.zeros((groups, -(-groups // width)), dtype=np.int32)
    row = np.arange(groups)
    together = max(1, _AT_ONCE // groups)
    for start in range(0, draws, together):
        values = draw(rng, min(together, draws - start))
        order = np.argsort(-values, axis=1)
        for places in order:
            best[places[:k]] += 1
            worst[places[groups - k :]] += 1
            # One group a rank: no cell comes twice.
            seen[places, row // width] += 1
    below = np.cumsum(seen, axis=1, out=seen)
    low = (below <= draws * (1 - level) / 2).sum(axis=1) * width + 1
    high = ((below < draws * (1 + level) / 2).sum(axis=1) + 1) * width
    return Ranks(best / draws, worst / draws, low, np.minimum(high, groups))
