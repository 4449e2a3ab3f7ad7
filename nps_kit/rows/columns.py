"""Columns of any table beside the answers, and the values that tell their groups apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import narwhals as nw
import polars as pl

from nps_kit.counts import CONTEXT
from nps_kit.errors import OptionError, bad_option, missing_column
from nps_kit.rows.cells import trim_labels
from nps_kit.rows.checks import tidy
from nps_kit.rows.engines import Frame, check_name, count_groups, wrap
from nps_kit.rows.joins import KEYS, join_beside
from nps_kit.rows.only import PERSONAL, refuse_personal
from nps_kit.rows.sources import Data, open_data

_BESIDE = {
    "responses": ("interactions", "agents", "customers"),
    "interactions": ("agents", "customers"),
}
"""Which tables each of the two is joined to."""


def join_columns(tables: Data, names: Sequence[str]) -> Data:
    """Put columns of other tables, such as the agent's team, beside answers and contacts.

    Parameters
    ----------
    tables
        What `open_data` gives.
    names
        Columns of the answers, of the contacts they are about, of who handled those or of who gave
        the answers.

    Returns
    -------
    The tables, in which the responses carry every column of `names`, and the interactions too. A
    table that has them already is as it was. Where the contacts cannot carry them all,
    ``interactions`` is None: the contacts of everyone are not to be set beside the answers of some.

    Raises
    ------
    MissingColumnError
        If the answers neither have a column nor lead to it.
    OptionError
        If `names` is no list, or a column stands for persons.
    SourceError
        If tables cannot be joined, as in `join_service`.

    Examples
    --------
    >>> from nps_kit.rows.sources import open_data
    >>> from nps_kit.rows.tallies import tally
    >>> tables = join_columns(open_data("sample"), ["team"])
    >>> tally(tables.responses, by=["team"])["team"].drop_nulls().n_unique()
    12
    """
    return _join_all(tables, names, caller="join_columns()")


def list_values(
    data: object,
    column: str,
    *,
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
) -> list[str]:
    """List the values of a column of the answers, one for each group that `tally` would make.

    Parameters
    ----------
    data
        Where the answers are, as for `open_data`, or the tables that it gave.
    column
        A column of the answers, or one that they lead to, as for `join_columns`.
    columns, time_zone
        As for `open_data`; not for tables that are open.

    Returns
    -------
    The values, sorted, as text; without what is not given. Blanks around a word make no other one,
    and in ``survey`` and ``scale`` capital letters make none either.

    Raises
    ------
    MissingColumnError
        If the answers neither have the column nor lead to it.
    OptionError
        If its values stand for one person each, or are amounts or times.
    SourceError, DateError
        As `open_data`.

    Examples
    --------
    >>> list_values("sample", "channel")
    ['app message', 'chat', 'email', 'phone']
    """
    caller = "list_values()"
    tables = (
        data if isinstance(data, Data) else open_data(data, columns=columns, time_zone=time_zone)
    )
    rows = wrap(_join_all(tables, [column], caller=caller).responses, caller=caller)
    kind = rows.collect_schema()[column]
    told = not kind.is_temporal()
    counts = count_groups(rows if told else rows.head(0), keys={column: nw.col(column)}, sums={})
    # Whole numbers with a gap are decimal ones on some engines, until they are counted.
    if not told or counts.schema[column].is_float():
        raise OptionError(
            f"{caller} needs a column that tells groups apart, and '{column}' holds {kind}.\n"
            "  Take one of words or of whole numbers, such as 'touchpoint'."
        )
    if column in CONTEXT:
        counts = counts.with_columns(tidy(column))
    values = trim_labels(counts, [column])[column].drop_nulls().unique().sort()
    return values.cast(pl.String).to_list()


def _join_all(tables: Data, names: Sequence[str], *, caller: str) -> Data:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise bad_option(names, caller=caller, option="names", rule='a list of names: ["team"]')
    for name in names:
        check_name(name, caller=caller)
        refuse_personal(name, caller=caller)
    responses = _reach(tables, "responses", names, caller=caller)
    lacking = [name for name in names if name not in _columns(responses)]
    if lacking:
        raise missing_column(
            lacking[0],
            caller=caller,
            table="the answers, nor do they lead to it",
            present=_list_reached(tables),
        )
    interactions = None
    if tables.interactions is not None:
        joined = _reach(tables, "interactions", names, caller=caller)
        if set(names) <= set(_columns(joined)):
            interactions = joined.to_native()
    return replace(tables, responses=responses.to_native(), interactions=interactions)


def _columns(frame: Frame) -> list[str]:
    return frame.collect_schema().names()


def _open_beside(tables: Data, home: str, *, caller: str) -> dict[str, Frame]:
    there = {name: getattr(tables, name) for name in _BESIDE[home]}
    return {name: wrap(each, caller=caller) for name, each in there.items() if each is not None}


def _list_reached(tables: Data) -> list[str]:
    beside = _open_beside(tables, "responses", caller="")
    found = [*tables.columns, *(name for each in beside.values() for name in _columns(each))]
    return sorted({*found} - {*PERSONAL})


def _reach(tables: Data, home: str, names: Sequence[str], *, caller: str) -> Frame:
    """Join to a table what leads to the columns it lacks, as far as anything does."""
    joined = wrap(getattr(tables, home), caller=caller)
    own = _columns(joined)
    wanted = [name for name in names if name not in own]
    takes: dict[str, list[str]] = {}
    beside = _open_beside(tables, home, caller=caller)
    for table, frame in beside.items():
        takes[table] = [name for name in wanted if name in _columns(frame)]
        wanted = [name for name in wanted if name not in takes[table]]
    # Agents and customers are found through the contact where the answers do not name them.
    through = [
        KEYS[table]
        for table in ("agents", "customers")
        if takes.get(table) and KEYS[table] not in own
    ]
    if home == "responses" and "interactions" in beside:
        known = _columns(beside["interactions"])
        takes["interactions"] += [key for key in through if key in known]
    for table, taken in takes.items():
        key = KEYS[table]
        if not taken or key not in _columns(joined) or key not in _columns(beside[table]):
            continue
        narrow = beside[table].select(key, *taken)
        joined = join_beside(joined, narrow, table=table, key=key, caller=caller)
    helping = [name for name in through if name in _columns(joined)]
    return joined.drop(*helping) if helping else joined
