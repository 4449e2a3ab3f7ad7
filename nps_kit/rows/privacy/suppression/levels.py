"""Patterns of the service without small levels: what a driver model may tell of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import polars as pl

from nps_kit.counts import CONTEXT, check_counts, count_bands, measures_of, roll_up
from nps_kit.errors import OptionError
from nps_kit.rows.privacy.suppression.labels import OTHER, leave_out, with_other
from nps_kit.rows.privacy.suppression.merging import (
    Bands,
    Labels,
    Merging,
    check_min_cell,
    merge_levels,
)
from nps_kit.scale import BANDS

_CALLER = "suppress_levels()"


def suppress_levels(table: pl.DataFrame, *, by: Sequence[str], min_cell: int = 5) -> pl.DataFrame:
    """Merge the small levels of each column into "other", and leave every other column as it is.

    A driver model needs the columns crossed, and its pages tell of one column at a time. So each
    column is merged by itself, over the whole table, and the patterns stay. What is made of the
    result may show each of `by` alone; it must not cross two of them, tell of another column, or
    set one period beside another.

    Parameters
    ----------
    table
        Count table as `tally_service` makes it, of one stretch of time. Where other pages show
        months, count it by month: those that are too few to show there are then left out here.
    by
        Columns that the model takes, those that other pages show first: controls, then drivers.
    min_cell
        Fewest answers of a level that is shown; 0: every level is, and nothing is merged.

    Returns
    -------
    `table` with its columns and its sums, its labels merged, rows that became alike added up,
    sorted by its keys. A column of which something is merged becomes an Enum, its levels in their
    order and "other" as the last; where nothing is merged it stays as it was.
    A period, a kind of survey or a scale that is too small even as a whole has the reason
    "too few to show" and ``n`` 0; of such a period not even the levels are told.

    Raises
    ------
    MissingColumnError
        If `table` lacks ``score``, ``n`` or a column of `by`.
    OptionError
        If `by` or `min_cell` cannot be used.

    Notes
    -----
    A level is small where a group of `suppress_small` would be, and is merged as there, each
    column beside those before it: no small part of a level can be told from two columns' tables.
    A missing value is a level like any other. A column with two levels of which one is small has
    one level left, and nothing can be said of it.

    Controls are merged too, though no page shows them: two models, with a control that sets one
    answer apart and without it, differ by that answer.

    A metric cut twice is merged twice, and the wide bands less the narrow ones tell what the narrow
    "other" holds. Show the narrow bands only where nothing of them is merged.

    What this cannot guard against: pages of two stretches of time, of which one holds the other;
    answers that are set aside here and counted on another page, such as those about abandoned
    contacts, where they are few; a customer who gave most answers of a level, since answers are
    counted, not customers.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {
    ...         "transfers": ["none", "none", "once", "twice"],
    ...         "touchpoint": ["billing", "claims", "billing", "claims"],
    ...         "score": [9, 9, 3, 3],
    ...         "n": [20, 20, 8, 3],
    ...     }
    ... )
    >>> suppress_levels(counts, by=["transfers"]).select("transfers", "n").rows()
    [('none', 20), ('none', 20), ('other', 8), ('other', 3)]
    """
    check_min_cell(min_cell, caller=_CALLER)
    counts = check_counts(table, by=by, caller=_CALLER)
    _check_by(counts, by)
    fixed = [name for name in CONTEXT if name in counts.columns]
    if not min_cell or not by:
        return table
    dates = [name for name in counts.columns if counts.schema[name].is_temporal()]
    counts = (
        _leave_out_periods(counts, keys=[*dates, *fixed], min_cell=min_cell) if dates else counts
    )
    bands = count_bands(counts, by=[*fixed, *by], caller=_CALLER).filter(pl.col("n") > 0)
    blocks: defaultdict[Labels, dict[Labels, Bands]] = defaultdict(dict)
    for row in bands.select(*fixed, *by, *BANDS).iter_rows():
        labels = row[len(fixed) : -len(BANDS)]
        blocks[row[: len(fixed)]][labels] = row[-len(BANDS) :]
    found = {block: merge_levels(cells, min_cell=min_cell) for block, cells in blocks.items()}
    rows = counts.select(fixed).rows() if fixed else [()] * counts.height
    columns = [
        _name_levels(counts[name], rows, found, place=place) for place, name in enumerate(by)
    ]
    hidden = pl.Series([block in found and not found[block] for block in rows], dtype=pl.Boolean)
    counts = leave_out(counts.with_columns(columns), hidden=hidden)
    sums = {"score", "reason", *measures_of(counts)}
    return roll_up(counts, by=[name for name in table.columns if name not in sums])


def _leave_out_periods(counts: pl.DataFrame, *, keys: Sequence[str], min_cell: int) -> pl.DataFrame:
    """Take out the answers of periods that are too few to show, and what levels they had."""
    bands = count_bands(counts, by=keys, caller=_CALLER).filter(pl.col("n") > 0)
    rule = Merging(min_cell)
    few = {
        row[: len(keys)]
        for row in bands.select(*keys, *BANDS).rows()
        if rule.is_small(row[len(keys) :])
    }
    hidden = pl.Series([key in few for key in counts.select(keys).rows()], dtype=pl.Boolean)
    left_out = hidden & counts["reason"].is_null()
    kept = {*keys, "score", "reason", *measures_of(counts)}
    told = [
        pl.when(~left_out).then(name).alias(name) for name in counts.columns if name not in kept
    ]
    return leave_out(counts.with_columns(told), hidden=hidden)


def _check_by(counts: pl.DataFrame, by: Sequence[str]) -> None:
    taken = {*CONTEXT, "score", "reason", *measures_of(counts)}
    if len(set(by)) < len(by) or taken & set(by):
        raise OptionError(
            f"{_CALLER} cannot use by={list(by)}.\n"
            "  It takes each column once, and columns of the service: wait_seconds, transfers, ..."
        )


def _name_levels(
    levels: pl.Series,
    blocks: Sequence[Labels],
    found: Mapping[Labels, list[Merging]],
    *,
    place: int,
) -> pl.Series:
    """Name the level of each row as its block does; where nobody answered there is no secret."""
    merged = {
        block: {label for label, name in margins[place].names[()].items() if name == OTHER}
        for block, margins in found.items()
        if margins
    }
    lost = [
        block in found and (block not in merged or level in merged[block])
        for block, level in zip(blocks, levels, strict=True)
    ]
    if not any(lost):
        return levels
    room = levels
    if not isinstance(levels.dtype, pl.Enum):
        # In an order of their own, so that what is merged comes last and is no level's reference.
        known = levels.drop_nulls().unique().sort().cast(pl.String).to_list()
        room = levels.cast(pl.String).cast(pl.Enum(known))
    room = with_other(room)
    other = pl.Series([OTHER], dtype=room.dtype)
    return other.new_from_index(0, len(room)).zip_with(pl.Series(lost), room).alias(levels.name)
