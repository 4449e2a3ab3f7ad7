"""The one bound of an effect that has no end."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nps_kit.stats.drivers.ordinal import CUTS, ENDLESS, Fit, fit_ordinal
from nps_kit.stats.intervals import Floats

# Halving some thirty log odds this often leaves less than a hundredth: always on the far side.
_SEARCHES = 12


def bound_runaway(
    column: int, *, design: Floats, bands: npt.ArrayLike, fit: Fit, wide: float
) -> Fit | None:
    """Find how near to zero, or how far beyond it, a coefficient without an end can be.

    Parameters
    ----------
    column
        Its column in the design.
    design, bands
        As for `fit_ordinal`.
    fit
        The model of them, in which the coefficient is a runaway.
    wide
        Half the width of an interval, in standard errors.

    Returns
    -------
    The model with the coefficient fixed at its one bound, where the log-likelihood is
    ``wide**2 / 2`` under its top (profile likelihood); None where that is out of reach.
    """
    rest = np.delete(design, column, 1)
    place = CUTS + column
    # The others hardly move: from their top it is a step or two.
    start = replace(fit, coefficients=np.delete(fit.coefficients, column))

    def fix(value: float) -> Fit:
        fixed = fit_ordinal(rest, bands, start=start, offset=value * design[:, column])
        covariance = np.insert(fixed.covariance, place, 0.0, 0)
        return replace(
            fixed,
            coefficients=np.insert(fixed.coefficients, column, value),
            covariance=np.insert(covariance, place, 0.0, 1),
            runaway=np.insert(fixed.runaway, column, values=False),
            tangled=np.insert(fixed.tangled, column, values=False),
        )

    def is_likely(fixed: Fit) -> bool:
        return fit.log_likelihood - fixed.log_likelihood < wide**2 / 2

    likely = float(fit.coefficients[column])
    bound = -float(np.sign(likely)) * ENDLESS
    if is_likely(fix(bound)) or not is_likely(fix(likely)):
        return None
    found = None
    for _ in range(_SEARCHES):
        middle = (bound + likely) / 2
        fixed = fix(middle)
        if is_likely(fixed):
            likely = middle
        else:
            bound, found = middle, fixed
    return found if abs(bound) < ENDLESS else None
