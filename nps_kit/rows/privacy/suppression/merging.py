"""The rule by which the groups of one block, such as a month, are merged: labels in, names out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from nps_kit.errors import bad_option
from nps_kit.rows.privacy.suppression.labels import OTHER

Bands = tuple[int, ...]
Label = object
Labels = tuple[Label, ...]
Whole = np.typing.NDArray[np.int64]

Name = TypeVar("Name")

_FEWEST = 2


def check_min_cell(min_cell: int, *, caller: str) -> None:
    """Refuse a number of answers that could not be the fewest of a group.

    Raises
    ------
    OptionError
        If it is neither 0 nor a whole number that makes a group.
    """
    whole = isinstance(min_cell, int) and not isinstance(min_cell, bool)
    if not whole or (min_cell and min_cell < _FEWEST):
        rule = f"a whole number, {_FEWEST} or more, or 0 to merge nothing"
        raise bad_option(min_cell, caller=caller, option="min_cell", rule=rule)


@dataclass(slots=True)
class Merging:
    """How the groups of one block are merged."""

    min_cell: int
    forced: frozenset[Label] = frozenset()
    """Labels of the first column that are merged whatever their size."""
    names: dict[Labels, dict[Label, Label]] = field(default_factory=dict)

    def is_small(self, bands: Bands) -> bool:
        """Tell whether so many answers of each band must not be shown as a group."""
        n = sum(bands)
        return n < self.min_cell or (max(bands) == n and n < 2 * self.min_cell)

    def settle(self, cells: Mapping[Labels, Bands], settled: Labels = ()) -> None:
        """Name the groups of the next column, then those within each of them."""
        place = len(settled)
        sizes: dict[Label, Bands] = {}
        for labels, bands in cells.items():
            label = labels[place]
            sizes[label] = _add_up([sizes.get(label, (0,) * len(bands)), bands])
        lost = self._lost(sizes, forced=frozenset() if settled else self.forced)
        self.names[settled] = {label: OTHER if label in lost else label for label in sizes}
        within: defaultdict[Label, dict[Labels, Bands]] = defaultdict(dict)
        for labels, bands in cells.items():
            within[self.names[settled][labels[place]]][labels] = bands
        for name, inner in within.items():
            if place + 1 < len(next(iter(inner))):
                self.settle(inner, (*settled, name))

    def _lost(self, sizes: Mapping[Label, Bands], *, forced: frozenset[Label]) -> set[Label]:
        """Choose the labels to merge: the small ones, and the next smallest until they are many."""
        lost = {label for label, bands in sizes.items() if label in forced or self.is_small(bands)}
        if not lost:
            return lost
        if OTHER in sizes:  # the data's own "other" cannot be told from ours
            lost.add(OTHER)
        while self._tells([sizes[label] for label in lost]):
            rest = {label: bands for label, bands in sizes.items() if label not in lost}
            if not rest:
                break
            lost |= smallest(rest)
        return lost

    def _tells(self, lost: Sequence[Bands]) -> bool:
        """Tell whether the sum of these groups would be small, or give each of them away.

        Whoever knows how groups are merged would know that each has one answer, or one too few.
        """
        sizes = {sum(bands) for bands in lost}
        alone = len(lost) == 1
        return alone or self.is_small(_add_up(lost)) or sizes in ({1}, {self.min_cell - 1})

    def name(self, labels: Labels) -> Labels:
        """Name the group that rows with these labels are shown under."""
        shown: Labels = ()
        for label in labels:
            shown = (*shown, self.names.get(shown, {}).get(label, OTHER))
        return shown


def merge_block(cells: Mapping[Labels, Bands], *, beside: int, min_cell: int) -> Merging | None:
    """Merge the groups of one block.

    Parameters
    ----------
    cells
        Answers by band, by their labels: first those of the columns that other tables are merged
        by, then those of this one.
    beside
        How many columns the former are. Each is merged by itself, beside those before it.
    min_cell
        Fewest answers of a group that is shown.

    Returns
    -------
    How the latter are merged; None where even the whole block is too few.
    """
    owns = (*(slice(place, place + 1) for place in range(beside)), slice(beside, None))
    margins = _merge_margins(cells, owns=owns, min_cell=min_cell)
    return margins[-1] if margins else None


def merge_levels(cells: Mapping[Labels, Bands], *, min_cell: int) -> list[Merging]:
    """Merge the labels of each column by itself, beside those of the columns before it.

    Parameters
    ----------
    cells
        Answers by band, by their labels, as many of them as there are columns.
    min_cell
        Fewest answers of a label that is shown.

    Returns
    -------
    How each column is merged; nothing where even the whole is too few.
    """
    width = len(next(iter(cells)))
    owns = [slice(place, place + 1) for place in range(width)]
    return _merge_margins(cells, owns=owns, min_cell=min_cell)


def _merge_margins(
    cells: Mapping[Labels, Bands], *, owns: Sequence[slice], min_cell: int
) -> list[Merging]:
    merging = Merging(min_cell)
    bands = np.array([*cells.values()], np.int64)
    whole = _add_up(cells.values())
    if merging.is_small(whole):
        return []
    margins: list[Merging] = []
    shown: list[_Groups] = []
    for own in owns:
        groups = _Groups.of(labels[own] for labels in cells)
        if any(groups.names):
            merging = _merge_beside(groups, shown, bands=bands, whole=whole, min_cell=min_cell)
        margins.append(merging)
        shown.append(groups.rename([merging.name(labels) for labels in groups.names]))
    return margins


def smallest(sizes: Mapping[Label, Bands]) -> set[Label]:
    """Choose the smallest groups: all of one size, or which was taken would tell of the others."""
    least = min(sum(bands) for bands in sizes.values())
    return {label for label, bands in sizes.items() if sum(bands) == least}


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups of one table, and which of them each cell is in."""

    names: list[Labels]
    places: Whole

    @classmethod
    def of(cls, cells: Iterable[Labels]) -> "_Groups":
        """Read the groups from the name of each cell."""
        known: dict[Labels, int] = {}
        places = np.array([known.setdefault(name, len(known)) for name in cells], np.int64)
        return cls([*known], places)

    def rename(self, names: Sequence[Labels]) -> "_Groups":
        """Name each group anew; those of one name become one."""
        merged = _Groups.of(names)
        return _Groups(merged.names, merged.places[self.places])

    def add_up(self, bands: Whole) -> dict[Labels, Bands]:
        """Add up the answers of each group."""
        return dict(zip(self.names, _add_by(self.places, bands), strict=True))

    def cross(self, other: "_Groups", bands: Whole) -> dict[tuple[Labels, Labels], Bands]:
        """Add up the answers that are in one group of this table and in one of another."""
        both = self.places * len(other.names) + other.places
        found, places = np.unique(both, return_inverse=True)
        named = [divmod(int(pair), len(other.names)) for pair in found]
        names = [(self.names[mine], other.names[theirs]) for mine, theirs in named]
        return dict(zip(names, _add_by(places, bands), strict=True))


