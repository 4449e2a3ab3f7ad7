"""Why a score moved: who contacted the centre, who answered, and how they scored."""

from nps_kit.stats.changes.decomposition import decompose_change

__all__ = ["decompose_change"]
