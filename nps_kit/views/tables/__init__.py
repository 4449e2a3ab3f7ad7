"""Small table in, one printed table out: words for heads, numbers written the kit's way."""

from nps_kit.views.tables.benchmarks import tabulate_benchmarks
from nps_kit.views.tables.changes import tabulate_changes
from nps_kit.views.tables.comparisons import tabulate_comparisons
from nps_kit.views.tables.drivers import tabulate_drivers, tabulate_ranking
from nps_kit.views.tables.estimates import tabulate_estimates
from nps_kit.views.tables.imports import tabulate_columns
from nps_kit.views.tables.measures import tabulate_measures
from nps_kit.views.tables.outcomes import (
    tabulate_callbacks,
    tabulate_costs,
    tabulate_hazards,
    tabulate_referrals,
    tabulate_retention,
    tabulate_spend,
)

__all__ = [
    "tabulate_benchmarks",
    "tabulate_callbacks",
    "tabulate_changes",
    "tabulate_columns",
    "tabulate_comparisons",
    "tabulate_costs",
    "tabulate_drivers",
    "tabulate_estimates",
    "tabulate_hazards",
    "tabulate_measures",
    "tabulate_ranking",
    "tabulate_referrals",
    "tabulate_retention",
    "tabulate_spend",
]
