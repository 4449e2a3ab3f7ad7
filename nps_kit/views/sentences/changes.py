"""Why a score moved, in words: noise or signal first, then who contacted, who answered, how."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.changes import PART_WORDS, Change, Moved, read_changes
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    MINUS,
    start_sentence,
    write_list,
    write_points,
    write_score,
)

_MOST_NAMED = 2
_WORTH_NAMING = 0.2
"""What the second segment must have given of what the first gave, to be named beside it."""


def say_changes(changes: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say whether a change is more than chance, and if so where it comes from.

    Within chance there is nothing to explain, and no segment is named.

    Parameters
    ----------
    changes
        Table as `decompose_change` makes it.
    length
        "short" leaves the segments, and what not to conclude, to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``change``, ``low``, ``high``, ``clear``, ``nps_before``, ``nps_after``,
    ``n_before``, ``n_after``, ``parts`` (by name) and ``segments`` (those named).

    Raises
    ------
    MissingColumnError
        If `changes` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices, or the table has no row for all answers.
    """
    check_choice(length, get_args(Length), caller="say_changes()", option="length")
    change = read_changes(changes, caller="say_changes()")
    named = _choose_segments(change)
    facts = _collect(change, named)
    if not change.known:
        empty = [period for period, n in zip(change.periods, change.whole.n, strict=True) if not n]
        where = " or in ".join(empty) or "these periods"
        said = f"No change can be told: no answer that counts is in {where}."
        return Sentence(said, facts=facts)
    if change.whole.few:
        points = _write_change(change)
        counts = " and ".join(f"{n:,}" for n in change.whole.n)
        said = f"The change of {points}{_say_scores(change)}, rests on too few answers"
        return Sentence(f"{said} to be explained ({counts}).", facts=facts)
    short = length == "short"
    said = _say_signal(change, short=short) if change.clear else _say_noise(change, short=short)
    if not short:
        # Where nothing is explained, nobody misses contacts.
        unsplit = change.unsplit if change.clear_parts() else ""
        told = (said, _say_segments(change, named), unsplit, _say_caution(change))
        said = " ".join(part for part in told if part)
    return Sentence(said, facts=facts)


def _say_signal(change: Change, *, short: bool) -> str:
    """Say that the score moved, and which parts are beyond chance."""
    points = change.whole.change.points
    verb = "fell" if points < 0 else "rose"
    said = f"The score {verb} by {_write_size(change)}{_say_scores(change, short=short)}"
    if change.lone:
        return f"{said}."
    clear = change.clear_parts()
    vague = [name for name in change.parts if name not in clear]
    if not clear:
        told = "no part of it is clear by itself"
        return f"{said}; {told}." if short else f"{said}; {told}: {_list_parts(change, vague)}."
    along = [name for name in clear if (change.whole.parts[name].points > 0) == (points > 0)]
    against = [name for name in clear if name not in along]
    told = f"It comes from {_list_parts(change, along)}" if along else ""
    if against:
        held = f"{_list_parts(change, against)} pulled the other way"
        told = f"{told}, while {held}" if told else start_sentence(held)
    if vague and not short:
        told += f"; nothing beyond chance shows in {_list_parts(change, vague, join='or')}"
    return f"{said}. {told}."


def _say_noise(change: Change, *, short: bool) -> str:
    """Say that there is nothing to explain; or that two things moved and nearly cancelled."""
    points = _write_change(change)
    comma = "" if short else ","
    said = f"The change of {points}{_say_scores(change, short=short)}{comma} is within chance"
    clear = change.clear_parts()
    if not clear or change.lone:
        return f"{said}: there is nothing to explain."
    return f"{said} as a whole. Beyond chance is what came from {_list_parts(change, clear)}."


def _say_scores(change: Change, *, short: bool = False) -> str:
    decimals = change.whole.change.decimals
    scores = " to ".join(write_score(nps or 0.0, decimals=decimals) for nps in change.whole.nps)
    span = change.whole.change.span()
    bounds = change.on_scale + (f" ({span})" if span else "")
    return bounds if short else f", from {scores}{bounds}"


