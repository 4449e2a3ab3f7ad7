"""Rows of a name, an interval, a point and figures, on an axis of their own."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import altair as alt

from nps_kit.scale import BANDS
from nps_kit.views.charts.layout import (
    Align,
    Layer,
    at_x,
    at_y,
    at_y2,
    chart_of,
    draw_text,
    measure,
    tips,
)
from nps_kit.views.charts.outcomes.axes import TICK_SIZE
from nps_kit.views.outcomes import Line
from nps_kit.views.palette import (
    BAND_INKS,
    FAINT,
    GRID,
    INK,
    INTERVAL,
    LABEL_SIZE,
    PAPER,
    QUIET_INK,
    WIDTH,
    ZERO,
)
from nps_kit.views.wording import is_number, start_sentence, write_count

ROW = 30
"""Height of a row."""

FOOT = 26
"""Height of the axis beneath the rows."""

HEAD_SIZE = 11.5
"""Size of the words above the columns."""

MOST_ROWS = 12
"""Rows that one chart can carry and still be read."""

_WIDEST_NAME = 200
_DECIMALS = 9
"""Of a place: the last digits of a sum follow the order in which rows came."""
_PALES = dict(zip(BANDS, ("#f0c3b2", "#d5dade", "#a9c6c9"), strict=True))
"""The colours of the bands, for intervals beneath their points."""


Row = dict[str, Any]
_Style = TypeVar("_Style", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Mark:
    """One row: its name, its point with bounds, and the figures as they are written."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    figures: tuple[str, ...]
    colour: str = INK
    pale: str = INTERVAL
    ink: str = INK
    few: bool = False
    head: bool = False
    """Whether it only names the rows beneath it."""
    indent: float = 0.0


class Panel(NamedTuple):
    """A stretch of the picture with an axis of its own, in pixels."""

    ticks: Sequence[float]
    labels: Sequence[str]
    start: float
    end: float
    top: float
    rows: int
    is_log: bool = False
    line: float = 0.0
    """The value that is marked by a darker line, where the axis holds it."""

    @property
    def foot(self) -> float:
        """Where its last row ends."""
        return self.top + ROW * self.rows

    def across(self, column: str) -> alt.X:
        """Place a column from left to right."""
        scale = alt.Scale(
            type="log" if self.is_log else "linear",
            domain=[self.ticks[0], self.ticks[-1]],
            range=[self.start, self.end],
            nice=False,
            zero=alt.Undefined if self.is_log else False,
        )
        return alt.X(f"{column}:Q", scale=scale, axis=None)

    def down(self) -> alt.Y:
        """Place rows from the top by their column ``place``."""
        scale = alt.Scale(
            # Points alone would be given a point scale, which knows no inner padding.
            type="band",
            domain=list(range(self.rows)),
            range=[self.top, self.foot],
            paddingOuter=0,
            paddingInner=0,
        )
        return alt.Y("place:O", scale=scale, axis=None)

    def cut(self, value: float) -> float:
        """Keep a bound within the axis."""
        return min(max(value, self.ticks[0]), self.ticks[-1])


def draw_axis(panel: Panel, *, named: str = "") -> list[alt.Chart]:
    """Draw the lines of an axis down its rows, with their values beneath, and name its line."""
    lines = [
        {"tick": tick, "Label": label, "main": tick == panel.line}
        for tick, label in zip(panel.ticks, panel.labels, strict=True)
    ]
    layers: list[alt.Chart] = []
    for main, colour in ((False, GRID), (True, ZERO)):
        mine = [line for line in lines if line["main"] is main]
        if mine:
            layers.append(
                chart_of(mine)
                .mark_rule(color=colour, strokeWidth=1)
                .encode(panel.across("tick"), y=at_y(panel.top), y2=at_y2(panel.foot))
            )
    labels = chart_of(lines).mark_text(baseline="top", color=QUIET_INK, fontSize=TICK_SIZE)
    layers.append(
        labels.encode(panel.across("tick"), y=at_y(panel.foot + 5), text=alt.Text("Label:N"))
    )
    if named:
        here = chart_of([{"tick": panel.line, "Label": named}])
        # At an end of the axis it must not run into the heads beside it.
        align: Align = "left" if panel.line == panel.ticks[0] else "center"
        align = "right" if panel.line == panel.ticks[-1] else align
        layers.append(
            here.mark_text(
                align=align, baseline="bottom", color=QUIET_INK, fontSize=HEAD_SIZE
            ).encode(panel.across("tick"), y=at_y(panel.top - 9), text=alt.Text("Label:N"))
        )
    return layers


