"""The loyalty: leaving, call-backs, spend and referrals, as planted."""

from typing import Any

from nps_kit.rows.sample.effects import Effects
from nps_kit.rows.sample.outcomes import CALLED, ELIGIBLE, GRACE_DAYS
from nps_kit.rows.sample.truths.population import Record, exact
from nps_kit.scale import BANDS


def describe_loyalty(effects: Effects) -> list[Record]:
    """Tell who leaves, spends and refers more."""
    _, detractor, passive, promoter = effects.leaving
    mixed = detractor * (1 - ELIGIBLE * CALLED * (1 - effects.call_back))
    spell = (
        "hazard of leaving from an answer that counts until the next of that customer, "
        f"of either survey; nobody leaves within {GRACE_DAYS} days of an answer"
    )
    rows: list[tuple[str, str, str, float, dict[str, Any]]] = [
        (
            "leaving: detractors",
            spell,
            "hazard ratio",
            detractor / promoter,
            {
                "against": "promoters",
                "who": "detractors not called back",
                "transactional_detractors": mixed / promoter,
                "per_day": detractor,
            },
        ),
        (
            "leaving: passives",
            spell,
            "hazard ratio",
            passive / promoter,
            {"against": "promoters", "per_day": passive},
        ),
        (
            "call-back within 48 hours",
            "among detractors who agreed to be called: called by lot, against not drawn",
            "hazard ratio",
            effects.call_back,
            {"eligible_share": ELIGIBLE, "drawn_share": CALLED},
        ),
    ]
    for place, band in enumerate(BANDS[::2]):
        one = effects.spend[1 + 2 * place] / effects.spend[2]
        rows.append(
            (
                f"spend: {band}",
                "monthly spend by latest answer, the same in every segment",
                "ratio of medians",
                one,
                {"against": "passives"},
            )
        )
    for place, band in enumerate(BANDS, 1):
        rows.append(
            (
                f"referrals of {band}",
                "by latest answer, over all years as a customer",
                "referrals a customer and year",
                effects.referrals[place],
                {},
            )
        )
    return [
        Record(
            name=name,
            planted=planted,
            unit=unit,
            population=value,
            direct=value,
            total=value,
            respondents=exact(value),
            more=more,
        )
        for name, planted, unit, value, more in rows
    ]
