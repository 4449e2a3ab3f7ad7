"""The tables of a PostgreSQL database, reached through Ibis: it counts, and is only read."""

import os
import weakref
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from nps_kit.credentials import hide_login
from nps_kit.rows.addresses.drivers import Asked, Opened, attempt, load, match_names

_PATIENCE = "10"
"""Seconds to wait for a database that does not answer, where nothing else is set."""

_OURS = ("schema", "table")
"""Options of an address that are ours; the others are the driver's."""

_PRESENT = """
select n.nspname, c.relname,
  pg_catalog.has_schema_privilege(n.oid, 'usage')
    and pg_catalog.has_any_column_privilege(c.oid, 'select')
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
and case when %(schema)s::text is null
  then pg_catalog.pg_table_is_visible(c.oid)
    and n.nspname not in ('pg_catalog', 'information_schema')
  else n.nspname = %(schema)s end
order by 2
"""
"""Tables, plain, partitioned or foreign, and views; without a schema, those of the search path."""

_WORDS = """
select a.attname from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type t on t.oid = a.atttypid
where n.nspname = %s and c.relname = %s and a.attnum > 0 and not a.attisdropped
and (t.typtype = 'e' or t.typname in
  ('uuid', 'inet', 'cidr', 'macaddr', 'macaddr8', 'json', 'jsonb', 'xml', 'citext'))
"""
"""Columns of types that are words to everybody else: nothing outside knows them, or joins them."""


def open_postgres(asked: Asked) -> Opened:
    """Open tables of a PostgreSQL database as Ibis tables of one connection.

    What the address leaves out, the password above all, the driver finds in the environment.

    Raises
    ------
    SourceError
        If the database cannot be reached, or a package is missing that reaches it.
    """
    use = "A PostgreSQL database"
    psycopg = load("psycopg", extra="postgres", use=use)
    load("pyarrow", extra="postgres", use=use)
    ibis = load("ibis", extra="postgres", use=use)
    shown = hide_login(asked.place)
    connection = attempt(
        f"'{shown}' cannot be reached",
        lambda: psycopg.connect(_write_uri(asked), autocommit=True),
        remedy="An address is postgres://USER@HOST:PORT/DATABASE; the password is PGPASSWORD, or "
        "in ~/.pgpass.",
    )
    connection.read_only = True
    base = ibis.postgres.from_connection(connection)
    # Held by its tables alone: when the last of them is gone, the connection is closed.
    weakref.finalize(base, connection.close)
    rows = attempt(
        f"'{shown}' cannot be read",
        lambda: connection.execute(_PRESENT, {"schema": asked.options.get("schema")}).fetchall(),
        remedy="Look at what it says, or ask who keeps the database.",
    )
    homes = {name: home for home, name, open_to_us in rows if open_to_us}
    tables = {}
    for ours, theirs in match_names(asked.names, list(homes)).items():
        table = base.table(theirs, database=homes[theirs])
        words = connection.execute(_WORDS, (homes[theirs], theirs)).fetchall()
        table = _write_out(ibis, table, [name for (name,) in words])
        tables[ours] = _show_clock(ibis, table, asked.time_zone)
    return Opened(tables, list(homes), [name for _, name, open_to_us in rows if not open_to_us])


def _write_uri(asked: Asked) -> str:
    settings = {name: text for name, text in asked.options.items() if name not in _OURS}
    settings.setdefault("fallback_application_name", "nps-kit")
    if "PGCONNECT_TIMEOUT" not in os.environ:
        settings.setdefault("connect_timeout", _PATIENCE)
    _, _, rest = asked.place.partition(":")
    rest = rest if rest.startswith("//") else f"///{rest}"
    return f"postgresql:{rest}?{urlencode(settings)}"


def _write_out(ibis: Any, table: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 - Ibis's own
    """Turn columns into text there; of an enumeration Ibis believes that it is text already."""
    text = ibis.udf.scalar.builtin(_text, name="text", signature=(("string",), "string"))
    written = {name: text(table[name].cast("string")) for name in names}
    return table.mutate(**written) if written else table


def _show_clock(ibis: Any, table: Any, time_zone: str | None) -> Any:  # noqa: ANN401 - Ibis's own
    """Turn moments into a zone's clock, by name: no setting of the session has a say in it."""
    kinds = table.schema().items()
    aware = [name for name, kind in kinds if kind.is_timestamp() and kind.timezone]
    if time_zone is None or not aware:
        return table
    clock = ibis.udf.scalar.builtin(
        _timezone,
        name="timezone",
        signature=(("string", ibis.dtype("timestamp('UTC')")), "timestamp"),
    )
    return table.mutate(**{name: clock(time_zone, table[name]) for name in aware})


def _timezone(zone: str, at: object) -> object:
    """Stand for the database's own function, which is called in its place."""
    raise NotImplementedError(zone, at)


def _text(value: object) -> object:
    """Stand for the database's own function, which is called in its place."""
    raise NotImplementedError(value)
