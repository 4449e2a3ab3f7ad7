"""The rows of a ranking of drivers, read once for the sentence, the chart and the table."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from nps_kit.views.drivers.effects import known, read_gave
from nps_kit.views.drivers.words import name_driver, say_driver, say_nothing_found
from nps_kit.views.gave import Gave
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import is_number, write_count, write_share

ARROWS = {"up": "↑", "down": "↓", "mixed": "↕"}
"""How the score goes along the order of a driver's levels."""

DIRECTIONS = {"up": "rises with it", "down": "falls with it", "mixed": "rises and falls"}
"""The same in words."""

_NEEDS = (
    *("driver", "n", "share_explained", "explained_low", "explained_high"),
    *("direction", "best", "worst", "change", "low", "high", "share_best", "lost"),
    *("level", "p_adjusted", "p_overall", "found", "few"),
)
_FINE = 0.01


@dataclass(frozen=True, slots=True)
class Rank:
    """One driver: how much it explains, and how near the answers are to its best level."""

    column: str
    n: int
    explained: Gave
    """Share of the differences between answers, 0 to 1."""
    direction: str
    best: str
    worst: str
    change: Gave
    share_best: float | None
    lost: float | None
    p_adjusted: float | None
    clear: bool
    few: bool

    @property
    def label(self) -> str:
        """Its name as a heading."""
        return name_driver(self.column)

    @property
    def spoken(self) -> str:
        """Its name within a sentence."""
        return say_driver(self.column)

    @property
    def arrow(self) -> str:
        """The sign of its direction, with a space after; none without order or beyond chance."""
        return f"{ARROWS[self.direction]} " if self.clear and self.direction in ARROWS else ""

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {
            "driver": self.column,
            "share_explained": self.explained.value,
            "change": self.change.value,
            "share_best": self.share_best,
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking as a reader sees it; `absent` says why there is nothing to see."""

    rows: tuple[Rank, ...]
    n: int
    level: float
    p_overall: float | None
    found: bool
    absent: str

    @property
    def answers(self) -> str:
        """How many answers there are."""
        return write_count(self.n, "answer")

    def nothing(self) -> str:
        """Say that nothing was found; nothing where something was."""
        return "" if self.found else say_nothing_found(self.p_overall, answers=self.answers)


def read_ranking(ranking: pl.DataFrame, *, caller: str) -> Ranking:
    """Read a ranking row by row.

    Parameters
    ----------
    ranking
        Table as `rank_drivers` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The drivers in the order of the table, and what they share.

    Raises
    ------
    MissingColumnError
        If `ranking` lacks a column that is needed.
    """
    check_columns(ranking, _NEEDS, caller=caller, name="ranking")
    values = ranking.to_dicts()
    first = values[0] if values else {}
    level, found = first.get("level") or 0.95, bool(first.get("found"))
    n = max((int(row["n"] or 0) for row in values), default=0)
    return Ranking(
        rows=tuple(_read_rank(row, level=level) for row in values),
        n=n,
        level=level,
        p_overall=first.get("p_overall"),
        found=found,
        absent="" if n else NO_ANSWER,
    )


def _read_rank(row: dict[str, Any], *, level: float) -> Rank:
    p_adjusted = row["p_adjusted"]
    certain = is_number(p_adjusted) and p_adjusted < 1 - level
    return Rank(
        column=str(row["driver"]),
        n=int(row["n"] or 0),
        explained=read_gave(row, "share_explained", head="explained_"),
        direction=str(row["direction"] or ""),
        best=str(row["best"] or ""),
        worst=str(row["worst"] or ""),
        change=read_gave(row, "change"),
        share_best=known(row["share_best"]),
        lost=known(row["lost"]),
        p_adjusted=known(p_adjusted),
        clear=bool(row["found"]) and certain,
        few=bool(row["few"]),
    )


def write_explained(share: float | None) -> str:
    """Write a share of the differences: whole percentages, below one with a decimal."""
    if not is_number(share):
        return "\u2013"
    if not share or share >= _FINE:
        return write_share(share)
    tenths = f"{100 * share:.1f}"
    return f"{tenths} %" if float(tenths) else "<0.1 %"
