"""Observed against expected: the answers of groups in strata, arrays in and arrays out."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nps_kit.scale import BANDS, POINTS
from nps_kit.stats.intervals import PSEUDO, Floats
from nps_kit.stats.samples import ratio

Places = npt.NDArray[np.int64]

CODES = np.array([POINTS[band] / 100 for band in BANDS])
"""What one answer of each band adds to a score on -1 to 1."""

_PRIOR = np.array(PSEUDO) / sum(PSEUDO)
_ADDED = sum(PSEUDO)


class Cells(NamedTuple):
    """The answers of each group in each stratum, one element a cell."""

    answers: Floats
    """Answers of each band, one row a cell."""
    group: Places
    stratum: Places
    n_groups: int

    @property
    def n(self) -> Floats:
        """Answers."""
        return np.asarray(self.answers.sum(axis=1))

    def by_group(self, values: Floats) -> Floats:
        """Add values up within groups."""
        return np.bincount(self.group, values, self.n_groups).astype(np.float64)

    def of_stratum(self, values: Floats) -> Floats:
        """Give each cell its stratum's sum."""
        return np.bincount(self.stratum, values).astype(np.float64)[self.stratum]


class Standard(NamedTuple):
    """What is found for each group, scores on -1 to 1."""

    n: Floats
    nps: Floats
    expected: Floats
    n_alone: Floats
    share_own: Floats
    """How much of what is expected of a group comes from itself."""
    error: Floats
    middle: Floats
    """Middle of the interval of the difference: of the scores after adding answers."""
    middle_error: Floats
    chance_error: Floats
    chance_skew: Floats


def compare_with_expected(cells: Cells) -> Standard:
    """Set observed against expected, with the standard error under the data and under chance."""
    n, group = cells.n, cells.group
    everyone = np.stack([cells.of_stratum(band) for band in cells.answers.T], axis=1)
    total = everyone.sum(axis=1)
    usual = ratio(everyone @ CODES, total)
    group_n = cells.by_group(n)
    in_group = group_n[group]
    mix = ratio(n, in_group)
    part = ratio(n, total)
    alone = n == total
    nps = ratio(cells.by_group(cells.answers @ CODES), group_n)
    expected = ratio(cells.by_group(np.where(n > 0, n * usual, 0.0)), group_n)

    # The group after adding answers in its own mix, and how far its answers lie from what
    # stratum and group together lead one to expect.
    shrink = ratio(group_n, group_n + _ADDED)
    shares = _mixed_with(cells.answers, n, in_group)
    offset = (nps * shrink - expected)[group]
    spread = (shares * (CODES - (usual + offset)[:, None]) ** 2).sum(axis=1)
    # Answers without company cannot differ from their standard: they are counted as if it were
    # known, or else the error of a group that is always alone would be zero.
    weight = np.where(alone, 1.0, (1 - part) ** 2)
    own = ratio(cells.by_group(_clean(n * weight * spread)), group_n * (group_n + _ADDED))
    rest = cells.by_group(_clean(mix**2 * _rest_variance(cells, everyone)))

    everywhere = float(n.sum())
    others = everywhere - group_n
    rest_shrink = ratio(others, others + _ADDED)
    rest_mean = ratio((everyone - cells.answers) @ CODES, total - n)
    own_mean = ratio(cells.answers @ CODES, n)
    apart = own_mean * shrink[group] - rest_mean * np.nan_to_num(rest_shrink)[group]
    middle = cells.by_group(_clean(mix * (1 - part) * apart))

    chance, third = _chance(cells, everyone, mix)
    known = group_n > 0
    chance_error = np.sqrt(chance)
    return Standard(
        n=group_n,
        nps=nps,
        expected=expected,
        n_alone=cells.by_group(np.where(alone, n, 0.0)),
        share_own=np.where(known, np.minimum(cells.by_group(_clean(mix * part)), 1.0), np.nan),
        # The added answers steady the middle, but not the difference that was observed.
        error=np.where(known, np.sqrt(_clean(own / shrink) + rest), np.nan),
        middle=np.where(known, middle, np.nan),
        middle_error=np.where(known, np.sqrt(_clean(own) + rest), np.nan),
        chance_error=np.where(known, chance_error, np.nan),
        chance_skew=np.where(known, np.nan_to_num(ratio(third, chance * chance_error)), np.nan),
    )


def _mixed_with(answers: Floats, n: Floats, in_group: Floats) -> Floats:
    """Give each cell's shares after its part of the answers added to its group."""
    shares = ratio(answers, n[:, None])
    return (shares * in_group[:, None] + _ADDED * _PRIOR) / (in_group[:, None] + _ADDED)


def _rest_variance(cells: Cells, everyone: Floats) -> Floats:
    """Find the variance that each stratum's other answers bring to its mean."""
    total = everyone.sum(axis=1)
    usual = (everyone + _ADDED * _PRIOR) / (total + _ADDED)[:, None]
    others = everyone - cells.answers
    n_others = total - cells.n
    shares = (others + _ADDED * usual) / (n_others + _ADDED)[:, None]
    variance = shares @ CODES**2 - (shares @ CODES) ** 2
    return ratio(n_others * variance, total**2)


def _chance(cells: Cells, everyone: Floats, mix: Floats) -> tuple[Floats, Floats]:
    """Find variance and third moment of each group's difference if chance divided each stratum.

    These are the moments of a mean of n drawn without replacement from the N of a stratum.
    """
    n, total = cells.n, everyone.sum(axis=1)
    shares = ratio(everyone, total[:, None])
    apart = CODES - (shares @ CODES)[:, None]
    second, cubed = ((shares * apart**power).sum(axis=1) for power in (2, 3))
    left = total - n
    variance = ratio(second * left, n * (total - 1))
    third = ratio(cubed * left * (left - n), n**2 * (total - 1) * (total - 2))
    return cells.by_group(_clean(mix**2 * variance)), cells.by_group(_clean(mix**3 * third))


def _clean(values: Floats) -> Floats:
    """Count what cannot be had as nothing: empty cells, and strata without others."""
    return np.nan_to_num(values)
