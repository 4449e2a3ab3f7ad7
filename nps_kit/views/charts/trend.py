"""A score over time."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Any

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, listed
from nps_kit.views.charts.layout import (
    SIGNED,
    chart_of,
    cut,
    draw_nothing,
    finish,
    join_notes,
    join_parts,
    runs_past,
    score_scale,
    ticks_for,
    tips,
)
from nps_kit.views.groups import NO_ANSWER, Group, check_columns, read_groups
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
from nps_kit.views.sentences.estimates import list_scores, say_estimates
from nps_kit.views.wording import (
    is_number,
    next_period,
    write_count,
    write_score,
    write_span,
)

_HEIGHT = 240
_START = 52
_END = WIDTH - 52
_MOST_DATES = {"year": 10, "quarter": 8, "month": 8, "week": 6, "day": 6}
_A_DAY = 86_400_000
_FORMATS = {
    "year": "%Y",
    "quarter": "Q%q %Y",
    "month": "%b %Y",
    "week": "%-d %b %Y",
    "day": "%-d %b %Y",
}
_TIPS = ("Period", "NPS", "Interval", "Answers")
_SOLID: dict[str, Any] = {"filled": True, "stroke": PAPER, "strokeWidth": 1.25, "opacity": 1}
_HOLLOW: dict[str, Any] = {"fill": PAPER, "stroke": FAINT, "strokeWidth": 1.5, "opacity": 1}


def draw_trend(
    estimates: pl.DataFrame,
    *,
    every: Every | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw a score over time: the interval as a ribbon, the latest in the accent.

    A period that is not in the table is a gap in the line, not a shorter way.

    Parameters
    ----------
    estimates
        Table as `estimate_nps` makes it by ``period`` alone.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    title
        The finding. Empty: as `say_estimates` words it.
    subtitle
        The measure and its unit. Empty: the measure, the interval and the answers. The kind of
        survey and the scale are added where the table holds them.
    note
        The source and what was set aside; gaps and the method are added.

    Returns
    -------
    The chart; a quiet placeholder where no period is recorded or no answer counts.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``period``, ``n``, ``nps``, ``low``, ``high`` or ``few``.
    OptionError
        If a period comes twice: a trend is one series.

    Examples
    --------
    >>> from datetime import date
    >>> estimates = pl.DataFrame(
    ...     {
    ...         "period": [date(2026, 9, 1)],
    ...         "n": [512],
    ...         "nps": [31.2],
    ...         "low": [27.0],
    ...         "high": [35.3],
    ...         "few": [False],
    ...     }
    ... )
    >>> draw_trend(estimates).to_dict()["title"]["text"]
    ['September 2026 stands at +31 (27 to 35, 512 answers)']
    """
    check_columns(estimates, ("period", "n"), caller="draw_trend()", name="estimates")
    others = [
        name for name in estimates.columns[: estimates.columns.index("n")] if name != "period"
    ]
    groups = read_groups(estimates, by=("period",), every=every, caller="draw_trend()")
    found = say_estimates(estimates, by=("period",), every=every, length="short")
    if groups.absent:
        return draw_nothing(groups.absent, title=title or found, note=note)
    dated = [group for group in groups.rows if group.period is not None]
    if len({group.period for group in dated}) < len(dated):
        raise OptionError(
            "draw_trend() draws one series, and `estimates` has periods more than once.\n"
            f"  Keep one group of {listed(others)}, or estimate by the period alone."
        )
    scored = [group for group in dated if group.nps is not None]
    if not scored:
        return draw_nothing(NO_ANSWER, title=title or found, note=note)
    ticks = ticks_for(scored)
    rows = _tell(scored, groups.every, ticks)
    return finish(
        _draw_series(rows, ticks=ticks, every=groups.every),
        title=title or found,
        subtitle=join_parts(
            subtitle or f"Net Promoter Score by {groups.every}, points, with {groups.interval()}s",
            groups.context(),
            "" if subtitle else write_count(groups.n, "answer"),
        ),
        note=join_notes(
            note, _say_marks(rows, groups.every), runs_past(scored, ticks), groups.method()
        ),
        description=list_scores(scored[::-1]),
        height=_HEIGHT,
        note_gap=40,
    )


def _tell(scored: Sequence[Group], every: Every, ticks: Sequence[int]) -> list[dict[str, Any]]:
    """Give each period its numbers, and the number of the unbroken run that it is in.

    A run ends at a missing period and at one with too few answers, which stands by itself.
    """
    rows: list[dict[str, Any]] = []
    run, due, few = 0, scored[0].period, scored[0].few
    for group in scored:
        start = group.period or date.min
        run += start != due or few or group.few
        due, few = next_period(start, every=every), group.few
        rows.append(
            {
                # A day without a time is read as UTC, and the axis is UTC: the same everywhere.
                "period": start.isoformat(),
                "run": run,
                "nps": group.score,
                "low": cut(group.low if is_number(group.low) else group.score, ticks),
                "high": cut(group.high if is_number(group.high) else group.score, ticks),
                "few": group.few,
                "Period": group.label,
                "NPS": write_score(group.score),
                "Interval": write_span(group.low, group.high, decimals=1) or "none",
                "Answers": f"{group.n:,}",
            }
        )
    return rows


