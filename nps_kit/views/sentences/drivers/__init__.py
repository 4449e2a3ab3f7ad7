"""What goes with the score, what it costs, what a change would bring, and what to doubt."""

from nps_kit.views.sentences.drivers.confounding import say_confounding
from nps_kit.views.sentences.drivers.curves import say_doses, say_fit
from nps_kit.views.sentences.drivers.effects import say_drivers
from nps_kit.views.sentences.drivers.flags import say_flags
from nps_kit.views.sentences.drivers.parts import say_contributions, say_what_if
from nps_kit.views.sentences.drivers.ranks import say_ranking
from nps_kit.views.sentences.drivers.suppositions import say_levels

__all__ = [
    "say_confounding",
    "say_contributions",
    "say_doses",
    "say_drivers",
    "say_fit",
    "say_flags",
    "say_levels",
    "say_ranking",
    "say_what_if",
]
