"""The ratings of one contact: a strip a criterion, the expert a diamond, one evaluator coloured."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    Layer,
    at_x,
    at_x2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    tips,
    wrap,
)
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import (
    ACCENT,
    GRID,
    INK,
    INTERVAL,
    LABEL_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.ratings import list_spreads, name_thing, say_spreads
from nps_kit.views.wording import clean, is_number, write_points

_START = 196
_END = WIDTH - 84
_SPREAD_AT = WIDTH
_ROW = 82
_LETTERS_AT = 16
_LANE = 32
"""Where the dots of a row lie, from its top; letters stand above, the expert below."""
_EXPERT_LANE = 66
_APART = 6
"""The letters of dots nearer than this, in points, are written as one word."""
_TICKS = (0, 25, 50, 75, 100)
_SHORT_NAME = 2
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def draw_ratings(
    ratings: pl.DataFrame,
    spreads: pl.DataFrame,
    *,
    highlight: str = "",
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw how several evaluators rated the same things, and where the expert stands.

    Parameters
    ----------
    ratings
        One row per rating, as `find_spreads` takes them.
    spreads
        Table as `find_spreads` makes it of them: a strip for each of its rows.
    highlight
        The evaluator to bring out: in colour, with the name above. Empty: nobody.
    title
        The finding. Empty: as `say_spreads` words it.
    subtitle
        The measure. Empty: ratings from 0 to 100.
    note
        Added to the footnote.

    Returns
    -------
    The chart; a quiet placeholder where nothing was rated.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that is drawn.

    Examples
    --------
    >>> ratings = pl.DataFrame(
    ...     {"criterion": "Tone", "evaluator": ["A", "B"], "rating": [60, 85]}
    ... )
    >>> spreads = pl.DataFrame(
    ...     {
    ...         "criterion": ["Tone"],
    ...         "lowest": [60.0],
    ...         "highest": [85.0],
    ...         "spread": [25.0],
    ...         "expert": [80.0],
    ...     }
    ... )
    >>> draw_ratings(ratings, spreads).to_dict()["title"]["text"]
    ['The evaluators lie 25 points apart on “Tone”']
    """
    caller = "draw_ratings()"
    check_columns(ratings, ("evaluator", "rating"), caller=caller, name="ratings")
    check_columns(spreads, ("lowest", "highest", "spread", "expert"), caller=caller, name="spreads")
    if spreads.is_empty():
        return draw_nothing("Nothing was rated.", title=title, note=note)
    rows = spreads.to_dicts()
    things = {name_thing(row): place for place, row in enumerate(rows)}
    dots = _list_dots(ratings, things)
    mine = [dot for dot in dots if highlight and dot["evaluator"] == highlight]
    theirs = [dot for dot in dots if dot not in mine]
    marks = _name_marks(list(dict.fromkeys(dot["evaluator"] for dot in theirs)))
    expert = [
        {"place": place, "rating": row["expert"], "y": place * _ROW + _EXPERT_LANE}
        | {"Rating": f"Expert: {write_points(row['expert'])}"}
        for place, row in enumerate(rows)
        if is_number(row["expert"])
    ]
    legend = "; ".join(f"{mark}: {clean(name)}" for name, mark in marks.items() if mark != name)
    said = say_spreads(spreads, length="short")
    return finish(
        [
            *_draw_frame(rows),
            *_draw_dots(theirs, colour=POINT, size=90),
            *_draw_letters(_join_letters(theirs, marks)),
            *_draw_dots(mine, colour=ACCENT, size=150),
            *_draw_names(mine),
            *_draw_expert(expert),
        ],
        title=title or said,
        subtitle=subtitle or "Ratings of the same contact, 0 to 100",
        note=join_notes(
            note,
            "Dots: the evaluators.",
            f"{legend}." if legend else "",
            "Diamond: the expert." if expert else "",
        ),
        description=" ".join(list_spreads(spreads)),
        height=_ROW * len(rows),
        note_gap=36,
    )


def _name_marks(names: Sequence[str]) -> dict[str, str]:
    """Give each evaluator the sign above the dot: a short name itself, else a letter."""
    names = sorted(names)
    if all(len(name) <= _SHORT_NAME for name in names):
        return {name: clean(name) for name in names}
    return {name: _LETTERS[k] if k < len(_LETTERS) else str(k + 1) for k, name in enumerate(names)}


def _list_dots(ratings: pl.DataFrame, things: Mapping[str, int]) -> list[dict[str, Any]]:
    """List the ratings of all but experts, each on its strip."""
    return [
        {
            "place": things[name_thing(row)],
            "rating": row["rating"],
            "y": things[name_thing(row)] * _ROW + _LANE,
            "evaluator": str(row["evaluator"]),
            "Rating": f"{clean(str(row['evaluator']))}: {write_points(row['rating'])}",
        }
        for row in ratings.to_dicts()
        if name_thing(row) in things and is_number(row["rating"]) and row.get("role") != "expert"
    ]


