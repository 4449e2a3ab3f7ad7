"""What the score would be if drivers were at other levels: the change, and whom it touches."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

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
from nps_kit.views.charts.panels import LOOKS, Look, Panel, draw_axis, tell_gave
from nps_kit.views.charts.rows import change_ticks
from nps_kit.views.drivers import Scenario, Scenarios, read_scenarios
from nps_kit.views.palette import GRID, LABEL_SIZE, NOTE_SIZE, PAPER, QUIET_INK, WIDTH
from nps_kit.views.sentences.drivers import say_what_if
from nps_kit.views.sentences.drivers.parts import A_TRIAL
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_count,
    write_level,
    write_list,
)

MOST_SCENARIOS = 12
"""Scenarios that one chart can carry and still be read."""

_WIDEST_NAME = 320.0
_END = WIDTH - 176
_VALUE_AT = WIDTH - 112
_HEAD_SIZE = 11.5
_LINES = 2
_BOLD = 1.06
"""By how much bold words are wider."""


def draw_what_if(
    scenarios: pl.DataFrame,
    *,
    asked: Mapping[str, object] | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw by how many points each scenario would move the score, and how many it touches.

    A scenario that leaves the data, or rests on few answers, is faint and says so. All scenarios
    together come last and have the accent, where they are told by the data.

    Parameters
    ----------
    scenarios
        Table as `simulate_what_if` makes it.
    asked
        What was asked for, by driver, as in `say_what_if`; told where there is nothing to draw.
    title
        The finding. Empty: as `say_what_if` words it.
    subtitle
        The measure and its unit. Empty: the measure, the intervals and the answers.
    note
        The source and what was set aside; what is held fixed, and what it rests on, are added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `scenarios` lacks a column that the chart needs.

    Examples
    --------
    >>> scenarios = pl.DataFrame(
    ...     {
    ...         "scenario": ["alone"],
    ...         "driver": "had_to_repeat",
    ...         "value": "false",
    ...         "moved_from": "true",
    ...         "asked": 0.5,
    ...         "n": 1000,
    ...         "n_moved": 75.0,
    ...         "share_moved": 0.075,
    ...         "nps_before": 30.0,
    ...         "nps_after": 33.2,
    ...         "change": 3.2,
    ...         "low": 2.1,
    ...         "high": 4.3,
    ...         "held": "transfers",
    ...         "effect": "direct",
    ...         "outside": 0.0,
    ...         "leaves_data": False,
    ...         "few": False,
    ...         "level": 0.95,
    ...     }
    ... )
    >>> draw_what_if(scenarios).to_dict()["title"]["text"][0]
    'If half of those who had to repeat themselves no longer had to, the score'
    """
    found = read_scenarios(scenarios, caller="draw_what_if()")
    said = say_what_if(scenarios, asked=asked, length="short")
    if found.absent:
        return draw_nothing(
            "No scenario can be drawn." if asked else said, title=title or said, note=note
        )
    # Of very many, those together stay.
    shown = [*found.rows[: MOST_SCENARIOS - 1], *found.rows[MOST_SCENARIOS - 1 :][-1:]]
    left_out = len(found.rows) - len(shown)
    ticks = _find_ticks(shown)
    widest = max(
        max(measure(_name(row), size=LABEL_SIZE) * _BOLD, measure(_say_who(row), size=NOTE_SIZE))
        for row in shown
    )
    start = 26 + min(max(widest, 120), _WIDEST_NAME)
    panel = Panel(ticks, start=start, end=_END, top=0, rows=_LINES * len(shown))
    return finish(
        [_draw_rules(shown, panel), _draw_rows(shown, found, panel), *_draw_heads()],
        title=title or said,
        subtitle=subtitle
        or f"Change of the score in points, with {write_level(found.level)} intervals; "
        f"{write_count(found.n, 'answer')}",
        note=join_notes(
            note,
            _say_held(found),
            "Faint: the scenario leads where hardly any answers are, or rests on few."
            if any(not row.sound and row.change.value is not None for row in shown)
            else "",
            A_TRIAL,
            "Some intervals run past the axis." if _runs_past(shown, ticks) else "",
            f"Not drawn: {write_count(left_out, 'more scenario')}." if left_out else "",
        ),
        description=_describe(shown),
        height=panel.foot + 24,
        note_gap=10,
        apart=("x", "y"),
    )


def _find_ticks(shown: Sequence[Scenario]) -> list[int]:
    sound = [row for row in shown if row.sound] or list(shown)
    bounds = [bound for row in sound for bound in (row.change.low, row.change.high)]
    return change_ticks([*bounds, *(row.change.value for row in shown)])


def _runs_past(shown: Sequence[Scenario], ticks: Sequence[int]) -> bool:
    bounds = [bound for row in shown for bound in (row.change.low, row.change.high)]
    return any(bound != cut(bound, ticks) for bound in bounds if is_number(bound))


