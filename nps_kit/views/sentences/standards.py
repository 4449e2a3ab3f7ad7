"""Who scores other than the mix of contacts leads one to expect, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import Group, Groups, check_columns, read_groups
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.funnel import (
    MOST_NAMED,
    NOTHING_SHARED,
    ONLY_ONE,
    name_units,
    say_too_few,
    write_distance,
    write_lead,
    write_some,
)
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_count,
    write_points,
)

_NEEDS = ("n", "nps", "expected", "change", "low", "high", "few", "p_adjusted", "n_alone")
_EXPECT = "mix of contacts leads one to expect"


@dataclass(frozen=True, slots=True)
class Gap:
    """One group of a standardised table: how far it is from what was expected."""

    group: Group
    """Its score is the difference, its bounds those of the difference."""
    observed: float | None
    expected: float | None
    is_comparable: bool
    """Whether other groups have contacts of its kinds."""
    p_adjusted: float | None
    is_other: bool
    """Whether it can be told from expected, after all comparisons, be it by ever so little."""

    @property
    def is_judged(self) -> bool:
        """Whether it has answers enough, and others to be compared with."""
        return self.group.ranked and self.is_comparable and is_number(self.p_adjusted)

    @property
    def is_told(self) -> bool:
        """Whether it can be told from expected by a point or more."""
        return self.is_other and not self.is_slight

    @property
    def is_slight(self) -> bool:
        """Whether the difference would be written as no point at all."""
        return round(self.group.score) == 0

    def words(self) -> str:
        """Write the difference: "8 points more"."""
        return f"{write_distance(self.group.score)} {'less' if self.group.score < 0 else 'more'}"

    def behind(self) -> str:
        """Write what stands behind the difference: " (2 to 14, 812 answers)"."""
        low, high = self.group.low, self.group.high
        span = _span(low, high) if is_number(low) and is_number(high) else ""
        answers = write_count(self.group.n, self.group.kind)
        return f" ({', '.join(part for part in (span, answers) if part)})"

    def told(self) -> str:
        """Write the difference with what stands behind it."""
        return self.words() + self.behind()


@dataclass(frozen=True, slots=True)
class Gaps:
    """A table of standardised differences as a reader sees it."""

    groups: Groups
    rows: tuple[Gap, ...]
    units: str
    n_alone: int

    @property
    def comparable(self) -> tuple[Gap, ...]:
        """Those whose contacts others have as well, however few their answers."""
        return tuple(gap for gap in self.rows if gap.is_comparable)

    @property
    def absent(self) -> str:
        """Why there is nothing to see; empty where there is something."""
        if self.groups.absent or self.comparable:
            return self.groups.absent
        return NOTHING_SHARED if sum(gap.group.n > 0 for gap in self.rows) > 1 else ONLY_ONE

    @property
    def judged(self) -> tuple[Gap, ...]:
        """Those that can be judged, the farthest above expected first."""
        judged = [gap for gap in self.rows if gap.is_judged]
        return tuple(sorted(judged, key=lambda gap: (-gap.group.score, gap.group.row)))


def read_gaps(standards: pl.DataFrame, *, by: Sequence[str] | None, caller: str) -> Gaps:
    """Read a table of `standardise_groups` row by row.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    """
    check_columns(standards, _NEEDS, caller=caller, name="standards")
    keys = tuple(by) if by is not None else tuple(standards.columns[: standards.columns.index("n")])
    told = standards.sort(keys, nulls_last=True, maintain_order=True) if keys else standards
    groups = read_groups(told.with_columns(nps=pl.col("change")), by=by, caller=caller)
    margin = 1 - (groups.level if groups.level is not None else 0.95)
    rows = tuple(
        Gap(
            group=group,
            observed=row["nps"],
            expected=row["expected"],
            is_comparable=(row["n_alone"] or 0) < group.n,
            p_adjusted=row["p_adjusted"],
            is_other=group.ranked and is_number(row["p_adjusted"]) and row["p_adjusted"] < margin,
        )
        for group, row in zip(groups.rows, told.iter_rows(named=True), strict=True)
    )
    alone = told["n_alone"].sum() if told.height else 0
    return Gaps(groups=groups, rows=rows, units=name_units(groups.by), n_alone=int(alone or 0))


def say_standards(
    standards: pl.DataFrame, *, by: Sequence[str] | None = None, length: Length = "whole"
) -> Sentence:
    """Say which groups score other than their mix of contacts would lead one to expect.

    Parameters
    ----------
    standards
        Table as `standardise_groups` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    length
        "short" leaves the second sentence to the picture that it stands above.

    Returns
    -------
    The sentence. Facts: ``groups``, ``judged``, ``few`` and ``told``, the groups that can be told
    from expected after all comparisons.

    Raises
    ------
    MissingColumnError
        If `standards` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> standards = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b"],
    ...         "n": [812, 790],
    ...         "nps": [31.0, 16.0],
    ...         "expected": [23.0, 24.0],
    ...         "change": [8.0, -8.0],
    ...         "low": [2.1, -14.0],
    ...         "high": [13.9, -1.9],
    ...         "few": False,
    ...         "p_adjusted": [0.01, 0.06],
    ...         "n_alone": 0,
    ...     }
    ... )
    >>> say_standards(standards, length="short")
    'A scores 8 points more than its mix of contacts leads one to expect (2 to 14, 812 answers).'
    """
    caller = "say_standards()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    gaps = read_gaps(standards, by=by, caller=caller)
    judged = gaps.judged
    told = [gap for gap in judged if gap.is_told]
    facts: dict[str, Any] = {
        "groups": len(gaps.rows),
        "judged": len(judged),
        "few": sum(gap.group.few for gap in gaps.rows),
        "told": [gap.group.facts() | {"expected": gap.expected} for gap in told],
    }
    if gaps.absent:
        return Sentence(gaps.absent, facts=facts)
    if not judged:
        few = gaps.comparable
        most = max(gap.group.n for gap in few)
        return Sentence(say_too_few(len(few), most=most, units=gaps.units), facts=facts)
    slight = [gap for gap in judged if gap.is_other and gap.is_slight]
    if told:
        first, second = _say_told(told, gaps)
    else:
        first, second = _say_slight(slight, gaps) if slight else _say_none(judged, gaps), ""
    said = " ".join(part for part in (first, second if length == "whole" else "") if part)
    return Sentence(start_sentence(write_lead(gaps.groups) + said), facts=facts)


def _say_told(told: Sequence[Gap], gaps: Gaps) -> tuple[str, str]:
    if len(told) <= MOST_NAMED:
        # The first says more than what, the others follow suit.
        than = f" than its {_EXPECT}"
        named = [
            f"{gap.group.spoken} scores {gap.words()}{'' if place else than}{gap.behind()}"
            for place, gap in enumerate(told)
        ]
        first = f"{', '.join(named)}."
    else:
        farthest = max(told, key=lambda gap: abs(gap.group.score))
        first = (
            f"{write_some(len(told), len(gaps.judged))} {gaps.units} score other than their "
            f"{_EXPECT}; farthest off is {farthest.group.spoken}, {farthest.told()}."
        )
    return first, "Whatever else differs between groups is still in it."


def _say_slight(slight: Sequence[Gap], gaps: Gaps) -> str:
    """Say that what can be told is too small to be told in points."""
    if len(gaps.judged) == 1:
        who, verb, whose = slight[0].group.spoken, "scores", "its"
    else:
        who = f"{write_some(len(slight), len(gaps.judged))} {gaps.units}"
        verb, whose = ("scores", "its") if len(slight) == 1 else ("score", "their")
    return f"{who} {verb} other than {whose} {_EXPECT}, by less than a point."


def _say_none(judged: Sequence[Gap], gaps: Gaps) -> str:
    farthest = max(judged, key=lambda gap: abs(gap.group.score))
    if len(judged) == 1:
        return f"{farthest.group.spoken} cannot be told from what its {_EXPECT}: {farthest.told()}."
    both = len(judged) == 2  # noqa: PLR2004 - two of them
    none = "neither of the two" if both else f"not one of the {len(judged):,}"
    return (
        f"{none} {gaps.units} can be told from what its {_EXPECT}; "
        f"farthest off is {farthest.group.spoken}, {farthest.words()}."
    )


def _span(low: float, high: float) -> str:
    """Write an interval of a difference in the direction that the words before it name."""
    if low >= 0 or high <= 0:
        near, far = sorted((abs(low), abs(high)))
        # A bound that is not nought must not read as if it were.
        start = write_points(near) if near == 0 or round(near) else "under 1"
        return f"{start} to {write_points(far)}"
    return f"{write_points(abs(low))} less to {write_points(high)} more"
