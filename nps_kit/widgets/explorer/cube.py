"""One count table of all that can be chosen, made once; after that no row is touched."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from nps_kit.counts import CONTEXT, TRUNCATE, Every, check_counts, measures_of, roll_up
from nps_kit.errors import MissingColumnError
from nps_kit.periods import find_period
from nps_kit.rows.columns import join_columns
from nps_kit.rows.comments import list_comments
from nps_kit.rows.only import PERSONAL
from nps_kit.rows.sources import Data, open_data
from nps_kit.rows.tallies import tally
from nps_kit.scale import ScaleName

KEYS = ("touchpoint", "channel", "team")
"""What groups are told apart by unless the caller says otherwise."""

_DATE = "responded_at"
_YEARS = 20
"""So many years of periods can be chosen from, at the most."""


class Kind(NamedTuple):
    """Answers that may be added up: one kind of survey, on one scale."""

    survey: str | None
    scale: str | None


class Asked(NamedTuple):
    """What the explorer was asked to count, and how."""

    by: tuple[str, ...]
    every: Every
    columns: Mapping[str, str]
    time_zone: str | None
    scale: ScaleName | None
    comments: int
    names: Sequence[str]


class Origin(NamedTuple):
    """Where the counts came from, for whoever is to make them again."""

    code: tuple[str, ...]
    """Lines that make ``counts``."""
    options: tuple[str, ...]
    """Options that tell the command line the same."""


@dataclass(frozen=True)
class Cube:
    """Answers by kind, group and period, and sums of them, each made when it is first needed.

    Attributes
    ----------
    counts
        The whole count table, with what was set aside.
    keys
        Columns that groups can be told apart by.
    kinds
        Kinds of answers, the one with most answers first.
    periods
        First days of the periods from the first to the last; empty where no answer has a date.
    complete
        The latest complete one.
    every
        Their unit.
    comments
        Comments that can be shown, with their groups; None: there are none to read.
    origin
        How to make it again.
    """

    counts: pl.DataFrame
    keys: tuple[str, ...]
    kinds: tuple[Kind, ...]
    periods: tuple[date, ...]
    complete: date | None
    every: Every
    comments: pl.DataFrame | None
    origin: Origin
    _sums: dict[tuple[Kind, tuple[str, ...]], pl.DataFrame] = field(default_factory=dict)

    def sum_by(self, kind: Kind, names: Sequence[str]) -> pl.DataFrame:
        """Sum the answers that count over every column but `names` and the period."""
        wanted = tuple(name for name in self.keys if name in names)
        if (kind, wanted) not in self._sums:
            # From the whole once for each set of columns; what is chosen among them is small.
            wide = self.counts.filter(pl.col("reason").is_null(), *tests_of(kind))
            by = [*wanted, *(["period"] if self.periods else [])]
            self._sums[kind, wanted] = roll_up(wide, by=by)
        return self._sums[kind, wanted]

    def list_values(self, name: str) -> list[object]:
        """List the values of a column, sorted; None, where some have none, comes last."""
        column = self.counts.filter(pl.col("reason").is_null())[name].unique().sort()
        values = column.drop_nulls().to_list()
        return [*values, None] if column.null_count() and values else values


def tests_of(kind: Kind) -> list[pl.Expr]:
    """Tell the answers of a kind."""
    known = zip(CONTEXT, kind, strict=True)
    return [is_value(name, value) for name, value in known if value is not None]


def is_value(name: str, value: object) -> pl.Expr:
    """Tell the rows that have a value."""
    if value is None:
        return pl.col(name).is_null()
    if isinstance(value, (str, int)):
        return pl.col(name) == value
    return pl.col(name).cast(pl.String) == str(value)


def make_cube(data: object, asked: Asked) -> Cube:
    """Count the answers by all that can be chosen.

    Parameters
    ----------
    data
        Tables as `open_data` gives them, what it takes, or a count table.
    asked
        What to count by, and how.

    Returns
    -------
    The cube.
    """
    if isinstance(data, pl.DataFrame) and {"score", "n"} <= set(data.columns):
        return _take_counts(data, asked)
    tables, opened, options = _open(data, asked)
    keys, reached = _reach(tables, asked.by)
    dated = _DATE in tables.columns
    every = asked.every if dated else None
    counting: dict[str, Any] = {} if asked.scale is None else {"scale": asked.scale}
    counts = tally(reached.responses, by=keys, every=every, **counting)
    days = tally(tables.responses, every="day", **counting) if dated else None
    comments = None
    if asked.comments and "comment" in tables.columns:
        comments = list_comments(
            reached.responses, by=keys, most=asked.comments, names=asked.names, scale=asked.scale
        )
    listed = _quote(keys)
    told = [f"by={listed}", *([f'every="{every}"'] if every else [])]
    told += [f'{name}="{value}"' for name, value in counting.items()]
    joined = f"nk.join_columns(tables, {listed}).responses" if keys else "tables.responses"
    code = (*opened, f"answers = {joined}", f"counts = nk.tally(answers, {', '.join(told)})")
    if asked.scale is not None:
        options = (*options, "--scale", asked.scale)
    cube = _finish(counts, keys, days, every=asked.every, origin=Origin(code, options))
    return replace(cube, comments=comments)


def _open(data: object, asked: Asked) -> tuple[Data, tuple[str, ...], tuple[str, ...]]:
    if isinstance(data, Data):
        return data, ("# `tables` is what the explorer was given",), ("--data", "ADDRESS")
    tables = open_data(data, columns=asked.columns, time_zone=asked.time_zone)
    named = isinstance(data, str | Path)
    told = [_quote(str(data)) if named else "data"]
    told += [f"columns={_quote(dict(asked.columns))}"] if asked.columns else []
    told += [f'time_zone="{asked.time_zone}"'] if asked.time_zone else []
    code = f"tables = nk.open_data({', '.join(told)})"
    options = ["--data", str(data) if named else "ADDRESS"]
    for ours, theirs in asked.columns.items():
        options += ["--column", f"{ours}={theirs}"]
    options += ["--time-zone", asked.time_zone] if asked.time_zone else []
    given = () if named else ("# `data` is what the explorer was given",)
    return tables, (*given, code), tuple(options)


def _quote(value: object) -> str:
    """Write text, or a list or pairs of texts, as Python does, in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _reach(tables: Data, by: Sequence[str]) -> tuple[list[str], Data]:
    """Find the columns that the answers have or lead to, and put them beside the answers."""
    if by:
        return list(by), join_columns(tables, by)
    keys = []
    for name in KEYS:
        try:
            join_columns(tables, [name])
        except MissingColumnError:
            continue
        keys.append(name)
    return keys, join_columns(tables, keys) if keys else tables


