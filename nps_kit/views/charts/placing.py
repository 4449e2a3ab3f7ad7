"""Where the dots of a funnel stand, and their names: where nothing else does, or not at all."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, floor, log, log10
from typing import NamedTuple

import altair as alt

from nps_kit.views.charts.layout import SIGNED, Align, cut, measure, score_scale
from nps_kit.views.palette import WIDTH

HEIGHT = 330
"""The height of the picture, in pixels."""

START = 52
"""Where the axis of answers begins."""

END = WIDTH - 56
"""Where it ends: what is written to its right needs the rest."""

_LINE = 13.0
_MOST_DECADES = 3


class Frame(NamedTuple):
    """Where things stand in the picture."""

    ticks: list[int]
    first: float
    last: float
    is_log: bool
    is_single: bool
    """Whether all groups have the same number of answers."""

    def x(self, answers: float) -> float:
        """Place a number of answers, in pixels."""
        if self.is_log:
            share = log(answers / self.first) / log(self.last / self.first)
        else:
            share = (answers - self.first) / (self.last - self.first)
        return START + share * (END - START)

    def y(self, value: float) -> float:
        """Place a score, in pixels from the top."""
        low, high = self.ticks[0], self.ticks[-1]
        return HEIGHT * (high - cut(value, self.ticks)) / (high - low)


class Box(NamedTuple):
    """A place in the picture, in pixels from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether two boxes share a place."""
        apart = (
            self.left >= other.right
            or other.left >= self.right
            or self.top >= other.bottom
            or other.top >= self.bottom
        )
        return not apart


class Name(NamedTuple):
    """A name that found its place: the corner it is written from."""

    text: str
    x: float
    top: float
    align: Align


def box_around(x: float, y: float, *, reach: float) -> Box:
    """Make the box of a dot."""
    return Box(x - reach, y - reach, x + reach, y + reach)


def place_name(
    text: str, *, x: float, y: float, size: float, taken: Sequence[Box]
) -> tuple[Name, Box] | None:
    """Find where a name may stand beside its dot; None where every place is taken.

    To the right of the dot comes first, then to its left, then above and below either way.
    """
    dot = box_around(x, y, reach=6)
    for align, box in _list_places(dot, width=measure(text, size=size) * 1.05):
        inside = box.left >= 0 and box.right <= WIDTH
        if inside and not any(box.meets(other) for other in taken):
            edge = box.left if align == "left" else box.right
            return Name(text, edge, box.top + 1, align), box
    return None


def _list_places(dot: Box, *, width: float) -> Iterator[tuple[Align, Box]]:
    middle = (dot.top + dot.bottom - _LINE) / 2
    for top in (middle, dot.top - _LINE, dot.bottom):
        yield "left", Box(dot.right, top, dot.right + width, top + _LINE)
        yield "right", Box(dot.left - width, top, dot.left, top + _LINE)


def make_axes(frame: Frame) -> tuple[alt.X, Callable[[str], alt.Y]]:
    """Make the axis of answers, and what places a column of scores on the other."""
    over = alt.X(
        "answers:Q",
        scale=alt.Scale(
            type="log" if frame.is_log else "linear",
            domain=[frame.first, frame.last],
            range=[START, END],
            nice=False,
            zero=False,
        ),
        axis=alt.Axis(
            values=_answer_ticks(frame),
            format=",d",
            grid=False,
            labelFlush=False,
            labelOverlap=False,
        ),
        title=None,
    )
    scale = score_scale(frame.ticks, start=HEIGHT, end=0)
    axis = alt.Axis(
        values=frame.ticks,
        format="d",
        labelExpr=SIGNED,
        grid=False,
        # On the line, inside the picture: nothing hangs to the left of the title.
        labelAlign="left",
        labelBaseline="bottom",
        labelPadding=0,
        labelOffset=-1,
    )

    def up(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=scale, axis=axis, title=None)

    return over, up


def _answer_ticks(frame: Frame) -> list[int]:
    """Find round numbers of answers within the axis."""
    if frame.is_single:
        return [round((frame.first + frame.last) / 2)]
    if frame.is_log:
        powers = range(floor(log10(frame.first)), ceil(log10(frame.last)) + 1)
        steps = [(1, 2, 5), (1, 3)][log10(frame.last / frame.first) > _MOST_DECADES]
        round_ones = [step * 10**power for power in powers for step in steps if power >= 0]
        return [answers for answers in round_ones if frame.first <= answers <= frame.last]
    rough = (frame.last - frame.first) / 6
    power = 10.0 ** floor(log10(rough))
    step = max(next(s * power for s in (1, 2, 5, 10) if s * power >= rough), 1)
    return [round(k * step) for k in range(ceil(frame.first / step), floor(frame.last / step) + 1)]
