"""What the kit knows of its tables, as plain data: columns, metrics, and how numbers are cut."""

from nps_kit.schema.bands import FINE_BANDS, SERVICE_BANDS, Band, name_bands, read_bands, read_edges
from nps_kit.schema.metrics import MADE, RESOLUTIONS, SERVICE_METRICS, USUAL_METRICS, find_column
from nps_kit.schema.tables import NO, TABLES, YES, Column, Kind, Table

__all__ = [
    "FINE_BANDS",
    "MADE",
    "NO",
    "RESOLUTIONS",
    "SERVICE_BANDS",
    "SERVICE_METRICS",
    "TABLES",
    "USUAL_METRICS",
    "YES",
    "Band",
    "Column",
    "Kind",
    "Table",
    "find_column",
    "name_bands",
    "read_bands",
    "read_edges",
]
