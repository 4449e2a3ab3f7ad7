"""What is known of the service in a contact: the metrics that a score can hang on."""

from nps_kit.schema.tables import TABLES, Column

MADE = (
    Column(
        "no_repeat_in_7_days",
        "boolean",
        "no other contact of the same customer about the same touchpoint within seven days",
    ),
    Column(
        "used_preferred_channel",
        "boolean",
        "the contact took place on the channel that the customer asked for",
    ),
)
"""What `tally_service` makes of the columns that a user brings."""

RESOLUTIONS = {"agent": "resolved_first_contact", "no repeat in 7 days": "no_repeat_in_7_days"}
"""The definitions of first-contact resolution, and the column that each one stands in."""

SERVICE_METRICS = (
    "wait_seconds",
    "hold_seconds",
    "transfers",
    "resolved_first_contact",
    "no_repeat_in_7_days",
    "had_to_repeat",
    "recognised",
    "proactive",
    "callback_offered",
    "used_preferred_channel",
    "abandoned",
    "handle_seconds",
    "qa_score",
)
"""What is known of the service in a contact: the drivers that a score can have."""

USUAL_METRICS = (
    "wait_seconds",
    "hold_seconds",
    "transfers",
    "resolved_first_contact",
    "had_to_repeat",
    "recognised",
    "proactive",
    "callback_offered",
    "used_preferred_channel",
)
"""Those that most centres know of most contacts. Few contacts have a quality score."""

_JOINED = ("responses", "interactions", "agents", "customers")


def find_column(name: str) -> Column | None:
    """Find a column of the tables that can stand beside an answer; None: the kit knows none."""
    told = (column for table in _JOINED for column in TABLES[table].columns)
    return next((column for column in (*told, *MADE) if column.name == name), None)
