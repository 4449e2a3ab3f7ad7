"""Whether the latest period is a signal, in plain words."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.traces import Point, Series, read_trace
from nps_kit.views.wording import (
    name_value,
    place_period,
    shorten,
    start_sentence,
    write_count,
    write_points,
    write_score,
    write_span,
)

Length = Literal["whole", "short"]

# What limits need, by `trace_nps`; a test holds the two together.
LEAST = 5

_ADVICE = {
    "outside": "was different",
    "trend": "is changing",
    "near": "is changing",
    "run": "changed",
}
_SELF_NAMED = ("month", "quarter", "year")
_OWN_SCALE = "0-10"
_MOST_DECIMALS = 2


def say_trace(
    trace: pl.DataFrame,
    *,
    every: Every | None = None,
    whose: str = "",
    length: Length = "whole",
) -> Sentence:
    """Say whether the latest period is a signal, or what is usual.

    Parameters
    ----------
    trace
        Table as `trace_nps` makes it, of one series.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    whose
        What the series is of, in words. Empty: its group, or "this centre".
    length
        "short" leaves the interval of the score, the target, and how often such a signal is false
        to what stands around it.

    Returns
    -------
    The sentence; its facts are the numbers in it.

    Raises
    ------
    MissingColumnError
        If `trace` lacks a column of `trace_nps`.
    OptionError
        If `trace` holds more than one series, or `length` is none of its choices.

    Examples
    --------
    >>> from datetime import date
    >>> trace = pl.DataFrame(
    ...     [
    ...         {
    ...             **{"period": date(2026, 9, 1), "n": 512, "nps": 31.2, "low": 27.0},
    ...             **{"high": 35.3, "few": False, "centre": 31.5, "limit_low": 22.1},
    ...             **{"limit_high": 40.9, "method": "xmr", "phase": 1, "provisional": False},
    ...             **{"rule": "", "direction": ""},
    ...             **{"run_length": 1, "special": False, "latest": True, "signal": False},
    ...             **{"false_alarm": 0.0113, "target": None, "assurance": None},
    ...         }
    ...     ]
    ... )
    >>> say_trace(trace, length="short")
    "September 2026's +31 is within what this centre usually does (22 to 41): no signal."
    """
    check_choice(length, get_args(Length), caller="say_trace()", option="length")
    series = read_trace(trace, every=every, caller="say_trace()")
    whose = shorten(name_value(whose)) if whose else series.whose
    if series.absent:
        said = f"No answer of {whose} counts, or too few to show." if whose else series.absent
        return Sentence(said, facts={"n": sum(point.n for point in series.points)})
    latest = series.latest
    whole = length == "whole"
    said = _say_latest(series, whose=whose, whole=whole)
    if whole and latest.signal:
        said += f", look for what {_ADVICE[latest.rule]}"
    said += "."
    if whole and latest.limited and latest.judged:
        said += _say_more(series)
    return Sentence(start_sentence(said), facts=_facts(series))


def _facts(series: Series) -> dict[str, Any]:
    latest = series.latest
    facts: dict[str, Any] = {"group": series.whose} if series.whose else {}
    facts |= {"period": latest.period.isoformat(), "n": latest.n, "nps": latest.nps}
    facts |= {"low": latest.own_low, "high": latest.own_high}
    facts |= {"few": latest.few, "signal": latest.signal, "rule": latest.rule}
    facts |= {"direction": latest.direction, "run_length": latest.run_length}
    facts |= {"centre": latest.centre, "limit_low": latest.low, "limit_high": latest.high}
    facts |= {"periods": len(series.phase), "false_alarm": series.false_alarm}
    facts["marked"] = [point.period.isoformat() for point in series.points if point.special]
    if series.target is not None:
        facts |= {"target": series.target, "assurance": series.assurance}
    return facts


def _say_latest(series: Series, *, whose: str, whole: bool) -> str:
    latest = series.latest
    if not latest.judged:
        return _say_unjudged(series, whose=whose)
    if not latest.limited:
        stands = f"{_name_latest(series, whose)} stands at {_write(latest, series)} ({latest.told})"
        return f"{stands}; {_say_missing(series)}"
    whose = whose or "this centre"
    usual = f"what {whose} usually does ({latest.span}{_so_far(series)})"
    this = _name_score(series, told=whole)
    if latest.signal:
        return _say_signal(series, this=this, whose=whose, usual=usual, whole=whole)
    if latest.special:
        mean = write_score(latest.centre or 0.0)
        return (
            f"{this} is within {usual}: no signal yet, though the last "
            f"{_count(series, latest.run_length)} all lie {latest.direction} its mean of {mean}"
        )
    return f"{this} is within {usual}: no signal"


def _say_signal(series: Series, *, this: str, whose: str, usual: str, whole: bool) -> str:
    latest = series.latest
    up_to = f"up to {this.rstrip(',')}: a signal"
    if latest.rule == "outside":
        this, span = _tell_apart(series, told=whole)
        usual = f"what {whose} usually does ({span}{_so_far(series)})"
        return f"{this} is {latest.direction} {usual}: a signal"
    if latest.rule == "trend":
        goes = "rise" if latest.direction == "above" else "fall"
        return f"the last {_count(series, 7)} {goes} without a break, {up_to}"
    if latest.rule == "near":
        end = "top" if latest.direction == "above" else "bottom"
        another = f"like another of the last {_count(series, 3)}"
        return f"{this.rstrip(',')}, {another}, is near the {end} of {usual}: a signal"
    mean = write_score(latest.centre or 0.0)
    lie = f"all lie {latest.direction} the mean of {mean}"
    return f"the last {_count(series, latest.run_length)} {lie}, {up_to}"


def _say_more(series: Series) -> str:
    """Set the target against the limits, or say how often such a signal is false."""
    unit = series.every
    if series.target is not None and series.assurance:
        target = f" The target of {write_score(series.target)} lies"
        if series.latest.signal:
            # A signal left the usual range, or says that it may have moved: no forecast from it.
            where = {"never": "above", "by chance": "within", "reached always": "below"}
            reached = "reached" if series.latest.score >= series.target else "missed"
            return (
                f"{target} {where[series.assurance]} the usual range ({series.latest.span}); "
                f"this {unit} {reached} it."
            )
        return {
            "never": f"{target} above that: it is out of reach without a change.",
            "by chance": f"{target} within that: chance alone decides each {unit}.",
            "reached always": f"{target} below that: it is reached unless something changes.",
        }[series.assurance]
    if series.latest.signal and series.odds():
        return f" False alarms: about {series.odds()} stable {unit}s."
    return ""


def _say_unjudged(series: Series, *, whose: str) -> str:
    latest = series.latest
    name = _name_latest(series, whose)
    if latest.nps is None:
        said = f"{name} has no answer that counts, so there is nothing to judge"
    else:
        said = f"{name} has {write_count(latest.n, 'answer')}, too few to judge"
        said += f" ({_write(latest, series)})"
    if len(series.phase) < LEAST:
        said += f"; {_say_missing(series)}"
    return said


def _name_latest(series: Series, whose: str) -> str:
    """Name what has no limits: "September 2026", "in September 2026 billing"."""
    latest = series.latest
    if not whose:
        return series.name(latest)
    return f"{place_period(latest.period, every=series.every)} {whose}"


def _say_missing(series: Series) -> str:
    have = len(series.phase)
    there = {0: "there is none", 1: "there is 1"}.get(have, f"there are {have}")
    since = ""
    if series.latest.phase > series.points[0].phase:
        first = next(p for p in series.points if p.phase == series.latest.phase)
        since = f" since the change in {series.name(first)}"
    return f"limits need at least {LEAST} {series.every}s with answers enough, and {there}{since}"


def _so_far(series: Series) -> str:
    if not series.latest.provisional:
        return ""
    return f", by {write_count(len(series.phase), series.every)} only"


def _count(series: Series, number: int) -> str:
    """Count periods back from the latest, and say where some between them are passed over."""
    recent = series.points[-number:]
    whole = all(point.judged for point in recent)
    return f"{number} {series.every}s{'' if whole else ' with answers enough'}"


def _name_score(series: Series, *, told: bool, decimals: int = 0) -> str:
    """Name the latest with its score: "September 2026's +31 (27 to 35, 512 answers)"."""
    score = _write(series.latest, series, decimals=decimals)
    score += f" ({series.latest.told})" if told else ""
    name = series.name(series.latest)
    if series.every in _SELF_NAMED:
        return f"{name}'s {score}"
    return f"{name}, at {score},"


def _write(point: Point, series: Series, *, decimals: int = 0) -> str:
    on_scale = f" on a {series.scale} scale" if series.scale not in ("", _OWN_SCALE) else ""
    return write_score(point.score, decimals=decimals) + on_scale


def _tell_apart(series: Series, *, told: bool) -> tuple[str, str]:
    """Write a score outside its limits with decimals enough to be seen outside."""
    latest = series.latest
    for decimals in range(_MOST_DECIMALS + 1):
        written = write_points(latest.score, decimals=decimals)
        span = write_span(latest.low, latest.high, decimals=decimals)
        if written not in span.split(" to "):
            break
    return _name_score(series, told=told, decimals=decimals), span


def list_marks(series: Series, *, most: int = 8) -> Sequence[str]:
    """Name the marked periods, for a reader who cannot see the picture."""
    marked = [point for point in series.points if point.special]
    return [f"{series.name(p)} {write_score(p.score)} ({p.rule})" for p in marked[-most:]]
