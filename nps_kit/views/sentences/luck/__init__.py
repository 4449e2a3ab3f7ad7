"""What luck alone does to a score, in words."""

from nps_kit.views.sentences.luck.coaching import say_coaching
from nps_kit.views.sentences.luck.gaming import say_gaming
from nps_kit.views.sentences.luck.leaderboards import say_leaderboard, say_reshuffle
from nps_kit.views.sentences.luck.lotteries import say_lottery

__all__ = ["say_coaching", "say_gaming", "say_leaderboard", "say_lottery", "say_reshuffle"]
