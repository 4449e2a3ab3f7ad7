"""What loyalty brings, printed: who stays, how fast they leave, what they spend and refer."""

from nps_kit.views.tables.outcomes.amounts import (
    tabulate_costs,
    tabulate_referrals,
    tabulate_spend,
)
from nps_kit.views.tables.outcomes.callbacks import tabulate_callbacks
from nps_kit.views.tables.outcomes.staying import tabulate_hazards, tabulate_retention

__all__ = [
    "tabulate_callbacks",
    "tabulate_costs",
    "tabulate_hazards",
    "tabulate_referrals",
    "tabulate_retention",
    "tabulate_spend",
]
