"""Many groups at once: who lies outside the limits that luck would keep them in."""

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    at_x,
    at_x2,
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
from nps_kit.views.charts.placing import (
    HEIGHT,
    START,
    Box,
    Frame,
    Name,
    box_around,
    make_axes,
    place_name,
)
from nps_kit.views.charts.rows import change_ticks
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    BAND_FILL,
    FAINT,
    GRID,
    INTERVAL,
    NOTE_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    ZERO,
)
from nps_kit.views.sentences.funnel import Dot, Funnel, read_funnel, say_funnel
from nps_kit.views.wording import (
    is_number,
    shorten,
    write_count,
    write_list,
    write_points,
    write_score,
    write_span,
)

NOT_A_VERDICT = "Outside is worth a look; it does not say why."

MOST_NAMES = 8
"""Names that are written beside their dots."""

_AS_CERTAIN = "A group stands at as many answers of the usual mix as are equally certain."

_NAME_SIZE = 12
_LONGEST = 26
_LINE = 13
_BAR = 56
# The axis is logarithmic where the largest group has so many times the answers of the smallest.
_WIDE = 6
# Groups of few answers reach so far to the left of those that are judged, and no farther.
_REACH = 2.5
_TIPS = ("Group", "Value", "Limits", "Place", "Answers")


