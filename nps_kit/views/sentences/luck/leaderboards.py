"""How much of a leaderboard would last."""

from typing import Any, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.luck.words import (
    find_units,
    join_said,
    say_again,
    say_nobody,
    too_few,
    write_part,
)
from nps_kit.views.wording import (
    start_sentence,
    write_count,
    write_level,
    write_list,
    write_share,
)

_LEAST = 3
_MOVES = 0.25
"""A list moves where so much of its end is expected to change."""

_BOARD = (
    *("n", "nps", "rank", "groups", "bottom", "changed", "changed_low", "changed_high"),
    *("changed_alike", "fair", "chance_fair", "first_stays", "first_stays_alike", "detected"),
    *("level", "left_out", "n_left_out"),
)
_DRAWN = (
    *("draw", "n", "rank", "rank_next", "bottom", "changed", "first_stays"),
    *("draws", "changed_mean", "n_first_stays", "truth"),
)


def say_leaderboard(
    simulated: pl.DataFrame, *, every: Every | None = None, length: Length = "whole"
) -> Sentence:
    """Say how many of the lowest would be others next time, though nobody changes.

    Parameters
    ----------
    simulated
        Table as `simulate_leaderboard` makes it.
    every
        Unit of time of the list; None: "next time".
    length
        "short" leaves out all but how many change.

    Returns
    -------
    The sentence. Facts: ``groups``, ``bottom``, ``changed``, ``changed_low``, ``changed_high``,
    ``changed_alike``, ``fair``, ``chance_fair``, ``first_stays``, ``first_stays_alike``,
    ``detected``, ``level``, ``left_out``, ``n_left_out``.

    Raises
    ------
    MissingColumnError
        If `simulated` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> from nps_kit.stats.luck import simulate_leaderboard
    >>> counts = pl.DataFrame({"team": ["a", "b"], "score": [9, 3], "n": [4, 5]})
    >>> say_leaderboard(simulate_leaderboard(counts, by=["team"]))
    'Here only 2 teams have answers enough; it takes 3 to make a list.'
    """
    check_choice(length, get_args(Length), caller="say_leaderboard()", option="length")
    check_columns(simulated, _BOARD, caller="say_leaderboard()", name="simulated")
    units = find_units(simulated)
    if not simulated.height:
        return Sentence(say_nobody(simulated, least=_LEAST), facts={"groups": 0})
    row = simulated.row(0, named=True)
    facts: dict[str, Any] = {name: row[name] for name in _BOARD[3:]}
    if row["changed"] is None:
        return Sentence(too_few(row["groups"], units, least=_LEAST), facts=facts)
    again = say_again(every)
    span = (
        f"{row['changed_low']} to {row['changed_high']} in {write_level(row['level'])} of all draws"
    )
    lowest = f"{row['bottom']} lowest {units}" if row["bottom"] > 1 else f"lowest of the {units}"
    main = (
        f"On average {write_part(row['changed'])} of the {lowest} will be others {again} ({span}), "
        "though nobody gets better or worse."
        if row["bottom"] > 1
        else f"The {lowest} will be another one {again} with a chance of "
        f"{write_share(row['changed'])}, though nobody gets better or worse."
    )
    if length == "short":
        return Sentence(main, facts=facts)
    return Sentence(join_said([main, *_say_more(row, units, again)]), facts=facts)


def _say_more(row: dict[str, Any], units: str, again: str) -> list[str]:
    alike = (
        f"it would be {write_part(row['changed_alike'])}"
        if row["bottom"] > 1
        else f"the chance would be {write_share(row['changed_alike'])}"
    )
    fair = (
        f"Of those who are lowest {again}, {write_part(row['fair'])} "
        f"{'is' if write_part(row['fair']) in ('1', 'fewer than 1') else 'are'} truly in the "
        "better half."
        if row["bottom"] > 1
        else f"The lowest {again} is truly in the better half with a chance of "
        f"{write_share(row['fair'])}."
    )
    moves = row["changed"] >= row["bottom"] * _MOVES
    found = (
        f"The {units} do differ by more than luck{', and still the list moves this much' * moves}."
        if row["detected"]
        else f"Nothing here shows that the {units} differ: luck alone can take scores as far apart."
    )
    return [
        f"If all {units} were equally good, {alike}.",
        fair,
        f"Whoever is first now is first again with a chance of {write_share(row['first_stays'])}.",
        found,
        _say_left_out(row, units),
    ]


