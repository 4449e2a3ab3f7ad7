"""Which targets the next period reaches, and which are luck."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl
from scipy import special

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.stats.chances import stretch, unstretch
from nps_kit.stats.intervals import Floats
from nps_kit.stats.planning.histories import History, Luck
from nps_kit.stats.planning.spreads import quantile, whole
from nps_kit.stats.samples import to_column
from nps_kit.stats.targets.goals import HIGHEST, find_goals
from nps_kit.stats.targets.outlooks import ESTIMATE, LIKELY, arrange, find_chance, look_ahead

Fair = Literal["target", "average"]

STATUSES = ("likely", "open", "unlikely", "not judged")
"""What a target comes to."""

SAFE = 0.9
"""The chance of reaching the target that a safe score has."""

_POWER = 0.8
_NEAREST = 0.1
_DUST = 1e-9


def estimate_target(
    history: pl.DataFrame,
    targets: pl.DataFrame | None,
    *,
    by: Sequence[str] = (),
    every: Every = "month",
    fair: Fair = "target",
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Estimate the chance that each group reaches its target in the next period.

    Parameters
    ----------
    history
        Count table with ``period``, of complete periods, as for `plan_target`.
    targets
        One row a target: ``target_nps`` in points, the columns of `by`, and ``period`` where
        targets change. The one that holds in the next period is the latest that has begun by then.
        Rows for another kind of group (another ``touchpoint`` or ``team``), and for groups that
        `history` does not have, are passed over. None, or an empty table: no target is set.
    by
        Columns that tell the groups apart.
    every
        Unit of the periods. Counts in a finer unit are added up.
    fair
        Whose bad luck ``chance_missed_by_luck`` measures: a group whose true score is its target,
        or one as good as all groups together.
    level
        Probability that the ranges aim to cover.
    min_n
        A group with fewer answers in the latest period is marked ``few``, and not judged.

    Returns
    -------
    One row per group, sorted by `by`; without `by` always one row:

    =========================  =======  =======================================================
    ``*by`` to ``noise``                as `plan_target` gives them
    ``target_nps``             points   the target; null where none is set
    ``chance_reached``         0 to 1   chance that the next *observed* score is the target or more
    ``chance_true``            0 to 1   chance that the next *true* score is
    ``fair_nps``               points   true score of the fair group
    ``chance_missed_by_luck``  0 to 1   chance that the fair group misses the target
    ``safe_nps``               points   true score at which nine periods in ten reach the target
    ``gap``                    points   ``target_nps`` less ``expected``: over zero, it falls short
    ``gap_low``                points   range of the gap
    ``gap_high``               points
    ``n_gap``                  int      answers needed to tell the expected score from the target
    ``status``                 Enum     ``likely`` (chance 0.8 or more), ``open``, ``unlikely``
                                        (0.2 or less), ``not judged``
    ``level``                  0 to 1   as asked
    ``few``                    boolean  ``n`` is under `min_n`
    ``survey``, ``scale``      text     where `history` has them and they are not in `by`
    =========================  =======  =======================================================

    ``safe_nps`` is null where it would lie over 100, and ``n_gap`` where the gap is under a tenth
    of a point. A target of -100 is always reached. One of +100 asks that every answer be a
    promoter, which the range of a score does not tell: its chances are null, and it is not judged.

    Raises
    ------
    MissingColumnError
        If `history` or `targets` lacks a column that is needed.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If an option or a target cannot be used, or a group has two targets at once.

    Notes
    -----
    ``chance_reached`` is of the mixture described at `plan_target`: doubt about the true score and
    its moves, and the luck of ``n_next`` answers. A target is met by what is observed, not by what
    is true, so ``chance_true`` is nearer 0 or 1.

    ``chance_missed_by_luck`` holds luck alone: a normal with the variance of one answer over
    ``n_next``, or the most that the fair score allows. A group that truly stands at its target
    misses it every other time, however many answers there are: a target is met reliably only from
    ``safe_nps`` on.

    ``n_gap`` is for a test of the group's score against the target, with a power of 0.8.

    In simulations the observed share of targets reached agreed with ``chance_reached`` within
    three standard errors in each tenth from 0 to 1: see ``docs/accuracy.md``.

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
    >>> found = estimate_target(history, pl.DataFrame({"target_nps": [50]}))
    >>> found.select(pl.col("chance_reached", "chance_missed_by_luck").round(2), "status").row(0)
    (0.23, 0.5, 'open')
    """
    caller = "estimate_target()"
    check_choice(fair, get_args(Fair), caller=caller, option="fair")
    table, seen, outlook, luck = look_ahead(
        history, by=by, every=every, level=level, min_n=min_n, caller=caller
    )
    following = table["period"][0] if table.height else None
    goals = find_goals(targets, table, by=by, following=following, caller=caller)
    goal = goals.to_numpy() / 100
    average = _average(seen)
    fair_at = goal if fair == "target" else np.where(np.isnan(goal), np.nan, average)
    error = np.sqrt(luck.variance)
    skew = luck.third / error**3
    missed = _miss(goal, fair_at, seen, luck=luck, skew=skew)
    # The lower end of luck, as far below the truth as one period in ten falls.
    safe = 100 * (goal - stretch(float(special.ndtri(1 - SAFE)), skew) * error)
    safe = np.where(goal <= -1, -HIGHEST, safe)
    table = table.with_columns(
        target_nps=goals,
        chance_reached=to_column(find_chance(outlook, goal, luck=luck)),
        chance_true=to_column(find_chance(outlook, goal, luck=Luck.none(seen))),
        fair_nps=to_column(100 * fair_at),
        chance_missed_by_luck=to_column(missed),
        safe_nps=to_column(np.where(safe <= HIGHEST, safe, np.nan)),
        n_gap=_answers_for(100 * (goal - outlook.expected), seen),
    )
    chance = pl.col("chance_reached")
    table = table.with_columns(
        gap=pl.col("target_nps") - pl.col("expected"),
        gap_low=pl.col("target_nps") - pl.col("expected_high"),
        gap_high=pl.col("target_nps") - pl.col("expected_low"),
        status=pl.when(pl.col("few") | chance.is_null())
        .then(pl.lit("not judged"))
        .when(chance >= LIKELY)
        .then(pl.lit("likely"))
        .when(chance <= 1 - LIKELY)
        .then(pl.lit("unlikely"))
        .otherwise(pl.lit("open"))
        .cast(pl.Enum(STATUSES)),
    )
    return arrange(table, ESTIMATE, by=by)


