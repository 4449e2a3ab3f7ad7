"""Each group beside the rest, or beside one of them."""

from collections.abc import Hashable, Sequence
from typing import get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from nps_kit.counts import CONTEXT, check_unmixed, count_bands
from nps_kit.errors import OptionError, bad_option, check_choice, check_level
from nps_kit.scale import BANDS
from nps_kit.stats.chances import Adjust
from nps_kit.stats.clusters import take_units, tie_rest, tie_sides
from nps_kit.stats.comparisons.families import judge
from nps_kit.stats.comparisons.sides import TAKEN, compare_sides, take_sides, tell_sides
from nps_kit.stats.samples import (
    WEIGHTS,
    check_cluster,
    check_groups,
    check_min_n,
    check_weights,
    to_column,
)

_CALLER = "compare_groups()"

REST = "rest"
"""What a group is compared with unless one is named: all other groups together."""


def compare_groups(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    against: object = REST,
    level: float = 0.95,
    adjust: Adjust = "holm",
    min_n: int = 30,
    cluster: str | None = None,
) -> pl.DataFrame:
    """Compare the score of each group with that of the rest, or of one named group.

    A group is set beside all the others together, never beside the whole that holds it.

    Parameters
    ----------
    counts
        Count table as `tally` makes it. With ``weight`` and ``weight_sq`` the comparison is
        weighted.
    by
        Columns that tell the groups apart. Where ``survey`` or ``scale`` is one of them, the rest
        of a group is the rest of its own kind.
    against
        ``"rest"``: all other groups, pooled. Else the value of the one group, in the one column of
        `by`, that every other is compared with; its own row is left out.
    level
        Probability that all intervals together aim for (with ``none``: each by itself).
    adjust
        How the number of comparisons is heeded; see Notes.
    min_n
        A comparison with fewer answers on either side is marked ``few`` and not tested, so that it
        costs the others nothing.
    cluster
        Column that names who answered (or whom the answers are about), where several answers of
        one are alike; `counts` must be tallied by it too. A cluster may answer on both sides.

    Returns
    -------
    One row per group, sorted by `by`:

    =======================  ========  =====================================================
    ``*by``                            as given
    ``n``                    int       answers of the group
    ``nps``                  points    its score
    ``against``              as named  what it is compared with: ``rest``, or the one group's value
    ``n_against``            int       answers there
    ``nps_against``          points    the score there
    ``change``               points    ``nps`` less ``nps_against``, -200 to 200
    ``low``, ``high``        points    bounds of the change, simultaneous as `adjust` says
    ``level``                0 to 1    as asked
    ``method``               text      how the interval was made
    ``p_value``              0 to 1    of this comparison alone; null where ``few``
    ``p_adjusted``           0 to 1    with the number of comparisons heeded
    ``adjust``               text      as asked
    ``n_tests``              int       comparisons that were tested
    ``few``                  boolean   under `min_n` answers on either side
    ``n_effective``          answers   weights or clusters only: equally many plain answers
    ``n_effective_against``  answers   the same, on the other side
    ``n_clusters``           int       clusters only: how many there are on both sides
    ``change_unweighted``    points    weights only: if every answer counted the same
    ``survey``, ``scale``    text      where `counts` has them and they are not in `by`
    =======================  ========  =====================================================

    Where either side has no answers, the change, its bounds and its p-values are null.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a column of `by`, the `cluster` or ``weight_sq``.
    MixedSurveysError
        If groups are of different kinds of survey, or scales: they measure different things.
    OptionError
        If `by`, `against`, `level`, `adjust`, `min_n`, `cluster` or a weight cannot be used.

    Notes
    -----
    **Interval.** The envelope of two: Welch's, on counts with 3/4 of a detractor, 3/2 passives and
    3/4 of a promoter added to each side, and that of a score test whose variances are Tango's, with
    a correction for the steps in which scores of few answers move. The p-value is the larger of the
    two tests'. Equal scores are enough for the hypothesis: the shares behind them may differ.

    **Number of comparisons.** ``holm`` and ``bonferroni`` hold the chance of any false finding
    under ``1 - level``; ``fdr_bh`` holds the expected share of false ones among the findings;
    ``none`` heeds nothing. Intervals are made at the level at which the family keeps its own: with
    ``holm`` and ``bonferroni`` at ``1 - (1 - level) / m`` for m tests, with ``fdr_bh`` at
    ``1 - (1 - level) * found / m`` (Benjamini and Yekutieli 2005). Holm finds a little more than
    its intervals show: after the clearest comparison the next has fewer to stand beside. Two groups
    alone are each other's rest, and count as one comparison.

    **Weights and clusters** are heeded as in `estimate_nps`, side by side. A cluster that answers
    on both sides adds its covariance: the correlation of the two scores through such clusters. The
    degrees of freedom are Welch's from the clusters of both sides, at most one less than all
    clusters.

    **How far it holds.** Over 2 to 120 groups of 5 to 5,000 answers, equal and very unequal, with
    shares such as 1/9/90, 0/5/95, 50/0/50 and groups of equal scores and unlike shares, the chance
    of any false finding was at most 0.05 (`bench/accuracy`). Small groups pay for it: the interval
    of five answers covers nearly always.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a", "a", "b", "b", "c", "c"],
    ...         "score": [3, 9] * 3,
    ...         "n": [90, 110, 40, 160, 60, 140],
    ...     }
    ... )
    >>> found = compare_groups(counts, by=["team"])
    >>> found.select("team", pl.col("change", "low", "high").round(0)).rows()
    [('a', -40.0, -60.0, -20.0), ('b', 35.0, 16.0, 52.0), ('c', 5.0, -15.0, 24.0)]
    >>> found["p_adjusted"].round(4).to_list()
    [0.0, 0.0, 0.5566]
    """
    check_level(level, caller=_CALLER)
    check_choice(adjust, get_args(Adjust), caller=_CALLER, option="adjust")
    check_min_n(min_n, caller=_CALLER)
    check_groups(by, cluster=cluster, taken=TAKEN, caller=_CALLER)
    check_weights(counts, caller=_CALLER)
    check_cluster(counts, by=by, cluster=cluster, caller=_CALLER)
    bands = count_bands(counts, by=by, caller=_CALLER)
    within = [name for name in CONTEXT if name in by]
    if len(within) == len(by):
        raise OptionError(
            f"{_CALLER} cannot compare by={list(by)} alone: kinds of survey, and scales, measure "
            'different things.\n  Name a column beside it: by=["touchpoint", ...].'
        )
    used = counts if "reason" in counts.columns else counts.with_columns(reason=pl.lit(None))
    check_unmixed(used, by=within, caller=_CALLER)

    pooled = isinstance(against, str) and against == REST
    if pooled:
        others = _count_rest(bands, within=within)
    else:
        reference = _find_reference(bands, by=by, within=within, against=against)
        named = bands.join(reference, on=reference.columns, how="semi", nulls_equal=True)
        bands = bands.join(
            reference, on=reference.columns, how="anti", nulls_equal=True, maintain_order="left"
        )
        others = _set_beside(named, bands, within=within)
    keys = bands.select(by)
    tied = None
    if cluster is not None:
        units = take_units(counts, by=by, cluster=cluster, caller=_CALLER)
        if pooled:
            tied = tie_rest(units, keys, within=within, cluster=cluster)
        else:
            theirs = units.join(reference, on=reference.columns, how="semi", nulls_equal=True)
            tied = tie_sides(units, theirs.drop(reference.columns), keys, cluster=cluster)
    sides = take_sides(bands, others, tied=tied)
    found = compare_sides(sides, min_n=min_n, same_as=_find_same(bands, within) if pooled else None)
    # The value as the key holds it: in print it is named as the rows are.
    name = pl.Series([REST]) if pooled else reference[reference.columns[0]]
    columns: dict[str, pl.Series] = {key: bands[key] for key in by}
    columns |= {
        "n": bands["n"],
        "nps": to_column(sides.ours.points),
        "against": name.new_from_index(0, bands.height),
        "n_against": others["n"],
        "nps_against": to_column(sides.theirs.points),
    }
    columns |= judge(found, level=level, adjust=adjust) | tell_sides(sides, other="against")
    columns |= {key: bands[key] for key in CONTEXT if key in bands.columns and key not in by}
    return pl.DataFrame(columns)


