"""The rule by which the groups of one block, such as a month, are merged: labels in, names out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nps_kit.errors import bad_option
from nps_kit.rows.privacy.suppression.labels import OTHER

Bands = tuple[int, ...]
Label = object
Labels = tuple[Label, ...]


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
    if merging.is_small(_add_up(cells.values())):
        return []
    margins: list[Merging] = []
    shown: dict[Labels, Labels] = dict.fromkeys(cells, ())
    for own in owns:
        if any(labels[own] for labels in cells):
            merging = _merge_beside(cells, own=own, shown=shown, min_cell=min_cell)
        margins.append(merging)
        shown = {labels: (*shown[labels], *merging.name(labels[own])) for labels in cells}
    return margins


def smallest(sizes: Mapping[Label, Bands]) -> set[Label]:
    """Choose the smallest groups: all of one size, or which was taken would tell of the others."""
    least = min(sum(bands) for bands in sizes.values())
    return {label for label, bands in sizes.items() if sum(bands) == least}


def _merge_beside(
    cells: Mapping[Labels, Bands], *, own: slice, shown: Mapping[Labels, Labels], min_cell: int
) -> Merging:
    """Merge by some columns, until nothing small comes out that lies across the others.

    Two tables are the margins of one that nobody sees. Where all answers of a band are in one
    group of the first, those in a group of the second are answers of both: that cell is told.
    """
    whole = _add_up(cells.values())
    sizes = _sum_by({labels: labels[own] for labels in cells}, cells)
    forced: frozenset[Label] = frozenset()
    while True:
        merging = Merging(min_cell, forced)
        merging.settle(sizes)
        names = {labels: merging.name(labels[own]) for labels in cells}
        told = _find_told(names, shown, cells, whole=whole, merging=merging)
        if not told:
            return merging
        forced |= told
        if OTHER in told:
            named = merging.names[()]
            rest = {labels[0]: n for labels, n in sizes.items() if named[labels[0]] != OTHER}
            forced |= smallest(rest)


def _find_told(
    names: Mapping[Labels, Labels],
    shown: Mapping[Labels, Labels],
    cells: Mapping[Labels, Bands],
    *,
    whole: Bands,
    merging: Merging,
) -> set[Label]:
    """Find the groups of which a small part could be told from what is shown beside them."""
    told: set[Label] = set()
    mine = _sum_by(names, cells)
    for place in range(len(next(iter(shown.values())))):
        others = {labels: (beside[place],) for labels, beside in shown.items()}
        theirs = _sum_by(others, cells)
        both = {labels: (*names[labels], *others[labels]) for labels in cells}
        for (name, other), part in _sum_by(both, cells).items():
            known = zip(part, mine[(name,)], theirs[(other,)], whole, strict=True)
            if merging.is_small(part) and any(n and every in ends for n, *ends, every in known):
                told.add(name)
    return told


def _sum_by(groups: Mapping[Labels, Labels], cells: Mapping[Labels, Bands]) -> dict[Labels, Bands]:
    held: defaultdict[Labels, list[Bands]] = defaultdict(list)
    for labels, group in groups.items():
        held[group].append(cells[labels])
    return {group: _add_up(bands) for group, bands in held.items()}


def _add_up(many: Iterable[Bands]) -> Bands:
    return tuple(map(sum, zip(*many, strict=True)))
