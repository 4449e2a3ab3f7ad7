"""A leaderboard dealt anew: how much of it is luck, and how much of it would last."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nps_kit.errors import check_level
from nps_kit.stats.intervals import Floats
from nps_kit.stats.luck.fields import Field, rank_scores, read_field
from nps_kit.stats.luck.options import check_whole
from nps_kit.stats.segments.shrinkage.detection import judge_answers

LEAST_GROUPS = 3
"""Of fewer groups there is no list to speak of."""

_CALLER = "simulate_leaderboard()"

# Scores held at once.
_AT_ONCE = 500_000

_FLAGS = {"in_bottom": pl.Boolean, "detected": pl.Boolean}
_NUMBERS = (
    *("alike", "alike_low", "alike_high", "chance_bottom", "chance_bottom_alike", "chance_first"),
    *("rank_low", "rank_high", "changed", "changed_low", "changed_high", "changed_alike"),
    *("fair", "chance_fair", "first_stays", "first_stays_alike", "p_value"),
)


def simulate_leaderboard(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    bottom: int = 10,
    min_n: int = 1,
    draws: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> pl.DataFrame:
    """Deal a leaderboard anew, many times: as if all were equally good, and as the answers say.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, by agent or by team, of one period, one kind of survey and
        one scale. Weights are left out of account.
    by
        Columns that tell the groups apart.
    bottom
        How many are "the lowest"; no more than a third of all.
    min_n
        A group with fewer answers does not stand on the list; nor does one without a name.
    draws
        How often the next list is drawn, 100 or more.
    level
        Share of all draws within the bounds, between 0 and 1 (exclusive).
    seed
        Seed of the draws.

    Returns
    -------
    One row per group on the list, the highest score first:

    =====================================  ========  ===============================================
    ``*by``                                          as given
    ``n``                                  int       answers with a score
    ``nps``                                points    score
    ``rank``                               int       1 is the highest; level ones by name
    ``in_bottom``                          boolean   among the lowest `bottom`
    ``alike``, ``alike_low``,              points    if all were equally good: the score to expect
    ``alike_high``                                   at this rank, and its bounds
    ``chance_bottom``                      0 to 1    chance to be among the lowest next time
    ``chance_bottom_alike``                0 to 1    the same if all were equally good
    ``chance_first``                       0 to 1    chance to be first next time
    ``rank_low``, ``rank_high``            int       bounds of the rank next time
    ``groups``                             int       how many stand on the list; the same in each
                                                     row, as are all columns from here on
    ``bottom``                             int       how many are the lowest
    ``changed``                            groups    of the lowest, how many will be others next
                                                     time, on average
    ``changed_low``, ``changed_high``      int       its bounds
    ``changed_alike``                      groups    how many if all were equally good
    ``fair``                               groups    of the lowest next time, how many are truly in
                                                     the better half, on average
    ``chance_fair``                        0 to 1    chance of one in the better half to be there
    ``first_stays``                        0 to 1    chance that the first is first next time
    ``first_stays_alike``                  0 to 1    the same if all were equally good
    ``p_value``, ``detected``                        as `shrink_groups` has them
    ``level``                              0 to 1    as asked
    ``left_out``, ``n_left_out``           int       groups not on the list, and their answers
    =====================================  ========  ===============================================

    With fewer than three groups all that is simulated is null.

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
    "Next time" has as many answers of each group as now, and nobody has become better or worse.
    Equally good: every answer has the shares of all answers together. As the answers say: true
    shares are drawn from the posterior of `shrink_groups`, in which the spread between groups and
    their centre are weighed as well, then the answers from those. Level ones are ranked by lot.
    If `groups` equally good ones have equally many answers, ``bottom * (1 - bottom / groups)`` of
    the lowest change on average, and the first stays first once in ``groups`` times.
    In the better half are those whose true score is in the higher half of all, the middle one of
    an odd number not among them. The standard error of a chance is at most ``0.5 / sqrt(draws)``.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"team": list("aabbccdd"), "score": [3, 10] * 4, "n": [9, 11, 8, 12, 7, 13, 6, 14]}
    ... )
    >>> teams = simulate_leaderboard(counts, by=["team"], bottom=1)
    >>> teams.select("team", "rank", "in_bottom").rows()
    [('d', 1, False), ('c', 2, False), ('b', 3, False), ('a', 4, True)]
    """
    check_level(level, caller=_CALLER)
    check_whole(bottom, caller=_CALLER, option="bottom", least=1, most=10**6)
    check_whole(draws, caller=_CALLER, option="draws", least=100, most=10**6)
    check_whole(seed, caller=_CALLER, option="seed", least=0, most=2**63)
    field = read_field(counts, by=by, min_n=min_n, caller=_CALLER)
    k = field.count_lowest(bottom)
    found: dict[str, Any] = dict.fromkeys((*_NUMBERS, *_FLAGS))
    if field.size >= LEAST_GROUPS:
        found = _deal(field, k=k, draws=draws, level=level, rng=np.random.default_rng(seed))
    found |= {"groups": field.size, "bottom": k, "level": float(level)}
    found |= {"left_out": field.left_out, "n_left_out": field.n_left_out}
    order = (
        *("in_bottom", *_NUMBERS[:8], "groups", "bottom", *_NUMBERS[8:], "detected", "level"),
        *("left_out", "n_left_out"),
    )
    return field.groups.with_columns(_column(name, found[name]) for name in order)


def _column(name: str, value: Any) -> pl.Expr:  # noqa: ANN401 - a column, a number or nothing
    if isinstance(value, np.ndarray):
        return pl.lit(pl.Series(name, value))
    kind = _FLAGS.get(name, None if value is not None else pl.Float64)
    return pl.lit(value, kind).alias(name)


def _deal(
    field: Field, *, k: int, draws: int, level: float, rng: np.random.Generator
) -> dict[str, Any]:
    size, tail = field.size, (1 - level) / 2
    alike, alike_ranks, ranks = [], [], []
    better, fair = size // 2, 0.0
    together = max(1, _AT_ONCE // size)
    for start in range(0, draws, together):
        times = min(together, draws - start)
        scores = field.draw_alike(rng, times)
        alike_ranks.append(rank_scores(scores, rng))
        alike.append(-np.sort(-scores, axis=1))
        shares = field.draw_shares(rng, times)
        ranks.append(rank_scores(field.draw_answers(rng, shares), rng))
        true_ranks = rank_scores(shares[..., 2] - shares[..., 0], rng)
        fair += float(((true_ranks <= better) & (ranks[-1] > size - k)).sum()) / draws
    sorted_scores, next_ranks = 100 * np.concatenate(alike), np.concatenate(ranks)
    if_alike = np.concatenate(alike_ranks)
    low, high = np.quantile(sorted_scores, [tail, 1 - tail], axis=0)
    # Bounds of whole numbers are whole numbers that were drawn.
    first, last = np.quantile(next_ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
    changed = k - (next_ranks[:, size - k :] > size - k).sum(axis=1)
    fewest, most = np.quantile(changed, [tail, 1 - tail], method="inverted_cdf")
    p_value = judge_answers(field.bands)
    return {
        "in_bottom": np.arange(size) >= size - k,
        "alike": sorted_scores.mean(axis=0),
        "alike_low": low,
        "alike_high": high,
        "chance_bottom": _share(next_ranks > size - k),
        "chance_bottom_alike": _share(if_alike > size - k),
        "chance_first": _share(next_ranks == 1),
        "rank_low": first.astype(np.int64),
        "rank_high": last.astype(np.int64),
        "changed": float(changed.mean()),
        "changed_low": int(fewest),
        "changed_high": int(most),
        "changed_alike": float(k - _share(if_alike > size - k)[size - k :].sum()),
        "fair": fair,
        "chance_fair": fair / better,
        "first_stays": float((next_ranks[:, 0] == 1).mean()),
        "first_stays_alike": float((if_alike[:, 0] == 1).mean()),
        "p_value": p_value,
        "detected": p_value is not None and p_value <= round(1 - level, 12),
    }


def _share(marks: npt.NDArray[np.bool_]) -> Floats:
    return np.asarray(marks.mean(axis=0))
