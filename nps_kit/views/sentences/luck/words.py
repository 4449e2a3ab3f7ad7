"""Words that the sentences on luck share."""

from collections.abc import Sequence

import polars as pl

from nps_kit.counts import Every
from nps_kit.views.sentences.funnel import name_units
from nps_kit.views.wording import write_count, write_score

EMPTY = "No answer here counts."


def say_again(every: Every | None) -> str:
    """Say when the next list comes: "next month"; "next time" where no unit of time is known."""
    return f"next {every}" if every else "next time"


def find_units(table: pl.DataFrame, *, after: str = "") -> str:
    """Name what the groups of a table are, by its columns between `after` and ``n``."""
    names = table.columns
    start = names.index(after) + 1 if after else 0
    return name_units(names[start : names.index("n")])


def write_part(number: float) -> str:
    """Write how many on average, to the whole: "8", "fewer than 1"."""
    if 0 < number < 0.5:  # noqa: PLR2004 - what would be written as none
        return "fewer than 1"
    return f"{number:.0f}"


def write_reach(low: float, high: float) -> str:
    """Write where scores lie: "from -5 to +60" with true signs; "at 0 only" where they are one."""
    first, last = write_score(low), write_score(high)
    return f"at {first} only" if first == last else f"from {first} to {last}"


def write_answers(n: int) -> str:
    """Write a number of answers."""
    return write_count(n, "answer")


def too_few(groups: int, units: str, *, least: int) -> str:
    """Say politely that there are too few to make a list of."""
    there = "no" if groups == 0 else "only one" if groups == 1 else f"only {groups}"
    what = units if groups != 1 else "of the " + units
    has = "has" if groups == 1 else "have"
    return f"Here {there} {what} {has} answers enough; it takes {least} to make a list."


def join_said(parts: Sequence[str]) -> str:
    """Join sentences, those that are there."""
    return " ".join(part for part in parts if part)
