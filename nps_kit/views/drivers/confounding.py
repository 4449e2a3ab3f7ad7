"""The same drivers twice, among all contacts and among like ones, read once for all views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from nps_kit.views.drivers.effects import Driver, Effect, read_drivers
from nps_kit.views.drivers.words import say_nothing_found
from nps_kit.views.gave import Gave
from nps_kit.views.wording import NOT_GIVEN, name_column, shorten, write_count, write_list

Fate = Literal["gone", "found", "unsure", "stays", "nothing"]
"""What becomes of a driver once like is set beside like; unsure: its size stays, its proof not."""

FATES: tuple[Fate, ...] = ("gone", "found", "unsure", "stays", "nothing")
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Twice:
    """One level of a driver: what it goes with among all contacts, and among like ones."""

    driver: Driver
    effect: Effect
    before: Gave
    after: Gave
    fate: Fate
    few: bool

    @property
    def shift(self) -> float:
        """By how much its points change."""
        return abs(self.after.points - self.before.points)

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {
            "driver": self.driver.column,
            "value": self.effect.value,
            "against": self.effect.against,
            "before": self.before.value,
            "after": self.after.value,
            "fate": self.fate,
        }


@dataclass(frozen=True, slots=True)
class Confounding:
    """Two tables of drivers as a reader sees them; `absent` says why there is nothing to see."""

    rows: tuple[Twice, ...]
    """Those that lose their effect first, then those that show one only now, and the others."""
    untold: tuple[Driver, ...]
    """Those beyond chance of which no level has a size to compare."""
    n: int
    level: float
    absent: str

    @property
    def answers(self) -> str:
        """How many answers there are."""
        return write_count(self.n, "answer")

    def of(self, fate: Fate) -> tuple[Twice, ...]:
        """Give the drivers of one fate, those that change most first."""
        return tuple(row for row in self.rows if row.fate == fate)


def read_confounding(
    before: pl.DataFrame, after: pl.DataFrame, *, caller: str, controls: Sequence[str]
) -> Confounding:
    """Read two tables of the same drivers, the second with more held fixed.

    Parameters
    ----------
    before, after
        Tables as `estimate_drivers` makes them, without the controls and with them.
    caller
        Name of the function that speaks if something is wrong.
    controls
        What only the second holds fixed: none of it is looked at as a driver.

    Returns
    -------
    The drivers of both, each with the level that goes farthest before or after.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that is needed.
    """
    first, second = (read_drivers(table, caller=caller) for table in (before, after))
    known = {driver.column: driver for driver in first.rows}
    rows = [
        twice
        for driver in second.rows
        if driver.column in known and driver.column not in controls
        for twice in _pair(known[driver.column], driver)
    ]
    rows.sort(key=lambda row: (FATES.index(row.fate), -row.shift))
    return Confounding(
        rows=tuple(rows),
        untold=tuple(
            driver
            for driver in second.rows
            if driver.clear and driver.column not in {row.driver.column for row in rows}
            if driver.column in known and driver.column not in controls
        ),
        n=second.n,
        level=second.level,
        absent=first.absent
        or second.absent
        or ("" if rows else say_nothing_found(None, answers="")),
    )


def _pair(before: Driver, after: Driver) -> list[Twice]:
    """Pair the levels, and choose the one that goes farthest; none where nothing can be paired."""
    old = {effect.value: effect for effect in before.effects}
    pairs = [
        (old[effect.value], effect)
        for effect in after.effects
        if effect.value in old
        and effect.against == old[effect.value].against
        and not effect.is_reference
        and None not in (effect.change.value, old[effect.value].change.value)
    ]
    given = [pair for pair in pairs if pair[1].value != NOT_GIVEN and not pair[1].few]
    farthest = max(
        given or pairs,
        key=lambda pair: max(abs(effect.change.points) for effect in pair),
        default=None,
    )
    if farthest is None:
        return []
    one, other = farthest
    # A level that few met is no finding, whatever the driver's test says.
    clear = [
        driver.clear and effect.change.clear and not effect.few
        for driver, effect in ((before, one), (after, other))
    ]
    fate: Fate = "stays" if clear[0] else "found"
    if not clear[1]:
        fate = _lose(one.change.points, other.change.points) if clear[0] else "nothing"
    return [Twice(after, other, one.change, other.change, fate, few=other.few)]


def _lose(before: float, after: float) -> Fate:
    """Tell whether an effect that is no longer beyond chance is gone, or only less certain."""
    keeps = before * after > 0 and abs(after) >= _HALF * abs(before)
    return "unsure" if keeps else "gone"


def say_alike(controls: Sequence[str]) -> str:
    """Say among which contacts: "among contacts alike in touchpoint and channel"."""
    names = [shorten(name_column(name)) for name in controls]
    return f"among contacts alike in {write_list(names)}" if names else "with more held alike"
