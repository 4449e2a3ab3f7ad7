"""The rows of an estimate table, read once for every sentence, chart and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, missing_column
from nps_kit.scale import BANDS
from nps_kit.views.wording import (
    guess_unit,
    is_number,
    name_column,
    name_period,
    name_value,
    say_value,
    start_sentence,
    write_count,
    write_level,
    write_score,
    write_span,
)

NO_ANSWER = "No answer here counts."

_NEEDS = ("n", "nps", "low", "high", "few")
_OWN_SCALE = "0-10"
_METHODS = {"wald": "Wald", "adjusted_wald": "adjusted Wald"}


@dataclass(frozen=True, slots=True)
class Group:
    """One row of an estimate table, with its name as a reader would say it."""

    label: str
    spoken: str
    period: date | None
    n: int
    nps: float | None
    low: float | None
    high: float | None
    few: bool
    shares: tuple[float | None, ...]
    survey: str
    scale: str
    row: int

    @property
    def ranked(self) -> bool:
        """Whether the group has a score and answers enough to be set beside others."""
        return self.nps is not None and not self.few

    @property
    def score(self) -> float:
        """The score of a group that has one."""
        return 0.0 if self.nps is None else self.nps

    @property
    def kind(self) -> str:
        """What its answers are called: "transactional answer"."""
        return f"{self.survey} answer" if self.survey else "answer"

    @property
    def on_scale(self) -> str:
        """Words for its scale, which only go without saying where it is 0-10."""
        return f" on a {self.scale} scale" if self.scale not in ("", _OWN_SCALE) else ""

    def told(self, *, in_full: bool = False) -> str:
        """Write what stands behind the score: "27 to 35, 512 answers"."""
        noun = self.kind if in_full else "answer"
        count = write_count(self.n, noun) + (self.on_scale if in_full else "")
        return ", ".join(part for part in (write_span(self.low, self.high), count) if part)

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        named: dict[str, Any] = {"group": self.label} if self.label else {}
        if self.period is not None:
            named["period"] = self.period.isoformat()
        return named | {"n": self.n, "nps": self.nps, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Groups:
    """An estimate table as a reader sees it.

    `ordered` is true where the order of the rows means something (a period, a date, bands);
    `absent` says why there is nothing to see, and is empty where there is something.
    """

    rows: tuple[Group, ...]
    by: tuple[str, ...]
    every: Every
    ordered: bool
    absent: str
    level: float | None
    methods: tuple[str, ...]
    weighted: bool

    @property
    def n(self) -> int:
        """All answers of the table."""
        return sum(group.n for group in self.rows)

    @property
    def heading(self) -> str:
        """The name of what the groups are: "Touchpoint"."""
        return start_sentence(" and ".join(name_column(name) for name in self.by))

    @property
    def kinds_vary(self) -> bool:
        """Whether rows come from more than one kind of survey, or scale."""
        return len({(group.survey, group.scale) for group in self.rows}) > 1

    def sorted_for_reading(self) -> tuple[Group, ...]:
        """Put the highest score first, groups that are not ranked last; keep an order that means
        something.
        """
        if self.ordered or len(self.rows) == 1:
            return self.rows
        ranked = sorted((g for g in self.rows if g.ranked), key=lambda g: (-g.score, g.row))
        return (*ranked, *(group for group in self.rows if not group.ranked))

    def context(self) -> str:
        """Name the survey and the scale that every row shares: "transactional answers, 0-10"."""
        surveys = {group.survey for group in self.rows}
        scales = {group.scale for group in self.rows}
        survey = surveys.pop() if len(surveys) == 1 else ""
        scale = scales.pop() if len(scales) == 1 else ""
        said = f"{survey} answers" if survey else ""
        return ", ".join(part for part in (said, f"{scale} scale" if scale else "") if part)

    def interval(self) -> str:
        """Name the interval: "95 % interval"."""
        return f"{write_level(self.level)} interval" if self.level is not None else "interval"

    def method(self) -> str:
        """Name how the intervals were made, in a sentence; nothing where the table does not say."""
        names = [_METHODS.get(name, name.replace("_", " ")) for name in self.methods]
        weights = "Answers are weighted. " if self.weighted else ""
        made = f"Interval method: {', '.join(names)}." if names else ""
        return (weights + made).strip()


def check_columns(table: pl.DataFrame, needs: Sequence[str], *, caller: str, name: str) -> None:
    """Raise unless `table` has the columns of `needs`.

    Raises
    ------
    MissingColumnError
        Naming the first that is not there.
    """
    for column in needs:
        if column not in table.columns:
            raise missing_column(column, caller=caller, table=f"`{name}`", present=table.columns)


def find_keys(estimates: pl.DataFrame, by: Sequence[str] | None, *, caller: str) -> tuple[str, ...]:
    """Find the columns that tell the rows apart: those asked for, or those before ``n``."""
    check_columns(estimates, _NEEDS, caller=caller, name="estimates")
    if by is None:
        return tuple(estimates.columns[: estimates.columns.index("n")])
    if isinstance(by, str):
        raise OptionError(f"{caller} cannot use by={by!r}.\n  It takes a list: by=[{by!r}].")
    check_columns(estimates, by, caller=caller, name="estimates")
    return tuple(by)


def read_groups(
    estimates: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    every: Every | None = None,
    caller: str,
) -> Groups:
    """Read an estimate table row by row, in its own order.

    Parameters
    ----------
    estimates
        Table as `estimate_nps` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    every
        Unit of ``period``. None: as the first days suggest.
    caller
        Name of the function that speaks if a column is missing.

    Returns
    -------
    Its rows by name, and what they share.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``n``, ``nps``, ``low``, ``high``, ``few`` or a column of `by`.
    """
    keys = find_keys(estimates, by, caller=caller)
    starts = _periods(estimates, keys)
    unit = every or guess_unit([start for start in starts if start is not None])
    ordered = any(
        estimates.schema[key].is_temporal() or isinstance(estimates.schema[key], pl.Enum)
        for key in keys[:1]
    )
    if ordered:
        estimates = estimates.sort(keys, nulls_last=True, maintain_order=True)
        starts = _periods(estimates, keys)
    rows = tuple(
        _read_row(values, keys=keys, start=start, unit=unit, row=row)
        for row, (values, start) in enumerate(
            zip(estimates.iter_rows(named=True), starts, strict=True)
        )
    )
    levels = _found(estimates, "level")
    return Groups(
        rows=rows,
        by=keys,
        every=unit,
        ordered=ordered,
        absent=_say_why_absent(estimates, keys, rows),
        level=levels[0] if len(levels) == 1 else None,
        methods=_found(estimates, "method"),
        weighted="nps_unweighted" in estimates.columns,
    )


def _found(estimates: pl.DataFrame, column: str) -> tuple[Any, ...]:
    if column not in estimates.columns:
        return ()
    return tuple(estimates[column].drop_nulls().unique().sort())


def _periods(estimates: pl.DataFrame, keys: Sequence[str]) -> list[date | None]:
    if "period" not in keys or not estimates.schema["period"].is_temporal():
        return [None] * estimates.height
    return estimates["period"].cast(pl.Date).to_list()


def _say_why_absent(estimates: pl.DataFrame, keys: Sequence[str], rows: Sequence[Group]) -> str:
    for key in keys:
        if estimates.height and estimates[key].null_count() == estimates.height:
            # Another kind of survey may have what this one lacks.
            kinds = {group.survey for group in rows}
            where = (
                f"these {kinds.pop()} answers" if len(kinds) == 1 and kinds != {""} else "this data"
            )
            return f"No {name_column(key)} is recorded in {where}."
    return "" if any(group.nps is not None for group in rows) else NO_ANSWER


def _read_row(
    values: dict[str, Any], *, keys: Sequence[str], start: date | None, unit: Every, row: int
) -> Group:
    names, spoken = [], []
    for key in keys:
        value = values[key]
        if key == "period" and start is not None:
            name = said = name_period(start, every=unit)
        else:
            name, said = name_value(value), say_value(key, value)
        names.append(name)
        spoken.append(said)
    nps = values["nps"]
    return Group(
        label=" · ".join(names),
        spoken=", ".join(spoken),
        period=start,
        n=int(values["n"] or 0),
        nps=nps if is_number(nps) else None,
        low=values["low"],
        high=values["high"],
        few=bool(values["few"]),
        shares=tuple(values.get(f"share_{band}") for band in BANDS),
        survey="" if "survey" in keys else _context(values.get("survey")),
        scale=_context(values.get("scale")),
        row=row,
    )


def _context(value: object) -> str:
    # A kind of survey that is a key is already in the name; a scale is said all the same.
    return "" if value is None else name_value(value)


def say_score(group: Group, *, in_full: bool = False) -> str:
    """Write a score with what stands behind it: "+31 (27 to 35, 512 answers)"."""
    return f"{write_score(group.score)} ({group.told(in_full=in_full)})"
