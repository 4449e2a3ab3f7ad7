"""What goes with the score: each driver's effect, its importance, and what to doubt."""

from nps_kit.stats.drivers.checks import flag_drivers
from nps_kit.stats.drivers.contributions import decompose_drivers
from nps_kit.stats.drivers.doses import estimate_doses
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.drivers.fits import estimate_fit
from nps_kit.stats.drivers.logits import compare_logits
from nps_kit.stats.drivers.ranking import rank_drivers
from nps_kit.stats.drivers.scenarios import simulate_what_if
from nps_kit.stats.drivers.suppositions import plan_what_if

__all__ = [
    "compare_logits",
    "decompose_drivers",
    "estimate_doses",
    "estimate_drivers",
    "estimate_fit",
    "flag_drivers",
    "plan_what_if",
    "rank_drivers",
    "simulate_what_if",
]
