"""Which drivers matter most: how much of the differences between answers each explains."""

from collections.abc import Mapping, Sequence
from math import factorial
from typing import NamedTuple

import numpy as np
import polars as pl

from nps_kit.errors import OptionError, check_level
from nps_kit.scale import BANDS, POINTS
from nps_kit.stats.drivers.contributions import find_losses, fit_linear
from nps_kit.stats.drivers.estimates import measure_drivers
from nps_kit.stats.drivers.evidence import add_chances
from nps_kit.stats.drivers.ordinal import Flags, find_tangles, fit_ordinal
from nps_kit.stats.drivers.patterns import NOT_GIVEN, Patterns, find_patterns
from nps_kit.stats.drivers.references import choose_references, refer
from nps_kit.stats.drivers.squares import sum_squares
from nps_kit.stats.intervals import Floats, quantile_of
from nps_kit.stats.samples import check_min_n, ratio, to_column, to_floats

_CALLER = "rank_drivers()"

MOST_DRIVERS = 12
"""Each further driver doubles the models that are to be fitted: of 12 there are 4,096."""

CLEAR = 0.5
"""Correlation of effect and order from which a driver goes one way."""

# Share of a column's variance that is none of its own.
_OWN = 1e-10

# Subsets worked on together: a few megabytes.
_TOGETHER = 512


