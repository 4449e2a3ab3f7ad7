"""Scores with their intervals, printed."""

from collections.abc import Sequence

import polars as pl
from great_tables import GT

from nps_kit.counts import Every
from nps_kit.scale import BANDS
from nps_kit.views.groups import Group, Groups, read_groups
from nps_kit.views.tables.printing import (
    MOST_ROWS,
    NONE,
    keep_together,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_score,
    write_share,
    write_span,
)


def tabulate_estimates(
    estimates: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    every: Every | None = None,
    title: str = "",
    note: str = "",
) -> GT:
    """Print the score of each group with its interval, its answers and its bands.

    Rows come in the order of `draw_estimates`: the highest first, unless the groups have an order
    of their own; those with too few answers faint and last.

    Parameters
    ----------
    estimates
        Table as `estimate_nps` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; what faint means, and the method, are added.

    Returns
    -------
    The table, its id made from what it holds; one quiet line where there is nothing to show.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``n``, ``nps``, ``low``, ``high``, ``few`` or a column of `by`.

    Examples
    --------
    >>> estimates = pl.DataFrame(
    ...     {"n": [1512], "nps": [31.24], "low": [27.0], "high": [35.3], "few": [False]}
    ... )
    >>> tabulate_estimates(estimates)
    Answers | NPS | Interval
    1,512 | +31.2 | 27.0 to 35.3
    """
    groups = read_groups(estimates, by=by, every=every, caller="tabulate_estimates()")
    if groups.absent:
        return print_nothing(groups.absent, title=title, note=note)
    rows = groups.sorted_for_reading()
    shown = _cut_rows(rows)
    heads = _head(groups)
    frame = pl.DataFrame([_tell(group) for group in shown]).select(list(heads))
    faint = [place for place, group in enumerate(shown) if not group.ranked]
    notes = [
        note,
        start_sentence(groups.context()) + "." if groups.context() else "",
        "Faint: too few answers to be ranked." if faint else "",
        say_rest(len(rows) - len(shown)),
        groups.method(),
    ]
    left = ["group"] if groups.by else []
    table = print_table(frame, heads, left=left, faint=faint, title=title, notes=notes)
    return keep_together(table, [group.label for group in shown]) if left else table


def _head(groups: Groups) -> dict[str, str]:
    heads = {"group": groups.heading} if groups.by else {}
    heads |= {"n": "Answers", "nps": "NPS", "interval": start_sentence(groups.interval())}
    if any(is_number(share) for group in groups.rows for share in group.shares):
        heads |= {band: band.capitalize() for band in BANDS}
    return heads


def _tell(group: Group) -> dict[str, str]:
    shares = {
        band: write_share(share) if is_number(share) else NONE
        for band, share in zip(BANDS, group.shares, strict=True)
    }
    return {
        "group": group.label,
        "n": f"{group.n:,}",
        "nps": write_score(group.score, decimals=1) if group.nps is not None else NONE,
        "interval": write_span(group.low, group.high, decimals=1) or NONE,
    } | shares


def _cut_rows(rows: Sequence[Group]) -> Sequence[Group]:
    # Of many periods the latest matter; of many groups, the first of their order.
    if rows[-1].period is not None:
        return rows[-MOST_ROWS:]
    return rows[:MOST_ROWS]
