"""What is measured beside the score, drawn: a small picture for each, side by side."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any, NamedTuple

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    Align,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    tips,
)
from nps_kit.views.measures import NOTHING, Measures, Point, read_measures
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    FAINT,
    GRID,
    INK,
    INTERVAL,
    LABEL_SIZE,
    NOTE_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.measures import say_measures
from nps_kit.views.wording import is_number, name_day, write_list

_COLUMNS = 2
_GAP = 40
_WIDE = (WIDTH - _GAP) / _COLUMNS
_HEAD, _PLOT, _FOOT = 60, 96, 44
_HIGH = _HEAD + _PLOT + _FOOT
_START, _RIGHT = 58, 10
"""Where the history begins within a picture, and what is left free at its end."""

_VALUE_SIZE = 17
_MOST_TICKS = 4
_LEADS = (1.0, 2.0, 5.0, 10.0, 20.0)
_TIPS = ("Measure", "Period", "Value", "Interval", "Made of")
_SOLID: dict[str, Any] = {"filled": True, "stroke": PAPER, "strokeWidth": 1.25, "opacity": 1}
_HOLLOW: dict[str, Any] = {"fill": PAPER, "stroke": FAINT, "strokeWidth": 1.5, "opacity": 1}


class _Frame(NamedTuple):
    """Where one picture stands, in pixels, and what its axes run over."""

    left: float
    top: float
    ticks: list[float]
    first: date
    last: date

    def across(self, day: date) -> float:
        """Tell how far to the right a period is."""
        start, end = self.left + _START, self.left + _WIDE - _RIGHT
        days = (self.last - self.first).days
        return round(start + (end - start) * ((day - self.first).days / days if days else 0.5), 2)

    def down(self, value: float) -> float:
        """Tell how far down a value is; what runs past the axis is cut."""
        low, high = self.ticks[0], self.ticks[-1]
        share = (min(max(value, low), high) - low) / (high - low)
        return round(self.top + _HEAD + _PLOT * (1 - share), 2)


def draw_measures(
    estimates: pl.DataFrame,
    *,
    every: Every | None = None,
    currency: str = "",
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the history of what is measured beside the score, each measure on a scale of its own.

    A mean is drawn only where its share is not there. The latest period of all is marked; in the
    accent, where the measure moved beyond chance.

    Parameters
    ----------
    estimates
        Table as `estimate_measures` makes it, up to the period that is reported.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    currency
        Sign or code that is put before the cost. Empty: it stands alone.
    title
        The finding. Empty: as `say_measures` words it.
    subtitle
        The measure. Empty: the unit of time and the interval.
    note
        The source and what was set aside; what is hollow, and gaps, are added.

    Returns
    -------
    The chart; a quiet placeholder where nothing is measured.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_measures` is not there.
    OptionError
        If `every` is none of its choices, or a measure has a period more than once.

    Examples
    --------
    >>> estimates = pl.DataFrame({"measure": ["contacts"], "period": [date(2026, 9, 1)]})
    >>> estimates = estimates.with_columns(n=2467, value=2467.0, unit=pl.lit("contacts"), few=False)
    >>> bounds = ("low", "high", "change", "change_low", "change_high")
    >>> estimates = estimates.with_columns(pl.lit(None, pl.Float64).alias(name) for name in bounds)
    >>> chart = draw_measures(estimates.with_columns(moved=pl.lit(None, pl.Boolean)))
    >>> chart.to_dict()["description"]
    'September 2026, beside the score. Contacts 2,467.'
    """
    found = read_measures(estimates, every=every, caller="draw_measures()")
    if not found.points:
        return draw_nothing(NOTHING, title=title, note=note)
    shown = _choose(found)
    days = [point.period for series in shown for point in series]
    frames = [
        _Frame(
            left=(place % _COLUMNS) * (_WIDE + _GAP),
            top=(place // _COLUMNS) * _HIGH,
            ticks=_find_ticks(series),
            first=min(days),
            last=max(days),
        )
        for place, series in enumerate(shown)
    ]
    pictures = list(zip(frames, shown, strict=True))
    layers = [*_draw_grid(pictures), *_draw_histories(pictures, found, currency)]
    for frame, series in pictures:
        layers += _draw_words(frame, series, found, currency)
    return finish(
        layers,
        title=title or _word_title(estimates, found, currency),
        subtitle=subtitle or f"By {found.every}, with {found.interval}s; each on its own scale",
        note=join_notes(note, _say_marks(shown, found, frames)),
        description=f"{write_list([_describe(series, found, currency) for series in shown])}.",
        height=ceil(len(shown) / _COLUMNS) * _HIGH - 14,
        note_gap=12,
    )


def _word_title(estimates: pl.DataFrame, found: Measures, currency: str) -> str:
    if all(point.moved is None for point in found.reported):
        return f"{found.name(found.latest).removeprefix('the ').capitalize()}, beside the score"
    return say_measures(estimates, every=found.every, currency=currency, length="short")


def _choose(found: Measures) -> list[list[Point]]:
    """Leave out means beside their shares."""
    headlines = [series for series in found.series if series[0].headline]
    return headlines or found.series


def _find_ticks(series: Sequence[Point]) -> list[float]:
    """Find a few round values that hold a history; intervals of few set no scale."""
    judged = [point for point in series if not point.few] or list(series)
    bounds = [bound for point in judged for bound in (point.low, point.high) if is_number(bound)]
    bounds += [point.value for point in series]
    low, high = min(bounds), max(bounds)
    if high - low < 1e-9 * max(abs(high), 1):
        pad = abs(high) * 0.1 or 1.0
        low, high = low - pad if low > 0 else low, high + pad
    power = 10.0 ** floor(log10((high - low) / _MOST_TICKS))
    step = next(
        lead * power
        for lead in (*_LEADS, 50.0, 100.0)
        if ceil(high / (lead * power)) - floor(low / (lead * power)) <= _MOST_TICKS
    )
    first = floor(low / step + 1e-9)
    return [round(k * step, 12) for k in range(first, max(ceil(high / step - 1e-9), first + 1) + 1)]


def _label(tick: float, ticks: Sequence[float], unit: str) -> str:
    step = ticks[1] - ticks[0]
    if unit == "share":
        return f"{100 * tick:.{_decimals(100 * step)}f} %"
    return f"{tick:,.{_decimals(step)}f}"


def _decimals(step: float) -> int:
    return next((k for k in range(6) if abs(round(step, k) - step) < step * 1e-6), 6)


def _place(column: str, other: str = "") -> dict[str, Any]:
    """Place a column of pixels across, and another down."""
    flat: dict[str, Any] = {"nice": False, "zero": False}
    scale = alt.Scale(domain=[0, WIDTH], range=[0, WIDTH], **flat)
    across = {"x": alt.X(f"{column}:Q", scale=scale, axis=None)}
    return across | ({"y": _down(other)} if other else {})


def _down(column: str) -> alt.Y:
    scale = alt.Scale(domain=[0, 1000], range=[0, 1000], nice=False, zero=False)
    return alt.Y(f"{column}:Q", scale=scale, axis=None)


def _draw_grid(pictures: Sequence[tuple[_Frame, Sequence[Point]]]) -> list[alt.Chart]:
    lines = [
        {
            "x": frame.left,
            "to": frame.left + _WIDE,
            "y": frame.down(tick),
            "Label": _label(tick, frame.ticks, series[0].unit),
        }
        for frame, series in pictures
        for tick in frame.ticks
    ]
    base = chart_of(lines)
    labels = base.mark_text(
        align="left", baseline="bottom", dy=-1, fontSize=NOTE_SIZE, color=QUIET_INK
    )
    return [
        base.mark_rule(color=GRID, strokeWidth=1).encode(**_place("x", "y"), x2=alt.X2("to:Q")),
        labels.encode(**_place("x", "y"), text=alt.Text("Label:N")),
    ]


def _draw_histories(
    pictures: Sequence[tuple[_Frame, Sequence[Point]]], found: Measures, currency: str
) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = []
    run = 0
    for frame, series in pictures:
        run += 1
        for place, point in enumerate(series):
            if place:
                last = series[place - 1]
                apart = not found.follows(last.period, point.period)
                run += apart or last.few or point.few
            rows.append(_tell(frame, point, found, currency) | {"run": run})
    runs = [row["run"] for row in rows]
    joined = [row for row in rows if runs.count(row["run"]) > 1]
    bounded = [row for row in joined if "low" in row]
    layers: list[alt.Chart] = []
    if bounded:
        band = chart_of(bounded).mark_area(color=INTERVAL, opacity=0.55)
        layers.append(
            band.encode(
                **_place("x"), y=_down("low"), y2=alt.Y2("high:Q"), detail=alt.Detail("run:N")
            )
        )
    if joined:
        line = chart_of(joined).mark_line(color=POINT, strokeWidth=1.75)
        layers.append(line.encode(**_place("x", "y"), detail=alt.Detail("run:N")))
    lone = [row for row in rows if "low" in row and (row not in joined or row["latest"])]
    for moved in (False, True):
        bars = [row for row in lone if (row["moved"] and row["latest"]) is moved]
        if bars:
            bar = chart_of(bars).mark_rule(strokeWidth=5, color=ACCENT_PALE if moved else INTERVAL)
            layers.append(bar.encode(**_place("x"), y=_down("low"), y2=alt.Y2("high:Q")))
    looks = {
        "quiet": _SOLID | {"fill": POINT, "size": 18, "strokeWidth": 0.75},
        "few": _HOLLOW | {"size": 26},
        "latest": _SOLID | {"fill": INK, "size": 84},
        "moved": _SOLID | {"fill": ACCENT, "size": 84},
    }
    for look, mark in looks.items():
        mine = [row for row in rows if row["look"] == look]
        if mine:
            dots = chart_of(mine).mark_point(**mark)
            layers.append(dots.encode(**_place("x", "y"), tooltip=tips(*_TIPS)))
    return layers


def _tell(frame: _Frame, point: Point, found: Measures, currency: str) -> dict[str, Any]:
    latest = point.period == found.latest
    look = "moved" if point.moved else "latest"
    row: dict[str, Any] = {
        "x": frame.across(point.period),
        "y": frame.down(point.value),
        "latest": latest,
        "moved": bool(point.moved),
        "look": "few" if point.few else look if latest else "quiet",
        "Measure": point.name,
        "Period": found.name(point.period),
        "Value": point.tell(currency),
        "Interval": point.span() or "none",
        "Made of": point.behind,
    }
    if is_number(point.low) and is_number(point.high):
        row |= {"low": frame.down(point.low), "high": frame.down(point.high)}
    return row


def _draw_words(
    frame: _Frame, series: Sequence[Point], found: Measures, currency: str
) -> list[alt.Chart]:
    """Name a picture, write its latest figure, and say when it begins and ends."""
    latest = series[-1]
    here = latest.period == found.latest
    words = latest.tell(currency) if here else "\u2013"
    ink = QUIET_INK if latest.few or not here else ACCENT if latest.moved else INK
    span = latest.span() if here else ""
    layers = [
        draw_text([latest.name], x=frame.left, y=frame.top, size=LABEL_SIZE, colour=QUIET_INK),
        draw_text(
            [words],
            x=frame.left,
            y=frame.top + 37,
            size=_VALUE_SIZE,
            colour=ink,
            weight="bold",
            baseline="bottom",
        ),
        draw_text([span], x=frame.left + _WIDE, y=frame.top + 35, align="right", baseline="bottom"),
    ]
    ends: list[tuple[date, Align]] = [(frame.first, "left"), (frame.last, "right")]
    if frame.first == frame.last:
        ends = [(frame.last, "center")]
    foot = frame.top + _HEAD + _PLOT + 6
    return [
        *(layer for layer, text in zip(layers, (latest.name, words, span), strict=True) if text),
        *(
            draw_text([_name_short(day, found)], x=_end_of(frame, day, align), y=foot, align=align)
            for day, align in ends
        ),
    ]


def _end_of(frame: _Frame, day: date, align: Align) -> float:
    at = frame.across(day)
    return at + {"left": -6.0, "right": _RIGHT, "center": 0.0}[align]


def _name_short(day: date, found: Measures) -> str:
    return name_day(day) if found.every == "week" else found.name(day)


def _describe(series: Sequence[Point], found: Measures, currency: str) -> str:
    latest = series[-1]
    if latest.period != found.latest:
        return f"{latest.name} none"
    span = latest.span()
    return f"{latest.name} {latest.tell(currency)}" + (f" ({span})" if span else "")


def _say_marks(shown: Sequence[Sequence[Point]], found: Measures, frames: Sequence[_Frame]) -> str:
    points = [point for series in shown for point in series]
    gaps = any(
        not found.follows(before.period, after.period)
        for series in shown
        for before, after in pairwise(series)
    )
    past = any(
        bound < frame.ticks[0] or bound > frame.ticks[-1]
        for frame, series in zip(frames, shown, strict=True)
        for point in series
        for bound in (point.low, point.high)
        if is_number(bound)
    )
    moved = any(point.moved and not point.few for point in found.reported if point.headline)
    return join_notes(
        f"The large dot is {found.name(found.latest)}"
        + ("; in violet, where it moved beyond chance." if moved else "."),
        "Contacts are counted, every one: they have no interval."
        if any(point.unit == "contacts" for point in points)
        else "",
        f"Hollow: a {found.every} with too few to judge." if any(p.few for p in points) else "",
        f"Where a line breaks, a {found.every} has none, or too few to show." if gaps else "",
        "Some intervals run past the axis." if past else "",
    )
