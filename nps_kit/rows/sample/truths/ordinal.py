"""The ordinal model: proportional odds fitted to fractional counts, and its scores.

The kit's own driver model lives elsewhere and is tested against what is found here, so the two
share nothing.
"""

from dataclasses import dataclass

import numpy as np

from nps_kit.rows.sample.chance import Floats, sigmoid

_STEPS = 60
_CLOSE = 1e-8
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model: two thresholds, and one coefficient a column of the design."""

    low: float
    high: float
    coefficients: Floats

    def nps(self, design: Floats) -> Floats:
        """Give the score of each row of a design, in points."""
        eta = design @ self.coefficients
        return 100 * (sigmoid(eta - self.high) - sigmoid(self.low - eta))


def fit_ordinal(design: Floats, counts: Floats, *, start: Fit | None = None) -> Fit:
    """Fit P(to band k) = 1 / (1 + exp(eta - threshold k)) by Fisher scoring.

    Parameters
    ----------
    design
        One row a pattern, without a column of ones.
    counts
        One row a pattern, three columns: detractors, passives, promoters; they need not be whole.
    start
        A fit to begin from, of nearly the same counts.
    """
    if start is None:
        shares = counts.sum(axis=0) / counts.sum()
        low, high = np.log(shares[0] / (1 - shares[0])), np.log((1 - shares[2]) / shares[2])
        start = Fit(low, high, np.zeros(design.shape[1]))
    values = np.concatenate([[start.low, start.high], start.coefficients])
    for _ in range(_STEPS):
        score, information = _slopes(design, counts, values)
        step = np.linalg.solve(information, score)
        values = values + step
        if np.abs(step).max() < _CLOSE:
            break
    return Fit(low=float(values[0]), high=float(values[1]), coefficients=values[2:])


def _slopes(design: Floats, counts: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Give the score vector and the expected information at `values`."""
    eta = design @ values[2:]
    low, high = sigmoid(values[0] - eta), sigmoid(values[1] - eta)
    chances = np.maximum(np.column_stack([low, high - low, 1 - high]), _TINY)
    slope_low, slope_high = low * (1 - low), high * (1 - high)
    zero = np.zeros_like(eta)
    # What each band's chance gains from the two thresholds, and from eta: one row a band.
    gains = np.array(
        [
            [slope_low, -slope_low, zero],
            [zero, slope_high, -slope_high],
            [-slope_low, slope_low - slope_high, slope_high],
        ]
    )
    scores = (gains * (counts / chances).T).sum(axis=1)
    scaled = gains * (counts.sum(axis=1)[:, None] / chances).T
    rows = np.einsum("abn,cbn->acn", gains, scaled)
    size = len(values)
    information = np.empty((size, size))
    information[:2, :2] = rows[:2, :2].sum(axis=2)
    information[:2, 2:] = rows[:2, 2] @ design
    information[2:, :2] = information[:2, 2:].T
    information[2:, 2:] = design.T @ (design * rows[2, 2][:, None])
    score = np.concatenate([scores[:2].sum(axis=1), scores[2] @ design])
    return score, information
