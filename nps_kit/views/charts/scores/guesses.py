"""Published figures as they are found, and what is left of them when their surveys are compared."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import draw_nothing, score_ticks
from nps_kit.views.charts.scores.sheet import SHEET_WIDTH, SMALL_WORD, WORD, Sheet, Span, fit
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, INK, PAPER, POINT, QUIET_INK
from nps_kit.views.sentences.scores.guesses import GUESS_NEEDS, NO_FIGURE, TIER_WORDS, name_source
from nps_kit.views.wording import is_number, name_value, write_score, write_span

_ROW = 44.0
_START, _END = 224.0, SHEET_WIDTH - 40.0
_TOP = 58.0
_REACH = 52.0
"""How far a number reaches from its dot: it must not stand on the line that is ours."""


def draw_guesses(guesses: pl.DataFrame, *, show: bool) -> alt.LayerChart:
    """Draw published figures and our score; once shown, which of them may stand beside it.

    Parameters
    ----------
    guesses
        Table as `compare_guesses` makes it.
    show
        Whether to tell them apart: refused figures are crossed out, a rough guide is hollow.

    Returns
    -------
    The chart, a row per figure; a quiet placeholder where there is none.

    Raises
    ------
    MissingColumnError
        If `guesses` lacks a column that the chart needs.
    """
    check_columns(guesses, GUESS_NEEDS, caller="draw_guesses()", name="guesses")
    rows = guesses.sort("nps", descending=True, maintain_order=True).to_dicts()
    if not rows:
        return draw_nothing(NO_FIGURE, title="")
    ours = rows[0]
    bounds = [ours["own_low"], ours["own_high"], ours["own_nps"], *(row["nps"] for row in rows)]
    ticks = score_ticks(bounds)
    span = Span(ticks[0], ticks[-1], _START, _END)
    bottom = _TOP + _ROW * len(rows)
    sheet = Sheet(height=bottom + 26)
    if is_number(ours["own_low"]) and is_number(ours["own_high"]):
        sheet.block(span.at(ours["own_low"]), 40, span.at(ours["own_high"]), bottom, fill="#efebf9")
    sheet.axis(span, ticks, top=_TOP, bottom=bottom)
    if is_number(ours["own_nps"]):
        _draw_ours(sheet, ours, span=span, bottom=bottom)
    for k, row in enumerate(rows):
        _draw_figure(sheet, row, y=_TOP + (k + 0.5) * _ROW, span=span, show=show)
    told = "; ".join(
        f"{name_source(row)} {write_score(row['nps'])}"
        + (f", {TIER_WORDS[str(row['tier'])]}" if show else "")
        for row in rows
    )
    return sheet.finish(f"Published figures: {told}. Ours: {_write_own(ours)}.")


def _write_own(row: dict[str, Any]) -> str:
    if not is_number(row["own_nps"]):
        return "none"
    span = write_span(row["own_low"], row["own_high"])
    return f"{write_score(row['own_nps'])}{f' ({span})' if span else ''}"


def _draw_ours(sheet: Sheet, row: dict[str, Any], *, span: Span, bottom: float) -> None:
    x = span.at(row["own_nps"])
    sheet.line(x, 40, x, bottom, colour=ACCENT, width=2)
    said = f"Ours {_write_own(row)}"
    sheet.word(
        min(max(x, _START + 20), SHEET_WIDTH - 78),
        24,
        said,
        size=WORD + 1,
        colour=ACCENT,
        align="center",
        weight="bold",
    )


def _draw_figure(sheet: Sheet, row: dict[str, Any], *, y: float, span: Span, show: bool) -> None:
    tier = str(row["tier"])
    refused = show and tier == "refused"
    ink = QUIET_INK if refused else INK
    x = span.at(row["nps"])
    width = _START - 30
    sheet.word(4, y - 8, fit(str(row["publisher"]), size=WORD, width=width), colour=ink)
    year = "no year" if row.get("year") is None else f"{row['year']:.0f}"
    below = f"{year}, {TIER_WORDS[tier] if show else name_value(row.get('industry'))}"
    colour = ACCENT if show and not refused else QUIET_INK
    sheet.word(
        4, y + 10, fit(below, size=SMALL_WORD, width=width), size=SMALL_WORD - 0.5, colour=colour
    )
    if not show:
        sheet.dot(x, y, fill=POINT, size=170, tip=name_source(row))
    elif tier == "comparable":
        sheet.dot(x, y, fill=ACCENT, size=190, tip=TIER_WORDS[tier])
    elif tier == "indicative":
        sheet.dot(x, y, fill=PAPER, stroke=ACCENT, size=150, edge=2.5, tip=str(row["reason"]))
    else:
        sheet.dot(
            x, y, fill=PAPER, stroke=POINT, size=230, edge=2.5, tip=str(row["reason"]), sign="cross"
        )
    ours = span.at(row["own_nps"]) if is_number(row["own_nps"]) else -1.0
    right = x > _END - 30 or 0 <= ours - x < _REACH
    sheet.word(
        x + (-13 if right else 13),
        y,
        write_score(row["nps"]),
        size=WORD,
        colour=ink,
        align="right" if right else "left",
        weight="bold",
        halo=PAPER if abs(x - ours) > _REACH else "",
    )
