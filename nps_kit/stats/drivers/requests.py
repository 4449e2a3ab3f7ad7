"""What is asked of a supposition: options, drivers to keep, a level and a share."""

from collections.abc import Sequence
from numbers import Real
from typing import Literal, get_args

from nps_kit.errors import OptionError, bad_option, check_choice, check_level
from nps_kit.stats.drivers.moves import Who
from nps_kit.stats.drivers.patterns import Value
from nps_kit.stats.samples import check_min_n

Effect = Literal["direct", "total"]
To = Value | Sequence[Value | float]

_RULE = 'a level, or a level and a share of 0 to 1: {"transfers": ["none", 0.5]}'


def check_options(
    *,
    level: float,
    min_n: int,
    move: object,
    effect: object,
    draws: object,
    seed: object,
    caller: str,
) -> None:
    """Check the options that are no names."""
    check_level(level, caller=caller)
    check_min_n(min_n, caller=caller)
    check_choice(move, get_args(Who), caller=caller, option="move")
    check_choice(effect, get_args(Effect), caller=caller, option="effect")
    for option, value, least in (("draws", draws, 100), ("seed", seed, 0)):
        if not isinstance(value, int) or value < least:
            rule = f"a whole number, {least} or more"
            raise bad_option(value, caller=caller, option=option, rule=rule)


def keep_drivers(
    drivers: Sequence[str], *, effect: Effect, mediators: object, caller: str
) -> Sequence[str]:
    """Keep the drivers that the model is to have."""
    if isinstance(drivers, str) or not isinstance(drivers, Sequence):
        return drivers  # find_patterns() words it
    if isinstance(mediators, str) or not isinstance(mediators, Sequence):
        rule = 'a list of names: mediators=["resolved_first_contact"]'
        raise bad_option(mediators, caller=caller, option="mediators", rule=rule)
    for name in mediators:
        if name not in drivers:
            raise bad_option(name, caller=caller, option="mediators", choices=list(drivers))
    if effect == "direct":
        return drivers
    if not mediators:
        raise OptionError(
            f'{caller} cannot tell the effect="total" without mediators.\n'
            "  Name the drivers through which the change acts: "
            'mediators=["resolved_first_contact"].'
        )
    return [name for name in drivers if name not in mediators]


def read_asked(name: str, to: object, *, caller: str) -> tuple[str, float]:
    """Read the level that a driver is to have, and the share that is moved there."""
    value, share = to, 1.0
    if isinstance(to, Sequence) and not isinstance(to, str):
        if len(to) != 2:  # noqa: PLR2004 - a level and a share
            raise bad_option({name: to}, caller=caller, option="change", rule=_RULE)
        value, share = to
    real = isinstance(share, Real) and not isinstance(share, bool)
    if not (isinstance(value, str | int) and real and 0 < float(share) <= 1):
        raise bad_option({name: to}, caller=caller, option="change", rule=_RULE)
    return str(value).lower() if isinstance(value, bool) else str(value), float(share)
