"""How much each driver explains, against how many are at its best level already."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.views.charts.drivers.importance import draw_importance
from nps_kit.views.charts.drivers.labels import Taken, place_label
from nps_kit.views.charts.drivers.percents import PERCENT, along_shares, percent_ticks
from nps_kit.views.charts.layout import (
    Layer,
    at_x,
    at_x2,
    at_y,
    at_y2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    tips,
)
from nps_kit.views.charts.panels import LOOKS, Look
from nps_kit.views.charts.placing import Box, box_around
from nps_kit.views.drivers import Rank, Ranking, name_level, read_ranking, write_explained
from nps_kit.views.palette import FAINT, INTERVAL, LABEL_SIZE, PAPER, WIDTH
from nps_kit.views.sentences.drivers import say_ranking
from nps_kit.views.sentences.drivers.ranks import say_explained_span
from nps_kit.views.wording import (
    shorten,
    start_sentence,
    write_level,
    write_list,
    write_score,
    write_share,
)

MOST_DRIVERS = 12
"""Drivers that one chart can carry and still be read."""

FEWEST = 3
"""Drivers from which on a quadrant says more than bars do."""

_HEIGHT = 330.0
_START, _END = 44.0, WIDTH - 24.0
_LONGEST = 34
_ROOM = 1.08
_HEAD_SIZE = 11.5
_CORNERS = ("explains more, few at its best", "explains more, most at its best")


def draw_ranking(
    ranking: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw how much each driver explains against how many answers are at its best level.

    Up is what explains more of the differences between answers; to the left is where fewer are at
    the best level already. An arrow says whether the score rises or falls along a driver's levels.
    The driver that explains most has the accent, what shows nothing beyond chance is faint. One or
    two drivers are drawn as bars, and so are all where nothing was found.

    Parameters
    ----------
    ranking
        Table as `rank_drivers` makes it.
    title
        The finding. Empty: as `say_ranking` words it.
    subtitle
        The measure and its unit. Empty: both axes, the intervals and the answers.
    note
        The source and what was set aside; what the arrows mean and what is not drawn are added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `ranking` lacks a column that the chart needs.

    Examples
    --------
    >>> ranking = pl.DataFrame(
    ...     {
    ...         "driver": "had_to_repeat",
    ...         "n": [1000],
    ...         "importance": 1.0,
    ...         "share_explained": 0.036,
    ...         "explained_low": 0.021,
    ...         "explained_high": 0.055,
    ...         "direction": "down",
    ...         "best": "false",
    ...         "worst": "true",
    ...         "change": 43.0,
    ...         "low": 30.1,
    ...         "high": 55.9,
    ...         "share_best": 0.85,
    ...         "lost": 6.6,
    ...         "level": 0.95,
    ...         "p_adjusted": 0.001,
    ...         "p_overall": 0.001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> draw_ranking(ranking).to_dict()["title"]["text"]
    ['Having to repeat goes with 4 % of the differences between answers']
    """
    found = read_ranking(ranking, caller="draw_ranking()")
    said = say_ranking(ranking, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    able = [row for row in found.rows if row.explained.value is not None]
    if not able:
        return draw_nothing("No driver explains anything here.", title=title or said, note=note)
    placed = [row for row in able if row.share_best is not None]
    # Where nothing is found, no quarter means anything.
    parted = found.found and len(placed) >= FEWEST
    shown = (placed if parted else able)[:MOST_DRIVERS]
    looks = _choose_looks(shown)
    unnamed: list[Rank] = []
    if parted:
        layers, unnamed = _draw_quadrant(shown, looks)
        height, gap = _HEIGHT, 52.0
    else:
        layers, height = draw_importance(shown, looks)
        gap = 36.0
    return finish(
        layers,
        title=title or said,
        subtitle=subtitle or _say_measure(found, quadrant=parted),
        note=join_notes(
            note,
            _say_arrows(shown),
            "What explains much need not be what most is to be gained from."
            if found.found and shown[1:]
            else "",
            "Faint: nothing beyond chance." if any(look == "faint" for look in looks) else "",
            _say_left_out([row for row in found.rows if row not in shown], unnamed),
        ),
        description=_describe(shown),
        height=height,
        note_gap=gap,
    )


def _choose_looks(shown: Sequence[Rank]) -> list[Look]:
    """Give the accent to the first that is beyond chance: the title speaks of it."""
    first = next((row for row in shown if row.clear), None)
    return [("accent" if row is first else "quiet") if row.clear else "faint" for row in shown]


def _draw_quadrant(shown: Sequence[Rank], looks: Sequence[Look]) -> tuple[list[Layer], list[Rank]]:
    """Draw the dots with their names; give those apart whose name has no room."""
    bounds = [max(row.explained.high or 0.0, row.explained.points) for row in shown]
    # Above the highest is room for the words in the corners.
    ticks = percent_ticks([_ROOM * bound for bound in bounds])
    over = along_shares((0.0, 0.25, 0.5, 0.75, 1.0), start=_START, end=_END)
    scale = alt.Scale(domain=[0, ticks[-1]], range=[_HEIGHT, 0], nice=False)
    axis = alt.Axis(values=ticks, labelExpr=PERCENT, labelAlign="left", labelPadding=0)

    def up(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=scale, axis=axis, title=None)

    places = [
        (
            _START + (row.share_best or 0.0) * (_END - _START),
            _HEIGHT * (1 - row.explained.points / ticks[-1]),
        )
        for row in shown
    ]
    told = [_tell(row, look) for row, look in zip(shown, looks, strict=True)]
    every_tip = tips(
        "Driver", "Explains", "Between", "Best", "Worst", "Points", "At its best", "Points lost"
    )
    layers: list[Layer] = []
    for look, (line, _, point, _) in LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        bounded = chart_of([row for row in mine if row["low"] is not None])
        dots = chart_of(mine)
        faint = look == "faint"
        layers += [
            bounded.mark_rule(strokeWidth=1.5 if faint else 5, color=line).encode(
                over("share_best"), up("low"), alt.Y2("high:Q"), tooltip=every_tip
            ),
            dots.mark_point(
                filled=not faint,
                fill=PAPER if faint else point,
                size=56 if faint else 100,
                opacity=1,
                stroke=point if faint else PAPER,
                strokeWidth=1.5,
            ).encode(over("share_best"), up("share_explained"), tooltip=every_tip),
        ]
    rules = [
        Box(
            x - 3,
            _HEIGHT * (1 - (row.explained.high or 0.0) / ticks[-1]),
            x + 3,
            _HEIGHT * (1 - (row.explained.low or 0.0) / ticks[-1]),
        )
        for row, (x, y) in zip(shown, places, strict=True)
    ]
    leads, names, unnamed = _draw_names(shown, looks, places=places, rules=rules)
    return [*_draw_frame(), *leads, *layers, *names], unnamed


def _draw_names(
    shown: Sequence[Rank],
    looks: Sequence[Look],
    *,
    places: Sequence[tuple[float, float]],
    rules: Sequence[Box],
) -> tuple[list[Layer], list[Layer], list[Rank]]:
    """Write each name beside its dot, those that explain most first; lines to them apart."""
    dots = [box_around(x, y, reach=6) for x, y in places]
    taken = Taken([*dots, *_box_corners()], list(rules))
    within = Box(_START, -4, WIDTH, _HEIGHT + 8)
    layers: list[Layer] = []
    leads, unnamed = [], []
    for row, look, (x, y) in zip(shown, looks, places, strict=True):
        text = shorten(f"{row.arrow}{row.label}", most=_LONGEST)
        label = place_label(text, x=x, y=y, size=LABEL_SIZE, taken=taken, within=within)
        if label is None:
            unnamed.append(row)
            continue
        if label.lead is not None:
            leads.append((x, y, label.lead, label.y))
        ink = LOOKS[look][3]
        weight: Literal["bold", "normal"] = "bold" if look == "accent" else "normal"
        words = chart_of([{"Name": text}]).mark_text(
            align=label.align, baseline="middle", color=ink, fontWeight=weight
        )
        layers.append(words.encode(x=at_x(label.x), y=at_y(label.y), text=alt.Text("Name:N")))
    lines: list[Layer] = [
        chart_of([{}])
        .mark_rule(color=INTERVAL, strokeWidth=1)
        .encode(x=at_x(x), y=at_y(y), x2=at_x2(to), y2=at_y2(at))
        for x, y, to, at in leads
    ]
    return lines, layers, unnamed


def _draw_frame() -> list[Layer]:
    """Draw the lines that part the quarters, and say what they and the axes are."""
    middle = (_START + _END) / 2
    parts = chart_of([{}]).mark_rule(color=FAINT, strokeWidth=1, strokeDash=[2, 3])
    words: dict[str, Any] = {"y": 4, "size": _HEAD_SIZE, "colour": FAINT}
    corners: list[Layer] = [
        draw_text([_CORNERS[0]], x=_START + 6, **words),
        draw_text([_CORNERS[1]], x=_END - 2, align="right", **words),
    ]
    return [
        parts.encode(x=at_x(middle), x2=at_x2(middle), y=at_y(0), y2=at_y2(_HEIGHT)),
        parts.encode(
            x=at_x(_START),
            x2=at_x2(_END),
            y=at_y(_HEIGHT / 2),
            y2=at_y2(_HEIGHT / 2),
        ),
        *corners,
        draw_text(["Share of the differences it explains"], y=-9, baseline="bottom"),
        draw_text(
            ["Share of the answers at its best level"],
            x=_END,
            y=_HEIGHT + 24,
            align="right",
        ),
    ]


def _box_corners() -> list[Box]:
    """Give the places of the words in the corners."""
    return [
        Box(_START, 0, _START + 176, 20),
        Box(_END - 182, 0, _END, 20),
    ]


def _tell(row: Rank, look: Look) -> dict[str, Any]:
    """Give a driver's numbers, and the same written out."""
    low, high = row.explained.low, row.explained.high
    known = low is not None and high is not None
    return {
        "look": look,
        "share_best": row.share_best,
        "share_explained": row.explained.value,
        "low": low if known else None,
        "high": high if known else None,
        "Driver": start_sentence(row.label),
        "Explains": write_explained(row.explained.value),
        "Between": say_explained_span(row).strip(" ()") or "none",
        "Best": name_level(row.best) if row.best else "none",
        "Worst": name_level(row.worst) if row.worst else "none",
        "Points": row.change.told() if row.change.value is not None else "none",
        "At its best": "none" if row.share_best is None else write_share(row.share_best),
        "Points lost": "none" if row.lost is None else write_score(-row.lost, decimals=1),
    }


def _say_measure(found: Ranking, *, quadrant: bool) -> str:
    interval = f"with {write_level(found.level)} intervals"
    if quadrant:
        what = "What each driver explains, and how many answers are at its best level"
    else:
        what = "Share of the differences between answers that a driver explains"
    return f"{what}, {interval}; {found.answers}"


def _say_arrows(shown: Sequence[Rank]) -> str:
    words = {"up": "↑ the score rises with it", "down": "↓ it falls", "mixed": "↕ it does both"}
    clear = [row.direction for row in shown if row.clear]
    used = [word for name, word in words.items() if name in clear]
    if not used:
        return ""
    if used == [words["mixed"]]:
        return "↕ the score rises and falls with it."
    told = ", ".join(used)
    if used[0].startswith("↑"):
        return f"{told}."
    return f"{told.replace('it falls', 'the score falls with it', 1)}."


def _say_left_out(left_out: Sequence[Rank], unnamed: Sequence[Rank]) -> str:
    names = [row.spoken for row in left_out]
    parts = [f"Not drawn, since no share can be had: {write_list(names)}." if names else ""]
    hidden = [f"{row.spoken} ({write_explained(row.explained.value)})" for row in unnamed]
    parts.append(f"Without a name: {write_list(hidden)}." if hidden else "")
    return join_notes(*parts)


def _describe(shown: Sequence[Rank]) -> str:
    """Tell the picture to a reader who cannot see it."""
    told = []
    for row in shown:
        share = row.share_best
        there = "" if share is None else f", {write_share(share)} at its best"
        told.append(f"{row.spoken} explains {write_explained(row.explained.value)}{there}")
    return "; ".join(told)
