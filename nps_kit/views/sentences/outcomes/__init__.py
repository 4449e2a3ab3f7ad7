"""What loyalty brings, said: staying, leaving, spending, referring, and what moves them."""

from nps_kit.views.sentences.outcomes.amounts import say_costs, say_referrals, say_spend
from nps_kit.views.sentences.outcomes.callbacks import say_callbacks
from nps_kit.views.sentences.outcomes.retention import say_hazards, say_retention
from nps_kit.views.sentences.outcomes.worth import say_worth

__all__ = [
    "say_callbacks",
    "say_costs",
    "say_hazards",
    "say_referrals",
    "say_retention",
    "say_spend",
    "say_worth",
]
