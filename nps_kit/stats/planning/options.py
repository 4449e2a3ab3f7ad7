"""The options of a plan: points, answers, shares and power, checked."""

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import TypeGuard

from nps_kit.errors import bad_option

SMALLEST = 0.1
"""Points under which nobody plans."""

_BANDS = 3
_DUST = 1e-6


def is_real(value: object) -> TypeGuard[float]:
    """Tell whether it is one finite number, of Python or of numpy; true and false are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def check_power(power: float, *, caller: str) -> None:
    """Raise unless `power` is a probability of a half or more, and less than one."""
    # Less likely than not to find it is no plan, and the formula turns round below that.
    lowest = 0.5
    if not (is_real(power) and lowest <= power < 1):
        raise bad_option(power, caller=caller, option="power", rule="a number from 0.5 to under 1")


def check_points(
    asked: float | Sequence[float], *, caller: str, option: str, highest: float
) -> list[float]:
    """Give the points asked for as a sorted list, each of them once; raise if one is none."""
    rule = f"points from {SMALLEST} to {highest}, one number or several"
    numbers = list(asked) if isinstance(asked, Sequence) else [asked]
    for number in numbers:
        if not (is_real(number) and SMALLEST <= number <= highest):
            raise bad_option(number, caller=caller, option=option, rule=rule)
    if not numbers:
        raise bad_option(asked, caller=caller, option=option, rule=rule)
    return sorted({float(number) for number in numbers})


def check_answers(asked: int | Sequence[int], *, caller: str) -> list[int]:
    """Give the answers asked for as a sorted list, each of them once; raise if one is none."""
    rule = "a whole number of answers from 1 on, or several"
    numbers = list(asked) if isinstance(asked, Sequence) else [asked]
    for number in numbers:
        if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
            raise bad_option(number, caller=caller, option="n", rule=rule)
    if not numbers:
        raise bad_option(asked, caller=caller, option="n", rule=rule)
    return sorted({int(number) for number in numbers})


def check_shares(shares: Sequence[float], *, caller: str) -> tuple[float, ...]:
    """Give the three shares; raise where they are not three, or do not add up to 1."""
    rule = "three shares, of detractors, passives and promoters, that add up to 1"
    given = tuple(shares) if isinstance(shares, Sequence) and not isinstance(shares, str) else ()
    numbers = all(is_real(share) and share >= 0 for share in given)
    if len(given) != _BANDS or not numbers or abs(sum(given) - 1) > _DUST:
        raise bad_option(shares, caller=caller, option="shares", rule=rule)
    return tuple(float(share) for share in given)
