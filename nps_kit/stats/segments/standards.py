"""What a group would score if it did as all groups do with the same mix, and how far it is off."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from nps_kit.counts import CONTEXT, check_counts, count_bands
from nps_kit.errors import MixedSurveysError, OptionError, check_level, listed
from nps_kit.scale import BANDS
from nps_kit.stats.chances import adjust_p_values, find_chances
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import check_groups, check_min_n, ratio, to_column, to_constant
from nps_kit.stats.segments.mixes import CODES, Cells, Standard, compare_with_expected

_CALLER = "standardise_groups()"

# Names that this result, or that of a funnel, needs for itself beside those of every result.
_TAKEN = frozenset(
    (
        *("expected", "change", "error", "p_value", "p_adjusted", "standardised", "n_alone"),
        "share_own",
        *("chance_error", "chance_skew", "_stratum"),
        *("centre", "limit_low", "limit_high", "outer_low", "outer_high", "z", "place"),
        *("phi", "tau", "adjusted", "expected_outside"),
    )
)


def standardise_groups(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    over: Sequence[str],
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Set each group's score against what its mix of contacts would lead one to expect.

    Indirect standardisation: expected is the score a group would have if its answers in each
    stratum of `over` scored as those of all groups together. What is left, observed less expected,
    is not explained by the mix; nor is it explained by anything else.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, with the columns of `by` and of `over`. Rows with a reason
        are left out. Weighted counts are refused.
    by
        Columns that tell the groups apart.
    over
        Columns that tell the strata apart, such as ``["touchpoint", "channel"]``: what a group
        cannot choose. A null is a stratum like any other.
    level
        Probability that the interval of the difference aims to cover, between 0 and 1 (exclusive).
    min_n
        A group with fewer answers is marked ``few``.

    Returns
    -------
    One row per group, sorted by `by`:

    ====================  =======  ==========================================================
    ``*by``                        as given
    ``n``                 int      answers with a score
    ``nps``               points   observed score
    ``expected``          points   score of the same mix, if each stratum scored as all do
    ``change``            points   ``nps`` less ``expected``
    ``error``             points   standard error of ``change``; never zero
    ``low``, ``high``     points   interval of ``change``, never outside -200 to 200
    ``level``             0 to 1   as asked
    ``few``               boolean  ``n`` is under `min_n`
    ``p_value``           0 to 1   two-sided, of no difference from expected
    ``p_adjusted``        0 to 1   the same after Holm, over the groups that are not few
    ``standardised``      points   score of all groups plus ``change``, within -100 to 100
    ``n_alone``           int      answers in strata where no other group has any
    ``share_own``         0 to 1   how much of ``expected`` comes from the group itself
    ``chance_error``      points   standard error of ``change`` if chance alone divided the
                                   answers of each stratum among the groups
    ``chance_skew``       ratio    skewness of ``change`` in the same case
    ``survey, scale``     text     where `counts` has them and they are not in `by`
    ====================  =======  ==========================================================

    A group without answers is kept, with ``n`` 0 and nulls. In a stratum where a group is alone
    its own score is what is expected: those answers can show no difference. Where all its answers
    are such, ``change`` is 0, its error that of the score itself, and the p-values are null.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by` or `over`.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales: they are no standard for each other.
    OptionError
        If `by`, `over`, `level` or `min_n` cannot be used, or the counts are weighted.

    Notes
    -----
    With ``n`` answers of the group among ``N`` in a stratum, ``a`` the stratum's share of the
    group's answers and ``q = n / N``, the difference is the sum of ``a (1 - q)`` times the group's
    mean less that of the rest: a group is part of its own standard, which draws the difference
    towards zero where there are few groups. Its variance, given the mix, is the sum of
    ``a**2 ((1 - q)**2 V / n + (N - n) V_rest / N**2)``; so the uncertainty of the expected part
    and its covariance with the observed part are in it. ``V`` is taken around what stratum and
    group together lead one to expect, after adding `PSEUDO` answers to the group, and to the rest,
    in their own mix (as the adjusted Wald interval does); ``V_rest`` from the rest's answers and
    three more of the stratum's usual bands. The interval is that of the scores so adjusted, drawn
    out to zero where the p-value is above 1 less `level`: the two never tell different tales.

    The p-value is the larger of two: by that interval's error, and by chance alone, where each
    stratum's answers are divided among the groups at random (``chance_error``; the normal
    quantiles stretched for skewness by Wilson and Hilferty's cube, half an answer taken off).

    In simulations (2 to 120 groups of 5 to 2,000 answers, each with a mix of its own over six
    strata) a 95 % interval held the truth in 94 % or more. ``error`` is that of the difference as
    observed, without the added answers: the differences varied by 0.9 to 1.1 times as much, and by
    less (0.65 times at 5 answers) in strata with hardly a detractor.

    Where groups differ strongly in how much (a team good at claims and bad at billing), one number
    cannot say it: look at the strata. Scores standardised so are to be compared with what was
    expected, less well with one another (each has its own mix for a standard).

    Examples
    --------
    Team b scores 20 points less, but does nothing else than claims; there it does better:

    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a", "a", "a", "a", "b", "b"],
    ...         "touchpoint": ["onboarding", "onboarding", "claims", "claims", "claims", "claims"],
    ...         "score": [10, 3, 10, 3, 10, 3],
    ...         "n": [60, 20, 5, 15, 40, 40],
    ...     }
    ... )
    >>> found = standardise_groups(counts, by=["team"], over=["touchpoint"])
    >>> found.select("team", pl.col("nps", "expected", "change").round(1)).rows()
    [('a', 30.0, 38.0, -8.0), ('b', 0.0, -10.0, 10.0)]
    """
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    return standardise(counts, by=by, over=over, level=level, min_n=min_n, caller=_CALLER)