def _join_letters(
    dots: Sequence[Mapping[str, Any]], marks: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Write the letters of dots that lie close as one word in their middle."""
    groups: list[list[Mapping[str, Any]]] = []
    order = sorted(dots, key=lambda dot: (dot["place"], dot["rating"], dot["evaluator"]))
    for dot in order:
        last = groups[-1][-1] if groups else None
        near = last is not None and last["place"] == dot["place"]
        if last is not None and near and dot["rating"] - last["rating"] < _APART:
            groups[-1].append(dot)
        else:
            groups.append([dot])
    return [
        {
            "y": group[0]["place"] * _ROW + _LETTERS_AT,
            # Where letters stand is layout: the dots beneath show the ratings.
            "rating": (group[0]["rating"] + group[-1]["rating"]) / 2,
            "mark": " ".join(marks[dot["evaluator"]] for dot in group),
        }
        for group in groups
    ]


def _draw_frame(rows: Sequence[Mapping[str, Any]]) -> list[Layer]:
    """Draw the names, the ranges, the figures at the right and the axis."""
    height = _ROW * len(rows)
    told = [
        {
            "y": place * _ROW + _LANE,
            "low": row["lowest"],
            "high": row["highest"],
            "Spread": write_points(row["spread"]) if is_number(row["spread"]) else "\u2013",
        }
        for place, row in enumerate(rows)
    ]
    lines = [{"edge": place * _ROW} for place in range(len(rows))]
    names = [
        draw_text(
            wrap(name_thing(row), size=LABEL_SIZE, width=_START - 30)[:3],
            y=place * _ROW + 12,
            size=LABEL_SIZE,
            colour=INK,
        )
        for place, row in enumerate(rows)
    ]
    ranged = chart_of([row for row in told if row["low"] is not None])
    return [
        chart_of(lines)
        .mark_rule(color=GRID)
        .encode(_down("edge", height), x=at_x(0), x2=at_x2(WIDTH)),
        ranged.mark_rule(strokeWidth=7, color=INTERVAL, strokeCap="round").encode(
            _along("low"), alt.X2("high:Q"), _down("y", height)
        ),
        chart_of(told)
        .mark_text(align="right", color=INK, fontSize=LABEL_SIZE)
        .encode(_down("y", height), x=at_x(_SPREAD_AT), text=alt.Text("Spread:N")),
        draw_text(
            ["Points apart"], x=_SPREAD_AT, y=-9, align="right", size=11.5, baseline="bottom"
        ),
        *names,
    ]


def _draw_dots(dots: Sequence[dict[str, Any]], *, colour: str, size: int) -> list[Layer]:
    if not dots:
        return []
    return [
        chart_of(dots)
        .mark_point(filled=True, fill=colour, stroke=PAPER, strokeWidth=1.5, size=size, opacity=1)
        .encode(_along("rating"), _plain_down(), tooltip=tips("Rating"))
    ]


def _draw_letters(letters: Sequence[dict[str, Any]]) -> list[Layer]:
    if not letters:
        return []
    return [
        chart_of(letters)
        .mark_text(fontSize=12, color=INK, baseline="middle")
        .encode(_along("rating"), _plain_down(), text=alt.Text("mark:N"))
    ]


def _draw_names(dots: Sequence[dict[str, Any]]) -> list[Layer]:
    if not dots:
        return []
    return [
        chart_of(dots)
        .mark_text(dy=17, fontSize=12, color=ACCENT, fontWeight="bold", baseline="middle")
        .encode(_along("rating"), _plain_down(), text=alt.Text("Rating:N"))
    ]


def _draw_expert(expert: Sequence[dict[str, Any]]) -> list[Layer]:
    if not expert:
        return []
    drawn = chart_of(expert)
    return [
        drawn.mark_point(
            shape="diamond", filled=True, fill=INK, stroke=PAPER, size=190, opacity=1
        ).encode(_along("rating"), _plain_down(), tooltip=tips("Rating")),
        drawn.mark_text(align="left", dx=11, fontSize=11.5, color=QUIET_INK).encode(
            _along("rating"), _plain_down(), text=alt.Text("Rating:N")
        ),
    ]


def _along(column: str) -> alt.X:
    scale = alt.Scale(domain=[_TICKS[0], _TICKS[-1]], range=[_START, _END], nice=False)
    return alt.X(f"{column}:Q", scale=scale, axis=alt.Axis(values=list(_TICKS)), title=None)


def _down(column: str, height: float) -> alt.Y:
    scale = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
    return alt.Y(f"{column}:Q", scale=scale, axis=None)


def _plain_down() -> alt.Y:
    """Place by the column ``y`` on the scale of the frame, which all layers share."""
    return alt.Y("y:Q", axis=None)
