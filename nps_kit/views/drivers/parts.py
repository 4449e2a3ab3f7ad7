"""What each driver costs and what a change would bring, read once for sentence and chart."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from nps_kit.views.drivers.effects import known, read_gave
from nps_kit.views.drivers.suppositions import suppose
from nps_kit.views.drivers.words import (
    name_driver,
    name_level,
    say_driver,
    say_nothing_found,
)
from nps_kit.views.gave import Gave
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_count,
    write_score,
    write_share,
)

_COSTS = (
    *("kind", "driver", "value", "against", "n", "lost", "low", "high"),
    *("start", "end", "level", "few"),
)
_SCENARIOS = (
    *("scenario", "driver", "value", "moved_from", "asked", "n", "n_moved", "share_moved"),
    *("nps_before", "nps_after", "change", "low", "high", "held", "effect"),
    *("leaves_data", "few", "level"),
)
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What one driver costs against its best level, and where its bar lies."""

    column: str
    best: str
    lost: Gave
    start: float | None
    end: float | None
    few: bool
    tested: bool | None
    """Whether the driver's own test finds it; None: the table does not tell."""

    @property
    def label(self) -> str:
        """Its name as a heading."""
        return name_driver(self.column)

    @property
    def spoken(self) -> str:
        """Its name within a sentence."""
        return say_driver(self.column)

    @property
    def clear(self) -> bool:
        """Whether points are lost beyond chance."""
        lost = self.lost.clear and self.lost.points > 0
        return lost and not self.few and self.tested is not False

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {"driver": self.column, "best": self.best, "lost": self.lost.value}


@dataclass(frozen=True, slots=True)
class Costs:
    """The way from the best score down to the score; `absent` says why there is none."""

    rows: tuple[Cost, ...]
    best: Gave
    score: Gave
    rest: Gave
    n: int
    level: float
    nothing: str
    """Says that nothing was found, where the table tells; else empty."""
    absent: str