def _say_left_out(row: dict[str, Any], units: str) -> str:
    if not row["left_out"]:
        return ""
    return start_sentence(
        f"{row['left_out']:,} of the {units}, with {write_count(row['n_left_out'], 'answer')}, "
        "are not on the list: no name, or too few answers."
    )


def say_reshuffle(
    drawn: pl.DataFrame, *, every: Every | None = None, length: Length = "whole"
) -> Sentence:
    """Say how many of the lowest are others in the last draw, and on average over all draws.

    Parameters
    ----------
    drawn
        Table as `simulate_reshuffle` makes it.
    every
        Unit of time of the list; None: "next time".
    length
        "short" tells the last draw alone.

    Returns
    -------
    The sentence. Facts: ``bottom``, ``changed``, ``first_stays``, ``draws``, ``changed_mean``,
    ``n_first_stays``, ``truth``.

    Raises
    ------
    MissingColumnError
        If `drawn` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> from nps_kit.stats.luck import simulate_reshuffle
    >>> counts = pl.DataFrame(
    ...     {"team": list("aabbcc"), "score": [3, 10] * 3, "n": [90, 10, 50, 50, 10, 90]}
    ... )
    >>> say_reshuffle(simulate_reshuffle(counts, by=["team"]), every="month", length="short")
    'The lowest of the teams is the same next month.'
    """
    check_choice(length, get_args(Length), caller="say_reshuffle()", option="length")
    check_columns(drawn, _DRAWN, caller="say_reshuffle()", name="drawn")
    if not drawn.height:
        nobody = say_nobody(drawn, least=_LEAST, after="draw")
        return Sentence(nobody, facts={"draws": 0})
    units = find_units(drawn, after="draw")
    row = drawn.row(-1, named=True)
    groups = drawn.height // row["draws"]
    if groups < _LEAST:
        return Sentence(too_few(groups, units, least=_LEAST), facts={"draws": row["draws"]})
    names = ("bottom", "changed", "first_stays", "draws", "changed_mean", "n_first_stays", "truth")
    facts: dict[str, Any] = {name: row[name] for name in names}
    again = say_again(every)
    last = _say_last(row, units, again)
    if length == "short":
        return Sentence(last, facts=facts)
    first = "is" if row["first_stays"] else "is not"
    parts = [last, f"Whoever is first now {first} first then."]
    if row["draws"] > 1:
        others = round(row["changed_mean"] * row["draws"])
        changed = (
            f"{row['changed_mean']:.1f} of {row['bottom']} changed on average"
            if row["bottom"] > 1
            else f"the lowest was another one {_times(others)}"
            if others
            else "the lowest was always the same"
        )
        often = row["n_first_stays"]
        stayed = f"the first stayed first {_times(often)}" if often else "the first never stayed so"
        parts.append(f"Over {row['draws']:,} draws {write_list([changed, stayed])}.")
    return Sentence(join_said(parts), facts=facts)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _say_last(row: dict[str, Any], units: str, again: str) -> str:
    if row["bottom"] == 1:
        same = "another one" if row["changed"] else "the same"
        return f"The lowest of the {units} is {same} {again}."
    if not row["changed"]:
        return f"The {row['bottom']} lowest {units} are the same {again}."
    verb = "is another one" if row["changed"] == 1 else "are others"
    return f"{row['changed']} of the {row['bottom']} lowest {units} {verb} {again}."
