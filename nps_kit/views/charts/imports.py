"""What an import kept and set aside, and how its rows lie in time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.views.charts.layout import (
    Align,
    at_x,
    at_x2,
    at_y,
    chart_of,
    draw_nothing,
    finish,
    join_notes,
    measure,
    tips,
)
from nps_kit.views.groups import check_columns
from nps_kit.views.imports import Reasons, name_row, read_reasons
from nps_kit.views.palette import ACCENT, FAINT, INK, LABEL_SIZE, POINT, QUIET_INK, WIDTH, ZERO
from nps_kit.views.wording import name_day, name_period, next_period, write_count, write_share

_ROW = 30
_BAR = 16
_HEIGHT = 170
_GAP = 0.18
_BETWEEN = 12
_MOST_REASONS = 12
_MOST_PERIODS = 400
_FIGURES = 130
"""Room right of the longest bar, for its number and share."""


def draw_reasons(
    reasons: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw how many rows an import kept, and how many it set aside for each reason.

    Parameters
    ----------
    reasons
        Table as `Imported.reasons` gives it.
    title
        The finding. Empty: how many count, and what most of the others lack.
    subtitle
        The measure and its unit. Empty: rows, and their share of the file's.
    note
        The source.

    Returns
    -------
    The chart; a quiet placeholder where there were no rows.

    Raises
    ------
    MissingColumnError
        If `reasons` lacks a column.

    Examples
    --------
    >>> from nps_kit.rows.exports import read_import
    >>> chart = draw_reasons(read_import("sample/imported").reasons)
    >>> chart.to_dict()["title"]["text"]
    ['536 of 604 rows count; most often set aside: blank (23)']
    """
    read = read_reasons(reasons, caller="draw_reasons()")
    if not read.rows:
        return draw_nothing("The file holds no rows.", title=title, note=note)
    rows = _tell_reasons(read)
    start = 20 + min(max(measure(row["Rows"], size=LABEL_SIZE) for row in rows), WIDTH / 3)
    most = max(row["n"] for row in rows)
    base = chart_of(rows)
    down = alt.Y(
        "place:O",
        scale=alt.Scale(domain=[row["place"] for row in rows], padding=0),
        axis=None,
    )
    across = alt.X(
        "n:Q",
        scale=alt.Scale(domain=[0, most], range=[start, WIDTH - _FIGURES], nice=False),
        axis=None,
    )
    told = tips("Rows", "Number", "Share")
    layers = [
        base.mark_bar(height=_BAR).encode(
            across, down, alt.X2(datum=0), color=alt.Color("colour:N", scale=None), tooltip=told
        ),
        base.mark_text(align="left", limit=start - 12).encode(
            down, x=at_x(0), text=alt.Text("Rows:N"), color=alt.Color("ink:N", scale=None)
        ),
        base.mark_text(align="left", dx=8).encode(across, down, text=alt.Text("Number:N")),
        base.mark_text(align="right", color=QUIET_INK).encode(
            down, x=at_x(WIDTH), text=alt.Text("Share:N")
        ),
    ]
    shown = "; ".join(f"{row['Rows']}: {row['Number']}" for row in rows)
    return finish(
        layers,
        title=title or _find_reasons(read),
        subtitle=subtitle or f"Rows of the file, and their share of all {read.rows:,}",
        note=note,
        description=f"Rows of the file by what became of them. {shown}.",
        height=_ROW * len(rows),
    )


def _find_reasons(read: Reasons) -> str:
    if not read.aside:
        return f"All {read.rows:,} rows count" if read.rows > 1 else "The only row counts"
    reason, n = next(iter(read.set_aside.items()))
    kept = f"{read.used:,}" if read.used else "None"
    count = "counts" if read.used <= 1 else "count"
    found = f"{kept} of {write_count(read.rows, 'row')} {count}"
    if len(read.set_aside) == 1:
        return f"{found}; set aside: {reason}"
    return f"{found}; most often set aside: {reason} ({n:,})"


def _tell_reasons(read: Reasons) -> list[dict[str, Any]]:
    aside = list(read.set_aside.items())
    shown, rest = aside, aside[:0]
    if len(aside) > _MOST_REASONS:
        shown, rest = aside[: _MOST_REASONS - 1], aside[_MOST_REASONS - 1 :]
    told = [(f"{read.noun.capitalize()}s that count", read.used, ACCENT, ACCENT)]
    told += [(reason, n, FAINT, INK) for reason, n in shown]
    if rest:
        told.append((f"{len(rest)} other reasons", sum(n for _, n in rest), FAINT, QUIET_INK))
    return [
        {
            "place": place,
            "Rows": name,
            "n": n,
            "Number": f"{n:,}",
            "Share": write_share(n / read.rows),
            "colour": colour,
            "ink": ink,
        }
        for place, (name, n, colour, ink) in enumerate(told)
    ]


