"""The people: agents in their teams, and customers."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints
from nps_kit.rows.sample.effects import Effects
from nps_kit.rows.sample.world import END_DAY, FIRST_DAY, PREFERRED, day_of

TEAM_SIZE = 10
TRAINERS = ("trainer A", "trainer B", "trainer C", "trainer D", "trainer E")
TRAINER = TRAINERS.index("trainer C")
"""The trainer whose cohort transfers more."""
INVITING_TEAM = 4
"""The team that invites only resolved contacts: "team 05"."""

SEGMENTS = ("consumer", "family", "small business")
_SEGMENT_SHARES = np.array([0.68, 0.22, 0.10])

_TEAMS = 12
_SCALE_OF_TEAMS = 25
_CUSTOMERS = 9_000
_PART_TIMERS = 4
_OLD_SHARE = 0.70
_LOAD_SPREAD = 0.1
_DAYS_SERVED, _LONGEST_SERVED = 900, 4_500
_DAYS_STAYED, _LONGEST_STAYED = 1_500, 5_300
"""Means and bounds in days; beyond a bound one starts again from nothing."""

# Display names are put together from these, so that no one living is meant.
_NAME_STARTS = (
    *("Bral", "Corv", "Drel", "Elv", "Fenn", "Garv", "Hest", "Ilv", "Jarv", "Keld", "Lorv", "Merr"),
    *("Nalv", "Orl", "Pelv", "Quor", "Rhen", "Selv", "Tarv", "Ulv", "Velm", "Wyrr", "Yorv", "Zeln"),
    *("Brim", "Cald", "Dorv", "Esk", "Fald", "Grev"),
)
_NAME_ENDS = ("adan", "ibel", "oma", "una", "erik", "isko", "ylla", "ando", "evan", "ora")


@dataclass(frozen=True, slots=True)
class Agents:
    """The agents, one place each in every array."""

    team: Ints
    trainer: Ints
    part_time: Flags
    hired_day: Ints
    load: Floats
    effect: Floats

    def __len__(self) -> int:
        """Count the agents."""
        return len(self.team)

    @property
    def names(self) -> list[str]:
        """Made-up display names, one an agent; they repeat beyond three hundred."""
        starts, ends = len(_NAME_STARTS), len(_NAME_ENDS)
        return [
            _NAME_STARTS[place % starts] + _NAME_ENDS[place // starts % ends]
            for place in range(len(self))
        ]


@dataclass(frozen=True, slots=True)
class Customers:
    """The customers in the order in which they joined, one place each in every array."""

    joined_day: Ints
    activity: Floats
    preferred: Ints
    segment: Ints

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.joined_day)


def make_agents(chance: Chance, *, scale: float, effects: Effects) -> Agents:
    """Make teams of ten; every trainer has two agents in each team.

    There are 12 teams, and more only where each agent would have more than 500 contacts a month.
    An agent's own effect is made to add up to nothing within each team, each trainer's cohort and
    each kind of employment: none of them then differs by the luck of who is in it.
    """
    teams = _TEAMS * max(1, int(np.ceil(scale / _SCALE_OF_TEAMS)))
    n = teams * TEAM_SIZE
    place = np.arange(n)
    team, seat = place // TEAM_SIZE, place % TEAM_SIZE
    trainer = seat % len(TRAINERS)
    # In each team four of five trainers have one part-timer; the fifth changes from team to team.
    part_time = (seat >= TEAM_SIZE - len(TRAINERS)) & (trainer != team % len(TRAINERS))
    served = np.floor(chance.exponential(n) * _DAYS_SERVED).astype(np.int64)
    hired_day = day_of(date(2024, 9, 15)) - served % _LONGEST_SERVED
    load = chance.lognormal(1.0, _LOAD_SPREAD, n)
    drawn = chance.normal(n)
    sides = [team[:, None] == np.arange(teams), trainer[:, None] == np.arange(len(TRAINERS))]
    design = np.column_stack([*sides, part_time]).astype(float)
    share = load * np.where(part_time, 0.322 / _PART_TIMERS, 0.678 / (TEAM_SIZE - _PART_TIMERS))
    root = np.sqrt(share)[:, None]
    fitted = np.linalg.lstsq(design * root, drawn * root[:, 0], rcond=None)[0]
    left = drawn - design @ fitted
    effect = effects.agent_spread * left / np.sqrt(np.average(left**2, weights=share))
    return Agents(team, trainer, part_time, hired_day, load, effect)


def make_customers(chance: Chance, *, scale: float) -> Customers:
    """Make customers; three in ten join within the window, the others in the years before."""
    n = max(20, round(_CUSTOMERS * scale))
    old = chance.yes(_OLD_SHARE, n)
    stayed = np.floor(chance.exponential(n) * _DAYS_STAYED).astype(np.int64)
    before = FIRST_DAY - stayed % _LONGEST_STAYED
    within = FIRST_DAY + chance.whole(END_DAY - FIRST_DAY - 30, n)
    joined = np.sort(np.where(old, before, within))
    joined[0] = min(int(joined[0]), FIRST_DAY - 1)
    return Customers(
        joined_day=joined,
        activity=chance.lognormal(1.0, 0.6, n),
        preferred=chance.pick(PREFERRED, n),
        segment=chance.pick(_SEGMENT_SHARES, n),
    )
