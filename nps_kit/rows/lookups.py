"""Small tables, such as targets and published figures, brought home whole."""

import polars as pl

from nps_kit.errors import SourceError
from nps_kit.rows.engines import collect, wrap

MOST_ROWS = 100_000
"""Rows that a small table has at the most."""

_CALLER = "open_whole()"


def open_whole(frame: object) -> pl.DataFrame:
    """Bring a small table home, from wherever it lives.

    For tables that are looked up and not counted, such as targets. Answers and contacts stay where
    they are: `tally` and its like bring only their counts.

    Parameters
    ----------
    frame
        Any frame that narwhals takes, such as `open_table` and `open_data` give.

    Returns
    -------
    All its rows.

    Raises
    ------
    SourceError
        If it has more rows than a small table has.

    Examples
    --------
    >>> open_whole(pl.LazyFrame({"touchpoint": ["billing"], "target_nps": [35.0]})).rows()
    [('billing', 35.0)]
    """
    rows = collect(wrap(frame, caller=_CALLER).head(MOST_ROWS + 1))
    if rows.height > MOST_ROWS:
        raise SourceError(
            f"{_CALLER} takes a table of at most {MOST_ROWS:,} rows, and this one has more.\n"
            "  Count it where it lives: tally(...)."
        )
    return rows