def read_costs(contributions: pl.DataFrame, *, caller: str) -> Costs:
    """Read a table of contributions; its levels are left to the printed table.

    Parameters
    ----------
    contributions
        Table as `decompose_drivers` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The drivers in the order of the table, and both ends of the way.

    Raises
    ------
    MissingColumnError
        If `contributions` lacks a column that is needed.
    """
    check_columns(contributions, _COSTS, caller=caller, name="contributions")
    values = contributions.to_dicts()
    ends = {row["kind"]: row for row in values if row["kind"] in ("rest", "best", "score")}
    none = Gave(None, None, None)
    best, score = (
        read_gave(ends[kind], "end") if kind in ends else none for kind in ("best", "score")
    )
    has_ends = best.value is not None and score.value is not None
    first = values[0] if values else {}
    n = int(ends["score"]["n"] or 0) if "score" in ends else 0
    answers = write_count(n, "answer")
    return Costs(
        rows=tuple(
            Cost(
                column=str(row["driver"]),
                best=str(row["against"] or ""),
                lost=read_gave(row, "lost"),
                start=known(row["start"]),
                end=known(row["end"]),
                few=bool(row["few"]),
                tested=row["p_adjusted"] < 1 - (row["level"] or 0.95)
                if is_number(row.get("p_adjusted"))
                else None,
            )
            for row in values
            if row["kind"] == "driver"
        ),
        best=best,
        score=score,
        rest=read_gave(ends["rest"], "lost") if "rest" in ends else none,
        n=n,
        level=first.get("level") or 0.95,
        # Contributions are not tested by themselves; a table may carry the test of the drivers.
        nothing=say_nothing_found(first.get("p_overall"), answers=answers)
        if first.get("found") is False
        else "",
        absent="" if has_ends else NO_ANSWER,
    )


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: who is moved where, and what the model makes of it."""

    column: str
    """The driver; empty: all of them together."""
    value: str
    moved_from: str
    asked: float | None
    n_moved: float
    share_moved: float
    before: float | None
    after: float | None
    change: Gave
    held: tuple[str, ...]
    total: bool
    leaves_data: bool
    few: bool
    found: bool
    """Whether the drivers explain the score beyond chance at all."""

    @property
    def clear(self) -> bool:
        """Whether the score changes beyond chance."""
        return self.found and self.change.clear

    @property
    def label(self) -> str:
        """What is done, as a heading: "Wait: under 2 min"."""
        if not self.column:
            return "All of it together"
        return f"{start_sentence(name_driver(self.column))}: {self.value}"

    @property
    def spoken(self) -> str:
        """What is supposed, before the score that follows: "if nobody had to repeat themselves"."""
        if not self.column:
            return "if all of it came together"
        return suppose(
            self.column, value=self.value, moved_from=self.moved_from, portion=self.portion()
        )

    @property
    def heading(self) -> str:
        """The same without "if": "Nobody had to repeat themselves"."""
        if not self.column or not self.spoken.startswith("if "):
            return self.label
        return start_sentence(self.spoken.removeprefix("if "))

    @property
    def before_told(self) -> str:
        """The score as it is, as finely as tells it from the other by the change."""
        return self._tell_end(self.before)

    @property
    def after_told(self) -> str:
        """The score as it would be."""
        return self._tell_end(self.after)

    def _tell_end(self, end: float | None) -> str:
        if self.before is None or self.after is None or end is None:
            return ""
        # Whole points that do not differ by the change would deny it.
        gap = round(self.after) - round(self.before)
        return write_score(end, decimals=int(gap != round(self.after - self.before)))

    @property
    def touched(self) -> str:
        """How many answers are moved: "3,891 answers, 32 %"."""
        if not self.n_moved:
            return "nobody"
        return f"{write_count(round(self.n_moved), 'answer')}, {write_share(self.share_moved)}"

    def touches(self, n: int) -> str:
        """Say how many contacts are touched, of all: "3,891 of 11,982 contacts"."""
        # A part of a group may be less than one contact.
        moved = f"{round(self.n_moved):,}" if self.n_moved >= _HALF else "fewer than one"
        return f"{moved} of {write_count(n, 'contact')}"

    @property
    def sound(self) -> bool:
        """Whether it is told by the data, and by enough of them."""
        return self.change.value is not None and not (self.leaves_data or self.few)

    def portion(self) -> str:
        """Write the part that is moved: "all", "half", "30 %"."""
        if not is_number(self.asked) or self.asked >= 1:
            return "all"
        return "half" if self.asked == _HALF else write_share(self.asked)

    def whence(self) -> str:
        """Say who is moved: "half of those at 1, 2 or more"; nothing of several together."""
        if not self.moved_from:
            return ""
        who = self.portion()
        if self.value in ("yes", "no"):
            return "all others" if who == "all" else f"{who} of the others"
        return f"{who if who == 'all' else f'{who} of those'} at {self.moved_from}"

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {
            "driver": self.column or None,
            "value": self.value,
            "n_moved": self.n_moved,
            "change": self.change.value,
            "low": self.change.low,
            "high": self.change.high,
            "leaves_data": self.leaves_data,
        }


@dataclass(frozen=True, slots=True)
class Scenarios:
    """A table of scenarios as a reader sees it; one alone is not told twice."""

    rows: tuple[Scenario, ...]
    n: int
    level: float
    absent: str

    @property
    def alone(self) -> tuple[Scenario, ...]:
        """The scenarios of one driver each."""
        return tuple(row for row in self.rows if row.column)

    @property
    def whole(self) -> Scenario | None:
        """All of them together, or the only one."""
        return self.rows[-1] if self.rows else None


def read_scenarios(scenarios: pl.DataFrame, *, caller: str) -> Scenarios:
    """Read a table of scenarios row by row.

    Parameters
    ----------
    scenarios
        Table as `simulate_what_if` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The scenarios in the order of the table, those together last.

    Raises
    ------
    MissingColumnError
        If `scenarios` lacks a column that is needed.
    """
    check_columns(scenarios, _SCENARIOS, caller=caller, name="scenarios")
    values = scenarios.to_dicts()
    alone = [row for row in values if row["scenario"] == "alone"]
    together = [row for row in values if row["scenario"] != "alone"]
    shown = alone if len(alone) == 1 else [*alone, *together]
    rows = tuple(_read_scenario(row) for row in shown)
    return Scenarios(
        rows=rows,
        n=int(values[0]["n"] or 0) if values else 0,
        level=(values[0]["level"] if values else None) or 0.95,
        absent="" if rows else NO_ANSWER,
    )


def _read_scenario(row: dict[str, Any]) -> Scenario:
    held = str(row["held"] or "")
    return Scenario(
        column=str(row["driver"] or ""),
        value=name_level(row["value"]) if row["value"] is not None else "",
        moved_from=name_level(row["moved_from"]) if row["moved_from"] else "",
        asked=known(row["asked"]),
        n_moved=row["n_moved"] or 0.0,
        share_moved=row["share_moved"] or 0.0,
        before=known(row["nps_before"]),
        after=known(row["nps_after"]),
        change=read_gave(row, "change"),
        held=tuple(name_driver(name) for name in held.split(", ") if name),
        total=row["effect"] == "total",
        leaves_data=bool(row["leaves_data"]),
        few=bool(row["few"]),
        found=row.get("found") is not False,
    )
