"""What every chart shares: title, subtitle and footnote in place, text that fits, sensible axes.

Names from the data are only ever data values or plain strings, never part of a Vega expression.
Rows are placed by number and named by text marks, so two groups of one name stay two rows.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor
from typing import Any, Literal, cast

import altair as alt

from nps_kit.views.groups import Group
from nps_kit.views.palette import (
    LABEL_SIZE,
    NOTE_SIZE,
    QUIET_INK,
    SUBTITLE_SIZE,
    TITLE_SIZE,
    WIDTH,
    ZERO,
)
from nps_kit.views.wording import clean, is_number, write_score, write_span

Align = Literal["left", "center", "right"]
Layer = alt.Chart | alt.LayerChart

SIGNED = "datum.value > 0 ? '+' + datum.label : datum.label"
"""Labels of an axis of scores: the plus sign that the number format has no room for."""

_NARROW = frozenset("ijlftrI.,:;|!'()[]-\u2013 ·")
_WIDE = frozenset("mwMW@%\u2014")
_BOLD = 1.06
_LINE = 15
_STEPS = (5, 10, 20, 25, 50)
_MOST_TICKS = 8
_ZERO_WITHIN = 40


def measure(text: str, *, size: float) -> float:
    """Measure the width of a text in pixels, roughly and the same on every machine."""
    return size * sum(_width(sign) for sign in text)


def _width(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.0
    if sign in _NARROW:
        return 0.32
    if sign in _WIDE:
        return 0.88
    return 0.68 if sign.isupper() else 0.56


def wrap(text: str, *, size: float, width: float = WIDTH) -> list[str]:
    """Break a text into lines no wider than `width`; a word that is wider is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _words(clean(paragraph), size=size, width=width):
            if line and measure(f"{line} {word}", size=size) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        if line:
            lines.append(line)
    return lines


def _words(text: str, *, size: float, width: float) -> list[str]:
    words: list[str] = []
    for word in text.split(" "):
        if word == "%" and words:
            words[-1] += " %"
            continue
        rest = word
        while measure(rest, size=size) > width:
            fits = next(k for k in range(len(rest), 0, -1) if measure(rest[:k], size=size) <= width)
            words.append(rest[:fits])
            rest = rest[fits:]
        words.append(rest)
    return words


