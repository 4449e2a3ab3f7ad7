"""The one bound of an effect that has no end."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nps_kit.stats.drivers.ordinal import CUTS, ENDLESS, Fit, fit_ordinal
from nps_kit.stats.intervals import Floats

# Halving some thirty log odds this often leaves less than a hundredth: always on the far side.
_SEARCHES = 12
_MANY = 12


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
    ``wide**2 / 2`` under its top (profile likelihood); None where that is out of reach. Where many
    coefficients have no end, as with a driver of very many levels, the others of them are held
    where the model stopped: to let them run on in every search would take minutes.
    """
    held = np.arange(design.shape[1]) == column
    if fit.runaway.sum() > _MANY:
        held |= fit.runaway
    free = np.flatnonzero(~held)
    places = np.concatenate([np.arange(CUTS), CUTS + free])
    # The others hardly move: from their top it is a step or two.
    start = replace(fit, coefficients=fit.coefficients[free])

    def fix(value: float) -> Fit:
        coefficients = fit.coefficients.copy()
        coefficients[column] = value
        offset = design[:, held] @ coefficients[held]
        fixed = fit_ordinal(design[:, free], bands, start=start, offset=offset)
        coefficients[free] = fixed.coefficients
        covariance = np.zeros_like(fit.covariance)
        covariance[np.ix_(places, places)] = fixed.covariance
        runaway, tangled = np.zeros((2, held.size), dtype=np.bool_)
        runaway[free], tangled[free] = fixed.runaway, fixed.tangled
        return replace(
            fixed,
            coefficients=coefficients,
            covariance=covariance,
            runaway=runaway,
            tangled=tangled,
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
