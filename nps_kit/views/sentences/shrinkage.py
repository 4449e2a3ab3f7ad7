"""What is left of the differences between groups when luck is taken out of their scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import Group, Groups, check_columns, read_groups
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.funnel import (
    NOTHING_SHARED,
    ONLY_ONE,
    name_units,
    write_distance,
    write_lead,
)
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_list,
    write_points,
    write_share,
)

_NEEDS = ("n", "nps", "shrunk", "low", "high", "chance_best", "chance_worst", "k")
_MORE = ("rank_low", "rank_high", "few", "centre", "spread", "spread_low", "spread_high")
_EVEN = 0.5
_PAIR = 2

MOST_NAMED = 3
"""Groups that are named at either end; of more the number is given."""

# Whose name is that of a person: a table of the worst is no more a finding than a table of luck.
_PEOPLE = frozenset(("agents", "supervisors", "trainers"))


@dataclass(frozen=True, slots=True)
class Member:
    """One group: its shrunken score, its score as it is, and where it may truly rank."""

    group: Group
    """Its score is the shrunken one."""
    raw: float | None
    chance_best: float | None
    chance_worst: float | None
    rank_low: int | None
    rank_high: int | None

    @property
    def is_ranked(self) -> bool:
        """Whether it has answers enough, and something to be compared by."""
        return self.group.ranked and self.raw is not None


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """A table of `shrink_groups` as a reader sees it."""

    groups: Groups
    members: tuple[Member, ...]
    units: str
    k: int
    centre: float | None
    spread: tuple[float, float, float] | None
    """Middle, low and high; None where there is nothing to judge it by."""
    detected: bool
    standardised: bool

    @property
    def absent(self) -> str:
        """Why there is nothing to see; empty where there is something."""
        if self.spread is not None and self.compared > 1:
            return self.groups.absent
        answered = sum(member.group.n > 0 for member in self.members)
        if self.standardised and answered > 1:
            return NOTHING_SHARED
        return self.groups.absent or ONLY_ONE

    @property
    def compared(self) -> int:
        """How many groups have something to be compared by."""
        return sum(member.raw is not None for member in self.members)

    @property
    def placed(self) -> bool:
        """Whether it tells the chances to be among the highest and the lowest."""
        return any(is_number(member.chance_best) for member in self.members)

    def name_ends(self) -> tuple[list[Member], list[Member]]:
        """Find those more likely than not among the highest, and among the lowest, likeliest first.

        Never one with too few answers; and nobody where the groups cannot be told apart, or where
        the highest and the lowest together are all there are.
        """
        if not self.detected or self.k * 2 > len(self.members):
            return [], []
        ranked = [member for member in self.members if member.is_ranked]
        return (
            sorted(
                (m for m in ranked if (m.chance_best or 0) > _EVEN),
                key=lambda m: -(m.chance_best or 0),
            ),
            sorted(
                (m for m in ranked if (m.chance_worst or 0) > _EVEN),
                key=lambda m: -(m.chance_worst or 0),
            ),
        )

    @property
    def names_ends(self) -> bool:
        """Whether those at the ends are called by name: both ends alike, or neither.

        People only where there are few at both ends: the lowest are never pointed at alone.
        """
        ends = self.name_ends()
        if any(len(end) > MOST_NAMED for end in ends):
            return False
        return self.units not in _PEOPLE or all(ends)


def read_shrinkage(
    shrunk: pl.DataFrame, *, by: Sequence[str] | None, caller: str, name: str = "shrunk"
) -> Shrinkage:
    """Read a table of `shrink_groups` row by row.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    """
    check_columns(shrunk, (*_NEEDS, *_MORE, "detected"), caller=caller, name=name)
    keys = tuple(by) if by is not None else tuple(shrunk.columns[: shrunk.columns.index("n")])
    standardised = "change" in shrunk.columns
    if keys:
        check_columns(shrunk, keys, caller=caller, name=name)
        # As read_groups may sort them, so that rows and groups stay side by side.
        shrunk = shrunk.sort(keys, nulls_last=True, maintain_order=True)
    groups = read_groups(shrunk.with_columns(nps=pl.col("shrunk")), by=by, caller=caller)
    raw = "change" if standardised else "nps"
    members = tuple(
        Member(
            group=group,
            raw=row[raw],
            chance_best=row["chance_best"],
            chance_worst=row["chance_worst"],
            rank_low=row["rank_low"],
            rank_high=row["rank_high"],
        )
        for group, row in zip(groups.rows, shrunk.iter_rows(named=True), strict=True)
    )
    first: dict[str, Any] = shrunk.row(0, named=True) if shrunk.height else {}
    middle, low, high = (first.get(name) for name in ("spread", "spread_low", "spread_high"))
    return Shrinkage(
        groups=groups,
        members=members,
        units=name_units(groups.by),
        k=first.get("k") or 1,
        centre=first.get("centre"),
        spread=(middle, low, high)
        if is_number(middle) and is_number(low) and is_number(high)
        else None,
        detected=bool(first.get("detected")),
        standardised=standardised,
    )


def say_shrinkage(
    shrunk: pl.DataFrame, *, by: Sequence[str] | None = None, length: Length = "whole"
) -> Sentence:
    """Say whether groups differ beyond luck, by how much, and who is likely at an end.

    Parameters
    ----------
    shrunk
        Table as `shrink_groups` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    length
        "short" leaves who is likely at an end to the picture that it stands above.

    Returns
    -------
    The sentence. Facts: ``groups``, ``few``, ``detected``, ``spread``, ``spread_low``,
    ``spread_high``, ``k``, and ``highest`` and ``lowest``, the groups that are more likely than not
    among the `k` highest or lowest.

    Raises
    ------
    MissingColumnError
        If `shrunk` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> shrunk = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b"],
    ...         "n": [90, 90],
    ...         "nps": [40.0, 20.0],
    ...         "shrunk": [32.0, 28.0],
    ...         "low": [20.0, 15.0],
    ...         "high": [45.0, 40.0],
    ...         "chance_best": [0.7, 0.3],
    ...         "chance_worst": [0.3, 0.7],
    ...         "k": 1,
    ...         "rank_low": 1,
    ...         "rank_high": 2,
    ...         "few": False,
    ...         "centre": 30.0,
    ...         "spread": 3.0,
    ...         "spread_low": 0.0,
    ...         "spread_high": 19.0,
    ...         "detected": False,
    ...     }
    ... )
    >>> say_shrinkage(shrunk)
    'The two teams cannot be told apart: the spread between them could be up to 19 points.'
    """
    check_choice(length, get_args(Length), caller="say_shrinkage()", option="length")
    read = read_shrinkage(shrunk, by=by, caller="say_shrinkage()")
    highest, lowest = read.name_ends()
    facts: dict[str, Any] = {
        "groups": len(read.members),
        "few": sum(member.group.few for member in read.members),
        "detected": read.detected,
        **_tell_spread(read),
        "k": read.k,
        "highest": [_tell(member, member.chance_best) for member in highest],
        "lowest": [_tell(member, member.chance_worst) for member in lowest],
    }
    if read.absent or read.spread is None:
        return Sentence(read.absent, facts=facts)
    said = _say_different(read) if read.detected else _say_alike(read)
    lead = write_lead(read.groups, standardised=read.standardised)
    sentence = start_sentence(lead + said)
    ends = "" if length == "short" else say_ends(read)
    return Sentence(" ".join(part for part in (sentence, ends) if part), facts=facts)


def say_ends(read: Shrinkage) -> str:
    """Say who is more likely than not among the highest or the lowest; nothing where none can be.

    Where the groups cannot be told apart nobody is named, and nothing is said.
    """
    if not (read.detected and read.placed) or read.k * 2 > len(read.members):
        return ""
    highest, lowest = read.name_ends()
    top, bottom = _end("highest", read.k), _end("lowest", read.k)
    told = [
        f"{where}: {_list_ends(found, chance, read=read)}"
        for where, found, chance in (
            (top, highest, "chance_best"),
            (bottom, lowest, "chance_worst"),
        )
        if found
    ]
    if told:
        return f"More likely than not {'; '.join(told)}."
    if not any(member.is_ranked for member in read.members):
        return "All have too few answers to say who is at an end."
    hidden = (m for m in read.members if not m.is_ranked)
    if any(max(m.chance_best or 0, m.chance_worst or 0) > _EVEN for m in hidden):
        return f"Of those with answers enough not one is more likely than not {top} or {bottom}."
    return f"Not one is more likely than not {top} or {bottom}: their order is mostly luck."


def _say_alike(read: Shrinkage) -> str:
    count = read.compared
    could = f"the spread between them could be up to {_write_spread(read)}."
    if count == _PAIR:
        return f"the two {read.units} cannot be told apart: {could}"
    return f"of {count:,} {read.units} none can be told from the others: {could}"


def _write_spread(read: Shrinkage) -> str:
    high = read.spread[2] if read.spread is not None else 0.0
    return "1 point" if high < 1 else write_distance(high)


def _say_different(read: Shrinkage) -> str:
    middle, low, high = read.spread or (0.0, 0.0, 0.0)
    about = "under 1 point" if middle < _EVEN else f"about {write_distance(middle)}"
    # Groups that differ have a spread: its lower bound must not read as if it were nought.
    start = write_points(low) if low == 0 or low >= _EVEN else "under 1"
    span = f" ({start} to {write_points(high)})" if high >= _EVEN else ""
    which = "the two " if read.compared == _PAIR else ""
    return f"{which}{read.units} differ: the spread between them is {about}{span}."


def _end(word: str, k: int) -> str:
    return f"among the {k:,} {word}" if k > 1 else f"the {word}"


def _list_ends(found: Sequence[Member], chance: str, *, read: Shrinkage) -> str:
    if not read.names_ends:
        return f"{len(found):,} {'of the ' if len(found) == 1 else ''}{read.units}"
    return write_list(
        [f"{member.group.spoken} ({_write_chance(getattr(member, chance))})" for member in found]
    )


def _write_chance(chance: float) -> str:
    """Write a chance that was counted in draws: never certain."""
    return f"a chance of {'over 99 %' if round(chance, 2) >= 1 else write_share(chance)}"


def _tell(member: Member, chance: float | None) -> dict[str, Any]:
    return member.group.facts() | {"chance": chance}


def _tell_spread(read: Shrinkage) -> dict[str, float | None]:
    names = ("spread", "spread_low", "spread_high")
    return dict(zip(names, read.spread or (None, None, None), strict=True))