def _say_marks(rows: Sequence[dict[str, Any]], every: Every) -> str:
    days = [date.fromisoformat(row["period"]) for row in rows]
    gaps = any(next_period(day, every=every) != after for day, after in pairwise(days))
    few = any(row["few"] for row in rows)
    return join_notes(
        f"Hollow: a {every} with too few answers to judge." if few else "",
        f"Where the line breaks, a {every} has no answers, or too few to show." if gaps else "",
    )


def _draw_series(
    rows: Sequence[dict[str, Any]], *, ticks: Sequence[int], every: Every
) -> list[alt.Chart]:
    over = _time_axis([date.fromisoformat(row["period"]) for row in rows], every)
    up = _score_axis(ticks)
    runs = [row["run"] for row in rows]
    lone = [row for row in rows[:-1] if runs.count(row["run"]) == 1]
    few = [row for row in lone if row["few"]]
    layers = [*_draw_grid(ticks, up)]
    if len(lone) < len(rows) - 1:
        base = chart_of([row for row in rows if runs.count(row["run"]) > 1])
        layers += [
            base.mark_area(color=INTERVAL, opacity=0.55).encode(
                over, up("low"), alt.Y2("high:Q"), detail=alt.Detail("run:N")
            ),
            base.mark_line(color=POINT, strokeWidth=1.75).encode(
                over, up("nps"), detail=alt.Detail("run:N")
            ),
        ]
    for part, width in (([row for row in lone if not row["few"]], 7), (few, 1.5)):
        if part:
            bar = chart_of(part).mark_rule(strokeWidth=width, color=INTERVAL)
            layers.append(bar.encode(over, up("low"), alt.Y2("high:Q")))
    for part, look in (
        ([row for row in rows[:-1] if not row["few"]], _SOLID | {"fill": POINT, "size": 42}),
        (few, _HOLLOW | {"size": 38}),
    ):
        if part:
            layers.append(
                chart_of(part).mark_point(**look).encode(over, up("nps"), tooltip=tips(*_TIPS))
            )
    return [*layers, *_draw_last(rows[-1], over, up)]


def _score_axis(ticks: Sequence[int]) -> Callable[[str], alt.Y]:
    scale = score_scale(ticks, start=_HEIGHT, end=0)
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
        return alt.Y(f"{column}:Q", scale=scale, axis=axis, title=None)

    return up


def _draw_grid(ticks: Sequence[int], up: Callable[[str], alt.Y]) -> list[alt.Chart]:
    lines = chart_of([{"tick": tick} for tick in ticks if tick])
    grid = [lines.mark_rule(color=GRID, strokeWidth=1).encode(up("tick"))]
    if ticks[0] <= 0 <= ticks[-1]:
        zero = chart_of([{"tick": 0}]).mark_rule(color=ZERO, strokeWidth=1)
        grid.append(zero.encode(up("tick")))
    return grid


def _draw_last(row: dict[str, Any], over: alt.X, up: Callable[[str], alt.Y]) -> list[alt.Chart]:
    few = row["few"]
    look = _HOLLOW | {"size": 60} if few else _SOLID | {"fill": ACCENT, "size": 110}
    last = chart_of([row])
    return [
        last.mark_rule(
            strokeWidth=1.5 if few else 7, color=INTERVAL if few else ACCENT_PALE
        ).encode(over, up("low"), alt.Y2("high:Q")),
        last.mark_point(**look).encode(over, up("nps"), tooltip=tips(*_TIPS)),
        last.mark_text(
            align="left",
            dx=11,
            fontSize=16,
            fontWeight="bold",
            color=QUIET_INK if few else ACCENT,
        ).encode(over, up("nps"), text=alt.Text("NPS:N")),
    ]


def _time_axis(starts: Sequence[date], every: Every) -> alt.X:
    first, last = starts[0], starts[-1]
    periods = [first]
    while periods[-1] < last:
        periods.append(next_period(periods[-1], every=every))
    # Counted back from the latest, so that it is always named.
    shown = periods[:: -ceil(len(periods) / _MOST_DATES[every])]
    edges = [_stamp(first), _stamp(last)]
    if first == last:
        edges = [edges[0] - _A_DAY, edges[0] + _A_DAY]
    return alt.X(
        "period:T",
        scale=alt.Scale(type="utc", domain=edges, range=[_START, _END], nice=False),
        axis=alt.Axis(
            values=[_stamp(day) for day in shown],
            format=_FORMATS[every],
            grid=False,
            labelOverlap=False,
            labelFlush=False,
        ),
        title=None,
    )


def _stamp(day: date) -> int:
    """Give the milliseconds since 1970 at which a day begins, in UTC."""
    return (day - date(1970, 1, 1)).days * _A_DAY
