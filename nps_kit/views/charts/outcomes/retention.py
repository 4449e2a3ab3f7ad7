"""Who stays over time, by band, with those still followed beneath."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import altair as alt
import polars as pl

from nps_kit.errors import OptionError, check_choice
from nps_kit.views.charts.layout import (
    at_x,
    at_x2,
    at_y,
    at_y2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    tips,
)
from nps_kit.views.outcomes import NOBODY, Curve, Day, Retention, read_retention
from nps_kit.views.outcomes.words import name_days
from nps_kit.views.palette import (
    BAND_COLOURS,
    BAND_INKS,
    GRID,
    INK,
    LABEL_SIZE,
    QUIET_INK,
    WIDTH,
    ZERO,
)
from nps_kit.views.sentences.outcomes.retention import list_retention, say_retention
from nps_kit.views.wording import start_sentence, write_share

Axis = Literal["whole", "near"]
Shape = Literal["steps", "straight"]

_HEIGHT = 270
_START = 96
_END = WIDTH - 118
_STRIP = 17
_LABEL = 34
_HEAD_SIZE = 11.5
_MONTH = 365.25 / 12
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS = (1, 2, 5, 7, 10, 14)
_MOST_TIMES = 8
_TIPS = ("Band", "Time", "Staying", "Interval", "Still followed", "Left so far")
_DECIMALS = 5
_APART = 58


class _Frame(NamedTuple):
    """Where things stand: the last day, and the share at the foot of the picture."""

    last: int
    floor: float

    def over(self) -> alt.X:
        """Place days."""
        scale = alt.Scale(domain=[0, self.last], range=[_START, _END], nice=False, zero=False)
        return alt.X("days:Q", scale=scale, axis=None)

    def up(self, column: str) -> alt.Y:
        """Place shares."""
        scale = alt.Scale(domain=[self.floor, 1], range=[_HEIGHT, 0], nice=False, zero=False)
        return alt.Y(f"{column}:Q", scale=scale, axis=None)

    def y(self, share: float) -> float:
        """Place a share, in pixels from the top."""
        return _HEIGHT * (1 - share) / (1 - self.floor)

    def cut(self, share: float) -> float:
        """Keep a bound within the axis."""
        return max(share, self.floor)


def draw_retention(
    retention: pl.DataFrame,
    marks: pl.DataFrame | None = None,
    *,
    axis: Axis = "whole",
    shape: Shape = "steps",
    min_n: int = 30,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the share of each band that stays, over time, and how many were still followed.

    Each band is a line in its colour within its interval, named at its end. A line ends
    where fewer than `min_n` were still followed; a band that never had so many is thin.

    Parameters
    ----------
    retention
        Table of one group as `estimate_retention` makes it where no days are asked.
    marks
        The same group read at round days, ``estimate_retention(counts, at=[90, 180, 365])``: they
        are named beneath, with those still followed on them. None: round months.
    axis
        "whole" runs from 0 to 100 %; "near" begins close under the lowest line, and says so.
    shape
        "steps" for a table of every day on which someone left; "straight" joins the days of one
        that was read at some, such as those of `suppress_days`, and says so.
    min_n
        A band is drawn as far as so many of it were still followed.
    title
        The finding. Empty: as `say_retention` words it.
    subtitle
        The measure. Empty: the measure and the interval. The kind of survey and the scale are added
        where the table holds them.
    note
        The source and what was set aside; how to read the picture is added.

    Returns
    -------
    The chart; a quiet placeholder where nobody was followed.

    Raises
    ------
    MissingColumnError
        If a table lacks a column of `estimate_retention`.
    OptionError
        If a table holds several groups, the curves lack their beginning, or `axis` or `shape` is
        none of its choices.

    Examples
    --------
    >>> retention = pl.DataFrame(
    ...     {
    ...         "band": "detractors",
    ...         "n": 100,
    ...         "days": [0, 50, 400],
    ...         "at_risk": [100, 100, 80],
    ...         "left": [0, 20, 20],
    ...         "staying": [1.0, 0.8, 0.8],
    ...         "low": [0.96, 0.71, 0.71],
    ...         "high": [1.0, 0.87, 0.87],
    ...     }
    ... )
    >>> draw_retention(retention).to_dict()["title"]["text"]
    ['400 days after their answer 80 % of detractors are still customers']
    """
    caller = "draw_retention()"
    check_choice(axis, get_args(Axis), caller=caller, option="axis")
    check_choice(shape, get_args(Shape), caller=caller, option="shape")
    found = read_retention(retention, caller=caller)
    read = None if marks is None else read_retention(marks, caller=caller, table="marks")
    said = say_retention(retention if marks is None else marks, length="short")
    curves = [each for each in (_shorten(c, min_n=min_n) for c in found.followed) if each.days]
    if not any(day.days or day.left for curve in curves for day in curve.days):
        return draw_nothing(NOBODY, title=title or said, note=note)
    if not found.whole:
        first = min(curve.days[0].days for curve in curves)
        raise OptionError(
            f"{caller} draws whole curves, and `retention` begins on day {first}.\n"
            "  Leave `at` out, estimate_retention(counts), and pass what was read at some days "
            "second."
        )
    last = max(1, *(curve.days[-1].days for curve in curves))
    lowest = min(day.low for curve in curves for day in curve.days)
    frame = _Frame(last, _find_floor(lowest) if axis == "near" else 0.0)
    times = _find_times(last, read)
    cells, exact = _tell_strip(times, found, read)
    strip = _HEIGHT + 44 + _STRIP * len(curves)
    few = [curve.band for curve in curves if curve.n < min_n]
    cut_short = any(
        short.days[-1].days < whole.days[-1].days
        for short, whole in zip(curves, [c for c in found.followed if c.days], strict=True)
    )
    return finish(
        [
            *_draw_times(times, frame),
            *_draw_grid(frame),
            *(
                layer
                for curve in curves
                for layer in _draw_curve(curve, frame, shape=shape, few=few)
            ),
            *_draw_names(curves, frame),
            *_draw_strip(cells, [curve.band for curve in curves], frame),
        ],
        title=title or said,
        subtitle=join_parts(
            subtitle
            or f"Share still customers, by time since their answer, with {found.shared.interval}s",
            found.whose,
            found.shared.context,
        ),
        note=join_notes(
            note,
            f"The axis begins at {write_share(frame.floor)}, not at 0: differences look larger."
            if frame.floor
            else "",
            "The lines are read on some days, and straight between them."
            if shape == "straight"
            else "",
            f"A line ends where fewer than {min_n:,} were still followed." if cut_short else "",
            f"Thin: fewer than {min_n:,} answers." if few else "",
            ""
            if exact
            else "Still followed: on the last day until then on which someone of the band left.",
            "An answer is followed until the customer leaves or answers again.",
        ),
        description=list_retention(read or found),
        height=strip,
        note_gap=16,
    )


