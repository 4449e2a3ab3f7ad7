"""Two groups with different mixes of contacts: better in each kind, and worse overall."""

import polars as pl

from nps_kit.counts import check_counts
from nps_kit.errors import OptionError, listed, nearest
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.samples import check_min_n
from nps_kit.stats.segments import standardise_groups

ROWS = ("stratum", "all", "standardised")

_MIXES = "compare_mixes()"
_REVERSALS = "find_reversals()"


def compare_mixes(
    counts: pl.DataFrame, *, by: str, over: str, group: object, against: object
) -> pl.DataFrame:
    """Compare two groups in each kind of contact, overall, and with their mix allowed for.

    Parameters
    ----------
    counts
        Count table with the columns `by` and `over`. All its groups together are the standard.
    by
        Column that tells the groups apart, such as the team.
    over
        Column that tells the kinds of contact apart, such as the touchpoint.
    group, against
        The two groups, as `by` has them.

    Returns
    -------
    One row per kind of contact that either has, most answers first; then two for all of them:

    =====================================  ========  ========================================
    ``row``                                enum      stratum, all, or standardised
    ``name``                                         the kind of contact; null in the last two
    ``group``, ``against``                 text      as asked
    ``n``, ``n_against``                   int       answers of each
    ``share``, ``share_against``           0 to 1    of its answers: the mix
    ``nps``, ``nps_against``               points    score of each; null without answers
    ``low``, ``high``                      points    bounds of each; null where standardised
    ``low_against``, ``high_against``
    ``change``                             points    ``nps`` less ``nps_against``
    ``survey``, ``scale``                  text      where `counts` has them
    =====================================  ========  ========================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, `by` or `over`.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales.
    OptionError
        If a group has no such name, both are the same, or the counts are weighted.

    Notes
    -----
    That each part can say one thing and the whole another is Simpson's paradox (1951, "The
    interpretation of interaction in contingency tables", Journal of the Royal Statistical Society
    B 13, 238-241). The standardised scores are those of `standardise_groups`.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a"] * 4 + ["b"] * 4,
    ...         "touchpoint": ["claims", "claims", "advice", "advice"] * 2,
    ...         "score": [10, 2] * 4,
    ...         "n": [40, 40, 18, 2, 8, 12, 64, 16],
    ...     }
    ... )
    >>> found = compare_mixes(counts, by="team", over="touchpoint", group="a", against="b")
    >>> found.select("name", "row", pl.col("change").round(1)).rows()
    [('advice', 'stratum', 20.0), ('claims', 'stratum', 20.0), (None, 'all', -28.0), \
(None, 'standardised', 12.8)]
    """
    standards = standardise_groups(counts, by=[by], over=[over])
    known = standards[by].to_list()
    for option, value in (("group", group), ("against", against)):
        if value not in known:
            guess = nearest(str(value), [str(name) for name in known])
            raise OptionError(
                f"{_MIXES} finds no {option}={value!r} in the column '{by}'.\n"
                f"  There are: {listed(known)}.{guess}"
            )
    if group == against:
        raise OptionError(
            f"{_MIXES} compares two groups, and was given {group!r} twice.\n"
            f"  There are: {listed(known)}."
        )
    checked = check_counts(counts, by=[by, over], caller=_MIXES)
    cells = estimate_nps(checked, by=[by, over])
    wholes = estimate_nps(checked, by=[by])
    sides = []
    for value, ending in ((group, ""), (against, "_against")):
        mine = pl.col(by).eq_missing(pl.lit(value, wholes.schema[by]))
        whole = wholes.filter(mine)
        n = whole["n"].item()
        parts = cells.filter(mine, pl.col("n") > 0).select(
            row=pl.lit("stratum"),
            name=pl.col(over),
            **_tell(ending, n=n),
        )
        everything = whole.select(
            row=pl.lit("all"), name=pl.lit(None, cells.schema[over]), **_tell(ending, n=n)
        )
        even = standards.filter(mine).select("n", nps="standardised")
        level = even.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
        levelled = level.select(
            row=pl.lit("standardised"),
            name=pl.lit(None, cells.schema[over]),
            **_tell(ending, n=n),
        )
        sides.append(pl.concat([parts, everything, levelled]))
    both = sides[0].join(sides[1], on=["row", "name"], how="full", coalesce=True, nulls_equal=True)
    context = [name for name in ("survey", "scale") if name in standards.columns]
    counted = [f"{name}{ending}" for name in ("n", "share") for ending in ("", "_against")]
    return (
        both.with_columns(
            pl.col("row").cast(pl.Enum(ROWS)),
            pl.col(counted).fill_null(0),
            change=pl.col("nps") - pl.col("nps_against"),
            group=pl.lit(str(group)),
            against=pl.lit(str(against)),
            **{name: pl.lit(standards[name][0], pl.String) for name in context},
        )
        .sort("row", pl.col("n") + pl.col("n_against"), "name", descending=[False, True, False])
        .select(
            *("row", "name", "group", "against", "n", "n_against", "share", "share_against"),
            *("nps", "low", "high", "nps_against", "low_against", "high_against", "change"),
            *context,
        )
    )


