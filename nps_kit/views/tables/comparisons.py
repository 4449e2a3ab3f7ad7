"""Differences between scores and whether they are chance, printed."""

import polars as pl
from great_tables import GT

from nps_kit.counts import Every
from nps_kit.views.contrasts import Contrast, Contrasts, read_contrasts
from nps_kit.views.tables.printing import (
    MOST_ROWS,
    NONE,
    keep_together,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import is_number, start_sentence, write_p_value, write_score, write_span


def tabulate_comparisons(
    comparisons: pl.DataFrame, *, every: Every | None = None, title: str = "", note: str = ""
) -> GT:
    """Print both scores of each comparison, their difference and whether it could be chance.

    Rows come in the order of `draw_comparisons`: the highest difference first, those with too few
    answers faint and last.

    Parameters
    ----------
    comparisons
        Table as `compare_groups`, `compare_periods` or `compare_pairs` makes it.
    every
        Unit of the two periods. None: as the table says.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; what p is, what faint means, and the method, are added.

    Returns
    -------
    The table, its id made from what it holds; one quiet line where there is nothing to compare.

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
    >>> print(str(tabulate_comparisons(comparisons)).replace(chr(0x2212), "-"))
    Touchpoint | Answers | NPS | NPS of the rest | Difference | Simultaneous 95 % interval | p
    billing | 1,204 | +14.4 | +28.1 | -13.7 | -18.9 to -8.6 | <0.001
    """
    found = read_contrasts(comparisons, every=every, caller="tabulate_comparisons()")
    if found.absent:
        return print_nothing(found.absent, title=title, note=note)
    rows = found.sorted_for_reading()
    shown = rows[:MOST_ROWS]
    heads = _head(found)
    frame = pl.DataFrame([_tell(row) for row in shown]).select(list(heads))
    faint = [place for place, row in enumerate(shown) if not row.ranked]
    several = "the number of comparisons heeded" if found.together else ""
    notes = [
        note,
        start_sentence(found.context()) + "." if found.context() else "",
        f"p: how often chance alone would show so much{', ' if several else ''}{several}."
        if any(is_number(row.p_adjusted) for row in shown)
        else "",
        f"Faint: {lack}." if (lack := found.say_lack(shown)) else "",
        say_rest(len(rows) - len(shown)),
        found.method(),
    ]
    left = ["group"] if found.by else []
    table = print_table(frame, heads, left=left, faint=faint, title=title, notes=notes)
    return keep_together(table, [row.label for row in shown]) if left else table


def _head(found: Contrasts) -> dict[str, str]:
    heads = {"group": found.heading} if found.by else {}
    heads["n"] = "People" if found.kind == "pairs" else "Answers"
    if found.kind == "groups":
        heads |= {"nps": "NPS", "other": f"NPS of {found.theirs or 'the other'}"}
    elif found.kind == "periods":
        heads |= {
            "n": f"Answers, {found.ours}",
            "n_other": f"Answers, {found.theirs}",
            "other": f"NPS, {found.theirs}",
            "nps": f"NPS, {found.ours}",
        }
    else:
        heads |= {"other": "NPS before", "nps": "NPS after"}
    return heads | {
        "change": found.value,
        "interval": start_sentence(found.interval()),
        "p": "p",
    }


def _tell(row: Contrast) -> dict[str, str]:
    return {
        "group": row.label,
        "n": f"{row.n:,}",
        "n_other": f"{row.n_other:,}",
        "nps": write_score(row.nps, decimals=1) if is_number(row.nps) else NONE,
        "other": write_score(row.nps_other, decimals=1) if is_number(row.nps_other) else NONE,
        "change": write_score(row.points, decimals=1) if row.change is not None else NONE,
        "interval": write_span(row.low, row.high, decimals=1) or NONE,
        "p": write_p_value(row.p_adjusted) or NONE,
    }
