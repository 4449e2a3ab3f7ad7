"""The contacts: when, who, about what, and what happened in them."""

from dataclasses import dataclass, fields

import numpy as np

from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints, sigmoid
from nps_kit.rows.sample.effects import LONGEST_HURT, NORMAL_MIX, Effects
from nps_kit.rows.sample.people import TRAINER, Agents, Customers
from nps_kit.rows.sample.world import (
    ABANDONS,
    ACTION_DATE,
    BILLING,
    CHANNEL_MIX,
    CHAT,
    DAY,
    END_DAY,
    FIRST_DAY,
    FOLLOWED,
    HOLD_MEDIAN,
    HONOURED,
    HOURS,
    LONGEST_WAIT,
    MIX_QUARTER,
    MORE_TRANSFERS,
    OFFERED,
    OFFERED_ELSEWHERE,
    ONBOARDING,
    OUTAGE_MONTH,
    PART_TIME,
    PHONE,
    PROACTIVE,
    RECOGNISED,
    REPEATED_LOGIT,
    RESOLVED_LOGIT,
    TALK_MEDIAN,
    TRANSFER_LOGIT,
    WAIT_MEDIAN,
    WAIT_SPREAD,
    WEEKDAYS,
    day_of,
    in_quarter,
    month_index,
    month_of,
    off_hours,
    wait_band,
    weekday,
)

_PRIMARIES = 58_500
_GROWTH = 0.22
_NEW_CUSTOMER_DAYS = 120
_COST = (1.10, 0.0125)
"""Currency a contact, and a second with the agent."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts, one place each in every array; `agent` is -1 where none was reached."""

    started: Ints
    customer: Ints
    touchpoint: Ints
    channel: Ints
    agent: Ints
    wait: Floats
    hold: Floats
    handle: Floats
    cost: Floats
    transfers: Ints
    resolved: Flags
    resolved_chance: Floats
    repeat: Flags
    recognised: Flags
    proactive: Flags
    callback_offered: Flags
    follows: Flags

    def __len__(self) -> int:
        """Count the contacts."""
        return len(self.started)

    @property
    def abandoned(self) -> Flags:
        """Tell the contacts that ended before an agent was reached."""
        return self.agent < 0

    @property
    def outage(self) -> Flags:
        """Tell the contacts of the month of the outage."""
        return np.asarray(month_of(self.started) == month_index(OUTAGE_MONTH), np.bool_)

    def take(self, places: Ints | Flags) -> "Contacts":
        """Keep some contacts, in the order of `places`."""
        return Contacts(*(getattr(self, field.name)[places] for field in fields(self)))


