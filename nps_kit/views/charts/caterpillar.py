"""Scores with luck taken out where the groups are many: side by side, the highest at the left."""

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt

from nps_kit.views.charts.layout import (
    SIGNED,
    at_x,
    chart_of,
    cut,
    draw_text,
    score_scale,
    tips,
)
from nps_kit.views.charts.rows import Look
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    FAINT,
    GRID,
    INTERVAL,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
    ZERO,
)
from nps_kit.views.sentences.shrinkage import Member
from nps_kit.views.wording import is_number, shorten, write_score, write_span

HEIGHT = 300

_START = 44
_END = WIDTH - 84
_TIPS = ("Group", "As it is", "Shrunken", "Interval", "Answers")


def draw_bars(
    shown: Sequence[Member], *, centre: float | None, ticks: Sequence[int], accents: set[int]
) -> list[alt.Chart]:
    """Draw a bar for each group with its score as it is, its shrunken score and its interval.

    Parameters
    ----------
    shown
        The groups from the left.
    centre
        Where they are centred.
    ticks
        The ticks of the axis of scores.
    accents
        Rows of the groups that are named.

    Returns
    -------
    The layers, the first at the bottom; they are `HEIGHT` high.
    """
    up = _score_axis(ticks)
    along = alt.X(
        "place:Q",
        scale=alt.Scale(domain=[-0.5, len(shown) - 0.5], range=[_START, _END], nice=False),
        axis=None,
    )
    told = [
        tell_member(member, ticks)
        | {"place": k, "look": _look(member, accents), "name": shorten(member.group.label, most=24)}
        for k, member in enumerate(shown)
    ]
    room = (_END - _START) / len(shown)
    width, dot = min(7.0, max(1.0, 0.5 * room)), min(60.0, max(9.0, room**2))
    layers = []
    for look, colour in (("faint", INTERVAL), ("quiet", INTERVAL), ("accent", ACCENT_PALE)):
        mine = [row for row in told if row["look"] == look]
        if mine:
            bars = chart_of(mine).mark_rule(
                color=colour, strokeWidth=min(1.5, width) if look == "faint" else width
            )
            layers.append(bars.encode(along, up("low"), alt.Y2("high:Q"), tooltip=tips(*_TIPS)))
    layers += draw_raw(
        [row for row in told if row["raw"] is not None], up("raw"), along, size=min(20, dot)
    )
    for look, colour in (("faint", FAINT), ("quiet", POINT), ("accent", ACCENT)):
        mine = [row for row in told if row["look"] == look]
        if mine:
            points = chart_of(mine).mark_point(
                filled=True,
                fill=PAPER if look == "faint" else colour,
                stroke=colour if look == "faint" else PAPER,
                strokeWidth=1,
                size=dot,
                opacity=1,
            )
            layers.append(points.encode(along, up("shrunk"), tooltip=tips(*_TIPS)))
    return [
        *_draw_grid(ticks, up),
        *layers,
        *_draw_centre(centre, up),
        *_name_accents(told, ticks=ticks, room=room),
    ]


