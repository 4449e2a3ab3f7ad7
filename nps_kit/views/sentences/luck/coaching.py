"""What coaching brought, and what would have come without."""

from typing import Any, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.funnel import write_distance
from nps_kit.views.sentences.luck.words import join_said, say_again
from nps_kit.views.wording import write_score

TOO_FEW = "Too few have answers to coach some and leave others: it takes four."

_NEEDS = (
    *("part", "groups", "nps", "nps_next", "change", "change_mean", "expected"),
    *("advantage", "advantage_mean", "draws", "effect", "who"),
)


def say_coaching(
    compared: pl.DataFrame, *, every: Every | None = None, length: Length = "whole"
) -> Sentence:
    """Say how far the coached moved, and how far those like them moved without coaching.

    Parameters
    ----------
    compared
        Table as `compare_coaching` makes it.
    every
        Unit of time between the two lists; None: "next time".
    length
        "short" is a title, of the coached alone.

    Returns
    -------
    The sentence. Facts: ``change`` and ``change_without`` of the last draw, ``expected``,
    ``expected_without``, ``advantage``, ``advantage_mean``, ``draws``, ``effect``, ``who``.

    Raises
    ------
    MissingColumnError
        If `compared` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> from nps_kit.stats.luck import compare_coaching, simulate_coaching
    >>> counts = pl.DataFrame({"team": ["a", "b"], "score": [9, 3], "n": [4, 5]})
    >>> say_coaching(compare_coaching(simulate_coaching(counts, by=["team"])))
    'Too few have answers to coach some and leave others: it takes four.'
    """
    check_choice(length, get_args(Length), caller="say_coaching()", option="length")
    check_columns(compared, _NEEDS, caller="say_coaching()", name="compared")
    if not compared.height:
        return Sentence(TOO_FEW, facts={"draws": 0})
    coached, without = compared.row(0, named=True), compared.row(1, named=True)
    facts: dict[str, Any] = {
        "change": coached["change"],
        "change_without": without["change"],
        "expected": coached["expected"],
        "expected_without": without["expected"],
        **{
            name: coached[name]
            for name in ("advantage", "advantage_mean", "draws", "effect", "who")
        },
    }
    again, effect = say_again(every), coached["effect"]
    if length == "short":
        did = f"Coaching adds {write_distance(effect)}" if effect else "Coaching does nothing"
        moved_so = write_score(coached["change"]) == "0" if not effect else coached["change"] > 0
        but = "and" if moved_so else "yet"
        moved = f"the {coached['who']} {_move(coached['change'])} {again}"
        return Sentence(f"{did}, {but} {moved}", facts=facts)
    return Sentence(
        join_said(
            [
                _say_coached(coached),
                f"As many left out by lot: {_move_to(without['change'])} without coaching.",
                _say_effect(coached, without),
                _say_draws(coached),
            ]
        ),
        facts=facts,
    )


def _say_coached(coached: dict[str, Any]) -> str:
    who = "The one coached" if coached["groups"] == 1 else f"The {coached['groups']:,} coached"
    span = f"from {write_score(coached['nps'])} to {write_score(coached['nps_next'])}"
    return f"{who}: {span}, {_move_to(coached['change'])}."


def _say_effect(coached: dict[str, Any], without: dict[str, Any]) -> str:
    return (
        f"The difference is {_signed(coached['advantage'])}; what coaching truly adds is "
        f"{write_distance(coached['effect'])}. By luck alone the {coached['who']} are to be "
        f"expected to {_move(without['expected'])}."
    )


def _say_draws(coached: dict[str, Any]) -> str:
    if coached["draws"] < 2:  # noqa: PLR2004 - of one draw there is no average
        return ""
    return (
        f"Over {coached['draws']:,} draws the coached moved by "
        f"{_signed(coached['change_mean'])} on average, those like them by "
        f"{_signed(coached['change_mean'] - coached['advantage_mean'])}."
    )


def _signed(points: float) -> str:
    number = write_score(points)
    return f"{number} {write_distance(points).split()[-1]}"


def _move(points: float) -> str:
    if write_score(points) == "0":
        return "stay where they are"
    return f"{'rise' if points > 0 else 'fall'} by {write_distance(points)}"


def _move_to(points: float) -> str:
    if write_score(points) == "0":
        return "no change"
    return f"{write_distance(points)} {'up' if points > 0 else 'down'}"
