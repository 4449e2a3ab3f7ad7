"""An export to try an import on: some of the answers as a survey tool would hand them over."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from nps_kit.rows.sample.chance import Chance, Floats
from nps_kit.scale import SCALES, band_of

_MOST = 600
_DAYS = 183
_SECONDS = 150
_TWICE = 4
_MISTYPED = "11"
_ZONE = "America/New_York"

_KINDS = (
    ("counts", 0.876),
    ("unfinished", 0.055),
    ("blank", 0.035),
    ("preview", 0.02),
    ("spam", 0.01),
    ("mistyped", 0.004),
)
"""What happens to an answer on its way, and how often."""

_COLUMNS = {
    "StartDate": ("Start Date", "startDate"),
    "EndDate": ("End Date", "endDate"),
    "Status": ("Response Type", "status"),
    "Progress": ("Progress", "progress"),
    "Duration (in seconds)": ("Duration (in seconds)", "duration"),
    "Finished": ("Finished", "finished"),
    "RecordedDate": ("Recorded Date", "recordedDate"),
    "ResponseId": ("Response ID", "_recordId"),
    "ExternalReference": ("External Data Reference", "externalDataReference"),
    "DistributionChannel": ("Distribution Channel", "distributionChannel"),
    "UserLanguage": ("User Language", "userLanguage"),
    "Q1": ("How likely are you to recommend us to a friend or colleague?", "QID1"),
    "Q1_NPS_GROUP": (
        "How likely are you to recommend us to a friend or colleague? - Group",
        "QID1_NPS_GROUP",
    ),
    "Q2": ("What is the main reason for your score?", "QID2_TEXT"),
    "touchpoint": ("touchpoint", "touchpoint"),
    "channel": ("channel", "channel"),
    "interaction_id": ("interaction_id", "interaction_id"),
}
"""By its name, what stands under each column in the second header row, and its id in the third."""


def write_qualtrics(responses: pl.DataFrame, *, seed: int) -> str:
    """Write answers of the last half year in the layout of a Qualtrics export, troubles and all.

    Parameters
    ----------
    responses
        The answers of a sample.
    seed
        Seed of which are taken, and what happens to them on their way.

    Returns
    -------
    The text of a CSV file with three header rows. Some of its rows are previews, spam, unfinished,
    blank, off the scale or there twice.
    """
    chance = Chance(seed, "survey tool's export")
    rows = _take(responses, chance)
    seconds = chance.exponential(len(rows)) * _SECONDS
    kinds = chance.pick(_weights(), len(rows))
    written = [
        _write_row(row, kind=_KINDS[kind][0], seconds=20 + int(took))
        for row, kind, took in zip(rows, kinds, seconds, strict=True)
    ]
    again = sorted({int(place) for place in chance.whole(max(len(rows), 1), _TWICE)})
    for place in reversed(again[: len(rows)]):
        written.insert(place, written[place])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerow(label for label, _ in _COLUMNS.values())
    writer.writerow(_detail(name) for _, name in _COLUMNS.values())
    writer.writerows(written)
    return out.getvalue()


def _take(responses: pl.DataFrame, chance: Chance) -> list[dict[str, Any]]:
    lowest, highest = SCALES["0-10"].lowest, SCALES["0-10"].highest
    answers = responses.filter(
        pl.col("survey") == "transactional", pl.col("score").is_between(lowest, highest)
    )
    last = pl.col("responded_at").max()
    recent = answers.filter(pl.col("responded_at") > last - pl.duration(days=_DAYS))
    drawn = recent.with_columns(band_of("score"), lot=pl.Series(chance.uniform(recent.height)))
    return drawn.sort("lot").head(_MOST).sort("responded_at", "response_id").to_dicts()


def _weights() -> Floats:
    return np.array([share for _, share in _KINDS])


def _detail(name: str) -> str:
    zone = f',"timeZone":"{_ZONE}"' if name.endswith("Date") else ""
    return f'{{"ImportId":"{name}"{zone}}}'


def _write_row(row: Mapping[str, Any], *, kind: str, seconds: int) -> list[object]:
    ended: datetime = row["responded_at"]
    finished = kind != "unfinished"
    scored = finished and kind != "blank"
    status = {"preview": "Survey Preview", "spam": "Spam"}.get(kind, "IP Address")
    return [
        ended - timedelta(seconds=seconds),
        ended,
        status,
        100 if finished else 40,
        seconds,
        finished,
        ended + timedelta(seconds=1),
        f"R_{row['response_id']}",
        row["customer_id"],
        "preview" if kind == "preview" else row["survey_channel"],
        "EN",
        (_MISTYPED if kind == "mistyped" else row["score"]) if scored else "",
        row["band"].removesuffix("s").capitalize() if scored else "",
        row["comment"] if finished else "",
        row["touchpoint"],
        row["channel"],
        row["interaction_id"],
    ]
