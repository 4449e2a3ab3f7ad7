"""What is measured beside the score, read for a chart, a table or a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, check_choice
from nps_kit.views.groups import check_columns
from nps_kit.views.outcomes.words import write_amount, write_amounts, write_people
from nps_kit.views.wording import (
    MINUS,
    guess_unit,
    is_number,
    name_period,
    next_period,
    write_count,
    write_level,
)

NOTHING = "Nothing is measured here beside the score, or too little to show."

_NEEDS = (
    *("measure", "period", "n", "value", "low", "high", "unit"),
    *("change", "change_low", "change_high", "moved", "few"),
)
_NAMES = {
    "csat_share": ("Satisfied (CSAT 4 or 5)", "the share satisfied (CSAT 4 or 5)", "answer"),
    "csat_mean": ("CSAT, mean of 1 to 5", "the mean CSAT", "answer"),
    "effort_share": (
        "Found it easy (effort 5 to 7)",
        "the share who found it easy (effort 5 to 7)",
        "answer",
    ),
    "effort_mean": ("Effort, mean of 1 to 7, hard to easy", "the mean effort", "answer"),
    "response_rate": ("Response rate", "the response rate", "invited contact"),
    "contacts": ("Contacts", "contacts", "contact"),
    "abandoned_share": ("Abandoned", "the share abandoned", "contact"),
    "cost_per_contact": ("Cost per contact", "the cost per contact", "contact"),
}
_MEANS = ("csat_mean", "effort_mean")
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Point:
    """One measure in one period."""

    measure: str
    unit: str
    period: date
    n: int
    value: float
    low: float | None
    high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    moved: bool | None
    few: bool

    @property
    def name(self) -> str:
        """What the measure is called where it stands first."""
        return _NAMES.get(self.measure, (self.measure,))[0]

    @property
    def spoken(self) -> str:
        """What it is called in a sentence."""
        return _NAMES.get(self.measure, ("", self.measure))[1]

    @property
    def behind(self) -> str:
        """Say what it was made of: "471 answers"."""
        return write_count(self.n, _NAMES.get(self.measure, ("", "", "row"))[2])

    @property
    def headline(self) -> bool:
        """Whether it stands for its question, as a mean beside a share does not."""
        return self.measure not in _MEANS

    @property
    def bounded(self) -> bool:
        """Whether it has an interval."""
        return is_number(self.low) and is_number(self.high)

    def tell(self, currency: str = "") -> str:
        """Write the figure."""
        return write_measure(self.value, self.unit, currency=currency)

    def span(self) -> str:
        """Write its interval; nothing where there is none."""
        if not (is_number(self.low) and is_number(self.high)):
            return ""
        if self.unit == "share":
            return f"{_HUNDRED * self.low:.1f} to {_HUNDRED * self.high:.1f} %"
        if self.unit == "currency":
            return write_amounts(self.low, self.high, like=self.value)
        return f"{self.low:.2f} to {self.high:.2f}"

    def told(self, currency: str = "") -> str:
        """Write the figure, its interval and what it was made of."""
        behind = "" if self.unit == "contacts" else self.behind
        parts = [part for part in (self.span(), behind) if part]
        return f"{self.tell(currency)} ({', '.join(parts)})" if parts else self.tell(currency)

    def gave(self, currency: str = "") -> str:
        """Write the change since the period before; nothing where there is none."""
        if not is_number(self.change):
            return ""
        return _sign(self.change, self._size(self.change, currency))

    def gave_span(self) -> str:
        """Write the interval of the change; nothing where there is none."""
        if not (is_number(self.change_low) and is_number(self.change_high)):
            return ""
        bounds = (self.change_low, self.change_high)
        return " to ".join(_minus(bound, self._size(bound, "")) for bound in bounds)

    def moved_by(self, currency: str = "") -> str:
        """Write how large the change is, without its direction, with its interval."""
        change, low, high = self.change or 0.0, self.change_low or 0.0, self.change_high or 0.0
        near, far = (low, high) if change > 0 else (high, low)
        words = " percentage points" if self.unit == "share" else ""
        size = f"{self._size(change, currency)}{words}"
        return f"{size} ({self._size(near, '')} to {self._size(far, '')})"

    def facts(self) -> dict[str, Any]:
        """Give the numbers."""
        return {
            "measure": self.measure,
            "period": self.period.isoformat(),
            "n": self.n,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "change": self.change,
            "change_low": self.change_low,
            "change_high": self.change_high,
            "moved": self.moved,
        }

    def _size(self, change: float, currency: str) -> str:
        if self.unit == "share":
            return f"{abs(_HUNDRED * change):.1f}"
        if self.unit == "currency":
            decimals = 0 if abs(self.value) >= _HUNDRED else 2
            return write_amount(abs(change), currency=currency, decimals=decimals)
        if self.unit == "contacts":
            return write_people(int(abs(change))) if change else "0"
        return f"{abs(change):.2f}"


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of a table, and the period that is reported."""

    points: tuple[Point, ...]
    every: Every
    level: float | None

    @property
    def latest(self) -> date:
        """The period that is reported: the latest of which anything is known."""
        return max(point.period for point in self.points)

    @property
    def interval(self) -> str:
        """Name the interval: "95 % interval"."""
        return "interval" if self.level is None else f"{write_level(self.level)} interval"

    @property
    def reported(self) -> list[Point]:
        """The figures of the period that is reported."""
        return [point for point in self.points if point.period == self.latest]

    @property
    def before(self) -> date | None:
        """The period that changes are counted from; None where no figure has one."""
        if not any(is_number(point.change) for point in self.reported):
            return None
        earlier = [point.period for point in self.points if point.period < self.latest]
        return max((day for day in earlier if self.follows(day, self.latest)), default=None)

    @property
    def series(self) -> list[list[Point]]:
        """The history of each measure, as `estimate_measures` sorts them."""
        names = dict.fromkeys(point.measure for point in self.points)
        return [[point for point in self.points if point.measure == name] for name in names]

    def follows(self, before: date, after: date) -> bool:
        """Tell whether a period begins where another one ends."""
        return next_period(before, every=self.every) == after

    def name(self, period: date) -> str:
        """Name a period."""
        return name_period(period, every=self.every)


