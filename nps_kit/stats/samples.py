"""What a statistic knows of a group's answers: their bands, their weights, how many they equal."""

from collections.abc import Collection, Sequence
from numbers import Real
from typing import NamedTuple

import numpy as np
import polars as pl

from nps_kit.errors import OptionError, bad_option, listed, missing_column
from nps_kit.scale import BANDS, POINTS
from nps_kit.stats.intervals import Floats

WEIGHTS = ("weight", "weight_sq")
"""Columns of weighted counts: the sum of the weights and that of their squares."""

TAKEN = frozenset(
    (
        *("n", "nps", "low", "high", "level", "method", "few"),
        *("n_effective", "design_effect", "n_clusters"),
        *("score", "reason", *WEIGHTS, *BANDS),
        *(f"{weight}_{band}" for weight in WEIGHTS for band in BANDS),
        # On the way from scores to their bands.
        "band of the score",
        # On the way from clusters to their scatter.
        *("clusters", "mean", "square", "scatter", "_n", "_y", "_weight", "_square", "_alone"),
        *("_whole", "_own", "_rest", "_else", "_far", "_distance", "_parts", "_count", "_met"),
        *("_mend", "_mend_square", "_only", "_all_weight", "_all_total", "_w2", "_wt", "_t2"),
        *("_p0", "_p1", "_p2", "_q0", "_q1", "_q2", "_distance_theirs"),
    )
)
"""Names that every result, or the counting behind it, needs for itself."""


class Sample(NamedTuple):
    """The answers that an interval or a test is made from, one element a group."""

    n: Floats
    """How many answers there are."""
    sums: tuple[Floats, ...]
    """Answers of each band, or their weights."""
    effective: Floats
    """How many plain answers tell as much."""
    n_clusters: Floats | None = None

    @property
    def total(self) -> Floats:
        """Answers, or their weights."""
        return sum(self.sums[1:], self.sums[0])

    @property
    def shares(self) -> tuple[Floats, ...]:
        """Share of each band."""
        return tuple(ratio(band, self.total) for band in self.sums)

    @property
    def points(self) -> Floats:
        """The score, in points."""
        return ratio(100 * (self.sums[2] - self.sums[0]), self.total)

    @property
    def variance(self) -> Floats:
        """Variance of one answer (scores on -1 to 1), exactly 0 where all are alike."""
        detractors, passives, promoters = self.shares
        return passives * (detractors + promoters) + 4 * detractors * promoters

    @property
    def counts(self) -> tuple[Floats, ...]:
        """Effective answers of each band: the counts themselves where nothing is weighed."""
        each = ratio(self.effective, self.total)
        return tuple(band * each for band in self.sums)


def take_sample(bands: pl.DataFrame) -> Sample:
    """Take the answers of each group as they were counted.

    Parameters
    ----------
    bands
        Table as `count_bands` makes it.

    Returns
    -------
    Its answers, one element a row; weighted where it has weights.
    """
    plain = take_plain(bands)
    return _weigh(bands, plain=plain) if is_weighted(bands) else plain


def take_plain(bands: pl.DataFrame) -> Sample:
    """Take the answers of each group as if every one counted the same."""
    n = to_floats(bands["n"])
    return Sample(n, tuple(to_floats(bands[band]) for band in BANDS), n)


def is_weighted(bands: pl.DataFrame) -> bool:
    """Tell whether a table of bands carries weights."""
    return f"{WEIGHTS[0]}_{BANDS[0]}" in bands.columns


def _weigh(bands: pl.DataFrame, *, plain: Sample) -> Sample:
    """Weigh the answers, and find how many plain ones would tell as much."""
    sums = tuple(to_floats(bands[f"weight_{band}"]) for band in BANDS)
    squares = tuple(to_floats(bands[f"weight_sq_{band}"]) for band in BANDS)
    sample = plain._replace(sums=sums)
    kish = ratio(sample.total**2, sum(squares[1:], squares[0]))
    score = sample.points / 100
    # Linearised variance of the score, times the square of the total weight.
    scatter = sum(
        square * (POINTS[band] / 100 - score) ** 2
        for band, square in zip(BANDS, squares, strict=True)
    )
    linearised = ratio(sample.variance * sample.total**2, np.asarray(scatter))
    # Answers that are all alike scatter by a rounding error, if at all.
    linearised[sample.variance == 0] = np.nan
    return sample._replace(effective=take_fewer(kish, linearised))


