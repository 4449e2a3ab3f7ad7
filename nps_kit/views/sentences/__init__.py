"""Small table in, one plain sentence out, with the facts it was made from."""

from nps_kit.views.sentences.benchmarks import say_benchmarks
from nps_kit.views.sentences.changes import say_changes
from nps_kit.views.sentences.comparisons import say_comparisons
from nps_kit.views.sentences.data import say_absent, say_bands, say_checked, say_kept
from nps_kit.views.sentences.drivers import (
    say_confounding,
    say_contributions,
    say_doses,
    say_drivers,
    say_fit,
    say_flags,
    say_ranking,
    say_what_if,
)
from nps_kit.views.sentences.estimates import say_estimates
from nps_kit.views.sentences.funnel import say_funnel
from nps_kit.views.sentences.imports import say_import, say_remarks, say_source
from nps_kit.views.sentences.increases import say_increase
from nps_kit.views.sentences.measures import say_measures
from nps_kit.views.sentences.outcomes import (
    say_callbacks,
    say_costs,
    say_hazards,
    say_referrals,
    say_retention,
    say_spend,
    say_worth,
)
from nps_kit.views.sentences.planning import say_plan
from nps_kit.views.sentences.shrinkage import say_shrinkage
from nps_kit.views.sentences.standards import say_standards
from nps_kit.views.sentences.targets import say_targets
from nps_kit.views.sentences.trace import say_trace

__all__ = [
    "say_absent",
    "say_bands",
    "say_benchmarks",
    "say_callbacks",
    "say_changes",
    "say_checked",
    "say_comparisons",
    "say_confounding",
    "say_contributions",
    "say_costs",
    "say_doses",
    "say_drivers",
    "say_estimates",
    "say_fit",
    "say_flags",
    "say_funnel",
    "say_hazards",
    "say_import",
    "say_increase",
    "say_kept",
    "say_measures",
    "say_plan",
    "say_ranking",
    "say_referrals",
    "say_remarks",
    "say_retention",
    "say_shrinkage",
    "say_source",
    "say_spend",
    "say_standards",
    "say_targets",
    "say_trace",
    "say_what_if",
    "say_worth",
]
