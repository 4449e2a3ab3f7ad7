"""What goes with the score, printed: every level's effect, and how much each driver explains."""

from collections.abc import Sequence

import polars as pl
from great_tables import GT, loc, style

from nps_kit.views.drivers import (
    DIRECTIONS,
    NOT_CAUSE,
    Driver,
    Effect,
    Rank,
    name_level,
    read_drivers,
    read_ranking,
    say_held,
)
from nps_kit.views.gave import Gave
from nps_kit.views.tables.printing import (
    CSS,
    MOST_ROWS,
    NONE,
    keep_together,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import (
    is_number,
    shorten,
    start_sentence,
    write_level,
    write_p_value,
    write_score,
    write_share,
    write_span,
)

_P_MEANS = "p: how often chance alone would show so much, the number of drivers heeded."
_COLUMNS_MEAN = (
    "Odds ratio: the odds of scoring higher, against the reference level. Points: the score if all "
    "were at the level, less that if all were at the reference."
)
_RANKING_MEANS = (
    "Explains: share of the differences between answers. Points between: the score with all at the "
    "best level, less that with all at the worst."
)
_LONGEST = 60

# The heads may be broken, and columns stand closer.
_CLOSE = f"""{CSS}
#table .gt_col_heading {{ white-space: normal; }}
#table .gt_row, #table .gt_col_heading {{ padding-left: 5px; padding-right: 5px; }}
#table .gt_heading, #table .gt_sourcenote {{ padding-left: 5px; }}
"""


def tabulate_drivers(
    drivers: pl.DataFrame, *, controls: Sequence[str] = (), title: str = "", note: str = ""
) -> GT:
    """Print what each level of each driver does to the odds and to the score.

    Drivers come in the order of `draw_drivers`, those that show nothing beyond chance faint and
    last; so are levels with too few answers.

    Parameters
    ----------
    drivers
        Table as `estimate_drivers` makes it.
    controls
        The controls of that estimate, to be named as held fixed.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; what is held fixed, p and faint are added.

    Returns
    -------
    The table, its id made from what it holds; one quiet line where no answer counts.

    Raises
    ------
    MissingColumnError
        If `drivers` lacks a column that the table needs.

    Examples
    --------
    >>> drivers = pl.DataFrame(
    ...     {
    ...         "driver": "transfers",
    ...         "value": ["none", "1"],
    ...         "against": "none",
    ...         "n": [900, 100],
    ...         "share": [0.9, 0.1],
    ...         "odds_ratio": [1.0, 0.4],
    ...         "odds_low": [1.0, 0.3],
    ...         "odds_high": [1.0, 0.6],
    ...         "change": [0.0, -33.4],
    ...         "low": [0.0, -45.0],
    ...         "high": [0.0, -22.0],
    ...         "level": 0.95,
    ...         "p_adjusted": 0.0001,
    ...         "p_overall": 0.0001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> lines = str(tabulate_drivers(drivers)).replace(chr(0x2212), "-").split(chr(10))
    >>> lines[2].split(" | ")[1:8]
    ['1', '100', '10 %', '0.40', '0.30 to 0.60', '-33.4', '-45.0 to -22.0']
    """
    found = read_drivers(drivers, caller="tabulate_drivers()")
    if found.absent:
        return print_nothing(found.absent, title=title, note=note)
    rows = [
        (driver, effect, not place)
        for driver in found.sorted_for_reading()
        for place, effect in enumerate(driver.effects)
    ]
    shown = rows[:MOST_ROWS]
    interval = f"{write_level(found.level)} interval"
    heads = {
        "driver": "Driver",
        "value": "Level",
        "n": "Answers",
        "share": "Share",
        "odds": "Odds ratio",
        "odds_interval": interval,
        "change": "Points",
        "interval": interval,
        "p": "p",
    }
    frame = pl.DataFrame([_tell(*row) for row in shown]).select(list(heads))
    faint = [k for k, (driver, effect, _) in enumerate(shown) if not driver.clear or effect.few]
    firsts = [k for k, (driver, _, first) in enumerate(shown) if first and driver.clear]
    several = bool(found.rows[1:])
    fixed = say_held(controls, others="the other drivers" if several else "")
    notes = [
        note,
        found.nothing(),
        f"Held fixed: {fixed}." if fixed else "",
        _COLUMNS_MEAN,
        _P_MEANS if any(is_number(row.p_adjusted) for row in found.rows) else "",
        "Faint: nothing beyond chance, or too few answers." if faint else "",
        say_rest(len(rows) - len(shown)),
        NOT_CAUSE,
    ]
    table = print_table(
        frame,
        heads,
        left=["driver", "value"],
        faint=faint,
        title=title,
        notes=notes,
        css=_CLOSE,
    )
    if firsts:
        table = table.tab_style(style.text(weight="bold"), loc.body("driver", firsts))
    return keep_together(table, [effect.label for _, effect, _ in shown], column="value")


def _tell(driver: Driver, effect: Effect, first: bool) -> dict[str, str]:  # noqa: FBT001
    reference = effect.is_reference
    return {
        "driver": shorten(start_sentence(driver.label), most=_LONGEST) if first else "",
        "value": shorten(effect.label, most=_LONGEST),
        "n": f"{effect.n:,}",
        "share": _write_share(effect.share),
        "odds": "1" if reference else _write_odds(effect.odds.value),
        "odds_interval": "" if reference else _write_range(effect.odds),
        "change": "0" if reference else _write_points(effect.change.value),
        "interval": "reference" if reference else _write_ends(effect.change),
        "p": (write_p_value(driver.p_adjusted) or NONE) if first else "",
    }


def _write_odds(odds: float | None) -> str:
    return f"{odds:.2f}" if is_number(odds) else NONE


def _write_range(odds: Gave) -> str:
    """Write the bounds of an odds ratio; one without an end has but one."""
    if odds.low is not None and odds.high is not None:
        return f"{odds.low:.2f} to {odds.high:.2f}"
    if odds.low is not None:
        return f"over {odds.low:.2f}"
    return f"under {odds.high:.2f}" if odds.high is not None else NONE


def _write_ends(change: Gave) -> str:
    """Write the bounds of an effect in points; one without an end has but one."""
    if change.low is not None and change.high is not None:
        return write_span(change.low, change.high, decimals=1)
    if change.low is not None:
        return f"over {write_score(change.low, decimals=1)}"
    return f"under {write_score(change.high, decimals=1)}" if change.high is not None else NONE


def _write_points(points: float | None) -> str:
    return write_score(points, decimals=1) if is_number(points) else NONE


def _write_share(share: float | None) -> str:
    return write_share(share) if is_number(share) else NONE


def tabulate_ranking(ranking: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print how much each driver explains, in which direction, and what it costs.

    Parameters
    ----------
    ranking
        Table as `rank_drivers` makes it.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; what the columns mean is added.

    Returns
    -------
    The table, its id made from what it holds; one quiet line where no answer counts.

    Raises
    ------
    MissingColumnError
        If `ranking` lacks a column that the table needs.

    Examples
    --------
    >>> ranking = pl.DataFrame(
    ...     {
    ...         "driver": "had_to_repeat",
    ...         "n": [1000],
    ...         "importance": 1.0,
    ...         "share_explained": 0.036,
    ...         "explained_low": 0.021,
    ...         "explained_high": 0.055,
    ...         "direction": "down",
    ...         "best": "false",
    ...         "worst": "true",
    ...         "change": 43.0,
    ...         "low": 30.1,
    ...         "high": 55.9,
    ...         "share_best": 0.85,
    ...         "lost": 6.6,
    ...         "level": 0.95,
    ...         "p_adjusted": 0.001,
    ...         "p_overall": 0.001,
    ...         "found": True,
    ...         "few": False,
    ...     }
    ... )
    >>> lines = str(tabulate_ranking(ranking)).replace(chr(0x2212), "-").split(chr(10))
    >>> lines[1].split(" | ")[:6]
    ['Having to repeat', '3.6 %', '2.1 to 5.5 %', 'falls with it', 'no (85 %)', 'yes']
    """
    found = read_ranking(ranking, caller="tabulate_ranking()")
    if found.absent:
        return print_nothing(found.absent, title=title, note=note)
    shown = found.rows[:MOST_ROWS]
    interval = f"{write_level(found.level)} interval"
    heads = {
        "driver": "Driver",
        "explained": "Explains",
        "explained_interval": interval,
        "direction": "The score",
        "best": "Best (there already)",
        "worst": "Worst",
        "change": "Points between",
        "interval": interval,
        "lost": "Points lost",
        "p": "p",
    }
    frame = pl.DataFrame([_tell_rank(row) for row in shown]).select(list(heads))
    faint = [k for k, row in enumerate(shown) if not row.clear]
    notes = [
        note,
        found.nothing(),
        _RANKING_MEANS,
        _P_MEANS if any(is_number(row.p_adjusted) for row in shown) else "",
        "Faint: nothing beyond chance." if faint else "",
        say_rest(len(found.rows) - len(shown)),
        NOT_CAUSE,
    ]
    return print_table(
        frame,
        heads,
        left=["driver", "direction", "best", "worst"],
        faint=faint,
        title=title,
        notes=notes,
        css=_CLOSE,
    )


def _tell_rank(row: Rank) -> dict[str, str]:
    there = "" if row.share_best is None else f" ({write_share(row.share_best)})"
    low, high = row.explained.low, row.explained.high
    return {
        "driver": shorten(start_sentence(row.label), most=_LONGEST),
        "explained": f"{_write_percent(row.explained.value)} %"
        if row.explained.value is not None
        else NONE,
        "explained_interval": f"{_write_percent(low)} to {_write_percent(high)} %"
        if low is not None and high is not None
        else NONE,
        "direction": DIRECTIONS.get(row.direction, NONE),
        "best": f"{shorten(name_level(row.best))}{there}" if row.best else NONE,
        "worst": shorten(name_level(row.worst)) if row.worst else NONE,
        "change": _write_points(row.change.value),
        "interval": _write_ends(row.change),
        "lost": _write_points(None if row.lost is None else -row.lost),
        "p": write_p_value(row.p_adjusted) or NONE,
    }


def _write_percent(share: float | None) -> str:
    return f"{100 * share:.1f}" if is_number(share) else NONE
