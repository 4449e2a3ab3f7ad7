"""Where groups may truly rank: mostly almost anywhere."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import (
    at_x,
    at_x2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    tips,
)
from nps_kit.views.charts.rows import FAINT_NOTE, MOST_ROWS, place_down, plot_start
from nps_kit.views.charts.shrinkage import find_accents, sort_members
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    INK,
    INTERVAL,
    PAPER,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.shrinkage import (
    Member,
    Shrinkage,
    read_shrinkage,
    say_ends,
    say_shrinkage,
)
from nps_kit.views.wording import is_number, write_count, write_list, write_share

NOT_DRAWN = "The ranks were not drawn: shrink_groups() does so unless draws is 0."

_ROW = 27
_HALF = MOST_ROWS // 2
_WIDEST_NAME = 210
_HEAD_SIZE = 11.5
_HIGHEST_AT = WIDTH - 78
_PLOT_END = WIDTH - 162
_TICKS = 6
_TIPS = ("Group", "True rank", "Highest", "Lowest", "Answers")

_LOOKS: dict[str, tuple[str, float, str]] = {
    "faint": (INTERVAL, 1.5, QUIET_INK),
    "quiet": (INTERVAL, 9, INK),
    "accent": (ACCENT_PALE, 9, ACCENT),
}
"""Each look: the interval's colour and width, and the words' colour."""


def draw_ranks(
    shrunk: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw where each group may truly rank, and its chances to be at either end.

    The highest shrunken score comes first; groups with too few answers are faint and come last.
    Past twelve groups the first and the last six are drawn.

    Parameters
    ----------
    shrunk
        Table as `shrink_groups` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    title
        The finding. Empty: who is likely at an end, else as `say_shrinkage` words it.
    subtitle
        The measure, its unit and period. Empty: the measure and the answers. The kind of survey
        and the scale are added where the table holds them.
    note
        The source and what was set aside; what is not drawn is added.

    Returns
    -------
    The chart; a quiet placeholder where there is nothing to rank, or the ranks were not drawn.

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
    >>> draw_ranks(shrunk).to_dict()["title"]["text"][0]
    'The two teams cannot be told apart: the spread between them could be up'
    """
    read = read_shrinkage(shrunk, by=by, caller="draw_ranks()")
    found = say_ends(read) or say_shrinkage(shrunk, by=by, length="short")
    absent = read.absent or ("" if read.placed else NOT_DRAWN)
    if absent:
        return draw_nothing(absent, title=title or found, note=note)
    accents = set() if title else find_accents(read)
    members = [m for m in sort_members(read) if m.rank_low is not None and m.rank_high is not None]
    shown, left_out = _choose(members)
    between = _say_between(left_out)
    interval = read.groups.interval()
    mix = ", adjusted for the mix of contacts" if read.standardised else ""
    return finish(
        _draw(shown, read=read, accents=accents, between=between),
        title=title or found,
        subtitle=join_parts(
            subtitle or f"{interval} of the true rank{mix}, and chances to be at an end",
            read.groups.context(),
            "" if subtitle else write_count(read.groups.n, "answer"),
        ),
        note=join_notes(
            note,
            "Rank 1 is the highest; where bars overlap, the order may be luck.",
            FAINT_NOTE if any(member.group.few for member in shown) else "",
        ),
        description=_list(shown),
        height=_ROW * (len(shown) + bool(between)),
        note_gap=36,
    )


def _choose(members: Sequence[Member]) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """Choose the first and the last that fit, ranked ones before the others."""
    if len(members) <= MOST_ROWS:
        return tuple(members), ()
    ranked = [member for member in members if member.is_ranked]
    from_ = ranked if len(ranked) >= MOST_ROWS else list(members)
    drawn = {member.group.row for member in (*from_[:_HALF], *from_[-_HALF:])}
    return (
        tuple(member for member in members if member.group.row in drawn),
        tuple(member for member in members if member.group.row not in drawn),
    )


def _say_between(left_out: Sequence[Member]) -> str:
    if not left_out:
        return ""
    low = min(member.rank_low or 0 for member in left_out)
    high = max(member.rank_high or 0 for member in left_out)
    return f"{write_count(len(left_out), 'other')}, between rank {low:,} and {high:,}"


