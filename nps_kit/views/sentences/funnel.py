"""Who of many lies farther out than luck would put them, and how many luck alone would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import Group, Groups, check_columns, read_groups
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    is_number,
    start_sentence,
    write_count,
    write_list,
    write_points,
    write_score,
)

NOTHING_SHARED = "No two groups have the same kind of contacts: nothing to compare."
ONLY_ONE = "Only one group has answers: nothing to compare it with."

_LIMITS = ("limit_low", "limit_high", "outer_low", "outer_high")
_NEEDS = (
    *("n", "n_effective", "nps", "centre", *_LIMITS),
    *("p_adjusted", "place", "few", "expected_outside", "tau"),
)
_RARE = 0.05
MOST_NAMED = 2
"""Groups that a sentence names; of more it gives the number."""

# Only words known to be what a group is called; of any other column the groups are "groups".
_UNITS = {
    "agent": "agents",
    "agent_id": "agents",
    "team": "teams",
    "supervisor": "supervisors",
    "trainer": "trainers",
    "touchpoint": "touchpoints",
    "channel": "channels",
    "survey_channel": "channels",
    "segment": "segments",
    "region": "regions",
    "site": "sites",
    "country": "countries",
    "queue": "queues",
    "branch": "branches",
    "product": "products",
    "store": "stores",
}


@dataclass(frozen=True, slots=True)
class Dot:
    """One group of a funnel: where it stands, and where the limits run beside it."""

    group: Group
    place: str
    n_effective: float | None
    limits: tuple[float | None, ...]
    """Inner low and high, outer low and high."""
    is_rare: bool
    """Whether luck alone would hardly put any of so many groups there."""

    @property
    def is_out(self) -> bool:
        """Whether it lies outside the inner limits, or both."""
        return self.place not in ("", "within")

    @property
    def is_far_out(self) -> bool:
        """Whether it lies outside the outer limits."""
        return self.place.endswith("99.8 %")


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel as a reader sees it."""

    groups: Groups
    dots: tuple[Dot, ...]
    units: str
    centre: float | None
    standardised: bool
    expected_outside: float
    tau: float

    @property
    def judged(self) -> tuple[Dot, ...]:
        """Those that have a place."""
        return tuple(dot for dot in self.dots if dot.place)

    @property
    def absent(self) -> str:
        """Why there is nothing to see; empty where there is something."""
        if self.groups.absent:
            return self.groups.absent
        if any(is_number(dot.limits[0]) for dot in self.dots):
            return ""
        if sum(dot.group.n > 0 for dot in self.dots) > 1:
            return NOTHING_SHARED
        return ONLY_ONE

    @property
    def lead(self) -> str:
        """What begins a sentence about it."""
        return write_lead(self.groups, standardised=self.standardised)

    def write(self, dot: Dot) -> str:
        """Write where a dot stands: "+44", or "12 points above expected"."""
        value = dot.group.score
        if not self.standardised:
            return write_score(value)
        return f"{write_distance(value)} {'below' if value < 0 else 'above'} expected"


def read_funnel(funnel: pl.DataFrame, *, by: Sequence[str] | None, caller: str) -> Funnel:
    """Read a table of `estimate_funnel` row by row.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    """
    check_columns(funnel, _NEEDS, caller=caller, name="funnel")
    standardised = "change" in funnel.columns
    value = "change" if standardised else "nps"
    told = funnel.with_columns(
        nps=pl.col(value), low=pl.col("limit_low"), high=pl.col("limit_high")
    )
    keys = tuple(by) if by is not None else tuple(funnel.columns[: funnel.columns.index("n")])
    if keys:
        # As read_groups may sort them, so that rows and groups stay side by side.
        told = told.sort(keys, nulls_last=True, maintain_order=True)
    groups = read_groups(told, by=by, caller=caller)
    dots = tuple(
        Dot(
            group=group,
            place=row["place"] or "",
            n_effective=row["n_effective"],
            limits=tuple(row[name] for name in _LIMITS),
            is_rare=is_number(row["p_adjusted"]) and row["p_adjusted"] < _RARE,
        )
        for group, row in zip(groups.rows, told.iter_rows(named=True), strict=True)
    )
    centre, expected, tau = (
        next(iter(told[name].drop_nulls().to_list()), None)
        for name in ("centre", "expected_outside", "tau")
    )
    return Funnel(
        groups=groups,
        dots=dots,
        units=name_units(groups.by),
        centre=centre,
        standardised=standardised,
        expected_outside=expected or 0.0,
        tau=tau or 0.0,
    )


