"""What a scenario supposes, as a team lead would say it: "if nobody waited longer than 2 min"."""

from typing import NamedTuple

from nps_kit.views.drivers.words import say_driver
from nps_kit.views.wording import NOT_GIVEN, shorten

_JOINT = ", "
"""What stands between the levels that are moved."""

_TOP = " and over"
_BOTTOM = "under "
_NONE = ("none", "0")
_TIMES = {"1": "once", "2": "twice"}
_MOST_LEVELS = 4


class _Verb(NamedTuple):
    """What customers met: said of one, of several, and of those who met it no longer."""

    one: str
    many: str
    still: str
    means_no: bool = False
    """Whether it tells of those at "no"."""


_FLAGS: dict[str, _Verb] = {
    "resolved_first_contact": _Verb(
        "got it resolved at first contact", "got it resolved at first contact", "did"
    ),
    "no_repeat_in_7_days": _Verb(
        "came back within 7 days", "came back within 7 days", "did", means_no=True
    ),
    "had_to_repeat": _Verb("had to repeat themselves", "had to repeat themselves", "had to"),
    "recognised": _Verb("was recognised", "were recognised", "were"),
    "proactive": _Verb("was contacted beforehand", "were contacted beforehand", "were"),
    "callback_offered": _Verb("was offered a call-back", "were offered a call-back", "were"),
    "used_preferred_channel": _Verb(
        "used the channel they prefer", "used the channel they prefer", "did"
    ),
    "abandoned": _Verb(
        "hung up before an agent answered", "hung up before an agent answered", "did"
    ),
}
_DURATIONS: dict[str, _Verb] = {
    "wait_seconds": _Verb("waited", "waited", "did"),
    "hold_seconds": _Verb("was on hold", "were on hold", "were"),
    "handle_seconds": _Verb("was with the agent", "were with the agent", "were"),
}
_TRANSFERRED = _Verb("was transferred", "were transferred", "were")


def suppose(column: str, *, value: str, moved_from: str, portion: str) -> str:
    """Say what a change of one driver supposes.

    Parameters
    ----------
    column
        The driver.
    value
        The level it is moved to, as it is shown: "yes", "under 30 s".
    moved_from
        The levels that are moved, with commas between; empty: none.
    portion
        The part of them: "all", "half", "30 %".

    Returns
    -------
    A clause that ", the score would be ..." follows: "if half of those who were transferred no
    longer were"; of a driver that the kit does not know, "with tariff at gold instead of basic".
    """
    levels = moved_from.split(_JOINT) if moved_from else []
    said = (
        _suppose_flag(_FLAGS.get(column), value, levels, portion)
        or _suppose_limit(_DURATIONS.get(column), _find_limit(value, levels), portion)
        or (_suppose_transfers(value, levels, portion) if column == "transfers" else "")
    )
    return said or _suppose_level(column, value, levels, portion)


def _suppose_flag(verb: _Verb | None, value: str, levels: list[str], portion: str) -> str:
    if verb is None or value not in ("yes", "no") or {*levels} - {"yes", "no", NOT_GIVEN}:
        return ""
    if (value == "yes") != verb.means_no:
        if portion == "all":
            return f"if everybody {verb.one}"
        return f"if {portion} of the others {verb.many} too"
    return _suppose_fewer(verb, "", portion)


def _suppose_limit(verb: _Verb | None, limit: str, portion: str) -> str:
    return _suppose_fewer(verb, f" longer than {limit}", portion) if verb and limit else ""


def _find_limit(value: str, levels: list[str]) -> str:
    """Give the upper end of a band, where only longer ones are moved; else nothing."""
    if any(level.startswith(_BOTTOM) or level == NOT_GIVEN for level in levels):
        return ""
    if value.startswith(_BOTTOM):
        return value.removeprefix(_BOTTOM)
    is_last = not levels or levels[-1].endswith(_TOP)
    return value.rpartition(" to ")[2] if " to " in value and is_last else ""


def _suppose_transfers(value: str, levels: list[str], portion: str) -> str:
    if NOT_GIVEN in levels:
        return ""
    if value in _NONE:
        return _suppose_fewer(_TRANSFERRED, "", portion)
    fewer = [level for level in levels if level in _NONE or (level.isdigit() and level < value)]
    if not value.isdigit() or fewer:
        return ""
    times = _TIMES.get(value, f"{value} times")
    return _suppose_fewer(_TRANSFERRED, f" more than {times}", portion)


def _suppose_fewer(verb: _Verb, more: str, portion: str) -> str:
    if portion == "all":
        return f"if nobody {verb.one}{more}"
    return f"if {portion} of those who {verb.many}{more} no longer {verb.still}"


def _suppose_level(column: str, value: str, levels: list[str], portion: str) -> str:
    said = f"with {say_driver(column)} at {shorten(value)}"
    if not levels:
        return said
    if len(levels) > _MOST_LEVELS:
        others = "any other level"
    else:
        names = [shorten(level) for level in levels]
        others = " or ".join([", ".join(names[:-1]), names[-1]]) if names[1:] else names[0]
    part = "" if portion == "all" else f" for {portion} of those contacts"
    return f"{said} instead of {others}{part}"