def _miss(goal: Floats, fair: Floats, seen: History, *, luck: Luck, skew: Floats) -> Floats:
    """Find the chance that luck alone takes a group of the true score `fair` under `goal`."""
    # Answers cannot vary more than half promoters and half detractors of that score would; at the
    # ends of the scale nothing varies.
    most = np.maximum(1 - fair**2, 0)
    error = np.sqrt(luck.variance * np.minimum(most / seen.variance, 1))
    varies = error > _DUST
    distance = (goal - fair) / np.where(varies, error, 1)
    missed = np.where(varies, special.ndtr(unstretch(distance, skew)), (goal > fair) * 1.0)
    missed = np.where(goal <= -1, 0.0, missed)
    return np.where(np.isnan(goal - fair) | np.isnan(luck.variance), np.nan, missed)


def _average(seen: History) -> float:
    """Find the score of all groups together, on -1 to 1."""
    n = seen.effective.sum()
    return float((seen.effective * seen.score).sum() / n) if n else float("nan")


def _answers_for(gap: Floats, seen: History) -> pl.Series:
    """Find the answers with which a test against the target would see the gap."""
    wide = np.abs(np.nan_to_num(gap)) >= _NEAREST
    # The level of the test is the usual one, whatever the ranges aim to cover.
    reach = quantile(0.95) + float(special.ndtri(_POWER))
    needed = reach**2 * np.nan_to_num(seen.variance) / np.where(wide, gap / 100, 1) ** 2
    return whole(needed).zip_with(pl.Series(wide), pl.Series([None], dtype=pl.Int64))
