"""Where each group stands, and what its next period may bring: the columns of both tables."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, TRUNCATE, Every, check_counts, count_bands
from nps_kit.errors import check_level
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.intervals import Floats
from nps_kit.stats.planning.histories import (
    History,
    Luck,
    Outlook,
    foresee,
    read_history,
    truncate_periods,
    usual_volume,
)
from nps_kit.stats.planning.spreads import quantile
from nps_kit.stats.samples import check_groups, check_min_n, check_weights, to_column
from nps_kit.stats.targets.goals import HIGHEST

LIKELY = 0.8
"""From this chance on a target is likely to be reached; under one less it, unlikely."""

OUTLOOK = (
    *("n", "nps", "low", "high", "period", "n_next", "periods", "tau"),
    *("expected", "expected_low", "expected_high", "predicted_low", "predicted_high"),
    *("realistic_low", "realistic_high", "noise"),
)
"""Columns that both tables have, after the groups."""

PLAN = (
    *("regression", "increase", "increase_points", "increase_target", "increase_chance"),
    "reason",
)
"""Columns of a plan."""

ESTIMATE = (
    *("target_nps", "chance_reached", "chance_true", "fair_nps", "chance_missed_by_luck"),
    *("safe_nps", "gap", "gap_low", "gap_high", "n_gap", "status"),
)
"""Columns of the chances of given targets."""


def look_ahead(
    history: pl.DataFrame,
    *,
    by: Sequence[str],
    every: Every,
    level: float,
    min_n: int,
    caller: str,
) -> tuple[pl.DataFrame, History, Outlook, Luck]:
    """Give where each group stands, what its next period may bring, and the luck in that."""
    check_groups(by, taken=frozenset((*OUTLOOK, *PLAN, *ESTIMATE)), caller=caller)
    check_level(level, caller=caller)
    check_min_n(min_n, caller=caller)
    check_weights(check_counts(history, by=by, caller=caller), caller=caller)
    dated = truncate_periods(history, by=by, every=every, caller=caller)
    groups = count_bands(dated, by=by, caller=caller)
    seen = read_history(dated, groups, by=by, every=every, caller=caller)
    outlook = foresee(seen)
    following = None
    if seen.days:
        following = pl.Series(seen.days[-1:]).dt.offset_by(TRUNCATE[every])[0]
    volume = usual_volume(seen.n)
    # As many answers as usual, weighted as they usually are.
    told = seen.effective.sum(axis=1)
    each = np.divide(told, seen.n.sum(axis=1), out=np.ones_like(told), where=told > 0)
    usual = volume * each
    # Nobody knows how many will answer; a group that has fallen silent is foreseen with one.
    luck = Luck.of_mean(seen, answers=np.maximum(usual, 1))
    spare = Luck.none(seen)
    tail = (1 - level) / 2
    shares = {
        "expected_low": (tail, spare),
        "expected_high": (1 - tail, spare),
        "predicted_low": (tail, luck),
        "predicted_high": (1 - tail, luck),
        "realistic_low": (1 - LIKELY, luck),
        "realistic_high": (LIKELY, luck),
    }
    known = ~np.isnan(seen.variance)
    table = _latest(dated, groups, seen.days, by=by, level=level, min_n=min_n).with_columns(
        period=pl.lit(following, pl.Date),
        n_next=pl.Series(volume).cast(pl.Int64),
        periods=pl.Series((seen.n > 0).sum(axis=1)).cast(pl.Int64),
        tau=to_column(np.where(known, 100 * outlook.spread, np.nan)),
        expected=to_column(_on_scale(outlook.expected)),
        noise=to_column(np.minimum(100 * quantile(level) * np.sqrt(2 * luck.variance), 200)),
        **{
            name: to_column(_on_scale(outlook.quantile(share, luck=more)))
            for name, (share, more) in shares.items()
        },
    )
    return table, seen, outlook, luck


def find_chance(outlook: Outlook, goal: Floats, *, luck: Luck) -> Floats:
    """Find the chance that the next score is at or over `goal`, on -1 to 1.

    No score falls short of -100. That every answer will be a promoter, which +100 asks for, the
    range of a mean does not tell: NaN.
    """
    chance = outlook.chance_over(goal, luck=luck)
    return np.where(goal >= 1, np.nan, np.where((goal <= -1) & ~np.isnan(chance), 1.0, chance))


def _latest(
    dated: pl.DataFrame,
    groups: pl.DataFrame,
    days: Sequence[date],
    *,
    by: Sequence[str],
    level: float,
    min_n: int,
) -> pl.DataFrame:
    """Estimate each group in the latest period; one without answers in it keeps its row."""
    here = dated.filter(pl.col("period") == days[-1]) if days else dated.clear()
    found = estimate_nps(here, by=by, level=level, min_n=min_n).select(
        *by, "n", "nps", "low", "high"
    )
    context = [name for name in CONTEXT if name in groups.columns and name not in by]
    if by:
        found = groups.select(*by, *context).join(
            found, on=by, how="left", nulls_equal=True, maintain_order="left"
        )
    else:
        found = found.with_columns(groups[name] for name in context)
    return found.with_columns(pl.col("n").fill_null(0)).with_columns(
        level=pl.lit(float(level)), few=pl.col("n") < min_n
    )


def _on_scale(score: Floats) -> Floats:
    return np.clip(100 * score, -HIGHEST, HIGHEST)


def arrange(table: pl.DataFrame, own: Sequence[str], *, by: Sequence[str]) -> pl.DataFrame:
    """Put the columns in their order: those of the groups, of the outlook, and its own."""
    context = [name for name in CONTEXT if name in table.columns and name not in by]
    return table.select(*by, *OUTLOOK, *own, "level", "few", *context)
