"""The same answers under each definition of the score that is in use, the right one first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from nps_kit.counts import check_counts, check_unmixed
from nps_kit.scale import HIGHEST

Definition = Literal[
    "nps", "one_to_six", "zeros_lost", "blanks_counted", "one_too_low", "stars", "counts"
]

DEFINITIONS: tuple[Definition, ...] = get_args(Definition)
"""The definitions, the right one first and the one that has no points last."""

_CALLER = "compare_definitions()"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which scores are in which band, and what the difference is divided by."""

    detractors: tuple[int, int]
    """The lowest and the highest score of the band."""
    promoters: tuple[int, int]
    passives: tuple[int, int]
    divisor: Literal["answers", "banded", "sent", "one"]


_RIGHT = Rule((0, 6), (9, HIGHEST), (7, 8), "answers")
_RULES: dict[Definition, Rule] = {
    "nps": _RIGHT,
    "one_to_six": Rule((1, 6), (9, HIGHEST), (7, 8), "answers"),
    "zeros_lost": Rule((1, 6), (9, HIGHEST), (7, 8), "banded"),
    "blanks_counted": Rule((0, 6), (9, HIGHEST), (7, 8), "sent"),
    # The place in a list that counts from nought, taken for the score: a 9 is read as an 8.
    "one_too_low": Rule((0, 7), (HIGHEST, HIGHEST), (8, 9), "answers"),
    # A star for every two points: 9 and 10 are five stars, 7 and 8 four, 5 and 6 three.
    "stars": Rule((0, 4), (7, HIGHEST), (5, 6), "answers"),
    "counts": Rule((0, 6), (9, HIGHEST), (7, 8), "one"),
}


def compare_definitions(counts: pl.DataFrame) -> pl.DataFrame:
    """Compare what the same answers give under each definition that people use.

    Parameters
    ----------
    counts
        Count table as `tally` makes it. Rows with the reason "blank" are the surveys that came
        back without a score; weights are left aside.

    Returns
    -------
    One row per definition, the right one first:

    ===================  =======  ===========================================================
    ``definition``       enum     which; see Notes
    ``value``            number   what comes out; null where there is nothing to divide by
    ``unit``             text     "points", or "answers" where counts were not made shares
    ``change``           points   ``value`` less that of the right definition; null where the
                                  unit is another
    ``n``                int      answers with a score
    ``divisor``          int      what promoters less detractors were divided by; null: nothing
    ``detractors``       int      answers taken for detractors
    ``passives``         int      answers taken for passives
    ``promoters``        int      answers taken for promoters
    ``zeros``            int      answers of 0
    ``blanks``           int      surveys without a score
    ``survey, scale``    text     where `counts` has them
    ===================  =======  ===========================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales.

    Notes
    -----
    ``nps``: detractors 0 to 6, promoters 9 and 10, shares of the answers with a score.

    ``one_to_six``: detractors 1 to 6; a 0 is in no band, but among the answers.

    ``zeros_lost``: a 0 became a blank on its way, and is not among the answers either.

    ``blanks_counted``: right bands, divided by all surveys, those without a score too.

    ``one_too_low``: each score read as the one below it, as where a program takes the place in a
    list that counts from nought for the score on a scale from 1.

    ``stars``: a star for every two points (0 to 2 is one star, 9 and 10 are five); 4 and 5 stars
    promoters, 3 passives.

    ``counts``: promoters less detractors, in answers.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "score": [0, 4, 8, 10, None],
    ...         "reason": [None] * 4 + ["blank"],
    ...         "n": [8, 12, 20, 60, 25],
    ...     }
    ... )
    >>> compare_definitions(counts).select("definition", "value").rows()[:4]
    [('nps', 40.0), ('one_to_six', 48.0), ('zeros_lost', 52.17391304347826), \
('blanks_counted', 32.0)]
    """
    checked = check_counts(counts, by=(), caller=_CALLER)
    check_unmixed(checked, by=(), caller=_CALLER)
    scored = checked.filter(pl.col("reason").is_null(), pl.col("score").is_not_null())
    by_score = {
        int(score): int(n)
        for score, n in scored.group_by("score").agg(pl.col("n").sum()).iter_rows()
    }
    lost = pl.col("reason").cast(pl.String) == "blank"
    empty = pl.col("reason").is_null() & pl.col("score").is_null()
    blanks = int(checked.filter(lost | empty)["n"].sum())
    rows = [
        {"definition": name} | _apply(rule, by_score, blanks=blanks)
        for name, rule in _RULES.items()
    ]
    kinds = {"value": pl.Float64, "divisor": pl.Int64}
    table = pl.DataFrame(rows, schema_overrides=kinds).cast({"definition": pl.Enum(DEFINITIONS)})
    right = table["value"][0]
    context = {
        name: scored[name].first() if scored.height else None
        for name in ("survey", "scale")
        if name in scored.columns
    }
    change = pl.when(pl.col("unit") == "points").then(pl.col("value") - right)
    return table.with_columns(change=change).select(
        *("definition", "value", "unit", "change", "n", "divisor"),
        *("detractors", "passives", "promoters", "zeros", "blanks"),
        *(pl.lit(value, pl.String).alias(name) for name, value in context.items()),
    )


def _apply(rule: Rule, by_score: Mapping[int, int], *, blanks: int) -> dict[str, object]:
    def within(ends: tuple[int, int]) -> int:
        return sum(n for score, n in by_score.items() if ends[0] <= score <= ends[1])

    bands = {name: within(getattr(rule, name)) for name in ("detractors", "passives", "promoters")}
    n = sum(by_score.values())
    divisors: dict[str, Callable[[], int | None]] = {
        "answers": lambda: n,
        "banded": lambda: sum(bands.values()),
        "sent": lambda: n + blanks,
        "one": lambda: None,
    }
    divisor = divisors[rule.divisor]()
    ahead = bands["promoters"] - bands["detractors"]
    if divisor is None:
        value: float | None = float(ahead)
    else:
        value = 100 * ahead / divisor if divisor else None
    return {
        "value": value,
        "unit": "answers" if divisor is None else "points",
        "n": n,
        "divisor": divisor,
        **bands,
        "zeros": by_score.get(0, 0),
        "blanks": blanks,
    }
