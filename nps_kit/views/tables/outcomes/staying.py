"""Who stays and how fast they leave, printed."""

import polars as pl
from great_tables import GT

from nps_kit.views.outcomes import NOBODY, Curve, Day, Line, read_hazards, read_retention
from nps_kit.views.outcomes.words import (
    name_days,
    write_people,
    write_tenths,
    write_times,
    write_times_span,
)
from nps_kit.views.tables.outcomes.lines import print_lines, say_context
from nps_kit.views.tables.printing import MOST_ROWS, NONE, print_nothing, print_table, say_rest
from nps_kit.views.wording import is_number, start_sentence, write_p_value

_SAYS = (
    "Halves: until half of all leavers had left, and after it. p: how often chance alone would "
    "show so much, the number of comparisons heeded."
)


def tabulate_retention(retention: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print, by band and day: those still followed, those who left, the share that stays.

    Parameters
    ----------
    retention
        Table of one group as `estimate_retention` makes it, at a few days.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; how to read it is added.

    Returns
    -------
    The table; one quiet line where nobody was followed.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_retention` is not there.
    OptionError
        If the table holds several groups.

    Examples
    --------
    >>> retention = pl.DataFrame(
    ...     {
    ...         "band": ["detractors"],
    ...         "n": [2238],
    ...         "days": 180,
    ...         "at_risk": [809],
    ...         "left": [176],
    ...         "staying": [0.8803],
    ...         "low": [0.8619],
    ...         "high": [0.8964],
    ...         "level": [0.95],
    ...     }
    ... )
    >>> tabulate_retention(retention)
    Band | Answers | After | Still followed | Left | Staying | 95 % interval
    Detractors | 2,238 | 6 months | 809 | 176 | 88.0 % | 86.2 to 89.6 %
    """
    found = read_retention(retention, caller="tabulate_retention()")
    rows = [(curve, day) for curve in found.curves for day in curve.days]
    if not rows:
        return print_nothing(NOBODY, title=title, note=note)
    heads = {
        "group": "Band",
        "n": "Answers",
        "days": "After",
        "at_risk": "Still followed",
        "left": "Left",
        "staying": "Staying",
        "interval": start_sentence(found.shared.interval),
    }
    frame = pl.DataFrame([_tell_day(*row) for row in rows[:MOST_ROWS]])
    notes = [
        note,
        say_context([found.whose, found.shared.context]),
        say_rest(len(rows) - MOST_ROWS),
        "Still followed: when that day began. Left: up to its end. Staying: by Kaplan and Meier.",
    ]
    return print_table(frame, heads, left=["group"], faint=[], title=title, notes=notes)


def tabulate_hazards(hazards: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print how many times as fast each band leaves, early and late, and whether that is chance.

    Parameters
    ----------
    hazards
        Table as `compare_retention` makes it.
    title
        What stands above the table. Empty: nothing.
    note
        The source, the controls and what was set aside; what p is, is added.

    Returns
    -------
    The table; one quiet line where no ratio can be had.

    Raises
    ------
    MissingColumnError
        If a column of `compare_retention` is not there.
    """
    found = read_hazards(hazards, caller="tabulate_hazards()")
    against = next((line.against for line in found.lines if line.against), "the other")
    heads = {
        "n": "Answers",
        "left": "Left",
        "ratio": f"Times as fast as {against}",
        "interval": start_sentence(found.shared.interval),
        "early": "First half",
        "late": "Second half",
        "p": "p",
    }
    return print_lines(
        found,
        heads,
        _tell_hazard,
        title=title,
        notes=[note, _SAYS],
    )


def _tell_day(curve: Curve, day: Day) -> dict[str, str]:
    return {
        "group": start_sentence(curve.band),
        "n": f"{curve.n:,}",
        "days": name_days(day.days),
        "at_risk": f"{day.at_risk:,}",
        "left": f"{day.left:,}",
        "staying": write_tenths(day.staying),
        "interval": f"{100 * day.low:.1f} to {write_tenths(day.high)}",
    }


def _tell_hazard(line: Line) -> dict[str, str]:
    value, chance = line.value, line.values["p_adjusted"]
    early, late = (line.values[f"hazard_ratio_{half}"] for half in ("early", "late"))
    return {
        "n": write_people(line.n),
        "left": f"{line.values['left'] or 0:,}" if line.n else NONE,
        "ratio": NONE if value is None else write_times(value, line.low, line.high)[0],
        "interval": write_times_span(value or 0.0, line.low, line.high) or NONE,
        "early": write_times(early)[0] if is_number(early) else NONE,
        "late": write_times(late)[0] if is_number(late) else NONE,
        "p": write_p_value(chance) or NONE,
    }
