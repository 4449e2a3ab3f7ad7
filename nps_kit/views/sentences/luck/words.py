"""Words that the sentences on luck share."""

from collections.abc import Sequence

import polars as pl

from nps_kit.counts import Every
from nps_kit.views.sentences.funnel import name_units
from nps_kit.views.wording import name_column, write_count, write_list, write_score

EMPTY = "No answer here counts."


def say_again(every: Every | None) -> str:
    """Say when the next list comes: "next month"; "next time" where no unit of time is known."""
    return f"next {every}" if every else "next time"


def find_units(table: pl.DataFrame, *, after: str = "") -> str:
    """Name what the groups of a table are, by its columns between `after` and ``n``."""
    return name_units(_find_keys(table, after))


def _find_keys(table: pl.DataFrame, after: str) -> list[str]:
    names = table.columns
    start = names.index(after) + 1 if after else 0
    return names[start : names.index("n")]


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


def say_nobody(table: pl.DataFrame, *, least: int, after: str = "") -> str:
    """Say why nobody stands on a list. Its table is empty: the answers may count all the same."""
    keys = [name_column(key) for key in _find_keys(table, after)]
    takes = f"it takes {least} to make a list."
    if not keys:
        return f"Nobody here has answers enough; {takes}"
    together = " together" if len(keys) > 1 else ""
    return (
        f"No {write_list(keys)} {'are' if together else 'is'} recorded{together} here, "
        f"or none has answers enough; {takes}"
    )


def join_said(parts: Sequence[str]) -> str:
    """Join sentences, those that are there."""
    return " ".join(part for part in parts if part)
