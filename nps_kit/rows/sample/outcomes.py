"""The outcomes: call-backs, leaving, spending and referring."""

from dataclasses import dataclass

import numpy as np

from nps_kit.rows.sample.answers import Answers
from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints
from nps_kit.rows.sample.effects import Effects
from nps_kit.rows.sample.people import Customers
from nps_kit.rows.sample.world import DAY, END_DAY, FIRST_DAY

GRACE_DAYS = 3
"""Nobody leaves within these days of answering, so that every call-back comes before."""
DUE_SECONDS = 48 * 3600
ELIGIBLE = 0.62
"""Share of detractors who agree to be called back."""
CALLED = 0.5
"""Share of those that is drawn."""

_BEHIND_DAYS, _BEHIND = 21, 0.5
_SPEND = np.array([58.0, 112.0, 184.0])
_SPEND_SPREAD = 0.62
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class CallBacks:
    """For each answer: whether it could lead to a call-back, was drawn for one, and when it was."""

    eligible: Flags
    drawn: Flags
    done: Ints
    """When it took place; 0 where it did not."""


def draw_call_backs(chance: Chance, answers: Answers) -> CallBacks:
    """Draw by lot who is called back, among detractors who agreed to be called.

    Only answers about a contact count. Half are drawn and called within 48 hours. In the last weeks
    of the window the callers fell behind, so that some calls are still open, and some overdue.
    """
    n = len(answers)
    agreed = chance.yes(ELIGIBLE, n)
    eligible = agreed & answers.good & (answers.band == 0) & (answers.contact >= 0)
    drawn = eligible & chance.yes(CALLED, n)
    done = answers.responded + 2 * 3600 + chance.whole(44 * 3600, n)
    late = answers.responded >= (END_DAY - _BEHIND_DAYS) * DAY
    waits = late & chance.yes(_BEHIND, n)
    called = drawn & ~waits & (done < END_DAY * DAY)
    return CallBacks(eligible, drawn, np.where(called, done, 0))


def draw_leaving(
    chance: Chance, *, answers: Answers, calls: CallBacks, customers: Customers, effects: Effects
) -> Ints:
    """Draw each customer's last day, or `END_DAY` for those still here.

    The chance to leave from day to day is that of the latest answer that counts, of either kind of
    survey; a call-back multiplies it until the next answer. Every customer has one exponential
    waiting time, used up by the hazard of one spell after the other.
    """
    n = len(customers)
    good = np.flatnonzero(answers.good)
    began = np.maximum(customers.joined_day, FIRST_DAY) * float(DAY)
    customer = np.concatenate([np.arange(n), answers.customer[good]])
    start = np.concatenate([began, answers.responded[good] + 0.0])
    rate = np.array(effects.leaving)[
        np.concatenate([np.zeros(n, np.int64), answers.band[good] + 1])
    ]
    called = np.concatenate([np.zeros(n, np.bool_), calls.done[good] > 0])
    rate = rate * np.where(called, effects.call_back, 1.0)
    grace = np.concatenate([np.zeros(n), np.full(len(good), float(GRACE_DAYS * DAY))])
    order = np.lexsort((start, customer))
    customer, start, rate, grace = customer[order], start[order], rate[order], grace[order]
    last = np.append(customer[1:] != customer[:-1], [True])
    end = np.where(last, float(END_DAY * DAY), np.append(start[1:], [0.0]))
    at_risk = np.minimum(start + grace, end)
    hazard = (end - at_risk) / DAY * rate
    total = np.cumsum(hazard)
    first = np.flatnonzero(np.append([True], last[:-1]))
    before = np.repeat(total[first] - hazard[first], np.diff(np.append(first, [len(total)])))
    reached = total - before
    waiting = chance.exponential(n)[customer]
    leaves = (reached >= waiting) & (reached - hazard < waiting)
    when = at_risk + (waiting - (reached - hazard)) / np.where(rate > 0, rate, 1.0) * DAY
    left = np.full(n, END_DAY)
    left[customer[leaves]] = np.floor(when[leaves] / DAY).astype(np.int64)
    return left


def latest_bands(answers: Answers, n: int) -> Ints:
    """Give the band of each customer's latest answer that counts, plus one; 0 without any."""
    good = np.flatnonzero(answers.good)
    order = good[np.argsort(answers.responded[good], kind="stable")]
    latest = np.zeros(n, np.int64)
    # The last of several writes to one place is the one that stays.
    latest[answers.customer[order]] = answers.band[order] + 1
    return latest


def make_spend(chance: Chance, *, customers: Customers, latest: Ints, effects: Effects) -> Floats:
    """Draw what customers pay a month: heavy-tailed, by segment and latest answer."""
    median = _SPEND[customers.segment] * np.array(effects.spend)[latest]
    return np.round(chance.lognormal(median, _SPEND_SPREAD, len(customers)), 2)


def make_referrals(
    chance: Chance, *, customers: Customers, latest: Ints, left: Ints, effects: Effects
) -> Ints:
    """Count referrals: a rate a year as a customer, by latest answer."""
    years = np.maximum(left - customers.joined_day, 0) / _YEAR
    return chance.poisson(np.array(effects.referrals)[latest] * years)