def _list_parts(change: Change, names: Sequence[str], *, join: str = "and") -> str:
    told = [f"{PART_WORDS[name]} ({_tell_part(change, name)})" for name in names]
    return f" {join} ".join([", ".join(told[:-1]), told[-1]]) if told[1:] else "".join(told)


def _tell_part(change: Change, name: str) -> str:
    # The two names by which an analyst knows them.
    head = f"{name} " if name in ("mix", "rate") else ""
    return head + change.whole.parts[name].told()


def _write_size(change: Change) -> str:
    gave = change.whole.change
    size = write_points(abs(gave.points), decimals=gave.decimals)
    if not float(size):
        return "less than a point"
    return f"{size} {'point' if size == '1' else 'points'}"


def _write_change(change: Change) -> str:
    text = change.whole.change.score()
    return f"{text} {'point' if text.lstrip(f'+{MINUS}') == '1' else 'points'}"


def _choose_segments(change: Change) -> list[tuple[Moved, str]]:
    """Choose the clearest segments of the largest clear part: those that gave most of it."""
    whole = change.whole
    along = [
        name
        for name in change.clear_parts()
        if (whole.parts[name].points > 0) == (whole.change.points > 0)
    ]
    if not change.clear or not along or change.lone:
        return []
    part, down = along[0], whole.change.points < 0
    found = [
        segment
        for segment in change.segments
        if not segment.few
        and segment.parts[part].clear
        and (segment.parts[part].points < 0) == down
    ]
    found.sort(key=lambda segment: -abs(segment.parts[part].points))
    least = _WORTH_NAMING * max((abs(segment.parts[part].points) for segment in found), default=0)
    worth = [segment for segment in found if abs(segment.parts[part].points) >= least]
    return [(segment, part) for segment in worth[:_MOST_NAMED]]


def _say_segments(change: Change, named: Sequence[tuple[Moved, str]]) -> str:
    """Name segments; that they gave the most is said only where no other one gave as much."""
    told = [f"{segment.spoken} ({segment.parts[part].told()})" for segment, part in named]
    if not told:
        return ""
    part, chosen = named[0][1], [segment for segment, _ in named]
    down = change.whole.change.points < 0
    least = min(abs(segment.parts[part].points) for segment in chosen)
    others = [row.parts[part].points for row in change.segments if row not in chosen]
    # Of few answers, or within chance by itself, another may have given more.
    if any((points < 0) == down and abs(points) >= least for points in others):
        return f"It is clear in {write_list(told)}."
    return start_sentence(f"{write_list(told)} gave the most.")


def _say_caution(change: Change) -> str:
    """Say what not to conclude."""
    clear = change.clear_parts()
    if not change.clear:
        return "" if clear else "That is no proof that nothing changed."
    if change.lone:
        return "With one segment, who answered cannot be told from how they scored."
    if "rate" not in change.parts:
        return "No segment answered in both periods, so how they scored cannot be told."
    words = {
        "": "",
        "rate": "That says where to look, not why.",
        "response": "Those who did not answer may have scored otherwise: it is no verdict on "
        "service.",
        "contacts": "A change in who contacts us is no verdict on service.",
        "mix": "A change in who answers is no verdict on service.",
    }
    return words["rate" if "rate" in clear else "".join(clear[:1])]


def _collect(change: Change, named: Sequence[tuple[Moved, str]]) -> dict[str, Any]:
    whole = change.whole
    return {
        "change": whole.change.value,
        "low": whole.change.low,
        "high": whole.change.high,
        "clear": change.clear,
        "nps_before": whole.nps[0],
        "nps_after": whole.nps[1],
        "n_before": whole.n[0],
        "n_after": whole.n[1],
        "before": change.starts[0].isoformat(),
        "after": change.starts[1].isoformat(),
        "parts": {name: whole.parts[name].facts() for name in change.parts},
        "segments": [
            {"segment": segment.label, "part": part} | segment.parts[part].facts()
            for segment, part in named
        ],
    }
