"""Answers that come in clusters: several of one customer, or about one agent, are alike."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from nps_kit.counts import check_counts
from nps_kit.scale import POINTS, band_of
from nps_kit.stats.differences.independent import Ties
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import Sample, ratio, take_fewer, to_floats

# Two sides are never taken to move wholly together: their difference would have no spread.
_MOST_ALIKE = 0.95


class Scatter(NamedTuple):
    """How clusters lie about the score of their group, one element a group."""

    clusters: Floats
    """How many there are."""
    square: Floats
    """The sum of their squared weights."""
    scatter: Floats
    """The sum of their squared weighted distances from the score."""


def take_units(
    counts: pl.DataFrame, *, by: Sequence[str], cluster: str, caller: str
) -> pl.DataFrame:
    """Find the clusters of each group, with their weights and their mean answers.

    Parameters
    ----------
    counts
        Count table tallied by `by` and by the cluster.
    by
        Columns that tell the groups apart.
    cluster
        Column that names the cluster. Answers without a name stand alone, and those of one group
        and score share a row.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    One row per group and cluster: ``[*by, cluster, _alone, clusters, weight, mean, square]``.
    """
    weight, square = ("weight", "weight_sq") if "weight" in counts.columns else ("n", "n")
    alone = pl.col(cluster).is_null()
    used = (
        check_counts(counts, by=by, caller=caller)
        .filter(pl.col("reason").is_null(), pl.col("score").is_not_null(), pl.col(weight) > 0)
        .select(
            *by,
            cluster,
            # Answers of nobody in particular are kept apart: each of them is its own cluster.
            pl.when(alone).then("score").alias("_alone"),
            pl.col("n").alias("_n"),
            pl.col(weight).cast(pl.Float64).alias("_weight"),
            pl.col(square).cast(pl.Float64).alias("_square"),
            (band_of("score").replace_strict(POINTS, return_dtype=pl.Float64) / 100).alias("_y"),
        )
    )
    return used.group_by(*by, cluster, "_alone").agg(
        clusters=pl.when(alone.first()).then(pl.col("_n").sum()).otherwise(1),
        weight=pl.col("_weight").sum(),
        mean=(pl.col("_weight") * pl.col("_y")).sum() / pl.col("_weight").sum(),
        square=pl.when(alone.first())
        .then(pl.col("_square").sum())
        .otherwise(pl.col("_weight").sum() ** 2),
    )


def measure_scatter(units: pl.DataFrame, groups: pl.DataFrame) -> Scatter:
    """Measure how far the clusters of each group lie from its score.

    Parameters
    ----------
    units
        Table as `take_units` makes it.
    groups
        The keys of the groups, in the order of the result; no columns: one group.

    Returns
    -------
    One element a row of `groups`; nothing is NaN but what has no clusters.
    """
    by = groups.columns
    score = (pl.col("weight") * pl.col("mean")).sum() / pl.col("weight").sum()
    sums = [
        pl.col("clusters").sum(),
        pl.col("square").sum(),
        (pl.col("square") * (pl.col("mean") - score) ** 2).sum().alias("scatter"),
    ]
    found = _align(units.group_by(by).agg(sums) if by else units.select(sums), groups)
    return Scatter(
        to_floats(found["clusters"].fill_null(0)),
        to_floats(found["square"]),
        to_floats(found["scatter"]),
    )


def spread(sample: Sample, found: Scatter) -> Sample:
    """Spread answers over their clusters, and find how many plain ones would tell as much.

    Parameters
    ----------
    sample
        The answers of each group.
    found
        How their clusters scatter.

    Returns
    -------
    The same answers, with the smaller effective number; NaN where there are not two clusters.
    """
    n, total = sample.n, sample.total
    enough = found.clusters > 1
    # The variances of clusters and of single answers, each with its own small-sample factor, so
    # that clusters of one answer give the plain number of answers.
    variance = ratio(found.clusters * found.scatter, (found.clusters - 1) * total**2)
    single = ratio(sample.variance, n - 1)
    alike = sample.variance == 0
    by_scatter = np.where(alike, ratio(total**2, found.square), n * ratio(single, variance))
    effective = np.where(enough, take_fewer(sample.effective, by_scatter), np.nan)
    return sample._replace(effective=effective, n_clusters=found.clusters)


def tie_sides(
    ours: pl.DataFrame, theirs: pl.DataFrame, groups: pl.DataFrame, *, cluster: str
) -> tuple[Scatter, Scatter, Ties]:
    """Measure the clusters on two sides, and what those that answered on both make alike.

    Parameters
    ----------
    ours
        Table as `take_units` makes it, by the columns of `groups`.
    theirs
        The same; by fewer columns where one group stands against several.
    groups
        The keys of the comparisons, in the order of the result.
    cluster
        Column that names the cluster.

    Returns
    -------
    The scatter of ours, that of theirs, and what ties them.
    """
    keys = groups.columns
    shared = [name for name in keys if name in theirs.columns]
    mine = measure_scatter(ours, groups)
    other = measure_scatter(theirs, groups.select(shared))
    if keys and not shared:
        other = Scatter(*(np.repeat(values, groups.height) for values in other))
    met = _distances(ours, keys, cluster=cluster).join(
        _distances(theirs, shared, cluster=cluster),
        on=[*shared, cluster],
        nulls_equal=True,
        suffix="_theirs",
    )
    sums = [
        pl.len().cast(pl.Int64).alias("clusters"),
        (pl.col("_distance") * pl.col("_distance_theirs")).sum().alias("scatter"),
    ]
    found = _align(met.group_by(keys).agg(sums) if keys else met.select(sums), groups)
    both = mine.clusters + other.clusters - to_floats(found["clusters"].fill_null(0))
    ties = _tie(mine, other, to_floats(found["scatter"].fill_null(0)), both=both)
    return mine, other, ties


def tie_rest(
    units: pl.DataFrame, groups: pl.DataFrame, *, within: Sequence[str], cluster: str
) -> tuple[Scatter, Scatter, Ties]:
    """Measure the clusters of each group and of all other groups, as `tie_sides` does.

    Parameters
    ----------
    units
        Table as `take_units` makes it, by the columns of `groups`.
    groups
        The keys of the groups, in the order of the result.
    within
        Those of the keys that a group shares with the groups that are its rest.
    cluster
        Column that names the cluster.

    Returns
    -------
    The scatter of each group, that of its rest, and what ties them.

    Notes
    -----
    A cluster lies from the rest's score by its distance over all groups, less that in the group
    itself. So the sums over the rest are those over everything, mended for the group's clusters
    alone, and the work grows with the rows of the table, not with their number squared.
    """
    keys = groups.columns
    named = pl.col(cluster).is_not_null()
    weight, total, square = pl.col("weight"), pl.col("weight") * pl.col("mean"), pl.col("square")
    whole = [*within, "_whole"]
    rest_weight = weight.sum().over(whole) - weight.sum().over(keys)
    units = (
        units.with_columns(_whole=pl.lit(0))
        .with_columns(
            _own=total.sum().over(keys) / weight.sum().over(keys),
            _rest=(total.sum().over(whole) - total.sum().over(keys)) / rest_weight,
            # Of the whole cluster, in every group where it answered.
            _all_weight=weight.sum().over(*whole, cluster),
            _all_total=total.sum().over(*whole, cluster),
            _parts=pl.len().over(*whole, cluster),
        )
        .with_columns(
            _far=pl.col("_all_total") - pl.col("_all_weight") * pl.col("_rest"),
            _distance=total - weight * pl.col("_own"),
        )
        .with_columns(_else=pl.col("_far") - (total - weight * pl.col("_rest")))
    )
    lone = square.filter(~named)
    mean = pl.col("mean").filter(~named)
    once = named & (pl.int_range(pl.len()).over(*whole, cluster) == 0)
    every = units.group_by(whole).agg(
        _w2=(pl.col("_all_weight") ** 2).filter(once).sum(),
        _wt=(pl.col("_all_weight") * pl.col("_all_total")).filter(once).sum(),
        _t2=(pl.col("_all_total") ** 2).filter(once).sum(),
        _q0=lone.sum(),
        _q1=(lone * mean).sum(),
        _q2=(lone * mean**2).sum(),
        _count=once.sum().cast(pl.Int64) + pl.col("clusters").filter(~named).sum(),
    )
    own = units.group_by(keys).agg(
        pl.col("_whole").first(),
        pl.col("_rest").first(),
        _mend=(pl.col("_else") ** 2 - pl.col("_far") ** 2).filter(named).sum(),
        _mend_square=((pl.col("_all_weight") - weight) ** 2 - pl.col("_all_weight") ** 2)
        .filter(named)
        .sum(),
        _met=(pl.col("_distance") * pl.col("_else")).filter(named).sum(),
        _only=(named & (pl.col("_parts") == 1)).sum().cast(pl.Int64)
        + pl.col("clusters").filter(~named).sum(),
        _p0=lone.sum(),
        _p1=(lone * mean).sum(),
        _p2=(lone * mean**2).sum(),
    )
    rest, lone_weight = pl.col("_rest"), pl.col("_q0") - pl.col("_p0")
    found = own.join(every, on=whole, nulls_equal=True).select(
        *keys,
        "_count",
        "_met",
        clusters=pl.col("_count") - pl.col("_only"),
        square=pl.col("_w2") + pl.col("_mend_square") + lone_weight,
        scatter=pl.col("_t2")
        - 2 * rest * pl.col("_wt")
        + rest**2 * pl.col("_w2")
        + pl.col("_mend")
        + (pl.col("_q2") - pl.col("_p2"))
        - 2 * rest * (pl.col("_q1") - pl.col("_p1"))
        + rest**2 * lone_weight,
    )
    found = _align(found, groups)
    mine = measure_scatter(units, groups)
    # What is left over by subtraction can fall a rounding error below zero.
    other = Scatter(
        to_floats(found["clusters"].fill_null(0)),
        to_floats(found["square"].clip(lower_bound=0)),
        to_floats(found["scatter"].clip(lower_bound=0)),
    )
    count = to_floats(found["_count"].fill_null(0))
    return mine, other, _tie(mine, other, to_floats(found["_met"].fill_null(0)), both=count)


def _distances(units: pl.DataFrame, keys: Sequence[str], *, cluster: str) -> pl.DataFrame:
    """Give the weighted distance of each named cluster from the score of its group."""
    weight, mean = pl.col("weight"), pl.col("mean")
    top, bottom = (weight * mean).sum(), weight.sum()
    score = top.over(keys) / bottom.over(keys) if keys else top / bottom
    return (
        units.with_columns(_distance=weight * (mean - score))
        .filter(pl.col(cluster).is_not_null())
        .select(*keys, cluster, "_distance")
    )


def _align(found: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Bring the rows into the order of the groups; those without are null."""
    keys = groups.columns
    if not keys:
        return found
    return groups.join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")


def _tie(ours: Scatter, theirs: Scatter, met: Floats, *, both: Floats) -> Ties:
    scale = np.sqrt(ours.scatter * theirs.scatter)
    correlation = np.clip(np.nan_to_num(ratio(met, scale)), -_MOST_ALIKE, _MOST_ALIKE)
    return Ties(correlation, ours.clusters, theirs.clusters, both)
