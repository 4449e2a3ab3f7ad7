"""Luck, felt: a lottery, one's own leaderboard dealt anew, coaching, and a score helped along."""

from nps_kit.widgets.training.luck.coaching import explore_coaching
from nps_kit.widgets.training.luck.gaming import explore_gaming
from nps_kit.widgets.training.luck.leaderboard import explore_leaderboard
from nps_kit.widgets.training.luck.lottery import explore_lottery

__all__ = ["explore_coaching", "explore_gaming", "explore_leaderboard", "explore_lottery"]
