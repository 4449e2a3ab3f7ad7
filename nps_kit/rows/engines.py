"""What differs between the engines that hold rows: reached through narwhals, told apart here."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.credentials import hide_credentials
from nps_kit.errors import DateError, KitError, OptionError, SourceError
from nps_kit.rows.cache import make_once

Frame = nw.LazyFrame[Any] | nw.DataFrame[Any]

_DIGITS = 12
"""Of a decimal sum: the order in which millions are added moves the digits after these."""

EXACT = 2**53
"""Up to here every whole number is a decimal number too."""

PARTS: tuple[str, ...] = ("_year", "_month", "_day")
"""Names of the parts of a date while it travels; months and quarters need no day."""


def wrap(frame: object, *, caller: str) -> Frame:
    """Take any frame that narwhals knows, without copying it.

    Raises
    ------
    SourceError
        If `frame` is no table: an address must be opened first.
    """
    with warnings.catch_warnings():
        # Dask frames are to move to a package of their own; until then they work as they are.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            wrapped: Frame = nw.from_native(frame)
        except TypeError:
            remedy = (
                "Open it first:  open_table(...)"
                if isinstance(frame, str) or hasattr(frame, "__fspath__")
                else "A polars, pandas, pyarrow, DuckDB, Spark, Dask or Ibis table will do."
            )
            raise SourceError(
                f"{caller} needs a table, and was given {type(frame).__name__}: "
                f"{hide_credentials(repr(frame)):.60}.\n"
                f"  {remedy}"
            ) from None
    return wrapped


@contextmanager
def plainly(what: str) -> Iterator[None]:
    """Turn an engine's failure to read its rows into one clear message."""
    try:
        yield
    except KitError:
        raise
    except Exception as error:  # noqa: BLE001 - engines have errors of their own, of no one base
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        shown = hide_credentials(said)
        # An error that holds a token is not shown along with ours.
        raise SourceError(
            f"{what} cannot be read.\n  Its reader says: {shown:.300}\n"
            "  Look at what it names, or export the table again."
        ) from (error if shown == said else None)


def collect(frame: Frame) -> pl.DataFrame:
    """Bring a small result home as polars."""
    with plainly("The table"):
        if isinstance(frame, nw.DataFrame):
            return frame.to_polars()
        if frame.implementation.is_polars():
            return frame.collect(engine="streaming").to_polars()
        return frame.collect(backend="polars").to_polars()


def collect_once(frame: Frame) -> pl.DataFrame:
    """Bring home a small result that holds nothing but counts, made once in a run: see `make_once`.

    Engines other than polars have no exact name for what is asked of them, and are asked again.
    """
    native = frame.to_native()
    if not isinstance(native, pl.LazyFrame):
        return collect(frame)
    return make_once(lambda: collect(frame), native)


def count_groups(
    frame: Frame, *, keys: Mapping[str, nw.Expr], sums: Mapping[str, nw.Expr]
) -> pl.DataFrame:
    """Count the rows of each group where they live; only the counts come back.

    Parameters
    ----------
    frame
        Rows, on any engine.
    keys
        What tells groups apart, by the name it gets. Null is a group like any other.
    sums
        What is summed, by the name it gets; nulls add nothing.

    Returns
    -------
    One row per group, ``[*keys, n, *sums]``, sorted by its keys: what is added up later is added
    in one order. `n` is a signed integer (polars counts are unsigned, and promoters less detractors
    below zero would wrap).
    """
    # Under names of our own: some engines take "N" for "n", or a dot for a field of a field.
    ours = {f"_k{place}": expr for place, expr in enumerate(keys.values())}
    added = {f"_s{place}": expr for place, expr in enumerate(sums.values())}
    with plainly("The table"):
        counts = collect_once(
            frame.select(*(expr.alias(name) for name, expr in (ours | added).items()))
            .group_by(*ours, drop_null_keys=False)
            .agg(nw.len().alias("_n"), *(nw.col(name).sum() for name in added))
        )
        plain = [_plain_key(counts[name]) for name in ours]
        totals = [_plain_sum(counts[name]) for name in added]
    named = [*keys, "n", *sums]
    columns = [*plain, counts["_n"].cast(pl.Int64), *totals]
    found = pl.DataFrame(dict(zip(named, columns, strict=True)))
    order = [name for name in keys if not found.schema[name].is_nested()]
    return found.sort(order, nulls_last=True) if order else found


def _plain_sum(total: pl.Series) -> pl.Series:
    """Undo what an engine does to a sum: DuckDB adds whole numbers up in 128 bits.

    Engines that work on many parts at once add them in another order each time, and the last digits
    of a decimal sum differ: they are rounded away, so that the same rows give the same sum.
    """
    whole = total.dtype.is_integer() or (
        isinstance(total.dtype, pl.Decimal) and not total.dtype.scale
    )
    if whole:
        return total.cast(pl.Int64)
    told = total.cast(pl.Float64)
    # Whole numbers are added without loss as long as each of them has a decimal one of its own.
    exact = (told == told.round()) & (told.abs() <= EXACT)
    rounded = pl.when(exact).then(told).otherwise(told.round_sig_figs(_DIGITS))
    return pl.select(rounded).to_series().alias(total.name)


def _plain_key(key: pl.Series) -> pl.Series:
    """Undo what an engine does to a key: pandas makes whole numbers with a gap decimal ones.

    DuckDB's longest whole numbers, and those a database keeps as numeric, are decimal ones too.
    """
    if isinstance(key.dtype, pl.Categorical):
        return key.cast(pl.String)
    if key.dtype.is_integer() or (key.dtype.is_decimal() and (key == key.round()).all()):
        try:
            return key.cast(pl.Int64)
        except pl.exceptions.PolarsError:  # an id of more than 63 bits
            return key.cast(pl.String)
    if key.dtype.is_float():
        present = key.fill_nan(None)
        exact = (present.round() == present) & (present.abs() <= EXACT)
        return present.cast(pl.Int64) if exact.all() else present
    return key


