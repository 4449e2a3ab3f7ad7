"""How people write dates: patterns, months in words, and what a column shows of its order."""

from typing import Literal

import polars as pl

from nps_kit.rows.checks import BLANK_WORDS

Order = Literal[
    "year first", "day first", "month first", "excel days", "unix seconds", "unix milliseconds"
]
"""How a column writes its dates, where that is known and need not be read off it."""

NUMBERED: dict[str, int] = {"excel days": 0, "unix seconds": 1, "unix milliseconds": 1000}
"""Orders that are bare numbers; for seconds, how many of their units one has."""

_CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?\s?[Mm]\.?)?"
    r"(?:\s*(?P<offset>[Zz]|(?:UTC|GMT)?[+-](?:\d{2}(?::?\d{2})?|\d(?::\d{2})?)|UTC|GMT))?)?$"
)
"""A time of day, or none, up to the end: what is not understood makes the cell no date."""

ISO = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK
ORDERED = r"^(?P<first>\d{1,2})[-/. ](?P<next>\d{1,2})[-/. ](?P<year>\d{4}|\d{2})" + _CLOCK
NAMED = r"\d[-/. ,]+\p{L}{3,}|\p{L}{3,}[-/. ,]+(?:de )?\d"
_WEEKDAY = r"(?:\p{L}{2,10}\.?,? +)?"
_DAY_NAME = rf"^{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|\.)?[-/. ]+(?:de )?(\p{{L}}{{3,}})\.?,?"
_DAY_MONTH = _DAY_NAME + r"[-/. ]+(?:de )?(\d{4}|\d{2})\b"
_MONTH_DAY = rf"^{_WEEKDAY}(\p{{L}}{{3,}})\.? +(\d{{1,2}})(?:st|nd|rd|th)?,? +(\d{{4}})\b"
_MONTH_NAMES = (
    *("jan|ene|gen", "feb|fév|fev", "mar|mär|mrz", "apr|avr|abr", "may|mai|mag|mei"),
    *("jun|juin|giu", "jul|juil|lug", "aug|aoû|aou|ago", "sep|set", "oct|okt|out|ott"),
    *("nov", "dec|déc|dez|dic"),
)
"""How the names of the months begin in six languages."""

CLOCK_PARTS = ("hour", "minute", "second", "half", "offset")
SERIAL = r"^\d{5}(\.\d+)?$|^\d{10}(\d{3})?$"
MONTHS = 12
CENTURY = "20"
EPOCH_DAYS = 25_569
"""Day number that a spreadsheet gives the first day of 1970."""


def gather_evidence(text: pl.Expr, raw: pl.Expr) -> list[pl.Expr]:
    """Gather what a column shows of how it writes dates.

    Parameters
    ----------
    text
        Its cells, months in words spelt as numbers.
    raw
        Its cells as they were written.

    Returns
    -------
    Counts of each kind of date, and cells that tell the order.
    """
    ordered = text.str.extract_groups(ORDERED).struct
    first, second = (ordered.field(part).cast(pl.Int64) for part in ("first", "next"))
    year = ordered.field("year")
    iso = text.str.contains(ISO)
    offset = text.str.extract_groups(ISO).struct.field("offset").fill_null(ordered.field("offset"))
    filled = ~text.str.to_lowercase().is_in(BLANK_WORDS)
    unread = raw.filter(filled & ~iso & first.is_null())
    return [
        text.filter(filled).len().cast(pl.Int64).alias("filled"),
        iso.sum().cast(pl.Int64).alias("iso"),
        first.is_not_null().sum().cast(pl.Int64).alias("ordered"),
        offset.is_not_null().sum().cast(pl.Int64).alias("offset"),
        text.filter(first > MONTHS).first().alias("day_first"),
        text.filter(second > MONTHS).first().alias("month_first"),
        (year.str.len_chars() > len(CENTURY)).any().alias("long_years"),
        (year.str.len_chars() == len(CENTURY)).any().alias("short_years"),
        first.n_unique().cast(pl.Int64).alias("firsts"),
        year.n_unique().cast(pl.Int64).alias("years"),
        raw.filter(iso).first().alias("iso_cell"),
        text.filter(first.is_not_null()).first().alias("ordered_cell"),
        unread.first().alias("unread"),
        raw.str.contains(SERIAL).sum().cast(pl.Int64).alias("serials"),
    ]


def spell_months(text: pl.Expr) -> pl.Expr:
    """Write a month in words as a number, year first; all else as it is."""
    spelt = text.str.replace(_DAY_MONTH, "${3}-${2}-${1}").str.replace(_MONTH_DAY, "${3}-${1}-${2}")
    for number, names in enumerate(_MONTH_NAMES, start=1):
        spelt = spelt.str.replace(rf"(?i)^(\d{{2,4}})-(?:{names})\p{{L}}*-", f"${{1}}-{number}-")
    short = spelt.str.replace(r"^(\d{2}-\d{1,2}-\d{1,2})", f"{CENTURY}${{1}}")
    named = text.str.contains(NAMED)
    return pl.when(named).then(short).otherwise(text)
