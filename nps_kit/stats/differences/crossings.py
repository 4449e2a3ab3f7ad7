"""Where a rising curve crosses zero, for many curves at once."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.intervals import Floats

Places = npt.NDArray[np.intp]
Excess = Callable[[Floats, Places], Floats]
"""How far above zero each curve is where it is tried; the second argument says which curves."""

# Trials a round, and rounds; nearly all crossings are found in the first.
_TRIALS, _ROUNDS = 7, 8

# A crossing is found where the curve is within this of zero.
_CLOSE = 1e-9


class _Search(NamedTuple):
    """Two ends, how far the curve is under zero or over it there, and which end stayed."""

    below: Floats
    above: Floats
    under: Floats
    over: Floats
    stayed: Floats


def find_crossings(excess: Excess, below: Floats, above: Floats) -> Floats:
    """Find where each curve crosses zero between two ends.

    Parameters
    ----------
    excess
        The curves.
    below, above
        The ends, one element a curve; the curve is not above zero at `below`.

    Returns
    -------
    The crossings; `above` where the curve has not reached zero by then. NaN where an end is.
    """
    found = above.copy()
    rows = np.arange(above.size)
    under, over = excess(below, rows), excess(above, rows)
    state = _Search(below, above, under, over, stayed=np.zeros_like(below))
    left = np.flatnonzero(over > 0)
    for _ in range(_ROUNDS):
        rows = rows[left]
        if not rows.size:
            break
        state = _Search(*(values[left] for values in state))
        state, tried, off = _narrow(excess, rows, state)
        found[rows] = tried
        left = np.flatnonzero(np.abs(off) > _CLOSE)
    found[np.isnan(below)] = np.nan
    return found


def _narrow(excess: Excess, rows: Places, state: _Search) -> tuple[_Search, Floats, Floats]:
    """Narrow the search a few steps by the Illinois method.

    Straight lines between a point under zero and one over it; an end that stays where it is twice
    counts half.
    """
    below, above, under, over, stayed = state
    tried = off = below
    for _ in range(_TRIALS):
        span = over - under
        slope = np.divide(above - below, span, out=np.zeros_like(span), where=span > 0)
        tried = np.clip(below - under * slope, below, above)
        off = excess(tried, rows)
        low = off < 0
        over = np.where(low & (stayed > 0), over / 2, over)
        under = np.where(~low & (stayed < 0), under / 2, under)
        below, under = np.where(low, tried, below), np.where(low, off, under)
        above, over = np.where(low, above, tried), np.where(low, over, off)
        stayed = np.where(low, 1.0, -1.0)
    return _Search(below, above, under, over, stayed), tried, off
