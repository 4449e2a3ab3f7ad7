"""Staying and leaving from counts: arrays of days in, arrays of shares and bounds out."""

from typing import NamedTuple

import numpy as np
from scipy import special

from nps_kit.stats.intervals import Floats, quantile_of


class Curve(NamedTuple):
    """One group followed over time, one element a day on which someone left."""

    days: Floats
    """Days on which someone left, rising."""
    at_risk: Floats
    """Still followed when that day began."""
    leaving: Floats
    """Left on that day."""
    staying: Floats
    """Share that stays past it (Kaplan and Meier)."""
    scatter: Floats
    """Greenwood's sum: the variance of the share, over its square."""
    longest: float
    """The last day on which anyone was followed; NaN where nobody was."""
    n: float
    """All who were followed."""
    stops: Floats
    """All days on which anyone's clock stopped, rising."""
    left_over: Floats
    """Still followed when each of those began."""


class Area(NamedTuple):
    """Days kept within a horizon, and the variance of that."""

    days: float
    variance: float


def follow(days: Floats, left: Floats, n: Floats) -> Curve:
    """Follow one group: the product-limit estimate of Kaplan and Meier (1958), from counts.

    Parameters
    ----------
    days
        Days that each cell was followed.
    left
        1 where its people then left, else 0.
    n
        People in the cell.

    Returns
    -------
    The curve. Who leaves on a day is at risk on it, and so is who is lost sight of on it.
    """
    some = n > 0
    days, left, n = days[some], left[some], n[some]
    stops, place = np.unique(days, return_inverse=True)
    gone = np.bincount(place, weights=n, minlength=stops.size)
    leaving = np.bincount(place, weights=n * left, minlength=stops.size)
    at_risk = np.cumsum(gone[::-1])[::-1].astype(np.float64)
    event = leaving > 0
    risk, events = at_risk[event].astype(np.float64), leaving[event].astype(np.float64)
    rest = risk - events
    staying: Floats = np.cumprod(rest / risk).astype(np.float64)
    with np.errstate(divide="ignore"):
        scatter = np.cumsum(events / (risk * rest))
    longest = float(stops[-1]) if stops.size else np.nan
    return Curve(
        stops[event], risk, events, staying, scatter, longest, float(n.sum()), stops, at_risk
    )


def read(curve: Curve, days: Floats, *, level: float) -> tuple[Floats, ...]:
    """Read a curve at days: at risk, left until then, staying and its bounds; NaN past its end.

    Notes
    -----
    Greenwood's variance on the log of the log, as lifelines and most packages have it. Until
    someone leaves, and once nobody is left, that has no width: then the bounds are exact ones for
    a share of none (or, from above, those of the day before).
    """
    place = np.searchsorted(curve.days, days, side="right") - 1
    seen = days <= curve.longest
    spot = np.maximum(place, 0)
    some = place >= 0
    staying = np.where(some, _pick(curve.staying, spot), 1.0)
    low, high = _bound(curve, level=level)
    # The rule of three and its kin: nobody of so many left.
    tail = (1 - level) / 2
    still = np.searchsorted(curve.stops, days, side="left")
    risk = np.where(
        still < curve.stops.size, _pick(curve.left_over, np.minimum(still, _last(curve))), 0.0
    )
    with np.errstate(divide="ignore"):
        none = np.where(risk > 0, tail ** (1 / np.maximum(risk, 1e-300)), 0.0)
    low = np.where(some, _pick(low, spot), none)
    high = np.where(some, _pick(high, spot), 1.0)
    left = np.where(some, _pick(np.cumsum(curve.leaving), spot), 0.0)
    found = (risk, left, staying, low, high)
    return tuple(np.where(seen, each, np.nan) for each in found)


def _last(curve: Curve) -> int:
    return max(curve.stops.size - 1, 0)


def _pick(values: Floats, places: Floats) -> Floats:
    return values[places] if values.size else np.full(places.shape, np.nan)


def _bound(curve: Curve, *, level: float) -> tuple[Floats, Floats]:
    width = float(quantile_of(level))
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(curve.staying)
        error = np.sqrt(curve.scatter) / np.abs(log)
        low = np.exp(log * np.exp(width * error))
        high = np.exp(log * np.exp(-width * error))
    over = curve.staying == 0
    if over.any():
        before = high[-2] if high.size > 1 else 1 - ((1 - level) / 2) ** (1 / curve.at_risk[-1])
        low, high = np.where(over, 0.0, low), np.where(over, before, high)
    return low, high


def keep_until(curve: Curve, horizon: float, *, discount: float) -> Area:
    """Add up the days that one member of the group stays within a horizon.

    Parameters
    ----------
    curve
        The group.
    horizon
        Days, not beyond the end of the curve (NaN there).
    discount
        What a day counts less than the day before, as a continuous rate.

    Returns
    -------
    The area under the curve (restricted mean), discounted, with Greenwood's variance.
    """
    if not horizon <= curve.longest:
        return Area(np.nan, np.nan)
    within = curve.days < horizon
    edges = np.concatenate([[0.0], curve.days[within], [horizon]])
    heights = np.concatenate([[1.0], curve.staying[within]])
    lengths = -np.diff(np.exp(-discount * edges)) / discount if discount else np.diff(edges)
    parts = heights * lengths
    # What still follows each day on which someone left.
    follows = np.cumsum(parts[::-1])[::-1][1:]
    risk, gone = curve.at_risk[within], curve.leaving[within]
    rest = risk - gone
    # Where the last one left nothing follows, and nothing varies.
    weight = np.divide(gone, risk * rest, out=np.zeros_like(risk), where=rest > 0)
    return Area(float(parts.sum()), float(np.sum(follows**2 * weight)))


def find_rank_chance(groups: list[tuple[Floats, Floats, Floats]]) -> float:
    """Test by log-rank whether groups leave alike; each is (days, left, n).

    Returns
    -------
    The p-value of a chi-squared with one degree of freedom fewer than there are groups (Mantel
    1966); NaN where fewer than two groups were followed, or nobody left.
    """
    groups = [each for each in groups if each[2].sum() > 0]
    if len(groups) < 2:  # noqa: PLR2004 - one group stands against nothing
        return np.nan
    times = np.unique(np.concatenate([days[(left > 0) & (n > 0)] for days, left, n in groups]))
    if not times.size:
        return np.nan
    risk = np.stack([_still(days, n, times) for days, _, n in groups])
    gone = np.stack([_leave(days, left * n, times) for days, left, n in groups])
    all_risk, all_gone = risk.sum(axis=0), gone.sum(axis=0)
    share = risk / all_risk
    less = (gone - all_gone * share).sum(axis=1)
    spread = np.where(all_risk > 1, all_gone * (all_risk - all_gone), 0.0)
    spread /= np.maximum(all_risk - 1, 1)
    variance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    # One group less: what they lack together is nothing.
    rest, within = less[:-1], variance[:-1, :-1]
    statistic = float(rest @ np.linalg.pinv(within) @ rest)
    return float(special.chdtrc(len(groups) - 1, statistic))


def _still(days: Floats, n: Floats, times: Floats) -> Floats:
    order = np.argsort(days)
    total = np.concatenate([[0.0], np.cumsum(n[order])])
    still: Floats = total[-1] - total[np.searchsorted(days[order], times, side="left")]
    return still


def _leave(days: Floats, gone: Floats, times: Floats) -> Floats:
    place = np.searchsorted(times, days)
    inside = (place < times.size) & (gone > 0)
    found = np.bincount(place[inside], weights=gone[inside], minlength=times.size)
    return found.astype(np.float64)
