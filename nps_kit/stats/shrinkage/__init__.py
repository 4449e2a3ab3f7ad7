"""Small groups with luck taken out: shrunken scores, the spread between groups, their ranks."""

from nps_kit.stats.shrinkage.groups import shrink_groups

__all__ = ["shrink_groups"]
