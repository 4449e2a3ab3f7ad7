"""The axes of amounts and of ratios: their ticks, as many as have room, and their labels."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

from nps_kit.views.charts.layout import measure
from nps_kit.views.outcomes.words import MILLION
from nps_kit.views.wording import MINUS

TICK_SIZE = 11
"""Size of the labels beneath an axis."""

_MOST_TICKS = 7
_LEADS = (1.0, 2.0, 2.5, 5.0, 10.0)
_FINE = (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2)
_PLAIN = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10)
_DOUBLE = tuple(2.0**power for power in range(-6, 7))
_TENS = tuple(10.0**power for power in range(-4, 5))


def linear_ticks(bounds: Sequence[float], *, most: int = _MOST_TICKS) -> list[float]:
    """Find the ticks of an axis of amounts; zero is always on it."""
    low, high = min([*bounds, 0.0]), max([*bounds, 0.0])
    if high <= low:
        high = 1.0
    power = 10.0 ** floor(log10((high - low) / most))
    step = next(
        lead * power
        for lead in (*_LEADS, 20.0, 50.0, 100.0)
        if ceil(high / (lead * power)) - floor(low / (lead * power)) <= most
    )
    return [k * step for k in range(floor(low / step), max(ceil(high / step), 1) + 1)]


def lay_axis(
    bounds: Sequence[float], write: Callable[[float, int], str], *, room: float
) -> tuple[list[float], list[str]]:
    """Find the ticks of an axis of amounts and their labels, as many as have room."""
    for most in range(_MOST_TICKS, 1, -1):
        ticks = linear_ticks(bounds, most=most)
        labels = label_ticks(ticks, write)
        widest = max(measure(label, size=TICK_SIZE) for label in labels) + 12
        if widest * (len(labels) - 1) <= room:
            break
    return ticks, labels


def label_ticks(ticks: Sequence[float], write: Callable[[float, int], str]) -> list[str]:
    """Write the ticks with as few decimals as tell them apart."""
    step = ticks[1] - ticks[0]
    decimals = next((k for k in range(8) if abs(round(step, k) - step) < step * 1e-6), 8)
    return [write(tick, decimals) for tick in ticks]


def write_tick(tick: float, decimals: int) -> str:
    """Write a plain number beneath an axis."""
    if abs(tick) >= MILLION:
        return f"{tick / MILLION:,.6g} m".replace("-", MINUS)
    text = f"{abs(tick):,.{decimals}f}"
    return MINUS + text if tick < 0 and float(text.replace(",", "")) else text


def ratio_ticks(bounds: Sequence[float]) -> list[float]:
    """Find the ticks of a logarithmic axis of ratios; 1 is always on it."""
    known = [each for each in bounds if each > 0]
    low, high = min([*known, 1.0]), max([*known, 1.0])
    for choice in (_FINE, _PLAIN, _DOUBLE, _TENS):
        first = max((tick for tick in choice if tick <= low), default=None)
        last = min((tick for tick in choice if tick >= high), default=None)
        if first is None or last is None:
            continue
        ticks = [tick for tick in choice if first <= tick <= last]
        if len(ticks) <= _MOST_TICKS + 1:
            return ticks if len(ticks) > 1 else [0.5, 0.7, 1, 1.5, 2]
    return list(_TENS)


def label_ratios(ticks: Sequence[float]) -> list[str]:
    """Write the ticks of an axis of ratios."""
    return [f"{tick:,.6g}" for tick in ticks]
