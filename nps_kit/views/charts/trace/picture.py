"""A control chart: a score over time, what is usual, and what a rule marks."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    Align,
    at_x,
    at_x2,
    at_y,
    at_y2,
    chart_of,
    cut,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    measure,
    score_ticks,
    tips,
)
from nps_kit.views.charts.trace.places import END, HEIGHT, START, Axes, draw_labels
from nps_kit.views.palette import (
    ACCENT,
    FAINT,
    GRID,
    INK,
    INTERVAL,
    NOTE_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
    ZERO,
)
from nps_kit.views.sentences.trace import list_marks, say_trace
from nps_kit.views.traces import Point, Series, read_trace
from nps_kit.views.wording import (
    is_number,
    name_period,
    name_value,
    shorten,
    write_count,
    write_list,
    write_score,
)

_MANY = 36
_TIPS = ("Period", "NPS", "Usual", "Answers", "Mark")
_LIMITS = {
    "xmr": "Band: three standard deviations about the mean, by the moving range (XmR).",
    "xmr_adjusted": "Band: three standard deviations about the mean (XmR, adjusted for answers).",
    "laney": "Band: three standard deviations about the mean (Laney, by the number of answers).",
}
_RULES = {
    "outside": "outside the band",
    "trend": "seven that rise or fall without a break",
    "near": "two of three near one edge of the band",
    "run": "seven in a row on one side of the mean",
}


def draw_trace(
    trace: pl.DataFrame,
    *,
    every: Every | None = None,
    whose: str = "",
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw a score over time against what is usual: only what a rule marked stands out.

    A period without answers is a gap. Where limits are computed afresh, the band breaks.

    Parameters
    ----------
    trace
        Table as `trace_nps` makes it, of one series.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    whose
        What the series is of, as for `say_trace`; it is then named above the picture too.
    title
        The finding. Empty: as `say_trace` words it.
    subtitle
        The measure and its unit. Empty: the measure and the answers. The kind of survey and the
        scale are added where the table holds them.
    note
        The source and what was set aside; what the band and the marks are is added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `trace` lacks a column of `trace_nps`.
    OptionError
        If `trace` holds more than one series.

    Examples
    --------
    >>> from datetime import date
    >>> trace = pl.DataFrame(
    ...     [
    ...         {
    ...             **{"period": date(2026, 9, 1), "n": 512, "nps": 31.2, "low": 27.0},
    ...             **{"high": 35.3, "few": False, "centre": 31.5, "limit_low": 22.1},
    ...             **{"limit_high": 40.9, "method": "xmr", "phase": 1, "provisional": False},
    ...             **{"rule": "", "direction": ""},
    ...             **{"run_length": 1, "special": False, "latest": True, "signal": False},
    ...             **{"false_alarm": 0.0113, "target": None, "assurance": None},
    ...         }
    ...     ]
    ... )
    >>> draw_trace(trace).to_dict()["title"]["text"]
    ["September 2026's +31 is within what this centre usually does (22 to 41):", 'no signal']
    """
    series = read_trace(trace, every=every, caller="draw_trace()")
    found = title or say_trace(trace, every=every, whose=whose, length="short")
    if series.absent:
        return draw_nothing(series.absent, title=found, note=note)
    ticks = _find_ticks(series)
    of = f" of {shorten(name_value(whose))}" if whose else ""
    answers = write_count(sum(point.n for point in series.points), "answer")
    return finish(
        _draw_series(series, ticks),
        title=found,
        subtitle=join_parts(
            subtitle or f"Net Promoter Score{of} by {series.every}, points",
            _context(series),
            "" if subtitle else answers,
        ),
        note=join_notes(note, _say_band(series), _say_marks(series)),
        description=_describe(series),
        height=HEIGHT,
        note_gap=42,
    )


def _context(series: Series) -> str:
    kind = f"{series.survey} answers" if series.survey else ""
    scale = f"{series.scale} scale" if series.scale else ""
    return ", ".join(part for part in (kind, scale) if part)


def _describe(series: Series) -> str:
    latest = series.latest
    limits = f"usual {latest.span}" if latest.limited else "without limits"
    score = write_score(latest.score) if latest.nps is not None else "none"
    marks = list_marks(series)
    marked = f" Marked: {write_list(marks)}." if marks else " No period is marked."
    return f"{write_count(len(series.points), series.every)}, the latest {score}, {limits}.{marked}"


