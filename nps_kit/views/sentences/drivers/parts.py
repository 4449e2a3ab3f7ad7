"""What each driver costs, and what a change would bring."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import write_bounds, write_distance, write_number
from nps_kit.views.drivers import (
    Cost,
    Costs,
    Scenario,
    Scenarios,
    name_level,
    read_costs,
    read_scenarios,
    say_driver,
)
from nps_kit.views.sentences.drivers.effects import MOST_NAMED
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    shorten,
    start_sentence,
    write_list,
    write_points,
    write_score,
    write_span,
)

A_TRIAL = "It holds only if the driver itself moves the score: a trial would tell."
"""What a scenario rests on."""

_NOT_ASKED = "No change was asked for."
_TOP = 100
_LEAST = 0.5


def say_contributions(contributions: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say which drivers cost most of what lies between the best score and the score as it is.

    Parameters
    ----------
    contributions
        Table as `decompose_drivers` makes it.
    length
        "short" leaves all but the costliest driver to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``best``, ``score``, ``rest`` and ``named`` (the numbers of the drivers it
    names).

    Raises
    ------
    MissingColumnError
        If `contributions` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> contributions = pl.DataFrame(
    ...     {
    ...         "kind": ["rest", "best", "driver", "score"],
    ...         "driver": [None, None, "transfers", None],
    ...         "value": pl.Series([None] * 4, dtype=pl.String),
    ...         "against": [None, None, "none", None],
    ...         "n": 1000,
    ...         "lost": [63.0, None, 7.0, None],
    ...         "low": [60.0, 34.0, 6.2, 27.0],
    ...         "high": [66.0, 40.0, 7.8, 33.0],
    ...         "start": [100.0, None, 37.0, None],
    ...         "end": [37.0, 37.0, 30.0, 30.0],
    ...         "level": 0.95,
    ...         "few": False,
    ...     }
    ... )
    >>> say_contributions(contributions, length="short")
    'From +37 with the best service down to +30 as it is, the largest part goes with transfers: \
7 points.'
    """
    caller = "say_contributions()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_costs(contributions, caller=caller)
    clear = [cost for cost in found.rows if cost.clear]
    short = length == "short"
    named = clear[: 1 if short else MOST_NAMED]
    facts: dict[str, Any] = {
        "best": found.best.value,
        "score": found.score.value,
        "rest": found.rest.value,
        "named": [cost.facts() for cost in named],
    }
    if found.absent or found.nothing:
        return Sentence(found.absent or found.nothing, facts=facts)
    best, score = (write_score(end.points) for end in (found.best, found.score))
    if not clear:
        said = f"No loss beyond chance shows: the score is {score}, with the best service {best}."
        return Sentence(said, facts=facts)
    if short:
        first = named[0]
        ends = f"From {best} with the best service down to {score} as it is"
        # Losses are added up: a score that nobody can have is explained in the whole sentence.
        ends = "Of the points lost" if (found.best.value or 0) > _TOP else ends
        said = f"{ends}, {_say_most(first, found)} {first.spoken}: {_write_lost(first)}."
        return Sentence(said, facts=facts)
    spans = [
        f" ({span})" if (span := write_span(end.low, end.high)) else ""
        for end in (found.score, found.best)
    ]
    ends = (
        f"The score is {score}{spans[0]}; with the best service in every contact it is "
        f"{best}{spans[1]}"
    )
    more = _say_more(len(clear) - len(named))
    parts = [
        f"{ends}.",
        f"Of the way between them {_say_most(named[0], found)} {_list_costs(named)}{more}.",
        _say_unclear([cost for cost in found.rows if not cost.clear]),
        _say_rest(found),
    ]
    return Sentence(" ".join(part for part in parts if part), facts=facts)


def _say_most(first: Cost, found: Costs) -> str:
    # One that only seems to cost more must not be denied.
    beyond = "" if first is found.rows[0] else " beyond chance"
    return f"the largest part{beyond} goes with"


def _say_more(more: int) -> str:
    if not more:
        return ""
    return f"; {write_number(more)} {'other costs' if more == 1 else 'others cost'} points too"


def _write_lost(cost: Cost) -> str:
    size = abs(cost.lost.points)
    return write_distance(size, up="", down="").strip()


def _list_costs(named: Sequence[Cost]) -> str:
    told = []
    for place, cost in enumerate(named):
        span = write_span(cost.lost.low, cost.lost.high, decimals=cost.lost.decimals)
        points = write_points(cost.lost.points, decimals=cost.lost.decimals)
        size = _write_lost(cost) if not place else points
        told.append(f"{cost.spoken}, {size}" + (f" ({span})" if span else ""))
    if not told[1:]:
        return told[0]
    return f"{told[0]}; then {' and '.join(told[1:])}"


def _say_unclear(costs: Sequence[Cost]) -> str:
    """Say which drivers cost nothing beyond chance, and which cannot be told."""
    told = [cost.spoken for cost in costs if cost.lost.value is not None and not cost.few]
    lost = [cost.spoken for cost in costs if cost.lost.value is None or cost.few]
    said = []
    for names, words in ((told, "Nothing beyond chance goes with"), (lost, "Nothing is known of")):
        if names:
            some = (
                write_list(names)
                if len(names) <= MOST_NAMED
                else f"{write_number(len(names))} drivers"
            )
            said.append(f"{words} {some}.")
    return " ".join(said)


def _say_rest(found: Costs) -> str:
    """Name what no driver accounts for."""
    rest = found.rest.value
    if rest is None or abs(rest) < _LEAST:
        return ""
    if rest < 0:
        return f"Losses are added up, so that the best score can pass +{_TOP}."
    distance = write_distance(rest, up="", down="").strip()
    return f"The {distance} up to +{_TOP} no driver here accounts for."


