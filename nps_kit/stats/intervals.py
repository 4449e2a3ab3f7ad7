"""The interval of one score: arrays of counts in, arrays of bounds out.

Every function takes the answers of each band (whole or effective numbers, one element a group)
and gives the lower and the upper bound in points. Bounds are as the formula has them, not clipped
to the scale: the score interval never leaves it, the other two can. Where there is no answer they
are NaN, which `estimate_nps` turns into nulls.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Bounds = tuple[Floats, Floats]

PSEUDO = (0.75, 1.5, 0.75)
"""What the adjusted Wald interval adds to detractors, passives and promoters."""

SMALL = 10
"""Under this many answers `auto` takes the score interval."""

RULES = ("adjusted_wald", "score", "envelope")
"""What `auto` can settle on; `choose` gives the place in this list."""

_ADJUSTED, _SCORE, _ENVELOPE = range(len(RULES))

# Halving the scale of 200 points this often leaves 1e-12 points.
_HALVINGS = 48

# Groups worked on together: few enough for the processor's cache, which makes it three times
# as fast as all two hundred thousand at once.
_TOGETHER = 8192


def quantile_of(level: float, degrees: Floats | None = None) -> float | Floats:
    """Half-width of the central `level` of a normal, or of Student's t, in standard errors."""
    # The lower tail, mirrored: one less a tiny number would lose it.
    tail = (1 - level) / 2
    if degrees is None:
        return float(-special.ndtri(tail))
    known = np.where(degrees > 0, degrees, np.nan)
    return np.asarray(-special.stdtrit(known, tail), dtype=np.float64)


def _moments(detractors: Floats, passives: Floats, promoters: Floats) -> tuple[Floats, Floats]:
    """Score on -1 to 1 and its standard error; NaN where there is no answer."""
    n = detractors + passives + promoters
    n = np.where(n > 0, n, np.nan)
    # n squared times the variance. Written so, nothing is subtracted: it cannot fall below zero,
    # nor lose its digits where nearly all answers are alike.
    spread = passives * (detractors + promoters) + 4 * detractors * promoters
    return (promoters - detractors) / n, np.sqrt(spread / n) / n


def wald(
    detractors: Floats,
    passives: Floats,
    promoters: Floats,
    *,
    level: float,
    degrees: Floats | None = None,
) -> Bounds:
    """Make the plain normal interval.

    Parameters
    ----------
    detractors, passives, promoters
        Answers of each band, one element a group.
    level
        Probability that the interval aims to cover.
    degrees
        Degrees of freedom of Student's t, one element a group, instead of the normal quantile.

    Returns
    -------
    Lower and upper bounds in points; they can leave the scale.

    Notes
    -----
    Half-width ``z * sqrt((p + d - (p - d)**2) / n)``, with the shares p of promoters and d of
    detractors. It has no width where all answers are alike, and covers too little under about a
    hundred answers.

    Examples
    --------
    >>> low, high = wald(np.array([30.0]), np.array([20.0]), np.array([50.0]), level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (2.9, 37.1)
    """
    centre, error = _moments(detractors, passives, promoters)
    half = quantile_of(level, degrees) * error
    return 100 * (centre - half), 100 * (centre + half)


def adjusted_wald(
    detractors: Floats,
    passives: Floats,
    promoters: Floats,
    *,
    level: float,
    degrees: Floats | None = None,
) -> Bounds:
    """Make the Wald interval of the counts with `PSEUDO` added.

    Parameters
    ----------
    detractors, passives, promoters, level, degrees
        As in `wald`.

    Returns
    -------
    Lower and upper bounds in points; they can leave the scale.

    Notes
    -----
    One of the variations on the adjusted Wald interval that Rocks (2016), "Interval estimation
    for the Net Promoter Score", The American Statistician 70(4), found superior to the plain one.
    Its centre lies nearer zero than the score.

    Examples
    --------
    >>> low, high = adjusted_wald(np.array([4.0]), np.array([6.0]), np.array([20.0]), level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (23.5, 73.5)
    """
    empty = detractors + passives + promoters <= 0
    low, high = wald(
        detractors + PSEUDO[0],
        passives + PSEUDO[1],
        promoters + PSEUDO[2],
        level=level,
        degrees=degrees,
    )
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def score(
    detractors: Floats,
    passives: Floats,
    promoters: Floats,
    *,
    level: float,
    degrees: Floats | None = None,
) -> Bounds:
    """Make the score interval of Tango (1998): all scores that a score test would not reject.

    Parameters
    ----------
    detractors, passives, promoters, level, degrees
        As in `wald`.

    Returns
    -------
    Lower and upper bounds in points; never outside the scale, and always around the score.

    Notes
    -----
    Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17, 891-908: discordant pairs are promoters and
    detractors, concordant ones passives. A bound is found by halving, which cannot fail: the
    closed form (a quartic) loses its digits where n is large.

    Examples
    --------
    >>> low, high = score(np.array([3.0]), np.array([20.0]), np.array([9.0]), level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (-2.7, 39.0)
    """
    n = detractors + passives + promoters
    quantile = quantile_of(level, degrees)
    # The lower bound is the upper one of the mirrored answers.
    low = -_upper_score_bound(promoters, detractors, n, quantile)
    high = _upper_score_bound(detractors, promoters, n, quantile)
    known = (n > 0) & ~np.isnan(quantile)
    return np.where(known, 100 * low, np.nan), np.where(known, 100 * high, np.nan)


