"""What the next period may bring, which targets are within reach, and which are luck."""

from nps_kit.stats.targets.prospects import plan_target
from nps_kit.stats.targets.reached import estimate_target

__all__ = ["estimate_target", "plan_target"]
