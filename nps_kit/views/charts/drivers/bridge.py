"""The way from the score with the best service down to the score as it is, driver by driver."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    at_x,
    chart_of,
    cut,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    measure,
    stack,
    tips,
)
from nps_kit.views.charts.panels import AXIS, LOOKS, WIDEST_NAME, Panel, draw_axis
from nps_kit.views.drivers import Cost, Costs, name_level, read_costs
from nps_kit.views.palette import LABEL_SIZE, PAPER, QUIET_INK, WIDTH
from nps_kit.views.sentences.drivers import say_contributions
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_count,
    write_level,
    write_list,
    write_score,
    write_span,
)

MOST_DRIVERS = 12
"""Drivers that one chart can carry and still be read."""

_BAR = 13
_HEAD_SIZE = 11.5
_INTERVAL_AT = WIDTH
_VALUE_AT = WIDTH - 118
_STEPS = (5, 10, 20, 25, 50)
_MOST_TICKS = 8
_NAMES = ("Score with the best service", "Score as it is")


def draw_contributions(
    contributions: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the way from the score with the best service down to the score as it is.

    Each driver is a bar from where the last one ended, the costliest first, with the interval of
    what it costs about its end; the bars add up exactly. The costliest that is beyond chance has
    the accent. What no driver accounts for is told in the footnote.

    Parameters
    ----------
    contributions
        Table as `decompose_drivers` makes it.
    title
        The finding. Empty: as `say_contributions` words it.
    subtitle
        The measure and its unit. Empty: the measure, the intervals and the answers.
    note
        The source and what was set aside; the rest, and what is faint, are added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `contributions` lacks a column that the chart needs.

    Examples
    --------
    >>> contributions = pl.DataFrame(
    ...     {
    ...         "kind": ["rest", "best", "driver", "score"],
    ...         "driver": [None, None, "transfers", None],
    ...         "value": pl.Series([None] * 4, dtype=pl.String),
    ...         "against": [None, None, "none", None],
    ...         "n": 1000,
    ...         "lost": [63.0, None, 7.0, None],
    ...         "low": [60.0, 34.0, 6.2, 27.0],
    ...         "high": [66.0, 40.0, 7.8, 33.0],
    ...         "start": [100.0, None, 37.0, None],
    ...         "end": [37.0, 37.0, 30.0, 30.0],
    ...         "level": 0.95,
    ...         "few": False,
    ...     }
    ... )
    >>> draw_contributions(contributions).to_dict()["title"]["text"][0]
    'From +37 with the best service down to +30 as it is, the largest part goes'
    """
    found = read_costs(contributions, caller="draw_contributions()")
    said = say_contributions(contributions, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    shown, left_out = found.rows[:MOST_DRIVERS], found.rows[MOST_DRIVERS:]
    labels = [*_NAMES, *(start_sentence(cost.label) for cost in shown)]
    widest = max(measure(label, size=LABEL_SIZE) for label in labels)
    ticks = _find_ticks(found)
    panel = Panel(
        ticks,
        start=24 + min(max(widest, 80), WIDEST_NAME + 26),
        end=WIDTH - 176,
        top=0,
        rows=len(shown) + 2,
    )
    looks = _choose_looks(shown, found)
    return finish(
        [_draw_steps(found, shown, looks, panel), *_draw_heads(panel)],
        title=title or said,
        subtitle=subtitle
        or f"Points lost where a driver is not at its best, with {write_level(found.level)} "
        f"intervals; {write_count(found.n, 'answer')}",
        note=join_notes(
            note,
            _say_rest(found),
            "Faint: nothing beyond chance, or too few answers." if "faint" in looks else "",
            "Figures are rounded; the bars add up." if shown else "",
            f"Not drawn: {write_list([cost.spoken for cost in left_out])}." if left_out else "",
            "Some intervals run past the axis." if _runs_past(found, ticks) else "",
        ),
        description=_describe(found),
        height=panel.foot + AXIS,
        note_gap=10,
        apart=("x", "y"),
    )


def _choose_looks(shown: Sequence[Cost], found: Costs) -> list[Literal["accent", "quiet", "faint"]]:
    able = [cost for cost in shown if cost.clear and not found.nothing]
    return [
        ("accent" if cost is able[0] else "quiet") if cost in able else "faint" for cost in shown
    ]


def _reach(cost: Cost) -> list[float]:
    """Give where a bar begins and ends, and where the interval about its end does."""
    if cost.start is None or cost.end is None:
        return []
    bounds = [bound for bound in (cost.lost.low, cost.lost.high) if bound is not None]
    return [cost.start, cost.end, *(cost.start - bound for bound in bounds)]


def _find_ticks(found: Costs) -> list[int]:
    """Find the ticks of an axis that holds both scores and every bar; it can pass 100."""
    places = [found.best.points, found.score.points]
    places += [
        place for cost in found.rows for place in (cost.start, cost.end) if place is not None
    ]
    places += [place for cost in found.rows if not cost.few for place in _reach(cost)]
    places += [bound for bound in (found.best.low, found.best.high) if is_number(bound)]
    low, high = min(places), max(places)
    low, high = max(low, -200.0), min(max(high, low + 20), 300.0)
    for step in _STEPS:
        first, last = int(low // step) * step, -int(-high // step) * step
        if (last - first) // step < _MOST_TICKS:
            break
    return list(range(first, last + 1, step))


def _runs_past(found: Costs, ticks: Sequence[int]) -> bool:
    return any(place != cut(place, ticks) for cost in found.rows for place in _reach(cost))


def _tell(
    found: Costs, shown: Sequence[Cost], looks: Sequence[str], ticks: Sequence[int]
) -> list[dict[str, Any]]:
    """Give the best score, each driver where the last one ended, and the score."""
    ends = [
        {
            "kind": "score",
            "look": "quiet",
            "place": place,
            "end": cut(end.points, ticks),
            "low": cut(end.low, ticks) if end.low is not None else None,
            "high": cut(end.high, ticks) if end.high is not None else None,
            "Part": name,
            "Points": write_score(end.points, decimals=1),
            "Interval": write_span(end.low, end.high, decimals=1),
            "Best": "none",
        }
        for place, end, name in zip(
            (0, len(shown) + 1), (found.best, found.score), _NAMES, strict=True
        )
    ]
    rows = []
    for place, (cost, look) in enumerate(zip(shown, looks, strict=True), start=1):
        row: dict[str, Any] = {
            "kind": "part",
            "look": look,
            "place": place,
            "Part": start_sentence(cost.label),
            "Points": "\u2013",
            "Interval": "",
            "Best": name_level(cost.best) if cost.best else "none",
        }
        if cost.start is not None and cost.end is not None and cost.lost.value is not None:
            low, high = cost.lost.low, cost.lost.high
            row |= {
                "start": cut(cost.start, ticks),
                "end": cut(cost.end, ticks),
                # Signs turn round: what is lost leads downwards.
                "Points": write_score(-cost.lost.points, decimals=1),
                "Interval": ""
                if low is None or high is None
                else write_span(-high, -low, decimals=1),
                "low": None if high is None else cut(cost.start - high, ticks),
                "high": None if low is None else cut(cost.start - low, ticks),
            }
        rows.append(row)
    return [ends[0], *rows, ends[1]]


def _draw_steps(
    found: Costs, shown: Sequence[Cost], looks: Sequence[str], panel: Panel
) -> alt.LayerChart:
    rows = _tell(found, shown, looks, panel.ticks)
    down, layers = panel.down(), draw_axis(panel)
    every_tip = tips("Part", "Points", "Interval", "Best")
    for look, (line, _, point, ink) in LOOKS.items():
        mine = [row for row in rows if row["look"] == look]
        if not mine:
            continue
        drawn = [row for row in mine if "start" in row]
        bounded = [row for row in mine if row.get("low") is not None]
        bounded = [row for row in bounded if row.get("high") is not None]
        bars = chart_of(drawn)
        words = chart_of(mine)
        weight: Literal["bold", "normal"] = "bold" if look == "accent" else "normal"
        layers += [
            bars.mark_bar(size=_BAR, color=line).encode(
                panel.across("start"), alt.X2("end:Q"), down, tooltip=every_tip
            ),
            chart_of(bounded)
            .mark_rule(strokeWidth=1.75, color=point)
            .encode(panel.across("low"), alt.X2("high:Q"), down, tooltip=every_tip),
            bars.mark_tick(
                orient="vertical", size=_BAR, thickness=2.5, color=point, opacity=1
            ).encode(panel.across("end"), down, tooltip=every_tip),
            chart_of([row for row in mine if row["kind"] == "score"])
            .mark_point(filled=True, fill=point, size=100, opacity=1, stroke=PAPER, strokeWidth=1.5)
            .encode(panel.across("end"), down, tooltip=every_tip),
            words.mark_text(align="left", limit=WIDEST_NAME + 26, color=ink).encode(
                down, x=at_x(0), text=alt.Text("Part:N"), tooltip=every_tip
            ),
            words.mark_text(align="right", color=ink, fontWeight=weight).encode(
                down, x=at_x(_VALUE_AT), text=alt.Text("Points:N")
            ),
            words.mark_text(align="right", color=QUIET_INK).encode(
                down, x=at_x(_INTERVAL_AT), text=alt.Text("Interval:N")
            ),
        ]
    return stack(layers)


def _draw_heads(panel: Panel) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": panel.top - 7.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    return [
        draw_text(["Points"], x=_VALUE_AT, align="right", **above),
        draw_text(["Interval"], x=_INTERVAL_AT, align="right", **above),
    ]


def _say_rest(found: Costs) -> str:
    """Name what no driver accounts for."""
    if found.rest.value is None:
        return ""
    rest = write_score(found.rest.points)
    if found.rest.points < 0:
        return "Losses are added up, so that the best score passes +100."
    return f"Not drawn: {rest.lstrip('+')} points up to +100 that no driver here accounts for."


def _describe(found: Costs) -> str:
    """Tell the picture to a reader who cannot see it."""
    parts = [
        f"{cost.spoken} {write_score(-cost.lost.points, decimals=1)}"
        for cost in found.rows
        if cost.lost.value is not None
    ]
    ends = [write_score(end.points) for end in (found.best, found.score)]
    return f"From {ends[0]} to {ends[1]}: {write_list(parts) or 'no driver'}"
