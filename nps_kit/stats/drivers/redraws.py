"""The model of samples drawn from its own answers, without climbing all the way each time."""

from dataclasses import replace

import numpy as np
from scipy import special

from nps_kit.stats.drivers.ordinal import (
    CUTS,
    Fit,
    Ints,
    find_step,
    fit_ordinal,
    sum_slopes,
    take_sides,
)
from nps_kit.stats.intervals import Floats

NEAR = 0.5
"""Log odds that one step may lead: those of a sample that leads further are fitted in full."""


class Redraws:
    """Fits of samples drawn from the answers of a fit: one step of Newton's method from it.

    A sample drawn from the answers has its top near theirs, so one step leads nearly there: what is
    left out is of the order of the step squared (k-step bootstrap: Andrews 2002, "Higher-order
    improvements of a computationally attractive k-step bootstrap for extremum estimators",
    Econometrica 70, 119-162). Where the step is long, as for levels with few answers, the sample is
    fitted in full.

    Parameters
    ----------
    design
        One row a pattern.
    fit
        The model of the answers, three bands or fewer.
    """

    def __init__(self, design: Floats, fit: Fit) -> None:
        self._design = design
        self._fit = fit
        low, high = fit.thresholds
        self._whole = bool(np.isfinite(fit.thresholds).all() and low < high)
        if self._whole:
            self._gap = float(high - low)
            distance = (design @ fit.coefficients)[None, :] - fit.thresholds[:, None]
            self._beyond = special.expit(distance)
            self._inside = self._beyond * special.expit(-distance)

    def fit(self, bands: Ints) -> Fit:
        """Fit a sample.

        Parameters
        ----------
        bands
            Its detractors, passives and promoters: one row a pattern, of which many have none.

        Returns
        -------
        Its thresholds and coefficients; all else is that of the model it was drawn from.
        """
        drawn = np.flatnonzero(bands.any(axis=1))
        design, counts = self._design[drawn], bands[drawn].astype(np.float64)
        if self._whole:
            slope, information, _ = sum_slopes(
                design,
                take_sides(counts, np.arange(CUTS + 1)),
                beyond=self._beyond[:, drawn],
                inside=self._inside[:, drawn],
                gap=self._gap,
            )
            step = find_step(information, slope)
            # What has no end stays where it is.
            step[CUTS:][self._fit.runaway] = 0.0
            if np.abs(step).max() <= NEAR:
                return replace(
                    self._fit,
                    thresholds=self._fit.thresholds + step[:CUTS],
                    coefficients=self._fit.coefficients + step[CUTS:],
                )
        return fit_ordinal(design, counts, start=self._fit)
