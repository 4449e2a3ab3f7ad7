"""What goes with the score most, in points, and what does not."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import write_number
from nps_kit.views.drivers import NOT_CAUSE, Driver, Drivers, read_drivers, say_held, write_p
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import start_sentence, write_list

MOST_NAMED = 3
"""Drivers that one sentence names."""


def say_drivers(
    drivers: pl.DataFrame, *, controls: Sequence[str] = (), length: Length = "whole"
) -> Sentence:
    """Say what goes with the score most, by how many points, and what shows nothing.

    Parameters
    ----------
    drivers
        Table as `estimate_drivers` makes it.
    controls
        The controls of that estimate, to be named as held fixed.
    length
        "short" leaves all but the first driver to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``n``, ``found``, ``p_overall``, ``clear`` and ``not_clear`` (names of the
    drivers that go with the score beyond chance, and of those that do not) and ``named`` (the
    numbers of the levels it names).

    Raises
    ------
    MissingColumnError
        If `drivers` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> drivers = pl.DataFrame(
    ...     {
    ...         "driver": "transfers",
    ...         "value": ["none", "1"],
    ...         "against": "none",
    ...         "n": [900, 100],
    ...         "share": [0.9, 0.1],
    ...         "odds_ratio": [1.0, 0.4],
    ...         "odds_low": [1.0, 0.3],
    ...         "odds_high": [1.0, 0.6],
    ...         "change": [0.0, -33.4],
    ...         "low": [0.0, -45.0],
    ...         "high": [0.0, -22.0],
    ...         "level": 0.95,
    ...         "p_adjusted": 0.0001,
    ...         "p_overall": 0.0001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> say_drivers(drivers, length="short")
    'The biggest difference goes with transfers: the score is 33 points lower with 1 than with \
none.'
    """
    caller = "say_drivers()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_drivers(drivers, caller=caller)
    short = length == "short"
    ordered = found.sorted_for_reading()
    clear = [driver for driver in ordered if driver.clear]
    named = [driver for driver in clear if driver.widest][: 1 if short else MOST_NAMED]
    facts: dict[str, Any] = {
        "n": found.n,
        "found": found.found,
        "p_overall": found.p_overall,
        "clear": [driver.column for driver in clear],
        "not_clear": [driver.column for driver in ordered if not driver.clear],
        "named": [
            {"driver": driver.column, **driver.widest.facts()} for driver in named if driver.widest
        ],
    }
    if found.absent or not found.found:
        return Sentence(found.absent or found.nothing(), facts=facts)
    parts = [_say_clear(named, clear, found, short=short)]
    if not short:
        parts += [
            _say_not_clear([driver for driver in ordered if not driver.clear] if clear else []),
            _say_fixed(found, controls),
            NOT_CAUSE,
        ]
    return Sentence(" ".join(part for part in parts if part), facts=facts)


def _say_clear(
    named: Sequence[Driver], clear: Sequence[Driver], found: Drivers, *, short: bool
) -> str:
    """Say what is beyond chance, the largest first."""
    if not clear:
        told = ", ".join(part for part in (write_p(found.p_overall), found.answers) if part)
        return (
            "Together the drivers explain more of the score than chance does "
            f"({told}), but none of them by itself."
        )
    if not named:
        if not any(driver.has_enough for driver in clear):
            return f"There are too few answers to tell what goes with the score ({found.answers})."
        names = write_list([driver.spoken for driver in clear[:MOST_NAMED]])
        return f"Beyond chance the score goes with {names}, but by how much cannot be told."
    gaps = [driver.widest.say() for driver in named if driver.widest]
    sizes = [gap + (f" ({bounds})" if bounds and not short else "") for gap, bounds in gaps]
    said = f"The biggest difference goes with {named[0].spoken}: the score is {sizes[0]}"
    if short:
        return f"{said}."
    if named[1:]:
        verb = "comes" if len(named[1:]) == 1 else "come"
        nexts = [f"{driver.spoken}, {size}" for driver, size in zip(named, sizes, strict=True)][1:]
        said += f". Next {verb} {', and '.join(nexts)}"
    more = len(clear) - len(named)
    if more:
        said += f"; {write_number(more)} {'other goes' if more == 1 else 'others go'} with it too"
    return f"{said}."


def _say_not_clear(drivers: Sequence[Driver]) -> str:
    """Name what shows nothing; what cannot be tested is no such thing."""
    tested = [driver for driver in drivers if driver.p_adjusted is not None]
    single = [driver for driver in drivers if driver.p_adjusted is None]
    said = []
    if tested:
        said.append(f"Nothing beyond chance shows for {_name_some(tested)}.")
    if single:
        said.append(f"{start_sentence(_name_some(single))} could not be tested.")
    return " ".join(said)


def _say_fixed(found: Drivers, controls: Sequence[str]) -> str:
    held = say_held(controls, others="the other drivers" if found.rows[1:] else "")
    return f"Held fixed: {held} ({found.answers})." if held else ""


def _name_some(drivers: Sequence[Driver]) -> str:
    if len(drivers) <= MOST_NAMED:
        return write_list([driver.spoken for driver in drivers])
    return f"{write_number(len(drivers))} drivers"
