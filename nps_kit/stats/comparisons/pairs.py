"""The same people asked twice: their answers before beside their answers after."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, check_counts, check_unmixed
from nps_kit.errors import OptionError, check_choice, check_level, missing_column
from nps_kit.scale import POINTS, band_of
from nps_kit.stats.chances import Adjust
from nps_kit.stats.comparisons.families import Comparison, judge
from nps_kit.stats.comparisons.sides import TAKEN
from nps_kit.stats.differences.paired import envelope, p_values
from nps_kit.stats.intervals import Bounds
from nps_kit.stats.samples import WEIGHTS, check_groups, check_min_n, ratio, to_column, to_floats

_CALLER = "compare_pairs()"

_SHIFTS = (-2, -1, 0, 1, 2)

_TAKEN = frozenset(
    (
        *(f"shift {shift}" for shift in _SHIFTS),
        *("points before", "points after", "_before", "_after", "_shift"),
    )
)


def compare_pairs(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    before: str = "score_before",
    after: str = "score_after",
    level: float = 0.95,
    adjust: Adjust = "holm",
    min_n: int = 30,
) -> pl.DataFrame:
    """Compare the scores of people who answered twice.

    Parameters
    ----------
    counts
        Joint tally: one row per group and pair of scores, columns ``[*by, score_before,
        score_after, reason, n]``. Rows with a reason are left out; a table without ``reason`` is
        taken as all used.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    before, after
        Columns of the two scores.
    level
        Probability that all intervals together aim for (with ``none``: each by itself).
    adjust
        How the number of comparisons is heeded, as in `compare_groups`.
    min_n
        A group with fewer people who answered twice is marked ``few`` and not tested.

    Returns
    -------
    One row per group, sorted by `by`; without `by` always one row:

    =====================  ========  =======================================================
    ``*by``                          as given
    ``n``                  int       people with both scores
    ``nps_before``         points    their score before
    ``nps``                points    their score after
    ``change``             points    ``nps`` less ``nps_before``, -200 to 200
    ``low``, ``high``      points    bounds of the change, simultaneous as `adjust` says
    ``level``              0 to 1    as asked
    ``method``             text      how the interval was made
    ``p_value``            0 to 1    of this comparison alone; null where ``few``
    ``p_adjusted``         0 to 1    with the number of comparisons heeded
    ``adjust``             text      as asked
    ``n_tests``            int       comparisons that were tested
    ``few``                boolean   under `min_n` people with both scores
    ``n_unpaired``         int       people with one score only, who are left out
    ``survey``, ``scale``  text      where `counts` has them and they are not in `by`
    =====================  ========  =======================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``n``, either score or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `by`, `before`, `after`, `level`, `adjust` or `min_n` cannot be used, or if `counts`
        is weighted.

    Notes
    -----
    What is judged is how each person moved, from -200 (promoter to detractor) to 200: the mean of
    the moves is the change, and their spread holds the covariance of the two answers. The interval
    is the envelope of Student's, with half a person added to each of the five moves and one to
    none, and that of a score test like Tango's for one score; the p-value is the larger of the two
    tests'. Summed up exactly for 2 to 20 people over fifty distributions without a change, a test
    at 0.05, and at any smaller level down to 0.0004, was wrong no more often than that.

    Who answers twice is not everybody: the change is that of these people.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"score_before": [3, 3, 8, 9], "score_after": [3, 9, 9, 9], "n": [20, 15, 25, 40]}
    ... )
    >>> found = compare_pairs(counts)
    >>> found.select("n", "nps_before", "nps", pl.col("change", "low", "high").round(1)).row(0)
    (100, 5.0, 60.0, 55.0, 38.4, 71.3)
    """
    check_level(level, caller=_CALLER)
    check_choice(adjust, get_args(Adjust), caller=_CALLER, option="adjust")
    check_min_n(min_n, caller=_CALLER)
    check_groups(by, taken={*TAKEN, *_TAKEN, before, after}, caller=_CALLER)
    counts = _check_joint(counts, by=by, scores=(before, after))
    check_unmixed(counts, by=by, caller=_CALLER)

    joint = _count_shifts(counts, by=by, scores=(before, after))
    n = to_floats(joint["n"])
    shifts = np.stack([to_floats(joint[f"shift {shift}"]) for shift in _SHIFTS])
    scores = [ratio(to_floats(joint[f"points {side}"]), n) for side in ("before", "after")]

    def bounds(each: float) -> Bounds:
        return envelope(shifts, level=each)

    found = Comparison(
        change=scores[1] - scores[0],
        p_value=p_values(shifts),
        bounds=bounds,
        few=n < min_n,
        same_as=np.arange(n.size),
        method="envelope_paired",
    )
    columns: dict[str, pl.Series] = {name: joint[name] for name in by}
    columns |= {
        "n": joint["n"],
        "nps_before": to_column(scores[0]),
        "nps": to_column(scores[1]),
    }
    columns |= judge(found, level=level, adjust=adjust)
    columns["n_unpaired"] = joint["n_unpaired"]
    columns |= {name: joint[name] for name in CONTEXT if name in joint.columns}
    return pl.DataFrame(columns)


def _check_joint(
    counts: pl.DataFrame, *, by: Sequence[str], scores: tuple[str, str]
) -> pl.DataFrame:
    """Check that `counts` is a joint tally, and complete it."""
    if scores[0] == scores[1]:
        raise OptionError(
            f"{_CALLER} cannot compare '{scores[0]}' with itself.\n"
            "  before and after name two columns."
        )
    for name in scores:
        if name not in counts.columns:
            raise missing_column(
                name,
                caller=_CALLER,
                table="`counts`",
                present=counts.columns,
                remedy="A row is a pair of scores, and n the people who gave it.",
            )
    if any(name in counts.columns for name in WEIGHTS):
        raise OptionError(
            f"{_CALLER} knows no weights.\n"
            '  Compare the people who answered: counts.drop("weight", "weight_sq").'
        )
    for name in scores:
        # Each is checked as the score, in place of a column that may be called so already.
        spare = [] if name == "score" else ["score"]
        alone = counts.drop(spare, strict=False).rename({name: "score"})
        checked = check_counts(alone, by=by, caller=_CALLER)
    return counts.with_columns(checked["n"], checked["reason"])


def _count_shifts(
    counts: pl.DataFrame, *, by: Sequence[str], scores: tuple[str, str]
) -> pl.DataFrame:
    """Count the people of each group by how their answers moved."""
    before, after = (band_of(name).replace_strict(POINTS, return_dtype=pl.Int64) for name in scores)
    used, n = pl.col("reason").is_null(), pl.col("n")
    paired = used & pl.col("_shift").is_not_null()
    sums = [n.filter(paired).sum()]
    sums += [
        n.filter(used & (pl.col("_shift") == shift)).sum().alias(f"shift {shift}")
        for shift in _SHIFTS
    ]
    sums += [
        (n * pl.col(f"_{side}")).filter(paired).sum().alias(f"points {side}")
        for side in ("before", "after")
    ]
    one = pl.col("_before").is_not_null() ^ pl.col("_after").is_not_null()
    sums += [n.filter(used & one).sum().alias("n_unpaired")]
    sums += [
        pl.col(name).filter(used).first()
        for name in CONTEXT
        if name in counts.columns and name not in by
    ]
    moved = counts.with_columns(before.alias("_before"), after.alias("_after")).with_columns(
        _shift=(pl.col("_after") - pl.col("_before")) // 100
    )
    if not by:
        return moved.select(sums)
    return moved.group_by(by).agg(sums).sort(by, nulls_last=True)