def _ticks(count: int) -> list[int]:
    """Find about half a dozen ranks, the first and the last among them."""
    if count <= _TICKS * 2:
        return list(range(1, count + 1))
    step = next(
        size * 10**power
        for power in range(9)
        for size in (1, 2, 5)
        if count / (size * 10**power) <= _TICKS + 1
    )
    inner = [tick for tick in range(step, count, step) if count - tick > step / 4]
    return [1, *inner, count]


def _chance(chance: float | None) -> str:
    if not is_number(chance):
        return "\u2013"
    # Counted in draws: neither never nor always.
    written = write_share(chance)
    return {"0 %": "<1 %", "100 %": ">99 %"}.get(written, written)


def _tell(member: Member, *, place: int, accents: set[int]) -> dict[str, Any]:
    group = member.group
    quiet = "quiet" if member.is_ranked else "faint"
    low, high = member.rank_low or 1, member.rank_high or 1
    return {
        "place": place,
        "look": "accent" if group.row in accents else quiet,
        # A rank is a place of its own: the bar reaches half a rank to either side.
        "from": low - 0.5,
        "to": high + 0.5,
        "Group": group.label,
        "True rank": f"{low:,} to {high:,}" if low != high else f"{low:,}",
        # Too few answers to be ranked: where it may lie is shown, but no chance is told.
        "Highest": _chance(member.chance_best if member.is_ranked else None),
        "Lowest": _chance(member.chance_worst if member.is_ranked else None),
        "Answers": f"{group.n:,}",
    }


def _draw(
    shown: Sequence[Member], *, read: Shrinkage, accents: set[int], between: str
) -> list[alt.Chart]:
    count = len(read.members)
    heading = read.groups.heading
    start = plot_start([member.group.label for member in shown], heading)
    scale = alt.Scale(domain=[0.5, count + 0.5], range=[start, _PLOT_END], nice=False, zero=False)
    axis = alt.Axis(values=_ticks(count), format=",d", labelFlush=False)
    down = place_down(len(shown) + bool(between))
    told = [
        _tell(member, place=k + (bool(between) and k >= _HALF), accents=accents)
        for k, member in enumerate(shown)
    ]
    every_tip = tips(*_TIPS)
    layers: list[alt.Chart] = []
    for look, (colour, width, ink) in _LOOKS.items():
        mine = [row for row in told if row["look"] == look]
        if not mine:
            continue
        base = chart_of(mine)
        weight: Literal["bold", "normal"] = "bold" if look == "accent" else "normal"
        along = alt.X("from:Q", scale=scale, axis=axis, title=None)
        layers += [
            base.mark_rule(color=colour, strokeWidth=width).encode(
                along, alt.X2("to:Q"), down, tooltip=every_tip
            ),
            base.mark_text(align="left", limit=_WIDEST_NAME, color=ink, fontWeight=weight).encode(
                down, x=at_x(0), text=alt.Text("Group:N"), tooltip=every_tip
            ),
            *(
                base.mark_text(align="right", color=ink, fontWeight=weight).encode(
                    down, x=at_x(at), text=alt.Text(f"{column}:N")
                )
                for column, at in (("Highest", _HIGHEST_AT), ("Lowest", WIDTH))
            ),
        ]
    if between:
        gap = chart_of([{"place": _HALF, "between": f"… {between}"}])
        layers += [
            gap.mark_rect(color=PAPER).encode(down, x=at_x(0), x2=at_x2(WIDTH)),
            gap.mark_text(align="left", color=QUIET_INK, fontStyle="italic").encode(
                down, x=at_x(0), text=alt.Text("between:N")
            ),
        ]
    return [*_draw_heads(heading, start=start, k=read.k), *layers]


def _draw_heads(heading: str, *, start: float, k: int) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": -9.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    number = f"{k:,} " if k > 1 else ""
    return [
        draw_text([heading or "Group"], **above),
        draw_text(["True rank"], x=start, **above),
        draw_text([f"In {number}highest"], x=_HIGHEST_AT, align="right", **above),
        draw_text([f"In {number}lowest"], x=WIDTH, align="right", **above),
    ]


def _list(shown: Sequence[Member]) -> str:
    """List the ranks for a reader who cannot see the picture."""
    return write_list(
        [
            f"{member.group.spoken} rank {member.rank_low:,} to {member.rank_high:,}"
            for member in shown
        ]
    )
