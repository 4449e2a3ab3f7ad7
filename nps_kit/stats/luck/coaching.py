"""Coaching the lowest, or the highest: what rises or falls by itself, and what coaching adds."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from nps_kit.errors import bad_option, check_choice, missing_column
from nps_kit.stats.intervals import Floats
from nps_kit.stats.luck.fields import read_field
from nps_kit.stats.luck.options import check_whole
from nps_kit.stats.luck.reshuffles import MOST
from nps_kit.stats.planning.options import is_real

Who = Literal["lowest", "highest"]

PARTS = ("coached", "not coached", "others")
"""Those coached, those like them who were not, and everybody else."""

LEAST_GROUPS = 4
"""Of fewer there is nobody to compare with."""

HIGHEST_EFFECT = 50.0

_CALLER = "simulate_coaching()"
_NEEDS = ("draw", "part", "nps", "nps_next", "expected", "effect", "who")


def simulate_coaching(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    who: Who = "lowest",
    effect: float = 0.0,
    coached: int = 10,
    min_n: int = 1,
    draws: int = 1,
    seed: int = 0,
) -> pl.DataFrame:
    """Coach some of those at one end of a leaderboard, and see them again next time.

    Twice as many as are coached are taken from that end; which half of them is coached is drawn by
    lot, so that the other half tells what would have come without.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, by agent or by team, of one period, one kind of survey and
        one scale. Weights are left out of account.
    by
        Columns that tell the groups apart.
    who
        Who is chosen: the ``lowest`` scores or the ``highest``.
    effect
        What coaching truly adds to a score, in points, from 0 to 50; nobody passes +100.
    coached
        How many are coached; no more than a quarter of all.
    min_n
        A group with fewer answers does not stand on the list; nor does one without a name.
    draws
        How often the whole is done, up to 1,000.
    seed
        Seed of the draws. More draws under one seed begin with the same ones.

    Returns
    -------
    One row per draw and group, the highest score of now first:

    ============  ========  ==================================================================
    ``draw``      int       which draw, from 1
    ``*by``                 as given
    ``n``         int       answers now, and next time
    ``nps``       points    score now
    ``rank``      int       rank now; 1 is the highest
    ``part``      text      ``coached``, ``not coached`` (alike, but left out by lot) or ``others``
    ``expected``  points    score to be expected next time: that of `shrink_groups`, and the effect
                            for those coached
    ``nps_next``  points    score that came out next time
    ``effect``    points    as asked
    ``who``       text      as asked
    ============  ========  ==================================================================

    No rows with fewer than four groups: there is nobody to compare with.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales.
    OptionError
        If an option is out of its range.

    Notes
    -----
    True shares are drawn from the posterior of `shrink_groups`. The effect turns detractors into
    promoters, and passives where there are no detractors left. Without effect the expectation is
    exact: the mean of a next score is the mean of the true one. Regression to the mean: Galton
    (1886), Journal of the Anthropological Institute 15, 246-263.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"team": list("aabbccdd"), "score": [3, 10] * 4, "n": [9, 11, 8, 12, 7, 13, 6, 14]}
    ... )
    >>> drawn = simulate_coaching(counts, by=["team"], coached=1)
    >>> drawn.filter(part="others")["team"].to_list()
    ['d', 'c']
    """
    check_choice(who, get_args(Who), caller=_CALLER, option="who")
    if not (is_real(effect) and 0 <= effect <= HIGHEST_EFFECT):
        rule = f"points from 0 to {HIGHEST_EFFECT:.0f}"
        raise bad_option(effect, caller=_CALLER, option="effect", rule=rule)
    check_whole(coached, caller=_CALLER, option="coached", least=1, most=10**6)
    check_whole(draws, caller=_CALLER, option="draws", least=1, most=MOST)
    check_whole(seed, caller=_CALLER, option="seed", least=0, most=2**63)
    field = read_field(counts, by=by, min_n=min_n, caller=_CALLER)
    size, enough = field.size, field.size >= LEAST_GROUPS
    k = min(coached, size // 4)
    ends = np.arange(size - 2 * k, size) if who == "lowest" else np.arange(2 * k)
    base = 100 * field.model.shrink(level=0.95)[0] if enough else np.empty(0)
    tables = []
    for draw in range(1, draws + 1 if enough else 1):
        rng = np.random.default_rng([seed, draw])
        chosen = rng.permutation(ends)
        part = np.full(size, PARTS[2], dtype=object)
        part[chosen[:k]], part[chosen[k:]] = PARTS[0], PARTS[1]
        added = np.where(part == PARTS[0], effect, 0.0)
        shares = _lift(field.draw_shares(rng, 1)[0], added / 100)
        tables.append(
            field.groups.select(
                pl.lit(draw, pl.Int64).alias("draw"),
                pl.all(),
                pl.lit(pl.Series("part", part.tolist(), pl.Enum(PARTS))),
                pl.lit(pl.Series("expected", np.minimum(base + added, 100.0))),
                pl.lit(pl.Series("nps_next", 100 * field.draw_answers(rng, shares))),
                effect=pl.lit(float(effect)),
                who=pl.lit(who),
            )
        )
    return pl.concat(tables) if tables else _no_rows(field.groups)


def compare_coaching(drawn: pl.DataFrame) -> pl.DataFrame:
    """Compare those who were coached with those like them who were not.

    Parameters
    ----------
    drawn
        Table as `simulate_coaching` makes it.

    Returns
    -------
    One row per part, ``coached`` first; means over the groups of a part, whatever their answers:

    =================  ========  ==============================================================
    ``part``           text      as `simulate_coaching` has it
    ``groups``         int       how many
    ``nps``            points    mean score now, in the last draw
    ``nps_next``       points    mean score next time, in the last draw
    ``change``         points    how far it rose, in the last draw
    ``change_mean``    points    how far it rose, on average over all draws
    ``expected``       points    how far it was to be expected to rise, on average over all draws
    ``advantage``      points    ``change`` of the coached less that of those like them; the same in
                                 each row, as are all columns from here on
    ``advantage_mean`` points    the same of ``change_mean``
    ``draws``          int       how many draws
    ``effect``         points    what coaching truly adds
    ``who``            text      who was chosen
    =================  ========  ==============================================================

    Raises
    ------
    MissingColumnError
        If `drawn` lacks a column.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"team": list("aabbccdd"), "score": [3, 10] * 4, "n": [9, 11, 8, 12, 7, 13, 6, 14]}
    ... )
    >>> compare_coaching(simulate_coaching(counts, by=["team"], coached=1))["groups"].to_list()
    [1, 1, 2]
    """
    for name in _NEEDS:
        if name not in drawn.columns:
            raise missing_column(
                name, caller="compare_coaching()", table="`drawn`", present=drawn.columns
            )
    last = drawn.filter(pl.col("draw") == pl.col("draw").max())
    means = drawn.group_by("part").agg(
        change_mean=(pl.col("nps_next") - pl.col("nps")).mean(),
        expected=(pl.col("expected") - pl.col("nps")).mean(),
    )
    found = (
        last.group_by("part")
        .agg(
            groups=pl.len().cast(pl.Int64),
            nps=pl.col("nps").mean(),
            nps_next=pl.col("nps_next").mean(),
            effect=pl.col("effect").first(),
            who=pl.col("who").first(),
        )
        .with_columns(change=pl.col("nps_next") - pl.col("nps"))
        .join(means, on="part")
        .sort("part")
    )
    # The coached come first, and those like them second.
    ahead = {
        name: (pl.col(column).get(0) - pl.col(column).get(1)).alias(name)
        for name, column in (("advantage", "change"), ("advantage_mean", "change_mean"))
    }
    if not found.height:
        ahead = {name: pl.lit(None, pl.Float64).alias(name) for name in ahead}
    return found.with_columns(
        *ahead.values(), draws=pl.lit(drawn["draw"].n_unique(), pl.Int64)
    ).select(
        *("part", "groups", "nps", "nps_next", "change", "change_mean", "expected"),
        *("advantage", "advantage_mean", "draws", "effect", "who"),
    )


def _lift(shares: Floats, added: Floats) -> Floats:
    """Raise scores, on -1 to 1, by turning detractors into promoters, then passives."""
    detractors = np.minimum(shares[:, 0], added / 2)
    passives = np.minimum(shares[:, 1], added - 2 * detractors)
    return np.column_stack(
        (
            shares[:, 0] - detractors,
            shares[:, 1] - passives,
            shares[:, 2] + detractors + passives,
        )
    )


def _no_rows(groups: pl.DataFrame) -> pl.DataFrame:
    empty = {"part": pl.Enum(PARTS), "expected": pl.Float64, "nps_next": pl.Float64}
    schema: dict[str, Any] = {
        "draw": pl.Int64,
        **groups.schema,
        **empty,
        "effect": pl.Float64,
        "who": pl.String,
    }
    return pl.DataFrame(schema=schema)
