"""Explore, explain and report the Net Promoter Score of a contact centre, with its uncertainty."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nps_kit.counts import find_edges as find_edges
    from nps_kit.counts import roll_up as roll_up
    from nps_kit.errors import KitError as KitError
    from nps_kit.outputs import Answer as Answer
    from nps_kit.outputs import Provenance as Provenance
    from nps_kit.outputs import Title as Title
    from nps_kit.periods import find_period as find_period
    from nps_kit.periods import keep_complete as keep_complete
    from nps_kit.reports.names import find_notebook as find_notebook
    from nps_kit.reports.parameters import parse_parameters as parse_parameters
    from nps_kit.reports.parameters import read_parameters as read_parameters
    from nps_kit.reports.plans import find_next as find_next
    from nps_kit.reports.plans import read_plan as read_plan
    from nps_kit.reports.render import render_report as render_report
    from nps_kit.reports.schedule import read_status as read_status
    from nps_kit.reports.schedule import run_due as run_due
    from nps_kit.reports.schedule import run_report as run_report
    from nps_kit.rows.checks import check_responses as check_responses
    from nps_kit.rows.columns import join_columns as join_columns
    from nps_kit.rows.columns import list_values as list_values
    from nps_kit.rows.contacts import tally_contacts as tally_contacts
    from nps_kit.rows.exports import check_import as check_import
    from nps_kit.rows.exports import import_table as import_table
    from nps_kit.rows.exports import open_export as open_export
    from nps_kit.rows.exports import propose_mapping as propose_mapping
    from nps_kit.rows.exports import read_import as read_import
    from nps_kit.rows.exports import read_mapping as read_mapping
    from nps_kit.rows.joins import join_service as join_service
    from nps_kit.rows.loyalty import suppress_bands as suppress_bands
    from nps_kit.rows.loyalty import suppress_days as suppress_days
    from nps_kit.rows.loyalty import tally_customers as tally_customers
    from nps_kit.rows.loyalty import tally_loyalty as tally_loyalty
    from nps_kit.rows.loyalty import tally_outcomes as tally_outcomes
    from nps_kit.rows.measures import suppress_measures as suppress_measures
    from nps_kit.rows.measures import tally_measures as tally_measures
    from nps_kit.rows.only import keep_rows as keep_rows
    from nps_kit.rows.privacy import count_redactions as count_redactions
    from nps_kit.rows.privacy import keep_whole as keep_whole
    from nps_kit.rows.privacy import redact_comments as redact_comments
    from nps_kit.rows.privacy import suppress_alike as suppress_alike
    from nps_kit.rows.privacy import suppress_levels as suppress_levels
    from nps_kit.rows.privacy import suppress_small as suppress_small
    from nps_kit.rows.sample import make_sample as make_sample
    from nps_kit.rows.sample import write_sample as write_sample
    from nps_kit.rows.service import tally_service as tally_service
    from nps_kit.rows.sources import check_address as check_address
    from nps_kit.rows.sources import open_data as open_data
    from nps_kit.rows.sources import open_table as open_table
    from nps_kit.rows.sources import open_whole as open_whole
    from nps_kit.rows.tallies import tally as tally
    from nps_kit.selection import keep_group as keep_group
    from nps_kit.selection import keep_survey as keep_survey
    from nps_kit.stats.benchmarks import Profile as Profile
    from nps_kit.stats.benchmarks import compare_benchmarks as compare_benchmarks
    from nps_kit.stats.changes import decompose_change as decompose_change
    from nps_kit.stats.comparisons import compare_groups as compare_groups
    from nps_kit.stats.comparisons import compare_pairs as compare_pairs
    from nps_kit.stats.comparisons import compare_periods as compare_periods
    from nps_kit.stats.drivers import compare_logits as compare_logits
    from nps_kit.stats.drivers import decompose_drivers as decompose_drivers
    from nps_kit.stats.drivers import estimate_doses as estimate_doses
    from nps_kit.stats.drivers import estimate_drivers as estimate_drivers
    from nps_kit.stats.drivers import estimate_fit as estimate_fit
    from nps_kit.stats.drivers import flag_drivers as flag_drivers
    from nps_kit.stats.drivers import rank_drivers as rank_drivers
    from nps_kit.stats.drivers import simulate_what_if as simulate_what_if
    from nps_kit.stats.estimates import estimate_nps as estimate_nps
    from nps_kit.stats.estimates import estimate_shares as estimate_shares
    from nps_kit.stats.measures import estimate_measures as estimate_measures
    from nps_kit.stats.outcomes import compare_retention as compare_retention
    from nps_kit.stats.outcomes import estimate_callbacks as estimate_callbacks
    from nps_kit.stats.outcomes import estimate_costs as estimate_costs
    from nps_kit.stats.outcomes import estimate_referrals as estimate_referrals
    from nps_kit.stats.outcomes import estimate_retention as estimate_retention
    from nps_kit.stats.outcomes import estimate_spend as estimate_spend
    from nps_kit.stats.outcomes import estimate_worth as estimate_worth
    from nps_kit.stats.planning import plan_detectable as plan_detectable
    from nps_kit.stats.planning import plan_difference as plan_difference
    from nps_kit.stats.planning import plan_margin as plan_margin
    from nps_kit.stats.segments import estimate_funnel as estimate_funnel
    from nps_kit.stats.segments import shrink_groups as shrink_groups
    from nps_kit.stats.segments import standardise_groups as standardise_groups
    from nps_kit.stats.targets import estimate_target as estimate_target
    from nps_kit.stats.targets import plan_target as plan_target
    from nps_kit.stats.trends import trace_nps as trace_nps
    from nps_kit.views.charts import draw_benchmarks as draw_benchmarks
    from nps_kit.views.charts import draw_callbacks as draw_callbacks
    from nps_kit.views.charts import draw_changes as draw_changes
    from nps_kit.views.charts import draw_comparisons as draw_comparisons
    from nps_kit.views.charts import draw_confounding as draw_confounding
    from nps_kit.views.charts import draw_contributions as draw_contributions
    from nps_kit.views.charts import draw_doses as draw_doses
    from nps_kit.views.charts import draw_drivers as draw_drivers
    from nps_kit.views.charts import draw_estimates as draw_estimates
    from nps_kit.views.charts import draw_fit as draw_fit
    from nps_kit.views.charts import draw_funnel as draw_funnel
    from nps_kit.views.charts import draw_hazards as draw_hazards
    from nps_kit.views.charts import draw_histogram as draw_histogram
    from nps_kit.views.charts import draw_measures as draw_measures
    from nps_kit.views.charts import draw_plan as draw_plan
    from nps_kit.views.charts import draw_ranking as draw_ranking
    from nps_kit.views.charts import draw_ranks as draw_ranks
    from nps_kit.views.charts import draw_reasons as draw_reasons
    from nps_kit.views.charts import draw_referrals as draw_referrals
    from nps_kit.views.charts import draw_retention as draw_retention
    from nps_kit.views.charts import draw_score as draw_score
    from nps_kit.views.charts import draw_shrinkage as draw_shrinkage
    from nps_kit.views.charts import draw_spend as draw_spend
    from nps_kit.views.charts import draw_standards as draw_standards
    from nps_kit.views.charts import draw_targets as draw_targets
    from nps_kit.views.charts import draw_trace as draw_trace
    from nps_kit.views.charts import draw_trend as draw_trend
    from nps_kit.views.charts import draw_volumes as draw_volumes
    from nps_kit.views.charts import draw_what_if as draw_what_if
    from nps_kit.views.charts import draw_worth as draw_worth
    from nps_kit.views.filters import offer_filters as offer_filters
    from nps_kit.views.sentences import say_absent as say_absent
    from nps_kit.views.sentences import say_bands as say_bands
    from nps_kit.views.sentences import say_benchmarks as say_benchmarks
    from nps_kit.views.sentences import say_callbacks as say_callbacks
    from nps_kit.views.sentences import say_changes as say_changes
    from nps_kit.views.sentences import say_checked as say_checked
    from nps_kit.views.sentences import say_comparisons as say_comparisons
    from nps_kit.views.sentences import say_confounding as say_confounding
    from nps_kit.views.sentences import say_contributions as say_contributions
    from nps_kit.views.sentences import say_costs as say_costs
    from nps_kit.views.sentences import say_doses as say_doses
    from nps_kit.views.sentences import say_drivers as say_drivers
    from nps_kit.views.sentences import say_estimates as say_estimates
    from nps_kit.views.sentences import say_fit as say_fit
    from nps_kit.views.sentences import say_flags as say_flags
    from nps_kit.views.sentences import say_funnel as say_funnel
    from nps_kit.views.sentences import say_hazards as say_hazards
    from nps_kit.views.sentences import say_import as say_import
    from nps_kit.views.sentences import say_increase as say_increase
    from nps_kit.views.sentences import say_kept as say_kept
    from nps_kit.views.sentences import say_measures as say_measures
    from nps_kit.views.sentences import say_plan as say_plan
    from nps_kit.views.sentences import say_ranking as say_ranking
    from nps_kit.views.sentences import say_referrals as say_referrals
    from nps_kit.views.sentences import say_remarks as say_remarks
    from nps_kit.views.sentences import say_retention as say_retention
    from nps_kit.views.sentences import say_shrinkage as say_shrinkage
    from nps_kit.views.sentences import say_source as say_source
    from nps_kit.views.sentences import say_spend as say_spend
    from nps_kit.views.sentences import say_standards as say_standards
    from nps_kit.views.sentences import say_targets as say_targets
    from nps_kit.views.sentences import say_trace as say_trace
    from nps_kit.views.sentences import say_what_if as say_what_if
    from nps_kit.views.sentences import say_worth as say_worth
    from nps_kit.views.tables import tabulate_benchmarks as tabulate_benchmarks
    from nps_kit.views.tables import tabulate_callbacks as tabulate_callbacks
    from nps_kit.views.tables import tabulate_changes as tabulate_changes
    from nps_kit.views.tables import tabulate_columns as tabulate_columns
    from nps_kit.views.tables import tabulate_comparisons as tabulate_comparisons
    from nps_kit.views.tables import tabulate_costs as tabulate_costs
    from nps_kit.views.tables import tabulate_drivers as tabulate_drivers
    from nps_kit.views.tables import tabulate_estimates as tabulate_estimates
    from nps_kit.views.tables import tabulate_hazards as tabulate_hazards
    from nps_kit.views.tables import tabulate_measures as tabulate_measures
    from nps_kit.views.tables import tabulate_ranking as tabulate_ranking
    from nps_kit.views.tables import tabulate_referrals as tabulate_referrals
    from nps_kit.views.tables import tabulate_retention as tabulate_retention
    from nps_kit.views.tables import tabulate_spend as tabulate_spend
    from nps_kit.views.theme import use_theme as use_theme

__version__ = "0.1.0"

_HOMES = {
    "counts": ("find_edges", "roll_up"),
    "errors": ("KitError",),
    "outputs": ("Answer", "Provenance", "Title"),
    "periods": ("find_period", "keep_complete"),
    "reports.names": ("find_notebook",),
    "reports.parameters": ("parse_parameters", "read_parameters"),
    "reports.plans": ("find_next", "read_plan"),
    "reports.render": ("render_report",),
    "reports.schedule": ("read_status", "run_due", "run_report"),
    "rows.checks": ("check_responses",),
    "rows.columns": ("join_columns", "list_values"),
    "rows.contacts": ("tally_contacts",),
    "rows.exports": (
        "check_import",
        "import_table",
        "open_export",
        "propose_mapping",
        "read_import",
        "read_mapping",
    ),
    "rows.joins": ("join_service",),
    "rows.loyalty": (
        "suppress_bands",
        "suppress_days",
        "tally_customers",
        "tally_loyalty",
        "tally_outcomes",
    ),
    "rows.measures": ("suppress_measures", "tally_measures"),
    "rows.only": ("keep_rows",),
    "rows.privacy": (
        "count_redactions",
        "keep_whole",
        "redact_comments",
        "suppress_alike",
        "suppress_levels",
        "suppress_small",
    ),
    "rows.sample": ("make_sample", "write_sample"),
    "rows.service": ("tally_service",),
    "rows.sources": ("check_address", "open_data", "open_table", "open_whole"),
    "rows.tallies": ("tally",),
    "selection": ("keep_group", "keep_survey"),
    "stats.benchmarks": ("Profile", "compare_benchmarks"),
    "stats.changes": ("decompose_change",),
    "stats.comparisons": ("compare_groups", "compare_pairs", "compare_periods"),
    "stats.drivers": (
        "compare_logits",
        "decompose_drivers",
        "estimate_doses",
        "estimate_drivers",
        "estimate_fit",
        "flag_drivers",
        "rank_drivers",
        "simulate_what_if",
    ),
    "stats.estimates": ("estimate_nps", "estimate_shares"),
    "stats.measures": ("estimate_measures",),
    "stats.outcomes": (
        "compare_retention",
        "estimate_callbacks",
        "estimate_costs",
        "estimate_referrals",
        "estimate_retention",
        "estimate_spend",
        "estimate_worth",
    ),
    "stats.planning": ("plan_detectable", "plan_difference", "plan_margin"),
    "stats.segments": ("estimate_funnel", "shrink_groups", "standardise_groups"),
    "stats.targets": ("estimate_target", "plan_target"),
    "stats.trends": ("trace_nps",),
    "views.charts": (
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
    ),
    "views.filters": ("offer_filters",),
    "views.sentences": (
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
    ),
    "views.tables": (
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
    ),
    "views.theme": ("use_theme",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - one table says where each name lives


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any name of the table
    """Find a name's home on first use: importing the package costs almost nothing."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'nps_kit' has no attribute '{name}'")
    found = getattr(import_module(f"nps_kit.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
