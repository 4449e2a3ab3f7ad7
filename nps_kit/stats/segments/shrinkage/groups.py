"""The table of shrunken scores: each group's score with luck taken out."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, check_counts, count_bands
from nps_kit.errors import OptionError, bad_option, check_level, missing_column
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import (
    check_groups,
    check_min_n,
    check_weights,
    is_weighted,
    take_sample,
    to_column,
)
from nps_kit.stats.segments.shrinkage.detection import (
    judge_answers,
    judge_changes,
    judge_standards,
)
from nps_kit.stats.segments.shrinkage.models import Answers, Changes, Model
from nps_kit.stats.segments.shrinkage.ranks import Ranks, choose_k, rank_draws
from nps_kit.stats.segments.standards import check_one_kind

SEED = 20260930

_CALLER = "shrink_groups()"
_TOTALS = ("n", "nps", "expected", "change")

# Rounding may leave less of others in a standard than there is.
_LEAST_REST = 1e-9

# Names that the result needs for itself.
_TAKEN = frozenset(
    (
        *(*_TOTALS, "error", "shrunk", "centre", "detected", "p_value", "n_effective"),
        *("chance_best", "chance_worst", "k", "rank_low", "rank_high"),
        *("spread", "spread_low", "spread_high"),
    )
)


def shrink_groups(
    table: pl.DataFrame,
    *,
    by: Sequence[str],
    level: float = 0.95,
    min_n: int = 30,
    k: int | None = None,
    seed: int = SEED,
    draws: int = 4000,
) -> pl.DataFrame:
    """Estimate what the scores of small groups would be if luck were taken out.

    Scores of few answers lie far apart by chance alone. How far the groups truly differ (the
    spread) is judged from all of them together, and each score is drawn towards their centre: the
    more, the fewer its answers and the smaller the spread.

    Groups that differ in their mix of contacts are standardised first, and what is shrunk are the
    differences from what was expected of them:
    ``shrink_groups(standardise_groups(counts, by=["agent"], over=["touchpoint"]), by=["agent"])``.

    Parameters
    ----------
    table
        Count table as `tally` makes it; or the table of `standardise_groups`, known by its columns
        ``expected`` and ``error``. One kind of survey and one scale. Weighted counts are taken at
        their effective numbers.
    by
        Columns that tell the groups apart.
    level
        Probability that the intervals aim to cover, between 0 and 1 (exclusive).
    min_n
        A group with fewer answers is marked ``few``.
    k
        How many groups are "the best" and "the worst"; no more than there are. None: a tenth of
        them, at least three, but never over a third.
    seed
        Seed of the draws for the ranks; nothing else is drawn.
    draws
        How often the true scores are drawn to see how they rank. 0: not at all, and the columns of
        chances and ranks are null. They cost 4 seconds for 4,000 groups, and a minute or two for
        100,000.

    Returns
    -------
    One row per group, sorted by `by`:

    =============================  ========  ===================================================
    ``*by``                                  as given
    ``n``                          int       answers with a score
    ``nps``                        points    the score as it is, luck included
    ``expected``, ``change``       points    standardised only: as `standardise_groups` has them;
                                             ``change`` null where nothing could be compared
    ``shrunk``                     points    the score with luck taken out (its posterior mean);
                                             standardised: the difference with luck taken out
    ``low``, ``high``              points    interval of the true score (or difference)
    ``level``                      0 to 1    as asked
    ``chance_best``                0 to 1    chance to be truly among the `k` highest
    ``chance_worst``               0 to 1    chance to be truly among the `k` lowest
    ``k``                          int       how many are the best, and the worst
    ``rank_low``, ``rank_high``    int       interval of the true rank; 1 is the highest
    ``few``                        boolean   ``n`` is under `min_n`
    ``centre``                     points    where the groups are centred; the same in each row,
                                             as are all columns from here to ``p_value``
    ``spread``                     points    standard deviation between true scores
    ``spread_low``                 points    its lower bound; 0 where nothing is ``detected``
    ``spread_high``                points    its upper bound
    ``detected``                   boolean   the groups differ beyond chance
    ``p_value``                    0 to 1    chance of scores as far apart if all were alike
    ``n_effective``                answers   weights only: equally many plain answers
    ``survey``, ``scale``          text      where `table` has them and they are not in `by`
    =============================  ========  ===================================================

    A group without answers is kept: it is taken to be one of its kind, at the centre with a wide
    interval. So is a standardised group that is alone in all its strata, since its answers can show
    no difference. With nothing known of any group every estimate is null; with fewer than two
    groups that something is known of, the spread and the p-value are.

    Raises
    ------
    MissingColumnError
        If `table` lacks ``score`` and ``n``, or a column of `by`.
    MixedSurveysError
        If `table` holds two kinds of survey, or two scales: they have no centre in common.
    OptionError
        If an option is out of its range, `by` names a column that the result needs or a group
        comes twice, or an error is not above zero.

    Notes
    -----
    Counts: the shares of the bands of each group are taken as drawn from one Dirichlet
    distribution, whose concentration stands for the spread. The chance of each spread is weighed
    over a grid, under a proper prior that is flat in its square up to about 15 points (compare
    Morris and Tang 2011, Statistical Science 26(2), on flat priors of a variance), and everything
    is averaged over it: a single best value is often nought, and its intervals far too narrow.
    The centre is averaged over as well. The spread is judged by the scores alone, not by the full
    Dirichlet-multinomial likelihood, which takes the shares of passives to vary as much as the
    scores do: where groups differ along the scale, as they mostly do, it finds two thirds of the
    spread, and its 95 % intervals covered 79 % (120 groups of 100 answers, spread 5 points).

    Differences: normal; centre and spread averaged over in the same way. A group is part of its own
    standard, which draws all differences towards zero, and towards each other's opposites; their
    errors are divided by the root of one less ``share_own``, so that they can be taken as
    independent of each other. In one stratum that is exact.
    The centre is estimated, not fixed at nought: what is nought is the mean over answers, not over
    groups.

    Of 95 % intervals 97.5 % covered the true score for 12 groups of 40 answers with a spread of
    5 points, and 94.2 % for 120 groups of 100; 93.0 % for 12 groups of 40 with a spread of 20,
    the least that was met; nearly all where the groups are alike. The spread's interval covered
    93 to 98 %. Groups that are alike were detected as different in at most 5.5 % of runs (standard
    error 0.7). See ``bench/accuracy/shrinkage.py``. With fewer than four groups the prior is flat
    in the spread itself, and the spread hardly known: `compare_groups` then says more.

    Intervals are those of the mixture over the grid: of a beta (differences: a normal)
    distribution of its mean and variance, corrected for skewness and tails (Cornish and Fisher).
    ``detected`` where ``p_value`` is no more than 1 less `level`: for counts the sum of squares
    between groups, against answers dealt out at random. For differences the sum of the squares of
    ``change / chance_error``, each times one less ``share_own``, against a chi-square distribution
    with the sum of those weights for degrees of freedom; in one stratum that is the test between
    groups. Cochran's Q, which takes differences as independent, would raise a false alarm in 17 %
    of runs with two groups. Without ``share_own`` and ``chance_error`` in the table it is used, for
    differences that are independent.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "agent": ["a", "a", "b", "b", "c", "c"],
    ...         "score": [3, 9, 3, 9, 3, 9],
    ...         "n": [4, 16, 10, 30, 14, 26],
    ...     }
    ... )
    >>> agents = shrink_groups(counts, by=["agent"], draws=0)
    >>> agents.select("agent", pl.col("nps", "shrunk").round(0), "detected").rows()
    [('a', 60.0, 47.0, False), ('b', 50.0, 45.0, False), ('c', 30.0, 38.0, False)]
    """
    _check_options(by, level=level, min_n=min_n, k=k, seed=seed, draws=draws)
    model: Model
    if {"expected", "error"} <= set(table.columns):
        read, changes = _read_changes(table, by=by)
        model, p_value = changes, _judge(read, changes)
        answered = bool(np.isfinite(changes.errors).any())
    else:
        read, answers = _read_answers(table, by=by)
        model, p_value = answers, judge_answers(answers.bands)
        answered = bool(answers.bands.sum() > 0)
    groups = read.height
    chosen = min(choose_k(groups) if k is None else int(k), max(groups, 1))
    ranks = None
    if draws and answered:
        rng = np.random.default_rng(int(seed))
        ranks = rank_draws(model.draw, groups, draws=int(draws), k=chosen, level=level, rng=rng)
    # A share of false alarms of 1 less the level, but not a rounding error less.
    detected = p_value is not None and p_value <= round(1 - level, 12)

    columns: dict[str, Any] = {name: read[name] for name in (*by, *_TOTALS) if name in read.columns}
    columns |= _estimate(model, groups, level=level, known=answered)
    columns["level"] = _repeat(float(level), groups)
    columns |= _tell_ranks(ranks, groups=groups, k=chosen)
    columns["few"] = read["n"] < min_n
    columns["centre"] = _repeat(model.centre if answered else None, groups)
    spread = _find_spread(model, level=level, detected=detected, known=p_value is not None)
    columns |= {name: _repeat(value, groups) for name, value in spread.items()}
    columns["detected"] = pl.repeat(detected, groups, dtype=pl.Boolean, eager=True)
    columns["p_value"] = _repeat(p_value, groups)
    more = ("n_effective", *(name for name in CONTEXT if name not in by))
    columns |= {name: read[name] for name in more if name in read.columns}
    return pl.DataFrame(columns)


def _check_options(
    by: Sequence[str], *, level: float, min_n: int, k: int | None, seed: int, draws: int
) -> None:
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    for option, value, least in (("k", k, 1), ("seed", seed, 0), ("draws", draws, 0)):
        if option == "k" and value is None:
            continue
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole or int(value or 0) < least:
            rule = f"a whole number, {least} or more"
            raise bad_option(value, caller=_CALLER, option=option, rule=rule)
    if isinstance(by, str):
        raise OptionError(f"{_CALLER} cannot use by={by!r}.\n  It takes a list: by=[{by!r}].")
    check_groups(by, taken=_TAKEN, caller=_CALLER)


def _read_answers(counts: pl.DataFrame, *, by: Sequence[str]) -> tuple[pl.DataFrame, Answers]:
    """Count the answers of each group and band; weighted ones at their effective numbers."""
    counts = check_counts(counts, by=by, caller=_CALLER)
    check_weights(counts, caller=_CALLER)
    check_one_kind(counts, caller=_CALLER, name="counts")
    bands = count_bands(counts, by=by, caller=_CALLER)
    sample = take_sample(bands)
    read = bands.with_columns(nps=to_column(sample.points))
    if is_weighted(bands):
        read = read.with_columns(n_effective=to_column(sample.effective))
    return read, Answers(np.nan_to_num(np.column_stack(sample.counts)))


def _read_changes(table: pl.DataFrame, *, by: Sequence[str]) -> tuple[pl.DataFrame, Changes]:
    """Read the differences of standardised groups, with their errors."""
    for name in (*by, "n", "nps", "change"):
        if name not in table.columns:
            raise missing_column(name, caller=_CALLER, table="`table`", present=table.columns)
    table = table.sort(by, nulls_last=True) if by else table
    twice = table.select(by).is_duplicated() if by else pl.Series([table.height > 1])
    if twice.any():
        raise OptionError(
            f"{_CALLER} takes one row for each group, and `table` has several for one.\n"
            f"  Standardise by the same columns: standardise_groups(..., by={list(by)})."
        )
    check_one_kind(table, caller=_CALLER, name="table")
    known = pl.col("n") > 0
    if "n_alone" in table.columns:
        # Its own standard throughout: the difference of 0 is by definition, not one that was seen.
        known &= pl.col("n_alone").fill_null(0) < pl.col("n")
    read = table.with_columns(
        pl.col("n").cast(pl.Int64), pl.col("change", "error").cast(pl.Float64)
    ).with_columns(pl.when(known).then("change"), pl.when(known).then("error"))
    wrong = read.filter(known, ~(pl.col("error").fill_null(1) > 0))
    if wrong.height:
        raise bad_option(
            wrong["error"][0], caller=_CALLER, option="error", rule="standard errors above 0"
        )
    there = pl.col("change").is_finite() & pl.col("error").is_finite()
    figures = read.select(
        pl.when(there).then("change").otherwise(0.0),
        pl.when(there).then("error").otherwise(float("inf")),
    )
    change, error = (figures[name].to_numpy() for name in ("change", "error"))
    return read, Changes(change, error / np.sqrt(_rest_shares(read)))


def _rest_shares(read: pl.DataFrame) -> Floats:
    """Find how much of each group's standard comes from others; all of it where nothing is said."""
    if "share_own" not in read.columns:
        return np.ones(read.height)
    share = read["share_own"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return np.asarray(np.clip(1 - share, _LEAST_REST, 1))


def _judge(read: pl.DataFrame, changes: Changes) -> float | None:
    """Test all differences together: by chance's own errors where the table has them."""
    if not {"share_own", "chance_error"} <= set(read.columns):
        return judge_changes(changes.changes, changes.errors)
    known = np.isfinite(changes.errors)
    error = read["chance_error"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return judge_standards(changes.changes[known], error[known], rest=_rest_shares(read)[known])


def _estimate(model: Model, groups: int, *, level: float, known: bool) -> dict[str, pl.Series]:
    """Shrink every group; null where there is nothing to shrink."""
    names = ("shrunk", "low", "high")
    if not known:
        return {name: _repeat(None, groups) for name in names}
    most = 100 if model.scale > 1 else 200
    return {
        name: pl.Series(np.clip(model.scale * values, -most, most), dtype=pl.Float64)
        for name, values in zip(names, model.shrink(level=level), strict=True)
    }


def _tell_ranks(ranks: Ranks | None, *, groups: int, k: int) -> dict[str, pl.Series]:
    names = ("chance_best", "chance_worst", "rank_low", "rank_high")
    told = (
        {name: _repeat(None, groups) for name in names[:2]}
        | {name: pl.repeat(None, groups, dtype=pl.Int64, eager=True) for name in names[2:]}
        if ranks is None
        else {name: pl.Series(values) for name, values in zip(names, ranks, strict=True)}
    )
    how_many = pl.repeat(k, groups, dtype=pl.Int64, eager=True)
    return {name: told[name] for name in names[:2]} | {"k": how_many} | told


def _find_spread(
    model: Model, *, level: float, detected: bool, known: bool
) -> dict[str, float | None]:
    if not known:
        return dict.fromkeys(("spread", "spread_low", "spread_high"))
    tail = (1 - level) / 2
    # Where nothing is detected the spread may be nought: all that is said is how large it can be.
    low = model.spread_at(tail) if detected else 0.0
    high = model.spread_at(1 - tail if detected else level)
    return {"spread": model.spread_at(0.5), "spread_low": low, "spread_high": high}


def _repeat(value: float | None, times: int) -> pl.Series:
    return pl.repeat(value, times, dtype=pl.Float64, eager=True)
