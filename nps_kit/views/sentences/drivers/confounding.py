"""What is left of each driver once only like contacts are set side by side."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import write_bounds, write_distance, write_number
from nps_kit.views.drivers import (
    FATES,
    Confounding,
    Twice,
    name_level,
    read_confounding,
    say_alike,
)
from nps_kit.views.gave import Gave
from nps_kit.views.sentences.drivers.effects import MOST_NAMED
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import start_sentence, write_list, write_score

_LEAST = 1.0
"""Points from which a change is told."""

UNSEEN = "What nobody measured can do the same, unseen."
"""What two tables cannot rule out."""


def say_confounding(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    controls: Sequence[str] = (),
    length: Length = "whole",
) -> Sentence:
    """Say which drivers only seem to matter, since they come with another kind of contact.

    Parameters
    ----------
    before
        Table as `estimate_drivers` makes it, without the controls.
    after
        The same drivers, with them.
    controls
        What only `after` holds fixed, to be named.
    length
        "short" leaves all but the first finding to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``gone`` (drivers whose effect is no more than chance once like is set
    beside like), ``found`` (those that show one only then), ``unsure`` (those that keep half of it
    or more, but not beyond chance), ``stays`` and ``nothing``, each with the numbers of the level
    that goes farthest, and ``n``.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> before = pl.DataFrame(
    ...     {
    ...         "driver": "hold_seconds",
    ...         "value": ["under 2 min", "2 min and over"],
    ...         "against": "under 2 min",
    ...         "n": [900, 100],
    ...         "share": [0.9, 0.1],
    ...         "odds_ratio": [1.0, 0.7],
    ...         "odds_low": [1.0, 0.6],
    ...         "odds_high": [1.0, 0.8],
    ...         "change": [0.0, -12.2],
    ...         "low": [0.0, -16.1],
    ...         "high": [0.0, -8.2],
    ...         "level": 0.95,
    ...         "p_adjusted": 0.0001,
    ...         "p_overall": 0.0001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> after = before.with_columns(
    ...     change=pl.Series([0.0, 0.8]),
    ...     low=pl.Series([0.0, -3.1]),
    ...     high=pl.Series([0.0, 4.7]),
    ...     p_adjusted=pl.lit(0.7),
    ... )
    >>> print(say_confounding(before, after, controls=["touchpoint"], length="short"))
    Time on hold seems to cost 12 points; among contacts alike in touchpoint nothing of it is left.
    """
    caller = "say_confounding()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_confounding(before, after, caller=caller, controls=controls)
    facts: dict[str, Any] = {fate: [row.facts() for row in found.of(fate)] for fate in FATES} | {
        "n": found.n
    }
    if found.absent:
        return Sentence(found.absent, facts=facts)
    alike, short = say_alike(controls), length == "short"
    said = [_say_first(found, alike, short=short)]
    if not short:
        said += [
            _say_others(found),
            _say_found(found, alike) if found.of("gone") else "",
            _say_unsure(found, alike) if found.of("gone") or found.of("found") else "",
            _say_stays(found),
            _say_untold(found),
            UNSEEN,
        ]
    return Sentence(" ".join(part for part in said if part), facts=facts)


def _say_first(found: Confounding, alike: str, *, short: bool) -> str:
    """Say what becomes of the driver that loses most, or that none loses its effect."""
    if gone := found.of("gone"):
        row = gone[0]
        at = "" if short else _say_level(row)
        left = "" if short else _say_left(row.after)
        return f"{start_sentence(_say_seems(row))}{at}; {alike} nothing of it is left{left}."
    if found.of("found"):
        return _say_found(found, alike)
    if found.of("unsure"):
        return _say_unsure(found, alike)
    if not found.of("stays"):
        nothing = "Nothing else" if found.untold else "Nothing"
        return (
            f"{nothing} goes with the score beyond chance, neither among all contacts nor {alike}."
        )
    return f"Each driver that goes with the score goes with it {alike}, too."


def _say_seems(row: Twice) -> str:
    verb = "bring" if row.before.points > 0 else "cost"
    distance = write_distance(abs(row.before.points), up="", down="").strip()
    return f"{row.driver.spoken} {_agree(row, 'seem')} to {verb} {distance}"


def _say_level(row: Twice) -> str:
    if {row.effect.value, row.effect.against} == {"true", "false"}:
        return ""
    return f" at {name_level(row.effect.value)}"


def _say_left(after: Gave) -> str:
    """Write what the points are now, which may be chance."""
    bounds = write_bounds(after.low, after.high, up="higher", down="lower")
    return f" beyond chance (now {write_score(after.points)}{f'; {bounds}' if bounds else ''})"


def _say_others(found: Confounding) -> str:
    rows = found.of("gone")[1:]
    if not rows:
        return "" if not found.of("gone") else "So the difference comes with the kind of contact."
    names = write_list([row.driver.spoken for row in rows[:MOST_NAMED]])
    more = f" and {write_number(len(rows) - MOST_NAMED)} more" if rows[MOST_NAMED:] else ""
    return f"The same holds for {names}{more}."


def _say_found(found: Confounding, alike: str) -> str:
    """Name what shows only among like contacts."""
    rows = found.of("found")
    if not rows:
        return ""
    names = write_list([row.driver.spoken for row in rows[:MOST_NAMED]])
    more = f" and {write_number(len(rows) - MOST_NAMED)} more" if rows[MOST_NAMED:] else ""
    return f"Only {alike} does it show that the score goes with {names}{more}."


def _say_unsure(found: Confounding, alike: str) -> str:
    """Name what keeps its size, and is no longer beyond chance."""
    rows = found.of("unsure")
    if not rows:
        return ""
    if rows[1:]:
        names = write_list([row.driver.spoken for row in rows[:MOST_NAMED]])
        more = f" and {write_number(len(rows) - MOST_NAMED)} more" if rows[MOST_NAMED:] else ""
        return (
            f"{start_sentence(names)}{more} keep half of their effect or more {alike}, but that "
            "may be chance."
        )
    row = rows[0]
    verb, whose = _agree(row, "keep"), "their" if row.driver.column == "transfers" else "its"
    ends = f"{write_score(row.before.points)} to {write_score(row.after.points)}"
    return (
        f"{start_sentence(row.driver.spoken)} {verb} half of {whose} effect or more {alike} "
        f"(from {ends} points), but that may be chance."
    )


def _say_untold(found: Confounding) -> str:
    """Name what is beyond chance, but has no size to compare."""
    if not found.untold:
        return ""
    names = write_list([driver.spoken for driver in found.untold[:MOST_NAMED]])
    more = len(found.untold) - MOST_NAMED
    rest = f" and {write_number(more)} more" if more > 0 else ""
    verb = "do" if found.untold[1:] else "does"
    return f"By how much {names}{rest} {verb} cannot be told."


def _say_stays(found: Confounding) -> str:
    """Say how much the points of the others change at most."""
    rows = found.of("stays")
    if not rows or rows[0].shift < _LEAST:
        return ""
    row = rows[0]
    lost = found.of("gone") or found.of("unsure")
    head = "The others keep an effect; of them" if lost else "Of those that keep one"
    ends = f"{write_score(row.before.points)} to {write_score(row.after.points)}"
    return f"{head} {row.driver.spoken} {_agree(row, 'change')} most, from {ends} points."


def _agree(row: Twice, verb: str) -> str:
    """Put a verb into the number of a driver's name."""
    return verb if row.driver.column == "transfers" else f"{verb}s"