def _say_band(series: Series) -> str:
    latest = series.latest
    methods = {p.method for p in series.points if p.limited and p.phase == latest.phase}
    told = [words for method, words in _LIMITS.items() if method in methods]
    if not told:
        return ""
    unit = series.every
    return join_notes(
        *told,
        f"It rests on few {unit}s, and is provisional." if latest.provisional else "",
        f"False alarms: about {series.odds()} stable {unit}s." if series.odds() else "",
    )


def _say_marks(series: Series) -> str:
    rules = {point.rule for point in series.points if point.special}
    told = [words for rule, words in _RULES.items() if rule in rules]
    few = any(point.few and point.nps is not None for point in series.points)
    gaps = any(point.nps is None for point in series.points)
    afresh = len({point.phase for point in series.points}) > 1
    return join_notes(
        f"Marked: {'; '.join(told)}." if told else "",
        "At each upright line the limits begin afresh." if afresh else "",
        f"Hollow: a {series.every} with too few answers to judge." if few else "",
        f"Where the line breaks, a {series.every} has no answers, or too few to show."
        if gaps
        else "",
    )


def _find_ticks(series: Series) -> list[int]:
    judged = [point for point in series.points if point.judged]
    bounds = [bound for point in judged for bound in (point.low, point.high)]
    scores = [point.nps for point in series.points]
    return score_ticks([*bounds, *scores, series.target])


def _draw_series(series: Series, ticks: Sequence[int]) -> list[alt.Chart]:
    axes = Axes(series, ticks)
    return [
        *_draw_grid(axes),
        *_draw_band(series, axes),
        *_draw_target(series, axes),
        *_draw_changes(series, axes),
        *_draw_points(series, axes),
        *_draw_names(series, axes),
        *draw_labels(series, axes),
    ]


def _draw_grid(axes: Axes) -> list[alt.Chart]:
    # The grid ends where the picture does: beside it stand words.
    across = {"x": at_x(0), "x2": at_x2(END)}
    lines = chart_of([{"tick": tick} for tick in axes.ticks if tick])
    grid = [lines.mark_rule(color=GRID, strokeWidth=1).encode(axes.up("tick"), **across)]
    if axes.ticks[0] <= 0 <= axes.ticks[-1]:
        zero = chart_of([{"tick": 0}]).mark_rule(color=ZERO, strokeWidth=1)
        grid.append(zero.encode(axes.up("tick"), **across))
    return grid


def _draw_band(series: Series, axes: Axes) -> list[alt.Chart]:
    """Draw the limits as steps, and the centre of each phase through them."""
    steps: list[dict[str, Any]] = []
    part = 0
    for point, stamp in zip(series.points, axes.edges, strict=True):
        if point.low is None or point.high is None or point.few:
            continue
        low, high = cut(point.low, axes.ticks), cut(point.high, axes.ticks)
        begins = stamp - axes.half
        last = steps[-1] if steps else None
        # Months differ in length: what is next begins where the last one ends, near enough.
        joined = last and last["phase"] == point.phase and last["edge"] >= begins - axes.half / 2
        if last and joined:
            last["edge"] = begins
        else:
            part += 1
        row = {"part": part, "phase": point.phase, "low": low, "high": high}
        steps += [row | {"edge": begins}, row | {"edge": stamp + axes.half}]
    if not steps:
        return []
    band = chart_of([{k: row[k] for k in ("part", "low", "high", "edge")} for row in steps])
    return [
        band.mark_area(color=INTERVAL, opacity=0.42, interpolate="step-after").encode(
            axes.across("edge"), axes.up("low"), alt.Y2("high:Q"), detail=alt.Detail("part:N")
        ),
        # A line from edge to edge: a rule with two times makes Vega warn of its own domain.
        chart_of(
            [
                {"phase": phase, "edge": row[end], "centre": row["centre"]}
                for phase, row in enumerate(_centres(series, axes))
                for end in ("from", "to")
            ]
        )
        .mark_line(color=POINT, strokeWidth=1, opacity=0.75)
        .encode(axes.across("edge"), axes.up("centre"), detail=alt.Detail("phase:N")),
    ]


def _centres(series: Series, axes: Axes) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for point, stamp in zip(series.points, axes.edges, strict=True):
        if is_number(point.centre):
            new = {"from": stamp - axes.half, "centre": point.centre}
            found.setdefault(point.phase, new)["to"] = stamp + axes.half
    return list(found.values())


def _draw_target(series: Series, axes: Axes) -> list[alt.Chart]:
    if not is_number(series.target):
        return []
    line = chart_of([{"target": series.target}]).mark_rule(
        color=QUIET_INK, strokeWidth=1.25, strokeDash=[5, 4]
    )
    across = {"x": at_x(START), "x2": at_x2(END)}
    return [line.encode(axes.up("target"), **across)]


