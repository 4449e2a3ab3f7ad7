"""The plans: actions taken, one of which works, and targets set."""

from datetime import date

import numpy as np
import polars as pl

from nps_kit.rows.sample.answers import Answers
from nps_kit.rows.sample.chance import Ints
from nps_kit.rows.sample.people import INVITING_TEAM
from nps_kit.rows.sample.world import (
    ACTION_DATE,
    COACHING_DATE,
    COACHING_QUARTER,
    TOUCHPOINTS,
    in_quarter,
    month_of,
)

WORKING_ACTION = "action 4"
COACHING_ACTION = "action 3"

_TARGETS = (65.0, 60.0, 35.0, 15.0, 5.0, 50.0)
_TEAM_TARGETS = (30.0, 32.0)
_FIRST_YEAR = 4
_QUARTERS = tuple(
    date(year, month, 1)
    for year, month in ((2024, 10), *((y, m) for y in (2025, 2026) for m in (1, 4, 7, 10)))
)[:8]


def team_name(team: int) -> str:
    """Name a team by its place."""
    return f"team {team + 1:02d}"


def coached_team(answers: Answers, team: Ints, teams: int) -> int:
    """Find the team with the lowest score of the quarter before: unlucky, not worse.

    The team that invites only resolved contacts is left out.
    """
    mine = answers.good & (team >= 0)
    mine &= in_quarter(month_of(answers.responded), COACHING_QUARTER)
    n = np.bincount(team[mine], minlength=teams)
    points = np.bincount(team[mine], weights=answers.band[mine] - 1.0, minlength=teams)
    score = np.where(n > 0, points / np.maximum(n, 1), np.inf)
    score[INVITING_TEAM] = np.inf
    return int(np.argmin(score))


def make_actions(coached: int) -> pl.DataFrame:
    """Make the table of actions."""
    rows = [
        (
            "action 1",
            date(2025, 2, 1),
            "technical support",
            None,
            "New music on hold",
            "operations",
        ),
        ("action 2", date(2025, 7, 1), "post-purchase", None, "Warmer greeting", "training"),
        (
            COACHING_ACTION,
            COACHING_DATE,
            None,
            team_name(coached),
            "Coaching for the team with the lowest score of the quarter",
            "training",
        ),
        (
            WORKING_ACTION,
            ACTION_DATE,
            "billing",
            None,
            "Bills explained line by line, in plain words",
            "billing product",
        ),
        ("action 5", date(2026, 7, 1), "renewal", None, "Reminder two weeks earlier", "marketing"),
    ]
    names = ["action_id", "started_on", "touchpoint", "team", "description", "owner"]
    return pl.DataFrame(rows, schema=names, orient="row")


def make_targets(teams: int) -> pl.DataFrame:
    """Make targets: one a quarter for each touchpoint and each team."""
    rows: list[tuple[date, float, str | None, str | None]] = [
        (period, target, touchpoint, None)
        for period in _QUARTERS
        for touchpoint, target in zip(TOUCHPOINTS, _TARGETS, strict=True)
    ]
    rows += [
        (period, _TEAM_TARGETS[number >= _FIRST_YEAR], None, team_name(team))
        for number, period in enumerate(_QUARTERS)
        for team in range(teams)
    ]
    return pl.DataFrame(
        rows, schema=["period", "target_nps", "touchpoint", "team"], orient="row"
    ).with_columns(pl.col("touchpoint", "team").cast(pl.String))
