"""The tables of what loyalty brings, read once for every sentence, chart and table."""

from nps_kit.views.outcomes.reading import (
    NOBODY,
    Curve,
    Day,
    Line,
    Lines,
    Ratio,
    Retention,
    Shared,
    read_amounts,
    read_hazards,
    read_retention,
    say_missing,
)
from nps_kit.views.outcomes.single import Calls, Lot, Worth, read_calls, read_worth

__all__ = [
    "NOBODY",
    "Calls",
    "Curve",
    "Day",
    "Line",
    "Lines",
    "Lot",
    "Ratio",
    "Retention",
    "Shared",
    "Worth",
    "read_amounts",
    "read_calls",
    "read_hazards",
    "read_retention",
    "read_worth",
    "say_missing",
]
