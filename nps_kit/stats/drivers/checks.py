"""What to doubt in a driver table."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from nps_kit.errors import check_level
from nps_kit.scale import BANDS, POINTS
from nps_kit.stats.drivers.logits import contrast
from nps_kit.stats.drivers.ordinal import Fit, Ints, find_tangles, fit_ordinal
from nps_kit.stats.drivers.patterns import NOT_GIVEN, Factor, Patterns, Value, find_patterns
from nps_kit.stats.drivers.references import keep_references
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import check_min_n

FLAGS = (
    "one level",
    "leakage",
    "separation",
    "collinear",
    "not given",
    "rare",
    "not proportional",
)
"""What can be wrong with a driver, the gravest first."""

LEAKS = 0.35
"""A driver that explains so much on its own measures the same as the score."""

SAME_SURVEY = ("csat", "effort")
"""Other answers of the same survey: results of the service, not parts of it."""

WIDER = 2.0
"""Collinear: intervals so many times as wide as if the driver stood alone."""

MISSING = 0.1
"""Share of missing values from which they are pointed out."""

APART = 1.25
"""Odds at the two thresholds that differ by less are proportional enough."""


def flag_drivers(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    against: Mapping[str, Value] | None = None,
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Flag what is to be doubted in the table of `estimate_drivers`.

    Parameters
    ----------
    counts, drivers, controls, against, level, min_n
        As in `estimate_drivers`.

    Returns
    -------
    One row per finding, drivers as asked for and the gravest first; no row where nothing is found:

    ======================  =======  =====================================================
    ``driver``              text     as asked for
    ``value``               text     the level concerned; null: the whole driver
    ``flag``                text     what is found, see below
    ``figure``                       how much of it, see below
    ``other``               text     what it goes with: a driver, a control or a band
    ``n``                   int      answers at the level, or of all levels
    ``share``               0 to 1   share of the answers
    ``odds_not_detractor``  ratio    only ``not proportional``: as in `compare_logits`
    ``odds_promoter``       ratio    only ``not proportional``
    ``change``              points   only ``not proportional``: by the two logits together
    ``level``               0 to 1   as asked
    ======================  =======  =====================================================

    ====================  ==========================================  ===========================
    ``flag``              what is wrong                               ``figure``
    ====================  ==========================================  ===========================
    ``one level``         all answers are at one level, so that       null
                          nothing can be compared
    ``leakage``           the driver nearly gives the score away, or  share of the differences
                          is another answer of the same survey        that it explains alone
    ``separation``        the level's effect has no end; where all    ``n`` of the level
                          its answers are in one band, ``other``
                          names it
    ``collinear``         the driver goes with ``other``, or the      times as wide as its
                          level says the same as a level of           intervals would be alone;
                          ``other``                                   null: cannot be told apart
    ``not given``         many values are missing                     share that is missing
    ``rare``              the level has few answers                   ``n`` of the level
    ``not proportional``  the level moves detractors otherwise than   p-value of the driver, by
                          promoters: read the odds at both            Holm
    ====================  ==========================================  ===========================

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
    ``leakage``: the adjusted share of the variance of -100, 0 and 100 that lies between the
    driver's levels is 0.35 or more, or the driver is called ``csat`` or ``effort``.

    ``collinear``: twice as wide or more. The figure is the generalised variance inflation of the
    driver's columns among those of all drivers and controls, to the power 1 / (2 columns) (Fox and
    Monette 1992, Journal of the American Statistical Association 87, 178-183). ``other`` is the
    one that goes with it most (Cramer's V).

    ``not given``: a tenth of the answers or more.

    ``not proportional``: the test of `compare_logits` finds it, and at some level the odds at the
    two thresholds differ by a quarter or more: with very many answers any driver would be found.

    Examples
    --------
    >>> counts = pl.DataFrame({
    ...     "transfers": ["none"] * 3 + ["many"] * 2,
    ...     "score": [3, 8, 10, 3, 2],
    ...     "n": [20, 30, 50, 5, 7],
    ... })
    >>> flags = flag_drivers(counts, drivers=["transfers"], against={"transfers": "none"})
    >>> flags.select("value", "flag", "figure", "other").rows()
    [('many', 'separation', 12.0, 'detractors'), ('many', 'rare', 12.0, None)]
    """
    caller = "flag_drivers()"
    check_level(level, caller=caller)
    check_min_n(min_n, caller=caller)
    patterns = find_patterns(
        counts, drivers=drivers, controls=controls, against=against, caller=caller
    )
    patterns = keep_references(patterns, asked=against or ())
    design = patterns.design()
    fit = fit_ordinal(design, patterns.bands)
    inflation = _inflate(patterns, design=design)
    found: list[dict[str, object]] = [
        {"driver": factor.name, "value": factor.levels[0], "flag": "one level", "n": patterns.n}
        for factor in patterns.single
        if factor.name in drivers and factor.levels
    ]
    for factor in patterns.drivers:
        found += [
            {"driver": factor.name, **row}
            for rows in (
                _find_leaks(factor, patterns),
                _find_levels(factor, patterns, fit=fit, min_n=min_n),
                _find_collinear(factor, patterns, inflation=inflation[factor.name]),
            )
            for row in rows
        ]
    table = pl.DataFrame(found, schema=_SCHEMA)
    apart = _find_disproportion(contrast(patterns, design=design, level=level), level=level)
    order = [
        pl.col("driver").replace_strict({name: place for place, name in enumerate(drivers)}),
        pl.col("flag").replace_strict({flag: place for place, flag in enumerate(FLAGS)}),
    ]
    return (
        pl.concat([table, apart])
        .sort(order, maintain_order=True)
        .with_columns(share=pl.col("n") / max(patterns.n, 1), level=pl.lit(float(level)))
    )


