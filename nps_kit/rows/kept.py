"""Part of a tally by what its rows say: counted with all the rest, then kept."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from nps_kit.errors import OptionError, bad_option, listed, missing_column, nearest
from nps_kit.schema import TABLES

Only = Mapping[str, str | Sequence[str]]
"""Values to keep, by column."""

PERSONAL = ("response_id", "customer_id", "interaction_id", "agent_id", "comment")
"""Columns whose values stand for one person, or for what one person said."""

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


def keep_only(
    counts: pl.DataFrame, only: Mapping[str, Sequence[str]], *, caller: str, what: str
) -> pl.DataFrame:
    """Keep the groups that carry one of the values of every column.

    Parameters
    ----------
    counts
        Groups, with the columns of `only`.
    only
        What is to be kept, as `read_only` gives it.
    caller
        Name of the function that speaks if something is wrong.
    what
        What is counted, in the plural.

    Returns
    -------
    Their rows.

    Raises
    ------
    OptionError
        If no group has such a value; those there are come with it.
    """
    kept = counts
    for name, values in only.items():
        known = counts[name].drop_nulls().unique().sort().cast(pl.String).to_list()
        for value in values:
            if value not in known:
                raise OptionError(
                    f"{caller} finds no {what} with {name}='{value}'.\n"
                    f"  There are: {listed(known)}.{nearest(value, known)}"
                )
        kept = kept.filter(pl.col(name).cast(pl.String).is_in(values))
    if kept.is_empty():
        asked = " and ".join(f"{name}={listed(values)}" for name, values in only.items())
        raise OptionError(
            f"{caller} finds no {what} with {asked}.\n"
            "  There are some with each of these, and none with all of them."
        )
    return kept
