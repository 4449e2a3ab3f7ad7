"""Scores with their intervals, group by group."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    across,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    measure,
    rows_of,
    runs_past,
    tell_group,
    ticks_for,
    tips,
)
from nps_kit.views.groups import Group, Groups, read_groups
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    FAINT,
    INK,
    INTERVAL,
    LABEL_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.estimates import find_extremes, list_scores, say_estimates
from nps_kit.views.wording import (
    write_count,
    write_score,
)

MOST_ROWS = 12
"""Rows that one chart can carry and still be read."""

FAINT_NOTE = "Faint: too few answers to be ranked."

_ROW = 29
_HALF = MOST_ROWS // 2
_WIDEST_NAME = 210
_HEAD_SIZE = 11.5
_SCORE_AT = WIDTH - 66
_PLOT_END = WIDTH - 124


def draw_estimates(
    estimates: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    every: Every | None = None,
    highlight: Sequence[object] = (),
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the score of each group with its interval.

    The highest comes first, unless the groups have an order of their own (a period, a date, an
    Enum); those with too few answers are faint and come last. Past twelve groups the first and
    the last six are drawn (of periods the latest twelve), and the note speaks of the others.

    Parameters
    ----------
    estimates
        Table as `estimate_nps` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    highlight
        Names of groups that the title speaks of. Empty, with no title given: the lowest and the
        highest. A group with too few answers is never highlighted.
    title
        The finding. Empty: as `say_estimates` words it.
    subtitle
        The measure, its unit and period. Empty: the measure, the interval and the answers. The
        kind of survey and the scale are added where the table holds them.
    note
        The source and what was set aside; what is not drawn, and the method, are added.

    Returns
    -------
    The chart; a quiet placeholder where a column of `by` is all null or no answer counts.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``n``, ``nps``, ``low``, ``high``, ``few`` or a column of `by`.

    Examples
    --------
    >>> estimates = pl.DataFrame(
    ...     {"team": ["a"], "n": [90], "nps": [31.2], "low": [12.0], "high": [48.3], "few": [False]}
    ... )
    >>> draw_estimates(estimates).to_dict()["title"]["text"]
    ['A stands at +31 (12 to 48, 90 answers)']
    """
    groups = read_groups(estimates, by=by, every=every, caller="draw_estimates()")
    found = say_estimates(estimates, by=by, every=every, length="short")
    if groups.absent:
        return draw_nothing(groups.absent, title=title or found, note=note)
    named = {str(name) for name in highlight}
    accents = {group.row for group in groups.rows if group.ranked and group.label in named}
    if not (named or title):
        accents = {group.row for group in _title_groups(groups)}
    shown, left_out = choose_rows(groups, keep=accents)
    ticks = ticks_for(shown)
    between = _say_between(left_out)
    return finish(
        [
            *_draw_heads(groups.heading),
            *_draw_rows(
                _place_rows(shown, gap=bool(between) and not groups.ordered),
                between="" if groups.ordered else between,
                accents=accents,
                ticks=ticks,
                start=_plot_start(shown, groups.heading),
            ),
        ],
        title=title or found,
        subtitle=join_parts(
            subtitle or f"Net Promoter Score, points, with {groups.interval()}s",
            groups.context(),
            "" if subtitle else write_count(groups.n, "answer"),
        ),
        note=join_notes(
            note,
            FAINT_NOTE if any(group.few for group in shown) else "",
            runs_past(shown, ticks),
            f"Not drawn: {between}." if between and groups.ordered else "",
            _say_faint(left_out),
            groups.method(),
        ),
        description=list_scores(shown),
        height=_ROW * (len(shown) + bool(between and not groups.ordered)),
        note_gap=36,
    )


