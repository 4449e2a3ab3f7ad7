"""Chance: named streams of uniform numbers, and what is drawn from them.

Everything is made from uniform numbers by formulas of our own, since those are the one thing that
numpy's generators keep the same from version to version and from machine to machine.
"""

from typing import TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_MOST_EVENTS = 200


def sigmoid(logit: Floats) -> Floats:
    """Turn log odds into probabilities."""
    return np.asarray(1 / (1 + np.exp(-logit)), np.float64)


class Chance:
    """One stream of random numbers, told apart from the others of a seed by its name.

    Parameters
    ----------
    seed
        Seed of the whole sample.
    name
        What is drawn: a change in one part of the sample then leaves the other parts as they were.
    """

    def __init__(self, seed: int, name: str) -> None:
        sequence = np.random.SeedSequence([seed, crc32(name.encode())])
        self._generator = np.random.Generator(np.random.PCG64(sequence))

    def uniform(self, n: int) -> Floats:
        """Draw numbers from 0 (inclusive) to 1 (exclusive)."""
        return self._generator.random(n)

    def normal(self, n: int) -> Floats:
        """Draw standard normal numbers (Box and Muller)."""
        radius = np.sqrt(-2 * np.log1p(-self.uniform(n)))
        return np.asarray(radius * np.cos(2 * np.pi * self.uniform(n)), np.float64)

    def exponential(self, n: int) -> Floats:
        """Draw waiting times of mean one."""
        return np.asarray(-np.log1p(-self.uniform(n)), np.float64)

    def lognormal(self, median: Floats | float, spread: float, n: int) -> Floats:
        """Draw positive numbers around a median, `spread` being that of their logarithm."""
        return np.asarray(median * np.exp(spread * self.normal(n)), np.float64)

    def yes(self, probability: Floats | float, n: int) -> Flags:
        """Say yes with these probabilities."""
        return np.asarray(self.uniform(n) < probability, np.bool_)

    def whole(self, below: Ints | int, n: int) -> Ints:
        """Draw whole numbers from 0 to `below` (exclusive), all alike."""
        return np.asarray(np.floor(self.uniform(n) * below), np.int64)

    def pick(self, weights: Floats, n: int) -> Ints:
        """Pick one place of `weights` each time, in proportion to its weight."""
        cumulative = np.cumsum(weights)
        return _places(cumulative, self.uniform(n) * cumulative[-1])

    def pick_rows(self, weights: Floats, rows: Ints) -> Ints:
        """Pick one column for each of `rows`, in proportion to that row of `weights`."""
        cumulative = np.cumsum(weights, axis=1)
        drawn = self.uniform(len(rows)) * cumulative[rows, -1]
        return np.asarray((cumulative[rows] <= drawn[:, None]).sum(axis=1), np.int64)

    def poisson(self, mean: Floats) -> Ints:
        """Count events of these means, by adding up the probabilities until they pass a number."""
        drawn = self.uniform(len(mean))
        term = np.exp(-mean)
        total = term.copy()
        count = np.zeros(len(mean), np.int64)
        for events in range(1, _MOST_EVENTS):
            beyond = drawn >= total
            if not beyond.any():
                break
            count += beyond
            term = term * mean / events
            total = total + term
        return count


def _places(cumulative: Floats, drawn: Floats) -> Ints:
    places = np.searchsorted(cumulative, drawn, side="right")
    return np.asarray(np.minimum(places, len(cumulative) - 1), np.int64)
