"""A control chart: a score over time, what is usual, and what a rule marks."""

from nps_kit.views.charts.trace.picture import draw_trace

__all__ = ["draw_trace"]
