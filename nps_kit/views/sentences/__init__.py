"""Small table in, one plain sentence out, with the facts it was made from."""

from nps_kit.views.sentences.benchmarks import say_benchmarks
from nps_kit.views.sentences.data import say_absent, say_bands, say_checked, say_kept
from nps_kit.views.sentences.estimates import say_estimates

__all__ = [
    "say_absent",
    "say_bands",
    "say_benchmarks",
    "say_checked",
    "say_estimates",
    "say_kept",
]