def name_units(by: Sequence[str]) -> str:
    """Name what the groups are: "teams", or just "groups"."""
    return _UNITS.get(by[0], "groups") if len(by) == 1 else "groups"


def say_funnel(
    funnel: pl.DataFrame, *, by: Sequence[str] | None = None, length: Length = "whole"
) -> Sentence:
    """Say how many groups lie outside the limits of a funnel, and how many would by luck.

    Parameters
    ----------
    funnel
        Table as `estimate_funnel` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    length
        "short" leaves the second sentence to the picture that it stands above.

    Returns
    -------
    The sentence. Facts: ``groups``, ``judged``, ``few``, ``outside_95``, ``outside_99_8``,
    ``expected_outside``, ``tau`` and ``far_out``, the groups outside 99.8 %.

    Raises
    ------
    MissingColumnError
        If `funnel` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> funnel = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b"],
    ...         "n": [90, 90],
    ...         "n_effective": [90.0, 90.0],
    ...         "nps": [40.0, 20.0],
    ...         "centre": 30.0,
    ...         "limit_low": 15.0,
    ...         "limit_high": 44.0,
    ...         "outer_low": 5.0,
    ...         "outer_high": 53.0,
    ...         "p_adjusted": 0.3,
    ...         "place": "within",
    ...         "few": False,
    ...         "expected_outside": 0.1,
    ...         "tau": 0.0,
    ...     }
    ... )
    >>> say_funnel(funnel)
    'Both teams lie within the 95 % limits: no more apart than luck alone would put them.'
    """
    caller = "say_funnel()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    read = read_funnel(funnel, by=by, caller=caller)
    judged = read.judged
    out = [dot for dot in judged if dot.is_out]
    far = [dot for dot in judged if dot.is_far_out]
    few = sum(dot.group.few for dot in read.dots)
    facts: dict[str, Any] = {
        "groups": len(read.dots),
        "judged": len(judged),
        "few": few,
        "outside_95": len(out),
        "outside_99_8": len(far),
        "expected_outside": read.expected_outside,
        "tau": read.tau,
        "far_out": [_tell(dot, read) for dot in far],
    }
    if read.absent:
        return Sentence(read.absent, facts=facts)
    if not judged:
        most = max(dot.group.n for dot in read.dots)
        return Sentence(say_too_few(len(read.dots), most=most, units=read.units), facts=facts)
    first, second = _say_far(far, out, read) if far else _say_near(out, read)
    left = f"{few:,} more {'has' if few == 1 else 'have'} too few answers to judge." if few else ""
    said = [first] if length == "short" else [first, second, left]
    sentence = " ".join(part for part in said if part)
    return Sentence(start_sentence(read.lead + sentence), facts=facts)


