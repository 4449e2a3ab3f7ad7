"""The target of each group that holds in the next period."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from nps_kit.errors import OptionError, bad_option, listed, missing_column

HIGHEST = 100
"""The end of the scale, in points."""

_KEYS = ("touchpoint", "team")


def find_goals(
    targets: pl.DataFrame | None,
    table: pl.DataFrame,
    *,
    by: Sequence[str],
    following: date | None,
    caller: str,
) -> pl.Series:
    """Find the target of each group that holds in the next period; null where there is none."""
    if targets is None:
        return pl.Series("target_nps", [None] * table.height, dtype=pl.Float64)
    _check_table(targets, caller=caller)
    for name in ("target_nps", *by):
        if name not in targets.columns:
            raise missing_column(name, caller=caller, table="`targets`", present=targets.columns)
    goals = _check_goals(targets, caller=caller)
    # A table of targets holds those of touchpoints and of teams, each with the other left empty.
    for name in _KEYS:
        if name in goals.columns:
            empty = pl.col(name).is_null()
            goals = goals.filter(~empty if name in by else empty)
    if "period" in goals.columns:
        # A target without a date has always held.
        start = pl.col("period").cast(pl.Date).fill_null(date.min)
        goals = goals.filter(start <= (following or date.max))
        goals = goals.filter(start == (start.max().over(by) if by else start.max()))
    keys = [pl.col(name).cast(pl.String) for name in by]
    goals = goals.select(*keys, "target_nps").unique()
    twice = goals.filter(goals.select(by).is_duplicated()) if by else goals[1:]
    if twice.height:
        first = twice.sort(*by, "target_nps", nulls_last=True) if by else goals
        found = first.join(first.head(1).select(by), on=by, nulls_equal=True) if by else goals
        whose = f" of {listed(first.row(0)[:-1])}" if by else ""
        raise OptionError(
            f"{caller} finds more than one target{whose} at once: "
            f"{listed(found['target_nps'].sort())}.\n"
            "  Keep one row a group and period, or name what tells them apart in `by`."
        )
    if not by:
        goal = goals["target_nps"][0] if goals.height else None
        return pl.Series("target_nps", [goal], dtype=pl.Float64)
    return table.select(keys).join(
        goals, on=by, how="left", nulls_equal=True, maintain_order="left"
    )["target_nps"]


def _check_table(targets: object, *, caller: str) -> None:
    if isinstance(targets, pl.DataFrame):
        return
    remedy = (
        "Collect it first:  targets.collect()"
        if isinstance(targets, pl.LazyFrame)
        else 'Make one:  pl.DataFrame({"team": ["a"], "target_nps": [30]})'
    )
    kind = type(targets)
    # pandas calls its tables DataFrame, too.
    room = kind.__module__.split(".")[0]
    name = kind.__name__ if room in ("builtins", "polars") else f"{room}.{kind.__name__}"
    raise OptionError(
        f"{caller} takes a table of targets, a polars DataFrame, and was given {name}.\n  {remedy}"
    )


def _check_goals(targets: pl.DataFrame, *, caller: str) -> pl.DataFrame:
    rule = "points from -100 to 100"
    kind = targets.schema["target_nps"]
    if not (kind.is_numeric() or kind == pl.Null):
        raise bad_option(kind, caller=caller, option="target_nps", rule=rule)
    goal = pl.col("target_nps").cast(pl.Float64)
    goals = targets.with_columns(goal).drop_nulls("target_nps")
    wrong = goals.filter(~goal.is_between(-HIGHEST, HIGHEST) | goal.is_nan())
    if wrong.height:
        raise bad_option(wrong["target_nps"][0], caller=caller, option="target_nps", rule=rule)
    if "period" in goals.columns:
        dated = goals.schema["period"]
        if not (dated in (pl.Date, pl.Null) or isinstance(dated, pl.Datetime)):
            raise bad_option(
                dated, caller=caller, option="targets' period", rule="a column of dates"
            )
    return goals
