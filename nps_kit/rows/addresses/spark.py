"""The tables of a schema that Spark knows, in the session that runs or a new one."""

import re
from typing import Any

from nps_kit.errors import DateError
from nps_kit.rows.addresses.drivers import Asked, Opened, attempt, load, match_names

_ZONE = "spark.sql.session.timeZone"


def open_spark(asked: Asked) -> Opened:
    """Open tables of a schema as frames of one Spark session.

    A session that runs is taken as it is. A new one is set up by Spark's own files and settings,
    so that it finds the cluster and its catalogue.

    Raises
    ------
    SourceError
        If Spark does not start, or knows no such schema.
    DateError
        If the session shows times in another zone, and cannot be given one beside it.
    """
    sql = load("pyspark.sql", extra="spark", use="Spark")
    load("pyarrow", extra="spark", use="Spark")  # in which it hands over its counts
    schema = asked.options.get("schema") or re.sub(r"(?i)^spark:(//)?", "", asked.place)
    session = sql.SparkSession.getActiveSession() or attempt(
        "Spark cannot be started",
        sql.SparkSession.builder.getOrCreate,
        remedy="It needs Java 17 (JAVA_HOME), and reads its settings from SPARK_CONF_DIR.",
    )
    session = _show_clock(session, asked.time_zone)
    prefix = "".join(f"{_quote(part)}." for part in schema.split(".") if part)
    rows = attempt(
        f"'{asked.place}' cannot be read",
        lambda: session.sql(f"show tables in {prefix[:-1]}" if prefix else "show tables").collect(),
        remedy="Name a schema that Spark knows:  spark:SCHEMA",
    )
    # A view of the session belongs to no schema, and gives way to the table of a schema named.
    views = {row.tableName: "" for row in rows if row.isTemporary}
    kept = {row.tableName: prefix for row in rows if not row.isTemporary}
    homes = views | kept if prefix else kept | views
    tables = {}
    for ours, theirs in match_names(asked.names, list(homes)).items():
        table = session.table(f"{homes[theirs]}{_quote(theirs)}")
        fields = table.schema.fields if asked.time_zone is not None else ()
        aware = [field.name for field in fields if field.dataType.typeName() == "timestamp"]
        local = {name: table[_quote(name)].cast("timestamp_ntz") for name in aware}
        tables[ours] = table.withColumns(local) if local else table
    return Opened(tables, list(homes))


def _show_clock(session: Any, time_zone: str | None) -> Any:  # noqa: ANN401 - a Spark session
    """Find a session that shows times in the zone; the user's own keeps its setting."""
    shown = session.conf.get(_ZONE)
    if time_zone is None or shown == time_zone:
        return session
    try:
        beside = session.newSession()
    except Exception:  # noqa: BLE001 - a session far away has none beside it
        raise DateError(
            f"This Spark session shows times in '{shown}', not in '{time_zone}'.\n"
            f"  Set {_ZONE} to {time_zone} first, or name {shown} if that is meant."
        ) from None
    beside.conf.set(_ZONE, time_zone)
    return beside


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
