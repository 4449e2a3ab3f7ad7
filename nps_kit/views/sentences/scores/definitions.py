"""What a definition makes of the same answers, why, and where it is written so."""

from typing import Any, NamedTuple

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import is_number, write_count, write_points, write_score

DEFINITION_NEEDS = ("definition", "value", "unit", "change", "n", "divisor", "zeros", "blanks")


class Name(NamedTuple):
    """How a definition is told."""

    label: str
    short: str
    why: str
    """What it does to the answers, after "since"."""
    source: str
    """Where it is found."""


NAMES: dict[str, Name] = {
    "nps": Name(
        "The score",
        "0\u20136, shares of all answers",
        "it takes the share of promoters less the share of detractors",
        "Reichheld, The one number you need to grow, Harvard Business Review, December 2003",
    ),
    "one_to_six": Name(
        "Detractors 1 to 6",
        "a 0 is in no band",
        "whoever answers 0 is no detractor any more, only one of the answers",
        "the article \u201cCustomer Loyalty is a Two-Way Street\u201d on contact centres; also the"
        " page of the NPS accelerator on Tableau Exchange, which gives both 1\u20136 and"
        " 0\u20136",
    ),
    "zeros_lost": Name(
        "Zeros become blanks",
        "a 0 is no answer at all",
        "the angriest customers are not even among the answers",
        "an export of the survey tool Formbricks, where a 0 came out empty (issue 3079, mended in"
        " 2024)",
    ),
    "blanks_counted": Name(
        "Blanks among answers",
        "divided by all surveys",
        "surveys without a score are divided by, which draws every score towards 0",
        "the help pages of CustomerGauge, where the divisor is the responses, and those \u201ccan"
        " contain no scores\u201d",
    ),
    "one_too_low": Name(
        "Read one too low",
        "place in a list, not score",
        "a 9 is read as an 8 and a 7 as a 6; only a 10 makes a promoter",
        "Mozilla\u2019s fx-private-relay, where the place in a list was taken for the score on a"
        " scale from 1 (change 1013, mended in 2021)",
    ),
    "stars": Name(
        "Five stars instead",
        "4\u20135 promoters, 3 passives",
        "sevens and eights, four stars each, become promoters",
        "a tutorial on dailybitalks.com (2024), which sorts five stars so; the stars here are the"
        " same answers, two points a star",
    ),
    "counts": Name(
        "Counts, not shares",
        "promoters less detractors",
        "answers are subtracted, not shares: it grows with every survey sent, and no two centres"
        " compare",
        "the article \u201cCustomer Loyalty is a Two-Way Street\u201d: \u201cthe number of"
        " promoters minus the number of detractors\u201d",
    ),
}


def say_definitions(definitions: pl.DataFrame, *, chosen: str) -> Sentence:
    """Say what one definition makes of the answers, why, where it is found; and all the others.

    Parameters
    ----------
    definitions
        Table as `compare_definitions` makes it.
    chosen
        The definition to speak of.

    Returns
    -------
    The sentences, a line each. Facts: ``definition``, ``value``, ``change``, ``n``, ``zeros``,
    ``blanks``.

    Raises
    ------
    MissingColumnError
        If `definitions` lacks a column that the sentence needs.
    OptionError
        If `chosen` is none of the definitions.

    Examples
    --------
    >>> from nps_kit.stats.scores import compare_definitions
    >>> counts = pl.DataFrame({"score": [0, 4, 8, 10], "n": [8, 12, 20, 60]})
    >>> print(say_definitions(compare_definitions(counts), chosen="one_to_six").splitlines()[0])
    “Detractors 1 to 6” makes +48 of answers that score +40: 8 points too many.
    """
    check_columns(definitions, DEFINITION_NEEDS, caller="say_definitions()", name="definitions")
    known = definitions["definition"].cast(pl.String).to_list()
    check_choice(chosen, known, caller="say_definitions()", option="chosen")
    rows = definitions.to_dicts()
    right = next(row for row in rows if row["definition"] == "nps")
    mine = next(row for row in rows if row["definition"] == chosen)
    facts = {name: mine[name] for name in ("definition", "value", "change", "n", "zeros", "blanks")}
    if not right["n"]:
        return Sentence("No answer has a score, so no definition makes one.", facts=facts)
    name = NAMES[chosen]
    others = "; ".join(f"{NAMES[row['definition']].label} {_write(row)}" for row in rows)
    lines = [
        _say_value(mine, right),
        f"Why: {name.why}." if chosen != "nps" else "",
        f"Source: {name.source}.",
        _say_answers(right, others),
    ]
    return Sentence("\n".join(line for line in lines if line), facts=facts)


def _say_answers(right: dict[str, Any], others: str) -> str:
    zeros, blanks = write_count(right["zeros"], "zero"), write_count(right["blanks"], "blank")
    answers = write_count(right["n"], "answer")
    return f"The same {answers}, {zeros} among them, and {blanks}: {others}."


def _write(row: dict[str, Any]) -> str:
    if not is_number(row["value"]):
        return "none"
    if row["unit"] == "points":
        return write_score(row["value"])
    return f"{_count(row)}, not points"


def _count(row: dict[str, Any]) -> str:
    ahead = round(row["value"])
    return write_count(ahead, "answer") if ahead >= 0 else f"{write_points(ahead)} answers"


def _say_value(mine: dict[str, Any], right: dict[str, Any]) -> str:
    label = NAMES[mine["definition"]].label
    score = write_score(right["value"])
    if mine["definition"] == "nps":
        return f"The score is {score}: the share of promoters less the share of detractors, 0 to 6."
    if mine["unit"] != "points":
        return (
            f"\u201c{label}\u201d makes {_count(mine)} of a score of {score}: a number with no "
            "scale to it."
        )
    if not is_number(mine["value"]):
        return f"\u201c{label}\u201d leaves no answer to score."
    change = mine["change"]
    if change == 0:
        why = {
            "one_to_six": ": nobody answered 0",
            "zeros_lost": ": nobody answered 0",
            "blanks_counted": ": no survey came back without a score",
        }.get(mine["definition"], "")
        return f"\u201c{label}\u201d makes no difference to these answers{why}; it will to others."
    decimals = 0 if abs(change) >= 1 else 1
    size = write_points(abs(change), decimals=decimals)
    noun = "point" if size == "1" else "points"
    side = "many" if change > 0 else "few"
    if size == "1":
        side = "much" if change > 0 else "little"
    return (
        f"\u201c{label}\u201d makes {write_score(mine['value'])} of answers that score {score}: "
        f"{size} {noun} too {side}."
    )
