"""The swings: touchpoints, the outage, the mix quarter and the actions."""

from functools import partial

import numpy as np

from nps_kit.rows.sample.chance import Flags, Floats, Ints
from nps_kit.rows.sample.plans import COACHING_ACTION, WORKING_ACTION
from nps_kit.rows.sample.truths.population import (
    POINTS,
    Figure,
    Population,
    Record,
    contrast,
    exact,
    figure,
    nps,
    slope,
)
from nps_kit.rows.sample.world import (
    ACTION_DATE,
    BILLING,
    COACHING_DATE,
    MIX_QUARTER,
    OUTAGE_MONTH,
    QUARTER_BEFORE,
    TOUCHPOINTS,
    in_quarter,
    month_index,
)


def describe_touchpoints(population: Population) -> list[Record]:
    """Tell the score of each touchpoint."""
    records = []
    for place, name in enumerate(TOUCHPOINTS):
        here = population.contacts.touchpoint == place
        own = slope(population, population.felt) * population.effects.touchpoint[place]
        answers = population.answers * here[:, None]
        found = figure(population, partial(_nps_of, answers))
        records.append(
            Record(
                name=f"touchpoint: {name}",
                planted="its score; `direct` is its own share of the difference from the average",
                unit=POINTS,
                population=nps(population.felt[here]),
                direct=own,
                total=nps(population.felt[here]),
                respondents=found,
            )
        )
    return records


def _nps_of(counts: Floats, part: Flags) -> float:
    return nps(counts[part])


def describe_outage(population: Population) -> Record:
    """Tell the month of the outage."""
    month = population.month
    outage = month == month_index(OUTAGE_MONTH)
    ordinary = (month < month_index(MIX_QUARTER)) & ~outage
    return contrast(
        population,
        outage,
        ordinary,
        name="outage month",
        planted="phone waits and repeat contacts soar for one month; all of it acts through them",
        direct=0.0,
        more={"month": OUTAGE_MONTH.isoformat(), "against": "the other months before 2026"},
    )


def describe_mix(population: Population) -> list[Record]:
    """Tell the quarter that falls by its mix alone."""
    after, before = (in_quarter(population.month, first) for first in (MIX_QUARTER, QUARTER_BEFORE))

    def part_of(counts: Floats, wanted: str) -> Figure:
        return figure(
            population,
            lambda part: _kitagawa(
                counts[before & part],
                counts[after & part],
                population.contacts.touchpoint[before & part],
                population.contacts.touchpoint[after & part],
            )[wanted],
        )

    planted = {
        "change": "the score falls by about twelve points",
        "mix": "because contacts move to touchpoints with low scores",
        "rate": "and not because any touchpoint scores lower",
    }
    records = []
    for wanted, text in planted.items():
        everyone = part_of(population.felt, wanted).value
        records.append(
            Record(
                name=f"mix quarter: {wanted}",
                planted=text,
                unit=POINTS,
                population=everyone,
                direct=0.0 if wanted == "rate" else everyone,
                total=0.0 if wanted == "rate" else everyone,
                respondents=part_of(population.answers, wanted),
                more={"after": MIX_QUARTER.isoformat(), "before": QUARTER_BEFORE.isoformat()},
            )
        )
    return records


def _kitagawa(before: Floats, after: Floats, was: Ints, now: Ints) -> dict[str, float]:
    """Split a change into mix and rate over touchpoints, each weighed at the average of the two."""
    sides = []
    for counts, touchpoint in ((before, was), (after, now)):
        bands = np.array([counts[touchpoint == place].sum(axis=0) for place in range(6)])
        n = bands.sum(axis=1)
        sides.append((n / n.sum(), 100 * (bands[:, 2] - bands[:, 0]) / n))
    (share_0, rate_0), (share_1, rate_1) = sides
    mix = float(((share_1 - share_0) * (rate_0 + rate_1) / 2).sum())
    rate = float(((share_0 + share_1) / 2 * (rate_1 - rate_0)).sum())
    return {"change": mix + rate, "mix": mix, "rate": rate}


def describe_actions(population: Population) -> list[Record]:
    """Tell the action that works, and the one that only seems to."""
    billing = population.contacts.touchpoint == BILLING
    from_action = population.month >= month_index(ACTION_DATE)
    mixed = in_quarter(population.month, MIX_QUARTER)
    outage = population.month == month_index(OUTAGE_MONTH)
    before = ~from_action & ~mixed & ~outage

    def gain(counts: Floats, part: Flags) -> float:
        """Give the change in billing less the change elsewhere, each touchpoint weighing alike."""
        changes = []
        for place in range(len(TOUCHPOINTS)):
            here = (population.contacts.touchpoint == place) & part
            changes.append(nps(counts[here & from_action]) - nps(counts[here & before]))
        return changes.pop(BILLING) - float(np.mean(changes))

    everyone = gain(population.felt, np.ones(len(billing), np.bool_))
    return [
        Record(
            name="action that works",
            planted="the change in billing less that of the other touchpoints",
            unit=POINTS,
            population=everyone,
            direct=everyone,
            total=everyone,
            respondents=figure(population, lambda part: gain(population.answers, part)),
            more={
                "action": WORKING_ACTION,
                "logit": {"direct": population.effects.action},
                "from": ACTION_DATE.isoformat(),
                "before": "all earlier months but the outage and the mix quarter",
            },
        ),
        Record(
            name="action that only seems to work",
            planted="coaching for the team with the lowest quarter; it would have risen anyway",
            unit=POINTS,
            population=0.0,
            direct=0.0,
            total=0.0,
            respondents=exact(0.0),
            more={"action": COACHING_ACTION, "from": COACHING_DATE.isoformat()},
        ),
    ]
