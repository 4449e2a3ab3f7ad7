"""Is it a signal: a score over time, its limits, and the periods that a rule marks."""

from nps_kit.stats.trends.trace import trace_nps

__all__ = ["trace_nps"]
