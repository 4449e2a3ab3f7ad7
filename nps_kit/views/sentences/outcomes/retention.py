"""Who is still a customer, and how fast the bands leave."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.outcomes import (
    NOBODY,
    Curve,
    Day,
    Line,
    Lines,
    Retention,
    read_hazards,
    read_retention,
    say_missing,
)
from nps_kit.views.outcomes.words import name_days, name_stretch, write_times
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.outcomes.ratios import Words, say_ratios, say_times
from nps_kit.views.wording import is_number, start_sentence, write_count, write_list, write_share

LEAVING = Words("leave", "as fast", "faster", "more slowly", "how fast they leave", 1.0)
"""How hazards are told."""

NOT_SHOWN = (
    "That a better score would keep them is not shown: what makes customers unhappy may also be "
    "what makes them leave."
)

_NEVER_KNOWN = "That no difference was found does not show that there is none."
_ROUND = (1826, 1461, 1096, 730, 365, 180, 90, 60, 30, 14, 7, 3, 2, 1)
_ENOUGH = 30


def say_retention(
    retention: pl.DataFrame, hazards: pl.DataFrame | None = None, *, length: Length = "whole"
) -> Sentence:
    """Say what share of each band is still a customer, and how fast they leave.

    Parameters
    ----------
    retention
        Table of one group as `estimate_retention` makes it. The latest day on which 30 of every
        band were still followed is told of: of those that were asked, or a round one.
    hazards
        The same answers as `compare_retention` compares them. None: speeds are not told.
    length
        "short" leaves out the intervals, the speeds and what not to conclude, for a title.

    Returns
    -------
    The sentences. Facts: ``days``, ``staying`` by band and, with `hazards`, ``hazard_ratios``.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that it needs.
    OptionError
        If `length` is none of its choices, or `retention` holds several groups.

    Examples
    --------
    >>> retention = pl.DataFrame(
    ...     {
    ...         "band": ["detractors", "promoters"],
    ...         "n": [2238, 6802],
    ...         "days": 180,
    ...         "at_risk": [809, 2514],
    ...         "left": [176, 193],
    ...         "staying": [0.88, 0.958],
    ...         "low": [0.862, 0.952],
    ...         "high": [0.896, 0.964],
    ...     }
    ... )
    >>> say_retention(retention).split(". ")[0]
    '6 months after their answer 88 % of detractors (86 to 90 %) and 96 % of promoters (95 to \
96 %) are still customers'
    """
    caller = "say_retention()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_retention(retention, caller=caller)
    short = length == "short"
    told = read_at(found)
    facts: dict[str, Any] = {}
    when = max((day for _, _, day in told), default=0)
    # Of the day of the answer itself there is nothing to tell, unless somebody left on it.
    if not when and not any(day.left for _, day, _ in told):
        return Sentence(NOBODY, facts=facts)
    facts = {
        "days": when,
        "staying": {
            curve.band: {"n": curve.n, "staying": day.staying, "low": day.low, "high": day.high}
            for curve, day, _ in told
        },
    }
    parts = [
        f"{write_share(day.staying)} of {curve.band}" + ("" if short else f" ({write_range(day)})")
        for curve, day, _ in told
    ]
    whose = f" ({found.whose})" if found.whose else ""
    verb = "are" if len(told) > 1 or "%" in parts[0] else "is"
    after = f"{name_stretch(when)} after their answer" if when else "on the day of their answer"
    said = (
        f"{start_sentence(after)} {write_list(parts)}{whose} {verb} still customers"
        f"{found.shared.on_scale}."
    )
    if short:
        return Sentence(said, facts=facts)
    gone = say_missing([curve.band for curve in found.curves if not curve.n])
    said += f" {gone}" if gone else ""
    if not any(day.left for _, day, _ in told):
        said += " Nobody had left until then."
    if hazards is None:
        return Sentence(f"{said} {NOT_SHOWN}", facts=facts)
    speed = say_hazards(hazards)
    return Sentence(f"{said} {speed}", facts=facts | speed.facts)


def read_at(found: Retention) -> list[tuple[Curve, Day, int]]:
    """Choose the day that is told of, and read every band on it."""
    curves = [curve for curve in found.curves if curve.days]
    if not curves:
        return []
    end = min(curve.days[-1].days for curve in curves)
    common = set.intersection(*({day.days for day in curve.days} for curve in curves))
    if found.read_off:
        days = sorted(common, reverse=True)
    else:
        days = [day for day in _ROUND if day <= end] or [end]
    for least in (_ENOUGH, 0):
        for when in days:
            read = [(curve, curve.read(when)) for curve in curves]
            known = [(curve, day, when) for curve, day in read if day is not None]
            enough = all(day.at_risk >= least or curve.n < least for curve, day, _ in known)
            if len(known) == len(curves) and enough:
                return known
    # A band that ends before the others begin: each on its last day.
    return [(curve, curve.days[-1], curve.days[-1].days) for curve in curves[:1]]


def write_range(day: Day) -> str:
    """Write the bounds of a share: "86 to 90 %"."""
    return f"{write_share(day.low).removesuffix(' %')} to {write_share(day.high)}"


def list_retention(found: Retention, *, most: int = 8) -> str:
    """List what is seen for a reader who cannot see the picture."""
    told = []
    for curve in found.followed:
        step = max(1, -(-len(curve.days) // most))
        days = [
            *curve.days[::step],
            *([] if (len(curve.days) - 1) % step == 0 else curve.days[-1:]),
        ]
        each = ", ".join(f"{write_share(day.staying)} after {name_days(day.days)}" for day in days)
        told.append(f"{curve.band} {each}")
    return "; ".join(told)


def say_hazards(hazards: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say how many times as fast the bands leave as the one they are set against.

    Parameters
    ----------
    hazards
        Table as `compare_retention` makes it.
    length
        "short" leaves out the intervals and what not to conclude, for a title.

    Returns
    -------
    The sentences; "no difference found" where that is so. Facts: ``hazard_ratios``, a list of the
    rows' numbers.

    Raises
    ------
    MissingColumnError
        If a column of `compare_retention` is not there.
    OptionError
        If `length` is none of its choices.
    """
    caller = "say_hazards()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_hazards(hazards, caller=caller)
    short = length == "short"
    facts = {"hazard_ratios": [_facts(found, k) for k in range(len(found.lines))]}
    apart = [_say_apart(line) for line in found.lines if line.apart(found.shared.level)]
    if found.absent and not apart:
        return Sentence(found.absent, facts=facts)
    parts = [" ".join(part for part in (say_ratios(found, LEAVING, short=short), *apart) if part)]
    if found.about:
        parts[0] = f"{parts[0][:-1]}{found.about}."
    if short:
        return Sentence(parts[0], facts=facts)
    sure = apart or any(line.ratio.certain for line in found.lines)
    parts += [_say_drift(found), NOT_SHOWN if sure else _NEVER_KNOWN]
    return Sentence(" ".join(part for part in parts if part), facts=facts)


