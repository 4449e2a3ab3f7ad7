"""Why a score moved: the bridge from before to after, and what each segment gave."""

from nps_kit.views.charts.changes.screen import draw_changes

__all__ = ["draw_changes"]
