"""The parts of a change with their standard errors: two sides in, arrays out, in points.

Every part is, for each segment, a product: how far a share moved times how far the score lies from
the average, or a share times how far the score rose. Its variance follows from its slopes at the
counts of both periods (the delta method). At the counts of other segments those slopes are a few
factors of features that all segments share, which is why a hundred thousand of them cost no more
than their own cells.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from nps_kit.stats.changes.crossing import Crossed, cross
from nps_kit.stats.changes.sides import VALUES, Side, invert, smooth
from nps_kit.stats.intervals import Floats

_CROWD = 3.0
"""How much variance is put back where few segments carry it: see `_settle`."""

_DUST = 1e-9
"""A variance in points that no number of answers can reach, but rounding can."""


class Part(NamedTuple):
    """One part of a change, with its standard error: by segment, and at the end for all."""

    value: Floats
    error: Floats


class _Product(NamedTuple):
    """A number a segment: an amount (of share) times a height (in points)."""

    amount: Floats
    height: Floats
    factors: tuple[tuple[float, float, float], ...]
    """For each side: how the amount is made of the crossed shares and of that side's share."""
    gains: tuple[Floats, Floats]
    """For each side: how the height follows the segment's score there."""
    centre: float
    """How the height follows the score of all."""

    def lone(self) -> "_Product":
        """Give the amount alone."""
        none = np.zeros_like(self.amount)
        return self._replace(height=np.ones_like(self.height), gains=(none, none), centre=0.0)


class _Cells:
    """The counts of one side by segment and cell: the bands, and contacts without an answer."""

    def __init__(self, place: int, sides: tuple[Side, Side], crossed: Crossed | None) -> None:
        side = sides[place]
        self.place = place
        self.mass, away = smooth(side, sides)
        per_answer = invert(side.size)
        self.score = away * per_answer[:, None]
        overall = (VALUES - side.overall) / side.total
        # The shares that move, and what the logarithm of each does as a cell grows by one.
        self.shares = side.share[:, None]
        logs = np.repeat(per_answer[:, None, None], VALUES.size, axis=1)
        if crossed is not None:
            silent = crossed.silent[place]
            self.mass = np.column_stack([self.mass, silent])
            self.score = np.column_stack([self.score, np.zeros_like(silent)])
            overall = np.append(overall, 0.0)
            self.shares = np.column_stack([*crossed.shares, side.share])
            answer = np.column_stack([crossed.slopes[place][:, 0], per_answer])
            alone = np.column_stack([crossed.slopes[place][:, 1], np.zeros_like(silent)])
            logs = np.stack([*[answer] * VALUES.size, alone], axis=1)
        self.moves = logs * self.shares[:, None, :]
        spread = np.broadcast_to(overall[None, :, None], (*self.mass.shape, 1))
        self.features = np.concatenate([self.moves, spread], axis=2)
        flat = self.features.reshape(-1, self.features.shape[2])
        self.gram = flat.T @ (flat * self.mass.reshape(-1, 1))

    def vary(self, products: Sequence[_Product]) -> Floats:
        """Give the part of this side in the variance of a sum of products, segment by segment."""
        slopes = [self._slopes(product) for product in products]
        others = sum((each[0] for each in slopes[1:]), slopes[0][0])
        own = sum((each[1] for each in slopes[1:]), slopes[0][1])
        far = ((others @ self.gram) * others).sum(axis=1)
        at_home = (self.features @ others[:, :, None])[:, :, 0]
        near = (self.mass * own * (2 * at_home + own)).sum(axis=1)
        return np.asarray(far + near, dtype=np.float64)

    def vary_sum(self, products: Sequence[_Product]) -> float:
        """Give the part of this side in the variance of products summed over all segments."""
        slopes = np.zeros_like(self.mass)
        for product in products:
            far = product.height[:, None] - product.height @ self.shares
            slopes += self._home(product, lean=far * self._factors(product))
        return float((self.mass * slopes**2).sum())

    def vary_scores(self) -> Floats:
        """Give the variance of each segment's score."""
        return np.asarray((self.mass * self.score**2).sum(axis=1), dtype=np.float64)

    def _slopes(self, product: _Product) -> tuple[Floats, Floats]:
        """Give slopes at any segment's cells, as factors of the features, and what is own on top.

        A share moves as its own logarithm does, less the sum of all shares' moves.
        """
        lean = product.height[:, None] * self._factors(product)
        spread = (product.centre * product.amount)[:, None]
        others = np.concatenate([-self.shares * lean, spread], axis=1)
        return others, self._home(product, lean=lean)

    def _home(self, product: _Product, *, lean: Floats) -> Floats:
        gain = (product.amount * product.gains[self.place])[:, None]
        moved = (self.moves @ lean[:, :, None])[:, :, 0]
        return np.asarray(moved + gain * self.score, dtype=np.float64)

    def _factors(self, product: _Product) -> Floats:
        # Without contacts there is but one share, the last.
        return np.array(product.factors[self.place][-self.shares.shape[1] :])


