"""Axes of shares: percentages in round steps, written as the kit writes them."""

from collections.abc import Callable, Sequence
from math import ceil

import altair as alt

PERCENT = "format(datum.value * 100, '~g') + ' %'"
"""Labels of an axis of shares."""

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MOST_STEPS = 6


def percent_ticks(bounds: Sequence[float]) -> list[float]:
    """Find the ticks of an axis of shares from none up, the last one at or above all of `bounds`.

    Parameters
    ----------
    bounds
        Shares, 0 to 1.

    Returns
    -------
    Seven shares at most, the first of them 0.
    """
    top = min(max([*bounds, _STEPS[0]]), 1.0)
    step = next((s for s in _STEPS if ceil(top / s - 1e-9) <= _MOST_STEPS), _STEPS[-1])
    return [round(k * step, 6) for k in range(ceil(top / step - 1e-9) + 1)]


def along_shares(
    ticks: Sequence[float], *, start: float, end: float, grid: bool = True
) -> Callable[[str], alt.X]:
    """Make what places a column of shares from left to right, between two pixels."""
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], range=[start, end], nice=False, zero=False)
    axis = alt.Axis(values=list(ticks), labelExpr=PERCENT, grid=grid, labelFlush=False)

    def place(column: str) -> alt.X:
        return alt.X(f"{column}:Q", scale=scale, axis=axis, title=None)

    return place