def standardise(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    over: Sequence[str],
    level: float,
    min_n: int,
    caller: str,
) -> pl.DataFrame:
    """Do what `standardise_groups` does, in the name of `caller`; without `over`, one stratum."""
    if isinstance(over, str):
        raise OptionError(
            f"{caller} cannot use over={over!r}.\n  It takes a list: over=[{over!r}]."
        )
    counts = check_counts(check_counts(counts, by=by, caller=caller), by=over, caller=caller)
    _check_keys(by, over, caller=caller)
    if "weight" in counts.columns:
        raise OptionError(
            f"{caller} cannot use weighted counts.\n"
            '  Tally without weights, or leave them out: counts.drop("weight", "weight_sq").'
        )
    check_one_kind(counts, caller=caller, name="counts")
    kinds = [name for name in CONTEXT if name in counts.columns and name not in by]
    bands = count_bands(counts.drop(kinds), by=[*by, *over], caller=caller)
    cells, groups = _read_cells(bands, by=by, over=over)
    found = compare_with_expected(cells)
    few = found.n < min_n
    p_value = _test(found)
    points = _widen(found, level=level, p_value=p_value)
    overall = ratio(cells.answers.sum(axis=0) @ CODES, np.asarray(cells.n.sum()))
    change = found.nps - found.expected
    columns = {
        "n": pl.Series(found.n).cast(pl.Int64),
        "nps": _points(found.nps),
        "expected": _points(found.expected),
        "change": _points(change),
        "error": _points(found.error),
        "low": _points(points[0]),
        "high": _points(points[1]),
        "level": to_constant(level, height=found.n.size),
        "few": pl.Series(few, dtype=pl.Boolean),
        "p_value": to_column(p_value),
        "p_adjusted": to_column(adjust_p_values(np.where(few, np.nan, p_value), adjust="holm")),
        "standardised": _points(np.clip(overall + change, -1, 1)),
        "n_alone": pl.Series(found.n_alone).cast(pl.Int64),
        "share_own": to_column(found.share_own),
        "chance_error": _points(found.chance_error),
        "chance_skew": to_column(found.chance_skew),
    }
    return groups.with_columns(**columns).with_columns(
        **{name: _the_kind(counts, name, answered=found.n > 0) for name in kinds}
    )


