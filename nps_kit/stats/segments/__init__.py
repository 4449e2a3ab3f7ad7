"""Segments beside one another: adjusted for their mix, luck taken out, judged by a funnel.

One path leads through all three: `standardise_groups` sets each group beside what its contacts
would lead one to expect, and its table goes to `shrink_groups` or to `estimate_funnel`. Where the
groups have the same contacts, both take the counts themselves.
"""

from nps_kit.stats.segments.funnels import estimate_funnel
from nps_kit.stats.segments.shrinkage import shrink_groups
from nps_kit.stats.segments.standards import standardise_groups

__all__ = ["estimate_funnel", "shrink_groups", "standardise_groups"]
