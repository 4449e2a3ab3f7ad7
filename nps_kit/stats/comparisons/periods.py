"""One period beside another, group by group."""

from collections.abc import Sequence
from datetime import date
from typing import get_args

import polars as pl

from nps_kit.counts import CONTEXT, Every, check_unmixed, count_bands
from nps_kit.errors import OptionError, check_choice, check_level
from nps_kit.periods import split_periods, start_of
from nps_kit.stats.chances import Adjust
from nps_kit.stats.clusters import take_units, tie_sides
from nps_kit.stats.comparisons.families import judge
from nps_kit.stats.comparisons.sides import TAKEN, compare_sides, take_sides, tell_sides
from nps_kit.stats.samples import (
    check_cluster,
    check_groups,
    check_min_n,
    check_weights,
    to_column,
)

_CALLER = "compare_periods()"


def compare_periods(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    before: date | str,
    after: date | str,
    every: Every = "month",
    level: float = 0.95,
    adjust: Adjust = "holm",
    min_n: int = 30,
    cluster: str | None = None,
) -> pl.DataFrame:
    """Compare the score of one period with that of an earlier one, group by group.

    Parameters
    ----------
    counts
        Count table with ``period``, in `every` or a finer unit. With ``weight`` and ``weight_sq``
        the comparison is weighted.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    before, after
        Any day of each period, or its beginning: ``"2026-08"``, ``date(2026, 9, 1)``.
    every
        Unit of the two periods.
    level
        Probability that all intervals together aim for (with ``none``: each by itself).
    adjust
        How the number of comparisons is heeded, as in `compare_groups`.
    min_n
        A group with fewer answers in either period is marked ``few`` and not tested.
    cluster
        Column that names who answered, where several answers of one are alike; `counts` must be
        tallied by it too. Customers who answered in both periods are heeded.

    Returns
    -------
    One row per group that has rows in either period, sorted by `by`; without `by` always one row:

    ======================  ========  ======================================================
    ``*by``                           as given
    ``before``, ``after``   date      first day of each period
    ``every``               text      the unit of the two, as asked
    ``n_before``            int       answers in the earlier period
    ``nps_before``          points    the score then
    ``n``                   int       answers in the later period
    ``nps``                 points    the score then
    ``change``              points    ``nps`` less ``nps_before``, -200 to 200
    ``low``, ``high``       points    bounds of the change, simultaneous as `adjust` says
    ``level``               0 to 1    as asked
    ``method``              text      how the interval was made
    ``p_value``             0 to 1    of this comparison alone; null where ``few``
    ``p_adjusted``          0 to 1    with the number of comparisons heeded
    ``adjust``              text      as asked
    ``n_tests``             int       comparisons that were tested
    ``few``                 boolean   under `min_n` answers in either period
    ``n_effective``         answers   weights or clusters only: equally many plain answers
    ``n_effective_before``  answers   the same, in the earlier period
    ``n_clusters``          int       clusters only: how many there are in both periods
    ``change_unweighted``   points    weights only: if every answer counted the same
    ``survey``, ``scale``   text      where `counts` has them and they are not in `by`
    ======================  ========  ======================================================

    A group without answers in a period is kept; its change, bounds and p-values are null.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``period``, ``score``, ``n``, a column of `by`, the `cluster` or
        ``weight_sq``.
    MixedSurveysError
        If a group would set one kind of survey, or scale, beside another.
    OptionError
        If `by`, `before`, `after`, `every`, `level`, `adjust`, `min_n`, `cluster` or a weight
        cannot be used.

    Notes
    -----
    Interval, p-value and the number of comparisons: as in `compare_groups`. A score of two periods
    picked because one of them looked odd has gone half way back by itself; to watch a score month
    by month, a control chart asks the better question.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "period": [date(2026, 8, 1)] * 2 + [date(2026, 9, 1)] * 2,
    ...         "score": [3, 9, 3, 9],
    ...         "n": [200, 300, 250, 250],
    ...     }
    ... )
    >>> found = compare_periods(counts, before="2026-08", after="2026-09")
    >>> found.select("nps_before", "nps", pl.col("change", "low", "high").round(1)).row(0)
    (20.0, 0.0, -20.0, -32.4, -7.5)
    """
    check_level(level, caller=_CALLER)
    check_choice(adjust, get_args(Adjust), caller=_CALLER, option="adjust")
    check_min_n(min_n, caller=_CALLER)
    check_groups(by, cluster=cluster, taken=TAKEN, caller=_CALLER)
    if "period" in by:
        raise OptionError(
            f"{_CALLER} cannot group by 'period': each group would have one period.\n"
            "  Leave it out of `by`: before and after name the two."
        )
    check_weights(counts, caller=_CALLER)
    check_cluster(counts, by=[*by, "period"], cluster=cluster, caller=_CALLER)
    parts = split_periods(counts, every=every, before=before, after=after, caller=_CALLER)
    both = pl.concat(parts)
    check_unmixed(both, by=by, caller=_CALLER)

    every_group = count_bands(both, by=by, caller=_CALLER)
    keys = every_group.select(by)
    earlier, later = (_align(count_bands(part, by=by, caller=_CALLER), keys) for part in parts)
    tied = None
    if cluster is not None:
        then, now = (take_units(part, by=by, cluster=cluster, caller=_CALLER) for part in parts)
        tied = tie_sides(now, then, keys, cluster=cluster)
    sides = take_sides(later, earlier, tied=tied)
    found = compare_sides(sides, min_n=min_n)
    columns: dict[str, pl.Series] = {name: keys[name] for name in by}
    for name, day in (("before", before), ("after", after)):
        start = start_of(day, every=every, caller=_CALLER, option=name)
        columns[name] = pl.Series([start], dtype=pl.Date).new_from_index(0, later.height)
    columns["every"] = pl.Series([every], dtype=pl.String).new_from_index(0, later.height)
    columns |= {
        "n_before": earlier["n"],
        "nps_before": to_column(sides.theirs.points),
        "n": later["n"],
        "nps": to_column(sides.ours.points),
    }
    columns |= judge(found, level=level, adjust=adjust) | tell_sides(sides, other="before")
    columns |= {name: every_group[name] for name in CONTEXT if name in every_group.columns}
    return pl.DataFrame(columns)


def _align(bands: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Bring the groups of a period into the order of all; those without answers count none."""
    by = keys.columns
    if not by:
        return bands
    found = keys.join(bands, on=by, how="left", nulls_equal=True, maintain_order="left")
    measures = [name for name in bands.columns if name not in (*by, *CONTEXT)]
    return found.with_columns(pl.col(measures).fill_null(0))
