"""Scores with luck taken out, beside the scores as they are."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from nps_kit.views.charts.caterpillar import (
    HEIGHT,
    draw_bars,
    draw_raw,
    name_centre,
    tell_member,
)
from nps_kit.views.charts.layout import (
    across,
    chart_of,
    cut,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    measure,
    score_ticks,
)
from nps_kit.views.charts.rows import (
    FAINT_NOTE,
    MOST_ROWS,
    PLOT_END,
    Look,
    Row,
    change_ticks,
    draw_rows,
    measure_rows,
    place_down,
    plot_start,
)
from nps_kit.views.palette import QUIET_INK
from nps_kit.views.sentences.shrinkage import (
    Member,
    Shrinkage,
    read_shrinkage,
    say_ends,
    say_shrinkage,
)
from nps_kit.views.wording import is_number, write_count, write_list, write_score

_MOST_BARS = 200
_HEAD_SIZE = 11.5


def draw_shrinkage(
    shrunk: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw the score of each group as it is, and what is left of it when luck is taken out.

    Up to twelve groups have a row each. More stand side by side, the highest shrunken score at the
    left, without their names: what can be seen is how few stand clear of the centre.

    Parameters
    ----------
    shrunk
        Table as `shrink_groups` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    title
        The finding. Empty: as `say_shrinkage` words it.
    subtitle
        The measure, its unit and period. Empty: the measure, the interval and the answers. The
        kind of survey and the scale are added where the table holds them.
    note
        The source and what was set aside; what is not drawn is added.

    Returns
    -------
    The chart; a quiet placeholder where a column of `by` is all null or no answer counts.

    Raises
    ------
    MissingColumnError
        If `shrunk` lacks a column that the chart needs.

    Examples
    --------
    >>> shrunk = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b"],
    ...         "n": [90, 90],
    ...         "nps": [40.0, 20.0],
    ...         "shrunk": [32.0, 28.0],
    ...         "low": [20.0, 15.0],
    ...         "high": [45.0, 40.0],
    ...         "chance_best": [0.7, 0.3],
    ...         "chance_worst": [0.3, 0.7],
    ...         "k": 1,
    ...         "rank_low": 1,
    ...         "rank_high": 2,
    ...         "few": False,
    ...         "centre": 30.0,
    ...         "spread": 3.0,
    ...         "spread_low": 0.0,
    ...         "spread_high": 19.0,
    ...         "detected": False,
    ...     }
    ... )
    >>> draw_shrinkage(shrunk).to_dict()["title"]["text"][0]
    'The two teams cannot be told apart: the spread between them could be up'
    """
    read = read_shrinkage(shrunk, by=by, caller="draw_shrinkage()")
    accents = set() if title else find_accents(read)
    found = say_shrinkage(shrunk, by=by, length="short")
    if read.absent:
        return draw_nothing(read.absent, title=title or found, note=note)
    members = sort_members(read)
    ticks = _ticks_for(read, members)
    as_rows = len(members) <= MOST_ROWS
    if as_rows:
        rows = [_row_of(member, accents=accents) for member in members]
        layers = _draw_rows(rows, members, read=read, ticks=ticks)
        height, shown = measure_rows(rows), members
    else:
        shown = _thin(members, keep=accents)
        layers = draw_bars(shown, centre=read.centre, ticks=ticks, accents=accents)
        height = float(HEIGHT)
    measure_name = "Difference from expected" if read.standardised else "Net Promoter Score"
    interval = read.groups.interval()
    marks = f"as it is (diamond), luck taken out (dot and {interval})"
    return finish(
        layers,
        title=title or found,
        subtitle=join_parts(
            subtitle or f"{measure_name}, points: {marks}",
            read.groups.context(),
            "" if subtitle else write_count(read.groups.n, "answer"),
        ),
        note=join_notes(
            note,
            say_ends(read) if accents else "",
            FAINT_NOTE if any(member.group.few for member in shown) else "",
            _say_alone(read),
            _say_past(shown, ticks),
            "" if as_rows else _say_bars(read, drawn=len(shown)),
        ),
        description=list_members(members),
        height=height,
        note_gap=36 if as_rows else 30,
    )


def find_accents(read: Shrinkage) -> set[int]:
    """Find the rows that the sentence names: at both ends, or at neither."""
    if not read.names_ends:
        return set()
    return {member.group.row for end in read.name_ends() for member in end}


