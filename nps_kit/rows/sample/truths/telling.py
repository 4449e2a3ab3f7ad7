"""The truth: what is planted, and what a perfect large analysis of those who answer would find."""

from functools import cache
from typing import Any

from nps_kit.rows.sample.answers import SHARES
from nps_kit.rows.sample.chance import Floats
from nps_kit.rows.sample.effects import EFFECTS, HIGH, LONGEST_HURT, LOW, EffectsName
from nps_kit.rows.sample.people import INVITING_TEAM, TRAINER, TRAINERS
from nps_kit.rows.sample.plans import COACHING_ACTION, WORKING_ACTION, team_name
from nps_kit.rows.sample.quality import LENIENT, SEVERE
from nps_kit.rows.sample.truths.drivers import describe_drivers, describe_hold, describe_model
from nps_kit.rows.sample.truths.loyalty import describe_loyalty
from nps_kit.rows.sample.truths.population import (
    POINTS,
    Population,
    Record,
    figure,
    make_population,
    nps,
)
from nps_kit.rows.sample.truths.staff import (
    describe_agents,
    describe_employment,
    describe_inviting,
    describe_judges,
    describe_trainer,
)
from nps_kit.rows.sample.truths.swings import (
    describe_actions,
    describe_mix,
    describe_outage,
    describe_touchpoints,
)
from nps_kit.rows.sample.world import (
    ACTION_DATE,
    COACHING_DATE,
    MIX_QUARTER,
    OUTAGE_MONTH,
    QUARTER_BEFORE,
    TOUCHPOINTS,
    WAIT_BANDS,
)
from nps_kit.scale import BANDS

_DIGITS = 5


@cache
def _records(effects: EffectsName) -> tuple[Record, ...]:
    how = EFFECTS[effects]
    population = make_population(how)
    return (
        _overall(population),
        *_responses(population),
        *describe_drivers(population),
        describe_hold(population),
        *describe_touchpoints(population),
        describe_outage(population),
        *describe_mix(population),
        *describe_trainer(population),
        describe_inviting(population),
        describe_employment(population),
        *describe_agents(population),
        *describe_judges(population),
        *describe_loyalty(how),
        *describe_actions(population),
    )


def tell_truth(effects: EffectsName) -> dict[str, Any]:
    """Tell everything that is planted, the same for every seed and scale.

    Parameters
    ----------
    effects
        Whether anything makes a difference.

    Returns
    -------
    ``model`` (how scores come about), ``driver_model`` (the analysis that the figures of the
    drivers belong to), ``where`` (names and dates), ``fields`` (what the values of an effect mean)
    and ``effects``: one record for each, with ``population``, ``direct``, ``total``,
    ``respondents`` and ``mc_error``.
    """
    how = EFFECTS[effects]
    truth = {
        "fields": {
            "population": "the value in all contacts, or customers, whether they answer or not",
            "direct": "what is left when everything it acts through is held fixed",
            "total": "what changing it would bring, everything it acts through included",
            "respondents": "what a perfect, very large analysis of those who answer would find",
            "mc_error": "standard error of `respondents`, which is computed from a finite crowd",
        },
        "model": {
            "form": [
                "P(detractor) = 1 / (1 + exp(eta - low))",
                "P(promoter) = 1 / (1 + exp(high - eta))",
            ],
            "low": LOW,
            "high": HIGH,
            "wait_per_minute": {
                "from_seconds": list(WAIT_BANDS),
                "logit": list(how.wait_per_minute),
                "to_minutes": LONGEST_HURT,
            },
            "touchpoint_logit": dict(zip(TOUCHPOINTS, how.touchpoint, strict=True)),
            "scores_within_bands": {
                band: shares.tolist() for band, shares in zip(BANDS, SHARES, strict=True)
            },
            "relational": f"eta carries {how.relational_share} of the service of the last contact",
        },
        "driver_model": describe_model(),
        "where": {
            "outage_month": OUTAGE_MONTH.isoformat(),
            "mix_quarter": MIX_QUARTER.isoformat(),
            "quarter_before": QUARTER_BEFORE.isoformat(),
            "trainer": TRAINERS[TRAINER],
            "inviting_team": team_name(INVITING_TEAM),
            "severe_evaluator": f"supervisor {SEVERE + 1:02d}",
            "lenient_evaluator": f"supervisor {LENIENT + 1:02d}",
            "working_action": WORKING_ACTION,
            "working_action_from": ACTION_DATE.isoformat(),
            "coaching_action": COACHING_ACTION,
            "coaching_action_from": COACHING_DATE.isoformat(),
        },
        "effects": [record.plain() for record in _records(effects)],
    }
    rounded: dict[str, Any] = _rounded(truth)
    return rounded


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any plain value
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        # Adding nothing turns a negative zero into a plain one.
        return round(value, _DIGITS) + 0.0
    return value


def _overall(population: Population) -> Record:
    found = figure(population, lambda part: nps(population.answers[part]))
    everyone = nps(population.felt)
    return Record(
        name="overall score",
        planted="the unhappy and the happy answer more often than the rest",
        unit=POINTS,
        population=everyone,
        direct=everyone,
        total=everyone,
        respondents=found,
        more={
            "shares": {
                "population": dict(zip(BANDS, _shares(population.felt), strict=True)),
                "respondents": dict(zip(BANDS, _shares(population.answers), strict=True)),
            }
        },
    )


def _shares(counts: Floats) -> list[float]:
    bands = counts.sum(axis=0)
    return [float(share) for share in bands / bands.sum()]


def _responses(population: Population) -> list[Record]:
    asked = (population.felt * population.asked[:, None]).sum(axis=0)
    rates = population.answers.sum(axis=0) / asked
    return [
        Record(
            name=f"response of {band}",
            planted="share of those asked who answer; it cannot be seen among those who do",
            unit="share",
            population=float(rates[place]),
            direct=float(rates[place]),
            total=float(rates[place]),
            respondents=None,
        )
        for place, band in enumerate(BANDS)
    ]