def draw_funnel(
    funnel: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw groups by their answers and their score, with the limits that luck keeps them in.

    The dark ribbon holds 95 % of groups that differ by luck alone, the light one 99.8 %; a dot
    outside both is in the accent, one between them in a lighter one. Up to eight of those outside
    are named, the farthest first. Groups with too few answers to judge are hollow.

    Parameters
    ----------
    funnel
        Table as `estimate_funnel` makes it, of scores or of standardised differences.
    by
        Columns that tell the rows apart. None: those before ``n``.
    title
        The finding. Empty: as `say_funnel` words it.
    subtitle
        The measure and its unit. Empty: the measure, the limits and the answers.
    note
        The source and what was set aside; what the limits allow for is added.

    Returns
    -------
    The chart; a quiet placeholder where there is nothing to compare.

    Raises
    ------
    MissingColumnError
        If `funnel` lacks a column that the chart needs.

    Notes
    -----
    The ribbons pass through the limits of the rows, and are smooth between them; nothing is
    computed here. The axis is logarithmic where answers spread widely.

    Examples
    --------
    >>> funnel = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b"],
    ...         "n": [90, 100],
    ...         "n_effective": [90.0, 100.0],
    ...         "nps": [40.0, 20.0],
    ...         "centre": 30.0,
    ...         "limit_low": 15.0,
    ...         "limit_high": 44.0,
    ...         "outer_low": 5.0,
    ...         "outer_high": 53.0,
    ...         "p_adjusted": 0.3,
    ...         "place": "within",
    ...         "few": False,
    ...         "expected_outside": 0.1,
    ...         "tau": 0.0,
    ...     }
    ... )
    >>> draw_funnel(funnel).to_dict()["title"]["text"][0][:39]
    'Both teams lie within the 95 % limits: '
    """
    read = read_funnel(funnel, by=by, caller="draw_funnel()")
    found = say_funnel(funnel, by=by, length="short")
    if read.absent:
        return draw_nothing(read.absent, title=title or found, note=note)
    shown = _choose(read)
    frame = _frame(shown, read)
    points = "NPS points above or below expected" if read.standardised else "Net Promoter Score"
    return finish(
        _draw(shown, read, frame),
        title=title or found,
        subtitle=join_parts(
            subtitle or f"{points} by answers, with limits that hold 95 % and 99.8 % by luck",
            read.groups.context(),
            "" if subtitle else write_count(read.groups.n, "answer"),
        ),
        note=join_notes(
            note,
            _say_limits(read),
            _AS_CERTAIN if read.standardised else "",
            NOT_A_VERDICT,
            "Hollow: too few answers to judge." if any(not dot.place for dot in shown) else "",
            _say_left_out(read, shown),
            _say_past(shown, frame),
        ),
        description=_list_dots(read),
        height=HEIGHT,
        note_gap=52,
    )


def _choose(read: Funnel) -> list[Dot]:
    """Choose the dots to draw: groups of very few answers would push all others to the right."""
    placed = [dot for dot in read.dots if is_number(dot.n_effective) and is_number(dot.limits[0])]
    judged = [dot.n_effective for dot in placed if dot.place and dot.n_effective]
    least = min(judged) / _REACH if judged else 0
    return [dot for dot in placed if (dot.n_effective or 0) >= least]


def _frame(shown: Sequence[Dot], read: Funnel) -> Frame:
    judged = [dot for dot in shown if dot.place] or shown
    bounds = [limit for dot in judged for limit in dot.limits]
    values = [*bounds, *(dot.group.nps for dot in judged)]
    ticks = change_ticks(values) if read.standardised else score_ticks(values)
    answers = [dot.n_effective or 1 for dot in shown]
    least, most = min(answers), max(answers)
    is_log = most / least > _WIDE
    # A little air on both sides, so that no dot is cut and a single one has a scale.
    if is_log:
        air = (most / least) ** 0.04
        return Frame(ticks, least / air, most * air, is_log, is_single=False)
    margin = max(0.05 * (most - least), 0.02 * most)
    return Frame(ticks, least - margin, most + margin, is_log, is_single=least == most)


def _draw(shown: Sequence[Dot], read: Funnel, frame: Frame) -> list[alt.Chart]:
    over, up = make_axes(frame)
    rows = [_tell(dot, read, frame) for dot in shown]
    lines = _name_lines(shown, read, frame)
    return [
        *_draw_ribbons(rows, over, up),
        *_draw_lines(read, frame, up, end=lines[0][0].x - 4),
        *_draw_dots(rows, over, up),
        *(draw_text([name.text], x=name.x, y=name.top, align=name.align) for name, _ in lines),
        *_draw_names(shown, frame, taken=[box for _, box in lines]),
        draw_text(
            ["Answers" + (" (each step to the right is a multiple)" if frame.is_log else "")],
            x=START,
            y=HEIGHT + 25,
        ),
    ]


def _tell(dot: Dot, read: Funnel, frame: Frame) -> dict[str, Any]:
    low, high, outer_low, outer_high = _known(dot)
    look = "far" if dot.is_far_out else "out" if dot.is_out else "within" if dot.place else "few"
    value = "change" if read.standardised else "nps"
    return {
        "answers": dot.n_effective,
        value: cut(dot.group.score, frame.ticks),
        "limit_low": cut(low, frame.ticks),
        "limit_high": cut(high, frame.ticks),
        "outer_low": cut(outer_low, frame.ticks),
        "outer_high": cut(outer_high, frame.ticks),
        "look": look,
        "Group": dot.group.label,
        "Value": read.write(dot),
        "Limits": write_span(low, high, decimals=1),
        "Place": dot.place or "too few to judge",
        "Answers": f"{dot.group.n:,}",
    }


def _draw_ribbons(
    rows: Sequence[dict[str, Any]], over: alt.X, up: Callable[[str], alt.Y]
) -> list[alt.Chart]:
    by_answers = {row["answers"]: row for row in sorted(rows, key=lambda row: row["answers"])}
    base = chart_of(list(by_answers.values()))
    layers = []
    for name, colour, opacity in (("outer", BAND_FILL, 1.0), ("limit", INTERVAL, 0.5)):
        if len(by_answers) > 1:
            mark = base.mark_area(color=colour, opacity=opacity, interpolate="monotone")
        else:
            mark = base.mark_rule(color=colour, opacity=opacity, strokeWidth=_BAR)
        layers.append(mark.encode(over, up(f"{name}_low"), alt.Y2(f"{name}_high:Q")))
    return layers


def _draw_lines(
    read: Funnel, frame: Frame, up: Callable[[str], alt.Y], *, end: float
) -> list[alt.Chart]:
    grid = chart_of([{"tick": tick} for tick in frame.ticks if tick])
    layers = [
        grid.mark_rule(color=GRID, strokeWidth=1).encode(up("tick"), x=at_x(0), x2=at_x2(START - 8))
    ]
    if frame.ticks[0] <= 0 <= frame.ticks[-1] and not read.standardised:
        zero = chart_of([{"tick": 0}])
        layers.append(zero.mark_rule(color=ZERO, strokeWidth=1).encode(up("tick")))
    if not is_number(read.centre):
        return layers
    centre = chart_of([{"centre": read.centre}]).mark_rule(
        color=QUIET_INK, strokeWidth=1.25, strokeDash=[5, 3]
    )
    return [*layers, centre.encode(up("centre"), x=at_x(START), x2=at_x2(end))]


def _name_lines(shown: Sequence[Dot], read: Funnel, frame: Frame) -> list[tuple[Name, Box]]:
    """Name the centre line and the upper limits at their right ends, a line apart at least."""
    last = max(shown, key=lambda dot: dot.n_effective or 0)
    x = frame.x(last.n_effective or 1) + 7
    if frame.is_single:
        x += _BAR / 2
    centre = read.centre if is_number(read.centre) else 0.0
    middle = max(frame.y(centre), 2.5 * _LINE)
    inner = max(min(frame.y(_known(last)[1]), middle - _LINE), 1.5 * _LINE)
    outer = max(min(frame.y(_known(last)[3]), inner - _LINE), 0.5 * _LINE)
    said = "expected" if read.standardised else f"all {write_score(centre)}"
    return [
        (
            Name(text, x, y - _LINE / 2, "left"),
            Box(x, y - _LINE / 2, x + measure(text, size=NOTE_SIZE), y + _LINE / 2),
        )
        for text, y in (("99.8 %", outer), ("95 %", inner), (said, middle))
    ]


_LOOKS: dict[str, dict[str, Any]] = {
    "few": {"fill": PAPER, "stroke": FAINT, "strokeWidth": 1.25, "size": 34},
    "within": {"fill": POINT, "stroke": PAPER, "strokeWidth": 1, "size": 52},
    "out": {"fill": ACCENT_PALE, "stroke": ACCENT, "strokeWidth": 1.25, "size": 64},
    "far": {"fill": ACCENT, "stroke": PAPER, "strokeWidth": 1, "size": 92},
}


def _draw_dots(
    rows: Sequence[dict[str, Any]], over: alt.X, up: Callable[[str], alt.Y]
) -> list[alt.Chart]:
    layers = []
    for look, style in _LOOKS.items():
        mine = [row for row in rows if row["look"] == look]
        if mine:
            value = "change" if "change" in mine[0] else "nps"
            dots = chart_of(mine).mark_point(filled=True, opacity=1, **style)
            layers.append(dots.encode(over, up(value), tooltip=tips(*_TIPS)))
    return layers


def _draw_names(shown: Sequence[Dot], frame: Frame, *, taken: Sequence[Box]) -> list[alt.Chart]:
    """Write the names of those outside beside their dots, the farthest out first."""
    out = sorted((dot for dot in shown if dot.is_out), key=_by_distance)
    places = [(frame.x(dot.n_effective or 1), frame.y(dot.group.score)) for dot in shown]
    boxes = [*taken, *(box_around(x, y, reach=4) for x, y in places)]
    layers = []
    for dot in out[:MOST_NAMES]:
        found = place_name(
            shorten(dot.group.label, most=_LONGEST),
            x=frame.x(dot.n_effective or 1),
            y=frame.y(dot.group.score),
            size=_NAME_SIZE,
            taken=boxes,
        )
        if found is None:
            continue
        name, box = found
        boxes.append(box)
        layers.append(
            draw_text(
                [name.text],
                x=name.x,
                y=name.top,
                size=_NAME_SIZE,
                colour=ACCENT,
                align=name.align,
                weight="bold" if dot.is_far_out else "normal",
            )
        )
    return layers


def _by_distance(dot: Dot) -> tuple[bool, float]:
    """Sort the farthest first: by how far beyond its own limit a dot lies."""
    low, high = _known(dot)[:2]
    beyond = max(low - dot.group.score, dot.group.score - high)
    return (not dot.is_far_out, -beyond / max(high - low, 1e-9))


def _known(dot: Dot) -> tuple[float, ...]:
    return tuple(limit if is_number(limit) else 0.0 for limit in dot.limits)


def _say_limits(read: Funnel) -> str:
    if not read.tau:
        return "Limits: what luck alone would do."
    spread = write_points(read.tau, decimals=1)
    return f"Limits: what luck would do, and the usual spread of true scores ({spread} points)."


def _say_left_out(read: Funnel, shown: Sequence[Dot]) -> str:
    left = len(read.dots) - len(shown)
    return f"Not drawn: {left:,} with too few answers, or nothing to compare with." if left else ""


def _say_past(shown: Sequence[Dot], frame: Frame) -> str:
    low, high = frame.ticks[0], frame.ticks[-1]
    past = any(not low <= dot.group.score <= high for dot in shown)
    return "Dots on the edge lie beyond it." if past else ""


def _list_dots(read: Funnel) -> str:
    out = [dot for dot in read.judged if dot.is_out]
    if not out:
        return f"{len(read.judged):,} {read.units} within the limits"
    told = [f"{dot.group.spoken} {dot.place} ({read.write(dot)})" for dot in out[:MOST_NAMES]]
    rest = len(out) - len(told)
    return write_list([*told, f"{rest:,} more"] if rest > 0 else told)