def _facts(found: Lines, place: int) -> dict[str, Any]:
    line = found.lines[place]
    named = {"group": line.group} if line.group else {}
    whole = ("n", "left", "n_against", "left_against", "p_adjusted")
    return named | {
        "band": line.band,
        "against": line.against,
        "hazard_ratio": line.value,
        "low": line.low,
        "high": line.high,
        **{name: line.values[name] for name in whole},
    }


def _say_apart(line: Line) -> str:
    """Say of two bands, of one of which nobody left, that this is more than chance."""
    ours = f"{line.values['left'] or 0:,} of {line.n:,} {line.band}"
    theirs = f"{line.values['left_against'] or 0:,} of {line.values['n_against']:,} {line.against}"
    whose = f" ({line.spoken})" if line.spoken else ""
    return f"{ours} left and {theirs}{whose}: more than chance explains, and no ratio can be given."


def _say_drift(found: Lines) -> str:
    """Say where one ratio does not tell the whole."""
    chance = 1 - (found.shared.level or 0.95)
    drifting = [
        line
        for line in found.lines
        if line.value is not None
        and is_number(line.values["p_proportional"])
        and line.values["p_proportional"] < chance
    ]
    if not drifting:
        return ""
    if len(drifting) > 1 and len(found.groups) > 1:
        return (
            f"In {write_count(len(drifting), 'comparison')} the ratio is not the same all the "
            "time: read the curves beside it."
        )
    return " ".join(_say_halves(line) for line in drifting)


def _say_halves(line: Line) -> str:
    early, late = (line.values[f"hazard_ratio_{half}"] for half in ("early", "late"))
    split = line.values["split"]
    whose = f" ({line.spoken})" if line.spoken else ""
    said = f"For {line.band}{whose} one ratio does not tell the whole"
    if not (is_number(early) and is_number(late) and is_number(split)):
        return f"{said}: read the curves beside it."
    first, then = write_times(early)[0], write_times(late)[0]
    return (
        f"{said}: {first} times as fast in the first {name_days(int(split))}, {then} times after."
    )


def list_hazards(lines: Sequence[Line], *, most: int = 12) -> str:
    """List ratios for a reader who cannot see the picture."""
    told = []
    for line in lines[:most]:
        who = f"{line.spoken} {line.band}".strip()
        each = (
            "not known"
            if line.value is None
            else f"{say_times(line.ratio, LEAVING, than=line.against, short=False)}"
        )
        told.append(f"{who} {each}")
    rest = len(lines) - most
    return write_list([*told, f"{rest} more"] if rest > 0 else told)
