"""How many answers it takes, beside how many there are."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    at_x,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    tips,
)
from nps_kit.views.charts.rows import MOST_ROWS, place_down, plot_start
from nps_kit.views.palette import (
    ACCENT,
    FAINT,
    INK,
    INTERVAL,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.planning import (
    NOTHING,
    find_keys,
    find_size,
    list_plan,
    name_row,
    say_plan,
    write_size,
)
from nps_kit.views.wording import is_number, name_column, name_value, start_sentence, write_level

_ROW = 42
_END = WIDTH - 96
_HEAD_SIZE = 11.5
_WIDEST_NAME = 210
_TIPS = ("Group", "Size", "Needed", "At hand", "Takes")
_MOST_TICKS = 7


def draw_plan(
    plan: pl.DataFrame,
    *,
    every: Every | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the answers that each margin or difference needs, and those at hand.

    One row a group, a point for each size; without groups one row a size. The groups that need
    most come first; past twelve the others are counted in the note.

    Parameters
    ----------
    plan
        Table as `plan_margin` or `plan_difference` makes it.
    every
        Unit of the periods that it was planned by. None: they are called periods.
    title
        The finding. Empty: as `say_plan` words it.
    subtitle
        The measure. Empty: what the answers are for, and the level.
    note
        The source; what the marks mean, and what the plan rests on, are added.

    Returns
    -------
    The chart; a quiet placeholder where the table has no row.

    Raises
    ------
    MissingColumnError
        If `plan` is no such table.

    Examples
    --------
    >>> plan = pl.DataFrame({"n": 0, "margin": [5.0, 10.0], "n_needed": [1030, 258]})
    >>> plan = plan.with_columns(basis=pl.lit("typical spread"), level=0.95)
    >>> draw_plan(plan, title="Answers for a margin").to_dict()["title"]["text"]
    ['Answers for a margin']
    """
    size = find_size(plan, caller="draw_plan()")
    found = say_plan(plan, every=every)
    keys = find_keys(plan)
    rows = plan.filter(pl.col("n_needed").is_not_null()).rows(named=True)
    if not rows:
        return draw_nothing(NOTHING, title=title or found, note=note)
    unit = every or "period"
    told = [_tell(row, keys, size=size, unit=unit) for row in rows]
    names = list(dict.fromkeys(_row_of(row, keys) for row in told))
    if keys:
        most = {name: max(row["needed"] for row in told if row["key"] == name) for name in names}
        faint = {row["key"] for row in told if row["few"]}
        names.sort(key=lambda name: (name in faint, -most[name]))
    shown = names[:MOST_ROWS]
    told = [row | {"place": shown.index(row["key"])} for row in told if row["key"] in shown]
    heading = " and ".join(name_column(key) for key in keys) or size
    what = "for a margin" if size == "margin" else "by each of two groups to find a difference"
    usual = "n_period" in plan.columns
    return finish(
        _draw(told, heading=start_sentence(heading), unit=unit if usual else "", by_size=not keys),
        title=title or found,
        subtitle=join_parts(
            subtitle or f"Answers needed {what}, at {write_level(rows[0]['level'])}",
            "" if subtitle or size == "margin" else f"power {write_level(rows[0]['power'])}",
            _say_context(plan),
            "logarithmic axis",
        ),
        note=join_notes(
            note,
            _say_marks(rows, size, usual=usual, unit=unit),
            _say_basis(rows),
            "Faint: too few answers to judge." if any(row["few"] for row in told) else "",
            _say_left_out(len(names) - len(shown), faint=any(row["few"] for row in told)),
        ),
        description=list_plan(rows, keys, size),
        height=_ROW * len(shown),
        note_gap=40,
    )


def _tell(row: dict[str, Any], keys: Sequence[str], *, size: str, unit: str) -> dict[str, Any]:
    have = row.get("n_period", row["n"])
    points = write_size(row[size])
    wide = f"±{points}" if size == "margin" else points
    takes = row.get("periods_needed")
    return {
        "few": bool(keys) and (bool(row.get("few")) or not row["n"]),
        "key": name_row(row, keys) if keys else wide,
        "needed": row["n_needed"],
        "have": have if is_number(have) and have > 0 else None,
        "Group": name_row(row, keys) or "all answers",
        "Size": wide if keys else f"{wide} points",
        "Needed": f"{row['n_needed']:,}",
        "At hand": f"{have:,}" if is_number(have) and have > 0 else "\u2013",
        "Takes": f"{takes:,.1f} {unit}s" if is_number(takes) else "\u2013",
    }


def _say_context(plan: pl.DataFrame) -> str:
    """Name the survey and the scale that every row shares."""
    told = []
    for name, word in (("survey", "answers"), ("scale", "scale")):
        kinds = plan[name].unique() if name in plan.columns else pl.Series()
        if kinds.len() == 1 and kinds[0] is not None:
            told.append(f"{name_value(kinds[0])} {word}")
    return ", ".join(told)


