"""What the next period brings if nothing is done, and what a percentage of a score comes to."""

from collections.abc import Sequence

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import bad_option
from nps_kit.stats.planning.options import is_real
from nps_kit.stats.samples import to_column
from nps_kit.stats.targets.goals import HIGHEST
from nps_kit.stats.targets.outlooks import PLAN, arrange, find_chance, look_ahead

NEAR_ZERO = 10
"""Points under which a percentage of a score means nothing."""

# So many times more would lead from the lowest score that is not near zero past the end.
_MOST_INCREASE = HIGHEST / NEAR_ZERO


def plan_target(
    history: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    every: Every = "month",
    increase: float = 0.1,
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Plan a target from history: what the next period brings if nothing is done.

    Parameters
    ----------
    history
        Count table with ``period``, of complete periods (see `keep_complete`); the periods after
        the latest in it are the future.
    by
        Columns that tell the groups apart.
    every
        Unit of the periods. Counts in a finer unit are added up.
    increase
        The rise in percent that somebody asks for, as a share: 0.1 is "10 % more".
    level
        Probability that the ranges aim to cover.
    min_n
        A group with fewer answers in the latest period is marked ``few``.

    Returns
    -------
    One row per group, sorted by `by`; without `by` always one row:

    ====================  ========  ==========================================================
    ``*by``                         as given
    ``n``                 int       answers of the latest period
    ``nps``               points    its score
    ``low``, ``high``     points    its interval
    ``period``            date      first day of the *next* period, which the rest speaks of
    ``n_next``            int       usual answers of a period: median of the latest six
    ``periods``           int       periods with answers
    ``tau``               points    how far true scores stray from their lasting level
    ``expected``          points    expected true score
    ``expected_low``      points    range of the true score
    ``expected_high``     points
    ``predicted_low``     points    range of the score that will be observed
    ``predicted_high``    points
    ``realistic_low``     points    a target that will be reached four times in five
    ``realistic_high``    points    a target that will be reached once in five
    ``noise``             points    a change from one usual period to the next that chance alone
                                    can make
    ``regression``        points    ``expected`` less ``nps``: how far it moves back by itself
    ``increase``          share     as asked
    ``increase_points``   points    the increase asked for
    ``increase_target``   points    the latest score and that increase
    ``increase_chance``   0 to 1    chance that the next observed score reaches it; null at +100
    ``reason``            text      why the increase was refused; null where it was not
    ``level``             0 to 1    as asked
    ``few``               boolean   ``n`` is under `min_n`
    ``survey``, ``scale`` text      where `history` has them and they are not in `by`
    ====================  ========  ==========================================================

    A group without any answer has nulls.

    Raises
    ------
    MissingColumnError
        If `history` lacks ``score``, ``n``, ``period`` or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If an option cannot be used, or the periods in `history` are longer than `every`.

    Notes
    -----
    **The next period.** A group's true score is a lasting level, about which nothing is assumed,
    and a deviation of ``tau`` points that fades: a share of it is left one period later. The score
    observed adds the luck of who answers, of variance V / n. How far true scores stray (before
    looking: half a Student's t with 3 degrees of freedom and scale 12 points) and how much is left
    (0, 0.4, 0.7, 0.9 or 0.98, equally likely) are not estimated but averaged over, each weighed by
    how well it fits (restricted likelihood, by a Kalman filter). So an extreme period moves back
    towards what is usual, a lasting shift is followed, and one period alone promises little. V is
    the variance of answers within periods, with three answers of a half added, as in the interval.

    In simulations 95 % ranges held 93 to 98 % of the next scores; with true scores that stray by
    12 points and 6 periods to learn it from, 92 %. The usual way, a normal range with the moment
    estimate of tau (DerSimonian and Laird 1986, Controlled Clinical Trials 7), is too sure of
    itself: where a score wanders by 6 points a period it held 86 %, these 94 %. See
    ``docs/accuracy.md``.

    **A percentage of a score.** NPS has no natural zero: 10 % of +40 is 4 points, of +4 less than
    half a point, of 0 nothing, and of a score below zero a fall. The increase is refused where the
    latest score is under 10 points, its interval reaches zero, or +100 would be passed.

    Examples
    --------
    >>> from datetime import date
    >>> history = pl.DataFrame(
    ...     {
    ...         "period": [date(2026, month, 1) for month in (7, 8, 9) for _ in range(3)],
    ...         "score": [3, 8, 10] * 3,
    ...         "n": [40, 60, 100, 35, 65, 100, 20, 60, 120],
    ...     }
    ... )
    >>> plan = plan_target(history)
    >>> plan.select(pl.col("nps", "expected", "predicted_low", "predicted_high").round(0)).row(0)
    (50.0, 42.0, 13.0, 72.0)
    >>> plan.select(pl.col("increase_points", "increase_target").round(1)).row(0)
    (5.0, 55.0)
    """
    caller = "plan_target()"
    if not (is_real(increase) and 0 < increase < _MOST_INCREASE):
        rule = f"a share above 0 and under {_MOST_INCREASE:g}: 0.1 is 10 % more"
        raise bad_option(increase, caller=caller, option="increase", rule=rule)
    table, _, outlook, luck = look_ahead(
        history, by=by, every=every, level=level, min_n=min_n, caller=caller
    )
    increase = float(increase)
    base = pl.col("nps")
    table = table.with_columns(regression=pl.col("expected") - base).with_columns(
        reason=pl.when(base.is_null())
        .then(pl.lit("no answers in the latest period"))
        .when(base < 0)
        .then(pl.lit("the score is below zero: a percentage more of it would be a fall"))
        .when((base < NEAR_ZERO) | (pl.col("low") <= 0))
        .then(pl.lit("the score is near zero: a percentage of it says nothing"))
        .when(base * (1 + increase) > HIGHEST)
        .then(pl.lit("the scale ends at +100"))
    )
    asked = pl.when(pl.col("reason").is_null()).then(base * increase)
    table = table.with_columns(
        increase=pl.lit(increase), increase_points=asked, increase_target=base + asked
    )
    goal = table["increase_target"].to_numpy() / 100
    table = table.with_columns(increase_chance=to_column(find_chance(outlook, goal, luck=luck)))
    return arrange(table, PLAN, by=by)
