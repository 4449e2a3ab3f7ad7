"""Small table in, one plain sentence out, with the facts it was made from."""

from nps_kit.views.sentences.benchmarks import say_benchmarks
from nps_kit.views.sentences.changes import say_changes
from nps_kit.views.sentences.comparisons import say_comparisons
from nps_kit.views.sentences.data import say_absent, say_bands, say_checked, say_kept
from nps_kit.views.sentences.estimates import say_estimates
from nps_kit.views.sentences.funnel import say_funnel
from nps_kit.views.sentences.imports import say_import, say_remarks, say_source
from nps_kit.views.sentences.increases import say_increase
from nps_kit.views.sentences.planning import say_plan
from nps_kit.views.sentences.shrinkage import say_shrinkage
from nps_kit.views.sentences.standards import say_standards
from nps_kit.views.sentences.targets import say_targets
from nps_kit.views.sentences.trace import say_trace

__all__ = [
    "say_absent",
    "say_bands",
    "say_benchmarks",
    "say_changes",
    "say_checked",
    "say_comparisons",
    "say_estimates",
    "say_funnel",
    "say_import",
    "say_increase",
    "say_kept",
    "say_plan",
    "say_remarks",
    "say_shrinkage",
    "say_source",
    "say_standards",
    "say_targets",
    "say_trace",
]
