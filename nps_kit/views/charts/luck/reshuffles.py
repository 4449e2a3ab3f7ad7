"""The list of now and the next: a line for each from its rank now to its rank then."""

from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    Align,
    Layer,
    at_x,
    at_x2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    tips,
)
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import (
    ACCENT,
    BAND_FILL,
    BAND_INKS,
    INK,
    INTERVAL,
    LABEL_SIZE,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.luck.leaderboards import say_reshuffle
from nps_kit.views.sentences.luck.words import find_units, say_again
from nps_kit.views.wording import name_value, shorten, start_sentence, write_score

Part = Literal["others", "new", "leaves", "stays"]

_HEIGHT = 380.0
_NAMED = 24
"""Groups up to which each is named."""

_LEFT = 150.0
_RIGHT = WIDTH - 150.0
_TOP = 26.0
_NEEDS = (
    *("draw", "n", "nps", "rank", "in_bottom", "nps_next", "rank_next", "in_bottom_next"),
    *("bottom", "changed", "truth"),
)
_LOOKS: dict[Part, tuple[str, float, list[int]]] = {
    "others": (INTERVAL, 1.0, [1, 0]),
    "new": (BAND_INKS["detractors"], 2.2, [5, 3]),
    "leaves": (ACCENT, 2.6, [1, 0]),
    "stays": (INK, 3.4, [1, 0]),
}
"""Each look: colour, width and dashes."""


def draw_reshuffle(
    drawn: pl.DataFrame,
    *,
    every: Every | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the last of the lists drawn beside the list of now.

    Parameters
    ----------
    drawn
        Table as `simulate_reshuffle` makes it.
    every
        Unit of time of the list; None: "next time".
    title
        The finding. Empty: as `say_reshuffle` words it.
    subtitle
        The measure. Empty: what a line is.
    note
        A footnote.

    Returns
    -------
    The chart; a quiet placeholder where there is no list. Up to 24 groups are named; of more, those
    who are among the lowest.

    Raises
    ------
    MissingColumnError
        If `drawn` lacks a column.

    Examples
    --------
    >>> from nps_kit.stats.luck import simulate_reshuffle
    >>> counts = pl.DataFrame(
    ...     {"team": list("aabbcc"), "score": [3, 10] * 3, "n": [90, 10, 50, 50, 10, 90]}
    ... )
    >>> draw_reshuffle(simulate_reshuffle(counts, by=["team"])).to_dict()["title"]["text"]
    ['The lowest of the teams is the same next time']
    """
    check_columns(drawn, _NEEDS, caller="draw_reshuffle()", name="drawn")
    found = say_reshuffle(drawn, every=every, length="short")
    if "changed" not in found.facts:
        return draw_nothing(found, title=title, note=note)
    last = drawn.filter(pl.col("draw") == pl.col("draw").max())
    keys = drawn.columns[1 : drawn.columns.index("n")]
    rows = [_tell(row, keys) for row in last.iter_rows(named=True)]
    size, bottom = len(rows), int(last["bottom"].item(0))
    step = (_HEIGHT - _TOP) / max(size, 12)
    foot = _TOP + step * size
    again, units = say_again(every), find_units(drawn, after="draw")
    places = alt.Scale(domain=[0.5, size + 0.5], range=[_TOP, foot], nice=False, zero=False)
    layers: list[Layer] = [_shade(size, bottom, places)]
    for part in _LOOKS:
        layers += _draw_part(part, [row for row in rows if row["part"] == part], places)
    layers += _name_ends(rows, step, places)
    heads: dict[str, Any] = {"y": 4.0, "size": LABEL_SIZE, "weight": "bold"}
    layers += [
        draw_text(["Now"], x=_LEFT, align="right", **heads),
        draw_text([start_sentence(again)], x=_RIGHT, **heads),
    ]
    equal = last["truth"].item(0) == "alike"
    return finish(
        layers,
        title=title or found,
        subtitle=subtitle
        or (
            f"Rank now and {again}, if all {units} are equally good; "
            if equal
            else f"Rank now and {again}, if nobody gets better or worse; "
        )
        + "the first at the top, the shaded ones are the lowest",
        note=join_notes(note, _say_key(rows)),
        description=f"{say_reshuffle(drawn, every=every)} {_list_lowest(rows, again)}",
        height=foot,
        note_gap=14,
    )


def _tell(row: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    now, then = row["in_bottom"], row["in_bottom_next"]
    part: Part = "stays" if now and then else "leaves" if now else "new" if then else "others"
    return {
        "rank": row["rank"],
        "rank_next": row["rank_next"],
        "part": part,
        "Group": shorten(", ".join(name_value(row[key]) for key in keys), most=22),
        "Now": f"{row['rank']:,} ({write_score(row['nps'])})",
        "Then": f"{row['rank_next']:,} ({write_score(row['nps_next'])})",
        "Answers": f"{row['n']:,}",
    }


def _shade(size: int, bottom: int, places: alt.Scale) -> Layer:
    band = chart_of([{"from": size - bottom + 0.5, "to": size + 0.5}]).mark_rect(color=BAND_FILL)
    shaded: alt.Chart = band.encode(
        alt.Y("from:Q", scale=places, axis=None), alt.Y2("to:Q"), x=at_x(0), x2=at_x2(WIDTH)
    )
    return shaded


def _draw_part(part: Part, rows: list[dict[str, Any]], places: alt.Scale) -> list[Layer]:
    if not rows:
        return []
    colour, width, dash = _LOOKS[part]
    told = tips("Group", "Now", "Then", "Answers")
    down, then = alt.Y("rank:Q", scale=places, axis=None), alt.Y2("rank_next:Q")
    line = chart_of(rows).mark_rule(color=colour, strokeWidth=width, strokeDash=dash)
    ends = [
        chart_of(rows)
        .mark_point(filled=True, fill=colour, size=14 * width, opacity=1)
        .encode(alt.Y(f"{column}:Q", scale=places, axis=None), x=at_x(x), tooltip=told)
        for column, x in (("rank", _LEFT + 8), ("rank_next", _RIGHT - 8))
    ]
    return [
        line.encode(down, then, x=at_x(_LEFT + 8), x2=at_x2(_RIGHT - 8), tooltip=told),
        *ends,
    ]


def _name_ends(rows: list[dict[str, Any]], step: float, places: alt.Scale) -> list[Layer]:
    """Name everybody where there is room; else those who are lowest, if these have room."""
    layers: list[Layer] = []
    size = min(LABEL_SIZE, 11.5 if step < 18 else LABEL_SIZE)  # noqa: PLR2004 - lines set close
    everybody = len(rows) <= _NAMED
    ends: tuple[tuple[str, float, Align], ...] = (
        ("rank", _LEFT, "right"),
        ("rank_next", _RIGHT, "left"),
    )
    for column, x, align in ends:
        for part, (colour, *_) in _LOOKS.items():
            mine = [row for row in rows if row["part"] == part]
            if not (mine and everybody):
                continue
            words = chart_of(mine).mark_text(
                align=align,
                fontSize=size,
                limit=_LEFT - 4,
                color=QUIET_INK if part == "others" else colour,
                fontWeight="normal" if part == "others" else "bold",
            )
            layers.append(
                words.encode(
                    alt.Y(f"{column}:Q", scale=places, axis=None),
                    x=at_x(x),
                    text=alt.Text("Group:N"),
                )
            )
    return layers if everybody else _count_ends(rows, places)


def _count_ends(rows: list[dict[str, Any]], places: alt.Scale) -> list[Layer]:
    """Say beside the shaded ends how many leave, and how many are new."""
    size = len(rows)
    counted = {part: sum(row["part"] == part for row in rows) for part in _LOOKS}
    bottom = counted["leaves"] + counted["stays"]
    middle = size - bottom / 2 + 0.5
    ends: tuple[tuple[float, Align, list[tuple[str, str]]], ...] = (
        (
            _LEFT - 6,
            "right",
            [(f"{counted['leaves']} leave", ACCENT), (f"{counted['stays']} stay", INK)],
        ),
        (
            _RIGHT + 6,
            "left",
            [
                (f"{counted['new']} are new", BAND_INKS["detractors"]),
                (f"{counted['stays']} are the same", INK),
            ],
        ),
    )
    layers: list[Layer] = []
    for x, align, lines in ends:
        for k, (text, colour) in enumerate(lines):
            words = chart_of([{"at": middle}]).mark_text(
                text=text,
                align=align,
                dy=18 * (k - 0.5),
                color=colour,
                fontSize=LABEL_SIZE + 1,
                fontWeight="bold",
            )
            layers.append(words.encode(alt.Y("at:Q", scale=places, axis=None), x=at_x(x)))
    return layers


def _say_key(rows: list[dict[str, Any]]) -> str:
    there = {row["part"] for row in rows}
    words = {
        "leaves": "Purple: no longer among the lowest.",
        "new": "Dashed: newly among them.",
        "stays": "Thick: among them again.",
    }
    return " ".join(text for part, text in words.items() if part in there)


def _list_lowest(rows: list[dict[str, Any]], again: str) -> str:
    lowest = [row for row in rows if row["part"] in ("leaves", "stays")]
    told = "; ".join(f"{row['Group']}, rank {row['Now']}, {again} {row['Then']}" for row in lowest)
    return f"The lowest now: {told}."
