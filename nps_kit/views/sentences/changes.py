"""Why a score moved, in words: noise or signal first, then who contacted, who answered, how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    clean,
    guess_unit,
    is_number,
    name_period,
    name_value,
    say_value,
    start_sentence,
    write_list,
    write_points,
    write_score,
    write_span,
)

PART_WORDS = {
    "mix": "who answered",
    "contacts": "who contacted us",
    "response": "who of them answered",
    "rate": "how they scored",
}
"""What each part of a change is called."""

_NEEDS = (
    *("total", "n_before", "n_after", "nps_before", "nps_after"),
    *("mix", "mix_low", "mix_high", "rate", "rate_low", "rate_high"),
    *("change", "low", "high", "few", "before", "after"),
)
_MOST_NAMED = 2
_ONE_SEGMENT = 2
"""Rows of a table of one segment: it, and all answers."""


@dataclass(frozen=True, slots=True)
class Gave:
    """What one part gave, with its bounds; nothing where it cannot be had."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def points(self) -> float:
        """The points of a part that is known."""
        return 0.0 if self.value is None else self.value

    @property
    def clear(self) -> bool:
        """Whether zero lies outside the bounds."""
        return is_number(self.low) and is_number(self.high) and (self.low > 0 or self.high < 0)

    def told(self) -> str:
        """Write the points with their bounds, if it has any."""
        return ", ".join(part for part in (write_score(self.points), self.span()) if part)

    def span(self) -> str:
        """Write the bounds."""
        return write_span(self.low, self.high)

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {"points": self.value, "low": self.low, "high": self.high, "clear": self.clear}


@dataclass(frozen=True, slots=True)
class Moved:
    """One row of a table of changes: a segment, or all answers."""

    label: str
    spoken: str
    n: tuple[int, int]
    shares: tuple[float | None, float | None]
    nps: tuple[float | None, float | None]
    change: Gave
    parts: dict[str, Gave]
    few: bool

    @property
    def size(self) -> float:
        """How much of the row there is to see: its largest part, either way."""
        return max(abs(self.parts[name].points) for name in ("mix", "rate"))


@dataclass(frozen=True, slots=True)
class Change:
    """A table of changes as a reader sees it: the whole, its parts in their order, its segments."""

    whole: Moved
    segments: tuple[Moved, ...]
    by: tuple[str, ...]
    starts: tuple[date, date]
    periods: tuple[str, str]
    parts: tuple[str, ...]
    level: float | None
    context: str

    @property
    def known(self) -> bool:
        """Whether both periods have answers."""
        return is_number(self.whole.change.value)

    @property
    def clear(self) -> bool:
        """Whether the change is beyond chance, and rests on answers enough to be explained."""
        return self.known and self.whole.change.clear and not self.whole.few

    @property
    def lone(self) -> bool:
        """Whether all answers are one segment, so that all of the change is rate."""
        return len(self.segments) == 1

    def clear_parts(self) -> list[str]:
        """Name the parts that are beyond chance, the largest first."""
        clear = [name for name in self.parts if self.whole.parts[name].clear]
        return sorted(clear, key=lambda name: -abs(self.whole.parts[name].points))


def read_changes(changes: pl.DataFrame, *, caller: str) -> Change:
    """Read a table of changes row by row.

    Parameters
    ----------
    changes
        Table as `decompose_change` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The whole, and the segments in the order of the table.

    Raises
    ------
    MissingColumnError
        If `changes` lacks a column that is needed.
    OptionError
        If it has no row for all answers, or more than one.
    """
    check_columns(changes, _NEEDS, caller=caller, name="changes")
    totals = changes.filter(pl.col("total"))
    if totals.height != 1:
        raise OptionError(
            f"{caller} needs one row for all answers, and `changes` has {totals.height:,}.\n"
            "  Pass the table as decompose_change() makes it, its last row included."
        )
    by = tuple(changes.columns[: changes.columns.index("total")])
    whole = totals.row(0, named=True)
    split = is_number(whole.get("contacts")) and is_number(whole.get("response"))
    shares = ("contacts", "response") if split else ("mix",)
    parts = (*(() if changes.height == _ONE_SEGMENT else shares), "rate")
    read = [
        _read_row(values, by=by)
        for values in changes.filter(~pl.col("total")).iter_rows(named=True)
    ]
    starts = (whole["before"], whole["after"])
    return Change(
        whole=_read_row(whole, by=()),
        segments=tuple(read),
        by=by,
        starts=starts,
        periods=_name_periods(starts, whole.get("every")),
        parts=tuple(name for name in parts if is_number(whole[name])),
        level=whole.get("level"),
        context=_describe_context(whole),
    )


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
        points = _write_change(change.whole.change.points)
        counts = " and ".join(f"{n:,}" for n in change.whole.n)
        said = f"The change of {points}{_say_scores(change)}, rests on too few answers"
        return Sentence(f"{said} to be explained ({counts}).", facts=facts)
    short = length == "short"
    said = _say_signal(change, short=short) if change.clear else _say_noise(change, short=short)
    if not short:
        said = " ".join(part for part in (said, _say_segments(named), _say_caution(change)) if part)
    return Sentence(said, facts=facts)


