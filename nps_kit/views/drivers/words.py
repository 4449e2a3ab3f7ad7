"""What drivers and their levels are called in a sentence, on a chart and in a table."""

from nps_kit.views.contrasts import write_bounds, write_distance
from nps_kit.views.wording import LEAST_P, NOT_GIVEN, clean, is_number, name_column, shorten

DRIVER_WORDS: dict[str, tuple[str, str]] = {
    "wait_seconds": ("wait", "the wait"),
    "hold_seconds": ("time on hold", "time on hold"),
    "handle_seconds": ("handling time", "handling time"),
    "transfers": ("transfers", "transfers"),
    "resolved_first_contact": ("resolved at first contact", "being resolved at first contact"),
    "no_repeat_in_7_days": ("no repeat in 7 days", "having no repeat in 7 days"),
    "had_to_repeat": ("having to repeat", "having to repeat"),
    "recognised": ("being recognised", "being recognised"),
    "proactive": ("contacted beforehand", "being contacted beforehand"),
    "callback_offered": ("call-back offered", "being offered a call-back"),
    "used_preferred_channel": ("preferred channel used", "using the preferred channel"),
    "abandoned": ("hanging up", "hanging up"),
    "qa_score": ("quality score", "the quality score"),
    "csat": ("satisfaction (CSAT)", "satisfaction (CSAT)"),
    "effort": ("effort", "effort"),
}
"""A driver by its column: as a heading, and within a sentence."""

_ANSWERS = {"true": "yes", "false": "no"}
_TENTH = 0.1
_LONGEST = 48


def name_driver(column: str) -> str:
    """Name a driver: resolved_first_contact is "resolved at first contact"."""
    return DRIVER_WORDS.get(column, (name_column(column),))[0]


def say_driver(column: str) -> str:
    """Name a driver within a sentence: "being resolved at first contact"."""
    spoken = DRIVER_WORDS.get(column, (name_column(column),))[-1]
    return shorten(spoken, most=_LONGEST)


def name_level(value: object) -> str:
    """Name a level of a driver: "yes" and "no" where it is true or false."""
    if value is None:
        return NOT_GIVEN
    return _ANSWERS.get(str(value), clean(str(value)) or "(blank)")


def say_gap(
    points: float, low: float | None, high: float | None, *, value: str, against: str
) -> tuple[str, str]:
    """Say how far apart the score is at two levels, and between which bounds.

    Parameters
    ----------
    points, low, high
        The difference of the first level from the second.
    value, against
        The two levels, as the table has them.

    Returns
    -------
    "51 points lower with 2 or more than with none", and "44 to 59 lower"; of a driver that is true
    or false, the levels go without saying.
    """
    words = write_distance(points, up="higher", down="lower")
    bounds = write_bounds(low, high, up="higher", down="lower")
    return f"{words}{say_sides(value, against)}", bounds


def say_sides(value: str, against: str) -> str:
    """Say which level is set against which; nothing for yes against no."""
    if {value, against} == set(_ANSWERS):
        return "" if value == "true" else " without it"
    one, other = (
        "where it is not given" if side == NOT_GIVEN else f"with {shorten(name_level(side))}"
        for side in (value, against)
    )
    return f" {one} than {other}"


def write_p(p_value: float | None) -> str:
    """Write how often chance alone would show so much: "p = 0.41"."""
    if not is_number(p_value):
        return ""
    if p_value < LEAST_P:
        return f"p < {LEAST_P}"
    return f"p = {p_value:.2f}" if p_value >= _TENTH else f"p = {p_value:.3f}"


def say_nothing_found(p_overall: float | None, *, answers: str) -> str:
    """Say that nothing was found, or that there was nothing to find it with."""
    if not is_number(p_overall):
        return "There is nothing to compare: no driver has two levels that can be set apart."
    told = ", ".join(part for part in (write_p(p_overall), answers) if part)
    return f"Nothing we measured explains the score beyond chance ({told})."
