"""Rows on an axis of their own: what the bridge and the segments are drawn on."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import altair as alt

from nps_kit.views.charts.layout import at_y, at_y2, chart_of, cut
from nps_kit.views.gave import Gave
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    FAINT,
    GRID,
    INK,
    INTERVAL,
    POINT,
    QUIET_INK,
    ZERO,
)
from nps_kit.views.wording import write_score, write_span

Look = Literal["faint", "quiet", "accent"]

ROW = 27
"""Height of a row."""

AXIS = 24
"""Height of what stands beneath the rows."""

WIDEST_NAME = 168
"""Where a name is cut."""

LOOKS: dict[Look, tuple[str, float, str, str]] = {
    "faint": (INTERVAL, 1.5, FAINT, QUIET_INK),
    "quiet": (INTERVAL, 6, POINT, INK),
    "accent": (ACCENT_PALE, 6, ACCENT, ACCENT),
}
"""Each look: the interval's colour and width, the point's colour, the words' colour."""

_TICK_SIZE = 11


class Panel(NamedTuple):
    """A stretch of the picture with an axis of its own, in pixels."""

    ticks: Sequence[int]
    start: float
    end: float
    top: float
    rows: int

    @property
    def foot(self) -> float:
        """Where its last row ends."""
        return self.top + ROW * self.rows

    def across(self, column: str) -> alt.X:
        """Place a column from left to right."""
        scale = alt.Scale(
            domain=[self.ticks[0], self.ticks[-1]],
            range=[self.start, self.end],
            nice=False,
            zero=False,
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


def draw_axis(panel: Panel) -> list[alt.Chart]:
    """Draw the lines of an axis down its rows, with their values beneath."""
    lines = [{"tick": tick, "Label": write_score(tick), "zero": tick == 0} for tick in panel.ticks]
    layers: list[alt.Chart] = []
    for zero, colour in ((False, GRID), (True, ZERO)):
        mine = [line for line in lines if line["zero"] is zero]
        if not mine:
            continue
        layers.append(
            chart_of(mine)
            .mark_rule(color=colour, strokeWidth=1)
            .encode(panel.across("tick"), y=at_y(panel.top), y2=at_y2(panel.foot))
        )
    labels = chart_of(lines).mark_text(baseline="top", color=QUIET_INK, fontSize=_TICK_SIZE)
    layers.append(
        labels.encode(panel.across("tick"), y=at_y(panel.foot + 5), text=alt.Text("Label:N"))
    )
    return layers


def tell_gave(part: Gave, *, base: float, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a part's numbers, counted from `base`, and the same written out."""
    low, high = (part.points if bound is None else bound for bound in (part.low, part.high))
    return {
        "to": cut(base + part.points, ticks),
        "low": cut(base + low, ticks),
        "high": cut(base + high, ticks),
        "Points": part.score() if part.value is not None else "\u2013",
        "Interval": write_span(part.low, part.high, decimals=1) or "none",
    }
