"""Whether groups differ at all: one judgement of all of them together."""

import numpy as np
from scipy import special

from nps_kit.stats.intervals import Floats

_LEAST = 1e-9


def judge_answers(bands: Floats) -> float | None:
    """Test whether all groups have the same score.

    Parameters
    ----------
    bands
        Answers of each band: a row a group.

    Returns
    -------
    The chance of scores as far apart if the answers were dealt to the groups at random; None with
    fewer than two groups that have answers.

    Notes
    -----
    The weighted sum of squares between groups, of the scores -1, 0 and 1. Its mean and variance
    under all ways to deal the answers out are exact. The chance is the larger of two: by the gamma
    distribution of that mean and variance, which is the wider one for few lopsided answers in
    groups of very different size, and by the chi-square distribution, wider in small groups of one
    size. Either alone raises a false alarm too often in the other's place.
    """
    n = bands.sum(axis=1)
    bands, n = bands[n > 0], n[n > 0]
    if n.size < 2:  # noqa: PLR2004 - one group has nothing to differ from
        return None
    total = n.sum()
    shares = bands.sum(axis=0) / total
    centre = shares[2] - shares[0]
    points = np.array([-1.0, 0.0, 1.0]) - centre
    variance = float(shares @ points**2)
    if variance < _LEAST or total <= n.size:
        return 1.0
    points /= np.sqrt(variance)
    sums = bands @ points
    found = float((sums**2 / n).sum())
    mean, spread = _dealt(n, total=float(total), fourth=float(shares @ points**4))
    if spread < _LEAST * mean**2:
        return 1.0
    dealt = special.gammaincc(mean**2 / spread, found * mean / spread)
    plain = special.chdtrc(n.size - 1, found * (n.size - 1) / mean)
    return float(max(dealt, plain))


def _dealt(n: Floats, *, total: float, fourth: float) -> tuple[float, float]:
    """Give mean and variance of the sum of squares when answers of variance 1 are dealt out."""
    groups = float(n.size)
    two, three, four = (max(total - less, 1.0) for less in (1, 2, 3))
    # Mean products of two, three and four different answers.
    cubes = -fourth / two
    squares = (total - fourth) / two
    pair = (2 * fourth - total) / (two * three)
    all_four = (3 * total - 6 * fourth) / (two * three * four)
    own = (
        fourth * (1 / n)
        + (4 * cubes + 3 * squares) * (n - 1) / n
        + 6 * pair * (n - 1) * (n - 2) / n
        + all_four * (n - 1) * (n - 2) * (n - 3) / n
    )
    less = n - 1
    cross = (
        squares * groups * (groups - 1)
        + 2 * pair * (groups - 1) * less.sum()
        + all_four * (less.sum() ** 2 - (less**2).sum())
    )
    mean = (groups - 1) * total / two
    return mean, max(float(own.sum() + cross) - mean**2, 0.0)


def judge_standards(changes: Floats, errors: Floats, *, rest: Floats) -> float | None:
    """Test whether any group differs from what was expected of it.

    Parameters
    ----------
    changes
        Difference of each group, in points.
    errors
        Its standard error where chance alone divides the answers; 0 where nothing can vary.
    rest
        How much of each group's standard comes from other groups.

    Returns
    -------
    The p-value; None with fewer than two groups.

    Notes
    -----
    Under chance the squared differences, over their variances and times `rest`, add up to the sum
    of `rest` on average, whatever the mixes. In one stratum the sum is chi-square with one degree
    less than there are groups. Where mixes differ it varies by no more than a chi-square of the
    same mean, so the test is the more cautious the less the groups have in common.
    """
    if changes.size < 2:  # noqa: PLR2004 - one group has nothing to differ from
        return None
    ratio = np.divide(changes, errors, out=np.zeros_like(changes), where=errors > _LEAST)
    return float(special.gammaincc(rest.sum() / 2, rest @ ratio**2 / 2))


def judge_changes(changes: Floats, errors: Floats) -> float | None:
    """Test whether all groups differ alike, where their differences are independent.

    Parameters
    ----------
    changes
        Difference of each group, in points.
    errors
        Its standard error; infinite where there is none.

    Returns
    -------
    The p-value of Cochran's Q; None with fewer than two groups that have a difference.
    """
    known = np.isfinite(errors)
    if known.sum() < 2:  # noqa: PLR2004 - one group has nothing to differ from
        return None
    change, weight = changes[known], 1 / errors[known] ** 2
    off = change - np.average(change, weights=weight)
    return float(special.chdtrc(known.sum() - 1, weight @ off**2))
