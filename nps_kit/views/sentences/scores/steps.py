"""What one customer's answer does to the score, and what the others' do."""

from typing import Any

import polars as pl

from nps_kit.errors import OptionError
from nps_kit.outputs import Sentence
from nps_kit.scale import BANDS
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import say_estimates
from nps_kit.views.wording import is_number, write_count, write_list, write_points, write_score

_NEEDS = ("score", "band", "n_others", "given", "n", "nps", "low", "high", "few", "change")


def say_steps(steps: pl.DataFrame) -> Sentence:
    """Say the score, what the one more answer does to it, and what the passives do.

    Parameters
    ----------
    steps
        Table as `find_steps` makes it.

    Returns
    -------
    The sentences, a line each. Facts: ``nps``, ``low``, ``high``, ``n``, ``score`` (of the one
    more), ``two_bands`` and the answers of each band.

    Raises
    ------
    MissingColumnError
        If `steps` lacks a column that the sentence needs.
    OptionError
        If not exactly one row is marked as given.

    Examples
    --------
    >>> from nps_kit.stats.scores import find_steps
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [5, 4, 10]})
    >>> print(say_steps(find_steps(counts, score=6)).splitlines()[1])
    A 6 counts as a 0 does: nothing from 0 to 6 moves the score. A 7 would add 5 points.
    """
    check_columns(steps, (*_NEEDS, "nps_two_bands"), caller="say_steps()", name="steps")
    rows = steps.to_dicts()
    given = [row for row in rows if row["given"]]
    if len(given) != 1:
        raise OptionError(
            f"say_steps() needs one row with given=true, and `steps` has {len(given)}.\n"
            "  find_steps(counts, score=...) marks the one that was given."
        )
    here = given[0]
    score = say_estimates(steps.filter(pl.col("given")), by=[])
    sizes = {
        band: sum(row["n_others"] + row["given"] for row in rows if row["band"] == band)
        for band in BANDS
    }
    facts: dict[str, Any] = {
        **{name: here[name] for name in ("nps", "low", "high", "n", "score")},
        **sizes,
        "two_bands": here["nps_two_bands"],
    }
    levels = list(dict.fromkeys(row["nps"] for row in rows))
    bands = write_list([write_count(sizes[b], b[:-1], plural=b) for b in BANDS])
    lines = [
        score,
        _say_step(rows, here),
        _say_passives(here, sizes["passives"]),
        f"Here are {bands}. {_say_levels(levels)}",
    ]
    return Sentence("\n".join(line for line in lines if line), facts=facts)


def _say_levels(levels: list[float]) -> str:
    written = [write_score(level) for level in levels]
    if len(set(written)) < len(written):
        return "So many answers are there that the one moves the score by a point at most."
    scores = write_list(written)
    return f"By the one customer the score can be {scores}, and nothing between."


def _say_step(rows: list[dict[str, Any]], here: dict[str, Any]) -> str:
    same = [row["score"] for row in rows if row["band"] == here["band"]]
    up = next((row for row in rows if row["score"] == same[-1] + 1), None)
    low, high, mine = same[0], same[-1], here["score"]
    other = low if mine != low else high
    as_well = f"A{_n(mine)} {mine} counts as a{_n(other)} {other} does: nothing from {low} to"
    told = f"{as_well} {high} moves the score."
    if up is None:
        return f"{told} It cannot go higher."
    return f"{told} A{_n(up['score'])} {up['score']} would add {_write_step(up['change'])}."


def _write_step(points: float) -> str:
    size = write_points(points, decimals=next((k for k in (0, 1) if points >= 10**-k), 2))
    return f"{size} {'point' if size == '1' else 'points'}"


def _n(score: int) -> str:
    return "n" if score == 8 else ""  # noqa: PLR2004 - the one that is said "an eight"


def _say_passives(here: dict[str, Any], passives: int) -> str:
    two = here["nps_two_bands"]
    if not passives:
        return "There is no passive: everybody pulls one way or the other."
    if not is_number(two):
        return "All are passives: they stand on neither side, and the score is 0."
    weigh = "passive stands" if passives == 1 else f"{passives:,} passives stand"
    return (
        f"The {weigh} on neither side, and yet among the answers: without "
        f"{'it' if passives == 1 else 'them'} the score would be {write_score(two)}."
    )