def make_contacts(
    chance: Chance, *, scale: float, agents: Agents, customers: Customers, effects: Effects
) -> Contacts:
    """Make contacts over the window, and those that follow an unresolved one within a week."""
    n = max(50, round(_PRIMARIES * scale))
    started = _draw_times(chance, n, effects)
    mixes = np.array([NORMAL_MIX, effects.mix])
    quarter = in_quarter(month_of(started), MIX_QUARTER).astype(np.int64)
    touchpoint = chance.pick_rows(mixes, quarter)
    customer = _draw_customers(chance, started // DAY, touchpoint, customers)
    first = _serve(
        chance,
        started=started,
        customer=customer,
        touchpoint=touchpoint,
        follows=np.zeros(n, np.bool_),
        agents=agents,
        customers=customers,
        effects=effects,
    )
    unresolved = first.abandoned | ~first.resolved
    later = (first.started // DAY + 1 + chance.whole(6, n)) * DAY + _draw_hours(chance, n)
    follow = chance.yes(np.where(unresolved, *FOLLOWED), n) & (later < END_DAY * DAY)
    more = _serve(
        chance,
        started=later[follow],
        customer=customer[follow],
        touchpoint=touchpoint[follow],
        follows=unresolved[follow],
        agents=agents,
        customers=customers,
        effects=effects,
    )
    both = [(getattr(first, field.name), getattr(more, field.name)) for field in fields(first)]
    joined = Contacts(*(np.concatenate(pair) for pair in both))
    return joined.take(np.argsort(joined.started, kind="stable"))


def resolved_chance(
    touchpoint: Ints, channel: Ints, transfers: Ints, outage: Flags, effects: Effects
) -> Floats:
    """Give the chance that a contact is resolved: fewer transfers, more resolved."""
    logit = RESOLVED_LOGIT[touchpoint]
    logit = logit + np.array(effects.transfer_on_resolved)[np.minimum(transfers, 2)]
    return sigmoid(logit + effects.outage_resolved * (outage & (channel == PHONE)))


def hurt_of_wait(wait: Floats, effects: Effects) -> Floats:
    """Give what a wait does to the log odds: nothing to two minutes, then two slopes."""
    minutes = np.minimum(wait / 60, LONGEST_HURT)
    some, sharp = effects.wait_per_minute
    hurt = some * np.clip(minutes - 2, 0, 3) + sharp * np.maximum(minutes - 5, 0)
    return np.asarray(hurt, np.float64)


def service_logit(contacts: Contacts, effects: Effects) -> Floats:
    """Add up what the service of each contact does to the log odds of a good score."""
    total = (
        hurt_of_wait(contacts.wait, effects)
        + np.array(effects.transfers)[np.minimum(contacts.transfers, 2)]
        + effects.resolved * contacts.resolved
        + effects.repeat * contacts.repeat
        + effects.recognised * contacts.recognised
        + effects.callback_offered * contacts.callback_offered
        + effects.proactive * contacts.proactive
    )
    return np.asarray(total, np.float64)


def context_logit(contacts: Contacts, agents: Agents, effects: Effects) -> Floats:
    """Add up the rest: touchpoint, channel, agent and the action that works."""
    acted = (contacts.touchpoint == BILLING) & (contacts.started >= day_of(ACTION_DATE) * DAY)
    total = (
        np.array(effects.touchpoint)[contacts.touchpoint]
        + np.array(effects.channel)[contacts.channel]
        + np.where(contacts.abandoned, 0.0, agents.effect[contacts.agent])
        + effects.action * acted
        - effects.centre
    )
    return np.asarray(total, np.float64)


def _draw_times(chance: Chance, n: int, effects: Effects) -> Ints:
    days = np.arange(FIRST_DAY, END_DAY)
    growth = 1 + _GROWTH * (days - FIRST_DAY) / (END_DAY - FIRST_DAY)
    outage = month_of(days * DAY) == month_index(OUTAGE_MONTH)
    weights = WEEKDAYS[weekday(days)] * growth * np.where(outage, effects.outage_contacts, 1.0)
    return np.sort(days[chance.pick(weights, n)] * DAY + _draw_hours(chance, n))


def _draw_hours(chance: Chance, n: int) -> Ints:
    return chance.pick(HOURS, n) * 3600 + chance.whole(3600, n)


def _draw_customers(chance: Chance, day: Ints, touchpoint: Ints, customers: Customers) -> Ints:
    """Choose among those who are customers by then; for onboarding, among the new ones."""
    n = len(day)
    here = np.searchsorted(customers.joined_day, day, side="right")
    cumulative = np.cumsum(customers.activity)
    drawn = chance.uniform(n)
    anyone = np.searchsorted(cumulative, drawn * cumulative[here - 1], side="right")
    old = np.searchsorted(customers.joined_day, day - _NEW_CUSTOMER_DAYS, side="right")
    newest = np.minimum(old + np.floor(drawn * (here - old)).astype(np.int64), here - 1)
    return np.where(touchpoint == ONBOARDING, newest, np.minimum(anyone, here - 1))


def _draw_waits(chance: Chance, started: Ints, channel: Ints, effects: Effects) -> Floats:
    """Draw waits: longer off-hours and in the outage, none where nobody queues."""
    n = len(started)
    queued = channel <= CHAT
    median = WAIT_MEDIAN[off_hours(started).astype(np.int64), np.minimum(channel, CHAT)]
    outage = month_of(started) == month_index(OUTAGE_MONTH)
    factor = np.where(outage, np.array(effects.outage_wait)[np.minimum(channel, CHAT)], 1.0)
    wait = np.minimum(chance.lognormal(median * factor, WAIT_SPREAD, n), LONGEST_WAIT)
    return np.where(queued, np.round(wait), 0.0)


def _draw_agents(chance: Chance, started: Ints, agents: Agents) -> Ints:
    """Give each contact an agent: off-hours mostly a part-timer, else by load."""
    n = len(started)
    part = chance.yes(np.where(off_hours(started), PART_TIME[1], PART_TIME[0]), n)
    loads = np.array([agents.load * ~agents.part_time, agents.load * agents.part_time])
    picks = [chance.pick(load, n) for load in loads]
    return np.where(part, picks[1], picks[0])


def _serve(
    chance: Chance,
    *,
    started: Ints,
    customer: Ints,
    touchpoint: Ints,
    follows: Flags,
    agents: Agents,
    customers: Customers,
    effects: Effects,
) -> Contacts:
    """Let the centre serve contacts: channel, wait, agent, and what comes of it."""
    n = len(started)
    outage = month_of(started) == month_index(OUTAGE_MONTH)
    honoured = chance.yes(HONOURED, n)
    mixed = chance.pick_rows(CHANNEL_MIX, touchpoint)
    channel = np.where(honoured, customers.preferred[customer], mixed)
    wait = _draw_waits(chance, started, channel, effects)
    band = wait_band(wait)
    abandoned = chance.yes(ABANDONS[band], n) & (channel <= CHAT)
    agent = np.where(abandoned, -1, _draw_agents(chance, started, agents))
    cohort = (agents.trainer[agent] == TRAINER) & ~abandoned
    passed_on = sigmoid(TRANSFER_LOGIT[touchpoint] + effects.trainer_on_transfer * cohort)
    more = 1 + (chance.uniform(n)[:, None] < np.array(MORE_TRANSFERS)).sum(axis=1)
    transfers = np.where(chance.yes(passed_on, n) & ~abandoned, more, 0)
    likely = resolved_chance(touchpoint, channel, transfers, outage, effects)
    asked_again = np.where(follows, REPEATED_LOGIT[1], REPEATED_LOGIT[0])
    asked_again = sigmoid(asked_again + effects.outage_repeat * (outage & (channel == PHONE)))
    offered = np.where(channel == PHONE, OFFERED[band], OFFERED_ELSEWHERE)
    hold = chance.lognormal(HOLD_MEDIAN[touchpoint], 0.9, n)
    hold = np.where(chance.yes(0.35, n), 0.0, np.round(hold))
    talk = chance.lognormal(TALK_MEDIAN[touchpoint], 0.55, n) * (1 + 0.35 * transfers)
    handle = np.where(abandoned, 0.0, np.round(talk + hold))
    return Contacts(
        started=started,
        customer=customer,
        touchpoint=touchpoint,
        channel=channel,
        agent=agent,
        wait=wait,
        hold=hold,
        handle=handle,
        cost=np.round(_COST[0] + _COST[1] * handle, 2),
        transfers=transfers,
        resolved=chance.yes(likely, n) & ~abandoned,
        resolved_chance=likely,
        repeat=chance.yes(asked_again, n),
        recognised=chance.yes(RECOGNISED[channel], n),
        proactive=chance.yes(PROACTIVE[touchpoint], n),
        callback_offered=chance.yes(offered, n),
        follows=follows,
    )
