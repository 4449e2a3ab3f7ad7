"""Two sides of a comparison, and what their answers say about the difference."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from nps_kit.stats.clusters import Scatter, spread
from nps_kit.stats.comparisons.families import Comparison
from nps_kit.stats.differences.independent import Ties, envelope, p_values
from nps_kit.stats.intervals import Bounds
from nps_kit.stats.samples import Sample, is_weighted, take_plain, take_sample, to_column

TAKEN = frozenset(
    (
        *("against", "n_against", "nps_against", "n_before", "nps_before"),
        *("before", "after", "every"),
        *("change", "p_value", "p_adjusted", "adjust", "n_tests", "n_unpaired"),
        *("n_effective_against", "n_effective_before", "change_unweighted"),
    )
)
"""Names that a comparison needs for itself."""


class Sides(NamedTuple):
    """The answers on both sides, row by row."""

    ours: Sample
    theirs: Sample
    ties: Ties | None
    weighted: bool
    unweighted: pl.Series
    """The change if every answer counted the same."""


def take_sides(
    ours: pl.DataFrame,
    theirs: pl.DataFrame,
    *,
    tied: tuple[Scatter, Scatter, Ties] | None,
) -> Sides:
    """Take the answers of both sides, and spread them over their clusters where they have any.

    Parameters
    ----------
    ours, theirs
        Bands of each side, as `count_bands` makes them, row by row.
    tied
        Clusters of each side, and what ties them.

    Returns
    -------
    Both sides.
    """
    mine, other = take_sample(ours), take_sample(theirs)
    if tied is not None:
        mine, other = spread(mine, tied[0]), spread(other, tied[1])
    plain = take_plain(ours).points - take_plain(theirs).points
    return Sides(
        mine,
        other,
        None if tied is None else tied[2],
        is_weighted(ours),
        to_column(plain),
    )


def compare_sides(
    sides: Sides, *, min_n: int, same_as: npt.NDArray[np.intp] | None = None
) -> Comparison:
    """Compare the two sides of each row.

    Parameters
    ----------
    sides
        The answers.
    min_n
        A side with fewer answers is not tested.
    same_as
        For each row the first that asks the same; none: each asks its own question.

    Returns
    -------
    The comparisons, to be judged as one family.
    """
    ours, theirs, ties = sides.ours, sides.theirs, sides.ties
    counts = ours.counts, theirs.counts

    def bounds(level: float) -> Bounds:
        return envelope(*counts, level=level, ties=ties)

    endings = "_weighted" * sides.weighted + "_clustered" * (ties is not None)
    return Comparison(
        change=ours.points - theirs.points,
        p_value=p_values(*counts, ties=ties),
        bounds=bounds,
        few=(ours.n < min_n) | (theirs.n < min_n),
        same_as=np.arange(ours.n.size) if same_as is None else same_as,
        method=f"envelope{endings}",
    )


def tell_sides(sides: Sides, *, other: str) -> dict[str, pl.Series]:
    """Tell what stands behind the comparison where answers are weighted or clustered.

    Parameters
    ----------
    sides
        The answers.
    other
        How the columns of the other side end: ``against`` or ``before``.

    Returns
    -------
    Columns for the end of the table; none where every answer counts the same and stands alone.
    """
    columns: dict[str, pl.Series] = {}
    if sides.weighted or sides.ties is not None:
        columns["n_effective"] = to_column(sides.ours.effective)
        columns[f"n_effective_{other}"] = to_column(sides.theirs.effective)
    if sides.ties is not None:
        columns["n_clusters"] = pl.Series(sides.ties.both).cast(pl.Int64)
    if sides.weighted:
        columns["change_unweighted"] = sides.unweighted
    return columns
