"""Pictures of exercises: few marks, large words, each placed by the pixel."""

from nps_kit.views.charts.scores.definitions import draw_definitions
from nps_kit.views.charts.scores.guesses import draw_guesses
from nps_kit.views.charts.scores.mixes import draw_mixes
from nps_kit.views.charts.scores.shapes import draw_shapes
from nps_kit.views.charts.scores.steps import draw_steps

__all__ = ["draw_definitions", "draw_guesses", "draw_mixes", "draw_shapes", "draw_steps"]
