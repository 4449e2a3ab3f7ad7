"""The staff: trainer, teams, employment, agents, and those who judge them."""

import numpy as np

from nps_kit.rows.sample.answers import SCORES, SHARES
from nps_kit.rows.sample.chance import Chance, Flags, Floats, sigmoid
from nps_kit.rows.sample.contacts import service_logit
from nps_kit.rows.sample.people import INVITING_TEAM, TRAINER, TRAINERS
from nps_kit.rows.sample.plans import team_name
from nps_kit.rows.sample.quality import CRITERIA, LENIENT, SEVERE, draw_quality, rate_quality
from nps_kit.rows.sample.truths.population import (
    POINTS,
    Population,
    Record,
    contrast,
    difference,
    difference_within,
    exact,
    figure,
    nps,
    slope,
)
from nps_kit.rows.sample.world import TRANSFER_LOGIT, off_hours

_TINY = 1e-300


def describe_trainer(population: Population) -> list[Record]:
    """Tell the cohort that transfers more."""
    mine = population.agents.trainer[population.contacts.agent] == TRAINER
    moved = population.contacts.transfers > 0
    answering = population.answers.sum(axis=1)
    transfers = figure(
        population,
        lambda part: float(
            np.average(moved[mine & part], weights=answering[mine & part])
            - np.average(moved[~mine & part], weights=answering[~mine & part])
        ),
    )
    logit = TRANSFER_LOGIT[population.contacts.touchpoint]
    more = population.effects.trainer_on_transfer
    cohort, others = (float(sigmoid(logit + added).mean()) for added in (more, 0.0))
    everyone = cohort - others
    where = {"trainer": TRAINERS[TRAINER], "against": "the other trainers"}
    return [
        Record(
            name="trainer: transfers",
            planted="one trainer's cohort, two agents in every team, transfers more",
            unit="share of contacts with a transfer",
            population=everyone,
            direct=everyone,
            total=everyone,
            respondents=transfers,
            more={**where, "cohort": cohort, "others": others},
        ),
        contrast(
            population,
            mine,
            ~mine,
            name="trainer: score",
            planted="and so scores less; nothing else is different about it, nor about any team",
            direct=0.0,
            more=where,
        ),
    ]


def describe_inviting(population: Population) -> Record:
    """Tell the team that invites only resolved contacts."""
    team = population.agents.team[population.contacts.agent] == INVITING_TEAM
    resolved = population.contacts.resolved
    within = figure(
        population,
        lambda part: (
            nps(population.answers[team & resolved & part])
            - nps(population.answers[~team & resolved & part])
        ),
    )
    return Record(
        name="inviting team",
        planted="one team asks only about resolved contacts; no team is better than another",
        unit=POINTS,
        population=0.0,
        direct=0.0,
        total=0.0,
        respondents=difference(population, population.answers, team, ~team),
        more={
            "team": team_name(INVITING_TEAM),
            "against": "the other teams",
            "respondents_resolved_only": within.value,
        },
    )


def describe_employment(population: Population) -> Record:
    """Tell part-time from full-time."""
    part_time = population.agents.part_time[population.contacts.agent]
    off = off_hours(population.contacts.started).astype(np.int64)
    adjusted = figure(
        population,
        lambda part: difference_within(population.answers[part], part_time[part], off[part]),
    )
    return contrast(
        population,
        part_time,
        ~part_time,
        name="part-time against full-time",
        planted="part-timers work evenings and weekends, when waits are longer; that is all",
        direct=0.0,
        more={
            "respondents_within_hours": adjusted.value,
            "hours": "weekdays before 18:00 against evenings and weekends",
        },
    )


def describe_agents(population: Population) -> list[Record]:
    """Tell how much agents differ."""
    agents, contacts = population.agents, population.contacts
    spread = population.effects.agent_spread
    own = spread * slope(population, population.felt)
    scores = []
    for counts in (population.felt, population.answers):
        bands = np.array(
            [np.bincount(contacts.agent, counts[:, k], minlength=len(agents)) for k in range(3)]
        )
        score = 100 * (bands[2] - bands[0]) / bands.sum(axis=0)
        # Less what is chance in an agent's score, the crowd being finite.
        each = 100 * (counts[:, 2] - counts[:, 0]) / np.maximum(counts.sum(axis=1), _TINY)
        noise = np.var(each) / np.bincount(contacts.agent, minlength=len(agents))
        scores.append(float(np.sqrt(max(0.0, np.var(score) - noise.mean()))))
    note = "standard deviation between agents"
    return [
        Record(
            name="agents: own spread",
            planted=f"{note}, all else alike; it adds up to nothing in every team and cohort",
            unit=POINTS,
            population=own,
            direct=own,
            total=own,
            respondents=exact(spread * slope(population, population.answers)),
            more={"logit": {"direct": spread}, "agents": len(agents)},
        ),
        Record(
            name="agents: spread before adjusting",
            planted=f"{note}, with their trainer, hours and invitations left in",
            unit=POINTS,
            population=scores[0],
            direct=own,
            total=scores[0],
            respondents=exact(scores[1]),
        ),
    ]


def describe_judges(population: Population) -> list[Record]:
    """Tell how those who judge differ, and what their scores are worth."""
    effects = population.effects
    severe, lenient = effects.severity
    records = [
        Record(
            name=name,
            planted=planted,
            unit="points of 100",
            population=value,
            direct=value,
            total=value,
            respondents=exact(value),
            more={"evaluator": who},
        )
        for name, planted, value, who in (
            ("severe evaluator", "rates lower", severe, f"supervisor {SEVERE + 1:02d}"),
            ("lenient evaluator", "rates higher", lenient, f"supervisor {LENIENT + 1:02d}"),
            ("self-rating", "agents rate themselves higher", effects.self_rating, "the agent"),
        )
    ]
    service = service_logit(population.contacts, effects)
    chance = Chance(0, "quality of the crowd")
    quality = draw_quality(chance, service, effects)
    rating = np.mean(
        [
            rate_quality(chance, quality, np.full(len(quality), criterion), 0.0)
            for criterion in range(len(CRITERIA))
        ],
        axis=0,
    )
    means, squares = _moments()

    def correlation(counts: Floats, part: Flags) -> float:
        weights = counts[part]
        n = weights.sum()
        one, score = rating[part], weights @ means
        mean_one, mean_score = (weights.sum(axis=1) * one).sum() / n, score.sum() / n
        cross = (one * score).sum() / n - mean_one * mean_score
        spread_one = (weights.sum(axis=1) * one**2).sum() / n - mean_one**2
        spread_score = (weights @ squares).sum() / n - mean_score**2
        return float(cross / np.sqrt(spread_one * spread_score))

    everyone = correlation(population.felt, np.ones(len(rating), np.bool_))
    records.append(
        Record(
            name="QA score with the customer's score",
            planted="hardly anything: a rating sees little of what customers feel",
            unit="correlation with the score from 0 to 10, ratings by a fair evaluator",
            population=everyone,
            direct=0.0,
            total=everyone,
            respondents=figure(population, lambda part: correlation(population.answers, part)),
        )
    )
    return records


def _moments() -> tuple[Floats, Floats]:
    """Give the mean and the mean square of the scores of each band."""
    pairs = list(zip(SCORES, SHARES, strict=True))
    means = [np.average(score, weights=share) for score, share in pairs]
    squares = [np.average(score**2, weights=share) for score, share in pairs]
    return np.array(means), np.array(squares)
