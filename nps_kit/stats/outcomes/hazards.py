"""Proportional hazards from counts: Cox's model, with Efron's ties, on patterns and days."""

from typing import NamedTuple

import numpy as np
from scipy import special

from nps_kit.stats.intervals import Floats

_STEPS = 40
_HALVINGS = 30
_CLOSE = 1e-9
_FARTHEST = 12.0
_LONGEST_STEP = 2.0
_FLAT = 1e12

_MOST_TIES = 4096
"""Of more who leave on one day, so many stand for all: the sums change by a part in 10**8."""


class Spells(NamedTuple):
    """Cells of people with one pattern, followed as long, with one end."""

    days: Floats
    left: Floats
    n: Floats
    pattern: np.typing.NDArray[np.int64]
    """Which row of the patterns each cell has."""


class Fit(NamedTuple):
    """A model that was fitted: log hazard ratios, their covariance, and a test of their rest."""

    log_ratios: Floats
    """NaN for what cannot be told from the others, or from too few who left."""
    covariance: Floats
    log_likelihood: float
    p_proportional: Floats
    """Whether each log hazard ratio drifts with time (p-value)."""


class _Risk(NamedTuple):
    """Who was at risk and who left, by day and pattern, on the days on which someone left."""

    at_risk: Floats
    gone: Floats
    ties: Floats
    """How many left on each day."""
    day: np.typing.NDArray[np.int64]
    """For each one who left, or each that stands for some, the day."""
    step: Floats
    """The share of that day's leavers counted before."""
    many: Floats
    """How many each stands for."""
    staying: Floats
    """Share of all that stays until each day."""


def fit_hazards(spells: Spells, patterns: Floats) -> Fit:
    """Fit Cox's proportional hazards by Newton's method.

    Parameters
    ----------
    spells
        Cells; `n` says how many people each holds.
    patterns
        One row a pattern, one column a term.

    Returns
    -------
    The fit; exactly that of one row a person. A term that nobody who left had, or that is made of
    those before it, is NaN, and does not touch the rest.

    Notes
    -----
    Efron (1977), Journal of the American Statistical Association 72, 557-565. Weighting cells
    inside a program made for rows does not give this: it takes one cell for one who left.

    Proportionality: the score test of Grambsch and Therneau (1994), Biometrika 81, 515-526, on
    the Kaplan-Meier scale of time.
    """
    width = patterns.shape[1]
    risk = _narrow(_lay_out(spells, patterns.shape[0]), patterns)
    free = _find_free(risk, patterns)
    empty = Fit(*_nothing(width))
    if not free.size:
        return empty
    found = _climb(risk, patterns[:, free])
    if found is None:
        return empty
    beta, information, height, residuals = found
    log_ratios, covariance, p_drift = _nothing(width)[0], _nothing(width)[1], np.full(width, np.nan)
    inverse: Floats = np.linalg.inv(information).astype(np.float64)
    log_ratios[free] = beta
    covariance[np.ix_(free, free)] = inverse
    p_drift[free] = _test_drift(risk, residuals, inverse)
    return Fit(log_ratios, covariance, height, p_drift)


def _nothing(width: int) -> tuple[Floats, Floats, float, Floats]:
    none = np.full(width, np.nan)
    return none, np.full((width, width), np.nan), np.nan, none.copy()


def _lay_out(spells: Spells, width: int) -> _Risk:
    event = (spells.left > 0) & (spells.n > 0)
    times = np.unique(spells.days[event])
    shape = (times.size, width)
    gone, stop = np.zeros(shape), np.zeros((times.size + 1, width))
    np.add.at(
        gone,
        (np.searchsorted(times, spells.days[event]), spells.pattern[event]),
        spells.n[event],
    )
    # At risk on every day up to the last one followed.
    last = np.searchsorted(times, spells.days, side="right")
    np.add.at(stop, (last, spells.pattern), spells.n)
    at_risk = np.cumsum(stop[::-1], axis=0)[::-1][1:]
    ties = gone.sum(axis=1)
    stand = np.minimum(ties, _MOST_TIES)
    day = np.repeat(np.arange(times.size), stand.astype(np.int64))
    place = np.arange(day.size) - (np.cumsum(stand) - stand)[day]
    many = (ties / stand)[day]
    step = ((place + 0.5) * many - 0.5) / ties[day]
    staying = np.cumprod(1 - ties / np.maximum(at_risk.sum(axis=1), 1))
    return _Risk(at_risk, gone, ties, day, step, many, staying)


