"""What luck alone does to a score, drawn."""

from nps_kit.views.charts.luck.coaching import draw_coaching
from nps_kit.views.charts.luck.gaming import draw_gaming
from nps_kit.views.charts.luck.leaderboards import draw_leaderboard
from nps_kit.views.charts.luck.lotteries import draw_lottery
from nps_kit.views.charts.luck.reshuffles import draw_reshuffle

__all__ = ["draw_coaching", "draw_gaming", "draw_leaderboard", "draw_lottery", "draw_reshuffle"]