def rows_of(values: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Hand rows to altair as plain values."""
    return alt.InlineData(values=[dict(row) for row in values])


class Sheet(alt.Chart):
    """A chart whose copies share what it is made of: altair copies it with every step."""

    def __deepcopy__(self, _memo: object) -> "Sheet":
        """Copy the chart alone; nothing here changes a part once it is made."""
        return self.copy(deep=False)


at_x: Callable[[float], alt.XValue] = alt.XValue
"""Where something stands in pixels, not by the data; so the next three."""
at_x2: Callable[[float], alt.X2Value] = alt.X2Value
at_y: Callable[[float], alt.YValue] = alt.YValue
at_y2: Callable[[float], alt.Y2Value] = alt.Y2Value


def chart_of(values: Sequence[Mapping[str, Any]]) -> Sheet:
    """Begin a chart of rows."""
    return Sheet(rows_of(values))


def join_parts(*parts: str) -> str:
    """Join the parts of a subtitle: those that are there, semicolons between."""
    return "; ".join(part for part in parts if part)


def join_notes(*notes: str) -> str:
    """Join the sentences of a footnote."""
    return " ".join(note.strip() for note in notes if note.strip())


def finish(
    layers: Sequence[Layer],
    *,
    title: str,
    subtitle: str,
    note: str,
    description: str,
    height: float,
    note_gap: float = 24,
    apart: Sequence[Literal["x", "y"]] = (),
) -> alt.LayerChart:
    """Put layers together under their title, with the footnote beneath.

    Layers share their scales, but for those of `apart`.
    """
    below = [draw_text(wrap(note, size=NOTE_SIZE), y=height + note_gap)] if note else []
    parts: dict[str, Any] = {}
    if title:
        parts["title"] = alt.Title(
            # A finding is a sentence; above a picture it goes without its full stop.
            text=wrap(title.removesuffix("."), size=TITLE_SIZE * _BOLD),
            subtitle=wrap(subtitle, size=SUBTITLE_SIZE),
        )
    if apart:
        own: dict[str, Any] = dict.fromkeys(apart, "independent")
        parts["resolve"] = alt.Resolve(scale=alt.ScaleResolveMap(**own))
    # All at once: whatever is added later copies every layer again.
    return stack(
        [*layers, *below],
        width=WIDTH,
        height=height,
        description=clean(f"{title.removesuffix('.')}. {description}" if title else description),
        **parts,
    )


def stack(layers: Sequence[Layer], **properties: Any) -> alt.LayerChart:  # noqa: ANN401
    """Lay charts over one another, the first at the bottom."""
    # alt.layer() is typed to give a FacetChart too, which it does only for facets.
    return cast("alt.LayerChart", alt.layer(*layers, **properties))


def draw_text(
    lines: Sequence[str],
    *,
    x: float = 0,
    y: float = 0,
    size: float = NOTE_SIZE,
    colour: str = QUIET_INK,
    align: Align = "left",
    weight: Literal["normal", "bold"] = "normal",
    baseline: Literal["top", "bottom"] = "top",
) -> alt.Chart:
    """Draw fixed text at a place in pixels."""
    words = chart_of([{}]).mark_text(
        text=list(lines),
        align=align,
        baseline=baseline,
        fontSize=size,
        fontWeight=weight,
        color=colour,
        lineHeight=_LINE if size < LABEL_SIZE else size * 1.35,
    )
    placed: alt.Chart = words.encode(x=at_x(x), y=at_y(y))
    return placed


def draw_nothing(text: str, *, title: str, note: str = "") -> alt.LayerChart:
    """Say quietly that there is nothing to see."""
    lines = wrap(text, size=LABEL_SIZE, width=WIDTH - 32)
    height = 20 * len(lines) + 20
    panel = (
        chart_of([{}])
        .mark_rect(color="#f5f6f7", cornerRadius=3)
        .encode(x=at_x(0), x2=at_x2(WIDTH), y=at_y(0), y2=at_y2(height))
    )
    words = draw_text(lines, x=16, y=12, size=LABEL_SIZE)
    said = "" if clean(title) == clean(text) else title
    return finish(
        [panel, words],
        title=said,
        subtitle="",
        note=note,
        description=text,
        height=height,
        note_gap=12,
    )


def score_ticks(bounds: Sequence[float | None]) -> list[int]:
    """Find the ticks of an axis of scores that holds all of `bounds`, and zero where it is near.

    The first and the last tick are the ends of the axis.
    """
    known = [bound for bound in bounds if is_number(bound)] or [0.0]
    low, high = max(min(known), -100), min(max(known), 100)
    if 0 < low <= _ZERO_WITHIN:
        low = 0
    if -_ZERO_WITHIN <= high < 0:
        high = 0
    low, high = _widen(low, high)
    for step in _STEPS:
        first, last = floor(low / step) * step, ceil(high / step) * step
        if (last - first) // step < _MOST_TICKS:
            break
    first, last = max(first, -100), min(last, 100)
    return list(range(first, last + 1, step))


def _widen(low: float, high: float) -> tuple[float, float]:
    least = 20
    if high - low >= least:
        return low, high
    middle = min(max((low + high) / 2, least / 2 - 100), 100 - least / 2)
    return min(low, middle - least / 2), max(high, middle + least / 2)


def score_scale(ticks: Sequence[int], *, start: float, end: float) -> alt.Scale:
    """Make the scale of an axis of scores that runs from pixel `start` to pixel `end`."""
    return alt.Scale(domain=[ticks[0], ticks[-1]], range=[start, end], nice=False, zero=False)


def across(
    ticks: Sequence[int], *, start: float, end: float, flush: bool = False
) -> tuple[Callable[[str], alt.X], list[alt.Chart]]:
    """Make what places a column of scores from left to right, and the line of zero.

    Zero is where promoters and detractors are equal; it is drawn where the axis holds it.
    """
    scale = score_scale(ticks, start=start, end=end)
    axis = alt.Axis(values=list(ticks), format="d", labelExpr=SIGNED, labelFlush=flush)

    def place(column: str) -> alt.X:
        return alt.X(f"{column}:Q", scale=scale, axis=axis, title=None)

    zero = chart_of([{"zero": 0}]).mark_rule(color=ZERO, strokeWidth=1)
    return place, [zero.encode(place("zero"))] if ticks[0] <= 0 <= ticks[-1] else []


def cut(value: float, ticks: Sequence[int]) -> float:
    """Keep a bound within the axis; a wide interval of few answers may run past it."""
    return min(max(value, ticks[0]), ticks[-1])


def ticks_for(groups: Sequence[Group]) -> list[int]:
    """Find the ticks for intervals: few answers have wide ones, which must not set the scale."""
    bounds = [b for group in groups if group.ranked for b in (group.low, group.high)]
    if not bounds:
        bounds = [b for group in groups for b in (group.low, group.high)]
    return score_ticks([*bounds, *(group.nps for group in groups)])


def runs_past(groups: Sequence[Group], ticks: Sequence[int]) -> str:
    """Say in the footnote that an interval runs past the axis, where one does."""
    bounds = [b for group in groups for b in (group.low, group.high) if is_number(b)]
    past = any(bound != cut(bound, ticks) for bound in bounds)
    return "Some intervals run past the axis." if past else ""


def tell_group(group: Group, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a row's numbers, and the same written out."""
    scored = group.nps is not None
    low = group.low if is_number(group.low) else group.score
    high = group.high if is_number(group.high) else group.score
    return {
        "nps": group.nps,
        "low": cut(low, ticks),
        "high": cut(high, ticks),
        "Group": group.label,
        "NPS": write_score(group.score) if scored else "\u2013",
        "Interval": write_span(group.low, group.high, decimals=1) or "none",
        "Answers": f"{group.n:,}",
    }


def tips(*columns: str) -> list[alt.Tooltip]:
    """Show columns that are already written out, under their own names, when pointed at."""
    return [alt.Tooltip(f"{column}:N", title=column) for column in columns]
