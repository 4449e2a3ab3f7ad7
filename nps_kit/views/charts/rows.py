"""Rows of a name, an interval, a point and its value: what every chart by group is made of.

Any signed quantity in points can stand in them: a score, a change, a shrunken score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Literal

import altair as alt

from nps_kit.views.charts.layout import across, at_x, at_x2, chart_of, cut, draw_text, measure, tips
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    FAINT,
    INK,
    INTERVAL,
    LABEL_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.wording import is_number, write_span

Look = Literal["faint", "quiet", "accent"]

MOST_ROWS = 12
"""Rows that one chart can carry and still be read."""

FAINT_NOTE = "Faint: too few answers to be ranked."

PLOT_END = WIDTH - 124
"""Where the axis ends, in pixels from the left: the columns of figures begin after it."""

VALUE_AT = WIDTH - 66
"""The right edge of the value."""

_ROW = 29
_HALF = MOST_ROWS // 2
_WIDEST_NAME = 210
_HEAD_SIZE = 11.5
_STEPS = (5, 10, 20, 25, 50)
_MOST_TICKS = 8
_LEAST_WIDE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name, the point with its bounds, and how both are written."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    shown: str
    """The value as it is written at the right."""
    answers: str
    """The answers behind it, as they are written at the far right."""
    look: Look = "quiet"
    strong: bool = False
    """Its name and figures are bold, whatever its look: what the page is about."""


def draw_rows(
    rows: Sequence[Row],
    *,
    ticks: Sequence[int],
    heading: str,
    column: str = "nps",
    value: str = "NPS",
    between: str = "",
) -> list[alt.Chart]:
    """Draw rows from the top: intervals first, points on top, names left, figures right.

    Parameters
    ----------
    rows
        The rows in the order in which they are read. A row without a value keeps its name.
    ticks
        The ticks of the axis, its ends the first and the last; zero is drawn where they hold it.
    heading
        What the rows are, above their names.
    column
        The column of the small table that the points come from.
    value
        Its head, above the written values.
    between
        Words for rows that were left out of the middle; empty: none were.

    Returns
    -------
    The layers, the first at the bottom; `measure_rows` gives their height.
    """
    start = plot_start([row.label for row in rows], heading)
    place, zero = across(ticks, start=start, end=PLOT_END)
    down = place_down(len(rows) + bool(between))
    told = [
        _tell(row, ticks=ticks, column=column, value=value)
        # Rows left out of the middle leave one place free.
        | {"place": k + (bool(between) and k >= _HALF)}
        for k, row in enumerate(rows)
    ]
    every_tip = tips("Group", value, "Interval", "Answers")
    layers: list[alt.Chart] = []
    for kind, (line, line_width, point, size, _) in _LOOKS.items():
        mine = [row for row in told if row["look"] == kind]
        if not mine:
            continue
        bounded = chart_of([row for row in mine if row["low"] is not None])
        valued = chart_of([row for row in mine if row[column] is not None])
        layers += [
            bounded.mark_rule(strokeWidth=line_width, color=line).encode(
                place("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            valued.mark_point(
                filled=kind != "faint",
                fill=PAPER if kind == "faint" else point,
                size=size,
                opacity=1,
                stroke=point if kind == "faint" else PAPER,
                strokeWidth=1.5,
            ).encode(place(column), down, tooltip=every_tip),
        ]
        for strong in (False, True):
            written = [
                told[k]
                for k, row in enumerate(rows)
                if row.look == kind and (row.strong or kind == "accent") is strong
            ]
            layers += _write_rows(written, value, kind=kind, strong=strong, down=down)
    return [*_draw_heads(heading, value), *zero, *layers, *_draw_gap(between, down)]


def measure_rows(rows: Sequence[Row], *, between: str = "") -> float:
    """Give the height in pixels of what `draw_rows` draws."""
    return _ROW * (len(rows) + bool(between))


def plot_start(labels: Sequence[str], heading: str) -> float:
    """Find where the axis begins: after the longest name, which is cut at a third of the width."""
    widest = max((measure(label, size=LABEL_SIZE) for label in labels), default=0.0)
    return 22 + min(max(widest, measure(heading, size=_HEAD_SIZE), 48), _WIDEST_NAME)


def place_down(places: int) -> alt.Y:
    """Place rows from the top by their column ``place``, counted from 0."""
    return alt.Y(
        "place:O",
        scale=alt.Scale(domain=list(range(places)), paddingOuter=0, paddingInner=0),
        axis=None,
    )


def change_ticks(bounds: Sequence[float | None]) -> list[int]:
    """Find the ticks of an axis of changes, from -200 to 200 at most: zero is always on it."""
    known = [bound for bound in bounds if is_number(bound)]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    room = max(_LEAST_WIDE - (high - low), 0) / 2
    low, high = low - room, high + room
    for step in _STEPS:
        first, last = floor(low / step) * step, ceil(high / step) * step
        if (last - first) // step < _MOST_TICKS:
            break
    return list(range(max(first, -200), min(last, 200) + 1, step))


def _tell(row: Row, *, ticks: Sequence[int], column: str, value: str) -> dict[str, Any]:
    """Give a row's numbers, and the same written out."""
    known = row.value is not None and is_number(row.low) and is_number(row.high)
    return {
        column: row.value,
        "low": cut(row.low, ticks) if known and row.low is not None else row.value,
        "high": cut(row.high, ticks) if known and row.high is not None else row.value,
        "Group": row.label,
        value: row.shown,
        "Interval": write_span(row.low, row.high, decimals=1) or "none",
        "Answers": row.answers,
        "look": row.look,
    }


