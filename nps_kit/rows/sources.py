"""An address to a lazy frame: a file, a folder, a pattern, a database, or a frame already there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import narwhals as nw
import polars as pl

from nps_kit.errors import DateError, SourceError, listed, missing_column, nearest
from nps_kit.rows.addresses import (
    check_place,
    describe,
    find_tables,
    is_elsewhere,
    is_store,
    open_there,
)
from nps_kit.rows.cells import read_flags, read_numbers
from nps_kit.rows.dates import read_dates
from nps_kit.rows.engines import Frame, check_name, collect, localise, plainly, wrap
from nps_kit.rows.files import find_files, find_table, locate, scan_files
from nps_kit.schema import TABLES, Table
from nps_kit.shipped import find_sample

MOST_ROWS = 100_000
"""Rows that a small table, which is brought home whole, has at the most."""

_DATED = ("responded_at", "started_at")


@dataclass(frozen=True, slots=True)
class Data:
    """The tables of one contact centre, each a lazy frame, or None where it is not there.

    Attributes
    ----------
    source
        Where the tables were found, as it was asked for.
    responses, interactions, agents, customers, evaluations, follow_ups, actions, benchmarks, \
    targets
        The tables of `nps_kit.schema.TABLES`.
    """

    source: str
    responses: Any
    interactions: Any = None
    agents: Any = None
    customers: Any = None
    evaluations: Any = None
    follow_ups: Any = None
    actions: Any = None
    benchmarks: Any = None
    targets: Any = None

    @property
    def columns(self) -> list[str]:
        """Names of the responses' columns."""
        return wrap(self.responses, caller="Data.columns").collect_schema().names()

    @property
    def present(self) -> list[str]:
        """Names of the tables that are there, and of the responses' columns."""
        return [name for name in TABLES if getattr(self, name) is not None] + self.columns


def open_table(
    source: object, *, columns: Mapping[str, str] | None = None, time_zone: str | None = None
) -> Any:  # noqa: ANN401 - whatever kind of frame was given, or polars
    """Open a table where it lives, without reading it whole.

    Parameters
    ----------
    source
        A file (CSV, Parquet, NDJSON or XLSX), a folder or a pattern of Parquet or CSV files, or any
        frame that narwhals takes: polars, pandas, pyarrow, DuckDB, PySpark, Dask or Ibis. Or where
        the table is: ``s3://bucket/answers.parquet`` and its like, ``duckdb:centre.duckdb``,
        ``postgres://host/base`` or ``spark:schema``, ``?table=...`` naming another table than the
        responses. Credentials come from the environment, never in the address.
        ``"sample"`` and what lies under it is the sample that comes with the kit; a folder of
        your own of that name is ``"./sample"``.
    columns
        The table's own names, by the kit's: ``{"score": "likelihood"}``. Columns that are not named
        stay as they are.
    time_zone
        The zone whose clock the timestamps are to show, such as ``"Europe/London"``. Only
        timestamps that carry a zone or an offset change; they lose it.

    Returns
    -------
    A lazy polars frame for a file, with dates, numbers and yes/no of the kit's own columns read;
    text otherwise. A frame that was given comes back as the same kind of frame, as lazy as it was.
    A database's table is a frame of its own engine, which counts there.

    Raises
    ------
    SourceError
        If nothing readable is at the address.
    MissingColumnError
        If the table has no column that `columns` names.
    DateError
        If dates cannot be read without guessing, or the zone is unknown or not the engine's own.

    Examples
    --------
    >>> frame = open_table(pl.DataFrame({"likelihood": [9]}), columns={"score": "likelihood"})
    >>> frame.columns
    ['likelihood', 'score']
    """
    caller = "open_table()"
    if time_zone is not None:
        check_zone(time_zone)
    if isinstance(source, str | Path):
        if not is_elsewhere(str(source)) or is_store(str(source)):
            return _open(source, _ANY, columns=columns, time_zone=time_zone)
        source, time_zone = open_there(str(source), time_zone=time_zone), None
    wrapped = wrap(source, caller=caller)
    if columns:
        wrapped = _rename(wrapped, columns, table="the table")
    if time_zone is not None:
        wrapped = localise(wrapped, time_zone, caller=caller)
    return wrapped.to_native() if columns or time_zone else source


def open_data(
    source: object, *, columns: Mapping[str, str] | None = None, time_zone: str | None = None
) -> Data:
    """Open the tables of a contact centre: a folder of them, or the responses alone.

    Parameters
    ----------
    source
        A folder that holds ``responses.csv`` (or .parquet, .ndjson, .xlsx, or a folder of that
        name) and any of the other tables; a folder of a store, or a database, that holds them;
        or what `open_table` takes: then the responses.
        ``"sample"`` is the sample that comes with the kit.
    columns
        The tables' own names, by the kit's. ``{"score": "likelihood"}`` speaks of the responses,
        ``{"interactions.started_at": "begin"}`` of another table.
    time_zone
        As for `open_table`, for every table.

    Returns
    -------
    The tables; those that are not there are None.

    Raises
    ------
    SourceError
        If nothing readable is there, or a folder has no responses.
    MissingColumnError, DateError
        As `open_table`.

    Examples
    --------
    >>> open_data("sample").agents is not None
    True
    """
    if time_zone is not None:
        check_zone(time_zone)
    named = _columns_by_table(columns or {})
    found = _find(source, time_zone=time_zone)
    if found is None:
        others = [name for name in named if name != "responses"]
        if others:
            raise SourceError(
                f"open_data() was given one table, the responses, and columns of '{others[0]}'.\n"
                "  To use other tables too, put them all in one folder and give the folder."
            )
        responses = open_table(source, columns=named.get("responses"), time_zone=time_zone)
        return Data(source=_described(source), responses=responses)
    for name in named:
        if name not in found:
            raise SourceError(
                f"open_data() was given columns of '{name}', which '{_described(source)}' lacks.\n"
                f"  It has: {listed(found)}."
            )
    tables = {
        name: _open(place, TABLES[name], columns=named.get(name), time_zone=time_zone)
        if isinstance(place, str | Path)
        else open_table(place, columns=named.get(name))
        for name, place in found.items()
    }
    return Data(source=_described(source), **tables)


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
    caller = "open_whole()"
    rows = collect(wrap(frame, caller=caller).head(MOST_ROWS + 1))
    if rows.height > MOST_ROWS:
        raise SourceError(
            f"{caller} takes a table of at most {MOST_ROWS:,} rows, and this one has more.\n"
            "  Count it where it lives: tally(...)."
        )
    return rows


