"""What each segment gave to a change: who answered and how they scored, beside each other."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from nps_kit.views.changes import PART_WORDS, Change, Moved
from nps_kit.views.charts.layout import at_x, chart_of, cut, draw_text, measure, stack, tips
from nps_kit.views.charts.panels import (
    LOOKS,
    WIDEST_NAME,
    Panel,
    draw_axis,
    tell_gave,
)
from nps_kit.views.charts.rows import change_ticks
from nps_kit.views.gave import Gave
from nps_kit.views.palette import LABEL_SIZE, PAPER, WIDTH
from nps_kit.views.wording import name_column, shorten, start_sentence

PAIR = ("mix", "rate")
"""The parts that a segment is drawn with."""

_HEAD_SIZE = 11.5
_FIGURES = 52
_GAP = 22
_LONGEST_HEAD = 26


def draw_segments(change: Change, shown: Sequence[Moved], *, top: float) -> list[Any]:
    """Draw who answered and how they scored beside each other, a row a segment."""
    widest = max(measure(segment.label, size=LABEL_SIZE) for segment in shown)
    start = 22 + min(max(widest, 80), WIDEST_NAME)
    half = (WIDTH - start - _GAP) / 2
    ticks = segment_ticks(shown)
    drawn: list[Any] = [_draw_names(change, shown, top=top)]
    for place, name in enumerate(PAIR):
        left = start + place * (half + _GAP)
        panel = Panel(ticks, start=left, end=left + half - _FIGURES, top=top, rows=len(shown))
        drawn += [
            draw_text(
                [start_sentence(PART_WORDS[name])],
                x=left,
                y=top - 6,
                size=_HEAD_SIZE,
                baseline="bottom",
            ),
            _draw_gave(change, shown, name=name, panel=panel),
        ]
    return drawn


def segment_ticks(shown: Sequence[Moved]) -> list[int]:
    """Find the ticks for what segments gave; the wide intervals of few answers set no scale."""
    wide = [segment for segment in shown if not segment.few] or shown
    bounds = [bound for part in _parts_of(wide) for bound in (part.low, part.high)]
    return change_ticks([*bounds, *(part.value for part in _parts_of(shown))])


def run_past(shown: Sequence[Moved]) -> bool:
    """Tell whether an interval is wider than the axis."""
    ticks = segment_ticks(shown)
    bounds = [bound for part in _parts_of(shown) for bound in (part.low, part.high)]
    return any(bound is not None and bound != cut(bound, ticks) for bound in bounds)


def _parts_of(shown: Sequence[Moved]) -> list[Gave]:
    return [segment.parts[name] for segment in shown for name in PAIR]


def _draw_names(change: Change, shown: Sequence[Moved], *, top: float) -> alt.LayerChart:
    panel = Panel([0, 1], start=0, end=WIDTH, top=top, rows=len(shown))
    rows = [
        {"place": place, "Group": segment.label, "look": _look_at(change, segment)}
        for place, segment in enumerate(shown)
    ]
    heading = start_sentence(" and ".join(name_column(name) for name in change.by)) or "Segment"
    head = [shorten(heading, most=_LONGEST_HEAD)]
    layers: list[alt.Chart] = [draw_text(head, y=top - 6, size=_HEAD_SIZE, baseline="bottom")]
    for look, (_, _, _, ink) in LOOKS.items():
        mine = [row for row in rows if row["look"] == look]
        if not mine:
            continue
        layers.append(
            chart_of(mine)
            .mark_text(
                align="left",
                limit=WIDEST_NAME,
                color=ink,
                fontWeight="bold" if look == "accent" else "normal",
            )
            .encode(panel.down(), x=at_x(0), text=alt.Text("Group:N"), tooltip=tips("Group"))
        )
    return stack(layers)


def _draw_gave(
    change: Change, shown: Sequence[Moved], *, name: str, panel: Panel
) -> alt.LayerChart:
    """Draw what one part gave in each segment: interval, point, figure."""
    rows = [
        {"place": place, "Group": segment.label, "look": _look_at(change, segment, part=name)}
        | tell_gave(segment.parts[name], base=0.0, ticks=panel.ticks)
        | {name: segment.parts[name].value}
        for place, segment in enumerate(shown)
    ]
    down, layers = panel.down(), draw_axis(panel)
    every_tip = tips("Group", "Points", "Interval")
    for look, (line, width, point, ink) in LOOKS.items():
        mine = [row for row in rows if row["look"] == look]
        if not mine:
            continue
        known = chart_of([row for row in mine if row[name] is not None])
        layers += [
            known.mark_rule(strokeWidth=width, color=line).encode(
                panel.across("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            known.mark_point(
                filled=look != "faint",
                fill=PAPER if look == "faint" else point,
                size=46 if look == "faint" else 80,
                opacity=1,
                stroke=point if look == "faint" else PAPER,
                strokeWidth=1.5,
            ).encode(panel.across(name), down, tooltip=every_tip),
            chart_of(mine)
            .mark_text(
                align="right", color=ink, fontWeight="bold" if look == "accent" else "normal"
            )
            .encode(down, x=at_x(panel.end + _FIGURES - 8), text=alt.Text("Points:N")),
        ]
    return stack(layers)


def _look_at(change: Change, segment: Moved, *, part: str = "") -> str:
    """Tell how a segment, or one part of it, is drawn."""
    if segment.few:
        return "faint"
    named = (part,) if part else PAIR
    # Within chance nothing is explained, so nothing is marked; nor where the whole part is not.
    whole = change.whole.parts
    clear = any(segment.parts[name].clear and whole[name].clear for name in named)
    return "accent" if change.clear and clear else "quiet"
