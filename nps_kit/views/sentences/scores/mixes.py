"""Who scores higher in each kind of contact, who overall, and what the mix has to do with it."""

from typing import Any

import polars as pl

from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import (
    is_number,
    name_column,
    name_value,
    start_sentence,
    write_count,
    write_list,
    write_points,
    write_score,
    write_share,
    write_span,
)

MIX_NEEDS = (
    *("row", "name", "group", "against", "n", "n_against", "share", "share_against"),
    *("nps", "low", "high", "nps_against", "low_against", "high_against", "change"),
)

ROW_WORDS = {
    "all": "All together",
    "all below": "as reported",
    "standardised": "Same mix",
    "standardised below": "mix allowed for",
}

MOST_STRATA = 8
"""How many kinds of contact a picture holds."""

NO_ANSWERS = "Neither of the two has an answer."


def choose_strata(mixes: pl.DataFrame) -> tuple[list[dict[str, Any]], int]:
    """Choose the kinds of contact with most answers, and count the others."""
    rows = mixes.filter(pl.col("row").cast(pl.String) == "stratum").to_dicts()
    return rows[:MOST_STRATA], max(0, len(rows) - MOST_STRATA)


def say_mixes(mixes: pl.DataFrame) -> Sentence:
    """Say who is ahead in each kind of contact, who overall, and who with the mix allowed for.

    Parameters
    ----------
    mixes
        Table as `compare_mixes` makes it.

    Returns
    -------
    The sentences, a line each. Facts: ``nps``, ``nps_against``, ``change``, ``standardised``,
    ``standardised_against``, ``shared`` (kinds both have), ``ahead`` (of these).

    Raises
    ------
    MissingColumnError
        If `mixes` lacks a column that the sentence needs.

    Examples
    --------
    >>> from nps_kit.stats.scores import compare_mixes
    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a"] * 4 + ["b"] * 4,
    ...         "touchpoint": ["claims", "claims", "advice", "advice"] * 2,
    ...         "score": [10, 2] * 4,
    ...         "n": [40, 40, 18, 2, 8, 12, 64, 16],
    ...     }
    ... )
    >>> found = compare_mixes(counts, by="team", over="touchpoint", group="a", against="b")
    >>> print(say_mixes(found).splitlines()[0])
    A is better in each of the 2 kinds of contact, and yet 28 points worse overall.
    """
    check_columns(mixes, MIX_NEEDS, caller="say_mixes()", name="mixes")
    rows = mixes.to_dicts()
    strata = [row for row in rows if row["row"] == "stratum"]
    if not strata:
        return Sentence(NO_ANSWERS, facts={"shared": 0})
    whole = next(row for row in rows if row["row"] == "all")
    even = next(row for row in rows if row["row"] == "standardised")
    shared = [row for row in strata if is_number(row["change"])]
    ahead = sum(row["change"] > 0 for row in shared)
    behind = sum(row["change"] < 0 for row in shared)
    facts: dict[str, Any] = {
        **{name: whole[name] for name in ("nps", "nps_against", "change")},
        "standardised": even["nps"],
        "standardised_against": even["nps_against"],
        "shared": len(shared),
        "ahead": ahead,
    }
    shown, rest = choose_strata(mixes)
    more = f" and {write_count(rest, 'more kind')}" if rest else ""
    lines = [
        start_sentence(_say_point(whole, shared=len(shared), ahead=ahead, behind=behind)),
        _say_even(even, whole),
        _say_sides(whole),
        f"{'; '.join(_say_stratum(row) for row in shown)}{more}.",
    ]
    return Sentence("\n".join(line for line in lines if line), facts=facts)


