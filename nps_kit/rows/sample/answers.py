"""The answers: who is asked, who answers, and with which score."""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints, sigmoid
from nps_kit.rows.sample.contacts import Contacts, context_logit, service_logit
from nps_kit.rows.sample.effects import HIGH, LOW, Effects
from nps_kit.rows.sample.people import INVITING_TEAM, Agents, Customers
from nps_kit.rows.sample.world import DAY, END_DAY, day_of

BLANK = -99
"""A score that was left empty; it becomes null in the table."""

SURVEY_CHANNELS = ("SMS", "phone menu", "web page", "email", "app")

_INVITES = 0.56
_INVITES_RESOLVED = 0.72
_WAVES = tuple(date(year, month, 10) for year in (2024, 2025, 2026) for month in (2, 5, 8, 11))[
    3:11
]
_WAVE_INVITES = 1_510
_WAVE_AFTER_DAYS = 30
_RECENT_DAYS = 180
_LAG = (6.0, 1.1)
"""Hours from the invitation to the answer: median, spread of the logarithm."""
_RELATIONAL_LAG = (20.0, 1.0)

# By band: which scores it holds, and how often. People like round ends: 0, 5, 8 and 10.
SCORES = (np.arange(7), np.array([7, 8]), np.array([9, 10]))
SHARES = (
    np.array([0.17, 0.05, 0.06, 0.09, 0.09, 0.31, 0.23]),
    np.array([0.41, 0.59]),
    np.array([0.37, 0.63]),
)
_BLANKS = 0.007
_STRAYS = 0.0012
_STRAY_SCORES = np.array([11, 99, -1])
_SURVEYED_BY = np.array(
    [
        [0.62, 0.30, 0.00, 0.08, 0.00],
        [0.05, 0.00, 0.80, 0.15, 0.00],
        [0.02, 0.00, 0.00, 0.98, 0.00],
        [0.03, 0.00, 0.00, 0.07, 0.90],
    ]
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers, one place each in every array.

    `contact` is a place among the contacts, -1 in a relational answer; `band` is what the customer
    felt (0 detractor, 1 passive, 2 promoter); `score` is what was written down, at times nothing or
    nonsense.
    """

    contact: Ints
    customer: Ints
    invited: Ints
    responded: Ints
    band: Ints
    score: Ints
    survey_channel: Ints

    def __len__(self) -> int:
        """Count the answers."""
        return len(self.contact)

    @property
    def good(self) -> Flags:
        """Tell the answers that count."""
        return (self.score >= 0) & (self.score <= 10)  # noqa: PLR2004 - the scale itself

    def take(self, places: Ints | Flags) -> "Answers":
        """Keep some answers, in the order of `places`."""
        return Answers(*(getattr(self, field.name)[places] for field in fields(self)))


def band_chances(logit: Floats) -> Floats:
    """Give the chances of a detractor, a passive and a promoter: one row an answer."""
    low, high = sigmoid(LOW - logit), sigmoid(logit - HIGH)
    return np.column_stack([low, 1 - low - high, high])


def invite_chances(contacts: Contacts, agents: Agents, effects: Effects) -> Floats:
    """Give the chance of being asked: none without an agent; one team asks only the resolved."""
    chances = np.where(contacts.abandoned, 0.0, _INVITES)
    if effects.only_resolved:
        theirs = (agents.team[contacts.agent] == INVITING_TEAM) & ~contacts.abandoned
        chances = np.where(theirs, _INVITES_RESOLVED * contacts.resolved, chances)
    return chances


def response_chances(channel: Ints, effects: Effects) -> Floats:
    """Give the chances of answering once asked: one row a contact, one column a band."""
    return np.outer(np.array(effects.response_channel)[channel], np.array(effects.response))


def draw_delays(chance: Chance, n: int) -> tuple[Ints, Ints]:
    """Draw the seconds from a contact's end to the invitation, and from there to the answer."""
    median, spread = _LAG
    asked = 900 + chance.whole(6300, n)
    answered = 60 + np.round(chance.lognormal(median * 3600, spread, n)).astype(np.int64)
    return asked, np.minimum(answered, 14 * DAY)


def make_answers(
    chance: Chance, *, contacts: Contacts, agents: Agents, effects: Effects
) -> tuple[Answers, Flags]:
    """Ask about contacts; give the answers, and which contacts were asked."""
    n = len(contacts)
    invited = chance.yes(invite_chances(contacts, agents, effects), n)
    logit = service_logit(contacts, effects) + context_logit(contacts, agents, effects)
    band = chance.pick_rows(band_chances(logit), np.arange(n))
    answer = response_chances(contacts.channel, effects)[np.arange(n), band]
    answered = chance.yes(answer, n) & invited
    asked_after, answered_after = draw_delays(chance, n)
    asked_at = contacts.started + contacts.wait.astype(np.int64) + contacts.handle.astype(np.int64)
    asked_at = asked_at + asked_after
    places = np.flatnonzero(answered & (asked_at + answered_after < END_DAY * DAY))
    return (
        Answers(
            contact=places,
            customer=contacts.customer[places],
            invited=asked_at[places],
            responded=(asked_at + answered_after)[places],
            band=band[places],
            score=_draw_scores(chance, band[places]),
            survey_channel=chance.pick_rows(_SURVEYED_BY, contacts.channel[places]),
        ),
        invited,
    )


def make_relational(
    chance: Chance, *, scale: float, contacts: Contacts, customers: Customers, effects: Effects
) -> Answers:
    """Ask customers each quarter, in waves of e-mail; half of the last contact's service lasts."""
    n = max(20, round(_WAVE_INVITES * scale))
    day = np.repeat([day_of(wave) for wave in _WAVES], n)
    total = len(day)
    here = np.searchsorted(customers.joined_day, day - _WAVE_AFTER_DAYS, side="right")
    customer = chance.whole(np.maximum(here, 1), total)
    # The same customer is asked once in a wave.
    first = np.unique(np.column_stack([day, customer]), axis=0, return_index=True)[1]
    asked = np.zeros(total, np.bool_)
    asked[first] = True
    invited = day * DAY + 9 * 3600 + chance.whole(10, total) * DAY + chance.whole(1800, total)
    logit = effects.relational_level + effects.relational_share * _last_service(
        customer, invited, contacts, effects
    )
    band = chance.pick_rows(band_chances(logit), np.arange(total))
    answered = chance.yes(np.array(effects.relational_response)[band], total) & asked
    median, spread = _RELATIONAL_LAG
    lag = 60 + np.round(chance.lognormal(median * 3600, spread, total)).astype(np.int64)
    places = np.flatnonzero(answered)
    return Answers(
        contact=np.full(len(places), -1),
        customer=customer[places],
        invited=invited[places],
        responded=(invited + np.minimum(lag, 14 * DAY))[places],
        band=band[places],
        score=_draw_scores(chance, band[places]),
        survey_channel=np.full(len(places), SURVEY_CHANNELS.index("email")),
    )


def joined(first: Answers, second: Answers) -> Answers:
    """Put two sets of answers one after the other."""
    pairs = [(getattr(first, field.name), getattr(second, field.name)) for field in fields(first)]
    return Answers(*(np.concatenate(pair) for pair in pairs))


def _last_service(customer: Ints, asked: Ints, contacts: Contacts, effects: Effects) -> Floats:
    """Look up the service of each customer's last contact in the half year before, centred."""
    service = service_logit(contacts, effects)
    service = service - service.mean()
    order = np.lexsort((contacts.started, contacts.customer))
    # One number that sorts by customer, then by time.
    width = (END_DAY + 1) * DAY
    keys = contacts.customer[order] * width + contacts.started[order]
    place = np.searchsorted(keys, customer * width + asked) - 1
    last = order[np.maximum(place, 0)]
    recent = (place >= 0) & (contacts.customer[last] == customer)
    recent &= asked - contacts.started[last] < _RECENT_DAYS * DAY
    return np.where(recent, service[last], 0.0)


def _draw_scores(chance: Chance, band: Ints) -> Ints:
    n = len(band)
    score = np.zeros(n, np.int64)
    for number, (scores, shares) in enumerate(zip(SCORES, SHARES, strict=True)):
        score = np.where(band == number, scores[chance.pick(shares, n)], score)
    score = np.where(chance.yes(_STRAYS, n), _STRAY_SCORES[chance.whole(3, n)], score)
    return np.where(chance.yes(_BLANKS, n), BLANK, score)
