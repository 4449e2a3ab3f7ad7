"""Customers who answer in very different ways and make one score."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.errors import check_choice
from nps_kit.scale import BANDS
from nps_kit.views.charts.scores.sheet import BIG_WORD, SHEET_WIDTH, SMALL_WORD, WORD, Sheet, Span
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, BAND_COLOURS, BAND_FILL, BAND_INKS, INK, QUIET_INK
from nps_kit.views.sentences.scores.shapes import SHAPE_LABELS, SHAPE_NEEDS
from nps_kit.views.wording import write_count, write_score, write_share

_TOP, _FLOOR = 74.0, 232.0
_LIST, _ROW = 316.0, 40.0
_BAR_START, _BAR_END = 158.0, 438.0


def draw_shapes(shapes: pl.DataFrame, *, shape: str) -> alt.LayerChart:
    """Draw how many customers gave each score in one shape, and all the shapes beneath.

    Parameters
    ----------
    shapes
        Table as `find_shapes` makes it.
    shape
        The one that is drawn large.

    Returns
    -------
    The chart: the customers of the shape by score; beneath, for each shape, its three bands and
    its mean, the score being the same.

    Raises
    ------
    MissingColumnError
        If `shapes` lacks a column that the chart needs.
    OptionError
        If `shape` is none of those there.
    """
    check_columns(shapes, SHAPE_NEEDS, caller="draw_shapes()", name="shapes")
    names = shapes["shape"].cast(pl.String).unique(maintain_order=True).to_list()
    check_choice(shape, names, caller="draw_shapes()", option="shape")
    sheet = Sheet(height=_LIST + _ROW * len(names) + 4)
    mine = shapes.filter(pl.col("shape").cast(pl.String) == shape).to_dicts()
    _draw_columns(sheet, mine)
    firsts = shapes.group_by("shape", maintain_order=True).first().to_dicts()
    sheet.word(_BAR_START, _LIST - 14, "Bands", size=SMALL_WORD, colour=QUIET_INK)
    sheet.word(462, _LIST - 14, "Mean", size=SMALL_WORD, colour=QUIET_INK)
    sheet.word(SHEET_WIDTH, _LIST - 14, "Score", size=SMALL_WORD, colour=QUIET_INK, align="right")
    for k, row in enumerate(firsts):
        _draw_line(sheet, row, y=_LIST + (k + 0.5) * _ROW, here=row["shape"] == shape)
    told = ", ".join(f"{write_count(row['n'], 'customer')} at {row['score']}" for row in mine)
    return sheet.finish(f"{SHAPE_LABELS[shape]}, score {write_score(mine[0]['nps'])}: {told}.")


def _draw_columns(sheet: Sheet, rows: list[dict[str, Any]]) -> None:
    pitch = SHEET_WIDTH / len(rows)
    # Heights share one scale over all shapes, so that stepping through them compares them.
    span = Span(0, rows[0]["n_all"], _FLOOR, _TOP)
    sheet.word(
        0, 22, f"{write_score(rows[0]['nps'])}", size=BIG_WORD + 6, colour=ACCENT, weight="bold"
    )
    sheet.word(
        92, 22, f"mean answer {rows[0]['mean']:.1f}", size=WORD + 2, colour=INK, weight="bold"
    )
    for k, row in enumerate(rows):
        x = (k + 0.5) * pitch
        band = str(row["band"])
        top = span.at(row["n"])
        if row["n"]:
            sheet.block(
                x - pitch * 0.42,
                top,
                x + pitch * 0.42,
                _FLOOR,
                fill=BAND_COLOURS[band],
                tip=f"{write_count(round(row['n']), 'customer')} at {row['score']}",
            )
            sheet.word(x, top - 11, f"{row['n']:,}", align="center", colour=INK)
        sheet.word(x, _FLOOR + 14, str(row["score"]), align="center", colour=QUIET_INK)
    for band in BANDS:
        mine = [k for k, row in enumerate(rows) if row["band"] == band]
        start, end = mine[0] * pitch + 3, (mine[-1] + 1) * pitch - 3
        sheet.block(start, _FLOOR + 28, end, _FLOOR + 32, fill=BAND_COLOURS[band])
        sheet.word(
            (start + end) / 2,
            _FLOOR + 46,
            f"{write_share(rows[0][f'share_{band}'])} {band}",
            size=SMALL_WORD - 0.5,
            colour=BAND_INKS[band],
            align="center",
            weight="bold",
        )


def _draw_line(sheet: Sheet, row: dict[str, Any], *, y: float, here: bool) -> None:
    if here:
        sheet.block(-4, y - _ROW / 2 + 2, SHEET_WIDTH + 2, y + _ROW / 2 - 2, fill=BAND_FILL)
    ink = ACCENT if here else INK
    label = SHAPE_LABELS[str(row["shape"])]
    sheet.word(4, y, label, colour=ink, weight="bold" if here else "normal")
    span = Span(0, 1, _BAR_START, _BAR_END)
    start = 0.0
    for band in BANDS:
        share = row[f"share_{band}"]
        if share:
            tip = f"{write_share(share)} {band}"
            left, right = span.at(start), span.at(start + share)
            sheet.block(left, y - 9, right, y + 9, fill=BAND_COLOURS[band], tip=tip)
        start += share
    sheet.word(462, y, f"{row['mean']:.1f}", colour=ink, weight="bold")
    sheet.word(
        SHEET_WIDTH - 2, y, write_score(row["nps"]), colour=ink, align="right", weight="bold"
    )
