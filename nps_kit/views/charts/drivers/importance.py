"""How much each driver explains, as bars: where a quadrant says nothing."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt

from nps_kit.views.charts.drivers.percents import along_shares, percent_ticks
from nps_kit.views.charts.layout import Layer, at_x, chart_of, draw_text, measure, tips
from nps_kit.views.charts.panels import LOOKS, Look
from nps_kit.views.charts.rows import place_down
from nps_kit.views.drivers import Rank, name_level, write_explained
from nps_kit.views.palette import LABEL_SIZE, QUIET_INK, WIDTH
from nps_kit.views.wording import shorten, start_sentence, write_share

_ROW = 31.0
_WIDEST_NAME = 210
_END = WIDTH - 224
_VALUE_AT = WIDTH - 150
_HEAD_SIZE = 11.5


def draw_importance(shown: Sequence[Rank], looks: Sequence[Look]) -> tuple[list[Layer], float]:
    """Draw a bar a driver, its interval about the end; give the layers and their height."""
    ticks = percent_ticks([row.explained.high or row.explained.points for row in shown])
    widest = max(measure(row.label, size=LABEL_SIZE) for row in shown) + 26
    over = along_shares(ticks, start=min(widest, _WIDEST_NAME) + 14, end=_END)
    down = place_down(len(shown))
    told = [
        _tell(row, look, place) for place, (row, look) in enumerate(zip(shown, looks, strict=True))
    ]
    every_tip = tips("Driver", "Explains", "Best")
    layers: list[Layer] = []
    for look, (line, _, point, ink) in LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        weight: Literal["bold", "normal"] = "normal" if look == "faint" else "bold"
        rows = chart_of(mine)
        bounded = chart_of([row for row in mine if row["low"] is not None])
        layers += [
            rows.mark_bar(size=13, color=line).encode(
                over("from"), alt.X2("share_explained:Q"), down, tooltip=every_tip
            ),
            bounded.mark_rule(strokeWidth=1.75, color=point).encode(
                over("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            rows.mark_text(align="left", limit=_WIDEST_NAME, color=ink).encode(
                down, x=at_x(0), text=alt.Text("Driver:N"), tooltip=every_tip
            ),
            rows.mark_text(align="right", color=ink, fontWeight=weight).encode(
                down, x=at_x(_VALUE_AT), text=alt.Text("Explains:N")
            ),
            rows.mark_text(align="right", color=QUIET_INK).encode(
                down, x=at_x(WIDTH), text=alt.Text("Best:N")
            ),
        ]
    above: dict[str, Any] = {"y": -9.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    heads: list[Layer] = [
        draw_text(["Driver"], **above),
        draw_text(["Explains"], x=_VALUE_AT, align="right", **above),
        draw_text(["At its best"], x=WIDTH, align="right", **above),
    ]
    return [*heads, *layers], _ROW * len(shown)


def _tell(row: Rank, look: Look, place: int) -> dict[str, Any]:
    low, high = row.explained.low, row.explained.high
    best = ""
    if row.share_best is not None:
        best = f"{write_share(row.share_best)} ({shorten(name_level(row.best), most=14)})"
    return {
        "place": place,
        "look": look,
        "from": 0,
        "share_explained": row.explained.value,
        "low": low if high is not None else None,
        "high": high if low is not None else None,
        "Driver": f"{row.arrow}{start_sentence(row.label)}",
        "Explains": write_explained(row.explained.value),
        "Best": best or "\u2013",
    }
