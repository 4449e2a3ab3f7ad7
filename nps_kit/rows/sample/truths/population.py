"""The population: a large crowd of contacts of the same world, with exact chances of each answer.

No score is drawn here. Each contact counts as a fraction of a detractor, a passive and a promoter,
and as the fractions that would be asked and would answer, so that what remains of chance is only
which contacts the crowd holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nps_kit.rows.sample.answers import (
    band_chances,
    draw_delays,
    invite_chances,
    response_chances,
)
from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints
from nps_kit.rows.sample.contacts import Contacts, context_logit, make_contacts, service_logit
from nps_kit.rows.sample.effects import Effects
from nps_kit.rows.sample.people import Agents, make_agents, make_customers
from nps_kit.rows.sample.world import DAY, END_DAY, FIRST_DAY, month_of

POINTS = "NPS points"
BATCHES = 10
"""Parts of the crowd: their spread tells how much of a figure is chance."""

_SEED = 1
_SCALE = 7.0
_SCALE_OF_AGENTS = 1.0
_STEP = 0.05
_LEAVING = 0.00039
"""Share of customers that leaves a day, over all bands."""


@dataclass(frozen=True, slots=True)
class Population:
    """The crowd: contacts that reached an agent, and what they would answer.

    `felt` holds the chances of still being a customer and of each band, `answers` those of being
    asked and answering, too. `month` is that of the answer.
    """

    contacts: Contacts
    agents: Agents
    effects: Effects
    logit: Floats
    felt: Floats
    asked: Floats
    answers: Floats
    month: Ints
    batch: Ints


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the crowd and its standard error by the crowd's own chance."""

    value: float
    error: float


def exact(value: float) -> Figure:
    """Give a figure that is planted as it is found."""
    return Figure(value, 0.0)


@dataclass(frozen=True, slots=True)
class Record:
    """What is true of one planted effect."""

    name: str
    planted: str
    unit: str
    population: float | None
    direct: float | None
    total: float | None
    respondents: Figure | None
    more: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Give the record as plain values."""
        found = self.respondents
        return {
            "name": self.name,
            "planted": self.planted,
            "unit": self.unit,
            "population": self.population,
            "direct": self.direct,
            "total": self.total,
            "respondents": None if found is None else found.value,
            "mc_error": None if found is None else found.error,
            **self.more,
        }


def make_population(effects: Effects) -> Population:
    """Make the crowd; its own seed makes it the same for every sample."""
    agents = make_agents(Chance(_SEED, "agents"), scale=_SCALE_OF_AGENTS, effects=effects)
    customers = make_customers(Chance(_SEED, "customers"), scale=_SCALE)
    chance = Chance(_SEED, "contacts")
    everyone = make_contacts(
        chance, scale=_SCALE, agents=agents, customers=customers, effects=effects
    )
    contacts = everyone.take(~everyone.abandoned)
    logit = service_logit(contacts, effects) + context_logit(contacts, agents, effects)
    # Some customers have left by then, so that contacts of new ones weigh more.
    since = np.maximum(customers.joined_day[contacts.customer], FIRST_DAY)
    here = np.exp(-_LEAVING * (contacts.started // DAY - since))[:, None]
    felt = band_chances(logit) * here
    asked = invite_chances(contacts, agents, effects)
    asked_after, answered_after = draw_delays(Chance(_SEED, "delays"), len(contacts))
    spent = contacts.wait.astype(np.int64) + contacts.handle.astype(np.int64)
    responded = contacts.started + spent + asked_after + answered_after
    in_time = responded < END_DAY * DAY
    answers = felt * response_chances(contacts.channel, effects) * (asked * in_time)[:, None]
    return Population(
        contacts=contacts,
        agents=agents,
        effects=effects,
        logit=logit,
        felt=felt,
        asked=asked,
        answers=answers,
        month=np.minimum(month_of(responded), month_of(np.array([END_DAY * DAY - 1]))),
        batch=np.arange(len(contacts)) % BATCHES,
    )


def nps(counts: Floats) -> float:
    """Give the score of fractional counts, in points."""
    bands = counts.sum(axis=0)
    return float(100 * (bands[2] - bands[0]) / bands.sum())


def figure(population: Population, measure: Callable[[Flags], float]) -> Figure:
    """Take a measure of the whole crowd; its error comes from taking it of the ten parts."""
    whole = measure(np.ones(len(population.batch), np.bool_))
    parts = [measure(population.batch == batch) for batch in range(BATCHES)]
    return Figure(whole, float(np.std(parts, ddof=1) / np.sqrt(BATCHES)))


def difference(population: Population, counts: Floats, one: Flags, other: Flags) -> Figure:
    """Give how much higher the score of `one` is than that of `other`."""
    return figure(population, lambda part: nps(counts[one & part]) - nps(counts[other & part]))


def difference_within(counts: Floats, one: Flags, stratum: Ints) -> float:
    """Give the difference between `one` and the rest within strata, by the strata's answers."""
    total, weight = 0.0, 0.0
    for place in np.unique(stratum):
        here = stratum == place
        mine, rest = here & one, here & ~one
        if counts[mine].sum() == 0 or counts[rest].sum() == 0:
            continue
        size = float(counts[here].sum())
        total += size * (nps(counts[mine]) - nps(counts[rest]))
        weight += size
    return total / weight


def contrast(
    population: Population,
    one: Flags,
    other: Flags,
    *,
    name: str,
    planted: str,
    direct: float | None = None,
    more: dict[str, Any] | None = None,
) -> Record:
    """Tell how one part of the contacts differs from another; all of it is its total effect."""
    everyone = difference(population, population.felt, one, other).value
    return Record(
        name=name,
        planted=planted,
        unit=POINTS,
        population=everyone,
        direct=everyone if direct is None else direct,
        total=everyone,
        respondents=difference(population, population.answers, one, other),
        more=more or {},
    )


def slope(population: Population, counts: Floats) -> float:
    """Give the points that one unit of log odds brings."""
    kept = counts / np.maximum(population.felt, 1e-300)
    up, down = (nps(band_chances(population.logit + step) * kept) for step in (_STEP, -_STEP))
    return (up - down) / (2 * _STEP)
