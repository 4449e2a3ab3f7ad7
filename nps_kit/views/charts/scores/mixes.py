"""Two groups in each kind of contact, all together, and with the same mix."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import draw_nothing, score_ticks
from nps_kit.views.charts.scores.sheet import SHEET_WIDTH, SMALL_WORD, WORD, Sheet, Span, fit
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, BAND_FILL, GRID, INK, PAPER, QUIET_INK
from nps_kit.views.sentences.scores.mixes import (
    MIX_NEEDS,
    NO_ANSWERS,
    ROW_WORDS,
    choose_strata,
)
from nps_kit.views.wording import is_number, name_value, write_count, write_score, write_share

OTHER = "#3d4750"
_ROW = 56.0
_TOP = 42.0
_START, _END = 176.0, SHEET_WIDTH - 14.0


def draw_mixes(mixes: pl.DataFrame) -> alt.LayerChart:
    """Draw the scores of two groups in each kind of contact, and beneath what becomes of them.

    Parameters
    ----------
    mixes
        Table as `compare_mixes` makes it.

    Returns
    -------
    The chart: a row per kind of contact, where a dot is as large as that kind's share of the
    group's answers; then all answers together; then the scores with the mix allowed for. A quiet
    placeholder where neither group has an answer.

    Raises
    ------
    MissingColumnError
        If `mixes` lacks a column that the chart needs.
    """
    check_columns(mixes, MIX_NEEDS, caller="draw_mixes()", name="mixes")
    strata, rest = choose_strata(mixes)
    wholes = mixes.filter(pl.col("row").cast(pl.String) != "stratum").to_dicts()
    if not strata:
        return draw_nothing(NO_ANSWERS, title="")
    rows = [*strata, *wholes]
    ticks = score_ticks([row[name] for row in rows for name in ("nps", "nps_against")])
    span = Span(ticks[0], ticks[-1], _START, _END)
    gap = 26.0 if rest else 12.0
    line = _TOP + _ROW * len(strata) + gap
    bottom = line + _ROW * len(wholes)
    sheet = Sheet(height=bottom + 24)
    sheet.block(-4, line, SHEET_WIDTH + 4, bottom, fill=BAND_FILL)
    sheet.axis(span, ticks, top=_TOP, bottom=bottom)
    _name_sides(sheet, strata[0])
    for k, row in enumerate(strata):
        _draw_pair(sheet, row, y=_TOP + (k + 0.5) * _ROW, span=span, mixed=False)
    if rest:
        said = f"and {write_count(rest, 'more kind')}"
        sheet.word(4, line - 16, said, size=SMALL_WORD, colour=QUIET_INK)
    for k, row in enumerate(wholes):
        _draw_pair(sheet, row, y=line + (k + 0.5) * _ROW, span=span, mixed=True)
    told = "; ".join(
        f"{_name(row)}: {_write(row['nps'])} and {_write(row['nps_against'])}" for row in rows
    )
    first = strata[0]
    return sheet.finish(f"{first['group']} and {first['against']}. {told}.")


def _name(row: dict[str, Any]) -> str:
    kind = str(row["row"])
    return name_value(row["name"]) if kind == "stratum" else ROW_WORDS[kind]


def _write(value: float | None) -> str:
    return write_score(value) if is_number(value) else "none"


def _name_sides(sheet: Sheet, row: dict[str, Any]) -> None:
    for x, colour, name in (
        (_START, ACCENT, row["group"]),
        (_START + (_END - _START) / 2, OTHER, row["against"]),
    ):
        sheet.dot(x + 8, 14, fill=colour, size=150)
        said = fit(name_value(name), size=WORD + 1, width=(_END - _START) / 2 - 30)
        sheet.word(x + 22, 14, said, size=WORD + 1, colour=colour, weight="bold")
    sheet.line(0, 32, SHEET_WIDTH, 32, colour=GRID)


def _draw_pair(sheet: Sheet, row: dict[str, Any], *, y: float, span: Span, mixed: bool) -> None:
    name = fit(_name(row), size=WORD * 1.06, width=_START - 26)
    sheet.word(4, y - 8, name, colour=INK, weight="bold" if mixed else "normal")
    if mixed:
        below = ROW_WORDS[f"{row['row']} below"]
    else:
        below = f"{write_share(row['share'])} and {write_share(row['share_against'])}"
    sheet.word(4, y + 11, below, size=SMALL_WORD - 0.5, colour=QUIET_INK)
    ours, theirs = row["nps"], row["nps_against"]
    if is_number(ours) and is_number(theirs):
        colour = ACCENT if ours > theirs else OTHER
        sheet.line(span.at(ours), y, span.at(theirs), y, colour=colour, width=3)
    for value, share, colour, side, other in (
        (theirs, row["share_against"], OTHER, row["against"], ours),
        (ours, row["share"], ACCENT, row["group"], theirs),
    ):
        if not is_number(value):
            continue
        size = 260.0 if mixed else 60 + 640 * (share or 0)
        x = span.at(value)
        sheet.dot(x, y, fill=colour, stroke=PAPER, size=size, tip=f"{side} {write_score(value)}")
        left = is_number(other) and (value < other or (value == other and colour == OTHER))
        reach = size**0.5 / 2 + 7
        outside = (x - reach - 30 < _START) if left else (x + reach + 30 > SHEET_WIDTH)
        # Where there is no room beside a dot, its number stands above it.
        if outside:
            sheet.word(
                x, y - reach - 4, write_score(value), colour=colour, align="center", weight="bold"
            )
        else:
            sheet.word(
                x - reach if left else x + reach,
                y,
                write_score(value),
                colour=colour,
                align="right" if left else "left",
                weight="bold",
                halo=BAND_FILL if mixed else PAPER,
            )