def choose_rows(groups: Groups, *, keep: set[int]) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Choose the rows that fit, those of `keep` among them, and give the others apart."""
    rows = groups.sorted_for_reading()
    if len(rows) <= MOST_ROWS:
        return rows, ()
    if groups.ordered:
        chosen = rows[-MOST_ROWS:] if rows[-1].period is not None else rows[:MOST_ROWS]
    else:
        ranked = [group for group in rows if group.ranked]
        # With too few to rank, the faint ones with most answers fill up.
        faint = sorted((g for g in rows if not g.ranked), key=lambda g: -g.n)
        if len(ranked) > MOST_ROWS:
            ranked = ranked[:_HALF] + ranked[-_HALF:]
        chosen = (*ranked, *faint[: MOST_ROWS - len(ranked)])
    drawn = {group.row for group in chosen} | keep
    return (
        tuple(group for group in rows if group.row in drawn),
        tuple(group for group in rows if group.row not in drawn),
    )


def _place_rows(shown: Sequence[Group], *, gap: bool) -> list[tuple[int, Group]]:
    """Give rows their places from the top; those left out of the middle leave one free."""
    return [(k + (gap and k >= _HALF), group) for k, group in enumerate(shown)]


def _say_between(left_out: Sequence[Group]) -> str:
    ranked = [group.score for group in left_out if group.ranked]
    if not ranked:
        return ""
    low, high = write_score(min(ranked)), write_score(max(ranked))
    where = f"at {low}" if low == high else f"between {low} and {high}"
    return f"{write_count(len(ranked), 'other')} {where}"


def _say_faint(left_out: Sequence[Group]) -> str:
    few = sum(not group.ranked for group in left_out)
    return f"Not drawn: {few:,} more with too few answers to be ranked." if few else ""


def _title_groups(groups: Groups) -> tuple[Group, ...]:
    dated = [group for group in groups.rows if group.period is not None and group.nps is not None]
    if not dated:
        return find_extremes(groups.rows)
    last = max(group.period for group in dated if group.period is not None)
    latest = [group for group in dated if group.period == last]
    return tuple(g for g in latest if g.ranked) if len(groups.by) == 1 else find_extremes(latest)


def _plot_start(shown: Sequence[Group], heading: str) -> float:
    widest = max(measure(group.label, size=LABEL_SIZE) for group in shown)
    return 22 + min(max(widest, measure(heading, size=_HEAD_SIZE), 48), _WIDEST_NAME)


def _draw_heads(heading: str) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": -9.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    return [
        draw_text([heading or "Group"], **above),
        draw_text(["NPS"], x=_SCORE_AT, align="right", **above),
        draw_text(["Answers"], x=WIDTH, align="right", **above),
    ]


def _draw_rows(
    rows: Sequence[tuple[int, Group]],
    *,
    between: str,
    accents: set[int],
    ticks: Sequence[int],
    start: float,
) -> list[alt.Chart]:
    place, zero = across(ticks, start=start, end=_PLOT_END)
    down = alt.Y(
        "place:O",
        scale=alt.Scale(domain=list(range(rows[-1][0] + 1)), paddingOuter=0, paddingInner=0),
        axis=None,
    )

    def look(group: Group) -> str:
        if group.row in accents:
            return "accent"
        return "quiet" if group.ranked else "faint"

    told = [tell_group(group, ticks) | {"place": k, "look": look(group)} for k, group in rows]
    every_tip = tips("Group", "NPS", "Interval", "Answers")
    layers: list[alt.Chart] = []
    for kind, (line, line_width, point, size, ink) in _LOOKS.items():
        mine = [row for row in told if row["look"] == kind]
        scored = alt.Chart(rows_of([row for row in mine if row["nps"] is not None]))
        names = alt.Chart(rows_of(mine))
        if not mine:
            continue
        weight: Literal["bold", "normal"] = "bold" if kind == "accent" else "normal"
        layers += [
            scored.mark_rule(strokeWidth=line_width, color=line).encode(
                place("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            scored.mark_point(
                filled=kind != "faint",
                fill=PAPER if kind == "faint" else point,
                size=size,
                opacity=1,
                stroke=point if kind == "faint" else PAPER,
                strokeWidth=1.5,
            ).encode(place("nps"), down, tooltip=every_tip),
            names.mark_text(align="left", limit=_WIDEST_NAME, color=ink, fontWeight=weight).encode(
                down, x=alt.value(0), text="Group:N", tooltip=every_tip
            ),
            names.mark_text(align="right", color=ink, fontWeight=weight).encode(
                down, x=alt.value(_SCORE_AT), text="NPS:N"
            ),
            names.mark_text(align="right", color=ink if kind == "faint" else QUIET_INK).encode(
                down, x=alt.value(WIDTH), text="Answers:N"
            ),
        ]
    if between:
        gap = alt.Chart(rows_of([{"place": _HALF, "between": f"… {between}"}]))
        layers += [
            # The grid and the zero line break too: rows are left out here.
            gap.mark_rect(color=PAPER).encode(down, x=alt.value(0), x2=alt.value(WIDTH)),
            gap.mark_text(align="left", color=QUIET_INK, fontStyle="italic").encode(
                down, x=alt.value(0), text="between:N"
            ),
        ]
    return [*zero, *layers]


_LOOKS = {
    "faint": (INTERVAL, 1.5, FAINT, 46, QUIET_INK),
    "quiet": (INTERVAL, 7, POINT, 90, INK),
    "accent": (ACCENT_PALE, 7, ACCENT, 110, ACCENT),
}
