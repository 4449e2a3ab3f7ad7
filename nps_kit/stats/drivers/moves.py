"""Who a scenario moves: from which levels of a driver to which."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nps_kit.errors import OptionError, listed, nearest
from nps_kit.stats.drivers.ordinal import CUTS, Fit, Flags
from nps_kit.stats.drivers.patterns import NOT_GIVEN, Factor, Patterns
from nps_kit.stats.intervals import Floats

Who = Literal["worse", "all"]

# Standard errors from which a driver is taken to go up.
_CLEAR = 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """One driver that is moved to one of its levels."""

    factor: Factor
    place: int
    """Its column in the codes; -1: it has one level, and nothing moves."""
    target: int
    """Place of the level it is moved to."""
    moved: Flags
    """Which levels are moved."""
    share: float
    known: bool
    """Whether its effect can be had."""
    fewest: float
    """Answers at the level aimed at, or at those that are moved, if these are fewer."""

    def tell(self) -> dict[str, object]:
        """Tell who is moved where."""
        levels = zip(self.factor.levels, self.moved, strict=True)
        return {
            "driver": self.factor.name,
            "value": self.factor.levels[self.target],
            "moved_from": ", ".join(value for value, is_moved in levels if is_moved),
            "asked": self.share,
        }


class Plan:
    """Who is to be moved, by the model of the answers.

    Parameters
    ----------
    patterns
        The answers, at least one.
    fit
        Their model.
    who
        Those at worse levels, or all at other ones.
    caller
        Who asks, for the errors.
    """

    def __init__(self, patterns: Patterns, *, fit: Fit, who: Who, caller: str) -> None:
        self._patterns = patterns
        self._fit = fit
        self._who = who
        self._caller = caller

    def step(self, name: str, *, value: str, share: float, ordered: bool) -> Step:
        """Plan the move of one driver.

        Parameters
        ----------
        name, value
            The driver, and the level it is moved to.
        share
            Share of the answers at worse levels that are moved.
        ordered
            Whether its levels have an order.

        Raises
        ------
        OptionError
            If no answer has that level.
        """
        factors = {f.name: f for f in (*self._patterns.factors, *self._patterns.single)}
        factor = factors[name]
        given = [each for each in factor.levels if each != NOT_GIVEN]
        if value not in given:
            raise OptionError(
                f"{self._caller} finds no answers at {name}={value!r}, which `change` names.\n"
                f"  Its levels are: {listed(given)}.{nearest(value, given)}"
            )
        target = factor.levels.index(value)
        if factor in self._patterns.single:
            none = np.zeros(1, dtype=np.bool_)
            n = float(self._patterns.n)
            return Step(factor, -1, target, none, share, known=True, fewest=n)
        sizes = self._patterns.count(name).sum(axis=1).astype(np.float64)
        moved = self._find_moved(factor, target, sizes=sizes, ordered=ordered)
        tangled, alone = find_unknown(self._patterns, name, fit=self._fit)
        unknown = alone[target] or tangled[target] or tangled[moved].any()
        return Step(
            factor,
            self._patterns.place(name),
            target,
            moved,
            share,
            known=not (moved.any() and unknown),
            fewest=min(sizes[target], sizes[moved].sum() if moved.any() else np.inf),
        )

    def _find_moved(self, factor: Factor, target: int, *, sizes: Floats, ordered: bool) -> Flags:
        codes = np.arange(len(factor.levels), dtype=np.int64)
        if self._who == "all":
            return np.asarray(codes != target, dtype=np.bool_)
        given = np.array([value != NOT_GIVEN for value in factor.levels])
        others = given & (codes != target)
        effects = np.zeros(len(codes))
        effects[list(factor.others)] = self._fit.coefficients[self._patterns.block(factor.name)]
        last = codes[given][-1]
        if target in (0, last) and (ordered or last == 1):
            return np.asarray(others, dtype=np.bool_)
        worse = effects < effects[target]
        if ordered:
            worse = codes < target if self._rises(factor, sizes * given) else codes > target
        return np.asarray(others & worse, dtype=np.bool_)

    def _rises(self, factor: Factor, sizes: Floats) -> bool:
        """Tell whether the odds clearly rise along the order of the levels, over the answers."""
        order = np.arange(len(sizes)) - np.average(np.arange(len(sizes)), weights=sizes)
        slope = (sizes * order)[list(factor.others)]
        block = self._patterns.block(factor.name)
        columns = np.arange(block.start, block.stop)
        variance = slope @ self._fit.covariance[np.ix_(CUTS + columns, CUTS + columns)] @ slope
        return bool(slope @ self._fit.coefficients[columns] > _CLEAR * np.sqrt(max(variance, 0.0)))


def find_unknown(patterns: Patterns, name: str, *, fit: Fit) -> tuple[Flags, Flags]:
    """Find the levels of a factor at which no answers can be predicted.

    Parameters
    ----------
    patterns
        The answers.
    name
        A factor of theirs.
    fit
        Their model.

    Returns
    -------
    Levels that say the same as another factor's, and levels whose answers are all in one end band:
    they would promise the end of the scale to whoever moves there.
    """
    factor, counted = patterns.factors[patterns.place(name)], patterns.count(name)
    tangled = np.zeros(len(factor.levels), dtype=np.bool_)
    tangled[list(factor.others)] = fit.tangled[patterns.block(name)]
    n = counted.sum(axis=1)
    return tangled, (counted[:, 0] == n) | (counted[:, -1] == n)
