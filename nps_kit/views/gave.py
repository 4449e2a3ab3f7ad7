"""What one part of a change or one driver gave, with its bounds, as views read it."""

from dataclasses import dataclass
from typing import Any

from nps_kit.views.wording import is_number, write_points, write_score, write_span

_MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Gave:
    """What one part gave, with its bounds; nothing where it cannot be had."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def points(self) -> float:
        """The points of a part that is known."""
        return 0.0 if self.value is None else self.value

    @property
    def clear(self) -> bool:
        """Whether zero lies outside the bounds."""
        return is_number(self.low) and is_number(self.high) and (self.low > 0 or self.high < 0)

    @property
    def decimals(self) -> int:
        """How many decimals show on which side of zero it lies; none where that is not known."""
        if not self.clear:
            return 0
        near = min(abs(self.low or 0.0), abs(self.high or 0.0))
        enough = (d for d in range(_MOST_DECIMALS) if float(write_points(near, decimals=d)))
        return next(enough, _MOST_DECIMALS)

    def told(self) -> str:
        """Write the points with their bounds, if it has any."""
        return ", ".join(part for part in (self.score(), self.span()) if part)

    def score(self) -> str:
        """Write the points."""
        return write_score(self.points, decimals=self.decimals)

    def span(self) -> str:
        """Write the bounds."""
        return write_span(self.low, self.high, decimals=self.decimals)

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {"points": self.value, "low": self.low, "high": self.high, "clear": self.clear}
