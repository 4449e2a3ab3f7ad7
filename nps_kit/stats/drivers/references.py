"""The level that a driver's others are best set against, where nobody asked for one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from nps_kit.stats.drivers.ordinal import find_tangles
from nps_kit.stats.drivers.patterns import Patterns

# Levels tried.
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
    effect may have no end; or, where levels say the same as another factor's, the one against which
    the most answers can be told of, the commonest first.
    """
    sizes = {factor.name: patterns.count(factor.name).sum(axis=1) for factor in patterns.drivers}
    patterns = refer(patterns, {name: int(size.argmax()) for name, size in sizes.items()})
    orders = {name: np.argsort(-size, kind="stable").tolist() for name, size in sizes.items()}
    return _untangle(patterns, orders)


def keep_references(patterns: Patterns, *, asked: Collection[str] = ()) -> Patterns:
    """Keep each driver's reference, unless against another level more answers can be told of.

    Where only messages have no wait, say, "no wait" against the rest cannot be told from the
    channel, while all other waits can be set against each other.

    Parameters
    ----------
    patterns
        The answers.
    asked
        Drivers whose reference somebody asked for: it stays.

    Returns
    -------
    The same answers; of several levels as good the first one is the reference.
    """
    drivers = [factor for factor in patterns.drivers if factor.name not in asked]
    return _untangle(patterns, {factor.name: range(len(factor.levels)) for factor in drivers})


def refer(patterns: Patterns, references: Mapping[str, int]) -> Patterns:
    """Set factors against other levels.

    Parameters
    ----------
    patterns
        The answers.
    references
        Factors, and the place of the level that each is to be set against.

    Returns
    -------
    The same answers.
    """
    factors = [
        replace(factor, reference=references.get(factor.name, factor.reference))
        for factor in patterns.factors
    ]
    return replace(patterns, factors=tuple(factors))


def _untangle(patterns: Patterns, orders: Mapping[str, Iterable[int]]) -> Patterns:
    """Try other references for drivers with levels that say the same as another factor's."""
    # Whether there is any does not hang on the references; which ones they are does.
    if not find_tangles(patterns.design(), patterns.answers)[1].any():
        return patterns
    for name, order in orders.items():
        best, most = patterns, _count_told(patterns, name)
        for code in list(order)[:_MOST_TRIED]:
            if most == patterns.n:
                break
            tried = refer(patterns, {name: code})
            told = _count_told(tried, name)
            if told > most:
                best, most = tried, told
        patterns = best
    return patterns


def _count_told(patterns: Patterns, name: str) -> int:
    """Count the answers at levels of a driver that can be set against one another."""
    factor = patterns.factors[patterns.place(name)]
    tangled = find_tangles(patterns.design(), patterns.answers)[1][patterns.block(name)]
    sizes = patterns.count(name).sum(axis=1)
    told = int(sizes[list(factor.others)][~tangled].sum())
    return told + int(sizes[factor.reference]) if told else 0
