"""Two tables of counts to one row a segment, both periods side by side."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, TRUNCATE, Every, count_bands
from nps_kit.errors import MixedSurveysError, OptionError, bad_option, listed, missing_column
from nps_kit.periods import check_period
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
    if not isinstance(contacts, pl.DataFrame):
        kind = type(contacts).__name__
        raise OptionError(
            f"{caller} takes contacts as a polars DataFrame, and was given {kind}.\n"
            "  tally_contacts() makes one; collect() a lazy one first."
        )
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
    for name in by:
        answered, reaching = _match(segments[name], kept[name], caller=caller)
        segments, kept = segments.with_columns(answered), kept.with_columns(reaching)
    reached = kept.select(
        *by,
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
    n = contacts["n"]
    rule = "contacts, 0 or more"
    if not (n.dtype.is_numeric() or n.dtype == pl.Null):
        raise bad_option(n.dtype, caller=caller, option="n", rule=rule)
    number = n.cast(pl.Float64)
    wrong = number.filter(~((number >= 0) & (number == number.round())).fill_null(value=False))
    if wrong.len():
        raise bad_option(wrong[0], caller=caller, option="n", rule=rule)
    check_period(contacts, caller=caller, table="`contacts`")


def _match(answered: pl.Series, reached: pl.Series, *, caller: str) -> tuple[pl.Series, pl.Series]:
    """Give a key of answers and contacts one type, so that the two can be set side by side."""
    mine, theirs = answered.dtype, reached.dtype
    if mine == pl.Null:
        return answered.cast(theirs), reached
    # The numbers behind a list of choices are no names: never cast one to the other.
    listing = [isinstance(kind, pl.Enum | pl.Categorical) for kind in (mine, theirs)]
    worded = [kind in (pl.String, pl.Null) for kind in (mine, theirs)]
    try:
        if not any(listing):
            return answered, reached.cast(mine)
        if all(known or word for known, word in zip(listing, worded, strict=True)):
            kind = _widen(mine, reached) if isinstance(mine, pl.Enum) else mine
            return answered.cast(pl.String).cast(kind), reached.cast(pl.String).cast(kind)
    except pl.exceptions.PolarsError:
        pass
    raise OptionError(
        f"{caller} cannot match '{answered.name}': `contacts` holds {theirs}, `counts` {mine}.\n"
        "  Give both the same values and type."
    )


def _widen(known: pl.Enum, reached: pl.Series) -> pl.Enum:
    """Put names that nobody answered about at the end of a list of choices."""
    found = reached.cast(pl.String).drop_nulls().unique().sort()
    choices = known.categories
    return pl.Enum([*choices, *found.filter(~found.is_in(choices.to_list()))])


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