def draw_heads(panel: Panel, heading: str, columns: Sequence[tuple[str, float]]) -> list[alt.Chart]:
    """Name the rows, and the columns of figures by their right edges."""
    above: dict[str, Any] = {"y": panel.top - 9, "size": HEAD_SIZE, "baseline": "bottom"}
    heads = [draw_text([name], x=x, align="right", **above) for name, x in columns]
    return [*([draw_text([heading], **above)] if heading else []), *heads]


def draw_marks(
    marks: Sequence[Mark],
    panel: Panel,
    *,
    column: str,
    columns: Sequence[tuple[str, float]],
) -> list[Layer]:
    """Draw rows from the top: intervals first, points on top, names left, figures right.

    Parameters
    ----------
    marks
        The rows. One without a value keeps its name and its figures.
    panel
        Where they stand.
    column
        The column of the small table that the points come from.
    columns
        The heads of the figures, with their right edges in pixels.

    Returns
    -------
    The layers, the first at the bottom.
    """
    down = panel.down()
    told = [(mark, _tell(mark, panel, column, columns, place=k)) for k, mark in enumerate(marks)]
    every_tip = tips("Name", *(head for head, _ in columns))
    layers: list[Layer] = []
    # Uncertainty first, the points on top of it.
    for colour, rows in _group((_line_of(mark), row) for mark, row in told if "low" in row):
        layers.append(
            chart_of(rows)
            .mark_rule(strokeWidth=1.5 if colour[1] else 9, color=colour[0])
            .encode(panel.across("low"), alt.X2("high:Q"), down, tooltip=every_tip)
        )
    for (colour_of, few), rows in _group(
        ((mark.colour, mark.few), row) for mark, row in told if column in row
    ):
        layers.append(
            chart_of(rows)
            .mark_point(
                filled=not few,
                fill=PAPER if few else colour_of,
                size=46 if few else 64,
                opacity=1,
                stroke=FAINT if few else colour_of,
                strokeWidth=1.5 if few else 0,
            )
            .encode(panel.across(column), down, tooltip=every_tip)
        )
    for (ink, head, indent), rows in _group(
        ((QUIET_INK if mark.few else mark.ink, mark.head, mark.indent), row) for mark, row in told
    ):
        layers.append(
            chart_of(rows)
            .mark_text(
                align="left",
                limit=panel.start - 18 - indent,
                color=ink,
                fontWeight="bold" if head else "normal",
            )
            .encode(down, x=at_x(indent), text=alt.Text("Name:N"), tooltip=every_tip)
        )
    for few, rows in _group((mark.few, row) for mark, row in told if not mark.head):
        base = chart_of(rows)
        layers += [
            base.mark_text(
                align="right",
                color=QUIET_INK if few or k else INK,
                fontWeight="normal" if few or k else "bold",
            ).encode(down, x=at_x(x), text=alt.Text(f"{head}:N"))
            for k, (head, x) in enumerate(columns)
        ]
    return layers


def _line_of(mark: Mark) -> tuple[str, bool]:
    return (INTERVAL if mark.few else mark.pale, mark.few)


def _group(styled: Iterable[tuple[_Style, Row]]) -> list[tuple[_Style, list[Row]]]:
    """Put rows of one look together, so that they are one layer."""
    groups: dict[_Style, list[Row]] = {}
    for style, row in styled:
        groups.setdefault(style, []).append(row)
    return list(groups.items())


