"""Differences between scores with their intervals, beside the line of none."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import cut, draw_nothing, finish, join_notes, join_parts
from nps_kit.views.charts.rows import (
    MOST_ROWS,
    Look,
    Row,
    change_ticks,
    draw_rows,
    measure_rows,
)
from nps_kit.views.contrasts import Contrast, Contrasts, read_contrasts
from nps_kit.views.sentences.comparisons import list_differences, say_comparisons
from nps_kit.views.wording import is_number, name_value, write_count, write_score

_HALF = MOST_ROWS // 2
_NONE = "\u2013"


def draw_comparisons(
    comparisons: pl.DataFrame,
    *,
    every: Every | None = None,
    highlight: str = "",
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw by how much each score differs from what it was compared with.

    The highest difference comes first, those with too few answers are faint and last. Only what
    differs beyond chance has the accent. Past twelve rows the first and the last six are drawn, and
    the others are counted.

    Parameters
    ----------
    comparisons
        Table as `compare_groups`, `compare_periods` or `compare_pairs` makes it.
    every
        Unit of the two periods. None: as the table says.
    highlight
        Name of the row that the page is about: it is drawn whatever else is, and in bold.
    title
        The finding. Empty: as `say_comparisons` words it.
    subtitle
        The measure and its unit. Empty: what is compared with what, and the intervals.
    note
        The source and what was set aside; the colours and the method are added.

    Returns
    -------
    The chart; a quiet placeholder where there is nothing to compare.

    Raises
    ------
    MissingColumnError
        If a column that every comparison has is not there.
    OptionError
        If the table is no comparison.

    Examples
    --------
    >>> comparisons = pl.DataFrame(
    ...     {
    ...         "touchpoint": ["billing"],
    ...         "n": [1204],
    ...         "nps": [14.4],
    ...         "n_against": [6020],
    ...         "nps_against": [28.1],
    ...         "change": [-13.7],
    ...         "low": [-18.9],
    ...         "high": [-8.6],
    ...         "level": [0.95],
    ...         "p_adjusted": [0.0001],
    ...         "adjust": ["holm"],
    ...         "n_tests": [6],
    ...         "few": [False],
    ...     }
    ... )
    >>> draw_comparisons(comparisons).to_dict()["title"]["text"]
    ['Billing scores 14 points below the rest: more than chance explains']
    """
    found = read_contrasts(comparisons, every=every, caller="draw_comparisons()")
    said = say_comparisons(comparisons, every=every, length="short")
    if found.absent:
        return draw_nothing(found.absent, title=title or said, note=note)
    shown, left_out = choose_contrasts(found, highlight=highlight)
    ranked_out = [row for row in left_out if row.ranked]
    between = _say_between(ranked_out)
    bounds = [bound for row in shown if row.ranked for bound in (row.low, row.high)]
    if not bounds:
        bounds = [bound for row in shown for bound in (row.low, row.high)]
    ticks = change_ticks([*bounds, *(row.change for row in shown)])
    rows = [_row_of(row, found, highlight=highlight) for row in shown]
    few_out = len(left_out) - len(ranked_out)
    lack_out = found.say_lack(left_out) or "no difference"
    return finish(
        draw_rows(
            rows,
            ticks=ticks,
            heading=found.heading if found.by else "",
            column="change",
            value=found.value,
            between=between,
        ),
        title=title or said,
        subtitle=join_parts(subtitle or _say_measure(found), found.context()),
        note=join_notes(
            note,
            "Coloured: beyond chance." if any(row.certain for row in shown) else "",
            f"Faint: {lack}." if (lack := found.say_lack(shown)) else "",
            _say_past(shown, ticks),
            f"Not drawn: {few_out:,} more with {lack_out}." if few_out else "",
            found.method(),
        ),
        description=list_differences(shown),
        height=measure_rows(rows, between=between),
        note_gap=36,
    )


def choose_contrasts(
    found: Contrasts, *, highlight: str = ""
) -> tuple[tuple[Contrast, ...], tuple[Contrast, ...]]:
    """Choose the rows that fit, from both ends, and give the others apart.

    The one to highlight is always among those that fit.
    """
    rows = found.sorted_for_reading()
    if len(rows) <= MOST_ROWS:
        return rows, ()
    ranked = [row for row in rows if row.ranked]
    # With too few to compare, the faint ones with most answers fill up.
    faint = sorted(
        (row for row in rows if not row.ranked),
        key=lambda row: (not _is_named(row, highlight), -row.n),
    )
    owed = sum(_is_named(row, highlight) for row in faint[:1])
    if len(ranked) > MOST_ROWS - owed:
        away = [row for row in ranked[_HALF : owed - _HALF] if _is_named(row, highlight)]
        ranked = [*ranked[: _HALF - len(away)], *away, *ranked[owed - _HALF :]]
    drawn = {row.row for row in (*ranked, *faint[: MOST_ROWS - len(ranked)])}
    return (
        tuple(row for row in rows if row.row in drawn),
        tuple(row for row in rows if row.row not in drawn),
    )


def _say_between(left_out: Sequence[Contrast]) -> str:
    if not left_out:
        return ""
    changes = [row.points for row in left_out]
    low, high = write_score(min(changes)), write_score(max(changes))
    where = f"at {low}" if low == high else f"between {low} and {high}"
    certain = sum(row.certain for row in left_out)
    beyond = f", {certain:,} of them beyond chance" if certain else ""
    return f"{write_count(len(left_out), 'other')} {where}{beyond}"


def _is_named(row: Contrast, highlight: str) -> bool:
    return bool(highlight) and row.label == name_value(highlight)


def _row_of(row: Contrast, found: Contrasts, *, highlight: str) -> Row:
    look: Look = "accent" if row.certain else "quiet" if row.ranked else "faint"
    return Row(
        label=row.label or _name_whole(found),
        value=row.change,
        low=row.low,
        high=row.high,
        shown=_write_change(row),
        answers=f"{row.n:,}",
        look=look,
        strong=_is_named(row, highlight),
    )


def _write_change(row: Contrast) -> str:
    if row.change is None:
        return _NONE
    # What is beyond chance must not read as nothing.
    whole = round(row.change) or not row.certain
    return write_score(row.change, decimals=0 if whole else 1)


def _name_whole(found: Contrasts) -> str:
    return found.ours if found.kind == "periods" else "All"


def _say_measure(found: Contrasts) -> str:
    interval = f"points, with {found.interval()}s"
    if found.kind == "periods":
        return f"Score of {found.ours} less that of {found.theirs}, {interval}"
    if found.kind == "pairs":
        return f"Later score less the earlier one of the same people, {interval}"
    theirs = found.theirs or "the other"
    return f"Score less that of {theirs}, {interval}"


def _say_past(shown: Sequence[Contrast], ticks: Sequence[int]) -> str:
    bounds = [bound for row in shown for bound in (row.low, row.high) if is_number(bound)]
    past = any(bound != cut(bound, ticks) for bound in bounds)
    return "Some intervals run past the axis." if past else ""