@dataclass(frozen=True, slots=True)
class _Beside:
    """Another table, as it is shown, and what it has in common with the one to be merged."""

    groups: Mapping[Labels, Bands]
    parts: Mapping[tuple[Labels, Labels], Bands]


def _merge_beside(
    groups: _Groups, shown: Iterable[_Groups], *, bands: Whole, whole: Bands, min_cell: int
) -> Merging:
    """Merge the groups of a table, until nothing small comes out that lies across the others.

    Two tables are the margins of one that nobody sees. Where all answers of a band are in one
    group of the first, those in a group of the second are answers of both: that cell is told.
    """
    sizes = groups.add_up(bands)
    beside = [_Beside(other.add_up(bands), groups.cross(other, bands)) for other in shown]
    forced: frozenset[Label] = frozenset()
    while True:
        merging = Merging(min_cell, forced)
        merging.settle(sizes)
        told = _find_told(sizes, beside, whole=whole, merging=merging)
        if not told:
            return merging
        forced |= told
        if OTHER in told:
            named = merging.names[()]
            rest = {labels[0]: n for labels, n in sizes.items() if named[labels[0]] != OTHER}
            forced |= smallest(rest)


def _find_told(
    sizes: Mapping[Labels, Bands], beside: Iterable[_Beside], *, whole: Bands, merging: Merging
) -> set[Label]:
    """Find the groups of which a small part could be told from what is shown beside them."""
    told: set[Label] = set()
    names = {labels: merging.name(labels) for labels in sizes}
    mine = _sum_by((names[labels], bands) for labels, bands in sizes.items())
    for other in beside:
        parts = _sum_by(
            ((names[labels], theirs), bands) for (labels, theirs), bands in other.parts.items()
        )
        for (name, theirs), part in parts.items():
            known = zip(part, mine[name], other.groups[theirs], whole, strict=True)
            if merging.is_small(part) and any(n and every in ends for n, *ends, every in known):
                told.add(name[0])
    return told


def _sum_by(parts: Iterable[tuple[Name, Bands]]) -> dict[Name, Bands]:
    held: defaultdict[Name, list[Bands]] = defaultdict(list)
    for name, bands in parts:
        held[name].append(bands)
    return {name: _add_up(many) for name, many in held.items()}


def _add_by(places: Whole, bands: Whole) -> list[Bands]:
    sums = np.zeros((int(places.max(initial=-1)) + 1, bands.shape[1]), np.int64)
    np.add.at(sums, places, bands)
    return [tuple(row) for row in sums.tolist()]


def _add_up(many: Iterable[Bands]) -> Bands:
    return tuple(map(sum, zip(*many, strict=True)))
