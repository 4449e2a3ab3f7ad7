"""A merged table rolled up, so that each group named in it holds all its answers."""

from collections.abc import Sequence
from typing import Literal, get_args

import polars as pl

from nps_kit.counts import CONTEXT, Every, check_counts, measures_of, roll_up
from nps_kit.errors import check_choice
from nps_kit.rows.privacy.suppression.labels import OTHER, with_other

Alike = Literal["each", "all"]

_HERE = "where it stood: "


def keep_whole(
    merged: pl.DataFrame,
    *,
    by: Sequence[str] = (),
    every: Every | None = None,
    periods: Alike = "each",
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
    periods
        Where ``period`` is in `by`: whether each has groups of its own, or all have the same ones,
        as those need that are set side by side. Keep only the periods that are, before.

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
    check_choice(periods, get_args(Alike), caller=caller, option="periods")
    counts = check_counts(merged, by=by, caller=caller)
    keys = _keys_of(counts)
    fixed = [name for name in keys if counts.schema[name].is_temporal() or name in CONTEXT]
    groups = [name for name in keys if name not in fixed]
    apart = [name for name in fixed if periods == "each" or name in CONTEXT]
    region = [name for name in apart if name in by]
    counts = counts.with_columns(with_other(counts[name]) for name in groups)
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