def check_name(name: object, *, caller: str) -> None:
    """Refuse names that a reader would take for a pattern, or that are no names.

    Raises
    ------
    OptionError
        If `name` is no text, is empty, ``*``, or begins with ``^`` and ends with ``$``.
    """
    if not isinstance(name, str) or name in ("", "*") or (name[0] == "^" and name[-1] == "$"):
        raise OptionError(
            f"{caller} cannot use {name!r} as the name of a column.\n"
            "  Readers take it for a pattern, or for nothing: rename the column first."
        )


def check_number(frame: Frame, name: str, *, caller: str, use: str) -> None:
    """Refuse a column that is no number where one is needed.

    Raises
    ------
    OptionError
        If the column `name` holds anything but numbers (or yes and no, which count 1 and 0).
    """
    kind = frame.collect_schema()[name]
    if not (kind.is_numeric() or kind == nw.Boolean):
        raise OptionError(
            f"{caller} needs numbers in '{name}' for {use}, and it holds {kind}.\n"
            "  Export it again as plain numbers, without units or clock times."
        )


def as_number(frame: Frame, name: str) -> nw.Expr:
    """Read a column as decimal numbers, in which no sum wraps around; missing is 0."""
    if frame.collect_schema()[name] == nw.Boolean:
        return nw.when(nw.col(name)).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    number = nw.col(name).cast(nw.Float64)
    return nw.when(is_missing(frame, name)).then(nw.lit(0.0)).otherwise(number)


def is_missing(frame: Frame, name: str) -> nw.Expr:
    """Tell rows without a value: null, or not a number where the column can hold that."""
    column = nw.col(name)
    if frame.collect_schema()[name].is_float():
        return column.is_null() | column.is_nan()
    return column.is_null()


def date_parts(frame: Frame, name: str, *, parts: int, caller: str) -> dict[str, nw.Expr]:
    """Split a date into year, month and day, which every engine can.

    Truncating to a month fails on one engine, to a week on others; the parts are whole numbers
    kept apart, since polars holds months in eight bits and arithmetic on them wraps.

    Raises
    ------
    DateError
        If the column holds no dates, or dates with a time zone: the month of an answer at midnight
        would hang on the zone of the machine.
    """
    kind = frame.collect_schema()[name]
    if isinstance(kind, nw.Datetime) and kind.time_zone is not None:
        raise DateError(
            f"{caller} counts in local time, and '{name}' carries the zone '{kind.time_zone}'.\n"
            '  Name the zone to count in:  time_zone="Europe/London" where the data is opened '
            "(on the command line --time-zone Europe/London)."
        )
    if not isinstance(kind, nw.Datetime | nw.Date):
        raise DateError(
            f"{caller} needs dates in '{name}', which holds {kind}.\n"
            "  A file opened with open_table() has its dates read; in a frame of your own, "
            "make them dates first."
        )
    dt = nw.col(name).dt
    return dict(zip(PARTS, (dt.year(), dt.month(), dt.day())[:parts], strict=False))


def band_codes(frame: Frame, name: str, edges: Sequence[float]) -> nw.Expr:
    """Give each value its band as a number: -1 where missing, else how many edges it reaches."""
    column = nw.col(name)
    codes = nw.lit(len(edges))
    for code, edge in reversed(list(enumerate(edges))):
        codes = nw.when(column < edge).then(nw.lit(code)).otherwise(codes)
    return nw.when(is_missing(frame, name)).then(nw.lit(-1)).otherwise(codes)


def localise(frame: Frame, time_zone: str, *, caller: str) -> Frame:
    """Turn every aware timestamp into a local one of `time_zone`, without a zone.

    Raises
    ------
    DateError
        If the engine reads timestamps in another zone and cannot convert them: its months would
        differ from those asked for, in silence.
    """
    aware = [
        name
        for name, kind in frame.collect_schema().items()
        if isinstance(kind, nw.Datetime) and kind.time_zone is not None
    ]
    if not aware:
        return frame
    session = session_zone(frame)
    if session is not None and not _same_zone(session, time_zone):
        raise DateError(
            f"{caller} was asked for time_zone='{time_zone}', but this {frame.implementation} "
            f"session reads '{aware[0]}' in '{session}'.\n"
            f"  Set the session to {time_zone}, or name {session} if that is meant."
        )
    local = [nw.col(name).dt for name in aware]
    if session is None:
        local = [each.convert_time_zone(time_zone).dt for each in local]
    with plainly(f"The time zone of '{aware[0]}'"):
        return frame.with_columns(*(each.replace_time_zone(None) for each in local))


def session_zone(frame: Frame) -> str | None:
    """Name the zone an engine shows its timestamps in; None where each column knows its own."""
    native: Any = frame.to_native()
    if frame.implementation.is_duckdb():
        return str(native.query("t", "select current_setting('TimeZone')").fetchall()[0][0])
    if frame.implementation.is_pyspark():
        return str(native.sparkSession.conf.get("spark.sql.session.timeZone"))
    return None


def _same_zone(one: str, other: str) -> bool:
    names = {"etc/utc": "utc", "z": "utc", "gmt": "utc", "etc/gmt": "utc"}
    plain = [names.get(name.lower(), name.lower()) for name in (one, other)]
    return plain[0] == plain[1]
