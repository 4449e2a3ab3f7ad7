"""Scores of the same centre, drawn again and again: dots under the exact law."""

from collections.abc import Callable
from math import modf
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    SIGNED,
    Layer,
    at_x,
    at_y,
    at_y2,
    chart_of,
    draw_nothing,
    finish,
    score_scale,
    score_ticks,
    tips,
)
from nps_kit.views.palette import (
    ACCENT,
    BAND_FILL,
    INK,
    INTERVAL,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
    ZERO,
)
from nps_kit.views.sentences.luck.lotteries import Lot, read_lots, say_lottery
from nps_kit.views.wording import write_count, write_level, write_score

_ROW = 158.0
_HILL = 74.0
_STRIP = (92.0, 140.0)
_START = 96.0
_GOLDEN = 0.618034
_NEGLIGIBLE = 1e-6


def draw_lottery(
    exact: pl.DataFrame,
    drawn: pl.DataFrame | None = None,
    *,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw every score that came out as a dot, under the chance of each score.

    Parameters
    ----------
    exact
        Table as `find_lottery` makes it.
    drawn
        Table as `simulate_lottery` makes it; None: no dots.
    title
        The finding. Empty: as `say_lottery` words it.
    subtitle
        The measure. Empty: what a dot is.
    note
        A footnote.

    Returns
    -------
    The chart; the last dot of each row is large.

    Raises
    ------
    MissingColumnError
        If a table lacks a column.

    Examples
    --------
    >>> from nps_kit.stats.luck import find_lottery
    >>> draw_lottery(find_lottery((0.5, 0.0, 0.5), n=100)).to_dict()["title"]["text"]
    ['Nothing has changed, yet 100 answers give scores from \u221220 to +20']
    """
    lots = read_lots(exact, drawn, caller="draw_lottery()")
    found = say_lottery(exact, drawn, length="short")
    if not lots:
        return draw_nothing(found, title=title, note=note)
    ticks = score_ticks([end for lot in lots for end in (lot.low, lot.high, *_ends(lot))])
    place = _place(ticks)
    layers: list[Layer] = []
    if ticks[0] <= 0 <= ticks[-1]:
        zero = chart_of([{"zero": 0}]).mark_rule(color=ZERO)
        layers.append(zero.encode(place("zero"), y=at_y(0), y2=at_y2(_ROW * len(lots))))
    for k, lot in enumerate(lots):
        layers += _draw_law(exact.filter(pl.col("n") == lot.n), lot, ticks, top=k * _ROW)
        if drawn is not None:
            layers += _draw_dots(drawn.filter(pl.col("n") == lot.n), place, top=k * _ROW)
        layers.append(_name(lot, top=k * _ROW))
    height = _ROW * len(lots)
    truth = chart_of([{"true": lots[0].true}]).mark_rule(color=INK, strokeDash=[4, 3])
    layers.append(truth.encode(place("true"), y=at_y(0), y2=at_y2(height)))
    level = write_level(lots[0].level)
    return finish(
        layers,
        title=title or found,
        subtitle=subtitle
        or f"A dot is one draw from the same customers; dashed: their true score, "
        f"{write_score(lots[0].true)}; bar: {level} of all draws",
        note=note,
        description=str(say_lottery(exact, drawn)),
        height=height,
        note_gap=44,
        # Each hill, and each strip of dots, has its own measure of height.
        apart=("y",),
    )


def _place(ticks: list[int]) -> Callable[[str], alt.X]:
    scale = score_scale(ticks, start=_START, end=WIDTH - 12)
    axis = alt.Axis(values=list(ticks), format="d", labelExpr=SIGNED, grid=False)

    def place(column: str) -> alt.X:
        return alt.X(f"{column}:Q", scale=scale, axis=axis, title=None)

    return place


def _ends(lot: Lot) -> tuple[float, ...]:
    return (lot.lowest, lot.highest) if lot.draws else ()


def _draw_law(law: pl.DataFrame, lot: Lot, ticks: list[int], *, top: float) -> list[Layer]:
    """Draw the chances as a hill of bars, and the bar of the bounds beneath it."""
    place = _place(ticks)
    told = list(law.select("nps", "chance").iter_rows(named=True))
    tallest = max(row["chance"] for row in told)
    rows: list[dict[str, Any]] = [
        row
        for row in told
        if ticks[0] <= row["nps"] <= ticks[-1] and row["chance"] > tallest * _NEGLIGIBLE
    ]
    up = alt.Y(
        "chance:Q",
        scale=alt.Scale(domain=[0, tallest], range=[top + _HILL, top + 6], nice=False),
        axis=None,
    )
    hill = chart_of(rows).mark_area(color=BAND_FILL, line={"color": INTERVAL, "strokeWidth": 1})
    bar = chart_of([{"low": lot.low, "high": lot.high}]).mark_rule(
        color=INTERVAL, strokeWidth=7, strokeCap="round"
    )
    return [
        hill.encode(place("nps"), up),
        bar.encode(place("low"), alt.X2("high:Q"), y=at_y(top + _HILL + 6)),
    ]


def _draw_dots(drawn: pl.DataFrame, place: Callable[[str], alt.X], *, top: float) -> list[Layer]:
    """Scatter the dots over a strip, so that none hides another for long."""
    first, last = _STRIP
    rows = [
        {
            "nps": row["nps"],
            "up": top + first + modf(row["draw"] * _GOLDEN)[0] * (last - first),
            "Draw": f"{row['draw']:,}",
            "NPS": write_score(row["nps"]),
        }
        for row in drawn.iter_rows(named=True)
    ]
    if not rows:
        return []
    down = alt.Y("up:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), axis=None)
    told = tips("Draw", "NPS")
    return [
        chart_of(rows[:-1])
        .mark_point(filled=True, fill=POINT, opacity=0.75, size=46, stroke=PAPER, strokeWidth=0.8)
        .encode(place("nps"), down, tooltip=told),
        chart_of(rows[-1:])
        .mark_point(filled=True, fill=ACCENT, opacity=1, size=170, stroke=PAPER, strokeWidth=1.5)
        .encode(place("nps"), down, tooltip=told),
    ]


def _name(lot: Lot, *, top: float) -> Layer:
    words = [f"{lot.n:,} answers" if lot.n != 1 else "1 answer"]
    words += [write_count(lot.draws, "draw")] if lot.draws else []
    name = chart_of([{}]).mark_text(
        text=words, align="left", baseline="top", fontWeight="bold", color=QUIET_INK, lineHeight=18
    )
    named: alt.Chart = name.encode(x=at_x(0), y=at_y(top + 52))
    return named
