"""Answers beside what their customers did next: who stayed, spent and referred, as counts."""

from nps_kit.rows.loyalty.customers import tally_customers
from nps_kit.rows.loyalty.outcomes import Outcomes, tally_outcomes
from nps_kit.rows.loyalty.spells import CALLBACKS, HELD_BACK, tally_loyalty
from nps_kit.rows.loyalty.suppression import suppress_bands, suppress_days

__all__ = [
    "CALLBACKS",
    "HELD_BACK",
    "Outcomes",
    "suppress_bands",
    "suppress_days",
    "tally_customers",
    "tally_loyalty",
    "tally_outcomes",
]
