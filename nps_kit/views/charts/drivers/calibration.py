"""Whether a model fits: the scores it predicts beside those that were observed."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    SIGNED,
    Layer,
    chart_of,
    cut,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    score_scale,
    score_ticks,
    tips,
)
from nps_kit.views.charts.panels import LOOKS, Look
from nps_kit.views.drivers import Fit, Tenth, read_fit
from nps_kit.views.palette import PAPER, WIDTH, ZERO
from nps_kit.views.sentences.drivers import say_fit
from nps_kit.views.wording import is_number, write_count, write_level, write_score, write_span

_HEIGHT = 360.0
_START, _END = 44.0, WIDTH - 24.0


def draw_fit(
    fit: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the scores that a model predicts against those that were observed.

    A dot is a tenth of the answers; on the line it scores as predicted. Those whose interval does
    not reach the line have the accent, those with few answers are faint.

    Parameters
    ----------
    fit
        Table as `estimate_fit` makes it.
    title
        The finding. Empty: as `say_fit` words it.
    subtitle
        The measure and its unit. Empty: the measure, the intervals and the answers.
    note
        The source and what was set aside; the colours are added.

    Returns
    -------
    The chart; a quiet placeholder where the answers are too few.

    Raises
    ------
    MissingColumnError
        If `fit` lacks a column that the chart needs.

    Examples
    --------
    >>> fit = pl.DataFrame(
    ...     {
    ...         "tenth": [3, 8],
    ...         "n": [100, 100],
    ...         "predicted": [-30.0, 30.0],
    ...         "nps": [-30.0, 30.0],
    ...         "low": [-45.0, 14.0],
    ...         "high": [-14.0, 45.0],
    ...         "level": 0.95,
    ...         "within": True,
    ...         "few": False,
    ...     }
    ... )
    >>> draw_fit(fit).to_dict()["title"]["text"][0]
    'The model predicts the score in both groups of answers within the margin'
    """
    found = read_fit(fit, caller="draw_fit()")
    said = say_fit(fit, length="short")
    if not found.judged:
        return draw_nothing(_say_too_few(found), title=title, note=note)
    ticks = _find_ticks(found.rows)
    # Points lie on both axes, so that one line is where both agree.
    told = [_tell(tenth, ticks) for tenth in found.rows]
    return finish(
        [*_draw_line(ticks), *_draw_dots(told, ticks), *_draw_heads()],
        title=title or said,
        subtitle=subtitle
        or f"Net Promoter Score predicted and observed in tenths of the answers, with "
        f"{write_level(found.level)} intervals; {write_count(found.n, 'answer')}",
        note=join_notes(
            note,
            "Coloured: the interval does not reach the line." if found.missed else "",
            "Faint: too few answers." if len(found.judged) < len(found.rows) else "",
            "The model was fitted to the same answers.",
            "Some intervals run past the axis." if _runs_past(found.rows, ticks) else "",
        ),
        description=_describe(found.rows),
        height=_HEIGHT,
        note_gap=52,
    )


def _say_too_few(found: Fit) -> str:
    """Say that nothing can be told; an empty table does not tell how many answers there were."""
    said = write_count(found.n, "answer") if found.n else "The answers here"
    verb = "is" if found.n == 1 else "are"
    return f"{said} {verb} too few to tell whether the model fits."


def _find_ticks(rows: Sequence[Tenth]) -> list[int]:
    sound = [tenth for tenth in rows if not tenth.few] or list(rows)
    bounds = [bound for tenth in sound for bound in (tenth.nps.low, tenth.nps.high)]
    points = [point for tenth in rows for point in (tenth.predicted, tenth.nps.points)]
    return score_ticks([*bounds, *points])


def _runs_past(rows: Sequence[Tenth], ticks: Sequence[int]) -> bool:
    bounds = [bound for tenth in rows for bound in (tenth.nps.low, tenth.nps.high)]
    return any(bound != cut(bound, ticks) for bound in bounds if is_number(bound))


def _tell(tenth: Tenth, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a tenth's numbers, and the same written out."""
    low, high = tenth.nps.low, tenth.nps.high
    known = low is not None and high is not None
    look: Look = "faint" if tenth.few else "quiet" if tenth.within else "accent"
    return {
        "look": look,
        "predicted": tenth.predicted,
        "nps": tenth.nps.value,
        "low": cut(low, ticks) if known and low is not None else None,
        "high": cut(high, ticks) if known and high is not None else None,
        "Tenth": str(tenth.place),
        "Predicted": write_score(tenth.predicted, decimals=1),
        "Observed": write_score(tenth.nps.points, decimals=1),
        "Interval": write_span(low, high, decimals=1) or "none",
        "Answers": f"{tenth.n:,}",
    }


def _axes(ticks: Sequence[int], *, over: str, up: str) -> tuple[alt.X, alt.Y]:
    """Place two columns on the two axes, which are alike."""
    axis: dict[str, Any] = {"values": list(ticks), "format": "d", "labelExpr": SIGNED}
    return (
        alt.X(
            f"{over}:Q",
            scale=score_scale(ticks, start=_START, end=_END),
            axis=alt.Axis(**axis, labelFlush=False),
            title=None,
        ),
        alt.Y(
            f"{up}:Q",
            scale=score_scale(ticks, start=_HEIGHT, end=0),
            axis=alt.Axis(**axis, labelAlign="left", labelPadding=0),
            title=None,
        ),
    )


def _draw_line(ticks: Sequence[int]) -> list[Layer]:
    ends = [{"predicted": tick, "nps": tick} for tick in (ticks[0], ticks[-1])]
    over, up = _axes(ticks, over="predicted", up="nps")
    line = chart_of(ends).mark_line(color=ZERO, strokeWidth=1, strokeDash=[4, 3])
    return [
        line.encode(over, up),
        draw_text(["on the line: as predicted"], x=_START + 0.16 * (_END - _START), y=_HEIGHT - 32),
    ]


def _draw_dots(told: Sequence[dict[str, Any]], ticks: Sequence[int]) -> list[Layer]:
    every_tip = tips("Tenth", "Predicted", "Observed", "Interval", "Answers")
    layers: list[Layer] = []
    for look, (line, _, point, _) in LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        over, up = _axes(ticks, over="predicted", up="nps")
        low = _axes(ticks, over="predicted", up="low")[1]
        faint = look == "faint"
        layers += [
            chart_of([row for row in mine if row["low"] is not None])
            .mark_rule(strokeWidth=1.5 if faint else 5, color=line)
            .encode(over, low, alt.Y2("high:Q"), tooltip=every_tip),
            chart_of(mine)
            .mark_point(
                filled=not faint,
                fill=PAPER if faint else point,
                size=40 if faint else 56,
                opacity=1,
                stroke=point if faint else PAPER,
                strokeWidth=1.5,
            )
            .encode(over, up, tooltip=every_tip),
        ]
    return layers


def _draw_heads() -> list[Layer]:
    return [
        draw_text(["Observed"], y=-9, baseline="bottom"),
        draw_text(["Predicted"], x=_END, y=_HEIGHT + 24, align="right"),
    ]


def _describe(rows: Sequence[Tenth]) -> str:
    """Tell the picture to a reader who cannot see it."""
    told = [
        f"predicted {write_score(tenth.predicted)}, observed {write_score(tenth.nps.points)}"
        for tenth in rows
    ]
    return "; ".join(told)
