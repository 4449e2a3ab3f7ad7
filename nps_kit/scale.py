"""What a score means: the scales, the three bands and their order."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

BANDS = ("detractors", "passives", "promoters")
"""The three bands, always in this order."""

POINTS = {"detractors": -100, "passives": 0, "promoters": 100}
"""What one answer of each band adds to the score, before dividing by the answers."""

HIGHEST = 10
"""The highest score of any scale."""

ScaleName = Literal["0-10", "1-10"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of whole scores; its bands are those of `band_of`."""

    name: ScaleName
    lowest: int
    highest: int


SCALES: dict[str, Scale] = {
    "0-10": Scale("0-10", lowest=0, highest=HIGHEST),
    "1-10": Scale("1-10", lowest=1, highest=HIGHEST),
}
"""The scales that NPS is defined on. A 1-10 scale counts only where it is named."""

RATING_HIGHEST = 5
"""Scores that never pass this, and never fall under one, look like a 1-5 rating."""

_DETRACTORS_TO = 6
_PASSIVES_TO = 8


def band_of(score: str = "score") -> pl.Expr:
    """Sort scores into their bands: to 6 detractors, 7 and 8 passives, 9 and 10 promoters.

    Parameters
    ----------
    score
        Name of a column of whole scores on one of `SCALES`.

    Returns
    -------
    An expression ``band`` of type ``Enum(BANDS)``; null where the score is null.
    """
    value = pl.col(score)
    return (
        pl.when(value <= _DETRACTORS_TO)
        .then(pl.lit(BANDS[0]))
        .when(value <= _PASSIVES_TO)
        .then(pl.lit(BANDS[1]))
        .when(value.is_not_null())
        .then(pl.lit(BANDS[2]))
        .cast(pl.Enum(BANDS))
        .alias("band")
    )
