"""What each level of each driver goes with: a dot and its interval, the reference level at 0."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

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
    measure,
    stack,
    tips,
)
from nps_kit.views.charts.panels import AXIS, LOOKS, ROW, Look, Panel, draw_axis
from nps_kit.views.charts.rows import change_ticks
from nps_kit.views.drivers import NOT_CAUSE, Driver, Drivers, Effect, read_drivers, say_held
from nps_kit.views.gave import Gave
from nps_kit.views.palette import GRID, LABEL_SIZE, PAPER, POINT, QUIET_INK, WIDTH
from nps_kit.views.sentences.drivers import say_drivers
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

MOST_LEVELS = 8
"""Levels of one driver that it can carry."""

_HEAD_SIZE = 11.5
_WIDEST_DRIVER = 180
_WIDEST_LEVEL = 118
_GAP = 16
_VALUE_AT = WIDTH - 66
_NONE = "\u2013"
_OPEN = 15.0


class _Line(NamedTuple):
    """One row of the picture: a level, with the driver's name where it is the first."""

    driver: Driver
    effect: Effect
    first: bool
    look: Look


def draw_drivers(
    drivers: pl.DataFrame,
    *,
    controls: Sequence[str] = (),
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw how many points each level of each driver goes with, against its reference level.

    The driver with the largest difference comes first, and has the accent; those that show nothing
    beyond chance come last and are faint, as are levels with too few answers. Past twelve drivers,
    or eight levels of one, the others are counted.

    Parameters
    ----------
    drivers
        Table as `estimate_drivers` makes it.
    controls
        The controls of that estimate, to be named as held fixed.
    title
        The finding. Empty: as `say_drivers` words it.
    subtitle
        The measure and its unit. Empty: the measure, the intervals and the answers.
    note
        The source and what was set aside; what is held fixed, faint and not drawn is added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `drivers` lacks a column that the chart needs.

    Examples
    --------
    >>> drivers = pl.DataFrame(
    ...     {
    ...         "driver": "transfers",
    ...         "value": ["none", "1"],
    ...         "against": "none",
    ...         "n": [900, 100],
    ...         "share": [0.9, 0.1],
    ...         "odds_ratio": [1.0, 0.4],
    ...         "odds_low": [1.0, 0.3],
    ...         "odds_high": [1.0, 0.6],
    ...         "change": [0.0, -33.4],
    ...         "low": [0.0, -45.0],
    ...         "high": [0.0, -22.0],
    ...         "level": 0.95,
    ...         "p_adjusted": 0.0001,
    ...         "p_overall": 0.0001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> draw_drivers(drivers).to_dict()["title"]["text"][0]
    'The biggest difference goes with transfers: the score is 33 points lower'
    """
    found = read_drivers(drivers, caller="draw_drivers()")
    said = say_drivers(drivers, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    ordered = found.sorted_for_reading()
    shown = ordered[:MOST_DRIVERS]
    lines = [line for place, driver in enumerate(shown) for line in _list_lines(driver, place)]
    start, level_at = _place_names(shown, lines)
    ticks = _find_ticks(lines)
    panel = Panel(ticks, start=start, end=WIDTH - 124, top=0, rows=len(lines))
    return finish(
        [
            _draw_rules(lines, panel),
            _draw_lines(lines, panel, level_at=level_at),
            *_draw_heads(panel, level_at=level_at),
        ],
        title=title or said,
        subtitle=subtitle or _say_measure(found),
        note=join_notes(
            note,
            _say_fixed(found, controls),
            f"Faint: {lack}." if (lack := _say_faint(lines, found)) else "",
            _say_unknown(lines),
            "Some intervals run past the axis." if _runs_past(lines, ticks) else "",
            _say_left_out(ordered, shown),
            NOT_CAUSE,
        ),
        description=_describe(shown),
        height=panel.foot + AXIS,
        note_gap=10,
        apart=("x", "y"),
    )


def _list_lines(driver: Driver, place: int) -> list[_Line]:
    """Choose the levels of a driver that are drawn, in their order, and how each looks."""
    look: Look = ("quiet" if place else "accent") if driver.clear else "faint"
    effects = _choose_levels(driver)
    return [
        _Line(driver, effect, first=not k, look="faint" if effect.few else look)
        for k, effect in enumerate(effects)
    ]


def _choose_levels(driver: Driver) -> list[Effect]:
    if len(driver.effects) <= MOST_LEVELS:
        return list(driver.effects)
    # The reference first, then what is farthest from it.
    ranked = sorted(
        driver.effects,
        key=lambda effect: (not effect.is_reference, effect.few, -abs(effect.change.points)),
    )
    kept = {effect.value for effect in ranked[:MOST_LEVELS]}
    return [effect for effect in driver.effects if effect.value in kept]


def _place_names(shown: Sequence[Driver], lines: Sequence[_Line]) -> tuple[float, float]:
    """Find where the axis begins, and where the names of levels do."""
    driver = max(measure(start_sentence(row.label), size=LABEL_SIZE) * 1.06 for row in shown)
    level = max(measure(line.effect.label, size=LABEL_SIZE) for line in lines)
    level_at = min(driver, _WIDEST_DRIVER) + _GAP
    return level_at + min(max(level, 34), _WIDEST_LEVEL) + _GAP, level_at


def _bounds(gave: Gave) -> tuple[float | None, float | None]:
    """Give the bounds of an effect; one without an end has but one."""
    return gave.low, gave.high


def _find_ticks(lines: Sequence[_Line]) -> list[int]:
    """Find the ticks; the wide intervals of few answers set no scale."""
    sound = [line for line in lines if not line.effect.few] or list(lines)
    bounds = [bound for line in sound for bound in _bounds(line.effect.change)]
    # An effect without an end needs room to be seen going on.
    for line in sound:
        low, high = _bounds(line.effect.change)
        if line.effect.change.value is None:
            bounds += [low + _OPEN if low is not None else None]
            bounds += [high - _OPEN if high is not None else None]
    return change_ticks([*bounds, *(line.effect.change.value for line in lines)])


def _runs_past(lines: Sequence[_Line], ticks: Sequence[int]) -> bool:
    bounds = [b for line in lines for b in _bounds(line.effect.change) if is_number(b)]
    return any(bound != cut(bound, ticks) for bound in bounds)


def _tell(line: _Line, place: int, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a row's numbers, and the same written out."""
    effect = line.effect
    change = effect.change
    row: dict[str, Any] = {
        "place": place,
        "look": line.look,
        "Driver": start_sentence(line.driver.label),
        "Level": effect.label,
        "Answers": f"{effect.n:,}",
        "Interval": write_span(change.low, change.high, decimals=1) or "none",
        "change": change.value,
        "kind": "level",
        "Points": write_score(change.points) if change.value is not None else _NONE,
    }
    if effect.is_reference:
        return row | {"kind": "reference", "Points": "0", "Interval": "none"}
    # An effect without an end is drawn from its one bound to the end of the axis.
    low, high = _bounds(change)
    if change.value is None and low is not None:
        row |= {"Points": f"over {write_score(low)}", "low": cut(low, ticks), "high": ticks[-1]}
    elif change.value is None and high is not None:
        row |= {"Points": f"under {write_score(high)}", "low": ticks[0], "high": cut(high, ticks)}
    elif low is not None and high is not None:
        row |= {"low": cut(low, ticks), "high": cut(high, ticks)}
    return row


def _draw_lines(lines: Sequence[_Line], panel: Panel, *, level_at: float) -> alt.LayerChart:
    """Draw the axis, and on it intervals first, points on top, names left, figures right."""
    told = [_tell(line, place, panel.ticks) for place, line in enumerate(lines)]
    firsts = [row for row, line in zip(told, lines, strict=True) if line.first]
    down, layers = panel.down(), draw_axis(panel)
    every_tip = tips("Driver", "Level", "Points", "Interval", "Answers")
    for look, (line_colour, width, point, ink) in LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        weight: Literal["bold", "normal"] = "bold" if look == "accent" else "normal"
        bounded = chart_of([row for row in mine if "low" in row])
        levels = chart_of(
            [row for row in mine if row["kind"] == "level" and row["change"] is not None]
        )
        words = chart_of([row for row in mine if row["kind"] == "level"])
        layers += [
            bounded.mark_rule(strokeWidth=width, color=line_colour).encode(
                panel.across("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            levels.mark_point(
                filled=look != "faint",
                fill=PAPER if look == "faint" else point,
                size=46 if look == "faint" else 84,
                opacity=1,
                stroke=point if look == "faint" else PAPER,
                strokeWidth=1.5,
            ).encode(panel.across("change"), down, tooltip=every_tip),
            words.mark_text(align="left", limit=_WIDEST_LEVEL, color=ink).encode(
                down, x=at_x(level_at), text=alt.Text("Level:N"), tooltip=every_tip
            ),
            words.mark_text(align="right", color=ink, fontWeight=weight).encode(
                down, x=at_x(_VALUE_AT), text=alt.Text("Points:N")
            ),
            words.mark_text(align="right", color=QUIET_INK).encode(
                down, x=at_x(WIDTH), text=alt.Text("Answers:N")
            ),
            chart_of([row for row in firsts if row["look"] == look])
            .mark_text(
                align="left",
                limit=_WIDEST_DRIVER,
                color=ink,
                fontWeight="normal" if look == "faint" else "bold",
            )
            .encode(down, x=at_x(0), text=alt.Text("Driver:N"), tooltip=every_tip),
        ]
    references = chart_of([row for row in told if row["kind"] == "reference"])
    layers += [
        references.mark_point(
            filled=False, fill=PAPER, size=52, opacity=1, stroke=POINT, strokeWidth=1.5
        ).encode(panel.across("change"), down, tooltip=every_tip),
        references.mark_text(align="left", limit=_WIDEST_LEVEL, color=QUIET_INK).encode(
            down, x=at_x(level_at), text=alt.Text("Level:N"), tooltip=every_tip
        ),
        references.mark_text(align="right", color=QUIET_INK).encode(
            down, x=at_x(_VALUE_AT), text=alt.Text("Points:N")
        ),
        references.mark_text(align="right", color=QUIET_INK).encode(
            down, x=at_x(WIDTH), text=alt.Text("Answers:N")
        ),
    ]
    return stack(layers)


def _draw_rules(lines: Sequence[_Line], panel: Panel) -> alt.LayerChart:
    """Draw a thin line above each driver but the first."""
    tops = [{"at": ROW * place} for place, line in enumerate(lines) if line.first and place]
    scale = alt.Scale(domain=[0, panel.foot], range=[0, panel.foot], nice=False)
    rule = chart_of(tops).mark_rule(color=GRID, strokeWidth=1)
    above = rule.encode(alt.Y("at:Q", scale=scale, axis=None), x=at_x(0), x2=at_x2(WIDTH))
    return stack([above])


def _draw_heads(panel: Panel, *, level_at: float) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": panel.top - 7.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    return [
        draw_text(["Driver"], **above),
        draw_text(["Level"], x=level_at, **above),
        draw_text(["Points"], x=_VALUE_AT, align="right", **above),
        draw_text(["Answers"], x=WIDTH, align="right", **above),
    ]


def _say_measure(found: Drivers) -> str:
    interval = f"with {write_level(found.level)} intervals"
    return f"NPS points against the level marked ○ of each driver, {interval}; {found.answers}"


def _say_fixed(found: Drivers, controls: Sequence[str]) -> str:
    if not (found.rows[1:] or controls):
        return ""
    return (
        f"Held fixed: {say_held(controls, others='the other drivers' if found.rows[1:] else '')}."
    )


def _say_faint(lines: Sequence[_Line], found: Drivers) -> str:
    faint = [line for line in lines if line.look == "faint"]
    words = []
    if not found.found and is_number(found.p_overall):
        words.append("nothing beyond chance")
    else:
        unclear = [line.driver for line in faint if not line.driver.clear]
        if any(driver.p_adjusted is not None for driver in unclear):
            words.append("nothing beyond chance")
        if any(driver.p_adjusted is None for driver in unclear):
            words.append("not tested")
    if any(line.effect.few for line in faint):
        words.append("too few answers")
    return ", or ".join(words)


def _say_unknown(lines: Sequence[_Line]) -> str:
    unknown = [line for line in lines if line.effect.change.value is None]
    if not unknown:
        return ""
    return "No point: the effect has no end or cannot be told from another's."


def _say_left_out(ordered: Sequence[Driver], shown: Sequence[Driver]) -> str:
    parts = []
    if ordered[len(shown) :]:
        parts.append(write_count(len(ordered) - len(shown), "more driver"))
    for driver in shown:
        rest = len(driver.effects) - MOST_LEVELS
        if rest > 0:
            parts.append(f"{write_count(rest, 'more level')} of {driver.spoken}")
    return f"Not drawn: {write_list(parts)}." if parts else ""


def _describe(shown: Sequence[Driver]) -> str:
    """Tell the picture to a reader who cannot see it."""
    told = []
    for driver in shown:
        levels = [
            f"{effect.label} {write_score(effect.change.points)}"
            for effect in _choose_levels(driver)
            if effect.told
        ]
        told.append(f"{driver.spoken}: {write_list(levels) or 'no difference is known'}")
    return "; ".join(told)
