"""Names beside dots: where nothing else stands, with a line to the dot where that is far off."""

from collections.abc import Iterator
from typing import NamedTuple

from nps_kit.views.charts.layout import Align, measure
from nps_kit.views.charts.placing import Box, box_around

LINE = 15.0
"""Height of a line of text."""

_REACH = 7.0
_STEPS = tuple(sign * step * LINE for step in range(1, 9) for sign in (-1, 1))
_OFFS = (0.0, 40.0, 90.0)
_POINTS = 10


class Label(NamedTuple):
    """A name that found its place, and where the line to it ends; no line where it is near."""

    x: float
    y: float
    align: Align
    lead: float | None


class Taken(NamedTuple):
    """What is drawn already; both grow with each name."""

    solid: list[Box]
    """Dots and words: nothing may cross them."""
    thin: list[Box]
    """Lines: a name is not put on them where it can be helped, but a line may cross them."""


def place_label(
    text: str, *, x: float, y: float, size: float, taken: Taken, within: Box
) -> Label | None:
    """Find where a name may stand, the nearest place first, and mark it as taken.

    Parameters
    ----------
    text, size
        The name, and the size of its letters.
    x, y
        Its dot, in pixels.
    taken
        What is drawn already.
    within
        Where it must stay.

    Returns
    -------
    The label, its `y` the middle of the line; None where all is taken.
    """
    width = measure(text, size=size) * 1.05
    places = sorted(_list_places(x, y, width), key=lambda place: place.far)
    # Its own dot does not bar the way of its line.
    others = [box for box in taken.solid if not box.meets(box_around(x, y, reach=1))]
    for avoided in ([*taken.solid, *taken.thin], taken.solid):
        for place in places:
            box = place.box
            inside = within.left <= box.left and box.right <= within.right
            inside = inside and within.top <= box.top and box.bottom <= within.bottom
            if not inside or any(box.meets(other) for other in avoided):
                continue
            edge, away = (box.left, -3) if place.align == "left" else (box.right, 3)
            lead = edge + away if place.far else None
            label = Label(edge, (box.top + box.bottom) / 2, place.align, lead)
            line = _follow(x, y, label)
            if any(point.meets(other) for point in line for other in others):
                continue
            taken.solid.append(box)
            taken.thin.extend(line)
            return label
    return None


class _Place(NamedTuple):
    align: Align
    box: Box
    far: float
    """How far from the dot it is; 0: beside it."""


def _follow(x: float, y: float, label: Label) -> list[Box]:
    """Give the points of the line from a dot to its label."""
    if label.lead is None:
        return []
    shares = [k / _POINTS for k in range(1, _POINTS)]
    return [
        box_around(x + share * (label.lead - x), y + share * (label.y - y), reach=1.5)
        for share in shares
    ]


def _list_places(x: float, y: float, width: float) -> Iterator[_Place]:
    """List the places beside the dot, above and below it, and ever farther off."""
    dot, half = box_around(x, y, reach=_REACH), LINE / 2
    for off in _OFFS:
        for step in (0.0, *_STEPS):
            is_far = abs(step) > LINE or bool(off)
            # Right above the dot a name may begin over it.
            aside = off + 12 if is_far else -5.0 if step else 0.0
            far = abs(step) + 1.5 * off if is_far else 0.0
            left, right = dot.right + aside, dot.left - aside
            top, bottom = y + step - half, y + step + half
            yield _Place("left", Box(left, top, left + width, bottom), far)
            yield _Place("right", Box(right - width, top, right, bottom), far)