def _say_left_out(left: int, *, faint: bool) -> str:
    if not left:
        return ""
    return f"Not drawn: {left:,} that need fewer{', or have too few answers' if faint else ''}."


def _row_of(row: dict[str, Any], keys: Sequence[str]) -> str:
    return str(row["key"] if keys else row["Size"].removesuffix(" points"))


def _say_marks(rows: Sequence[dict[str, Any]], size: str, *, usual: bool, unit: str) -> str:
    have = any(row.get("n_period", row["n"]) for row in rows)
    marked = f"the answers of a usual {unit}" if usual else "the answers at hand"
    sizes = "Points: the half-width of the interval." if size == "margin" else ""
    return join_notes(sizes, f"Upright line: {marked}." if have else "")


def _say_basis(rows: Sequence[dict[str, Any]]) -> str:
    bases = {row["basis"] for row in rows}
    if bases == {"own answers"}:
        return "Planned by how much each group's own answers vary."
    if bases == {"typical spread"}:
        return "Planned for answers that vary as they typically do (variance 0.67)."
    if bases == {"shares given"}:
        return "Planned for the shares given."
    return "Where a group has no answers, planned for a typical spread or the shares given."


def _ticks(values: Sequence[float]) -> list[float]:
    """Find the ticks of an axis of answers: ones and threes, or ones alone."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    all_of_them = [
        lead * 10.0**power for power in range(low, max(high, low + 1) + 1) for lead in (1, 3)
    ]
    first = max(tick for tick in all_of_them if tick <= min(values))
    last = min(tick for tick in all_of_them if tick >= max(values))
    ticks = [tick for tick in all_of_them if first <= tick <= last]
    if len(ticks) == 1:
        ticks = [ticks[0] / 10, ticks[0]]
    if len(ticks) <= _MOST_TICKS:
        return ticks
    tens = [tick for tick in ticks if log10(tick) % 1 < 1e-9]  # noqa: PLR2004 - a whole power
    return sorted({ticks[0], *tens, ticks[-1]})


def _draw(
    told: Sequence[dict[str, Any]], *, heading: str, unit: str, by_size: bool
) -> list[alt.Chart]:
    start = plot_start([row["key"] for row in told], heading)
    values = [row["needed"] for row in told] + [row["have"] for row in told if row["have"]]
    ticks = _ticks(values)
    scale = alt.Scale(type="log", domain=[ticks[0], ticks[-1]], range=[start, _END], nice=False)
    axis = alt.Axis(values=ticks, format=",d", labelFlush=False)
    down = place_down(max(row["place"] for row in told) + 1)

    def place(column: str) -> alt.X:
        return alt.X(f"{column}:Q", scale=scale, axis=axis, title=None)

    firsts = list({row["place"]: row for row in told}.values())
    have = [row for row in firsts if row["have"]]
    reach = [
        {"place": row["place"], "from": min(all_of), "to": max(all_of)}
        for row in firsts
        for all_of in [[other["needed"] for other in told if other["place"] == row["place"]]]
    ]
    base = chart_of(told)
    names = [
        (chart_of([row for row in firsts if row["few"] == few]), few)
        for few in sorted({row["few"] for row in firsts})
    ]
    every_tip = tips(*_TIPS)
    above: dict[str, Any] = {"y": -9.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    right = f"A {unit}" if unit else "At hand"
    layers = [
        draw_text([heading or "Group"], **above),
        chart_of(reach)
        .mark_rule(strokeWidth=2, color=INTERVAL)
        .encode(place("from"), alt.X2("to:Q"), down),
        chart_of(have)
        .mark_tick(thickness=3, size=18, color=ACCENT, opacity=1)
        .encode(place("have"), down, tooltip=every_tip),
        *(
            chart_of([row for row in told if row["few"] == few])
            .mark_point(
                filled=not few,
                fill=PAPER if few else POINT,
                size=46 if few else 80,
                opacity=1,
                stroke=FAINT if few else PAPER,
                strokeWidth=1.5,
            )
            .encode(place("needed"), down, tooltip=every_tip)
            for few in sorted({row["few"] for row in told})
        ),
        base.mark_text(dy=-16, color=QUIET_INK, fontSize=_HEAD_SIZE).encode(
            place("needed"), down, text=alt.Text("Needed:N") if by_size else "Size:N"
        ),
        *(
            mine.mark_text(
                align="left", limit=_WIDEST_NAME, color=QUIET_INK if few else INK
            ).encode(
                down,
                x=at_x(0),
                text=alt.Text("Size:N") if by_size else "Group:N",
                tooltip=every_tip,
            )
            for mine, few in names
        ),
    ]
    if have:
        layers += [
            draw_text([right], x=WIDTH, align="right", **above),
            chart_of(firsts)
            .mark_text(align="right", color=ACCENT)
            .encode(down, x=at_x(WIDTH), text=alt.Text("At hand:N")),
        ]
    return layers
