"""The tables of a DuckDB file, which is only read."""

import re
from pathlib import Path

from nps_kit.errors import SourceError, listed, nearest
from nps_kit.rows.addresses.drivers import Asked, Opened, attempt, load, match_names

_AWARE = "TIMESTAMP WITH TIME ZONE"
_PRESENT = """
select table_name from information_schema.tables
where table_schema = ? and table_catalog = current_catalog() order by 1
"""


def find_duckdb(place: str) -> Path:
    """Find the file of an address, which is not opened.

    Raises
    ------
    SourceError
        If there is no such file; those beside it come with it.
    """
    path = Path(re.sub(r"(?i)^duckdb:(//)?", "", place)).expanduser()
    if path.is_file():
        return path
    folder = path.parent if path.parent.is_dir() else Path()
    beside = sorted(found.name for found in folder.glob("*.*db"))
    raise SourceError(
        f"There is no DuckDB file '{path}' (looked in {Path.cwd()}).\n"
        f"  In '{folder}' there is: {listed(beside)}.{nearest(path.name, beside)}"
    )


def open_duckdb(asked: Asked) -> Opened:
    """Open tables of a DuckDB file as relations of one session.

    Raises
    ------
    SourceError
        If there is no such file, or it cannot be read.
    """
    duckdb = load("duckdb", extra="duckdb", use="A DuckDB file")
    load("pyarrow", extra="duckdb", use="A DuckDB file")  # in which it hands over its counts
    path = find_duckdb(asked.place)
    base = attempt(
        f"The DuckDB file '{path}' cannot be opened",
        lambda: duckdb.connect(str(path), read_only=True),
        remedy="If something else has it open for writing, close that, or give a copy.",
    )
    schema = asked.options.get("schema", "main")
    present = [str(name) for (name,) in base.execute(_PRESENT, [schema]).fetchall()]
    tables = {}
    for ours, theirs in match_names(asked.names, present).items():
        table = base.sql(f"from {_quote(schema)}.{_quote(theirs)}")
        kinds = zip(table.columns, table.types, strict=True)
        aware = [_quote(column) for column, kind in kinds if str(kind) == _AWARE]
        if asked.time_zone is not None and aware:
            # The zone is named in the query: no setting of the session has a say in it.
            zone = asked.time_zone.replace("'", "''")
            local = ", ".join(f"timezone('{zone}', {column}) as {column}" for column in aware)
            table = table.project(f"* replace ({local})")
        tables[ours] = table
    return Opened(tables, present)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
