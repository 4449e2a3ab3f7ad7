"""Part of the rows, kept where they live: one touchpoint, one channel."""

from typing import Any

import narwhals as nw

from nps_kit.errors import missing_column
from nps_kit.rows.engines import wrap
from nps_kit.rows.kept import Only, read_only

_CALLER = "keep_rows()"


def keep_rows(frame: object, *, only: Only) -> Any:  # noqa: ANN401 - the same kind of frame as was given
    """Keep the rows of one group, for what cannot count all of them and keep a part.

    `tally` and `tally_contacts` take ``only`` themselves.

    Parameters
    ----------
    frame
        Any frame that narwhals takes, such as `open_table` and `open_data` give.
    only
        Values to keep, by column, as in `tally`. Blanks around a word make no difference.

    Returns
    -------
    The same kind of frame, as lazy as it was; whole where `only` is empty.

    Raises
    ------
    MissingColumnError
        If the frame lacks a column of `only`: all rows would pass for a part.
    OptionError
        If `only` is no values by column, or a column stands for persons.

    Examples
    --------
    >>> import polars as pl
    >>> contacts = pl.DataFrame({"channel": ["phone", " phone ", "chat"], "cost": [7.5, 8.0, 2.0]})
    >>> keep_rows(contacts, only={"channel": "phone"})["cost"].to_list()
    [7.5, 8.0]
    """
    kept = read_only(only, caller=_CALLER)
    rows = wrap(frame, caller=_CALLER)
    present = rows.collect_schema().names()
    for name, values in kept.items():
        if name not in present:
            raise missing_column(name, caller=_CALLER, table="the table", present=present)
        word = nw.col(name).cast(nw.String).str.strip_chars()
        rows = rows.filter(word.is_in(values))
    return rows.to_native()
