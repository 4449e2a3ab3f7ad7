"""A leaderboard beside one of equals: what luck alone would make of it."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    SIGNED,
    Layer,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    score_scale,
    score_ticks,
    tips,
)
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import ACCENT, INTERVAL, LABEL_SIZE, PAPER, POINT, WIDTH, ZERO
from nps_kit.views.sentences.luck.leaderboards import say_leaderboard
from nps_kit.views.sentences.luck.words import find_units
from nps_kit.views.wording import name_value, write_level, write_score, write_share

_HEIGHT = 260
_START = 44.0
_END = WIDTH - 14.0
_NEEDS = ("n", "nps", "rank", "alike_low", "alike_high", "in_bottom", "chance_bottom", "level")


def draw_leaderboard(
    simulated: pl.DataFrame,
    *,
    every: Every | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw each score at its rank, over what the same list of equals would give.

    Parameters
    ----------
    simulated
        Table as `simulate_leaderboard` makes it.
    every
        Unit of time of the list; None: "next time".
    title
        The finding. Empty: whether the scores lie farther apart than luck takes them.
    subtitle
        The measure. Empty: what dots and ribbon are.
    note
        A footnote.

    Returns
    -------
    The chart; a quiet placeholder where there are too few to make a list.

    Raises
    ------
    MissingColumnError
        If `simulated` lacks a column.

    Examples
    --------
    >>> from nps_kit.stats.luck import simulate_leaderboard
    >>> counts = pl.DataFrame({"team": ["a", "b", "c"], "score": [9, 9, 3], "n": [4, 5, 4]})
    >>> draw_leaderboard(simulate_leaderboard(counts, by=["team"])).to_dict()["title"]["text"]
    ['These teams lie farther apart than luck alone would take them']
    """
    check_columns(simulated, _NEEDS, caller="draw_leaderboard()", name="simulated")
    found = say_leaderboard(simulated, every=every)
    if not simulated.height or simulated["changed"].item(0) is None:
        return draw_nothing(found, title=title, note=note)
    keys = simulated.columns[: simulated.columns.index("n")]
    units = find_units(simulated)
    rows = [_tell(row, keys) for row in simulated.iter_rows(named=True)]
    ticks = score_ticks([row[name] for row in rows for name in ("nps", "alike_low", "alike_high")])
    size = len(rows)
    over = alt.X(
        "rank:Q",
        scale=alt.Scale(domain=[1, size], range=[_START, _END], nice=False, zero=False),
        axis=None,
    )
    scale = score_scale(ticks, start=_HEIGHT, end=0)
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

    told = tips("Group", "Rank", "NPS", "Answers", "Lowest again")
    dots = 60 if size > 40 else 110  # noqa: PLR2004 - many dots are drawn small
    layers: list[Layer] = [
        chart_of(rows)
        .mark_area(color=INTERVAL, opacity=0.75)
        .encode(over, up("alike_low"), alt.Y2("alike_high:Q")),
    ]
    if ticks[0] <= 0 <= ticks[-1]:
        layers.append(chart_of([{"zero": 0}]).mark_rule(color=ZERO).encode(up("zero")))
    for lowest, colour, shape in ((False, POINT, "circle"), (True, ACCENT, "diamond")):
        mine = [row for row in rows if row["in_bottom"] is lowest]
        layers.append(
            chart_of(mine)
            .mark_point(
                filled=True,
                fill=colour,
                shape=shape,
                size=dots,
                opacity=1,
                stroke=PAPER,
                strokeWidth=0.8,
            )
            .encode(over, up("nps"), tooltip=told)
        )
    bottom = simulated["bottom"].item(0)
    foot = _HEIGHT + 8
    layers += [
        draw_text(["First"], x=_START, y=foot, size=LABEL_SIZE),
        draw_text(
            [f"The {bottom} lowest" if bottom > 1 else "The lowest"],
            x=WIDTH,
            y=foot,
            size=LABEL_SIZE,
            align="right",
            colour=ACCENT,
            weight="bold",
        ),
    ]
    detected = simulated["detected"].item(0)
    level = write_level(simulated["level"].item(0))
    return finish(
        layers,
        title=title
        or (
            f"These {units} lie farther apart than luck alone would take them"
            if detected
            else f"If all {units} were equally good, the list would look much like this"
        ),
        subtitle=subtitle
        or f"NPS of each by rank; ribbon: where {level} of scores lie at a rank if all are equal",
        note=join_notes(note, "Level ones in the order of their names."),
        description=str(found),
        height=_HEIGHT,
        note_gap=36,
    )


def _tell(row: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("rank", "nps", "alike_low", "alike_high", "in_bottom")},
        "Group": ", ".join(name_value(row[key]) for key in keys),
        "Rank": f"{row['rank']:,}",
        "NPS": write_score(row["nps"], decimals=1),
        "Answers": f"{row['n']:,}",
        "Lowest again": write_share(row["chance_bottom"]),
    }
