"""Where the bands of a metric stand from left to right, and how their edges are named."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from nps_kit.views.charts.layout import Layer, draw_text, measure, wrap
from nps_kit.views.drivers import Dose
from nps_kit.views.palette import WIDTH
from nps_kit.views.wording import MINUS

START, END = 44.0, WIDTH - 96.0
"""Where the bands begin and end, in pixels."""

SMALL = 10.5
"""The size of the words beneath them."""

_AXIS = 26.0
_NARROWEST = 7.0
_MINUTE, _HOUR = 60, 3600
_DEEPEST = 3
_LINE = 15


class Frame(NamedTuple):
    """Where the bands stand, in units of the metric or counted from 0."""

    edges: list[tuple[float, float]]
    true: bool
    """Whether the axis is in the metric's unit; else all bands are as wide."""
    first: float
    last: float

    def x(self, value: float) -> float:
        """Place a value, in pixels."""
        return START + (value - self.first) / (self.last - self.first) * (END - START)


def frame_bands(shown: Sequence[Dose], *, unit: str) -> Frame:
    """Place the bands on an axis in the metric's unit, where it has edges and they have room."""
    edges = _find_edges(shown)
    # Nothing lies between one transfer and two.
    whole = not unit and all(end - start == 1 for start, end in edges)
    if edges and not whole:
        frame = Frame(edges, true=True, first=edges[0][0], last=edges[-1][1])
        if all(frame.x(end) - frame.x(start) >= _NARROWEST for start, end in edges):
            return frame
    size = len(shown)
    even = [(float(k), float(k + 1)) for k in range(size)]
    return Frame(even, true=False, first=0.0, last=float(size))


def _find_edges(shown: Sequence[Dose]) -> list[tuple[float, float]]:
    """Give where each band begins and ends; open ones are drawn as wide as their neighbour."""
    ends = [(dose.start, dose.end) for dose in shown]
    if len(ends) > 1:
        (start, end), (_, nearest) = ends[0], ends[1]
        if start is None and end is not None and nearest is not None:
            ends[0] = (end - (nearest - end), end)
        (start, end), (nearest, _) = ends[-1], ends[-2]
        if end is None and start is not None and nearest is not None:
            ends[-1] = (start, start + (start - nearest))
    edges = [(start, end) for start, end in ends if start is not None and end is not None]
    rises = all(start < end for start, end in edges)
    parted = all(end <= start for (_, end), (start, _) in pairwise(edges))
    return edges if len(edges) == len(shown) and rises and parted else []


def draw_names(
    shown: Sequence[Dose], frame: Frame, *, unit: str, top: float
) -> tuple[list[Layer], float]:
    """Name the edges of bands, or the bands, beneath a picture that ends at `top`.

    Returns
    -------
    The words, and how much room they take.
    """
    if frame.true:
        edges = {edge for band in frame.edges for edge in band}
        if shown[-1].end is None:
            edges.discard(frame.last)
        if shown[0].start is None:
            edges.discard(frame.first)
        return _name_edges(sorted(edges), frame, is_time=unit == "seconds", top=top), _AXIS
    width = (END - START) / len(shown)
    texts = [_wrap_name(dose.label, width=max(width - 4, 14.0)) for dose in shown]
    words: list[Layer] = [
        draw_text(
            lines,
            x=frame.x((start + end) / 2),
            y=top + 8,
            size=SMALL,
            align="center",
        )
        for lines, (start, end) in zip(texts, frame.edges, strict=True)
    ]
    return words, _AXIS + _LINE * (max(len(lines) for lines in texts) - 1)


def _wrap_name(label: str, *, width: float) -> list[str]:
    lines = wrap(label, size=SMALL, width=width)
    if len(lines) <= _DEEPEST:
        return lines
    return [*lines[: _DEEPEST - 1], f"{lines[_DEEPEST - 1]}…"]


def _name_edges(edges: Sequence[float], frame: Frame, *, is_time: bool, top: float) -> list[Layer]:
    """Name edges from the right, each that has room: the wide bands lie there."""
    words: list[Layer] = []
    free = END + 40
    for edge in reversed(edges):
        text = _write_edge(edge, is_time=is_time)
        x, half = frame.x(edge), measure(text, size=SMALL) / 2
        if x + half + 6 > free:
            continue
        free = x - half
        words.append(draw_text([text], x=x, y=top + 8, size=SMALL, align="center"))
    return words


def _write_edge(edge: float, *, is_time: bool) -> str:
    unit, size = "", 1
    if is_time and edge:
        unit, size = next(
            (name, seconds)
            for name, seconds in ((" h", _HOUR), (" min", _MINUTE), (" s", 1))
            if seconds == 1 or (abs(edge) >= seconds and edge % (seconds / 2) == 0)
        )
    return f"{edge / size:.6g}{unit}".replace("-", MINUS)
