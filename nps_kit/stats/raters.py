"""Those who judge quality: how far their ratings of the same thing lie apart, who is severe."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import special

from nps_kit.errors import OptionError, check_level, missing_column
from nps_kit.stats.samples import ratio, to_column, to_floats

_THING = ("interaction_id", "criterion")
"""What tells one thing that is rated from another; a column that is missing tells nothing apart."""

_EXPERT = "expert"
_LEANS = ("severe", "lenient")
_ALIKE = 1e-9
"""A spread this small, on 0 to 100, is a rounding error."""


def find_spreads(ratings: pl.DataFrame) -> pl.DataFrame:
    """Find how far the ratings of each thing lie apart, and where the expert stands.

    Parameters
    ----------
    ratings
        One row per rating: ``evaluator``, ``rating`` from 0 to 100, and what was rated in
        ``interaction_id``, ``criterion`` or both; ``role`` where there is an expert.

    Returns
    -------
    One row per thing rated, in the order in which they come first:

    ==================  =======  =============================================================
    ``interaction_id``           as given, if it is there
    ``criterion``                as given, if it is there
    ``n``               int      evaluators, the expert not counted
    ``mean``            0 to 100 their mean; null where there are none
    ``lowest``          0 to 100 their lowest rating, likewise
    ``highest``         0 to 100 their highest rating, likewise
    ``spread``          points   ``highest`` less ``lowest``, likewise
    ``expert``          0 to 100 the expert's rating, the mean of several; null without one
    ==================  =======  =============================================================

    Raises
    ------
    MissingColumnError
        If `ratings` lacks ``evaluator``, ``rating``, or both columns of what was rated.
    OptionError
        If somebody rated the same thing twice, or a rating lies outside 0 to 100.

    Examples
    --------
    >>> ratings = pl.DataFrame(
    ...     {"criterion": "greeting", "evaluator": ["A", "B", "C"], "rating": [60, 80, 85]}
    ... )
    >>> find_spreads(ratings).select("n", "mean", "spread", "expert").row(0)
    (3, 75.0, 25.0, None)
    """
    read = _read(ratings, caller="find_spreads()")
    thing = _find_thing(read)
    value = pl.col("rating")
    theirs = value.filter(~pl.col("expert"))
    return read.group_by(thing, maintain_order=True).agg(
        theirs.len().cast(pl.Int64).alias("n"),
        theirs.mean().alias("mean"),
        theirs.min().alias("lowest"),
        theirs.max().alias("highest"),
        (theirs.max() - theirs.min()).alias("spread"),
        value.filter(pl.col("expert")).mean().alias("expert"),
    )


def estimate_severity(ratings: pl.DataFrame, *, level: float = 0.95) -> pl.DataFrame:
    """Estimate by how much each evaluator rates the same things lower or higher than the others.

    Parameters
    ----------
    ratings
        Table as for `find_spreads`. An expert is no evaluator here, and none of the others.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).

    Returns
    -------
    One row per evaluator, the most severe first:

    ===============  =======  ================================================================
    ``evaluator``    text     as given
    ``n``            int      things rated that somebody else rated too
    ``contacts``     int      contacts that they are of
    ``deviation``    points   mean over contacts of the rating less the others' median; null where
                              ``n`` is 0
    ``low``          points   lower bound; null with fewer than two contacts, or all alike
    ``high``         points   upper bound, likewise
    ``from_expert``  points   the same of the rating less the expert's; null without one
    ``lean``         Enum     severe or lenient, where the deviation is more than chance explains,
                              all evaluators taken together; else null
    ``level``        0 to 1   as asked
    ===============  =======  ================================================================

    Raises
    ------
    MissingColumnError
        If `ratings` lacks ``evaluator``, ``rating``, or both columns of what was rated.
    OptionError
        If somebody rated the same thing twice, a rating lies outside 0 to 100, or `level` is no
        probability.

    Notes
    -----
    Each rating is set against the median of what the other evaluators gave the same thing, so that
    a hard contact makes nobody severe, and one severe evaluator makes nobody else lenient. Ratings
    of one contact on several criteria hang together: a contact counts once, by the mean of its
    criteria, and the interval is Student's of the contacts (Biometrika 6, 1908, 1-25). Without
    ``interaction_id`` each criterion is taken for a contact. ``lean`` holds the interval to `level`
    shared among the evaluators (Bonferroni). Who is severe differs from the others; only the
    expert, or the customer, can say who is right.

    Examples
    --------
    >>> ratings = pl.DataFrame(
    ...     {
    ...         "criterion": [*"abc", *"abc"],
    ...         "evaluator": ["A", "A", "A", "B", "B", "B"],
    ...         "rating": [50, 60, 70, 60, 72, 80],
    ...     }
    ... )
    >>> estimate_severity(ratings).select(
    ...     "evaluator", "n", pl.col("deviation", "low", "high").round(1)
    ... ).row(0)
    ('A', 3, -10.7, -13.5, -7.8)
    """
    caller = "estimate_severity()"
    check_level(level, caller=caller)
    read = _read(ratings, caller=caller)
    thing = _find_thing(read)
    expert = read.filter("expert").group_by(thing).agg(pl.col("rating").mean().alias("_expert"))
    mine = read.filter(~pl.col("expert"))
    # One severe rater must not make all others look lenient: hence the median.
    others = (
        mine.join(mine, on=thing, nulls_equal=True, suffix="_other")
        .filter(pl.col("evaluator") != pl.col("evaluator_other"))
        .group_by(*thing, "evaluator")
        .agg(pl.col("rating_other").median().alias("_others"))
    )
    known: dict[str, Any] = {"how": "left", "nulls_equal": True, "maintain_order": "left"}
    apart = (
        mine.join(others, on=[*thing, "evaluator"], **known)
        .join(expert, on=thing, **known)
        .with_columns((pl.col("rating") - pl.col("_others")).alias("_apart"))
    )
    found = (
        apart.group_by("evaluator", thing[0], maintain_order=True)
        .agg(
            pl.col("_apart").count().cast(pl.Int64).alias("n"),
            pl.col("_apart").mean(),
            (pl.col("rating") - pl.col("_expert")).mean().alias("_off"),
        )
        .group_by("evaluator", maintain_order=True)
        .agg(
            pl.col("n").sum(),
            pl.col("_apart").count().cast(pl.Int64).alias("contacts"),
            pl.col("_apart").mean().alias("deviation"),
            pl.col("_apart").std().alias("_spread"),
            pl.col("_off").mean().alias("from_expert"),
        )
    )
    contacts, spread = to_floats(found["contacts"]), to_floats(found["_spread"])
    deviation = to_floats(found["deviation"])
    degrees = np.where((contacts > 1) & (spread > _ALIKE), contacts - 1, np.nan)
    error = ratio(spread, np.sqrt(contacts))
    wide = -special.stdtrit(degrees, (1 - level) / 2) * error
    bounded = max(int(np.isfinite(wide).sum()), 1)
    shared = -special.stdtrit(degrees, (1 - level) / 2 / bounded) * error
    lean = np.where(deviation < -shared, _LEANS[0], np.where(deviation > shared, _LEANS[1], ""))
    return found.select(
        "evaluator",
        "n",
        "contacts",
        "deviation",
        low=to_column(deviation - wide),
        high=to_column(deviation + wide),
        from_expert="from_expert",
        lean=pl.Series(lean.tolist(), dtype=pl.String).replace("", None).cast(pl.Enum(_LEANS)),
        level=pl.lit(float(level)),
    ).sort("deviation", nulls_last=True, maintain_order=True)


def _read(ratings: pl.DataFrame, *, caller: str) -> pl.DataFrame:
    """Read ratings: whose each is, of what, and whether an expert's."""
    for name in ("evaluator", "rating"):
        if name not in ratings.columns:
            raise missing_column(name, caller=caller, table="`ratings`", present=ratings.columns)
    if not any(name in ratings.columns for name in _THING):
        raise missing_column(
            _THING[-1],
            caller=caller,
            table="`ratings`",
            present=ratings.columns,
            remedy=f"It, or '{_THING[0]}', tells what was rated.",
        )
    expert = pl.col("role") == _EXPERT if "role" in ratings.columns else pl.lit(value=False)
    read = ratings.select(
        *(name for name in _THING if name in ratings.columns),
        pl.col("evaluator").cast(pl.String),
        pl.col("rating").cast(pl.Float64),
        expert.fill_null(value=False).alias("expert"),
    ).drop_nulls("rating")
    wrong = read.filter(~pl.col("rating").is_between(0, 100))
    if wrong.height:
        raise OptionError(
            f"{caller} takes ratings from 0 to 100, and found {wrong['rating'][0]:g}.\n"
            "  Bring them to that scale first: rating * 100 / highest."
        )
    twice = read.filter(read.select(*_find_thing(read), "evaluator").is_duplicated())
    if twice.height:
        raise OptionError(
            f"{caller} found two ratings of the same thing by '{twice['evaluator'][0]}'.\n"
            '  Keep one: ratings.unique([...], keep="last").'
        )
    return read


def _find_thing(read: pl.DataFrame) -> Sequence[str]:
    """Name the columns that tell one thing that is rated from another."""
    return [name for name in _THING if name in read.columns]
