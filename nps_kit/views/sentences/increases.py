"""What a rise in percent comes to in points, and where a percentage means nothing."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from nps_kit.counts import Every
from nps_kit.outputs import Sentence
from nps_kit.views.groups import Group, check_columns, read_groups
from nps_kit.views.sentences.planning import count_points, write_change
from nps_kit.views.sentences.targets import NO_FORECAST, name_groups, say_scales
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_level,
    write_score,
)

# How reasons of refusal begin, and what is said of them in passing.
_REFUSED = {
    "the score": "a percentage means nothing",
    "the scale": "it would pass +100",
    "no answers": "there are no answers in the latest period",
}


def say_increase(plan: pl.DataFrame, *, every: Every | None = None) -> Sentence:
    """Say what a rise in percent comes to in points, beside what chance alone can do.

    Parameters
    ----------
    plan
        Table as `plan_target` makes it.
    every
        Unit of the periods. None: a month.

    Returns
    -------
    The sentence; its facts are the numbers behind it.

    Raises
    ------
    MissingColumnError
        If `plan` is no such table.

    Examples
    --------
    >>> plan = pl.DataFrame(
    ...     {"touchpoint": ["billing"], "n": [92], "nps": [38.0], "low": [20.1], "high": [53.6]}
    ... ).with_columns(
    ...     noise=24.0, increase=0.1, increase_points=3.8, increase_target=41.8, few=False,
    ...     reason=pl.lit(None, pl.String),
    ... )
    >>> say_increase(plan)
    '10 % more is 4 points at billing (to +42). Chance alone moves it by up to 24 points from one \
month to the next.'
    """
    caller = "say_increase()"
    needs = ("noise", "increase", "increase_points", "increase_target", "reason")
    check_columns(plan, needs, caller=caller, name="plan")
    groups = read_groups(plan, every=every, caller=caller)
    if groups.ordered:
        plan = plan.sort(groups.by, nulls_last=True, maintain_order=True)
    rows = list(zip(groups.rows, plan.iter_rows(named=True), strict=True))
    if not rows:
        return Sentence(NO_FORECAST, facts={"groups": 0})
    if groups.absent:
        return Sentence(groups.absent, facts={"groups": len(rows)})
    share = f"{write_level(rows[0][1]['increase'])} more"
    given = [(group, row) for group, row in rows if is_number(row["increase_points"])]
    facts = {
        "increase": rows[0][1]["increase"],
        "points": {group.label: row["increase_points"] for group, row in given},
        "refused": {group.label: row["reason"] for group, row in rows if row["reason"]},
    }
    if not given:
        why, verb = _say_why(rows)
        return Sentence(f"{share} {verb} here: {why}.", facts=facts)
    unit = every or "month"
    said = f"{_say_points(given, share=share)} {_say_noise(given, unit=unit)}"
    if len(given) < len(rows):
        said += "".join(
            f"; for {named} {_REFUSED[kind]}"
            for kind, mine in _by_kind(rows).items()
            for named in [name_groups(mine)]
            if named
        )
    return Sentence(f"{start_sentence(said)}.", facts=facts)


def _by_kind(rows: Sequence[tuple[Group, dict[str, Any]]]) -> dict[str, list[Group]]:
    """Sort the groups whose increase was refused by the kind of reason."""
    found: dict[str, list[Group]] = {}
    for group, row in rows:
        if not is_number(row["increase_points"]):
            reason = row["reason"] or ""
            kind = next((kind for kind in _REFUSED if reason.startswith(kind)), "the score")
            found.setdefault(kind, []).append(group)
    return {kind: found[kind] for kind in _REFUSED if kind in found}


def _say_why(rows: Sequence[tuple[Group, dict[str, Any]]]) -> tuple[str, str]:
    """Say every reason of refusal with the groups that it is of, and what it comes to."""
    by_reason: dict[str, list[Group]] = {}
    for group, row in rows:
        by_reason.setdefault(row["reason"] or "no score here is far enough above zero", []).append(
            group
        )
    means = all(kind == "the score" for kind in _by_kind(rows))
    verb = "means nothing" if means else "cannot be set"
    if len(by_reason) == 1:
        return next(iter(by_reason)), verb
    return "; ".join(f"{reason} ({name_groups(mine)})" for reason, mine in by_reason.items()), verb


def _say_points(given: Sequence[tuple[Group, dict[str, Any]]], *, share: str) -> str:
    points = [row["increase_points"] for _, row in given]
    if len(given) == 1:
        group, row = given[0]
        where = f" at {group.spoken}" if group.spoken else ""
        told = count_points(points[0]) + where + group.on_scale
        return f"{share} is {told} (to {write_score(row['increase_target'])})."
    low, high = write_change(min(points)), write_change(max(points))
    span = count_points(max(points)) if low == high else f"{low} to {high} points"
    span += say_scales([group for group, _ in given])
    return f"{share} is {span}, depending on the group."


def _say_noise(given: Sequence[tuple[Group, dict[str, Any]]], *, unit: str) -> str:
    ranked = [row for group, row in given if group.ranked] or [row for _, row in given]
    noise = [row["noise"] for row in ranked if is_number(row["noise"])]
    if not noise:
        return ""
    low, high = write_change(min(noise)), write_change(max(noise))
    span = f"up to {count_points(max(noise))}"
    if low != high:
        span = f"up to {low} to {high} points"
    it = "it" if len(given) == 1 else "a score"
    return f"Chance alone moves {it} by {span} from one {unit} to the next"
