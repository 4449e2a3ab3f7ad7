"""What to doubt in a table of drivers, and what to read instead."""

from collections.abc import Callable, Sequence
from math import log
from typing import Any

import polars as pl

from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import write_number
from nps_kit.views.drivers import name_driver, name_level, say_driver, write_p
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import (
    is_number,
    shorten,
    start_sentence,
    write_count,
    write_list,
    write_score,
    write_share,
)

NO_FLAGS = "Nothing in the drivers was found that would have to be doubted."

_NEEDS = (
    *("driver", "value", "flag", "figure", "other", "n"),
    *("odds_not_detractor", "odds_promoter", "change"),
)
_MOST_LEVELS = 3
_BOTH_SHARES = "Look at the shares of both, not at the points alone."
_Row = dict[str, Any]


def say_flags(flags: pl.DataFrame) -> Sentence:
    """Say what is to be doubted in the drivers, what it means, and what to read or do instead.

    Parameters
    ----------
    flags
        Table as `flag_drivers` makes it.

    Returns
    -------
    A line for each finding, the drivers in the order of the table. Facts: ``flags`` (each with its
    drivers).

    Raises
    ------
    MissingColumnError
        If `flags` lacks a column that the sentence needs.

    Examples
    --------
    >>> flags = pl.DataFrame(
    ...     {
    ...         "driver": ["csat"],
    ...         "value": pl.Series([None], dtype=pl.String),
    ...         "flag": "leakage",
    ...         "figure": 0.61,
    ...         "other": pl.Series([None], dtype=pl.String),
    ...         "n": 900,
    ...         "odds_not_detractor": pl.Series([None], dtype=pl.Float64),
    ...         "odds_promoter": pl.Series([None], dtype=pl.Float64),
    ...         "change": pl.Series([None], dtype=pl.Float64),
    ...     }
    ... )
    >>> say_flags(flags).split(", ")[0]
    'Satisfaction (CSAT): nearly gives the score away (61 % explained by it alone)'
    """
    check_columns(flags, _NEEDS, caller="say_flags()", name="flags")
    found: dict[tuple[str, str], list[_Row]] = {}
    for row in flags.to_dicts():
        # Two findings go by one name: too wide together, and not to be told apart at all.
        kind = str(row["flag"])
        if kind == "collinear" and row["value"] is not None:
            kind = "twin"
        found.setdefault((str(row["driver"]), kind), []).append(row)
    facts: dict[str, list[str]] = {}
    for driver, kind in found:
        facts.setdefault("collinear" if kind == "twin" else kind, []).append(driver)
    if not found:
        return Sentence(NO_FLAGS, facts={"flags": facts})
    singles = [key for key in found if key[1] == "one level"]
    lines = []
    if len(singles) > _MOST_LEVELS:
        lines.append(_say_singles([driver for driver, _ in singles]))
        found = {key: rows for key, rows in found.items() if key not in singles}
    lines += [
        f"{start_sentence(shorten(name_driver(driver)))}: {_SAY.get(kind, _say_other)(rows)}"
        for (driver, kind), rows in found.items()
    ]
    return Sentence("\n".join(lines), facts={"flags": facts})


def _say_single(rows: Sequence[_Row]) -> str:
    level = shorten(name_level(rows[0]["value"]))
    return f"all answers are at one level ({level}), so there is nothing to compare. Leave it out."


def _say_singles(drivers: Sequence[str]) -> str:
    names = write_list([say_driver(driver) for driver in drivers])
    many = start_sentence(write_number(len(drivers)))
    return f"{many} drivers have one level each, so there is nothing to compare: {names}."


def _say_leak(rows: Sequence[_Row]) -> str:
    figure = rows[0]["figure"]
    alone = f" ({write_share(figure)} explained by it alone)" if is_number(figure) else ""
    return (
        f"nearly gives the score away{alone}, so it is another measure of the same and no part of "
        "the service. Leave it out."
    )