def _tell(
    mark: Mark, panel: Panel, column: str, columns: Sequence[tuple[str, float]], *, place: int
) -> dict[str, Any]:
    """Give a row's numbers, and the same written out."""
    row: dict[str, Any] = {"place": place, "Name": mark.name}
    if mark.value is not None:
        row[column] = round(panel.cut(mark.value), _DECIMALS)
    if mark.low is not None and mark.high is not None:
        ends = {"low": mark.low, "high": mark.high}
        row |= {name: round(panel.cut(end), _DECIMALS) for name, end in ends.items()}
    return row | dict(zip((head for head, _ in columns), mark.figures, strict=False))


def runs_past(marks: Sequence[Mark], panel: Panel) -> str:
    """Say in the footnote that an interval runs past the axis, where one does."""
    bounds = [each for mark in marks for each in (mark.low, mark.high) if is_number(each)]
    past = any(panel.cut(each) != each for each in bounds)
    return "Some intervals run past the axis." if past else ""


def bounds_of(marks: Sequence[Mark]) -> list[float]:
    """Collect what an axis must hold: wide intervals of few customers must not set the scale."""
    judged = [mark for mark in marks if not mark.few] or list(marks)
    ends = [each for mark in judged for each in (mark.low, mark.high)]
    return [each for each in (*ends, *(mark.value for mark in marks)) if is_number(each)]


def lay_columns(
    heads: Sequence[str], figures: Iterable[Sequence[str]]
) -> tuple[list[tuple[str, float]], float]:
    """Find the right edges of the columns of figures, and where the axis must end."""
    rows = [row for row in figures if row]
    columns: list[tuple[str, float]] = []
    right = float(WIDTH)
    for k in reversed(range(len(heads))):
        bold = 1.0 if k else 1.06
        widest = max(
            measure(heads[k], size=HEAD_SIZE),
            *(bold * measure(row[k], size=LABEL_SIZE) for row in rows),
        )
        columns.insert(0, (heads[k], right))
        right -= widest + 18
    return columns, right - 12


def find_start(marks: Sequence[Mark], heading: str) -> float:
    """Find where the axis begins: after the longest name, which is cut at a third of the width."""
    widest = max((measure(mark.name, size=LABEL_SIZE) + mark.indent for mark in marks), default=0)
    return 26 + min(max(widest, measure(heading, size=HEAD_SIZE), 56), _WIDEST_NAME)


def choose_groups(
    groups: Sequence[tuple[Line, ...]],
) -> tuple[Sequence[tuple[Line, ...]], str]:
    """Choose the groups that fit, those of most customers, in their order; and say what is not."""
    heads = len(groups) > 1
    room, kept = MOST_ROWS, set[int]()
    for k in sorted(range(len(groups)), key=lambda k: -sum(line.n for line in groups[k])):
        rows = len(groups[k]) + heads
        if rows > room and kept:
            break
        room -= rows
        kept.add(k)
    left = len(groups) - len(kept)
    shown = [group for k, group in enumerate(groups) if k in kept]
    return shown, f"Not drawn: {write_count(left, 'smaller group')}." if left else ""


def list_marks(
    groups: Sequence[tuple[Line, ...]],
    tell: Callable[[Line], tuple[float | None, float | None, float | None, tuple[str, ...]]],
) -> list[Mark]:
    """List the rows: each group under its name, its bands in their order."""
    marks: list[Mark] = []
    for group in groups:
        if group[0].spoken:
            marks.append(Mark(group[0].group, None, None, None, (), head=True))
        indent = 14.0 if group[0].spoken else 0.0
        for line in group:
            value, low, high, figures = tell(line)
            colours = _colour_band(line.band)
            name = start_sentence(line.band)
            marks.append(
                Mark(name, value, low, high, figures, *colours, few=line.few, indent=indent)
            )
    return marks


def _colour_band(band: str) -> tuple[str, str, str]:
    """Give the colours of a band: of its point, of its interval, of its name."""
    ink = BAND_INKS.get(band, INK)
    return ink, _PALES.get(band, INTERVAL), ink
