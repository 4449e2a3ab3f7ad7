"""The options of a draw: whole numbers and shares, checked."""

from numbers import Integral

from nps_kit.errors import bad_option
from nps_kit.stats.planning.options import is_real


def check_whole(value: object, *, caller: str, option: str, least: int, most: int) -> int:
    """Give a whole number from `least` to `most`; raise if it is none.

    Raises
    ------
    OptionError
        Naming the option, what was found and the range.
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not (whole and least <= int(value) <= most):  # type: ignore[call-overload]
        rule = f"a whole number from {least:,} to {most:,}"
        raise bad_option(value, caller=caller, option=option, rule=rule)
    return int(value)  # type: ignore[call-overload, no-any-return]


def check_share(value: float, *, caller: str, option: str) -> float:
    """Give a share from 0 to 1; raise if it is none.

    Raises
    ------
    OptionError
        Naming the option and what was found.
    """
    if not (is_real(value) and 0 <= value <= 1):
        raise bad_option(value, caller=caller, option=option, rule="a share from 0 to 1")
    return float(value)
