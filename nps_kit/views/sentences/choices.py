"""What was chosen, in words: whose answers, of which stretch of time."""

from collections.abc import Mapping, Sequence
from datetime import date

from nps_kit.counts import Every
from nps_kit.outputs import Sentence
from nps_kit.views.wording import (
    name_period,
    name_value,
    say_value,
    shorten,
    start_sentence,
    write_count,
)


def say_stretch(first: date, last: date, *, every: Every = "month") -> str:
    """Name a stretch of whole periods: "July to September 2026".

    Parameters
    ----------
    first, last
        First day of the first and of the last period.
    every
        Unit of the periods.

    Returns
    -------
    The words; what both have in common is said once.

    Examples
    --------
    >>> say_stretch(date(2026, 7, 1), date(2026, 9, 1))
    'July to September 2026'
    >>> say_stretch(date(2025, 10, 1), date(2026, 3, 1), every="quarter")
    'Q4 2025 to Q1 2026'
    """
    start, end = (name_period(day, every=every) for day in (first, last))
    if start == end:
        return start
    year = f" {last.year}"
    if every in ("month", "quarter") and start.endswith(year):
        start = start.removesuffix(year)
    return f"{start} to {end}"


def say_group(groups: Mapping[str, object]) -> str:
    """Name a group by its values: "billing, phone".

    Parameters
    ----------
    groups
        The value of each column that was chosen; empty: all answers.

    Returns
    -------
    The words; empty where nothing was chosen.

    Examples
    --------
    >>> say_group({"touchpoint": "billing", "team": 4})
    'billing, team 4'
    """
    return ", ".join(say_value(name, value) for name, value in groups.items())


def say_choice(
    groups: Mapping[str, object], *, stretch: str = "", survey: str = "", scale: str = ""
) -> Sentence:
    """Say which answers were chosen, as a heading.

    Parameters
    ----------
    groups
        The value of each column that was chosen; empty: all answers.
    stretch
        The stretch of time, as `say_stretch` names it.
    survey, scale
        Kind of survey, and the scale where it is not 0-10.

    Returns
    -------
    The heading, without a full stop. Facts: what was given.

    Examples
    --------
    >>> say_choice({"touchpoint": "billing"}, stretch="July to September 2026")
    'Billing, July to September 2026'
    """
    kind = f"{shorten(name_value(survey))} answers" if survey else "answers"
    whose = start_sentence(say_group(groups)) if groups else f"All {kind}"
    parts = [whose, *([kind] if groups and survey else [])]
    parts += [f"{scale} scale"] if scale not in ("", "0-10") else []
    facts = {name: name_value(value) for name, value in groups.items()}
    facts |= {"stretch": stretch, "survey": survey, "scale": scale}
    return Sentence(", ".join([*parts, *([stretch] if stretch else [])]), facts=facts)


def say_alone(other: str) -> Sentence:
    """Say that there is nothing to compare with.

    Parameters
    ----------
    other
        What was to be compared with: "the rest", or a stretch of time.

    Returns
    -------
    The sentence.

    Examples
    --------
    >>> say_alone("April to June 2026")
    'Nothing is set beside it: April to June 2026 has no answers here.'
    """
    return Sentence(f"Nothing is set beside it: {other} has no answers here.", facts={"n": 0})


def say_comments(scores: Sequence[int], *, out_of: int, answers: int, least: int) -> Sentence:
    """Say how many comments are shown of those that were read.

    Parameters
    ----------
    scores
        Scores of the comments that are shown.
    out_of
        Comments that were read of these answers.
    answers
        How many answers there are.
    least
        Fewer answers than this show none of their comments.

    Returns
    -------
    The sentence. Facts: ``shown``, ``out_of``, ``answers``.

    Examples
    --------
    >>> say_comments([2, 9], out_of=40, answers=300, least=5)
    '2 of 40 comments, the latest of each band; names, numbers and addresses are taken out.'
    >>> say_comments([], out_of=2, answers=3, least=5)
    'No comments are shown of fewer than 5 answers: they would tell who wrote them.'
    """
    facts = {"shown": len(scores), "out_of": out_of, "answers": answers}
    if 0 < answers < least:
        why = "they would tell who wrote them"
        return Sentence(f"No comments are shown of fewer than {least} answers: {why}.", facts=facts)
    if not scores:
        return Sentence("No comment was read that goes with these answers.", facts=facts)
    shown = f"{len(scores):,} of {write_count(out_of, 'comment')}, the latest of each band"
    shown = "The only comment" if out_of == 1 else shown
    return Sentence(f"{shown}; names, numbers and addresses are taken out.", facts=facts)
