"""The score along a metric, band by band, with the answers in each band beneath."""

from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.views.charts.drivers.bands import END, SMALL, START, Frame, draw_names, frame_bands
from nps_kit.views.charts.layout import (
    Layer,
    at_x,
    at_x2,
    chart_of,
    cut,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    measure,
    score_ticks,
    stack,
    tips,
)
from nps_kit.views.charts.placing import Box
from nps_kit.views.drivers import Dose, Doses, read_doses
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    BAND_FILL,
    FAINT,
    GRID,
    INTERVAL,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
    ZERO,
)
from nps_kit.views.sentences.drivers import say_doses
from nps_kit.views.wording import (
    is_number,
    write_count,
    write_level,
    write_score,
    write_span,
)

MOST_BANDS = 24
"""Bands that one chart can carry and still be read."""

_HEIGHT = 240.0
_BARS = 62.0
_APART = 16.0


def draw_doses(
    doses: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the score along a metric: where it begins to change, and how steeply.

    Each band is a grey step, the score as it is within its interval. A dot with its interval is the
    score with all else alike, where the table has it. From where the score is clearly another it
    has the accent. Beneath stand the answers in each band. With edges the axis is in the metric's
    unit; without them, or where bands are too narrow for it, all bands are as wide.

    Parameters
    ----------
    doses
        Table as `estimate_doses` makes it.
    title
        The finding. Empty: as `say_doses` words it.
    subtitle
        The measure and its unit. Empty: the measure, the intervals and the answers.
    note
        The source and what was set aside; what is faint or not known is added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `doses` lacks a column that the chart needs.

    Examples
    --------
    >>> doses = pl.DataFrame(
    ...     {
    ...         "driver": "wait_seconds",
    ...         "value": ["under 2 min", "2 min and over"],
    ...         "from": [0.0, 120.0],
    ...         "to": [120.0, None],
    ...         "unit": "seconds",
    ...         "n": [800, 200],
    ...         "nps": [38.0, -6.0],
    ...         "low": [32.0, -17.0],
    ...         "high": [44.0, 5.0],
    ...         "level": 0.95,
    ...         "few": False,
    ...     }
    ... )
    >>> draw_doses(doses).to_dict()["title"]["text"][0][:35]
    'Along the wait the score goes from '
    """
    found = read_doses(doses, caller="draw_doses()")
    said = say_doses(doses, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    shown = found.rows[:MOST_BANDS]
    frame = frame_bands(shown, unit=found.unit)
    ticks = _find_ticks(shown)
    turn = next(
        (k for k, dose in enumerate(shown) if dose.value == said.facts["turns"]), len(shown)
    )
    rows = [
        _tell(dose, frame.edges[k], turned=k >= turn, ticks=ticks) for k, dose in enumerate(shown)
    ]
    names, depth = draw_names(shown, frame, unit=found.unit, top=_HEIGHT)
    return finish(
        [
            _draw_scores(rows, frame, ticks, found),
            *names,
            _draw_bars(rows, frame, top=_HEIGHT + depth),
            draw_text(
                ["Answers"], x=WIDTH, y=_HEIGHT + depth + _BARS, align="right", baseline="bottom"
            ),
        ],
        title=title or said,
        subtitle=subtitle
        or f"Net Promoter Score along {found.spoken}, with {write_level(found.level)} intervals; "
        f"{write_count(found.n, 'answer')}",
        note=join_notes(
            note,
            "Faint: too few answers." if any(dose.few for dose in shown) else "",
            "Coloured: clearly apart from the first band." if said.facts["turns"] else "",
            _say_open(shown) if frame.true else "",
            _say_missing(found),
            _say_merged(found),
            "Some intervals run past the axis." if _runs_past(shown, ticks) else "",
            f"Not drawn: {write_count(len(found.rows) - len(shown), 'more band')}."
            if found.rows[MOST_BANDS:]
            else "",
        ),
        description=_describe(shown, found),
        height=_HEIGHT + depth + _BARS,
        note_gap=14,
        apart=("x", "y"),
    )


def _say_open(shown: Sequence[Dose]) -> str:
    """Say which bands have no natural end, and are drawn as if they had one."""
    first, last = shown[0].start is None, shown[-1].end is None
    if first and last:
        return "The first and the last band are open and have no end."
    if first or last:
        return f"The {'last' if last else 'first'} band is open and has no end."
    return ""


def _find_ticks(shown: Sequence[Dose]) -> list[int]:
    sound = [dose for dose in shown if not dose.few] or list(shown)
    bounds = [b for dose in sound for part in (dose.nps, dose.adjusted) for b in _bounds_of(part)]
    points = [part.value for dose in shown for part in (dose.nps, dose.adjusted)]
    return score_ticks([*bounds, *points])


def _bounds_of(part: Any) -> tuple[float | None, float | None]:  # noqa: ANN401 - a figure
    return part.low, part.high


def _runs_past(shown: Sequence[Dose], ticks: Sequence[int]) -> bool:
    bounds = [b for dose in shown for part in (dose.nps, dose.adjusted) for b in _bounds_of(part)]
    return any(bound != cut(bound, ticks) for bound in bounds if is_number(bound))


def _tell(
    dose: Dose,
    edge: tuple[float, float],
    *,
    turned: bool,
    ticks: Sequence[int],
) -> dict[str, Any]:
    """Give a band's numbers, and the same written out."""
    row: dict[str, Any] = {
        "from": edge[0],
        "to": edge[1],
        "middle": (edge[0] + edge[1]) / 2,
        "n": dose.n,
        "look": "faint" if dose.few else "accent" if turned else "quiet",
        "Band": dose.label,
        "Score": write_score(dose.nps.points) if dose.nps.value is not None else "none",
        "Interval": write_span(dose.nps.low, dose.nps.high, decimals=1) or "none",
        "All else alike": dose.adjusted.told() if dose.adjusted.value is not None else "none",
        "Answers": f"{dose.n:,}",
    }
    for head, part in (("", dose.nps), ("adjusted_", dose.adjusted)):
        name = head.rstrip("_") or "nps"
        row[name] = part.value
        bounded = part.value is not None and part.low is not None and part.high is not None
        row[f"{head}low"] = cut(part.low, ticks) if bounded and part.low is not None else None
        row[f"{head}high"] = cut(part.high, ticks) if bounded and part.high is not None else None
    return row


def _draw_scores(
    rows: Sequence[dict[str, Any]], frame: Frame, ticks: Sequence[int], found: Doses
) -> alt.LayerChart:
    """Draw the lines of the axis, the steps, and the dots on them."""
    over = _across(frame)
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], range=[_HEIGHT, 0], nice=False, zero=False)

    def up(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=scale, axis=None)

    every_tip = tips("Band", "Score", "Interval", "All else alike", "Answers")
    layers: list[Layer] = _draw_lines(ticks, up)
    known = [row for row in rows if row["nps"] is not None]
    plain = not found.is_adjusted
    for look, fill, line in (
        ("faint", BAND_FILL, FAINT),
        ("quiet", "#dfe3e7", POINT),
        ("accent", ACCENT_PALE if plain else "#dfe3e7", ACCENT if plain else POINT),
    ):
        mine = [row for row in known if row["look"] == look]
        if not mine:
            continue
        layers += [
            chart_of([row for row in mine if row["low"] is not None])
            .mark_rect(color=fill, stroke=PAPER, strokeWidth=1)
            .encode(over("from"), alt.X2("to:Q"), up("low"), alt.Y2("high:Q"), tooltip=every_tip),
            chart_of(mine)
            .mark_rule(color=line, strokeWidth=1.5 if look == "faint" else 2.5)
            .encode(over("from"), alt.X2("to:Q"), up("nps"), tooltip=every_tip),
        ]
    for look, line, point in (
        ("faint", INTERVAL, FAINT),
        ("quiet", POINT, POINT),
        ("accent", ACCENT, ACCENT),
    ):
        mine = [row for row in rows if row["look"] == look and row["adjusted"] is not None]
        if not mine:
            continue
        layers += [
            chart_of([row for row in mine if row["adjusted_low"] is not None])
            .mark_rule(color=line, strokeWidth=1.75)
            .encode(
                over("middle"), up("adjusted_low"), alt.Y2("adjusted_high:Q"), tooltip=every_tip
            ),
            chart_of(mine)
            .mark_point(
                filled=look != "faint",
                fill=PAPER if look == "faint" else point,
                size=58,
                opacity=1,
                stroke=point if look == "faint" else PAPER,
                strokeWidth=1.5,
            )
            .encode(over("middle"), up("adjusted"), tooltip=every_tip),
        ]
    return stack([*layers, *_name_series(rows, ticks, found)])