def _say_point(whole: dict[str, Any], *, shared: int, ahead: int, behind: int) -> str:
    group, against = name_value(whole["group"]), name_value(whole["against"])
    change = whole["change"]
    if not is_number(change):
        without = group if not is_number(whole["nps"]) else against
        return f"{without} has no answer, so the two cannot be compared."
    if not shared:
        return f"{group} and {against} share no kind of contact: nothing of theirs compares."
    kinds = (
        f"in each of the {shared} kinds of contact"
        if shared > 1
        else "in the one kind of contact that both have"
    )
    every = shared in (ahead, behind)
    lead = f"better {kinds}" if ahead == shared else f"worse {kinds}"
    if not every:
        lead = f"better in {ahead} of the {shared} kinds of contact that both have"
    size = write_points(abs(change))
    if size == "0":
        overall = f"level with {against} overall"
    else:
        noun = "point" if size == "1" else "points"
        overall = f"{size} {noun} {'better' if change > 0 else 'worse'} overall"
    turned = every and shared > 1 and (change > 0) != (ahead == shared)
    return f"{group} is {lead}, and {'yet ' if turned else ''}{overall}."


def _say_even(even: dict[str, Any], whole: dict[str, Any]) -> str:
    ours, theirs = even["nps"], even["nps_against"]
    if not (is_number(ours) and is_number(theirs)):
        return ""
    group, against = name_value(whole["group"]), name_value(whole["against"])
    change = even["change"]
    size = write_points(abs(change))
    if size == "0":
        ends = "level"
    else:
        noun = "point" if size == "1" else "points"
        ends = f"{size} {noun} {'ahead' if change > 0 else 'behind'}"
    return (
        f"With the mix allowed for, {group} stands at {write_score(ours)} and {against} at "
        f"{write_score(theirs)}: {ends}."
    )


def _say_sides(whole: dict[str, Any]) -> str:
    told = []
    for ending, name in (("", whole["group"]), ("_against", whole["against"])):
        value = whole[f"nps{ending}"]
        if is_number(value):
            span = write_span(whole[f"low{ending}"], whole[f"high{ending}"])
            behind = [span, write_count(whole[f"n{ending}"], "answer")]
            inside = ", ".join(part for part in behind if part)
            told.append(f"{name_value(name)} {write_score(value)} ({inside})")
    return f"As reported: {write_list(told)}." if told else ""


def _say_stratum(row: dict[str, Any]) -> str:
    ours, theirs = (
        write_score(row[name]) if is_number(row[name]) else "none"
        for name in ("nps", "nps_against")
    )
    return (
        f"{name_value(row['name'])} {ours} against {theirs} ({write_share(row['share'] or 0)} and "
        f"{write_share(row['share_against'] or 0)} of the answers)"
    )


def say_reversals(reversals: pl.DataFrame, *, over: str = "touchpoint") -> Sentence:
    """Say how many pairs of groups are turned over by their mix.

    Parameters
    ----------
    reversals
        Table as `find_reversals` makes it.
    over
        What the kinds of contact are called.

    Returns
    -------
    The sentence. Facts: ``reversals``, ``pairs``.

    Raises
    ------
    MissingColumnError
        If `reversals` lacks a column that the sentence needs.

    Examples
    --------
    >>> found = pl.DataFrame(
    ...     {"group": ["a"], "against": ["b"], "strata": [2], "change": [-28.0], "pairs": [10]}
    ... )
    >>> say_reversals(found)
    '1 of 10 pairs is turned over by its mix: better at every touchpoint both have, worse overall.'
    """
    needs = ("group", "against", "strata", "change", "pairs")
    check_columns(reversals, needs, caller="say_reversals()", name="reversals")
    found = reversals.height
    kind = name_column(over)
    if not found:
        said = f"No pair is better at every {kind} that both have and worse overall."
        return Sentence(said, facts={"reversals": 0})
    pairs = reversals["pairs"][0]
    one = found == 1
    said = (
        f"{found:,} of {write_count(pairs, 'pair')} {'is' if one else 'are'} turned over by "
        f"{'its' if one else 'their'} mix: better at every {kind} both have, worse overall."
    )
    return Sentence(said, facts={"reversals": found, "pairs": pairs})
