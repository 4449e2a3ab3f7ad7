"""How well the model of the drivers fits: the scores it predicts beside those observed."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from nps_kit.errors import check_level
from nps_kit.stats.drivers.ordinal import Ints, fit_ordinal
from nps_kit.stats.drivers.patterns import find_patterns
from nps_kit.stats.intervals import Floats, auto
from nps_kit.stats.samples import check_min_n, ratio, to_column

_TENTHS = 10


def estimate_fit(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Estimate how well the model of `estimate_drivers` fits: predicted and observed scores.

    The answers are put in the order of the score that the model predicts for their pattern, and
    cut into tenths, or fewer parts where a tenth would have few answers.

    Parameters
    ----------
    counts, drivers, controls, level
        As in `estimate_drivers`.
    min_n
        Fewest answers of a row: tenths with fewer are put together with the next ones.

    Returns
    -------
    One row per tenth that has answers, or several tenths, the lowest predictions first:

    =============  =======  ==================================================================
    ``tenth``      int      1 to 10; of several put together, the lowest
    ``n``          int      answers; a pattern is never cut, so that tenths can be unlike
    ``predicted``  points   mean of the predictions
    ``nps``        points   the score observed
    ``low``        points   its lower bound
    ``high``       points   its upper bound
    ``level``      0 to 1   as asked
    ``within``     boolean  the prediction lies within the bounds
    ``few``        boolean  ``n`` is under `min_n`: so are all answers together
    =============  =======  ==================================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If an option, a name or a column's type cannot be used.

    Notes
    -----
    The interval is that of `estimate_nps`. The model was fitted to the same answers, so it looks
    a little better here than it would on new ones; where the answers are few for the number of
    levels, much better.

    Of a tenth with one answer the score would be that answer. So from the lowest on, tenths are
    put together until they have `min_n` answers; those left over at the end join the row before.

    Examples
    --------
    >>> counts = pl.DataFrame({
    ...     "passed_on": [False] * 3 + [True] * 3,
    ...     "score": [3, 8, 10] * 2,
    ...     "n": [20, 30, 50, 50, 30, 20],
    ... })
    >>> fit = estimate_fit(counts, drivers=["passed_on"])
    >>> fit.select("tenth", "n", pl.col("predicted", "nps").round(0), "within").rows()
    [(3, 100, -30.0, -30.0, True), (8, 100, 30.0, 30.0, True)]
    """
    caller = "estimate_fit()"
    check_level(level, caller=caller)
    check_min_n(min_n, caller=caller)
    patterns = find_patterns(counts, drivers=drivers, controls=controls, caller=caller)
    design, answers = patterns.design(), patterns.answers
    predicted = fit_ordinal(design, patterns.bands).nps(design)
    # Patterns with one prediction belong together, to the tenth in which their middle lies.
    _, place = np.unique(predicted.round(9), return_inverse=True)
    sizes = np.bincount(place, weights=answers)
    middle = (np.cumsum(sizes) - sizes / 2)[place] / max(patterns.n, 1)
    tenth = np.minimum((middle * _TENTHS).astype(np.int64), _TENTHS - 1)
    held: Floats = np.bincount(tenth, weights=answers, minlength=_TENTHS).astype(np.float64)
    tenth = _join(held, least=min_n)[tenth]

    def add(parts: Floats) -> Floats:
        return np.asarray(np.bincount(tenth, weights=parts, minlength=_TENTHS), dtype=np.float64)

    n = add(answers)
    detractors, passives, promoters = (add(band) for band in patterns.bands.T)
    low, high = auto(detractors, passives, promoters, level=level)
    table = pl.DataFrame(
        {
            "tenth": np.arange(1, _TENTHS + 1),
            "n": n.astype(np.int64),
            "predicted": to_column(ratio(add(answers * predicted), n)),
            "nps": to_column(ratio(100 * (promoters - detractors), n)),
            "low": to_column(np.clip(low, -100, 100)),
            "high": to_column(np.clip(high, -100, 100)),
            "level": np.full(_TENTHS, float(level)),
        }
    )
    return table.filter(pl.col("n") > 0).with_columns(
        within=pl.col("predicted").is_between("low", "high"), few=pl.col("n") < min_n
    )


def _join(sizes: Floats, *, least: int) -> Ints:
    """Join neighbours until each has enough: the place of the first of those each is put with."""
    first = np.arange(len(sizes), dtype=np.int64)
    start, size = -1, 0.0
    for place in np.flatnonzero(sizes):
        if start < 0 or size >= least:
            before, start, size = start, int(place), 0.0
        first[place] = start
        size += sizes[place]
    if start >= 0 and size < least and before >= 0:
        first[first == start] = before
    return first
