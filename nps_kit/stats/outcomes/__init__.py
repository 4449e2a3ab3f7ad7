"""What loyalty brings: who stays, spends and refers, what it is worth, what call-backs do."""

from nps_kit.stats.outcomes.callbacks import estimate_callbacks
from nps_kit.stats.outcomes.costs import estimate_costs
from nps_kit.stats.outcomes.referrals import estimate_referrals
from nps_kit.stats.outcomes.retention import compare_retention, estimate_retention
from nps_kit.stats.outcomes.spend import estimate_spend
from nps_kit.stats.outcomes.worth import estimate_worth

__all__ = [
    "compare_retention",
    "estimate_callbacks",
    "estimate_costs",
    "estimate_referrals",
    "estimate_retention",
    "estimate_spend",
    "estimate_worth",
]
