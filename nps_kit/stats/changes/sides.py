"""The two sides of a change: the answers and contacts of each segment, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nps_kit.scale import BANDS, POINTS
from nps_kit.stats.intervals import PSEUDO, Floats
from nps_kit.stats.samples import ratio

VALUES = np.array([POINTS[band] for band in BANDS], dtype=np.float64)
"""What an answer of each band is worth, in points."""

SMOOTHING = 4.0
"""With how many answers of the whole a segment is mixed, for its variance alone."""


@dataclass(frozen=True)
class Side:
    """One period, one element a segment.

    Parameters
    ----------
    bands
        Answers by segment and band, or their weights.
    squares
        The same, each weight squared; an answer that is not weighed counts 1.
    contacts
        Contacts of each segment; None where they are not known.
    """

    bands: Floats
    squares: Floats
    contacts: Floats | None = None

    @cached_property
    def size(self) -> Floats:
        """Answers of each segment, or their weights."""
        return np.asarray(self.bands.sum(axis=1), dtype=np.float64)

    @cached_property
    def total(self) -> float:
        """All answers, or their weights."""
        return float(self.size.sum())

    @cached_property
    def share(self) -> Floats:
        """Share of each segment in the answers."""
        return ratio(self.size, np.full_like(self.size, self.total))

    @cached_property
    def score(self) -> Floats:
        """Score of each segment, in points."""
        return ratio(self.bands @ VALUES, self.size)

    @cached_property
    def overall(self) -> float:
        """Score of all answers, in points."""
        return float(self.bands.sum(axis=0) @ VALUES) / self.total if self.total > 0 else np.nan


def invert(values: Floats) -> Floats:
    """Give one over each value, and 0 where there is nothing to divide by."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def smooth(side: Side, sides: Sequence[Side]) -> tuple[Floats, Floats]:
    """Spread each segment's answers a little over the bands, in the proportions of all answers.

    Three answers that are all alike would else have no variance at all.

    Parameters
    ----------
    side
        The period.
    sides
        Both periods, whose answers taken together are the whole.

    Returns
    -------
    Squared weights by segment and band, and how far an answer of the band lies from its segment's
    score, in points.
    """
    whole = sum((_count_plain(each) for each in sides), np.array(PSEUDO))
    shares = whole / whole.sum()
    squares = side.squares.sum(axis=1)
    plain = side.size**2 * invert(squares)
    own = (plain / (plain + SMOOTHING))[:, None]
    centre = (own * side.bands * invert(side.size)[:, None] + (1 - own) * shares) @ VALUES
    mass = own * side.squares + (1 - own) * shares * squares[:, None]
    # An answer lies nearer to the mean of its own few than to the truth.
    room = np.sqrt((plain + SMOOTHING) / (plain + SMOOTHING - 1))
    return mass, (VALUES - centre[:, None]) * room[:, None]


def _count_plain(side: Side) -> Floats:
    """Count a side by band in plain answers: the unit of weights is anybody's choice."""
    squares = float(side.squares.sum())
    each = side.total / squares if squares > 0 else 0.0
    return np.asarray(side.bands.sum(axis=0) * each, dtype=np.float64)
