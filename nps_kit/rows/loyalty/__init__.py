"""Answers beside what their customers did next: who stayed, spent and referred, as counts."""

from nps_kit.rows.loyalty.customers import tally_customers
from nps_kit.rows.loyalty.spells import CALLBACKS, HELD_BACK, tally_loyalty

__all__ = ["CALLBACKS", "HELD_BACK", "tally_customers", "tally_loyalty"]
