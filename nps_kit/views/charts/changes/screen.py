"""One screen: noise or signal, the bridge, and the segments that gave most."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.changes import PART_WORDS, Change, Moved, read_changes
from nps_kit.views.charts.changes.bridge import bridge_ticks, draw_bridge
from nps_kit.views.charts.changes.segments import PAIR, draw_segments, run_past
from nps_kit.views.charts.layout import draw_nothing, finish, join_notes, join_parts
from nps_kit.views.charts.panels import AXIS, ROW, WIDEST_NAME, Panel
from nps_kit.views.palette import WIDTH
from nps_kit.views.sentences.changes import say_changes
from nps_kit.views.wording import write_count, write_level, write_list

MOST_SEGMENTS = 8
"""Segments that the chart can carry and still be read at one look."""

_HEAD = 40


def draw_changes(
    changes: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the way from the score before to the score after, and what each segment gave to it.

    Above, a bridge: each part of the change is a bar from where the last one ended, with the
    interval of the part about its end. Below, the segments that gave most, either way: who answered
    and how they scored beside each other, on one scale. The accent marks what is beyond chance, and
    only where the change of all is; what rests on few answers is faint and comes last.

    Parameters
    ----------
    changes
        Table as `decompose_change` makes it.
    title
        The finding. Empty: as `say_changes` words it.
    subtitle
        The measure and its unit. Empty: the measure, the periods and the intervals. The kind of
        survey and the scale are added where the table holds them.
    note
        The source and what was set aside; what is not drawn is added.

    Returns
    -------
    The chart; a quiet placeholder where one of the periods has no answers.

    Raises
    ------
    MissingColumnError
        If `changes` lacks a column that the chart needs.
    OptionError
        If the table has no row for all answers.
    """
    change = read_changes(changes, caller="draw_changes()")
    found = say_changes(changes, length="short")
    if not change.known:
        return draw_nothing(found, title=title or found, note=note)
    shown, left_out = _choose(change)
    bridge = Panel(
        bridge_ticks(change),
        start=WIDEST_NAME + 22,
        end=WIDTH - 184,
        top=0,
        rows=len(change.parts) + 2,
    )
    layers: list[Any] = [draw_bridge(change, bridge)]
    height = bridge.foot + AXIS
    if shown:
        height += _HEAD
        layers += draw_segments(change, shown, top=height)
        height += ROW * len(shown) + AXIS
    level = "" if change.level is None else f"{write_level(change.level)} "
    return finish(
        layers,
        title=title or found,
        subtitle=join_parts(
            subtitle
            or f"Net Promoter Score, points, {write_list(change.periods)}, with {level}intervals",
            change.context,
        ),
        note=join_notes(
            note,
            "Who answered: who contacted us and who of them answered, together."
            if shown and "contacts" in change.parts
            else "",
            change.unsplit,
            "Faint: too few answers to be ranked." if any(row.few for row in shown) else "",
            "Some intervals run past the axis." if run_past(shown) else "",
            _say_left_out(left_out),
        ),
        description=_describe(change, shown),
        height=height,
        note_gap=10,
        apart=("x", "y"),
    )


def _choose(change: Change) -> tuple[list[Moved], list[Moved]]:
    """Choose the segments that gave most either way; a lone segment is the whole once more."""
    known = [segment for segment in change.segments if segment.change.value is not None]
    if change.lone:
        return [], []
    ordered = sorted(known, key=lambda segment: (segment.few, -segment.size))
    return ordered[:MOST_SEGMENTS], ordered[MOST_SEGMENTS:]


def _say_left_out(left_out: Sequence[Moved]) -> str:
    if not left_out:
        return ""
    few = sum(segment.few for segment in left_out)
    told = "" if not few else f", {few:,} of them with too few answers to be ranked"
    return f"Not drawn: {write_count(len(left_out), 'more segment')}{told}."


def _describe(change: Change, shown: Sequence[Moved]) -> str:
    """Tell the picture to a reader who cannot see it."""
    parts = [f"{PART_WORDS[name]} {change.whole.parts[name].told()}" for name in change.parts]
    told = [
        f"{segment.spoken}: "
        + "; ".join(
            f"{PART_WORDS[name]} {segment.parts[name].told()}"
            for name in PAIR
            if segment.parts[name].value is not None
        )
        for segment in shown
    ]
    return ". ".join(["; ".join(parts), *told])
