"""Small table in, one altair chart out."""

from nps_kit.views.charts.benchmarks import draw_benchmarks
from nps_kit.views.charts.estimates import draw_estimates
from nps_kit.views.charts.histogram import draw_histogram
from nps_kit.views.charts.score import draw_score
from nps_kit.views.charts.trend import draw_trend

__all__ = ["draw_benchmarks", "draw_estimates", "draw_histogram", "draw_score", "draw_trend"]
