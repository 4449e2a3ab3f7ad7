"""Those coached, and those like them who were not: now and next time."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    SIGNED,
    Layer,
    at_x,
    at_x2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    score_scale,
    score_ticks,
)
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, INK, LABEL_SIZE, PAPER, POINT, WIDTH, ZERO
from nps_kit.views.sentences.luck.coaching import say_coaching
from nps_kit.views.sentences.luck.words import say_again
from nps_kit.views.wording import start_sentence, write_score

_HEIGHT = 290
_NOW = 170.0
_NEXT = WIDTH - 220.0
_APART = 19.0
_NEEDS = ("part", "groups", "nps", "nps_next")
_LOOKS = {
    "coached": (ACCENT, 4.0, [1, 0]),
    "not coached": (INK, 2.5, [6, 4]),
    "others": (POINT, 1.5, [1, 0]),
}
"""Each part: colour, width and dashes of its line."""


def draw_coaching(
    compared: pl.DataFrame,
    *,
    every: Every | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the mean score of each part, from now to the next list.

    Parameters
    ----------
    compared
        Table as `compare_coaching` makes it.
    every
        Unit of time between the two lists; None: "next time".
    title
        The finding. Empty: as `say_coaching` words it.
    subtitle
        The measure. Empty: what a line is.
    note
        A footnote.

    Returns
    -------
    The chart; a quiet placeholder where there are too few to compare.

    Raises
    ------
    MissingColumnError
        If `compared` lacks a column.

    Examples
    --------
    >>> from nps_kit.stats.luck import compare_coaching, simulate_coaching
    >>> counts = pl.DataFrame({"team": ["a", "b"], "score": [9, 3], "n": [4, 5]})
    >>> nobody = compare_coaching(simulate_coaching(counts, by=["team"]))
    >>> draw_coaching(nobody).to_dict()["description"]
    'Too few have answers to coach some and leave others: it takes four.'
    """
    check_columns(compared, _NEEDS, caller="draw_coaching()", name="compared")
    found = say_coaching(compared, every=every, length="short")
    if not compared.height:
        return draw_nothing(found, title=title, note=note)
    rows = [
        {"part": str(row["part"]), **{name: row[name] for name in ("groups", "nps", "nps_next")}}
        for row in compared.iter_rows(named=True)
    ]
    ticks = score_ticks([row[end] for row in rows for end in ("nps", "nps_next")])
    scale = score_scale(ticks, start=_HEIGHT, end=24)
    axis = alt.Axis(
        values=list(ticks),
        format="d",
        labelExpr=SIGNED,
        # On the line, inside the picture: nothing hangs to the left of the title.
        labelAlign="left",
        labelBaseline="bottom",
        labelPadding=0,
        labelOffset=-1,
    )

    def up(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=scale, axis=axis, title=None)

    layers: list[Layer] = []
    if ticks[0] <= 0 <= ticks[-1]:
        layers.append(chart_of([{"zero": 0}]).mark_rule(color=ZERO).encode(up("zero")))
    for row in reversed(rows):
        layers += _draw_line(row, up)
    layers += _name_ends(rows, ticks)
    again = say_again(every)
    heads: dict[str, Any] = {"y": 0.0, "size": LABEL_SIZE, "weight": "bold", "align": "center"}
    layers += [
        draw_text(["Now"], x=_NOW, **heads),
        draw_text([start_sentence(again)], x=_NEXT, **heads),
    ]
    return finish(
        layers,
        title=title or found,
        subtitle=subtitle or f"Mean NPS of each part, now and {again}; who was coached fell by lot",
        note=join_notes(note, "Solid: coached. Dashed: like them, but left out. Thin: all others."),
        description=str(say_coaching(compared, every=every)),
        height=_HEIGHT,
        note_gap=22,
    )


def _draw_line(row: dict[str, Any], up: Any) -> list[Layer]:  # noqa: ANN401 - what places a column
    colour, width, dash = _LOOKS[row["part"]]
    line = chart_of([row]).mark_rule(color=colour, strokeWidth=width, strokeDash=dash)
    return [
        line.encode(up("nps"), alt.Y2("nps_next:Q"), x=at_x(_NOW), x2=at_x2(_NEXT)),
        *(
            chart_of([row])
            .mark_point(filled=True, fill=colour, size=110, opacity=1, stroke=PAPER)
            .encode(up(column), x=at_x(x))
            for column, x in (("nps", _NOW), ("nps_next", _NEXT))
        ),
    ]


def _name_ends(rows: list[dict[str, Any]], ticks: list[int]) -> list[Layer]:
    """Write the scores at both ends, none over another."""
    layers: list[Layer] = []
    span = ticks[-1] - ticks[0]

    def down(score: float) -> float:
        return 24 + (_HEIGHT - 24) * (ticks[-1] - score) / span

    for column, x, right in (("nps", _NOW - 12, True), ("nps_next", _NEXT + 12, False)):
        ordered = sorted(rows, key=lambda row: -row[column])
        for row, y in zip(ordered, _spread([down(row[column]) for row in ordered]), strict=True):
            score = write_score(row[column])
            text = score if right else f"{score}, {row['groups']:,} {row['part']}"
            layers.append(
                draw_text(
                    [text],
                    x=x,
                    y=y - LABEL_SIZE / 2 - 1,
                    size=LABEL_SIZE,
                    align="right" if right else "left",
                    colour=_LOOKS[row["part"]][0],
                    weight="bold",
                )
            )
    return layers


def _spread(places: list[float]) -> list[float]:
    """Push labels apart that would lie over one another; they come from the top."""
    apart: list[float] = []
    for place in places:
        apart.append(max(place, apart[-1] + _APART) if apart else place)
    return apart
