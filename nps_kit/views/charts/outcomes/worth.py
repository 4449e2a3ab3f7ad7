"""What a move from one band to another is worth, part by part, with what contacts cost."""

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
from nps_kit.views.charts.outcomes.axes import lay_axis, write_tick
from nps_kit.views.charts.outcomes.panels import (
    FOOT,
    Mark,
    Panel,
    bounds_of,
    draw_axis,
    draw_heads,
    draw_marks,
    find_start,
    lay_columns,
    list_marks,
)
from nps_kit.views.outcomes import Line, Worth, read_amounts, read_worth
from nps_kit.views.outcomes.words import MILLION, choose_decimals, write_amount, write_amounts
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    INK,
    INTERVAL,
    LABEL_SIZE,
    POINT,
)
from nps_kit.views.sentences.outcomes.worth import (
    NO_MOVE,
    PARTS,
    is_clear,
    list_worth,
    say_assumed,
    say_given,
    say_unknown,
    say_worth,
)

_HEADS = ("Amount", "Interval")
_BAR = 13
_NONE = "\u2013"
_HEAD = 62
_NAMES = {
    "from_staying": ("Staying longer", "Staying", "Leaving sooner"),
    "from_spend": ("Spending more", "Spending", "Spending less"),
    "from_referrals": ("Referring more", "Referring", "Referring less"),
}