def _shorten(curve: Curve, *, min_n: int) -> Curve:
    """Leave out the end of a curve, on which few are followed and little is known."""
    if curve.n < min_n:
        return curve
    days = tuple(day for day in curve.days if day.at_risk >= min_n)
    return Curve(curve.band, curve.n, days)


def _find_floor(lowest: float) -> float:
    """Find the tenth under the lowest bound."""
    return max(int(lowest * 10 - 1e-9), 0) / 10


def _find_times(last: int, read: Retention | None) -> list[int]:
    """Find the days that are named: those read, or round ones."""
    if read is not None:
        asked = {day.days for curve in read.curves for day in curve.days if day.days <= last}
        return _thin(sorted({0, *asked}), last=last)
    if last < 2 * _MONTH:
        step = next((s for s in _DAY_STEPS if last / s <= _MOST_TIMES), _DAY_STEPS[-1])
        return list(range(0, last + 1, step))
    months = int(last / _MONTH)
    step = next((s for s in _STEPS if months / s < _MOST_TIMES), _STEPS[-1])
    return [round(k * _MONTH) for k in range(0, months + 1, step)]


def _thin(times: Sequence[int], *, last: int) -> list[int]:
    """Leave out days that would be named on top of the one before."""
    kept = [times[0]]
    for time in times[1:]:
        if (time - kept[-1]) * (_END - _START) / last >= _APART:
            kept.append(time)
    return kept


def _tell_strip(
    times: Sequence[int], found: Retention, read: Retention | None
) -> tuple[list[dict[str, Any]], bool]:
    """Give those still followed on each day, and whether each was read on that very day."""
    exact, cells = True, []
    for curve in found.followed:
        asked = {
            day.days: day
            for other in (read.curves if read else ())
            if other.band == curve.band
            for day in other.days
        }
        for time in times:
            day = asked.get(time) or curve.read(time)
            if day is None:
                continue
            exact = exact and day.days == time
            cells.append({"days": time, "band": curve.band, "At risk": f"{day.at_risk:,}"})
    return cells, exact


def _tell(day: Day, curve: Curve, frame: _Frame) -> dict[str, Any]:
    return {
        "days": day.days,
        "staying": round(frame.cut(day.staying), _DECIMALS),
        "low": round(frame.cut(day.low), _DECIMALS),
        "high": round(frame.cut(day.high), _DECIMALS),
        "Band": curve.band,
        "Time": name_days(day.days),
        "Staying": write_share(day.staying),
        "Interval": _write_span(day),
        "Still followed": f"{day.at_risk:,}",
        "Left so far": f"{day.left:,}",
    }