def _find_reference(
    bands: pl.DataFrame, *, by: Sequence[str], within: Sequence[str], against: object
) -> pl.DataFrame:
    """Find the group that the others are compared with: its key, as a table of one row."""
    keys = [name for name in by if name not in within]
    if len(keys) != 1:
        raise OptionError(
            f"{_CALLER} cannot use against={against!r} with by={list(by)}.\n"
            "  A named group is one value of one column: name that column alone."
        )
    # Whole columns compare value by value, and expressions not at all.
    if not isinstance(against, Hashable) or isinstance(against, pl.Expr | pl.Series):
        raise bad_option(
            against,
            caller=_CALLER,
            option="against",
            rule=f"\"{REST}\", or one value of '{keys[0]}'",
        )
    values = bands[keys[0]].to_list()
    if against not in values:
        raise _unknown_group(against, key=bands[keys[0]])
    place = values.index(against)
    return bands.select(keys)[place : place + 1]


def _unknown_group(against: object, *, key: pl.Series) -> OptionError:
    """Word the error of a group that is not there, or is there as another type."""
    meant = [value for value in key if value is not None and str(value) == against]
    if not meant:
        choices = [REST, *dict.fromkeys(key.to_list())]
        return bad_option(against, caller=_CALLER, option="against", choices=choices)
    held = "numbers" if key.dtype.is_numeric() else f"{key.dtype}"
    return OptionError(
        f"{_CALLER} cannot use against={against!r}: '{key.name}' holds {held}, not text.\n"
        f"  Write it without quotes: against={meant[0]!r}."
    )


