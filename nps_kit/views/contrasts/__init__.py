"""Comparisons as a reader sees them: read once for every sentence, chart and table."""

from nps_kit.views.contrasts.distances import write_bounds, write_distance, write_number
from nps_kit.views.contrasts.reading import read_contrasts
from nps_kit.views.contrasts.rows import Contrast, Contrasts

__all__ = [
    "Contrast",
    "Contrasts",
    "read_contrasts",
    "write_bounds",
    "write_distance",
    "write_number",
]
