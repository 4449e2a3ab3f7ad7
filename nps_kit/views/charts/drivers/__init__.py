"""What goes with the score: effects, importance, losses, scenarios, doses and fit."""

from nps_kit.views.charts.drivers.bridge import draw_contributions
from nps_kit.views.charts.drivers.calibration import draw_fit
from nps_kit.views.charts.drivers.confounding import draw_confounding
from nps_kit.views.charts.drivers.doses import draw_doses
from nps_kit.views.charts.drivers.effects import draw_drivers
from nps_kit.views.charts.drivers.quadrant import draw_ranking
from nps_kit.views.charts.drivers.scenarios import draw_what_if

__all__ = [
    "draw_confounding",
    "draw_contributions",
    "draw_doses",
    "draw_drivers",
    "draw_fit",
    "draw_ranking",
    "draw_what_if",
]
