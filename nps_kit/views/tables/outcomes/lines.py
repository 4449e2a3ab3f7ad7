"""Rows of bands, printed: what every table of what loyalty brings is made of."""

from collections.abc import Callable, Sequence

import polars as pl
from great_tables import GT

from nps_kit.views.outcomes import Line, Lines
from nps_kit.views.tables.printing import (
    MOST_ROWS,
    keep_together,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import start_sentence


def print_lines(
    found: Lines,
    heads: dict[str, str],
    tell: Callable[[Line], dict[str, str]],
    *,
    title: str,
    notes: Sequence[str],
) -> GT:
    """Print a row a band, under the columns of its group.

    Parameters
    ----------
    found
        The rows.
    heads
        What stands above their figures.
    tell
        Writes the figures of one row, under the keys of `heads`.
    title
        What stands above the table.
    notes
        The sentences beneath it, the user's own first.

    Returns
    -------
    The table; one quiet line where there is nothing to show.
    """
    if found.absent:
        return print_nothing(found.absent, title=title, note=notes[0])
    shown = found.lines[:MOST_ROWS]
    named = {"group": found.shared.heading} if found.shared.keys else {}
    heads = {**named, "band": "Band", **heads}
    rows = [
        {"group": line.group, "band": start_sentence(line.band), **tell(line)} for line in shown
    ]
    frame = pl.DataFrame(rows).select(list(heads))
    faint = [place for place, line in enumerate(shown) if line.few]
    several = [say_context([found.shared.context]), say_rest(len(found.lines) - MOST_ROWS)]
    table = print_table(
        frame,
        heads,
        left=[*named, "band"],
        faint=faint,
        title=title,
        notes=[*notes, *several],
    )
    return keep_together(table, [line.group for line in shown]) if named else table


def say_context(parts: Sequence[str]) -> str:
    """Say in a sentence whose answers they are."""
    told = ", ".join(part for part in parts if part)
    return f"{start_sentence(told)}." if told else ""
