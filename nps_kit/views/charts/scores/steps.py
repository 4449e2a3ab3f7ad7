"""Customers on their scores, and the staircase that one more of them climbs."""

from math import ceil
from typing import Any

import altair as alt
import polars as pl

from nps_kit.errors import OptionError
from nps_kit.scale import BANDS
from nps_kit.views.charts.scores.sheet import BIG_WORD, SHEET_WIDTH, SMALL_WORD, WORD, Sheet, Span
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, ACCENT_PALE, BAND_COLOURS, BAND_INKS, PAPER, QUIET_INK
from nps_kit.views.wording import write_count, write_score, write_span

NEEDS = ("score", "band", "n_others", "given", "n", "nps", "low", "high", "change")

_MOST_DOTS = 11
_DOT = 17.0
_SCALE_AT = 44.0
_FLOOR = 292.0
_STAIRS_TOP, _STAIRS_LOW = 394.0, 458.0


def draw_steps(steps: pl.DataFrame) -> alt.LayerChart:
    """Draw customers as dots on their scores, the score they make, and the staircase beneath.

    Parameters
    ----------
    steps
        Table as `find_steps` makes it.

    Returns
    -------
    The chart: the score with its interval on the whole scale; a dot for each customer (or for
    several, which is said), the one more ringed; beneath, on the same scores, what the score would
    be for each answer of the one more.

    Raises
    ------
    MissingColumnError
        If `steps` lacks a column that the chart needs.
    OptionError
        If not exactly one row is marked as given.
    """
    check_columns(steps, NEEDS, caller="draw_steps()", name="steps")
    rows = steps.to_dicts()
    given = [row for row in rows if row["given"]]
    if len(given) != 1:
        raise OptionError(
            f"draw_steps() needs one row with given=true, and `steps` has {len(given)}.\n"
            "  find_steps(counts, score=...) marks the one that was given."
        )
    sheet = Sheet(height=488)
    _draw_score(sheet, given[0])
    pitch = SHEET_WIDTH / len(rows)
    places = {row["score"]: (k + 0.5) * pitch for k, row in enumerate(rows)}
    tallest = max(row["n_others"] + row["given"] for row in rows)
    each = max(1, ceil(tallest / _MOST_DOTS))
    for row in rows:
        _pile(sheet, row, x=places[row["score"]], each=each)
    _name_bands(sheet, rows, pitch=pitch)
    if each > 1:
        said = f"One dot: up to {each:,} customers"
        sheet.word(4, 88, said, size=SMALL_WORD, colour=QUIET_INK)
    _draw_stairs(sheet, rows, places=places, pitch=pitch)
    told = ", ".join(f"{row['score']}: {write_score(row['nps'])}" for row in rows)
    return sheet.finish(
        f"{write_count(given[0]['n'], 'customer')}, score {write_score(given[0]['nps'])}. "
        f"By what the one more answers, {told}."
    )


def _draw_score(sheet: Sheet, row: dict[str, Any]) -> None:
    span = Span(-100, 100, 22, SHEET_WIDTH - 24)
    sheet.axis(span, (-100, -50, 0, 50, 100), top=_SCALE_AT - 9, bottom=_SCALE_AT + 9)
    sheet.block(
        span.at(row["low"]), _SCALE_AT - 6, span.at(row["high"]), _SCALE_AT + 6, fill=ACCENT_PALE
    )
    x = span.at(row["nps"])
    sheet.dot(x, _SCALE_AT, fill=ACCENT, size=190, tip=write_span(row["low"], row["high"]))
    sheet.word(
        min(max(x, 34), SHEET_WIDTH - 34),
        _SCALE_AT - 28,
        write_score(row["nps"]),
        size=BIG_WORD,
        colour=ACCENT,
        align="center",
        weight="bold",
    )


def _pile(sheet: Sheet, row: dict[str, Any], *, x: float, each: int) -> None:
    band = str(row["band"])
    dots = ceil(row["n_others"] / each)
    for k in range(dots):
        sheet.dot(
            x,
            _FLOOR - _DOT * (k + 0.5),
            fill=BAND_COLOURS[band],
            size=215,
            tip=f"{write_count(row['n_others'], 'customer')} at {row['score']}",
        )
    if row["given"]:
        y = _FLOOR - _DOT * (dots + 0.5)
        sheet.dot(x, y, fill=BAND_COLOURS[band], stroke=ACCENT, size=215, edge=3.5)


def _name_bands(sheet: Sheet, rows: list[dict[str, Any]], *, pitch: float) -> None:
    for k, row in enumerate(rows):
        sheet.word((k + 0.5) * pitch, _FLOOR + 13, str(row["score"]), align="center")
    for band in BANDS:
        mine = [k for k, row in enumerate(rows) if row["band"] == band]
        start, end = mine[0] * pitch + 3, (mine[-1] + 1) * pitch - 3
        count = sum(rows[k]["n_others"] + rows[k]["given"] for k in mine)
        sheet.block(start, _FLOOR + 26, end, _FLOOR + 30, fill=BAND_COLOURS[band])
        sheet.word(
            (start + end) / 2,
            _FLOOR + 44,
            f"{count:,} {band if count != 1 else band[:-1]}",
            size=SMALL_WORD,
            colour=BAND_INKS[band],
            align="center",
            weight="bold",
        )


def _draw_stairs(
    sheet: Sheet, rows: list[dict[str, Any]], *, places: dict[float, float], pitch: float
) -> None:
    low, high = min(row["nps"] for row in rows), max(row["nps"] for row in rows)
    span = Span(low, high if high > low else low + 1, _STAIRS_LOW, _STAIRS_TOP)
    sheet.word(
        0,
        _STAIRS_TOP - 30,
        "What the ringed customer makes of the score, at each answer",
        size=SMALL_WORD,
        colour=QUIET_INK,
    )
    flights: list[list[dict[str, Any]]] = []
    for row in rows:
        if flights and not row["change"]:
            flights[-1].append(row)
        else:
            flights.append([row])
    before = None
    for flight in flights:
        start, end = places[flight[0]["score"]] - pitch / 2, places[flight[-1]["score"]] + pitch / 2
        y = span.at(flight[0]["nps"])
        here = any(row["given"] for row in flight)
        if before is not None:
            sheet.line(start, before, start, y, colour=QUIET_INK, dashed=True)
        sheet.line(start, y, end, y, colour=ACCENT if here else QUIET_INK, width=4 if here else 2.5)
        before = y
    for flight in flights:
        middle = (places[flight[0]["score"]] + places[flight[-1]["score"]]) / 2
        here = any(row["given"] for row in flight)
        sheet.word(
            middle,
            span.at(flight[0]["nps"]) + 17,
            write_score(flight[0]["nps"]),
            size=WORD + 2 if here else WORD,
            colour=ACCENT if here else QUIET_INK,
            align="center",
            weight="bold" if here else "normal",
        )
    for row in rows:
        if row["given"]:
            y = span.at(row["nps"])
            sheet.dot(places[row["score"]], y, fill=PAPER, stroke=ACCENT, size=170, edge=3.5)
