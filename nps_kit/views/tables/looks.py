"""A first look at a table, printed."""

import polars as pl
from great_tables import GT

from nps_kit.views.groups import check_columns
from nps_kit.views.tables.printing import MOST_ROWS, NONE, print_nothing, print_table, say_rest
from nps_kit.views.wording import clean, name_column, shorten, start_sentence

_HEADS = {
    "theirs": "Column",
    "ours": "Read as",
    "such_as": "Holds",
    "filled": "Filled",
    "values": "Different",
}
_LONGEST = 60


def tabulate_looks(looks: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print the columns of a table: what each is read as, what it holds, and how full it is.

    Parameters
    ----------
    looks
        Table as `list_looks` gives it.
    title
        What stands above the table. Empty: nothing.
    note
        What stands beneath it.

    Returns
    -------
    The table; columns that are read as nothing of the kit's are faint.

    Raises
    ------
    MissingColumnError
        If `looks` lacks a column.

    Examples
    --------
    >>> names = {"column": ["score"], "theirs": ["Q1"], "such_as": ["3, 9"]}
    >>> tabulate_looks(pl.DataFrame(names | {"filled": [9], "values": [2], "within": [9]}))
    Column | Read as | Holds | Filled | Different
    Q1 | Score | 3, 9 | 9 | 2
    """
    needs = ("column", "theirs", "filled", "values", "such_as", "within")
    check_columns(looks, needs, caller="tabulate_looks()", name="looks")
    if looks.is_empty():
        return print_nothing("The table has no column.", title=title, note=note)
    shown = looks.head(MOST_ROWS).to_dicts()
    frame = pl.DataFrame(
        [
            {
                "theirs": shorten(clean(row["theirs"])),
                "ours": start_sentence(name_column(row["column"])) if row["column"] else NONE,
                "such_as": shorten(clean(row["such_as"] or NONE), most=_LONGEST),
                "filled": f"{row['filled']:,}",
                "values": f"{row['values']:,}",
            }
            for row in shown
        ]
    )
    faint = [place for place, row in enumerate(shown) if not row["column"]]
    notes = [
        note,
        f"Counted in the first {shown[0]['within']:,} rows.",
        "Faint: kept under its own name." if faint else "",
        say_rest(looks.height - len(shown)),
    ]
    left = ["theirs", "ours", "such_as"]
    return print_table(frame, _HEADS, left=left, faint=faint, title=title, notes=notes)
