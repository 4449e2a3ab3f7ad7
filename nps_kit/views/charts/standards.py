"""How far each group is from what its mix of contacts leads one to expect."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import draw_nothing, finish, join_notes, join_parts
from nps_kit.views.charts.rows import (
    FAINT_NOTE,
    MOST_ROWS,
    Look,
    Row,
    change_ticks,
    draw_rows,
    measure_rows,
)
from nps_kit.views.sentences.standards import Gap, Gaps, read_gaps, say_standards
from nps_kit.views.wording import is_number, write_count, write_list, write_score

NOT_A_CAUSE = "What is left is a difference, not its cause."

_HALF = MOST_ROWS // 2


def draw_standards(
    standards: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw how far each group scores from what its mix of contacts leads one to expect.

    Zero is what was expected. The farthest above comes first, groups with too few answers are
    faint and last; those that can be told from expected after all comparisons are in the accent.
    Past twelve groups the first and the last six are drawn, and the others counted.

    Parameters
    ----------
    standards
        Table as `standardise_groups` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    title
        The finding. Empty: as `say_standards` words it.
    subtitle
        The measure and its unit. Empty: the measure, the interval and the answers.
    note
        The source and what was set aside; what is not drawn is added.

    Returns
    -------
    The chart; a quiet placeholder where a column of `by` is all null or no answer counts.

    Raises
    ------
    MissingColumnError
        If `standards` lacks a column that the chart needs.

    Examples
    --------
    >>> standards = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b"],
    ...         "n": [812, 790],
    ...         "nps": [31.0, 16.0],
    ...         "expected": [23.0, 24.0],
    ...         "change": [8.0, -8.0],
    ...         "low": [2.1, -14.0],
    ...         "high": [13.9, -1.9],
    ...         "few": False,
    ...         "p_adjusted": [0.01, 0.06],
    ...         "n_alone": 0,
    ...     }
    ... )
    >>> draw_standards(standards).to_dict()["title"]["text"][0][:21]
    'A scores 8 points mor'
    """
    gaps = read_gaps(standards, by=by, caller="draw_standards()")
    found = say_standards(standards, by=by, length="short")
    if gaps.absent:
        return draw_nothing(gaps.absent, title=title or found, note=note)
    shown, between, faint = _choose(gaps)
    bounds = [b for gap in shown if gap.is_judged for b in (gap.group.low, gap.group.high)]
    if not bounds:
        bounds = [b for gap in shown for b in (gap.group.low, gap.group.high)]
    ticks = change_ticks([*bounds, *(gap.group.nps for gap in shown)])
    rows = [_row_of(gap) for gap in shown]
    return finish(
        draw_rows(
            rows,
            ticks=ticks,
            heading=gaps.groups.heading,
            column="change",
            value="Points",
            between=between,
        ),
        title=title or found,
        subtitle=join_parts(
            subtitle or f"NPS points above or below expected, with {gaps.groups.interval()}s",
            gaps.groups.context(),
            "" if subtitle else write_count(gaps.groups.n, "answer"),
        ),
        note=join_notes(
            note,
            "Expected: the score of the same mix of contacts, if each kind scored as all groups"
            " together do.",
            NOT_A_CAUSE,
            _say_colour(gaps),
            FAINT_NOTE if any(gap.group.few for gap in shown) else "",
            "Some intervals run past the axis." if _runs_past(shown, ticks) else "",
            f"Not drawn: {faint:,} more that cannot be judged." if faint else "",
            _say_alone(gaps),
        ),
        description=_list_gaps(shown),
        height=measure_rows(rows, between=between),
        note_gap=36,
    )


def _choose(gaps: Gaps) -> tuple[list[Gap], str, int]:
    """Choose the rows that fit; say what the others come to, and how many are faint."""
    judged = list(gaps.judged)
    few = sorted(
        (gap for gap in gaps.rows if not gap.is_judged),
        key=lambda gap: (-gap.group.n, gap.group.row),
    )
    if len(judged) <= MOST_ROWS:
        room = MOST_ROWS - len(judged)
        return judged + few[:room], "", len(few[room:])
    middle = judged[_HALF:-_HALF]
    ends = [write_score(gap.group.score) for gap in (middle[-1], middle[0])]
    where = f"at {ends[0]}" if ends[0] == ends[1] else f"between {ends[0]} and {ends[1]}"
    said = f"{write_count(len(middle), 'other')} {where}"
    return judged[:_HALF] + judged[-_HALF:], said, len(few)


def _row_of(gap: Gap) -> Row:
    group = gap.group
    quiet: Look = "quiet" if gap.is_judged else "faint"
    return Row(
        label=group.label,
        value=group.nps,
        low=group.low,
        high=group.high,
        shown="\u2013" if group.nps is None else write_score(group.score),
        answers=f"{group.n:,}",
        look="accent" if gap.is_told else quiet,
    )


def _runs_past(shown: Sequence[Gap], ticks: Sequence[int]) -> bool:
    bounds = [b for gap in shown for b in (gap.group.low, gap.group.high) if is_number(b)]
    return any(not ticks[0] <= bound <= ticks[-1] for bound in bounds)


def _say_colour(gaps: Gaps) -> str:
    if not any(gap.is_told for gap in gaps.judged):
        return ""
    comparisons = write_count(len(gaps.judged), "comparison")
    return f"In colour: other than expected, after {comparisons}."


def _say_alone(gaps: Gaps) -> str:
    if not gaps.n_alone:
        return ""
    answers = write_count(gaps.n_alone, "answer")
    return f"{answers} of a kind that no other group has: they show no difference."


def _list_gaps(shown: Sequence[Gap]) -> str:
    return write_list(
        [
            f"{gap.group.spoken} {gap.told() if gap.group.nps is not None else 'none'}"
            for gap in shown
        ]
    )