def draw_worth(
    worth: pl.DataFrame,
    costs: pl.DataFrame | None = None,
    *,
    currency: str = "",
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw what one customer moved to another band is worth: part on part, and the sum.

    Each bar begins where the one above it ended; the point is the sum, with its interval. Beneath,
    on an axis of their own, stand the costs of one contact.

    Parameters
    ----------
    worth
        Table of one row as `estimate_worth` makes it.
    costs
        Table without groups as `estimate_costs` makes it. None: costs are not drawn.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    title
        The finding. Empty: as `say_worth` words it.
    subtitle
        The measure. Empty: the measure, the horizon and the interval. The kind of survey and the
        scale are added where the table holds them.
    note
        The source; what is assumed and what was given are always added.

    Returns
    -------
    The chart; a quiet placeholder where the worth cannot be had.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that it needs.
    OptionError
        If `worth` has several rows.
    """
    found = read_worth(worth, caller="draw_worth()")
    said = say_worth(worth, currency=currency, length="short")
    if found is None:
        return draw_nothing(NO_MOVE, title=title or said, note=note)
    if found.number("worth") is None:
        return draw_nothing(say_unknown(found), title=title or said, note=note)
    marks = [_tell_sum(found, currency=currency)]
    names = [Mark(_name(found, part), None, None, None, ()) for part in PARTS]
    beneath = [] if costs is None else _list_costs(costs, currency=currency)
    start = find_start([*marks, *names, *beneath], "")
    figures = [mark.figures for mark in (*marks, *beneath)]
    columns, end = lay_columns(_HEADS, figures)
    room = end - start
    ticks, labels = lay_axis([*_ends(found), *bounds_of(marks)], write_tick, room=room)
    panel = Panel(ticks, labels, start, end, 14, rows=len(PARTS) + 1)
    height = panel.foot + FOOT
    layers: list[Layer] = [stack(_draw_parts(found, panel, marks, columns, currency=currency))]
    if beneath:
        ticks, labels = lay_axis(bounds_of(beneath), write_tick, room=room)
        below = Panel(ticks, labels, start, end, height + _HEAD, rows=len(beneath))
        layers.append(stack(_draw_costs(below, beneath, columns)))
        height = below.foot + FOOT
    unit = f"{currency}, " if currency else ""
    horizon = found.given("horizon")
    return finish(
        layers,
        title=title or said,
        subtitle=join_parts(
            subtitle
            or f"What one customer brings more as {found.end} than as {found.start}, {unit}"
            f"within {horizon:.6g} months, with {found.shared.interval}",
            found.shared.context,
        ),
        note=join_notes(
            say_assumed(found),
            say_given(found, currency=currency),
            "The interval knows nothing of whether these are right.",
            note,
        ),
        description=list_worth(found, currency=currency),
        height=height,
        note_gap=8,
        apart=("x", "y"),
    )


def _name(found: Worth, part: str) -> str:
    moved = found.number("months" if part == "from_staying" else part) or 0.0
    more, same, less = _NAMES[part]
    return more if moved > 0 else less if moved < 0 else same


def _tell_sum(found: Worth, *, currency: str) -> Mark:
    value, low, high = (found.number(name) for name in ("worth", "low", "high"))
    shown = write_amount(value or 0.0, currency=currency)
    span = write_amounts(low, high, like=value or 0.0) or _NONE
    clear = is_clear(found)
    return Mark(
        "Together",
        value,
        low,
        high,
        (shown, span),
        colour=ACCENT if clear else POINT,
        pale=ACCENT_PALE if clear else INTERVAL,
        ink=ACCENT if clear else INK,
    )


def _ends(found: Worth) -> list[float]:
    """Find where each bar ends: the parts lie one after the other."""
    ends, at = [], 0.0
    for part in PARTS:
        at += found.number(part) or 0.0
        ends.append(at)
    return ends


def _draw_parts(
    found: Worth,
    panel: Panel,
    marks: list[Mark],
    columns: list[tuple[str, float]],
    *,
    currency: str,
) -> list[alt.Chart]:
    decimals = choose_decimals(found.number("worth") or 0.0)
    ends = _ends(found)
    rows: list[dict[str, Any]] = [
        {
            "place": k,
            "from": begins,
            "to": ends[k],
            part: found.number(part),
            "Name": _name(found, part),
            "Amount": _write(found.number(part) or 0.0, currency=currency, decimals=decimals),
        }
        for k, (part, begins) in enumerate(zip(PARTS, [0.0, *ends[:-1]], strict=True))
    ]
    base = chart_of(rows)
    down = panel.down()
    every_tip = tips("Name", "Amount")
    blank = [Mark("", None, None, None, ("", ""))] * len(PARTS)
    amount_at = columns[0][1]
    links = [{"place": k, "at": end} for k, end in enumerate(ends)]
    return [
        *draw_axis(panel),
        *draw_heads(panel, "", columns),
        chart_of(links)
        .mark_tick(orient="vertical", size=30, thickness=1, color=INTERVAL, opacity=1)
        .encode(panel.across("at"), panel.down()),
        base.mark_bar(size=_BAR, color=POINT).encode(
            panel.across("from"), alt.X2("to:Q"), down, tooltip=every_tip
        ),
        base.mark_text(align="left", color=INK).encode(down, x=at_x(0), text=alt.Text("Name:N")),
        base.mark_text(align="right", color=INK).encode(
            down, x=at_x(amount_at), text=alt.Text("Amount:N")
        ),
        *draw_marks([*blank, *marks], panel, column="worth", columns=columns),
    ]


def _write(amount: float, *, currency: str, decimals: int) -> str:
    short = abs(amount) >= MILLION
    return write_amount(amount, currency=currency, decimals=None if short else decimals)


def _list_costs(costs: pl.DataFrame, *, currency: str) -> list[Mark]:
    found = read_amounts(costs, column="cost", caller="draw_worth()", name="costs")

    def tell(
        line: Line,
    ) -> tuple[float | None, float | None, float | None, tuple[str, ...]]:
        if line.value is None:
            return None, None, None, (_NONE, _NONE)
        span = write_amounts(line.low, line.high, like=line.value) or _NONE
        return line.value, line.low, line.high, (write_amount(line.value, currency=currency), span)

    return [] if found.absent else list_marks(found.groups[:1], tell)


def _draw_costs(panel: Panel, marks: list[Mark], columns: list[tuple[str, float]]) -> list[Layer]:
    return [
        draw_text(
            ["Beside it: what one contact costs, by the answer it led to"],
            y=panel.top - 30,
            size=LABEL_SIZE,
            weight="bold",
            colour=INK,
            baseline="bottom",
        ),
        *draw_axis(panel),
        *draw_heads(panel, "", (("A contact", columns[0][1]), columns[1])),
        *draw_marks(marks, panel, column="cost", columns=columns),
    ]
