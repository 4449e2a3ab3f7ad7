"""The rules of a control chart: arrays of points in, one mark a point out.

Rows are series, columns their points in order of time, without gaps: points that do not take part
are left out before, and NaN fills a shorter series up at its end. NaN breaks every rule. The rules
are those of the "Making Data Count" packs of the NHS, as the R package NHSRplotthedots has them.
"""

import numpy as np
import numpy.typing as npt

from nps_kit.stats.intervals import Floats

Marks = npt.NDArray[np.bool_]
Steps = npt.NDArray[np.int64]

RUN = 7
"""Points in a row on one side of the centre that are marked."""

TREND = 7
"""Points in a row, each beyond the one before, that are marked."""

_NEAR_OF = 3
_NEAR = 2

# A score is a sum divided by a count: the last digit says nothing.
_A_HAIR = 1e-9
_END = 100.0


def find_side(points: Floats, centre: Floats) -> Steps:
    """Tell the side of the centre: -1 below, 1 above, 0 on it or where there is no point.

    Parameters
    ----------
    points, centre
        The scores and their centre, one row a series.

    Returns
    -------
    The side of each point.
    """
    beyond = np.where(np.isnan(points) | np.isnan(centre), 0.0, points - centre)
    return np.where(np.abs(beyond) > _A_HAIR, np.sign(beyond), 0).astype(np.int64)


def leave_ends(side: Steps, points: Floats) -> Steps:
    """Put points at an end of the scale on no side, where at least half of the points are there.

    Where every answer of most periods is a promoter, the centre lies a little under 100, and a
    usual period above it.

    Parameters
    ----------
    side, points
        The sides, as `find_side` tells them, and the scores.

    Returns
    -------
    The side of each point.
    """
    judged = (~np.isnan(points)).sum(axis=1, keepdims=True)
    for end in (-1, 1):
        there = end * points >= _END - _A_HAIR
        usual = 2 * there.sum(axis=1, keepdims=True) >= judged
        side = np.where(there & usual, 0, side)
    return side


def mark_outside(points: Floats, low: Floats, high: Floats) -> Marks:
    """Mark the points outside their limits; a point on a limit is inside.

    Parameters
    ----------
    points, low, high
        The scores and their limits, one row a series.

    Returns
    -------
    Whether each point lies outside.
    """
    return (points < low - _A_HAIR) | (points > high + _A_HAIR)


def count_run(side: Steps) -> Steps:
    """Count how many points in a row, up to each one, lie on its side of the centre.

    Parameters
    ----------
    side
        As `find_side` tells it.

    Returns
    -------
    The length of the run that each point ends or is in so far; 0 on the centre.
    """
    length = np.zeros_like(side)
    if side.shape[1]:
        length[:, 0] = np.abs(side[:, 0])
    for place in range(1, side.shape[1]):
        same = (side[:, place] == side[:, place - 1]) & (side[:, place] != 0)
        length[:, place] = np.where(same, length[:, place - 1] + 1, np.abs(side[:, place]))
    return length


def mark_runs(side: Steps, *, length: int = RUN) -> Marks:
    """Mark every point of `length` or more in a row on one side of the centre.

    Parameters
    ----------
    side
        As `find_side` tells it.
    length
        How many make a run.

    Returns
    -------
    Whether each point is part of such a run.
    """
    return _spread(count_run(side) >= length, back=length)


def find_trends(points: Floats, *, length: int = TREND) -> Steps:
    """Tell the points of `length` or more in a row that all rise, or all fall.

    Parameters
    ----------
    points
        The scores, one row a series.
    length
        How many points make a trend: one more than its moves.

    Returns
    -------
    The direction of the trend that each point is part of: -1 falls, 1 rises, 0 none. Where one
    ends and the next begins at one point, the rise is told.
    """
    moves = np.zeros(points.shape, np.int64)
    moves[:, 1:] = find_side(points[:, 1:], points[:, :-1])
    ends = count_run(moves) >= length - 1
    rises = _spread(ends & (moves > 0), back=length)
    falls = _spread(ends & (moves < 0), back=length)
    return np.where(rises, 1, np.where(falls, -1, 0))


def mark_near(side: Steps, near: Marks) -> Marks:
    """Mark two of three points in a row that lie near the same limit, the third on their side.

    Parameters
    ----------
    side
        As `find_side` tells it.
    near
        Whether a point is beyond two thirds of the way to a limit, but not outside it: a point
        outside does not count as near.

    Returns
    -------
    Whether each point is one of the two (or three) near ones; the third is not marked.
    """
    held = np.where(near, side, 0)
    marks = np.zeros(side.shape, np.bool_)
    for last in range(_NEAR_OF - 1, side.shape[1]):
        window = slice(last - _NEAR_OF + 1, last + 1)
        together = np.abs(side[:, window].sum(axis=1)) == _NEAR_OF
        enough = np.abs(held[:, window].sum(axis=1)) >= _NEAR
        marks[:, window] |= near[:, window] & (together & enough)[:, None]
    return marks


def _spread(ends: Marks, *, back: int) -> Marks:
    """Mark the points that end a stretch, and those before them that belong to it."""
    marks = ends.copy()
    for step in range(1, min(back, ends.shape[1])):
        marks[:, :-step] |= ends[:, step:]
    return marks