def _score_axis(ticks: Sequence[int]) -> Callable[[str], alt.Y]:
    axis = alt.Axis(
        values=list(ticks),
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
        scale = score_scale(ticks, start=HEIGHT, end=0)
        return alt.Y(f"{column}:Q", scale=scale, axis=axis, title=None)

    return up


def _draw_grid(ticks: Sequence[int], up: Callable[[str], alt.Y]) -> list[alt.Chart]:
    lines = chart_of([{"tick": tick} for tick in ticks if tick])
    grid = [lines.mark_rule(color=GRID, strokeWidth=1).encode(up("tick"))]
    if ticks[0] <= 0 <= ticks[-1]:
        zero = chart_of([{"tick": 0}]).mark_rule(color=ZERO, strokeWidth=1)
        grid.append(zero.encode(up("tick")))
    return grid


def _draw_centre(centre: float | None, up: Callable[[str], alt.Y]) -> list[alt.Chart]:
    if not is_number(centre):
        return []
    line = chart_of([{"centre": centre, "name": name_centre(centre)}])
    words = line.mark_text(align="right", baseline="bottom", dy=-3, color=QUIET_INK, fontSize=12)
    return [
        line.mark_rule(color=QUIET_INK, strokeWidth=1, strokeDash=[4, 3]).encode(up("centre")),
        words.encode(up("centre"), x=at_x(WIDTH), text=alt.Text("name:N")),
    ]


def _look(member: Member, accents: set[int]) -> Look:
    if member.group.row in accents:
        return "accent"
    return "quiet" if member.is_ranked else "faint"


def _name_accents(
    told: Sequence[dict[str, Any]], *, ticks: Sequence[int], room: float
) -> list[alt.Chart]:
    """Name the groups that the title speaks of: high ones above their bars, low ones below.

    There nothing is in the way, since the bars fall from left to right.
    """

    def pixel(value: float) -> float:
        return HEIGHT * (ticks[-1] - value) / (ticks[-1] - ticks[0])

    named = [row for row in told if row["look"] == "accent"]
    half = (len(told) - 1) / 2
    layers = []
    for is_high in (True, False):
        mine = [row for row in named if (row["place"] <= half) is is_high]
        ends = [v for row in mine for v in (row["low"], row["high"], row["raw"]) if v is not None]
        for k, row in enumerate(mine):
            x = _START + room * (row["place"] + 0.5)
            over = max(pixel(max(ends)) - 8 - 16 * k, 16)
            under = min(pixel(min(ends)) + 8 + 16 * k, HEIGHT - 16)
            layers.append(
                draw_text(
                    [row["name"]],
                    x=x - 4 if is_high else x + 4,
                    y=over if is_high else under,
                    size=12,
                    colour=ACCENT,
                    align="left" if is_high else "right",
                    weight="bold",
                    baseline="bottom" if is_high else "top",
                )
            )
    return layers


def draw_raw(
    told: Sequence[dict[str, Any]], raw: alt.X | alt.Y, other: alt.X | alt.Y, *, size: float = 44
) -> list[alt.Chart]:
    """Draw the scores as they are, each with a line to what is left of it."""
    along = isinstance(raw, alt.X)
    layers = []
    for faint in (True, False):
        mine = [row for row in told if (row["look"] == "faint") is faint]
        if not mine:
            continue
        base, colour = chart_of(mine), FAINT if faint else POINT
        if along:
            rule = base.mark_rule(color=colour, strokeWidth=1)
            layers.append(rule.encode(raw, alt.X2("shrunk:Q"), other))
        else:
            rule = base.mark_rule(color=colour, strokeWidth=0.75)
            layers.append(rule.encode(raw, alt.Y2("shrunk:Q"), other))
        marks = base.mark_point(
            shape="diamond",
            filled=True,
            fill=PAPER,
            stroke=colour,
            strokeWidth=1.25,
            size=size,
            opacity=1,
        )
        layers.append(marks.encode(raw, other, tooltip=tips(*_TIPS)))
    return layers


def name_centre(centre: float) -> str:
    """Name the line of the centre."""
    return f"centre {write_score(centre)}"


def tell_member(member: Member, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a group's numbers, and the same written out."""
    group = member.group
    return {
        "raw": cut(member.raw, ticks) if is_number(member.raw) else None,
        "shrunk": cut(group.score, ticks),
        "low": cut(group.low if is_number(group.low) else group.score, ticks),
        "high": cut(group.high if is_number(group.high) else group.score, ticks),
        "Group": group.label,
        "As it is": write_score(member.raw) if is_number(member.raw) else "no answers",
        "Shrunken": write_score(group.score),
        "Interval": write_span(group.low, group.high, decimals=1) or "none",
        "Answers": f"{group.n:,}",
    }
