"""Why a score moved, printed: what each segment is made of and what it gave."""

from dataclasses import replace

import polars as pl
from great_tables import GT, loc, style

from nps_kit.views.changes import PART_WORDS, Change, Moved, read_changes
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.changes import say_changes
from nps_kit.views.tables.printing import (
    CSS,
    MOST_ROWS,
    NONE,
    keep_together,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import (
    is_number,
    name_column,
    start_sentence,
    write_level,
    write_score,
    write_span,
)

_CALLER = "tabulate_changes()"
_NEEDS = ("share_before", "share_after")
_SIDES = ("before", "after")
_LEAST_SHARE = 0.0005

# A dozen columns find room only where their heads may be broken and stand closer.
_CLOSE = f"""{CSS}
#table .gt_col_heading {{ white-space: normal; }}
#table .gt_row, #table .gt_col_heading {{ padding-left: 5px; padding-right: 5px; }}
#table .gt_heading, #table .gt_sourcenote {{ padding-left: 5px; }}
#table td.gt_left {{ min-width: 6.5rem; }}
"""


def tabulate_changes(changes: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print what each segment was made of in both periods, and what it gave to the change.

    The segment that gave most, either way, comes first; those with too few answers are faint and
    come last, and all answers stand beneath them. Parts are those of `say_changes`: with contacts
    who contacted us and who of them answered, else who answered (the mix); and how they scored (the
    rate).

    Parameters
    ----------
    changes
        Table as `decompose_change` makes it.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; the periods and what faint means are added.

    Returns
    -------
    The table, its id made from what it holds; one quiet line where a period has no answers.

    Raises
    ------
    MissingColumnError
        If `changes` lacks a column that the table needs.
    OptionError
        If it has no row for all answers.

    Examples
    --------
    >>> from datetime import date
    >>> from nps_kit import decompose_change
    >>> counts = pl.DataFrame(
    ...     {
    ...         "period": [date(2026, 8, 1)] * 4 + [date(2026, 9, 1)] * 4,
    ...         "touchpoint": ["claims", "claims", "renewal", "renewal"] * 2,
    ...         "score": [3, 10] * 4,
    ...         "n": [60, 40, 60, 240, 180, 120, 20, 80],
    ...     }
    ... )
    >>> found = decompose_change(counts, by=["touchpoint"], before="2026-08", after="2026-09")
    >>> table = tabulate_changes(found.drop("level"))
    >>> rows = [line.split(" | ") for line in str(table).replace(chr(0x2212), "-").splitlines()]
    >>> rows[0][7:]
    ['Who answered (mix)', 'How they scored (rate)', 'Change', 'Interval']
    >>> [(row[0], *row[3:5], *row[7:10]) for row in rows[1:]]
    [('claims', '25.0 %', '75.0 %', '-20.0', '0.0', '-20.0'), \
('renewal', '75.0 %', '25.0 %', '-20.0', '0.0', '-20.0'), \
('All answers', '100.0 %', '100.0 %', '-40.0', '0.0', '-40.0')]
    """
    change = read_changes(changes, caller=_CALLER)
    check_columns(changes, _NEEDS, caller=_CALLER, name="changes")
    if not change.known:
        return print_nothing(say_changes(changes), title=title, note=note)
    segments = _sort(change) if change.by else []
    shown = [*segments[: MOST_ROWS - 1], replace(change.whole, label="All answers")]
    heads = _head(change)
    frame = pl.DataFrame([_tell(row) for row in shown]).select(list(heads))
    faint = [place for place, row in enumerate(shown) if row.few]
    before, after = change.periods
    notes = [
        note,
        f"Before: {before}; after: {after}.",
        start_sentence(change.context) + "." if change.context else "",
        change.unsplit,
        "Faint: too few answers to be ranked." if faint else "",
        say_rest(len(segments) + 1 - len(shown)),
    ]
    left = ["group"] if change.by else []
    table = print_table(frame, heads, left=left, faint=faint, title=title, notes=notes, css=_CLOSE)
    table = table.tab_style(style.text(weight="bold"), loc.body(rows=[len(shown) - 1]))
    return keep_together(table, [row.label for row in shown]) if left else table


def _sort(change: Change) -> list[Moved]:
    """Put what gave most first, either way; what cannot be ranked, and what gave nothing, last."""
    return sorted(
        change.segments,
        key=lambda row: (row.change.value is None, row.few, -abs(row.change.points)),
    )


def _head(change: Change) -> dict[str, str]:
    heads = {}
    if change.by:
        heads["group"] = start_sentence(" and ".join(name_column(name) for name in change.by))
    for name, word in (("n", "Answers"), ("share", "Share"), ("nps", "NPS")):
        heads |= {f"{name}_{side}": f"{word} {side}" for side in _SIDES}
    for name in change.parts:
        known_as = f" ({name})" if name in ("mix", "rate") else ""
        heads[name] = start_sentence(PART_WORDS[name]) + known_as
    level = "" if change.level is None else f"{write_level(change.level)} "
    return heads | {"change": "Change", "interval": start_sentence(f"{level}interval")}


def _tell(row: Moved) -> dict[str, str]:
    told = {"group": row.label}
    for side, n, share, nps in zip(_SIDES, row.n, row.shares, row.nps, strict=True):
        told |= {
            f"n_{side}": f"{n:,}",
            f"share_{side}": _write_share(share),
            f"nps_{side}": _write(nps),
        }
    told |= {name: _write(part.value) for name, part in row.parts.items()}
    interval = write_span(row.change.low, row.change.high, decimals=1)
    return told | {"change": _write(row.change.value), "interval": interval or NONE}


def _write(points: float | None) -> str:
    return write_score(points, decimals=1) if is_number(points) else NONE


def _write_share(share: float | None) -> str:
    # A mix of many segments moves by less than whole percentages.
    if not is_number(share):
        return NONE
    return "<0.1 %" if 0 < share < _LEAST_SHARE else f"{100 * share:.1f} %"
