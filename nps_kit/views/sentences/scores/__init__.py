"""What an exercise shows, in words: every number of its picture, and the point of it."""

from nps_kit.views.sentences.scores.definitions import say_definitions
from nps_kit.views.sentences.scores.guesses import say_guesses
from nps_kit.views.sentences.scores.mixes import say_mixes, say_reversals
from nps_kit.views.sentences.scores.shapes import say_shapes
from nps_kit.views.sentences.scores.steps import say_steps

__all__ = [
    "say_definitions",
    "say_guesses",
    "say_mixes",
    "say_reversals",
    "say_shapes",
    "say_steps",
]