def _check_keys(by: Sequence[str], over: Sequence[str], *, caller: str) -> None:
    if not by:
        raise OptionError(
            f"{caller} cannot use by={list(by)}.\n"
            '  It sets groups beside one another: name what tells them apart, by=["team"].'
        )
    check_groups([*by, *over], taken=_TAKEN, caller=caller)


def check_one_kind(table: pl.DataFrame, *, caller: str, name: str) -> None:
    """Raise where groups of two kinds of survey, or scales, would be measured by one standard.

    Raises
    ------
    MixedSurveysError
        Naming the kinds found, and how to keep one of the table called `name`.
    """
    used = table.filter(pl.col("n") > 0)
    if "reason" in used.columns:
        used = used.filter(pl.col("reason").is_null())
    for column in CONTEXT:
        kinds = used[column].unique().sort().to_list() if column in used.columns else []
        if len(kinds) > 1:
            known = next(kind for kind in kinds if kind is not None)
            raise MixedSurveysError(
                f"{caller} would hold answers of different kinds to one standard: {column} is "
                f"{listed('not given' if kind is None else kind for kind in kinds)}.\n"
                f'  Keep one kind first: {name}.filter(pl.col("{column}") == "{known}").'
            )


def _the_kind(counts: pl.DataFrame, name: str, *, answered: npt.NDArray[np.bool_]) -> pl.Series:
    """Name the one kind of survey, or scale, of every group that has answers."""
    used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)[name]
    kind = used.first() if used.len() else None
    return pl.Series(name, np.where(answered, 0, 1)).replace_strict(
        {0: kind, 1: None}, return_dtype=counts.schema[name]
    )


def _read_cells(
    bands: pl.DataFrame, *, by: Sequence[str], over: Sequence[str]
) -> tuple[Cells, pl.DataFrame]:
    """Give groups, which are sorted, and strata, which need not be, their numbers."""
    # Sorted by the groups first, so a group is a run of rows.
    group = bands.select(pl.struct(by).rle_id()).to_series().cast(pl.Int64).to_numpy()
    stratum = np.zeros(bands.height, dtype=np.int64)
    if over:
        numbers = bands.select(over).unique().with_row_index("_stratum")
        numbered = bands.select(over).join(
            numbers, on=list(over), how="left", nulls_equal=True, maintain_order="left"
        )
        stratum = numbered["_stratum"].cast(pl.Int64).to_numpy()
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    answers = bands.select(pl.col(BANDS).cast(pl.Float64)).to_numpy()
    return Cells(answers, group, stratum, starts.size), bands.select(by)[starts]


def _widen(found: Standard, *, level: float, p_value: Floats) -> tuple[Floats, Floats]:
    """Make the interval of each difference, which always holds the difference itself.

    It holds zero as well wherever the test, which is the stricter one, does not rule that out.
    """
    half = -special.ndtri((1 - level) / 2) * found.middle_error
    change = found.nps - found.expected
    low = np.fmin(found.middle - half, change)
    high = np.fmax(found.middle + half, change)
    alike = p_value > 1 - level
    low, high = (
        np.where(alike, bound(end, 0), end) for bound, end in ((np.fmin, low), (np.fmax, high))
    )
    return np.clip(low, -2, 2), np.clip(high, -2, 2)


def _test(found: Standard) -> Floats:
    """Test that a group scores as expected: the larger p-value of two tests."""
    by_error = 2 * special.ndtr(-np.abs(found.middle) / found.middle_error)
    by_chance = find_chances(
        found.nps - found.expected,
        error=found.chance_error,
        skew=found.chance_skew,
        half_step=ratio(np.full_like(found.n, 0.5), found.n),
    )
    compared = (found.n > 0) & (found.n_alone < found.n)
    return np.where(compared, np.fmax(by_error, by_chance), np.nan)


def _points(scores: Floats) -> pl.Series:
    return to_column(100 * scores)
