"""Qualtrics: two or three header rows, previews and unfinished answers among the rest."""

import re
from dataclasses import replace

import polars as pl

from nps_kit.rows.exports.candidates import GROUP, find_scores
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import find_name, fold_name
from nps_kit.rows.exports.mapping import Mapping, Rule
from nps_kit.rows.exports.roles import find_comment

NEEDS = (
    ("responseid", "response id"),
    ("status", "response type"),
    ("finished",),
    ("startdate", "start date"),
)
TYPICAL = (
    *("enddate", "ipaddress", "progress", "duration (in seconds)", "recordeddate"),
    *("recipientlastname", "recipientfirstname", "recipientemail", "externalreference"),
    *("locationlatitude", "locationlongitude", "distributionchannel", "userlanguage"),
)

_KNOWN = {"0", "ip address", "4", "imported", "16", "offline", ""}
_STATUS = "Status | Response Type"
_RULES = (
    Rule("preview", _STATUS, values=("1", "9", "17", "survey preview", "offline survey preview")),
    Rule("preview", "DistributionChannel | Distribution Channel", values=("preview",)),
    Rule("test", _STATUS, values=("2", "survey test")),
    Rule("spam", _STATUS, values=("8", "12", "spam", "imported spam", "possible spam")),
    Rule(
        "not finished", "Finished", values=("false", "0", "no", "falsch", "nein", "faux", "falso")
    ),
)


def prepare_qualtrics(opened: Opened) -> tuple[Opened, Mapping]:
    """Read the layout of a Qualtrics export.

    Parameters
    ----------
    opened
        The export.

    Returns
    -------
    The export, with warnings; and how its columns become the kit's.
    """
    sample = opened.sample
    columns = {
        "responded_at": ("RecordedDate", "Recorded Date", "EndDate", "End Date"),
        "response_id": ("ResponseId", "Response ID"),
        "survey_channel": ("DistributionChannel", "Distribution Channel"),
    }
    for name in ("ExternalReference", "ExternalDataReference", "RecipientEmail", "EmailAddress"):
        place = find_name(name, opened.names)
        if place and (sample[place].fill_null("") != "").any():
            columns["customer_id"] = (place,)
            break
    scores = [name[: -len(GROUP)] for name in opened.names if fold_name(name).endswith(GROUP)]
    scores = [name for name in scores if name in opened.names]
    if len(scores) == 1:
        columns["score"] = (scores[0],)
    taken = [name for names in columns.values() for name in names]
    taken += [score.name for score in find_scores(opened, sample)]
    if comment := find_comment(opened, sample, taken):
        columns["comment"] = (comment,)
    mapping = Mapping("Qualtrics", columns=columns, rules=_RULES, zone=_find_zone(opened))
    return replace(opened, warnings=(*opened.warnings, *_doubt_status(opened, sample))), mapping


def _find_zone(opened: Opened) -> str | None:
    """Find the zone that the third header row names."""
    for detail in opened.headers.details.values():
        if found := re.search(r'"timeZone"\s*:\s*"([^"]+)"', detail):
            return "UTC" if found[1] == "Z" else found[1]
    return None


def _doubt_status(opened: Opened, sample: pl.DataFrame) -> list[str]:
    name = find_name("Status", opened.names) or find_name("Response Type", opened.names)
    if name is None:
        return []
    known = _KNOWN.union(*(rule.values for rule in _RULES))
    words = sample[name].drop_nulls().str.strip_chars().unique().sort().to_list()
    unknown = [word for word in words if word.lower() not in known]
    if not unknown:
        return []
    shown = ", ".join(f"'{word}'" for word in unknown[:5])
    return [f"'{name}' says {shown}, which is not known: look whether such rows are previews."]