def _across(frame: Frame) -> Callable[[str], alt.X]:
    scale = alt.Scale(domain=[frame.first, frame.last], range=[START, END], nice=False, zero=False)

    def over(column: str) -> alt.X:
        return alt.X(f"{column}:Q", scale=scale, axis=None)

    return over


def _draw_lines(ticks: Sequence[int], up: Callable[[str], alt.Y]) -> list[Layer]:
    """Draw the lines of the scores, with their values at the left."""
    lines = [{"tick": tick, "Label": write_score(tick)} for tick in ticks]
    layers: list[Layer] = []
    for zero, colour in ((False, GRID), (True, ZERO)):
        mine = [line for line in lines if (line["tick"] == 0) is zero]
        if mine:
            layers.append(
                chart_of(mine)
                .mark_rule(color=colour, strokeWidth=1)
                .encode(up("tick"), x=at_x(START), x2=at_x2(END))
            )
    labels = chart_of(lines).mark_text(align="left", color=QUIET_INK, fontSize=12)
    return [*layers, labels.encode(up("tick"), x=at_x(0), text=alt.Text("Label:N"))]


def _name_series(rows: Sequence[dict[str, Any]], ticks: Sequence[int], found: Doses) -> list[Layer]:
    """Name the steps and the dots at the right of the last band that has both."""
    if not found.is_adjusted:
        return []
    both = [row for row in rows if row["nps"] is not None and row["adjusted"] is not None]
    if not both:
        return []
    span = ticks[-1] - ticks[0]
    steps, dots = (
        _HEIGHT * (ticks[-1] - cut(both[-1][name], ticks)) / span for name in ("nps", "adjusted")
    )
    if abs(steps - dots) < _APART:
        middle, sign = (steps + dots) / 2, 1 if steps > dots else -1
        steps, dots = middle + sign * _APART / 2, middle - sign * _APART / 2
    ink = ACCENT if both[-1]["look"] == "accent" else POINT
    return [
        draw_text([words], x=END + 8, y=y - 7, colour=colour, size=12)
        for words, y, colour in (("━ as it is", steps, POINT), ("● all else alike", dots, ink))
    ]


