"""Which scores differ for sure, by how much, and which only by chance."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import (
    Contrast,
    Contrasts,
    read_contrasts,
    write_bounds,
    write_distance,
    write_number,
)
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import start_sentence, write_list

_MOST_NAMED = 2
_OWN_SCALE = "0-10"


def say_comparisons(
    comparisons: pl.DataFrame, *, every: Every | None = None, length: Length = "whole"
) -> Sentence:
    """Say which of the compared scores differ beyond chance, and by how much.

    Parameters
    ----------
    comparisons
        Table as `compare_groups`, `compare_periods` or `compare_pairs` makes it.
    every
        Unit of the two periods. None: as the table says.
    length
        "short" leaves the answers and intervals to the picture that it stands above.

    Returns
    -------
    The sentence, or two. Facts: ``n_tests``, ``certain`` (names of the groups that differ beyond
    chance), ``few`` (groups too small to be compared), and the numbers of the rows it names.

    Raises
    ------
    MissingColumnError
        If a column that every comparison has is not there.
    OptionError
        If `length` is none of its choices, or the table is no comparison.

    Examples
    --------
    >>> comparisons = pl.DataFrame(
    ...     {
    ...         "touchpoint": ["billing"],
    ...         "n": [1204],
    ...         "nps": [14.4],
    ...         "n_against": [6020],
    ...         "nps_against": [28.1],
    ...         "change": [-13.7],
    ...         "low": [-18.9],
    ...         "high": [-8.6],
    ...         "level": [0.95],
    ...         "p_adjusted": [0.0001],
    ...         "adjust": ["holm"],
    ...         "n_tests": [6],
    ...         "few": [False],
    ...     }
    ... )
    >>> say_comparisons(comparisons).split(":")[0]
    'Billing scores 14 points below the rest (1,204 answers; 9 to 19 below, after six comparisons)'
    """
    check_choice(length, get_args(Length), caller="say_comparisons()", option="length")
    found = read_contrasts(comparisons, every=every, caller="say_comparisons()")
    short = length == "short"
    ranked = [row for row in found.sorted_for_reading() if row.ranked]
    few = [row for row in found.rows if row.few]
    lacking = [row for row in found.rows if row.lack]
    facts: dict[str, Any] = {
        "n_tests": found.n_tests,
        "certain": [row.label for row in ranked if row.certain],
        "few": len(few),
    }
    if found.absent:
        return Sentence(found.absent, facts=facts)
    # Two groups that are each other's rest are one finding.
    ranked = [row for row in ranked if not row.mirror]
    if len(found.rows) == 1 or len(ranked) == 1 or not found.theirs:
        one = ranked[-1] if ranked else found.rows[-1]
        said = _say_one(one, found, short=short)
        if one.ranked and not short:
            said += _say_lacking(lacking)
        return Sentence(f"{start_sentence(said)}.", facts=facts | {"only": one.facts()})
    if not ranked:
        lack = found.say_lack(lacking) or "nothing to compare"
        most = max((min(row.n, row.n_other) for row in few), default=0)
        at_most = f" ({most:,} at most)" if len(few) == len(lacking) and few else ""
        said = f"{start_sentence(lack)} any {found.noun}{at_most}."
        return Sentence(said, facts=facts)
    certain = sorted((row for row in ranked if row.certain), key=lambda row: -abs(row.points))
    named = certain[:_MOST_NAMED] or [max(ranked, key=lambda row: abs(row.points))]
    facts["named"] = [row.facts() for row in named]
    said = (
        _say_certain(certain, ranked, lacking, found, short=short)
        if certain
        else _say_none(named[0], lacking, found, short=short)
    )
    return Sentence(said, facts=facts)


def _say_one(row: Contrast, found: Contrasts, *, short: bool) -> str:
    """Say how two scores compare, and whether it could be chance."""
    ours = row.spoken or found.ours
    if found.kind == "periods" and row.spoken:
        ours = f"{found.when} {row.spoken}"
    said = f"{ours} {_say_distance(row, row.other or found.theirs)}"
    if not short:
        said += f" ({_tell(row, found, together=True)})"
    if row.lack:
        return f"{said}: {row.lack} to judge"
    return f"{said}: {'more' if row.certain else 'no more'} than chance explains"


def _say_distance(row: Contrast, theirs: str) -> str:
    # Of people asked twice, without a group's name, two scores are compared, which cannot score.
    verb = "lies" if row.twice and not row.spoken else "scores"
    if not row.points:
        return f"{verb} level with {theirs}"
    return f"{verb} {write_distance(row.points)} {theirs}"


def _tell(row: Contrast, found: Contrasts, *, together: bool) -> str:
    """Write what stands behind a difference: "1,204 answers; 9 to 19 below, after six"."""
    scale = _say_scale(found)
    bounds = write_bounds(row.low, row.high)
    if bounds and together and found.together:
        bounds += f", {found.together}"
    counted = row.counted(in_full=together) + (scale if together else "")
    return "; ".join(part for part in (counted, bounds) if part)


def _say_scale(found: Contrasts) -> str:
    return f" on a {found.scale} scale" if found.scale not in ("", _OWN_SCALE) else ""


def _say_certain(
    certain: Sequence[Contrast],
    ranked: Sequence[Contrast],
    lacking: Sequence[Contrast],
    found: Contrasts,
    *,
    short: bool,
) -> str:
    named, more = certain[:_MOST_NAMED], len(certain) - _MOST_NAMED
    parts = []
    before = ""
    for place, row in enumerate(named):
        theirs = row.other or found.theirs
        words = _say_distance(row, theirs) if not place else write_distance(row.points)
        if place and theirs != before:
            words += f" {theirs}"
        before = theirs
        told = "" if short else f" ({_tell(row, found, together=not place)})"
        parts.append(f"{row.spoken} {words}{told}")
    when = f"{found.when} " if found.when else ""
    said = when + ", ".join(parts)
    if more > 0:
        said += f"; {write_number(more)} {'other differs' if more == 1 else 'others differ'} too"
    rest = len(ranked) - len(certain)
    if short or not (rest or lacking):
        return f"{start_sentence(said)}."
    if not rest:
        return f"{start_sentence(said)}{_say_lacking(lacking)}."
    verb = "differs" if found.kind == "groups" else "changed"
    return (
        f"{start_sentence(said)}. No other {found.noun} {verb} beyond chance"
        f"{_say_lacking(lacking)}."
    )


def _say_none(
    furthest: Contrast, lacking: Sequence[Contrast], found: Contrasts, *, short: bool
) -> str:
    alone = ", each by itself" if found.adjust == "none" and found.n_tests > 1 else ""
    scale = "" if short else _say_scale(found)
    compared = f"{write_number(found.n_tests)} compared{scale}{alone}"
    if found.kind == "groups":
        said = f"No {found.noun} differs from {found.theirs} beyond chance ({compared})"
    elif found.kind == "periods":
        said = (
            f"No {found.noun} changed beyond chance from {found.theirs} to {found.ours} "
            f"({compared})"
        )
    else:
        said = f"No {found.noun} changed beyond chance ({compared})"
    if short:
        return f"{said}."
    told = write_bounds(furthest.low, furthest.high)
    said += f"; furthest is {furthest.spoken}, {write_distance(furthest.points)}" + (
        f" ({told})" if told else ""
    )
    return f"{said}{_say_lacking(lacking)}."


def _say_lacking(lacking: Sequence[Contrast]) -> str:
    """Say which groups could not be judged, and what they lack."""
    said = ""
    for lack in dict.fromkeys(row.lack for row in lacking):
        rows = [row for row in lacking if row.lack == lack]
        named = f"{rows[0].spoken} has" if len(rows) == 1 else f"{write_number(len(rows))} have"
        said += f"; {named} {lack} to compare"
    return said


def list_differences(rows: Sequence[Contrast], *, most: int = 12) -> str:
    """List differences for a reader who cannot see the picture."""
    told = [
        f"{row.spoken or 'all answers'} {write_distance(row.points)}"
        + (f" ({bounds})" if (bounds := write_bounds(row.low, row.high)) else "")
        if row.change is not None
        else f"{row.spoken or 'all answers'} none"
        for row in rows[:most]
    ]
    rest = len(rows) - most
    return write_list([*told, f"{rest} more"] if rest > 0 else told)
