"""Whether the odds are proportional: one logit at each threshold, side by side."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import special

from nps_kit.errors import check_level
from nps_kit.stats.chances import adjust_p_values
from nps_kit.stats.drivers.estimates import Standardised, standardise
from nps_kit.stats.drivers.ordinal import CUTS, Fit, fit_ordinal
from nps_kit.stats.drivers.patterns import Factor, Patterns, Value, find_patterns
from nps_kit.stats.drivers.references import keep_references
from nps_kit.stats.intervals import Floats, quantile_of
from nps_kit.stats.samples import to_column, to_constant

_CALLER = "compare_logits()"

_WIDEST = 200


def compare_logits(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    against: Mapping[str, Value] | None = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """Compare what each driver does at the two thresholds: to detractors, and to promoters.

    `estimate_drivers` takes a driver to move the odds alike at both thresholds. Here each has a
    logit of its own: what keeps customers from being detractors need not make them promoters.

    Parameters
    ----------
    counts, drivers, controls, against, level
        As in `estimate_drivers`.

    Returns
    -------
    One row per driver and level other than the reference, in the order of `estimate_drivers`:

    ======================  =======  ===================================================
    ``driver``              text     as asked for
    ``value``               text     the level
    ``against``             text     the reference level
    ``n``                   int      answers at the level
    ``odds_not_detractor``  ratio    odds of a passive or promoter, against the reference
    ``not_detractor_low``   ratio    lower bound
    ``not_detractor_high``  ratio    upper bound
    ``odds_promoter``       ratio    odds of a promoter, against the reference
    ``promoter_low``        ratio    lower bound
    ``promoter_high``       ratio    upper bound
    ``change``              points   as in `estimate_drivers`, by the two logits together
    ``low``                 points   lower bound
    ``high``                points   upper bound
    ``level``               0 to 1   as asked
    ``p_value``             0 to 1   that the two agree, over all levels of the driver
    ``p_adjusted``          0 to 1   by Holm, for the number of drivers
    ======================  =======  ===================================================

    Figures that cannot be had are null, as in `estimate_drivers`. A driver with one level has no
    row.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If an option, a name, a column's type or a reference level cannot be used.

    Notes
    -----
    Brant (1990), "Assessing proportionality in the proportional odds model for ordinal logistic
    regression", Biometrics 46, 1171-1178: a Wald test of the difference of the two logits'
    coefficients, whose covariance follows from the two indicators' being nested. All drivers and
    controls are free at both thresholds. Levels at which either logit is separated (nobody there
    is a detractor, say) take no part in the test.

    Examples
    --------
    What makes passives of detractors, and no more promoters:

    >>> counts = pl.DataFrame({
    ...     "resolved": [False] * 3 + [True] * 3,
    ...     "score": [3, 8, 10] * 2,
    ...     "n": [400, 200, 400, 200, 400, 400],
    ... })
    >>> table = compare_logits(counts, drivers=["resolved"])
    >>> table.select(pl.col("odds_not_detractor", "odds_promoter", "change").round(2)).row(0)
    (2.67, 1.0, 20.0)
    >>> table["p_value"].item() < 0.001
    True
    """
    check_level(level, caller=_CALLER)
    patterns = find_patterns(
        counts, drivers=drivers, controls=controls, against=against, caller=_CALLER
    )
    patterns = keep_references(patterns, asked=against or ())
    return contrast(patterns, design=patterns.design(), level=level)


class Pair(NamedTuple):
    """The two logits of one set of answers."""

    lower: Fit
    """Passives and promoters against detractors."""
    upper: Fit
    """Promoters against the rest."""
    cross: Floats
    """Covariance of what the first one found (rows) with what the second one did."""


def fit_pair(design: Floats, bands: Floats) -> Pair:
    """Fit one logit at each threshold.

    Parameters
    ----------
    design
        One row a pattern, without a column of ones.
    bands
        One row a pattern, three columns: detractors, passives, promoters.

    Returns
    -------
    Both fits, of two bands each, and how what they found varies together.
    """
    detractors, passives, promoters = bands.T
    none = np.zeros_like(detractors)
    lower = fit_ordinal(design, np.column_stack([detractors, none, passives + promoters]))
    upper = fit_ordinal(design, np.column_stack([detractors + passives, none, promoters]))
    # Chances of a passive or promoter, and of a promoter: by each its own model, so that they can
    # cross where answers are few.
    beyond = np.array([0.5 + fit.nps(design) / 200 for fit in (lower, upper)])
    shared = bands.sum(axis=1) * beyond.min(axis=0) * (1 - beyond.max(axis=0))
    slopes = np.column_stack([-np.ones(len(design)), design])
    middle = slopes.T @ (slopes * shared[:, None])
    # A logit has one threshold, which stands twice in its fit: it is to count once.
    cross = lower.covariance[:, 1:] @ middle @ upper.covariance[1:, :]
    return Pair(lower, upper, cross)


def contrast(patterns: Patterns, *, design: Floats, level: float) -> pl.DataFrame:
    """Make the table of `compare_logits`.

    Parameters
    ----------
    patterns
        The answers.
    design
        ``patterns.design()``.
    level
        Probability that each interval aims to cover.

    Returns
    -------
    As `compare_logits` documents it.
    """
    pair = fit_pair(design, patterns.bands.astype(np.float64))
    rows = [
        _tell(factor, patterns=patterns, design=design, pair=pair, level=level)
        for factor in patterns.drivers
    ]
    chances = np.array([_find_chance(pair, patterns.block(f.name)) for f in patterns.drivers])
    tests = pl.DataFrame(
        {
            "driver": pl.Series([f.name for f in patterns.drivers], dtype=pl.String),
            "p_value": to_column(chances),
            "p_adjusted": to_column(adjust_p_values(chances, adjust="holm")),
        }
    )
    table = pl.concat([_EMPTY, *rows])
    return table.join(tests, on="driver", how="left", maintain_order="left")


# Share of the variance of a coefficient that is left of that of its difference, if it is none.
_ALIKE = 1e-9

_NUMBERS = (
    *("odds_not_detractor", "not_detractor_low", "not_detractor_high"),
    *("odds_promoter", "promoter_low", "promoter_high"),
    *("change", "low", "high", "level"),
)

_EMPTY = pl.DataFrame(
    schema={
        **dict.fromkeys(("driver", "value", "against"), pl.String),
        "n": pl.Int64,
        **dict.fromkeys(_NUMBERS, pl.Float64),
    }
)


def _find_chance(pair: Pair, block: slice) -> float:
    """Find the chance that the two logits differ so much where the odds are proportional."""
    columns = np.arange(block.start, block.stop)
    columns = columns[pair.lower.known[columns] & pair.upper.known[columns]]
    if not columns.size:
        return np.nan
    places = np.ix_(CUTS + columns, CUTS + columns)
    cross = pair.cross[places]
    variance = pair.lower.covariance[places] + pair.upper.covariance[places] - cross - cross.T
    apart = pair.lower.coefficients[columns] - pair.upper.coefficients[columns]
    # Without passives the two are one and the same, and nothing can differ.
    if np.diag(variance).min() < _ALIKE * np.diag(pair.lower.covariance[places]).min():
        return np.nan
    return float(special.chdtrc(columns.size, apart @ np.linalg.solve(variance, apart)))


def _tell(
    factor: Factor, *, patterns: Patterns, design: Floats, pair: Pair, level: float
) -> pl.DataFrame:
    """Tell the levels of one driver but its reference, a row each."""
    others, block = list(factor.others), patterns.block(factor.name)
    wide = quantile_of(level)
    odds = {}
    for name, fit in (("not_detractor", pair.lower), ("promoter", pair.upper)):
        coefficient = np.where(fit.known[block], fit.coefficients[block], np.nan)
        error = fit.errors[block]
        odds[f"odds_{name}"] = to_column(np.exp(coefficient))
        odds[f"{name}_low"] = to_column(np.exp(coefficient - wide * error))
        odds[f"{name}_high"] = to_column(np.exp(coefficient + wide * error))
    lower, upper = (
        standardise(patterns, factor.name, design=design, fit=fit)
        for fit in (pair.lower, pair.upper)
    )
    # A fit of two bands knows a score from -100 to 100: half of each is the share that moved.
    known = pair.lower.known[block] & pair.upper.known[block]
    change = np.where(known, (lower.change + upper.change)[others] / 2, np.nan)
    error = _spread(pair, lower, upper)[others]
    return pl.DataFrame(
        {
            "driver": pl.Series([factor.name] * len(others)),
            "value": pl.Series([factor.levels[code] for code in others]),
            "against": pl.Series([factor.levels[factor.reference]] * len(others)),
            "n": pl.Series(patterns.count(factor.name).sum(axis=1)[others], dtype=pl.Int64),
            **odds,
            "change": to_column(change),
            "low": to_column(np.clip(change - wide * error, -_WIDEST, _WIDEST)),
            "high": to_column(np.clip(change + wide * error, -_WIDEST, _WIDEST)),
            "level": to_constant(level, height=len(others)),
        }
    )


def _spread(pair: Pair, lower: Standardised, upper: Standardised) -> Floats:
    """Give the standard error of the change by both logits, a level each."""
    variance = sum(
        np.einsum("ij,jk,ik->i", left, covariance, right)
        for left, covariance, right in (
            (lower.slopes, pair.lower.covariance, lower.slopes),
            (upper.slopes, pair.upper.covariance, upper.slopes),
            (2 * lower.slopes, pair.cross, upper.slopes),
        )
    )
    return np.asarray(np.sqrt(np.maximum(variance, 0)) / 2, dtype=np.float64)