def _draw_bars(rows: Sequence[dict[str, Any]], frame: Frame, *, top: float) -> alt.LayerChart:
    """Draw the answers in each band, with their number where it has room."""
    most = max([row["n"] for row in rows] + [1])
    over = _across(frame)
    scale = alt.Scale(domain=[0, most], range=[top + _BARS, top + 14], nice=False)
    up = alt.Y("n:Q", scale=scale, axis=None)
    bars = chart_of([row | {"none": 0} for row in rows])
    roomy = _choose_numbers(rows, frame, most=most)
    return stack(
        [
            bars.mark_rect(color=INTERVAL, stroke=PAPER, strokeWidth=1).encode(
                over("from"),
                alt.X2("to:Q"),
                up,
                alt.Y2("none:Q"),
                tooltip=tips("Band", "Answers"),
            ),
            chart_of(roomy)
            .mark_text(baseline="bottom", dy=-2, fontSize=SMALL, color=QUIET_INK)
            .encode(over("middle"), up, text=alt.Text("Answers:N")),
        ]
    )


def _choose_numbers(
    rows: Sequence[dict[str, Any]], frame: Frame, *, most: int
) -> list[dict[str, Any]]:
    """Choose the numbers that have room above their bars, those of most answers first."""
    taken: list[Box] = []
    roomy = []
    for row in sorted(rows, key=lambda row: -row["n"]):
        half = measure(row["Answers"], size=SMALL) / 2
        middle, foot = frame.x(row["middle"]), -(_BARS - 14) * row["n"] / most
        box = Box(middle - half, foot - 13, middle + half, foot)
        if not any(box.meets(other) for other in taken):
            taken.append(box)
            roomy.append(row)
    return roomy


def _say_missing(found: Doses) -> str:
    """Say how those score whose metric is not known."""
    if not found.missing:
        return ""
    n = write_count(found.missing.n, "answer")
    score = found.missing.nps.value
    told = "" if score is None else f"; they score {write_score(score)}"
    return f"Not drawn: {n} of which it is not known{told}."


def _say_merged(found: Doses) -> str:
    """Say how those score whose bands are too small to show."""
    if not found.merged:
        return ""
    score = found.merged.nps.value
    told = "" if score is None else f"; they score {write_score(score)}"
    return f"Not drawn: {write_count(found.merged.n, 'answer')} in bands too small to show{told}."


def _describe(shown: Sequence[Dose], found: Doses) -> str:
    """Tell the picture to a reader who cannot see it."""
    told = []
    for dose in shown:
        alike = (
            f", all else alike {dose.adjusted.told()}" if dose.adjusted.value is not None else ""
        )
        told.append(f"{dose.label} {dose.nps.told()}{alike}")
    return f"Along {found.spoken}: " + "; ".join(told)
