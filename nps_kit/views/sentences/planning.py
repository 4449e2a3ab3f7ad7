"""How many answers it takes, and what those at hand can show."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from nps_kit.counts import Every
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import (
    is_number,
    name_value,
    say_value,
    start_sentence,
    write_count,
    write_level,
    write_list,
)

NOTHING = "There is nothing to plan for: no group has an answer."

TOO_FEW = "No group has answers enough to be planned for by itself."
"""What is said where groups are told apart, and none of them may be."""

_MOST = 3
_OWN_SCALE = "0-10"
_TYPICAL = "typical spread"
_LARGE = 1000
_WHOLE_FROM = 10
_WHOLE_SCALE = 199.5


def say_plan(plan: pl.DataFrame, *, every: Every | None = None) -> Sentence:
    """Say how many answers a plan asks for, or what the answers at hand can show.

    Parameters
    ----------
    plan
        Table as `plan_margin`, `plan_difference` or `plan_detectable` makes it.
    every
        Unit of the periods that it was planned by. None: they are called periods.

    Returns
    -------
    The sentence; its facts are the numbers in it.

    Raises
    ------
    MissingColumnError
        If `plan` is no such table.

    Examples
    --------
    >>> plan = pl.DataFrame(
    ...     {"n": [3360], "n_each": [140], "noise": [19.2], "detectable": [27.4], "n_period": [140]}
    ... ).with_columns(level=0.95, power=0.8, basis=pl.lit("own answers"))
    >>> say_plan(plan, every="month")
    'With 140 answers a month, a change under 19 points cannot be told from chance. A true one of \
27 points is found in 80 % of cases.'
    """
    caller = "say_plan()"
    unit = every or "period"
    if "noise" in plan.columns and "n_needed" not in plan.columns:
        needs = ("n", "n_each", "noise", "detectable", "power", "basis")
        check_columns(plan, needs, caller=caller, name="plan")
        return _say_detectable(plan, unit=unit)
    size = find_size(plan, caller=caller)
    rows = plan.filter(pl.col("n_needed").is_not_null())
    if not rows.height:
        return Sentence(NOTHING, facts={"groups": 0})
    keys = find_keys(plan)
    if not keys or rows.select(keys).unique().height == 1:
        return _say_sizes(rows, keys, size=size, unit=unit)
    told = keep_ranked(rows)
    left = rows.select(keys).unique().height - told.select(keys).unique().height
    if not told.height:
        return Sentence(TOO_FEW, facts={"groups": 0, "left_out": left})
    if told.select(keys).unique().height == 1:
        return _say_sizes(told, keys, size=size, unit=unit, left=left)
    return _say_groups(told, keys, size=size, unit=unit, left=left)


def keep_ranked(plan: pl.DataFrame) -> pl.DataFrame:
    """Keep the groups that may be set beside others: those with answers enough of their own."""
    some = pl.col("n") > 0
    return plan.filter(some & ~pl.col("few") if "few" in plan.columns else some)


def write_change(points: float) -> str:
    """Write a change in points: whole, but never nought for one that is not."""
    text = f"{round(points):,}"
    if text == "0" and points > 0:
        text = f"{points:.1g}"
    return text


def count_points(points: float) -> str:
    """Write a change with its unit: "19 points", "0.3 points"."""
    text = write_change(points)
    return f"{text} point{'' if text == '1' else 's'}"


def _find_scales(rows: pl.DataFrame) -> tuple[str, bool]:
    """Give the words for the scale that all rows share, and tell whether they differ."""
    if "scale" not in rows.columns:
        return "", False
    scales = rows["scale"].fill_null(_OWN_SCALE).cast(pl.String).unique()
    return (_on_scale(scales[0]), False) if scales.len() == 1 else ("", scales.len() > 1)


def _on_scale(scale: object) -> str:
    # 0-10 goes without saying.
    return f" on a {name_value(scale)} scale" if scale not in (None, "", _OWN_SCALE) else ""


def _say_left(left: int) -> str:
    if not left:
        return ""
    return f"; {write_count(left, 'group')} {'has' if left == 1 else 'have'} too few answers to say"


def find_size(plan: pl.DataFrame, *, caller: str) -> str:
    """Find what a plan was made for: a margin or a difference."""
    size = "difference" if "difference" in plan.columns else "margin"
    check_columns(plan, ("n", size, "n_needed", "basis", "level"), caller=caller, name="plan")
    return size


def find_keys(plan: pl.DataFrame) -> list[str]:
    """Find the columns that tell the rows apart; one that nobody recorded tells nothing."""
    before = plan.columns[: plan.columns.index("n")]
    return [name for name in before if plan[name].null_count() < plan.height]


def write_size(points: float) -> str:
    """Write the size of a margin or a difference as it was asked for."""
    return f"{points:.6g}"


def name_row(row: dict[str, Any], keys: Sequence[str]) -> str:
    """Name a row of a plan after its keys."""
    return " · ".join(name_value(row[key]) for key in keys)


def _spoken(row: dict[str, Any], keys: Sequence[str]) -> str:
    return ", ".join(say_value(key, row[key]) for key in keys)


def _say_sizes(
    rows: pl.DataFrame, keys: Sequence[str], *, size: str, unit: str, left: int = 0
) -> Sentence:
    told = rows.sort(size).rows(named=True)
    facts: dict[str, Any] = {"n_needed": {str(row[size]): row["n_needed"] for row in told}}
    shown = told if len(told) <= _MOST else [told[0], told[len(told) // 2], told[-1]]
    first, *others = shown
    scale, _ = _find_scales(rows)
    whose = f" of {_spoken(first, keys)}" if keys else ""
    each = "each of two groups needs " if size == "difference" else ""
    needed = f"{write_count(first['n_needed'], 'answer')}{_say_wait(first, unit)}"
    rest = [f"within {_points(row[size])} {row['n_needed']:,}" for row in others]
    if size == "margin":
        said = f"to know the score{whose}{scale} to within {_points(first[size])} takes {needed}"
        said += "".join(f", {part}" for part in rest)
    else:
        rest = [f"of {_points(row[size])} {row['n_needed']:,}" for row in others]
        where = f" at{whose[3:]}" if whose else ""
        said = f"to find a difference of {_points(first[size])}{where}{scale}, "
        said += each + needed + "".join(f", {part}" for part in rest)
    if first["basis"] == _TYPICAL:
        said += ", if answers vary as they typically do"
    return Sentence(f"{start_sentence(said)}{_say_left(left)}.", facts=facts)


def _say_groups(
    rows: pl.DataFrame, keys: Sequence[str], *, size: str, unit: str, left: int
) -> Sentence:
    sizes = rows[size].unique().sort()
    chosen = sizes[sizes.len() // 2]
    mine = rows.filter(pl.col(size) == chosen).sort("n_needed", maintain_order=True)
    low, high = mine.row(0, named=True), mine.row(-1, named=True)
    facts = {
        size: chosen,
        "fewest": {"group": name_row(low, keys), "n_needed": low["n_needed"]},
        "most": {"group": name_row(high, keys), "n_needed": high["n_needed"]},
        "left_out": left,
    }
    scale, differ = _find_scales(mine)
    what = (
        f"to know a score{scale} to within {_points(chosen)}"
        if size == "margin"
        else f"to find a difference of {_points(chosen)}{scale}"
    )
    each = " each" if size == "difference" else ""
    if low["n_needed"] == high["n_needed"]:
        answers = write_count(low["n_needed"], "answer")
        return Sentence(
            f"{start_sentence(what)} takes {answers}{each} in every "
            f"{'other ' if left else ''}group{_say_left(left)}.",
            facts=facts,
        )
    names = [
        _spoken(row, keys) + (_on_scale(row["scale"]) if differ else "") for row in (low, high)
    ]
    said = (
        f"{what} takes from {low['n_needed']:,} answers{each} ({names[0]}"
        f"{_say_wait(low, unit, bare=True)}) to {high['n_needed']:,} ({names[1]}"
        f"{_say_wait(high, unit, bare=True)})"
    )
    return Sentence(f"{start_sentence(said)}{_say_left(left)}.", facts=facts)


def _say_wait(row: dict[str, Any], unit: str, *, bare: bool = False) -> str:
    periods = row.get("periods_needed")
    if not is_number(periods):
        return ""
    told = "over 1,000" if periods >= _LARGE else f"{max(periods, 0.1):.{periods < _WHOLE_FROM:d}f}"
    wait = f"{told.removesuffix('.0')} {unit}{'' if told in ('1', '1.0') else 's'}"
    return f", {wait}" if bare else f" ({wait})"


def _say_detectable(plan: pl.DataFrame, *, unit: str) -> Sentence:
    keys = find_keys(plan)
    rows = plan.filter(pl.col("noise").is_not_null()).sort("noise", maintain_order=True)
    if not rows.height:
        return Sentence(NOTHING, facts={"groups": 0})
    left = 0
    if keys and rows.select(keys).unique().height > 1:
        told = keep_ranked(rows)
        left = rows.select(keys).unique().height - told.select(keys).unique().height
        rows = told
        if not rows.height:
            return Sentence(TOO_FEW, facts={"groups": 0, "left_out": left})
    low, high = rows.row(0, named=True), rows.row(-1, named=True)
    facts = {
        "noise": [low["noise"], high["noise"]],
        "detectable": [low["detectable"], high["detectable"]],
        "n_each": [low["n_each"], high["n_each"]],
        "left_out": left,
    }
    scale, differ = _find_scales(rows)
    if rows.height == 1:
        whose = f" at {_spoken(low, keys)}" if keys else ""
        answers = f"{write_count(low['n_each'], 'answer')} {_say_when(low, unit)}"
        said = f"with {answers}{whose}{scale}, {_say_shown(low)}"
    else:
        ends = [
            f"{count_points(row['noise'])} {_say_with(row, keys, unit=unit, differ=differ)}"
            for row in (low, high)
        ]
        said = f"chance alone can make a change{scale} of {ends[0]}, and of {ends[1]}"
    return Sentence(f"{start_sentence(said)}{_say_left(left)}.", facts=facts)


def _say_when(row: dict[str, Any], unit: str) -> str:
    return f"a {unit}" if row.get("n_period") == row["n_each"] else "before and after"


def _say_shown(row: dict[str, Any]) -> str:
    if row["noise"] >= _WHOLE_SCALE:
        return "no change at all can be told from chance"
    said = f"a change under {count_points(row['noise'])} cannot be told from chance"
    if row["detectable"] >= _WHOLE_SCALE:
        return said
    found = f"is found in {write_level(row['power'])} of cases"
    return f"{said}. A true one of {count_points(row['detectable'])} {found}"


def _say_with(row: dict[str, Any], keys: Sequence[str], *, unit: str, differ: bool) -> str:
    answers = f"{write_count(row['n_each'], 'answer')} {_say_when(row, unit)}"
    scale = _on_scale(row["scale"]) if differ else ""
    return f"at {_spoken(row, keys)}{scale} ({answers})" if keys else f"with {answers}"


def _points(size: float) -> str:
    return f"{write_size(size)} point{'' if size == 1 else 's'}"


def list_plan(rows: Sequence[dict[str, Any]], keys: Sequence[str], size: str) -> str:
    """List a plan for a reader who cannot see the picture."""
    most = 12
    told = [
        f"{_spoken(row, keys)} {_points(row[size])}: {row['n_needed']:,}".strip()
        for row in rows[:most]
    ]
    return write_list([*told, f"{len(rows) - most} more"] if len(rows) > most else told)
