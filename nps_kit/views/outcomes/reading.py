"""The tables of bands: who stays, how fast they leave, what they spend, refer and cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from nps_kit.errors import OptionError, listed
from nps_kit.scale import BANDS
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import (
    is_number,
    name_column,
    name_value,
    say_value,
    start_sentence,
    write_level,
)

NOBODY = "No answer here was followed, or too few to show."
NO_RATIO = (
    "How fast the bands leave cannot be compared: nobody left of one of them, one has too few to "
    "show, or a control cannot be told from the band."
)

Measure = Literal["spend", "rate", "cost"]

_CURVE = ("band", "n", "days", "at_risk", "left", "staying", "low", "high")
_HAZARD = (
    *("band", "against", "n", "left", "n_against", "left_against", "hazard_ratio", "low", "high"),
    *("p_adjusted", "p_rank", "p_proportional", "split", "hazard_ratio_early", "hazard_ratio_late"),
)
_RATIO = ("ratio", "ratio_low", "ratio_high", "against", "few")
_WHOSE: dict[Measure, str] = {
    "spend": "No customer's spend is",
    "rate": "No customer's referrals are",
    "cost": "No contact's cost is",
}
_OWN_SCALE = "0-10"


@dataclass(frozen=True, slots=True)
class Shared:
    """What the rows of a table share."""

    keys: tuple[str, ...]
    level: float | None
    survey: str
    scale: str

    @property
    def heading(self) -> str:
        """The name of what the groups are: "Segment"."""
        return start_sentence(" and ".join(name_column(name) for name in self.keys))

    @property
    def noun(self) -> str:
        """What one group is called in a sentence: "segment"."""
        return name_column(self.keys[0]) if len(self.keys) == 1 else "group"

    @property
    def interval(self) -> str:
        """Name the interval: "95 % interval"."""
        return "interval" if self.level is None else f"{write_level(self.level)} interval"

    @property
    def context(self) -> str:
        """Name the survey and the scale: "transactional answers, 0-10 scale"."""
        survey = f"{self.survey} answers" if self.survey else ""
        return ", ".join(part for part in (survey, self.scale and f"{self.scale} scale") if part)

    @property
    def on_scale(self) -> str:
        """Words for the scale, which only goes without saying where it is 0-10."""
        return f" (scored on a {self.scale} scale)" if self.scale not in ("", _OWN_SCALE) else ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as much, or as fast, as the band it is set against."""

    value: float | None
    low: float | None
    high: float | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One band of one group: its figure with bounds, and its ratio to another band."""

    group: str
    spoken: str
    band: str
    n: int
    few: bool
    value: float | None
    low: float | None
    high: float | None
    ratio: Ratio
    against: str
    values: dict[str, Any]

    @property
    def own(self) -> bool:
        """Whether it is the band that the others are set against."""
        return self.band == self.against

    def apart(self, level: float | None) -> bool:
        """Tell whether of one of two bands nobody left, and of the other more than by chance."""
        chance = self.values.get("p_rank")
        sure = is_number(chance) and chance < 1 - (level or 0.95)
        return self.value is None and sure and self.n > 0


@dataclass(frozen=True, slots=True)
class Lines:
    """A table of bands as a reader sees it; `absent` says why there is nothing to see."""

    lines: tuple[Line, ...]
    shared: Shared
    absent: str

    @property
    def about(self) -> str:
        """Words for the one group that the table holds, and for the scale."""
        spoken = {line.spoken for line in self.lines}
        whose = "".join(spoken) if len(spoken) == 1 else ""
        return (f" ({whose})" if whose else "") + self.shared.on_scale

    @property
    def missing(self) -> str:
        """Say of which bands there is nobody; nothing where there are several groups."""
        if len(self.groups) > 1:
            return ""
        return say_missing([line.band for line in self.lines if not line.n])

    @property
    def groups(self) -> tuple[tuple[Line, ...], ...]:
        """The lines of each group, in the order of the table."""
        names = dict.fromkeys((line.group, line.spoken) for line in self.lines)
        return tuple(
            tuple(line for line in self.lines if (line.group, line.spoken) == name)
            for name in names
        )


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a curve."""

    days: int
    at_risk: int
    left: int
    staying: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One band followed over time, as far as it was."""

    band: str
    n: int
    days: tuple[Day, ...]

    def read(self, day: int) -> Day | None:
        """Give the last row up to a day; None before the first, and past the end."""
        if not self.days or day > self.days[-1].days:
            return None
        return next((each for each in reversed(self.days) if each.days <= day), None)


@dataclass(frozen=True, slots=True)
class Retention:
    """Who stays, of one group."""

    curves: tuple[Curve, ...]
    shared: Shared
    whose: str
    read_off: bool
    """Whether all bands were read at the same days, rather than on those on which someone left."""

    @property
    def followed(self) -> tuple[Curve, ...]:
        """The curves of bands of which anyone was followed."""
        return tuple(curve for curve in self.curves if curve.days)

    @property
    def whole(self) -> bool:
        """Whether every curve begins at the answer."""
        return all(curve.days[0].days == 0 for curve in self.followed)


def read_retention(retention: pl.DataFrame, *, caller: str, table: str = "retention") -> Retention:
    """Read a table of who stays, of one group.

    Parameters
    ----------
    retention
        Table as `estimate_retention` makes it.
    caller
        Name of the function that speaks if something is wrong.
    table
        What the table is called there.

    Returns
    -------
    Its curves in the order of the bands, each in order of time, without the days past its end.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_retention` is not there.
    OptionError
        If the table holds more than one group.
    """
    check_columns(retention, _CURVE, caller=caller, name=table)
    keys = _keys(retention)
    groups = retention.select(keys).unique() if keys else pl.DataFrame()
    if groups.height > 1:
        raise OptionError(
            f"{caller} shows one group, and `{table}` has {groups.height:,}, told apart by "
            f"{listed(keys)}.\n  Keep the rows of one: "
            f'{table}.filter(pl.col("{keys[0]}") == ...), or estimate all together: by=[].'
        )
    curves = []
    for band in _bands(retention):
        mine = retention.filter(pl.col("band").cast(pl.String) == band).sort("days")
        known = mine.filter(pl.all_horizontal(pl.col(_CURVE[1:]).is_not_null()))
        curves.append(
            Curve(
                band=band,
                n=int(mine["n"].max() or 0),  # type: ignore[arg-type]  # a column of numbers
                days=tuple(Day(*row) for row in known.select(_CURVE[2:]).iter_rows()),
            )
        )
    found = [curve for curve in curves if curve.n]
    all_days = [
        retention.filter(pl.col("band").cast(pl.String) == curve.band)["days"].to_list()
        for curve in found
    ]
    first = retention.row(0, named=True) if retention.height else {}
    return Retention(
        curves=tuple(curves),
        shared=share_rows(retention, keys),
        whose=", ".join(say_value(key, first[key]) for key in keys if first),
        read_off=all(sorted(days) == sorted(all_days[0]) for days in all_days),
    )


def read_hazards(hazards: pl.DataFrame, *, caller: str) -> Lines:
    """Read a table of how fast the bands leave; the figure of a line is its ratio.

    Parameters
    ----------
    hazards
        Table as `compare_retention` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    Its lines; beyond chance is what the adjusted p-value says.

    Raises
    ------
    MissingColumnError
        If a column of `compare_retention` is not there.
    """
    check_columns(hazards, _HAZARD, caller=caller, name="hazards")
    keys = _keys(hazards)
    shared = share_rows(hazards, keys)
    lines = []
    for row in hazards.iter_rows(named=True):
        bounds = _numbers(row, "hazard_ratio", "low", "high")
        chance = row["p_adjusted"]
        certain = (
            bounds[0] is not None and is_number(chance) and chance < 1 - (shared.level or 0.95)
        )
        lines.append(_line(row, keys, bounds=bounds, ratio=Ratio(*bounds, certain=certain)))
    absent = "" if any(line.value is not None for line in lines) else NO_RATIO
    if not any(line.n or line.values["n_against"] for line in lines):
        absent = NOBODY
    return Lines(tuple(lines), shared, absent)


def read_amounts(table: pl.DataFrame, *, column: Measure, caller: str, name: str) -> Lines:
    """Read a table of an amount by band.

    Parameters
    ----------
    table
        Table as `estimate_spend`, `estimate_referrals` or `estimate_costs` makes it.
    column
        The column of the amount.
    caller
        Name of the function that speaks if something is wrong.
    name
        What the table is called there.

    Returns
    -------
    Its lines; beyond chance is a ratio whose interval leaves out 1, of enough customers.

    Raises
    ------
    MissingColumnError
        If a column of that table is not there.
    """
    more = () if column == "cost" else _RATIO
    check_columns(table, ("band", "n", column, "low", "high", *more), caller=caller, name=name)
    keys = _keys(table)
    rows = table.rows(named=True)
    few = {
        (*(row[key] for key in keys), str(row["band"])) for row in rows if row.get("few") is True
    }
    lines = []
    for row in rows:
        ratio = _numbers(row, "ratio", "ratio_low", "ratio_high")
        beyond = (ratio[1] is not None and ratio[1] > 1) or (ratio[2] is not None and ratio[2] < 1)
        key = tuple(row[each] for each in keys)
        enough = (*key, str(row["band"])) not in few and (*key, str(row.get("against"))) not in few
        lines.append(
            _line(
                row,
                keys,
                bounds=_numbers(row, column, "low", "high"),
                ratio=Ratio(*ratio, certain=ratio[0] is not None and beyond and enough),
            )
        )
    known = any(line.value is not None for line in lines)
    absent = "" if known else f"{_WHOSE[column]} known here, or of too few to show."
    return Lines(tuple(lines), share_rows(table, keys), absent)


def _keys(table: pl.DataFrame) -> list[str]:
    return table.columns[: table.columns.index("band")]


def _bands(table: pl.DataFrame) -> list[str]:
    there = set(table["band"].cast(pl.String).drop_nulls())
    return [band for band in BANDS if band in there]


def say_missing(bands: Sequence[str]) -> str:
    """Say that there is nobody of some bands, or so few that they were left out."""
    return f"There are no {' and no '.join(bands)} here, or too few to show." if bands else ""


def name_only(table: pl.DataFrame, column: str) -> str:
    """Name the one value of a column; nothing where there is none, or several."""
    if column not in table.columns:
        return ""
    known = table[column].drop_nulls().unique()
    return name_value(known[0]) if known.len() == 1 else ""


def share_rows(table: pl.DataFrame, keys: Sequence[str]) -> Shared:
    """Read what the rows of a table share."""
    levels = table["level"].drop_nulls() if "level" in table.columns else pl.Series()
    return Shared(
        keys=tuple(keys),
        level=levels[0] if levels.len() else None,
        survey="" if "survey" in keys else name_only(table, "survey"),
        scale="" if "scale" in keys else name_only(table, "scale"),
    )


def _numbers(row: dict[str, Any], *names: str) -> tuple[float | None, float | None, float | None]:
    first, low, high = (row.get(name) for name in names)
    return (
        first if is_number(first) else None,
        low if is_number(low) else None,
        high if is_number(high) else None,
    )


def _line(
    row: dict[str, Any],
    keys: Sequence[str],
    *,
    bounds: tuple[float | None, float | None, float | None],
    ratio: Ratio,
) -> Line:
    return Line(
        group=" · ".join(name_value(row[key]) for key in keys),
        spoken=", ".join(say_value(key, row[key]) for key in keys),
        band=str(row["band"]),
        n=int(row["n"] or 0),
        few=bool(row.get("few")),
        value=bounds[0],
        low=bounds[1],
        high=bounds[2],
        ratio=ratio,
        against=str(row.get("against") or ""),
        values=row,
    )
