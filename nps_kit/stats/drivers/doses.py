"""Dose and response: the score along a metric, as it is and with the other drivers held fixed."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from numbers import Real

import numpy as np
import polars as pl

from nps_kit.counts import find_edges
from nps_kit.errors import OptionError, bad_option, check_level, listed
from nps_kit.schema import find_column
from nps_kit.stats.drivers.moves import find_unknown
from nps_kit.stats.drivers.ordinal import fit_ordinal
from nps_kit.stats.drivers.patterns import NOT_GIVEN, OTHER, Patterns, find_patterns, show_level
from nps_kit.stats.drivers.references import choose_references
from nps_kit.stats.intervals import Floats, auto, quantile_of
from nps_kit.stats.samples import check_min_n, ratio, to_column, to_constant

_CALLER = "estimate_doses()"


def estimate_doses(
    counts: pl.DataFrame,
    *,
    metric: str,
    drivers: Sequence[str] = (),
    controls: Sequence[str] = (),
    edges: Sequence[float] = (),
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Estimate the score along a metric: where it begins to fall, and how steeply.

    Association is not cause: what goes with the metric and is not among `drivers` and `controls`
    bends the curve too.

    Parameters
    ----------
    counts
        Count table by the metric, cut finely, and by every driver and control:
        ``tally(join_service(...), by=[...], bands={"wait_seconds": (30, 60, 90, 120, 180)})``.
    metric
        Column of the metric: bands, whole numbers or dates.
    drivers, controls
        What is held fixed for the adjusted score, as in `estimate_drivers`; the metric itself may
        be among the drivers, and is passed over.
    edges
        The edges that the metric was cut at, as they were given to `tally`, for a true axis.
    level
        Probability that each interval aims to cover.
    min_n
        A band with fewer answers is marked ``few``.

    Returns
    -------
    One row per band that has answers, in their order, "other" and "not given" last:

    =================  =======  ==============================================================
    ``driver``         text     the metric
    ``value``          text     the band
    ``from``           number   the least value it holds; null: it is open, has no place (see
                                below), or `edges` are not given. Whole numbers need no edges
    ``to``             number   where the next one begins
    ``unit``           text     unit of the two, as in `find_edges`
    ``n``              int      answers
    ``share``          0 to 1   share of the answers
    ``nps``            points   the score
    ``low``            points   its lower bound
    ``high``           points   its upper bound
    ``adjusted``       points   the score if all answers were in this band, all else as it is
    ``adjusted_low``   points   its lower bound
    ``adjusted_high``  points   its upper bound
    ``level``          0 to 1   as asked
    ``few``            boolean  ``n`` is under `min_n`
    =================  =======  ==============================================================

    "not given" and "other", into which `suppress_levels` merges small bands, have no place on the
    axis: their ``from``, ``to`` and ``unit`` are null.

    The adjusted score is null where it cannot be had: all answers are in one band of the metric, a
    band holds detractors or promoters alone, or it says the same as another factor's level. Where
    only messages have no wait, say, that band has none, and the others are for all the rest.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, the metric, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If `edges` do not rise or are not those of the metric's bands, or another option, a name or
        a column's type cannot be used.

    Notes
    -----
    The score and its interval are those of `estimate_nps`. The adjusted score is the model's of
    `estimate_drivers` with the metric's bands as levels: the mean prediction if every answer were
    in the band (marginal standardisation), with an interval by the delta method that takes the mix
    of the answers as it is. No shape is laid on the curve, so a bend that shows is in the answers.

    Examples
    --------
    >>> bands = ["under 2 min", "2 to 5 min", "5 min and over"]
    >>> counts = pl.DataFrame({
    ...     "wait_seconds": pl.Series(bands * 3, dtype=pl.Enum(bands)).sort(),
    ...     "score": [3, 8, 10] * 3,
    ...     "n": [200, 300, 500, 110, 170, 220, 120, 80, 100],
    ... })
    >>> curve = estimate_doses(counts, metric="wait_seconds", edges=(120, 300))
    >>> curve.select("from", "to", "n", pl.col("nps").round(1)).rows()
    [(0.0, 120.0, 1000, 30.0), (120.0, 300.0, 500, 22.0), (300.0, None, 300, -6.7)]
    """
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    others = [name for name in drivers if name != metric] if _is_list(drivers) else drivers
    names = [metric, *others] if _is_list(others) else others
    patterns = find_patterns(counts, drivers=names, controls=controls, caller=_CALLER)
    patterns = choose_references(patterns)
    ends = _find_ends(counts[metric], edges, metric=metric)
    factor = next(each for each in (*patterns.factors, *patterns.single) if each.name == metric)
    bands = patterns.bands.sum(axis=0, keepdims=True)
    adjusted, half = np.full((2, len(factor.levels)), np.nan)
    if factor in patterns.factors:
        bands = patterns.count(metric)
        adjusted, half = _adjust(patterns, metric, level=level)
    if not factor.levels:
        bands = bands[:0]
    counted = bands.astype(np.float64).T
    low, high = auto(*counted, level=level)
    n = bands.sum(axis=1)
    table = pl.DataFrame(
        {
            "driver": pl.Series([metric] * len(n), dtype=pl.String),
            "value": pl.Series(factor.levels, dtype=pl.String),
            "n": pl.Series(n, dtype=pl.Int64),
            "share": to_column(ratio(n, np.array(patterns.n))),
            "nps": to_column(ratio(100 * (counted[2] - counted[0]), n)),
            "low": to_column(np.clip(low, -100, 100)),
            "high": to_column(np.clip(high, -100, 100)),
            "adjusted": to_column(adjusted),
            "adjusted_low": to_column(np.clip(adjusted - half, -100, 100)),
            "adjusted_high": to_column(np.clip(adjusted + half, -100, 100)),
            "level": to_constant(level, height=len(n)),
            "few": pl.Series(n < min_n, dtype=pl.Boolean),
        }
    )
    return table.join(ends, on="value", how="left", maintain_order="left").select(_COLUMNS)


