"""What an address means, and what opens it.

=========================  =====================================================================
``s3://bucket/x.parquet``  a store that polars reads: also ``gs://``, ``az://``, ``https://`` and
                           their like; a file, a pattern, or a folder of tables
``duckdb:centre.duckdb``   the tables of a DuckDB file, which is only read
``postgres://host/base``   the tables of a PostgreSQL database, reached through Ibis
``spark:schema``           the tables of a schema, in the Spark session that runs or a new one
=========================  =====================================================================

In a database, tables go by the kit's names; ``?schema=...`` and ``?table=...`` name others, as does
``?table=schema.table``.
Credentials are the environment's: they are never part of an address.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nps_kit.credentials import hide_login, refuse_credentials
from nps_kit.errors import SourceError, listed, nearest
from nps_kit.rows.addresses.drivers import Asked, Opened, match_names
from nps_kit.rows.addresses.duckdb_files import find_duckdb, open_duckdb
from nps_kit.rows.addresses.postgres import open_postgres
from nps_kit.rows.addresses.spark import open_spark
from nps_kit.rows.addresses.stores import STORES, find_in_store, scan_store
from nps_kit.schema import TABLES

_RESPONSES = "responses"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//)?")
_DUCKDB = ".duckdb"

_DATABASES: dict[str, Callable[[Asked], Opened]] = {
    "duckdb": open_duckdb,
    "postgres": open_postgres,
    "postgresql": open_postgres,
    "spark": open_spark,
}
"""Beginnings of the addresses of databases, and what opens their tables."""


def is_elsewhere(address: str) -> bool:
    """Tell the address of a store or a database from the path of a file that is read here.

    Parameters
    ----------
    address
        As the user gave it.

    Returns
    -------
    True where `find_tables` and `open_there` are to open it.

    Raises
    ------
    SourceError
        If it holds a password, or begins like an address that nothing here reads.

    Examples
    --------
    >>> is_elsewhere("postgres://host/base"), is_elsewhere("data/mine")
    (True, False)
    """
    refuse_credentials(address)
    scheme = _SCHEME.match(address)
    if scheme is None:
        return address.lower().endswith(_DUCKDB)
    if scheme[1].lower() in (*STORES, *_DATABASES):
        return True
    if scheme[2]:
        raise SourceError(
            f"'{address}' begins with '{scheme[0]}', which open_table() does not read.\n"
            "  It reads files and folders, s3://, gs://, az://, https://, duckdb:FILE, "
            "postgres://HOST/DATABASE and spark:SCHEMA.  Open others with polars, DuckDB or Ibis, "
            "and give open_table() the frame."
        )
    return False


def is_store(address: str) -> bool:
    """Tell an address that polars reads from one of a database.

    Parameters
    ----------
    address
        An address for which `is_elsewhere` is true.

    Returns
    -------
    True for a store.

    Examples
    --------
    >>> is_store("s3://bucket/answers.parquet"), is_store("spark:sales")
    (True, False)
    """
    scheme = _SCHEME.match(address)
    return scheme is not None and scheme[1].lower() in STORES


def describe(address: str) -> str:
    """Write an address as a page may show it: without who asks, and without settings.

    Parameters
    ----------
    address
        An address for which `is_elsewhere` is true.

    Returns
    -------
    The place, and the schema and the table where they are named.

    Examples
    --------
    >>> describe("postgres://ann@host/base?sslmode=require&schema=sales")
    'postgres://host/base?schema=sales'
    """
    place, options = _split(address)
    if is_store(address):
        return place
    kept = {name: text for name, text in options.items() if name in ("schema", "table")}
    place = hide_login(place)
    return f"{place}?{urlencode(kept)}" if kept else place


def check_place(address: str) -> None:
    """Look whether the place of an address is named, and is there if it is on this machine.

    Parameters
    ----------
    address
        An address for which `is_elsewhere` is true.

    Raises
    ------
    SourceError
        If a store's address names none, or there is no such DuckDB file.
    """
    place, _ = _split(address)
    if is_store(address):
        if not place.partition("://")[2].strip("/"):
            raise SourceError(
                f"'{address}' names no place.\n  An address is s3://BUCKET/FOLDER, or its like."
            )
    elif _opener(place) is open_duckdb:
        find_duckdb(place)


def find_tables(address: str, *, time_zone: str | None = None) -> dict[str, Any] | None:
    """Find the kit's tables at an address that is elsewhere.

    Parameters
    ----------
    address
        An address for which `is_elsewhere` is true.
    time_zone
        The zone whose clock a database's timestamps are to show, where they are moments in time.

    Returns
    -------
    By the kit's name, an address that `open_there` opens, or a database's frame; None where the
    address is that of one table.

    Raises
    ------
    SourceError
        If the place cannot be reached, or has no responses.
    """
    if is_store(address):
        return find_in_store(address)
    _, options = _split(address)
    return None if "table" in options else _open(address, tuple(TABLES), time_zone=time_zone)


def open_there(address: str, *, time_zone: str | None = None) -> Any:  # noqa: ANN401 - any frame
    """Open one table at an address that is elsewhere.

    Parameters
    ----------
    address
        An address for which `is_elsewhere` is true; a database's that names no table means its
        responses.
    time_zone
        As for `find_tables`.

    Returns
    -------
    For a store a lazy polars frame, its text unread. For a database a DuckDB relation, an Ibis
    table or a Spark frame, its moments turned into the clock of `time_zone` where one is named.

    Raises
    ------
    SourceError
        If it cannot be reached or has no such table, or a package is missing that reaches it.
    """
    if is_store(address):
        return scan_store(address)
    _, options = _split(address)
    name = options.get("table", _RESPONSES)
    return _open(address, (name,), time_zone=time_zone)[name]


def _split(address: str) -> tuple[str, dict[str, str]]:
    place, _, query = address.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    schema, dot, table = options.get("table", "").rpartition(".")
    if dot and "schema" not in options:
        # As databases write it; a dot in a name of its own needs the schema beside it.
        options |= {"schema": schema, "table": table}
    return place, options


def _opener(place: str) -> Callable[[Asked], Opened]:
    scheme = _SCHEME.match(place)
    return _DATABASES[scheme[1].lower() if scheme else "duckdb"]


def _open(address: str, names: Sequence[str], *, time_zone: str | None) -> dict[str, Any]:
    place, options = _split(address)
    opened = _opener(place)(Asked(place, options, names, time_zone))
    wanted = names[0] if len(names) == 1 else _RESPONSES
    if wanted in opened.tables:
        return opened.tables
    shown = describe(address)
    if match_names([wanted], opened.closed):
        raise SourceError(
            f"'{shown}' has a table '{wanted}', which may not be read with these credentials.\n"
            "  Ask who keeps the database for the right to select from it."
        )
    hint = f"{shown}{'&' if '?' in shown else '?'}table=NAME"
    raise SourceError(
        f"'{shown}' has no table '{wanted}'.\n  It has: {listed(opened.present)}."
        + (nearest(wanted, opened.present) or f"  Name the one with the answers:  {hint}")
    )