def _write_rows(
    rows: Sequence[dict[str, Any]], value: str, *, kind: Look, strong: bool, down: alt.Y
) -> list[alt.Chart]:
    """Write the names and figures of rows that look alike."""
    if not rows:
        return []
    ink = _LOOKS[kind][-1]
    weight: Literal["bold", "normal"] = "bold" if strong else "normal"
    names = chart_of(rows)
    return [
        names.mark_text(align="left", limit=_WIDEST_NAME, color=ink, fontWeight=weight).encode(
            down,
            x=at_x(0),
            text=alt.Text("Group:N"),
            tooltip=tips("Group", value, "Interval", "Answers"),
        ),
        names.mark_text(align="right", color=ink, fontWeight=weight).encode(
            down, x=at_x(VALUE_AT), text=alt.Text(f"{value}:N")
        ),
        names.mark_text(align="right", color=ink if kind == "faint" else QUIET_INK).encode(
            down, x=at_x(WIDTH), text=alt.Text("Answers:N")
        ),
    ]


def _draw_heads(heading: str, value: str) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": -9.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    return [
        draw_text([heading or "Group"], **above),
        draw_text([value], x=VALUE_AT, align="right", **above),
        draw_text(["Answers"], x=WIDTH, align="right", **above),
    ]


def _draw_gap(between: str, down: alt.Y) -> list[alt.Chart]:
    if not between:
        return []
    gap = chart_of([{"place": _HALF, "between": f"… {between}"}])
    return [
        # The grid and the zero line break too: rows are left out here.
        gap.mark_rect(color=PAPER).encode(down, x=at_x(0), x2=at_x2(WIDTH)),
        gap.mark_text(align="left", color=QUIET_INK, fontStyle="italic").encode(
            down, x=at_x(0), text=alt.Text("between:N")
        ),
    ]


_LOOKS: dict[Look, tuple[str, float, str, int, str]] = {
    "faint": (INTERVAL, 1.5, FAINT, 46, QUIET_INK),
    "quiet": (INTERVAL, 7, POINT, 90, INK),
    "accent": (ACCENT_PALE, 7, ACCENT, 110, ACCENT),
}
"""Each look: the interval's colour and width, the point's colour and size, the words' colour."""