def say_what_if(
    scenarios: pl.DataFrame, *, asked: Mapping[str, object] | None = None, length: Length = "whole"
) -> Sentence:
    """Say what the score would be if drivers were at other levels, and whom it touches.

    Parameters
    ----------
    scenarios
        Table as `simulate_what_if` makes it.
    asked
        What was asked for, by driver: a level, or a level and a share. What is not in the table
        is said to be no level here.
    length
        "short" tells only the scenario as a whole, for the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``scenarios`` (the numbers of each), ``held`` (names of what stays as it
    is, with all of them together), ``unknown`` (drivers asked for that are not in the table).

    Raises
    ------
    MissingColumnError
        If `scenarios` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> scenarios = pl.DataFrame(
    ...     {
    ...         "scenario": ["alone"],
    ...         "driver": "had_to_repeat",
    ...         "value": "false",
    ...         "moved_from": "true",
    ...         "asked": 0.5,
    ...         "n": 1000,
    ...         "n_moved": 75.0,
    ...         "share_moved": 0.075,
    ...         "nps_before": 30.0,
    ...         "nps_after": 33.2,
    ...         "change": 3.2,
    ...         "low": 2.1,
    ...         "high": 4.3,
    ...         "held": "transfers",
    ...         "effect": "direct",
    ...         "outside": 0.0,
    ...         "leaves_data": False,
    ...         "few": False,
    ...         "level": 0.95,
    ...     }
    ... )
    >>> say_what_if(scenarios, length="short")
    'If half of those who had to repeat themselves no longer had to, the score would be 3 points \
higher: +33 instead of +30.'
    """
    caller = "say_what_if()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_scenarios(scenarios, caller=caller)
    whole = found.whole
    facts: dict[str, Any] = {
        "scenarios": [row.facts() for row in found.rows],
        "held": list(whole.held) if whole else [],
    }
    told = {row.column for row in found.rows}
    lacking = {name: to for name, to in (asked or {}).items() if name not in told}
    facts["unknown"] = list(lacking)
    unknown = [_say_unknown(name, to) for name, to in lacking.items()]
    if whole is None:
        none = _NOT_ASKED if asked is not None and not asked else found.absent
        return Sentence(" ".join(unknown) or none, facts=facts)
    if length == "short":
        guessed = whole.leaves_data and whole.change.value is not None
        guess = " (a guess: it leaves the data)" if guessed else ""
        head = f"{start_sentence(whole.spoken)}, {_say_gain(whole)}{guess}."
        return Sentence(head, facts=facts)
    said = [
        *(_tell(row, found.n) for row in found.rows),
        *unknown,
        _say_doubts(found),
        _say_held(whole),
        A_TRIAL,
    ]
    return Sentence(" ".join(part for part in said if part), facts=facts)


def _say_unknown(name: str, to: object) -> str:
    """Say that a level that was asked for is none here."""
    value = to[0] if isinstance(to, Sequence) and not isinstance(to, str) and to else to
    level = shorten(name_level(str(value).lower() if isinstance(value, bool) else value))
    return (
        f"There is no level “{level}” of {say_driver(name)} here, so what it would bring cannot be "
        "told."
    )


def _say_gain(row: Scenario) -> str:
    """Say what the score would be."""
    if row.change.value is None or row.after is None or row.before is None:
        return "what the score would be cannot be told"
    if not row.n_moved:
        return "nothing would change: no contact is at a worse level"
    if not row.clear and abs(row.change.value) < _LEAST:
        return f"the score would hardly change from {write_score(row.before)}"
    gap = write_distance(row.change.points, up="higher", down="lower")
    chance = "" if row.clear else ", which may be chance"
    if row.change.low is None or row.change.high is None:
        chance = " (its interval is not worked out)"
    return f"the score would be {gap}{chance}: {row.after_told} instead of {row.before_told}"


def _tell(row: Scenario, n: int) -> str:
    """Write what a scenario brings, its bounds and whom it touches."""
    gain = f"{start_sentence(row.spoken)}, {_say_gain(row)}"
    if row.change.value is None or not row.n_moved:
        return f"{gain}."
    bounds = write_bounds(row.change.low, row.change.high, up="higher", down="lower")
    span = f" ({bounds})" if bounds else ""
    return f"{gain}{span}; that touches {row.touches(n)}."


def _say_doubts(found: Scenarios) -> str:
    """Say which scenarios leave the data, and which rest on few answers."""
    said = []
    for rows, words in (
        (
            [row for row in found.rows if row.leaves_data],
            "leads where hardly any answers are: the figure is the model's guess",
        ),
        ([row for row in found.rows if row.few], "rests on few answers"),
    ):
        names = [row.heading for row in rows if row.column] or [row.heading for row in rows]
        if not names:
            continue
        shown = (
            f"“{names[0]}”" if len(names) == 1 else f"Each of {write_number(len(names))} of them"
        )
        said.append(f"{shown} {words}.")
    return " ".join(said)


def _say_held(whole: Scenario) -> str:
    """Say what stays as it is, and what follows."""
    held = f"{write_list(whole.held)} {'stays' if len(whole.held) == 1 else 'stay'} as they are"
    held = held.replace("stays as they are", "stays as it is") if whole.held else ""
    if whole.total:
        follows = "What it acts through follows"
        return f"{follows}; {held}." if held else f"{follows}."
    return f"{start_sentence(held)}." if held else ""