def split_change(before: Side, after: Side) -> dict[str, Part]:
    """Split a change of the score into its parts.

    Parameters
    ----------
    before, after
        The sides; both have answers.

    Returns
    -------
    ``mix``, ``rate`` and their sum ``change``; where contacts are known also ``contacts`` and
    ``response``, whose sum is ``mix``.
    """
    sides = (before, after)
    crossed = cross(before, after)
    cells = [_Cells(place, sides, crossed) for place in (0, 1)]
    mix, rate = _mix(before, after), _rate(before, after)
    products = {"mix": mix, "rate": rate}
    if crossed is not None:
        half = (crossed.shares[0] - crossed.shares[1]) / 2
        products["contacts"] = mix._replace(
            amount=mix.amount / 2 + half, factors=((0.5, -0.5, -0.5), (0.5, -0.5, 0.5))
        )
        products["response"] = mix._replace(
            amount=mix.amount / 2 - half, factors=((-0.5, 0.5, -0.5), (-0.5, 0.5, 0.5))
        )
    parts = {name: _settle(product, cells) for name, product in products.items()}
    both = [mix.amount * mix.height + rate.amount * rate.height]
    both.append(np.array([after.overall - before.overall]))
    variances = [_add(each.vary([mix, rate]) for each in cells)]
    variances.append(np.array([sum(each.vary_sum([mix, rate]) for each in cells)]))
    parts["change"] = Part(np.concatenate(both), _root(np.concatenate(variances)))
    return parts


def _mix(before: Side, after: Side) -> _Product:
    """Weigh the move of each share with how far the segment's score lies from the average."""
    # A segment that is new or gone has one score, which stands for both.
    there = [side.size > 0 for side in (before, after)]
    weights = [np.where(there[0] & there[1], 0.5, each.astype(np.float64)) for each in there]
    scores = [np.nan_to_num(side.score) for side in (before, after)]
    level = weights[0] * scores[0] + weights[1] * scores[1]
    return _Product(
        amount=after.share - before.share,
        height=level - (before.overall + after.overall) / 2,
        factors=((0.0, 0.0, -1.0), (0.0, 0.0, 1.0)),
        gains=(weights[0], weights[1]),
        centre=-0.5,
    )


def _rate(before: Side, after: Side) -> _Product:
    """Weigh the rise of each segment's score with its share, where it has answers both times."""
    both = ((before.size > 0) & (after.size > 0)).astype(np.float64)
    rise = np.where(both, np.nan_to_num(after.score) - np.nan_to_num(before.score), 0.0)
    return _Product(
        amount=(before.share + after.share) / 2,
        height=rise,
        factors=((0.0, 0.0, 0.5), (0.0, 0.0, 0.5)),
        gains=(-both, both),
        centre=0.0,
    )


def _settle(product: _Product, cells: Sequence[_Cells]) -> Part:
    """Give a product with its standard error, of each segment and of all.

    Both factors of a product are estimated, and the plain delta method counts the product of their
    two variances twice. With many segments it is taken off once, which makes the variance of their
    sum right on average. Where one or two segments carry it, the product is far from normal and
    the plain interval covers too little: there as much is put back, and more.
    """
    scores = _add(product.gains[each.place] ** 2 * each.vary_scores() for each in cells)
    shaky = _add(each.vary([product.lone()]) for each in cells) * scores
    segments = _add(each.vary([product]) for each in cells) + (_CROWD - 1) * shaky
    twice, lone = float(shaky.sum()), float(np.sqrt((shaky**2).sum()))
    plain = sum(each.vary_sum([product]) for each in cells)
    total = max(plain - twice + _CROWD * lone, twice)
    values = product.amount * product.height
    return Part(np.append(values, values.sum()), _root(np.append(segments, total)))


def _add(arrays: Iterable[Floats]) -> Floats:
    return np.asarray(sum(arrays), dtype=np.float64)


def _root(variances: Floats) -> Floats:
    """Give standard errors; what rounding leaves of a variance of nothing is nothing."""
    return np.asarray(np.sqrt(np.where(variances > _DUST, variances, 0.0)), dtype=np.float64)
