"""How many answers it takes: for a margin, for a difference, and what those at hand can show."""

from nps_kit.stats.planning.plans import plan_detectable, plan_difference, plan_margin

__all__ = ["plan_detectable", "plan_difference", "plan_margin"]