def _say_far(far: Sequence[Dot], out: Sequence[Dot], read: Funnel) -> tuple[str, str]:
    """Say who lies outside the outer limits, where somebody does."""
    count = len(read.judged)
    rare = sum(dot.is_rare for dot in far)
    if len(far) <= MOST_NAMED:
        named = [_name_far(dot, read) for dot in far]
        if 0 < rare < len(far):
            # Each its own verdict: one that is rare does not make the other so.
            first = "; ".join(
                f"{name}: {_judge(rare=dot.is_rare)}" for name, dot in zip(named, far, strict=True)
            )
        else:
            first = f"{write_list(named)}: {_judge(rare=rare > 0)}"
    else:
        some = f"{write_some(len(far), count)} {read.units} lie outside the 99.8 % limits"
        verdict = f"{_judge(rare=True)} for {rare:,} of them" if 0 < rare < len(far) else ""
        first = f"{some}: {verdict or _judge(rare=rare > 0)}"
    first += "."
    if count == 1:
        return first, ""
    if len(out) == len(far):
        return first, f"Outside 95 % {_luck(read)}."
    lie = f"{start_sentence(write_some(len(out), count))} {read.units} lie"
    return first, f"{lie} outside 95 %, where {_luck(read)}."


def _name_far(dot: Dot, read: Funnel) -> str:
    answers = write_count(dot.group.n, dot.group.kind)
    side = dot.place.split()[0]
    return f"{dot.group.spoken} lies {side} the 99.8 % limits ({read.write(dot)}, {answers})"


def _judge(*, rare: bool) -> str:
    # Among many groups even 99.8 % is passed by luck now and then.
    return "more than luck" if rare else "perhaps luck, among so many"


def _say_near(out: Sequence[Dot], read: Funnel) -> tuple[str, str]:
    """Say how many lie outside the inner limits, where nobody lies farther out."""
    count = len(read.judged)
    if count == 1:
        (dot,) = read.judged
        where = "outside the 95 % limits but within 99.8 %" if out else "within the 95 % limits"
        answers = write_count(dot.group.n, dot.group.kind)
        return f"{dot.group.spoken} lies {where} ({read.write(dot)}, {answers}).", ""
    if not out:
        who = f"{write_some(count, count)} {read.units}"
        than = "luck and their usual spread" if read.tau else "luck alone"
        return (
            f"{who} lie within the 95 % limits: no more apart than {than} would put them.",
            _say_spread(read),
        )
    lie = f"{write_some(len(out), count)} {read.units} {'lies' if len(out) == 1 else 'lie'}"
    return (
        f"{lie} outside the 95 % limits; {_luck(read)}.",
        "Not one lies outside 99.8 %, and those within cannot be put in an order.",
    )


def write_some(some: int, count: int) -> str:
    """Write how many of how many: "3 of the 12", "all 12", "both"."""
    if some == count == 2:  # noqa: PLR2004 - of two all are both
        return "both"
    return f"all {count:,}" if some == count else f"{some:,} of the {count:,}"


def _luck(read: Funnel) -> str:
    number = f"{read.expected_outside:.0f}"
    about = "hardly any" if number == "0" else f"about {int(number):,}"
    return f"{about} would by luck{' and the usual spread' if read.tau else ' alone'}"


def _say_spread(read: Funnel) -> str:
    if not read.tau:
        return ""
    return f"Their true scores usually spread by about {write_distance(read.tau)}."


def write_lead(groups: Groups, *, standardised: bool = False) -> str:
    """Write what begins a sentence: the mix that was adjusted for, and a scale other than 0-10."""
    scale = next((group.on_scale.strip() for group in groups.rows if group.on_scale), "")
    parts = ["adjusted for the mix of contacts" if standardised else "", scale]
    lead = " and ".join(part for part in parts if part)
    return f"{lead}, " if lead else ""


def say_too_few(groups: int, *, most: int, units: str) -> str:
    """Say that no group can be judged, the largest having `most` answers."""
    which = f"any of the {groups:,} {units}" if groups > 1 else "the only group"
    return f"Too few answers to judge {which} ({most:,} at most)."


def _tell(dot: Dot, read: Funnel) -> dict[str, Any]:
    value = "change" if read.standardised else "nps"
    return {
        "group": dot.group.label,
        "n": dot.group.n,
        value: dot.group.nps,
        "place": dot.place,
    }


def write_distance(value: float) -> str:
    """Write how many points apart: "8 points", whatever the direction."""
    number = write_points(abs(value))
    return f"{number} {'point' if number == '1' else 'points'}"
