"""A sheet to draw an exercise on: dots, words, lines and blocks, each at its place in pixels.

An exercise is read on a telephone too: the sheet is narrow, its words are large, and the finding
stands above it as text, which breaks where the screen ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

import altair as alt
from altair.utils.schemapi import debug_mode

from nps_kit.views.charts.layout import Align, measure, rows_of, stack
from nps_kit.views.palette import INK, PAPER, QUIET_INK
from nps_kit.views.wording import clean

SHEET_WIDTH = 540
WORD = 15.0
SMALL_WORD = 13.5
BIG_WORD = 26.0

Weight = Literal["normal", "bold"]
_DEPTH = ("block", "line", "halo", "dot", "word")
"""What lies beneath what."""

Sign = Literal["circle", "cross"]

_SIGNS = {"circle": "circle", "cross": "M-0.5,-0.5L0.5,0.5M0.5,-0.5L-0.5,0.5"}


class Span(NamedTuple):
    """An axis of points: which values lie between which pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Find the pixel of a value; one past an end lies on it."""
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


@dataclass
class Sheet:
    """What is drawn; of one kind of mark, the later lies on top."""

    height: float
    marks: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def dot(
        self,
        x: float,
        y: float,
        *,
        fill: str,
        stroke: str = PAPER,
        size: float = 200,
        edge: float = 1.5,
        tip: str = "",
        sign: Sign = "circle",
    ) -> None:
        """Put down a dot; an empty one has the colour of the paper."""
        look = {"fill": fill, "stroke": stroke, "size": size, "edge": edge}
        self.marks.append((f"dot {sign}", {"x": x, "y": y, **look, "tip": tip}))

    def word(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = WORD,
        colour: str = INK,
        align: Align = "left",
        weight: Weight = "normal",
        halo: str = "",
    ) -> None:
        """Put down a word, its middle at the height given; a halo keeps lines off it."""
        row = {"x": x, "y": y, "text": clean(text), "size": size, "colour": colour}
        if halo:
            self.marks.append((f"halo {align} {weight}", {**row, "colour": halo}))
        self.marks.append((f"word {align} {weight}", row))

    def line(
        self,
        x: float,
        y: float,
        x2: float,
        y2: float,
        *,
        colour: str = QUIET_INK,
        width: float = 1,
        dashed: bool = False,
    ) -> None:
        """Put down a straight line."""
        row = {"x": x, "y": y, "x2": x2, "y2": y2, "colour": colour, "width": width}
        self.marks.append((f"line {'dashed' if dashed else 'whole'}", row))

    def block(self, x: float, y: float, x2: float, y2: float, *, fill: str, tip: str = "") -> None:
        """Put down a filled rectangle."""
        self.marks.append(("block", {"x": x, "y": y, "x2": x2, "y2": y2, "fill": fill, "tip": tip}))

    def finish(self, description: str) -> alt.LayerChart:
        """Make the chart: a layer for each kind of mark, for a browser draws few of them faster."""
        kinds: dict[str, list[dict[str, Any]]] = {}
        for kind, row in self.marks:
            kinds.setdefault(kind, []).append(row)
        ordered = sorted(kinds, key=lambda kind: _DEPTH.index(kind.split()[0]))
        # Checked against the schema by tests; here the hand waits.
        with debug_mode(False):  # noqa: FBT003 - altair takes it so
            layers = [_draw(kind.split(), kinds[kind]) for kind in ordered]
            return stack(layers).properties(
                width=SHEET_WIDTH, height=self.height, description=clean(description)
            )

    def axis(self, span: Span, ticks: Sequence[int], *, top: float, bottom: float) -> None:
        """Put down an axis of scores: a fine line a tick, and its number beneath."""
        for tick in ticks:
            x = span.at(tick)
            zero = tick == 0
            self.line(x, top, x, bottom, colour="#8b959d" if zero else "#e6e9eb")
        for tick in ticks:
            said = f"+{tick}" if tick > 0 else str(tick).replace("-", "\u2212")
            self.word(
                span.at(tick), bottom + 13, said, size=SMALL_WORD, colour=QUIET_INK, align="center"
            )


def fit(text: str, *, size: float, width: float) -> str:
    """Shorten a text to a width in pixels, with an ellipsis in place of what is gone."""
    text = clean(text)
    if measure(text, size=size) <= width:
        return text
    while text and measure(f"{text}\u2026", size=size) > width:
        text = text[:-1]
    return f"{text.rstrip()}\u2026"


def _draw(kind: list[str], rows: list[dict[str, Any]]) -> alt.Chart:
    base = alt.Chart(rows_of(rows))
    across = alt.X("x", type="quantitative", scale=None, axis=None)
    down = alt.Y("y", type="quantitative", scale=None, axis=None)
    name, *look = kind
    drawn: alt.Chart
    if name == "dot":
        drawn = base.mark_point(
            shape=_SIGNS[look[0]], opacity=1, filled=False, fillOpacity=1
        ).encode(
            across,
            down,
            fill=_plain(alt.Fill, "fill"),
            stroke=_plain(alt.Stroke, "stroke"),
            size=_number(alt.Size, "size"),
            strokeWidth=_number(alt.StrokeWidth, "edge"),
            **_tip(rows),
        )
    elif name in ("word", "halo"):
        drawn = base.mark_text(
            strokeWidth=5 if name == "halo" else 0,
            strokeJoin="round",
            align=cast("Align", look[0]),
            baseline="middle",
            fontWeight=cast("Weight", look[1]),
        ).encode(
            across,
            down,
            text=alt.Text("text", type="nominal"),
            size=_number(alt.Size, "size"),
            color=_plain(alt.Color, "colour"),
            **({"stroke": _plain(alt.Stroke, "colour")} if name == "halo" else {}),
        )
    elif name == "line":
        drawn = base.mark_rule(strokeDash=[3, 3] if look[0] == "dashed" else [1, 0]).encode(
            across,
            down,
            x2=alt.X2("x2"),
            y2=alt.Y2("y2"),
            color=_plain(alt.Color, "colour"),
            strokeWidth=_number(alt.StrokeWidth, "width"),
        )
    else:
        drawn = base.mark_rect().encode(
            across,
            down,
            x2=alt.X2("x2"),
            y2=alt.Y2("y2"),
            color=_plain(alt.Color, "fill"),
            **_tip(rows),
        )
    return drawn


def _plain(channel: Any, name: str) -> Any:  # noqa: ANN401 - any of altair's channels
    return channel(name, type="nominal", scale=None, legend=None)


def _number(channel: Any, name: str) -> Any:  # noqa: ANN401 - any of altair's channels
    return channel(name, type="quantitative", scale=None, legend=None)


def _tip(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not any(row["tip"] for row in rows):
        return {}
    return {"tooltip": [alt.Tooltip("tip", type="nominal", title=" ")]}
