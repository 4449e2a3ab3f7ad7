"""Small table in, one altair chart out."""

from nps_kit.views.charts.benchmarks import draw_benchmarks
from nps_kit.views.charts.changes import draw_changes
from nps_kit.views.charts.comparisons import draw_comparisons
from nps_kit.views.charts.drivers import (
    draw_confounding,
    draw_contributions,
    draw_doses,
    draw_drivers,
    draw_fit,
    draw_ranking,
    draw_what_if,
)
from nps_kit.views.charts.estimates import draw_estimates
from nps_kit.views.charts.funnel import draw_funnel
from nps_kit.views.charts.histogram import draw_histogram
from nps_kit.views.charts.imports import draw_reasons, draw_volumes
from nps_kit.views.charts.measures import draw_measures
from nps_kit.views.charts.outcomes import (
    draw_callbacks,
    draw_hazards,
    draw_referrals,
    draw_retention,
    draw_spend,
    draw_worth,
)
from nps_kit.views.charts.planning import draw_plan
from nps_kit.views.charts.ranks import draw_ranks
from nps_kit.views.charts.score import draw_score
from nps_kit.views.charts.shrinkage import draw_shrinkage
from nps_kit.views.charts.standards import draw_standards
from nps_kit.views.charts.targets import draw_targets
from nps_kit.views.charts.trace import draw_trace
from nps_kit.views.charts.trend import draw_trend

__all__ = [
    "draw_benchmarks",
    "draw_callbacks",
    "draw_changes",
    "draw_comparisons",
    "draw_confounding",
    "draw_contributions",
    "draw_doses",
    "draw_drivers",
    "draw_estimates",
    "draw_fit",
    "draw_funnel",
    "draw_hazards",
    "draw_histogram",
    "draw_measures",
    "draw_plan",
    "draw_ranking",
    "draw_ranks",
    "draw_reasons",
    "draw_referrals",
    "draw_retention",
    "draw_score",
    "draw_shrinkage",
    "draw_spend",
    "draw_standards",
    "draw_targets",
    "draw_trace",
    "draw_trend",
    "draw_volumes",
    "draw_what_if",
    "draw_worth",
]