def _write_span(day: Day) -> str:
    return f"{write_share(day.low).removesuffix(' %')} to {write_share(day.high)}"


def _draw_curve(
    curve: Curve, frame: _Frame, *, shape: Shape, few: Sequence[str]
) -> list[alt.Chart]:
    thin = curve.band in few
    base = chart_of([_tell(day, curve, frame) for day in curve.days])
    colour = BAND_INKS.get(curve.band, INK)
    way: Literal["step-after", "linear"] = "step-after" if shape == "steps" else "linear"
    area = base.mark_area(
        interpolate=way, color=BAND_COLOURS.get(curve.band, GRID), opacity=0.28
    ).encode(frame.over(), frame.up("low"), alt.Y2("high:Q"))
    line = base.mark_line(interpolate=way, color=colour, strokeWidth=1 if thin else 2.25).encode(
        frame.over(), frame.up("staying")
    )
    points = base.mark_point(size=30, opacity=0).encode(
        frame.over(), frame.up("staying"), tooltip=tips(*_TIPS)
    )
    return [line, points] if thin else [area, line, points]


def _draw_names(curves: Sequence[Curve], frame: _Frame) -> list[alt.Chart]:
    """Name each line at its right end, moved apart where they would meet."""
    ordered = sorted(curves, key=lambda curve: -curve.days[-1].staying)
    places = [frame.y(curve.days[-1].staying) for curve in ordered]
    low = _HEIGHT - 8 - _LABEL * (len(places) - 1) + 0.0
    for k in range(len(places)):
        least = places[k - 1] + _LABEL if k else 6.0
        places[k] = min(max(places[k], least), max(low + _LABEL * k, least))
    layers: list[alt.Chart] = []
    for curve, y in zip(ordered, places, strict=True):
        last = curve.days[-1]
        ink = BAND_INKS.get(curve.band, INK)
        layers += [
            draw_text(
                [start_sentence(curve.band)],
                x=_END + 10,
                y=y - 8,
                size=LABEL_SIZE,
                colour=ink,
                weight="bold",
            ),
            draw_text(
                [f"{write_share(last.staying)} ({_write_span(last).removesuffix(' %')})"],
                x=_END + 10,
                y=y + 8,
                size=_HEAD_SIZE,
            ),
        ]
    return layers


def _draw_grid(frame: _Frame) -> list[alt.Chart]:
    step = 0.25 if not frame.floor else 0.1 if frame.floor < 0.7 else 0.05  # noqa: PLR2004 - steps
    count = round((1 - frame.floor) / step)
    ticks = [round(1 - k * step, 6) for k in range(count + 1)]
    rows = [{"tick": tick, "Label": write_share(tick)} for tick in ticks]
    lines = chart_of([row for row in rows if row["tick"]])
    labels = chart_of(rows)
    foot = chart_of([{"tick": frame.floor}])
    return [
        lines.mark_rule(color=GRID, strokeWidth=1).encode(
            frame.up("tick"), x=at_x(0), x2=at_x2(_END)
        ),
        foot.mark_rule(color=ZERO, strokeWidth=1).encode(
            frame.up("tick"), x=at_x(0), x2=at_x2(_END)
        ),
        labels.mark_text(
            align="left", baseline="bottom", dy=-2, color=QUIET_INK, fontSize=12
        ).encode(frame.up("tick"), x=at_x(0), text=alt.Text("Label:N")),
    ]


def _draw_times(times: Sequence[int], frame: _Frame) -> list[alt.Chart]:
    rows = [{"days": time, "Label": _name_time(time)} for time in times]
    base = chart_of(rows)
    return [
        base.mark_rule(color=GRID, strokeWidth=1).encode(
            frame.over(), y=at_y(0), y2=at_y2(_HEIGHT)
        ),
        base.mark_text(baseline="top", color=QUIET_INK, fontSize=12).encode(
            frame.over(), y=at_y(_HEIGHT + 7), text=alt.Text("Label:N")
        ),
    ]


def _name_time(time: int) -> str:
    return name_days(time) if time else "answer"


def _draw_strip(
    cells: Sequence[dict[str, Any]], bands: Sequence[str], frame: _Frame
) -> list[alt.Chart]:
    top = _HEIGHT + 30.0
    layers = [draw_text(["Still followed"], y=top, size=_HEAD_SIZE)]
    for k, band in enumerate(bands):
        y = top + 16 + _STRIP * k
        ink = BAND_INKS.get(band, INK)
        mine = chart_of([cell for cell in cells if cell["band"] == band])
        layers += [
            draw_text([start_sentence(band)], y=y, size=_HEAD_SIZE, colour=ink),
            mine.mark_text(baseline="top", color=ink, fontSize=_HEAD_SIZE).encode(
                frame.over(), y=at_y(y), text=alt.Text("At risk:N")
            ),
        ]
    return layers
