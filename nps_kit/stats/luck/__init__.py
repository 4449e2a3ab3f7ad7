"""What luck alone does to a score: a lottery, a leaderboard dealt anew, coaching, and gaming."""

from nps_kit.stats.luck.coaching import compare_coaching, simulate_coaching
from nps_kit.stats.luck.gaming import simulate_gaming
from nps_kit.stats.luck.leaderboards import simulate_leaderboard
from nps_kit.stats.luck.lotteries import find_lottery, simulate_lottery
from nps_kit.stats.luck.reshuffles import simulate_reshuffle

__all__ = [
    "compare_coaching",
    "find_lottery",
    "simulate_coaching",
    "simulate_gaming",
    "simulate_leaderboard",
    "simulate_lottery",
    "simulate_reshuffle",
]
