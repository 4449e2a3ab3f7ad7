"""Which targets will be reached, which are luck, and what a percentage of a score comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import Group, Groups, check_columns, read_groups
from nps_kit.views.wording import (
    is_number,
    name_period,
    start_sentence,
    write_count,
    write_level,
    write_list,
    write_score,
    write_share,
    write_span,
)

Length = Literal["whole", "short"]

NO_FORECAST = "No group has a history to look ahead from."

_NEEDS = ("period", "predicted_low", "predicted_high", "realistic_low", "realistic_high")
_NEAR = 0.05
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Prospect:
    """One group of a target table: where it stands, and the rest of its row."""

    group: Group
    values: dict[str, Any]

    @property
    def target(self) -> float | None:
        """Its target, where one is set."""
        target = self.values.get("target_nps")
        return target if is_number(target) else None

    @property
    def chance(self) -> float | None:
        """The chance to reach it, where it can be had."""
        chance = self.values.get("chance_reached")
        return chance if is_number(chance) else None

    @property
    def status(self) -> str:
        """What its target comes to."""
        return self.values.get("status") or "not judged"

    @property
    def foreseen(self) -> bool:
        """Whether anything is known of its next period."""
        return is_number(self.values["predicted_low"])


def read_prospects(
    targets: pl.DataFrame, *, every: Every | None, caller: str
) -> tuple[Groups, tuple[Prospect, ...], str]:
    """Read a table of `estimate_target` or `plan_target`, and name the period it looks ahead to."""
    check_columns(targets, _NEEDS, caller=caller, name="targets")
    groups = read_groups(targets, every=every, caller=caller)
    if groups.ordered:
        targets = targets.sort(groups.by, nulls_last=True, maintain_order=True)
    prospects = tuple(
        Prospect(group, values)
        for group, values in zip(groups.rows, targets.iter_rows(named=True), strict=True)
    )
    starts = targets["period"].drop_nulls()
    named = name_period(starts[0], every=every or "month") if starts.len() else "the next period"
    return groups, prospects, named


def say_targets(
    targets: pl.DataFrame, *, every: Every | None = None, length: Length = "whole"
) -> Sentence:
    """Say which targets will be reached in the next period, and how much of that is luck.

    Where no target is set, the targets that would be realistic are said instead.

    Parameters
    ----------
    targets
        Table as `estimate_target` or `plan_target` makes it.
    every
        Unit of the periods. None: a month.
    length
        "short" leaves out what luck alone does, for a title.

    Returns
    -------
    The sentence; its facts are the numbers behind it.

    Raises
    ------
    MissingColumnError
        If `targets` is no such table.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> from datetime import date
    >>> targets = pl.DataFrame(
    ...     {"touchpoint": ["billing"], "n": [92], "nps": [38.0], "low": [20.1], "high": [53.6]}
    ... ).with_columns(
    ...     period=date(2026, 10, 1), predicted_low=10.3, predicted_high=57.3, few=False,
    ...     realistic_low=24.3, realistic_high=44.0, target_nps=35.0, chance_reached=0.47,
    ...     fair_nps=35.0, chance_missed_by_luck=0.49, status=pl.lit("open"),
    ... )
    >>> say_targets(targets)
    'Billing will reach its target of +35 in October 2026 with a chance of 47 %. Even at a true \
score of +35, luck alone misses it every other month.'
    """
    check_choice(length, get_args(Length), caller="say_targets()", option="length")
    short = length == "short"
    groups, prospects, when = read_prospects(targets, every=every, caller="say_targets()")
    unit = every or "month"
    known = [one for one in prospects if one.foreseen]
    facts: dict[str, Any] = {"groups": len(prospects), "period": when}
    if not known:
        return Sentence(NO_FORECAST, facts=facts)
    if groups.absent:
        return Sentence(groups.absent, facts=facts)
    aimed = [one for one in known if one.chance is not None]
    if not aimed:
        return _say_realistic(
            known, when=when, facts=facts, short=short, asked="target_nps" in targets.columns
        )
    facts["chances"] = {one.group.label: one.chance for one in aimed}
    said = _say_one(aimed[0], when=when) if len(aimed) == 1 else _say_many(aimed, when=when)
    luck = "" if short else _say_luck(aimed, unit=unit)
    return Sentence(" ".join(part for part in (start_sentence(said), luck) if part), facts=facts)


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
    refused = [group for group, row in rows if not is_number(row["increase_points"])]
    facts = {
        "increase": rows[0][1]["increase"],
        "points": {group.label: row["increase_points"] for group, row in given},
        "refused": {group.label: row["reason"] for group, row in rows if row["reason"]},
    }
    if not given:
        reasons = sorted({row["reason"] for _, row in rows if row["reason"]})
        why = reasons[0] if len(reasons) == 1 else "no score here is far enough above zero"
        return Sentence(f"{share} means nothing here: {why}.", facts=facts)
    unit = every or "month"
    said = f"{_say_points(given, share=share)} {_say_noise(given, unit=unit)}"
    if refused:
        named = _name(refused)
        said += f"; for {named} a percentage means nothing" if named else ""
    return Sentence(f"{start_sentence(said)}.", facts=facts)


def write_chance(chance: float | None) -> str:
    """Write a chance in tenths: "3 in 10"."""
    if not is_number(chance):
        return "\u2013"
    if chance < _NEAR:
        return "<1 in 20"
    if chance > 1 - _NEAR:
        return ">19 in 20"
    return f"{min(max(round(10 * chance), 1), 9)} in 10"


def say_prospects(prospects: Sequence[Prospect], *, most: int = 12) -> str:
    """List prospects for a reader who cannot see the picture."""
    told = []
    for one in prospects[:most]:
        span = write_span(one.values["predicted_low"], one.values["predicted_high"])
        aim = f", target {write_score(one.target)}" if one.target is not None else ""
        chance = f", chance {write_share(one.chance)}" if one.chance is not None else ""
        told.append(f"{one.group.spoken or 'all'} next {span or 'unknown'}{aim}{chance}")
    rest = len(prospects) - most
    return write_list([*told, f"{rest} more"] if rest > 0 else told)


def _say_one(one: Prospect, *, when: str) -> str:
    who = one.group.spoken
    target, chance = write_score(one.target or 0), _share(one.chance or 0)
    few = (
        f" ({write_count(one.group.n, 'answer')} so far: too few to judge)" if one.group.few else ""
    )
    if who:
        return f"{who} will reach its target of {target} in {when} with a chance of {chance}{few}."
    return f"the target of {target} will be reached in {when} with a chance of {chance}{few}."


def _say_many(aimed: Sequence[Prospect], *, when: str) -> str:
    by_status = {
        status: [one for one in aimed if one.status == status]
        for status in ("likely", "open", "unlikely", "not judged")
    }
    judged = len(aimed) - len(by_status["not judged"])
    if not judged:
        return f"none of the {len(aimed)} targets for {when} can be judged: too few answers."
    words = {"likely": "likely to be reached", "open": "open to luck", "unlikely": "unlikely"}
    told = [
        _count_status(by_status[status], word)
        for k, (status, word) in enumerate(words.items())
        if by_status[status] or k == 0
    ]
    left = by_status["not judged"]
    if left:
        told.append(f"{len(left)} not judged (too few answers)")
    return f"of {len(aimed)} targets for {when}, {write_list(told)}."


def _count_status(rows: Sequence[Prospect], word: str) -> str:
    if not rows:
        return f"none is {word}"
    named = ""
    if len(rows) <= _NAMED:
        each = [f"{one.group.spoken} {_share(one.chance or 0)}" for one in rows]
        named = f" ({', '.join(each)})"
    return f"{len(rows)} {'is' if len(rows) == 1 else 'are'} {word}{named}"


def _say_luck(aimed: Sequence[Prospect], *, unit: str) -> str:
    rows = [one for one in aimed if is_number(one.values.get("chance_missed_by_luck"))]
    if not rows:
        return ""
    missed = [float(one.values["chance_missed_by_luck"]) for one in rows]
    fair = [float(one.values["fair_nps"]) for one in rows]
    at_target = all(
        abs(level - (one.target or 0)) < _NEAR for level, one in zip(fair, rows, strict=True)
    )
    often = _say_often(min(missed), max(missed), unit=unit)
    if not at_target:
        return (
            f"A group as good as all together ({write_score(fair[0])}) would miss {often} by luck."
        )
    if len(rows) == 1:
        return f"Even at a true score of {write_score(fair[0])}, luck alone misses it {often}."
    return f"Even a group that truly stands at its target misses it by luck alone {often}."


def _share(chance: float) -> str:
    return write_share(chance).replace("<", "under ").replace(">", "over ")


def _say_often(low: float, high: float, *, unit: str) -> str:
    least, most = round(10 * low), round(10 * high)
    if least == most == 5:  # noqa: PLR2004 - half of ten
        return f"every other {unit}"
    if most == 0:
        return f"in hardly any {unit}"
    if least == 10:  # noqa: PLR2004 - all of ten
        return f"in nearly every {unit}"
    span = str(least) if least == most else f"{least} to {most}"
    return f"in {span} {unit}{'' if span == '1' else 's'} of 10"


def _say_realistic(
    known: Sequence[Prospect], *, when: str, facts: dict[str, Any], short: bool, asked: bool
) -> Sentence:
    spans = {
        one.group.label: (one.values["realistic_low"], one.values["realistic_high"])
        for one in known
    }
    facts["realistic"] = {label: list(span) for label, span in spans.items()}
    ranked = sorted(known, key=lambda one: one.values["realistic_low"])
    first, last = ranked[0], ranked[-1]
    none = "No target is set. " if asked else ""
    if len(known) == 1:
        whose = f" for {first.group.spoken}" if first.group.spoken else ""
        low, high = (write_score(first.values[f"realistic_{end}"]) for end in ("low", "high"))
        if not short:
            low, high = f"{low}, reached four times in five,", f"{high}, reached once in five"
        return Sentence(
            f"{none}A realistic target{whose} in {when} lies between {low} and {high}.",
            facts=facts,
        )
    ends = [
        f"{one.group.spoken} "
        f"({write_span(one.values['realistic_low'], one.values['realistic_high'])})"
        for one in (first, last)
    ]
    odds = "" if short else ", reached between four times in five and once in five,"
    return Sentence(
        f"{none}Realistic targets for {when}{odds} run from {ends[0]} to {ends[1]}.",
        facts=facts,
    )


def _say_points(given: Sequence[tuple[Group, dict[str, Any]]], *, share: str) -> str:
    points = [row["increase_points"] for _, row in given]
    if len(given) == 1:
        group, row = given[0]
        where = f" at {group.spoken}" if group.spoken else ""
        told = write_count(round(points[0]), "point")
        return f"{share} is {told}{where} (to {write_score(row['increase_target'])})."
    low, high = round(min(points)), round(max(points))
    span = write_count(high, "point") if low == high else f"{low} to {high} points"
    return f"{share} is {span}, depending on the group."


def _say_noise(given: Sequence[tuple[Group, dict[str, Any]]], *, unit: str) -> str:
    ranked = [row for group, row in given if group.ranked] or [row for _, row in given]
    noise = [row["noise"] for row in ranked if is_number(row["noise"])]
    if not noise:
        return ""
    low, high = round(min(noise)), round(max(noise))
    span = f"up to {write_count(high, 'point')}"
    if low != high:
        span = f"up to {low} to {high} points"
    it = "it" if len(given) == 1 else "a score"
    return f"Chance alone moves {it} by {span} from one {unit} to the next"


def _name(groups: Sequence[Group]) -> str:
    spoken = [group.spoken for group in groups if group.spoken]
    if len(spoken) > _NAMED:
        return f"{len(spoken)} others"
    return write_list(spoken)
