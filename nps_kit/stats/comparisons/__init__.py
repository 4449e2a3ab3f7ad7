"""Two scores side by side: groups, periods, the same people twice, and whether it is chance."""

from nps_kit.stats.comparisons.groups import compare_groups
from nps_kit.stats.comparisons.pairs import compare_pairs
from nps_kit.stats.comparisons.periods import compare_periods

__all__ = ["compare_groups", "compare_pairs", "compare_periods"]