_COLUMNS = (
    *("driver", "value", "from", "to", "unit", "n", "share", "nps", "low", "high"),
    *("adjusted", "adjusted_low", "adjusted_high", "level", "few"),
)


def _is_list(names: object) -> bool:
    return isinstance(names, Sequence) and not isinstance(names, str)


def _adjust(patterns: Patterns, metric: str, *, level: float) -> tuple[Floats, Floats]:
    """Give the score if all were in each band, and half the width of its interval."""
    fit = fit_ordinal(patterns.design(), patterns.bands)
    tangled, alone = find_unknown(patterns, metric, fit=fit)
    adjusted, half = np.full((2, len(tangled)), np.nan)
    if tangled.sum() == len(tangled) - 1:
        return adjusted, half
    # What answers at a tangled level would say elsewhere cannot be had.
    weights = np.where(tangled[patterns.codes[:, patterns.place(metric)]], 0.0, patterns.answers)
    for code in np.flatnonzero(~(tangled | alone)):
        design = patterns.design(patterns.fix(metric, int(code)))
        slope = fit.gradient(design, weights)
        adjusted[code] = np.average(fit.nps(design), weights=weights)
        half[code] = float(quantile_of(level)) * np.sqrt(
            max(float(slope @ fit.covariance @ slope), 0.0)
        )
    return adjusted, half


def _find_ends(values: pl.Series, edges: Sequence[float], *, metric: str) -> pl.DataFrame:
    """Find where each band begins and ends: one row a band, as `find_edges` has it."""
    if values.dtype.is_integer():
        value = pl.col(metric)
        whole = values.drop_nulls().unique().to_frame()
        return whole.select(
            value.cast(pl.String).alias("value"),
            value.cast(pl.Float64).alias("from"),
            value.cast(pl.Float64).alias("to") + 1,
            pl.lit(_unit_of(metric), pl.String).alias("unit"),
        )
    numbers = _is_list(edges) and all(
        isinstance(edge, Real) and isfinite(edge) and not isinstance(edge, bool) for edge in edges
    )
    if not (numbers and all(low < high for low, high in pairwise(edges))):
        rule = f'numbers that rise, as given to tally(): bands={{"{metric}": (30, 120)}}'
        raise bad_option(edges, caller=_CALLER, option="edges", rule=rule)
    ends = find_edges({metric: edges} if edges else {}).drop("driver")
    bands = show_level(values).unique().sort().to_list()
    strange = [band for band in bands if band not in (*ends["value"], OTHER, NOT_GIVEN)]
    if edges and strange:
        raise OptionError(
            f"{_CALLER} finds {listed(strange)} in '{metric}', which is no band of "
            f"edges={tuple(edges)}.\n"
            f"  Those are: {listed(ends['value'])}.  Give the edges that tally() was given."
        )
    return ends


def _unit_of(metric: str) -> str | None:
    column = find_column(metric)
    return column.unit if column else None