def _look_at(row: Scenario, found: Scenarios) -> Look:
    if not row.sound:
        return "faint"
    return "accent" if row is found.whole and row.clear else "quiet"


def _name(row: Scenario) -> str:
    """Name a scenario by what it supposes, where there is room for it."""
    fits = measure(row.heading, size=LABEL_SIZE) * _BOLD <= _WIDEST_NAME
    return row.heading if fits else row.label


def _say_who(row: Scenario) -> str:
    """Say who is moved, in a line under the scenario's name."""
    if row.leaves_data:
        return f"{row.touched}; leaves the data"
    if row.few:
        return f"{row.touched}; few answers"
    whence = row.whence() if _name(row) == row.label else ""
    return "; ".join(part for part in (row.touched, whence) if part)


def _tell(row: Scenario, found: Scenarios, place: int, ticks: Sequence[int]) -> dict[str, Any]:
    """Give a scenario's numbers, and the same written out."""
    change = row.change
    known = change.value is not None
    return tell_gave(change, base=0.0, ticks=ticks) | {
        "middle": _LINES * place + 1,
        "change": change.value,
        "look": _look_at(row, found),
        "bounded": known and change.low is not None and change.high is not None,
        "Scenario": _name(row),
        "Who": _say_who(row),
        "Moved": row.touched,
        "Score": f"{row.before_told} → {row.after_told}"
        if row.before is not None and row.after is not None
        else "cannot be told",
    }


def _draw_rows(shown: Sequence[Scenario], found: Scenarios, panel: Panel) -> alt.LayerChart:
    """Draw the axis, and each scenario over two lines."""
    told = [_tell(row, found, place, panel.ticks) for place, row in enumerate(shown)]
    layers = draw_axis(panel)
    scale = alt.Scale(domain=[0, panel.rows], range=[panel.top, panel.foot], nice=False)
    down = alt.Y("middle:Q", scale=scale, axis=None)
    every_tip = tips("Scenario", "Points", "Interval", "Score", "Moved")
    for look, (line, width, point, ink) in LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        weight: Literal["bold", "normal"] = "normal" if look == "faint" else "bold"
        words = chart_of(mine)
        faint = look == "faint"
        layers += [
            chart_of([row for row in mine if row["bounded"]])
            .mark_rule(strokeWidth=width, color=line)
            .encode(panel.across("low"), alt.X2("high:Q"), down, tooltip=every_tip),
            chart_of([row for row in mine if row["change"] is not None])
            .mark_point(
                filled=not faint,
                fill=PAPER if faint else point,
                size=40 if faint else 56,
                opacity=1,
                stroke=point if faint else PAPER,
                strokeWidth=1.5,
            )
            .encode(panel.across("change"), down, tooltip=every_tip),
            words.mark_text(
                align="left", dy=-8, limit=_WIDEST_NAME, color=ink, fontWeight=weight
            ).encode(down, x=at_x(0), text=alt.Text("Scenario:N"), tooltip=every_tip),
            words.mark_text(
                align="left", dy=9, limit=_WIDEST_NAME, color=QUIET_INK, fontSize=NOTE_SIZE
            ).encode(down, x=at_x(0), text=alt.Text("Who:N"), tooltip=every_tip),
            words.mark_text(align="right", color=ink, fontWeight=weight).encode(
                down, x=at_x(_VALUE_AT), text=alt.Text("Points:N")
            ),
            words.mark_text(align="right", color=QUIET_INK).encode(
                down, x=at_x(WIDTH), text=alt.Text("Score:N")
            ),
        ]
    return stack(layers)


def _draw_rules(shown: Sequence[Scenario], panel: Panel) -> alt.LayerChart:
    """Draw a thin line between scenarios."""
    scale = alt.Scale(domain=[0, panel.rows], range=[panel.top, panel.foot], nice=False)
    rows = [{"at": _LINES * place} for place in range(1, len(shown))]
    rule = chart_of(rows).mark_rule(color=GRID, strokeWidth=1)
    between = rule.encode(alt.Y("at:Q", scale=scale, axis=None), x=at_x(0), x2=at_x2(WIDTH))
    return stack([between])


def _draw_heads() -> list[alt.Chart]:
    above: dict[str, Any] = {"y": -7.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    return [
        draw_text(["What if, and whom it touches"], **above),
        draw_text(["Points"], x=_VALUE_AT, align="right", **above),
        draw_text(["Score"], x=WIDTH, align="right", **above),
    ]


def _say_held(found: Scenarios) -> str:
    whole = found.whole
    if whole is None:
        return ""
    follows = "What it acts through follows. " if whole.total else ""
    held = f"Held fixed: {write_list(whole.held)}." if whole.held else ""
    return f"{follows}{held}".strip()


def _describe(shown: Sequence[Scenario]) -> str:
    """Tell the picture to a reader who cannot see it."""
    told = []
    for row in shown:
        change = row.change.told() if row.change.value is not None else "unknown"
        told.append(f"{start_sentence(row.spoken)} {change}")
    return "; ".join(told)