_SCHEMA = {
    **dict.fromkeys(("driver", "value", "flag"), pl.String),
    "figure": pl.Float64,
    "other": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(("share", "odds_not_detractor", "odds_promoter", "change"), pl.Float64),
}


def _find_leaks(factor: Factor, patterns: Patterns) -> Iterator[dict[str, object]]:
    explained = _explain(patterns.count(factor.name))
    if explained >= LEAKS or factor.name.lower() in SAME_SURVEY:
        yield {"flag": "leakage", "figure": explained, "n": patterns.n}


def _explain(counted: Ints) -> float:
    """Give the adjusted share of the differences between answers that lies between levels."""
    points = np.array([POINTS[band] for band in BANDS], dtype=np.float64)
    sizes = counted.sum(axis=1)
    n, free = sizes.sum(), sizes.sum() - len(sizes)
    mean = counted.sum(axis=0) @ points / n
    whole = counted.sum(axis=0) @ (points - mean) ** 2
    between = sizes @ (counted @ points / sizes - mean) ** 2
    if whole <= 0 or free <= 0:
        return 0.0
    return max(0.0, float(1 - (whole - between) / whole * (n - 1) / free))


def _find_levels(
    factor: Factor, patterns: Patterns, *, fit: Fit, min_n: int
) -> Iterator[dict[str, object]]:
    """Find levels whose effect has no end, cannot be told apart, is missing or has few answers."""
    counted, block = patterns.count(factor.name), patterns.block(factor.name)
    n = counted.sum(axis=1)
    several = np.count_nonzero(counted.sum(axis=0)) > 1
    ends = [_find_end(level) for level in counted]
    for code, value in enumerate(factor.levels):
        row: dict[str, object] = {"value": value, "n": int(n[code])}
        column = block.start + factor.others.index(code) if code != factor.reference else None
        runs = column is not None and bool(fit.runaway[column])
        # A reference without an end makes all others run away: it alone is to blame.
        if several and (ends[code] or (runs and not ends[factor.reference])):
            yield {**row, "flag": "separation", "figure": float(n[code]), "other": ends[code]}
        if several and column is not None and fit.tangled[column]:
            yield {**row, "flag": "collinear", "other": _find_twin(factor, patterns, fit=fit)}
        if value == NOT_GIVEN and n[code] >= MISSING * patterns.n:
            yield {**row, "flag": "not given", "figure": n[code] / patterns.n}
        if n[code] < min_n:
            yield {**row, "flag": "rare", "figure": float(n[code])}


def _find_end(level: Ints) -> str | None:
    """Name the end band that holds all answers of a level, if one does."""
    used = np.flatnonzero(level)
    return BANDS[used[0]] if used.size == 1 and used[0] in (0, len(BANDS) - 1) else None


def _find_twin(factor: Factor, patterns: Patterns, *, fit: Fit) -> str | None:
    """Name the other factor, of those that repeat something, that goes with this one most."""
    twins = [
        other.name
        for other in patterns.factors
        if other.name != factor.name and fit.tangled[patterns.block(other.name)].any()
    ]
    return max(twins, key=lambda name: _associate(patterns, factor.name, name), default=None)


def _find_collinear(
    factor: Factor, patterns: Patterns, *, inflation: float
) -> Iterator[dict[str, object]]:
    if inflation >= WIDER:
        others = [other.name for other in patterns.factors if other.name != factor.name]
        other = max(others, key=lambda name: _associate(patterns, factor.name, name))
        yield {"flag": "collinear", "figure": inflation, "other": other, "n": patterns.n}


def _associate(patterns: Patterns, first: str, second: str) -> float:
    """Give Cramer's V of two factors: 0 where they are independent, 1 where one tells the other."""
    places = patterns.place(first), patterns.place(second)
    together = np.zeros([len(patterns.factors[place].levels) for place in places])
    np.add.at(together, tuple(patterns.codes[:, place] for place in places), patterns.answers)
    expected = np.outer(together.sum(axis=1), together.sum(axis=0)) / together.sum()
    square = ((together - expected) ** 2 / expected).sum()
    return float(np.sqrt(square / together.sum() / (min(together.shape) - 1)))


def _inflate(patterns: Patterns, *, design: Floats) -> dict[str, float]:
    """Find how many times as wide each driver's intervals are as if it stood alone."""
    kept, tangled = find_tangles(design, patterns.answers)
    if not kept.size:
        return {}
    share = patterns.answers / patterns.n
    centred = design - share @ design
    covariance = centred.T @ (centred * share[:, None])
    inflation = {}
    for factor in patterns.drivers:
        block = patterns.block(factor.name)
        mine = [c for c in kept if block.start <= c < block.stop and not tangled[c]]
        rest = [c for c in kept if not block.start <= c < block.stop]
        parts = (mine, rest, [*mine, *rest])
        own, others, whole = (np.linalg.slogdet(covariance[np.ix_(c, c)])[1] for c in parts)
        inflated = np.exp((own + others - whole) / 2 / max(len(mine), 1))
        inflation[factor.name] = float(inflated) if mine else 1.0
    return inflation


def _find_disproportion(logits: pl.DataFrame, *, level: float) -> pl.DataFrame:
    """Keep the drivers whose two logits differ, by the test and by enough to matter."""
    apart = (pl.col("odds_promoter") / pl.col("odds_not_detractor")).log().abs()
    matters = apart.max().over("driver") >= np.log(APART)
    return (
        logits.filter((pl.col("p_adjusted") < 1 - level) & matters)
        .with_columns(
            flag=pl.lit("not proportional"),
            figure=pl.col("p_adjusted"),
            other=pl.lit(None, pl.String),
            share=pl.lit(None, pl.Float64),
        )
        .select(_SCHEMA.keys())
    )
