"""The level that a driver's others are best set against, where nobody asked for one."""

from dataclasses import replace

import numpy as np

from nps_kit.stats.drivers.ordinal import find_tangles
from nps_kit.stats.drivers.patterns import Patterns

# Levels tried, the commonest first.
_MOST_TRIED = 24


def choose_references(patterns: Patterns) -> Patterns:
    """Choose each driver's reference so that as many levels as can be are told apart.

    Parameters
    ----------
    patterns
        The answers.

    Returns
    -------
    The same answers. Each driver's reference is its commonest level, for against a rare one an
    effect may have no end; or, where levels say the same as another factor's, the level that leaves
    the fewest answers in such levels. Where only messages have no wait, say, "no wait" against the
    rest cannot be told from the channel, while all other waits can be set against each other.
    """
    for factor in patterns.drivers:
        common = int(patterns.count(factor.name).sum(axis=1).argmax())
        patterns = _refer(patterns, factor.name, common)
    for factor in patterns.drivers:
        patterns = _untangle(patterns, factor.name)
    return patterns


def _refer(patterns: Patterns, name: str, code: int) -> Patterns:
    factors = [
        replace(factor, reference=code) if factor.name == name else factor
        for factor in patterns.factors
    ]
    return replace(patterns, factors=tuple(factors))


def _untangle(patterns: Patterns, name: str) -> Patterns:
    best, fewest = patterns, _count_tangled(patterns, name)
    order = np.argsort(-patterns.count(name).sum(axis=1), kind="stable")
    for code in order[1:_MOST_TRIED]:
        if not fewest:
            break
        tried = _refer(patterns, name, int(code))
        lost = _count_tangled(tried, name)
        if lost < fewest:
            best, fewest = tried, lost
    return best


def _count_tangled(patterns: Patterns, name: str) -> int:
    """Count the answers at levels of a driver that say the same as another factor's."""
    tangled = find_tangles(patterns.design(), patterns.answers)[1][patterns.block(name)]
    others = list(patterns.factors[patterns.place(name)].others)
    return int(patterns.count(name).sum(axis=1)[others][tangled].sum())
