"""Scores with their intervals, group by group."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    draw_nothing,
    finish,
    join_notes,
    join_parts,
    runs_past,
    ticks_for,
)
from nps_kit.views.charts.rows import FAINT_NOTE, MOST_ROWS, Look, Row, draw_rows, measure_rows
from nps_kit.views.groups import Group, Groups, read_groups
from nps_kit.views.sentences.estimates import find_extremes, list_scores, say_estimates
from nps_kit.views.wording import (
    write_count,
    write_score,
)

_HALF = MOST_ROWS // 2
_NONE = "\u2013"


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
    gap = "" if groups.ordered else between
    rows = [_row_of(group, accents=accents) for group in shown]
    return finish(
        draw_rows(rows, ticks=ticks, heading=groups.heading, between=gap),
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
        height=measure_rows(rows, between=gap),
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


def _row_of(group: Group, *, accents: set[int]) -> Row:
    quiet: Look = "quiet" if group.ranked else "faint"
    return Row(
        label=group.label,
        value=group.nps,
        low=group.low,
        high=group.high,
        shown=_NONE if group.nps is None else write_score(group.score),
        answers=f"{group.n:,}",
        look="accent" if group.row in accents else quiet,
    )


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