def _narrow(risk: _Risk, patterns: Floats) -> _Risk:
    """Take those out of risk who share with no leaver what all leavers share.

    Their hazard is estimated as none at all; in the limit that is what it comes to.
    """
    left = patterns[risk.gone.sum(axis=0) > 0]
    if not left.size:
        return risk
    shared = np.ptp(left, axis=0) == 0
    faced = (patterns[:, shared] == left[0, shared]).all(axis=1)
    return risk._replace(at_risk=risk.at_risk * faced)


def _find_free(risk: _Risk, patterns: Floats) -> np.typing.NDArray[np.int64]:
    """Find the terms that can be told apart among those at risk when someone left."""
    seen = risk.at_risk[0] > 0 if len(risk.at_risk) else np.zeros(len(patterns), np.bool_)
    if not seen.any():
        return np.zeros(0, np.int64)
    rows = patterns[seen] - patterns[seen].mean(axis=0)
    free: list[int] = []
    for term in range(patterns.shape[1]):
        if np.linalg.matrix_rank(rows[:, [*free, term]]) > len(free):
            free.append(term)
    return np.array(free, np.int64)


def _climb(risk: _Risk, terms: Floats) -> tuple[Floats, Floats, float, Floats] | None:
    beta = np.zeros(terms.shape[1])
    height, slope, information, residuals = _measure(risk, terms, beta)
    for _ in range(_STEPS):
        if not np.linalg.cond(information) < _FLAT:
            return None
        step = np.linalg.solve(information, slope)
        step = step * min(1.0, _LONGEST_STEP / max(float(np.max(np.abs(step))), _CLOSE))
        for _ in range(_HALVINGS):
            ahead = _measure(risk, terms, beta + step)
            if ahead[0] >= height - _CLOSE * abs(height):
                break
            step = step / 2
        beta = beta + step
        height, slope, information, residuals = ahead
        if np.max(np.abs(beta)) > _FARTHEST:
            return None  # a ratio without end: nobody left on one side of a mixture of terms
        if np.max(np.abs(step)) < _CLOSE and np.linalg.cond(information) < _FLAT:
            return beta, information, height, residuals
    return None


def _measure(risk: _Risk, terms: Floats, beta: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Give the log-likelihood, its slope, its information, and each day's residuals."""
    score = terms @ beta
    weight = np.exp(score)
    weighed = terms * weight[:, None]
    squares = (weighed[:, :, None] * terms[:, None, :]).reshape(len(terms), -1)
    total, total_gone = risk.at_risk @ weight, risk.gone @ weight
    first, first_gone = risk.at_risk @ weighed, risk.gone @ weighed
    second, second_gone = risk.at_risk @ squares, risk.gone @ squares

    # Each leaver of a day faces those at risk, less a share of the day's own leavers.
    facing = total[risk.day] - risk.step * total_gone[risk.day]
    days = risk.ties.size

    def add(values: Floats) -> Floats:
        return np.bincount(risk.day, weights=values, minlength=days).astype(np.float64)

    one, part = add(risk.many / facing), add(risk.many * risk.step / facing)
    square, cross, both = (add(risk.many * risk.step**power / facing**2) for power in range(3))
    expected = one[:, None] * first - part[:, None] * first_gone
    residuals = risk.gone @ terms - expected
    height = float((risk.gone @ score).sum() - risk.many @ np.log(facing))
    crossed = (cross[:, None] * first).T @ first_gone
    information = (
        (one @ second - part @ second_gone).reshape(beta.size, beta.size)
        - (square[:, None] * first).T @ first
        + crossed
        + crossed.T
        - (both[:, None] * first_gone).T @ first_gone
    )
    return height, residuals.sum(axis=0), information, residuals


def _test_drift(risk: _Risk, residuals: Floats, inverse: Floats) -> Floats:
    time = 1 - risk.staying
    leavers = risk.ties.sum()
    apart = time - (time @ risk.ties) / leavers
    if time.size < 2:  # noqa: PLR2004 - on one day nothing drifts
        return np.full(len(inverse), np.nan)
    drift = (apart @ residuals) @ inverse * leavers
    scale = leavers * np.diag(inverse) * (apart**2 @ risk.ties)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(scale > 0, drift**2 / scale, np.nan)
    p_values: Floats = special.chdtrc(1, statistic)
    return p_values