def check_groups(
    by: Sequence[str], *, cluster: str | None = None, taken: Collection[str] = (), caller: str
) -> None:
    """Raise where a name in `by`, or that of the cluster, cannot tell groups apart.

    Raises
    ------
    OptionError
        If a name comes twice, is needed by the result, or is both group and cluster; if the
        cluster is no name.
    """
    if not (cluster is None or isinstance(cluster, str)):
        raise bad_option(
            cluster, caller=caller, option="cluster", rule='the name of one column: cluster="team"'
        )
    if isinstance(by, str) or not (
        isinstance(by, Sequence) and all(isinstance(name, str) for name in by)
    ):
        return  # counts.py words these
    if cluster is not None and cluster in by:
        raise OptionError(
            f"{caller} cannot use cluster='{cluster}' and group by it as well.\n"
            "  Each group would be one cluster, and nothing would vary.  Leave it out of `by`."
        )
    own = [name for name in (*by, cluster) if name in TAKEN or name in taken]
    if own:
        raise OptionError(
            f"{caller} cannot group by {listed(own)}, a name that it needs itself.\n"
            f'  Rename it first: counts.rename({{"{own[0]}": "{own[0]}_group"}}).'
        )
    twice = [name for place, name in enumerate(by) if name in by[:place]]
    if twice:
        raise OptionError(
            f"{caller} cannot group by {listed(twice)} more than once.\n  It has: by={list(by)}."
        )


def check_weights(counts: pl.DataFrame, *, caller: str) -> None:
    """Raise where weights are no weights, or their squares are missing.

    Raises
    ------
    MissingColumnError
        If `counts` has ``weight`` and no ``weight_sq``.
    OptionError
        If a weight of an answer that counts is missing, infinite or negative.
    """
    names = [name for name in WEIGHTS if name in counts.columns]
    if names == ["weight"]:
        raise missing_column(
            "weight_sq",
            caller=caller,
            table="`counts`",
            present=counts.columns,
            remedy='tally(responses, weight="...") makes both.',
        )
    used = counts.filter(pl.col("reason").is_null()) if "reason" in counts.columns else counts
    for name in names:
        kind = counts.schema[name]
        if not (kind.is_numeric() or kind == pl.Null):
            raise bad_option(kind, caller=caller, option=name, rule="numbers that are 0 or more")
        value = pl.col(name).cast(pl.Float64)
        wrong = used.filter(~(value.is_finite() & (value >= 0)).fill_null(value=False))
        if wrong.height:
            raise bad_option(
                wrong[name][0], caller=caller, option=name, rule="numbers that are 0 or more"
            )


def check_cluster(
    counts: pl.DataFrame, *, by: Sequence[str], cluster: str | None, caller: str
) -> None:
    """Raise where the counts were not tallied by the cluster.

    Raises
    ------
    MissingColumnError
        If `counts` lacks the column `cluster`.
    """
    if cluster is not None and cluster not in counts.columns:
        keys = ", ".join(f'"{name}"' for name in (*by, cluster))
        raise missing_column(
            cluster,
            caller=caller,
            table="`counts`",
            present=counts.columns,
            remedy=f"Tally by it too: tally(responses, by=[{keys}])",
        )


def check_min_n(min_n: object, *, caller: str) -> None:
    """Raise unless `min_n` is a number of answers.

    Raises
    ------
    OptionError
        If it is negative, or no number at all.
    """
    # NaN is neither less than nothing nor more.
    if not (isinstance(min_n, Real) and float(min_n) >= 0):
        raise bad_option(min_n, caller=caller, option="min_n", rule="0 or more answers")


def take_fewer(first: Floats, second: Floats) -> Floats:
    """Take the smaller of effective numbers of answers; one that cannot be had is passed over."""
    # Rounded, since equal weights would leave a hair less than the number of answers.
    fewer: Floats = np.fmin(first, second)
    return fewer.round(9)


def ratio(top: Floats, bottom: Floats) -> Floats:
    """Divide, one array spread over the other; NaN where nothing can be divided by."""
    shape = np.broadcast_shapes(np.shape(top), np.shape(bottom))
    quotient: Floats = np.divide(top, bottom, out=np.full(shape, np.nan), where=bottom > 0)
    return quotient


def to_floats(series: pl.Series) -> Floats:
    """Make an array of a column of numbers."""
    return series.cast(pl.Float64).to_numpy()


def to_column(values: Floats) -> pl.Series:
    """Make a column; what cannot be had is null, never NaN."""
    return pl.Series(values, dtype=pl.Float64).fill_nan(None)


def to_constant(value: float, *, height: int) -> pl.Series:
    """Make a column of one number."""
    return pl.repeat(float(value), height, dtype=pl.Float64, eager=True)
