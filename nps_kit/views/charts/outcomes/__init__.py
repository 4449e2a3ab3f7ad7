"""What loyalty brings, drawn: staying, leaving, spending, referring, and what moves them."""

from nps_kit.views.charts.outcomes.amounts import draw_referrals, draw_spend
from nps_kit.views.charts.outcomes.callbacks import draw_callbacks
from nps_kit.views.charts.outcomes.hazards import draw_hazards
from nps_kit.views.charts.outcomes.retention import draw_retention
from nps_kit.views.charts.outcomes.worth import draw_worth

__all__ = [
    "draw_callbacks",
    "draw_hazards",
    "draw_referrals",
    "draw_retention",
    "draw_spend",
    "draw_worth",
]
