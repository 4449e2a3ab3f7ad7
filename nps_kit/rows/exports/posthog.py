"""PostHog: one event a submission or several, answers keyed by question or by place."""

import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.exports.candidates import find_scores
from nps_kit.rows.exports.files import Opened, with_frame
from nps_kit.rows.exports.headers import fold_name, tidy_name
from nps_kit.rows.exports.mapping import Mapping, Rule
from nps_kit.rows.exports.objects import flatten
from nps_kit.rows.exports.roles import find_comment

_BEFORE = re.compile(r"^(?:\*\.)?(?:properties[._]{1,2}(?=\$))?")
_ANSWER = re.compile(r"^\$survey_response(?:_(?P<key>.+))?$")
_SURVEY = ("$survey_name", "$survey_id")


def is_posthog(opened: Opened) -> float:
    """Tell how surely a table is one of PostHog's events."""
    names = {_BEFORE.sub("", fold_name(name)) for name in opened.names}
    if "event" not in names:
        return 0.0
    if "$survey_id" in names or any(_ANSWER.match(name) for name in names):
        return 1.0
    if "properties" not in names:
        return 0.0
    cells = opened.sample[next(n for n in opened.names if fold_name(n) == "properties")]
    return float(cells.cast(pl.String).str.contains("$survey_", literal=True).any() or False)


def prepare_posthog(opened: Opened) -> tuple[Opened, Mapping]:
    """Read the layout of PostHog's `survey sent` events.

    Parameters
    ----------
    opened
        The events.

    Returns
    -------
    The events with a column for each question, named by its text where the events tell it; and
    how the columns become the kit's. Of several events of one submission the latest counts.
    """
    rows = opened.frame.collect()
    events = [_fields(row) for row in rows.iter_rows(named=True)]
    surveys = list(dict.fromkeys(filter(None, (_survey(event) for event in events))))
    answers: list[dict[str, str]] = []
    for event in events:
        found = dict(_answers(event))
        beside = f" ({_survey(event)})" if len(surveys) > 1 else ""
        answers.append({f"{name}{beside}": value for name, value in found.items()})
    fields = list(dict.fromkeys(name for event in events for name in event))
    fields = [name for name in fields if not _ANSWER.match(name) and name != ROW]
    questions = list(dict.fromkeys(name for each in answers for name in each))
    frame = pl.DataFrame(
        {
            ROW: rows[ROW],
            **{name: _texts([event.get(name) for event in events]) for name in fields},
            **{name: _texts([each.get(name) for each in answers]) for name in questions},
        }
    )
    ready = with_frame(opened, frame.lazy())
    columns = {
        "responded_at": ("timestamp", "created_at"),
        "customer_id": ("distinct_id", "person_id", "person.id"),
        "response_id": ("$survey_submission_id", "uuid", "id"),
    }
    scores = [each.name for each in find_scores(ready, frame) if each.name in questions]
    if len(scores) == 1:
        columns["score"] = (scores[0],)
    comment = find_comment(ready, frame, scores)
    texts = [name for name in questions if name not in scores]
    if comment or len(texts) == 1:
        columns["comment"] = (comment or texts[0],)
    rules = (
        Rule("not an answer", "event", keep=("survey sent",)),
        Rule("not finished", "$survey_completed", values=("false",)),
        Rule("not finished", "$survey_partially_completed", values=("true",)),
    )
    return ready, Mapping("PostHog", columns=columns, rules=rules, zone="UTC")


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    """Bring an event's properties to the top, however the export wrapped them."""
    fields: dict[str, Any] = {}
    for name, value in row.items():
        name = _BEFORE.sub("", name)  # noqa: PLW2901
        if fold_name(name) == "properties" and isinstance(value, str):
            try:
                inside = json.loads(value)
            except json.JSONDecodeError:
                inside = None
            if isinstance(inside, dict):
                fields |= flatten(inside)
                continue
        fields[name] = value
    return fields


def _survey(event: dict[str, Any]) -> str:
    return next((str(event[name]) for name in _SURVEY if event.get(name)), "")


def _answers(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give each answer under its question: by its id where that is told, else by its place."""
    told = _questions(event)
    keyed = {}
    for name, value in event.items():
        if value is not None and (found := _ANSWER.match(name)):
            keyed[found["key"] or "0"] = str(value)
    by_place = {key: value for key, value in keyed.items() if key.isdigit()}
    by_id = {key: value for key, value in keyed.items() if not key.isdigit()}
    for key, value in (*by_place.items(), *by_id.items()):
        named = told.get(key)
        if named is None and key in by_place and by_place[key] in by_id.values() and not told:
            continue  # the same answer under both keys, and no telling which
        bare = "$survey_response" if key == "0" else f"$survey_response_{key}"
        yield tidy_name(named or bare), value


def _questions(event: dict[str, Any]) -> dict[str, str]:
    """Read the texts of the questions, by their ids and by their places."""
    try:
        listed = json.loads(event.get("$survey_questions") or "[]")
    except (json.JSONDecodeError, TypeError):
        return {}
    told: dict[str, str] = {}
    for place, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, dict) and each.get("question"):
            told[str(each.get("index", place))] = str(each["question"])
            if each.get("id"):
                told[str(each["id"])] = str(each["question"])
    return told


def _texts(values: list[Any]) -> pl.Series:
    return pl.Series([None if each is None else str(each) for each in values], dtype=pl.String)