def rank_drivers(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Rank the drivers by how much of the differences between answers they explain.

    Importance has no sign and says nothing of how much there is to gain: beside it stand which
    level is best and which is worst, how far they lie apart, and how near the answers are to the
    best already.

    Association is not cause: a driver can be important because it goes with what matters.

    Parameters
    ----------
    counts, controls, level
        As in `estimate_drivers`.
    drivers
        As in `estimate_drivers`, but 12 at most: the models to be fitted double with each.
    min_n
        Answers that a level needs to count as the best or the worst of its driver.

    Returns
    -------
    One row per driver, the most important first; without any answer no row:

    ===================  =======  ============================================================
    ``driver``           text     as asked for
    ``n``                int      answers
    ``importance``       0 to 1   its part of what all drivers together explain
    ``share_explained``  0 to 1   the share of all differences between answers that it explains,
                                  less what chance alone would
    ``explained_low``    0 to 1   lower bound of that
    ``explained_high``   0 to 1   upper bound
    ``direction``        text     ``up``: the score rises along the order of its levels; ``down``:
                                  it falls; ``mixed``: neither; null: its levels have no order
    ``best``             text     the level with the highest score, all else alike
    ``worst``            text     the one with the lowest
    ``change``           points   from all answers at the worst to all at the best
    ``low``              points   lower bound of that
    ``high``             points   upper bound
    ``performance``      0 to 1   where the answers stand: 0, all at the worst level; 1, all at
                                  the best; a level between them counts by its effect
    ``share_best``       0 to 1   share of the answers at the best level
    ``lost``             points   what it costs that not all are, as in `decompose_drivers`
    ``level``            0 to 1   as asked
    ``p_value``          0 to 1   as in `estimate_drivers`, of the whole driver
    ``p_adjusted``       0 to 1   by Holm, for the number of drivers
    ``p_overall``        0 to 1   of all drivers together, the same in all rows
    ``found``            boolean  ``p_overall`` is under one less `level`
    ``few``              boolean  there are not two levels with `min_n` answers to set apart
    ===================  =======  ============================================================

    What cannot be had is null: best, worst and what hangs on them where a driver has not two
    levels with answers enough and an effect of their own; the importance where no driver explains
    anything; it and the shares with no more answers than levels.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If there are more than 12 drivers, or an option, a name or a column's type cannot be used.

    Notes
    -----
    **Importance.** Drivers that go together share what they explain, and which gets it depends on
    who comes first: so the gain of R² by a driver is averaged over all orders in which they can
    enter the linear model of -100, 0 and 100, all levels of a driver at once and the controls
    before them all. It is the measure called LMG, after Lindeman, Merenda and Gold (1980),
    "Introduction to Bivariate and Multivariate Analysis", and Shapley's value of the game "explain
    the differences"; Grömping (2007), The American Statistician 61, 139-147, discusses it. The
    shares add up to what the drivers explain beyond the controls. They are found from all subsets
    of the drivers, and from sums over the answers alone.

    **Chance.** Levels explain something of any answers, the more the fewer these are: 20 levels
    that do nothing a sixth of the differences between 120 answers. That is taken off each driver's
    share, a column what a column of the rest would, ``(1 - R²) / (n - 1 - columns)`` with all
    drivers and controls in R²: so the shares add up to an adjusted R² (Ezekiel 1930, "Methods of
    Correlation Analysis"), but for drivers with less than chance, which explain 0.

    Answers differ mostly for reasons that no table holds: drivers that explain a tenth together
    are common, and matter.

    **Interval of the share.** From the influence of each answer, on the scale of the square root.
    In 1,000 samples each of 500 and of 4,000 answers, intervals at 0.95 covered 93 to 96 %; of 120
    answers 89 to 95 %; and 92 % for a driver that another one hides, as long waits hide the offer
    of a call-back. Of a driver that does nothing the bounds hold 0 in 99 %.

    **Best and worst** are by the effects of `estimate_drivers`; ``change`` and its interval are
    those of the best level against the worst. They were chosen after looking, so of a driver that
    does nothing they seem a little apart. "not given" is neither.

    **Direction** is ``up`` or ``down`` where effect and order correlate by 0.5 or more over the
    answers. Text has no order.

    Examples
    --------
    >>> counts = pl.DataFrame({
    ...     "passed_on": [False] * 3 + [True] * 3,
    ...     "score": [3, 8, 10] * 2,
    ...     "n": [60, 90, 150, 50, 30, 20],
    ... })
    >>> table = rank_drivers(counts, drivers=["passed_on"])
    >>> table.select("direction", "best", pl.col("share_explained", "change").round(3)).row(0)
    ('down', 'false', 0.097, 60.0)
    >>> table.select(pl.col("performance", "lost").round(9)).row(0)
    (0.75, 15.0)
    """
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    patterns = find_patterns(counts, drivers=drivers, controls=controls, caller=_CALLER)
    if len(drivers) > MOST_DRIVERS:
        raise OptionError(
            f"{_CALLER} was given {len(drivers)} drivers, and ranks {MOST_DRIVERS} at most: each "
            "one more doubles the work.\n"
            "  Keep those that somebody could change, make the others controls, and of two that "
            "flag_drivers() calls collinear keep one."
        )
    patterns = choose_references(patterns)
    names = [factor.name for factor in patterns.drivers]
    gains = _find_gains(patterns)
    half = float(quantile_of(level)) * gains.error
    root, share = np.sqrt(gains.share), _take_off(gains.share, gains.chance)
    shares = pl.DataFrame(
        {
            "driver": pl.Series(names, dtype=pl.String),
            "importance": to_column(ratio(share, share.sum())),
            "share_explained": to_column(share),
            "explained_low": to_column(_take_off(np.maximum(root - half, 0) ** 2, gains.chance)),
            "explained_high": to_column(_take_off(np.minimum(root + half, 1) ** 2, gains.chance)),
            "lost": to_column(_find_lost(patterns, min_n=min_n)),
        }
    )
    design = patterns.design()
    fit = fit_ordinal(design, patterns.bands)
    effects = measure_drivers(patterns, names=drivers, design=design, fit=fit, level=level)
    ends = _find_ends(
        effects.with_columns(few=pl.col("n") < min_n), kinds=counts.select(drivers).schema
    )
    table = _set_apart(ends, patterns, level=level)
    table = add_chances(table, patterns, design=design, fit=fit, level=level)
    return (
        table.join(shares, on="driver", how="left", maintain_order="left")
        .sort("share_explained", descending=True, nulls_last=True, maintain_order=True)
        .with_columns(pl.lit(float(level)).alias("level"))
        .select(_COLUMNS)
    )


_COLUMNS = (
    *("driver", "n", "importance", "share_explained", "explained_low", "explained_high"),
    *("direction", "best", "worst", "change", "low", "high", "performance", "share_best", "lost"),
    *("level", "p_value", "p_adjusted", "p_overall", "found", "few"),
)


class Gains(NamedTuple):
    """What each driver explains, in the order of `Patterns.drivers`."""

    share: Floats
    """Share of all differences between answers."""
    chance: Floats
    """What of it chance alone explains; NaN where no answers are left over to tell."""
    error: Floats
    """Standard error of the share's square root; NaN where it is 0."""


def _take_off(share: Floats, chance: Floats) -> Floats:
    return np.maximum(share - chance, 0.0)


def _find_gains(patterns: Patterns) -> Gains:
    """Average each driver's gain of R² over all orders in which the drivers can enter."""
    blocks = [patterns.block(factor.name) for factor in patterns.drivers]
    size, n = len(blocks), max(patterns.n, 1)
    points = np.array([POINTS[band] for band in BANDS], dtype=np.float64)
    far = points - (patterns.bands @ points).sum() / n
    whole = float((patterns.bands @ far**2).sum()) / n
    if whole <= 0 or not size:
        return Gains(np.zeros(size), np.zeros(size), np.full(size, np.nan))
    own, left = _partial_out(patterns, far)
    share = patterns.answers / n
    gram = own.T @ (own * share[:, None])
    slopes = own.T @ ((patterns.bands * left).sum(axis=1) / n)
    members = (np.arange(2**size)[:, None] >> np.arange(size) & 1).astype(np.bool_)
    block_of = np.repeat(np.arange(size), [block.stop - block.start for block in blocks])
    fits, ranks = _fit_subsets(gram, slopes, members[:, block_of])
    weights = _weigh_subsets(members)
    gain = np.maximum(weights @ (fits @ slopes) / whole, 0)
    design = patterns.design()
    free = n - 1 - find_tangles(design, patterns.answers)[0].size
    rest = sum_squares(design, patterns.bands).leave(np.arange(design.shape[1]))
    chance = weights @ ranks * (rest / free if free > 0 else np.nan)

    # An answer moves the mean square of a subset's residuals by the square of its own.
    variance = np.zeros(size)
    for place in range(size):
        line = own @ (weights[place] @ fits)
        square = np.einsum("ij,ij->i", own @ (fits.T * weights[place] @ fits), own)
        influence = 2 * left * line[:, None] - square[:, None] - gain[place] * far**2
        variance[place] = (patterns.bands * influence**2).sum() / (n * whole) ** 2
    error = np.sqrt(ratio(variance, 4 * gain))
    return Gains(gain, chance, error)


def _partial_out(patterns: Patterns, far: Floats) -> tuple[Floats, Floats]:
    """Take out of the drivers' columns, and of the answers, what the controls explain.

    Returns
    -------
    The columns, scaled to a variance of 1 before that, and the distance of each pattern's
    detractors, passives and promoters from what the controls make one expect.
    """
    design, share = patterns.design(), patterns.answers / patterns.n
    centred = design - share @ design
    centred /= np.sqrt(share @ centred**2)
    size = sum(len(factor.others) for factor in patterns.drivers)
    own, controls = centred[:, :size], centred[:, size:]
    controls = controls[:, find_tangles(controls, patterns.answers)[0]]
    means = patterns.bands @ far / patterns.n
    gram = controls.T @ (controls * share[:, None])
    both = np.column_stack([own * share[:, None], means])
    slopes = np.linalg.solve(gram, controls.T @ both)
    fitted = controls @ slopes
    return own - fitted[:, :size], far - fitted[:, size:]


def _fit_subsets(gram: Floats, slopes: Floats, members: Flags) -> tuple[Floats, Floats]:
    """Fit the linear model of each subset of columns: one row a subset, 0 for columns outside.

    Returns
    -------
    The coefficients, and how many columns of each subset are free.
    """
    fits, ranks = np.zeros(members.shape), np.zeros(len(members))
    for start in range(0, len(members), _TOGETHER):
        inside = members[start : start + _TOGETHER]
        grams = np.where(inside[:, :, None] & inside[:, None, :], gram, 0.0)
        inverse = np.linalg.pinv(grams, rcond=_OWN, hermitian=True)
        fits[start : start + _TOGETHER] = inverse @ slopes
        ranks[start : start + _TOGETHER] = np.einsum("kij,kji->k", inverse, grams)
    return fits, ranks


def _weigh_subsets(members: Flags) -> Floats:
    """Weigh the subsets so that the sum over them is a driver's mean gain: one row a driver."""
    size = members.shape[1]
    chances = np.array(
        [factorial(k) * factorial(size - 1 - k) / factorial(size) for k in range(size)]
    )
    # The drivers that stand before it: all others of the subset.
    before = members.sum(axis=1)[:, None] - members
    signs = np.where(members, 1.0, -1.0)
    return np.asarray((signs * chances[np.minimum(before, size - 1)]).T, dtype=np.float64)


def _find_lost(patterns: Patterns, *, min_n: int) -> Floats:
    if not patterns.n:
        return np.zeros(0)
    linear = fit_linear(patterns)
    losses = [
        find_losses(factor, patterns=patterns, linear=linear, min_n=min_n)
        for factor in patterns.drivers
    ]
    return np.array([np.nan if each.best is None else each.whole.value for each in losses])


def _find_ends(effects: pl.DataFrame, *, kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Find the best and the worst level of each driver, and how the answers lie between them."""
    found = [
        {"driver": name, "direction": _find_direction(rows, kind), **_tell(rows)}
        for name, kind in kinds.items()
        for rows in [effects.filter(pl.col("driver") == name)]
        if rows.height
    ]
    return pl.DataFrame(found, schema=_ENDS)


def _set_apart(ends: pl.DataFrame, patterns: Patterns, *, level: float) -> pl.DataFrame:
    """Set the best level of each driver against the worst."""
    worst = {
        name: patterns.factors[patterns.place(name)].levels.index(value)
        for name, value in ends.drop_nulls("worst").select("driver", "worst").iter_rows()
    }
    patterns = refer(patterns, worst)
    design = patterns.design()
    fit = fit_ordinal(design, patterns.bands)
    apart = measure_drivers(patterns, names=list(worst), design=design, fit=fit, level=level)
    changes = apart.select("driver", pl.col("value").alias("best"), "change", "low", "high")
    return ends.join(changes, on=["driver", "best"], how="left", maintain_order="left")


_ENDS = {
    **dict.fromkeys(("driver", "direction", "best", "worst"), pl.String),
    "n": pl.Int64,
    **dict.fromkeys(("performance", "share_best"), pl.Float64),
    "few": pl.Boolean,
}


def _tell(rows: pl.DataFrame) -> dict[str, object]:
    """Tell the ends of one driver, of its rows in the table of `estimate_drivers`."""
    given = rows.filter(pl.col("value") != NOT_GIVEN)
    able = given.filter(~pl.col("few")).drop_nulls("change").sort("change", maintain_order=True)
    told: dict[str, object] = {"n": rows["n"].sum(), "few": given["few"].not_().sum() < 2}  # noqa: PLR2004
    if able.height < 2:  # noqa: PLR2004 - two ends
        return told
    worst, best = able.row(0, named=True), able.row(-1, named=True)
    stood = given.drop_nulls("change")
    # A level with few answers can lie beyond both ends.
    places = stood["change"].clip(worst["change"], best["change"]) - worst["change"]
    gap = best["change"] - worst["change"]
    mean = np.average(to_floats(places), weights=to_floats(stood["n"]))
    return {
        **told,
        "best": best["value"],
        "worst": worst["value"],
        "performance": float(mean / gap) if gap > 0 else None,
        "share_best": best["share"],
    }


def _find_direction(rows: pl.DataFrame, kind: pl.DataType) -> str | None:
    if not is_ordered(kind):
        return None
    stood = rows.filter(pl.col("value") != NOT_GIVEN).drop_nulls("change")
    slope = correlate(to_floats(stood["change"]), sizes=to_floats(stood["n"]))
    if slope is None:
        return None
    return "mixed" if abs(slope) < CLEAR else "up" if slope > 0 else "down"


def is_ordered(kind: pl.DataType) -> bool:
    """Tell whether the levels of a column have an order that means something."""
    return kind not in (pl.String, pl.Categorical, pl.Null)


def correlate(effects: Floats, *, sizes: Floats) -> float | None:
    """Correlate the effects of ordered levels with their order, over the answers.

    Parameters
    ----------
    effects
        One element a level, in their order.
    sizes
        Answers of each.

    Returns
    -------
    -1 to 1; None where the effects, or the levels, are all the same.
    """
    if not sizes.any():
        return None
    share = sizes / sizes.sum()
    order = np.arange(len(effects)) - share @ np.arange(len(effects))
    apart = effects - share @ effects
    spread = float(np.sqrt((share @ order**2) * (share @ apart**2)))
    return float(share @ (order * apart)) / spread if spread > 0 else None
