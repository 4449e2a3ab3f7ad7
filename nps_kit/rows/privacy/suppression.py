"""Counts without small groups: the one table from which everything on a shared page is made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import polars as pl

from nps_kit.counts import (
    CONTEXT,
    Every,
    check_counts,
    check_unmixed,
    count_bands,
    measures_of,
    roll_up,
)
from nps_kit.errors import OptionError, bad_option, check_choice
from nps_kit.scale import BANDS, HIGHEST, band_of

OTHER = "other"
"""What small groups are called once they are merged."""

TOO_FEW = "too few to show"
"""Why a period is left out: even all its answers together are too few."""

Detail = Literal["bands", "scores"]

Bands = tuple[int, ...]
Label = object
Labels = tuple[Label, ...]

_FEWEST = 2
_RESERVED = frozenset({"score", "reason", *CONTEXT})


def suppress_small(
    table: pl.DataFrame, *, by: Sequence[str], min_cell: int = 5, detail: Detail = "bands"
) -> pl.DataFrame:
    """Merge small groups into "other", so that what is left can be shared.

    A group is small if it has fewer than `min_cell` answers, or fewer than twice that which are all
    of one band: then whoever knows that somebody answered would know what. Call it once, with every
    column that anything in the shared folder tells groups apart by, in the finest unit of time that
    anything shows; make every page, filter, data file and mail from what it returns.

    Parameters
    ----------
    table
        Count table as `tally` makes it.
    by
        Columns to keep, what matters most first: small groups of the last column are merged first.
        Dates, ``survey`` and ``scale`` are never merged: each period is merged by itself, so that
        its groups are the same in every page it is ever in.
    min_cell
        Fewest answers of a group that is shown.
    detail
        Whether to keep each score, or only its band. Scores are for a table of whole periods, such
        as a histogram needs: of five answers they tell each one's.

    Returns
    -------
    A count table ``[*by, survey, scale, score, reason, n, ...]`` (those of them that `table` has),
    sorted by its keys:

    ==========  ======  =======================================================================
    ``*by``             as given, and "other"; an Enum gains that as its last category, dates
                        stay as they are, all else becomes text
    ``score``   int     the highest score of the answer's band, unless `detail` keeps scores
    ``reason``  text    null for answers that count; "too few to show" for a period, or a kind of
                        survey in it, that is too small even as a whole
    ``n``       int     answers; 0 where too few to show: how many there were is not told
    ==========  ======  =======================================================================

    Weights and totals are summed like `n`. Rows set aside stay with the group they belong to, or
    go to "other" with it.

    Raises
    ------
    MissingColumnError
        If `table` lacks ``score``, ``n`` or a column of `by`.
    OptionError
        If `by` or `min_cell` cannot be used.

    Notes
    -----
    From the first column of `by` to the last, the small groups of each group already settled become
    "other", which takes in the next smallest until it is no longer small itself. So every row group
    of the result is large enough, and all that can be worked out from it - sums, differences, other
    periods, other pages made of it - is a sum of such groups less another: no smaller group comes
    out, zero excepted.

    What is not told: how many answers a small group had, and of which band. Nor does knowing how
    groups are merged help: "other" is never made of groups that have one answer each, or one too
    few, unless it is all there is; and groups of one size are taken in together.

    What is told: the answers of each band in a group large enough; that a period left out had some;
    the rows set aside; the sums of weights and totals. What this cannot guard against: a second
    table made of the same answers, by other columns, with another `min_cell` or by another unit of
    time; two versions of one period, before and after late answers came in; somebody who knows
    already which groups answered, or how many answers all but one of those in "other" gave.

    A group may be shown in one place and be part of "other" in the next. What is summed over a
    column on its left, or over time, then lacks those answers: `keep_whole` merges such groups.

    Examples
    --------
    >>> counts = pl.DataFrame({"team": [*"aabc"], "score": [3, 9, 10, 3], "n": [4, 4, 4, 2]})
    >>> suppress_small(counts, by=["team"]).select("team", "score", "n").rows()
    [('a', 6, 4), ('a', 10, 4), ('other', 6, 2), ('other', 10, 4)]
    """
    caller = "suppress_small()"
    counts = check_counts(table, by=by, caller=caller)
    _check_options(by, min_cell=min_cell, detail=detail, caller=caller)
    check_unmixed(counts, by=by, caller=caller)
    # A group without an answer would be an "other" of none.
    counts = roll_up(counts, by=by).filter(pl.col("reason").is_not_null() | (pl.col("n") > 0))
    fixed = [name for name in by if counts.schema[name].is_temporal()]
    fixed += [name for name in CONTEXT if name in counts.columns]
    merged = [name for name in by if name not in fixed]
    # What was given as a score, and was none, is nobody's business.
    answer = pl.col("score").cast(pl.Int64, strict=False)
    counts = counts.with_columns(
        *(_with_other(counts[name]) for name in merged),
        score=pl.when(pl.col("reason").is_null()).then(answer),
    )
    counts = _place(counts, fixed=fixed, merged=merged, min_cell=min_cell)
    if detail == "bands":
        counts = counts.with_columns(score=pl.col("score").replace_strict(_highest_of_bands()))
    # Two kinds of survey may each have an "other" now.
    return roll_up(counts, by=[*by, *(name for name in fixed if name not in by)])


def keep_whole(
    merged: pl.DataFrame, *, by: Sequence[str] = (), every: Every | None = None
) -> pl.DataFrame:
    """Roll a merged table up, so that each group named in it holds all its answers.

    A group that is part of "other" in some period, or under some other column, would lack those
    answers; it goes to "other" altogether.

    Parameters
    ----------
    merged
        Count table as `suppress_small` makes it.
    by
        Columns to keep.
    every
        Coarser unit for ``period``, which must then be in `by`.

    Returns
    -------
    A count table as `roll_up` makes it. Whether a group that is not seen somewhere had no answers
    there or is part of "other" is not told, and taken for the latter. Periods too few to show
    are lacking still, and said in ``reason``.

    Raises
    ------
    MissingColumnError
        If `merged` lacks ``score``, ``n`` or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "team": ["a", "b", "a", "b"],
    ...         "channel": ["phone", "phone", "chat", "other"],
    ...         "score": [6, 10, 6, 10],
    ...         "n": 20,
    ...     }
    ... )
    >>> keep_whole(counts, by=["channel"]).select("channel", "score", "n").rows()
    [('other', 6, 20), ('other', 10, 20), ('phone', 6, 20), ('phone', 10, 20)]
    """
    caller = "keep_whole()"
    counts = check_counts(merged, by=by, caller=caller)
    keys = _keys_of(counts)
    fixed = [name for name in keys if counts.schema[name].is_temporal() or name in CONTEXT]
    groups = [name for name in keys if name not in fixed]
    region = [name for name in fixed if name in by]
    counts = counts.with_columns(_with_other(counts[name]) for name in groups)
    wide = counts.with_columns(pl.col(keys).name.prefix(_HERE))
    if every is not None:
        wide = roll_up(wide, by=[*by, *(_HERE + key for key in keys)], every=every)
    for place, name in enumerate(groups):
        if name not in by:
            continue
        node = [_HERE + key for key in (*fixed, *groups[:place])]
        wide = _merge_partial(wide, name, node=node, region=region)
        region.append(name)
    return roll_up(wide.drop(_HERE + key for key in keys), by=by, every=every)


_HERE = "where it stood: "
_HIDDEN = "too few even as a whole"


def _merge_partial(
    counts: pl.DataFrame, name: str, *, node: list[str], region: list[str]
) -> pl.DataFrame:
    """Send the labels of a column to "other" in each region where one of its nodes lacks them."""
    used = pl.col("reason").is_null() & (pl.col("n") > 0)
    own = _HERE + name
    shown = counts.filter(used).select(*node, *region, own).unique()
    hiding = shown.filter(pl.col(own) == OTHER).select(*node, *region).unique()
    wanted = shown.select(*region, own).unique()
    on = region or None
    asked = (
        hiding.join(wanted, on=on, how="inner", nulls_equal=True)
        if on
        else hiding.join(wanted, how="cross")
    )
    key = list(dict.fromkeys([*node, *region, own]))
    partial = (
        asked.join(shown, on=key, how="anti", nulls_equal=True)
        .select(*region, own)
        .unique()
        .with_columns(_partial=pl.lit(value=True))
    )
    found = counts.join(partial, on=[*region, own], how="left", nulls_equal=True)
    lone = pl.lit(OTHER).cast(counts.schema[name])
    return found.with_columns(
        pl.when(pl.col("_partial").fill_null(value=False))
        .then(lone)
        .otherwise(pl.col(name))
        .alias(name)
    ).drop("_partial")


def _keys_of(counts: pl.DataFrame) -> list[str]:
    measures = measures_of(counts)
    return [name for name in counts.columns if name not in ("score", "reason", *measures)]


def _check_options(by: Sequence[str], *, min_cell: int, detail: str, caller: str) -> None:
    check_choice(detail, get_args(Detail), caller=caller, option="detail")
    whole = isinstance(min_cell, int) and not isinstance(min_cell, bool)
    if not whole or min_cell < _FEWEST:
        rule = f"a whole number, {_FEWEST} or more"
        raise bad_option(min_cell, caller=caller, option="min_cell", rule=rule)
    if len(set(by)) < len(by) or {"score", "reason", "n"} & set(by):
        raise OptionError(
            f"{caller} cannot use by={list(by)}.\n"
            "  It takes each column once, and none of 'score', 'reason' and 'n'."
        )


def _with_other(labels: pl.Series) -> pl.Series:
    """Make room for the name of what is merged; always, so that tables keep fitting together."""
    if isinstance(labels.dtype, pl.Enum):
        known = labels.dtype.categories.to_list()
        return labels.cast(pl.Enum([*known, *([] if OTHER in known else [OTHER])]))
    return labels.cast(pl.String)


def _highest_of_bands() -> dict[int | None, int | None]:
    """Say for each score which one stands for its band; the highest is on every scale."""
    scores = pl.DataFrame({"score": range(HIGHEST + 1)})
    highest = scores.with_columns(shown=pl.col("score").max().over(band_of()))
    return {None: None, **dict(highest.iter_rows())}


@dataclass(slots=True)
class _Merging:
    """How the groups of one block, such as a month, are merged."""

    min_cell: int
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
        lost = self._lost(sizes)
        self.names[settled] = {label: OTHER if label in lost else label for label in sizes}
        within: defaultdict[Label, dict[Labels, Bands]] = defaultdict(dict)
        for labels, bands in cells.items():
            within[self.names[settled][labels[place]]][labels] = bands
        for name, inner in within.items():
            if place + 1 < len(next(iter(inner))):
                self.settle(inner, (*settled, name))

    def _lost(self, sizes: Mapping[Label, Bands]) -> set[Label]:
        """Choose the labels to merge: the small ones, and the next smallest until they are many."""
        lost = {label for label, bands in sizes.items() if self.is_small(bands)}
        if not lost:
            return lost
        if OTHER in sizes:  # the data's own "other" cannot be told from ours
            lost.add(OTHER)
        while self._tells([sizes[label] for label in lost]):
            rest = {label: sum(bands) for label, bands in sizes.items() if label not in lost}
            # All of one size: which of them was taken would tell about the others.
            lost |= {label for label, n in rest.items() if n == min(rest.values())}
            if not rest:
                break
        return lost

    def _tells(self, lost: Sequence[Bands]) -> bool:
        """Tell whether the sum of these groups would be small, or give each of them away.

        Whoever knows how groups are merged would know that each has one answer, or one too few.
        """
        sizes = {sum(bands) for bands in lost}
        return self.is_small(_add_up(lost)) or sizes in ({1}, {self.min_cell - 1})

    def name(self, labels: Labels) -> Labels:
        """Name the group that rows with these labels are shown under."""
        shown: Labels = ()
        for label in labels:
            shown = (*shown, self.names.get(shown, {}).get(label, OTHER))
        return shown


def _place(
    counts: pl.DataFrame, *, fixed: list[str], merged: list[str], min_cell: int
) -> pl.DataFrame:
    """Give every row the group it is shown under, and take out what is too few to show."""
    bands = count_bands(counts, by=[*fixed, *merged], caller="suppress_small()")
    blocks: defaultdict[Labels, dict[Labels, Bands]] = defaultdict(dict)
    ends = len(fixed), len(fixed) + len(merged)
    for row in bands.filter(pl.col("n") > 0).select(*fixed, *merged, *BANDS).iter_rows():
        blocks[row[: ends[0]]][row[ends[0] : ends[1]]] = row[ends[1] :]
    mergings = {block: _merge(cells, min_cell=min_cell) for block, cells in blocks.items()}
    names, hidden = [], []
    keys = counts.select(*fixed, *merged)
    for row in keys.iter_rows() if keys.width else [()] * counts.height:
        block, labels = row[: ends[0]], row[ends[0] :]
        # Where nobody answered there is nothing to hide: rows set aside keep their labels.
        merging = mergings.get(block)
        hidden.append(block in mergings and merging is None)
        lost = (OTHER,) * len(labels)
        names.append(merging.name(labels) if merging else lost if hidden[-1] else labels)
    shown = pl.DataFrame(names, schema={name: counts.schema[name] for name in merged}, orient="row")
    counts = counts.with_columns(shown.get_columns())
    left_out = pl.col("reason").is_null() & pl.col(_HIDDEN)
    return counts.with_columns(pl.Series(_HIDDEN, hidden, pl.Boolean)).with_columns(
        pl.when(~left_out).then(pl.col("score")).alias("score"),
        pl.when(left_out).then(pl.lit(TOO_FEW)).otherwise(pl.col("reason")).alias("reason"),
        *(pl.when(left_out).then(0).otherwise(pl.col(c)).alias(c) for c in measures_of(counts)),
    )


def _merge(cells: Mapping[Labels, Bands], *, min_cell: int) -> _Merging | None:
    """Merge the groups of one block; None where even all of it is too few."""
    merging = _Merging(min_cell)
    if merging.is_small(_add_up(cells.values())):
        return None
    if any(cells):
        merging.settle(cells)
    return merging


def _add_up(many: Iterable[Bands]) -> Bands:
    return tuple(map(sum, zip(*many, strict=True)))
