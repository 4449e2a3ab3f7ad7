"""What `only` means: part of a tally, or of the rows, by what they say."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.counts import CONTEXT
from nps_kit.errors import OptionError, bad_option, listed, missing_column, nearest
from nps_kit.rows.cells import trim_labels
from nps_kit.rows.checks import tidy
from nps_kit.rows.engines import Frame, count_groups, wrap
from nps_kit.schema import TABLES

Only = Mapping[str, str | Sequence[str]]
"""Values to keep, by column."""

PERSONAL = ("response_id", "customer_id", "interaction_id", "agent_id", "comment")
"""Columns whose values stand for one person, or for what one person said."""

_WRITTEN = "as it is written"
"""A name for the way, which no column of a user's is likely to have."""

_RULE = 'a value, or a list of values, by column: only={"channel": "phone"}'


def read_only(only: Only | None, *, caller: str) -> dict[str, tuple[str, ...]]:
    """Check which rows are to be kept.

    Parameters
    ----------
    only
        Values by column, as they were given.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    By column, the values to keep.

    Raises
    ------
    OptionError
        If `only` is no such mapping, a value is no text or empty, or a column stands for persons.
    """
    if only is None:
        return {}
    if not isinstance(only, Mapping):
        raise bad_option(only, caller=caller, option="only", rule=_RULE)
    kept = {}
    for name, given in only.items():
        values = (given,) if isinstance(given, str) else given
        if (
            not isinstance(values, Sequence)
            or not values
            or not all(isinstance(value, str) and value for value in values)
        ):
            raise bad_option(dict(only), caller=caller, option="only", rule=_RULE)
        refuse_personal(name, caller=caller)
        kept[name] = tuple(values)
    return kept


def refuse_personal(name: str, *, caller: str) -> None:
    """Refuse a column whose values stand for one person each.

    Raises
    ------
    OptionError
        If `name` is one of `PERSONAL`.
    """
    if name in PERSONAL:
        raise OptionError(
            f"{caller} makes nothing about a single '{name}': a page of its own would be about one "
            "person.\n  Take a column of groups, such as 'team' or 'touchpoint'."
        )


def find_added(
    only: Mapping[str, object], *, by: Sequence[str], present: Collection[str], caller: str
) -> list[str]:
    """Find the columns that must be counted by only so that rows can be kept.

    Parameters
    ----------
    only
        What is to be kept, as `read_only` gives it.
    by
        Columns that the result tells apart as it is.
    present
        Columns of the rows.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    Names, in the order of `only`.

    Raises
    ------
    MissingColumnError
        If the rows lack one: nothing could be kept by it, and all would pass for a part.
    """
    for name in only:
        if name not in present:
            elsewhere = any(name in table.names for table in TABLES.values())
            remedy = f'Is it in another table?  join_columns(tables, ["{name}"])'
            raise missing_column(
                name,
                caller=f"{caller} with only={{'{name}': ...}}",
                table="the table",
                present=sorted(present),
                remedy=remedy if elsewhere else "",
            )
    return [name for name in only if name not in by]


def keep_only(counts: pl.DataFrame, only: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Keep the groups that carry one of the values of every column.

    Parameters
    ----------
    counts
        Groups, with the columns of `only`.
    only
        What is to be kept, as `read_only` gives it.

    Returns
    -------
    Their rows; none where no group is such a one.
    """
    for name, values in only.items():
        counts = counts.filter(pl.col(name).cast(pl.String).is_in(values))
    return counts


def refuse_unknown(counts: pl.DataFrame, only: Mapping[str, Sequence[str]], *, caller: str) -> None:
    """Refuse to keep a group that no answer is of.

    Parameters
    ----------
    counts
        Answers by group, with the columns of `only`.
    only
        What is to be kept, as `read_only` gives it.
    caller
        Name of the function that speaks if something is wrong.

    Raises
    ------
    OptionError
        If no group has such a value; those there are come with it.
    """
    for name, values in only.items():
        known = counts[name].drop_nulls().unique().sort().cast(pl.String).to_list()
        for value in values:
            if value not in known:
                raise OptionError(
                    f"{caller} finds no answers with {name}='{value}'.\n"
                    f"  There are: {listed(known)}.{nearest(value, known)}"
                )
    if keep_only(counts, only).is_empty():
        asked = " and ".join(f"{name}={listed(values)}" for name, values in only.items())
        raise OptionError(
            f"{caller} finds no answers with {asked}.\n"
            "  There are some with each of these, and none with all of them."
        )


def keep_rows(frame: object, *, only: Only) -> Any:  # noqa: ANN401 - the same kind of frame as was given
    """Keep the rows of one group, for what cannot count all of them and keep a part.

    `tally` and `tally_contacts` take ``only`` themselves.

    Parameters
    ----------
    frame
        Any frame that narwhals takes, such as `open_table` and `open_data` give.
    only
        Values to keep, by column: the same rows as `tally` counts with them.

    Returns
    -------
    The same kind of frame, as lazy as it was; whole where `only` is empty, and without rows where
    none has such values.

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
    caller = "keep_rows()"
    kept = read_only(only, caller=caller)
    rows = wrap(frame, caller=caller)
    present = rows.collect_schema().names()
    for name in kept:
        if name not in present:
            raise missing_column(name, caller=caller, table="the table", present=present)
    meant = {name: _find_written(rows, name, values) for name, values in kept.items()}
    for name, written in meant.items():
        rows = rows.filter(nw.col(name).is_in(written)) if written else rows.head(0)
    return rows.to_native()


def _find_written(rows: Frame, name: str, values: Sequence[str]) -> list[object]:
    """Find all that is written for some values: each engine has blanks and numbers of its own."""
    counts = count_groups(rows, keys={_WRITTEN: nw.col(name)}, sums={})
    counts = trim_labels(counts.with_columns(pl.col(_WRITTEN).alias(name)), [name])
    if name in CONTEXT:
        counts = counts.with_columns(tidy(name))
    return keep_only(counts, {name: values})[_WRITTEN].to_list()
