"""Two tables of counts to one row a segment, both periods side by side."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, TRUNCATE, Every, count_bands
from nps_kit.errors import MixedSurveysError, OptionError, bad_option, listed, missing_column
from nps_kit.scale import BANDS
from nps_kit.stats.changes.sides import Side
from nps_kit.stats.samples import WEIGHTS, to_floats

SIDE = "_side"
"""A name for the way: false before, true after."""

SIDES = ("before", "after")


def find_context(counts: pl.DataFrame, *, by: Sequence[str], caller: str) -> dict[str, str | None]:
    """Find the kind of survey and the scale of all answers, which a score of all must share.

    Raises
    ------
    MixedSurveysError
        If there is more than one kind; grouping by it does not help, since segments are added up.
    """
    found: dict[str, str | None] = {}
    used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    for name in CONTEXT:
        if name not in counts.columns:
            continue
        kinds = used[name].unique().sort().to_list()
        if len(kinds) > 1:
            known = next(kind for kind in kinds if kind is not None)
            raise MixedSurveysError(
                f"{caller} adds all segments up, and would add answers of different kinds: {name} "
                f"is {listed('not given' if kind is None else kind for kind in kinds)}.\n"
                f"  They measure different things.  Keep one kind: "
                f'counts.filter(pl.col("{name}") == "{known}").'
            )
        if name not in by:
            found[name] = kinds[0] if kinds else None
    return found


def pair_answers(counts: pl.DataFrame, *, by: Sequence[str], caller: str) -> pl.DataFrame:
    """Count the answers of each segment by band, before and after.

    Parameters
    ----------
    counts
        Count table of both periods, with the column `SIDE`.
    by
        Columns that tell segments apart.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    One row per segment: `by`, then ``n_before``, ``n_after``, and so on for each band and weight.
    """
    bands = count_bands(counts, by=[*by, SIDE], caller=caller)
    sums = [name for name in bands.columns if name not in (*by, SIDE, *CONTEXT)]
    return _add_up(_pair(bands, by=by, sums={name: name for name in sums}), by=by)


def add_contacts(
    segments: pl.DataFrame,
    contacts: pl.DataFrame,
    *,
    by: Sequence[str],
    starts: Sequence[date],
    every: Every,
    caller: str,
) -> pl.DataFrame:
    """Set the contacts of each segment beside its answers.

    Parameters
    ----------
    segments
        Table as `pair_answers` makes it.
    contacts
        Contacts, ``[*by, period, n]``.
    by
        Columns that tell segments apart.
    starts
        First days of the two periods.
    every
        Their unit.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    `segments` with ``contacts_before`` and ``contacts_after``, and a row for each segment that has
    contacts but no answer.

    Raises
    ------
    MissingColumnError
        If `contacts` lacks a column.
    OptionError
        If its numbers are no numbers of contacts, its periods no dates, or its keys other ones.
    """
    for name in (*by, "period", "n"):
        if name not in contacts.columns:
            keys = ", ".join(f'"{key}"' for key in by)
            remedy = f'tally_contacts(interactions, by=[{keys}], every="{every}") makes it.'
            raise missing_column(
                name, caller=caller, table="`contacts`", present=contacts.columns, remedy=remedy
            )
    _check_contacts(contacts, caller=caller)
    start = pl.col("period").cast(pl.Date).dt.truncate(TRUNCATE[every])
    kept = contacts.filter(start.is_in(list(starts)))
    reached = kept.select(
        *(_match(kept, name, segments.schema[name], caller=caller) for name in by),
        (start == starts[1]).alias(SIDE),
        pl.col("n").cast(pl.Int64),
    )
    found = _pair(reached, by=by, sums={"n": "contacts"})
    return _add_up(pl.concat([segments, found], how="diagonal"), by=by)


def add_up_sides(segments: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    """Add the answers of all segments up: two rows, before and after, as `count_bands` has them."""
    sums = segments.drop(by).sum()
    return pl.concat(
        sums.select(
            pl.col(name).alias(name.removesuffix(f"_{side}"))
            for name in sums.columns
            if name.endswith(f"_{side}")
        )
        for side in SIDES
    )


def make_sides(segments: pl.DataFrame) -> tuple[Side, Side]:
    """Take both periods out of a table of segments."""
    before, after = (_make_side(segments, side) for side in SIDES)
    return before, after


def _make_side(segments: pl.DataFrame, side: str) -> Side:
    weighted = f"{WEIGHTS[0]}_{BANDS[0]}_{side}" in segments.columns
    heads = [f"{name}_" for name in WEIGHTS] if weighted else ["", ""]
    bands, squares = (
        np.column_stack([to_floats(segments[f"{head}{band}_{side}"]) for band in BANDS])
        for head in heads
    )
    name = f"contacts_{side}"
    contacts = to_floats(segments[name]) if name in segments.columns else None
    return Side(bands, squares, contacts)


def _check_contacts(contacts: pl.DataFrame, *, caller: str) -> None:
    n, period = contacts["n"], contacts["period"]
    rule = "contacts, 0 or more"
    if not (n.dtype.is_numeric() or n.dtype == pl.Null):
        raise bad_option(n.dtype, caller=caller, option="n", rule=rule)
    number = n.cast(pl.Float64)
    wrong = number.filter(~((number >= 0) & (number == number.round())).fill_null(value=False))
    if wrong.len():
        raise bad_option(wrong[0], caller=caller, option="n", rule=rule)
    if not (period.dtype in (pl.Date, pl.Datetime) or period.dtype == pl.Null):
        raise bad_option(period.dtype, caller=caller, option="period", rule="dates")


def _match(contacts: pl.DataFrame, name: str, kind: pl.DataType, *, caller: str) -> pl.Series:
    """Give a key the type it has among the answers, so that the two can be set side by side."""
    try:
        return contacts[name].cast(kind)
    except pl.exceptions.PolarsError:
        raise OptionError(
            f"{caller} cannot match '{name}': `contacts` holds {contacts[name].dtype}, "
            f"`counts` {kind}.\n  Give both the same values and type."
        ) from None


def _pair(table: pl.DataFrame, *, by: Sequence[str], sums: dict[str, str]) -> pl.DataFrame:
    is_after = pl.col(SIDE)
    return table.select(
        *by,
        *(
            pl.when(is_after == bool(place)).then(name).otherwise(0).alias(f"{new}_{side}")
            for name, new in sums.items()
            for place, side in enumerate(SIDES)
        ),
    )


def _add_up(table: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    if not by:
        return table.sum()
    return table.group_by(by).agg(pl.all().sum()).sort(by, nulls_last=True)
