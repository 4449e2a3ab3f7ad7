"""Shares in the answers as they would be if only who called, or only who answers, had changed.

A segment's share in the answers is its contacts times its response rate, over the sum of the same
of all segments. Crossing the contacts of one period with the rates of the other tells how far each
of the two moves the shares.
"""

from typing import NamedTuple

import numpy as np

from nps_kit.stats.changes.sides import Side, invert
from nps_kit.stats.intervals import Floats


class Crossed(NamedTuple):
    """Shares with one thing moved, and what their logarithms do as a count grows."""

    shares: tuple[Floats, Floats]
    """With the contacts of after and the rates of before, and the other way round."""
    silent: tuple[Floats, Floats]
    """Contacts without an answer, before and after."""
    slopes: tuple[Floats, Floats]
    """For each side by segment: at an answer and at a contact without one, of both shares."""


def cross(before: Side, after: Side) -> Crossed | None:
    """Cross contacts with response rates.

    A segment with answers but no contacts has the rate of the other period, and where that is
    unknown or nil, the rate of all; its answers over that rate stand for its contacts.

    Parameters
    ----------
    before, after
        The sides.

    Returns
    -------
    The crossed shares; None where contacts are not known, or where crossing leaves nobody at all.
    """
    if before.contacts is None or after.contacts is None:
        return None
    sides = (before, after)
    none = np.zeros_like(before.size)
    contacts = (before.contacts, after.contacts)
    known = [each > 0 for each in contacts]
    own = [side.size * invert(each) for side, each in zip(sides, contacts, strict=True)]
    # Answers must have come from somewhere; without any, a rate of nil will do.
    lent = [~known[t] & known[1 - t] & ((own[1 - t] > 0) | (sides[t].size == 0)) for t in (0, 1)]
    overall = [_overall_rate(side, each) for side, each in zip(sides, contacts, strict=True)]
    rates = [np.where(known[t], own[t], np.where(lent[t], own[1 - t], overall[t])) for t in (0, 1)]
    reach = [np.where(known[t], contacts[t], sides[t].size * invert(rates[t])) for t in (0, 1)]
    amounts = (reach[1] * rates[0], reach[0] * rates[1])
    if not all(amount.sum() > 0 for amount in amounts):
        return None
    slopes = []
    for t, side in enumerate(sides):
        per_contact, per_answer = invert(reach[t]), invert(side.size)
        # The crossed share that has this side's contacts, and those that use this side's rate,
        # which is answers over contacts.
        reached = (none, per_contact) if t == 0 else (per_contact, none)
        used = (known[0], lent[1]) if t == 0 else (lent[0], known[1])
        silent = [reached[k] - used[k] * per_contact for k in (0, 1)]
        answer = [silent[k] + used[k] * per_answer for k in (0, 1)]
        slopes.append(np.stack([np.stack(answer, axis=1), np.stack(silent, axis=1)], axis=1))
    return Crossed(
        shares=(amounts[0] / amounts[0].sum(), amounts[1] / amounts[1].sum()),
        silent=(
            np.maximum(reach[0] - before.size, 0.0),
            np.maximum(reach[1] - after.size, 0.0),
        ),
        slopes=(slopes[0], slopes[1]),
    )


def _overall_rate(side: Side, contacts: Floats) -> float:
    known = contacts > 0
    total = float(contacts[known].sum())
    return float(side.size[known].sum()) / total if total > 0 else 0.0
