"""Each driver twice: among all contacts, and among those alike in what is held fixed."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    at_x,
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
from nps_kit.views.charts.panels import AXIS, LOOKS, Look, Panel, draw_axis
from nps_kit.views.charts.rows import change_ticks
from nps_kit.views.drivers import (
    NOT_CAUSE,
    Confounding,
    Twice,
    name_level,
    read_confounding,
    say_alike,
)
from nps_kit.views.gave import Gave
from nps_kit.views.palette import INTERVAL, LABEL_SIZE, PAPER, POINT, QUIET_INK, WIDTH
from nps_kit.views.sentences.drivers import say_confounding
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_count,
    write_level,
    write_score,
    write_span,
)

MOST_DRIVERS = 12
"""Drivers that one chart can carry and still be read."""

_WIDEST_DRIVER = 180
_WIDEST_LEVEL = 118
_GAP = 16
_HEAD_SIZE = 11.5
_BEFORE_AT, _AFTER_AT = WIDTH - 62, WIDTH
_END = WIDTH - 128
_LOOKS: dict[str, Look] = {
    "gone": "accent",
    "found": "quiet",
    "unsure": "quiet",
    "stays": "quiet",
    "nothing": "faint",
}
_APART = 0.17
"""How far above and below the middle of a row the two points stand, in rows."""


def draw_confounding(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    controls: Sequence[str] = (),
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw what each driver goes with among all contacts, and what is left of it among like ones.

    A driver is shown by the level that goes farthest: hollow among all contacts, filled among
    those alike in what is held fixed. Those that lose their effect come first and have the accent;
    those that show nothing either way are faint and last.

    Parameters
    ----------
    before
        Table as `estimate_drivers` makes it, without the controls.
    after
        The same drivers, with them.
    controls
        What only `after` holds fixed, to be named.
    title
        The finding. Empty: as `say_confounding` words it.
    subtitle
        The measure and its unit. Empty: what the two points are, the intervals and the answers.
    note
        The source and what was set aside; what is coloured and faint is added.

    Returns
    -------
    The chart; a quiet placeholder where no level is in both tables.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that the chart needs.

    Examples
    --------
    >>> before = pl.DataFrame(
    ...     {
    ...         "driver": "hold_seconds",
    ...         "value": ["under 2 min", "2 min and over"],
    ...         "against": "under 2 min",
    ...         "n": [900, 100],
    ...         "share": [0.9, 0.1],
    ...         "odds_ratio": [1.0, 0.7],
    ...         "odds_low": [1.0, 0.6],
    ...         "odds_high": [1.0, 0.8],
    ...         "change": [0.0, -12.2],
    ...         "low": [0.0, -16.1],
    ...         "high": [0.0, -8.2],
    ...         "level": 0.95,
    ...         "p_adjusted": 0.0001,
    ...         "p_overall": 0.0001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> after = before.with_columns(change=0.8, low=-3.1, high=4.7, p_adjusted=0.7)
    >>> draw_confounding(before, after, controls=["touchpoint"]).to_dict()["title"]["text"][0]
    'Time on hold seems to cost 12 points; among contacts alike in touchpoint'
    """
    caller = "draw_confounding()"
    found = read_confounding(before, after, caller=caller, controls=controls)
    said = say_confounding(before, after, controls=controls, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    shown = found.rows[:MOST_DRIVERS]
    start, level_at = _place_names(shown)
    ticks = _find_ticks(shown)
    panel = Panel(ticks, start=start, end=_END, top=0, rows=len(shown))
    return finish(
        [_draw_rows(shown, panel, level_at=level_at), *_draw_heads(level_at=level_at)],
        title=title or said,
        subtitle=subtitle
        or f"NPS points of the farthest level of each driver, with {write_level(found.level)} "
        f"intervals: ○ among all contacts, ● {say_alike(controls)}; {found.answers}",
        note=join_notes(
            note,
            "Coloured: nothing is left beyond chance." if found.of("gone") else "",
            "Faint: nothing beyond chance either way." if found.of("nothing") else "",
            "Some intervals run past the axis." if _runs_past(shown, ticks) else "",
            _say_left_out(found, shown),
            NOT_CAUSE,
        ),
        description=_describe(shown),
        height=panel.foot + AXIS,
        note_gap=10,
        apart=("x", "y"),
    )


def _place_names(shown: Sequence[Twice]) -> tuple[float, float]:
    """Find where the axis begins, and where the names of levels do."""
    driver = max(measure(_name(row), size=LABEL_SIZE) * 1.06 for row in shown)
    level = max(measure(name_level(row.effect.value), size=LABEL_SIZE) for row in shown)
    level_at = min(driver, _WIDEST_DRIVER) + _GAP
    return level_at + min(max(level, 34), _WIDEST_LEVEL) + _GAP, level_at


def _name(row: Twice) -> str:
    return start_sentence(row.driver.label)


def _both(row: Twice) -> tuple[Gave, Gave]:
    return row.before, row.after


def _find_ticks(shown: Sequence[Twice]) -> list[int]:
    sound = [row for row in shown if not row.few] or list(shown)
    bounds = [bound for row in sound for gave in _both(row) for bound in (gave.low, gave.high)]
    return change_ticks([0.0, *bounds, *(gave.value for row in shown for gave in _both(row))])


def _runs_past(shown: Sequence[Twice], ticks: Sequence[int]) -> bool:
    bounds = [bound for row in shown for gave in _both(row) for bound in (gave.low, gave.high)]
    return any(bound != cut(bound, ticks) for bound in bounds if is_number(bound))


def _tell(row: Twice, place: int, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a row's numbers, and the same written out."""
    told: dict[str, Any] = {
        "middle": place + 0.5,
        "upper": place + 0.5 - _APART,
        "lower": place + 0.5 + _APART,
        "look": "faint" if row.few else _LOOKS[row.fate],
        "Driver": _name(row),
        "Level": name_level(row.effect.value),
        "Answers": f"{row.effect.n:,}",
    }
    for head, gave in zip(("Before", "After"), _both(row), strict=True):
        key = head.lower()
        told |= {
            key: cut(gave.points, ticks),
            f"{key}_low": None if gave.low is None else cut(gave.low, ticks),
            f"{key}_high": None if gave.high is None else cut(gave.high, ticks),
            head: write_score(gave.points),
            f"{head} interval": write_span(gave.low, gave.high, decimals=1) or "none",
        }
    return told


def _draw_rows(shown: Sequence[Twice], panel: Panel, *, level_at: float) -> alt.LayerChart:
    """Draw the axis, and on it both intervals, then both points, names left and figures right."""
    told = [_tell(row, place, panel.ticks) for place, row in enumerate(shown)]
    scale = alt.Scale(domain=[0, panel.rows], range=[panel.top, panel.foot], nice=False)
    upper, lower, middle = (
        alt.Y(f"{name}:Q", scale=scale, axis=None) for name in ("upper", "lower", "middle")
    )
    layers = draw_axis(panel)
    every_tip = tips(
        "Driver", "Level", "Before", "Before interval", "After", "After interval", "Answers"
    )
    for look, (line, width, point, ink) in LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        weight: Literal["bold", "normal"] = "normal" if look == "faint" else "bold"
        bounded = chart_of([row for row in mine if row["before_low"] is not None])
        left = chart_of([row for row in mine if row["after_low"] is not None])
        rows = chart_of(mine)
        layers += [
            bounded.mark_rule(strokeWidth=1.5, color=INTERVAL).encode(
                panel.across("before_low"), alt.X2("before_high:Q"), upper, tooltip=every_tip
            ),
            left.mark_rule(strokeWidth=width, color=line).encode(
                panel.across("after_low"), alt.X2("after_high:Q"), lower, tooltip=every_tip
            ),
            rows.mark_point(
                filled=False, fill=PAPER, size=46, opacity=1, stroke=POINT, strokeWidth=1.5
            ).encode(panel.across("before"), upper, tooltip=every_tip),
            rows.mark_point(
                filled=True, fill=point, size=60, opacity=1, stroke=PAPER, strokeWidth=1.5
            ).encode(panel.across("after"), lower, tooltip=every_tip),
            rows.mark_text(align="left", limit=_WIDEST_DRIVER, color=ink, fontWeight=weight).encode(
                middle, x=at_x(0), text=alt.Text("Driver:N"), tooltip=every_tip
            ),
            rows.mark_text(align="left", limit=_WIDEST_LEVEL, color=ink).encode(
                middle, x=at_x(level_at), text=alt.Text("Level:N"), tooltip=every_tip
            ),
            rows.mark_text(align="right", color=QUIET_INK).encode(
                middle, x=at_x(_BEFORE_AT), text=alt.Text("Before:N")
            ),
            rows.mark_text(align="right", color=ink, fontWeight=weight).encode(
                middle, x=at_x(_AFTER_AT), text=alt.Text("After:N")
            ),
        ]
    return stack(layers)


def _draw_heads(*, level_at: float) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": -7.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    return [
        draw_text(["Driver"], **above),
        draw_text(["Level"], x=level_at, **above),
        draw_text(["All ○"], x=_BEFORE_AT, align="right", **above),
        draw_text(["Alike ●"], x=_AFTER_AT, align="right", **above),
    ]


def _say_left_out(found: Confounding, shown: Sequence[Twice]) -> str:
    rest = len(found.rows) - len(shown)
    return f"Not drawn: {write_count(rest, 'more driver')}." if rest else ""


def _describe(shown: Sequence[Twice]) -> str:
    """Tell the picture to a reader who cannot see it."""
    return "; ".join(
        f"{row.driver.spoken}, {name_level(row.effect.value)}: {row.before.told()} among all "
        f"contacts, {row.after.told()} among like ones"
        for row in shown
    )