def sort_members(read: Shrinkage) -> tuple[Member, ...]:
    """Put the highest shrunken score first and those with too few answers last.

    An order that means something is kept.
    """
    if read.groups.ordered:
        return read.members
    return tuple(
        sorted(read.members, key=lambda m: (not m.is_ranked, -m.group.score, m.group.row)),
    )


def list_members(members: Sequence[Member], *, most: int = MOST_ROWS) -> str:
    """List scores for a reader who cannot see the picture."""
    told = [
        f"{member.group.spoken} {_write(member.group.nps)} (as it is {_write(member.raw)})"
        for member in members[:most]
    ]
    rest = len(members) - most
    return write_list([*told, f"{rest:,} more"] if rest > 0 else told)


def _write(value: float | None) -> str:
    return write_score(value) if is_number(value) else "none"


def _ticks_for(read: Shrinkage, members: Sequence[Member]) -> list[int]:
    # Raw scores of few answers lie anywhere, and must not set the scale.
    sure = [member for member in members if member.is_ranked] or list(members)
    values = [
        value
        for member in sure
        for value in (member.group.low, member.group.high, member.raw)
        if is_number(value)
    ]
    return change_ticks(values) if read.standardised else score_ticks(values)


def _say_past(shown: Sequence[Member], ticks: Sequence[int]) -> str:
    values = [v for m in shown for v in (m.group.low, m.group.high, m.raw) if is_number(v)]
    past = any(value != cut(value, ticks) for value in values)
    return "Some scores or intervals run past the axis." if past else ""


def _say_alone(read: Shrinkage) -> str:
    alone = sum(member.raw is None and member.group.n > 0 for member in read.members)
    if not alone:
        return ""
    return f"{alone:,} with contacts that no other group has: nothing is known of their difference."


def _say_bars(read: Shrinkage, *, drawn: int) -> str:
    count = len(read.members)
    order = "" if read.groups.ordered else ", the highest first"
    if drawn < count:
        return f"Drawn: {drawn:,} of {count:,} {read.units}, evenly chosen{order}."
    return f"Each bar is one of {count:,} {read.units}{order}."


def _row_of(member: Member, *, accents: set[int]) -> Row:
    group = member.group
    quiet: Look = "quiet" if member.is_ranked else "faint"
    return Row(
        label=group.label,
        value=group.nps,
        low=group.low,
        high=group.high,
        shown="\u2013" if group.nps is None else write_score(group.score),
        answers=f"{group.n:,}",
        look="accent" if group.row in accents else quiet,
    )


def _draw_rows(
    rows: Sequence[Row], members: Sequence[Member], *, read: Shrinkage, ticks: Sequence[int]
) -> list[alt.Chart]:
    heading = read.groups.heading
    layers = draw_rows(rows, ticks=ticks, heading=heading, column="shrunk", value="Shrunken")
    start = plot_start([row.label for row in rows], heading)
    place, _ = across(ticks, start=start, end=PLOT_END)
    down = place_down(len(rows))
    told = [
        tell_member(member, ticks) | {"place": k, "look": rows[k].look}
        for k, member in enumerate(members)
        if is_number(member.raw) and member.group.nps is not None
    ]
    centre: list[alt.Chart] = []
    if is_number(read.centre) and read.centre == cut(read.centre, ticks):
        line = chart_of([{"centre": read.centre}])
        at = start + (read.centre - ticks[0]) / (ticks[-1] - ticks[0]) * (PLOT_END - start)
        label = name_centre(read.centre)
        half = measure(label, size=_HEAD_SIZE) / 2
        at = min(max(at, start + half), PLOT_END - half)
        centre = [
            line.mark_rule(color=QUIET_INK, strokeWidth=1, strokeDash=[4, 3]).encode(
                place("centre")
            ),
            draw_text([label], x=at, y=-9.0, size=_HEAD_SIZE, align="center", baseline="bottom"),
        ]
    return [*centre, *layers, *draw_raw(told, place("raw"), down)]


def _thin(members: Sequence[Member], *, keep: set[int]) -> tuple[Member, ...]:
    """Leave out evenly what is too much for one picture, but never the first or the last."""
    if len(members) <= _MOST_BARS:
        return tuple(members)
    last = len(members) - 1
    places = {round(k * last / (_MOST_BARS - 1)) for k in range(_MOST_BARS)}
    return tuple(m for k, m in enumerate(members) if k in places or m.group.row in keep)
