"""The rows of a table of drivers, read once for the sentence, the chart and the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from nps_kit.views.drivers.words import (
    name_driver,
    name_level,
    say_driver,
    say_gap,
    say_nothing_found,
)
from nps_kit.views.gave import Gave
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import (
    NOT_GIVEN,
    is_number,
    name_column,
    shorten,
    write_count,
    write_list,
)

NOT_CAUSE = "Association is not cause."

_NEEDS = (
    *("driver", "value", "against", "n", "share", "odds_ratio", "odds_low", "odds_high"),
    *("change", "low", "high", "level", "p_adjusted", "p_overall", "found", "few"),
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one level of a driver goes with."""

    value: str
    against: str
    label: str
    n: int
    share: float | None
    odds: Gave
    change: Gave
    few: bool

    @property
    def is_reference(self) -> bool:
        """Whether the others are set against it."""
        return self.value == self.against

    @property
    def told(self) -> bool:
        """Whether it can be spoken of: a difference that is known, and answers enough."""
        return not (self.is_reference or self.few or self.change.value is None)

    def say(self) -> tuple[str, str]:
        """Say how far the score is from the reference level's, and between which bounds."""
        change = self.change
        return say_gap(
            change.points, change.low, change.high, value=self.value, against=self.against
        )

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {
            "value": self.value,
            "against": self.against,
            "n": self.n,
            "change": self.change.value,
            "low": self.change.low,
            "high": self.change.high,
        }


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver with its levels in their order."""

    column: str
    effects: tuple[Effect, ...]
    p_adjusted: float | None
    clear: bool
    """It goes with the score beyond chance, after all drivers' tests."""

    @property
    def label(self) -> str:
        """Its name as a heading."""
        return name_driver(self.column)

    @property
    def spoken(self) -> str:
        """Its name within a sentence."""
        return say_driver(self.column)

    @property
    def widest(self) -> Effect | None:
        """The level farthest from the reference; what is not given only where all else is."""
        able = [effect for effect in self.effects if effect.told]
        given = [effect for effect in able if effect.value != NOT_GIVEN]
        return max(given or able, key=lambda effect: abs(effect.change.points), default=None)

    @property
    def has_enough(self) -> bool:
        """Whether two of its levels have answers enough."""
        return sum(not effect.few for effect in self.effects) > 1

    @property
    def size(self) -> float:
        """How far the farthest level is from the reference, in points."""
        return abs(self.widest.change.points) if self.widest else -1.0


@dataclass(frozen=True, slots=True)
class Drivers:
    """A table of drivers as a reader sees it; `absent` says why there is nothing to see."""

    rows: tuple[Driver, ...]
    n: int
    level: float
    p_overall: float | None
    found: bool
    absent: str

    @property
    def answers(self) -> str:
        """How many answers there are: "11,982 answers"."""
        return write_count(self.n, "answer")

    def sorted_for_reading(self) -> tuple[Driver, ...]:
        """Put what is beyond chance first, and of that the largest."""
        return tuple(sorted(self.rows, key=lambda driver: (not driver.clear, -driver.size)))

    def nothing(self) -> str:
        """Say that nothing was found; nothing where something was."""
        return "" if self.found else say_nothing_found(self.p_overall, answers=self.answers)


def read_drivers(drivers: pl.DataFrame, *, caller: str) -> Drivers:
    """Read a table of drivers row by row.

    Parameters
    ----------
    drivers
        Table as `estimate_drivers` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The drivers in the order of the table, and what they share.

    Raises
    ------
    MissingColumnError
        If `drivers` lacks a column that is needed.
    """
    check_columns(drivers, _NEEDS, caller=caller, name="drivers")
    values = drivers.to_dicts()
    first = values[0] if values else {}
    level = first.get("level") or 0.95
    found = bool(first.get("found"))
    rows = tuple(
        _read_driver(column, list(levels), found=found, level=level)
        for column, levels in groupby(values, key=lambda row: str(row["driver"]))
    )
    n = sum(effect.n for effect in rows[0].effects) if rows else 0
    return Drivers(
        rows=rows,
        n=n,
        level=level,
        p_overall=first.get("p_overall"),
        found=found,
        absent="" if n else NO_ANSWER,
    )


def _read_driver(
    column: str, rows: Sequence[dict[str, Any]], *, found: bool, level: float
) -> Driver:
    p_adjusted = rows[0]["p_adjusted"]
    return Driver(
        column=column,
        effects=tuple(
            Effect(
                value=str(row["value"]),
                against=str(row["against"]),
                label=name_level(row["value"]),
                n=int(row["n"] or 0),
                share=known(row["share"]),
                odds=Gave(
                    known(row["odds_ratio"]), known(row["odds_low"]), known(row["odds_high"])
                ),
                change=read_gave(row, "change"),
                few=bool(row["few"]),
            )
            for row in rows
        ),
        p_adjusted=p_adjusted,
        clear=found and is_number(p_adjusted) and p_adjusted < 1 - level,
    )


def known(value: Any) -> float | None:  # noqa: ANN401 - whatever the table holds
    """Give a number; None for what is none."""
    return value if is_number(value) else None


def read_gave(row: dict[str, Any], name: str, *, head: str = "") -> Gave:
    """Read a figure with its bounds."""
    return Gave(*(known(row[key]) for key in (name, f"{head}low", f"{head}high")))


def say_held(controls: Sequence[str], *, others: str = "the other drivers") -> str:
    """Name what is held fixed: "the other drivers, touchpoint and channel"."""
    names = [others, *(shorten(name_column(name)) for name in controls)]
    return write_list([name for name in names if name])