def _set_beside(named: pl.DataFrame, bands: pl.DataFrame, *, within: Sequence[str]) -> pl.DataFrame:
    """Set the one group beside each of the others; zeros where its kind has no answers."""
    measures = named.select(*within, *_measures(bands))
    if not within:
        return measures[[0] * bands.height]
    return (
        bands.select(within)
        .join(measures, on=within, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col(_measures(bands)).fill_null(0))
    )


def _count_rest(bands: pl.DataFrame, *, within: Sequence[str]) -> pl.DataFrame:
    """Count the answers of all other groups (of the same kind), for each group."""

    def others(column: str) -> pl.Expr:
        total = pl.col(column).sum()
        return (total.over(within) if within else total) - pl.col(column)

    rest = bands.select(others(column) for column in _measures(bands))
    # Weights that were added up and taken off again leave dust where there is nothing.
    return rest.with_columns(
        pl.when(pl.col(band) > 0)
        .then(pl.col(f"{weight}_{band}").clip(lower_bound=0))
        .otherwise(0.0)
        .alias(f"{weight}_{band}")
        for weight in WEIGHTS
        for band in BANDS
        if f"{weight}_{band}" in rest.columns
    )


def _find_same(bands: pl.DataFrame, within: Sequence[str]) -> npt.NDArray[np.intp]:
    """Find comparisons that turn another one round: two groups alone are each other's rest."""
    # Numbered over the whole table: a range made within each kind would begin again.
    numbered = bands.select(*within, "n").with_row_index("place")
    place, answered = pl.col("place"), pl.col("n") > 0
    many = answered.sum()
    first = place.filter(answered).min()
    if within:
        many, first = many.over(within), first.over(within)
    found = numbered.select(pl.when(answered & (many == 2)).then(first).otherwise(place).alias("_"))  # noqa: PLR2004 - a pair
    return found["_"].to_numpy().astype(np.intp)


def _measures(bands: pl.DataFrame) -> list[str]:
    weighed = [f"{weight}_{band}" for weight in WEIGHTS for band in BANDS]
    return ["n", *BANDS, *(name for name in weighed if name in bands.columns)]
