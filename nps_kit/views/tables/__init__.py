"""Small table in, one printed table out: words for heads, numbers written the kit's way."""

from nps_kit.views.tables.benchmarks import tabulate_benchmarks
from nps_kit.views.tables.changes import tabulate_changes
from nps_kit.views.tables.comparisons import tabulate_comparisons
from nps_kit.views.tables.estimates import tabulate_estimates
from nps_kit.views.tables.imports import tabulate_columns

__all__ = [
    "tabulate_benchmarks",
    "tabulate_changes",
    "tabulate_columns",
    "tabulate_comparisons",
    "tabulate_estimates",
]