def check_address(source: object) -> None:
    """Look whether an address leads somewhere, and open nothing: no file, no database, no engine.

    Parameters
    ----------
    source
        As for `open_data`. A frame leads to itself.

    Raises
    ------
    SourceError
        If the address holds a password or begins like none that is read; if there is no file, or a
        folder has no responses. Whether a store or a server answers is not asked.

    Examples
    --------
    >>> check_address("sample"), check_address("postgres://host/base")
    (None, None)
    """
    if not isinstance(source, str | Path):
        return
    if is_elsewhere(str(source)):
        check_place(str(source))
    elif _find(source, time_zone=None) is None:
        find_files(str(source))


_ANY = Table("any", "", "", tuple(column for t in TABLES.values() for column in t.columns))


def _open(
    source: str | Path, table: Table, *, columns: Mapping[str, str] | None, time_zone: str | None
) -> pl.LazyFrame:
    with plainly(f"'{source}'"):
        scanned = nw.from_native(_scan(str(source)))
        frame: pl.LazyFrame = _rename(scanned, columns or {}, table=f"'{source}'").to_native()
        return _read_text(frame, table, certain=(*(columns or {}), *_DATED), time_zone=time_zone)


def check_zone(time_zone: str) -> None:
    """Raise unless there is a time zone of that name.

    Raises
    ------
    DateError
        Naming the nearest that there is.
    """
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(time_zone)
    except pl.exceptions.PolarsError:
        raise DateError(
            f"There is no time zone '{time_zone}'.\n"
            "  Zones are named by place, such as 'Europe/London', or 'UTC'."
            f"{nearest(time_zone, sorted(available_timezones()))}"
        ) from None


def _find(source: object, *, time_zone: str | None) -> dict[str, Any] | None:
    """Find where each table is, or the table itself; None where there is only the one."""
    if not isinstance(source, str | Path):
        return None
    if is_elsewhere(str(source)):
        return find_tables(str(source), time_zone=time_zone)
    folder = locate(str(source))
    if not folder.is_dir():
        return None
    found = {name: path for name in TABLES if (path := find_table(folder, name)) is not None}
    if "responses" not in found:
        inside = sorted(path.name for path in folder.iterdir())
        raise SourceError(
            f"The folder '{source}' holds no responses: no file called responses.parquet, .csv, "
            f".ndjson or .xlsx.\n  It has: {listed(inside)}.  Give the file itself, or name "
            "it responses."
        )
    return found


def _described(source: object) -> str:
    if not isinstance(source, str | Path):
        return f"a {type(source).__name__}"
    if is_elsewhere(str(source)):
        return describe(str(source))
    return "made-up sample data" if locate(str(source)) == find_sample() else str(source)


def _columns_by_table(columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
    named: dict[str, dict[str, str]] = {}
    for ours, theirs in columns.items():
        table, dot, column = ours.partition(".")
        if not dot:
            table, column = "responses", ours
        if table not in {field.name for field in fields(Data)} - {"source"}:
            raise SourceError(
                f"There is no table '{table}' to name columns of ('{ours}').\n"
                f"  The tables are: {listed(TABLES)}.{nearest(table, list(TABLES))}"
            )
        named.setdefault(table, {})[column] = theirs
    return named


def _rename(frame: Frame, columns: Mapping[str, str], *, table: str) -> Frame:
    present = frame.collect_schema().names()
    for theirs in columns.values():
        check_name(theirs, caller="columns=")
        if theirs not in present:
            raise missing_column(theirs, caller="columns=", table=table, present=present)
    # A copy under the kit's name, so that one column may serve as two and none is lost.
    return frame.with_columns(
        nw.col(theirs).alias(ours) for ours, theirs in columns.items() if ours != theirs
    )


def _scan(address: str) -> pl.LazyFrame:
    if is_elsewhere(address):
        store: pl.LazyFrame = open_there(address)
        return store
    return scan_files(find_files(address), address)


def _read_text(
    frame: pl.LazyFrame, table: Table, *, certain: Sequence[str], time_zone: str | None
) -> pl.LazyFrame:
    """Read dates, numbers and yes/no of the kit's own columns where they arrived as text."""
    schema = frame.collect_schema()
    text = {name for name, kind in schema.items() if kind == pl.String}
    # The score is judged value by value in the tally, where what does not count is kept and said.
    numbers = sorted(text.intersection(table.names_of("integer", "number")) - {"score"})
    flags = sorted(text.intersection(table.names_of("boolean")))
    dates = sorted(text.intersection(table.names_of("datetime", "date")))
    aware = [c for c, kind in schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    frame = read_numbers(frame, numbers)
    frame = read_flags(frame, flags)
    frame = read_dates(frame, dates, time_zone=time_zone, certain=certain)
    if time_zone is None:
        return frame
    return frame.with_columns(
        pl.col(c).dt.convert_time_zone(time_zone).dt.replace_time_zone(None) for c in aware
    )
