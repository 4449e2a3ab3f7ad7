"""Which column of an export became which of the kit's, printed."""

import polars as pl
from great_tables import GT

from nps_kit.views.groups import check_columns
from nps_kit.views.tables.printing import (
    MOST_ROWS,
    NONE,
    keep_together,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import clean, shorten

_HEADS = {
    "ours": "The kit's column",
    "theirs": "Yours",
    "asked": "What it asks",
    "filled": "Filled rows",
    "values": "Different values",
}
_LONGEST = 90


def tabulate_columns(cells: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print which column of an export became which of the kit's, and how full each is.

    Parameters
    ----------
    cells
        Table as `Imported.count_cells` gives it.
    title
        What stands above the table. Empty: nothing.
    note
        What stands beneath it.

    Returns
    -------
    The table, in the kit's order; columns without a single value are faint.

    Raises
    ------
    MissingColumnError
        If `cells` lacks a column.

    Examples
    --------
    >>> names = {"column": ["score"], "theirs": ["Q1"], "asked": [None]}
    >>> cells = pl.DataFrame(names | {"filled": [9], "values": [4], "within": [9]})
    >>> tabulate_columns(cells)
    The kit's column | Yours | Filled rows | Different values
    score | Q1 | 9 | 4
    """
    needs = ("column", "theirs", "asked", "filled", "values", "within")
    check_columns(cells, needs, caller="tabulate_columns()", name="cells")
    if cells.is_empty():
        return print_nothing("No column was mapped.", title=title, note=note)
    shown = cells.head(MOST_ROWS).to_dicts()
    frame = pl.DataFrame(
        [
            {
                "ours": clean(row["column"]),
                "theirs": shorten(clean(row["theirs"] or NONE)),
                "asked": shorten(clean(row["asked"] or NONE), most=_LONGEST),
                "filled": f"{row['filled']:,}",
                "values": f"{row['values']:,}",
            }
            for row in shown
        ]
    )
    heads = {k: v for k, v in _HEADS.items() if k != "asked" or any(row["asked"] for row in shown)}
    faint = [place for place, row in enumerate(shown) if not row["filled"]]
    within = shown[0]["within"]
    notes = [
        note,
        f"Different values are those of the first {within:,} rows."
        if any(row["filled"] > within for row in shown)
        else "",
        "Faint: no row has a value." if faint else "",
        say_rest(cells.height - len(shown)),
    ]
    left = [name for name in ("ours", "theirs", "asked") if name in heads]
    table = print_table(
        frame.select(list(heads)), heads, left=left, faint=faint, title=title, notes=notes
    )
    return keep_together(table, [row["column"] for row in shown], column="ours")
