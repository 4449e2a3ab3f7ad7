"""Published figures as they are found, and what is left of them when their surveys are compared."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import draw_nothing, score_ticks, wrap
from nps_kit.views.charts.scores.sheet import SHEET_WIDTH, SMALL_WORD, WORD, Sheet, Span, fit
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, INK, PAPER, POINT, QUIET_INK
from nps_kit.views.sentences.scores.guesses import GUESS_NEEDS, NO_FIGURE, TIER_WORDS, name_source
from nps_kit.views.wording import is_number, name_value, write_score, write_span

_LINE, _SMALL_LINE, _BETWEEN = 18.0, 17.0, 9.0
_MOST_LINES = 3
_START, _END = 224.0, SHEET_WIDTH - 40.0
_TOP = 58.0
_REACH = 52.0
"""How far a number reaches from its dot: it must not stand on the line that is ours."""


class _Place(NamedTuple):
    """Where a figure stands: its middle, and how high its words may be."""

    y: float
    words: float


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
    places = _place(rows)
    bottom = places[-1].y + (places[-1].words + _BETWEEN) / 2
    sheet = Sheet(height=bottom + 26)
    if is_number(ours["own_low"]) and is_number(ours["own_high"]):
        sheet.block(span.at(ours["own_low"]), 40, span.at(ours["own_high"]), bottom, fill="#efebf9")
    sheet.axis(span, ticks, top=_TOP, bottom=bottom)
    if is_number(ours["own_nps"]):
        _draw_ours(sheet, ours, span=span, bottom=bottom)
    for row, place in zip(rows, places, strict=True):
        _write_source(sheet, row, y=place.y, show=show)
        _draw_figure(sheet, row, y=place.y, span=span, show=show)
    told = "; ".join(
        f"{name_source(row)} {write_score(row['nps'])}"
        + (f", {TIER_WORDS[str(row['tier'])]}" if show else "")
        for row in rows
    )
    return sheet.finish(f"Published figures: {told}. Ours: {_write_own(ours)}.")


def _place(rows: Sequence[dict[str, Any]]) -> list[_Place]:
    """Give each figure the room of its words; the verdict must not move it."""
    places: list[_Place] = []
    top = _TOP
    for row in rows:
        words = max(_measure_lines(*_list_lines(row, show=show)) for show in (False, True))
        places.append(_Place(top + (words + _BETWEEN) / 2, words))
        top += words + _BETWEEN
    return places


def _measure_lines(names: Sequence[str], below: Sequence[str]) -> float:
    return _LINE * len(names) + _SMALL_LINE * len(below)


def _list_lines(row: dict[str, Any], *, show: bool) -> tuple[list[str], list[str]]:
    """List the lines of a publisher's name, and of what stands beneath it."""
    year = "no year" if row.get("year") is None else f"{row['year']:.0f}"
    told = TIER_WORDS[str(row["tier"])] if show else name_value(row.get("industry"))
    return (
        _break(name_value(row["publisher"]), size=WORD),
        _break(f"{year}, {told}", size=SMALL_WORD),
    )


def _break(text: str, *, size: float) -> list[str]:
    """Break a text into three lines at most; only what needs more is cut."""
    width = _START - 30
    lines = wrap(text, size=size, width=width)
    if len(lines) <= _MOST_LINES:
        return lines
    kept = lines[: _MOST_LINES - 1]
    return [*kept, fit(" ".join(lines[_MOST_LINES - 1 :]), size=size, width=width)]


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


def _write_source(sheet: Sheet, row: dict[str, Any], *, y: float, show: bool) -> None:
    refused = show and str(row["tier"]) == "refused"
    names, below = _list_lines(row, show=show)
    top = y - _measure_lines(names, below) / 2
    for k, line in enumerate(names):
        sheet.word(4, top + _LINE * (k + 0.5), line, colour=QUIET_INK if refused else INK)
    top += _LINE * len(names)
    colour = ACCENT if show and not refused else QUIET_INK
    for k, line in enumerate(below):
        middle = top + _SMALL_LINE * (k + 0.5)
        sheet.word(4, middle, line, size=SMALL_WORD - 0.5, colour=colour)


def _draw_figure(sheet: Sheet, row: dict[str, Any], *, y: float, span: Span, show: bool) -> None:
    tier = str(row["tier"])
    refused = show and tier == "refused"
    ink = QUIET_INK if refused else INK
    x = span.at(row["nps"])
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
