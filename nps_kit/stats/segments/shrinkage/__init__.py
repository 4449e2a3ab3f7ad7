"""Small groups with luck taken out: shrunken scores, the spread between groups, their ranks."""

from nps_kit.stats.segments.shrinkage.groups import shrink_groups

__all__ = ["shrink_groups"]
