"""How amounts, ratios and days are written, the same in every sentence, chart and table."""

from nps_kit.views.wording import MINUS, clean, is_number, write_count

_WHOLE_FROM = 20
_TENTHS_FROM = 1
_MONTH = 365.25 / 12
_YEAR = 12
_NEAR = 3
_MOST_DECIMALS = 4
_HUGE = 10

MILLION = 1_000_000
"""From here on amounts are written in millions."""

HUNDRED = 100
"""Referrals are told of so many customers."""


def write_people(n: int) -> str:
    """Write how many there are; a dash where there are none, or too few to be shown."""
    return f"{n:,}" if n else "\u2013"


def choose_decimals(amount: float) -> int:
    """Find how many decimals an amount of money is written with."""
    return 0 if abs(amount) >= _WHOLE_FROM else 2


def write_amount(amount: float, *, currency: str = "", decimals: int | None = None) -> str:
    """Write an amount of money: "$90", "EUR 1,204"; millions short where no decimals are asked."""
    if decimals is None and abs(amount) >= MILLION:
        return f"{write_amount(amount / MILLION, currency=currency, decimals=2)} m"
    text = f"{abs(amount):,.{choose_decimals(amount) if decimals is None else decimals}f}"
    sign = MINUS if amount < 0 and float(text.replace(",", "")) else ""
    unit = clean(currency)
    return f"{sign}{unit}{' ' if unit[-1:].isalpha() else ''}{text}"


def write_amounts(low: float | None, high: float | None, *, like: float) -> str:
    """Write the bounds of an amount, as finely as the amount; nothing where one is missing."""
    if not (is_number(low) and is_number(high)):
        return ""
    decimals = None if abs(like) >= MILLION else choose_decimals(like)
    return f"{write_amount(low, decimals=decimals)} to {write_amount(high, decimals=decimals)}"


def _rate_decimals(rate: float) -> int:
    return 0 if rate >= _WHOLE_FROM else 1 if rate >= _TENTHS_FROM else 2


def write_rate(rate: float, *, like: float | None = None) -> str:
    """Write a rate a customer as one of a hundred customers."""
    if not rate:
        return "0"
    of = HUNDRED * (rate if like is None else like)
    return f"{HUNDRED * rate:,.{_rate_decimals(of)}f}"


def write_rates(low: float | None, high: float | None, *, like: float) -> str:
    """Write the bounds of a rate, as finely as the rate; nothing where one is missing."""
    if not (is_number(low) and is_number(high)):
        return ""
    like = like or high
    return f"{write_rate(low, like=like)} to {write_rate(high, like=like)}"


def write_times(ratio: float, low: float | None = None, high: float | None = None) -> list[str]:
    """Write a ratio and its bounds, fine enough that none of them reads as 1 without being 1."""
    known = [each for each in (ratio, low, high) if is_number(each)]
    for decimals in range(1 if ratio >= 1 else 2, _MOST_DECIMALS + 1):
        told = [f"{each:,.{decimals}f}" for each in known]
        if not any(
            float(text.replace(",", "")) == 1 != each
            for text, each in zip(told, known, strict=True)
        ):
            break
    return [
        f"{each:,.0f}" if each >= _HUGE else text for text, each in zip(told, known, strict=True)
    ]


def write_times_span(ratio: float, low: float | None, high: float | None) -> str:
    """Write the bounds of a ratio: "2.4 to 3.4"; nothing where one is missing."""
    if not (is_number(low) and is_number(high)):
        return ""
    return " to ".join(write_times(ratio, low, high)[1:])


def write_more(ratio: float, *, more: str = "more", less: str = "less") -> str:
    """Write a ratio as a percentage: "16 % more", "62 % less"."""
    if ratio == 1:
        return "the same"
    size = HUNDRED * abs(ratio - 1)
    text = f"{size:,.0f}"
    if size and text == "0":
        text = "under 1"
    return f"{text} % {more if ratio >= 1 else less}"


def write_more_span(
    low: float | None, high: float | None, *, more: str = "more", less: str = "less"
) -> str:
    """Write the bounds of a ratio as percentages: "10 to 22 %", "6 % less to 5 % more"."""
    if not (is_number(low) and is_number(high)) or low == high == 1:
        return ""
    if low > 1 or high < 1:
        near, far = sorted((low, high), key=lambda each: abs(each - 1))
        return f"{write_more(near).split(' %')[0]} to {write_more(far).split(' %')[0]} %"
    return f"{write_more(low, more=more, less=less)} to {write_more(high, more=more, less=less)}"


def write_tenths(share: float) -> str:
    """Write a share of a table: "88.0 %"."""
    return f"{HUNDRED * share:.1f} %"


def name_days(days: int) -> str:
    """Say how long it is, in months where that is near enough: "90 days" is "3 months"."""
    months = round(days / _MONTH)
    if not months or abs(days - months * _MONTH) > _NEAR:
        return write_count(days, "day")
    if months % _YEAR == 0:
        return write_count(months // _YEAR, "year")
    return write_count(months, "month")


def name_stretch(days: int) -> str:
    """Say after how long: as `name_days`, and "a year" for one."""
    named = name_days(days)
    return "a year" if named == "1 year" else named
