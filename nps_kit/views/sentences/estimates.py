"""What the scores of a table come to: where it stands, who is lowest and highest, since when."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import Group, Groups, read_groups, say_score
from nps_kit.views.wording import start_sentence, write_count, write_list, write_score

Length = Literal["whole", "short"]


def say_estimates(
    estimates: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    every: Every | None = None,
    length: Length = "whole",
) -> Sentence:
    """Say where the scores of a table stand.

    One row: the score. Several: which of those with answers enough stand clear of all others, by
    their intervals. Over ``period``: the latest, and whether it lies within the range of those
    before it.

    Parameters
    ----------
    estimates
        Table as `estimate_nps` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    length
        "short" leaves the intervals of several groups to the picture that it stands above.

    Returns
    -------
    The sentence; its facts are the numbers in it.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``n``, ``nps``, ``low``, ``high``, ``few`` or a column of `by`.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> estimates = pl.DataFrame(
    ...     {"n": [512], "nps": [31.2], "low": [27.0], "high": [35.3], "few": [False]}
    ... )
    >>> say_estimates(estimates)
    'The score is +31 (27 to 35, 512 answers).'
    """
    check_choice(length, get_args(Length), caller="say_estimates()", option="length")
    groups = read_groups(estimates, by=by, every=every, caller="say_estimates()")
    short = length == "short"
    if groups.absent:
        return Sentence(groups.absent, facts={"n": groups.n})
    if "period" not in groups.by:
        return _say_groups(groups.rows, groups, short=short)
    dated = [group for group in groups.rows if group.period is not None and group.nps is not None]
    if not dated:
        return _say_groups(groups.rows, groups, short=short)
    dated.sort(key=lambda group: (group.period, group.row))
    if len(groups.by) == 1:
        return _say_latest(dated, groups)
    latest = [group for group in dated if group.period == dated[-1].period]
    return _say_groups(latest, groups, short=short)


def find_extremes(rows: Sequence[Group]) -> tuple[Group, ...]:
    """Find the groups that stand clear of all others: the lowest, the highest, both or neither.

    Clear is a group whose interval meets that of no other group which may be ranked. That is
    stricter than a test of the two scores, as it should be: the ends of a row are picked out of
    many, and partly by luck.
    """
    ranked = sorted((g for g in rows if g.ranked), key=lambda g: g.score)
    if len(ranked) < 2:  # noqa: PLR2004 - one group is neither lowest nor highest
        return ()
    low, high = ranked[0], ranked[-1]
    found = [low] if all(_clear(low, other) for other in ranked[1:]) else []
    if all(_clear(other, high) for other in ranked[:-1]):
        found.append(high)
    return tuple(found)


def _clear(lower: Group, higher: Group) -> bool:
    return lower.high is not None and higher.low is not None and lower.high < higher.low


def _say_groups(rows: Sequence[Group], groups: Groups, *, short: bool) -> Sentence:
    if len(rows) == 1:
        return _say_one(rows[0])
    ranked = sorted((g for g in rows if g.ranked), key=lambda g: (g.score, g.row))
    few = [group for group in rows if not group.ranked]
    facts: dict[str, Any] = {"groups": len(rows), "few": len(few)}
    if not ranked:
        most = max(group.n for group in few)
        said = f"Too few answers to rank any of the {len(rows)} groups ({most:,} at most)."
        return Sentence(said, facts=facts)
    if len(ranked) == 1:
        facts |= {"only": ranked[0].facts()}
        said = f"{ranked[0].spoken} stands at {say_score(ranked[0], in_full=True)}"
    else:
        facts |= {"lowest": ranked[0].facts(), "highest": ranked[-1].facts()}
        clear = find_extremes(ranked)
        facts |= {"clear": [group.label for group in clear]}
        said = _say_ranked(ranked, clear, mixed=groups.kinds_vary, short=short)
    if few and not short:
        said += f"; {_too_few(few)}"
    return Sentence(f"{start_sentence(said)}.", facts=facts)


def _say_ranked(
    ranked: Sequence[Group], clear: Sequence[Group], *, mixed: bool, short: bool
) -> str:
    low, high = ranked[0], ranked[-1]
    if low in clear and high in clear:
        lowest = _place(low, "stands lowest", told=not short, in_full=True)
        return f"{lowest}, {_place(high, 'highest', told=not short, in_full=mixed)}"
    if clear:
        others = [group for group in ranked if group not in clear]
        place = "stands lowest" if low in clear else "stands highest"
        span = _span(others[0], others[-1])
        return (
            f"{_place(clear[0], place, told=not short, in_full=True)}; "
            f"the other {len(others)} {'lie at' if ' to ' not in span else 'run'} {span}"
        )
    if write_score(low.score) == write_score(high.score):
        answers = write_count(sum(group.n for group in ranked), "answer")
        return f"all {len(ranked)} groups stand at {write_score(low.score)} ({answers})"
    ends = [_place(end, "", told=not short, in_full=end is low or mixed) for end in (low, high)]
    if _clear(low, high):
        none = f"no group of the {len(ranked)} stands apart from all others"
    else:
        both = len(ranked) == 2  # noqa: PLR2004 - two of them
        none = f"the {'two' if both else f'{len(ranked)} groups'} cannot be told apart"
    return f"{none}, from {ends[0]} to {ends[1]}"


def _place(group: Group, place: str, *, told: bool, in_full: bool) -> str:
    behind = f" ({group.told(in_full=in_full)})" if told else ""
    return " ".join(part for part in (group.spoken, place, "at") if part) + (
        f" {write_score(group.score)}{behind}"
    )


def _span(low: Group, high: Group) -> str:
    lowest, highest = write_score(low.score), write_score(high.score)
    return lowest if lowest == highest else f"from {lowest} to {highest}"


def _say_one(group: Group) -> Sentence:
    whose = group.spoken and f"{group.spoken} stands at"
    told = group.told(in_full=True) + (": too few to judge" if group.few else "")
    said = f"{whose or 'the score is'} {write_score(group.score)} ({told})."
    return Sentence(start_sentence(said), facts=group.facts() | {"few": group.few})


def _too_few(few: Sequence[Group]) -> str:
    # The threshold is no column of the table, so what is said is what is there.
    most = max(group.n for group in few)
    if len(few) == 1:
        return f"{few[0].spoken} has too few answers to be ranked ({most:,})"
    return f"{len(few):,} groups have too few answers to be ranked ({most:,} at most)"


def _say_latest(dated: Sequence[Group], groups: Groups) -> Sentence:
    *earlier, latest = dated
    now = _say_one(latest)
    if not earlier:
        return now
    ranked = [group for group in earlier if group.ranked]
    facts: dict[str, Any] = {"earlier": len(earlier), "earlier_few": len(earlier) - len(ranked)}
    if ranked:
        scores = [group.score for group in ranked]
        facts |= {"earlier_low": min(scores), "earlier_high": max(scores)}
    said = f"{now[:-1]}{_say_earlier(latest, earlier, ranked, groups.every)}."
    return Sentence(said, facts=now.facts | facts)


def _say_earlier(
    latest: Group, earlier: Sequence[Group], ranked: Sequence[Group], unit: Every
) -> str:
    before = f"{write_count(len(earlier), unit)} before it"
    if len(earlier) == 1:
        told = earlier[0].told() + ("" if ranked else ": too few to judge")
        return f"; {earlier[0].spoken} stood at {write_score(earlier[0].score)} ({told})"
    if not ranked:
        return f"; the {before} have too few answers each to compare"
    if len(ranked) == 1:
        only = f"{ranked[0].spoken} has answers enough ({write_score(ranked[0].score)})"
        return f"; of the {before} only {only}"
    low, high = (pick(group.score for group in ranked) for pick in (min, max))
    span = f"{write_score(low)} to {write_score(high)}"
    span = span if write_score(low) != write_score(high) else f"all {write_score(low)}"
    left = len(earlier) - len(ranked)
    if left:
        span += f"; {write_count(left, unit)} with too few answers left out"
    if latest.few:
        return f"; the {before} lay at {span}"
    where = "within the range"
    if latest.score > high:
        where = "above every one"
    elif latest.score < low:
        where = "below every one"
    return f", {where} of the {before} ({span})"


def list_scores(rows: Sequence[Group], *, most: int = 12) -> str:
    """List scores for a reader who cannot see the picture."""
    told = [
        f"{group.spoken} {say_score(group)}" if group.nps is not None else f"{group.spoken} none"
        for group in rows[:most]
    ]
    rest = len(rows) - most
    return write_list([*told, f"{rest} more"] if rest > 0 else told)
