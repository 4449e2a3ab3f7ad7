"""An explorer: one count table, made once, and whatever is asked of it."""

from nps_kit.widgets.explorer.explore import explore_nps

__all__ = ["explore_nps"]
