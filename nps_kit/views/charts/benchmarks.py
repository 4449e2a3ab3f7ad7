"""Our score among published figures."""

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    across,
    at_x,
    at_y,
    at_y2,
    chart_of,
    draw_nothing,
    finish,
    join_notes,
    join_parts,
    measure,
    score_ticks,
    tips,
)
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    BAND_FILL,
    FAINT,
    INK,
    LABEL_SIZE,
    PAPER,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.benchmarks import list_reasons, name_figure, say_benchmarks
from nps_kit.views.wording import (
    clean,
    is_number,
    name_value,
    shorten,
    write_count,
    write_score,
    write_span,
)

_ROW = 27
_ROW_OF_TWO_LINES = 39
_MOST_FIGURES = 11
_WIDEST_NAME = 250
_PLOT_END = WIDTH - 64
_TIPS = ("Publisher", "Industry", "NPS", "Tier", "Why", "Region", "Answers")


def draw_benchmarks(
    comparison: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw our score on the range of published figures, each a tick with publisher and year.

    Figures that were refused are not drawn; the note counts them. Past eleven figures, those of
    most weight are drawn: comparable before indicative, then the latest.

    Parameters
    ----------
    comparison
        Table as `compare_benchmarks` makes it: one row per published figure.
    title
        The finding. Empty: as `say_benchmarks` words it.
    subtitle
        The measure, its unit and period. Empty: the measure and what is ours.
    note
        The source and what was set aside; what is not drawn is added.

    Returns
    -------
    The chart; a quiet placeholder where nothing may be compared.

    Raises
    ------
    MissingColumnError
        If `comparison` lacks a column that the chart needs.
    """
    found = say_benchmarks(comparison, length="short")
    rows = comparison.to_dicts()
    kept = [row for row in rows if row["tier"] != "refused" and is_number(row["nps"])]
    reasons = list_reasons(rows)
    if not kept or not is_number(rows[0]["own_nps"]):
        return draw_nothing(found, title=title, note=note)
    shown = _choose(kept)
    ours = rows[0]
    bounds = [ours["own_low"], ours["own_high"], ours["own_nps"]]
    bounds += [ours["range_low"], ours["range_high"], *(row["nps"] for row in shown)]
    refused = len(rows) - sum(row["tier"] != "refused" for row in rows)
    return finish(
        _draw_figures(shown, ours=ours, ticks=score_ticks(bounds)),
        title=title or found,
        subtitle=join_parts(
            subtitle or "Net Promoter Score, points; ours with its interval, in colour",
            _industry(shown),
        ),
        note=join_notes(
            note,
            "Shaded: the range of the figures that may be compared."
            if is_number(ours["range_low"])
            else "",
            "Pale: indicative only, since something about the survey is not stated."
            if any(row["tier"] == "indicative" for row in shown)
            else "",
            f"Not drawn: {write_count(len(kept) - len(shown), 'more figure')}."
            if len(kept) > len(shown)
            else "",
            f"{refused:,} refused, so not drawn{f': {reasons}' if reasons else ''}."
            if refused
            else "",
        ),
        description="; ".join(f"{name_figure(row)} {write_score(row['nps'])}" for row in shown),
        height=_row_height(shown) * (len(shown) + 1),
        note_gap=36,
    )


def _choose(kept: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    by_weight = sorted(kept, key=lambda row: (row["tier"] != "comparable", -(row.get("year") or 0)))
    return sorted(by_weight[:_MOST_FIGURES], key=lambda row: -row["nps"])


def _industry(shown: Sequence[dict[str, Any]]) -> str:
    found = {clean(row.get("industry") or "") for row in shown}
    return found.pop() if len(found) == 1 else ""


def _row_height(shown: Sequence[dict[str, Any]]) -> int:
    """Leave room for a second line where the figures are of several industries."""
    return _ROW if _industry(shown) else _ROW_OF_TWO_LINES


def _tell(row: dict[str, Any], place: int) -> dict[str, Any]:
    answers = row.get("n")
    return {
        "place": place,
        "nps": row["nps"],
        "tier": row["tier"],
        "figure": name_figure(row),
        "industry": shorten(name_value(row.get("industry")), most=44),
        "NPS": write_score(row["nps"]),
        "Publisher": name_figure(row),
        "Industry": name_value(row.get("industry")),
        "Tier": str(row["tier"]),
        "Why": clean(row["reason"] or "") or "nothing speaks against it",
        "Region": name_value(row.get("region")),
        "Answers": f"{answers:,}" if is_number(answers) else "not given",
    }


def _draw_figures(
    shown: Sequence[dict[str, Any]], *, ours: dict[str, Any], ticks: Sequence[int]
) -> list[alt.Chart]:
    figures = [_tell(row, place) for place, row in enumerate(shown, start=1)]
    row_height, two_lines = _row_height(shown), not _industry(shown)
    widest = max(measure(figure["figure"], size=LABEL_SIZE) for figure in figures)
    start = 22 + min(max(widest, 80), _WIDEST_NAME)
    place, zero = across(ticks, start=start, end=_PLOT_END)
    foot = row_height * (len(shown) + 1)
    layers: list[alt.Chart] = []
    if is_number(ours["range_low"]) and is_number(ours["range_high"]):
        band = chart_of([{"low": ours["range_low"], "high": ours["range_high"]}])
        layers.append(
            band.mark_rect(color=BAND_FILL).encode(
                place("low"), alt.X2("high:Q"), y=at_y(row_height), y2=at_y2(foot)
            )
        )
    down = alt.Y(
        "place:O",
        scale=alt.Scale(domain=list(range(len(shown) + 1)), paddingOuter=0, paddingInner=0),
        axis=None,
    )
    layers += [*zero, *_draw_ours(ours, place=place, down=down, top=row_height / 2, foot=foot)]
    lift = -8 if two_lines else 0
    for tier, (colour, thickness, ink) in _LOOKS.items():
        mine = [figure for figure in figures if figure["tier"] == tier]
        if not mine:
            continue
        base = chart_of(mine)
        layers += [
            base.mark_tick(
                orient="vertical", size=17, thickness=thickness, color=colour, opacity=1
            ).encode(
                place("nps"),
                down,
                tooltip=tips(*_TIPS),
            ),
            base.mark_text(align="left", limit=_WIDEST_NAME, color=ink, dy=lift).encode(
                down, x=at_x(0), text=alt.Text("figure:N"), tooltip=tips("Publisher")
            ),
            *(
                [
                    base.mark_text(
                        align="left", limit=_WIDEST_NAME, color=QUIET_INK, fontSize=11, dy=8
                    ).encode(down, x=at_x(0), text=alt.Text("industry:N"))
                ]
                if two_lines
                else []
            ),
            base.mark_text(align="right", color=ink).encode(
                down, x=at_x(WIDTH), text=alt.Text("NPS:N")
            ),
        ]
    return layers


_LOOKS = {"comparable": (INK, 4, INK), "indicative": (FAINT, 2.5, QUIET_INK)}


def _draw_ours(
    ours: dict[str, Any], *, place: Callable[[str], alt.X], down: alt.Y, top: float, foot: float
) -> list[alt.Chart]:
    nps = ours["own_nps"]
    row = {
        "place": 0,
        "nps": nps,
        "low": ours["own_low"] if is_number(ours["own_low"]) else nps,
        "high": ours["own_high"] if is_number(ours["own_high"]) else nps,
        "name": "This data",
        "NPS": write_score(nps),
        "Interval": write_span(ours["own_low"], ours["own_high"], decimals=1) or "none",
        "Answers": f"{ours['own_n'] or 0:,}",
    }
    base = chart_of([row])
    bold: dict[str, Any] = {"color": ACCENT, "fontWeight": "bold"}
    return [
        # Down through the figures, so that each can be set beside it by eye.
        base.mark_rule(color=ACCENT, strokeWidth=1, strokeDash=[2, 3]).encode(
            place("nps"), y=at_y(top), y2=at_y2(foot)
        ),
        base.mark_rule(strokeWidth=9, color=ACCENT_PALE).encode(
            place("low"), alt.X2("high:Q"), down
        ),
        base.mark_point(
            filled=True, size=130, fill=ACCENT, stroke=PAPER, strokeWidth=1.5, opacity=1
        ).encode(place("nps"), down, tooltip=tips("NPS", "Interval", "Answers")),
        base.mark_text(align="left", **bold).encode(down, x=at_x(0), text=alt.Text("name:N")),
        base.mark_text(align="right", **bold).encode(down, x=at_x(WIDTH), text=alt.Text("NPS:N")),
    ]
