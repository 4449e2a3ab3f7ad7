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

    One row: the score. Several: the lowest and the highest of those with answers enough. Over
    ``period``: the latest, and the range of those before it. Whether two groups differ is not
    said, since that is no column of the table.

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
    """Find the lowest and the highest of the groups that may be ranked, where they differ."""
    ranked = [group for group in rows if group.ranked]
    if len(ranked) < 2:  # noqa: PLR2004 - one group is neither lowest nor highest
        return ()
    low = min(ranked, key=lambda group: group.score)
    high = max(ranked, key=lambda group: group.score)
    return () if write_score(low.score) == write_score(high.score) else (low, high)


def _say_groups(rows: Sequence[Group], groups: Groups, *, short: bool) -> Sentence:
    if len(rows) == 1:
        return _say_one(rows[0])
    ranked = [group for group in rows if group.ranked]
    few = [group for group in rows if not group.ranked]
    facts: dict[str, Any] = {"groups": len(rows), "few": len(few)}
    if not ranked:
        most = max(group.n for group in few)
        said = f"Too few answers to rank any of the {len(rows)} groups ({most:,} at most)."
        return Sentence(said, facts=facts)
    extremes, mixed = find_extremes(ranked), groups.kinds_vary
    if extremes:
        low, high = extremes
        facts |= {"lowest": low.facts(), "highest": high.facts()}
        said = (
            f"{_place(low, ranked, 'lowest', told='' if short else low.told(in_full=True))}, "
            f"{_place(high, ranked, 'highest', told='' if short else high.told(in_full=mixed))}"
        )
    elif len(ranked) == 1:
        facts |= {"only": ranked[0].facts()}
        said = f"{ranked[0].spoken} stands at {say_score(ranked[0], in_full=True)}"
    else:
        said = f"all {len(ranked)} groups stand at {write_score(ranked[0].score)}"
        said += f" ({write_count(sum(group.n for group in ranked), 'answer')})"
    if few and not short:
        said += f"; {_too_few(few)}"
    return Sentence(f"{start_sentence(said)}.", facts=facts)


def _say_one(group: Group) -> Sentence:
    whose = group.spoken and f"{group.spoken} stands at"
    told = group.told(in_full=True) + (": too few to judge" if group.few else "")
    said = f"{whose or 'the score is'} {write_score(group.score)} ({told})."
    return Sentence(start_sentence(said), facts=group.facts() | {"few": group.few})


def _place(group: Group, ranked: Sequence[Group], place: str, *, told: str) -> str:
    tied = sum(other.score == group.score for other in ranked) - 1
    score, behind = write_score(group.score), f" ({told})" if told else ""
    if tied:
        verb = "stand " if place == "lowest" else ""
        others = write_count(tied, "other")
        return f"{group.spoken}{behind} and {others} {verb}{place} at {score}"
    verb = "stands " if place == "lowest" else ""
    return f"{group.spoken} {verb}{place} at {score}{behind}"


def _too_few(few: Sequence[Group]) -> str:
    # The threshold is no column of the table, so what is said is what is there.
    most = max(group.n for group in few)
    if len(few) == 1:
        return f"1 group has too few answers to be ranked ({most:,})"
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
    said = f"{now[:-1]}; {_say_earlier(earlier, ranked, groups.every)}."
    return Sentence(said, facts=now.facts | facts)


def _say_earlier(earlier: Sequence[Group], ranked: Sequence[Group], unit: Every) -> str:
    before = f"{write_count(len(earlier), unit)} before it"
    if len(earlier) == 1:
        told = earlier[0].told() + ("" if ranked else ": too few to judge")
        return f"{earlier[0].spoken} stood at {write_score(earlier[0].score)} ({told})"
    if not ranked:
        return f"the {before} have too few answers each to compare"
    lows, highs = (write_score(pick(group.score for group in ranked)) for pick in (min, max))
    ranged = f"ranged from {lows} to {highs}" if lows != highs else f"stood at {lows} throughout"
    if len(ranked) == len(earlier):
        return f"the {before} {ranged}"
    if len(ranked) == 1:
        return f"of the {before} only {ranked[0].spoken} has answers enough ({lows})"
    return f"of the {before} the {len(ranked)} with answers enough {ranged}"


def list_scores(rows: Sequence[Group], *, most: int = 12) -> str:
    """List scores for a reader who cannot see the picture."""
    told = [
        f"{group.spoken} {say_score(group)}" if group.nps is not None else f"{group.spoken} none"
        for group in rows[:most]
    ]
    rest = len(rows) - most
    return write_list([*told, f"{rest} more"] if rest > 0 else told)
