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
    place_period,
    start_sentence,
    write_count,
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
_ALL_PROMOTERS = "every answer were a promoter"
_END = 100
# So far apart in tenths, a span says nothing.
_FAR = 5


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
    aimed = [one for one in known if one.target is not None]
    starts = targets["period"].drop_nulls()
    placed = place_period(starts[0], every=unit) if starts.len() else f"in {when}"
    if not aimed:
        return _say_realistic(
            known,
            when=(when, placed),
            facts=facts,
            short=short,
            asked="target_nps" in targets.columns,
        )
    facts["chances"] = {one.group.label: one.chance for one in aimed}
    said = _say_one(aimed[0], when=placed) if len(aimed) == 1 else _say_many(aimed, when=when)
    judged = len(aimed) == 1 or any(one.status != "not judged" for one in aimed)
    luck = _say_luck(aimed, unit=unit) if judged and not short else ""
    return Sentence(" ".join(part for part in (start_sentence(said), luck) if part), facts=facts)


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
    target = write_score(one.target or 0) + one.group.on_scale
    chance = _share(one.chance or 0)
    few = (
        f" ({write_count(one.group.n, 'answer')} so far: too few to judge)" if one.group.few else ""
    )
    if who:
        if one.chance is None:
            return f"{who} would reach its target of {target} {when} only if {_ALL_PROMOTERS}."
        return f"{who} will reach its target of {target} {when} with a chance of {chance}{few}."
    if one.chance is None:
        return f"the target of {target} would be reached {when} only if {_ALL_PROMOTERS}."
    return f"the target of {target} will be reached {when} with a chance of {chance}{few}."


def _say_many(aimed: Sequence[Prospect], *, when: str) -> str:
    by_status = {
        status: [one for one in aimed if one.status == status]
        for status in ("likely", "open", "unlikely", "not judged")
    }
    left = by_status["not judged"]
    why = write_list(
        [
            reason
            for reason, some in (
                ("too few answers", any(one.group.few for one in left)),
                ("no chance can be given of +100", any(not one.group.few for one in left)),
            )
            if some
        ]
    )
    scale = say_scales([one.group for one in aimed])
    if len(left) == len(aimed):
        return f"not one of the {len(aimed)} targets{scale} for {when} can be judged: {why}."
    words = {"likely": "likely to be reached", "open": "open to luck", "unlikely": "unlikely"}
    told = [
        _count_status(by_status[status], word)
        for k, (status, word) in enumerate(words.items())
        if by_status[status] or k == 0
    ]
    if left:
        told.append(f"{len(left)} not judged ({why})")
    return f"of {len(aimed)} targets{scale} for {when}, {write_list(told)}."


def say_scales(groups: Sequence[Group]) -> str:
    """Say the scale where it is not 0-10: that of all, or that of some of them."""
    scales = [group.on_scale for group in groups]
    if len(set(scales)) == 1:
        return scales[0]
    told = [
        f"{write_count(scales.count(scale), 'group')}{scale}" for scale in sorted({*scales} - {""})
    ]
    return f" ({write_list(told)})"


def _count_status(rows: Sequence[Prospect], word: str) -> str:
    if not rows:
        return f"none is {word}"
    named = ""
    if len(rows) <= _NAMED:
        each = [f"{one.group.spoken} {_share(one.chance or 0)}" for one in rows]
        named = f" ({', '.join(each)})"
    return f"{len(rows)} {'is' if len(rows) == 1 else 'are'} {word}{named}"


def _say_luck(aimed: Sequence[Prospect], *, unit: str) -> str:
    rows = [
        one
        for one in aimed
        if is_number(one.values.get("chance_missed_by_luck")) and abs(one.target or 0) < _END
    ]
    if not rows:
        return ""
    missed = [float(one.values["chance_missed_by_luck"]) for one in rows]
    fair = [float(one.values["fair_nps"]) for one in rows]
    at_target = all(
        abs(level - (one.target or 0)) < _NEAR for level, one in zip(fair, rows, strict=True)
    )
    often = _say_often(min(missed), max(missed), unit=unit)
    if not at_target:
        if round(10 * max(missed)) - round(10 * min(missed)) >= _FAR:
            ends = [_say_often(each, each, unit=unit) for each in (min(missed), max(missed))]
            return (
                f"A group as good as all together ({write_score(fair[0])}) would miss the easiest "
                f"target {ends[0]}, and the hardest {ends[1]}."
            )
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
    known: Sequence[Prospect],
    *,
    when: tuple[str, str],
    facts: dict[str, Any],
    short: bool,
    asked: bool,
) -> Sentence:
    named, placed = when
    scale = say_scales([one.group for one in known])
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
            f"{none}A realistic target{whose}{scale} {placed} lies between {low} and {high}.",
            facts=facts,
        )
    ends = [
        f"{one.group.spoken} "
        f"({write_span(one.values['realistic_low'], one.values['realistic_high'])})"
        for one in (first, last)
    ]
    odds = "" if short else ", reached between four times in five and once in five,"
    return Sentence(
        f"{none}Realistic targets{scale} for {named}{odds} run from {ends[0]} to {ends[1]}.",
        facts=facts,
    )


def name_groups(groups: Sequence[Group]) -> str:
    """Name up to three groups in a list; more are counted."""
    spoken = [group.spoken for group in groups if group.spoken]
    if len(spoken) > _NAMED:
        return f"{len(spoken)} others"
    return write_list(spoken)
