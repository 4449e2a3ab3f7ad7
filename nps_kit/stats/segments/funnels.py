"""Which of many groups lie farther out than chance, and their usual spread, would put them."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from nps_kit.counts import CONTEXT
from nps_kit.errors import OptionError, check_choice, missing_column
from nps_kit.stats.chances import adjust_p_values, find_chances, stretch
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import check_min_n, ratio, to_column, to_floats
from nps_kit.stats.segments.standards import check_one_kind, standardise

Adjust = Literal["overdispersion", "none"]

PLACES = ("below 99.8 %", "below 95 %", "within", "above 95 %", "above 99.8 %")
"""Where a group can lie, from the lowest to the highest."""

INNER, OUTER = 0.95, 0.998
"""What the two pairs of limits hold of groups that differ by chance alone."""

FEWEST = 10
"""Under this many groups with answers enough their usual spread is not estimated."""

_CALLER = "estimate_funnel()"

_NEEDS = ("n", "nps", "change", "few", "n_alone", "chance_error", "chance_skew")

# What the outer tenth of a normal on either side is pulled in to, and what is then left of its
# variance.
_PULLED = float(special.ndtri(0.9))
_LEFT = float(0.8 - 2 * _PULLED * np.exp(-(_PULLED**2) / 2) / np.sqrt(2 * np.pi) + 0.2 * _PULLED**2)

_HALVINGS = 60

# Rounding dust must not put a group on its limit outside of it.
_DUST = 1e-9

Marks = npt.NDArray[np.bool_]


class _Chance(NamedTuple):
    """How far off chance alone would put each group, in points, and what more is usual."""

    n: Floats
    """Plain answers that would be as certain."""
    error: Floats
    skew: Floats
    usual: Floats
    """How much of the usual spread reaches the difference: a group is part of its own centre."""

    def widen(self, tau: float) -> tuple[Floats, Floats]:
        """Find standard error and skewness where true scores spread by `tau` points."""
        error = np.sqrt(self.error**2 + tau**2 * self.usual)
        share = np.divide(self.error, error, out=np.zeros_like(error), where=error > 0)
        return error, self.skew * share**3


def estimate_funnel(
    table: pl.DataFrame,
    *,
    by: Sequence[str],
    adjust: Adjust = "overdispersion",
    min_n: int = 30,
) -> pl.DataFrame:
    """Tell groups that lie outside what chance would do from those that lie within.

    A group of few answers swings more than one of many: the limits, 95 % and 99.8 %, are wide on
    the left of a funnel and narrow on the right. Within them no order can be read.

    Where groups have different contacts, standardise first and give the result to this function::

        standards = standardise_groups(counts, by=["agent_id"], over=["touchpoint"])
        estimate_funnel(standards, by=["agent_id"])

    Parameters
    ----------
    table
        Count table as `tally` makes it: each group's score around that of all groups. Or the table
        of `standardise_groups` (told by its columns ``expected`` and ``error``): each group's
        difference from expected, around zero.
    by
        Columns that tell the groups apart.
    adjust
        ``overdispersion``: groups are allowed to differ as much as most of these do, and the limits
        are widened by it where there are ten groups or more that are not few. ``none``: chance
        alone.
    min_n
        A group with fewer answers is marked ``few`` and has no place. A table of
        `standardise_groups` brings its own ``few``.

    Returns
    -------
    One row per group, sorted by `by`:

    ============================  =======  =================================================
    ``*by``                                as given
    ``n``                         int      answers with a score
    ``n_effective``               answers  what the limits hang on: ``n``; where standardised,
                                           answers of the usual mix that are as certain
    ``nps``                       points   observed score
    ``change``                    points   standardised only: observed less expected
    ``centre``                    points   score of all groups together; 0 where standardised
    ``limit_low, limit_high``     points   95 % of groups lie within by chance
    ``outer_low, outer_high``     points   99.8 % do
    ``z``                         ratio    distance from the centre in standard errors of
                                           chance alone
    ``p_value``                   0 to 1   two-sided, by the limits' own distribution
    ``p_adjusted``                0 to 1   the same after Holm, over the groups with a place
    ``place``                     Enum     one of `PLACES`; null where few or with nothing to
                                           compare with
    ``few``                       boolean  ``n`` is under `min_n`
    ``expected_outside``          groups   how many of those with a place would lie outside
                                           95 % by luck
    ``phi``                       ratio    how much more squared distances vary than by chance
                                           (1); null under ten groups that are not few
    ``tau``                       points   usual spread (standard deviation) of true scores
                                           that the limits allow for; 0: none
    ``adjusted``                  boolean  whether ``tau`` widens the limits
    ``survey, scale``             text     where `table` has them and they are not in `by`
    ============================  =======  =================================================

    A group without answers is kept, with nulls.

    Raises
    ------
    MissingColumnError
        If `table` lacks a column of `by`, or one that a count or standardised table has.
    MixedSurveysError
        If `table` holds two kinds of survey, or two scales.
    OptionError
        If `by`, `adjust` or `min_n` cannot be used, or the counts are weighted.

    Notes
    -----
    Spiegelhalter (2005), "Funnel plots for comparing institutional performance", Statistics in
    Medicine 24, 1185-1202, for shares and ratios; here for a score. The standard error is that of
    the mean of n answers drawn without replacement from all N, ``sqrt(V (N - n) / (n (N - 1)))``
    with their variance V: a group is part of its own centre, and two groups of the same size are
    each only half as far from it as from each other. The normal quantiles are stretched for
    skewness (Wilson and Hilferty's cube), and half an answer is added, since a score moves in steps
    of one answer. So a group lies outside by luck at most as often as promised: listed exactly for
    scores from 1/9/90 to 45/10/45 (detractors/passives/promoters, %), 20 to 1,000 answers, 0.9 to
    4.8 % of groups lay outside 95 % and 0.02 to 0.18 % outside 99.8 %. The plain normal limit of
    3.09 standard errors has 0.95 % outside at 20 answers of 1/9/90, five times what it promises.
    It is broken only where nearly all are passives and answers few: 0.3 % of 30 answers of 2/95/3.

    **Over-dispersion.** Groups differ a little for reasons nobody can name, and with many answers
    each would lie "outside". The limits become ``z * sqrt(error**2 + tau**2)``, as Spiegelhalter
    has it. ``tau`` is the spread at which squared distances, pulled in at the outer tenth on
    either side of a normal (1.28), are as large on average as those of a normal so pulled in
    (0.679): so that the groups that are looked for do not hide themselves. The usual recipe
    (distances pulled in at their own tenths, then compared with 1) finds too little: pulling in
    takes a third from chance as well. Where the true scores of 120 groups spread as much as chance
    does, by 4.7 points, it found 2.7 on average and put 10 % of groups outside 95 % and 1.1 %
    outside 99.8 %; this one found 4.7, and put 4.6 % and 0.2 %. ``phi`` is found in the same way.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a", "a", "b", "b", "c", "c"],
    ...         "score": [10, 3, 10, 3, 10, 3],
    ...         "n": [120, 80, 90, 60, 100, 200],
    ...     }
    ... )
    >>> funnel = estimate_funnel(counts, by=["team"])
    >>> funnel.select("team", pl.col("outer_low", "nps", "outer_high").round(0)).rows()
    [('a', -23.0, 20.0, 14.0), ('b', -27.0, 20.0, 18.0), ('c', -18.0, -33.0, 9.0)]
    >>> funnel["place"].to_list()
    ['above 99.8 %', 'above 99.8 %', 'below 99.8 %']
    """
    check_choice(adjust, get_args(Adjust), caller=_CALLER, option="adjust")
    check_min_n(min_n, caller=_CALLER)
    is_standard = {"expected", "error"} <= set(table.columns)
    if is_standard:
        standards = _check_standards(table, by=by)
    else:
        standards = standardise(table, by=by, over=(), level=INNER, min_n=min_n, caller=_CALLER)
    few = standards["few"].fill_null(value=True).to_numpy()
    n = to_floats(standards["n"])
    value = to_floats(standards["change"])
    chance = _read_chance(standards, n=n)
    compared = (n > 0) & (to_floats(standards["n_alone"]) < n)
    judged = compared & ~few
    phi, tau = _find_spread(value, chance, judged=judged)
    tau = tau if adjust == "overdispersion" else 0.0
    error, skew = chance.widen(tau or 0.0)
    # A score moves in steps of one answer.
    half_step = np.divide(50.0, chance.n, out=np.full_like(n, np.nan), where=chance.n > 0)
    p_value = find_chances(value, error=error, skew=skew, half_step=half_step)
    limits = _draw_limits(error, skew, half_step)
    # Of plain counts what is expected of each is the score of all together.
    centre = np.zeros_like(value) if is_standard else to_floats(standards["expected"])
    ends = 200.0 if is_standard else 100.0
    shown = {name: np.clip(centre + limit, -ends, ends) for name, limit in limits.items()}
    keys = [*by, "n"]
    scores = ["nps", "change"] if is_standard else ["nps"]
    columns = {
        "centre": to_column(np.where(n > 0, centre, np.nan)),
        **{name: to_column(np.where(compared, limit, np.nan)) for name, limit in shown.items()},
        "z": to_column(ratio(value, chance.error)),
        "p_value": to_column(np.where(compared, p_value, np.nan)),
        "p_adjusted": to_column(adjust_p_values(np.where(judged, p_value, np.nan), adjust="holm")),
        "place": _place(value, limits, judged=judged),
        "few": pl.Series(few, dtype=pl.Boolean),
        "expected_outside": _repeat((1 - INNER) * judged.sum(), n.size),
        "phi": _repeat(phi, n.size),
        "tau": _repeat(tau, n.size),
        "adjusted": pl.repeat(bool(tau), n.size, dtype=pl.Boolean, eager=True),
    }
    kinds = [name for name in CONTEXT if name in standards.columns and name not in by]
    return standards.select(
        *keys,
        to_column(np.where(n > 0, chance.n, np.nan)).alias("n_effective"),
        *scores,
        *(values.alias(name) for name, values in columns.items()),
        *kinds,
    )


def _check_standards(table: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    if isinstance(by, str):
        raise OptionError(f"{_CALLER} cannot use by={by!r}.\n  It takes a list: by=[{by!r}].")
    for name in (*by, *_NEEDS):
        if name not in table.columns:
            raise missing_column(
                name,
                caller=_CALLER,
                table="`table`",
                present=table.columns,
                remedy="Give it as standardise_groups made it.",
            )
    if list(by) != table.columns[: table.columns.index("n")]:
        raise OptionError(
            f"{_CALLER} cannot use by={list(by)} with a table that was standardised by "
            f"{table.columns[: table.columns.index('n')]}.\n  Give the same columns to both."
        )
    check_one_kind(table, caller=_CALLER, name="table")
    return table.sort(by, nulls_last=True)


def _read_chance(standards: pl.DataFrame, *, n: Floats) -> _Chance:
    """Put every group on one curve over its effective answers.

    The mix of a group changes how far chance throws it. On the curve stands how many answers of
    the usual mix are thrown as far: n itself where nothing was standardised.
    """
    error = to_floats(standards["chance_error"])
    total = float(np.nansum(n))
    one_in_all = 1 / total if total > 0 else 0.0
    room = ratio(np.ones_like(n), n) - one_in_all
    thrown = (error > 0) & (room > 0)
    each = ratio(error**2, room)[thrown]
    variance = float((each * n[thrown]).sum() / n[thrown].sum()) if thrown.any() else 1.0
    effective = np.where(thrown, np.minimum(1 / (error**2 / variance + one_in_all), total), n)
    # The skewness that one answer would have to have: least squares over the groups.
    left = total - effective
    shape = ratio(left - effective, np.sqrt(effective * left * total))
    skew = to_floats(standards["chance_skew"])
    fits = thrown & np.isfinite(shape) & np.isfinite(skew)
    square = float((shape[fits] ** 2).sum())
    steep = float((skew[fits] * shape[fits]).sum()) / square if square > 0 else 0.0
    part = effective * one_in_all
    usual = 1 - 2 * part + float(np.nansum((n * one_in_all) ** 2))
    return _Chance(
        n=effective,
        error=error,
        skew=np.where(fits, steep * shape, 0.0),
        usual=np.maximum(usual, (1 - part) ** 2),
    )


def _find_spread(
    value: Floats, chance: _Chance, *, judged: Marks
) -> tuple[float | None, float | None]:
    """Find how much more groups differ than by chance: as a ratio, and in points."""
    judged = judged & (chance.error > 0)
    if judged.sum() < FEWEST:
        return None, 0.0
    square, variance = value[judged] ** 2, chance.error[judged] ** 2
    usual = chance.usual[judged]
    phi = solve_spread(
        lambda ratio: square / (variance * ratio), most=float((square / variance).max())
    )
    tau_square = solve_spread(
        lambda added: square / (variance + added * usual), most=float((square / usual).max())
    )
    return phi, float(np.sqrt(tau_square))


def solve_spread(
    squares: Callable[[float], Floats],
    *,
    most: float,
    pulled: float = _PULLED,
    goal: float = _LEFT,
) -> float:
    """Find where the mean of `squares`, each pulled in to ``pulled**2``, falls to its goal.

    `squares` falls as its argument rises from 0; 0 where it is low enough from the start.
    """

    def excess(argument: float) -> float:
        return float(np.minimum(squares(argument), pulled**2).mean()) - goal

    low, high = 0.0, most / goal
    tiny = high * 2.0**-_HALVINGS
    if high <= 0 or excess(tiny) <= 0:
        return 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _draw_limits(error: Floats, skew: Floats, half_step: Floats) -> dict[str, Floats]:
    """Find how far from the centre each limit lies."""
    limits = {}
    for name, level in (("limit", INNER), ("outer", OUTER)):
        quantile = float(-special.ndtri((1 - level) / 2))
        limits[f"{name}_low"] = stretch(-quantile, skew) * error - half_step
        limits[f"{name}_high"] = stretch(quantile, skew) * error + half_step
    return limits


def _place(value: Floats, limits: dict[str, Floats], *, judged: Marks) -> pl.Series:
    below = [value < limits[f"{name}_low"] - _DUST for name in ("outer", "limit")]
    above = [value > limits[f"{name}_high"] + _DUST for name in ("limit", "outer")]
    # Within is the middle one; each limit passed is one place farther out.
    code = len(PLACES) // 2 - np.sum(below, axis=0) + np.sum(above, axis=0)
    places = pl.Series(PLACES).gather(pl.Series(code).cast(pl.UInt32))
    return places.zip_with(pl.Series(judged), places.clear(judged.size)).cast(pl.Enum(PLACES))


def _mean(values: Floats, *, weights: Floats) -> float:
    return float((values * weights).sum() / weights.sum()) if values.size else np.nan


def _repeat(value: float | None, size: int) -> pl.Series:
    return pl.repeat(value, size, dtype=pl.Float64, eager=True)
