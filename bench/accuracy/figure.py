"""One measured figure: a share of runs, its standard error, and the goal it was held to."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

ERRORS_ALLOWED = 3
"""A goal is missed only by more than this many standard errors."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The share of simulated runs in which something held."""

    method: str
    """What was tried, as it is called: ``compare_groups, holm``."""
    setting: str
    """Where: "12 groups of 40, shares 10/30/60"."""
    measure: str
    """Of what it is a share: "coverage", "family-wise error", "false alarm at the latest point"."""
    value: float
    runs: int
    goal: float | tuple[float, float] | None = None
    """A pair: neither less than the one nor more than the other; chance is in the pair already."""
    side: Literal["at most", "at least"] = "at most"
    """Of a single goal."""
    spread: float | None = None
    """Standard error, where runs are not independent answers of yes or no."""

    @property
    def error(self) -> float:
        """Standard error of `value`."""
        if self.spread is not None:
            return self.spread
        return sqrt(self.value * (1 - self.value) / self.runs)

    @property
    def missed(self) -> bool:
        """Whether the goal is missed by more than chance explains."""
        if self.goal is None:
            return False
        if isinstance(self.goal, tuple):
            return not self.goal[0] <= self.value <= self.goal[1]
        # A share of 0 or 1 has no spread of its own: that of the goal takes its place.
        error = self.error or sqrt(self.goal * (1 - self.goal) / self.runs)
        beyond = self.value - self.goal if self.side == "at most" else self.goal - self.value
        return beyond > ERRORS_ALLOWED * error

    @property
    def asked(self) -> str:
        """The goal in words; empty where there is none."""
        if self.goal is None:
            return ""
        if isinstance(self.goal, tuple):
            least, most = self.goal
            return f"{least:.4g}" if least == most else f"{least:.4g} to {most:.4g}"
        return f"{self.side} {self.goal:g}"