def _say_signal(change: Change, *, short: bool) -> str:
    """Say that the score moved, and which parts are beyond chance."""
    points = change.whole.change.points
    verb = "fell" if points < 0 else "rose"
    said = f"The score {verb} by {_write_size(points)}{_say_scores(change, short=short)}"
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
    points = _write_change(change.whole.change.points)
    comma = "" if short else ","
    said = f"The change of {points}{_say_scores(change, short=short)}{comma} is within chance"
    clear = change.clear_parts()
    if not clear:
        return f"{said}: there is nothing to explain."
    return f"{said} as a whole. Beyond chance is what came from {_list_parts(change, clear)}."


def _say_scores(change: Change, *, short: bool = False) -> str:
    scores = " to ".join(write_score(nps or 0.0) for nps in change.whole.nps)
    span = change.whole.change.span()
    bounds = f" ({span})" if span else ""
    return bounds if short else f", from {scores}{bounds}"


def _list_parts(change: Change, names: Sequence[str], *, join: str = "and") -> str:
    told = [f"{PART_WORDS[name]} ({_tell_part(change, name)})" for name in names]
    return f" {join} ".join([", ".join(told[:-1]), told[-1]]) if told[1:] else "".join(told)


def _tell_part(change: Change, name: str) -> str:
    # The two names by which an analyst knows them.
    head = f"{name} " if name in ("mix", "rate") else ""
    return head + change.whole.parts[name].told()


def _write_size(points: float) -> str:
    size = write_points(abs(points))
    return "less than a point" if size == "0" else f"{size} {'point' if size == '1' else 'points'}"


def _write_change(points: float) -> str:
    text = write_score(points)
    return f"{text} {'point' if abs(round(points)) == 1 else 'points'}"


def _choose_segments(change: Change) -> list[tuple[Moved, str]]:
    """Choose the segments that gave most to the largest clear part, of those clear themselves."""
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
    return [(segment, part) for segment in found[:_MOST_NAMED]]


def _say_segments(named: Sequence[tuple[Moved, str]]) -> str:
    told = [f"{segment.spoken} ({segment.parts[part].told()})" for segment, part in named]
    if not told:
        return ""
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


def _read_row(values: dict[str, Any], *, by: Sequence[str]) -> Moved:
    def gave(name: str, *, head: str) -> Gave:
        value, low, high = (values.get(key) for key in (name, f"{head}low", f"{head}high"))
        return Gave(*(bound if is_number(bound) else None for bound in (value, low, high)))

    return Moved(
        label=" · ".join(name_value(values[key]) for key in by) or "all answers",
        spoken=", ".join(say_value(key, values[key]) for key in by) or "all answers",
        n=(int(values["n_before"] or 0), int(values["n_after"] or 0)),
        shares=(values.get("share_before"), values.get("share_after")),
        nps=(values["nps_before"], values["nps_after"]),
        change=gave("change", head=""),
        parts={name: gave(name, head=f"{name}_") for name in PART_WORDS},
        few=bool(values["few"]),
    )


def _name_periods(starts: tuple[date, date], every: object) -> tuple[str, str]:
    known = every if every in get_args(Every) else guess_unit(starts)
    before, after = (name_period(start, every=cast("Every", known)) for start in starts)
    return before, after


def _describe_context(whole: dict[str, Any]) -> str:
    survey, scale = (clean(str(whole.get(name) or "")) for name in ("survey", "scale"))
    said = (f"{survey} answers" if survey else "", f"{scale} scale" if scale else "")
    return ", ".join(part for part in said if part)