def draw_volumes(
    volumes: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw how many rows there are over time; a period without any keeps its place.

    Parameters
    ----------
    volumes
        Table as `Imported.count_periods` gives it: ``table``, ``every``, ``period``, ``n``.
    title
        The finding. Empty: the fewest and the most, or how many periods have none.
    subtitle
        The measure and its unit. Empty: what is counted, and by what.
    note
        The source; that the first and the last may be cut short is added.

    Returns
    -------
    The chart; a quiet placeholder where nothing is dated, or dates run on for centuries.

    Raises
    ------
    MissingColumnError
        If `volumes` lacks a column.

    Examples
    --------
    >>> volumes = pl.DataFrame(
    ...     {
    ...         "table": "responses",
    ...         "every": "month",
    ...         "period": [date(2026, 8, 1), date(2026, 9, 1)],
    ...         "n": [120, 90],
    ...     }
    ... )
    >>> draw_volumes(volumes).to_dict()["title"]["text"]
    ['Between 90 and 120 answers a month, most in August 2026']
    """
    needs = ("table", "every", "period", "n")
    check_columns(volumes, needs, caller="draw_volumes()", name="volumes")
    dated = volumes.filter(pl.col("period").is_not_null()).sort("period")
    if dated.is_empty():
        return draw_nothing(
            "Nothing here is dated, so nothing can be told over time.", title=title, note=note
        )
    every: Every = dated["every"][0]
    check_choice(every, get_args(Every), caller="draw_volumes()", option="every")
    noun = name_row(dated["table"][0])
    counted = dict(dated.select("period", "n").iter_rows())
    periods = _fill_periods(list(counted), every)
    if len(periods) > _MOST_PERIODS:
        return draw_nothing(
            f"The {noun}s run from {name_day(periods[0])} to {name_day(max(counted))}: look at "
            "how their dates are written, and how they were read.",
            title=title,
            note=note,
        )
    rows = [
        {
            "place": place,
            "n": counted.get(start, 0),
            "Period": _name(start, every),
            "Name": _shorten(_name(start, every), every),
        }
        for place, start in enumerate(periods)
    ]
    ends = f"The first and the last {every} may be cut short." if len(rows) > 1 else ""
    shown = "; ".join(f"{row['Period']}: {row['n']:,}" for row in rows)
    return finish(
        _draw_bars(rows, noun=noun),
        title=title or _find_volumes(rows, every=every, noun=noun),
        subtitle=subtitle or f"{noun.capitalize()}s by {every} that count",
        note=join_notes(note, ends),
        description=f"{noun.capitalize()}s by {every}. {shown}.",
        height=_HEIGHT,
        note_gap=44,
    )


def _fill_periods(found: Sequence[date], every: Every) -> list[date]:
    """List every period from the first to the last, or one more than can be drawn."""
    periods = [found[0]]
    while periods[-1] < found[-1] and len(periods) <= _MOST_PERIODS:
        periods.append(next_period(periods[-1], every=every))
    return periods


def _name(start: date, every: Every) -> str:
    return name_day(start) if every == "week" else name_period(start, every=every)


def _shorten(name: str, every: Every) -> str:
    month, _, year = name.partition(" ")
    return f"{month[:3]} {year}" if every == "month" else name


def _find_volumes(rows: Sequence[dict[str, Any]], *, every: Every, noun: str) -> str:
    if len(rows) == 1:
        return f"{write_count(rows[0]['n'], noun)}, all of one {every}: {rows[0]['Period']}"
    gaps = sum(not row["n"] for row in rows)
    if gaps:
        have = "has" if gaps == 1 else "have"
        return f"{gaps:,} of {len(rows):,} {every}s {have} no {noun}s"
    fewest, most = min(row["n"] for row in rows), max(row["n"] for row in rows)
    if fewest == most:
        return f"{write_count(most, noun)} in every {every}"
    when = next(row["Period"] for row in rows if row["n"] == most)
    at = f"{'on' if every == 'day' else 'in'} {'the week of ' if every == 'week' else ''}{when}"
    return f"Between {fewest:,} and {most:,} {noun}s a {every}, most {at}"


def _draw_bars(rows: Sequence[dict[str, Any]], *, noun: str) -> list[alt.Chart]:
    step = WIDTH / len(rows)
    most = max(row["n"] for row in rows)
    fits = max(measure(f"{row['n']:,}", size=LABEL_SIZE) for row in rows) < step
    told = [
        {
            **row,
            noun.capitalize() + "s": f"{row['n']:,}",
            "Shown": f"{row['n']:,}" if fits or row["n"] == most else "",
        }
        for row in rows
    ]
    base = chart_of(told)
    across = alt.X(
        "place:O",
        scale=alt.Scale(domain=[row["place"] for row in rows], paddingInner=_GAP, paddingOuter=0),
        axis=None,
    )
    # Bars start from nothing; the room above is for the label of the tallest.
    up = alt.Y("n:Q", scale=alt.Scale(domain=[0, most * 1.14], nice=False), axis=None)
    layers = [
        base.mark_bar(color=POINT).encode(
            across, up, tooltip=tips("Period", noun.capitalize() + "s")
        ),
        base.mark_text(dy=-9, color=QUIET_INK).encode(across, up, text=alt.Text("Shown:N")),
        chart_of([{}]).mark_rule(color=ZERO).encode(x=at_x(0), x2=at_x2(WIDTH), y=at_y(_HEIGHT)),
    ]
    return [*layers, *_name_bars(told, base=base, across=across, step=step)]


def _name_bars(
    rows: Sequence[dict[str, Any]], *, base: alt.Chart, across: alt.X, step: float
) -> list[alt.Chart]:
    """Name each bar beneath it, or where there is no room the first and the last."""
    under: dict[str, Any] = {"baseline": "top", "color": QUIET_INK}
    below = at_y(_HEIGHT + 10)
    widest = max(measure(row["Name"], size=LABEL_SIZE) for row in rows)
    if widest + _BETWEEN < step or len(rows) == 1:
        return [base.mark_text(**under).encode(across, y=below, text=alt.Text("Name:N"))]
    ends: tuple[tuple[dict[str, Any], Align, float], ...] = (
        (rows[0], "left", 0),
        (rows[-1], "right", WIDTH),
    )
    return [
        chart_of([{"Name": row["Name"]}])
        .mark_text(align=align, **under)
        .encode(x=at_x(place), y=below, text=alt.Text("Name:N"))
        for row, align, place in ends
    ]
