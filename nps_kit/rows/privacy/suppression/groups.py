"""Counts without small groups: the tables from which everything on a shared page is made."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, get_args

import polars as pl

from nps_kit.counts import (
    CONTEXT,
    Every,
    check_counts,
    check_unmixed,
    count_bands,
    roll_up,
)
from nps_kit.errors import OptionError, check_choice, missing_column
from nps_kit.rows.privacy.suppression.labels import OTHER, leave_out, with_other
from nps_kit.rows.privacy.suppression.merging import Bands, Labels, check_min_cell, merge_block
from nps_kit.scale import BANDS, HIGHEST, band_of

Detail = Literal["bands", "scores"]

_CALLER = "suppress_small()"


def suppress_small(
    table: pl.DataFrame,
    *,
    by: Sequence[str],
    every: Every | None = None,
    beside: Sequence[str] = (),
    min_cell: int = 5,
    detail: Detail = "bands",
) -> pl.DataFrame:
    """Merge small groups into "other", so that what is left can be shared.

    A group is small if it has fewer than `min_cell` answers, or fewer than twice that which are all
    of one band: then whoever knows that somebody answered would know what. Make every page, filter,
    data file and mail of a shared folder from what it returns. All in a folder keep to one unit of
    time, the finest that anything there shows, and to one of two ways to tell groups apart:

    - by columns crossed: one call, with all of them in `by`;
    - by one column at a time: one call for each, with those before it `beside`. Columns then lose
      as little as they can, and no page may cross them.

    Parameters
    ----------
    table
        Count table as `tally` makes it.
    by
        Columns to keep, what matters most first: small groups of the last column are merged first.
        Dates, ``survey`` and ``scale`` are never merged: each period is merged by itself, so that
        its groups are the same in every page it is ever in.
    every
        Coarser unit for ``period``, which must then be in `by`.
    beside
        Columns that other tables in the folder are merged by, one a table, in the order in which
        they are; `table` must have them. A group of this column is then also merged where its part
        in one of theirs, too small to show, could be told from both tables.
    min_cell
        Fewest answers of a group that is shown; 0: every group is, and nothing is merged.
    detail
        Whether to keep each score, or only its band. Scores tell no more of how many answered what
        band, but of five answers they tell each one's: show them as a histogram of many.

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
        If `table` lacks ``score``, ``n`` or a column of `by` or `beside`.
    OptionError
        If `by`, `beside`, `every` or `min_cell` cannot be used.

    Notes
    -----
    From the first column of `by` to the last, the small groups of each group already settled become
    "other", which takes in the next smallest until it is no longer small itself. So every row group
    of the result is large enough, and all that can be worked out from it - sums, differences, other
    periods, other pages made of it - is a sum of such groups less another: no smaller group comes
    out, zero excepted.

    Tables merged one column at a time are the margins of a table that nobody sees. What lies across
    them is told exactly where all answers of a band are in one group of the one: then those in a
    group of the other are in both. Whole groups of the last table are merged until no small part
    is told so; with enough answers none needs to be.

    What is not told: how many answers a small group had, and of which band. Nor does knowing how
    groups are merged help: "other" is never made of groups that have one answer each, or one too
    few, unless it is all there is; and groups of one size are taken in together.

    What is told: the answers of each band in a group large enough; that a period left out had some;
    the rows set aside; the sums of weights and totals. What this cannot guard against: a second
    table made of the same answers, by other columns, with another `min_cell` or by another unit of
    time; the number of rows read, beside the sum of those shown; two versions of one period, before
    and after late answers came in; somebody who knows already which groups answered, or how many
    answers all but one of those in "other" gave. Where one column lies within another, as agents do
    in teams, everybody knows which groups answered: cross them, in one call.

    A group may be shown in one place and be part of "other" in the next. What is summed over a
    column on its left, or over time, then lacks those answers. Where that misleads, as in two
    periods set side by side, `keep_whole` merges such groups.

    Examples
    --------
    >>> counts = pl.DataFrame({"team": [*"aabc"], "score": [3, 9, 10, 3], "n": [4, 4, 4, 2]})
    >>> suppress_small(counts, by=["team"]).select("team", "score", "n").rows()
    [('a', 6, 4), ('a', 10, 4), ('other', 6, 2), ('other', 10, 4)]
    """
    counts = check_counts(table, by=by, caller=_CALLER)
    _check_options(by, beside=beside, min_cell=min_cell, detail=detail)
    _check_beside(counts, by=by, beside=beside)
    check_unmixed(counts, by=by, caller=_CALLER)
    # A group without an answer would be an "other" of none.
    counts = roll_up(counts, by=[*by, *beside], every=every).filter(
        pl.col("reason").is_not_null() | (pl.col("n") > 0)
    )
    fixed = _find_fixed(counts, by=by)
    merged = [name for name in by if name not in fixed]
    # What was given as a score, and was none, is nobody's business.
    answer = pl.col("score").cast(pl.Int64, strict=False)
    counts = counts.with_columns(
        *(with_other(counts[name]) for name in merged),
        score=pl.when(pl.col("reason").is_null()).then(answer),
    )
    counts = _place(counts, fixed=fixed, beside=beside, merged=merged, min_cell=min_cell)
    if detail == "bands":
        counts = counts.with_columns(score=pl.col("score").replace_strict(_highest_of_bands()))
    # Two kinds of survey may each have an "other" now.
    return roll_up(counts, by=[*by, *(name for name in fixed if name not in by)])


def _find_fixed(counts: pl.DataFrame, *, by: Sequence[str]) -> list[str]:
    dates = [name for name in by if counts.schema[name].is_temporal()]
    return [*dates, *(name for name in CONTEXT if name in counts.columns)]


def _check_options(by: Sequence[str], *, beside: Sequence[str], min_cell: int, detail: str) -> None:
    check_choice(detail, get_args(Detail), caller=_CALLER, option="detail")
    check_min_cell(min_cell, caller=_CALLER)
    names = [*by, *beside]
    if len(set(names)) < len(names) or {"score", "reason", "n"} & set(names):
        told = f" with beside={list(beside)}" if beside else ""
        raise OptionError(
            f"{_CALLER} cannot use by={list(by)}{told}.\n"
            "  It takes each column once, and none of 'score', 'reason' and 'n'."
        )


def _check_beside(counts: pl.DataFrame, *, by: Sequence[str], beside: Sequence[str]) -> None:
    for name in beside:
        if name not in counts.columns:
            remedy = f'Did you tally by {name}?  tally(responses, by=["{name}", ...])'
            raise missing_column(
                name, caller=_CALLER, table="`table`", present=counts.columns, remedy=remedy
            )
    fixed = _find_fixed(counts, by=by)
    crossed = [name for name in by if name not in fixed]
    if beside and len(crossed) > 1:
        raise OptionError(
            f"{_CALLER} cannot cross {crossed} with other tables beside it.\n"
            "  Merge one column at a time, or all of them crossed in one call without beside=."
        )


def _highest_of_bands() -> dict[int | None, int | None]:
    """Say for each score which one stands for its band; the highest is on every scale."""
    scores = pl.DataFrame({"score": range(HIGHEST + 1)})
    highest = scores.with_columns(shown=pl.col("score").max().over(band_of()))
    return {None: None, **dict(highest.iter_rows())}


def _place(
    counts: pl.DataFrame,
    *,
    fixed: Sequence[str],
    beside: Sequence[str],
    merged: Sequence[str],
    min_cell: int,
) -> pl.DataFrame:
    """Give every row the group it is shown under, and take out what is too few to show."""
    keys = [*fixed, *beside, *merged]
    bands = count_bands(counts, by=keys, caller=_CALLER)
    blocks: defaultdict[Labels, dict[Labels, Bands]] = defaultdict(dict)
    for row in bands.filter(pl.col("n") > 0).select(*keys, *BANDS).iter_rows():
        blocks[row[: len(fixed)]][row[len(fixed) : len(keys)]] = row[len(keys) :]
    mergings = {
        block: merge_block(cells, beside=len(beside), min_cell=min_cell)
        for block, cells in blocks.items()
    }
    names, hidden = [], []
    rows = counts.select(*fixed, *merged)
    for row in rows.iter_rows() if rows.width else [()] * counts.height:
        block, labels = row[: len(fixed)], row[len(fixed) :]
        # Where nobody answered there is nothing to hide: rows set aside keep their labels.
        merging = mergings.get(block)
        hidden.append(block in mergings and merging is None)
        lost = (OTHER,) * len(labels)
        names.append(merging.name(labels) if merging else lost if hidden[-1] else labels)
    shown = pl.DataFrame(names, schema={name: counts.schema[name] for name in merged}, orient="row")
    counts = counts.with_columns(shown.get_columns())
    return leave_out(counts, hidden=pl.Series(hidden, dtype=pl.Boolean))
