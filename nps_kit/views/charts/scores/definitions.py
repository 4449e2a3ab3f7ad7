"""The same answers under each definition, one row each, and how far each is from the right one."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import score_ticks
from nps_kit.views.charts.scores.sheet import SHEET_WIDTH, SMALL_WORD, WORD, Sheet, Span, Weight
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, BAND_FILL, INK, INTERVAL, PAPER, POINT, QUIET_INK, ZERO
from nps_kit.views.sentences.scores.definitions import DEFINITION_NEEDS, NAMES
from nps_kit.views.wording import is_number, write_count, write_score

_ROW = 46.0
_START, _END = 218.0, SHEET_WIDTH - 60.0


def draw_definitions(definitions: pl.DataFrame, *, chosen: str = "nps") -> alt.LayerChart:
    """Draw what the same answers give under each definition, with the right one as a line.

    Parameters
    ----------
    definitions
        Table as `compare_definitions` makes it.
    chosen
        The definition in the accent.

    Returns
    -------
    The chart: a row per definition, its name, the way from the right score to its own, and the
    number; that of the counts stands without an axis, since it is in answers, not in points.

    Raises
    ------
    MissingColumnError
        If `definitions` lacks a column that the chart needs.
    """
    check_columns(definitions, DEFINITION_NEEDS, caller="draw_definitions()", name="definitions")
    rows = definitions.to_dicts()
    points = [row["value"] for row in rows if row["unit"] == "points" and is_number(row["value"])]
    ticks = score_ticks(points)
    span = Span(ticks[0], ticks[-1], _START, _END)
    sheet = Sheet(height=_ROW * len(rows) + 34)
    shown = _ROW * sum(row["unit"] == "points" for row in rows)
    here = next((k for k, row in enumerate(rows) if row["definition"] == chosen), None)
    if here is not None:
        sheet.block(-4, here * _ROW + 4, SHEET_WIDTH, (here + 1) * _ROW - 2, fill=BAND_FILL)
    sheet.axis(span, ticks, top=6, bottom=shown)
    right = rows[0]["value"] if rows else None
    if is_number(right):
        sheet.line(span.at(right), 6, span.at(right), shown, colour=INK, width=1.5, dashed=True)
    for k, row in enumerate(rows):
        below = 26 if row["unit"] != "points" else 0
        _draw_row(sheet, row, y=(k + 0.5) * _ROW + below, span=span, right=right, here=k == here)
    told = "; ".join(f"{NAMES[row['definition']].label} {_write(row)}" for row in rows)
    return sheet.finish(f"The same answers under each definition. {told}.")


def _write(row: dict[str, Any]) -> str:
    value = row["value"]
    if not is_number(value):
        return "none"
    if row["unit"] == "points":
        return write_score(value)
    return write_count(round(value), "answer") if value >= 0 else f"{write_score(value)} answers"


def _draw_row(
    sheet: Sheet,
    row: dict[str, Any],
    *,
    y: float,
    span: Span,
    right: float | None,
    here: bool,
) -> None:
    name = NAMES[str(row["definition"])]
    ink = ACCENT if here else INK
    weight: Weight = "bold" if here or row["definition"] == "nps" else "normal"
    sheet.word(4, y - 8, name.label, colour=ink, weight=weight)
    sheet.word(4, y + 10, name.short, size=SMALL_WORD - 1, colour=QUIET_INK)
    value = row["value"]
    if row["unit"] != "points":
        said = f"{_write(row)}, not points"
        sheet.word(_START, y, said, size=WORD, colour=ink, weight="bold")
        return
    if not is_number(value):
        sheet.word(_START, y, "no answer", size=WORD, colour=QUIET_INK)
        return
    x = span.at(value)
    if is_number(right):
        sheet.line(
            span.at(right), y, x, y, colour=ACCENT if here else INTERVAL, width=5 if here else 4
        )
    colour = ACCENT if here else POINT
    sheet.dot(x, y, fill=colour, stroke=PAPER, size=190)
    left = is_number(right) and value < right
    sheet.word(
        x + (-12 if left else 12),
        y,
        write_score(value),
        size=WORD + 1,
        colour=ink if here or row["definition"] == "nps" else ZERO if value == right else INK,
        align="right" if left else "left",
        weight="bold",
        halo=BAND_FILL if here else PAPER,
    )