def _take_counts(counts: pl.DataFrame, asked: Asked) -> Cube:
    counts = check_counts(counts, by=asked.by, caller="explore_nps()")
    fixed = {"score", "reason", "period", *CONTEXT, *PERSONAL, *measures_of(counts)}
    keys = list(asked.by) or [name for name in counts.columns if name not in fixed]
    context = [name for name in CONTEXT if name in counts.columns]
    days = None
    if "period" in counts.columns:
        days = counts.select("period", "score", "reason", "n")
        by = [*keys, *context, "period"]
        counts = roll_up(counts, by=by, every=asked.every)
    else:
        counts = roll_up(counts, by=[*keys, *context])
    given = ("# `counts` is the count table that the explorer was given",)
    origin = Origin(given, ("--data", "ADDRESS"))
    return _finish(counts, keys, days, every=asked.every, origin=origin)


def _finish(
    counts: pl.DataFrame,
    keys: Sequence[str],
    days: pl.DataFrame | None,
    *,
    every: Every,
    origin: Origin,
) -> Cube:
    used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    periods, complete = _list_periods(used, days, every=every)
    return Cube(
        counts=counts,
        keys=tuple(keys),
        kinds=_list_kinds(used),
        periods=periods,
        complete=complete,
        every=every,
        comments=None,
        origin=origin,
    )


def _list_kinds(used: pl.DataFrame) -> tuple[Kind, ...]:
    context = [name for name in CONTEXT if name in used.columns]
    if not context or used.is_empty():
        return (Kind(None, None),)
    kinds = used.group_by(context).agg(pl.col("n").sum())
    kinds = kinds.sort("n", *context, descending=[True, *(False for _ in context)])
    return tuple(Kind(row.get("survey"), row.get("scale")) for row in kinds.iter_rows(named=True))


def _list_periods(
    used: pl.DataFrame, days: pl.DataFrame | None, *, every: Every
) -> tuple[tuple[date, ...], date | None]:
    starts = (
        used["period"].drop_nulls() if "period" in used.columns else pl.Series([], dtype=pl.Date)
    )
    if days is None or starts.is_empty():
        return (), None
    step = TRUNCATE[every]
    first, last = starts.cast(pl.Date).sort().gather([0, starts.len() - 1])
    found = pl.date_range(first, last, interval=step, eager=True)
    finer = days.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    finer = finer.with_columns(pl.col("period").cast(pl.Date))
    told_by_day = finer.filter(pl.col("period") != pl.col("period").dt.truncate(step)).height
    # A table by month does not tell whether its last month is over: it is taken as it is.
    complete = find_period(finer, every=every) if told_by_day else found[-1]
    most = _YEARS * {"day": 366, "week": 53, "month": 12, "quarter": 4, "year": 1}[every]
    return tuple(found[-most:]), complete