def _tell(ending: str, *, n: int) -> dict[str, pl.Expr]:
    told = {name: pl.col(name) for name in ("n", "nps", "low", "high")}
    told["share"] = pl.col("n") / n if n else pl.lit(None, pl.Float64)
    return {f"{name}{ending}": value for name, value in told.items()}


def find_reversals(counts: pl.DataFrame, *, by: str, over: str, min_n: int = 30) -> pl.DataFrame:
    """Find pairs of groups whose order overall is the reverse of that in every kind of contact.

    Parameters
    ----------
    counts
        Count table with the columns `by` and `over`. Weights are left aside.
    by
        Column that tells the groups apart.
    over
        Column that tells the kinds of contact apart.
    min_n
        A group with fewer answers is in no pair.

    Returns
    -------
    One row per pair, farthest apart overall first; none where there is no such pair:

    ====================  =======  ==========================================================
    ``group``                      the one that is better in each kind, and worse overall
    ``against``                    the other
    ``strata``            int      kinds of contact that both have answers in: two or more
    ``change``            points   score of the group overall less that of the other: negative
    ``pairs``             int      pairs of groups that share two kinds of contact or more
    ====================  =======  ==========================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, `by` or `over`.
    MixedSurveysError
        If a group would hold two kinds of survey, or two scales.
    OptionError
        If `min_n` cannot be used.

    Notes
    -----
    It is told of the answers as they are: no interval says that the order is no luck.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a"] * 4 + ["b"] * 4,
    ...         "touchpoint": ["claims", "claims", "advice", "advice"] * 2,
    ...         "score": [10, 2] * 4,
    ...         "n": [40, 40, 18, 2, 8, 12, 64, 16],
    ...     }
    ... )
    >>> find_reversals(counts, by="team", over="touchpoint").rows()
    [('a', 'b', 2, -28.0, 1)]
    """
    check_min_n(min_n, caller=_REVERSALS)
    plain = check_counts(counts, by=[by, over], caller=_REVERSALS).drop(
        "weight", "weight_sq", strict=False
    )
    wholes = estimate_nps(plain, by=[by], min_n=min_n).filter(~pl.col("few"), pl.col("n") > 0)
    named = wholes.select(group=by, whole="nps").filter(pl.col("group").is_not_null())
    cells = estimate_nps(plain, by=[by, over]).filter(pl.col("n") > 0)
    parts = cells.select(group=by, stratum=over, nps="nps").join(named, on="group")
    other = parts.rename({"group": "against", "nps": "nps_against", "whole": "whole_against"})
    shared = parts.join(other, on="stratum", nulls_equal=True).filter(
        pl.col("group") != pl.col("against")
    )
    pairs = (
        shared.group_by("group", "against")
        .agg(
            strata=pl.len().cast(pl.Int64),
            better=(pl.col("nps") > pl.col("nps_against")).all(),
            change=(pl.col("whole") - pl.col("whole_against")).first(),
        )
        .filter(pl.col("strata") > 1)
    )
    return (
        pairs.filter(pl.col("better"), pl.col("change") < 0)
        .with_columns(pairs=pl.lit(pairs.height // 2, pl.Int64))
        .select("group", "against", "strata", "change", "pairs")
        .sort("change", "group", "against")
    )
