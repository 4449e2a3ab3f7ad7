"""The way from the score before to the score after, part by part."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt

from nps_kit.views.changes import PART_WORDS, Change
from nps_kit.views.charts.layout import at_x, chart_of, cut, score_ticks, stack, tips
from nps_kit.views.charts.panels import LOOKS, Panel, draw_axis, tell_gave
from nps_kit.views.palette import PAPER, QUIET_INK, WIDTH
from nps_kit.views.wording import start_sentence, write_count, write_score

_BAR = 13
_VALUE_AT = WIDTH - 126


def draw_bridge(change: Change, panel: Panel) -> alt.LayerChart:
    """Draw the bars from the score before to the score after, with their names and figures."""
    rows = _tell_bridge(change, panel.ticks)
    down = panel.down()
    layers = draw_axis(panel)
    every_tip = tips("Part", "Points", "Interval")
    for look, (line, _, point, ink) in LOOKS.items():
        mine = [row for row in rows if row["look"] == look]
        if not mine:
            continue
        bars = chart_of([row for row in mine if row["kind"] == "part"])
        scores = chart_of([row for row in mine if row["kind"] == "score"])
        words = chart_of(mine)
        weight: Literal["bold", "normal"] = "bold" if look == "accent" else "normal"
        layers += [
            bars.mark_bar(size=_BAR, color=line).encode(
                panel.across("from"), alt.X2("to:Q"), down, tooltip=every_tip
            ),
            bars.mark_rule(strokeWidth=1.75, color=point).encode(
                panel.across("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            bars.mark_tick(
                orient="vertical", size=_BAR, thickness=2.5, color=point, opacity=1
            ).encode(panel.across("to"), down, tooltip=every_tip),
            scores.mark_point(
                filled=True, fill=point, size=100, opacity=1, stroke=PAPER, strokeWidth=1.5
            ).encode(panel.across("to"), down, tooltip=every_tip),
            words.mark_text(align="left", color=ink, fontWeight=weight).encode(
                down, x=at_x(0), text=alt.Text("Part:N")
            ),
            words.mark_text(align="right", color=ink, fontWeight=weight).encode(
                down, x=at_x(_VALUE_AT), text=alt.Text("Points:N")
            ),
            words.mark_text(align="right", color=QUIET_INK).encode(
                down, x=at_x(WIDTH), text=alt.Text("Beside:N")
            ),
        ]
    return stack(layers)


def _tell_bridge(change: Change, ticks: Sequence[int]) -> list[dict[str, Any]]:
    """Give the score before, each part where the last one ended, and the score after."""
    ends = [
        {
            "kind": "score",
            "place": place,
            "to": nps,
            "Part": f"Score, {period}",
            "Points": write_score(nps or 0.0, decimals=change.whole.change.decimals),
            "Interval": "none",
            "Beside": write_count(n, "answer"),
            "look": "quiet",
        }
        for place, nps, period, n in zip(
            (0, len(change.parts) + 1),
            change.whole.nps,
            change.periods,
            change.whole.n,
            strict=True,
        )
    ]
    level, rows = change.whole.nps[0] or 0.0, []
    for place, name in enumerate(change.parts, start=1):
        part = change.whole.parts[name]
        told = tell_gave(part, base=level, ticks=ticks)
        told |= {"from": cut(level, ticks), "place": place, "kind": "part"}
        told |= {"Part": start_sentence(PART_WORDS[name]), "Beside": part.span()}
        rows.append(told | {"look": "accent" if change.clear and part.clear else "quiet"})
        level += part.points
    return [ends[0], *rows, ends[1]]


def bridge_ticks(change: Change) -> list[int]:
    """Find the ticks of an axis that holds both scores and the end of every part, with bounds."""
    bounds: list[float | None] = [*change.whole.nps]
    level = change.whole.nps[0] or 0.0
    for name in change.parts:
        part = change.whole.parts[name]
        bounds += [
            level + bound for bound in (part.points, part.low, part.high) if bound is not None
        ]
        level += part.points
    return score_ticks(bounds)
