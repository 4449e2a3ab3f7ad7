"""What each period of a series comes to: its limits, its mark, its direction.

Arrays in, arrays out: a row a series, a column a period, NaN where nobody answered.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.stats.intervals import Floats
from nps_kit.stats.trends.limits import Method, find_limits, moving_ranges, pooled_variance
from nps_kit.stats.trends.rules import (
    Marks,
    Steps,
    count_run,
    find_side,
    find_trends,
    leave_ends,
    mark_near,
    mark_outside,
    mark_runs,
)

Cells = npt.NDArray[Any]

_ALL = slice(None)

RULES = ("", "outside", "trend", "near", "run")
"""What can mark a period; of several, the first that holds is named."""

SIGNAL_RUN = 8
"""Periods in a row on one side of the centre that make the latest one a signal."""

_NEAR, _OUTSIDE = 2, 3


class Grid(NamedTuple):
    """Estimates laid out."""

    points: Floats
    n: Floats
    """Answers, or equally many plain ones where they are weighted."""
    shares: Floats
    """Shares of the bands on a third axis."""
    judged: Marks
    """Whether a period has answers enough to take part."""

    def take(self, *, rows: slice = _ALL, columns: slice = _ALL) -> "Grid":
        """Take some of the series, or some of the periods."""
        return Grid(
            self.points[rows, columns],
            self.n[rows, columns],
            self.shares[rows, columns],
            self.judged[rows, columns],
        )


class Judgement(NamedTuple):
    """What was found, each in the layout of the grid."""

    centre: Cells
    limit_low: Cells
    limit_high: Cells
    near_low: Cells
    near_high: Cells
    moving_range: Cells
    used: Cells
    """Place of the method in `limits.USED`."""
    rule: Cells
    """Place in `RULES`."""
    direction: Cells
    """-1 below, 1 above, 0 neither."""
    run_length: Cells
    alarm: Cells
    """Whether a rule of the headline holds, were this the latest period."""
    phase: Cells
    in_phase: Cells
    """Periods judged in the phase."""


def judge_periods(grid: Grid, *, starts: Sequence[int], method: Method) -> Judgement:
    """Judge every period by the limits of its phase.

    Parameters
    ----------
    grid
        The estimates.
    starts
        Columns at which a new phase begins, in order.
    method
        As in `trace_nps`.

    Returns
    -------
    What was found.
    """
    edges = [0, *starts, grid.points.shape[1]]
    phases = [
        _judge_phase(grid.take(columns=slice(*edges[k : k + 2])), phase=k + 1, method=method)
        for k in range(len(edges) - 1)
    ]
    return join_judgements(phases, axis=1)


def join_judgements(parts: Sequence[Judgement], *, axis: int) -> Judgement:
    """Put what was found in parts side by side (1), or below one another (0).

    Parameters
    ----------
    parts
        What was found in each.
    axis
        0 or 1.

    Returns
    -------
    All of it.
    """
    return Judgement(*(np.concatenate(each, axis=axis) for each in zip(*parts, strict=True)))


def _judge_phase(grid: Grid, *, phase: int, method: Method) -> Judgement:
    # The periods that take part are moved to the front, the others left out of the rules.
    order = np.argsort(~grid.judged, axis=1, kind="stable")
    in_phase = grid.judged.sum(axis=1, keepdims=True)
    part = order[:, : int(in_phase.max(initial=0))]
    points = _gather(np.where(grid.judged, grid.points, np.nan), part)
    n = _gather(np.where(grid.judged, grid.n, np.nan), part)
    shares = np.take_along_axis(grid.shares, part[..., None], axis=1)
    variance = pooled_variance(shares, n)
    found = find_limits(points, n, variance, method=method)
    sigma = found.sigma(variance, grid.n, judged=grid.judged)
    limit_low, limit_high, near_low, near_high = (
        np.clip(found.centre + k * sigma, -100, 100) for k in (-_OUTSIDE, _OUTSIDE, -_NEAR, _NEAR)
    )

    side = leave_ends(find_side(points, found.centre), points)
    outside = mark_outside(points, _gather(limit_low, part), _gather(limit_high, part))
    beyond = mark_outside(points, _gather(near_low, part), _gather(near_high, part))
    near = beyond & ~outside
    trend = find_trends(points)
    marks = (outside, trend != 0, mark_near(side, near), mark_runs(side))
    known = ~np.isnan(found.centre)
    rule = np.select([mark & known for mark in marks], range(1, len(RULES)), default=0)
    run_length = count_run(side)
    direction = np.select([rule == RULES.index("trend"), rule > 0], [trend, side], default=0)
    alarm = known & (marks[0] | marks[1] | marks[2] | (run_length >= SIGNAL_RUN))

    shape = grid.points.shape
    return Judgement(
        np.broadcast_to(found.centre, shape),
        limit_low,
        limit_high,
        near_low,
        near_high,
        _scatter(moving_ranges(points), part, np.full(shape, np.nan)),
        np.broadcast_to(found.used[:, None], shape),
        _scatter(rule, part, np.zeros(shape, np.int64)),
        _scatter(direction, part, np.zeros(shape, np.int64)),
        _scatter(run_length, part, np.zeros(shape, np.int64)),
        _scatter(alarm, part, np.zeros(shape, np.bool_)),
        np.full(shape, phase),
        np.broadcast_to(in_phase, shape),
    )


def _gather(values: Floats, part: Steps) -> Floats:
    return np.take_along_axis(values, part, axis=1)


def _scatter(values: Cells, part: Steps, onto: Cells) -> Cells:
    np.put_along_axis(onto, part, values, axis=1)
    return onto