def _draw_changes(series: Series, axes: Axes) -> list[alt.Chart]:
    """Draw where limits begin afresh, with the date above."""
    layers: list[alt.Chart] = []
    level, following = 0, float(WIDTH)
    pairs = list(zip(pairwise(series.points), axes.edges[1:], strict=True))
    # From the right: a date that would run into the next line is written above its date.
    for (before, point), stamp in reversed(pairs):
        if point.phase == before.phase:
            continue
        words = f"from {name_period(point.period, every=series.every)}"
        at, width = axes.x(stamp - axes.half), measure(words, size=NOTE_SIZE)
        align: Align = "left" if at + width + 4 <= WIDTH else "right"
        level = level + 1 if align == "left" and at + width + 8 > following else 0
        following = at
        top = -4 - 14 * level
        rule = chart_of([{}]).mark_rule(color=QUIET_INK, strokeWidth=1, opacity=0.6)
        beside = 4 if align == "left" else -4
        layers += [
            rule.encode(x=at_x(at), y=at_y(top - 10), y2=at_y2(HEIGHT)),
            draw_text([words], x=at + beside, y=top, align=align, baseline="bottom"),
        ]
    return layers


def _draw_points(series: Series, axes: Axes) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = []
    run, gap = 0, False
    for point, stamp in zip(series.points, axes.edges, strict=True):
        if point.nps is None:
            gap = True
            continue
        run += gap or point.few
        gap = point.few
        rows.append(_tell(point, series) | {"start": stamp, "run": run})
    drawn = ("start", "nps", "run")
    lines = [{name: row[name] for name in drawn} for row in rows if not row["few"]]
    over, up = axes.across("start"), axes.up("nps")
    layers = []
    if len(lines) > 1:
        base = chart_of(lines).mark_line(color=POINT, strokeWidth=1.5, strokeJoin="round")
        layers.append(base.encode(over, up, detail=alt.Detail("run:N")))
    small = len(rows) > _MANY
    solid: dict[str, Any] = {"filled": True, "stroke": PAPER, "opacity": 1}
    hollow: dict[str, Any] = {"fill": PAPER, "stroke": FAINT, "strokeWidth": 1.5, "opacity": 1}
    quiet = solid | {"strokeWidth": 1, "fill": POINT, "size": 22 if small else 42}
    marked = solid | {"strokeWidth": 1.25, "fill": ACCENT, "size": 48 if small else 84}
    looks: list[tuple[Callable[[dict[str, Any]], bool], dict[str, Any]]] = [
        (lambda row: row["few"], hollow | {"size": 30}),
        (lambda row: not (row["few"] or row["special"] or row["latest"]), quiet),
        (lambda row: row["special"] and not row["latest"], marked),
        (lambda row: row["latest"] and not (row["few"] or row["special"]), marked | {"fill": INK}),
        (lambda row: row["latest"] and row["special"], marked | {"size": 130}),
    ]
    for belongs, look in looks:
        mine = [row for row in rows if belongs(row)]
        if mine:
            dots = chart_of(mine).mark_point(**look)
            layers.append(dots.encode(over, up, tooltip=tips(*_TIPS)))
    return layers


def _tell(point: Point, series: Series) -> dict[str, Any]:
    return {
        "nps": point.nps,
        "few": point.few,
        "special": point.special,
        "latest": point.latest,
        "Period": series.name(point),
        "NPS": write_score(point.score),
        "Usual": point.span or "no limits",
        "Answers": f"{point.n:,}",
        "Mark": _RULES.get(point.rule, "none"),
    }


def _draw_names(series: Series, axes: Axes) -> list[alt.Chart]:
    """Name the periods outside their limits, where there is room."""
    layers: list[alt.Chart] = []
    taken = -1.0
    for point, stamp in zip(series.points, axes.edges, strict=True):
        if point.rule != "outside" or point.latest:
            continue
        words = name_period(point.period, every=series.every)
        width = measure(words, size=NOTE_SIZE)
        left = min(max(axes.x(stamp) - width / 2, START), END - width)
        if left < taken:
            continue
        taken = left + width + 8
        above = point.direction == "above"
        y = axes.y(point.score) + (-9 if above else 9)
        # At the edge of the picture there is room only on the other side.
        if not 12 <= y <= HEIGHT - 14:  # noqa: PLR2004 - the height of a line
            above, y = not above, axes.y(point.score) + (9 if above else -9)
        layers.append(
            draw_text([words], x=left, y=y, colour=ACCENT, baseline="bottom" if above else "top")
        )
    return layers