def _say_separation(rows: Sequence[_Row]) -> str:
    ends = [row for row in rows if row["other"]]
    if ends:
        row = ends[0]
        n = int(row["n"] or 0)
        which = f"all {write_count(n, 'answer')}" if n != 1 else "the only answer"
        verb = "are" if n != 1 else "is"
        more = f", and so at {write_number(len(ends) - 1)} more" if ends[1:] else ""
        why = f"at {shorten(name_level(row['value']))} {which} {verb} of {row['other']}{more}"
    else:
        why = f"at {_name_levels(rows)} the answers go all one way"
    return f"{why}: the effect has no end, and no size is given. Join the level with another."


def _say_wide(rows: Sequence[_Row]) -> str:
    figure = rows[0]["figure"]
    wide = f": its intervals are {figure:.1f} times as wide as alone" if is_number(figure) else ""
    return (
        f"goes together with {_name_other(rows)}{wide}. Read the two together, or keep one of them."
    )


def _say_twin(rows: Sequence[_Row]) -> str:
    verb = "says" if len(rows) == 1 else "say"
    return (
        f"{_name_levels(rows)} {verb} the same as {_name_other(rows)}, and the two cannot be told "
        "apart. Keep one of them."
    )


def _say_missing(rows: Sequence[_Row]) -> str:
    figure = rows[0]["figure"]
    how_many = write_share(figure) if is_number(figure) else "many"
    return (
        f"{how_many} of its values are not given. They stand as a level of their own: ask who they "
        "are before reading it."
    )


def _say_rare(rows: Sequence[_Row]) -> str:
    told = [
        f"{shorten(name_level(row['value']))} ({write_count(int(row['n'] or 0), 'answer')})"
        for row in rows[:_MOST_LEVELS]
    ]
    rest = len(rows) - len(told)
    named = write_list([*told, f"{write_number(rest)} more"] if rest else told)
    them = "its interval, not its point" if len(rows) == 1 else "their intervals, not their points"
    return f"few answers are at {named}. Read {them}, or join levels."


def _say_disproportion(rows: Sequence[_Row]) -> str:
    p = write_p(rows[0]["figure"])
    told = f" ({p})" if p else ""
    able = [row for row in rows if row["odds_not_detractor"] and row["odds_promoter"]]
    able = [row for row in able if row["odds_not_detractor"] > 0 and row["odds_promoter"] > 0]
    if not able:
        return f"moves detractors otherwise than promoters{told}. {_BOTH_SHARES}"
    row = max(able, key=lambda row: abs(log(row["odds_promoter"] / row["odds_not_detractor"])))
    # Both odds fall where the score does: what lies farther from 1 is moved more.
    low, high = (abs(log(row[name])) for name in ("odds_not_detractor", "odds_promoter"))
    more, less = ("detractors", "promoters") if low > high else ("promoters", "detractors")
    points = f", {write_score(row['change'])} points in all" if is_number(row["change"]) else ""
    most = f"most at {shorten(name_level(row['value']))}{points}"
    return f"moves {more} more than {less}{told}, {most}. {_BOTH_SHARES}"


def _say_other(rows: Sequence[_Row]) -> str:
    return f"{shorten(str(rows[0]['flag']))}."


def _name_levels(rows: Sequence[_Row]) -> str:
    names = [shorten(name_level(row["value"])) for row in rows[:_MOST_LEVELS]]
    rest = len(rows) - len(names)
    return write_list([*names, f"{write_number(rest)} more"] if rest else names)


def _name_other(rows: Sequence[_Row]) -> str:
    other = rows[0]["other"]
    return say_driver(str(other)) if other else "others"


_SAY: dict[str, Callable[[Sequence[_Row]], str]] = {
    "one level": _say_single,
    "leakage": _say_leak,
    "separation": _say_separation,
    "collinear": _say_wide,
    "twin": _say_twin,
    "not given": _say_missing,
    "rare": _say_rare,
    "not proportional": _say_disproportion,
}
