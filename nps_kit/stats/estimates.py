"""The score of each group, with its interval."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, check_counts, count_bands
from nps_kit.errors import check_choice, check_level
from nps_kit.scale import BANDS, HIGHEST, SCALES, band_of
from nps_kit.stats.clusters import measure_scatter, spread, take_units
from nps_kit.stats.intervals import METHODS, RULES, choose
from nps_kit.stats.samples import (
    Sample,
    check_cluster,
    check_groups,
    check_min_n,
    check_weights,
    is_weighted,
    ratio,
    take_plain,
    take_sample,
    to_column,
    to_constant,
)

Method = Literal["auto", "adjusted_wald", "score", "wald"]

_CALLER = "estimate_nps()"

_SHARES = tuple(f"share_{band}" for band in BANDS)

_TAKEN = frozenset((*_SHARES, "nps_unweighted"))

_SHARES_TAKEN = frozenset(("band", "share", "n_band", "share_band", "_lowest", "_part"))


def estimate_nps(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    level: float = 0.95,
    method: Method = "auto",
    min_n: int = 30,
    cluster: str | None = None,
) -> pl.DataFrame:
    """Estimate the Net Promoter Score of each group, with an interval.

    The score is the share of promoters less the share of detractors, in points.

    Parameters
    ----------
    counts
        Count table as `tally` makes it: one row per `by` group and score, columns
        ``[*by, score, reason, n]``. Rows with a reason are left out of the estimate; a table
        without ``reason`` is taken as all used. With ``weight`` and ``weight_sq`` (sums of the
        weights and of their squares) the estimate is weighted.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    level
        Probability that the interval aims to cover, between 0 and 1 (exclusive).
    method
        How the interval is made; see Notes.
    min_n
        A group with fewer answers is marked ``few``.
    cluster
        Column that names who answered (or whom the answers are about), where several answers of
        one are alike; `counts` must be tallied by it too. An answer whose cluster is null stands
        alone.

    Returns
    -------
    One row per group, sorted by `by`; without `by` always one row:

    =====================  ========  =======================================================
    ``*by``                          as given
    ``n``                  int       answers with a score
    ``nps``                points    -100 (all detractors) to 100 (all promoters)
    ``low``                points    lower bound, never under -100
    ``high``               points    upper bound, never over 100
    ``level``              0 to 1    as asked
    ``method``             text      the method that made this row's bounds
    ``share_detractors``   0 to 1    share of the answers
    ``share_passives``     0 to 1    share of the answers
    ``share_promoters``    0 to 1    share of the answers
    ``few``                boolean   ``n`` is under `min_n`
    ``n_effective``        answers   weights or clusters only: equally many plain answers
    ``design_effect``      ratio     weights or clusters only: ``n`` over ``n_effective``
    ``n_clusters``         int       clusters only: how many there are
    ``nps_unweighted``     points    weights only: the score if every answer counted the same
    ``survey``, ``scale``  text      where `counts` has them and they are not in `by`
    =====================  ========  =======================================================

    A group without answers is kept, with ``n`` 0: its score, bounds, method and shares are null.
    So are the bounds and the method of a group with fewer than two clusters.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a column of `by`, the `cluster` or ``weight_sq``.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `level`, `method`, `min_n`, `by`, `cluster` or a weight cannot be used.

    Notes
    -----
    ``auto``: the adjusted Wald interval; under 10 answers the score interval; with 10 or more, of
    whom nobody is a detractor or nobody a promoter, the envelope of the two. The column ``method``
    says which it was: ``adjusted_wald``, ``score`` or ``envelope``.

    ``adjusted_wald``: normal approximation after adding 3/4 of a detractor, 3/2 passives and 3/4
    of a promoter (Rocks 2016, The American Statistician 70(4), 365-372, studies the family).

    ``score``: Tango's score interval (1998, Statistics in Medicine 17, 891-908).

    ``wald``: normal approximation with variance ``(p + d - (p - d)**2) / n``. It covers too little
    under about a hundred answers, and has no width where all answers are alike.

    **Weights.** Shares and score are weighted. The method is given the weighted shares of
    ``n_effective`` answers: the smaller of Kish's number, ``sum(w)**2 / sum(w**2)``, which is blind
    to weights that go with the score, and of the number that gives the linearised variance,
    ``sum(w**2 * (y - nps)**2) / sum(w)**2``, which is too hopeful where few answers weigh much.
    ``method`` ends in ``_weighted``. Weights that are all alike change no number.

    **Clusters.** The variance is that of a ratio over C clusters with weights ``w``, their sum
    ``W`` and their mean answers ``y``: ``C / (C - 1) * sum(w**2 * (y - nps)**2) / W**2``.
    ``n_effective`` is how many independent answers would vary as much, and never more than ``n``
    (nor than with the weights alone): two answers of one customer cannot tell more than those of
    two. Where all answers are alike they do not show how alike clusters are, and each cluster
    counts as one answer (``W**2 / sum(w**2)``). The quantile is Student's with C - 1 degrees of
    freedom. ``method`` ends in ``_clustered``. It leans on many
    clusters: where they were strongly alike within and very unlike in size, a 95 % interval
    covered 93 % or more in simulations with 50 of them, 91 % with 20 and 89 % with 10 or fewer.

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> estimate_nps(counts).select("nps", pl.col("low", "high").round(1), "method").row(0)
    (20.0, 2.7, 36.2, 'adjusted_wald')

    Six happy answers are no proof of a perfect score:

    >>> counts = pl.DataFrame({"team": ["a", "b", "b"], "score": [9, 9, 2], "n": [6, 40, 20]})
    >>> teams = estimate_nps(counts, by=["team"])
    >>> teams.select("team", "n", pl.col("nps", "low", "high").round(0), "few").rows()
    [('a', 6, 100.0, 22.0, 100.0, True), ('b', 60, 33.0, 9.0, 55.0, False)]
    """
    check_level(level, caller=_CALLER)
    check_choice(method, get_args(Method), caller=_CALLER, option="method")
    check_min_n(min_n, caller=_CALLER)
    check_groups(by, cluster=cluster, taken=_TAKEN, caller=_CALLER)
    check_weights(counts, caller=_CALLER)
    check_cluster(counts, by=by, cluster=cluster, caller=_CALLER)

    bands = count_bands(counts, by=by, caller=_CALLER)
    weighted = is_weighted(bands)
    sample = take_sample(bands)
    if cluster is not None:
        units = take_units(counts, by=by, cluster=cluster, caller=_CALLER)
        sample = spread(sample, measure_scatter(units, bands.select(by)))

    groups: dict[str, pl.Series] = {name: bands[name] for name in by}
    columns = groups | {"n": bands["n"], "nps": to_column(sample.points)}
    columns |= _bounds(sample, level=level, method=method, weighted=weighted)
    columns |= {name: to_column(share) for name, share in zip(_SHARES, sample.shares, strict=True)}
    columns["few"] = bands["n"] < min_n
    if weighted or cluster is not None:
        columns["n_effective"] = to_column(sample.effective)
        columns["design_effect"] = to_column(ratio(sample.n, sample.effective))
    if sample.n_clusters is not None:
        columns["n_clusters"] = pl.Series(sample.n_clusters).cast(pl.Int64)
    if weighted:
        columns["nps_unweighted"] = to_column(take_plain(bands).points)
    columns |= {name: bands[name] for name in CONTEXT if name in bands.columns}
    return pl.DataFrame(columns)


def estimate_shares(counts: pl.DataFrame, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Estimate what share of each group's answers each score has, and each band.

    Parameters
    ----------
    counts
        Count table as `tally` makes it. With ``weight`` and ``weight_sq`` the shares are weighted.
    by
        Columns that tell the groups apart. None: one group, the whole table.

    Returns
    -------
    One row per group and score, sorted by `by` and score. Every score of the scale has its row,
    also where nobody gave it:

    =====================  ========  ====================================================
    ``*by``                          as given
    ``score``              int       0 to 10; from 1 on a 1-10 scale
    ``band``               band      the band of the score
    ``n``                  int       answers with this score
    ``share``              0 to 1    share of the group's answers; null where it has none
    ``n_band``             int       answers of the whole band
    ``share_band``         0 to 1    share of the whole band
    ``survey``, ``scale``  text      where `counts` has them and they are not in `by`
    =====================  ========  ====================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a column of `by` or ``weight_sq``.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `by` or a weight cannot be used.

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> estimate_shares(counts).filter(pl.col("n") > 0).rows()
    [(3, 'detractors', 30, 0.3, 30, 0.3), (8, 'passives', 20, 0.2, 20, 0.2), \
(10, 'promoters', 50, 0.5, 50, 0.5)]
    """
    caller = "estimate_shares()"
    check_groups(by, taken=_SHARES_TAKEN, caller=caller)
    check_weights(counts, caller=caller)
    bands = count_bands(counts, by=by, caller=caller)
    context = [name for name in CONTEXT if name in bands.columns and name not in by]
    weight = "weight" if is_weighted(bands) else "n"
    used = (
        check_counts(counts, by=by, caller=caller)
        .filter(pl.col("reason").is_null(), pl.col("score").is_not_null())
        .group_by(*by, pl.col("score").cast(pl.Int64))
        .agg(pl.col("n").sum(), _part=pl.col(weight).sum().cast(pl.Float64))
    )
    scores = pl.DataFrame({"score": range(HIGHEST + 1)}, schema={"score": pl.Int64})
    lowest = pl.lit(0)
    if "scale" in bands.columns:
        known = {name: scale.lowest for name, scale in SCALES.items()}
        named = pl.col("scale").cast(pl.String)
        lowest = named.replace_strict(known, default=0, return_dtype=pl.Int64)
    every = (
        bands.select(*by, *context, _lowest=lowest)
        .join(scores, how="cross", maintain_order="left_right")
        .join(used, on=[*by, "score"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("n", "_part").fill_null(0))
        .filter((pl.col("score") >= pl.col("_lowest")) | (pl.col("n") > 0))
        .with_columns(band=band_of("score"))
    )
    part, whole = pl.col("_part"), pl.col("_part").sum()
    shares = every.with_columns(
        share=part / (whole.over(by) if by else whole),
        n_band=pl.col("n").sum().over(*by, "band"),
        share_band=whole.over(*by, "band") / (whole.over(by) if by else whole),
    )
    names = [*by, "score", "band", "n", "share", "n_band", "share_band", *context]
    return shares.select(names).with_columns(pl.col("share", "share_band").fill_nan(None))


def _bounds(
    sample: Sample, *, level: float, method: Method, weighted: bool
) -> dict[str, pl.Series]:
    """Make the interval of each group, clipped to the scale, and name how it was made."""
    clustered = sample.n_clusters is not None
    degrees = sample.n_clusters - 1 if sample.n_clusters is not None else None
    low, high = METHODS[method](*sample.counts, level=level, degrees=degrees)
    auto = method == "auto"
    ending = ("_weighted" if weighted else "") + ("_clustered" if clustered else "")
    names = pl.Series([f"{name}{ending}" for name in (RULES if auto else (method,))])
    used = choose(*sample.counts) if auto else np.zeros(low.size, dtype=np.int8)
    place = pl.Series(used).cast(pl.UInt32)
    return {
        "low": to_column(np.clip(low, -100, 100)),
        "high": to_column(np.clip(high, -100, 100)),
        "level": to_constant(level, height=low.size),
        "method": names.gather(place.zip_with(pl.Series(~np.isnan(low)), place.clear(low.size))),
    }
