"""Least squares of -100, 0 and 100 on columns: what is left unexplained."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.scale import BANDS, POINTS
from nps_kit.stats.intervals import Floats

# Share of a column's variance that is none of its own.
_OWN = 1e-10


class Squares(NamedTuple):
    """Means of squares and products of a design and the points, over the answers."""

    gram: Floats
    """Of the columns, each scaled to a variance of 1."""
    slopes: Floats
    """Of the columns and the points, these scaled so, too."""

    def leave(self, columns: npt.NDArray[np.intp]) -> float:
        """Give the share of the points' variance that a model of some columns leaves.

        Parameters
        ----------
        columns
            Places in the design; those that repeat others add nothing.
        """
        gram, slopes = self.gram[np.ix_(columns, columns)], self.slopes[columns]
        inverse = np.linalg.pinv(gram, rcond=_OWN, hermitian=True)
        return max(float(1 - slopes @ inverse @ slopes), 0.0)


def sum_squares(design: Floats, bands: npt.ArrayLike) -> Squares:
    """Sum up what least squares needs to know of the answers.

    Parameters
    ----------
    design
        One row a pattern, without a column of ones.
    bands
        One row a pattern, three columns: detractors, passives, promoters.

    Returns
    -------
    The means; where all answers are alike no column explains anything.
    """
    counts = np.asarray(bands, dtype=np.float64)
    n = max(counts.sum(), 1.0)
    points = np.array([POINTS[band] for band in BANDS], dtype=np.float64)
    far = points - (counts @ points).sum() / n
    share = counts.sum(axis=1) / n
    centred = design - share @ design
    spread = np.sqrt(share @ centred**2)
    centred = centred / np.where(spread > 0, spread, 1.0)
    whole = np.sqrt((counts @ far**2).sum() / n)
    slopes = centred.T @ (counts @ far) / n / (whole if whole > 0 else 1.0)
    return Squares(centred.T @ (centred * share[:, None]), slopes)