def read_measures(estimates: pl.DataFrame, *, every: Every | None, caller: str) -> Measures:
    """Read a table of `estimate_measures`.

    Parameters
    ----------
    estimates
        The table; rows without a figure are passed over.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    Its measures; without points where nothing is measured.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_measures` is not there.
    OptionError
        If `every` is none of its choices, or a measure has a period more than once.
    """
    if every is not None:
        check_choice(every, get_args(Every), caller=caller, option="every")
    check_columns(estimates, _NEEDS, caller=caller, name="estimates")
    rows = [
        row
        for row in estimates.iter_rows(named=True)
        if is_number(row["value"]) and row["period"] is not None
    ]
    order = list(_NAMES)
    rows.sort(key=lambda row: (_place(row["measure"], order), row["measure"], row["period"]))
    points = tuple(_read(row) for row in rows)
    if len({(point.measure, point.period) for point in points}) < len(points):
        raise OptionError(
            f"{caller} takes one series of each measure, and `estimates` has periods more than "
            "once.\n  Keep one group first."
        )
    levels = {row.get("level") for row in rows}
    level = levels.pop() if len(levels) == 1 else None
    return Measures(points, every or guess_unit([point.period for point in points]), level)


def write_measure(value: float, unit: str, *, currency: str = "") -> str:
    """Write a figure in its unit."""
    if unit == "share":
        return f"{_HUNDRED * value:.1f} %"
    if unit == "currency":
        return write_amount(value, currency=currency)
    if unit == "contacts":
        return f"{value:,.0f}"
    return f"{value:.2f}"


def _read(row: dict[str, Any]) -> Point:
    bounds = ("low", "high", "change", "change_low", "change_high")
    return Point(
        measure=row["measure"],
        unit=row["unit"],
        period=row["period"],
        n=int(row["n"]),
        value=float(row["value"]),
        moved=row["moved"],
        few=bool(row["few"]),
        **{name: float(row[name]) if is_number(row[name]) else None for name in bounds},
    )


def _place(measure: str, order: Sequence[str]) -> int:
    return order.index(measure) if measure in order else len(order)


def _sign(change: float, size: str) -> str:
    return (
        f"+{size}"
        if change > 0 and any(sign in size for sign in "123456789")
        else _minus(change, size)
    )


def _minus(change: float, size: str) -> str:
    return f"{MINUS}{size}" if change < 0 and any(sign in size for sign in "123456789") else size
