"""Whether promoters stay longer: the share that stays by band, and the ratio of their hazards."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import polars as pl
from scipy import special

from nps_kit.errors import bad_option, check_choice, check_level
from nps_kit.scale import BANDS
from nps_kit.stats.chances import Adjust, adjust_p_values
from nps_kit.stats.intervals import Floats, quantile_of
from nps_kit.stats.outcomes.followed import (
    LONGEST,
    code_levels,
    context_of,
    find_groups,
    follow_cells,
    name_controls,
    split_groups,
    take_followed,
)
from nps_kit.stats.outcomes.hazards import Fit, Spells, fit_hazards
from nps_kit.stats.outcomes.survival import find_rank_chance, read
from nps_kit.stats.samples import check_min_n, to_floats

Band = Literal["detractors", "passives", "promoters"]

_CURVE = ("at_risk", "left", "staying", "low", "high")


class _Drift(NamedTuple):
    """The hazard ratios before and after the day on which half of all leavers had left."""

    day: float
    early: Floats
    late: Floats


def estimate_retention(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    at: Sequence[int] | None = None,
    level: float = 0.95,
) -> pl.DataFrame:
    """Estimate what share of the customers stays, by band of their answer, over time.

    Parameters
    ----------
    counts
        Count table as `tally_loyalty` makes it: ``[*by, days, left, score, reason, n]``.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    at
        Days to read the curve at, such as ``(90, 180, 365)``; None: every day on which someone
        left, with the first and the last day.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).

    Returns
    -------
    One row per group, band and day, sorted by them:

    =====================  =======  ======================================================
    ``*by``                         as given
    ``band``               band     of the answer
    ``n``                  int      answers that were followed
    ``days``               days     since the answer
    ``at_risk``            int      still followed when that day began
    ``left``               int      left up to the end of that day
    ``staying``            0 to 1   share that stays past that day
    ``low``                0 to 1   lower bound
    ``high``               0 to 1   upper bound
    ``level``              0 to 1   as asked
    ``survey``, ``scale``  text     where `counts` has them and they are not in `by`
    =====================  =======  ======================================================

    Past the last day on which anyone was followed all of them are null: the data does not say.
    A band without answers has ``n`` 0.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, ``days``, ``left`` or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `at`, `by` or `level` cannot be used, or days are none.

    Notes
    -----
    The product-limit estimate (Kaplan and Meier 1958, Journal of the American Statistical
    Association 53, 457-481). Bounds by Greenwood's variance on the log of the log; while nobody has
    left, the exact bound for none of those still followed. It takes those no longer followed to be
    no likelier to leave than the others. A clock that stops at the next answer holds this as far
    as answering has nothing to do with leaving; a landmark (`tally_loyalty`) needs less, and mixes
    in what the later answers were.

    A customer with several answers has several clocks, one after the other. Each ends where the
    next begins and leaving ends all, so they do not make the errors too small.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"days": [10, 20, 30], "left": [True, False, True], "score": 3, "n": [1, 2, 1]}
    ... )
    >>> kept = estimate_retention(counts, at=[10, 30]).filter(pl.col("band") == "detractors")
    >>> kept.select("days", "at_risk", "left", "staying").rows()
    [(10, 4, 1, 0.75), (30, 1, 2, 0.0)]
    """
    caller = "estimate_retention()"
    check_level(level, caller=caller)
    asked = None if at is None else _check_at(at, caller=caller)
    followed = take_followed(counts, by=by, caller=caller)
    groups = find_groups(counts, by=by)
    parts: list[dict[str, Any]] = []
    keys: list[tuple[object, ...]] = []
    for key, group in split_groups(followed, groups):
        for band in BANDS:
            curve = follow_cells(group.filter(pl.col("band") == band))
            days = asked
            if days is None:
                last = [] if np.isnan(curve.longest) else [curve.longest]
                days = np.unique(np.concatenate([[0.0], curve.days, last]))
            found = read(curve, days, level=level)
            keys += [key] * days.size
            parts.append(
                {"band": [band] * days.size, "n": np.full(days.size, curve.n), "days": days}
                | dict(zip(_CURVE, found, strict=True))
            )
    names = ("band", "n", "days", *_CURVE)
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) if parts else [] for name in names
    }
    result = pl.DataFrame(columns, schema_overrides={"band": pl.String}).select(
        pl.col("band").cast(pl.Enum(BANDS)),
        pl.col("n", "days").cast(pl.Int64),
        pl.col("at_risk", "left").cast(pl.Float64).fill_nan(None).cast(pl.Int64),
        pl.col("staying", "low", "high").cast(pl.Float64).fill_nan(None),
        pl.lit(float(level)).alias("level"),
        **context_of(counts, by=by),
    )
    return _put_keys(result, keys, groups)


def compare_retention(
    counts: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    against: Band = "promoters",
    controls: Sequence[str] = (),
    level: float = 0.95,
    adjust: Adjust = "holm",
    min_n: int = 30,
) -> pl.DataFrame:
    """Compare how fast customers leave: the hazard of each band against that of one.

    Parameters
    ----------
    counts
        Count table as `tally_loyalty` makes it, by the columns of `by` and `controls`.
    by
        Columns that tell the groups apart. None: one group, the whole table.
    against
        The band that the others are set against.
    controls
        Columns whose levels are held fixed; a missing value is a level of its own.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).
    adjust
        How p-values are adjusted for the number of rows.
    min_n
        A row with fewer answers of one of its two bands is marked ``few``.

    Returns
    -------
    One row per group and other band, sorted by them:

    ======================  =======  =====================================================
    ``*by``                          as given
    ``band``                band     of the answer
    ``against``             band     as asked
    ``n``                   int      answers of the band
    ``left``                int      of whom the customer left
    ``n_against``           int      answers of the other
    ``left_against``        int      of whom the customer left
    ``hazard_ratio``        ratio    how many times as fast they leave, controls held fixed
    ``low``, ``high``       ratio    its bounds
    ``p_value``             0 to 1   of the hazard ratio being 1 (Wald)
    ``p_adjusted``          0 to 1   for the number of rows
    ``p_rank``              0 to 1   log-rank test of the two bands, without controls
    ``p_proportional``      0 to 1   of the ratio being the same all the time
    ``split``               days     by then half of all leavers had left
    ``hazard_ratio_early``  ratio    until then
    ``hazard_ratio_late``   ratio    after it, among those still there
    ``controls``            text     what was held fixed, with commas between; null: nothing
    ``level``               0 to 1   as asked
    ``few``                 boolean  ``n`` or ``n_against`` is under `min_n`
    ``survey``, ``scale``   text     where `counts` has them and they are not in `by`
    ======================  =======  =====================================================

    A ratio that cannot be had is null: nobody left of one of the two bands, or a control cannot be
    told from the band.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, ``days``, ``left``, or a column of `by` or `controls`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If an option cannot be used, or days are none.

    Notes
    -----
    Cox's proportional hazards (1972, Journal of the Royal Statistical Society B 34, 187-220) with
    Efron's ties, from the counts: the same as one row an answer. A small ``p_proportional`` says
    that one ratio does not tell the whole: read ``hazard_ratio_early`` and ``hazard_ratio_late``,
    and the curves of `estimate_retention`. Errors take answers as independent; in 200 samples of
    the kit's own making, in which customers answer several times, 95 % intervals covered 96 % for
    detractors and 95 % for passives, and errors were 1.02 times the scatter over the samples.
    Association is not cause: unhappy customers may leave for the reason that made them unhappy.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "days": [10, 40, 60, 20, 50, 60],
    ...         "left": [True, True, False] * 2,
    ...         "score": [3, 3, 3, 9, 9, 9],
    ...         "n": [30, 30, 40, 10, 10, 80],
    ...     }
    ... )
    >>> ratio = compare_retention(counts).filter(pl.col("band") == "detractors")
    >>> ratio.select(pl.col("hazard_ratio", "low", "high").round(2), "left", "n").row(0)
    (4.45, 2.67, 7.4, 60, 100)
    """
    caller = "compare_retention()"
    check_level(level, caller=caller)
    check_choice(against, BANDS, caller=caller, option="against")
    check_choice(adjust, get_args(Adjust), caller=caller, option="adjust")
    check_min_n(min_n, caller=caller)
    followed = take_followed(counts, by=by, controls=controls, caller=caller)
    groups = find_groups(counts, by=by)
    width = float(quantile_of(level))
    keys: list[tuple[object, ...]] = []
    rows: list[dict[str, Any]] = []
    for key, group in split_groups(followed, groups):
        found = _compare(group, against=against, controls=controls, width=width)
        keys += [key] * len(found)
        rows += found
    ratios = ("hazard_ratio", "low", "high", "p_value", "p_rank", "p_proportional")
    parts = ("hazard_ratio_early", "hazard_ratio_late")
    whole = ("n", "left", "n_against", "left_against")
    schema = {"band": pl.String, **dict.fromkeys(whole, pl.Int64)}
    schema |= dict.fromkeys((*ratios, "split", *parts), pl.Float64)
    result = pl.DataFrame(rows, schema=schema)
    adjusted = adjust_p_values(to_floats(result["p_value"]), adjust=adjust)
    result = result.with_columns(p_adjusted=pl.Series(adjusted, dtype=pl.Float64)).select(
        pl.col("band").cast(pl.Enum(BANDS)),
        pl.lit(against, pl.Enum(BANDS)).alias("against"),
        *whole,
        pl.col("hazard_ratio", "low", "high", "p_value", "p_adjusted", "p_rank").fill_nan(None),
        pl.col("p_proportional", "split", *parts).fill_nan(None),
        name_controls(controls),
        pl.lit(float(level)).alias("level"),
        few=pl.min_horizontal("n", "n_against") < min_n,
        **context_of(counts, by=by),
    )
    return _put_keys(result, keys, groups).with_columns(pl.col("split").cast(pl.Int64))


def _check_at(at: object, *, caller: str) -> Floats:
    rule = f"a list of days, from 0 to {LONGEST:,}: at=[90, 180, 365]"
    if isinstance(at, str) or not isinstance(at, Sequence | np.ndarray):
        raise bad_option(at, caller=caller, option="at", rule=rule)
    whole = all(isinstance(day, int | np.integer) and 0 <= day <= LONGEST for day in at)
    if not whole or len(at) == 0:
        raise bad_option(at, caller=caller, option="at", rule=rule)
    return np.unique(np.asarray(at, np.float64))


def _put_keys(
    result: pl.DataFrame, keys: list[tuple[object, ...]], groups: pl.DataFrame
) -> pl.DataFrame:
    if not groups.columns:
        return result
    return pl.concat(
        [pl.DataFrame(keys, schema=groups.schema, orient="row"), result], how="horizontal"
    )


def _compare(
    cells: pl.DataFrame, *, against: str, controls: Sequence[str], width: float
) -> list[dict[str, Any]]:
    others = [band for band in BANDS if band != against]
    spells, patterns = _lay_terms(cells, others=others, controls=controls)
    fit = fit_hazards(spells, patterns)
    drift = _split(spells, patterns)
    tallied = {band: _tally_band(cells, band) for band in BANDS}
    found = []
    for place, band in enumerate(others):
        beta, error = fit.log_ratios[place], np.sqrt(fit.covariance[place, place])
        pair = [_arrays(cells.filter(pl.col("band") == each)) for each in (band, against)]
        found.append(
            {
                "band": band,
                "n": tallied[band][0],
                "left": tallied[band][1],
                "n_against": tallied[against][0],
                "left_against": tallied[against][1],
                "hazard_ratio": np.exp(beta),
                "low": np.exp(beta - width * error),
                "high": np.exp(beta + width * error),
                "p_value": 2 * special.ndtr(-abs(beta / error)),
                "p_rank": find_rank_chance(pair),
                "p_proportional": fit.p_proportional[place],
                "split": drift.day,
                "hazard_ratio_early": drift.early[place],
                "hazard_ratio_late": drift.late[place],
            }
        )
    return found


def _arrays(cells: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    days, left, n = (to_floats(cells[name]) for name in ("days", "left", "n"))
    return days, left, n


def _tally_band(cells: pl.DataFrame, band: str) -> tuple[int, int]:
    mine = cells.filter(pl.col("band") == band)
    return int(mine["n"].sum()), int(mine.filter(pl.col("left") > 0)["n"].sum())


def _lay_terms(
    cells: pl.DataFrame, *, others: Sequence[str], controls: Sequence[str]
) -> tuple[Spells, Floats]:
    """Make one row a pattern of band and controls: a term a band, a term a level but the first."""
    terms = [to_floats((cells["band"] == band).cast(pl.Float64)) for band in others]
    for name in controls:
        places, levels = code_levels(cells[name])
        terms += [(places == place).astype(np.float64) for place in range(1, len(levels))]
    patterns, place = np.unique(np.stack(terms, axis=1), axis=0, return_inverse=True)
    days, left, n = _arrays(cells)
    return Spells(days, left, n, place.astype(np.int64).ravel()), patterns


def _split(spells: Spells, patterns: Floats) -> _Drift:
    gone = (spells.left > 0) & (spells.n > 0)
    order = np.argsort(spells.days[gone], kind="stable")
    if not order.size:
        none = np.full(patterns.shape[1], np.nan)
        return _Drift(np.nan, none, none)
    so_far = np.cumsum(spells.n[gone][order])
    day = float(spells.days[gone][order][np.searchsorted(so_far, so_far[-1] / 2)])
    after = spells.days > day
    early = spells._replace(
        days=np.minimum(spells.days, day), left=np.where(after, 0.0, spells.left)
    )
    late = Spells(spells.days[after], spells.left[after], spells.n[after], spells.pattern[after])
    ratios = [_ratios(fit_hazards(part, patterns)) for part in (early, late)]
    return _Drift(day, *ratios)


def _ratios(fit: Fit) -> Floats:
    ratios: Floats = np.exp(fit.log_ratios)
    return ratios
