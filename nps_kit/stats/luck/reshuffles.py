"""The next list, and the one after: one draw at a time."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from nps_kit.errors import check_choice
from nps_kit.stats.luck.fields import rank_scores, read_field
from nps_kit.stats.luck.options import check_whole

Truth = Literal["data", "alike"]

MOST = 1000
"""The most lists drawn at once."""

_CALLER = "simulate_reshuffle()"


def simulate_reshuffle(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    truth: Truth = "data",
    bottom: int = 10,
    min_n: int = 1,
    draws: int = 1,
    seed: int = 0,
) -> pl.DataFrame:
    """Draw the next leaderboard, several times over: who stands where, and who is last then.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, by agent or by team, of one period, one kind of survey and
        one scale. Weights are left out of account.
    by
        Columns that tell the groups apart.
    truth
        ``data``: how good each is, is drawn as the answers say (the posterior of `shrink_groups`);
        ``alike``: all are equally good.
    bottom
        How many are "the lowest"; no more than a third of all.
    min_n
        A group with fewer answers does not stand on the list; nor does one without a name.
    draws
        How many next lists, up to 1,000. Each is a possible next one of the present list, not the
        one after the last.
    seed
        Seed of the draws. More draws under one seed begin with the same ones.

    Returns
    -------
    One row per draw and group, the highest score of now first:

    ===================  ========  ==============================================
    ``draw``             int       which draw, from 1
    ``*by``                        as given
    ``n``                int       answers now, and next time
    ``nps``, ``rank``              score in points and rank now; 1 is the highest
    ``in_bottom``        boolean   among the lowest `bottom` now
    ``nps_next``         points    score next time
    ``rank_next``        int       rank next time; level ones by lot
    ``in_bottom_next``   boolean   among the lowest next time
    ``bottom``           int       how many are the lowest; the same in each row
    ``changed``          int       of the lowest, how many are others next time; one number a draw
    ``first_stays``      boolean   the first is first again; one value a draw
    ``draws``            int       how many draws; the same in each row, as are those below
    ``changed_mean``     groups    ``changed``, on average over all draws
    ``n_first_stays``    int       draws in which the first stayed first
    ``truth``            text      as asked
    ===================  ========  ==============================================

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
    As `simulate_leaderboard`, which gives what comes out on average over many draws.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"team": list("aabb"), "score": [3, 10] * 2, "n": [900, 100, 100, 900]}
    ... )
    >>> drawn = simulate_reshuffle(counts, by=["team"], bottom=1)
    >>> drawn.select("team", "rank", "rank_next", "changed").rows()
    [('b', 1, 1, 0), ('a', 2, 2, 0)]
    """
    check_choice(truth, get_args(Truth), caller=_CALLER, option="truth")
    check_whole(bottom, caller=_CALLER, option="bottom", least=1, most=10**6)
    check_whole(draws, caller=_CALLER, option="draws", least=1, most=MOST)
    check_whole(seed, caller=_CALLER, option="seed", least=0, most=2**63)
    field = read_field(counts, by=by, min_n=min_n, caller=_CALLER)
    k, size = field.count_lowest(bottom), field.size
    tables = []
    for draw in range(1, draws + 1 if size else 2):
        # A stream for each draw: one more leaves the others as they were.
        rng = np.random.default_rng([seed, draw])
        if not size:
            scores = np.empty((1, 0))
        elif truth == "alike":
            scores = field.draw_alike(rng, 1)
        else:
            scores = field.draw_answers(rng, field.draw_shares(rng, 1))
        ranks = rank_scores(scores, rng)[0]
        low_now, low_next = np.arange(size) >= size - k, ranks > size - k
        tables.append(
            field.groups.select(
                pl.lit(draw, pl.Int64).alias("draw"),
                pl.all(),
                pl.lit(pl.Series("in_bottom", low_now, pl.Boolean)),
                pl.lit(pl.Series("nps_next", 100 * scores[0], pl.Float64)),
                pl.lit(pl.Series("rank_next", ranks, pl.Int64)),
                pl.lit(pl.Series("in_bottom_next", low_next, pl.Boolean)),
                bottom=pl.lit(k, pl.Int64),
                changed=pl.lit(int((low_now & ~low_next).sum()), pl.Int64),
                first_stays=pl.lit(bool(size and ranks[0] == 1)),
                truth=pl.lit(truth),
            )
        )
    # Each draw has as many rows as any other: means over rows are means over draws.
    return pl.concat(tables).with_columns(
        draws=pl.col("draw").max(),
        changed_mean=pl.col("changed").mean(),
        n_first_stays=pl.col("draw").filter("first_stays").n_unique().cast(pl.Int64),
    )