def _upper_score_bound(
    detractors: Floats, promoters: Floats, n: Floats, quantile: float | Floats
) -> Floats:
    """Find the score at which the test statistic, falling as the score rises, passes -quantile."""
    found = np.empty_like(n)
    quantiles = np.broadcast_to(quantile, n.shape)
    for start in range(0, n.size, _TOGETHER):
        part = slice(start, start + _TOGETHER)
        found[part] = _halve(detractors[part], promoters[part], n[part], quantiles[part])
    return found


def _halve(detractors: Floats, promoters: Floats, n: Floats, quantiles: Floats) -> Floats:
    surplus = promoters - detractors
    below = surplus / np.where(n > 0, n, 1.0)
    above = np.ones_like(below)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        error = np.sqrt(n * null_variance(detractors, promoters, n, middle))
        accepted = n * middle - surplus < quantiles * error
        below = np.where(accepted, middle, below)
        above = np.where(accepted, above, middle)
    return (below + above) / 2


def null_variance(detractors: Floats, promoters: Floats, n: Floats, truth: Floats) -> Floats:
    """Variance of one answer if the score were `truth`, its other shares as likely as can be."""
    # Mirrored so that the truth is not negative: then `tilt` is not, and the discriminant adds.
    negative = truth < 0
    fewer = np.where(negative, promoters, detractors)
    more = np.where(negative, detractors, promoters)
    size = np.abs(truth)
    slope = (2 * n - more + fewer) * size - (more + fewer)
    tilt = fewer * size * (1 - size)
    root = np.sqrt(slope * slope + 8 * n * tilt)
    # The positive root of 2n q^2 + slope q - tilt, by whichever form adds like signs: q is the
    # likeliest share of the smaller band.
    total = root + np.abs(slope)
    top = np.where(slope > 0, 2 * tilt, total)
    bottom = np.where(slope > 0, total, 4 * n)
    share = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return np.asarray(2 * share + size * (1 - size), dtype=np.float64)


def choose(detractors: Floats, passives: Floats, promoters: Floats) -> Codes:
    """Choose the rule that `auto` follows, as places in `RULES`.

    Parameters
    ----------
    detractors, passives, promoters
        As in `wald`.

    Returns
    -------
    For each group: the score interval under `SMALL` answers, the envelope where nobody is a
    detractor or nobody a promoter, the adjusted Wald interval otherwise.
    """
    # Effective numbers carry rounding dust: ten must not count as fewer than ten.
    n = np.round(detractors + passives + promoters, 9)
    chosen = np.where((detractors == 0) | (promoters == 0), _ENVELOPE, _ADJUSTED)
    return np.where(n < SMALL, _SCORE, chosen).astype(np.int8)


def auto(
    detractors: Floats,
    passives: Floats,
    promoters: Floats,
    *,
    level: float,
    degrees: Floats | None = None,
) -> Bounds:
    """Make the interval that `choose` names for each group.

    Parameters
    ----------
    detractors, passives, promoters, level, degrees
        As in `wald`.

    Returns
    -------
    Lower and upper bounds in points; they can leave the scale.

    Notes
    -----
    The envelope is the lower of the two lower bounds and the higher of the two higher ones, of
    the adjusted Wald and the score interval: either alone covers too little where the true share
    of an end band is zero or nearly so.

    Examples
    --------
    >>> low, high = auto(np.array([0.0]), np.array([6.0]), np.array([14.0]), level=0.95)
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (38.4, 85.5)
    """
    low, high = adjusted_wald(detractors, passives, promoters, level=level, degrees=degrees)
    chosen = choose(detractors, passives, promoters)
    # Halving costs a hundred times what a formula does: only for the rows that need it.
    slow = np.flatnonzero(chosen != _ADJUSTED)
    inner_low, inner_high = score(
        detractors[slow],
        passives[slow],
        promoters[slow],
        level=level,
        degrees=None if degrees is None else degrees[slow],
    )
    wide = chosen[slow] == _ENVELOPE
    low[slow] = np.where(wide, np.minimum(low[slow], inner_low), inner_low)
    high[slow] = np.where(wide, np.maximum(high[slow], inner_high), inner_high)
    return low, high


METHODS: dict[str, Callable[..., Bounds]] = {
    "auto": auto,
    "adjusted_wald": adjusted_wald,
    "score": score,
    "wald": wald,
}
"""The methods by the names that `estimate_nps` takes."""
