"""How numbers, names and dates are written, the same in every sentence, chart and table."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import isfinite
from typing import TypeGuard

from nps_kit.counts import Every

MINUS = "\u2212"
NOT_GIVEN = "not given"
LEAST_P = 0.001
"""Below it a p-value is only said to be so."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DECEMBER = 12
_QUARTER_STARTS = (1, 4, 7, 10)
_MONTHS_A_QUARTER = 3
_DAYS_A_WEEK = 7
_SHORTEST_QUARTER = 90
_SHORTEST_YEAR = 365


def is_number(value: float | None) -> TypeGuard[float]:
    """Tell whether there is a number to write: neither null nor NaN nor infinite."""
    return value is not None and isfinite(value)


def write_points(points: float, *, decimals: int = 0) -> str:
    """Write points of a bound: a true minus sign, no plus, never a minus zero."""
    text = f"{abs(points):.{decimals}f}"
    return MINUS + text if points < 0 and float(text) else text


def write_score(points: float, *, decimals: int = 0) -> str:
    """Write a score: as `write_points`, with a plus sign where it is above zero."""
    text = write_points(points, decimals=decimals)
    return f"+{text}" if points > 0 and float(text) else text


def write_span(low: float | None, high: float | None, *, decimals: int = 0) -> str:
    """Write an interval in words; nothing where a bound is missing."""
    if not (is_number(low) and is_number(high)):
        return ""
    return f"{write_points(low, decimals=decimals)} to {write_points(high, decimals=decimals)}"


def write_count(n: int, noun: str, *, plural: str = "") -> str:
    """Write a number of things, with commas at the thousands and the right plural."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def write_share(share: float) -> str:
    """Write a share as a whole percentage; none and all are said only where they are so."""
    percent = f"{100 * share:.0f}"
    if share > 0 and percent == "0":
        return "<1 %"
    if share < 1 and percent == "100":
        return ">99 %"
    return f"{percent} %"


def write_p_value(p_value: float | None) -> str:
    """Write a p-value for a column of them, "0.410" or "<0.001"; empty: there is none."""
    if not is_number(p_value):
        return ""
    return f"<{LEAST_P}" if p_value < LEAST_P else f"{p_value:.3f}"


def write_level(level: float) -> str:
    """Write the level of an interval: 95 %, 99.9 %."""
    return f"{100 * level:.6g} %"


def write_list(words: Sequence[str]) -> str:
    """Join words with commas, and an "and" before the last."""
    if len(words) < 2:  # noqa: PLR2004 - fewer than two need no joining
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def start_sentence(text: str) -> str:
    """Begin with a capital, but leave a name such as iPhone as it is."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text


def name_column(column: str) -> str:
    """Turn a column's name into words: survey_channel is "survey channel"."""
    return clean(column.replace("_", " ")) or "group"


def clean(text: str) -> str:
    """Bring text to one line: no control or direction marks, single spaces."""
    # Joiners are kept: Persian words and emoji need them.
    kept = (" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return " ".join("".join(sign for sign in kept if sign not in _DIRECTION_MARKS).split())


def shorten(text: str, *, most: int = 48) -> str:
    """Cut a long name, with an ellipsis in place of what is gone."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def name_value(value: object) -> str:
    """Name a group after its key, whatever its type."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return NOT_GIVEN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        # A team's number is a name: no commas.
        return f"{value:.6g}".replace("-", MINUS) if isinstance(value, float) else str(value)
    if isinstance(value, datetime):
        return f"{name_day(value.date())}, {value:%H:%M}"
    if isinstance(value, date):
        return name_day(value)
    return clean(str(value)) or "(blank)"


def say_value(column: str, value: object) -> str:
    """Name a group in a sentence, with its column where the value says too little by itself."""
    name = shorten(name_value(value))
    if isinstance(value, str) and not name.isdigit():
        return name
    number = name.isdigit() and not isinstance(value, bool)
    return f"{name_column(column)}{'' if number else ':'} {name}"


def name_day(day: date) -> str:
    """Write a day: 7 September 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def name_period(start: date, *, every: Every) -> str:
    """Write a period by its first day: September 2026, Q3 2026, the week of 7 September 2026."""
    match every:
        case "year":
            return str(start.year)
        case "quarter":
            return f"Q{(start.month - 1) // _MONTHS_A_QUARTER + 1} {start.year}"
        case "month":
            return f"{_MONTHS[start.month - 1]} {start.year}"
        case "week":
            return f"the week of {name_day(start)}"
        case "day":
            return name_day(start)


def place_period(start: date, *, every: Every) -> str:
    """Say when: in September 2026, in the week of 7 September 2026, on 4 August 2025."""
    return f"{'on' if every == 'day' else 'in'} {name_period(start, every=every)}"


def next_period(start: date, *, every: Every) -> date:
    """Find the first day of the period after the one that begins on `start`."""
    if every == "day":
        return start + timedelta(days=1)
    if every == "week":
        return start + timedelta(days=_DAYS_A_WEEK)
    if every == "year":
        return date(start.year + 1, 1, 1)
    month = start.month + (_MONTHS_A_QUARTER if every == "quarter" else 1)
    if month > _DECEMBER:
        return date(start.year + 1, month - _DECEMBER, 1)
    return date(start.year, month, 1)


def guess_unit(starts: Sequence[date]) -> Every:
    """Tell the unit of periods from their first days, as far as it shows.

    The table holds only first days. A lone first of a month is taken for a month; three months
    apart throughout is a quarter, a year apart a year.
    """
    days = sorted(set(starts))
    if not days:
        return "month"
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    shortest = min(gaps, default=0)
    if all(day.day == 1 for day in days) and (not gaps or shortest > _DAYS_A_WEEK):
        if shortest >= _SHORTEST_YEAR and all(day.month == 1 for day in days):
            return "year"
        if shortest >= _SHORTEST_QUARTER and all(day.month in _QUARTER_STARTS for day in days):
            return "quarter"
        return "month"
    if gaps and all(gap % _DAYS_A_WEEK == 0 for gap in gaps) and days[0].weekday() == 0:
        return "week"
    return "day"
