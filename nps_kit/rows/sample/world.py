"""The world of the sample: its calendar, its words, and how its contact centre works.

Nothing here touches a score. What does is in `effects`.
"""

from datetime import date

import numpy as np

from nps_kit.rows.sample.chance import Flags, Floats, Ints

SEED = 20260930
"""Seed of the sample that comes with the kit."""

DAY = 86_400
"""Seconds of a day. Times are seconds since 1970, local and without a zone."""


def day_of(when: date) -> int:
    """Count the days from 1970 to a date."""
    return (when - date(1970, 1, 1)).days


FIRST_DAY = day_of(date(2024, 10, 1))
END_DAY = day_of(date(2026, 10, 1))
"""The first day after the window."""

OUTAGE_MONTH = date(2025, 6, 1)
MIX_QUARTER = date(2026, 1, 1)
QUARTER_BEFORE = date(2025, 10, 1)
ACTION_DATE = date(2026, 4, 1)
COACHING_DATE = date(2025, 10, 1)
COACHING_QUARTER = date(2025, 7, 1)

TOUCHPOINTS = (
    "onboarding",
    "post-purchase",
    "billing",
    "technical support",
    "claims",
    "renewal",
)
ONBOARDING = TOUCHPOINTS.index("onboarding")
BILLING = TOUCHPOINTS.index("billing")
CHANNELS = ("phone", "chat", "email", "app message")
PHONE = CHANNELS.index("phone")
CHAT = CHANNELS.index("chat")

WAIT_BANDS = (120, 300)
"""Seconds at which the wait begins to hurt, and to hurt sharply."""
HOLD_BAND = 120

# One row a touchpoint, in the order of TOUCHPOINTS.
CHANNEL_MIX = np.array(
    [
        [0.50, 0.25, 0.10, 0.15],
        [0.42, 0.28, 0.18, 0.12],
        [0.58, 0.22, 0.14, 0.06],
        [0.58, 0.32, 0.04, 0.06],
        [0.66, 0.12, 0.18, 0.04],
        [0.60, 0.22, 0.10, 0.08],
    ]
)
PREFERRED = np.array([0.48, 0.28, 0.14, 0.10])
HONOURED = 0.4
"""Share of contacts that take place on the customer's preferred channel on purpose."""

TRANSFER_LOGIT = np.array([-2.3, -2.3, -1.75, -1.5, -1.45, -2.0])
RESOLVED_LOGIT = np.array([1.75, 1.85, 1.45, 1.1, 1.0, 1.7])
PROACTIVE = np.array([0.35, 0.20, 0.15, 0.12, 0.15, 0.32])
RECOGNISED = np.array([0.42, 0.50, 0.40, 0.75])
"""By channel: an app knows who writes."""
HOLD_MEDIAN = np.array([35.0, 32.0, 55.0, 115.0, 125.0, 45.0])
"""By touchpoint and by nothing else: the driver that acts only through touchpoint."""
TALK_MEDIAN = np.array([330.0, 260.0, 300.0, 520.0, 560.0, 340.0])

WAIT_MEDIAN = np.array([[72.0, 45.0], [320.0, 190.0]])
"""Seconds: in the day and off-hours (rows), by phone and chat (columns)."""
WAIT_SPREAD = 0.85
LONGEST_WAIT = 3600
ABANDONS = np.array([0.01, 0.05, 0.14])
"""Share that hangs up, by wait band."""
OFFERED = np.array([0.06, 0.28, 0.45])
"""Share of phone contacts offered a call-back, by wait band."""
OFFERED_ELSEWHERE = 0.03

MORE_TRANSFERS = (0.26, 0.04)
"""Share of the contacts with a transfer that have a second one, and a third one."""
FOLLOWED = (0.42, 0.05)
"""Share of unresolved and of resolved contacts that lead to another within a week."""
REPEATED_LOGIT = (-1.85, -0.75)
"""Having to repeat oneself: first contacts, and contacts that follow an unresolved one."""

PART_TIME = (0.05, 0.85)
"""Share of contacts that part-timers take: in the day, and off-hours."""
OFF_FROM = 18
WEEKDAYS = np.array([1.08, 1.02, 1.0, 0.98, 0.97, 0.72, 0.5])
HOURS = np.array([0, 0, 0, 0, 0, 0, 0, 0, 6, 9, 10, 10, 9, 8, 8, 9, 9, 8, 6, 5, 4, 3, 0, 0], float)

_WEEK = 7
_MONDAY = 4  # 1970 began on a Thursday: day 4 was a Monday.
_SATURDAY = 5


def weekday(day: Ints) -> Ints:
    """Give the day of the week, Monday being 0."""
    return np.asarray((day - _MONDAY) % _WEEK, np.int64)


def off_hours(started: Ints) -> Flags:
    """Tell evenings and weekends, when few are at work and waits are longer."""
    hour = started % DAY // 3600
    return np.asarray((hour >= OFF_FROM) | (weekday(started // DAY) >= _SATURDAY), np.bool_)


def month_of(time: Ints) -> Ints:
    """Count the months from the first of the window, 0 to 23."""
    months = (time // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months - month_number(date(2024, 10, 1)), np.int64)


def month_number(first: date) -> int:
    """Count the months from 1970 to a date."""
    return (first.year - 1970) * 12 + first.month - 1


def month_index(first: date) -> int:
    """Count the months from the first of the window to a date."""
    return month_number(first) - month_number(date(2024, 10, 1))


def in_quarter(month: Ints, first: date) -> Flags:
    """Tell the months of the quarter that starts on `first`."""
    return np.asarray(month // 3 == month_index(first) // 3, np.bool_)


def wait_band(wait: Floats) -> Ints:
    """Give the wait band as a number: under two minutes, two to five, five and over."""
    return np.asarray((wait[:, None] >= np.array(WAIT_BANDS)).sum(axis=1), np.int64)
