"""Those drawn for a call-back beside those held back: who stays, and how many are kept."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    Layer,
    at_x,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    stack,
    tips,
)
from nps_kit.views.charts.outcomes.axes import label_ratios, lay_axis, ratio_ticks, write_tick
from nps_kit.views.charts.outcomes.panels import (
    FOOT,
    MOST_ROWS,
    Mark,
    Panel,
    bounds_of,
    draw_axis,
    draw_heads,
    draw_marks,
    find_start,
    lay_columns,
    runs_past,
)
from nps_kit.views.outcomes import Calls, Lot, read_calls
from nps_kit.views.outcomes.words import name_days, write_times, write_times_span
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    FAINT,
    INK,
    INTERVAL,
    LABEL_SIZE,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.outcomes.callbacks import (
    say_callbacks,
    say_speed,
    write_kept,
    write_kept_span,
)
from nps_kit.views.wording import MINUS, write_count, write_list, write_share

_END = WIDTH - 176
_HEAD = 62
_BAR = 14
_NONE = "\u2013"
_DRAWN = "Drawn for a call-back"
_STAYING = (("Staying", WIDTH - 120), ("Left", WIDTH - 64), ("Answers", WIDTH))
_KEPT = (("Kept", WIDTH - 92), ("Interval", WIDTH))
_TIMES = (("Times", WIDTH - 92), ("Interval", WIDTH))
_GROUPS = ("Kept", "Interval", "Answers")


def draw_callbacks(
    callbacks: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw those drawn for a call-back beside those held back, and what the difference comes to.

    Of one group: the shares that stay, the customers kept per hundred drawn, and how fast those
    drawn leave. Of several: the customers kept, a row a group.

    Parameters
    ----------
    callbacks
        Table as `estimate_callbacks` makes it.
    title
        The finding. Empty: as `say_callbacks` words it.
    subtitle
        The measure. Empty: who is compared, the day and the interval. The kind of survey and the
        scale are added where the table holds them.
    note
        The source and what was set aside; how to read the picture is added.

    Returns
    -------
    The chart; a quiet placeholder where nobody could be called, or nothing can be told.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_callbacks` is not there.
    """
    found = read_calls(callbacks, caller="draw_callbacks()")
    said = say_callbacks(callbacks, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    many = len(found.lots) > 1
    layers, height, more = _draw_groups(found) if many else _draw_one(found.lots[0])
    days = name_days(found.lots[0].whole("days"))
    return finish(
        layers,
        title=title or said,
        subtitle=join_parts(
            subtitle
            or f"Customers who could be called back, drawn by lot or held back, after {days}, with "
            f" {found.shared.interval}s",
            found.shared.context,
        ),
        note=join_notes(
            note,
            "Kept: more of 100 drawn who are still customers than of 100 held back. All who were "
            "drawn count, called or not. Left: over all the time they were followed.",
            more,
        ),
        description=_describe(found),
        height=height,
        note_gap=8,
        apart=("x", "y"),
    )


def _draw_one(lot: Lot) -> tuple[list[Layer], float, str]:
    kept, speed = _tell_kept(lot, _DRAWN), _tell_speed(lot)
    sides = _tell_sides(lot)
    names = [Mark(row["Name"], None, None, None, ()) for row in sides]
    start = find_start([*names, kept, speed], "")
    layers: list[Layer] = []
    top, more = 46.0, ""
    if any("share" in row for row in sides):
        quarters = [0.0, 0.25, 0.5, 0.75, 1.0]
        panel = Panel(
            quarters, [write_share(q) for q in quarters], start, WIDTH - 176, top, rows=len(sides)
        )
        layers.append(stack(_draw_sides(sides, panel, lot)))
        top = panel.foot + FOOT + _HEAD
    if kept.value is not None:
        ticks, labels = lay_axis(bounds_of([kept]), write_tick, room=_END - start)
        panel = Panel(ticks, labels, start, _END, top, rows=1)
        head = _head("Customers kept, of 100 drawn", top)
        layers.append(stack([*head, *_draw_row(kept, panel, "kept", _KEPT)]))
        top, more = panel.foot + FOOT + _HEAD, runs_past([kept], panel)
    if speed.value is not None:
        ticks = ratio_ticks(bounds_of([speed]))
        panel = Panel(ticks, label_ratios(ticks), start, _END, top, rows=1, is_log=True, line=1.0)
        head = _head("How many times as fast those drawn leave, logarithmic axis", top)
        row = _draw_row(speed, panel, "hazard_ratio", _TIMES, named="as held back")
        layers.append(stack([*head, *row]))
        top = panel.foot + FOOT + _HEAD
        more = more or runs_past([speed], panel)
    return layers, top - _HEAD, more


def _head(text: str, top: float) -> list[alt.Chart]:
    return [
        draw_text([text], y=top - 30, size=LABEL_SIZE, weight="bold", colour=INK, baseline="bottom")
    ]


def _draw_row(
    mark: Mark,
    panel: Panel,
    column: str,
    columns: tuple[tuple[str, float], ...],
    *,
    named: str = "",
) -> list[Layer]:
    return [
        *draw_axis(panel, named=named),
        *draw_heads(panel, "", columns),
        *draw_marks([mark], panel, column=column, columns=columns),
    ]


def _tell_sides(lot: Lot) -> list[dict[str, Any]]:
    rows = []
    for place, (side, name) in enumerate((("drawn", _DRAWN), ("held", "Held back"))):
        share = lot.number(f"staying_{side}")
        row: dict[str, Any] = {
            "place": place,
            "side": side,
            "Name": name,
            "Staying": _NONE if share is None else write_share(share),
            "Left": f"{lot.whole(f'left_{side}'):,}",
            "Answers": f"{lot.whole(f'n_{side}'):,}",
            "zero": 0.0,
        }
        rows.append(row if share is None else row | {"share": share})
    return rows


def _draw_sides(rows: list[dict[str, Any]], panel: Panel, lot: Lot) -> list[Layer]:
    down = panel.down()
    every_tip = tips("Name", *(head for head, _ in _STAYING))
    layers: list[Layer] = [
        *draw_axis(panel),
        *_head(f"Still customers after {name_days(lot.whole('days'))}", panel.top),
        *draw_heads(panel, "", _STAYING),
    ]
    for row in rows:
        drawn = row["side"] == "drawn" and lot.ratio.certain
        base = chart_of([row])
        if "share" in row:
            layers.append(
                base.mark_bar(size=_BAR, color=ACCENT if drawn else FAINT).encode(
                    panel.across("zero"), alt.X2("share:Q"), down, tooltip=every_tip
                )
            )
        layers.append(
            base.mark_text(align="left", color=ACCENT if drawn else INK).encode(
                down, x=at_x(0), text=alt.Text("Name:N")
            )
        )
        layers += [
            base.mark_text(
                align="right",
                color=QUIET_INK if k else INK,
                fontWeight="normal" if k else "bold",
            ).encode(down, x=at_x(x), text=alt.Text(f"{head}:N"))
            for k, (head, x) in enumerate(_STAYING)
        ]
    return layers


def _tell_kept(lot: Lot, name: str, *more: str) -> Mark:
    value = lot.number("kept")
    written = _NONE
    if value is not None:
        written = f"{MINUS if value < 0 and float(write_kept(value)) else ''}{write_kept(value)}"
    figures = (written, write_kept_span(lot) or _NONE, *more)
    low, high = lot.number("kept_low"), lot.number("kept_high")
    return Mark(name, value, low, high, figures, *_colour(lot))


def _tell_speed(lot: Lot) -> Mark:
    value, low, high, _ = (lot.ratio.value, lot.ratio.low, lot.ratio.high, None)
    figures = (_NONE, _NONE)
    if value is not None:
        span = write_times_span(value, low, high) or _NONE
        figures = (write_times(value, low, high)[0], span)
    return Mark(_DRAWN, value, low, high, figures, *_colour(lot))


def _colour(lot: Lot) -> tuple[str, str, str]:
    return (ACCENT, ACCENT_PALE, ACCENT) if lot.ratio.certain else (POINT, INTERVAL, INK)


def _draw_groups(found: Calls) -> tuple[list[Layer], float, str]:
    ranked = sorted(
        (lot for lot in found.lots if lot.told), key=lambda lot: -(lot.number("kept") or -1e9)
    )
    shown = ranked[:MOST_ROWS]
    marks = [_tell_kept(lot, lot.group, f"{lot.whole('n'):,}") for lot in shown]
    heading = found.shared.heading
    columns, end = lay_columns(_GROUPS, [mark.figures for mark in marks])
    start = find_start(marks, heading)
    ticks, labels = lay_axis(bounds_of(marks), write_tick, room=end - start)
    panel = Panel(ticks, labels, start, end, 14, rows=len(marks))
    left = len(ranked) - len(shown)
    more = join_notes(
        "Coloured: beyond chance, each by itself." if any(x.ratio.certain for x in shown) else "",
        runs_past(marks, panel),
        f"Not drawn: {write_count(left, 'more group')}." if left else "",
    )
    layers: list[Layer] = [
        *draw_axis(panel),
        *draw_heads(panel, heading, columns),
        *draw_marks(marks, panel, column="kept", columns=columns),
    ]
    return [stack(layers)], panel.foot + FOOT, more


def _describe(found: Calls) -> str:
    told = []
    for lot in found.lots[:MOST_ROWS]:
        kept = lot.number("kept")
        parts = (
            [f"{write_kept(kept)} {'more' if kept >= 0 else 'fewer'} of 100 stay"]
            if (kept is not None)
            else []
        )
        parts.append(f"those drawn {say_speed(lot)}")
        told.append(f"{lot.spoken} {write_list(parts)}".strip())
    return "; ".join(told)
