"""Which drivers explain most of the differences between answers."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import write_distance
from nps_kit.views.drivers import Rank, name_level, read_ranking, write_explained, write_p
from nps_kit.views.sentences.drivers.effects import MOST_NAMED
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    NOT_GIVEN,
    is_number,
    shorten,
    start_sentence,
    write_list,
    write_share,
    write_span,
)


def say_ranking(ranking: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say which drivers explain most of the differences between answers, and in which direction.

    Parameters
    ----------
    ranking
        Table as `rank_drivers` makes it.
    length
        "short" leaves all but the first driver to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``n``, ``found``, ``p_overall`` and ``named`` (the numbers of the drivers
    it names).

    Raises
    ------
    MissingColumnError
        If `ranking` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> ranking = pl.DataFrame(
    ...     {
    ...         "driver": "had_to_repeat",
    ...         "n": [1000],
    ...         "importance": 1.0,
    ...         "share_explained": 0.036,
    ...         "explained_low": 0.021,
    ...         "explained_high": 0.055,
    ...         "direction": "down",
    ...         "best": "false",
    ...         "worst": "true",
    ...         "change": 43.0,
    ...         "low": 30.1,
    ...         "high": 55.9,
    ...         "share_best": 0.85,
    ...         "lost": 6.6,
    ...         "level": 0.95,
    ...         "p_adjusted": 0.001,
    ...         "p_overall": 0.001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> say_ranking(ranking, length="short")
    'Having to repeat goes with 4 % of the differences between answers.'
    """
    caller = "say_ranking()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_ranking(ranking, caller=caller)
    clear = [row for row in found.rows if row.clear and row.explained.value is not None]
    short = length == "short"
    named = clear[: 1 if short else MOST_NAMED]
    facts: dict[str, Any] = {
        "n": found.n,
        "found": found.found,
        "p_overall": found.p_overall,
        "named": [row.facts() for row in named],
    }
    if found.absent or not found.found:
        return Sentence(found.absent or found.nothing(), facts=facts)
    if not clear:
        told = ", ".join(part for part in (write_p(found.p_overall), found.answers) if part)
        return Sentence(
            "Together the drivers explain more of the differences between answers than chance "
            f"does ({told}), but none of them by itself.",
            facts=facts,
        )
    head = _say_first(named[0], alone=not found.rows[1:], short=short)
    if short:
        return Sentence(f"{head}.", facts=facts)
    if named[1:]:
        verb = "comes" if len(named[1:]) == 1 else "come"
        parts = [f"{row.spoken} with {write_explained(row.explained.value)}" for row in named[1:]]
        head += f"; next {verb} {write_list(parts)}"
    said = [f"{head} ({found.answers}).", _say_ends(named[0]), _say_gain(found.rows)]
    return Sentence(" ".join(part for part in said if part), facts=facts)


def _say_first(row: Rank, *, alone: bool, short: bool) -> str:
    told = f"{write_explained(row.explained.value)}{'' if short else say_explained_span(row)}"
    if alone:
        return f"{start_sentence(row.spoken)} goes with {told} of the differences between answers"
    # Names are in the singular and the plural: what is said must hold for both.
    return f"The largest part of the differences between answers, {told}, goes with {row.spoken}"


def say_explained_span(row: Rank) -> str:
    """Write the bounds of a share that is explained, in brackets: " (5 to 6 %)"."""
    low, high = row.explained.low, row.explained.high
    if not (is_number(low) and is_number(high)):
        return ""
    return f" ({write_explained(low).removesuffix(' %')} to {write_explained(high)})"


def _say_ends(row: Rank) -> str:
    """Say how far the best level is from the worst, and how many are there already."""
    if row.change.value is None:
        return ""
    best, worst = say_end(row.best), say_end(row.worst)
    distance = write_distance(row.change.points, up="", down="").strip()
    verb = "lies" if distance.endswith("1 point") else "lie"
    span = write_span(row.change.low, row.change.high)
    told = f" ({span})" if span else ""
    there = "" if row.share_best is None else f"; {write_share(row.share_best)} are there already"
    return f"From its worst ({worst}) to its best ({best}) {verb} {distance}{told}{there}."


def say_end(value: str) -> str:
    """Name the best or the worst level."""
    return NOT_GIVEN if value == NOT_GIVEN else shorten(name_level(value))


def _say_gain(rows: Sequence[Rank]) -> str:
    """Say where most points are lost, where that is another driver than explains most."""
    able = [row for row in rows if row.clear and row.lost is not None]
    most = max(able, key=lambda row: row.lost or 0.0, default=None)
    if most is None or most is rows[0] or not most.lost or most.lost <= 0:
        return ""
    distance = write_distance(most.lost, up="", down="").strip()
    share = most.share_best
    few = "" if share is None else f", where {write_share(share)} are at its best"
    return f"Most points are lost elsewhere: {distance} with {most.spoken}{few}."
