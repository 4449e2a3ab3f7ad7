"""What a score is made of, what it hides, and what it may be set beside."""

from nps_kit.stats.scores.definitions import compare_definitions
from nps_kit.stats.scores.guesses import compare_guesses, find_figures
from nps_kit.stats.scores.mixes import compare_mixes, find_reversals
from nps_kit.stats.scores.shapes import find_shapes
from nps_kit.stats.scores.steps import find_steps

__all__ = [
    "compare_definitions",
    "compare_guesses",
    "compare_mixes",
    "find_figures",
    "find_reversals",
    "find_shapes",
    "find_steps",
]
