"""The bands that numbers are cut into: where they are cut, and what the bands are called."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isfinite
from numbers import Integral, Real
from typing import Any

from nps_kit.errors import bad_option
from nps_kit.schema.metrics import find_column

SERVICE_BANDS: dict[str, tuple[float, ...]] = {
    # Half a minute is what most centres promise. Patience breaks off at two minutes and again at
    # five, which can only be seen with a band on either side of each.
    "wait_seconds": (30, 120, 300),
    # As the wait: up to half a minute is looking something up, two minutes are an interruption.
    "hold_seconds": (30, 120),
    # Six minutes are usual: shorter than five is brisk, ten and more is about twice the usual.
    "handle_seconds": (300, 600),
    # The first one hurts most; more than two are too rare to tell apart.
    "transfers": (1, 2),
    # Where quality forms usually draw the line: coaching is due below, and praise from 85 on.
    "qa_score": (70, 85),
}
"""Where service metrics are cut, unless said otherwise: few bands, each with many answers."""

FINE_BANDS: dict[str, tuple[float, ...]] = {
    "wait_seconds": (15, 30, 60, 90, 120, 180, 240, 300, 420, 540, 720),
    "hold_seconds": (15, 30, 60, 90, 120, 180, 240, 300),
    "handle_seconds": (120, 180, 240, 300, 420, 600, 900, 1200),
    "transfers": (1, 2, 3),
    "qa_score": (60, 65, 70, 75, 80, 85, 90),
}
"""Where they are cut to see the shape of a dose and its response: every edge above, and more."""

_ENDS: dict[str, tuple[float, float | None]] = {
    "seconds": (0, None),
    "0 to 100": (0, 100),
    "1 to 5": (1, 5),
    "1 (hard) to 7 (easy)": (1, 7),
}
"""By unit: the least and the greatest value there can be."""

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a metric: its label, and where it begins and ends.

    It holds `start` and not `end`. Null: the band is open, and the metric has no natural end there.
    """

    label: str
    start: float | None
    end: float | None


def read_bands(bands: object, *, caller: str) -> dict[str, tuple[float, ...]]:
    """Read which metrics are cut, and where: what the option `bands` takes.

    Raises
    ------
    OptionError
        Unless it gives each metric, by its name, the edges that cut it.
    """
    if not (isinstance(bands, Mapping) and all(isinstance(name, str) for name in bands)):
        rule = 'the edges of each metric: {"wait_seconds": (30, 120)}'
        raise bad_option(bands, caller=caller, option="bands", rule=rule)
    return {name: read_edges(edges, metric=name, caller=caller) for name, edges in bands.items()}


def read_edges(edges: object, *, metric: str, caller: str) -> tuple[float, ...]:
    """Read the edges that cut a metric, from any list of numbers.

    Raises
    ------
    OptionError
        Unless they are numbers that rise, one or more.
    """
    read: tuple[Any, ...] = ()
    if isinstance(edges, Iterable) and not isinstance(edges, str | AbstractSet | Mapping):
        read = tuple(edges)
    if not (
        read
        and all(isinstance(edge, Real) and isfinite(edge) for edge in read)
        # Labels show fifteen digits, and must differ.
        and all(
            float(_write_number(low)) < float(_write_number(high)) for low, high in pairwise(read)
        )
    ):
        rule = 'numbers that rise, one or more a column: {"wait_seconds": (30, 120)}'
        raise bad_option({metric: edges}, caller=caller, option="bands", rule=rule)
    return tuple(int(edge) if isinstance(edge, Integral) else float(edge) for edge in read)


def name_bands(name: str, edges: Sequence[float]) -> tuple[Band, ...]:
    """Name the bands that edges cut a metric into, in plain words and with its unit.

    Parameters
    ----------
    name
        The metric. One that the kit does not know is taken as plain numbers.
    edges
        Numbers that rise, one or more.

    Returns
    -------
    The bands as they rise, one more than `edges`. No two labels are alike.

    Examples
    --------
    >>> [band.label for band in name_bands("wait_seconds", (30, 120, 300))]
    ['under 30 s', '30 s to 2 min', '2 to 5 min', '5 min and over']
    >>> [band.label for band in name_bands("transfers", (1, 2))]
    ['none', '1', '2 or more']
    >>> [band.label for band in name_bands("qa_score", (70, 85))]
    ['under 70', '70 to 85', '85 and over']
    """
    column = find_column(name)
    unit = column.unit if column else None
    whole = column is not None and column.kind == "integer"
    cuts = [ceil(edge) for edge in edges]
    if unit == "seconds":
        labels = _label_times(edges)
    elif whole and len(set(cuts)) == len(cuts):
        labels = _label_whole(cuts, nothing="" if unit else "none")
    else:
        labels = _label_plain([_write_number(edge) for edge in edges])
    least, greatest = _ENDS.get(unit or "", (0 if whole else None, None))
    starts = [None if least is None or least >= edges[0] else least, *edges]
    ends = [*edges, None if greatest is None or greatest <= edges[-1] else greatest]
    return tuple(Band(*each) for each in zip(labels, starts, ends, strict=True))


def _write_number(number: float) -> str:
    return f"{number:.15g}"


def _label_plain(edges: Sequence[str]) -> list[str]:
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return [f"under {edges[0]}", *between, f"{edges[-1]} and over"]


def _label_times(edges: Sequence[float]) -> list[str]:
    """Label bands of seconds: in hours where those are whole, in minutes and halves of one."""
    times = [_split_time(edge) for edge in edges]
    told = [f"{number} {unit}" for number, unit in times]
    labels = _label_plain(told)
    for place, (low, high) in enumerate(pairwise(times)):
        if low[1] == high[1] or low[0] == "0":
            labels[place + 1] = f"{low[0]} to {told[place + 1]}"
    return labels


def _split_time(seconds: float) -> tuple[str, str]:
    if seconds and seconds % _HOUR == 0:
        return _write_number(seconds / _HOUR), "h"
    if seconds >= _MINUTE and seconds % (_MINUTE / 2) == 0:
        return _write_number(seconds / _MINUTE), "min"
    return _write_number(seconds), "s"


def _label_whole(cuts: Sequence[int], *, nothing: str) -> list[str]:
    """Label bands of whole numbers by the numbers they hold; `nothing` is the word for none."""

    def say(low: int, high: int) -> str:
        first = nothing if nothing and low == 0 else str(low)
        if low == high:
            return first
        if low + 1 == high:
            return f"{first} or {high}"
        return f"up to {high}" if first == nothing else f"{first} to {high}"

    first = say(0, cuts[0] - 1) if nothing and cuts[0] > 0 else f"under {cuts[0]}"
    return [first, *(say(low, high - 1) for low, high in pairwise(cuts)), f"{cuts[-1]} or more"]
