"""An attacker on shared tables: reads them all, and bounds every group that is not shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl
from scipy.optimize import linprog

from nps_kit.counts import TOO_FEW
from nps_kit.rows.privacy.suppression import OTHER

Cell = tuple[object, ...]


@dataclass
class Attacker:
    """Somebody who knows every label there could be, and no number but those published.

    Attributes
    ----------
    labels
        What each column can hold; the first column, the period, is never merged.
    """

    labels: dict[str, list[object]]
    facts: list[tuple[frozenset[Cell], int]] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        """Every group there could be."""
        return list(product(*self.labels.values()))

    def read(self, published: pl.DataFrame) -> dict[Cell, frozenset[Cell]]:
        """Note what each group of a table adds up: "other" is whatever is not named beside it."""
        columns = list(self.labels)
        used = published.filter(pl.col("reason").is_null())
        groups = used.group_by(columns).agg(pl.col("n").sum()).rows()
        shown = {row[:-1] for row in groups}
        spans = {}
        for *group, n in groups:
            spans[tuple(group)] = self._span(tuple(group), shown)
            self.facts.append((spans[tuple(group)], n))
        too_few = {(label,) for label in published.filter(pl.col("reason") == TOO_FEW)[columns[0]]}
        # Where a column has no "other", what is not named beside the others had no answers.
        for place, column in enumerate(columns):
            for node in {group[:place] for group in shown}:
                named = {group[place] for group in shown if group[:place] == node}
                for label in () if OTHER in named else self.labels[column]:
                    if label not in named and (*node, label) not in too_few:
                        asked = place > 0 or label <= max(named)
                        self.facts += [(self._span((*node, label), shown), 0)] if asked else []
        return spans

    def note(self, cells: Iterable[Cell], n: int) -> None:
        """Note a number that is known to count these cells."""
        self.facts.append((frozenset(cells), n))

    def _span(self, group: Cell, shown: set[Cell]) -> frozenset[Cell]:
        spans: list[Cell] = [()]
        for place, label in enumerate(group):
            named = {other[place] for other in shown if other[:place] == group[:place]}
            every = list(self.labels.values())[place]
            here = [each for each in every if each not in named] if label == OTHER else [label]
            spans = [(*span, each) for span in spans for each in here]
        rest = list(self.labels.values())[len(group) :]
        return frozenset((*span, *more) for span in spans for more in product(*rest))

    def bound(self, target: Iterable[Cell]) -> tuple[float, float]:
        """Find the least and the most answers that these cells can have together."""
        place = {cell: index for index, cell in enumerate(self.cells)}
        matrix = np.zeros((len(self.facts), len(place)))
        for row, (cells, _) in enumerate(self.facts):
            matrix[row, [place[cell] for cell in cells]] = 1
        aim = np.zeros(len(place))
        aim[[place[cell] for cell in target]] = 1
        ends = []
        for sign in (1, -1):
            found = linprog(sign * aim, A_eq=matrix, b_eq=[n for _, n in self.facts])
            ends.append(np.inf if found.status == 3 else sign * found.fun)
            assert found.status in (0, 3), found.message
        return ends[0], ends[1]

    def recovers(self, truth: pl.DataFrame, *, min_cell: int) -> list[tuple[object, ...]]:
        """List the small groups, of any of the columns, whose number is certain."""
        columns = list(self.labels)
        found = []
        for kept in product([True, False], repeat=len(columns)):
            by = [column for column, keep in zip(columns, kept, strict=True) if keep]
            if not by:
                continue
            for *group, n in truth.group_by(by).agg(pl.col("n").sum()).rows():
                if not 0 < n < min_cell:
                    continue
                wanted = dict(zip(by, group, strict=True))
                target = [
                    cell
                    for cell in self.cells
                    if all(cell[columns.index(name)] == label for name, label in wanted.items())
                ]
                low, high = self.bound(target)
                if high - low < 1 - 1e-6:
                    found.append((*group, n))
        return found
