"""Amazon Connect contact records: delivered more than once, transfers told by chains."""

import polars as pl

from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.exports.files import Opened, with_frame
from nps_kit.rows.exports.headers import find_name
from nps_kit.rows.exports.mapping import Mapping, Rule

NEEDS = (
    ("contactid", "contact_id"),
    ("initiationtimestamp", "initiation_timestamp"),
    ("lastupdatetimestamp", "last_update_timestamp", "disconnecttimestamp"),
)
TYPICAL = (
    *("initialcontactid", "previouscontactid", "nextcontactid", "channel", "initiationmethod"),
    *("queue.name", "queue.duration", "agent.username", "agent.agentinteractionduration"),
)

_EARLIER = Rule("duplicate", "update", values=("earlier",))
_TRANSFERS = ("transfer", "queue_transfer")
_NOTE = (
    "Each leg of a contact that was passed on is a row of its own; transfers counts those of the "
    "whole chain."
)


def prepare_connect(opened: Opened) -> tuple[Opened, Mapping]:
    """Read the layout of Amazon Connect's contact records.

    Parameters
    ----------
    opened
        The records.

    Returns
    -------
    The records with columns of the kit's added, and how these become its table of contacts. Of a
    record that was delivered more than once the last update counts; the others are duplicates.
    """
    rows = opened.frame.collect()

    def cell(*names: str) -> pl.Expr:
        """Find a field by any of its names; null where there is none."""
        found = next((place for n in names if (place := find_name(n, opened.names))), None)
        return pl.lit(None, pl.String) if found is None else pl.col(found).cast(pl.String)

    contact = cell("ContactId", "contact_id")
    chain = pl.coalesce(cell("InitialContactId", "initial_contact_id"), contact)
    method = cell("InitiationMethod", "initiation_method").str.to_lowercase()
    previous = cell("PreviousContactId", "previous_contact_id")
    passed_on = pl.coalesce(method.is_in(_TRANSFERS), previous.is_not_null())
    updated = cell("LastUpdateTimestamp", "last_update_timestamp", "DisconnectTimestamp")
    # As text, a fraction of a second would stand before the Z of the whole one.
    updated = updated.str.strip_chars().str.strip_chars_end("Zz")
    queued = cell("Queue.EnqueueTimestamp", "queue_enqueue_timestamp")
    answered = cell("Agent.ConnectedToAgentTimestamp", "agent_connected_to_agent_timestamp")
    talked = _seconds(cell("Agent.AgentInteractionDuration"))
    held = _seconds(cell("Agent.CustomerHoldDuration"))
    made = rows.with_columns(_contact=contact, _chain=chain, _passed=passed_on, _at=updated)
    made = made.sort("_at", ROW, nulls_last=False).with_columns(
        _latest=pl.col("_contact").is_last_distinct() | pl.col("_contact").is_null()
    )
    moved = (pl.col("_passed") & pl.col("_latest")).sum().over("_chain").cast(pl.Int64)
    latest = pl.when(pl.col("_latest")).then(pl.lit("latest")).otherwise(pl.lit("earlier"))
    frame = (
        made.with_columns(
            moved.cast(pl.String).alias("transfers"),
            latest.alias("update"),
            (talked + held.fill_null(0)).cast(pl.String).alias("handle_seconds"),
            pl.when(answered.is_not_null())
            .then(pl.lit("false"))
            .when(queued.is_not_null())
            .then(pl.lit("true"))
            .alias("abandoned"),
        )
        .drop("_contact", "_chain", "_passed", "_at", "_latest")
        .sort(ROW)
    )
    columns = {
        "interaction_id": ("ContactId", "contact_id"),
        "started_at": ("InitiationTimestamp", "initiation_timestamp"),
        "customer_id": ("CustomerEndpoint.Address", "CustomerId", "customer_endpoint_address"),
        "agent_id": ("Agent.Username", "agent_username"),
        "touchpoint": ("Queue.Name", "queue_name"),
        "channel": ("Channel", "channel"),
        "wait_seconds": ("Queue.Duration", "queue_duration"),
        "handle_seconds": ("handle_seconds",),
        "hold_seconds": ("Agent.CustomerHoldDuration", "agent_customer_hold_duration"),
        "transfers": ("transfers",),
        "abandoned": ("abandoned",),
    }
    mapping = Mapping(
        "Amazon Connect",
        table="interactions",
        columns=columns,
        rules=(_EARLIER,),
        zone="UTC",
    )
    return with_frame(opened, frame.lazy(), note=_NOTE), mapping


def _seconds(cell: pl.Expr) -> pl.Expr:
    return cell.str.strip_chars().cast(pl.Float64, strict=False)
